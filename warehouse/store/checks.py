"""Between parser and store: the contract, the bounds, the keys and the counts of one capture.

A bad row goes to quarantine with its reason; a bad capture is refused as a whole (SourceChanged) and adds
nothing. In a snapshot source a quarantined key becomes `absent`: the last good price must not be carried on
past a day on which the list said something else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from config.contract_checks import checks, keeps
from config.contracts import DATASETS, LEADERBOARD_SCORE, Dataset, Issue, Parsed
from config.errors import SourceChanged
from config.specs import Bound, SourceSpec

MAX_QUARANTINED_SHARE = 0.5
# A filing accepted on the evening before a long weekend bears the date of four days later; publish.py relies on it.
AHEAD = timedelta(days=7)
# A list of fewer prices may lose most of them honestly.
SMALLEST_LIST_TO_DROP_FROM = 20
ROW = "__row"
# The longest in twenty years of payloads: 212 characters, the axes of a figure.
LONGEST_NAME = 1_000
OWN_WORDS = ("statement_", "note")  # written by us, not by the source


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows that may be appended, the issues found, and how many rows were kept out."""

    rows: pl.DataFrame
    issues: tuple[Issue, ...]
    stated: int
    quarantined: int


def check(spec: SourceSpec, parsed: Parsed, taken_at: datetime) -> Checked:
    """Rows of a capture taken at that instant which satisfy contract, bounds and counts. Raises SourceChanged."""
    checked, bad = _checked(spec, parsed, taken_at)
    _gate(spec, checked.stated, bad)
    return checked


def check_parts(spec: SourceSpec, parts: Iterable[Parsed], taken_at: datetime) -> Iterator[Checked]:
    """The same of a capture that is read in parts. The counts are those of all parts: SourceChanged comes at the end.

    A part is read and checked in a second thread while the one before is appended, which takes but one.
    """
    stated = bad = 0
    coming = (_checked(spec, parsed, taken_at) for parsed in parts)
    with ThreadPoolExecutor(1) as reader:
        ahead = reader.submit(next, coming, None)
        while part := ahead.result():
            ahead = reader.submit(next, coming, None)
            stated, bad = stated + part[0].stated, bad + part[1]
            yield part[0]
    _gate(spec, stated, bad)


def _checked(spec: SourceSpec, parsed: Parsed, taken_at: datetime) -> tuple[Checked, int]:
    """The rows that satisfy contract and bounds, and how many do not."""
    dataset = DATASETS[spec.dataset]
    rows = dataset.complete(parsed.rows).with_row_index(ROW)
    stated = _stated(rows)
    issues: list[Issue] = list(parsed.issues)
    bad: dict[int, str] = {}
    beyond, endless = _bounds(spec.bounds, rows), _too_long(spec, dataset, rows)
    for found in (
        endless,
        _contract(dataset, rows),
        beyond,
        _contradictions(spec, dataset, rows),
        _of_the_future(rows, taken_at),
    ):
        bad = {**found, **bad}
    kept_out = rows.filter(pl.col(ROW).is_in(list(bad))) if bad else rows.clear()
    issues += [
        Issue(bad[row[ROW]], row["locator"] or "", _describe(dataset, row)) for row in kept_out.iter_rows(named=True)
    ]
    good = rows.filter(~pl.col(ROW).is_in(list(bad))) if bad else rows
    if dataset is LEADERBOARD_SCORE:
        good = pl.concat([good, _open(spec.bounds, rows, {row for row, why in bad.items() if beyond.get(row) == why})])
    if spec.kind == "snapshot":
        named = kept_out.filter(~pl.col(ROW).is_in(list(endless)))  # nothing was ever held under a name without end
        good = _with_absences(dataset, good, named, bad)
    good = _once(spec, dataset, good.drop(ROW))
    quarantined = sum(issue.severity == "quarantined" for issue in issues)
    return Checked(good, tuple(issues), stated, quarantined), len(bad)


def _stated(rows: pl.DataFrame) -> int:
    return int((rows["status"] != "absent").sum())


def _contract(dataset: Dataset, rows: pl.DataFrame) -> dict[int, str]:
    if keeps(dataset, rows):
        return {}
    marked, _ = _marked(dataset, rows)
    return marked


