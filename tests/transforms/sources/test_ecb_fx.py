"""ECB reference rates: units of a currency for one euro, known at the end of the rate's day in Frankfurt."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import polars as pl
import pytest
from places import FIXTURES_FOLDER, SHARED_DATA

from config.contract_checks import checks
from config.contracts import FX_RATE, Capture, Parsed
from config.errors import SourceChanged
from config.load import catalog
from transforms.sources import ecb_fx

FIXTURE = FIXTURES_FOLDER / "sources" / "ecb_fx" / "eurofxref-hist.csv"
SHARED = SHARED_DATA / "fx" / "eurofxref-hist.zip"
AT = datetime(2026, 11, 22)

shared = pytest.mark.skipif(not SHARED.exists(), reason="the real payloads are not beside this checkout")


def read(payload: bytes | str) -> Parsed:
    body = payload.encode() if isinstance(payload, str) else payload
    capture = Capture("ecb_fx", "", "https://example.org/eurofxref-hist.zip", "0" * 64, len(body), AT, AT)
    parsed = ecb_fx.parse(body, capture, catalog())
    checks(FX_RATE).validate(parsed.rows)
    assert not parsed.rows.select(FX_RATE.key).is_duplicated().any()
    return parsed


def zipped(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return buffer.getvalue()


def rate(rows: pl.DataFrame, day: date, currency: str) -> float:
    return float(rows.filter(rate_on=day, quote_currency=currency)["value"].item())


def table(*lines: str, header: str = "Date,USD,CNY,JPY,GBP,") -> str:
    return "\n".join((header, *lines)) + "\n"


def test_rates_as_published() -> None:
    parsed = read(FIXTURE.read_bytes())
    assert rate(parsed.rows, date(2026, 10, 30), "USD") == 1.1172
    assert rate(parsed.rows, date(2026, 10, 30), "CNY") == 7.4326
    assert rate(parsed.rows, date(2025, 2, 25), "USD") == 1.0497
    assert rate(parsed.rows, date(2025, 2, 25), "CNY") == 7.6219
    assert rate(parsed.rows, date(1999, 1, 4), "GBP") == 0.7111
    assert parsed.issues == ()


def test_ten_dollars_were_72_6_yuan_on_the_day_of_the_article() -> None:
    rows = read(FIXTURE.read_bytes()).rows
    day = date(2025, 2, 25)
    assert round(10 * rate(rows, day, "CNY") / rate(rows, day, "USD"), 1) == 72.6


def test_a_day_without_a_rate_has_no_row() -> None:
    rows = read(FIXTURE.read_bytes()).rows
    yuan = rows.filter(quote_currency="CNY")
    assert yuan["rate_on"].min() == date(2005, 4, 1)
    assert set(rows["quote_currency"]) == {"USD", "CNY", "JPY", "GBP"}
    assert rows.height == 7 * 4 - 2


def test_a_rate_is_known_at_the_end_of_its_day_in_frankfurt() -> None:
    rows = read(FIXTURE.read_bytes()).rows.filter(quote_currency="USD")
    known = dict(rows.select("rate_on", "known_at").iter_rows())
    assert known[date(2025, 2, 25)] == datetime(2025, 2, 25, 23)  # winter time, one hour ahead of UTC
    assert known[date(2005, 4, 1)] == datetime(2005, 4, 1, 22)  # summer time
    assert set(rows["known_at_basis"]) == {"rate_date_end_frankfurt"}


def test_a_row_names_its_document_and_its_cell() -> None:
    row = read(FIXTURE.read_bytes()).rows.filter(rate_on=date(2026, 10, 30), quote_currency="CNY").row(0, named=True)
    assert (row["base_currency"], row["value_exact"]) == ("EUR", "7.4326")
    assert row["document_id"] == "eurofxref-2026-10-30"
    assert row["locator"] == "line 2, column CNY"
    assert row["evidence_tier"] == 1


def test_the_zip_and_the_bare_table_give_the_same_rows() -> None:
    csv = FIXTURE.read_bytes()
    assert read(zipped(hist_csv=csv)).rows.equals(read(csv).rows)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2025-02-30,1.1,7.6,157,0.83,", "not a date"),
        ("30 October 2025,1.1,7.6,157,0.83,", "not a date"),
        ("2025-02-25,0,7.6,157,0.83,", "rate not above zero"),
        ("2025-02-25,-1.05,7.6,157,0.83,", "rate not above zero"),
        ("2025-02-25,inf,7.6,157,0.83,", "not a number"),
        ("2025-02-25,\"1,05\",7.6,157,0.83,", "not a number"),
    ],
)  # fmt: skip
def test_a_cell_that_is_no_rate_is_quarantined(line: str, reason: str) -> None:
    parsed = read(table(line))
    assert {(issue.reason, issue.severity) for issue in parsed.issues} == {(reason, "quarantined")}
    assert parsed.issues[0].locator.startswith("line 2, column ")
    assert parsed.rows.filter(quote_currency="USD").is_empty()


def test_a_day_stated_twice_is_quarantined() -> None:
    parsed = read(table("2025-02-25,1.05,7.6,157,0.83,", "2025-02-25,1.06,N/A,N/A,N/A,"))
    assert [issue.reason for issue in parsed.issues] == ["day stated twice", "day stated twice"]
    assert sorted(parsed.rows["quote_currency"]) == ["CNY", "GBP", "JPY"]


def test_new_currencies_are_welcome_and_other_columns_are_reported() -> None:
    parsed = read(table("2025-02-25,1.05,7.6,157,0.83,2,x,", header="Date,USD,CNY,JPY,GBP,XYZ,Remark,"))
    assert [(issue.reason, issue.locator, issue.severity) for issue in parsed.issues] == [
        ("unknown column", "Remark", "notice")
    ]
    assert parsed.rows.height == 4


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"<html><title>Access denied</title></html>",
        b"Day,USD,CNY,JPY,GBP,\n2025-02-25,1,7,157,0.8,\n",
        b"Date,USD,JPY,GBP,\n2025-02-25,1,157,0.8,\n",
        b"Date,USD,CNY,JPY,GBP,\n2025-02-25,1,7,157,0.8,1,2,3,4\n",
        b"\xff\xfe\x00\x01",
        b"PK\x03\x04 but not a zip",
        zipped(a_csv=b"Date", b_csv=b"Date"),
        zipped(readme_txt=b"Date"),
    ],
)
def test_another_shape_is_a_change_of_the_source(payload: bytes) -> None:
    with pytest.raises(SourceChanged) as caught:
        read(payload)
    assert caught.value.source == "ecb_fx"


def test_a_zip_that_grows_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecb_fx, "MAX_TABLE_BYTES", 1000)
    with pytest.raises(SourceChanged, match="larger than 1000 bytes"):
        read(zipped(hist_csv=b"0" * 1001))


@shared
@pytest.mark.shared
def test_the_real_file() -> None:
    parsed = read(SHARED.read_bytes())
    assert parsed.issues == ()
    assert rate(parsed.rows, date(2026, 10, 30), "USD") == 1.1172
    assert rate(parsed.rows, date(2026, 10, 30), "CNY") == 7.4326
    day = date(2025, 2, 25)
    assert round(10 * rate(parsed.rows, day, "CNY") / rate(parsed.rows, day, "USD"), 2) == 72.61
    limits = catalog().sources["ecb_fx"].rows
    assert limits.min <= parsed.rows.height <= limits.max
    for bound in catalog().sources["ecb_fx"].bounds:
        values = parsed.rows.filter(**bound.where)["value"]
        assert bound.low is not None
        assert bound.high is not None
        assert values.is_between(bound.low, bound.high).all()
