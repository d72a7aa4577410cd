"""What an analyst asks the published file about boards: leads, spells, scales, hindsight, and all of it as of a day."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from arena_captures import fixture
from board_stage import Payload, board, listed, nightly, parquet, real_board, rows, runs, staged
from horizon import horizontal_lead

from config.load import catalog
from transforms.statistics.interval import Interval
from warehouse.published.stage import Stage
from warehouse.store.starter import read_starter

pytestmark = pytest.mark.slow("loads whole boards")


MAY_13, MAY_20, MAY_27, JUNE_3 = date(2025, 5, 13), date(2025, 5, 20), date(2025, 5, 27), date(2025, 6, 3)
# Every entrant of the style controlled board moved by 59.9 in the median; not quite by the same.
MOVED = (59.0, 59.9, 60.8)
LEAD = "SELECT scored_on, gap, rank_1, leader FROM openai_lead WHERE board = 'arena_text' ORDER BY scored_on"


@pytest.fixture(scope="module")
def spring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Four weeks: Anthropic passes OpenAI on the third; on the second everything on the other board moves by 59.9."""
    days = [
        board(MAY_13, {"gpt-a": 1400, "gpt-a-high": 1412, "claude-a": 1385, "grok-a": 1300}),
        board(MAY_20, {"gpt-a": 1400, "gpt-a-high": 1412, "claude-a": 1408, "grok-a": 1300}),
        board(MAY_27, {"gpt-a": 1400, "gpt-a-high": 1412, "claude-b": 1430, "claude-a": 1408, "grok-a": 1300}),
        board(JUNE_3, {"gpt-a": 1400, "gpt-a-high": 1413, "claude-b": 1431, "claude-a": 1408, "grok-a": 1300}),
    ]
    style = [real_board(MAY_13), real_board(MAY_20, MOVED), real_board(MAY_27, MOVED)]
    stage = staged(
        tmp_path_factory.mktemp("spring"), [*nightly(*days), *nightly(*style, scope="arena_text_style_control")]
    )
    yield stage
    stage.close()


def test_the_lead_names_the_leader_and_everyone_at_rank_1(spring: Stage):
    assert rows(spring, LEAD) == [
        (MAY_13, 27, ["openai"], "openai"),
        (MAY_20, 4, ["anthropic", "openai"], "openai"),
        (MAY_27, -18, ["anthropic"], "anthropic"),
        (JUNE_3, -18, ["anthropic"], "anthropic"),
    ]


def test_variants_by_effort_are_entrants_of_their_own(spring: Stage):
    query = "SELECT entrant FROM leaderboard_score WHERE board = 'arena_text' AND entrant LIKE 'gpt%' AND scored_on = DATE '2025-05-13' ORDER BY 1"
    assert rows(spring, query) == [("gpt-a",), ("gpt-a-high",)]
    assert rows(spring, f"SELECT DISTINCT best_openai FROM ({LEAD.replace('gap', 'best_openai')})") == [("gpt-a-high",)]


def test_the_gap_has_its_interval_in_points_and_in_months(spring: Stage):
    query = f"""SELECT gap_low, gap_high, lead_months, lead_months_low, lead_months_high, lead_months_open
        FROM openai_lead WHERE board = 'arena_text' AND scored_on = DATE '{MAY_27}'"""
    # The others first had 1412 on the 27th itself: 0 months behind. At the ends: 1407 against 1413, 1435 of the 20th and
    # 27th: 7 days; 1417 against 1425: the 27th.
    low = -7 / 30.4375
    assert rows(spring, query) == [(-28, -8, 0, pytest.approx(low), 0, False)]


