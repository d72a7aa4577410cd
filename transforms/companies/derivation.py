"""Quarters by difference: the year less nine months, nine months less the half, the half less the first quarter.

Each statement of the longer period (each filing, also one that repeats it as a comparative) is paired with the newest
statement of the shorter one known by then. A later restatement of the shorter period alone creates nothing: the
difference of a restated and an unrestated figure is not a quarter. For the same reason a pair is refused when the
longer figure was restated and the shorter one was last stated beside the old value: META's year 2022 became 31,186
instead of 31,431 million dollars when the line turned net, its nine months of 22,388 never did. A comparative that repeats
the shorter figure as it was stands beside the value that the longer one had then: META's cash flow of 2015, 8,599 until
the next annual report made it 10,320, and its nine months of 5,772, repeated three months before. Once the shorter one
is restated too (a 10-K/A, and its 10-Q/As two weeks later) the two are of one vintage, from that day on.

A longer figure may be of another basis from its first day: then its document states the year before anew as well, and the
one with the shorter figure did not. Alphabet's annual report of 2016 had bought 2,326 million dollars of other investments in
2015 where 2,172 had stood; the nine months of 2016, 673 beside an unchanged 1,771, became 862 a year later.

Operands share company, metric, definition, unit, dimensions, line and fiscal year; their tags may differ, because
companies change tags between two filings of one year. They are of one source, or of two of one tier that state alike
what both state (nine months from the filing itself, the year from company facts). What a figure stood at before is told by every
source that tags its line.

A quarter that a filing states beside the longer figure has no difference, and one stated before is not replaced by a
difference that only rounds differently.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple

import polars as pl

from transforms.companies.rounding import alike, alike_columns, grain

ORDER = ["known_at", "form_rank", "decimals", "document_id", "capture_sha256", "locator"]
SERIES = ["company", "metric", "definition", "unit", "dimensions", "line", "source", "fiscal_year"]
KIN = ["company", "metric", "definition", "unit", "dimensions", "line", "source"]
# What a figure stood at before is told by whoever tags its line.
LINE_OF_YEAR = [name for name in SERIES if name != "source"]
# What one source says by one tag of one period, in whatever document.
FIGURE = ["company", "concept", "dimensions", "definition", "unit", "source", "period_start", "period_end"]
GONE = ["absent", "withdrawn"]
OPERAND_STATUSES = ["reported", "manual", "estimated"]
DIFFERENCES_KEPT = ["currency", "form", "form_rank", "document_id", "locator", "source_url", "scope", "capture_sha256"]


# A difference of two figures in millions is off by one of them at most; what is rounded coarser comes from no filing.
LARGEST_UNIT = 1e6


class Step(NamedTuple):
    """One difference: `longer` less `shorter` is fiscal quarter `quarter`."""

    longer: str
    shorter: str
    quarter: int


# Each begins with what the one before ends with.
STEPS = (Step("year", "nine_months", 4), Step("nine_months", "half", 3), Step("half", "quarter", 2))


def derived_quarters(facts: pl.DataFrame) -> pl.DataFrame:
    """The quarters that follow from rows of additive metrics with period labels; one for each longer statement.

    Columns: those of company_fact with metric, concept_rank, formula and inputs, without period labels.
    """
    rows = pl.concat([_difference(pairs.filter(~pl.col("mixed")), step) for step, pairs in _pairs(facts)])
    return _beside_stated(rows, facts)


def refused_quarters(facts: pl.DataFrame) -> pl.DataFrame:
    """Pairs that are not of one vintage: SERIES, fiscal_quarter, known_at of the restated figure, first_seen_at of both, reason."""
    return pl.concat(
        [
            pairs.filter(pl.col("mixed")).select(
                *SERIES,
                pl.lit(step.quarter, pl.Int32).alias("fiscal_quarter"),
                "known_at",
                pl.max_horizontal("first_seen_at", "first_seen_at_2").alias("first_seen_at"),
                pl.when("recast")
                .then(pl.lit(f"the year before restated beside the {step.longer}, not beside the {step.shorter}"))
                .otherwise(pl.lit(f"{step.longer} restated, {step.shorter} not"))
                .alias("reason"),
            )
            for step, pairs in _pairs(facts)
        ]
    )


def _beside_stated(derived: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """The differences without those that a filing makes needless: it states the quarter beside the longer figure, or it was
    stated before and differs by the operands' rounding alone."""
    on = ["company", "metric", "definition", "unit", "dimensions", "line", "period_end"]
    stated = facts.filter(
        (pl.col("period_kind") == "quarter") & pl.col("value").is_not_null() & pl.col("status").is_in(OPERAND_STATUSES)
    ).select(
        *on,
        pl.col("known_at").alias("stated_at"),
        pl.col("value").alias("stated_value"),
        pl.col("document_id").alias("stated_in"),
    )
    numbered = derived.with_row_index("difference")
    held = numbered.join(stated, on=on, how="inner", nulls_equal=True).filter(pl.col("stated_at") <= pl.col("known_at"))
    last = held.filter(pl.col("stated_at") == pl.col("stated_at").max().over("difference"))
    unit = pl.max_horizontal(grain("value"), grain("stated_value"))
    same = last.filter((pl.col("value") - pl.col("stated_value")).abs() <= unit.clip(upper_bound=LARGEST_UNIT))
    beside = held.filter(pl.col("stated_in") == pl.col("document_id"))
    needless = pl.concat([same.select("difference"), beside.select("difference")])
    return numbered.join(needless, on="difference", how="anti").drop("difference")


