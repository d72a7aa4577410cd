"""OpenRouter's model list (/api/v1/models): USD for one token, as strings. A second opinion, never a seller's own list.

-1 marks a router whose price depends on where it sends the request; `:free` variants state zero. Neither is a price.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.price_figures import PER_TOKEN, Key, Number, Price, Stated, changed, parsed_of, pointer, read_json

PROVIDER = "openrouter"
KINDS = {
    "prompt": "input",
    "completion": "output",
    "input_cache_read": "cache_read",
    "input_cache_write": "cache_write",
    "internal_reasoning": "reasoning",
    "audio": "audio_input",
}
OTHER_COSTS = frozenset({"image", "image_output", "image_token", "request", "web_search", "discount", "audio_output"})
VARIES = Price(None, None, "stated as -1: the price varies")
# Figures come as strings; long ones are refused before they are read as numbers.
_FIGURE = re.compile(r"[-+0-9.eE]{1,40}")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is not the model list."""
    spec = catalog.sources[capture.source]
    body = read_json(payload, spec.id)
    models = body.get("data") if isinstance(body, dict) else None
    if not isinstance(models, list) or not all(isinstance(model, dict) for model in models):
        raise changed("there is no list `data` of models", spec.id)
    issues: list[Issue] = []
    return parsed_of(_stated(models, issues), issues, capture, spec, PER_TOKEN)


def _stated(models: list[dict[str, Any]], issues: list[Issue]) -> Iterator[Stated]:
    unknown = Counter[str]()
    for position, model in enumerate(models):
        at, listing, pricing = pointer("data", str(position)), model.get("id"), model.get("pricing")
        if type(listing) is not str or not isinstance(pricing, dict):
            issues.append(Issue("model without id or pricing", at, ascii(listing)[:200]))
            continue
        for key, content in pricing.items():
            if key in KINDS:
                yield Stated(Key(PROVIDER, listing, KINDS[key]), f"{at}/pricing/{key}", _content(content))
            elif key not in OTHER_COSTS:
                unknown[key] += 1
    issues += [Issue("unknown cost key", "/data", f"{key!a} in {n} models", "notice") for key, n in unknown.items()]


def _content(content: Any) -> Any:
    if content == "-1":
        return VARIES
    return Number(content) if isinstance(content, str) and _FIGURE.fullmatch(content) else content
