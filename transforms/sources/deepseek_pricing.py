"""DeepSeek's pricing page: the English list in dollars, the Chinese one in yuan; two quotes, not one converted.

Models are columns and prices rows, with cells spanning both ways; since 2026-08 each price stands for off-peak and peak
hours. Until 2025 models were rows. Peak hours are named in the page's text, in UTC or in Beijing time, with their weekdays where
they are not those of every day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.contracts import Capture, Issue, Parsed
from config.errors import Refused
from config.specs import Catalog, SourceSpec
from transforms.prices.figures import PER_MILLION, Key, Stated, changed, parsed_of
from transforms.prices.hours import Hours
from transforms.prices.page import Layout, Page, Table, label, labelled, read_page, refuse_foreign_models, stated_price

CURRENCIES = {"en": "USD", "zh": "CNY"}
CANONICAL = r"api-docs\.deepseek\.com(/zh-cn)?/quick_start/pricing(-details-(usd|cny))?"
MODEL = frozenset({"model", "模型"})
KINDS = {
    "1m input tokens (cache hit)": "cache_read",
    "1m input tokens (cache miss)": "input",
    "1m output tokens": "output",
    "百万tokens输入（缓存命中）": "cache_read",
    "百万tokens输入（缓存未命中）": "input",
    "百万tokens输出": "output",
}
TIERS = {
    "off-peak": "off_peak", "peak": "peak", "空闲时段": "off_peak", "高峰时段": "peak", "空闲": "off_peak", "高峰": "peak",
}  # fmt: skip
ROWS_ARE_MODELS = Layout(
    frozenset({"model"}),
    {
        "1m tokens input price (cache hit)": ("cache_read", "standard"),
        "1m tokens input price (cache miss)": ("input", "standard"),
        "1m tokens output price": ("output", "standard"),
    },
    frozenset({"context length", "max cot tokens", "max output tokens"}),
)
_HOURS_EN = re.compile(r"peak hours are ((?:\d{1,2}:\d\d ?[-–] ?\d{1,2}:\d\d(?:, | and )?){1,4}) ?UTC", re.IGNORECASE)
_HOURS_ZH = re.compile(r"北京时间[^。]{0,40}?((?:\d{1,2}:\d\d ?[-–] ?\d{1,2}:\d\d[、，]?){1,4}) ?为高峰")
# What the sentence that names the hours says of days; any other word for a day leaves the hours unknown.
_WORKDAYS = re.compile(
    r"mon(?:day)? ?(?:to|through|[-–]) ?fri(?:day)?|weekdays|working days|周一至周五|星期一至星期五|工作日",
    re.IGNORECASE,
)
_OF_DAYS = re.compile(r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|weekend|周[一二三四五六日末]|星期", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,2}):(\d\d) ?[-–] ?(\d{1,2}):(\d\d)")
BEIJING_AHEAD_H = 8
MODELS = r"deepseek"


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:  # noqa: ARG001  every reader's signature
    """The English page and the Chinese one."""
    return list(zip(CURRENCIES, spec.addresses, strict=True))


def scope_of(body: bytes, catalog: Catalog) -> str:  # noqa: ARG001  every reader's signature
    """Which of the two lists a page is. Raises Refused when it is neither."""
    page = read_page(body, "deepseek_pricing", canonical=CANONICAL, title="pric|价格")
    if "zh-cn" in page.canonical or "缓存命中" in page.text:
        return "zh"
    if "CACHE HIT" in page.text:
        return "en"
    raise Refused("the page is neither the English nor the Chinese list", source="deepseek_pricing")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price per million tokens, in the currency of the list. Raises SourceChanged for another page."""
    spec = catalog.sources[capture.source]
    page = read_page(payload, spec.id, canonical=CANONICAL, title="pric|价格")
    issues: list[Issue] = []
    key = Key("deepseek", "", "", currency=CURRENCIES[capture.scope])
    columns = [table for table in page.tables if label(table.grid[0][0]) in MODEL and _models(table) and _priced(table)]
    hours = _hours(page)
    stated = [one for table in columns for one in _columns(table, key, hours, issues)]
    if not hours.hours_utc and any(one.key.price_tier == "peak" for one in stated):
        issues.append(Issue("unknown hours of a price", "", "the page names no hours that are read", "notice"))
    stated += labelled([table for table in page.tables if table not in columns], ROWS_ARE_MODELS, key, issues)
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    if wrong := {one.key.currency for one in stated} - {key.currency}:
        raise changed(f"the list in {key.currency} quotes in {', '.join(sorted(wrong))}", spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)


def _models(table: Table) -> list[int]:
    """The columns of a table whose header row names models."""
    return [at for at, cell in enumerate(table.grid[0]) if label(cell) not in MODEL]


def _priced(table: Table) -> bool:
    return any(label(cell) in KINDS for row in table.grid for cell in row)


def _hours(page: Page) -> Hours:
    """The peak hours the page names, in UTC, and their weekdays; none where it names none, or days that are not read."""
    words = " ".join(page.text.split())
    found, ahead = _HOURS_EN.search(words), 0
    if not found:
        found, ahead = _HOURS_ZH.search(words), BEIJING_AHEAD_H
    if not found:
        return Hours(None, None)
    spans = [(int(a) - ahead, b, int(c) - ahead, d) for a, b, c, d in _SPAN.findall(found[1])]
    text = ", ".join(f"{a % 24:02}:{b}-{c % 24:02}:{d}" for a, b, c, d in spans)
    begin = max(words.rfind(mark, 0, found.start()) for mark in (". ", "。"))
    sentence = re.split(r"\. |。", words[begin + 1 :].lstrip(), maxsplit=1)[0]
    workdays = _WORKDAYS.search(sentence)
    # A day of Beijing that begins before that of UTC has other weekdays there.
    if (workdays and min(a for a, _, _, _ in spans) < 0) or (not workdays and _OF_DAYS.search(sentence)):
        return Hours(None, None)
    return Hours(text, "Mon-Fri" if workdays else None)


def _columns(table: Table, key: Key, hours: Hours, issues: list[Issue]) -> Iterator[Stated]:
    """Models as columns: a row prices one kind for all of them, peak and off-peak apart."""
    header = table.grid[0]
    models = _models(table)
    for number, row in enumerate(table.grid):
        labels = [label(cell) for cell in row[: models[0]]]
        kind = next((KINDS[name] for name in labels if name in KINDS), None)
        if kind is None:
            if any("token" in name and ("input" in name or "output" in name or "输" in name) for name in labels):
                issues.append(Issue("unknown price row", f"{table.place}/row[{number}]", " | ".join(row)[:200]))
            continue
        if len(row) != len(header):  # with a cell missing, the next model's price would stand under this one
            issues.append(Issue("a row of another width", f"{table.place}/row[{number}]", " | ".join(row)[:200]))
            continue
        tier = next((TIERS[name] for name in labels if name in TIERS), "standard")
        for at in models:
            one = key._replace(listing=header[at], token_kind=kind, price_tier=tier)
            if tier == "peak":
                one = one._replace(hours_utc=hours.hours_utc, weekdays=hours.weekdays)
            yield stated_price(one, row[at], f"{table.place}/row[{number}]/cell[{at}]")
