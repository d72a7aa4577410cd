"""Real payloads with one thing changed: what cannot be read is named or refused, and what is read is what was stated."""

from __future__ import annotations

import copy
import io
import itertools
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from places import FIXTURES_FOLDER

from config.contracts import Capture, Issue, Parsed
from config.errors import SourceChanged
from config.load import catalog
from flows.steps.pipeline import parse
from warehouse.archive.captures import Logged
from warehouse.store.checks import Checked
from warehouse.store.facts import Store

FIXTURES = FIXTURES_FOLDER / "sources"
AT = datetime(2026, 8, 21)
LONG = "a figure of five thousand digits"
STRANGE = (None, True, "", "word", -1, [], [True], {}, {"a": None}, 1e308, "\ud800", LONG, 5)
LISTS = {
    "litellm_prices": "2026-09-01.json", "genai_prices": "2026-08-21.json", "models_dev_prices": "2026-07-02.json",
    "openrouter_prices": "2026-05-13.json",
}  # fmt: skip


def read(source: str, payload: bytes | str | Any, scope: str = "") -> Parsed:
    text = payload if isinstance(payload, bytes | str) else json.dumps(payload).replace(f'"{LONG}"', "7" * 5000)
    body = text.encode() if isinstance(text, str) else text
    return parse(body, Capture(source, scope, "https://example.org/prices", "0" * 64, len(body), AT, AT), catalog())


def reasons(parsed: Parsed) -> list[str]:
    return [issue.reason for issue in parsed.issues]


