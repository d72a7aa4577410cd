"""The spans kept in the file say on any day what a choice among everything stated by then would say.

Which row of a day speaks is told here anew, over all rows known at an instant; the file has it as spans.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest
from places import FIXTURES_FOLDER
from published_file import analyst, rows

SPANS = (FIXTURES_FOLDER / "price_span_at.sql").read_text("utf-8")
STANDS = "CASE WHEN $strict THEN seen_from <= $at AND $at < seen_until ELSE known_at <= $at AND $at < known_until END"
KNOWN = f"{STANDS} AND status NOT IN ('absent', 'withdrawn')"
CHOSEN = {
    "fx_rate": (
        "SELECT base_currency, quote_currency, rate_on, rate, source FROM fx_rate_as_of($at, strict := $strict)",
        f"""SELECT base_currency, quote_currency, rate_on, value, source FROM history.fx_state WHERE {KNOWN}
        QUALIFY row_number() OVER (PARTITION BY base_currency, quote_currency, rate_on ORDER BY evidence_tier, source_order) = 1""",
    ),
    "leaderboard_score": (
        "SELECT board, category, scored_on, entrant, source, score, rank, doubt FROM leaderboard_score_as_of($at, strict := $strict, with_filtered := true)",
        f"""SELECT board, category, scored_on, entrant, source, value, rank, doubt FROM history.board_score LEFT JOIN (
            SELECT source, board, category, scored_on, doubt FROM history.board_doubt WHERE {STANDS}
        ) USING (source, board, category, scored_on)
        WHERE {KNOWN} AND NOT told_afterwards
        QUALIFY dense_rank() OVER (PARTITION BY board, category, scored_on ORDER BY filtered, doubt IS NOT NULL, ranks_only, evidence_tier, source_order) = 1""",
    ),
    "lead_side": (
        "SELECT board, category, scored_on, developer, source, gap FROM lead_side_as_of($at, strict := $strict)",
        f"""SELECT board, category, scored_on, developer, source, gap FROM history.board_lead
        WHERE {STANDS} AND NOT told_afterwards AND NOT filtered
        QUALIFY row_number() OVER (PARTITION BY board, category, scored_on, developer
            ORDER BY own_score IS NULL AND other_score IS NULL, evidence_tier, source_order) = 1""",
    ),
    "vintage": (
        "SELECT company, metric, definition, period_kind, fiscal_year, fiscal_quarter, value, last FROM vintage_as_of($at, strict := $strict)",
        """SELECT company, metric, definition, period_kind, fiscal_year, coalesce(fiscal_quarter, 4), value, known_at FROM (
            SELECT * FROM history.company_period
            WHERE known_at <= $at AND (NOT $strict OR first_seen_at <= $at) AND metric IS NOT NULL AND dimensions = '' AND unit = 'USD'
                AND period_kind IN ('quarter', 'half', 'nine_months', 'year')
            QUALIFY row_number() OVER (PARTITION BY series_id ORDER BY seq DESC) = 1)
        WHERE status NOT IN ('absent', 'withdrawn') AND value IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY subject_id ORDER BY evidence_tier, source_order, seq DESC) = 1""",
    ),
}
# The same of what is worked out of them at publishing, or asked of less than all rows: on forty days each.
WORKED_OUT = {
    "trailing_year": (
        "FROM trailing_year_as_of($at, strict := $strict)",
        (FIXTURES_FOLDER / "trailing_year_at.sql").read_text("utf-8"),
    ),
    "company_fact_first": (
        """SELECT company, metric, concept, dimensions, definition, period_kind, period_start, period_end, value, known_at, evidence_id
        FROM company_fact_first_as_of($at) WHERE $strict IS NOT NULL""",
        """SELECT company, metric, concept, dimensions, definition, period_kind, period_start, period_end, value, known_at,
            evidence_name(source, capture_sha256, locator)
        FROM history.company_period WHERE known_at <= $at AND status NOT IN ('absent', 'withdrawn') AND $strict IS NOT NULL
        QUALIFY row_number() OVER (
            PARTITION BY company, metric, subject_id ORDER BY known_at, evidence_tier, source_order, preference DESC, seq DESC) = 1""",
    ),
    "usd_cross": (
        "FROM usd_cross_as_of($at, strict := $strict)",
        """WITH rates AS (FROM fx_rate_as_of($at, strict := $strict) WHERE base_currency = 'EUR'),
        dollar AS (FROM rates WHERE quote_currency = 'USD')
        SELECT r.quote_currency, rate_on, d.rate / r.rate FROM rates AS r INNER JOIN dollar AS d USING (rate_on) WHERE r.quote_currency <> 'USD'
        UNION ALL SELECT 'EUR', rate_on, rate FROM dollar""",
    ),
    "lead_in_time": (
        "FROM lead_in_time_as_of($at, strict := $strict) WHERE board = 'arena_text'",
        """WITH turned AS (
            SELECT *, last_value(leader IGNORE NULLS) OVER (
                PARTITION BY category, developer ORDER BY scored_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS leader_before
            FROM lead_side_as_of($at, strict := $strict) WHERE board = 'arena_text')
        SELECT *, leader_before IS NOT NULL AND leader <> leader_before, CASE WHEN leader IS NOT NULL THEN
            max(CASE WHEN leader IS DISTINCT FROM leader_before AND leader IS NOT NULL THEN scored_on END) OVER (
                PARTITION BY category, developer ORDER BY scored_on) END
        FROM turned""",
    ),
    "price_ratio": (
        """SELECT token_kind, numerator_currency, denominator_currency, ratio, known_at
        FROM price_ratio_as_of($at, 'gpt-4o', 'deepseek-v3', strict := $strict) WHERE token_kind <> 'blended'""",
        """WITH price AS (
            SELECT model, currency, known_at, unnest(['input', 'output']) AS token_kind, unnest([input_usd_per_mtok, output_usd_per_mtok]) AS usd
            FROM model_price_in_force([CAST($at AS DATE)], $at, strict := $strict))
        SELECT token_kind, a.currency, b.currency, a.usd / b.usd, greatest(a.known_at, b.known_at)
        FROM price AS a INNER JOIN price AS b USING (token_kind) WHERE a.model = 'gpt-4o' AND b.model = 'deepseek-v3'""",
    ),
    "model_price": (
        "FROM model_price_in_force([CAST($at AS DATE)], $at, strict := $strict, undeclared := true)",
        (FIXTURES_FOLDER / "model_price_at.sql").read_text("utf-8"),
    ),
    "hindsight_lead": (
        "FROM hindsight_lead_as_of($at, strict := $strict)",
        (FIXTURES_FOLDER / "hindsight_at.sql").read_text("utf-8"),
    ),
    "price_confirmed": (
        """SELECT DISTINCT piece, confirmed_from, of_blend FROM history.price_confirmed
        WHERE $at BETWEEN answers_from AND answers_through AND piece IN (SELECT piece FROM history.price_answer WHERE strict_answer = $strict)""",
        """WITH schedule AS (
            FROM history.price_answer WHERE $at BETWEEN answers_from AND answers_through AND strict_answer = $strict AND scheduled)
        SELECT DISTINCT l.piece, c.valid_from, c.scheduled_blend
        FROM schedule AS l
        INNER JOIN schedule AS c
            ON c.named = l.named AND c.token_kind = l.token_kind AND c.tier = l.tier AND c.currency = l.currency
            AND (c.source <> l.source OR c.provider <> l.provider) AND alike(c.price_per_mtok, l.price_per_mtok)
            AND (c.valid_to IS NULL OR l.price_from < c.valid_to)
        WHERE l.leaps OR l.leaps_blend""",
    ),
    "price_closed": (
        """SELECT provider, named, source, ended_on FROM history.price_closed
        WHERE $at BETWEEN answers_from AND answers_through AND strict_answer = $strict""",
        """WITH said AS (
            SELECT s.*, coalesce(a.model, s.listing) AS named
            FROM history.price_state AS s
            LEFT JOIN history.model_alias AS a
                ON a.name = s.listing AND (a.source IS NULL OR a.source = s.source) AND (a.provider IS NULL OR a.provider = s.provider)
                AND (a.valid_from IS NULL OR a.valid_from <= s.starts_on) AND (a.valid_to IS NULL OR s.starts_on < a.valid_to)
            WHERE NOT documentary AND status <> 'withdrawn' AND token_kind IN ('input', 'output')),
        last AS (
            FROM said
            SEMI JOIN (FROM said WHERE NOT sold AND absence = 'ended') AS e USING (provider, named, source)
            WHERE vintage_at <= $at AND (NOT $strict OR seen_from <= $at)
            QUALIFY rank() OVER (PARTITION BY series_id ORDER BY vintage_no DESC, starts_on DESC) = 1)
        SELECT provider, named, source, max(starts_on)
        FROM last WHERE sold OR absence = 'ended'
        GROUP BY provider, named, source HAVING NOT bool_or(sold)""",
    ),
}


def instants(connection: duckdb.DuckDBPyConnection) -> list[tuple[datetime, bool]]:
    """Some instants of change and the last before them, and by what was loaded here: (instant, strict)."""
    turns = "SELECT DISTINCT known_at FROM history.board_score ORDER BY 1"
    some = random.Random(19).sample([at for (at,) in rows(connection, turns)], 2)  # noqa: S311  which days, not a secret
    ((loaded,),) = rows(connection, "SELECT max(seen_from) FROM history.board_score")
    return [*((at, False) for at in some), (some[0] - timedelta(microseconds=1), False), (loaded, True)]


@pytest.mark.parametrize("view", CHOSEN)
def test_a_span_says_what_the_choice_of_that_day_says(published: Path, view: str) -> None:
    asked, chosen = CHOSEN[view]
    with analyst(published) as cs:
        for at, strict in instants(cs):
            answers, expected = (
                sorted(map(repr, cs.execute(query, {"at": at, "strict": strict}).fetchall()))
                for query in (asked, chosen)
            )
            assert answers == expected != [], (at, strict)


def days(connection: duckdb.DuckDBPyConnection) -> list[tuple[datetime, bool]]:
    """Forty days by a seed: days of changes, the days before and after them, and some by what was loaded here by now."""
    turns = """SELECT DISTINCT CAST(known_at AS DATE) FROM (
        SELECT known_at FROM history.company_period UNION ALL SELECT known_at FROM history.board_lead UNION ALL
        SELECT answers_from FROM history.price_answer UNION ALL SELECT known_at FROM history.fx_state)
        WHERE known_at >= '2017-01-01' ORDER BY 1"""
    some = random.Random(40).sample([day for (day,) in rows(connection, turns)], 13)  # noqa: S311  which days, not a secret
    beside = [day + timedelta(days=by) for day in some for by in (-1, 0, 1)]
    ((loaded,),) = rows(connection, "SELECT max(seen_from) FROM history.board_score")
    return [*((datetime.combine(day, time.max), False) for day in beside), (loaded, True)]


@pytest.mark.parametrize("view", WORKED_OUT)
def test_what_was_worked_out_at_publishing_is_what_the_day_gives(published: Path, view: str) -> None:
    asked, anew = WORKED_OUT[view]
    told = 0
    with analyst(published) as cs:
        for at, strict in days(cs):
            answers, expected = (
                sorted(map(repr, cs.execute(query, {"at": at, "strict": strict}).fetchall())) for query in (asked, anew)
            )
            assert answers == expected, (at, strict)
            told += len(answers)
    assert told > 0


@pytest.mark.parametrize("blended", [False, True])
def test_between_two_turns_nothing_else_is_in_force(published: Path, blended: bool) -> None:
    """Days by a seed, and a year on which nobody has looked at any list any more."""
    some = [date(2023, 3, 1) + timedelta(days=day) for day in random.Random(31).sample(range(1_400), 16)]  # noqa: S311  which days, not a secret
    with analyst(published) as cs:
        asked = {"days": [*some, date(2027, 11, 1)], "blended": blended}
        assert cs.execute(SPANS, asked).fetchall() == []


def test_one_day_by_what_was_known_at_its_end_is_that_of_several(published: Path) -> None:
    """The first is read from the spans, with all its columns; the others are worked out. An instant within a day is none of them."""
    with analyst(published) as cs:
        for day in ("2025-02-25", "2026-09-02", "2026-11-20"):
            one, of_two, at_noon, by_noon = (
                sorted(map(repr, cs.execute(f"SELECT * EXCLUDE (day) FROM {asked}").fetchall()))
                for asked in (
                    f"token_price_in_force([DATE '{day}'], DATE '{day}')",
                    f"token_price_in_force([DATE '{day}', DATE '{day}' + 1], DATE '{day}') WHERE day = DATE '{day}'",
                    f"(SELECT *, 0 AS day FROM token_price_on(TIMESTAMP '{day} 12:00:00'))",
                    f"token_price_in_force([DATE '{day}', DATE '{day}' + 1], TIMESTAMP '{day} 12:00:00') WHERE day = DATE '{day}'",
                )
            )
            assert one == of_two != []
            assert at_noon == by_noon


@pytest.mark.parametrize(
    "asked",
    [
        "token_price", "token_price_on(DATE '2025-02-25')", "company_quarter_usd", "depreciation_wave_as_of(DATE '2025-02-25')",
        "model_price_month_as_of(DATE '2025-02-25')", "price_disagreement", "price_ratio_on('gpt-4o', 'gpt-4o-mini', DATE '2024-12-01')",
    ],
)  # fmt: skip
def test_a_prepared_statement_may_be_run_again(published: Path, asked: str) -> None:
    with analyst(published) as cs:
        cs.execute(f"PREPARE again AS FROM {asked}")
        assert rows(cs, "EXECUTE again") == rows(cs, "EXECUTE again")


def test_nothing_that_is_asked_joins_as_of(published: Path) -> None:
    """DuckDB 1.5.5 ends with an internal error where a prepared statement with an ASOF join is run a second time."""
    with analyst(published) as cs:
        told = rows(
            cs,
            "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal UNION ALL SELECT function_name, macro_definition FROM duckdb_functions() "
            "WHERE NOT internal AND macro_definition IS NOT NULL",
        )
        assert len(told) > 150
        assert [name for name, text in told if "ASOF" in text.upper()] == []


def test_no_price_stands_twice_at_one_time(published: Path) -> None:
    """Of a listing in a list one piece at most covers a day at any instant, and each span ends where the next begins."""
    twice = """
        SELECT a.listing, a.source, a.valid_from, b.valid_from FROM history.price_answer AS a
        INNER JOIN history.price_answer AS b
            ON a.source = b.source AND a.provider = b.provider AND a.listing = b.listing AND a.token_kind = b.token_kind AND a.tier = b.tier
            AND a.currency = b.currency AND a.strict_answer = b.strict_answer AND a.piece < b.piece
        WHERE a.status <> 'withdrawn' AND b.status <> 'withdrawn' AND NOT a.documentary
            AND a.answers_from <= b.answers_through AND b.answers_from <= a.answers_through
            AND a.valid_from < coalesce(b.valid_to, 'infinity') AND b.valid_from < coalesce(a.valid_to, 'infinity')"""
    with analyst(published) as cs:
        assert rows(cs, twice) == []
        assert rows(cs, "SELECT count(*) FROM history.price_answer WHERE answers_through < answers_from") == [(0,)]


def test_a_price_in_force_at_an_instant_rests_on_what_was_looked_at_by_then(published: Path) -> None:
    looks = "SELECT DISTINCT taken_at FROM history.capture INNER JOIN history.source USING (source) WHERE dataset = 'token_price' ORDER BY 1"
    newest = """SELECT max(last_observed_at) FROM token_price_in_force([CAST($at AS TIMESTAMP)], DATE '9998-12-31')
        INNER JOIN history.source USING (source) WHERE kind = 'snapshot'"""
    with analyst(published) as cs:
        looked = [at for (at,) in rows(cs, looks)]
        for at in random.Random(5).sample(looked[1:], 5):  # noqa: S311  which instants, not a secret
            before = at - timedelta(microseconds=1)
            ((observed,),) = cs.execute(newest, {"at": before}).fetchall()
            assert observed is None or observed <= before
