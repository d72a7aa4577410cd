"""Google's Gemini API pricing page: a section for each model, in it a table for each service tier.

A cell may hold several prices, one a line: by length of the prompt, or by what the tokens carry. Lines about images,
video or storage are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import PER_MILLION, Key, Stated, changed, context_tier, parsed_of
from transforms.prices.page import Table, label, money, read_page, refuse_foreign_models

TIERS = {"standard": "standard", "batch": "batch", "flex": "flex", "priority": "priority"}
KINDS = (("input price", "input"), ("output price", "output"), ("context caching price", "cache_read"))
AUDIO = {"input": "audio_input", "output": "audio_output"}
_PAID = re.compile(r"paid tier, per 1m tokens in usd")
_LINE = re.compile(r"(?P<money>\$\d{1,6}(?:\.\d{1,8})?)(?P<rest>.{0,200})")
_ABOVE = re.compile(r"> ?(\d{1,5})k", re.IGNORECASE)
_OTHER = ("storage", "per hour", "per image", "per second", "per request", "/ 1,000", "per 1,000")
MODELS = r"gemini|gemma|imagen|veo|lyria"


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is another page."""
    spec = catalog.sources[capture.source]
    page = read_page(payload, spec.id, canonical=r"ai\.google\.dev/gemini-api/docs/pricing", title="pricing|gemini")
    issues: list[Issue] = []
    stated = [one for table in page.tables for one in _section(table, issues)]
    if not stated:
        raise changed("no table of the page is of a known layout", spec.id)
    refuse_foreign_models(stated, MODELS, spec.id)
    return parsed_of(stated, issues, capture, spec, PER_MILLION)


def _section(table: Table, issues: list[Issue]) -> Iterator[Stated]:
    header = [label(cell) for cell in table.grid[0]]
    paid = next((at for at, name in enumerate(header) if _PAID.fullmatch(name)), None)
    tier = TIERS.get(label(table.subsection) or "standard")
    if paid is None or tier is None or not table.codes:
        shown = f"{table.section} {table.subsection}: {' | '.join(table.grid[0])}"[:150]
        issues.append(Issue("table of another layout", table.place, f"left: {shown}", "notice"))
        return
    for number, row in enumerate(table.grid[1:], start=1):
        kind = next((kind for begins, kind in KINDS if label(row[0]).startswith(begins)), None)
        if kind is None or paid >= len(row):
            if "price" in label(row[0]):
                issues.append(
                    Issue("unknown price row", f"{table.place}/row[{number}]", " | ".join(row)[:200], "notice")
                )
            continue
        for line, text in enumerate(row[paid].split("\n")):
            place = f"{table.place}/row[{number}]/cell[{paid}]/line[{line}]"
            for listing in table.codes:
                yield from _line(Key("google", listing, kind, tier), text, place, issues)


def _line(key: Key, text: str, place: str, issues: list[Issue]) -> Iterator[Stated]:
    found = _LINE.fullmatch(text)
    if found is None:
        cell = money(text)
        if cell.price.problem:
            issues.append(Issue(cell.price.problem, place, f"{key.listing}: {text[:100]}"))
        return
    rest = found["rest"].casefold()
    if any(word in rest for word in _OTHER):
        return
    if "(" in rest and "text" not in rest:
        if "audio" not in rest or key.token_kind not in AUDIO:
            return
        key = key._replace(token_kind=AUDIO[key.token_kind])
    if above := _ABOVE.search(rest):
        tier = context_tier(int(above[1]) * 1000)
        key = key._replace(price_tier=tier if key.price_tier == "standard" else f"{tier}_{key.price_tier}")
    yield Stated(key, place, money(found["money"]).price)
