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

import polars as pl
import pytest
from places import FIXTURES_FOLDER

from config.contracts import DATASETS, Capture, Parsed
from config.errors import SourceChanged
from config.load import catalog
from config.specs import Rows, SourceSpec
from flows.steps.pipeline import parse
from warehouse.archive.captures import Logged
from warehouse.store.against_before import refuse_a_leap
from warehouse.store.checks import check, refuse_a_drop
from warehouse.store.facts import Store

pytestmark = pytest.mark.slow("every source loaded twice for every slip")

FIXTURES = FIXTURES_FOLDER / "sources"
FIRST, NEXT = datetime(2026, 11, 22, 4), datetime(2026, 11, 23, 4)
SCOPES = {
    "deepseek_pricing": "zh", "artificial_analysis": "page 1", "moonshot_pricing": "chat-k26", "aider_leaderboard": "aider_edit",
    "arena_agent": "arena_agent", "sec_companyfacts": "MSFT", "sec_submissions": "MSFT",
}  # fmt: skip
PAYLOADS = {
    "deepseek_pricing": "zh.html", "aider_leaderboard": "edit.yml", "litellm_prices": "2026-09-01.json", "google_pricing": "section.html",
    "sec_companyfacts": "MSFT.json", "arena_leaderboard": "text_latest.parquet", "artificial_analysis": "page_1.json",
}  # fmt: skip
ONCE = {"sec_filing", "sec_press_release"}  # each document has a scope of its own and is captured once
COPIES = 12
# Their readers give every row the day of the capture: no payload can move it.
DATED_BY_CAPTURE = {"artificial_analysis", "epoch_benchmarks"}
Slip = Callable[[pl.DataFrame, random.Random], pl.DataFrame]
NAME = {"token_price": "listing", "leaderboard_score": "entrant"}
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
    names = ("listing", "entrant", "quote_currency", "concept", "document_id")
    name = next(name for name in names if name in rows.columns)
    return rows.with_columns(pl.concat_str(pl.lit(f"X{rng.randrange(9)}"), name).alias(name))


def some_by_a_factor(rows: pl.DataFrame, rng: random.Random) -> pl.DataFrame:
    hit = pl.Series([rng.random() < 0.8 for _ in range(rows.height)])
    factor = rng.choice([1e-3, 1e-2, 1e2, 1e3])
    return rows.with_columns(
        pl.when(hit).then(pl.col(name) * factor).otherwise(name) for name in NUMBERS if name in rows.columns
    )


SLIPS: dict[str, dict[str, Slip]] = {
    "token_price": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "times 10": times(10), "negative": negative,
        "input for output": exchanged("token_kind", "input", "output"), "currency for currency": exchanged("currency", "USD", "CNY"),
        "another's": anothers, "most by a factor": some_by_a_factor,
    },
    "fx_rate": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "negative": negative,
        "currency for currency": exchanged("quote_currency", "USD", "CNY"), "a day earlier": a_day_later,
        "another's": anothers, "most by a factor": some_by_a_factor,
    },
    "leaderboard_score": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "negative": negative, "error for score": error_for_score,
        "another's": anothers, "most by a factor": some_by_a_factor, "a day earlier": a_day_later,
    },
    "company_fact": {
        "divided by 1,000": times(1e-3), "times 1,000": times(1e3), "negative": negative, "a day earlier": a_day_later,
        "another's": anothers, "most by a factor": some_by_a_factor,
    },
    "filing": {"a day earlier": a_day_later, "another's": anothers},
}  # fmt: skip


def payload(source: str) -> bytes:
    folder = FIXTURES / source
    if source == "epoch_benchmarks":
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for path in sorted(folder.rglob("*.csv")):
                archive.writestr(path.name, path.read_bytes())
        return out.getvalue()
    named = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "README.md")
    return (folder / PAYLOADS.get(source, named[0].name)).read_bytes()


def sources() -> Iterator[SourceSpec]:
    """Those that are fetched again and again, as small as a fixture: gates of row counts are another matter."""
    for spec in catalog().sources.values():
        if spec.fetched and spec.id not in ONCE and spec.changes and (FIXTURES / spec.id).is_dir():
            yield spec.model_copy(update={"rows": Rows(min=1, max=10_000_000)})


def whole(spec: SourceSpec, scope: str) -> Parsed:
    body = payload(spec.id)
    parsed = parse(body, capture(spec, scope, FIRST), catalog())
    name = NAME.get(spec.dataset)
    if name is None:
        return parsed
    copies = [parsed.rows.with_columns(pl.col(name) + f" {number}") for number in range(COPIES)]
    rows = pl.concat([parsed.rows, *copies])
    return Parsed(rows.filter(pl.col("status") != "absent") if "status" in rows.columns else rows)


def capture(spec: SourceSpec, scope: str, at: datetime, mark: str = "0") -> Capture:
    return Capture(spec.id, scope, "https://example.org/a", mark * 64, 1, at, at)


def outcome(spec: SourceSpec, scope: str, parsed: Parsed, slip: Slip) -> str:
    """`refused`, `told` (an issue), `no change`, or `silent`: the store says something else and no issue does."""
    store = Store.open(None)
    try:
        first = capture(spec, scope, FIRST)
        store.load(spec, Logged(first, FIRST), check(spec, parsed, FIRST))
        query = f"FROM {spec.dataset} ORDER BY ALL"
        before, told = (
            store.connection.execute(query).fetchall(),
            len(store.connection.execute("FROM issue").fetchall()),
        )
        after = capture(spec, scope, NEXT, "1")
        try:
            checked = check(spec, replace(parsed, rows=slip(parsed.rows, random.Random(15))), NEXT)  # noqa: S311
            if spec.kind == "snapshot":
                refuse_a_drop(spec, checked, store.held(spec, after))
            refuse_a_leap(store.connection, spec, after, checked.rows)
            store.load(spec, Logged(after, NEXT), checked)
        except SourceChanged:
            return "refused"
        if store.connection.execute(query).fetchall() == before:
            return "no change"
        return "told" if len(store.connection.execute("FROM issue").fetchall()) > told else "silent"
    finally:
        store.close()


def test_no_slip_of_a_whole_payload_changes_anything_in_silence() -> None:
    table: dict[str, Counter[str]] = {}
    silent = []
    for spec in sources():
        scope = SCOPES.get(spec.id) or next((board.board for board in spec.boards if spec.id != "epoch_benchmarks"), "")
        parsed = whole(spec, scope)
        assert parsed.rows.height >= 10, spec.id
        for family, slip in SLIPS[spec.dataset].items():
            found = outcome(spec, scope, parsed, slip)
            if family == "a day earlier" and DATED_BY_CAPTURE & {spec.id}:
                continue
            table.setdefault(family, Counter())[found] += 1
            silent += [(spec.id, family)] if found == "silent" else []
    written = {family: dict(sorted(found.items())) for family, found in table.items()}
    assert silent == [], f"{silent} of {written}"
    assert {name for spec in sources() for name in [spec.dataset]} == set(SLIPS) & set(DATASETS)
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