def test_the_lead_in_time_is_that_of_the_statistics(spring: Stage):
    query = """SELECT scored_on, score, low, high, score - gap AS other, low - gap_low AS other_high, high - gap_high AS other_low,
        lead_months, lead_months_low, lead_months_high, lead_months_open FROM frontier
        WHERE board = 'arena_text' AND developer = '{}' ORDER BY scored_on"""
    for developer in ("openai", "anthropic", "xai"):
        told = rows(spring, query.format(developer))
        assert len(told) == 4
        for last in range(1, 5):
            series = told[:last]
            own = [Interval(row[1], row[2], row[3], 0.95) for row in series]
            other = [Interval(row[4], row[6], row[5], 0.95) for row in series]
            found = horizontal_lead([row[0] for row in series], own, other)
            said = told[last - 1][7:]
            assert said == (
                pytest.approx(found.months.estimate), pytest.approx(found.months.low), pytest.approx(found.months.high),
                found.open,
            )  # fmt: skip


def test_days_held_and_changes_of_leader(spring: Stage):
    query = "SELECT scored_on, leader_since, days_held, leader_changed FROM openai_lead WHERE board = 'arena_text' ORDER BY 1"
    assert rows(spring, query) == [
        (MAY_13, MAY_13, 0, False), (MAY_20, MAY_13, 7, False), (MAY_27, MAY_27, 0, True), (JUNE_3, MAY_27, 7, False),
    ]  # fmt: skip
    spells = """SELECT leader, led_from, last_seen_leading, days_seen, days_at_most, leader_before, leader_after FROM leader_spell
        WHERE board = 'arena_text' ORDER BY led_from"""
    assert rows(spring, spells) == [
        ("openai", MAY_13, MAY_20, 7, 14, None, "anthropic"), ("anthropic", MAY_27, JUNE_3, 7, None, "openai", None),
    ]  # fmt: skip


def test_any_developer_is_asked_the_same(spring: Stage):
    told = rows(spring, f"SELECT scored_on, gap, best_own, best_other, at_rank_1 FROM lead_as_of('anthropic', 'arena_text', DATE '{JUNE_3}') ORDER BY 1")  # fmt: skip
    # What was published for 3 June is known when that day is over in Los Angeles: on the 4th in UTC.
    assert told == [
        (MAY_13, -27, "claude-a", "gpt-a-high", False), (MAY_20, -4, "claude-a", "gpt-a-high", True),
        (MAY_27, 18, "claude-b", "gpt-a-high", True),
    ]  # fmt: skip
    nobody = f"SELECT gap, note FROM lead_as_of('google', 'arena_text', DATE '{JUNE_3}')"
    assert rows(spring, nobody) == []
    frontier = f"SELECT developer, entrant, score FROM frontier WHERE board = 'arena_text' AND scored_on = DATE '{MAY_27}' ORDER BY score DESC LIMIT 3"
    assert rows(spring, frontier) == [
        ("anthropic", "claude-b", 1430),
        ("openai", "gpt-a-high", 1412),
        ("xai", "grok-a", 1300),
    ]


def test_the_views_move_with_as_of_and_strict_counts_what_was_loaded(spring: Stage):
    spring.connection.execute("SET VARIABLE as_of = DATE '2025-05-20'")
    assert [row[0] for row in rows(spring, LEAD)] == [MAY_13]
    spring.connection.execute("RESET VARIABLE as_of")
    # Known at 07:00 on the 21st, fetched at 12:00.
    count = (
        "SELECT count(*) FROM openai_lead_as_of(TIMESTAMP '2025-05-21 08:00', strict := {}) WHERE board = 'arena_text'"
    )
    assert [rows(spring, count.format(strict))[0][0] for strict in ("false", "true")] == [2, 1]


