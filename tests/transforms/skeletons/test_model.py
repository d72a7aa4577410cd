"""The entry of a new model: from what lists say of it, and itself readable by the registry."""

from __future__ import annotations

from datetime import date

import pytest
import yaml

from config.errors import Refused
from config.specs import Model
from transforms.skeletons.model import Listing, new_model

FLAGSHIP = [
    Listing("openrouter/openai/gpt-99.1", "openrouter", "models_dev_prices", date(2026, 11, 24), True, False, 11.0, 44.0),
    Listing("gpt-99.1", "openai", "litellm_prices", date(2026, 11, 20), True, True, 10.0, 40.0),
    Listing("gpt-99.1", "openai", "genai_prices", date(2026, 11, 22), True, True, 10.0, None),
    Listing("GPT-99.1: thinking", "openai", "genai_prices", date(2026, 11, 22), True, True, 10.0, 40.0),
]  # fmt: skip


def test_the_entry_names_every_list_and_is_a_model() -> None:
    entry = new_model("gpt-99.1", FLAGSHIP)
    (named, body), *more = yaml.safe_load(entry).items()
    assert not more
    model = Model.model_validate({"id": named, **body})
    assert (model.id, model.developer, model.released_on) == ("gpt-99-1", "openai", None)
    assert [alias.name for alias in model.aliases] == ["gpt-99.1", "openrouter/openai/gpt-99.1"]
    assert "#   openai gpt-99.1 (litellm_prices): since 2026-11-20, 10 / 40 USD a million" in entry
    assert "#   openai gpt-99.1 (genai_prices): since 2026-11-22, 10 / - USD a million" in entry


def test_a_name_that_yaml_would_read_otherwise_is_quoted() -> None:
    entry = new_model("gpt-99-1-thinking", FLAGSHIP)
    assert yaml.safe_load(entry)["gpt-99-1-thinking"]["aliases"] == [{"name": "GPT-99.1: thinking"}]


def test_who_developed_what_only_others_sell_is_to_be_filled_in() -> None:
    assert yaml.safe_load(new_model("gpt-99.1", FLAGSHIP[:1]))["gpt-99-1"]["developer"] == "TODO"


def test_a_name_of_no_listing_is_refused() -> None:
    with pytest.raises(Refused, match="no listing without a model"):
        new_model("gpt-98", FLAGSHIP)
