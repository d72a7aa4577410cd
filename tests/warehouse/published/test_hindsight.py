"""The lead in order of release: its interval from the published standard errors, and what leaves it open."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from board_stage import Payload, rows, staged

from warehouse.published.stage import Stage

NORMAL_95 = 1.959964
# Share, standard error. `mystery` is of nobody we know; `late` has no release day.
RUNS = """Model version,mean_score,Release date,Organization,stderr,Started at
gpt-a,0.50,2024-01-01,OpenAI,0.02,2024-01-02
claude-a,0.52,2024-04-01,Anthropic,0.01,2024-04-02
gpt-b,0.60,2024-10-01,OpenAI,0.01,2024-10-02
mystery,0.90,2024-11-01,,0.01,2024-11-02
late,0.55,,Google,0.01,2024-11-02
"""
INDEX = "\n".join(
    [
        "Model version,ECI Score,Release date,Organization",
        "gpt-a,128,2024-01-01,OpenAI",
        "claude-a,130,2024-04-01,Anthropic",
    ]
    + [f"field-{number},{60 + number / 10},2023-01-01,LMSYS" for number in range(50)]
)
QUERY = """SELECT {} FROM hindsight_lead WHERE board = 'epoch_{}' AND developer = '{}' AND released_on = DATE '{}'"""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("gpqa_diamond.csv", RUNS)
        archive.writestr("epoch_capabilities_index.csv", INDEX)
    taken_at = datetime(2025, 12, 1)
    opened = staged(
        tmp_path_factory.mktemp("hindsight"), [Payload("epoch_benchmarks", "", buffer.getvalue(), taken_at)]
    )
    yield opened
    opened.close()


def months(start: date, end: date) -> float:
    return (end - start).days / 30.4375


def test_the_gap_has_the_interval_that_the_published_ones_allow(stage: Stage):
    query = QUERY.format("gap, gap_low, gap_high", "gpqa_diamond", "openai", "2024-04-01")
    both = 100 * (0.02 + 0.01) * NORMAL_95  # own at its lower and the other at its upper end, and the other way round
    assert rows(stage, query)[0] == (pytest.approx(-2), pytest.approx(-2 - both), pytest.approx(-2 + both))


def test_so_has_the_lead_in_months(stage: Stage):
    numbers = "lead_months, lead_months_low, lead_months_high"
    # In April Claude has 52 at 48 to 56 of GPT-a's reach: at best OpenAI has had that since January.
    april = rows(stage, QUERY.format(numbers, "gpqa_diamond", "openai", "2024-04-01"))[0]
    assert april == (0, 0, pytest.approx(months(date(2024, 1, 1), date(2024, 4, 1))))
    # In October Anthropic has 52, at worst 50.04: GPT-a's upper end, 53.9, has been above that since January.
    october = rows(stage, QUERY.format(numbers, "gpqa_diamond", "anthropic", "2024-10-01"))[0]
    assert october == (0, pytest.approx(-months(date(2024, 1, 1), date(2024, 10, 1))), 0)


def test_an_index_without_intervals_says_that_it_has_none(stage: Stage):
    numbers = "gap, gap_low, gap_high, lead_months, lead_months_low, lead_months_high, note"
    assert rows(stage, QUERY.format(numbers, "eci", "openai", "2024-04-01")) == [
        (-2, None, None, 0, None, None, "the board publishes no interval of one of the two")
    ]


def test_a_side_of_which_nothing_was_out_yet_says_so(stage: Stage):
    """GPT-a came first: a gap of nothing was NULL without a word."""
    for developer, said in (
        ("openai", "no entrant of another known organisation was out"),
        ("anthropic", "no entrant of anthropic was out"),
    ):
        [(gap, note)] = rows(stage, QUERY.format("gap, note", "gpqa_diamond", developer, "2024-01-01"))
        assert gap is None
        assert note.startswith(said)


def test_an_entrant_of_unknown_organisation_above_both_leaves_the_lead_open(stage: Stage):
    query = QUERY.format("gap, gap_low, lead_months, best_own, best_other, note", "gpqa_diamond", "openai", "{}")
    (october,), (november,) = (rows(stage, query.format(day)) for day in ("2024-10-01", "2024-11-01"))
    left_out = "an entrant without a release day is above one of the two and left out"
    assert (round(october[0], 6), october[3:]) == (8, ("gpt-b", "claude-a", left_out))
    assert november[:5] == (None,) * 5
    assert (
        november[5]
        == f"an entrant of unknown organisation, or whose score cannot be told, may be above one of the two; {left_out}"
    )