def test_the_shift_of_may_2025_is_a_re_anchoring_and_no_change_of_lead(spring: Stage):
    """On 197 real entrants: Gemini 2.5 Pro (1446) led before o3 (1413). No collected payload has the shift itself."""
    shift = "SELECT scored_on, kind, round(shift, 1), round(shift_iqr, 1), n, scale_id FROM scale_shift WHERE board = 'arena_text_style_control' ORDER BY 1"
    assert rows(spring, shift) == [
        (MAY_13, "first", None, None, 0, "arena_text_style_control@2025-05-13"),
        (MAY_20, "re-anchored", 59.9, 1.8, 197, "arena_text_style_control@2025-05-20"),
    ]
    lead = """SELECT round(gap, 6), best_openai, leader, leader_changed, days_held, scale_id, lead_months_open
        FROM openai_lead WHERE board = 'arena_text_style_control' ORDER BY scored_on"""
    # The first and the third of the board are moved by 59.0 and 60.8.
    told = [(-33, 0, "13"), (-31.2, 7, "20"), (-31.2, 14, "20")]
    assert rows(spring, lead) == [
        (gap, "o3-2025-04-16", "google", False, held, f"arena_text_style_control@2025-05-{begun}", True) for gap, held, begun in told
    ]  # fmt: skip
    spells = "SELECT leader, led_from, last_seen_leading, snapshots FROM leader_spell WHERE board = 'arena_text_style_control'"
    assert rows(spring, spells) == [("google", MAY_13, MAY_27, 3)]
    # As of the day before, nobody could know of it.
    assert rows(spring, "SELECT count(*) FROM scale_shift_as_of('2025-05-20') WHERE kind = 're-anchored'") == [(0,)]


def test_what_is_unmatched_is_listed(spring: Stage):
    entrant = "SELECT entrant, organization, rows, first_on, last_on, best_score FROM unmatched_entrant WHERE board = 'arena_text' AND entrant = 'claude-b'"
    assert rows(spring, entrant) == [("claude-b", "anthropic", 2, MAY_27, JUNE_3, 1431)]
    assert rows(spring, "FROM unmatched_organization") == []


def test_an_organisation_keeps_its_id_when_it_changes_its_name(spring: Stage):
    assert rows(spring, "SELECT title, valid_from, valid_to FROM organization WHERE organization = 'xai'") == [
        ("xAI", None, date(2026, 5, 7)), ("SpaceXAI", date(2026, 5, 7), None),
    ]  # fmt: skip


def test_a_new_name_of_an_organisation_is_the_same_developer_on_every_day(tmp_path: Path):
    days = [board(MAY_13, {"grok-a": 1400, "gpt-a": 1300}), board(MAY_20, {"grok-b": 1410, "gpt-a": 1300})]
    renamed = [day.with_columns(pl.col("organization").str.replace("xAI", "SpaceXAI")) for day in days[1:]]
    names = {"mystery": "Nobody Inc", "nearly": "OpenAI (preview)"}
    unknown = board(MAY_27, {"grok-b": 1410, "gpt-a": 1300, "mystery": 1425, "nearly": 1200}).with_columns(
        organization=pl.col("model_name").replace_strict(names, default=pl.col("organization"))
    )
    stage = staged(tmp_path, nightly(days[0], *renamed, unknown))
    assert rows(stage, LEAD) == [
        (MAY_13, -100, ["xai"], "xai"), (MAY_20, -110, ["xai"], "xai"), (MAY_27, -125, ["nobody-inc"], "nobody-inc"),
    ]  # fmt: skip
    # Another laboratory, and one that may be OpenAI: it stands on neither side.
    assert rows(stage, "SELECT organization_stated, organization, rows FROM unmatched_organization") == [
        ("Nobody Inc", "nobody-inc", 1), ("OpenAI (preview)", None, 1),
    ]  # fmt: skip
    stage.close()


def test_a_board_that_shrank_by_half_says_nothing(tmp_path: Path):
    whole = [board(day, {"gpt-a": 1400, "claude-a": 1390}) for day in (MAY_13, MAY_27)]
    torn = board(MAY_20, {"gpt-a": 1400})[:40]
    stage = staged(tmp_path, nightly(whole[0], torn, whole[1]))
    told = "SELECT scored_on, gap, alone_at_rank_1, leader, note FROM openai_lead ORDER BY 1"
    assert rows(stage, told)[1][:4] == (MAY_20, None, None, None)
    assert "shrunk from 102 to 40" in rows(stage, told)[1][4]
    assert [row[1] for row in rows(stage, told)] == [10, None, 10]
    stage.close()


