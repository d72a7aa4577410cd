"""Every kind of slip that a source can make all at once, for every source that has a fixture: nothing is changed in silence.

The rows of a payload are slipped rather than its bytes (tests/support/mutations.py does that for one source of each kind), so
that one seeded mutator serves every format. A small fixture is made larger: each row stands for several of other names.
"""

from __future__ import annotations

import io
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from places import FIXTURES_FOLDER

from config.contracts import DATASETS, Capture, Parsed
from config.errors import SourceChanged
from config.load import catalog
from config.specs import Rows, SourceSpec
from flows.steps.pipeline import parse
from transforms.prices import model_names
from transforms.prices.doubts import without_doubted
from warehouse.archive.captures import Logged
from warehouse.published.stage import Stage, source_frame
from warehouse.store.against_before import refuse_a_leap
from warehouse.store.canonical import LEFT_OUT, Kinds, canonical_query
from warehouse.store.checks import check, refuse_a_drop
from warehouse.store.facts import Store
from warehouse.store.frames import read

pytestmark = pytest.mark.slow("every source loaded twice for every slip")

FIXTURES = FIXTURES_FOLDER / "sources"
FIRST, NEXT = datetime(2026, 11, 22, 4), datetime(2026, 11, 23, 4)
SCOPES = {
    "deepseek_pricing": "zh", "artificial_analysis": "page 1", "moonshot_pricing": "chat-k26", "aider_leaderboard": "aider_edit",
    "arena_agent": "arena_agent", "sec_companyfacts": "MSFT", "sec_submissions": "MSFT",
}  # fmt: skip
PAYLOADS = {
    "deepseek_pricing": "zh.html", "aider_leaderboard": "edit.yml", "aider_polyglot": "polyglot.yml", "litellm_prices": "2026-09-01.json", "google_pricing": "section.html",
    "sec_companyfacts": "MSFT.json", "arena_leaderboard": "text_latest.parquet", "artificial_analysis": "page_1.json",
}  # fmt: skip
ONCE = {"sec_filing", "sec_press_release"}  # each document has a scope of its own and is captured once
COPIES = 12
# Their readers give every row the day of the capture: no payload can move it.
DATED_BY_CAPTURE = {"artificial_analysis", "epoch_benchmarks"}
Slip = Callable[[pl.DataFrame, random.Random], pl.DataFrame]
NAME = {"token_price": "listing", "leaderboard_score": "entrant"}
NAMES = ("listing", "entrant", "quote_currency", "concept", "document_id")
NUMBERS = ("value", "value_low", "value_high")


def times(factor: float) -> Slip:
    return lambda rows, _: rows.with_columns(pl.col(name) * factor for name in NUMBERS if name in rows.columns)


