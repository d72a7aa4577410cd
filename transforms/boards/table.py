"""What the readers of leaderboard copies share: strict tables, blanks, interval texts, the end of a board's day.

A reader makes a *draft*: one row for each entrant with locator, entrant, organization, license, category, scored_on,
value, value_exact, value_low, value_high, votes and rank, and where it has them three reasons: out (why the row is none
of this board), fault (why its score cannot be told) and slip (which other cell of it cannot be read).
`statements` turns the draft into rows of the contract and everything else into issues.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta

import polars as pl

from config.contracts import INSTANT, LEADERBOARD_SCORE, Capture, Issue, Parsed
from config.errors import SourceChanged
from config.specs import SourceSpec

KNOWN_AT_BASIS = "board_date_end_of_day"
# Cells by which boards say "nothing". Words that a program writes for a missing number may be somebody's name.
BLANK_NAMES = ("", "-", "n/a")
BLANKS = (*BLANK_NAMES, "none", "null", "nan")
NUMBER = r"^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$"
WHOLE = r"^\d+$"
ENTRY = ("category", "scored_on", "entrant")
REASONS = ("out", "fault", "slip")
NAMELESS = "(no name)"  # an entrant whose name the board leaves out
DRAFT: Mapping[str, pl.DataType] = {
    name: dtype
    for name, dtype in LEADERBOARD_SCORE.stated_schema.items()
    if name in {*LEADERBOARD_SCORE.payload, *ENTRY, "license", "value_exact"} - {"status"}
}

# What arrives in place of a table, by its first bytes. A pickle can run code when read: it is never opened.
FOREIGN: Mapping[bytes, str] = {
    b"version https://git-lfs": "a Git LFS pointer, not the file it points to",
    b"\x80": "a Python pickle, which is never opened",
    b"<": "a web page",
}


def refuse_foreign(payload: bytes, capture: Capture) -> None:
    """Raise SourceChanged for an empty body, a web page, a Git LFS pointer or a pickle."""
    head = payload.lstrip()[:32]
    if not head:
        raise changed("the body is empty", capture)
    for start, what in FOREIGN.items():
        if head.startswith(start):
            raise changed(f"the body is {what}", capture)


def changed(message: str, capture: Capture, place: str = "") -> SourceChanged:
    """The error for a payload of another shape than declared."""
    return SourceChanged(
        message,
        source=capture.source,
        place=place or capture.url,
        remedy=f"look at the capture and mend transforms/sources/{capture.source}.py",
    )


def read_csv(
    payload: bytes, capture: Capture, read: Mapping[str, tuple[str, ...]], ignored: Sequence[str] | None
) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """The columns of a CSV as text under our names, with `locator`: row (1 is the first below the header), column.

    `read` gives our name -> the headers it has had over the years; exactly one of them must be there, and `score`
    among the names. Other columns are reported unless `ignored` (None: all of them are). Raises SourceChanged, also for
    a line with too many or too few cells: whose it is cannot be told, and it may be the leader's.
    """
    refuse_foreign(payload, capture)
    header, *lines = _cells(payload, capture)
    places, notices = _places(header, capture, read, ignored)
    ragged = [row for row, line in enumerate(lines, 1) if len(line) != len(header)]
    if ragged:
        cells = f"{len(lines[ragged[0] - 1])} cells under {len(header)} headers"
        raise changed(f"{len(ragged)} torn lines, the first with {cells}", capture, f"row {ragged[0]}")
    texts = {name: [line[at] for line in lines] for name, at in places.items()}
    texts["locator"] = [f"row {row}, column {header[places['score']]}" for row in range(1, len(lines) + 1)]
    return pl.DataFrame(texts, schema=dict.fromkeys(texts, pl.String)), notices


def _cells(payload: bytes, capture: Capture) -> list[list[str]]:
    try:
        text = payload.decode("utf-8-sig")
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except (UnicodeDecodeError, csv.Error) as error:
        raise changed(f"not a CSV in UTF-8: {error}", capture) from error
    if not lines:
        raise changed("no header", capture)
    return lines


def _places(
    header: list[str], capture: Capture, read: Mapping[str, tuple[str, ...]], ignored: Sequence[str] | None
) -> tuple[dict[str, int], tuple[Issue, ...]]:
    places = {}
    for name, spellings in read.items():
        found = [at for at, title in enumerate(header) if title in spellings]
        if len(found) != 1:
            raise changed(f"{len(found)} columns {' or '.join(spellings)} where one is expected: {header}", capture)
        places[name] = found[0]
    if ignored is None:
        return places, ()
    known = {title for spellings in read.values() for title in spellings} | set(ignored)
    return places, unknown_columns(set(header) - known)


def unknown_columns(names: set[str]) -> tuple[Issue, ...]:
    """One notice for each column or field that is neither read nor knowingly ignored."""
    return tuple(
        Issue("unknown column", f"column {name}", "it is neither read nor declared as ignored", "notice")
        for name in sorted(names)
    )


def stated(name: str) -> pl.Expr:
    """A text as stated, trimmed; NULL where the cell says nothing."""
    text = pl.col(name).str.strip_chars()
    return pl.when(text.str.to_lowercase().is_in(BLANKS)).then(None).otherwise(text)


def named(name: str) -> pl.Expr:
    """A name as stated, trimmed; NULL where the cell is empty or a dash. "NaN" and "null" are names like any other."""
    text = pl.col(name).str.strip_chars()
    return pl.when(text.str.to_lowercase().is_in(BLANK_NAMES)).then(None).otherwise(text)


def number(name: str) -> pl.Expr:
    """A text as a finite number; NULL where it is none."""
    text = stated(name)
    return pl.when(text.str.contains(NUMBER)).then(text).cast(pl.Float64, strict=False)


def whole(name: str) -> pl.Expr:
    """A text as a whole number; NULL where it is none."""
    text = stated(name)
    return pl.when(text.str.contains(WHOLE)).then(text).cast(pl.Int64, strict=False)


def interval(name: str) -> tuple[pl.Expr, pl.Expr]:
    """How far an interval text reaches below and above the score: `+4/-5`, `-5/+4`, `±8` (or `+-8`)."""
    text = stated(name).str.replace_all(r"\s", "")
    both = text.str.extract(r"^(?:±|\+/?-)(\d+(?:\.\d+)?)$")
    above = pl.coalesce(both, text.str.extract(r"^(?:-\d+(?:\.\d+)?/)?\+(\d+(?:\.\d+)?)(?:/-\d+(?:\.\d+)?)?$"))
    below = pl.coalesce(both, text.str.extract(r"^(?:\+\d+(?:\.\d+)?/)?-(\d+(?:\.\d+)?)(?:/\+\d+(?:\.\d+)?)?$"))
    return below.cast(pl.Float64, strict=False), above.cast(pl.Float64, strict=False)


def unreadable(name: str, value: pl.Expr) -> pl.Expr:
    """The fault of a cell that says something `value` cannot read; NULL otherwise."""
    detail = pl.concat_str(pl.lit(f"unreadable {name}: "), pl.col(name))
    return pl.when(stated(name).is_not_null() & value.is_null()).then(detail)


def check_unit(top: float | None, unit: str, capture: Capture, place: str = "") -> None:
    """Raise SourceChanged where the highest score is none of the unit: shares that have turned into percent, or back."""
    if top is None:
        raise changed("no scores at all", capture, place)
    if (unit == "share" and top > 1) or (unit == "percent" and not 1 < top <= 100):
        raise changed(f"scores up to {top:g} where a {unit} is declared", capture, place)


def end_of_day(day: pl.Expr, zone: str) -> pl.Expr:
    """The naive UTC instant at which `day` is over in the publisher's zone."""
    midnight = day.cast(pl.Datetime("us")) + pl.duration(days=1)
    return midnight.dt.replace_time_zone(zone).dt.convert_time_zone("UTC").dt.replace_time_zone(None)


