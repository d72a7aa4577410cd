"""What no price list may slip into the book, list by list, through reader, doubts and checks as in a load."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

import pytest
from places import FIXTURES_FOLDER

from config.contracts import Capture
from config.errors import SourceChanged
from config.load import catalog
from config.specs import Rows
from flows.steps.pipeline import parse
from warehouse.store.checks import Checked, check

AT = datetime(2026, 9, 1)
FIXTURES = FIXTURES_FOLDER / "sources"


def joined(entry: str, figures: dict[str, str]) -> str:
    """One entry for each name and figure."""
    return ", ".join(entry.replace("NAME", name).replace("FIGURE", figure) for name, figure in figures.items())


def litellm(figures: dict[str, str]) -> str:
    entry = '"NAME": {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": FIGURE}'
    return "{" + joined(entry, figures) + "}"


def models_dev(figures: dict[str, str]) -> str:
    return '{"openai": {"models": {' + joined('"NAME": {"cost": {"input": FIGURE}}', figures) + "}}}"


def openrouter(figures: dict[str, str]) -> str:
    quoted = {name: figure if figure.startswith('"') else json.dumps(figure) for name, figure in figures.items()}
    return '{"data": [' + joined('{"id": "NAME", "pricing": {"prompt": FIGURE}}', quoted) + "]}"


def genai(figures: dict[str, str]) -> str:
    return '[{"id": "openai", "models": [' + joined('{"id": "NAME", "prices": {"input_mtok": FIGURE}}', figures) + "]}]"


LISTS: dict[str, tuple[Callable[[dict[str, str]], str], str]] = {
    "litellm_prices": (litellm, "1e-6"), "tokencost_prices": (litellm, "1e-6"), "models_dev_prices": (models_dev, "1"),
    "openrouter_prices": (openrouter, "0.000001"), "genai_prices": (genai, "1"),
}  # fmt: skip
SLIPS = {
    "words": '"free of charge"', "NaN": "NaN", "Infinity": "Infinity", "1e308": "1e308", "negative": "-0.5",
    "hostile": json.dumps("(" * 30 + "a" + "+" * 30 + ")" * 30), "figures without end": json.dumps("1" * 50_000),
}  # fmt: skip


def loaded(source: str, payload: bytes, scope: str = "") -> Checked:
    spec = catalog().sources[source].model_copy(update={"rows": Rows(min=1, max=1000)})
    capture = Capture(source, scope, "https://example.org/", "a" * 64, len(payload), AT, AT)
    return check(spec, parse(payload, capture, catalog()), AT)


def prices(found: Checked) -> dict[str, float]:
    sold = found.rows.filter(status="reported", token_kind="input")  # noqa: S106  a kind of token
    return dict(sold.select("listing", "value").rows())


@pytest.mark.parametrize("slip", SLIPS)
@pytest.mark.parametrize("source", LISTS)
def test_a_figure_that_is_no_price_is_quarantined_and_the_others_stay(source: str, slip: str) -> None:
    written, one = LISTS[source]
    found = loaded(source, written({"m1": one, "m2": one, "m3": one, "bad": SLIPS[slip]}).encode())
    assert prices(found) == {"m1": 1.0, "m2": 1.0, "m3": 1.0}
    assert found.rows.filter(listing="bad").select("status", "value").rows() == [("absent", None)]
    (issue,) = [issue for issue in found.issues if issue.severity == "quarantined"]
    assert "bad" in issue.locator + issue.detail


def twice(source: str) -> bytes:
    written, one = LISTS[source]
    figures = {"m1": one, "m2": one, "twice": one, "TWICE": one.replace("1", "2", 1)}
    return written(figures).replace("TWICE", "twice").encode()


@pytest.mark.parametrize("source", sorted(LISTS.keys() - {"models_dev_prices"}))
def test_two_prices_for_one_key_are_no_price(source: str) -> None:
    found = loaded(source, twice(source))
    assert prices(found) == {"m1": 1.0, "m2": 1.0}
    assert [issue.reason for issue in found.issues] == ["several prices for one token kind"]


def test_a_catalogue_that_writes_a_key_twice_is_refused() -> None:
    with pytest.raises(SourceChanged, match="the key 'twice' is written twice"):
        loaded("models_dev_prices", twice("models_dev_prices"))


# A row of each page's fixture, a figure of it, and another one: the same model twice in one table.
PAGES = {
    "anthropic_pricing": ("before_the_rise.md", "", "| Claude Opus 4.1 | $7.50 / MTok | $37.50 / MTok |", "$7.50"),
    "deepseek_pricing": ("en_2025.html", "en", "<tr><td>deepseek-reasoner</td><td>64K</td><td>32K</td><td>8K</td><td>$0.14</td><td>$0.55</td><td>$2.19 (5)</td></tr>", "$0.55"),
    "mistral_pricing": ("api.md", "", "| mistral-small-2603 | $0.15 | $0.6 |", "$0.15"),
    "moonshot_pricing": ("chat-k26.html", "chat-k26", "<tr><td>kimi-k2.6</td><td>1M tokens</td><td>¥1.10</td><td>¥6.50</td><td>¥27.00</td><td>262,144 tokens</td></tr>", "¥6.50"),
    "xai_pricing": ("models.md", "", "| grok-4.5 | 500K | $2.00 / 1M tokens | $0.50 / 1M tokens | $6.00 / 1M tokens |", "$2.00"),
    "zai_pricing": ("2026-07-17.html", "", "<tr><td>GLM-4.6</td><td>$0.6</td><td>$0.11</td><td>Limited-time Free</td><td>$2.2</td></tr>", "$0.6<"),
}  # fmt: skip


@pytest.mark.parametrize("source", PAGES)
def test_a_page_that_prices_one_model_twice_gives_no_price_for_what_differs(source: str) -> None:
    name, scope, row, figure = PAGES[source]
    body = (FIXTURES / source / name).read_text("utf-8")
    assert row in body
    twice = loaded(
        source, body.replace(row, f"{row}\n{row.replace(figure, figure.replace(figure[1], '9', 1))}").encode(), scope
    )
    assert [issue.reason for issue in twice.issues if issue.severity == "quarantined"] == [
        "several prices for one token kind"
    ]
    assert loaded(source, body.encode(), scope).rows.filter(status="reported").height - 1 == (
        twice.rows.filter(status="reported").height
    )


BAD_CELLS = {
    "words": ("a trifle", "not a price"), "NaN": ("NaN", "not a price"), "1e308": ("1e308", "not a price"), "negative": ("-1", "not a price"),
    "currency": ("₿1", "a currency nobody declared: '\\u20bf'"), "hostile": ("$" + "1 " * 300, "not a price"),
}  # fmt: skip


@pytest.mark.parametrize("slip", BAD_CELLS)
@pytest.mark.parametrize("source", PAGES)
def test_a_cell_that_is_no_price_is_quarantined_and_the_others_stay(source: str, slip: str) -> None:
    name, scope, row, figure = PAGES[source]
    written, reason = BAD_CELLS[slip]
    body = (FIXTURES / source / name).read_text("utf-8")
    tail = "<" if figure.endswith("<") else ""
    found = loaded(source, body.replace(row, row.replace(figure, written + tail, 1)).encode(), scope)
    assert [issue.reason for issue in found.issues if issue.severity == "quarantined"] == [reason]
    assert loaded(source, body.encode(), scope).rows.filter(status="reported").height - 1 == (
        found.rows.filter(status="reported").height
    )


def test_a_price_above_what_anything_ever_cost_speaks_against_nothing_beside_it() -> None:
    """The input slipped, by whatever factor: its caches, batch, bands and the output are what they were."""
    beside = {"cache_read_input_token_cost": 0.125, "cache_creation_input_token_cost": 1.5, "input_cost_per_token_batches": 0.6,
              "input_cost_per_token_priority": 2.5, "input_cost_per_token_above_200k_tokens": 2.5}  # fmt: skip
    entry = {
        "input_cost_per_token": 71_000e-6,
        "output_cost_per_token": 10e-6,
        "litellm_provider": "openai",
        "mode": "chat",
    }
    entry |= {key: value / 1e6 for key, value in beside.items()}
    assert doubted(entry) == set()  # the source's own check has the input
    entry["output_cost_per_token"] = 10_000e-6
    assert doubted(entry) == {f"/gpt-5/{key}" for key in beside}  # a slip of the unit is one of them all


def doubted(entry: dict[str, object]) -> set[str]:
    payload = json.dumps({"gpt-5": entry}).encode()
    capture = Capture("litellm_prices", "", "https://example.org/", "a" * 64, len(payload), AT, AT)
    return {issue.locator for issue in parse(payload, capture, catalog()).issues}


@pytest.mark.parametrize("given", [-10.0, 0.0, 10.0])
@pytest.mark.parametrize("asked", [-1.25, 0.0, 1.25])
def test_prices_of_nothing_and_below_it_are_compared_with_nothing(asked: float, given: float) -> None:
    entry = {
        "input_cost_per_token": asked / 1e6,
        "output_cost_per_token": given / 1e6,
        "litellm_provider": "openai",
        "mode": "chat",
    }
    below = {f"/gpt-5/{name}_cost_per_token" for name, price in (("input", asked), ("output", given)) if price < 0}
    assert doubted(entry) == below