def _pairs(facts: pl.DataFrame) -> Iterator[tuple[Step, pl.DataFrame]]:
    """Of each step the longer rows with the shorter row each is paired with (suffix _2), and whether they are of two vintages (`mixed`)."""
    operands, kin = _operands(facts), _kin(facts)
    first = operands.filter((pl.col("period_kind") == "quarter") & (pl.col("fiscal_quarter") == 1))
    longer = [operands.filter(pl.col("period_kind") == step.longer) for step in STEPS]
    standing = [_standing(rows) for rows in (*longer, first)]
    for step, (long, short) in zip(STEPS, pairwise(standing), strict=True):
        yield step, _paired(long.with_row_index("pair"), short, kin)


def _operands(facts: pl.DataFrame) -> pl.DataFrame:
    return facts.filter(pl.col("value").is_not_null() & pl.col("status").is_in(OPERAND_STATUSES))


def _paired(longer: pl.DataFrame, shorter: pl.DataFrame, kin: pl.DataFrame) -> pl.DataFrame:
    offered = _offered(shorter, kin)
    candidates = longer.join(offered, on=SERIES, how="inner", suffix="_2")
    newest = _newest(candidates.filter(pl.col("known_at_2") <= pl.col("known_at")), "pair")
    if newest.is_empty():  # of no longer figure was the shorter one known by then
        return newest.with_columns(mixed=pl.lit(value=False), recast=pl.lit(value=False))
    recast = _recast(newest, longer, offered)
    told = newest.join(_mixed(newest, longer), on="pair", how="left").with_columns(
        mixed=pl.col("mixed").fill_null(value=False) | pl.col("pair").is_in(recast), recast=pl.col("pair").is_in(recast)
    )
    refused = told.filter("mixed")
    if refused.is_empty():  # as of most companies: nothing was restated alone, and nothing has caught up
        return told
    return pl.concat([told, _caught_up(candidates, refused, longer).select(told.columns)])


