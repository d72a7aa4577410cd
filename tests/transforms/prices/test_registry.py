"""The registry of models against the newest list at hand."""

from __future__ import annotations

import pytest
from places import SHARED_DATA
from registry_share import shares

from config.load import catalog

NEWEST = SHARED_DATA / "prices/recent/2026-11-20__litellm-1.110.2__model_prices_and_context_window_backup.json"
BEFORE = SHARED_DATA / "prices/litellm/2026-09-01__litellm-1.98.0__model_prices_and_context_window_backup.json"


@pytest.mark.shared
@pytest.mark.skipif(not NEWEST.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_what_the_big_developers_sell_has_a_model() -> None:
    listed, new = shares(NEWEST, BEFORE)
    assert (listed.listings, new.listings) == (360, 99)
    assert listed.matched >= 0.95, listed.unmatched
    assert new.matched >= 0.95, new.unmatched
    # A model that cuts out pictures, and a sandbox for code: no language model either of them.
    assert listed.unmatched == ("meta/sam-3.1", "openai/container")


def test_a_moving_name_that_only_its_price_suggests_is_no_dated_model() -> None:
    meant = {one.name: model.id for model in catalog().models.values() for one in model.aliases}
    stated = {  # by genai-prices 0.2.3
        "gemini-flash-latest": "gemini-3-8-flash",
        "gemini/gemini-pro-latest": "gemini-3-1-pro-preview",
        "mistral/pixtral-large-latest": "pixtral-large-2411",
    }
    assert {name: meant[name] for name in stated} == stated
    assert meant["mistral/codestral-latest"] == meant["codestral/codestral-latest"] == "codestral-latest"
    assert meant["xai/grok-4.20-reasoning-latest"] == "grok-4-20-reasoning-latest"
    assert meant["dashscope/qwen-plus-latest"] == "qwen-plus-latest"
