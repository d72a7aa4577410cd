"""Prices that the other offers of one capture speak against."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from places import SHARED_DATA
from price_book import frame, price

from config.contracts import Capture, Parsed
from config.load import catalog
from flows.steps.pipeline import parse
from transforms.prices.doubts import without_doubted
from transforms.prices.other_offers import OF_OTHERS, OF_SIBLING, YUAN_LABEL
from warehouse.archive.captures import sha256_of

ON = date(2026, 11, 20)


def offer(listing: str, bought: float, given: float, provider: str = "openai") -> list[dict[str, object]]:
    return [price(listing, bought, provider=provider), price(listing, given, provider=provider, token_kind="output")]  # noqa: S106


def doubted(*offers: list[dict[str, object]]) -> list[tuple[str, str, str]]:
    rows = [row for one in offers for row in one]
    left = without_doubted(Parsed(frame(rows)), "litellm_prices", ON, catalog()).rows
    gone = left.filter(pl.col("absence") == "quarantined").sort("listing", "token_kind")
    return [
        (listing, kind, note.removeprefix("quarantined: "))
        for listing, kind, note in gone.select("listing", "token_kind", "note").iter_rows()
    ]


def test_seven_times_the_developers_price_is_yuan_under_a_dollar_label() -> None:
    own = offer("dashscope/qwen3-max", 1.2, 6.0, "alibaba")
    yuan = ("novita/qwen/qwen3-max", "input", YUAN_LABEL), ("novita/qwen/qwen3-max", "output", YUAN_LABEL)
    assert doubted(own, offer("novita/qwen/qwen3-max", 8.4, 42.0, "novita")) == list(yuan)
    # Dear, but of no one factor: a host may ask what it likes.
    assert doubted(own, offer("novita/qwen/qwen3-max", 8.4, 30.0, "novita")) == []
    assert doubted(own, offer("novita/qwen/qwen3-max", 6.0, 30.0, "novita")) == []


def test_a_seller_in_china_that_asks_several_times_its_price_abroad_states_yuan() -> None:
    own = offer("glm-5.1", 1.4, 4.4, "zhipu")
    assert [
        kind for _, kind, reason in doubted(own, offer("glm-5.1", 6.0, 24.0, "zhipu-cn")) if reason == YUAN_LABEL
    ] == ["input", "output"]
    assert doubted(own, offer("glm-5.1", 0.84, 3.3, "zhipu-cn")) == []


@pytest.mark.parametrize("slip", [0.0045, 90.0])
def test_what_two_other_sellers_of_the_weights_agree_on_speaks_against_a_slip(slip: float) -> None:
    others = offer("a/llama-99", 0.5, 0.8, "a"), offer("b/Llama-99", 0.6, 0.9, "b")
    assert doubted(*others, offer("c/llama-99", slip, 0.8, "c")) == [("c/llama-99", "input", OF_OTHERS)]
    # Ten times off needs more voices: hosts of open weights do differ so much.
    assert doubted(*others, offer("c/llama-99", 6.0, 6.0, "c")) == []
    more = offer("d/llama-99", 0.5, 0.8, "d"), offer("e/llama-99", 0.6, 0.8, "e")
    assert doubted(*others, *more, offer("c/llama-99", 6.0, 2.5, "c")) == [("c/llama-99", "input", OF_OTHERS)]
    # One other voice is none against another, and two that differ themselves are not either.
    assert doubted(others[0], offer("c/llama-99", slip, slip, "c")) == []
    assert doubted(others[0], offer("b/llama-99", 3.0, 3.0, "b"), offer("c/llama-99", slip, slip, "c")) == []


def test_an_input_ten_times_below_the_sibling_with_more_context_is_a_slip() -> None:
    """gpt-4 at 3 and 60 beside gpt-4-32k at 60 and 120, in its maker's own rows of 2023-09-01."""
    found = doubted(offer("gpt-4", 3.0, 60.0), offer("gpt-4-0613", 3.0, 60.0), offer("gpt-4-32k", 60.0, 120.0))
    assert found == [("gpt-4", "input", OF_SIBLING), ("gpt-4-0613", "input", OF_SIBLING)]
    assert doubted(offer("gpt-4", 30.0, 60.0), offer("gpt-4-32k", 60.0, 120.0)) == []
    # A small model beside a large one differs in both.
    assert doubted(offer("gpt-9", 0.5, 1.5), offer("gpt-9-16k", 5.0, 15.0)) == []


FOLDER = SHARED_DATA / "prices"


@pytest.mark.shared
@pytest.mark.skipif(not FOLDER.exists(), reason="../shared with the real payloads is not beside the checkout")
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("litellm/2023-09-01__litellm-0.1.512__model_cost_from_init.json", ["gpt-4 input: 3 beside 60", "gpt-4-0613 input: 3 beside 60"]),
        ("litellm/2026-09-01__litellm-1.98.0__model_prices_and_context_window_backup.json", []),
    ],
)  # fmt: skip
def test_of_real_lists_only_what_everybody_else_speaks_against(path: str, told: list[str]) -> None:
    issues = [issue for issue in _read(path).issues if issue.reason in (OF_OTHERS, OF_SIBLING, YUAN_LABEL)]
    assert len(issues) == len(told)
    assert all(words in issue.detail for words, issue in zip(told, issues, strict=True))


@pytest.mark.shared
@pytest.mark.skipif(not FOLDER.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_a_price_by_the_token_that_is_none_above_that_by_the_character_is_refused() -> None:
    """Of Vertex' chat-bison the list had 0.125 for a million tokens, and 0.25 for a million characters."""
    parsed = _read("litellm/2024-12-01__litellm-1.53.1__model_prices_and_context_window_backup.json")
    slipped = [issue for issue in parsed.issues if issue.reason == "not above its price by the character"]
    assert "google-vertex chat-bison input: Price" not in slipped[0].detail
    assert {"chat-bison", "text-bison32k"} <= {issue.detail.split()[1] for issue in slipped}
    bison = parsed.rows.filter(pl.col("listing") == "chat-bison", pl.col("token_kind") == "input")
    assert bison.select("value", "absence").rows() == [(None, "quarantined")]


def _read(path: str) -> Parsed:
    body = Path(FOLDER / path).read_bytes()
    taken = datetime.fromisoformat(Path(path).name[:10])
    return parse(body, Capture("litellm_prices", "", "u", sha256_of(body), len(body), taken, taken), catalog())