def test_votes_that_fall_and_models_that_vanish_are_taken_as_they_are(tmp_path: Path):
    fewer = pl.when(pl.col("model_name") == "gpt-a").then(500.0).otherwise("vote_count")
    days = [
        board(MAY_13, {"gpt-a": 1400, "claude-a": 1410}),
        board(MAY_20, {"gpt-a": 1400}).with_columns(vote_count=fewer),
    ]
    stage = staged(tmp_path, nightly(*days))
    votes = "SELECT scored_on, votes FROM leaderboard_score WHERE entrant = 'gpt-a' ORDER BY 1"
    assert rows(stage, votes) == [(MAY_13, 1000), (MAY_20, 500)]
    # What is gone from a board does not stand on it any more.
    assert rows(stage, "SELECT scored_on, best_other FROM openai_lead ORDER BY 1") == [
        (MAY_13, "claude-a"),
        (MAY_20, "field-99"),
    ]
    stage.close()


def test_a_revised_day_is_known_from_its_revision_only(tmp_path: Path):
    first = board(MAY_13, {"gpt-a": 1400, "claude-a": 1390})
    revised = board(MAY_13, {"gpt-a": 1400, "claude-a": 1402})
    later = datetime(2025, 6, 1, 12)
    stage = staged(
        tmp_path, [*nightly(first), Payload("arena_leaderboard", "arena_text", parquet(revised), later, later)]
    )
    gap = "SELECT gap, leader FROM openai_lead_as_of(DATE '{}')"
    assert rows(stage, gap.format("2025-05-31")) == [(10, "openai")]
    assert rows(stage, gap.format("2025-06-01")) == [(-2, "anthropic")]
    stage.close()


def test_a_history_told_afterwards_is_in_no_number_with_copies_made_on_the_day(tmp_path: Path):
    told = parquet(
        board(date(2025, 2, 22), {"gpt-a": 1400, "claude-a": 1300}), board(MAY_13, {"gpt-a": 1400, "claude-a": 1390})
    )
    day = datetime(2025, 2, 22, 23)
    stage = staged(
        tmp_path,
        [
            Payload("arena_published", "", _with_field(fixture("arena_published", "2025-02-22.csv")), day),
            Payload("arena_full", "arena_text", told, datetime(2026, 11, 1)),
        ],
    )
    query = "SELECT scored_on, source, gap FROM openai_lead WHERE board = 'arena_text' ORDER BY 1"
    assert rows(stage, query) == [(date(2025, 2, 22), "arena_published", -26)]
    assert rows(stage, "SELECT DISTINCT source FROM leaderboard_score WHERE board = 'arena_text'") == [("arena_published",)]  # fmt: skip
    # What was told afterwards is asked for by itself, stands on scales of its own, and is known from its capture.
    afterwards = "SELECT scored_on, gap, scale_id, known_at FROM lead_as_of('openai', 'arena_text', DATE '{}', retold := true) ORDER BY 1"
    assert rows(stage, afterwards.format("2026-10-31")) == []
    scale, known = "arena_text@2025-02-22:arena_full", datetime(2026, 11, 1)
    assert rows(stage, afterwards.format("2026-11-01")) == [
        (date(2025, 2, 22), 100, scale, known), (MAY_13, 10, scale, known),
    ]  # fmt: skip
    stage.close()


def test_a_copy_with_ranks_alone_stands_back_for_one_with_scores(tmp_path: Path):
    copy = _with_field(fixture("arena_published", "2025-02-22.csv"))
    scores = {"gpt-4o-2024-08-06": 1400.0, "claude-3-5-sonnet-20241022": 1390.0}
    stage = staged(
        tmp_path,
        [
            Payload("arena_published", "", copy, datetime(2025, 2, 22, 23)),
            Payload("arena_catalog", "arena_text_style_control", listed(scores), datetime(2025, 2, 22, 23)),
        ],
    )
    query = "SELECT source, gap FROM openai_lead WHERE board = 'arena_text_style_control'"
    assert rows(stage, query) == [("arena_catalog", 10)]
    query = "SELECT DISTINCT source FROM leaderboard_score WHERE board = 'arena_text_style_control'"
    assert rows(stage, query) == [("arena_catalog",)]
    stage.close()


