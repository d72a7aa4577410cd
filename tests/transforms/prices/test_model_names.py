"""Names to models: exact, by day, never two at once and never guessed."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import polars as pl
import pytest

from config.errors import Refused
from config.load import catalog
from config.specs import Alias, Catalog, Model
from transforms.prices.model_names import ALIAS_SCHEMA, alias_frame, model_of

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def registry(**models: list[dict[str, Any]]) -> Catalog:
    built = {
        name.replace("_", "-"): Model(
            id=name.replace("_", "-"), developer="acme", aliases=tuple(Alias(**alias) for alias in aliases)
        )
        for name, aliases in models.items()
    }
    sources = {name: catalog().sources[name] for name in ("litellm_prices", "tokencost_prices")}
    return Catalog(sources=sources, companies={}, metrics={}, models=built, organizations={}, claims={})


def ask(*names: tuple[str, str, date | None], aliases: pl.DataFrame | None = None) -> list[str | None]:
    named = pl.DataFrame(names, schema={"name": pl.String, "source": pl.String, "on": pl.Date}, orient="row")
    return model_of(named, alias_frame(catalog()) if aliases is None else aliases).to_list()


def on(day: str, name: str, source: str = "litellm_prices") -> str | None:
    return ask((name, source, date.fromisoformat(day)))[0]


@pytest.mark.parametrize(
    ("name", "provider", "model"),
    [
        ("grok-4.3", "xai", "grok-4-3"),
        ("mistral-large-2512", "mistral", "mistral-large-3"),
        ("qwen3.8-max", "alibaba", "qwen3-8-max"),
        ("glm-5.3", "zhipu", "glm-5-3"),
        ("grok-4.3", "openrouter", None),  # whatever another seller calls so
        ("deepseek-chat", "deepseek", "deepseek-v4-flash"),  # declared itself
    ],
)
def test_a_developer_calls_its_model_as_litellm_does_behind_the_seller(
    name: str, provider: str, model: str | None
) -> None:
    """`xai/grok-4.3` in litellm is `grok-4.3` on xAI's pages, in its documents and in genai-prices."""
    named = pl.DataFrame(
        {"name": [name], "source": ["genai_prices"], "provider": [provider], "on": [date(2026, 11, 20)]}
    )
    assert model_of(named, alias_frame(catalog())).to_list() == [model]


def test_deepseek_chat_has_been_many_models() -> None:
    meant = {
        "2024-05-05": None, "2024-05-06": "deepseek-v2", "2024-09-04": "deepseek-v2", "2024-09-05": "deepseek-v2-5",
        "2024-12-25": "deepseek-v2-5", "2024-12-26": "deepseek-v3", "2025-02-25": "deepseek-v3",
        "2025-08-21": "deepseek-v3-1", "2025-09-29": "deepseek-v3-2-exp", "2025-12-01": "deepseek-v3-2",
        "2026-04-24": "deepseek-v4-flash",
    }  # fmt: skip
    for name in ("deepseek-chat", "deepseek/deepseek-chat"):
        assert {day: on(day, name) for day in meant} == meant
    assert on("2025-02-25", "deepseek/deepseek-reasoner") == "deepseek-r1"


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("gpt-4-turbo", "gpt-4-turbo"),
        ("gpt-4o", "gpt-4o"),
        ("azure/gpt-4o", "gpt-4o"),
        ("openrouter/openai/gpt-4o", "gpt-4o"),
        ("gpt-4o-2024-05-13", "gpt-4o-2024-05-13"),
        ("o1-2024-12-17", "o1"),
        ("claude-3-5-sonnet-20240620", "claude-3-5-sonnet"),
        ("claude-3-5-sonnet-20241022", "claude-3-5-sonnet-20241022"),
        ("Claude 3.5 Sonnet (20241022)", "claude-3-5-sonnet-20241022"),
        ("chocolate (Early Grok-3)", "grok-3-preview"),
        ("GPT-4-Turbo-2024-04-09", "gpt-4-turbo-2024-04-09"),
        ("openrouter/deepseek/deepseek-r1", "deepseek-r1"),
        ("gpt-4O", None),
        ("gpt-4o ", None),
        ("some-model-nobody-declared", None),
    ],
)
def test_names_on_the_day_of_the_article(name: str, model: str | None) -> None:
    assert on("2025-02-25", name) == model


