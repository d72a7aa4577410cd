"""What is one line, and which sources state it alike, counts from the filing that shows it, never before."""

from __future__ import annotations

import json
from datetime import date, datetime

import polars as pl
import pytest
from company_facts import LOADED_AT, as_of, figure, loaded
from company_facts import document as padded
from hypothesis import given, settings
from hypothesis import strategies as st
from staged import Payload, ask, staged

from config.contracts import COMPANY_FACT
from config.load import catalog
from transforms.companies.quarters import GAP, derive_periods, not_derivable

pytestmark = pytest.mark.slow("fifty generated histories, twice, each derived anew for every day")

TOTAL, PART = "us-gaap:NonoperatingIncomeExpense", "us-gaap:OtherNonoperatingIncomeExpense"
SPANS = {
    "Q1": (date(2023, 1, 1), date(2023, 3, 31)),
    "H1": (date(2023, 1, 1), date(2023, 6, 30)),
    "9M": (date(2023, 1, 1), date(2023, 9, 30)),
    "FY": (date(2023, 1, 1), date(2023, 12, 31)),
    "FY-1": (date(2022, 1, 1), date(2022, 12, 31)),
}
LATER = datetime(2026, 11, 29)
STEADY = settings(deadline=None, derandomize=True, max_examples=50)


def filed(*rows):
    """Facts of META: (day filed, tag, span, value) and, where not company facts, the source. One filing a day and source."""
    made = [
        {
            "company": "META", "concept": tag, "definition": "xbrl", "unit": "USD", "currency": "USD", "form": "10-Q",
            "form_rank": 30, "known_at_basis": "filing_date_1730_new_york", "evidence_tier": 1,
            "period_start": SPANS[span][0], "period_end": SPANS[span][1], "value": float(value), "value_exact": str(value),
            "known_at": datetime.combine(known, datetime.min.time()), "document_id": f"F{known:%y%m%d}", "locator": f"/{number}",
        }
        for number, (known, tag, span, value, *_) in enumerate(rows)
    ]  # fmt: skip
    sources = [row[4] if len(row) > 4 else "sec_companyfacts" for row in rows]
    return loaded(COMPANY_FACT.frame(made), "META").with_columns(pl.Series("source", sources))


def known_by(facts, instant):
    return facts.filter(pl.col("known_at") <= instant)


def under_one_tag(one):
    """A filing states a span once under a tag."""
    return one[:3]


def in_one_source(one):
    return (*one[:3], one[4])


DAYS = st.sampled_from([date(2024, month, 1) for month in range(1, 9)])
FIGURES = st.sampled_from([20e6, 30e6, 50e6, 90e6])
STATED = st.tuples(DAYS, st.sampled_from([TOTAL, PART]), st.sampled_from(list(SPANS)), FIGURES)
HISTORIES = st.lists(STATED, min_size=2, max_size=14, unique_by=under_one_tag)
TWO_SOURCES = st.lists(
    st.tuples(DAYS, st.just(TOTAL), st.sampled_from(list(SPANS)), FIGURES, st.sampled_from(["sec_companyfacts", "sec_filing"])),
    min_size=2, max_size=14, unique_by=in_one_source,
)  # fmt: skip


@STEADY
@given(st.one_of(HISTORIES, TWO_SOURCES), DAYS)
def test_an_answer_is_what_it_would_be_if_nothing_had_been_stated_since(history, day):
    facts = filed(*history)
    instant = datetime.combine(day, datetime.min.time())
    then, now = derive_periods(known_by(facts, instant), catalog()), derive_periods(facts, catalog())
    assert as_of(then, instant).equals(as_of(now, instant))
    aside = ["document_id", "concept", "period_start", "period_end", "known_at", "meant", "set_aside"]
    told = now.filter(pl.col("known_at") <= instant)
    assert then.select(aside).sort(aside).equals(told.select(aside).sort(aside))


@STEADY
@given(st.one_of(HISTORIES, TWO_SOURCES), DAYS)
def test_a_gap_is_known_by_what_was_stated_by_then(history, day):
    facts = filed(*history)
    instant = datetime.combine(day, datetime.min.time())
    periods = derive_periods(facts, catalog())
    then = not_derivable(derive_periods(known_by(facts, instant), catalog()), catalog())
    now = not_derivable(periods, catalog())
    assert then.equals(now.filter(pl.col("known_at") <= instant))
    # What answered once and does no longer has a reason, or its tag is set aside and says why.
    ended = periods.filter((pl.col("status") == "withdrawn") & pl.col("formula").is_not_null())
    assert ended.join(now, on=[*GAP, "known_at"], how="anti", nulls_equal=True).is_empty()


