"""What is known of the identity of a company's lines changes on some days; each span between two of them is an epoch.

Which tags are one line, which sources state a line alike, which figure is a slip, and whether one is stated still, decides which
figures answer and of which a difference is taken. All are evidence, known with the filing that shows it, or the capture that lacks
it. So each epoch is derived from what had been stated before its end alone. Where one begins, what answers otherwise than a moment
before is stated anew, known from then on, and what no longer answers is withdrawn: an answer for a day before is what it was.

Companies whose lines never change, which is nearly all, are derived once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import polars as pl

LAST_WINS = [
    "known_at", "preference", "decimals", "document_id", "capture_sha256", "locator", "concept", "period_start", "period_end",
    "value",
]  # fmt: skip
# What the published file calls a series (warehouse/views/15_company_period.sql).
SERIES = [
    "subject", "dimensions", "definition", "unit", "period_kind", "fiscal_year", "fiscal_quarter", "loose_start", "loose_end",
    "source", "evidence_tier",
]  # fmt: skip
STATE = ["concept", "value", "value_low", "value_high", "value_exact", "status", "document_id", "locator", "inputs"]
FIXED_KINDS = ["quarter", "half", "nine_months", "year"]
GONE = ["absent", "withdrawn"]
EVER = (datetime(1, 1, 1), datetime(9999, 12, 31))  # noqa: DTZ001  instants are naive UTC

Turns = Iterable[tuple[str, datetime]]


class Steps(NamedTuple):
    """How rows get their lines by what was stated before an instant (None: ever), when filings show a slip, when their sources
    part or agree or what a difference is taken of is gone or back, and what follows from them."""

    label: Callable[[pl.DataFrame, datetime | None], pl.DataFrame]
    slip_turns: Callable[[pl.DataFrame], Turns]
    operand_turns: Callable[[pl.DataFrame], Turns]
    derive: Callable[[pl.DataFrame], pl.DataFrame]


def in_epochs(named: pl.DataFrame, line_turns: Turns, steps: Steps) -> pl.DataFrame:
    """What `steps` makes of the rows, each company by its epochs. `line_turns` are those of lines.turns."""
    lines = _by_company(line_turns)
    steady = steps.label(named.filter(~pl.col("company").is_in(list(lines))), None)
    sources = _by_company([*steps.slip_turns(steady), *steps.operand_turns(steady)])
    parts = [steps.derive(steady.filter(~pl.col("company").is_in(list(sources))))]
    for company in sorted(lines.keys() | sources.keys()):
        mine = named.filter(pl.col("company") == company)
        parts.append(_joined(_epochs(mine, lines.get(company, set()), steps)))
    return pl.concat(parts)


def _by_company(turns: Turns) -> dict[str, set[datetime]]:
    found: dict[str, set[datetime]] = {}
    for company, instant in turns:
        found.setdefault(company, set()).add(instant)
    return found


def _epochs(rows: pl.DataFrame, instants: set[datetime], steps: Steps) -> list[tuple[datetime, pl.DataFrame]]:
    """(beginning, what follows from the rows known before its end) of each epoch of one company."""
    found = []
    for since, until in pairwise([EVER[0], *sorted(instants), EVER[1]]):
        labelled = steps.label(rows.filter(pl.col("known_at") < until), until)
        slips = sorted({instant for _, instant in steps.slip_turns(labelled) if since < instant < until})
        for shown, unshown in pairwise([since, *slips, until]):
            ends_here = unshown == until
            within = labelled if ends_here else steps.label(rows.filter(pl.col("known_at") < unshown), unshown)
            parted = sorted({instant for _, instant in steps.operand_turns(within) if instant > shown})
            for begins, ends in pairwise([shown, *parted, unshown]):
                found.append((begins, steps.derive(within.filter(pl.col("known_at") < ends))))
    return found


def _joined(epochs: list[tuple[datetime, pl.DataFrame]]) -> pl.DataFrame:
    """The rows of each epoch that became known in it, and at its beginning what answers otherwise than before."""
    parts = [epochs[0][1]]
    for (_, before), (since, after) in pairwise(epochs):
        new = after.filter(pl.col("known_at") >= since)
        parts += [_turned(before, after, since), new]
    return pl.concat(parts)


def _turned(before: pl.DataFrame, after: pl.DataFrame, since: datetime) -> pl.DataFrame:
    """What is stated anew or withdrawn where an epoch begins; what a filing of that instant states itself is not."""
    was, now = _answers(before), _answers(after.filter(pl.col("known_at") < since))
    changed = now.join(was, on=[*SERIES, *STATE], how="anti", nulls_equal=True)
    gone = was.filter(~pl.col("status").is_in(GONE)).join(now, on=SERIES, how="anti", nulls_equal=True)
    withdrawn = gone.with_columns(
        pl.lit("withdrawn").alias("status"),
        *(
            pl.lit(None, before.schema[name]).alias(name)
            for name in ("value", "value_exact", "value_low", "value_high")
        ),
    )
    at_once = after.filter(pl.col("known_at") == since)
    said = _with_series(at_once).select(SERIES)
    told = f"Counts from {since:%Y-%m-%d} on: it is shown what is one line, which figure is a slip, or what is stated no more."
    return (
        pl.concat([changed, withdrawn])
        .join(said, on=SERIES, how="anti", nulls_equal=True)
        .select(before.columns)
        .with_columns(
            known_at=pl.lit(since, before.schema["known_at"]),
            known_at_basis=pl.lit("latest_input"),
            first_seen_at=pl.max_horizontal("first_seen_at", pl.lit(at_once["first_seen_at"].min())),
            note=pl.concat_str(pl.col("note").fill_null(""), pl.lit(told), separator=" ").str.strip_chars(),
        )
    )


def _answers(rows: pl.DataFrame) -> pl.DataFrame:
    """The last row of each series, with SERIES."""
    return _with_series(rows).sort(LAST_WINS, nulls_last=False).unique(SERIES, keep="last", maintain_order=True)


def _with_series(rows: pl.DataFrame) -> pl.DataFrame:
    loose = ~pl.col("period_kind").is_in(FIXED_KINDS)
    doubtful = pl.concat_str(pl.lit("doubtful "), "concept")
    return rows.with_columns(
        subject=pl.when(pl.col("status") == "doubtful").then(doubtful).otherwise(pl.coalesce("metric", "concept")),
        loose_start=pl.when(loose).then("period_start"),
        loose_end=pl.when(loose).then("period_end"),
    )
