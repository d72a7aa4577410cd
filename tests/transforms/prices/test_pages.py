"""Sellers' own pricing pages: what they state, in their layouts, and what must be refused although it answers 200."""

from __future__ import annotations

import time
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
from transforms.prices.page import MAX_PAGE_BYTES, label, money, read_page
from warehouse.store.checks import check

FIXTURES = FIXTURES_FOLDER / "sources"
PAGES = SHARED_DATA / "prices" / "vendor_pages"
SOURCES = sorted(name for name in catalog().sources if name.endswith("_pricing"))
AT = datetime(2026, 8, 21)
shared = pytest.mark.skipif(not PAGES.exists(), reason="the real payloads are not beside this checkout")


def read(source: str, payload: bytes | str, scope: str = "") -> Parsed:
    body = payload.encode() if isinstance(payload, str) else payload
    capture = Capture(source, scope, "https://example.org/pricing", "0" * 64, len(body), AT, AT)
    parsed: Parsed = import_module(f"transforms.sources.{source}").parse(body, capture, catalog())
    checks(TOKEN_PRICE).validate(parsed.rows)
    assert not parsed.rows.select(TOKEN_PRICE.key).is_duplicated().any()
    return parsed


def fixture(source: str, name: str, scope: str = "") -> Parsed:
    return read(source, (FIXTURES / source / name).read_bytes(), scope)


def price(parsed: Parsed, listing: str, kind: str = "input", tier: str = "standard", **where: Any) -> float | None:
    found = parsed.rows.filter(pl.col("token_kind") == kind, listing=listing, price_tier=tier, **where)
    assert found.height == 1, f"{listing} {kind} {tier}: {found.height} rows"
    return found["value"][0]  # type: ignore[no-any-return]


def test_openai_states_each_table_for_four_tiers() -> None:
    parsed = fixture("openai_pricing", "2026-08-21.html")
    prices = [price(parsed, "gpt-5.6-sol", tier=tier) for tier in ("standard", "batch", "flex", "priority")]
    assert prices == [5.0, 2.5, 2.5, 10.0]
    assert price(parsed, "gpt-5.6-sol", "output", "above_272k") == 45.0
    assert price(parsed, "gpt-5.6-sol", "output", "above_272k_priority") == 90.0


def test_openais_older_models_are_in_the_page_components_alone() -> None:
    parsed = fixture("openai_pricing", "2026-08-21.html")
    assert price(parsed, "gpt-4o") == 2.5
    assert price(parsed, "gpt-4o", "cache_read") == 1.25
    assert price(parsed, "gpt-4o", "output", "priority") == 17.0
    assert price(parsed, "gpt-5.5", "output") == 30.0
    assert price(parsed, "gpt-5.3-codex", "output") == 14.0
    assert price(parsed, "o1-pro", "output") == 600.0
    assert set(parsed.rows["listing"]).isdisjoint({"text-embedding-3-small", "Search"})
    nothing = parsed.rows.filter(listing="gpt-4o-2024-05-13")["token_kind"].to_list()
    assert nothing == ["input", "output"]  # a null is no cached price


def test_an_openai_page_without_one_of_its_tiers_is_refused() -> None:
    body = (FIXTURES / "openai_pricing" / "2026-08-21.html").read_text()
    with pytest.raises(SourceChanged, match="no prices of the tier flex"):
        read("openai_pricing", body.replace("&quot;flex&quot;", "&quot;snail&quot;"))


def test_a_table_and_a_component_that_differ_give_no_price() -> None:
    body = (FIXTURES / "openai_pricing" / "2026-08-21.html").read_text()
    parsed = read("openai_pricing", body.replace("<td>$5.00</td><td>$0.50</td>", "<td>$4.00</td><td>$0.50</td>", 1))
    assert price(parsed, "gpt-5.6-sol") is None
    assert [issue.reason for issue in parsed.issues if issue.severity == "quarantined"] == [
        "several prices for one token kind"
    ]


def test_a_word_in_place_of_a_figure_of_openais_components_is_quarantined() -> None:
    body = (FIXTURES / "openai_pricing" / "2026-08-21.html").read_text()
    assert price(read("openai_pricing", body), "gpt-5.3-codex", "output") == 14.0
    parsed = read("openai_pricing", body.replace("[0, 0.175], [0, 14]", "[0, 0.175], [0, &quot;ask us&quot;]"))
    assert price(parsed, "gpt-5.3-codex", "output") is None
    assert [issue.reason for issue in parsed.issues if issue.severity == "quarantined"] == ["not a number"]