def _marked(dataset: Dataset, rows: pl.DataFrame) -> tuple[dict[int, str], int]:
    """Which row breaks which rule. Row by row, and so only used once something is known to be wrong."""
    schema = checks(dataset)
    stated = rows.select(dataset.stated_schema.names())
    wrong: dict[int, str] = {}
    _, failures = schema.filter(stated)
    rules = list(failures.counts())
    details = failures.details()
    invalid = (
        details.with_columns(
            pl.concat_str(
                [
                    pl.when(pl.col(rule) == "invalid").then(pl.lit(f"{rule.replace('|', ': ')} ")).otherwise(pl.lit(""))
                    for rule in rules
                ]
            ).alias("__rules")
        )
        .select([*stated.columns, "__rules"])
        .unique()
    )
    joined = rows.join(invalid, on=stated.columns, how="inner", nulls_equal=True)
    for row, broken in joined.select(ROW, "__rules").iter_rows():
        wrong[row] = f"breaks the contract: {broken.strip()}"
    return wrong, len(failures)


def _too_long(spec: SourceSpec, dataset: Dataset, rows: pl.DataFrame) -> dict[int, str]:
    """Rows with a text that is longer than any name, place or address. Of a board without such a row nobody knows who leads:
    it is refused whole.
    """
    texts = [
        column.name for column in dataset.stated if column.dtype == pl.String and not column.name.startswith(OWN_WORDS)
    ]
    longest = rows.select(pl.col(texts).str.len_bytes().max())
    found: dict[int, str] = {}
    for name in (name for name in texts if (longest[name].item() or 0) > LONGEST_NAME):
        lengths = rows.select(ROW, length=pl.col(name).str.len_chars()).filter(pl.col("length") > LONGEST_NAME)
        for row, length in lengths.iter_rows():
            found.setdefault(row, f"a text of {length:,} characters where a name is due, in {name}")
    if found and dataset is LEADERBOARD_SCORE:
        raise SourceChanged(
            next(iter(found.values())),
            source=spec.id,
            place="rows",
            remedy="look at the archived payload: a column or a separator has probably changed",
        )
    return found


def _bounds(bounds: tuple[Bound, ...], rows: pl.DataFrame) -> dict[int, str]:
    """The rows beyond a bound, with its reason; of several bounds the last."""
    if not bounds:
        return {}
    beyond = rows.select(ROW, *(_beyond(bound).alias(f"{place}") for place, bound in enumerate(bounds)))
    found: dict[int, str] = {}
    for row, *which in beyond.filter(pl.any_horizontal(pl.exclude(ROW))).iter_rows():
        found[row] = [bound.reason for bound, is_beyond in zip(bounds, which, strict=True) if is_beyond][-1]
    return found


def _beyond(bound: Bound) -> pl.Expr:
    outside = pl.lit(False)
    if bound.low is not None:
        outside = outside | (pl.col(bound.column) < bound.low)
    if bound.high is not None:
        outside = outside | (pl.col(bound.column) > bound.high)
    for name, value in bound.where.items():
        outside = outside & (pl.col(name) == value)
    for name, pattern in bound.matching.items():
        outside = outside & pl.col(name).str.contains(f"^(?:{pattern})$")
    for name, pattern in bound.unless.items():
        outside = outside & ~pl.col(name).str.contains(f"^(?:{pattern})$")
    return outside


def _open(bounds: tuple[Bound, ...], rows: pl.DataFrame, beyond: set[int]) -> pl.DataFrame:
    """Scores of boards beyond a bound, as rows without a score: nobody leads because the best entrant has been left out."""
    bound = next((bound for bound in bounds if bound.column == "value"), None)
    if bound is None or not beyond:
        return rows.clear()
    outside = (pl.col("value") < bound.low) | (pl.col("value") > bound.high)
    return (
        rows.filter(pl.col(ROW).is_in(list(beyond)) & outside)
        .with_columns(
            value=None,
            value_exact=None,
            value_low=bound.low,
            value_high=bound.high,
            rank=None,
            note=pl.lit(bound.reason),
        )
        .cast(rows.schema)
    )


