"""Events, guidance and private tables: read as typed, dated by their document, and refused when a word is wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from places import FIXTURES_FOLDER

from config.contracts import Capture, Parsed
from config.errors import Refused
from config.load import analyst_files, catalog
from flows.steps.enter import ENTERED
from flows.steps.pipeline import reader

FIXTURES = FIXTURES_FOLDER / "sources"
SAMPLES = {
    "analyst_events": "events_sample.yml",
    "analyst_guidance": "guidance_sample.yml",
    "private_prices": "market_price.csv",
    "private_estimates": "estimate.csv",
}


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _sample(source: str) -> str:
    return (FIXTURES / source / SAMPLES[source]).read_text("utf-8")


def _parsed(source: str, text: str, name: str = "") -> Parsed:
    now = _utc("2026-11-23 12:00")
    capture = Capture(source, name or SAMPLES[source], "", "0" * 64, 1, now, now, origin="entered")
    parsed: Parsed = reader(catalog().sources[source]).parse(text.encode(), capture, catalog())
    return parsed


def _rows(source: str) -> list[dict[str, Any]]:
    return _parsed(source, _sample(source)).rows.to_dicts()


def test_each_document_tells_the_event_in_a_row_of_its_own() -> None:
    page, report = _rows("analyst_events")
    assert [row["document_id"] for row in (page, report)] == ["page", "quarterly-report"]
    # An article counts from the end of its day in New York (summer: 04:00 UTC), a filing from 17:30 New York.
    assert (page["known_at"], report["known_at"]) == (_utc("2025-10-29 04:00"), _utc("2025-10-29 21:30"))
    assert (page["evidence_tier"], report["evidence_tier"], report["form"]) == (3, 1, "10-Q")
    assert (page["value"], page["unit"], page["happened_until"]) == (27.0, "pct", date(2025, 10, 28))


def test_a_guide_keeps_its_period_and_a_guided_date_its_ends() -> None:
    capex, end = _rows("analyst_guidance")
    assert (capex["value"], capex["value_low"], capex["value_high"]) == (30e9, 30e9, None)
    assert (capex["target_start"], capex["target_end"]) == (date(2025, 7, 1), date(2025, 9, 30))
    assert (end["date_earliest"], end["date_latest"], end["value"]) == (date(2025, 12, 31), date(2025, 12, 31), None)
    assert end["known_at"] == _utc("2025-07-30 22:30")


def test_private_tables_count_from_the_end_of_their_day() -> None:
    price, estimate = _rows("private_prices")[0], _rows("private_estimates")[0]
    assert (price["value"], price["known_at"]) == (396.98, _utc("2025-03-01 05:00"))
    assert (estimate["value"], estimate["horizon"], estimate["status"]) == (13.08, "FY2025", "manual")
    assert not catalog().sources["private_prices"].licence.redistribution
    assert not catalog().sources["private_estimates"].licence.redistribution


WRONG = [
    ("analyst_events", "code: percent", "code: per_cent", "stake-after: stake: per_cent is not under topics"),
    ("analyst_events", "[page, quarterly-report]", "[page]", "documents that tell nothing: .*quarterly-report"),
    ("analyst_events", "[page, quarterly-report]", "[other]", "document 'other' is not under documents"),
    ("analyst_events", "day: 2025-10-28", "day: 2025-10-30", "page was published before 2025-10-30"),
    ("analyst_events", "    unit: pct\n", "", "a number has a unit"),
    ("analyst_events", "value: 27", "value: 27\n    low: 28", "not in order"),
    ("analyst_guidance", "value: 30000000000", "value: 30", "not in order|plain dollars"),
    ("analyst_guidance", "30000000000", "30", "plain dollars"),
    ("analyst_guidance", "    latest: 2025-12-31\n", "    latest: 2025-01-31\n", "latest lies before earliest"),
    ("analyst_guidance", "bound: by", "bound: lower_growth", "says one of|in words"),
    ("analyst_guidance", "metric: capex_incl_finance_leases", "metric: capex", "not in config/metrics.yml"),
    ("analyst_guidance", "company: MSFT", "company: MSFX", "not in config/companies.yml"),
    ("private_prices", "396.98", "n/a", "line 2.*not a number"),
    ("private_prices", "396.98", "-1", "line 2.*not a price"),
    ("private_prices", "2025-02-28", "28.2.2025", "line 2.*not a date"),
    ("private_prices", "price_kind", "kind", "the header is"),
    ("private_prices", ",close,", ",open,", "price_kind 'open'"),
    ("private_prices", ",my broker", "", "too few or too many cells"),
    ("private_estimates", "FY2025", "next year", "horizon 'next year'"),
    ("private_estimates", "\nMSFT", "\nMSFX", "company 'MSFX'"),
    ("private_estimates", "eps_diluted", "eps", "line 2.*'eps' in .*name a metric of metrics.yml"),
    ("private_estimates", "USD/shares", "USD_per_share", "line 2.*the unit of eps_diluted, USD/shares"),
]


@pytest.mark.parametrize(("source", "right", "wrong", "words"), WRONG)
def test_a_slip_refuses_the_file_and_names_the_place(source: str, right: str, wrong: str, words: str) -> None:
    text = _sample(source)
    assert right in text
    with pytest.raises(Refused, match=words):
        _parsed(source, text.replace(right, wrong))


def test_every_file_of_config_analyst_is_read_and_says_something_in_both_languages() -> None:
    for name, body in analyst_files().items():
        source = ENTERED.get(name.partition("_")[0], "analyst_facts")
        rows = _parsed(source, body.decode(), name).rows
        assert not rows.is_empty()
        if source != "analyst_facts":
            assert rows["statement_zh"].str.contains(r"[\u4e00-\u9fff]").all()
            assert not rows["statement_en"].str.contains(r"[\u4e00-\u9fff\"“”]").any()