def test_deepseeks_two_lists_are_two_quotes() -> None:
    zh = fixture("deepseek_pricing", "zh.html", "zh")
    assert price(zh, "deepseek-v4-flash") == 1.0
    assert price(zh, "deepseek-v4-pro", "cache_read") == 0.025
    assert set(zh.rows["currency"]) == {"CNY"}
    with pytest.raises(SourceChanged, match="quotes in CNY"):
        fixture("deepseek_pricing", "zh.html", "en")


def test_deepseeks_peak_and_off_peak_rows_span_the_kind() -> None:
    parsed = fixture("deepseek_pricing", "en_peak.html", "en")
    assert price(parsed, "deepseek-v4-pro", "input", "peak") == 1.32
    assert price(parsed, "deepseek-v4-pro", "output", "off_peak") == 1.98
    assert price(parsed, "deepseek-v4-flash", "cache_read", "off_peak") == 0.007
    hours = parsed.rows.filter(price_tier="peak")["hours_utc"].unique().to_list()
    assert hours == ["01:00-04:00, 06:00-10:00"]


def test_beijing_hours_become_utc() -> None:
    body = (FIXTURES / "deepseek_pricing" / "zh.html").read_text()
    body = body.replace("<td>百万tokens输出</td>", "<td>百万tokens输出</td>").replace(
        "</table>", "</table><p>北京时间周一至周五 9:00 - 12:00、14:00 - 18:00 为高峰时段</p>"
    )
    body = body.replace('<td colspan="2">模型</td>', '<td colspan="3">模型</td>').replace(
        "<td>百万tokens输出</td>", "<td>百万tokens输出</td><td>高峰时段</td>"
    )
    parsed = read("deepseek_pricing", body.replace("百万tokens输入（缓存未命中）</td>", "百万tokens输入（缓存未命中）</td><td>空闲时段</td>")
                  .replace("（缓存命中）</td>", "（缓存命中）</td><td>空闲时段</td>"), "zh")  # fmt: skip
    assert parsed.rows.filter(price_tier="peak")["hours_utc"].unique().to_list() == ["01:00-04:00, 06:00-10:00"]
    assert price(parsed, "deepseek-v4-pro", "input", "off_peak") == 3.0


@pytest.mark.parametrize(
    ("sentence", "hours", "weekdays"),
    [
        ("Peak hours are 01:00 - 04:00 and 06:00 - 10:00 UTC.", "01:00-04:00, 06:00-10:00", None),
        ("Peak hours are 01:00 - 04:00 and 06:00 - 10:00 UTC, Monday to Friday. Weekends are off-peak.", "01:00-04:00, 06:00-10:00", "Mon-Fri"),
        ("On weekdays peak hours are 01:00 - 04:00 UTC.", "01:00-04:00", "Mon-Fri"),
        ("工作日北京时间 9:00-12:00、14:00-18:00 为高峰时段。", "01:00-04:00, 06:00-10:00", "Mon-Fri"),
        ("Peak hours are 01:00 - 04:00 UTC except on Sunday.", None, None),
        ("Peak hours are told elsewhere.", None, None),
    ],
)  # fmt: skip
def test_deepseeks_peak_hours_have_the_weekdays_of_their_sentence(
    sentence: str, hours: str | None, weekdays: str | None
) -> None:
    """From 2026-08-23 on the peak prices hold from Monday to Friday: 35 of the 168 hours of a week."""
    body = (FIXTURES / "deepseek_pricing" / "en_peak.html").read_text()
    parsed = read(
        "deepseek_pricing", body.replace("Peak hours are 01:00 - 04:00 and 06:00 - 10:00 UTC.", sentence), "en"
    )
    peak = parsed.rows.filter(price_tier="peak")
    assert set(peak.select("hours_utc", "weekdays").rows()) == {(hours, weekdays)}
    assert ("unknown hours of a price" in {issue.reason for issue in parsed.issues}) == (hours is None)


def test_deepseeks_list_of_2025_has_models_as_rows() -> None:
    parsed = fixture("deepseek_pricing", "en_2025.html", "en")
    assert price(parsed, "deepseek-chat") == 0.27
    assert price(parsed, "deepseek-chat", "cache_read") == 0.07  # the struck-out price is not one
    assert price(parsed, "deepseek-reasoner", "output") == 2.19


def test_deepseek_scopes() -> None:
    module = import_module("transforms.sources.deepseek_pricing")
    for name, scope in (("zh.html", "zh"), ("en_peak.html", "en")):
        assert module.scope_of((FIXTURES / "deepseek_pricing" / name).read_bytes(), catalog()) == scope
    assert [scope for scope, _ in module.requests(catalog().sources["deepseek_pricing"], catalog())] == ["en", "zh"]