def statements(
    draft: pl.DataFrame,
    capture: Capture,
    spec: SourceSpec,
    board: str,
    *,
    prefix: str = "",
    notices: Sequence[Issue] = (),
    zero_is_a_score: bool = False,
    rank_is_enough: bool = False,
) -> Parsed:
    """The draft's sound rows as statements about `board`, the rest as issues.

    document_id is "<prefix><board>@<day>"; known_at the end of the day in the publisher's zone, or left to the capture
    where that is the proof. A row without a score or a day, or dated after its capture is an issue. One without a name stands
    as "(no name)": it may be the leader's, and its organisation is often stated.
    Boards in points write 0.0 for a score they do not have; where nothing solved is a score, zero_is_a_score.
    rank_is_enough is for copies that give only the ranks of a board. Of equal rows about one entrant one is kept. Where
    there is no telling what the score is (differing rows, a text that is no number, an interval that does not hold it),
    that is an issue, and a row without a score holds the entrant's place between the lowest and the highest it can be,
    so that nobody leads in its absence (transforms/boards/lead.py). A score whose interval, votes, rank or cost cannot be read
    stands without them.
    """
    value, rank = pl.col("value"), pl.col("rank")
    in_doubt = pl.col("fault").is_not_null()
    scored = value.is_finite() & (pl.lit(zero_is_a_score) | (value != 0))
    stands = scored.fill_null(value=False) | (pl.lit(rank_is_enough) & value.is_null() & rank.is_not_null())
    marked = _filled(draft).with_columns(out=pl.coalesce("out", _out(capture, stands | in_doubt)))
    marked = marked.with_columns(fault=pl.coalesce("fault", pl.when(pl.col("out").is_null()).then(_torn())))
    marked = _named(marked)
    sound = _open(marked.filter(pl.col("out").is_null()), spec)
    single, disputed = _told_once(sound)
    rows = pl.concat([single, _disputed(disputed)], how="diagonal").with_columns(
        board=pl.lit(board),
        document_id=pl.concat_str(pl.lit(f"{prefix}{board}@"), pl.col("scored_on").cast(pl.String)),
        **_known(spec),
        source_url=pl.lit(capture.url or spec.homepage),
        evidence_tier=pl.lit(spec.tier),
    )
    repeats = sound.height - single.height - disputed.height
    issues = (*_issues(marked), *_conflicts(disputed), *_repeats(repeats))
    return Parsed(LEADERBOARD_SCORE.complete(rows), (*notices, *issues))


