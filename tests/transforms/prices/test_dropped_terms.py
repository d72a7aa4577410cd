"""What a list says no longer, says in a circle, or says unreadably: it ends, is followed to its end, or is told."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from config.contracts import Capture, Parsed
from config.load import catalog
from flows.steps.pipeline import parse

AT = datetime(2026, 11, 21, 12)
Row = tuple[str, str, str, date | None, float | None, str | None]


def read(source: str, body: Any) -> Parsed:
    payload = json.dumps(body).encode()
    return parse(payload, Capture(source, "", "https://example.org", "0" * 64, len(payload), AT, AT), catalog())


def rows(parsed: Parsed) -> set[Row]:
    columns = ("listing", "token_kind", "price_tier", "valid_from", "value", "absence")
    return set(parsed.rows.select(columns).rows())


def told(parsed: Parsed) -> list[tuple[str, str]]:
    return sorted((issue.reason, issue.locator) for issue in parsed.issues)


def listing(asked: float, given: float, **more: Any) -> dict[str, Any]:
    prices = {"input_cost_per_token": asked / 1e6, "output_cost_per_token": given / 1e6}
    return {**prices, "litellm_provider": "openai", "mode": "chat", **more}


BANDED = {"input_mtok": {"base": 1.25, "tiers": [{"start": 200000, "price": 2.5}]}, "output_mtok": 5}
PLAIN = {"input_mtok": 1.0, "output_mtok": 4}
STEPS = [
    {"constraint": {"start_date": "2026-01-01"}, "prices": BANDED},
    {"constraint": {"start_date": "2026-06-01"}, "prices": PLAIN},
]


@pytest.mark.parametrize(
    ("said", "tier"),
    [
        ({"prices": STEPS}, "above_200k"),
        ({"prices": STEPS[::-1]}, "above_200k"),
        ({"prices": [{"prices": BANDED}, STEPS[1] | {"constraint": {"start_date": "2027-01-01"}}]}, "above_200k"),
        ({"prices": PLAIN, "price_variants": [{"when": {"tier": "batch"}, "prices": STEPS}]}, "above_200k_batch"),
        ({"prices": PLAIN, "price_variants": [{"when": {"region": "eu"}, "prices": STEPS}]}, "above_200k_region_eu"),
    ],
    ids=["in order", "later first", "before it comes", "a variant", "a region"],
)
def test_a_price_by_context_ends_with_the_step_that_states_none(said: dict[str, Any], tier: str) -> None:
    """Claude Opus 4.6 above 200k of context stood at 10 after 2026-03-13, when its maker took that price away."""
    found = read("genai_prices", [{"id": "acme", "models": [{"id": "m", **said}]}])
    ends = {row for row in rows(found) if row[2] == tier}
    on = date(2027, 1, 1) if "2027-01-01" in json.dumps(said) else date(2026, 6, 1)
    assert ("m", "input", tier, on, None, "ended") in ends
    assert [row[4] for row in ends if row[5] is None] == [2.5]
    assert told(found) == []


def test_another_size_of_context_ends_the_one_before() -> None:
    other = {"input_mtok": {"base": 1.0, "tiers": [{"start": 272000, "price": 2}]}, "output_mtok": 4}
    steps = [STEPS[0], STEPS[1] | {"prices": other}]
    found = rows(read("genai_prices", [{"id": "acme", "models": [{"id": "m", "prices": steps}]}]))
    on = date(2026, 6, 1)
    assert {("m", "input", "above_200k", on, None, "ended"), ("m", "input", "above_272k", on, 2.0, None)} <= found


def test_an_alias_that_ends_before_its_listing_ends_on_its_own_day() -> None:
    """Its own end came from nowhere: an alias was sold as long as what it stands for."""
    body = {
        "gpt-9": listing(2.0, 10.0, deprecation_date="2027-03-01"),
        "gpt-9-preview": {"alias_of": "gpt-9", "deprecation_date": "2026-12-01"},
        "gpt-9-old": {"alias_of": "gpt-9", "deprecation_date": "2026-11-20T00:00:00Z"},
        "gpt-9-latest": {"alias_of": "gpt-9"},
    }
    found = read("litellm_prices", body)
    inputs = {row[:1] + row[3:] for row in rows(found) if row[1] == "input"}
    assert inputs == {
        ("gpt-9", None, 2.0, None), ("gpt-9", date(2027, 3, 1), None, "ended"),
        ("gpt-9-preview", None, 2.0, None), ("gpt-9-preview", date(2026, 12, 1), None, "ended"),
        ("gpt-9-old", None, None, "ended"),
        ("gpt-9-latest", None, 2.0, None), ("gpt-9-latest", date(2027, 3, 1), None, "ended"),
    }  # fmt: skip
    assert told(found) == [("past its own end", "/gpt-9-old/deprecation_date")]


def test_an_alias_with_prices_of_its_own_costs_what_it_stands_for_and_is_told() -> None:
    """It was sold twice: at its own price all day, and at the other's in its hours; or, without hours, not at all."""
    body = {
        "gpt-9": listing(2.0, 10.0),
        "gpt-9-latest": {"alias_of": "gpt-9", **listing(2.5, 10.0)},
        "gpt-9-lost": {"alias_of": "gpt-8", **listing(3.0, 12.0)},
    }
    found = read("litellm_prices", body)
    assert {row[0]: row[4] for row in rows(found) if row[1] == "input"} == {
        "gpt-9": 2.0, "gpt-9-latest": 2.0, "gpt-9-lost": 3.0,
    }  # fmt: skip
    assert told(found) == [
        ("alias of no listing", "/gpt-9-lost/alias_of"), ("an alias with prices of its own", "/gpt-9-latest"),
    ]  # fmt: skip


