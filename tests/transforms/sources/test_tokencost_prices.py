"""tokencost: the same schema, another source; its files of 2024 fill the hole in litellm's."""

from __future__ import annotations

import zipfile
from datetime import datetime

import polars as pl
import pytest
from places import FIXTURES_FOLDER, SHARED_DATA

from config.contract_checks import checks
from config.contracts import TOKEN_PRICE, Capture, Parsed
from config.errors import SourceChanged
from config.load import catalog
from transforms.sources.litellm_prices import parse

FIXTURE = FIXTURES_FOLDER / "sources" / "tokencost_prices" / "2024-07-18.json"
SHARED = SHARED_DATA / "prices" / "tokencost"
AT = datetime(2024, 7, 18)

shared = pytest.mark.skipif(not SHARED.exists(), reason="the real payloads are not beside this checkout")
# Of PaLM on Vertex the lists had less by the token than by the character.
BY_THE_CHARACTER = "not above its price by the character"


def read(payload: bytes) -> Parsed:
    capture = Capture("tokencost_prices", "", "https://example.org/prices.json", "0" * 64, len(payload), AT, AT)
    parsed = parse(payload, capture, catalog())
    checks(TOKEN_PRICE).validate(parsed.rows)
    assert not parsed.rows.select(TOKEN_PRICE.key).is_duplicated().any()
    return parsed


def prices(rows: pl.DataFrame, listing: str) -> tuple[float, float]:
    found = dict(rows.filter(listing=listing, price_tier="standard").select("token_kind", "value").iter_rows())
    return found["input"], found["output"]


def real(day: str) -> Parsed:
    with zipfile.ZipFile(next(SHARED.glob("*.zip"))) as archive:
        (name,) = [name for name in archive.namelist() if name.startswith(day)]
        return read(archive.read(name))


def test_prices_of_the_summer_of_2024() -> None:
    rows = read(FIXTURE.read_bytes()).rows
    assert prices(rows, "deepseek-chat") == (0.14, 0.28)
    assert prices(rows, "gpt-4o") == (5.0, 15.0)
    assert prices(rows, "gpt-4o-mini") == (0.15, 0.6)
    assert prices(rows, "gpt-4-turbo") == (10.0, 30.0)
    assert set(rows["evidence_tier"]) == {3}


def test_the_price_table_ranks_behind_litellms() -> None:
    sources = catalog().sources
    assert sources["tokencost_prices"].order > sources["litellm_prices"].order
    assert not sources["tokencost_prices"].fetched


def test_an_error_page_is_a_change_of_this_source() -> None:
    with pytest.raises(SourceChanged) as caught:
        read(b"404: Not Found")
    assert caught.value.source == "tokencost_prices"


@shared
@pytest.mark.shared
def test_real_files_of_2024() -> None:
    assert prices(real("2024-06-30").rows, "deepseek-chat") == (0.14, 0.28)
    assert prices(real("2024-05-14T004626").rows, "gpt-4o") == (5.0, 15.0)
    assert prices(real("2024-11-15").rows, "gpt-4o") == (2.5, 10.0)


@shared
@pytest.mark.shared
def test_every_real_file_parses_without_a_quarantined_price() -> None:
    limits = catalog().sources["tokencost_prices"].rows
    with zipfile.ZipFile(next(SHARED.glob("*.zip"))) as archive:
        names = archive.namelist()
        assert len(names) == 95
        for name in names:
            parsed = read(archive.read(name))
            assert {issue.reason for issue in parsed.issues if issue.severity == "quarantined"} <= {BY_THE_CHARACTER}
            assert {issue.reason for issue in parsed.issues} <= {"mode missing", BY_THE_CHARACTER}
            assert limits.min <= parsed.rows.height <= limits.max
            assert "unknown" not in set(parsed.rows["provider"]), name