def _with_field(csv: bytes) -> bytes:
    """The fixture with a field of a hundred, as a source accepts no board that short."""
    lines = [f"{rank},{rank},field-{rank},1000,+5/-5,900,LMSYS,Apache,Unknown,\n" for rank in range(6, 106)]
    return csv.rstrip(b"\n") + b"\n" + "".join(lines).encode()


# --- boards that grow run by run, and vintages


def test_the_day_of_a_growing_board_is_every_run_so_far(tmp_path: Path):
    payload = runs(
        ("2025-01-02", "gpt-4o-2024-08-06", 60.0), ("2025-01-20", "DeepSeek R1", 56.9),
        ("2025-02-01", "claude-3-5-sonnet-20241022", 64.0), ("2025-03-01", "gpt-4o-2024-08-06", 61.0),
    )  # fmt: skip
    stage = staged(tmp_path, [Payload("aider_leaderboard", "aider_polyglot", payload, datetime(2025, 10, 4))])
    told = "SELECT scored_on, best_openai, best_other, leader, note FROM openai_lead WHERE scored_on > DATE '2025-01-01' ORDER BY 1"
    assert [row[:4] for row in rows(stage, told)] == [
        (date(2025, 1, 2), "gpt-4o-2024-08-06", None, "openai"),
        (date(2025, 1, 20), "gpt-4o-2024-08-06", "DeepSeek R1", "openai"),
        (date(2025, 2, 1), "gpt-4o-2024-08-06", "claude-3-5-sonnet-20241022", "anthropic"),
        (date(2025, 3, 1), "gpt-4o-2024-08-06", "claude-3-5-sonnet-20241022", "anthropic"),
    ]
    # The newest run of an entrant stands; one test is one scale.
    assert rows(stage, "SELECT gap, scale_id FROM openai_lead ORDER BY scored_on DESC LIMIT 1") == [(-3, "aider_polyglot@2025-01-01")]  # fmt: skip
    assert rows(
        stage, "SELECT count(*) FROM openai_lead_as_of(DATE '2025-01-31') WHERE scored_on = DATE '2025-02-01'"
    ) == [(0,)]
    stage.close()


