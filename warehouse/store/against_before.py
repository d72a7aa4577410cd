"""A capture against the one before it: what cannot have happened in a day is refused whole.

Bounds and contract look at one row at a time. A list divided by a thousand, input and output exchanged, two columns of rates
exchanged, every date moved by a day: each row of these is possible, and all of them together are not. What a source's figures
may do is declared with it (`Changes`); a person who knows better says so with `capex-signals accept`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

import duckdb
import polars as pl

from config.contracts import DATASETS, FILING, LEADERBOARD_SCORE, TOKEN_PRICE, Capture, Dataset, Issue
from config.errors import SourceChanged
from config.specs import SourceSpec
from warehouse.store.append import equal, group_of, listed, position_of
from warehouse.store.beside_others import GONE, TOLD_GONE, Beside, beside_others, told_beside
from warehouse.store.facts import Store
from warehouse.store.frames import offered
from warehouse.store.other_boards import another_board
from warehouse.store.statements import WHOLE_SHARE

COMING = "coming_rows"
# Of a handful of figures all may move in a day.
FEWEST_TO_COMPARE = 10
FEWEST_EXCHANGED = 2
LEAST_IN_COMMON = 0.2  # of what one holds and the other states, whichever is less: a part of a document is all in it
FEWEST_OF_A_LIST = 100  # a page of fewer prices may name none of those it named a year ago
PERMUTED = 0.95  # of the scores that some entrant had before, each counted once
SLIPPED = timedelta(days=7)  # a newest day that goes back further is an old day told late: it counts from its capture
_SAME = 1e-9


def refuse_a_leap(store: Store, spec: SourceSpec, capture: Capture, rows: pl.DataFrame) -> tuple[Issue, ...]:
    """Raises SourceChanged where more of the figures moved, or went, than may since the capture before; fewer are told."""
    dataset = DATASETS[spec.dataset]
    if spec.changes is None or not _comparable(store, spec, capture):
        return ()
    stated = rows.filter(pl.col("status") != "absent")
    (held, common, moved, ratio, example, *exchange), beside = _compared(store, spec, capture, stated)
    if common >= FEWEST_TO_COMPARE and moved > spec.changes.moved_share * common:
        middle = f", the middle one by a factor of {ratio:.3g}" if ratio is not None else ""
        raise _leap(
            spec, capture, f"{moved:,} of {common:,} figures are not what they were in the capture before{middle}"
        )
    if exchange:
        _refuse_exchange(spec, capture, *exchange)
    gone = held - common
    if beside is not None:
        _refuse_others_place(spec, capture, beside)
        gone_days = _refuse_other_entrants(store.connection, spec, capture, stated)
        return (*_told(spec, held, common, moved, example), *told_beside(beside, grows=spec.grows), *gone_days)
    fewest = FEWEST_OF_A_LIST if dataset is TOKEN_PRICE else FEWEST_TO_COMPARE
    if min(held, stated.height) >= fewest and common < LEAST_IN_COMMON * min(held, stated.height):
        raise _leap(spec, capture, f"of {held:,} figures of the capture before {common:,} are in it: another's")
    whole = held >= FEWEST_TO_COMPARE and stated.height >= WHOLE_SHARE * held
    # Of a shorter file refuse_a_drop speaks, or it is a part.
    if whole and (spec.kind == "snapshot" or spec.whole_document) and gone > spec.changes.gone_share * held:
        raise _leap(spec, capture, f"{gone:,} of the {held:,} figures of the capture before are gone, and others came")
    return _told(spec, held, common, moved, example)


def _told(spec: SourceSpec, held: int, common: int, moved: int, example: str | None) -> tuple[Issue, ...]:
    """What moved, or went, and is not enough to refuse the capture. That prices move is what a list of prices is for: of them
    those that moved tenfold are told where the price book is made (30_price.sql), and so is how many went: whatever came first.
    """
    if spec.dataset == TOKEN_PRICE.name:
        return ()
    told = []
    if moved:
        what = (
            "scores moved far"
            if spec.dataset == LEADERBOARD_SCORE.name
            else "figures of documents seen before are others now"
        )
        told.append(Issue(what, "", f"{moved:,} of {common:,} since the capture before, e.g. {example}", "notice"))
    if (
        spec.kind == "snapshot"
        and spec.dataset != LEADERBOARD_SCORE.name
        and held >= FEWEST_TO_COMPARE
        and held - common >= TOLD_GONE * held
    ):
        told.append(
            Issue(
                "much of a list is gone",
                "",
                f"{held - common:,} of the {held:,} figures of the capture before",
                "notice",
            )
        )
    return tuple(told)


def _refuse_others_place(spec: SourceSpec, capture: Capture, beside: Beside) -> None:
    """Raises SourceChanged where most scores or organisations stand beside other entrants than before: a column that slipped."""
    if (
        beside.moved >= FEWEST_TO_COMPARE
        and 2 * beside.moved > beside.common
        and beside.others >= PERMUTED * beside.common
    ):
        found = (
            f"the scores are those of the capture before, {beside.moved:,} of {beside.common:,} beside another entrant"
        )
        raise _leap(spec, capture, found)
    share = spec.changes.moved_share if spec.changes else 1
    if beside.renamed >= FEWEST_TO_COMPARE and beside.renamed > share * beside.organized:
        found = f"{beside.renamed:,} of {beside.organized:,} entrants stand under another organisation"
        raise _leap(spec, capture, found)


def _comparable(store: Store, spec: SourceSpec, capture: Capture) -> bool:
    """Whether anything of the capture's scope is held: a first capture has nothing before it, save a board, which has others."""
    dataset = DATASETS[spec.dataset]
    if dataset is LEADERBOARD_SCORE:
        return True
    if spec.kind == "snapshot":
        return not store.states.before(dataset, capture).is_empty()
    held = f"SELECT 1 FROM {dataset.name} WHERE source = $source AND scope = $scope LIMIT 1"
    return bool(store.connection.execute(held, {"source": capture.source, "scope": capture.scope}).fetchall())