@pytest.mark.parametrize(
    ("source", "day", "name", "model"),
    [
        ("arena_site", "2026-04-19", "muse-spark", "muse-spark"),
        ("arena_site", "2026-04-19", "gemma-4-31b", "gemma-4-31b-it"),
        ("arena_site", "2026-04-19", "gemini-3-flash (thinking-minimal)", "gemini-3-flash-preview"),
        ("arena_best", "2026-06-10", "mistral-medium-3.5", "mistral-medium-2604"),
        ("epoch_benchmarks", "2026-04-30", "gpt-5.4-2026-03-05_xhigh", "gpt-5-4"),
        ("epoch_benchmarks", "2026-04-30", "claude-opus-4-6_64K", "claude-opus-4-6"),
        # Two models together are neither.
        ("aider_leaderboard", "2025-06-27", "o3 (high) + gpt-4.1", None),
    ],
)
def test_first_names_of_the_newest_boards(source: str, day: str, name: str, model: str | None) -> None:
    assert on(day, name, source) == model


def test_arena_wrote_gpt_4_turbo_for_the_november_preview() -> None:
    assert on("2024-01-25", "gpt-4-turbo", "arena_hfspace") == "gpt-4-1106-preview"
    assert on("2024-03-01", "gpt-4-turbo", "arena_hfspace") is None
    assert on("2024-04-11", "gpt-4-turbo", "tokencost_prices") == "gpt-4-turbo"


def test_the_registry_holds_together() -> None:
    aliases = alias_frame(catalog())
    assert aliases.schema == ALIAS_SCHEMA
    assert aliases["name"].n_unique() > 500
    models = catalog().models
    assert [name for name in models if not KEBAB.fullmatch(name)] == []
    assert {model.developer for model in models.values()} <= set(catalog().organizations)
    pinned = {"gpt-4o", "gpt-4-turbo", "o1", "claude-3-5-sonnet", "deepseek-v2", "deepseek-v3", "deepseek-r1"}
    assert pinned <= set(models)
    assert [model.id for model in models.values() if not model.aliases] == []


def test_release_days_from_the_reference_data() -> None:
    released = {
        name: str(catalog().models[name].released_on) for name in ("gpt-4o", "deepseek-r1", "claude-3-7-sonnet")
    }
    assert released == {"gpt-4o": "2024-05-13", "deepseek-r1": "2025-01-20", "claude-3-7-sonnet": "2025-02-24"}


def test_one_name_with_two_meanings_on_one_day_is_refused() -> None:
    with pytest.raises(Refused, match="'chat' means old and new on the same days"):
        alias_frame(registry(old=[{"name": "chat", "valid_to": "2025-01-02"}], new=[{"name": "chat", "valid_from": "2025-01-01"}]))  # fmt: skip
    with pytest.raises(Refused, match="chat"):
        alias_frame(registry(old=[{"name": "chat", "sources": ["litellm_prices"]}], new=[{"name": "chat"}]))
    with pytest.raises(Refused, match="chat"):
        alias_frame(registry(old=[{"name": "chat"}, {"name": "chat"}]))


def test_validities_that_meet_and_other_sources_or_providers_are_no_conflict() -> None:
    aliases = alias_frame(
        registry(
            old=[{"name": "chat", "sources": ["litellm_prices"], "valid_to": "2025-01-01"}],
            new=[{"name": "chat", "sources": ["litellm_prices"], "valid_from": "2025-01-01"}],
            other=[{"name": "chat", "sources": ["tokencost_prices"], "provider": "acme"}],
            third=[{"name": "chat", "sources": ["tokencost_prices"], "provider": "emca"}],
        )
    )
    before, after = date(2024, 12, 31), date(2025, 1, 1)
    assert ask(
        ("chat", "litellm_prices", before), ("chat", "litellm_prices", after), ("chat", "tokencost_prices", after),
        aliases=aliases,
    ) == ["old", "new", None]  # fmt: skip
    sold = pl.DataFrame({"name": ["chat", "chat", "chat"], "source": ["tokencost_prices"] * 3, "provider": ["emca", "acme", None], "on": [after] * 3})  # fmt: skip
    assert model_of(sold, aliases).to_list() == ["third", "other", None]


@pytest.mark.parametrize(
    "alias",
    [
        {"name": "chat", "valid_from": "2025-01-01", "valid_to": "2025-01-01"},
        {"name": "chat", "sources": ["no_such_source"]},
    ],
)
def test_an_empty_validity_or_an_unknown_source_is_refused(alias: dict[str, Any]) -> None:
    with pytest.raises(Refused, match=r"config/models\.yml: old: chat"):
        alias_frame(registry(old=[alias]))


def test_a_name_without_a_day_matches_only_what_always_holds() -> None:
    assert ask(("deepseek-chat", "litellm_prices", None), ("deepseek-r1", "litellm_prices", None)) == [
        None,
        "deepseek-r1",
    ]


def test_answers_keep_the_order_of_the_questions_and_repeats() -> None:
    day = date(2025, 2, 25)
    names = ["x", "gpt-4o", "gpt-4-turbo", "gpt-4o", "x"]
    assert ask(*((name, "litellm_prices", day) for name in names)) == [None, "gpt-4o", "gpt-4-turbo", "gpt-4o", None]