def test_a_difference_of_two_sources_ends_where_they_part():
    """META's nine months of 2023 as the filing tags them, the year from company facts; then they differ on the first quarter."""
    facts = filed(
        (date(2023, 4, 27), CAPEX, "Q1", 6_823e6, "sec_companyfacts"),
        (date(2023, 4, 28), CAPEX, "Q1", 6_823e6, "sec_filing"),
        (date(2023, 10, 26), CAPEX, "9M", 19_601e6, "sec_filing"),
        (date(2024, 2, 2), CAPEX, "FY", 27_266e6, "sec_companyfacts"),
        (date(2024, 6, 1), CAPEX, "Q1", 6_833e6, "sec_filing"),
    )
    parted = datetime(2024, 6, 1)
    periods = derive_periods(facts, catalog())
    days = (datetime(2024, 2, 2), parted)
    assert [figure(periods, "META", "cash_paid_ppe", (2023, 4), day) for day in days] == [7_665e6, None]
    why = not_derivable(periods, catalog()).filter(pl.col("fiscal_quarter") == 4).select("known_at", "reason")
    assert why.rows() == [
        (parted, "its operands are no longer shown to be of one line: two tags or two sources of it differ")
    ]


CAPEX = "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment"


@pytest.mark.parametrize("gone", ["9M", "FY"])
def test_a_difference_lasts_as_long_as_what_it_is_taken_of(gone: str) -> None:
    """META's capex of 2023: 27,266 million less 19,601 of nine months. A capture lacks one of them, a later one has it again."""
    operands = ((date(2023, 10, 26), CAPEX, "9M", 19_601e6), (date(2024, 2, 2), CAPEX, "FY", 27_266e6))
    (operand,) = (row for row in operands if row[2] == gone)
    facts = filed(*operands, (date(2025, 1, 10), *operand[1:]), (date(2025, 1, 20), *operand[1:]))
    lacks = pl.col("known_at") == datetime(2025, 1, 10)
    facts = facts.with_columns(
        status=pl.when(lacks).then(pl.lit("absent")).otherwise("status"), value=pl.when(~lacks).then("value")
    )
    periods = derive_periods(facts, catalog())
    days = [
        datetime(2024, 2, 1),
        datetime(2024, 2, 2),
        datetime(2025, 1, 9),
        datetime(2025, 1, 10),
        datetime(2025, 1, 20),
    ]
    fourth = [figure(periods, "META", "cash_paid_ppe", (2023, 4), day) for day in days]
    assert fourth == [None, 7_665e6, 7_665e6, None, 7_665e6]
    gaps = not_derivable(periods, catalog()).filter(pl.col("known_at") > datetime(2024, 2, 2))
    lacked = [(None, datetime(2025, 1, 10), "stated no more")] if gone == "FY" else []
    ended = [(4, datetime(2025, 1, 10), "an operand is stated no more")]
    assert gaps.select("fiscal_quarter", "known_at", "reason").rows() == lacked + ended


def test_a_line_comes_apart_where_a_filing_shows_two():
    """Until July both tags agree wherever both are stated; then one filing states 90 and 50 for the same year."""
    facts = filed(
        (date(2024, 1, 1), TOTAL, "FY-1", 30e6),
        (date(2024, 2, 1), PART, "FY-1", 30e6),
        (date(2024, 2, 1), PART, "9M", 50e6),
        (date(2024, 3, 1), TOTAL, "FY", 90e6),
        (date(2024, 7, 1), TOTAL, "FY", 90e6),
        (date(2024, 7, 1), PART, "FY", 70e6),
    )
    periods = derive_periods(facts, catalog())
    june, july = datetime(2024, 6, 30), datetime(2024, 7, 1)
    assert figure(periods, "META", "other_income", (2023, 4), june) == 40e6
    (answer,) = as_of(periods, july).filter(pl.col("fiscal_quarter") == 4).iter_rows(named=True)
    assert (answer["value"], answer["status"]) == (None, "withdrawn")
    assert answer["note"] == (
        "Counts from 2024-07-01 on: it is shown what is one line, which figure is a slip, or what is stated no more."
    )
    assert figure(periods, "META", "other_income", (2022, None), june) == 30e6
    (before,) = as_of(periods, june).filter(pl.col("fiscal_year") == 2022).iter_rows(named=True)
    (after,) = as_of(periods, july).filter(pl.col("fiscal_year") == 2022).iter_rows(named=True)
    assert (before["concept"], after["concept"]) == (PART, TOTAL)