def _told_once(sound: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One row for each entrant of a day, and the differing rows about the others, each once."""
    if not sound.select(pl.struct(ENTRY).is_duplicated().any()).item():
        return sound, sound.clear()
    single = sound.unique([name for name in sound.columns if name != "locator"], keep="first", maintain_order=True)
    conflict = single.select(pl.struct(ENTRY).is_duplicated()).to_series()
    return single.filter(~conflict), single.filter(conflict)


def _known(spec: SourceSpec) -> dict[str, pl.Expr]:
    if spec.known_at.proof == "capture":
        return {"known_at": pl.lit(None, dtype=INSTANT), "known_at_basis": pl.lit(None, dtype=pl.String)}
    return {"known_at": end_of_day(pl.col("scored_on"), spec.known_at.zone), "known_at_basis": pl.lit(KNOWN_AT_BASIS)}


def _filled(draft: pl.DataFrame) -> pl.DataFrame:
    draft = draft.with_columns(
        pl.lit(None, dtype=dtype).alias(name) for name, dtype in DRAFT.items() if name not in draft.columns
    )
    draft = draft.with_columns(
        pl.lit(None, dtype=pl.String).alias(name) for name in REASONS if name not in draft.columns
    )
    reasons = pl.col(REASONS).cast(pl.String)
    return draft.select("locator", *(pl.col(name).cast(dtype) for name, dtype in DRAFT.items()), reasons)


def _named(marked: pl.DataFrame) -> pl.DataFrame:
    """Rows that say something about an entrant whose name is left out, under a name that says so."""
    nameless = pl.col("entrant").is_null() & pl.col("out").is_null()
    return marked.with_columns(
        entrant=pl.when(nameless).then(pl.lit(NAMELESS)).otherwise("entrant"),
        slip=pl.when(nameless).then(pl.lit("no entrant")).otherwise("slip"),
    )


def _out(capture: Capture, stands: pl.Expr) -> pl.Expr:
    """Why a row says nothing about anybody on this board."""
    # A board may be dated by a zone that is ahead of UTC: one day is allowed.
    newest = max(capture.fetched_at, capture.taken_at).date() + timedelta(days=1)
    return (
        pl.when(pl.col("scored_on").is_null()).then(pl.lit("no day"))
        .when(pl.col("scored_on") > newest).then(pl.lit("dated after its capture"))
        .when(~stands).then(pl.lit("no score"))
    )  # fmt: skip


def _torn() -> pl.Expr:
    value, low, high = pl.col("value"), pl.col("value_low"), pl.col("value_high")
    return pl.when((low > value) | (high < value)).then(pl.lit("the interval does not hold the score"))


def _open(told: pl.DataFrame, spec: SourceSpec) -> pl.DataFrame:
    """The rows that say something, with what is wrong as their note; the score of a fault lies between what it can be."""
    note = pl.coalesce("fault", "slip")
    if told["fault"].is_null().all():
        return told.select(pl.exclude(REASONS), note=note)
    least, most = next(((bound.low, bound.high) for bound in spec.bounds if bound.column == "value"), (None, None))
    torn = pl.col("fault").eq_missing(_torn())
    ends = {
        "value_low": pl.when(torn).then(pl.min_horizontal("value", "value_low", "value_high")).otherwise(least),
        "value_high": pl.when(torn).then(pl.max_horizontal("value", "value_low", "value_high")).otherwise(most),
        "value": None, "value_exact": None, "rank": None,
    }  # fmt: skip
    fault = pl.col("fault").is_not_null()
    opened = {name: pl.when(fault).then(end).otherwise(name) for name, end in ends.items()}
    return told.with_columns(**opened).select(pl.exclude(REASONS), note=note)


def _issues(marked: pl.DataFrame) -> list[Issue]:
    reason = pl.coalesce("fault", "out", "slip")
    bad = marked.select("locator", "entrant", "slip", reason=reason).filter(pl.col("reason").is_not_null())
    return [
        Issue(reason.split(":")[0], locator, f"{entrant}: {reason}", "notice" if reason == slip else "quarantined")
        for locator, entrant, slip, reason in bad.iter_rows()
    ]


def _conflicts(rows: pl.DataFrame) -> list[Issue]:
    shown = rows.select("locator", "entrant", "scored_on", "value", "rank").iter_rows()
    return [
        Issue("entrant stated twice, differently", locator, f"{entrant} on {day}: score {value}, rank {rank}")
        for locator, entrant, day, value, rank in shown
    ]


def _disputed(rows: pl.DataFrame) -> pl.DataFrame:
    """One row for each entrant that is stated twice, differently: no score and no rank, but between which ends it is."""
    same = pl.col("organization").first()
    return rows.group_by(ENTRY, maintain_order=True).agg(
        pl.col("locator", "license").first(),
        organization=pl.when(pl.col("organization").n_unique() == 1).then(same),
        value_low=pl.coalesce("value_low", "value").min(),
        value_high=pl.coalesce("value_high", "value").max(),
        note=pl.lit("stated twice, differently"),
    )


def _repeats(count: int) -> list[Issue]:
    return [Issue("repeated rows", "", f"{count} rows repeat another one word for word", "notice")] if count else []