def _compared(
    store: Store, spec: SourceSpec, capture: Capture, stated: pl.DataFrame
) -> tuple[tuple[Any, ...], Beside | None]:
    """held, common, moved, the middle ratio, an example, of prices what `_exchange` counts; and of a board who stands beside whom."""
    dataset = DATASETS[spec.dataset]
    if spec.kind == "snapshot" and dataset is not LEADERBOARD_SCORE:
        return _of_snapshots(dataset, store.states.before(dataset, capture), stated), None
    at = position_of(capture)
    with offered(store.connection, COMING, stated.select(_read_of(dataset))):
        if dataset is not LEADERBOARD_SCORE:
            return store.connection.execute(_comparison(dataset), at).fetchall()[0], None
        found = store.connection.execute(_board_comparison(spec.changes.factor if spec.changes else 1), at).fetchall()[
            0
        ]
        return found, beside_others(store.connection, COMING, capture)


def _refuse_exchange(spec: SourceSpec, capture: Capture, met: int, exchanged: int) -> None:
    """Raises SourceChanged where most listings ask for input what they asked for output, and the other way round."""
    if exchanged >= FEWEST_EXCHANGED and 2 * exchanged > met:
        raise _leap(spec, capture, f"input and output are exchanged in {exchanged:,} of {met:,} listings")


