"""What decides a claim is said in the reader's words: every parameter of every test, in the page's language alone."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest

from config.load import catalog
from config.terms import terms
from transforms.claim_tests import TESTS
from transforms.claims.verdicts import specification_hash, specification_text
from transforms.site.language import LANGUAGES
from transforms.site.parameters import parameter_term, parameters

RAW = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
HAN = re.compile(r"[\u4e00-\u9fff]")
CHINESE, ENGLISH = LANGUAGES


@pytest.mark.parametrize("test", TESTS)
def test_every_parameter_of_a_test_has_a_label_and_a_unit_that_is_known(test: str) -> None:
    units = {"", "USD", "claim", "share", *terms().units}
    assert terms().tests[test].zh
    for name, field in TESTS[test].parameters.model_fields.items():
        term = parameter_term(test, name, terms())
        assert term.unit in units
        assert term.unit or field.annotation not in (int, float), name


def test_no_label_of_a_parameter_is_idle() -> None:
    asked = {
        (test, name.removesuffix("_en").removesuffix("_zh"))
        for test, one in TESTS.items()
        for name in one.parameters.model_fields
    }
    used = {f"{test}.{name}" if f"{test}.{name}" in terms().parameters else name for test, name in asked}
    assert set(terms().parameters) == used


@pytest.mark.parametrize("claim", catalog().claims)
def test_parameters_are_words_of_one_language(claim: str) -> None:
    spec = catalog().claims[claim]
    chinese, english = (parameters(spec, terms(), language) for language in LANGUAGES)
    assert len(chinese) == len(english)
    for label, value in (*chinese, *english):
        assert not RAW.search(f"{label} {value}"), (label, value)
    assert not [told for told in english if HAN.search("".join(told))]
    # A value of the Chinese page has Latin words only in names and signs.
    assert not [told for told in chinese if len(re.findall(r"[A-Za-z]{2,}", told[1])) > 3 and not HAN.search(told[1])]


@pytest.mark.parametrize(
    ("claim", "chinese", "english"),
    [
        ("C03", ("至少占", "80%"), ("at least", "80%")),
        ("C06", ("門檻", "12 個月"), ("threshold", "12 months")),
        ("C07", ("容許誤差", "5 億美元"), ("tolerance", "USD 500 million")),
        ("C44", ("文章所述", "未來四季 29 倍、次一會計年度 26 倍"), ("as the article states", "next twelve months 29×, next fiscal year 26×")),
    ],
)  # fmt: skip
def test_values_are_written_with_their_units(claim: str, chinese: tuple[str, str], english: tuple[str, str]) -> None:
    spec = catalog().claims[claim]
    assert chinese in parameters(spec, terms(), CHINESE)
    assert english in parameters(spec, terms(), ENGLISH)


def test_the_text_that_is_shown_is_the_one_that_is_hashed() -> None:
    spec = catalog().claims["C26"]
    text = specification_text(spec, "SELECT 1")
    assert sha256(text.encode()).hexdigest() == specification_hash(spec, "SELECT 1")
    assert '"replications":2000' in text
