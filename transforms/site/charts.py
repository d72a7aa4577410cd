"""Evidence to charts: Vega-Lite drawn as static SVG. Nothing is fetched, and the same rows give the same bytes.

Chart text is English and digits only, since the page's fonts may lack glyphs the drawing measured; Chinese titles
stand beside the drawing. Colours are middle tones that read on light and dark paper; ink is `currentColor`, so the
page decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import altair as alt
import polars as pl
import vl_convert

from config.load import build
from config.specs import ClaimSpec
from transforms.claim_tests.gap import GapParameters
from transforms.claim_tests.growth import LevelAndGrowthParameters
from transforms.claim_tests.level import LevelParameters
from transforms.claim_tests.ratio import RatioParameters

BILLION = 1_000_000_000
HEIGHT = 330
ROOM_FOR_LABELS = 1.12
MOST_BAR_PIXELS = 80
COLOURS = ("#2f7fc1", "#d0702c", "#2c9a78", "#9467bd", "#a8862a", "#8a8f98")
RULE_COLOUR = "#c2455a"
# Stand for the page's ink and its paper, and become its variables.
INK, PAPER = "#010203", "#010204"
HALO = 4
DASH = [5, 4]
MINUS = "−"

Layers = list[alt.Chart]


@dataclass(frozen=True, slots=True)
class Width:
    """One of the two drawings: its width in pixels, and how many bars with their labels fit into it."""

    pixels: int
    bars: int


WIDE, NARROW = Width(1060, 16), Width(350, 6)


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart drawn twice, for wide and for narrow screens, and the sentence that stands for it."""

    wide: str
    narrow: str
    alternative: str


def draw(spec: ClaimSpec, evidence: pl.DataFrame) -> Chart | None:
    """The chart of the claim's test over its evidence (config.contracts.EVIDENCE); None where nothing can be drawn."""
    usable = evidence.filter(pl.col("value").is_finite().fill_null(False), pl.col("observed_on").is_not_null())
    usable = usable.sort("series", "observed_on", "known_at", "evidence")
    if usable.is_empty():
        return None
    drawn = DRAWINGS.get(spec.test, _points)(spec, usable)
    if drawn is None:
        return None
    svgs = [_svg(drawn, width) for width in (WIDE, NARROW)]
    return Chart(svgs[0], svgs[1], drawn.alternative)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """How to draw: the layers for a width, the lines of the heading (units, what is dashed), and the alternative."""

    layers: Callable[[Width], Layers]
    heading: tuple[str, ...]
    alternative: str


def _level(spec: ClaimSpec, evidence: pl.DataFrame) -> _Drawing | None:
    """The level against the threshold."""
    parameters = build(LevelParameters, dict(spec.parameters), spec.id)
    return _bars(evidence, ("level",), parameters.threshold, "threshold")


def _growth(_: ClaimSpec, evidence: pl.DataFrame) -> _Drawing | None:
    """The later period beside the earlier one."""
    return _bars(evidence, ("earlier", "later"))


def _level_and_growth(spec: ClaimSpec, evidence: pl.DataFrame) -> _Drawing | None:
    """Levels by period with their growth on the year, and the level the claim states."""
    parameters = build(LevelAndGrowthParameters, dict(spec.parameters), spec.id)
    return _bars(evidence, ("level",), parameters.stated, f"stated for {parameters.stated_on}")