def _refuse_other_entrants(
    connection: duckdb.DuckDBPyConnection, spec: SourceSpec, capture: Capture, stated: pl.DataFrame
) -> tuple[Issue, ...]:
    """Raises SourceChanged where hardly an entrant is one of the board's, or most scores of the days told are gone from them;
    fewer are told.

    A board that has doubled, or been away for months, still has most of those it had. One of another kind of the same layout
    is told by other_boards.py.
    """
    if strange := another_board(connection, capture, stated):
        raise _leap(spec, capture, strange)
    held = f"""
        SELECT DISTINCT board, category, entrant, scored_on FROM leaderboard_score WHERE source = $source AND scope = $scope
        AND captured_at < $t AND value IS NOT NULL AND board IN (SELECT board FROM {COMING})"""
    at = {"source": capture.source, "scope": capture.scope, "t": capture.taken_at}
    with offered(connection, COMING, stated):
        [(boards, entrants, known, members)] = connection.execute(
            f"""
            WITH held AS ({held}), now AS (SELECT DISTINCT board, entrant FROM {COMING})
            SELECT (SELECT count(*) FROM held), count(*), count(*) FILTER (h.entrant IS NOT NULL),
                (SELECT count(DISTINCT (board, entrant)) FROM held)
            FROM now n LEFT JOIN (SELECT DISTINCT board, entrant FROM held) h USING (board, entrant)""",
            at,
        ).fetchall()
        [(newest, told)] = connection.execute(
            f"SELECT (SELECT max(scored_on) FROM ({held})), max(scored_on) FROM {COMING}", at
        ).fetchall()
        [(days, gone)] = connection.execute(
            f"""
            WITH held AS ({held} AND scored_on BETWEEN (SELECT min(scored_on) FROM {COMING}) AND (SELECT max(scored_on) FROM {COMING}))
            SELECT (SELECT count(*) FROM held), count(*) FROM held h
            ANTI JOIN {COMING} n USING (board, category, entrant, scored_on)""",
            at,
        ).fetchall()
    if min(members, entrants) >= FEWEST_TO_COMPARE and known < LEAST_IN_COMMON * min(members, entrants):
        raise _leap(
            spec, capture, f"{entrants - known:,} of {entrants:,} entrants were never on this board: another board's"
        )
    back = newest - told if boards >= FEWEST_TO_COMPARE and told is not None and not spec.retells else timedelta(0)
    if timedelta(0) < back <= SLIPPED:
        raise _leap(spec, capture, f"its newest day is {told}, before the {newest} of the capture before")
    if days >= FEWEST_TO_COMPARE and spec.changes and gone > spec.changes.gone_share * days:
        raise _leap(spec, capture, f"{gone:,} of the {days:,} scores held of its days are gone, and others came")
    if days < FEWEST_TO_COMPARE or gone < TOLD_GONE * days:
        return ()
    return (Issue(GONE, "", f"{gone:,} of the {days:,} scores held of its days", "notice"),)


def _leap(spec: SourceSpec, capture: Capture, found: str) -> SourceChanged:
    return SourceChanged(
        f"{found}: more than this source changes in a day",
        source=spec.id,
        place="against the capture before",
        remedy=f'look at the archived payload; if it is true, `capex-signals accept {capture.sha256[:12]} --why "..."`',
    )


def _read_of(dataset: Dataset) -> list[str]:
    """The columns that a comparison reads: rows are wide, and text is dear to hand over."""
    read = {*dataset.payload, "value", "status", "known_at", "document_id", "form_rank"}
    return [column.name for column in dataset.stated if column.name in dataset.key or column.name in read]


def _changed(left: str, right: str) -> str:
    return f"{left} NOT BETWEEN {right} - abs({right}) * {_SAME} AND {right} + abs({right}) * {_SAME}"


def _of_snapshots(dataset: Dataset, before: pl.DataFrame, stated: pl.DataFrame) -> tuple[Any, ...]:
    """Of each series of a snapshot source, which has one value."""
    held = (
        before.select(*dataset.key, "status", asked_before="value").filter(pl.col("status") != "absent").drop("status")
    )
    met = stated.select(*dataset.key, asked="value").join(held, on=dataset.key, nulls_equal=True)
    rounding = pl.col("asked_before").abs() * _SAME
    same = pl.col("asked").is_between(pl.col("asked_before") - rounding, pl.col("asked_before") + rounding)
    moved = met.filter(pl.col("asked").ne_missing(pl.col("asked_before")), ~same.fill_null(value=False))
    if moved.height < 2 * FEWEST_EXCHANGED:  # as on most days: each listing that exchanges its prices moves both
        return (held.height, met.height, moved.height, _middle(moved), None)
    exchange = _exchange(met) if dataset is TOKEN_PRICE else ()
    return (held.height, met.height, moved.height, _middle(moved), None, *exchange)