def test_anthropic_announces_a_rise_in_a_row_of_its_own() -> None:
    parsed = fixture("anthropic_pricing", "before_the_rise.md")
    rows = parsed.rows.filter(listing="Claude Sonnet 5", token_kind="input")  # noqa: S106
    assert sorted(rows.select("value", "valid_from").rows(), key=str) == [(2.0, None), (3.0, date(2026, 9, 1))]
    assert price(parsed, "Claude Opus 4.1", "cache_write_1h") == 30.0
    assert price(parsed, "Claude Opus 4.1", "output", "batch") == 37.5


def test_google_states_several_prices_in_a_cell() -> None:
    parsed = fixture("google_pricing", "section.html")
    assert price(parsed, "gemini-2.5-pro") == 1.25
    assert price(parsed, "gemini-2.5-pro", "output", "above_200k") == 15.0
    assert price(parsed, "gemini-2.5-pro", "cache_read") == 0.125
    assert 4.5 not in parsed.rows["value"].to_list()  # storage is not a token price
    twin = fixture("google_pricing", "twin.md")
    assert price(twin, "gemini-2.5-flash", tier="batch") == 0.15
    assert price(twin, "gemini-2.5-flash", "audio_input", "batch") == 0.5


def test_a_price_row_of_google_that_nobody_declared_is_reported() -> None:
    body = (FIXTURES / "google_pricing" / "section.html").read_text().replace("Output price", "Thinking price")
    parsed = read("google_pricing", body)
    assert [(issue.reason, issue.severity) for issue in parsed.issues] == [("unknown price row", "notice")]
    assert set(parsed.rows["token_kind"]) == {"input", "cache_read"}


def test_zai_free_is_no_price_and_tools_are_left() -> None:
    parsed = fixture("zai_pricing", "2026-07-17.html")
    assert price(parsed, "GLM-4.6", "cache_read") == 0.11
    assert price(parsed, "GLM-4.5-Flash") is None
    assert price(parsed, "GLM-4-32B-0414-128K", "cache_read") is None
    assert [(issue.reason, issue.severity) for issue in parsed.issues] == [("table of another layout", "notice")]


def test_moonshot_quotes_in_yuan() -> None:
    parsed = fixture("moonshot_pricing", "chat-k26.html", "chat-k26")
    assert parsed.rows.filter(token_kind="input").select("value", "currency").rows() == [(6.5, "CNY")]  # noqa: S106
    body = (FIXTURES / "moonshot_pricing" / "chat-k26.html").read_text()
    assert price(read("moonshot_pricing", body.replace("1M tokens", "1K tokens")), "kimi-k2.6") == 6500.0
    # Its other platform sells in dollars: a cell without a sign is no price in either.
    dollars = read("moonshot_pricing", body.replace("¥", "$"))
    assert set(dollars.rows["currency"]) == {"USD"}
    bare = read("moonshot_pricing", body.replace("¥6.50", "6.50"))
    assert price(bare, "kimi-k2.6") is None
    assert [issue.reason for issue in bare.issues if issue.severity == "quarantined"] == ["no currency is stated"]
    module = import_module("transforms.sources.moonshot_pricing")
    assert module.own_address(body.encode()) == "https://platform.kimi.com/docs/pricing/chat-k26"
    # Another page that came in its place would end every price of this one.
    with pytest.raises(SourceChanged, match=r"another page than chat-k26 came: it calls itself .*/chat-k3"):
        read("moonshot_pricing", body.replace("pricing/chat-k26", "pricing/chat-k3"), "chat-k26")
    assert {scope for scope, _ in module.requests(catalog().sources["moonshot_pricing"], catalog())} == {"chat-k26"}


