"""models.dev, OpenRouter and genai-prices: three price lists with conventions of their own."""

from __future__ import annotations

import io
import json
import tarfile
from datetime import date, datetime
from importlib import import_module
from typing import Any

import polars as pl
import pytest
from places import FIXTURES_FOLDER, SHARED_DATA

from config.contract_checks import checks
from config.contracts import TOKEN_PRICE, Capture, Parsed
from config.errors import SourceChanged
from config.load import catalog

FIXTURES = FIXTURES_FOLDER / "sources"
SOURCES = ("models_dev_prices", "openrouter_prices", "genai_prices")
DAYS = {"models_dev_prices": "2026-07-02", "openrouter_prices": "2026-05-13", "genai_prices": "2026-08-21"}
shared = pytest.mark.skipif(not SHARED_DATA.exists(), reason="the real payloads are not beside this checkout")


def read(source: str, payload: bytes | Any, day: str = "") -> Parsed:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    at = datetime.fromisoformat(day or DAYS[source])
    capture = Capture(source, "", "https://example.org/prices", "0" * 64, len(body), at, at)
    parsed: Parsed = import_module(f"transforms.sources.{source}").parse(body, capture, catalog())
    checks(TOKEN_PRICE).validate(parsed.rows)
    assert not parsed.rows.select(TOKEN_PRICE.key).is_duplicated().any()
    return parsed


def fixture(source: str) -> Parsed:
    return read(source, (FIXTURES / source / f"{DAYS[source]}.json").read_bytes())


def price(parsed: Parsed, listing: str, kind: str = "input", tier: str = "standard", **where: Any) -> float | None:
    found = parsed.rows.filter(pl.col("token_kind") == kind, listing=listing, price_tier=tier, **where)
    assert found.height == 1, f"{listing} {kind} {tier}: {found.height} rows"
    return found["value"][0]  # type: ignore[no-any-return]


def test_openrouter_states_dollars_for_one_token_as_text() -> None:
    parsed = fixture("openrouter_prices")
    assert price(parsed, "deepseek/deepseek-v4-pro") == 0.435
    assert price(parsed, "deepseek/deepseek-v4-pro", "cache_read") == 0.003625
    assert price(parsed, "anthropic/claude-opus-4.7-fast", "cache_write") == 37.5
    assert parsed.rows.filter(listing="deepseek/deepseek-v4-pro")["value_exact"][0] == "0.000000435"
    assert set(parsed.rows["provider"]) == {"openrouter"}


def test_openrouters_sentinel_and_its_free_models_are_no_prices() -> None:
    rows, issues = fixture("openrouter_prices").rows, fixture("openrouter_prices").issues
    assert issues == ()  # a sentinel is declared, not a negative price
    assert rows.filter(listing="openrouter/auto").select("value", "status").unique().rows() == [(None, "absent")]
    assert rows.filter(listing="deepseek/deepseek-v4-flash:free")["status"].to_list() == ["absent", "absent"]


@pytest.mark.parametrize("written", ["free", "NaN", "1e999", "-0.5", "1" * 60, "<script>", "0.1 0.2", "(" * 30 + "a"])
def test_words_and_impossible_figures_of_openrouter_are_quarantined(written: str) -> None:
    good = {"id": "n", "pricing": {"prompt": "0.000001"}}
    parsed = read("openrouter_prices", {"data": [{"id": "m", "pricing": {"prompt": written}}, good]})
    assert [issue.severity for issue in parsed.issues] == ["quarantined"]
    assert price(parsed, "m") is None
    assert price(parsed, "n") == 1.0


def test_models_dev_states_dollars_for_a_million() -> None:
    parsed = fixture("models_dev_prices")
    assert price(parsed, "claude-sonnet-4-5", "cache_write") == 3.75
    assert price(parsed, "gpt-5.4", tier="above_272k") == 5.0
    assert price(parsed, "gpt-5.4", "output", "priority") == 30.0
    assert parsed.rows.filter(listing="glm-4.6")["provider"].unique().to_list() == ["zhipu"]
    assert price(parsed, "glm-4.5-flash") is None


def test_models_dev_keeps_deepseeks_off_peak_price_since_peak_pricing_began() -> None:
    body = (FIXTURES / "models_dev_prices" / "2026-07-02.json").read_bytes()
    assert price(read("models_dev_prices", body), "deepseek-v4-flash") == 0.14
    assert price(read("models_dev_prices", body, "2026-08-20"), "deepseek-v4-flash", tier="off_peak") == 0.14


