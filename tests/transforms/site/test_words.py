"""Numbers and addresses as people read them, in both languages, and the Markdown of an artifact."""

from __future__ import annotations

from typing import get_args

import pytest
from site_reports import made_full, made_report, made_source

from config.load import catalog
from config.scenario import scenarios
from config.specs import ClaimSpec
from config.terms import terms
from transforms.claim_tests import outcome as outcomes
from transforms.claims.scenarios import calculate
from transforms.site.markdown import escape, render_markdown
from transforms.site.model import State
from transforms.site.words import MARKS, Phrase, age, amount, interval, plain, web_address


@pytest.mark.parametrize(
    ("value", "unit", "chinese", "english"),
    [
        (1e9, "USD", "10 億美元", "USD 1 billion"),
        (298e9, "USD", "2,980 億美元", "USD 298 billion"),
        (118_548_000_000, "USD", "1,185 億美元", "USD 118.5 billion"),
        (-1.25e9, "USD", "−12 億美元", "USD −1.2 billion"),
        (5_600_000, "USD", "560 萬美元", "USD 5.6 million"),
        (500_000_000, "USD", "5 億美元", "USD 500 million"),
        (-123_456_789, "USD", "−1.2346 億美元", "USD −123.46 million"),
        (0.14, "USD/Mtok", "0.14 美元／百萬 token", "USD 0.14 per million tokens"),
        (31.0, "pct", "31%", "31%"),
        (-3.72, "pct", "−3.7%", "−3.7%"),
        (71.43, "times", "71.4 倍", "71.4×"),
        (-31.0, "points", "−31 分", "−31 points"),
        (13.0, "pct_points", "13 個百分點", "13 pp"),
        (12.0, "furlongs", "12 furlongs", "12 furlongs"),
        (None, "USD", "—", "—"),
        (float("nan"), "pct", "—", "—"),
    ],
)
def test_numbers_are_written_for_people(value: float | None, unit: str, chinese: str, english: str) -> None:
    phrase = amount(value, unit, terms())
    assert (phrase.zh, phrase.en) == (chinese, english)


def test_both_languages_show_the_same_digits_of_money() -> None:
    for tenths in range(10, 40):
        phrase = amount(tenths * 1e8 + 4.9e7, "USD", terms())
        assert phrase.zh == f"{tenths} 億美元"
        assert phrase.en == f"USD {plain(tenths / 10)} billion"


def test_an_interval_may_be_open() -> None:
    ends = interval(50.0, None, 55.0, "pct", terms())
    assert ends is not None
    assert (ends.zh, ends.en) == ("… 至 55%", "… to 55%")
    assert interval(50.0, None, None, "pct", terms()) is None


def test_an_interval_that_shows_no_more_than_its_value_is_left_out() -> None:
    assert interval(14.86, 14.859999, 14.860001, "pct", terms()) is None
    assert interval(14.86, 14.2, 14.86, "pct", terms()) is not None


def test_an_age_is_told_in_hours_below_two_days() -> None:
    assert [age(days, terms()).en for days in (0.5, 21.2, None)] == ["12 hours", "21 days", "never"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.org", "//x.org", "https://", "", None,
                                 "https://x.org/a b", "https://x.org/\n", " https://x.org", 'https://x.org/"onload="y'])  # fmt: skip
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert web_address(url) == ""


def test_a_web_address_becomes_a_link() -> None:
    assert web_address("https://x.org/?a=1&b=2") == "https://x.org/?a=1&b=2"


def test_every_name_the_page_meets_has_its_two_terms() -> None:
    words = terms()
    assert set(words.verdicts) == set(get_args(outcomes.VerdictName)) == set(MARKS)
    assert set(words.states) == set(get_args(State))
    assert set(get_args(ClaimSpec.model_fields["kind"].annotation)) == set(words.kinds)
    flags = {value for name, value in vars(outcomes).items() if name.isupper() and isinstance(value, str)}
    assert flags | {"contradicted_at_assertion"} <= set(words.flags)
    assert all(term.meaning_zh and term.meaning_en for term in (*words.verdicts.values(), *words.flags.values()))
    assert words.concepts["rpo_commercial"].zh == catalog().metrics["rpo_commercial"].title_zh
    assert all(source.title_zh for source in catalog().sources.values())
    for scenario in scenarios().values():
        met = {word for one in scenario.parameters.values() for word in (one.unit, one.origin)}
        assert met | set(scenario.parameters) | set(calculate(scenario).results) <= set(words.calculators)
    assert {claim.unit for claim in catalog().claims.values()} <= {"USD", "", *words.units}


def test_markdown_lists_verdicts_and_sources() -> None:
    text = render_markdown(made_full(), terms())
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + 4 + 2 + 1
    assert {line.count(" | ") for line in rows[:6]} == {4}
    assert "1,185 億美元 USD 118.5 billion" in text
    assert "SEC company facts" in text


def test_markdown_keeps_hostile_text_in_its_cell() -> None:
    source = made_source(title=Phrase.same("a|b\n# <b>[x](javascript:1)</b>"))
    text = render_markdown(made_report(sources=(source,), starter_only=True), terms())
    row = next(line for line in text.splitlines() if "javascript" in line)
    assert r"a\|b \# \<b\>\[x\](javascript:1)\</b\>" in row
    assert terms().labels["no_verdicts"].en in text
    assert "> " in text


def test_escaped_markdown_stands_for_itself() -> None:
    assert escape("a*b_c`d`~e~\\") == "a\\*b\\_c\\`d\\`\\~e\\~\\\\"