def test_moonshot_pages_by_their_address() -> None:
    """Its own list of pages names chat-k3, chat-k27-code, chat-k26, chat-k25, chat-v1, batch, tools and limits (2026-07)."""
    body = (FIXTURES / "moonshot_pricing" / "chat-k26.html").read_text()
    module = import_module("transforms.sources.moonshot_pricing")
    # Yuan and dollars of one family: the one platform's page does not end the other's prices.
    assert [module.page_at(f"https://platform.{host}/docs/pricing/chat-k3.md") for host in ("kimi.com", "moonshot.cn", "kimi.ai", "moonshot.ai")] == [
        "chat-k3", "chat-k3", "international/chat-k3", "international/chat-k3",
    ]  # fmt: skip
    assert module.page_at("https://docs.z.ai/guides/overview/pricing") == ""
    batch = read("moonshot_pricing", body.replace("pricing/chat-k26", "pricing/batch"), "batch")
    assert set(batch.rows["price_tier"]) == {"batch"}
    with pytest.raises(SourceChanged, match="the page 'tools' is of no prices of tokens"):
        read("moonshot_pricing", body.replace("pricing/chat-k26", "pricing/tools"), "tools")
    unnamed = body.replace("https://platform.kimi.com/docs/pricing/chat-k26", "")
    assert price(read("moonshot_pricing", unnamed, "chat-k26"), "kimi-k2.6") == 6.5
    for scope in ("chat-k25", "international/chat-k3", "chat-k27-code"):
        with pytest.raises(
            SourceChanged, match=r"another page came: the address is of '\w+', its models are 'kimi-k2\.6'"
        ):
            read("moonshot_pricing", unnamed, scope)
    code = unnamed.replace("kimi-k2.6", "kimi-k2.7-code").replace("¥", "$")
    found = read("moonshot_pricing", code, "international/chat-k27-code").rows
    assert found.filter(token_kind="output").select("value", "currency").rows() == [(27.0, "USD")]  # noqa: S106


def test_xai_and_mistral() -> None:
    assert price(fixture("xai_pricing", "models.md"), "grok-4.5", "cache_read") == 0.5
    assert price(fixture("mistral_pricing", "api.md"), "mistral-large-4", "output") == 4.18


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [
        ("$5 / MTok", "USD", 5.0), ("US$0.50", "USD", 0.5), ("¥6.50", "CNY", 6.5), ("0.02元", "CNY", 0.02),
        ("$0.03 / 1K tokens", "USD", 30.0), ("$2.19 (5)", "USD", 2.19), ("€1.36 per 1M tokens", "EUR", 1.36), ("3", None, 3.0),
    ],
)  # fmt: skip
def test_cells_that_are_prices(text: str, currency: str | None, value: float) -> None:
    cell = money(text)
    assert (cell.currency, cell.price.value) == (currency, value)


@pytest.mark.parametrize("text", ["", "-", "–", "Free", "Free of charge", "null", "Not available", "$0.00", "0元"])
def test_cells_that_state_no_price(text: str) -> None:
    cell = money(text)
    assert (cell.price.value, cell.price.problem) == (None, "")


@pytest.mark.parametrize(
    "text",
    ["£5", "five dollars", "NaN", "$1e308", "$-1", "$1,250", "$5 or $6", "$5 / use", "$5 / minute", "$" + "9" * 40, "(" * 500,
     "$1.25, prompts <= 200k tokens", "$5" + " " * 10_000 + "x"],
)  # fmt: skip
def test_cells_that_are_quarantined(text: str) -> None:
    cell = money(text)
    assert cell.price.value is None
    assert cell.price.problem


def test_a_new_column_is_reported_and_words_in_a_price_cell_are_quarantined() -> None:
    body = (FIXTURES / "xai_pricing" / "models.md").read_text()
    wider = (
        body.replace("| Model |", "| Model | Mood |")
        .replace("| --- |", "| --- | --- |", 1)
        .replace("| grok", "| grok-x | grok", 0)
    )
    wider = "\n".join(
        line.replace("| 1M |", "| calm | 1M |").replace("| 500K |", "| calm | 500K |") for line in wider.splitlines()
    )
    parsed = read("xai_pricing", wider.replace("$1.25 / 1M tokens", "a trifle"))
    assert [(issue.reason, issue.severity) for issue in parsed.issues] == [
        ("unknown column", "notice"), ("not a price", "quarantined"),
    ]  # fmt: skip
    assert price(parsed, "grok-4.3") is None
    assert price(parsed, "grok-4.5") == 2.0


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    "payload",
    [
        b"", b"\xff\xfe", b"{}", b"<html><title>Just a moment...</title></html>",
        b'<html><head><link rel="canonical" href="https://example.org/pricing"></head><table><tr><th>Model</th><th>Input</th>'
        b"<th>Output</th></tr><tr><td>m</td><td>$1</td><td>$2</td></tr></table></html>",
        b"# Pricing\n\n| Plan | Monthly |\n| --- | --- |\n| Pro | $20 |\n",
        b"<html><link rel=canonical href='https://[0, 5]/pricing'><table><tr><td>Model</td></tr></table></html>",
        b"<html><title>Pricing models</title><table><tr><td rowspan='999999999' colspan='999999999'>x</td></tr></table></html>",
    ],
)  # fmt: skip
def test_another_page_or_layout_gives_no_rows(source: str, payload: bytes) -> None:
    with pytest.raises(SourceChanged) as caught:
        read(source, payload, {"deepseek_pricing": "en"}.get(source, ""))
    assert caught.value.source == source