def test_a_band_that_is_not_of_context_is_no_price_by_context() -> None:
    step = {"tier": {"type": "output", "size": 32000}, "input": 2}
    body = {"openai": {"models": {"m": {"cost": {"input": 1, "output": 4, "tiers": [step]}}}}}
    found = read("models_dev_prices", body)
    assert {row[2] for row in rows(found)} == {"standard"}
    assert told(found) == [("unknown condition of a price", "/openai/models/m/cost/tiers/0")]


def test_an_alias_of_an_alias_costs_what_the_last_of_them_stands_for() -> None:
    body = {
        "newest": {"alias_of": "new"}, "new": {"alias_of": "m"}, "m": listing(1, 2),
        "round": {"alias_of": "about"}, "about": {"alias_of": "round"}, "self": {"alias_of": "self"},
        "lost": {"alias_of": "gone"}, "far": {"alias_of": "lost"},
    }  # fmt: skip
    found = read("litellm_prices", body)
    names = found.rows.select("listing", "alias_of", "token_kind", "value").rows()
    assert {("newest", "m", "input", 1.0), ("new", "m", "output", 2.0)} <= set(names)
    assert {name for name, *_ in names} == {"m", "new", "newest"}
    lost = [("alias of no listing", f"/{name}/alias_of") for name in ("about", "far", "lost", "round", "self")]
    assert told(found) == lost


def test_an_end_without_noughts_is_a_day_and_one_that_is_no_day_is_told() -> None:
    days = {"short": "2025-1-6", "due": "2026-12-1", "thirteen": "2025-13-01", "words": "soon", "none": ""}
    found = read("litellm_prices", {name: listing(1, 2, deprecation_date=day) for name, day in days.items()})
    assert ("short", "input", "standard", None, None, "ended") in rows(found)
    assert {("due", "input", "standard", None, 1.0, None), ("due", "input", "standard", date(2026, 12, 1), None, "ended")} <= rows(found)  # fmt: skip
    unread = [place for reason, place in told(found) if reason == "unreadable end of a listing"]
    assert unread == ["/thirteen/deprecation_date", "/words/deprecation_date"]


