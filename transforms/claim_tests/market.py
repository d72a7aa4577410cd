"""What the share costs and what it returned, from the analyst's private inputs; and whether a price is contested."""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median

import polars as pl
from pydantic import Field

from config.declared import Spec
from transforms.claim_tests.model_titles import with_model_titles
from transforms.claim_tests.outcome import DEFINITION_DEPENDENT, Context, Outcome, VerdictName
from transforms.claim_tests.reading import reading, rows
from transforms.claim_tests.wording import labelled, name_en, name_zh, number, signed, verdict_en, verdict_zh


class MultipleParameters(Spec):
    """Series -> the multiple stated for it, and the turns by which it may be off."""

    stated: dict[str, float] = Field(min_length=1)
    turns: float = Field(gt=0)


class OutperformParameters(Spec):
    """The month at which the claim is decided; the others are shown."""

    decides_at_months: int = Field(gt=0)
    months: tuple[int, ...] = Field(min_length=1)


class ContestedParameters(Spec):
    """Of the newest days, how many contested ones settle it one way, and below how many the other.

    claims_premium: the claim is that OpenAI has a premium (contested days refute it), not that it is gone.
    """

    boards: tuple[str, ...] = Field(min_length=1)
    window_days: int = Field(gt=0)
    hold_days: int = Field(gt=0, description="how long a day of a board stands for at most")
    contested_from: int = Field(gt=0)
    uncontested_below: int = Field(gt=0)
    equivalence_pct: float = Field(gt=0, description="a premium over the rivals' median up to this is none")
    claims_premium: bool = False


def multiple_as_stated(evidence: pl.DataFrame, parameters: MultipleParameters, context: Context) -> Outcome:
    """Each multiple (price over consensus earnings) within so many turns of what was stated. n counts those known."""
    found = {name: reading(evidence, name, context) for name in parameters.stated}
    known = {name: value.value for name, value in found.items() if value is not None}
    if not known:
        return Outcome("undetermined", 0, *_needs_consensus(context))
    off = {name: value - parameters.stated[name] for name, value in known.items()}
    met = [abs(value) <= parameters.turns for value in off.values()]
    verdict: VerdictName = "supported" if all(met) else "mixed" if any(met) else "refuted"
    ends = ", ".join(
        f"{name_en(name)} {number(stated - parameters.turns, 1)} to {number(stated + parameters.turns, 1)}"
        for name, stated in parameters.stated.items()
    )
    ends_zh = "、".join(
        f"{name_zh(name)} {number(stated - parameters.turns, 1)} 至 {number(stated + parameters.turns, 1)}"
        for name, stated in parameters.stated.items()
    )
    if len(known) < len(parameters.stated):
        verdict = "undetermined"
    told = ", ".join(
        f"{name_en(name)} {number(value, 1)} (stated {number(parameters.stated[name])})"
        for name, value in known.items()
    )
    told_zh = "、".join(
        f"{name_zh(name)} {number(value, 1)}（原文 {number(parameters.stated[name])}）" for name, value in known.items()
    )
    largest = max(off.values(), key=abs)
    return Outcome(
        verdict, len(known), f"Multiples: {told}; off by at most {number(parameters.turns)}.",
        f"本益比：{told_zh}；誤差上限 {number(parameters.turns)}。", largest, "times",
        flips_en=f"Supported within {ends}, ends included; outside them refuted.",
        flips_zh=f"須介於{ends_zh}（含兩端），超出即推翻。",
    )  # fmt: skip


def _eve(context: Context) -> date:
    """What is of the day itself was public only when it was over, and a claim judged on that day could not know it."""
    return context.asserted_at - timedelta(days=1)


def _needs_consensus(context: Context) -> tuple[str, str]:
    eve = _eve(context)
    return (
        "No consensus of that time is stored: it is not free to redistribute. Put it into private/estimate.csv, and the close "
        f"into private/market_price.csv, both of {eve} or a few days before.",
        f"未儲存當時的共識預估（不可散布）；請放入 private/estimate.csv，收盤價放入 private/market_price.csv，日期須為 {eve} 或之前數日。",
    )