def prices(parsed: Parsed) -> dict[tuple[str, str, str], float]:
    """Of each listing, kind and tier what a million tokens cost."""
    rows = parsed.rows.filter(status="reported").select("listing", "token_kind", "price_tier", "value")
    return {(listing, kind, tier): value for listing, kind, tier, value in rows.iter_rows()}


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to everything in a JSON document, itself left out."""
    for key, content in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        yield (*path, key)
        yield from places(content, (*path, key))


def replaced(body: Any, path: tuple[Any, ...], content: Any) -> Any:
    changed = copy.deepcopy(body)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = content
    return changed


@pytest.mark.parametrize("source", LISTS)
def test_whatever_stands_in_one_place_of_a_list_the_rest_is_read_or_the_list_refused_by_name(source: str) -> None:
    whole = json.loads((FIXTURES / source / LISTS[source]).read_bytes())
    strange, understood = itertools.cycle(STRANGE), 0
    for path in [*places(whole)][:: 8 if source == "litellm_prices" else 1]:
        try:
            parsed = read(source, replaced(whole, path, next(strange)))
        except SourceChanged:
            continue
        understood += 1
        assert all(0 < price < float("inf") for price in prices(parsed).values())
        assert parsed.rows["provider"].str.contains("^[a-z][a-z0-9-]+$").all()
        assert all(f"{issue.locator} {issue.detail}".encode() for issue in parsed.issues)
    assert understood > 10


def test_what_a_list_states_of_a_tier_in_another_shape_is_reported_and_its_plain_price_stays() -> None:
    tiers: list[Any] = [[{"tier": "long", "input": 2}], [{"tier": {"size": "long"}, "input": 2}], [3]]
    for stated in tiers:
        parsed = read("models_dev_prices", {"p": {"models": {"m": {"cost": {"input": 1, "tiers": stated}}}}})
        assert (prices(parsed), reasons(parsed)) == (
            {("m", "input", "standard"): 1.0},
            ["unknown condition of a price"],
        )
    modes = {"fast": {"cost": {"input": 4}, "provider": {"body": ["service_tier"]}}}
    parsed = read(
        "models_dev_prices", {"p": {"models": {"m": {"cost": {"input": 1}, "experimental": {"modes": modes}}}}}
    )
    assert prices(parsed)["m", "input", "mode_fast"] == 4.0


def test_costs_of_models_dev_that_are_no_object_are_reported() -> None:
    parsed = read("models_dev_prices", {"p": {"models": {"m": {"cost": [1, 2]}, "n": {"cost": {"input": 1}}}}})
    assert (list(prices(parsed)), reasons(parsed)) == ([("n", "input", "standard")], ["costs are not an object"])


@pytest.mark.parametrize("tiers", [True, 5, "steps", {"from": 1000}, [{"start": LONG, "price": 2}]])
def test_tiers_of_genai_prices_in_another_shape_keep_the_price_out_and_the_others_in(tiers: Any) -> None:
    model = {"id": "m", "prices": {"input_mtok": {"base": 1, "tiers": tiers}, "output_mtok": 9}}
    parsed = read("genai_prices", [{"id": "p", "models": [model]}])
    assert (prices(parsed), reasons(parsed)) == (
        {("m", "output", "standard"): 9.0},
        [*(["unknown cost key"] if isinstance(tiers, dict) else []), "several prices for one token kind"],
    )


def test_genai_prices_of_nobody_or_for_no_hours_are_kept_out() -> None:
    hours = [{"prices": {"input_mtok": 1}}, {"constraint": {"start_time": "soonZ", "end_time": "lateZ"}, "prices": {"input_mtok": 2}}]  # fmt: skip
    held = {"id": "p", "models": [{"id": "m", "prices": hours}, {"id": "n", "prices": {"input_mtok": 3}}]}
    parsed = read("genai_prices", [{"models": [{"id": "x", "prices": {"input_mtok": 1}}]}, held])
    assert list(prices(parsed)) == [("n", "input", "standard")]
    assert reasons(parsed) == ["provider without id", "unknown condition of a price"]


def test_half_a_surrogate_pair_in_a_list_stops_nothing() -> None:
    """JSON may hold it, no file and no terminal can: an issue that could not be written would stop the whole night."""
    entry = {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-06, "new_cost": 1}
    parsed = read("litellm_prices", {"\ud800": entry, "gpt-x": entry})
    assert list(prices(parsed)) == [("gpt-x", "input", "standard")]
    store = Store.open(None)
    logged = Logged(Capture("litellm_prices", "", "u", "0" * 64, 1, AT, AT), AT)
    store.load(catalog().sources["litellm_prices"], logged, Checked(parsed.rows, parsed.issues, parsed.rows.height, 1))
    told = store.connection.execute("SELECT locator, detail FROM issue ORDER BY reason").fetchall()
    assert told == [("/\\ud800/new_cost", "'new_cost' in 2 entries"), ("", "'\\ud800'")]
    refused = SourceChanged("it says \ud800", source="s", place="/\ud800")
    assert str(refused) == "s: /\\ud800: it says \\ud800"
    assert Issue("", "", "plain 价格").detail == "plain 价格"
    assert reasons(read("models_dev_prices", {"\ud800": {"models": {"m": {"cost": {"input": 1}}}}, "p": {"models": {"n": {"cost": {"input": 1}}}}})) == ["unreadable listing"]  # fmt: skip


@pytest.mark.parametrize(("name", "scope"), [("zh.html", "zh"), ("en_peak.html", "en"), ("en_2025.html", "en")])
def test_a_cell_that_is_missing_never_gives_a_model_the_price_of_another(name: str, scope: str) -> None:
    page = (FIXTURES / "deepseek_pricing" / name).read_text()
    stated = prices(read("deepseek_pricing", page, scope))
    for cell in re.finditer(r"<t[dh][^>]*>.*?</t[dh]>", page, re.DOTALL):
        try:
            left = read("deepseek_pricing", page[: cell.start()] + page[cell.end() :], scope)
        except SourceChanged:
            continue
        assert prices(left).items() <= stated.items()


@pytest.mark.parametrize("span", ["²", "9" * 5000, "٣", "-1", "0", "two"])
def test_a_span_that_is_no_number_covers_one_cell(span: str) -> None:
    page = (FIXTURES / "zai_pricing" / "2026-07-17.html").read_text()
    assert prices(read("zai_pricing", page.replace("<td", f'<td rowspan="{span}"'))) == prices(
        read("zai_pricing", page)
    )


def test_a_footnote_that_swallows_a_cell_and_a_header_without_models_are_no_fault_of_ours() -> None:
    page = (FIXTURES / "deepseek_pricing" / "zh.html").read_text()
    swallowed = page.replace("<table>", "<table><tr><td>x<sup><td>y</td></sup></td></tr></table><table>", 1)
    assert prices(read("deepseek_pricing", swallowed, "zh")) == prices(read("deepseek_pricing", page, "zh"))
    bare = "<table><tr><td>模型</td></tr><tr><td>百万tokens输出</td></tr></table>"
    beside = read("deepseek_pricing", page.replace("<table>", f"{bare}<table>", 1), "zh")
    assert prices(beside) == prices(read("deepseek_pricing", page, "zh"))
    assert "table of another layout" in reasons(beside)


@pytest.mark.parametrize("coded", ["[0, true]", "[0, 5]", "[0, &quot;row&quot;]", "[1, [[0, null]]]", "[1, [[0, 5]]]"])
@pytest.mark.parametrize("name", ["rows", "groups", "headings"])
def test_rows_of_openais_components_in_another_shape_are_reported(name: str, coded: str) -> None:
    page = (FIXTURES / "openai_pricing" / "2026-08-21.html").read_text()
    before, _, after = page.rpartition(f"&quot;{name}&quot;: [")
    parsed = read("openai_pricing", f"{before}&quot;{name}&quot;: {coded}, &quot;was&quot;: [{after}")
    held = prices(read("openai_pricing", page))
    lost = () if name == "rows" else ("gpt-5.3-codex",)  # the last rows are of embeddings, which are no token prices
    assert prices(parsed) == {of: price for of, price in held.items() if of[0] not in lost}
    assert len(parsed.issues) == 3
    assert parsed.issues[-1].reason in {"rows of another shape", "a row of another width", "table of another layout"}


def test_a_zip_of_rates_with_a_false_offset_is_not_the_table() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("eurofxref-hist.csv", "Date,USD,CNY,JPY,GBP\n2026-10-30,1.1,8,160,0.9\n")
    whole = stream.getvalue()
    at = whole.rindex(b"PK\x05\x06") + 16  # where the directory is said to begin
    with pytest.raises(SourceChanged, match="not a readable zip"):
        read("ecb_fx", whole[:at] + b"\xff\xff\x00\x00" + whole[at + 4 :])
