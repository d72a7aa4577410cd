"""OpenAI's pricing page. Each table stands four times, once for each service tier, in panes a reader switches between.

The three newest models are in the tables; all others only in the properties of `astro-island` elements, in a coding of
their own ([0, value] and [1, list]). Both are read, and must agree. What the page calls fast is the priority tier, renamed
on 2026-07-30. Prices for a long context name no threshold in the table; it is the tooltip of the column group.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

from config.contracts import Capture, Issue, Parsed
from config.parsing import once
from config.specs import Catalog
from transforms.prices.figures import PER_MILLION, Key, Number, Stated, changed, context_tier, parsed_of
from transforms.prices.page import Table, label, read_page, refuse_foreign_models, stated_price

TIERS = {"standard": "standard", "batch": "batch", "flex": "flex", "fast": "priority", "priority": "priority"}
PLAIN = ("input", "cache_read", "output")
WITH_WRITES = ("input", "cache_read", "cache_write", "output")
KINDS = {"input": "input", "cached input": "cache_read", "cache writes": "cache_write", "output": "output"}
_CONTEXT = re.compile(r" ?\(<(\d{1,5})K context length\)")
_LONG = re.compile(r"> ?(\d{1,5})K input tokens", re.IGNORECASE)
MODELS = r"gpt|chat|codex|davinci|babbage|\bo\d|openai|computer-use|embedding|sora|whisper|tts"


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens, standard, batch, flex and priority. Raises SourceChanged."""
    spec = catalog.sources[capture.source]
    page = read_page(
        payload, spec.id, canonical=r"(developers|platform)\.openai\.com(/api)?/docs/pricing(\.md)?", title="pricing"
    )
    if page.soup is None:
        raise changed("the Markdown of this page leaves out the older models and all tiers but one", spec.id)
    issues: list[Issue] = []
    islands = list(_islands(page.soup))
    long = _long_context(islands)
    stated = [*_from_tables(page.tables, long, issues), *_from_islands(islands, issues)]
    seen = {one.key.price_tier for one in stated if one.locator.startswith("astro-island")}
    if missing := {"standard", "batch", "flex", "priority"} - seen:
        raise changed(f"the page has no prices of the tier {', '.join(sorted(missing))} in its properties", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)


def _islands(soup: BeautifulSoup) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """(number, component, pane, properties) of every price table among the page's components."""
    for number, island in enumerate(soup.find_all("astro-island")):
        component = str(island.get("component-export", ""))
        if component not in {"TextTokenPricingTables", "GroupedPricingTable"}:
            continue
        try:
            coded = json.loads(
                str(island.get("props", "")),
                parse_float=Number,
                parse_int=Number,
                parse_constant=Number,
                object_pairs_hook=once,
            )
        except (ValueError, RecursionError):
            coded = None
        yield number, component, _pane(island), _decoded([Number("0"), coded]) if isinstance(coded, dict) else {}


def _decoded(coded: Any) -> Any:
    """The value behind Astro's coding."""
    match coded:
        case ["1", list(items)]:
            return [_decoded(item) for item in items]
        case ["0", dict(body)]:
            return {key: _decoded(item) for key, item in body.items()}
        case ["0", value]:
            return value
    return None


def _pane(element: Tag) -> str:
    """The tier whose pane an element stands in."""
    pane = element.find_parent(attrs={"data-content-switcher-pane": True})
    return str(pane.get("data-value", "")) if isinstance(pane, Tag) else "standard"


def _long_context(islands: list[tuple[int, str, str, dict[str, Any]]]) -> str:
    for _, _, _, body in islands:
        if found := _LONG.search(json.dumps(body.get("headingGroups"))):
            return context_tier(int(found[1]) * 1000)
    return "long_context"


def _above(tier: str, long: str) -> str:
    return long if tier == "standard" else f"{long}_{tier}"


def _from_tables(tables: tuple[Table, ...], long: str, issues: list[Issue]) -> Iterator[Stated]:
    """The tables with a short and a long context: one column for each kind, twice."""
    for table in tables:
        tier = TIERS.get(_pane(table.element) if table.element else "")
        grid = table.grid
        labels = [label(cell) for cell in grid[1]] if len(grid) > 1 else []
        groups = [label(cell) for cell in grid[0]]
        if (
            tier is None
            or "short context" not in groups
            or labels[:1] != ["model"]
            or not set(labels[1:]) <= set(KINDS)
        ):
            issues.append(Issue("table of another layout", table.place, " | ".join(grid[0])[:150], "notice"))
            continue
        for number, row in enumerate(grid[2:], start=2):
            if not len(row) == len(labels) == len(groups):
                issues.append(Issue("a row of another width", f"{table.place}/row[{number}]", " | ".join(row)[:200]))
                continue
            for at in range(1, len(row)):
                sold = tier if groups[at] == "short context" else _above(tier, long)
                key = Key("openai", row[0], KINDS[labels[at]], sold)
                yield stated_price(key, row[at], f"{table.place}/row[{number}]/cell[{at}]")


def _from_islands(islands: list[tuple[int, str, str, dict[str, Any]]], issues: list[Issue]) -> Iterator[Stated]:
    for number, component, pane, body in islands:
        place = f"astro-island[{number}]"
        tier = TIERS.get(str(body.get("tier", pane)))
        if component == "TextTokenPricingTables":
            if tier is None:
                issues.append(Issue("unknown service tier", place, ascii(body.get("tier"))[:100]))
                continue
            for position, row in enumerate(_listed(body.get("rows"), place, issues)):
                yield from _row(row, tier, f"{place}/rows[{position}]", issues)
        elif _headings(body) == ["category", "model", "input", "cached input", "output"] and tier:
            for group in _listed(body.get("groups"), place, issues):
                family, rows = (group.get("model"), group.get("rows")) if isinstance(group, dict) else (None, group)
                for position, row in enumerate(_listed(rows, place, issues)):
                    if not isinstance(row, list) or row[-1:] not in (
                        ["-"],
                        [None],
                    ):  # what states no output is no text model
                        yield from _row(row, tier, f"{place}/{family!s:.100}[{position}]", issues)
        else:
            shown = " | ".join(_headings(body))[:150]
            issues.append(Issue("table of another layout", place, f"left: {shown}", "notice"))


def _listed(rows: Any, place: str, issues: list[Issue]) -> list[Any]:
    """The rows of a table; whatever else stands in their place is an issue."""
    if not isinstance(rows, list):
        issues.append(Issue("rows of another shape", place, ascii(rows)[:200]))
    return rows if isinstance(rows, list) else []


def _headings(body: dict[str, Any]) -> list[str]:
    headings = body.get("headings")
    return [label(one) if isinstance(one, str) else "" for one in (headings if isinstance(headings, list) else [])]


def _row(row: Any, tier: str, place: str, issues: list[Issue]) -> Iterator[Stated]:
    """One model: its name, and three or four figures. A dash or null is no price."""
    kinds = {4: PLAIN, 5: WITH_WRITES}.get(len(row)) if isinstance(row, list) else None
    if kinds is None or type(row[0]) is not str:
        issues.append(Issue("a row of another width", place, ascii(row)[:200]))
        return
    listing = _CONTEXT.sub("", row[0])
    for kind, content in zip(kinds, row[1:], strict=True):
        if content is not None and content != "-":
            yield Stated(Key("openai", listing, kind, tier), f"{place}/{kind}", content)
