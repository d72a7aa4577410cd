"""Slips of a list that lie within the bounds: kept out by a declared bound or by what the list itself says elsewhere."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from config.contracts import Capture
from config.load import catalog
from flows.pipeline import parse
from warehouse.checks import Checked, check

AT = datetime(2024, 10, 17)


def entry(provider: str, bought: float, given: float) -> dict[str, Any]:
    return {
        "mode": "chat",
        "litellm_provider": provider,
        "input_cost_per_token": bought / 1e6,
        "output_cost_per_token": given / 1e6,
    }


PADDING = {f"m{n}": entry("openai", 1.0, 2.0) for n in range(20)}


def checked(listed: dict[str, dict[str, Any]]) -> Checked:
    """A file of litellm with these entries and some more, parsed and checked as in a load."""
    payload = json.dumps(PADDING | listed).encode()
    capture = Capture("litellm_prices", "", "u", "a" * 64, len(payload), AT, AT)
    return check(catalog().sources["litellm_prices"], parse(payload, capture, catalog()), AT)


def sold(found: Checked, listing: str) -> dict[str, float | None]:
    return {
        row["token_kind"]: row["value"]
        for row in found.rows.iter_rows(named=True)
        if row["listing"] == listing and row["status"] == "reported"
    }


def issues(found: Checked) -> list[tuple[str, str]]:
    return [(issue.reason, issue.locator) for issue in found.issues if issue.severity == "quarantined"]


def test_a_price_by_the_character_is_doubted_beside_the_developers_own() -> None:
    """litellm of 2024-10: Vertex at 0.078125/0.3125 where Google asks 3.50/10.50 in the same file."""
    body = {
        "gemini/gemini-1.5-pro": entry("gemini", 3.5, 10.5),
        "gemini-1.5-pro": entry("vertex_ai-language-models", 0.078125, 0.3125),
    }
    found = checked(body)
    assert sold(found, "gemini-1.5-pro") == {}
    assert sold(found, "gemini/gemini-1.5-pro") == {"input": 3.5, "output": 10.5}
    reason = "ten times off the developer's own price in the same list"
    assert issues(found) == [
        (reason, "/gemini-1.5-pro/input_cost_per_token"), (reason, "/gemini-1.5-pro/output_cost_per_token"),
    ]  # fmt: skip
    assert "0.078125 beside 3.5 of google" in next(issue.detail for issue in found.issues if issue.reason == reason)
    notes = {row["note"] for row in found.rows.iter_rows(named=True) if row["listing"] == "gemini-1.5-pro"}
    assert notes == {f"quarantined: {reason}"}


def test_where_the_developers_own_price_is_the_slip_it_is_doubted_and_the_host_believed() -> None:
    """tokencost of 2024-06-30: Google at the price of Flash, Vertex at 5/15 and OpenRouter at 2.50/7.50 for one model."""
    body = {
        "gemini/gemini-1.5-pro": entry("gemini", 0.35, 1.05),
        "gemini-1.5-pro": entry("vertex_ai-language-models", 5.0, 15.0),
        "openrouter/google/gemini-pro-1.5": entry("openrouter", 2.5, 7.5),
    }
    found = checked(body)
    assert sold(found, "gemini/gemini-1.5-pro") == {}
    assert sold(found, "gemini-1.5-pro") == {"input": 5.0, "output": 15.0}
    assert sold(found, "openrouter/google/gemini-pro-1.5") == {"input": 2.5, "output": 7.5}
    reason = "ten times off what other sellers ask in the same list"
    assert issues(found) == [
        (reason, "/gemini~1gemini-1.5-pro/input_cost_per_token"), (reason, "/gemini~1gemini-1.5-pro/output_cost_per_token"),
    ]  # fmt: skip
    assert "0.35 beside 5 of google-vertex" in next(issue.detail for issue in found.issues if issue.reason == reason)


@pytest.mark.parametrize(
    ("own", "hosts", "slips"),
    [
        (0.3, {"bedrock": 3.0}, {"bedrock"}),  # one word against another: the developer's
        (0.3, {"bedrock": 3.0, "vertex_ai": 3.3}, {"anthropic"}),
        (3.0, {"bedrock": 0.3, "vertex_ai": 3.0}, {"bedrock"}),
        (
            3.0,
            {"bedrock": 0.3, "vertex_ai": 0.3, "openrouter": 3.0},
            {"bedrock", "vertex_ai"},
        ),  # as many on either side
        (3.0, {"bedrock": 30.0, "vertex_ai": 0.3, "openrouter": 2.0}, {"bedrock", "vertex_ai"}),
    ],
)
def test_of_two_prices_the_one_that_fewer_sellers_agree_with_is_the_slip(
    own: float, hosts: dict[str, float], slips: set[str]
) -> None:
    names = {
        "bedrock": "anthropic.claude-3-sonnet-20240229-v1:0", "vertex_ai": "vertex_ai/claude-3-sonnet@20240229",
        "openrouter": "openrouter/anthropic/claude-3-sonnet", "anthropic": "claude-3-sonnet-20240229",
    }  # fmt: skip
    prices = {"anthropic": own, **hosts}
    found = checked({names[seller]: entry(seller, price, 9.0) for seller, price in prices.items()})
    assert {seller for seller in prices if "input" not in sold(found, names[seller])} == slips


@pytest.mark.parametrize(
    ("bought", "given", "kept"),
    [(1.5, 7.5, set()), (1.51, 7.6, {"input", "output"}), (149.0, 749.0, set()), (90.0, 98.0, {"input", "output"})],
)
def test_a_factor_of_ten_is_a_slip_and_less_is_a_price(bought: float, given: float, kept: set[str]) -> None:
    """Claude 3 Opus at 15/75 of Anthropic; Vertex stood at 1.5/7.5 in 2024-04."""
    body = {
        "claude-3-opus-20240229": entry("anthropic", 15, 75),
        "vertex_ai/claude-3-opus@20240229": entry("vertex_ai", bought, given),
    }
    found = checked(body)
    assert set(sold(found, "vertex_ai/claude-3-opus@20240229")) == kept
    assert len(issues(found)) == 2 - len(kept)


@pytest.mark.parametrize(
    ("listing", "provider", "bought", "given", "kept"),
    [
        ("openrouter/qwen/qwen-vl-plus", "openrouter", 210.0, 630.0, set()),
        ("perplexity/pplx-7b-online", "perplexity", 0.2, 500.0, {"input"}),
        ("watsonx/google/flan-t5-xl-3b", "watsonx", 100.0, 100.0, set()),
        ("o1-pro", "openai", 150.0, 600.0, {"input", "output"}),
        ("openrouter/openai/gpt-5.2-pro", "openrouter", 21.0, 168.0, {"input", "output"}),
        ("gemini-1.5-pro-001", "vertex_ai-language-models", 0.3125, 0.9375, set()),
        ("gemini-1.5-flash-001", "vertex_ai-language-models", 0.004688, 0.0046875, set()),
        ("gemini-1.5-flash-001", "vertex_ai-language-models", 0.075, 0.3, {"input", "output"}),
        ("luminous-supreme", "aleph_alpha", 175.0, 192.5, {"input", "output"}),
        ("gemini-1.5-pro-preview-0514", "vertex_ai-language-models", 0.625, 1.875, set()),
        ("gemini-1.5-pro-preview-0514", "vertex_ai-language-models", 1.25, 5.0, {"input", "output"}),
        ("gemini/gemini-1.5-pro", "gemini", 0.35, 1.05, set()),
        ("gemini/gemini-1.5-pro-latest", "gemini", 3.5, 1.05, {"input"}),
        ("gemini/gemini-1.5-pro-002", "gemini", 1.25, 5.0, {"input", "output"}),
        ("gemini/gemini-1.5-flash", "gemini", 0.35, 1.05, {"input", "output"}),
    ],
)  # fmt: skip
def test_known_slips_lie_outside_a_declared_bound_and_dear_models_within(
    listing: str, provider: str, bought: float, given: float, kept: set[str]
) -> None:
    found = checked({listing: entry(provider, bought, given)})
    assert set(sold(found, listing)) == kept
    assert len(issues(found)) == 2 - len(kept)