def _middle(moved: pl.DataFrame) -> float | None:
    """The middle one of the factors by which figures moved."""
    factors = moved.filter(pl.col("asked_before") != 0).select(pl.col("asked") / pl.col("asked_before")).to_series()
    return None if factors.is_empty() else cast("float | None", factors.median())


def _exchange(met: pl.DataFrame) -> tuple[int, int]:
    """The listings of both lists that state input and output, differing, and those of them that ask the one for the other."""
    kind, asked, before = pl.col("token_kind"), pl.col("asked"), pl.col("asked_before")
    pairs = (
        met.filter(kind.is_in(["input", "output"]))
        .group_by("provider", "listing", "price_tier", "currency", "valid_from")
        .agg(
            bought=asked.filter(kind == "input").min(),
            given=asked.filter(kind == "output").min(),
            cost=before.filter(kind == "input").min(),
            gave=before.filter(kind == "output").min(),
        )
        .filter(pl.col("bought") != pl.col("given"), pl.col("cost") != pl.col("gave"))
    )
    return pairs.height, pairs.filter(pl.col("bought") == pl.col("gave"), pl.col("given") == pl.col("cost")).height


def _comparison(dataset: Dataset) -> str:
    """The same of each series and document of a statement source, as last stated."""
    group = group_of(dataset)
    states = f"min(ROW({listed(dataset.payload)}))" if dataset is FILING else "[min(value), max(value)]"
    named = listed(tuple(f"n.{name}" for name in dataset.key))
    told = f"SELECT {listed(group)}, {states} AS says, min(value) AS value, min(CAST(known_at AS DATE)) AS dated FROM"
    return f"""
        WITH before AS (
            {told} (
                SELECT * FROM {dataset.name} WHERE source = $source AND scope = $scope AND (captured_at, capture_sha256) < ($t, $sha)
                QUALIFY rank() OVER (PARTITION BY {listed(group)} ORDER BY captured_at DESC, capture_sha256 DESC) = 1
            ) WHERE status <> 'absent' GROUP BY ALL
        ),
        now AS ({told} {COMING} GROUP BY ALL),
        met AS (
            SELECT n.dated <> s.dated OR (n.says IS DISTINCT FROM s.says AND coalesce({_changed("n.value", "s.value")}, true)) AS moved,
                CASE WHEN s.value <> 0 THEN n.value / s.value END AS ratio,
                concat_ws(' ', {named}, ':', n.value, 'after', s.value) AS said
            FROM before s INNER JOIN now n ON {equal(dataset, group, "n", "s")}
        )
        SELECT (SELECT count(*) FROM before), count(*), count(*) FILTER (moved), median(ratio) FILTER (moved),
            min(said) FILTER (moved) FROM met"""


def _board_comparison(factor: float) -> str:
    """The same of each entrant of a board: its score on the newest day told against the newest day held."""
    key = "board, category, entrant"
    newest = f"SELECT {key}, arg_max(value, scored_on) AS value FROM"
    far = f"value <> earlier AND (value * earlier <= 0 OR greatest(value / earlier, earlier / value) > {factor})"
    return f"""
        WITH before AS (
            {newest} leaderboard_score WHERE source = $source AND scope = $scope AND captured_at < $t AND value IS NOT NULL
                AND $sha IS NOT NULL GROUP BY ALL
        ),
        now AS ({newest} {COMING} WHERE value IS NOT NULL GROUP BY ALL),
        met AS (SELECT {key}, n.value AS value, s.value AS earlier FROM before s INNER JOIN now n USING ({key}))
        SELECT (SELECT count(*) FROM before), count(*), count(*) FILTER ({far}), median(value / earlier) FILTER (earlier <> 0),
            min(concat_ws(' ', board, category, entrant, ':', value, 'after', earlier)) FILTER ({far}) FROM met"""