def vintage(taken_at: datetime, **index: float) -> Payload:
    """Epoch's index refitted: the scores given here, and fifty of a field that came out before."""
    lines = ["Model version,ECI Score,Release date,Organization"]
    owners = {"gpt": "OpenAI", "claude": "Anthropic"}
    released = {"gpt_a": "2024-05-13", "claude_a": "2024-06-20", "gpt_b": "2024-09-12"}
    lines += [f"{name},{score},{released[name]},{owners[name.split('_')[0]]}" for name, score in index.items()]
    lines += [f"field-{number},{60 + number / 10},2023-01-01,LMSYS" for number in range(50)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("epoch_capabilities_index.csv", "\n".join(lines) + "\n")
    return Payload("epoch_benchmarks", "", buffer.getvalue(), taken_at, taken_at)


@pytest.fixture(scope="module")
def vintages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    stage = staged(
        tmp_path_factory.mktemp("vintages"),
        [
            vintage(datetime(2025, 12, 1), gpt_a=128.9, claude_a=130.0, gpt_b=136.6),
            vintage(datetime(2026, 4, 1), gpt_a=129.9, claude_a=129.0, gpt_b=137.6),
        ],
    )
    yield stage
    stage.close()


def test_every_vintage_of_a_refitted_index_is_kept(vintages: Stage):
    query = "SELECT scored_on, score FROM leaderboard_score WHERE board = 'epoch_eci' AND entrant = 'gpt_a' ORDER BY 1"
    assert rows(vintages, query) == [(date(2025, 12, 1), 128.9), (date(2026, 4, 1), 129.9)]
    assert rows(vintages, query.replace("leaderboard_score", "leaderboard_score_as_of(DATE '2026-03-31')")) == [(date(2025, 12, 1), 128.9)]  # fmt: skip
    proof = "SELECT DISTINCT known_at, known_at_basis FROM leaderboard_score WHERE scored_on = DATE '2026-04-01'"
    assert rows(vintages, proof) == [(datetime(2026, 4, 1), "fetched")]


def test_hindsight_stays_within_one_vintage_and_apart_from_the_board(vintages: Stage):
    query = "SELECT released_on, gap, best_own, best_other FROM hindsight_lead WHERE developer = 'openai' AND vintage_on = DATE '{}' AND released_on > DATE '2024-01-01' ORDER BY 1"
    told = {
        day: [(row[0], round(row[1], 6), *row[2:]) for row in rows(vintages, query.format(day))]
        for day in ("2025-12-01", "2026-04-01")
    }
    assert told["2025-12-01"] == [
        (date(2024, 5, 13), 64.0, "gpt_a", "field-49"), (date(2024, 6, 20), -1.1, "gpt_a", "claude_a"),
        (date(2024, 9, 12), 6.6, "gpt_b", "claude_a"),
    ]  # fmt: skip
    assert told["2026-04-01"][1] == (date(2024, 6, 20), 0.9, "gpt_a", "claude_a")
    # Claude had what GPT-a has on the day it came out: 0 months; GPT-b then passed it on its own day.
    months = query.replace("gap, best_own, best_other", "lead_months").format("2025-12-01")
    assert [row[1] for row in rows(vintages, months)] == [0, 0, 0]
    behind = "SELECT lead_months FROM hindsight_lead WHERE developer = 'anthropic' AND vintage_on = DATE '2025-12-01' AND released_on = DATE '2024-09-12'"
    assert rows(vintages, behind) == [(0,)]
    # A field that ended in January 2023 at 64.9 is behind 128.9 since GPT-a's day.
    field = "SELECT lead_months FROM hindsight_lead WHERE developer = 'lmsys' AND vintage_on = DATE '2025-12-01' AND released_on = DATE '2024-09-12'"
    assert rows(vintages, field) == [(pytest.approx(-(date(2024, 9, 12) - date(2024, 5, 13)).days / 30.4375),)]
    # The history of the board has one row for each vintage, and none for a release.
    assert rows(vintages, "SELECT scored_on FROM openai_lead ORDER BY 1") == [(date(2025, 12, 1),), (date(2026, 4, 1),)]
    assert rows(vintages, "SELECT count(*) FROM hindsight_lead_as_of(DATE '2025-11-30')") == [(0,)]


def test_another_version_of_an_index_is_another_scale(tmp_path: Path):
    day, page = datetime(2026, 8, 20, 12), fixture("artificial_analysis", "page_1.json")
    old = page.replace(b'"4.1"', b'"4.0"')
    payloads = [
        Payload("artificial_analysis", "page 1", body, at, at)
        for body, at in ((old, day), (page, day + timedelta(days=1)), (page + b"\n", day + timedelta(days=2)))
    ]
    stage = staged(tmp_path, payloads)
    query = "SELECT DISTINCT scored_on, scale_id, method FROM leaderboard_score ORDER BY 1"
    assert rows(stage, query)[:2] == [
        (date(2026, 8, 20), "aa_intelligence@2026-08-20", "index 4.0"),
        (date(2026, 8, 21), "aa_intelligence@2026-08-21", "index 4.1"),
    ]
    assert rows(stage, "SELECT scored_on, kind FROM scale_shift ORDER BY 1")[1] == (
        date(2026, 8, 21),
        "change_of_method",
    )
    stage.close()


# --- licences


def test_nothing_that_may_not_be_passed_on_is_in_the_starter_data():
    closed = {spec.id for spec in catalog().sources.values() if not spec.licence.redistribution}
    assert {"artificial_analysis", "arena_catalog"} <= closed
    shipped = read_starter()
    assert shipped is not None
    assert set(shipped.captures["source"]) & closed == set()
    assert set(shipped.facts["leaderboard_score"]["source"]) & closed == set()
