"""Figures of the published file, against what was read in filings, price lists and the reference collection."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from price_reference import lag, reference
from published_file import analyst, publish_starter, rows, starter_pipeline

from config.contracts import Capture
from warehouse.archive.captures import sha256_of

NEW_YORK, UTC = ZoneInfo("America/New_York"), ZoneInfo("UTC")
MILLION = 1e6
FIGURE = """
    SELECT value FROM company_fact_as_of(?) WHERE company = ? AND metric = ? AND period_kind = ? AND fiscal_year = ?
    AND fiscal_quarter IS NOT DISTINCT FROM ?"""


# reference/company_figures.csv, rows of MSFT; the figure of META is that of its 10-K filed 2024-02-02, and of 2025-01-30.
@pytest.mark.parametrize(
    ("day", "figure", "millions"),
    [
        ("2024-07-29", ("MSFT", "operating_cash_flow", "year", 2024, None), None),
        ("2024-07-30", ("MSFT", "operating_cash_flow", "year", 2024, None), 118_548),
        ("2026-11-23", ("MSFT", "operating_cash_flow", "year", 2024, None), 118_548),
        ("2025-07-29", ("MSFT", "operating_cash_flow", "year", 2025, None), None),
        ("2025-07-30", ("MSFT", "operating_cash_flow", "year", 2025, None), 136_162),
        ("2026-11-23", ("MSFT", "operating_cash_flow", "year", 2026, None), 182_935),
        ("2026-11-23", ("MSFT", "cash_paid_ppe", "year", 2024, None), 44_477),
        ("2024-02-01", ("META", "cash_paid_ppe", "year", 2023, None), None),
        ("2024-06-30", ("META", "cash_paid_ppe", "year", 2023, None), 27_266),
        ("2025-01-29", ("META", "cash_paid_ppe", "year", 2023, None), 27_266),
        ("2025-01-30", ("META", "cash_paid_ppe", "year", 2023, None), 27_045),
        ("2025-06-30", ("META", "cash_paid_ppe", "year", 2023, None), 27_045),
        # Years that were restated twice before the claims begin, and Alphabet's newest report: 80,598 less 35,674.
        ("2018-02-01", ("AMZN", "operating_cash_flow", "year", 2016, None), 16_443),
        ("2018-02-02", ("AMZN", "operating_cash_flow", "year", 2016, None), 17_272),
        ("2019-02-01", ("AMZN", "operating_cash_flow", "year", 2016, None), 17_203),
        ("2016-02-11", ("GOOGL", "operating_cash_flow", "year", 2013, None), 18_659),
        ("2016-05-03", ("GOOGL", "operating_cash_flow", "year", 2013, None), 19_140),
        ("2026-07-22", ("GOOGL", "cash_paid_ppe", "quarter", 2026, 2), None),
        ("2026-07-23", ("GOOGL", "cash_paid_ppe", "quarter", 2026, 2), 44_924),
    ],
)
def test_a_year_as_of_a_day(published: Path, day: str, figure: tuple[Any, ...], millions: int | None) -> None:
    with analyst(published) as cs:
        found = rows(cs, FIGURE, day, *figure)
    assert found == ([] if millions is None else [(millions * MILLION,)])


def test_the_fourth_quarter_of_microsoft_is_derived_and_says_from_what(published: Path) -> None:
    # 115,948 of the year less 80,146 of nine months, filed 2026-07-29 and before: reference/company_figures.csv.
    with analyst(published) as cs:
        found = rows(
            cs,
            """SELECT value, status, known_at, fiscal_year, period_start, period_end, document_id, formula, inputs
            FROM company_quarter WHERE company = 'MSFT' AND metric = 'cash_paid_ppe' AND period_end = DATE '2026-06-30'""",
        )
        assert rows(cs, FIGURE, "2026-07-28", "MSFT", "cash_paid_ppe", "quarter", 2026, 4) == []
    (value, status, known_at, year, start, end, document, formula, inputs) = found[0]
    assert (value, status, len(found)) == (35_802 * MILLION, "derived", 1)
    assert (year, start, end, document) == (2026, date(2026, 4, 1), date(2026, 6, 30), "0001193125-26-323660")
    assert known_at == datetime(2026, 7, 29, 21, 30)
    assert formula
    assert all(accession in inputs for accession in ("0001193125-26-323660", "0001193125-26-191507"))


def test_metas_quarter_on_every_day_on_which_meta_filed(published: Path) -> None:
    """27,266 - 19,601 = 7,665; 27,045 - 19,453 = 7,592; the old nine months under the new year would give 7,444 or 7,813."""
    with analyst(published) as cs:
        instants = [
            instant
            for (instant,) in rows(
                cs, "SELECT DISTINCT known_at FROM history.company_period WHERE company = 'META' ORDER BY 1"
            )
        ]
        said = {
            instant: [value for (value,) in rows(cs, FIGURE, instant, "META", "cash_paid_ppe", "quarter", 2023, 4)]
            for instant in instants
        }
    first, second = datetime(2024, 2, 2, 22, 30), datetime(2025, 1, 30, 22, 30)
    assert first in said
    assert second in said
    assert len(said) > 25
    for instant, values in said.items():
        assert values == ([] if instant < first else [7_665e6] if instant < second else [7_592e6]), instant


def test_a_filing_is_known_from_its_date_at_half_past_five_in_new_york(published: Path) -> None:
    with analyst(published) as cs:
        instants = rows(
            cs,
            """SELECT DISTINCT known_at FROM history.company_fact WHERE source = 'sec_companyfacts'
            AND known_at_basis = 'filing_date_1730_new_york'""",
        )
        # Microsoft's 10-K of 2020-07-30 was accepted at 00:44 of the next day, by either reading of the stamp after half past five.
        accepted = rows(cs, "SELECT DISTINCT known_at_basis, document_id, known_at FROM history.company_fact "
                        "WHERE source = 'sec_companyfacts' AND known_at_basis <> 'filing_date_1730_new_york'")  # fmt: skip
    assert accepted == [("acceptance", "0001564590-20-034944", datetime(2020, 7, 31, 4, 44, 46))]
    local = {instant.replace(tzinfo=UTC).astimezone(NEW_YORK) for (instant,) in instants}
    assert {moment.timetz().replace(tzinfo=None) for moment in local} == {time(17, 30)}
    # Filed 2024-02-02 in winter time, 2024-07-30 in summer time.
    assert {datetime(2024, 2, 2, 22, 30), datetime(2024, 7, 30, 21, 30)} <= {instant for (instant,) in instants}


def test_a_late_restatement_never_hides_a_newer_period(published: Path) -> None:
    with analyst(published) as cs:
        days = [
            day
            for (day,) in rows(
                cs,
                "SELECT DISTINCT CAST(known_at AS DATE) FROM history.company_period WHERE metric IS NOT NULL ORDER BY 1",
            )
        ]
        known: dict[tuple[str, ...], tuple[int, date]] = {}
        for day in days:
            for *series, periods, newest in rows(
                cs,
                """SELECT company, metric, definition, period_kind, count(*), max(period_end) FROM company_fact_as_of(?)
                WHERE metric IS NOT NULL GROUP BY ALL""",
                day,
            ):
                before = known.get(tuple(series), (0, date.min))
                assert periods >= before[0], (series, day)
                assert newest >= before[1], (series, day)
                known[tuple(series)] = (periods, newest)
        # The filing of 2025-01-30 that restated 2023 also brought 2024: 37,256 of the year.
        assert rows(cs, "SELECT max_by(fiscal_year, period_end) FROM company_fact_as_of('2025-01-30') WHERE company = 'META' "
                        "AND metric = 'cash_paid_ppe' AND period_kind = 'year'") == [(2024,)]  # fmt: skip
    assert len(known) > 40


def test_what_was_said_first_stays_what_was_said_first(published: Path) -> None:
    with analyst(published) as cs:
        first = dict(rows(
            cs, "SELECT fiscal_quarter, value FROM first_print('META', 'cash_paid_ppe') WHERE fiscal_year = 2023"
        ))  # fmt: skip
        cs.execute("SET VARIABLE as_of = DATE '2024-02-01'")
        told = rows(
            cs, "SELECT max(period_end), max(known_at) < '2024-02-02' FROM first_print('META', 'cash_paid_ppe')"
        )
    assert first[4] == 7_665e6
    # The year to December was filed on 2024-02-02.
    assert told == [(date(2023, 9, 30), True)]


IN_FORCE = """
    SELECT usd_per_mtok FROM token_price_on(?) WHERE provider = ? AND listing = ? AND tier = 'standard'
    AND token_kind = ?"""


# Read in the lists: claude-2.1 (8 and 24) stands in that of 2025-07-01 and no longer in that of 2025-08-01;
# gpt-4-vision-preview (10 and 30) stands until 2026-03, but the list of 2025-02-01 says that it ended on 2024-12-06.
@pytest.mark.parametrize(
    ("listing", "price", "last_day", "gone"),
    [
        (("anthropic", "claude-2.1", "input"), 8.0, "2025-07-31", "2025-08-01"),
        (("anthropic", "claude-2.1", "output"), 24.0, "2025-07-31", "2025-08-01"),
        (("openai", "gpt-4-vision-preview", "input"), 10.0, "2025-01-31", "2025-02-01"),
    ],
)
def test_a_deleted_price_does_not_return(
    published: Path, listing: tuple[str, str, str], price: float, last_day: str, gone: str
) -> None:
    with analyst(published) as cs:
        assert rows(cs, IN_FORCE, last_day, *listing) == [(price,)]
        later = [gone, *(day for day in ("2025-09-15", "2026-04-15", "2026-10-01", "2026-11-23") if day > gone)]
        for day in later:
            assert rows(cs, IN_FORCE, day, *listing) == [], day
        # The list that never deletes still says it; the list that speaks says when it ended.
        ended = """SELECT valid_to FROM token_price WHERE source = 'litellm_prices' AND provider = ? AND listing = ?
            AND token_kind = ? AND tier = 'standard'"""
        assert rows(cs, ended, *listing) == [(date.fromisoformat(gone),)]


@pytest.mark.parametrize(
    ("day", "listing", "prices"),
    [
        ("2024-06-01", "gpt-4-turbo", {"input": 10.0, "output": 30.0}),
        ("2025-02-25", "gpt-4-turbo", {"input": 10.0, "output": 30.0}),
        ("2025-02-25", "gpt-4o", {"input": 2.5, "output": 10.0}),
        ("2024-06-01", "gpt-4o", {"input": 5.0, "output": 15.0}),
    ],
)
def test_prices_of_openai(published: Path, day: str, listing: str, prices: dict[str, float]) -> None:
    with analyst(published) as cs:
        found = {kind: rows(cs, IN_FORCE, day, "openai", listing, kind) for kind in prices}
    assert found == {kind: [(price,)] for kind, price in prices.items()}


@pytest.mark.shared
@pytest.mark.slow("publishes")
def test_prices_a_hundred_thousand_times_too_high_are_in_quarantine(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """14 listings of wandb/ in the list of 2025-10-01, input and output, from 5,000 to 540,000 dollars per million."""
    monkeypatch.setattr("flows.steps.load.read_starter", lambda: None)
    whole = starter_pipeline(tmp_path)
    one = {"C27": whole.catalog.claims["C27"]}  # judging all of them takes most of the time
    pipeline = replace(whole, catalog=whole.catalog.model_copy(update={"claims": one}))
    (path,) = (shared_data / "prices" / "litellm").glob("2025-10-01__*.json")
    body = path.read_bytes()
    taken = datetime(2025, 10, 1) + timedelta(days=1, microseconds=-1)
    sha = sha256_of(body)
    capture = Capture("litellm_prices", "", "https://example.org/list.json", sha, len(body), taken, taken)
    pipeline.archive.add(capture, body, taken)
    publish_starter(pipeline)
    with analyst(tmp_path) as cs:
        kept_out = rows(
            cs,
            """SELECT locator, severity, reason, capture_sha256, captured_at FROM issue
            WHERE source = 'litellm_prices' AND locator LIKE '%wandb%'""",
        )
        assert rows(cs, "SELECT count(*) FROM token_price WHERE provider = 'wandb' OR usd_per_mtok > 1000") == [(0,)]
        assert rows(cs, "SELECT count(*) > 1000 FROM token_price") == [(True,)]
        assert rows(cs, "SELECT rows_quarantined >= 28 FROM capture WHERE source = 'litellm_prices'") == [(True,)]
        cs.execute("SET VARIABLE as_of = DATE '2025-09-30'")
        assert rows(cs, "SELECT count(*) FROM issue WHERE source = 'litellm_prices'") == [(0,)]
    assert len({locator for locator, *_ in kept_out}) == len(kept_out) == 28
    assert {(severity, told, at) for _, severity, _, told, at in kept_out} == {("quarantined", sha, taken)}
    assert all("per million" in reason for _, _, reason, _, _ in kept_out)


def test_the_share_of_the_reference_prices_that_all_sources_together_show_on_the_day(
    published: Path, shared_data: Path
) -> None:
    """docs/price_reference.md: 153 of 222. To the 149 of the two lists and the announcements genai-prices adds three events that
    came after the newest of their files, and models.dev one."""
    assert shared_data
    schedule = defaultdict[tuple[str, str, str], list[tuple[date, date, float, str]]](list)
    with analyst(published) as cs:
        for provider, listing, kind, *period in rows(
            cs,
            """SELECT provider, split_part(listing, '/', -1), token_kind, valid_from, coalesce(valid_to, DATE '9999-01-01'), price_per_mtok, source
            FROM token_price WHERE tier = 'standard' AND currency = 'USD' AND status = 'reported'""",
        ):
            schedule[provider, listing, kind].append((period[0], period[1], period[2], period[3]))
    lags = [lag({**row, "model": row["model"].split("/")[-1]}, schedule) for row in reference()]
    assert (len(lags), lags.count(0), lags.count(None)) == (222, 153, 31)