def outperforms(evidence: pl.DataFrame, parameters: OutperformParameters, context: Context) -> Outcome:
    """Return since the claim against the benchmark's (series share_<months> and benchmark_<months>, both in per cent).

    Both rows of a month are of one day and one kind of price; their label names the kind. `basket_<months>`, points ahead of
    another benchmark, is shown, and where it says otherwise at the deciding month sets the flag definition_dependent.
    """
    gaps: dict[int, tuple[float, str]] = {}
    for months in parameters.months:
        own, other = (reading(evidence, f"{side}_{months}", context) for side in ("share", "benchmark"))
        if own is not None and other is not None:
            gaps[months] = (own.value - other.value, f"{own.label}, {other.label}")
    if not gaps:
        return Outcome("undetermined", 0, *_needs_prices(context))
    decides, _ = gaps.get(parameters.decides_at_months, (None, ""))
    basket = reading(evidence, f"basket_{parameters.decides_at_months}", context)
    verdict: VerdictName = "undetermined"
    if decides is not None:
        verdict = "supported" if decides > 0 else "refuted"
    otherwise = decides is not None and basket is not None and (basket.value > 0) != (decides > 0)
    told = ", ".join(f"{months} m {signed(gap)} ({label})" for months, (gap, label) in gaps.items())
    beside_en = "" if basket is None else f" Against {basket.label}, not judged: {signed(basket.value)}."
    beside_zh = "" if basket is None else f"相較 {basket.label}（僅供參考）：{signed(basket.value)}。"
    return Outcome(
        verdict, len(gaps), f"Return less the benchmark's, points: {told}; decided at {parameters.decides_at_months} months.{beside_en}",
        f"報酬減基準（百分點）：{told.replace(', ', '、').replace(' (', '（').replace(')', '）').replace(' m ', ' 個月 ')}；以 {parameters.decides_at_months} 個月判定。{beside_zh}", decides, "pct_points" if decides is not None else "",
        flags=(DEFINITION_DEPENDENT,) if otherwise else (),
        flips_en=f"Ahead of the benchmark by more than 0 points at {parameters.decides_at_months} months supports, 0 or less refutes.",
        flips_zh=f"{parameters.decides_at_months} 個月時領先基準逾 0 個百分點即成立，否則推翻。",
    )  # fmt: skip


def _needs_prices(context: Context) -> tuple[str, str]:
    eve = _eve(context)
    return (
        "No prices of one kind and day of the share and its benchmark are stored for these days: put them into "
        f"private/market_price.csv, the first of {eve} or a few days before.",
        f"未儲存該等日期同日、同類型的股價與基準；請放入 private/market_price.csv，首筆須為 {eve} 或之前數日。",
    )


def contested(evidence: pl.DataFrame, parameters: ContestedParameters, context: Context) -> Outcome:
    """On how many of the newest days OpenAI's best priced model had a rival as good that cost at most as much.

    Series are boards; a row is one day of the board, its value 1 where there was such a rival, 0 where there was none, and
    between the two where rivals as good have no known price: such a day counts for neither. A board's day stands until
    its next one, at most `hold_days`, and only days that stand are counted. The first board that has days decides, and only
    what the days not known could not undo. n counts board days.

    Shown beside it, for that board: `premium_<board>`, in per cent over the median of the rivals, whose median of the window sets
    the flag definition_dependent where it decides otherwise; and `own_<board>`, OpenAI's own price at one quality.
    """
    told = []
    for board in parameters.boards:
        days = _window(rows(evidence, board, context), parameters, context)
        if not days.is_empty():
            told.append((board, days, *_held(days, parameters, context)))
    if not told:
        short_en, short_zh = _short(evidence, 0, 0, parameters, context)
        start = context.as_of - timedelta(days=parameters.window_days - 1)
        return Outcome(
            "undetermined",
            0,
            f"No board has a priced model of OpenAI on a day from {start} to {context.as_of}.{short_en}",
            f"{start} 至 {context.as_of} 的榜單上沒有可比價的 OpenAI 模型。{short_zh}",
        )
    board, days, held, standing = told[0]
    gone: VerdictName = "refuted" if parameters.claims_premium else "supported"
    stays: VerdictName = "supported" if parameters.claims_premium else "refuted"
    possible = parameters.window_days - standing + held
    verdict: VerdictName = "undetermined"
    if held >= parameters.contested_from:
        verdict = gone
    elif possible < parameters.uncontested_below:
        verdict = stays
    elif held >= parameters.uncontested_below and possible < parameters.contested_from:
        verdict = "mixed"
    short = _short(evidence, held, standing, parameters, context) if verdict == "undetermined" else ("", "")
    premium = _window(rows(evidence, f"premium_{board}", context), parameters, context)
    own = _window(rows(evidence, f"own_{board}", context), parameters, context)
    beside_en, beside_zh = _beside(premium, own, parameters)
    by_premium = (
        "" if premium.is_empty() else (gone if median(premium["value"]) <= parameters.equivalence_pct else stays)
    )
    listed, listed_zh = _listed(told)
    newest = days.row(-1, named=True)
    newest_en, newest_zh = labelled(newest["label"], context.said)
    return Outcome(
        verdict,
        days.height,
        f"Of {parameters.window_days} days, {listed}. Newest, {newest['observed_on']}: {newest_en}.{short[0]}{beside_en} "
        "A price premium is a proxy for excess return, no more.",
        f"{parameters.window_days} 天內，{listed_zh}。最新 {newest['observed_on']}：{newest_zh}。{short[1]}{beside_zh}價格溢價僅為超額報酬的替代指標。",
        float(held),
        "days",
        flags=(DEFINITION_DEPENDENT,) if verdict in (gone, stays) and by_premium not in ("", verdict) else (),
        flips_en=f"{parameters.contested_from} contested days: {verdict_en(gone)}; fewer than {parameters.uncontested_below}: {verdict_en(stays)}.",
        flips_zh=f"有競爭者達 {parameters.contested_from} 天：{verdict_zh(gone)}；少於 {parameters.uncontested_below} 天：{verdict_zh(stays)}。",
    )


