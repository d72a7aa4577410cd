"""The litellm schema: prices per token become prices per million, and what is no price never becomes one."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import polars as pl
import pytest
from places import FIXTURES_FOLDER, SHARED_DATA

from config.contract_checks import checks
from config.contracts import TOKEN_PRICE, Capture, Parsed
from config.errors import SourceChanged
from config.load import catalog
from transforms.prices.figures import pointer
from transforms.prices.listing_keys import price_key, provider_of
from transforms.sources.litellm_prices import parse

FIXTURES = FIXTURES_FOLDER / "sources" / "litellm_prices"
SHARED = SHARED_DATA / "prices" / "litellm"
AT = datetime(2025, 2, 25)

shared = pytest.mark.skipif(not SHARED.exists(), reason="the real payloads are not beside this checkout")
# Of PaLM on Vertex the lists had less by the token than by the character.
BY_THE_CHARACTER = "not above its price by the character"


def read(payload: bytes | str | dict[str, Any]) -> Parsed:
    if isinstance(payload, dict):
        payload = json.dumps(payload)
    body = payload.encode() if isinstance(payload, str) else payload
    capture = Capture("litellm_prices", "", "https://example.org/prices.json", "0" * 64, len(body), AT, AT)
    parsed = parse(body, capture, catalog())
    checks(TOKEN_PRICE).validate(parsed.rows)
    assert not parsed.rows.select(TOKEN_PRICE.key).is_duplicated().any()
    return parsed


def fixture(day: str) -> pl.DataFrame:
    return read((FIXTURES / f"{day}.json").read_bytes()).rows


def real(day: str) -> pl.DataFrame:
    (path,) = SHARED.glob(f"{day}__*.json")
    return read(path.read_bytes()).rows


def price(rows: pl.DataFrame, listing: str, kind: str, tier: str = "standard") -> float | None:
    found = rows.filter(listing=listing, token_kind=kind, price_tier=tier)
    assert found.height == 1, f"{listing} {kind} {tier}: {found.height} rows"
    return found["value"][0]


def entry(**prices: Any) -> dict[str, Any]:
    return {"litellm_provider": "openai", "mode": "chat", **prices}


def test_prices_on_the_day_of_the_article() -> None:
    rows = fixture("2025-02-25")
    figures = {
        "gpt-4-turbo": (10.0, 30.0),
        "gpt-4o": (2.5, 10.0),
        "gpt-4o-2024-05-13": (5.0, 15.0),
        "o1": (15.0, 60.0),
        "o3-mini": (1.1, 4.4),
        "deepseek/deepseek-chat": (0.27, 1.10),
        "deepseek/deepseek-reasoner": (0.55, 2.19),
    }
    for listing, (bought, sold) in figures.items():
        assert (price(rows, listing, "input"), price(rows, listing, "output")) == (bought, sold)


def test_a_row_says_where_it_stands_and_in_the_words_of_the_file() -> None:
    row = fixture("2025-02-25").row(by_predicate=(pl.col("listing") == "openrouter/deepseek/deepseek-r1") & (pl.col("token_kind") == "input"), named=True)  # fmt: skip
    assert row["value_exact"] == "0.00000055"
    assert row["value"] == 0.55
    assert row["locator"] == "/openrouter~1deepseek~1deepseek-r1/input_cost_per_token"
    assert (row["provider"], row["currency"], row["status"]) == ("openrouter", "USD", "reported")
    assert (row["valid_from"], row["valid_from_basis"], row["known_at"]) == (None, "first_seen", None)
    assert (row["evidence_tier"], row["document_id"]) == (3, "")


def test_the_text_is_kept_digit_for_digit() -> None:
    rows = fixture("2025-02-25")
    batch = rows.filter(pl.col("token_kind") == "output", listing="gpt-4o", price_tier="batch")
    assert (batch["value_exact"][0], batch["value"][0]) == ("0.00000500", 5.0)


def test_other_things_than_text_tokens_are_left_out_without_a_word() -> None:
    parsed = read((FIXTURES / "2025-02-25.json").read_bytes())
    listings = set(parsed.rows["listing"])
    assert listings.isdisjoint({"sample_spec", "text-embedding-3-small", "whisper-1", "fireworks-ai-up-to-16b"})
    assert parsed.issues == ()
    gemini = parsed.rows.filter(listing="gemini-1.5-pro-002")
    assert sorted(gemini.select("token_kind", "price_tier").rows()) == [
        ("input", "above_128k"), ("input", "standard"), ("output", "above_128k"), ("output", "standard"),
    ]  # fmt: skip
    assert price(gemini, "gemini-1.5-pro-002", "output", "above_128k") == 10.0


def test_the_layout_of_2023_has_neither_mode_nor_provider() -> None:
    rows = fixture("2023-09-01")
    assert price(rows, "claude-2", "output") == 32.68
    providers = dict(rows.select("listing", "provider").unique().iter_rows())
    assert providers == {
        "gpt-4": "openai", "gpt-3.5-turbo": "openai", "gpt-35-turbo": "azure", "claude-2": "anthropic",
        "text-bison-001": "google", "command-nightly": "cohere",
    }  # fmt: skip


def test_the_layout_of_2026_has_service_and_context_tiers() -> None:
    rows = fixture("2026-09-01")
    assert price(rows, "gpt-5.6", "input") == 5.0
    assert price(rows, "gpt-5.6", "input", "batch") == 2.5
    assert price(rows, "gpt-5.6", "output", "above_272k_flex") == 22.5
    assert price(rows, "gpt-5.6", "cache_write", "priority") == 12.5
    assert price(rows, "claude-sonnet-4-5", "cache_write_1h") == 6.0
    assert price(rows, "claude-sonnet-4-5", "cache_write_1h", "above_200k") == 12.0
    assert price(rows, "claude-sonnet-4-5", "output", "above_200k") == 22.5
    assert price(rows, "vertex_ai/gemini-3-flash-preview", "audio_input", "priority") == 1.8
    assert price(rows, "dashscope/qwen-flash", "input") == 0.05
    assert price(rows, "dashscope/qwen-flash", "output", "above_256k") == 2.0
    band = rows.filter(pl.col("token_kind") == "output", listing="dashscope/qwen-flash", price_tier="above_256k")
    assert band["locator"][0] == "/dashscope~1qwen-flash/tiered_pricing/1/output_cost_per_token"


def test_a_price_out_of_bounds_is_stated_here_and_met_by_the_declared_bound() -> None:
    rows = fixture("2026-09-01")
    assert price(rows, "wandb/openai/gpt-oss-20b", "input") == 5000.0
    (ceiling,) = [
        bound.high for bound in catalog().sources["litellm_prices"].bounds if not bound.where and not bound.unless
    ]
    assert ceiling == 1000
    assert price(rows, "gpt-5.4-pro", "output", "above_272k") == 270.0


def test_zero_is_free_or_unknown_and_no_price() -> None:
    rows = read({"m": entry(input_cost_per_token=0.0, output_cost_per_token=1e-6)}).rows
    row = rows.filter(pl.col("token_kind") == "input")
    assert row.select("value", "value_exact", "status").row(0) == (None, None, "absent")
    assert row["note"][0] == "stated as zero: free or unknown"


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("-1", "negative price"),
        ("NaN", "not a finite number"),
        ("Infinity", "not a finite number"),
        ("1e400", "not a finite number"),
        ("1e-400", "not a finite number"),
        ("1e999999999999999999", "not a finite number"),
        ('"2.5e-06"', "not a number"),
        ('"Free of charge"', "not a number"),
        ("true", "not a number"),
        ("[1e-6]", "not a number"),
    ],
)
def test_what_is_no_price_is_quarantined_and_ends_the_last_price(written: str, reason: str) -> None:
    body = f'{{"m": {{"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": {written}}}}}'
    parsed = read(body)
    assert [(issue.reason, issue.locator, issue.severity) for issue in parsed.issues] == [
        (reason, "/m/input_cost_per_token", "quarantined")
    ]
    assert parsed.rows.select("value", "value_exact", "status", "note").rows() == [
        (None, None, "absent", f"quarantined: {reason}")
    ]


def test_null_states_no_price() -> None:
    parsed = read({"m": entry(input_cost_per_token=None)})
    assert parsed.rows.select("value", "status", "note").rows() == [(None, "absent", "stated as null")]
    assert parsed.issues == ()


def test_a_cache_hit_key_and_a_cache_read_key_are_one_price() -> None:
    agreed = read({"m": entry(input_cost_per_token_cache_hit=7e-8, cache_read_input_token_cost=0.7e-7)})
    assert price(agreed.rows, "m", "cache_read") == 0.07
    assert agreed.issues == ()
    differing = read({"m": entry(input_cost_per_token_cache_hit=7e-8, cache_read_input_token_cost=1.4e-7)})
    assert price(differing.rows, "m", "cache_read") is None
    assert [issue.reason for issue in differing.issues] == ["several prices for one token kind"]


@pytest.mark.parametrize(
    "body",
    [
        '{"m": {"mode": "chat", "input_cost_per_token": 1e-6, "input_cost_per_token": 2e-6}}',
        '{"m": {"mode": "chat", "input_cost_per_token": 1e-6}, "m": {"mode": "chat", "input_cost_per_token": 2e-6}}',
    ],
)
def test_a_key_written_twice_with_two_prices_gives_none(body: str) -> None:
    parsed = read(body.replace('"mode"', '"litellm_provider": "openai", "mode"'))
    assert parsed.rows.select("value", "status").rows() == [(None, "absent")]
    (issue,) = parsed.issues
    assert issue.reason == "several prices for one token kind"
    assert "1e-6" in issue.detail
    assert "2e-6" in issue.detail


def test_a_listing_written_twice_with_one_price_is_one_row() -> None:
    same = '"m": {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": %s}'
    parsed = read("{" + same % "1e-6" + "," + same % "0.000001" + "}")
    assert parsed.rows["value"].to_list() == [1.0]
    assert parsed.issues == ()


def test_an_unknown_cost_key_is_reported_once() -> None:
    odd = entry(input_cost_per_token=1e-6, input_cost_per_thought=1e-6, supports_thoughts=True)
    (issue,) = read({"a": odd, "b": odd}).issues
    assert (issue.reason, issue.severity, issue.locator) == ("unknown cost key", "notice", "/a/input_cost_per_thought")
    assert "2 entries" in issue.detail


def test_missing_and_unknown_modes_are_left_out_and_reported() -> None:
    parsed = read(
        {
            "a": entry(input_cost_per_token=1e-6),
            "b": {"litellm_provider": "openai", "input_cost_per_token": 1e-6},
            "c": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "mode": "telepathy"},
            "d": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "mode": ["chat"]},
        }
    )
    assert parsed.rows["listing"].to_list() == ["a"]
    assert sorted((issue.reason, issue.severity) for issue in parsed.issues) == [
        ("mode missing", "notice"), ("mode unknown", "notice"), ("mode unknown", "notice"),
    ]  # fmt: skip


def test_an_unknown_provider_is_said_and_not_guessed() -> None:
    parsed = read({"mystery": {"mode": "chat", "input_cost_per_token": 1e-6}})
    assert parsed.rows["provider"].to_list() == ["unknown"]
    assert [issue.reason for issue in parsed.issues] == ["provider unknown"]


def test_unreadable_tiers_are_quarantined() -> None:
    parsed = read({"m": entry(tiered_pricing=[{"range": ["0", 1], "input_cost_per_token": 1e-6}])})
    assert parsed.rows.select("value", "status").rows() == [(None, "absent")]
    assert [issue.locator for issue in parsed.issues] == ["/m/tiered_pricing/0"]


def test_a_name_that_cannot_be_printed_is_quarantined() -> None:
    good = '"m": {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-6}'
    bad = good.replace('"m"', '"\\ud800"', 1)
    parsed = read("{" + good + "," + bad + "}")
    assert parsed.rows["listing"].to_list() == ["m"]
    assert [issue.reason for issue in parsed.issues] == ["unreadable listing"]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"<!DOCTYPE html><title>404</title>",
        b"\xff\xfe\x00",
        b"[]",
        b'"text"',
        b'{"gpt-4o": 1}',
        b'{"gpt-4o": {"mode": "chat"}, "gpt-4o": 2}',
        b'{"message": {"text": "Not Found"}}',
        b'{"gpt-4o": {"mode": "chat", "input_cost_per_token": 1e-6}',
        b"[" * 100_000,
    ],
)
def test_another_shape_is_a_change_of_the_source(payload: bytes) -> None:
    with pytest.raises(SourceChanged) as caught:
        read(payload)
    assert caught.value.source == "litellm_prices"


def test_keys_name_kind_and_tier() -> None:
    assert price_key("input_cost_per_token") == ("input", "standard")
    assert price_key("output_cost_per_reasoning_token") == ("reasoning", "standard")
    assert price_key("input_cost_per_token_above_200k_tokens_priority") == ("input", "above_200k_priority")
    assert price_key("cache_creation_input_token_cost_above_1hr") == ("cache_write_1h", "standard")
    for other in ("input_cost_per_image_token", "output_dbu_cost_per_token", "input_cost_per_token_surge"):
        assert price_key(other) is None


def test_providers() -> None:
    assert provider_of("x", "vertex_ai-language-models") == "google-vertex"
    assert provider_of("x", "azure_ai") == "azure-ai"
    assert provider_of("x", "dashscope") == "alibaba"
    assert provider_of("gemini/gemini-1.5-pro-002", "gemini") == "google"  # another price than Vertex's
    assert provider_of("bedrock/us-east-1/anthropic.claude-v1", None) == "bedrock"
    assert provider_of("azure/gpt-4", None) == "azure"
    assert provider_of("gpt-4-0125-preview", None) == "openai"


def test_pointers_escape() -> None:
    assert pointer("a/b~c", "d") == "/a~1b~0c/d"


@shared
@pytest.mark.shared
def test_the_real_file_of_the_article() -> None:
    rows = real("2025-02-25")
    assert price(rows, "gpt-4-turbo", "input") == 10.0
    assert price(rows, "gpt-4-turbo", "output") == 30.0
    assert price(rows, "gpt-4o", "input") == 2.5
    assert price(rows, "gpt-4o", "output") == 10.0
    assert price(rows, "deepseek/deepseek-chat", "input") == 0.27
    assert price(rows, "deepseek/deepseek-chat", "output") == 1.10
    assert price(rows, "deepseek/deepseek-reasoner", "input") == 0.55
    assert price(rows, "deepseek/deepseek-reasoner", "output") == 2.19


@shared
@pytest.mark.shared
def test_known_unit_errors_lie_above_the_bound_and_real_prices_below() -> None:
    rows = real("2025-10-01").filter(pl.col("value") > 1000)
    assert set(rows["listing"].str.extract(r"^(wandb/|azure_ai/jais-30b-chat)", 1)) == {
        "wandb/", "azure_ai/jais-30b-chat",
    }  # fmt: skip
    assert price(rows, "wandb/openai/gpt-oss-120b", "input") == 15000.0
    assert price(rows, "azure_ai/jais-30b-chat", "input") == 3200.0
    spring = real("2025-04-01")
    assert price(spring, "o1-pro", "input") == 150.0
    assert price(spring, "o1-pro", "output") == 600.0
    assert price(spring, "gpt-4.5-preview", "input") == 75.0


@shared
@pytest.mark.shared
def test_every_real_file_parses_without_a_quarantined_price_or_an_unknown_key() -> None:
    limits = catalog().sources["litellm_prices"].rows
    for path in sorted(SHARED.glob("*.json")):
        parsed = read(path.read_bytes())
        assert {issue.reason for issue in parsed.issues if issue.severity == "quarantined"} <= {BY_THE_CHARACTER}
        assert "unknown cost key" not in {issue.reason for issue in parsed.issues}, path.name
        assert limits.min <= parsed.rows.height <= limits.max
        assert "unknown" not in set(parsed.rows["provider"]), path.name
