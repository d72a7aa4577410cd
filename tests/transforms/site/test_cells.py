"""No cell of a page is what a program calls a thing: every text of every page reads as words of the page's language, a name, or code."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from published_file import analyst, frame, rows

from config.load import HERE, catalog
from config.pages import pages
from config.parsing import parse_yaml
from config.terms import terms
from transforms.site import cells, names
from transforms.site.addresses import hosts
from transforms.site.cells import CODE, DOCUMENTS, OWN, PROPER, READS, reads
from transforms.site.words import Phrase
from warehouse.published.pages import page_query

RAW = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b|\b[0-9a-f]{16,}\b")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Enough small words in a row that it is a sentence and no name.
SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){4,}")
SENTENCES = {"zh": ("statement_zh",), "en": ("statement_en",)}


@pytest.mark.parametrize("page", pages())
def test_every_text_of_a_page_reads_as_words_a_name_or_code(published: Path, page: str) -> None:
    with analyst(published) as cs:
        table = frame(cs, page_query(page))
    read = reads(page, hosts(table))
    for column in (name for name, kind in table.schema.items() if kind == pl.String):
        assert column in PROPER | CODE | DOCUMENTS or column in READS or (page, column) in OWN, (
            f"{page}.{column}: say how it reads"
        )
        if column in CODE or column in (
            "best_openai",
            "best_other",
            "source_url",
            "event",
            "label",
            "meaning",
            "unit",
            "statistic_unit",
            "miss_unit",
        ):
            continue  # set apart as code, an entrant as its board names it, never shown bare, or shown with a number
        for value in table[column].drop_nulls().unique():
            told = read(column, value) or Phrase.same(value)
            assert column.startswith("statement") or not RAW.search(f"{told.zh} {told.en}"), (column, value, told)
            assert column == "statement_zh" or not HAN.search(told.en), (column, told.en)
            assert column == "statement_en" or not SENTENCE.search(told.zh), (column, told.zh)


def test_a_price_is_stated_by_its_source_and_a_figure_published_by_its_company() -> None:
    assert reads("prices")("status", "reported") == Phrase("依來源所載", "as the source states")
    assert reads("companies")("status", "reported") == Phrase("公布", "reported")
    assert reads("prices")("status", "withdrawn") == reads("companies")("status", "withdrawn")


def test_units_beside_numbers_have_words(published: Path) -> None:
    asked = " UNION ".join(
        f"SELECT DISTINCT unit FROM ({page_query(page).rstrip().rstrip(';')})"
        for page in ("azure", "boards", "companies", "events", "guidance", "prices")
    )
    with analyst(published) as cs:
        units = {unit for (unit,) in rows(cs, asked) if unit}
    assert units - {"USD", "words", "date"} <= set(terms().units)


def entered() -> set[str]:
    """Topics, codes, subjects and definitions that the hand-entered files of this repository declare."""
    found: set[str] = set()
    for path in sorted((HERE / "analyst").glob("*.yml")):
        content = parse_yaml(path.read_text("utf-8"), path.name)
        for topic, codes in (content.get("topics") or {}).items():
            found |= {topic, *codes}
        found |= {value for _, value in _pairs(content) if _ in ("definition", "subject")}
    return found


def _pairs(thing: object) -> list[tuple[str, str]]:
    if isinstance(thing, dict):
        own = [(key, value) for key, value in thing.items() if isinstance(value, str)]
        return own + [pair for value in thing.values() for pair in _pairs(value)]
    return [pair for one in thing for pair in _pairs(one)] if isinstance(thing, list) else []


def test_what_people_enter_has_words_in_both_languages() -> None:
    """A new code, definition or subject says in config/terms.yml what it is called; a ticker and a proper name need none."""
    unnamed = sorted(
        name
        for name in entered()
        if "_" in name
        and name not in terms().concepts
        and name not in {chain for one in catalog().companies.values() for chain in one.chains}
    )
    assert unnamed == []


def test_definitions_of_metrics_and_companies_have_words() -> None:
    steps = {
        step.definition for one in catalog().companies.values() for chain in one.chains.values() for step in chain.steps
    }
    assert {name for name in steps if "_" in name} <= set(terms().concepts)


def test_publishers_and_attributions_that_are_sentences_are_said_in_chinese() -> None:
    for source in catalog().sources.values():
        for text, chinese in (
            (source.publisher, source.publisher_zh),
            (source.licence.attribution, source.licence.attribution_zh),
        ):
            assert chinese or not re.search(r"\b(the|from|of|read|each|by)\b", text), (source.id, text)


@pytest.mark.parametrize(
    ("name", "told"),
    [("grok-4-6", "Grok 4.6"), ("gpt-4o-mini", "GPT-4o mini"), ("claude-3-5-sonnet", "Claude 3.5 Sonnet"), ("o3-pro", "o3-pro"),
     ("gpt-4o-2024-05-13", "GPT-4o 2024-05-13"), ("deepseek-v3-2-exp", "DeepSeek V3.2 Exp"), ("mixtral-8x7b-instruct", "Mixtral 8x7B Instruct"),
     ("llama-3-1-405b-instruct", "Llama 3.1 405B Instruct")],
)  # fmt: skip
def test_models_bear_the_names_their_developers_give_them(name: str, told: str) -> None:
    assert names.model(name) == Phrase.same(told)


def test_no_model_reads_by_its_short_name() -> None:
    told = {name: names.model(name).en for name in catalog().models}
    assert [
        name
        for name, one in told.items()
        if re.search(r"\d-\d(?!\d?-?\d*$)", re.sub(r"\d{4}-\d\d-\d\d|\d\d-\d\d$", "", one))
    ] == []
    assert len(set(told.values())) == len(told)


@pytest.mark.parametrize(
    ("name", "chinese", "english"),
    [("0001193125-26-380280", "SEC 0001193125-26-380280", "SEC 0001193125-26-380280"),
     ("msft-call-2025-01-29", "MSFT 法說會 2025-01-29", "MSFT call 2025-01-29"),
     ("msft-fy2026q4-10k", "MSFT FY2026Q4 10-K 年報", "MSFT FY2026Q4 Form 10-K"),
     ("msft-fy2023q1-ir-page", "MSFT FY2023Q1 投資人關係 網頁", "MSFT FY2023Q1 investor relations page"),
     ("africa-businessinsider-com-2024-10-30", "africa.businessinsider.com 2024-10-30", "africa.businessinsider.com 2024-10-30"),
     ("crypto-observer-com-2025-03-31", "crypto-observer.com 2025-03-31", "crypto-observer.com 2025-03-31"),
     ("investing-2024-08-22-segment-changes", "investing segment changes 2024-08-22", "investing segment changes 2024-08-22")],
)  # fmt: skip
def test_documents_are_named_by_what_they_are(name: str, chinese: str, english: str) -> None:
    sites = ("www.crypto-observer.com", "africa.businessinsider.com", "www.investing.com")
    led = pl.DataFrame({"source_url": [f"https://{host}/a" for host in sites] + [None]})
    assert names.document(name, hosts(led)) == Phrase(chinese, english)


def test_a_column_nobody_described_is_refused() -> None:
    with pytest.raises(KeyError):
        cells.reads("companies")("made_up", "some_value")