def test_genai_prices_keep_a_future_price_as_a_future_price() -> None:
    parsed = fixture("genai_prices")
    assert price(parsed, "claude-sonnet-5", valid_from=date(2026, 9, 1)) == 3.0
    now = parsed.rows.filter(pl.col("valid_from").is_null(), listing="claude-sonnet-5")
    assert dict(now.select("token_kind", "value").iter_rows())["input"] == 2.0
    assert price(parsed, "o3", valid_from=date(2025, 6, 10)) == 2.0
    assert parsed.rows.filter(listing="o3", token_kind="input").height == 1  # noqa: S106  what it cost before ended on no known day


def test_genai_prices_put_the_off_peak_price_first() -> None:
    parsed = fixture("genai_prices")
    assert price(parsed, "deepseek-chat", tier="off_peak") == 0.135
    assert price(parsed, "deepseek-chat", hours_utc="00:30-16:30") == 0.27


@pytest.mark.parametrize(
    ("windows", "dear", "tiers"),
    [
        ([("16:30", "00:30")], 0.25, {"off_peak": 0.25, "standard": 0.5}),  # a discount of eight hours
        ([("08:00", "00:00")], 0.25, {"off_peak": 0.25, "peak": 0.5}),  # of sixteen
        ([("22:00", "00:30"), ("01:00", "04:00")], 1.0, {"peak": 1.0, "off_peak": 0.5}),
        ([("00:30", "16:30")], 1.0, {"standard": 1.0, "off_peak": 0.5}),
    ],
)
def test_of_the_hours_of_genai_prices_the_cheaper_are_off_peak(
    windows: list[tuple[str, str]], dear: float, tiers: dict[str, float]
) -> None:
    timed = [
        {"constraint": {"start_time": f"{start}:00Z", "end_time": f"{end}:00Z"}, "prices": {"input_mtok": dear, "output_mtok": 2}}
        for start, end in windows
    ]  # fmt: skip
    stated = [{"prices": {"input_mtok": 0.5, "output_mtok": 2}}, *timed]
    parsed = read("genai_prices", [{"id": "acme", "models": [{"id": "m", "prices": stated}]}])
    assert dict(parsed.rows.filter(token_kind="input").select("price_tier", "value").rows()) == tiers  # noqa: S106
    hours = ", ".join(f"{start}-{end}" for start, end in sorted(windows))  # in whatever order a list has them
    assert parsed.rows["hours_utc"].drop_nulls().unique().to_list() == [hours]


def test_genai_prices_have_tiers_by_context() -> None:
    parsed = fixture("genai_prices")
    assert price(parsed, "gpt-5.4") == 2.5
    assert price(parsed, "gpt-5.4", tier="above_272k") == 5.0
    assert parsed.rows.filter(listing="grok-3")["provider"].unique().to_list() == ["xai"]


def test_a_condition_nobody_declared_keeps_the_model_out() -> None:
    prices = [{"prices": {"input_mtok": 1}}, {"constraint": {"weekday": "Sunday"}, "prices": {"input_mtok": 2}}]
    body = [{"id": "p", "models": [{"id": "m", "prices": prices}, {"id": "n", "prices": {"input_mtok": 3}}]}]
    parsed = read("genai_prices", body)
    assert parsed.rows["listing"].to_list() == ["n"]
    assert [issue.reason for issue in parsed.issues] == ["unknown condition of a price"]


@pytest.mark.parametrize("source", SOURCES)
def test_a_new_cost_key_is_reported(source: str) -> None:
    body = {
        "models_dev_prices": {"p": {"models": {"m": {"cost": {"input": 1, "thought": 2}}}}},
        "openrouter_prices": {"data": [{"id": "m", "pricing": {"prompt": "0.1", "thought": "0.2"}}]},
        "genai_prices": [{"id": "p", "models": [{"id": "m", "prices": {"input_mtok": 1, "thought": 2}}]}],
    }[source]
    assert [(issue.reason, issue.severity) for issue in read(source, body).issues] == [("unknown cost key", "notice")]


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "payload",
    [b"", b"<html>404</html>", b"[]", b"{}", b'{"data": 3}', b'[{"id": 1}]', b"[" * 100_000, b"\x1f\x8bxx", b"null"],
)
def test_another_shape_is_a_change_of_the_source(source: str, payload: bytes) -> None:
    with pytest.raises(SourceChanged) as caught:
        read(source, payload)
    assert caught.value.source == source


def packed(**files: str) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
        link = tarfile.TarInfo("./providers/b/models/n.toml")
        link.type, link.linkname = tarfile.SYMTYPE, "../../a/models/m.toml"
        archive.addfile(link)
    return stream.getvalue()