def _bars(
    evidence: pl.DataFrame, series: tuple[str, ...], line: float | None = None, said: str = ""
) -> _Drawing | None:
    """One bar for each period, as last known, in billions where the unit is money."""
    chosen = evidence.filter(pl.col("series").is_in(series)).sort("known_at", "evidence")
    periods = chosen.unique("observed_on", keep="last", maintain_order=True).sort("observed_on")
    if periods.is_empty():
        return None
    unit = periods["unit"][0]
    scale = BILLION if unit == "USD" else 1
    rates = _year_over_year(periods)
    rows = [
        {
            "period": row["label"] or row["observed_on"].isoformat(),
            "level": row["value"] / scale,
            "said": _digits(row["value"] / scale),
            "rate": _percent(rates.get(row["observed_on"])),
        }
        for row in periods.iter_rows(named=True)
    ]
    heading = ["billion USD" if unit == "USD" else unit]
    heading += ["above the bars: change on the year before"] if rates else []
    heading += [] if line is None else [f"dashed: {said}, {_digits(line / scale)}"]
    lines = () if line is None else (line / scale,)
    told = ", ".join(f"{row['period']} {row['said']} {row['rate']}".strip() for row in rows)
    return _Drawing(
        lambda width: _bar_layers(rows[-width.bars :], lines, width),
        tuple(heading),
        _sentence((*heading, f"bars: {told}")),
    )


def _bar_layers(rows: list[dict[str, Any]], lines: tuple[float, ...], width: Width) -> Layers:
    # Two bars alone would fill the sheet.
    thickness = min(MOST_BAR_PIXELS, 0.6 * width.pixels / len(rows))
    bars = alt.Chart(_data(rows)).encode(
        x=alt.X("period:N", sort=None, title=None, axis=alt.Axis(labelAngle=-40 if rows[5:] else 0)),
        y=alt.Y("level:Q", title=None),
    )
    # Around each label the paper shows, so that no dashed line strikes it through.
    labels = [
        bars.mark_text(dy=lift, baseline="bottom", fontSize=11, **look).encode(text=f"{column}:N")
        for column, lift in (("said", -3), ("rate", -16))
        for look in ({"color": PAPER, "stroke": PAPER, "strokeWidth": HALO}, {"color": INK})
    ]
    return [bars.mark_bar(color=COLOURS[0], size=thickness), *_rules(lines), *labels]


def _ratios(spec: ClaimSpec, evidence: pl.DataFrame) -> _Drawing | None:
    """The pair the claim names and the pair on sale that day, against the ends that support the claim."""
    parameters = build(RatioParameters, dict(spec.parameters), spec.id)
    newest = {
        row["series"]: row for row in evidence.sort("known_at", "evidence", maintain_order=True).iter_rows(named=True)
    }
    pairs = [(newest.get(f"numerator{kind}"), newest.get(f"denominator{kind}")) for kind in ("", "_on_sale")]
    rows = [
        {"pair": f"{above['label']} /|{below['label']}", "ratio": ratio, "said": f"{_digits(ratio)}×"}
        for above, below in pairs
        if above is not None and below is not None and below["value"] > 0
        for ratio in (above["value"] / below["value"],)
    ]
    if not rows:
        return None
    ends = (parameters.low, parameters.high)
    heading = ("times", f"dashed: {_digits(ends[0])} and {_digits(ends[1])}, between which the claim holds")
    told = ", ".join(f"{str(row['pair']).replace('|', ' ')} {row['said']}" for row in rows)
    return _Drawing(lambda _: _ratio_layers(rows, ends), heading, _sentence((*heading, f"bars: {told}")))


def _ratio_layers(rows: list[dict[str, Any]], ends: tuple[float, ...]) -> Layers:
    longest = max(*ends, *(row["ratio"] for row in rows))
    bars = alt.Chart(_data(rows)).encode(
        y=alt.Y("pair:N", sort=None, title=None, axis=alt.Axis(labelExpr="split(datum.label, '|')", labelLimit=140)),
        x=alt.X("ratio:Q", title=None, scale=alt.Scale(domain=[0, longest * ROOM_FOR_LABELS])),
    )
    text = bars.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(text="said:N")
    return [bars.mark_bar(color=COLOURS[0], size=30), *_rules(ends, upright=True), text]