@pytest.mark.parametrize("source", SOURCES)
def test_a_page_of_fifty_megabytes_is_refused_unread(source: str) -> None:
    assert catalog().sources[source].max_bytes <= MAX_PAGE_BYTES
    with pytest.raises(SourceChanged, match="larger than"):
        read(source, b"<table>" + b"x" * 50_000_000, {"deepseek_pricing": "en"}.get(source, ""))


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<table><tr><td>" * 100, "stands inside of another table"),
        (b"<table>" + b"<tr><td rowspan=50 colspan=50>1</td></tr>" * 5000, "more than 50,000 cells"),
    ],
    ids=["nested", "spans"],
)
def test_a_page_that_would_take_the_night_is_refused(body: bytes, why: str) -> None:
    with pytest.raises(SourceChanged, match=why):
        read("zai_pricing", b"<html>" + body)


@pytest.mark.parametrize(
    "text", ["$" + "9 " * 50_000, "US$" * 40_000, "1" + "0" * 99 + "x", "/ per " * 30_000, "(" * 99_999]
)
def test_a_string_made_to_stall_an_expression_is_no_price(text: str) -> None:
    assert money(text).price.problem == "not a price"


@shared
@pytest.mark.shared
def test_the_real_pages() -> None:
    openai = read("openai_pricing", (PAGES / "lzc0403__openai_pricing_raw.html").read_bytes())
    assert [price(openai, "gpt-4o", tier=tier) for tier in ("standard", "batch", "priority")] == [2.5, 1.25, 4.25]
    assert price(openai, "o1-pro", "output") == 600.0
    assert price(openai, "gpt-5.6-terra", "cache_write", "above_272k_batch") == 2.5
    assert price(openai, "gpt-5.6-cyber") == 12.5
    zh = read("deepseek_pricing", (PAGES / "lzc0403__deepseek.html").read_bytes(), "zh")
    assert price(zh, "deepseek-v4-pro", "output") == 6.0
    en = read(
        "deepseek_pricing", (PAGES / "xzgw_llm-pricing-index__deepseek_pricing_peak_offpeak_en.html").read_bytes(), "en"
    )
    assert price(en, "deepseek-v4-pro", "output", "peak") == 3.96
    claude = read("anthropic_pricing", (PAGES / "WhoVisions_NouGenTracker__anthropic_pricing_excerpt.md").read_bytes())
    assert price(claude, "Claude Haiku 4.5", "output") == 5.0
    gemini = read("google_pricing", (PAGES / "WhoVisions_NouGenTracker__gemini_2.5-pro_section.html").read_bytes())
    assert price(gemini, "gemini-2.5-pro", tier="above_200k") == 2.5
    kimi = read("moonshot_pricing", (PAGES / "lzc0403__kimi1.html").read_bytes())
    assert price(kimi, "kimi-k2.6", "output") == 27.0
    zai = read("zai_pricing", (PAGES / "lzc0403__zai.html").read_bytes())
    assert price(zai, "GLM-5.2", "cache_read") == 0.26
    for source, parsed in (
        ("openai_pricing", openai), ("deepseek_pricing", zh), ("deepseek_pricing", en), ("anthropic_pricing", claude),
        ("google_pricing", gemini), ("moonshot_pricing", kimi), ("zai_pricing", zai),
    ):  # fmt: skip
        assert check(catalog().sources[source], parsed, datetime(2026, 11, 22)).quarantined == 0


@shared
@pytest.mark.shared
@pytest.mark.parametrize("source", SOURCES)
def test_the_wrong_real_page_is_refused(source: str) -> None:
    with pytest.raises(SourceChanged, match="another page came"):
        read(source, (PAGES / "lzc0403__aliyun.html").read_bytes(), {"deepseek_pricing": "zh"}.get(source, ""))


@pytest.mark.parametrize(
    "hostile",
    [
        "$" + "1" * 50_000,
        "(" * 50_000,
        "[" * 50_000,
        "[a](" * 20_000,
        "~~" * 25_000,
        "<sup>" * 10_000,
        "1." * 25_000 + "/",
        " " * 50_000 + "x",
    ],
)
def test_a_string_made_to_stall_a_pattern_is_read_at_once_and_is_no_price(hostile: str) -> None:
    began = time.process_time()
    assert money(hostile).price.value is None
    label(hostile)
    page = f"# Pricing\n\n| model | input |\n|---|---|\n| m | {hostile} |\n\n{hostile}\n"
    assert len(read_page(page.encode(), "zai_pricing", canonical="x", title="pricing").tables) == 1
    assert time.process_time() - began < 1
