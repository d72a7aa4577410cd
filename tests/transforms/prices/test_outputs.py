"""Outputs that cost less than inputs: of a model that talks one of the two slipped, or they are exchanged."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from config.contracts import Capture
from config.errors import SourceChanged
from config.load import catalog
from flows.steps.pipeline import parse
from warehouse.store.checks import check

AT = datetime(2026, 11, 20)
BOTH = {"input", "output"}
Listed = dict[str, dict[str, float | str]]


def entry(seller: str, bought: float, given: float, **other: float) -> dict[str, float | str]:
    prices = {"input_cost_per_token": bought, "output_cost_per_token": given, **other}
    return {"mode": "chat", "litellm_provider": seller, **{key: value / 1e6 for key, value in prices.items()}}


def doubted(listed: Listed) -> set[tuple[str, str, str]]:
    """(listing, token kind, tier) of what is quarantined."""
    padding = {f"m{n}": entry("filler", 1.0, 2.0) for n in range(30)}
    payload = json.dumps(padding | listed).encode()
    capture = Capture("litellm_prices", "", "u", "a" * 64, len(payload), AT, AT)
    rows = check(catalog().sources["litellm_prices"], parse(payload, capture, catalog()), AT).rows
    return set(rows.filter(absence="quarantined").select("listing", "token_kind", "price_tier").rows())


@pytest.mark.parametrize(
    ("listed", "slips"),
    [
        # litellm, 2025: exchanged, as its own later file says (0.0375/0.15); and an output with a nought too many.
        ({"command-r7b-12-2024": entry("cohere", 0.15, 0.0375)}, BOTH),
        ({"oci/xai.grok-4": entry("oci", 3.0, 0.15)}, BOTH),
        ({"newlab/zed-9": entry("newlab", 5.0, 2.5)}, BOTH),
        # What is so: GPT-5 image mini (2.5/2), Clarifai's Ministral (1.039/0.548), a guard.
        ({"newlab/zed-image": entry("newlab", 2.5, 2.0)}, set()),
        ({"newlab/zed-3b": entry("newlab", 1.039, 0.54825)}, set()),
        ({"newlab/llama-guard-9": entry("newlab", 0.48, 0.03)}, set()),
        ({"one/zed-9": entry("newlab", 0.48, 0.03), "two/zed-9": entry("groq", 0.5, 0.03)}, set()),
    ],
)
def test_an_output_far_below_its_input_is_doubted_with_it(listed: Listed, slips: set[str]) -> None:
    name = next(iter(listed))
    assert doubted(listed) == {(name, kind, "standard") for kind in slips}


@pytest.mark.parametrize(
    ("bought", "given", "slips"),
    [(1.0, 0.6, {"input"}), (0.15, 0.14, {"output"}), (0.15, 0.6, set()), (0.6, 0.6, set())],
)
def test_of_a_tier_it_is_the_price_further_from_its_plain_one(bought: float, given: float, slips: set[str]) -> None:
    """Gemini 1.5 Flash on Vertex was 1/0.6 above 128k in the list, and 0.15/0.6 at Google; plain 0.075/0.3."""
    long = {"input_cost_per_token_above_128k_tokens": bought, "output_cost_per_token_above_128k_tokens": given}
    listed = {"newlab/zed-flash": entry("newlab", 0.075, 0.3, **long)}
    assert doubted(listed) == {("newlab/zed-flash", kind, "above_128k") for kind in slips}


def test_where_others_say_which_of_the_two_slipped_the_other_stands() -> None:
    """gemini/gemini-1.5-pro-latest at 3.5/1.05 beside gemini-1.5-pro at 3.5/10.5."""
    listed = {
        "gemini/gemini-1.5-pro-latest": entry("gemini", 3.5, 1.05),
        "gemini/gemini-1.5-pro": entry("gemini", 3.5, 10.5),
        "gemini/gemini-1.5-pro-001": entry("gemini", 3.5, 10.5),
        "gemini/gemini-1.5-pro-002": entry("gemini", 3.5, 10.5),
    }
    assert doubted(listed) == {("gemini/gemini-1.5-pro-latest", "output", "standard")}


@pytest.mark.parametrize(
    ("name", "slipped", "sound", "slip"),
    [
        ("gpt-5-pro", (15.0, 0.12), (15.0, 120.0), "output"),
        ("gpt-5-pro", (0.015, 120.0), (15.0, 120.0), "input"),
        ("claude-opus-9-5", (0.05, 25.0), (5.0, 25.0), "input"),
        ("zed-nano", (0.05, 40.0), (0.05, 0.4), "output"),
    ],
)
def test_of_two_prices_too_far_apart_it_is_the_one_that_no_other_listing_of_the_name_has(
    name: str, slipped: tuple[float, float], sound: tuple[float, float], slip: str
) -> None:
    """What GPT-5 pro, Claude Opus and GPT-5 nano cost, one seller's price a hundred times off or a thousand: of dear models the
    sound price is the one further from a dollar.
    """
    listed = {
        name: entry("openai", *slipped),
        f"azure/{name}": entry("azure", *sound),
        "zed-latest": {"alias_of": name},
    }
    # An alias of what slipped has the same slip, and speaks for nothing.
    assert doubted(listed) == {(name, slip, "standard"), ("zed-latest", slip, "standard")}


def test_an_exchange_fits_the_others_when_it_is_turned_round_and_both_are_out() -> None:
    """azure_ai/Llama-4-Maverick at 1.41/0.35, which Azure sells at 0.35/1.41, beside hosts at 0.2/0.6."""
    exchanged = {"azure_ai/zed-17b-maverick": entry("azure_ai", 1.41, 0.35)}
    hosts = {"groq/zed-17b-maverick": entry("groq", 0.2, 0.6), "b/zed-17b-maverick": entry("novita", 0.17, 0.85)}
    assert doubted(exchanged | hosts) == {("azure_ai/zed-17b-maverick", kind, "standard") for kind in BOTH}


OWN, HOST = "claude-opus-4-6", "azure_ai/claude-opus-4-6"


@pytest.mark.parametrize(
    ("own", "host", "slips"),
    [
        # One price of one of them slipped, and the other says whose it was; a developer's first price has no day before it.
        ((0.5, 25.0), (5.0, 25.0), {(OWN, "input")}),
        ((50.0, 25.0), (5.0, 25.0), {(OWN, "input")}),
        ((5.0, 2.5), (5.0, 25.0), {(OWN, "output")}),
        ((5.0, 25.0), (0.5, 25.0), {(HOST, "input")}),
        ((5.0, 25.0), (5.0, 2.5), {(HOST, "output")}),
        # Nothing says which of two units it is: the reseller's, as ever.
        ((0.5, 2.5), (5.0, 25.0), {(HOST, "input"), (HOST, "output")}),
    ],
)
def test_of_a_developer_and_one_host_ten_times_apart_in_one_price_the_odd_listing_slipped(
    own: tuple[float, float], host: tuple[float, float], slips: set[tuple[str, str]]
) -> None:
    listed = {OWN: entry("anthropic", *own), HOST: entry("azure_ai", *host)}
    assert doubted(listed) == {(name, kind, "standard") for name, kind in slips}


def test_a_list_whose_inputs_and_outputs_are_exchanged_is_refused_whole() -> None:
    """The last good prices stay: none of its own is believed, and none is taken back. Of a few among others each is doubted."""
    listed = {f"lab/m{n}": entry("lab", 4.0, 1.0) for n in range(31)}
    with pytest.raises(SourceChanged, match=r"^litellm_prices: 31 of 61 listings ask less for an output .* exchanged"):
        doubted(listed)
    del listed["lab/m30"]
    assert len(doubted(listed)) == 60