def test_models_dev_withdraws_by_its_own_status_what_it_calls_deprecated() -> None:
    cost = {"cost": {"input": 1, "output": 4}}
    body = {
        "p": {
            "models": {
                "old": cost | {"status": "deprecated"},
                "new": cost | {"status": "beta"},
                "odd": cost | {"status": "paused"},
            }
        }
    }
    parsed = read("models_dev_prices", json.dumps(body).encode())
    found = parsed.rows.sort("listing", "token_kind").select("listing", "value", "status", "absence").rows()
    assert found == [
        ("new", 1.0, "reported", None), ("new", 4.0, "reported", None), ("odd", 1.0, "reported", None), ("odd", 4.0, "reported", None),
        ("old", None, "absent", "ended"), ("old", None, "absent", "ended"),
    ]  # fmt: skip
    assert [(issue.reason, issue.detail) for issue in parsed.issues] == [
        ("unknown status", "'paused'"), ("past its own end", "1 listings that are deprecated by their own status: p/old"),
    ]  # fmt: skip


def test_models_dev_is_also_read_from_its_repository() -> None:
    parsed = read("models_dev_prices", packed(**{"./providers/a/models/m.toml": "[cost]\ninput = 1_0.50\n"}))
    assert sorted(parsed.rows.select("provider", "listing", "value", "value_exact").rows()) == [
        ("a", "m", 10.5, "10.50"), ("b", "n", 10.5, "10.50"),
    ]  # fmt: skip
    with pytest.raises(SourceChanged, match="TOML"):
        read("models_dev_prices", packed(**{"./providers/a/models/m.toml": "[cost\n"}))


@shared
@pytest.mark.shared
def test_the_real_lists() -> None:
    prices = SHARED_DATA / "prices"
    router = read("openrouter_prices", (prices / "openrouter" / "2026-05-13_api_v1_models.json").read_bytes())
    assert router.rows["listing"].n_unique() == 364
    assert router.issues == ()
    assert price(router, "deepseek/deepseek-r1") == 0.7
    dev = read("models_dev_prices", (prices / "models.dev" / "models.dev_2026-07-02.tar.gz").read_bytes())
    assert {issue.severity for issue in dev.issues} == {"notice"}
    assert price(dev, "claude-sonnet-4-5", provider="anthropic") == 3.0
    assert price(dev, "gpt-5.4", "cache_read", "above_272k", provider="openai") == 0.5
    genai = read("genai_prices", (prices / "genai-prices" / "v2_data_2026-08-21.json").read_bytes())
    assert genai.issues == ()
    assert price(genai, "gemini-3.6-flash", valid_from=date(2027, 1, 1)) == 1.5
    assert price(genai, "claude-sonnet-4-5", tier="above_200k", provider="anthropic") == 6.0
    for source, parsed in (("openrouter_prices", router), ("models_dev_prices", dev), ("genai_prices", genai)):
        limits = catalog().sources[source].rows
        assert limits.min <= parsed.rows.filter(status="reported").height <= limits.max
        assert parsed.rows["value"].max() <= 1000  # type: ignore[operator]


def test_genai_variants_hold_from_days_of_their_own() -> None:
    """Batch is half of each step of the plain price; a step ahead is one of its own, as in the list of November 2026."""
    steps = [("2027-01-01", 0.75), ("2026-10-14", 0.375)]
    variants = [
        {"when": {"processing": "batch"}, "prices": {"input_mtok": value}, "constraint": {"start_date": day}}
        for day, value in steps
    ]
    variants.append({"when": {"route": "host/eu"}, "prices": {"input_mtok": 0.77}, "mood": "kind"})
    model = {"id": "m", "match": {}, "prices": {"input_mtok": 0.75}, "price_variants": variants}
    body = json.dumps([{"id": "google", "models": [model]}]).encode()
    at = datetime(2026, 11, 28)
    parse = import_module("transforms.sources.genai_prices").parse
    found = parse(body, Capture("genai_prices", "", "u", "0" * 64, 1, at, at), catalog())
    columns = ("price_tier", "valid_from", "value", "status")
    assert sorted(found.rows.select(columns).rows(), key=str) == sorted(
        [
            ("standard", None, 0.75, "reported"),
            ("batch", date(2026, 10, 14), 0.375, "reported"),
            ("batch", date(2027, 1, 1), 0.75, "reported"),
            ("region_eu", None, 0.77, "reported"),
        ],
        key=str,
    )
    assert [(issue.reason, issue.detail) for issue in found.issues] == [("unknown cost key", "'mood' in 1 prices")]