def test_an_aliass_own_end_that_is_no_day_is_told() -> None:
    body = {"m": listing(1, 2), "newest": {"alias_of": "m", "deprecation_date": "soon"}}
    assert told(read("litellm_prices", body)) == [("unreadable end of a listing", "/newest/deprecation_date")]


def test_a_multiplier_that_is_not_read_is_told() -> None:
    specific = {"eu": 1.1, "slow": 2, "us": "1.1", "realtime_ga_only": 1}
    found = read(
        "litellm_prices", {"m": listing(1, 2, provider_specific_entry=specific, fedramp_uplift_multiplier="1.2")}
    )
    assert ("m", "input", "region_eu", None, 1.1, None) in rows(found)
    keys = ("/m/fedramp_uplift_multiplier", "/m/provider_specific_entry/slow", "/m/provider_specific_entry/us")
    assert told(found) == [("unknown cost key", key) for key in keys]


def test_a_rule_for_names_that_the_list_does_not_have_is_told_where_it_states_a_price() -> None:
    """As the rules of 2026-11-20 are: which seller is meant and what the model can do. A price in one would be of any name."""
    about = {"litellm_provider": "anthropic", "mode": "chat", "supports_vision": True}
    rule = {"name": "ids", "pattern": "^claude-", "description": "a bare id", "model_info": about}
    priced = rule | {"model_info": about | {"input_cost_per_token": 1e-6, "surge_cost": 2}}

    def read_with(*rules: Any) -> Parsed:
        return read("litellm_prices", {"fallback_generalizations": {"rules": [*rules]}, "m": listing(1, 2)})

    assert told(read_with(rule, rule | {"fill_missing_for_providers": ["bedrock"]})) == []
    found = read_with(rule, priced, priced, rule | {"discount": 0.5}, "none")
    assert {row[0] for row in rows(found)} == {"m"}
    assert sorted(issue.detail for issue in found.issues) == [
        "'discount' in 1 rules", "'input_cost_per_token' in 2 rules", "'model_info' in 1 rules", "'surge_cost' in 2 rules",
    ]  # fmt: skip
    assert {*told(found)} == {("unknown cost key", "/fallback_generalizations/rules")}


def test_openrouters_unreadable_end_and_a_price_of_some_hours_alone_are_told() -> None:
    hours = {"utc_start": 1600, "utc_end": 100, "prompt": "0.0000005", "input_cache_read": "0.0000001"}
    pricing = {"prompt": "0.000001", "completion": "0.000004", "overrides": [hours]}
    found = read("openrouter_prices", {"data": [{"id": "a/m", "pricing": pricing, "expiration_date": "soon"}]})
    assert told(found) == [
        ("a price of some hours and none of the others", "/data/0/pricing/overrides/0/input_cache_read"),
        ("unreadable end of a listing", "/data/0/expiration_date"),
    ]


@pytest.mark.parametrize(
    "condition",
    [
        {"utc_start": 100, "utc_end": 400, "weekdays": [6, 7]},
        {"min_prompt_tokens": 200000, "max_prompt_tokens": 400000},
        {"utc_start": 100, "utc_end": 400, "min_prompt_tokens": 200000},
        {"min_prompt_tokens": 500},
    ],
)
def test_what_openrouter_asks_under_a_condition_nobody_declared_is_told_and_no_price_of_all_hours(
    condition: dict[str, Any],
) -> None:
    pricing = {"prompt": "0.000001", "overrides": [{**condition, "prompt": "0.000002"}]}
    found = read("openrouter_prices", {"data": [{"id": "a/m", "pricing": pricing}]})
    assert rows(found) == {("a/m", "input", "standard", None, 1.0, None)}
    assert told(found) == [("unknown condition of a price", "/data/0/pricing/overrides")]


