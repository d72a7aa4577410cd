"""Names that no model is entered for, prices of a listing far apart, and what is of the unit of a whole listing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from config.contracts import Capture
from config.load import catalog
from flows.steps.pipeline import parse
from warehouse.store.checks import Checked, check

AT = datetime(2026, 11, 20)


def entry(provider: str, bought: float, given: float, **other: float) -> dict[str, Any]:
    prices = {"input_cost_per_token": bought, "output_cost_per_token": given, **other}
    return {"mode": "chat", "litellm_provider": provider} | {key: value / 1e6 for key, value in prices.items()}


PADDING = {f"m{n}": entry("filler", 1.0, 2.0) for n in range(30)}


def checked(listed: dict[str, dict[str, Any]]) -> Checked:
    payload = json.dumps(PADDING | listed).encode()
    capture = Capture("litellm_prices", "", "u", "a" * 64, len(payload), AT, AT)
    return check(catalog().sources["litellm_prices"], parse(payload, capture, catalog()), AT)


def doubted(listed: dict[str, dict[str, Any]]) -> set[tuple[str, str]]:
    """(listing, token kind) of what is quarantined."""
    rows = checked(listed).rows.filter(absence="quarantined")
    return set(rows.select("listing", "token_kind").rows())


def both(listing: str) -> set[tuple[str, str]]:
    return {(listing, "input"), (listing, "output")}


OWN, HOST, THIRD = "gpt-99-zeta", "azure/gpt-99-zeta", "openrouter/openai/gpt-99-zeta"


def offered(
    own: tuple[float, float], host: tuple[float, float], third: tuple[float, float] | None = None
) -> dict[str, Any]:
    listed = {OWN: entry("openai", *own), HOST: entry("azure", *host)}
    return listed | ({THIRD: entry("openrouter", *third)} if third else {})


@pytest.mark.parametrize(
    ("listed", "slips"),
    [
        # Two hosts agree against the developer: ten times in both prices, a hundred in one of them.
        (offered((30, 90), (3, 9), (3, 9)), both(OWN)),
        (offered((0.3, 0.9), (3, 9), (3.3, 9.9)), both(OWN)),
        (offered((3, 0.09), (3, 9), (3, 9)), {(OWN, "output")}),
        (offered((3, 30), (3, 2.5), (3, 2.5)), set()),  # an output of images, ten times the hosts' of text
        # A host: by the same power of ten in both prices, or a hundred times.
        (offered((3, 9), (30, 90)), both(HOST)),
        (offered((3, 9), (0.3, 0.9)), both(HOST)),
        (offered((3, 9), (30, 60)), set()),  # dear hosts are
        (offered((0.05, 0.4), (8, 50)), both(HOST)),
        # One against one, a hundred times apart, the one above 99 is the slip, whoever states it.
        (offered((300, 900), (3, 9)), both(OWN)),
        (offered((3, 9), (300, 900)), both(HOST)),
        (offered((150, 600), (150, 600)), set()),
    ],
)  # fmt: skip
def test_a_name_that_nobody_entered_is_compared_with_its_developers(
    listed: dict[str, Any], slips: set[tuple[str, str]]
) -> None:
    assert doubted(listed) == slips


def test_a_developers_entered_price_above_99_is_the_slip_a_hundred_times_off_its_one_host() -> None:
    listed = {"gpt-5": entry("openai", 125.0, 990.0), "azure/gpt-5": entry("azure", 1.25, 9.9)}
    assert doubted(listed) == both("gpt-5")
    dated = {"gpt-4o": entry("openai", 250.0, 990.0), "gpt-4o-2024-08-06": entry("openai", 2.5, 9.9)}
    assert doubted(dated) == both("gpt-4o")


@pytest.mark.parametrize(
    ("given", "other", "slips"),
    [
        (0.01, {}, {"output"}),  # a thousand times below its ten
        (1000.0, {}, {"output"}),
        (90.0, {}, set()),
        (0.7, {}, set()),
        (10.0, {"cache_read_input_token_cost": 0.000125}, {"cache_read"}),
        (10.0, {"cache_read_input_token_cost": 0.01}, set()),
        (10.0, {"cache_creation_input_token_cost": 15.625}, {"cache_write"}),
        (10.0, {"cache_creation_input_token_cost_above_1hr": 2.5}, set()),
    ],
)
def test_prices_of_one_listing_that_are_too_far_apart(given: float, other: dict[str, float], slips: set[str]) -> None:
    listed = {"newlab/m-1": entry("newlab", 1.25, given, **other)}
    assert doubted(listed) == {("newlab/m-1", kind) for kind in slips}


def test_what_is_in_yuan_is_the_whole_listing() -> None:
    cached = {"cache_read_input_token_cost": 0.2}
    listed = {"deepseek/deepseek-v3.2": entry("deepseek", 0.28, 0.42), "novita/deepseek/deepseek-v3.2": entry("novita", 2.0, 3.0, **cached)}  # fmt: skip
    host = "novita/deepseek/deepseek-v3.2"
    assert doubted(listed) == {*both(host), (host, "cache_read")}


@pytest.mark.parametrize("other", ["deepinfra", "alibaba"])
def test_yuan_is_told_by_one_factor_beside_two_sellers_also_where_no_developer_sells(other: str) -> None:
    dollars = {"a/zed-9": entry("novita", 0.3, 1.2), "b/zed-9": entry("together_ai", 0.3, 1.2)}
    assert doubted(dollars | {"c/zed-9": entry(other, 2.1, 8.4)}) == both("c/zed-9")
    assert doubted(dollars | {"c/zed-9": entry(other, 2.0, 8.4)}) == set()


def test_a_counterpart_in_china_need_not_be_a_developers() -> None:
    cost = {
        "a": {"input": 0.3, "output": 1.2},
        "a-cn": {"input": 2.0, "output": 8.0},
        "b": {"input": 0.5, "output": 2.0},
    }
    body = {seller: {"models": {f"zed-{n}": {"cost": prices} for n in range(700)}} for seller, prices in cost.items()}
    payload = json.dumps(body).encode()
    capture = Capture("models_dev_prices", "", "u", "a" * 64, len(payload), AT, AT)
    rows = check(catalog().sources["models_dev_prices"], parse(payload, capture, catalog()), AT).rows
    assert set(rows.filter(absence="quarantined")["provider"]) == {"a-cn"}
