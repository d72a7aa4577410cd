"""The dictionary page is complete in each language: every sentence of the published dictionary has its Chinese, and none is idle."""

from __future__ import annotations

import re

import polars as pl
from places import FIXTURES_FOLDER
from site_reports import made_report

from config.dictionary import chinese, dictionary
from config.parsing import parse_yaml
from transforms.site import compact, search
from transforms.site.cells import reads

CONTRACT = parse_yaml((FIXTURES_FOLDER / "contract.yml").read_text("utf-8"), "tests/fixtures/contract.yml")
HAN = re.compile(r"[\u4e00-\u9fff]")
# What a translation must not touch: names in the file, code, and figures.
KEPT = re.compile(r"`[^`]+`|\w+\(|[A-Za-z]+_\w+|\d[\d.,-]*\d|\d|\bNULL\b")


def sentences() -> set[str]:
    """All that the page tells, by the columns of the contract: the published dictionary without publishing."""
    words = dictionary()
    columns = ((name, column) for name, listed in CONTRACT["views"].items() for column in listed.split())
    told = {words.meaning(name, column) for name, column in columns}
    return {*words.views.values(), *words.macros.values(), words.tables["dictionary"], *told}


def test_every_sentence_of_the_dictionary_has_its_chinese_and_none_is_left_over() -> None:
    assert sorted(sentences() - set(chinese())) == []
    assert sorted(set(chinese()) - sentences()) == []


def test_the_chinese_keeps_names_code_and_figures() -> None:
    for english, said in chinese().items():
        assert set(KEPT.findall(said)) == set(KEPT.findall(english)), (english, said)
        # A list of values that stand as they are has no word of either language.
        assert HAN.search(said) or english.endswith(", ..."), said
        assert not re.search(r"[,;:]\s*[\u4e00-\u9fff]|[\u4e00-\u9fff][A-Za-z]|[A-Za-z][\u4e00-\u9fff]", said), said


def test_a_page_says_what_a_column_means_in_its_language_and_the_search_finds_it_in_both() -> None:
    rows = [
        ("company", "view", "", "", dictionary().views["company"]),
        ("company", "view", "name", "VARCHAR", "a new one"),
    ]
    told = pl.DataFrame(rows, ["object", "kind", "column_name", "type", "meaning"], orient="row")
    assert compact.columns(told, reads("dictionary"))["meaning"]["w"] == [
        [
            "宣告的公司，以主要股票代號為鍵，附會計年度與所屬的公司群組。",
            "The companies that are declared, by main ticker, with their fiscal year and the groups they are counted in.",
        ],
        ["a new one"],
    ]
    found = [
        one for one in search.entries(made_report(tables={"dictionary": told}))["entries"] if one[0] == "dictionary"
    ]
    assert [(one[1], one[3]) for one in found] == [("company", "dictionary.html?object=company")]
    assert all(words in found[0][4] for words in ("會計年度", "fiscal year"))
