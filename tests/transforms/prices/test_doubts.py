"""Slips of a list that lie within the bounds: kept out by a declared bound or by what the list itself says elsewhere."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from config.contracts import Capture
from config.load import catalog
from flows.steps.pipeline import parse
from warehouse.store.checks import Checked, check

AT = datetime(2024, 10, 17)


def entry(provider: str, bought: float, given: float) -> dict[str, Any]:
    return {
        "mode": "chat",
        "litellm_provider": provider,
        "input_cost_per_token": bought / 1e6,
        "output_cost_per_token": given / 1e6,
    }


PADDING = {f"m{n}": entry("openai", 1.0, 2.0) for n in range(20)}


def checked(listed: dict[str, dict[str, Any]], source: str = "litellm_prices") -> Checked:
    """A file of litellm, or of one that copies it, with these entries and some more, parsed and checked as in a load."""
    padding = {f"m{n}": PADDING["m0"] for n in range(200)} if source == "tokencost_prices" else PADDING
    payload = json.dumps(padding | listed).encode()
    capture = Capture(source, "", "u", "a" * 64, len(payload), AT, AT)
    return check(catalog().sources[source], parse(payload, capture, catalog()), AT)


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


@pytest.mark.parametrize(
    ("listing", "bought", "given", "kept"),
    [
        # tokencost of 2024-06-17: an eighth of what Vertex asked by the token, and Flash's price for Google's own Pro.
        ("gemini-1.5-flash-001", 0.0625, 0.1875, False),
        ("gemini-1.5-pro-001", 0.625, 1.875, False),
        ("gemini/gemini-1.5-pro", 0.7, 2.1, False),
        # What was asked, dear and cheap: litellm of 2024-12.
        ("gemini-1.5-flash-001", 0.15, 0.6, True),
        ("gemini-1.5-pro-001", 2.5, 10.0, True),
        ("gemini/gemini-1.5-pro", 7.0, 21.0, True),
    ],
)
@pytest.mark.parametrize("source", ["litellm_prices", "tokencost_prices"])
def test_a_band_is_by_the_character_where_the_plain_price_was(
    source: str, listing: str, bought: float, given: float, *, kept: bool
) -> None:
    seller = "gemini" if "/" in listing else "vertex_ai-language-models"
    band = {
        "input_cost_per_token_above_128k_tokens": bought / 1e6, "output_cost_per_token_above_128k_tokens": given / 1e6,
    }  # fmt: skip
    found = checked({listing: {**entry(seller, bought / 2, given / 2), **band}}, source)
    bands = found.rows.filter(pl.col("listing") == listing, pl.col("price_tier") == "above_128k", status="reported")
    assert sorted(bands["value"]) == pytest.approx([bought, given] if kept else [])


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
        (0.3, {"bedrock": 3.0}, {"anthropic"}),  # one word against another: an output of thirty inputs is odd
        (3.0, {"bedrock": 0.3}, {"bedrock"}),
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


def test_the_makers_own_row_times_ten_is_doubted_and_not_the_sellers_that_are_right() -> None:
    """litellm of 2024-12: OpenAI's gpt-4o at 2.50/10 beside its two dated listings and Azure's, at 2.50/10 and 5/15."""
    right = {
        "gpt-4o-2024-08-06": entry("openai", 2.5, 10.0), "gpt-4o-2024-05-13": entry("openai", 5.0, 15.0),
        "azure/gpt-4o": entry("azure", 2.5, 10.0),
    }  # fmt: skip
    slipped = {**entry("openai", 25.0, 100.0), "cache_read_input_token_cost": 12.5e-6}
    found = checked({"gpt-4o": slipped, **right})
    assert sold(found, "gpt-4o") == {}
    assert [sold(found, listing)["input"] for listing in right] == [2.5, 5.0, 2.5]
    assert sorted(issues(found)) == [
        ("input and output of its listing are ten times off", "/gpt-4o/cache_read_input_token_cost"),
        ("ten times off what other sellers ask in the same list", "/gpt-4o/input_cost_per_token"),
        ("ten times off what other sellers ask in the same list", "/gpt-4o/output_cost_per_token"),
    ]


@pytest.mark.parametrize("factor", [10.0, 0.1, 0.01])
def test_one_dated_listing_against_the_makers_row_is_no_majority(factor: float) -> None:
    """Which of two listings slipped cannot be told from the two."""
    body = {
        "gpt-4o": entry("openai", 2.5 * factor, 10.0 * factor),
        "gpt-4o-2024-08-06": entry("openai", 2.5, 10.0),
    }
    assert issues(checked(body)) == []


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
        ("gemini/gemini-1.5-pro-latest", "gemini", 3.5, 1.05, set()),
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


@pytest.mark.parametrize(
    ("own", "host", "slipped"),
    [((0.00125, 0.01), (1.25, 10.0), "gpt-5"), ((1250.0, 10000.0), (1.25, 10.0), "gpt-5"), ((0.25, 2.0), (250.0, 2000.0), "azure/gpt-5")],
)  # fmt: skip
def test_a_thousand_times_apart_the_price_further_from_a_dollar_is_the_slip(
    own: tuple[float, float], host: tuple[float, float], slipped: str
) -> None:
    found = checked({"gpt-5": entry("openai", *own), "azure/gpt-5": entry("azure", *host)})
    other = {"gpt-5": "azure/gpt-5", "azure/gpt-5": "gpt-5"}[slipped]
    assert sold(found, slipped) == {}
    assert sold(found, other) == dict(zip(("input", "output"), host if slipped == "gpt-5" else own, strict=True))


@pytest.mark.parametrize("host", [(0.015, 0.12), (0.15, 1.2), (15.0, 1.2), (0.15, 120.0), (15.0, 0.12)])
def test_of_two_listings_a_slip_of_the_unit_is_one_of_them_in_both_prices(host: tuple[float, float]) -> None:
    """GPT-5 pro at 15/120: the dear output alone was doubted beside a host's, and an input of one and an output of the other stood."""
    found = checked({"gpt-5-pro": entry("openai", 15.0, 120.0), "azure/gpt-5-pro": entry("azure", *host)})
    assert sold(found, "gpt-5-pro") == {"input": 15.0, "output": 120.0}
    kept = zip(("input", "output"), host, (15.0, 120.0), strict=True)
    assert (
        sold(found, "azure/gpt-5-pro").items() <= {kind: price for kind, price, sound in kept if price == sound}.items()
    )