def test_sources_that_part_give_no_quarter_from_then_on():
    """Nine months stand in the filing alone, the year in company facts; in May the two state the half otherwise."""
    facts = filed(
        (date(2024, 1, 1), TOTAL, "9M", 50e6, "sec_filing"),
        (date(2024, 2, 1), TOTAL, "FY", 90e6),
        (date(2024, 5, 1), TOTAL, "H1", 20e6, "sec_filing"),
        (date(2024, 5, 1), TOTAL, "H1", 30e6),
    )
    periods = derive_periods(facts, catalog())
    assert figure(periods, "META", "other_income", (2023, 4), datetime(2024, 4, 30)) == 40e6
    (answer,) = (
        as_of(periods, LATER)
        .filter((pl.col("fiscal_quarter") == 4) & (pl.col("source") == "sec_companyfacts"))
        .iter_rows(named=True)
    )
    assert answer["status"] == "withdrawn"


# (day filed, tag, first day, last day, millions): the part is one line with the total until the amendment of September.
STATED_AS = [
    ("2023-02-01", TOTAL, "2022-01-01", "2022-12-31", 400),
    ("2023-04-27", PART, "2022-01-01", "2022-12-31", 400),
    ("2023-04-27", PART, "2022-01-01", "2022-03-31", 60),
    ("2023-04-27", PART, "2023-01-01", "2023-03-31", 90),
    ("2023-07-27", PART, "2022-01-01", "2022-06-30", 150),
    ("2023-07-27", TOTAL, "2023-01-01", "2023-06-30", 210),
    ("2023-09-15", TOTAL, "2023-01-01", "2023-03-31", 100),
    ("2023-09-15", PART, "2023-01-01", "2023-03-31", 90),
    ("2023-10-26", TOTAL, "2023-01-01", "2023-09-30", 330),
]


def document(until):
    """Company facts of what had been filed by a day, as the SEC writes them."""
    tags = {}
    for filed_on, tag, start, end, millions in STATED_AS:
        if filed_on <= until:
            number = f"0001326801-{filed_on[2:4]}-{filed_on[5:7]}{filed_on[8:]}00"
            one = {
                "start": start,
                "end": end,
                "val": millions * 10**6,
                "accn": number,
                "form": "10-Q",
                "filed": filed_on,
            }
            tags.setdefault(tag.removeprefix("us-gaap:"), {"units": {"USD": []}})["units"]["USD"].append(one)
    body = json.loads(padded("Unread", cik=1326801))
    body["facts"]["us-gaap"].update(tags)
    return json.dumps(body).encode()


@pytest.mark.parametrize("day", ["2023-08-01", "2023-09-30", "2023-11-01"])
def test_quarters_and_trailing_years_of_a_day_are_those_of_what_was_filed_by_then(tmp_path, day):
    answers = []
    for name, until in (("then", day), ("now", "2026-01-01")):
        stage = staged(tmp_path / name, [Payload("sec_companyfacts", "META", document(until), LOADED_AT)])
        quarters = "SELECT * EXCLUDE (capture_sha256, evidence_id) FROM company_quarter_as_of($t) ORDER BY ALL"
        years = "FROM trailing_year_as_of($t) ORDER BY ALL"
        answers.append([ask(stage, quarters, t=day), ask(stage, years, t=day)])
        stage.close()
    assert answers[0] == answers[1]
    assert answers[0][0]


def test_a_trailing_year_ends_with_the_line_it_stood_on(tmp_path):
    stage = staged(tmp_path, [Payload("sec_companyfacts", "META", document("2026-01-01"), LOADED_AT)])
    query = """SELECT value FROM trailing_year_as_of($t) WHERE metric = 'other_income' AND fiscal_year = 2023
               AND fiscal_quarter = 2"""
    assert ask(stage, query, t="2023-08-01") == [((400 + 210 - 150) * 1e6,)]
    assert (
        ask(stage, query, t="2023-09-30") == []
    )  # the half of 2023 less its first quarter is 110, its year before is gone
    stage.close()
