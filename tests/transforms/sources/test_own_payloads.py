"""Each reader knows its own: a payload of another source, or of another part of its own, is refused with a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from places import FIXTURES_FOLDER

from config.contracts import Capture, Parsed
from config.errors import Problem, SourceChanged
from config.load import catalog
from flows.steps.pipeline import parse

FIXTURES = FIXTURES_FOLDER / "sources"
AT = datetime(2026, 11, 22)
SOURCES = sorted(catalog().sources)
# One publisher's tables in one layout: neither names the board it is of, its address does.
ALIKE = {"arena_leaderboard", "arena_full"}
MODELS_OF_XAI = (FIXTURES / "xai_pricing" / "models.md").read_text()
COMPANY = (FIXTURES / "sec_companyfacts" / "MSFT.json").read_bytes()


def read(source: str, scope: str, body: bytes | str) -> Parsed:
    payload = body.encode() if isinstance(body, str) else body
    return parse(payload, Capture(source, scope, "https://example.org/a", "0" * 64, len(payload), AT, AT), catalog())


def scopes(source: str) -> list[str]:
    spec = catalog().sources[source]
    of_source = {
        "deepseek_pricing": ["en", "zh"],
        "sec_companyfacts": ["MSFT", "AMZN"],
        "sec_submissions": ["MSFT", "AMZN"],
        "artificial_analysis": ["page 1"],
    }
    return of_source.get(source) or [table.board for table in spec.boards] or ["" if spec.fetched else "a_file"]


def payloads() -> Iterator[Path]:
    yield from sorted(path for path in FIXTURES.rglob("*") if path.is_file() and path.name != "README.md")


def home_of(path: Path) -> str:
    return path.relative_to(FIXTURES).parts[0]


@pytest.mark.filterwarnings("ignore::bs4.XMLParsedAsHTMLWarning")
@pytest.mark.parametrize("path", [pytest.param(path, id=f"{home_of(path)}/{path.name}") for path in payloads()])
def test_no_reader_takes_the_payload_of_another_source(path: Path) -> None:
    body, own = path.read_bytes(), catalog().sources[home_of(path)].read_by
    taken = []
    for source in SOURCES:
        other = catalog().sources[source].read_by
        if other == own or {other, own} <= ALIKE:
            continue
        for scope in scopes(source):
            try:
                read(source, scope, body)
            except Problem as problem:
                assert str(problem).startswith(source) or problem.place  # noqa: PT017  every one is named
            else:
                taken.append((source, scope))
    assert taken == []


@pytest.mark.parametrize(
    ("source", "of", "name"),
    [
        ("mistral_pricing", "xai_pricing", "models.md"),
        ("zai_pricing", "xai_pricing", "models.md"),
        ("xai_pricing", "mistral_pricing", "api.md"),
    ],
)
def test_of_pages_in_one_layout_the_models_tell_whose_it_is(source: str, of: str, name: str) -> None:
    with pytest.raises(
        SourceChanged, match=rf"{source}: .*another page came: \d of its \d models are another seller's"
    ):
        read(source, "", (FIXTURES / of / name).read_bytes())


@pytest.mark.parametrize("title", ["", "# Pricing\n", "# Models and pricing\n", "# API pricing of Grok\n"])
def test_a_page_whose_models_are_others_is_refused_under_any_title(title: str) -> None:
    table = MODELS_OF_XAI.partition("\n")[2].replace("grok-4.3", "claude-opus-5").replace("grok-4.5", "gpt-5.5")
    with pytest.raises(SourceChanged, match="another"):
        read("xai_pricing", "", title + table)


def test_a_new_model_under_another_name_does_not_make_a_page_anothers() -> None:
    row = "| colossus-1 | 1M | $9.00 / 1M tokens | $1.00 / 1M tokens | $18.00 / 1M tokens |\n"
    assert "colossus-1" in read("xai_pricing", "", MODELS_OF_XAI + row).rows["listing"].to_list()


@pytest.mark.parametrize(("name", "scope"), [("edit", "aider_polyglot"), ("polyglot", "aider_edit")])
def test_the_runs_of_aiders_other_board_are_refused(name: str, scope: str) -> None:
    with pytest.raises(SourceChanged, match=rf"another board: most runs are of \d+ test cases, {scope} has \d+"):
        read("aider_leaderboard", scope, (FIXTURES / "aider_leaderboard" / f"{name}.yml").read_bytes())


def test_company_facts_of_another_company_are_refused() -> None:
    with pytest.raises(SourceChanged, match="CIK 789019, AMZN is 1018724"):
        read("sec_companyfacts", "AMZN", COMPANY)


def nth_twice(body: bytes, key: bytes, other: bytes, place: int = 0) -> bytes:
    """The document with the nth `key` written twice, first with another value."""
    at = -1
    for _ in range(place + 1):
        at = body.index(key, at + 1)
    return body[:at] + key + other + b"," + body[at:]


@pytest.mark.parametrize(
    ("key", "other"),
    [
        (b'"val":', b"1"), (b'"filed":', b'"2020-01-01"'), (b'"us-gaap":', b"{}"), (b'"USD":', b"[]"), (b'"units":', b"{}"),
        (b'"facts":', b"{}"), (b'"val":', b' "say \\"x\\": 1"'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("spaced", [False, True])
def test_a_key_with_two_values_in_company_facts_is_refused(key: bytes, other: bytes, spaced: bool) -> None:
    body = COMPANY.replace(b'": ', b'":')
    twice = nth_twice(body, key, other)
    if spaced:
        twice = twice.replace(key, key[:-1] + b"\n :")
    with pytest.raises(SourceChanged, match=f"the key '{key[1:-2].decode()}' is written twice, with two values"):
        read("sec_companyfacts", "MSFT", twice)


def test_a_key_that_is_said_again_and_words_that_look_like_keys_are_no_fault() -> None:
    whole = read("sec_companyfacts", "MSFT", COMPANY)
    body = COMPANY.replace(b'": ', b'":')
    again = nth_twice(body, b'"entityName":', body.split(b'"entityName":')[1].split(b",")[0])
    named = again.replace(b'"label":', b'"label":"a \\"key\\": of \\\\","label_":', 1)
    assert read("sec_companyfacts", "MSFT", named).rows.equals(whole.rows)


@pytest.mark.parametrize(
    ("source", "scope", "body"),
    [
        ("sec_submissions", "MSFT", b'{"cik": "789019", "cik": "1", "filings": {}}'),
        ("arena_catalog", "arena_text", b'{"full": {"a": {"rating": 1400, "rating": 1300}}}'),
        ("artificial_analysis", "page 1", b'{"intelligence_index_version": 4, "intelligence_index_version": 5, "data": []}'),
        ("aider_leaderboard", "aider_edit", b"- {model: a, model: b, date: 2024-05-01, pass_rate_2: 50, test_cases: 133}\n"),
        ("models_dev_prices", "", b'{"p": {"models": {}, "models": {"m": {}}}}'),
    ],
)  # fmt: skip
def test_no_document_may_say_a_key_twice(source: str, scope: str, body: bytes) -> None:
    with pytest.raises(SourceChanged, match="is written twice"):
        read(source, scope, body)