def _gap(spec: ClaimSpec, evidence: pl.DataFrame) -> _Drawing | None:
    """Every day as a faint point, the trailing median as a line, the earlier window's median dashed, board by board."""
    parameters = build(GapParameters, dict(spec.parameters), spec.id)
    boards = evidence.filter(pl.col("series").is_in(parameters.boards))
    if boards.is_empty():
        return None
    days = boards.group_by("series", "observed_on").agg(pl.col("value").median()).sort("series", "observed_on")
    recent = pl.col("value").rolling_median_by("observed_on", window_size=f"{parameters.recent_days}d").over("series")
    # Without a snapshot for as long as the median reaches back nothing is known in between: the line breaks there.
    pause = pl.col("observed_on").diff().dt.total_days().fill_null(0) > parameters.recent_days
    days = days.with_columns(recent.alias("median"), pause.cum_sum().over("series").alias("stretch"))
    window = pl.col("observed_on").is_between(parameters.baseline_from, parameters.baseline_to)
    baselines = days.filter(window).group_by("series").agg(pl.col("value").median().alias("baseline")).sort("series")
    names = [board for board in parameters.boards if board in set(days["series"])]
    heading = (
        f"points; line: {parameters.recent_days}-day median",
        f"dashed: median of {parameters.baseline_from} to {parameters.baseline_to}",
    )
    told = _gap_told(days, baselines, names)
    return _Drawing(lambda _: _gap_layers(days, baselines, names), heading, _sentence((*heading, *told)))


def _gap_layers(days: pl.DataFrame, baselines: pl.DataFrame, names: list[str]) -> Layers:
    colour = _colour(names)
    chart = alt.Chart(_data(_dated(days)))
    x = alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%Y-%m"))
    dots = chart.mark_circle(size=18, opacity=0.35).encode(x=x, y=alt.Y("value:Q", title=None), color=colour)
    curve = chart.mark_line(strokeWidth=2.5, strokeCap="round").encode(
        x=x, y="median:Q", color=colour, detail="stretch:N"
    )
    dashed = alt.Chart(_data(baselines.to_dicts())).mark_rule(strokeDash=DASH, strokeWidth=1.5)
    zero = alt.Chart(_data([{"at": 0}])).mark_rule(color=INK, opacity=0.6).encode(y="at:Q")
    return [zero, dots, dashed.encode(y="baseline:Q", color=colour), curve]


def _gap_told(days: pl.DataFrame, baselines: pl.DataFrame, names: list[str]) -> list[str]:
    before = dict(baselines.iter_rows())
    parts = []
    for name in names:
        last = days.filter(pl.col("series") == name).row(-1, named=True)
        earlier = f", earlier window {_digits(before[name])}" if name in before else ""
        parts.append(f"{name}: median gap {_digits(last['median'])} points on {last['observed_on']}{earlier}")
    return parts


def _points(_: ClaimSpec, evidence: pl.DataFrame) -> _Drawing | None:
    """Any other evidence: points joined by lines, the commonest unit only, with intervals where they are stated."""
    units = evidence["unit"].fill_null("").value_counts(sort=True).sort("count", "unit", descending=[True, False])
    unit = units["unit"][0]
    rows = evidence.filter(pl.col("unit").fill_null("") == unit)
    names = sorted(set(rows["series"]))
    told = [
        f"{name}: {_digits(row['value'])} on {row['observed_on']}"
        for name in names
        for row in (rows.filter(pl.col("series") == name).row(-1, named=True),)
    ]
    return _Drawing(lambda _: _point_layers(rows, names), (unit,), _sentence((unit, *told)))


def _point_layers(frame: pl.DataFrame, names: list[str]) -> Layers:
    chart = alt.Chart(_data(_dated(frame.select("series", "observed_on", "value", "low", "high"))))
    x = alt.X("day:T", title=None, scale=alt.Scale(type="utc"), axis=alt.Axis(format="%Y-%m"))
    spans = chart.mark_rule(strokeWidth=2, opacity=0.5).encode(x=x, y="low:Q", y2="high:Q", color=_colour(names))
    y = alt.Y("value:Q", title=None, scale=alt.Scale(zero=False))
    curve = chart.mark_line(point={"size": 45}, strokeWidth=2).encode(x=x, y=y, color=_colour(names))
    return [spans, curve]