def test_what_no_text_model_ever_cost_is_a_slip_though_nothing_else_is_listed() -> None:
    body = {
        "newhost/model-8b": entry("newhost", 0.0001, 0.0002) | {"cache_read_input_token_cost": 5e-11},
        "newhost/model-1b": entry("newhost", 0.005, 0.01),
    }
    found = checked(body)
    assert sold(found, "newhost/model-8b") == {}
    assert sold(found, "newhost/model-1b") == {"input": 0.005, "output": 0.01}


@pytest.mark.parametrize(
    ("listing", "asked", "kept"),
    [("together_ai/meta-llama/Llama-3.2-3B-Instruct-Turbo", 60.0, False), ("groq/llama-3.1-8b-instant", 50.0, False),
     ("host/qwen3-235b-a22b", 60.0, True), ("host/mixtral-8x7b", 60.0, True), ("host/qwen3-9b", 5.0, True)],
)  # fmt: skip
def test_a_small_models_price_a_thousand_times_up_is_a_slip(listing: str, asked: float, kept: bool) -> None:
    found = checked({listing: entry("newhost", asked, asked)})
    assert sold(found, listing) == ({"input": asked, "output": asked} if kept else {})


@pytest.mark.parametrize(
    ("listed", "kept"),
    [
        ({"gpt-4o": ("openai", 250.0, 1000.0)}, set()),  # a hundred times up, and nobody beside it
        ({"azure/gpt-5": ("azure", 125.0, 1000.0)}, set()),
        ({"gpt-5": ("openai", 125.0, 1000.0), "azure/gpt-5": ("azure", 1.25, 10.0)}, {"azure/gpt-5"}),
        ({"o1-pro": ("openai", 150.0, 600.0)}, {"o1-pro"}),  # OpenAI's own price since 2025-03-19
        ({"gpt-9": ("openai", 150.0, 600.0), "gpt-9-2026-12-01": ("openai", 150.0, 600.0)}, {"gpt-9", "gpt-9-2026-12-01"}),
        ({"gpt-9": ("openai", 150.0, 600.0), "azure/gpt-9": ("azure", 150.0, 600.0)}, {"gpt-9", "azure/gpt-9"}),
        ({"gpt-4.5-preview": ("openai", 75.0, 150.0)}, {"gpt-4.5-preview"}),  # its own price: the input is below 99 USD
    ],
)  # fmt: skip
def test_a_dear_price_of_openai_and_azure_wants_somebody_to_confirm_it(
    listed: dict[str, tuple[str, float, float]], kept: set[str]
) -> None:
    found = checked({name: entry(*asked) for name, asked in listed.items()})
    assert {name for name in listed if sold(found, name)} == kept
    assert {locator.split("/input")[0].split("/output")[0] for _, locator in issues(found)} == {
        f"/{name.replace('/', '~1')}" for name in set(listed) - kept
    }


def test_an_alias_confirms_nothing() -> None:
    found = checked({"gpt-9": entry("openai", 150.0, 600.0), "gpt-9-latest": {"alias_of": "gpt-9"}})
    assert sold(found, "gpt-9") == sold(found, "gpt-9-latest") == {}


def test_what_an_alias_of_a_doubted_listing_costs_is_doubted_too() -> None:
    """Gemini 3.1 Pro is 2/12 wherever it is sold; a nought too many at its developer stood under a new name of it."""
    own, others = (
        "gemini/gemini-3.1-pro-preview",
        {"vertex_ai": "vertex_ai-language-models", "openrouter/google": "openrouter"},
    )
    listed = {f"{prefix}/gemini-3.1-pro-preview": entry(seller, 2.0, 12.0) for prefix, seller in others.items()}
    found = checked({own: entry("gemini", 20.0, 120.0), "gemini/gemini-newest": {"alias_of": own}, **listed})
    assert sold(found, own) == sold(found, "gemini/gemini-newest") == {}
    assert all(sold(found, name) == {"input": 2.0, "output": 12.0} for name in listed)