def negative(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    low_high = (
        {"value_low": -pl.col("value_high"), "value_high": -pl.col("value_low")} if "value_low" in rows.columns else {}
    )
    return rows.with_columns(value=-pl.col("value"), **low_high)


def exchanged(column: str, one: str, other: str) -> Slip:
    return lambda rows, _: rows.with_columns(pl.col(column).replace({one: other, other: one}))


def a_day_later(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    days = [name for name in ("rate_on", "scored_on", "filed_on", "period_end") if name in rows.columns]
    return rows.with_columns(pl.col(name) - pl.duration(days=1) for name in days)


def error_for_score(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    return rows.with_columns(value=pl.lit(5.0), value_low=pl.lit(4.0), value_high=pl.lit(6.0))


def anothers(rows: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    """The rows under names that were never there, as of another board, seller or filer."""
    name = name_of(rows)
    return rows.with_columns(pl.concat_str(pl.lit(f"X{rng.randrange(9)}"), name).alias(name))


def some_by_a_factor(rows: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    hit = pl.Series([rng.random() < 0.8 for _ in range(rows.height)])
    factor = rng.choice([1e-3, 1e-2, 1e2, 1e3])
    return rows.with_columns(
        pl.when(hit).then(pl.col(name) * factor).otherwise(name) for name in NUMBERS if name in rows.columns
    )


def one_times_ten(rows: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    hit = pl.int_range(pl.len()) == rng.choice([at for at, value in enumerate(rows["value"]) if value])
    return rows.with_columns(
        pl.when(hit).then(pl.col(name) * 10).otherwise(name) for name in NUMBERS if name in rows.columns
    )


def a_tenth_by_a_thousand(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    """A part of the file counts by the thousand where the rest counts by the million."""
    hit = pl.int_range(pl.len()) < 0.1 * pl.len()
    return rows.with_columns(
        pl.when(hit).then(pl.col(name) / 1000).otherwise(name) for name in NUMBERS if name in rows.columns
    )


def slipped_by_a_row(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    names = [name for name in (*NUMBERS, "value_exact") if name in rows.columns]
    if "category" in rows.columns:  # as files have them: one board of one day after the other
        rows = rows.sort("category", "scored_on", maintain_order=True)
    return rows.with_columns(pl.col(name).shift(1, fill_value=rows[name][-1]) for name in names)


def name_of(rows: pl.DataFrame) -> str:
    return next(name for name in NAMES if name in rows.columns)


def two_in_five_gone(rows: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    names = sorted(rows[name_of(rows)].unique())
    return rows.filter(~pl.col(name_of(rows)).is_in(rng.sample(names, k=-(-2 * len(names) // 5))))


def broken_off(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    """A body that ends early and is well-formed all the same."""
    return rows.head(rows.height // 2)


def a_day_on(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    days = [name for name in ("rate_on", "filed_on", "period_end") if name in rows.columns]
    return rows.with_columns(pl.col(name) + pl.duration(days=1) for name in days)


def renamed(rows: pl.DataFrame, _: random.Random) -> pl.DataFrame:
    stated = pl.col("organization").is_not_null()
    return rows.with_columns(organization=pl.when(stated).then(pl.lit("Another Laboratory")))


PARTS: dict[str, Slip] = {
    "one value times 10": one_times_ten, "a tenth by 1,000": a_tenth_by_a_thousand, "slipped by a row": slipped_by_a_row,
    "two in five gone": two_in_five_gone, "broken off": broken_off,
}  # fmt: skip
SLIPS: dict[str, dict[str, Slip]] = {
    "token_price": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "times 10": times(10), "negative": negative,
        "input for output": exchanged("token_kind", "input", "output"), "currency for currency": exchanged("currency", "USD", "CNY"),
        "another's": anothers, "most by a factor": some_by_a_factor, **PARTS,
    },
    "fx_rate": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "negative": negative,
        "currency for currency": exchanged("quote_currency", "USD", "CNY"), "a day earlier": a_day_later,
        "a day later": a_day_on,
        "another's": anothers, "most by a factor": some_by_a_factor, **PARTS,
    },
    "leaderboard_score": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "negative": negative, "error for score": error_for_score,
        "another's": anothers, "most by a factor": some_by_a_factor, "a day earlier": a_day_later,
        "all of one organisation": renamed, **PARTS,
    },
    "company_fact": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "negative": negative, "a day earlier": a_day_later,
        "a day later": a_day_on, "another's": anothers, "most by a factor": some_by_a_factor, **PARTS,
    },
    "filing": {
        "a day earlier": a_day_later, "another's": anothers, "a day later": a_day_on,
        "two in five gone": two_in_five_gone, "broken off": broken_off,
    },
}  # fmt: skip


def payload(source: str, scope: str) -> bytes:
    folder = FIXTURES / source
    if source == "epoch_benchmarks":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for path in sorted(folder.rglob("*.csv")):
                archive.writestr(path.name, path.read_bytes())
        return out.getvalue()
    named = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "README.md")
    return (folder / (PAYLOADS.get(scope) or PAYLOADS.get(source, named[0].name))).read_bytes()


def sources() -> Iterator[tuple[SourceSpec, str]]:
    """Those that are fetched again and again, and a part of each, as small as a fixture: gates of row counts are another matter."""
    for spec in catalog().sources.values():
        if spec.fetched and spec.id not in ONCE and spec.changes and (FIXTURES / spec.id).is_dir():
            one = spec.model_copy(update={"rows": Rows(min=1, max=10_000_000)})
            yield (
                one,
                SCOPES.get(spec.id)
                or next((table.board for table in spec.boards if spec.id != "epoch_benchmarks"), ""),
            )
            if spec.id == "aider_leaderboard":
                yield one, "aider_polyglot"


def whole(spec: SourceSpec, scope: str) -> Parsed:
    body = payload(spec.id, scope)
    parsed = parse(body, capture(spec, scope, FIRST), catalog())
    name = NAME.get(spec.dataset)
    if name is None:
        return Parsed(parsed.rows)
    copies = [parsed.rows.with_columns(pl.col(name) + f" {number}") for number in range(COPIES)]
    rows = pl.concat([parsed.rows, *copies])
    return Parsed(rows.filter(pl.col("status") != "absent") if "status" in rows.columns else rows)


def capture(spec: SourceSpec, scope: str, at: datetime, mark: str = "0") -> Capture:
    return Capture(spec.id, scope, "https://example.org/a", mark * 64, 1, at, at)


def published(store: Store, spec: SourceSpec) -> list[tuple[object, ...]]:
    """What a reader of the published file sees of the source's rows."""
    kinds = Kinds.of(catalog().sources)
    named = ", ".join(column.name for column in DATASETS[spec.dataset].columns if column.name not in LEFT_OUT)
    query = canonical_query(DATASETS[spec.dataset], kinds, f"main.{spec.dataset}")
    return store.connection.execute(f"SELECT {named} FROM ({query}) ORDER BY ALL").fetchall()


def told(store: Store, spec: SourceSpec) -> int:
    """How many issues the second capture has, of prices with what the price book doubts."""
    connection = store.connection
    [(count,)] = connection.execute("SELECT count(*) FROM issue WHERE captured_at = ?", [NEXT]).fetchall()
    if count or spec.dataset != "token_price":
        return int(count)
    stage = Stage(duckdb.connect(":memory:"), Path(), "", NEXT)
    stage.connection.execute("CREATE SCHEMA history")
    kinds = Kinds.of(catalog().sources)
    for name in ("token_price", "fx_rate"):
        query = canonical_query(DATASETS[name], kinds, f"main.{name}")
        stage.put(f"history.{name}", read(connection, query))
    for name in ("capture", "issue"):
        stage.put(f"history.{name}", read(connection, f"FROM {name}"))
    stage.put("history.source", source_frame(catalog().sources))
    stage.put("history.model_alias", model_names.alias_frame(catalog()))
    stage.put("history.model", model_names.model_frame(catalog()))
    stage.build(("10_time", "25_fx", "30_price"))
    doubted = stage.connection.execute("SELECT count(*) FROM history.issue WHERE captured_at = ?", [NEXT]).fetchall()
    stage.connection.close()
    return int(doubted[0][0])


def outcome(spec: SourceSpec, scope: str, parsed: Parsed, slip: Slip) -> str:
    """`refused`, `told` (an issue), `no change`, or `silent`: the published file says something else and no issue does."""
    store = Store.open(None)
    try:
        first = capture(spec, scope, FIRST)
        store.load(spec, Logged(first, FIRST), check(spec, parsed, FIRST))
        before = published(store, spec)
        after = capture(spec, scope, NEXT, "1")
        try:
            slipped = replace(parsed, rows=slip(parsed.rows, random.Random(15)))  # noqa: S311
            if spec.dataset == "token_price":
                slipped = without_doubted(slipped, spec.id, NEXT.date(), catalog())
            checked = check(spec, slipped, NEXT)
            if spec.kind == "snapshot":
                refuse_a_drop(spec, checked, store.held(spec, after))
            leaps = refuse_a_leap(store, spec, after, checked.rows)
            store.load(spec, Logged(after, NEXT), replace(checked, issues=(*checked.issues, *leaps)))
        except SourceChanged:
            return "refused"
        if published(store, spec) == before:
            return "no change"
        return "told" if told(store, spec) else "silent"
    finally:
        store.close()


def test_no_slip_of_a_whole_payload_changes_anything_in_silence() -> None:
    table: dict[str, Counter[str]] = {}
    silent = []
    for spec, scope in sources():
        parsed = whole(spec, scope)
        assert parsed.rows.height >= 10, spec.id
        for family, slip in SLIPS[spec.dataset].items():
            found = outcome(spec, scope, parsed, slip)
            if family in {"a day earlier", "a day later"} and DATED_BY_CAPTURE & {spec.id}:
                continue
            table.setdefault(family, Counter())[found] += 1
            silent += [(spec.id, scope, family)] if found == "silent" else []
    written = {family: dict(sorted(found.items())) for family, found in table.items()}
    assert silent == [], f"{silent} of {written}"
    assert {spec.dataset for spec, _ in sources()} == set(SLIPS) & set(DATASETS)
    lines = [
        line
        for line in (Path(__file__).parents[3] / "docs" / "sources.md").read_text().splitlines()
        if line.startswith("| ")
    ]
    stated = {cells[1].strip(): cells[2:5] for line in lines if len(cells := line.split("|")) == 6}
    for family, found in written.items():
        assert [int(cell) for cell in stated[family]] == [
            found.get(name, 0) for name in ("refused", "told", "no change")
        ], written