def _newest(candidates: pl.DataFrame, pair: str) -> pl.DataFrame:
    """The newest shorter row of each pair; one of the longer row's own source before any of another."""
    # Within one filing two tags of a line may state the shorter period: the tag of the longer one is taken first.
    ordered = candidates.with_columns(same_tag=pl.col("concept") == pl.col("concept_2"))
    by = [pair, "own", "known_at_2", "same_tag", *(f"{name}_2" for name in ORDER[1:])]
    return ordered.sort(by).unique(pair, keep="last", maintain_order=True)


def _offered(shorter: pl.DataFrame, kin: pl.DataFrame) -> pl.DataFrame:
    """The shorter rows for the longer ones of their source (`own`), and for those of another that states alike."""
    own = shorter.with_columns(own=pl.lit(value=True))
    if kin.is_empty():
        return own
    lent = own.join(kin, on=KIN, how="inner", nulls_equal=True).with_columns(
        own=pl.lit(value=False), source=pl.col("source_kin")
    )
    return pl.concat([own, lent.select(own.columns)])


def _standing(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows in order, with the `run` of statements each value has stood in, whoever states it, since when (`stood_since`) and the
    document it came with."""
    ordered = rows.sort(ORDER).with_columns(value_before=pl.col("value").shift().over(LINE_OF_YEAR))
    numbered = ordered.with_columns(
        run=(~alike_columns("value", "value_before")).fill_null(value=True).cum_sum().over(LINE_OF_YEAR)
    )
    run = [*LINE_OF_YEAR, "run"]
    return numbered.with_columns(
        stood_since=pl.col("known_at").first().over(run), stood_in=pl.col("document_id").first().over(run)
    ).drop("value_before")


def _kin(facts: pl.DataFrame) -> pl.DataFrame:
    """(KIN, source_kin): pairs of sources of one tier that tag a line, and state no period of it differently."""
    told = _told_twice(facts)
    if told.is_empty():
        return told.select(*KIN, source_kin="source")
    span = ["period_start", "period_end"]
    last = told.sort(ORDER).unique([*KIN, *span], keep="last", maintain_order=True)
    pairs = last.select(*KIN, "evidence_tier").unique()
    both = pairs.join(pairs, on=[*KIN[:-1], "evidence_tier"], how="inner", suffix="_kin")
    two = both.filter(pl.col("source") != pl.col("source_kin")).select(*KIN, "source_kin")
    said = last.select(*KIN, *span, "value")
    compared = two.join(said, on=KIN, how="inner").join(
        said.rename({"source": "source_kin", "value": "value_kin"}), on=[*KIN[:-1], "source_kin", *span], how="inner"
    )
    return two.join(compared.filter(~alike_columns("value", "value_kin")), on=[*KIN, "source_kin"], how="anti")


def _told_twice(facts: pl.DataFrame) -> pl.DataFrame:
    """The operands of lines that more than one source tags."""
    tagged = pl.col("line").str.contains(":", literal=True)
    told = _operands(facts).filter(tagged)
    return told.filter(pl.col("source").n_unique().over(KIN[:-1]) > 1)


def kin_turns(facts: pl.DataFrame) -> Iterator[tuple[str, datetime]]:
    """(company, instant) at which two sources of a line begin or cease to state alike what both state."""
    columns = ["known_at", "company", "source", "period_start", "period_end", "value"]
    for _, told in _told_twice(facts).sort(ORDER).group_by([*KIN[:-1], "evidence_tier"], maintain_order=True):
        last: dict[tuple[object, object], dict[str, float]] = {}
        differing: set[tuple[object, object, str, str]] = set()
        for (known_at, company), stated in told.select(columns).group_by("known_at", "company", maintain_order=True):
            before = {pair[2:] for pair in differing}
            for _, _, source, start, end, value in stated.iter_rows():
                said = last.setdefault((start, end), {})
                said[source] = value
                for other in said.keys() - {source}:
                    pair = (start, end, min(source, other), max(source, other))
                    (differing.discard if alike(value, said[other]) else differing.add)(pair)
            if before != {pair[2:] for pair in differing}:
                yield str(company), known_at


def standing_operands(facts: pl.DataFrame) -> pl.DataFrame:
    """The rows of figures that are stated still: of one that was withdrawn nothing is computed, whatever it said before."""
    if not facts["status"].is_in(GONE).any():  # as of most companies
        return facts
    last = facts.sort(ORDER).unique(FIGURE, keep="last", maintain_order=True)
    return facts.join(last.filter(pl.col("status").is_in(GONE)), on=FIGURE, how="anti", nulls_equal=True)


def gone_turns(facts: pl.DataFrame) -> Iterator[tuple[str, datetime]]:
    """(company, instant) at which a figure that an answer may rest on is withdrawn, or is back."""
    if not facts["status"].is_in(GONE).any():
        return
    gone = facts.sort(ORDER).with_columns(gone=pl.col("status").is_in(GONE))
    turned = gone.filter(pl.col("gone") != pl.col("gone").shift(fill_value=False).over(FIGURE))
    yield from turned.select("company", "known_at").unique(maintain_order=True).iter_rows()


def _mixed(pairs: pl.DataFrame, longer: pl.DataFrame) -> pl.DataFrame:
    """(pair, mixed): whether the longer figure stood at another value when the shorter one was last stated, or since, in any source.

    What the longer one stood at before the shorter one took its value says nothing: then that was restated after it.
    A figure stood unchanged on a day if any of that day's statements is alike: two tags or a rounding are no restatement.
    """
    stood = longer.select(*LINE_OF_YEAR, pl.col("known_at").alias("stood_at"), pl.col("value").alias("stood_value"))
    asked = pairs.select("pair", "known_at", "known_at_2", "stood_since_2", "value", *LINE_OF_YEAR)
    told = asked.join(stood, on=LINE_OF_YEAR, how="inner").filter(pl.col("stood_at") < pl.col("known_at"))
    then = pl.col("stood_at").filter(pl.col("stood_at") <= pl.col("known_at_2")).max().over("pair")
    first = pl.when(then >= pl.col("stood_since_2")).then(then).otherwise(pl.col("known_at_2"))
    since = told.filter(pl.col("stood_at") >= first)
    days = since.group_by("pair", "stood_at").agg(changed=(~alike_columns("stood_value", "value")).all())
    return days.group_by("pair").agg(mixed=pl.col("changed").any())


def _recast(pairs: pl.DataFrame, longer: pl.DataFrame, offered: pl.DataFrame) -> list[int]:
    """Pairs whose longer figure came with the year before restated, while what stated the shorter one, before, left it as it was.

    Every document of the shorter figure's value tells: an amendment that repeats it may say nothing of the year before.
    """
    asked = pairs.filter(pl.col("known_at_2") < pl.col("stood_since"))
    if asked.is_empty():
        return []
    came = asked.select("pair", *LINE_OF_YEAR, stated_in="stood_in", stated_at="stood_since")
    moved = _year_before(came, longer).filter("moved")
    run = [*LINE_OF_YEAR, "run"]
    stated = offered.select(*run, stated_in="document_id", stated_at="known_at").unique()
    told = asked.join(moved, on="pair", how="semi").select(
        "pair", *LINE_OF_YEAR, pl.col("run_2").alias("run"), "known_at_2"
    )
    told = told.join(stated, on=run, how="inner", nulls_equal=True).filter(pl.col("stated_at") <= pl.col("known_at_2"))
    left = _year_before(told, offered).group_by("pair").agg(pl.col("moved").any())
    return left.filter(~pl.col("moved"))["pair"].to_list()


def _year_before(stated: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """(pair, moved) of each document (`stated_in`, `stated_at`): whether it states the same period of the year before
    otherwise than it stood.

    No row where the document does not state it, or nobody had before.
    """
    one = ["pair", "stated_in"]
    prior = facts.select(
        *LINE_OF_YEAR[:-1],
        fiscal_year=pl.col("fiscal_year") + 1,
        prior_at="known_at",
        prior_in="document_id",
        prior="value",
    )
    told = stated.select(*one, *LINE_OF_YEAR, "stated_at").join(prior, on=LINE_OF_YEAR, how="inner")
    here = told.filter(pl.col("prior_in") == pl.col("stated_in")).select(*one, here="prior")
    earlier = told.filter(pl.col("prior_at") < pl.col("stated_at"))
    last = earlier.filter(pl.col("prior_at") == pl.col("prior_at").max().over(one)).select(*one, "prior")
    return here.join(last, on=one).group_by(one).agg(moved=(~alike_columns("here", "prior")).all())


def _caught_up(candidates: pl.DataFrame, refused: pl.DataFrame, longer: pl.DataFrame) -> pl.DataFrame:
    """Pairs of a refused longer row with the restated shorter row that came after it: both are restated then.

    They are known with the shorter row, and only while the longer row is the newest one.
    """
    was = refused.select("pair", pl.col("value_2").alias("value_before"))
    later = candidates.join(was, on="pair", how="inner").filter(
        (pl.col("known_at_2") > pl.col("known_at")) & ~alike_columns("value_2", "value_before")
    )
    # The first one decides: what is stated after it must not take back what was known with it.
    at_once = later.filter(pl.col("known_at_2") == pl.col("known_at_2").min().over("pair"))
    newer = longer.select(*LINE_OF_YEAR, pl.col("known_at").alias("newer_at"), pl.col("value").alias("newer_value"))
    overtaken = at_once.join(newer, on=LINE_OF_YEAR, how="inner").filter(
        (pl.col("newer_at") > pl.col("known_at"))
        & (pl.col("newer_at") <= pl.col("known_at_2"))
        & ~alike_columns("newer_value", "value")
    )
    at_once = at_once.join(overtaken.select("pair"), on="pair", how="anti")
    return _newest(at_once, "pair").with_columns(
        known_at=pl.col("known_at_2"), mixed=pl.lit(value=False), recast=pl.lit(value=False)
    )


def _difference(pairs: pl.DataFrame, step: Step) -> pl.DataFrame:
    """One derived quarter for each pair: it begins the day after the shorter period, with the longer one's evidence."""
    value, value_2 = pl.col("value"), pl.col("value_2")
    interval = pl.any_horizontal(pl.col("value_low", "value_high", "value_low_2", "value_high_2").is_not_null())
    low = pl.coalesce("value_low", "value") - pl.coalesce("value_high_2", "value_2")
    high = pl.coalesce("value_high", "value") - pl.coalesce("value_low_2", "value_2")
    return pairs.select(
        *SERIES[:-1],
        "concept",
        "concept_rank",
        *DIFFERENCES_KEPT,
        (pl.col("period_end_2") + pl.duration(days=1)).alias("period_start"),
        "period_end",
        (value - value_2).alias("value"),
        pl.lit(None, pl.String).alias("value_exact"),
        pl.when(interval).then(low).alias("value_low"),
        pl.when(interval).then(high).alias("value_high"),
        pl.lit("derived").alias("status"),
        "known_at",
        pl.lit("latest_input").alias("known_at_basis"),
        pl.min_horizontal("decimals", "decimals_2").alias("decimals"),
        pl.max_horizontal("evidence_tier", "evidence_tier_2").alias("evidence_tier"),
        pl.lit(None, pl.String).alias("note"),
        pl.max_horizontal("captured_at", "captured_at_2").alias("captured_at"),
        pl.max_horizontal("first_seen_at", "first_seen_at_2").alias("first_seen_at"),
        pl.lit(f"{step.longer} - {step.shorter}").alias("formula"),
        pl.concat_str(
            "document_id", pl.lit("#"), "locator", pl.lit(";"), "document_id_2", pl.lit("#"), "locator_2"
        ).alias("inputs"),
    )