@pytest.mark.parametrize(
    ("overrides", "asked", "detail"),
    [
        ([{"min_prompt_tokens": 0, "prompt": "0.000001"}], {("standard", 1.0)}, []),
        ([{"min_prompt_tokens": 0, "prompt": "0.000002"}], {("standard", None)}, ["openrouter a/m input: '0.000001', '0.000002'"]),
        (
            [{"utc_start": 100, "utc_end": 400, "prompt": "0.000002"}, {"utc_start": 400, "utc_end": 900, "prompt": "0.000003"}],
            {("standard", None)}, ["openrouter a/m input: 0.000001, 0.000002, 0.000003"],
        ),
    ],
    ids=["the plain price again", "another", "a third of a day"],
)  # fmt: skip
def test_what_openrouter_asks_from_no_token_on_is_the_plain_price_and_a_third_of_a_day_is_told_in_figures(
    overrides: list[dict[str, Any]], asked: set[tuple[str, float | None]], detail: list[str]
) -> None:
    found = read(
        "openrouter_prices", {"data": [{"id": "a/m", "pricing": {"prompt": "0.000001", "overrides": overrides}}]}
    )
    assert {(row[2], row[4]) for row in rows(found)} == asked
    assert [issue.detail for issue in found.issues] == detail
    assert set(found.rows["value_exact"]) == ({None} if detail else {"0.000001"})


def test_models_devs_costs_in_another_form_are_told() -> None:
    entry = {
        "cost": {"input": 1, "output": 2, "tiers": {"input": 2}},
        "experimental": {"modes": {"fast": {"cost": [1]}}},
    }
    found = read("models_dev_prices", {"openai": {"models": {"m": entry}}})
    assert told(found) == [
        ("costs are not an object", "/openai/models/m/experimental/modes/fast/cost"),
        ("unknown condition of a price", "/openai/models/m/cost/tiers/0"),
    ]


@pytest.mark.parametrize("unit", ["character", "characters", "char"])
def test_a_price_by_the_token_is_none_where_a_character_costs_as_much_under_any_key(unit: str) -> None:
    found = read("litellm_prices", {"m": listing(0.25, 0.5, **{f"input_cost_per_{unit}": 2.5e-7}), "n": listing(1, 2)})
    assert ("m", "input", "standard", None, None, "quarantined") in rows(found)
    assert ("m", "output", "standard", None, 0.5, None) in rows(found)


@pytest.mark.parametrize(
    ("more", "doubted"),
    [
        ({"cache_creation_input_token_cost_above_1hr": 6e-6}, ("cache_write_1h", "standard")),
        ({"cache_creation_input_token_cost_above_12hr": 14e-6}, ("cache_write_12h", "standard")),
        ({"explicit_cache_read_input_token_cost": 16e-6}, ("cache_read_explicit", "standard")),
        ({"input_cost_per_audio_token": 1e-6, "cache_read_input_audio_token_cost": 2e-6}, ("audio_cache_read", "standard")),
        ({"input_cost_per_token_batches": 1.2e-6}, ("input", "batch")),
        ({"output_cost_per_token_priority": 760e-6}, ("output", "priority")),
        ({"input_cost_per_token_above_200k_tokens": 0.015e-6}, ("input", "above_200k")),
        ({"input_cost_per_token_batches": 1.5e-6, "output_cost_per_token_above_200k_tokens": 900e-6}, None),
        ({"cache_creation_input_token_cost_above_1hr": 30e-6, "explicit_cache_read_input_token_cost": 1e-6}, None),
    ],
)  # fmt: skip
def test_a_price_that_its_own_listing_speaks_against(more: dict[str, float], doubted: tuple[str, str] | None) -> None:
    """claude-3-opus stated 6 for a write of one hour beside an input of 15; ft:davinci-002 a batch at 1 beside 12."""
    found = read("litellm_prices", {"m": listing(15, 75, **more)})
    out = {(kind, tier) for _, kind, tier, _, _, absence in rows(found) if absence == "quarantined"}
    assert out == ({doubted} if doubted else set())