DRAWINGS: Mapping[str, Callable[[ClaimSpec, pl.DataFrame], _Drawing | None]] = {
    "level_above": _level,
    "grew_over": _growth,
    "level_and_growth": _level_and_growth,
    "gap_shrinks": _gap,
    "ratio_at_date": _ratios,
}


def _colour(names: list[str]) -> alt.Color:
    legend = (
        alt.Legend(title=None, orient="top", columns=1, labelLimit=320, symbolOpacity=1, symbolType="stroke")
        if names[1:]
        else None
    )
    return alt.Color("series:N", scale=alt.Scale(domain=names, range=list(COLOURS[: len(names)])), legend=legend)


def _rules(values: tuple[float, ...], *, upright: bool = False) -> Layers:
    """Dashed lines across the chart; the heading says what they are."""
    rule = alt.Chart(_data([{"at": value} for value in values]))
    marked = rule.mark_rule(color=RULE_COLOUR, strokeDash=DASH, strokeWidth=1.5)
    return [marked.encode(x="at:Q") if upright else marked.encode(y="at:Q")] if values else []


def _year_over_year(periods: pl.DataFrame) -> Mapping[date, float]:
    """Growth on the level twelve months before, in per cent, where that level is among the periods."""
    months = {12 * day.year + day.month: value for day, value in periods.select("observed_on", "value").iter_rows()}
    return {
        day: 100 * (value / before - 1)
        for day, value in periods.select("observed_on", "value").iter_rows()
        if (before := months.get(12 * day.year + day.month - 12)) is not None and before > 0
    }


def _percent(rate: float | None) -> str:
    return "" if rate is None else f"{rate:+.0f}%".replace("-", MINUS)


def _digits(value: float) -> str:
    """At most one decimal, and a true minus sign."""
    text = f"{value:,.1f}".removesuffix(".0")
    return ("0" if text == "-0" else text).replace("-", MINUS)


def _sentence(parts: tuple[str, ...]) -> str:
    return "; ".join(part for part in parts if part) + "."


def _dated(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Rows with `day` as text: a bare date is UTC to the drawing, so the machine's zone cannot shift it."""
    return (
        frame.with_columns(pl.col("observed_on").dt.to_string("%Y-%m-%d").alias("day")).drop("observed_on").to_dicts()
    )


def _data(rows: list[dict[str, Any]]) -> alt.InlineData:
    return alt.InlineData(values=rows)


def _svg(drawn: _Drawing, width: Width) -> str:
    """The drawing, transparent. Nothing in it is clipped, so it has no ids that two charts of a page could share."""
    heading = alt.TitleParams(
        list(drawn.heading), anchor="start", fontSize=11, fontWeight="normal", color=INK, offset=14, frame="bounds"
    )
    sheet = alt.layer(*drawn.layers(width)).properties(
        width=width.pixels, height=HEIGHT, title=heading, autosize=alt.AutoSizeParams(type="fit", contains="padding")
    )
    axis: Mapping[str, Any] = {"labelColor": INK, "domainColor": INK, "tickColor": INK, "gridColor": INK}
    # `configure` starts the configuration anew, so it comes before the parts.
    sheet = sheet.configure(background="transparent", font="sans-serif", padding=4)
    sheet = sheet.configure_axis(**axis, gridOpacity=0.12, labelFontSize=11)
    sheet = sheet.configure_legend(labelColor=INK, labelFontSize=11).configure_view(stroke=None)
    svg: str = vl_convert.vegalite_to_svg(sheet.to_dict(validate=False), allowed_base_urls=[])
    svg = svg.replace(f'"{INK}"', '"currentColor"').replace(f'"{PAPER}"', '"var(--paper)"')
    return re.sub(r"^<svg ", '<svg aria-hidden="true" focusable="false" ', svg)