def _listed(told: list[tuple[str, pl.DataFrame, int, int]]) -> tuple[str, str]:
    """How many days of each board were contested, of those known."""
    listed = "; ".join(
        f"{name_en(board)}: contested on {count} of {known} days known" for board, _, count, known in told
    )
    listed_zh = "；".join(
        f"{name_zh(board)}：已知 {known} 天中 {count} 天有同級且不較貴者" for board, _, count, known in told
    )
    return listed, listed_zh


def days_contested_moves(evidence: pl.DataFrame, parameters: ContestedParameters) -> list[tuple[date, date]]:
    """The spans of days in which a board's day stands at the newer or at the older end of the window, and the count moves."""
    hold, window = timedelta(days=parameters.hold_days), timedelta(days=parameters.window_days)
    days = evidence.filter(pl.col("series").is_in(parameters.boards))["observed_on"].unique()
    entering = [(day, day + hold) for day in days]
    return entering + [(first + window, last + window) for first, last in entering]


def _short(
    evidence: pl.DataFrame, held: int, standing: int, parameters: ContestedParameters, context: Context
) -> tuple[str, str]:
    """By how many days prices and boards of one time fall short of a decision, and what the last day with both said."""
    more, fewer = (
        parameters.contested_from - held,
        parameters.window_days - standing + held - parameters.uncontested_below + 1,
    )
    english = f" Short of a decision by {more} contested or {fewer} uncontested days known of prices and boards alike."
    chinese = f"距判定尚缺 {more} 天（有競爭者）或 {fewer} 天（無競爭者）同時有價格與榜單。"
    decided = evidence.filter(
        pl.col("series").is_in(parameters.boards),
        pl.col("value").is_in([0.0, 1.0]),
        pl.col("observed_on") <= context.as_of,
    ).sort("observed_on", "known_at")
    if decided.is_empty():
        return english, chinese
    last = decided.row(-1, named=True)
    word, word_zh = ("contested", "有競爭者") if last["value"] else ("uncontested", "無競爭者")
    told, told_zh = labelled(last["label"], context.said)
    english += f" The last day that told, {last['observed_on']} on {name_en(last['series'])}: {word}, {told}."
    chinese += f"最後可判定之日 {last['observed_on']}（{name_zh(last['series'])}）：{word_zh}，{told_zh}。"
    return english, chinese


def _beside(premium: pl.DataFrame, own: pl.DataFrame, parameters: ContestedParameters) -> tuple[str, str]:
    """The premium over the rivals' median against the bound of equivalence, and OpenAI's own price at one quality."""
    english, chinese = "", ""
    bound = number(parameters.equivalence_pct)
    if not premium.is_empty():
        middle, within = signed(median(premium["value"])), int((premium["value"] <= parameters.equivalence_pct).sum())
        english = f" Over the rivals' median price {middle} % (median of {premium.height} board days; {within} at most +{bound} %)."
        chinese = f"相對同級對手中位價 {middle}%（{premium.height} 個榜單日之中位數，{within} 日未逾 +{bound}%）。"
    if own.height > 1:
        first, last = own.row(0, named=True), own.row(-1, named=True)
        change = signed(100 * (last["value"] / first["value"] - 1))
        prices = f"{number(first['value'])} ({with_model_titles(first['label'])}) to {number(last['value'])} ({with_model_titles(last['label'])})"
        english += f" OpenAI's own price at the quality of {first['observed_on']}, dollars a million tokens: {prices}, {change} %."
        chinese += f"OpenAI 同品質自身價格（每百萬 token 美元）：{prices.replace(' to ', ' 至 ').replace(' (', '（').replace(') ', '）').replace(')', '）')}，{change}%。"
    return english, chinese


def _window(found: pl.DataFrame, parameters: ContestedParameters, context: Context) -> pl.DataFrame:
    """The board days that stand in the window: those in it, and those before it that still stood when it began."""
    start = context.as_of - timedelta(days=parameters.window_days)
    days = found.unique("observed_on", keep="last", maintain_order=True).sort("observed_on")
    days = days.filter(pl.col("observed_on") <= context.as_of)
    earlier = days.filter(
        pl.col("observed_on").is_between(start - timedelta(days=parameters.hold_days), start, closed="right")
    )
    return pl.concat([earlier.tail(1), days.filter(pl.col("observed_on") > start)])


def _held(days: pl.DataFrame, parameters: ContestedParameters, context: Context) -> tuple[int, int]:
    """(contested days, days of which it is known) within the window."""
    start = context.as_of - timedelta(days=parameters.window_days)
    begins: list[date] = days["observed_on"].to_list()
    ends = [*begins[1:], context.as_of]
    contested_days, standing = 0, 0
    for begin, end, value in zip(begins, ends, days["value"], strict=True):
        stood = (min(end, begin + timedelta(days=parameters.hold_days)) - max(begin, start)).days
        standing += max(stood, 0) if value in (0, 1) else 0
        contested_days += max(stood, 0) if value == 1 else 0
    return contested_days, standing