def _contradictions(spec: SourceSpec, dataset: Dataset, rows: pl.DataFrame) -> dict[int, str]:
    """Two rows for one key with different values: a list cannot mean both, so neither is taken."""
    if spec.kind != "snapshot" or not _repeats(rows, dataset.key):
        return {}
    values = pl.struct(dataset.payload).n_unique().over(dataset.key)
    return dict.fromkeys(rows.filter(values > 1)[ROW].to_list(), "two rows for one key with different values")


def _repeats(rows: pl.DataFrame, names: Sequence[str]) -> bool:
    """Whether the named columns may say the same twice: equal hashes may be chance, unequal ones are not."""
    return bool(rows.select(names).hash_rows().is_duplicated().any())


def _of_the_future(rows: pl.DataFrame, taken_at: datetime) -> dict[int, str]:
    """Nobody can have captured what was published later: a slip in the date, of the source's or of who ingested it."""
    newest = rows["known_at"].max()
    if newest is None or newest <= taken_at + AHEAD:  # type: ignore[operator]
        return {}
    late = rows.filter(pl.col("known_at") > taken_at + AHEAD)[ROW].to_list()
    return dict.fromkeys(late, "dated after the instant of its capture")


def _gate(spec: SourceSpec, stated: int, bad: int) -> None:
    if not spec.rows.min <= stated <= spec.rows.max:
        raise SourceChanged(
            f"{stated:,} rows where {spec.rows.min:,} to {spec.rows.max:,} are expected",
            source=spec.id,
            place="row count",
            remedy="look at the archived payload; if the source really changed, mend the parser or the declared rows",
        )
    if bad > MAX_QUARANTINED_SHARE * max(stated, 1):
        raise SourceChanged(
            f"{bad:,} of {stated:,} rows break the contract or the bounds",
            source=spec.id,
            place="rows",
            remedy="look at the archived payload: a unit or a column has probably changed",
        )


def refuse_a_drop(spec: SourceSpec, checked: Checked, held: int) -> None:
    """Raise SourceChanged when a fetched list has lost too much of the `held` prices it stated just before."""
    left = _stated(checked.rows)
    if held >= SMALLEST_LIST_TO_DROP_FROM and left < (1 - spec.rows.max_drop_share) * held:
        raise SourceChanged(
            f"{left:,} rows are left of {held:,}",
            source=spec.id,
            place="row count",
            remedy="look at the archived payload; if the list really shrank so much, `capex-signals accept` the capture",
        )


def _with_absences(dataset: Dataset, good: pl.DataFrame, bad: pl.DataFrame, reasons: dict[int, str]) -> pl.DataFrame:
    """Quarantined keys as `absent` rows; every absent row carries nothing but its key, its place and its note."""
    required = [column.name for column in dataset.own if column.name in dataset.key and not column.nullable]
    notes = pl.col(ROW).replace_strict(reasons or {0: ""}, default="", return_dtype=pl.String)
    stated = good.lazy()
    turned = bad.lazy().drop_nulls(required).with_columns(status=pl.lit("absent"), note=pl.lit("quarantined: ") + notes)
    if "absence" in dataset.payload:
        turned = turned.with_columns(absence=pl.lit("quarantined"))
        stated = stated.with_columns(absence=pl.when(status="absent").then(pl.col("absence").fill_null("no_price")))
    empty = [
        pl.when(pl.col("status") == "absent").then(None).otherwise(pl.col(name)).alias(name)
        for name in dataset.payload
        if name not in {"status", "absence"}
    ]
    return pl.concat([stated, turned] if bad.height else [stated]).with_columns(empty).collect()


def _once(spec: SourceSpec, dataset: Dataset, rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each distinct statement: the first by position, whatever the order of the payload."""
    key = [*dataset.key] if spec.kind == "snapshot" else [*dataset.key, "document_id"]
    if not _repeats(rows, key):  # as most captures
        return rows
    identity = [*dataset.key] if spec.kind == "snapshot" else [*dataset.key, "document_id", *dataset.payload]
    # Sorting text is dear: only what may be said twice is compared in full.
    if not _repeats(rows, identity):
        return rows
    return rows.sort("locator", *dataset.key, nulls_last=True).unique(identity, keep="first", maintain_order=True)


def _describe(dataset: Dataset, row: dict[str, object]) -> str:
    names = [*dataset.key, "value", "value_exact"]
    return ", ".join(f"{name}={row[name]}" for name in names if row.get(name) not in {None, ""})
