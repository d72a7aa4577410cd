"""The page stands alone, says everything in both languages, and nothing from outside can act on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import get_args

import pytest
from places import REPOSITORY
from site_reports import (
    EVIL,
    RPO,
    ParsedPage,
    made_claim,
    made_evidence_of,
    made_full,
    made_full_page,
    made_gaps,
    made_report,
    made_row,
    made_rpo,
    made_source,
    made_verdict,
)

from config.load import catalog
from config.scenario import scenarios
from config.specs import ClaimSpec
from config.terms import terms
from transforms.claim_tests import outcome as outcomes
from transforms.scenarios import calculate
from transforms.site.markdown import escape, render_markdown
from transforms.site.markup import link
from transforms.site.model import ClaimReport, IssueCount, State
from transforms.site.page import render_page
from transforms.site.tables import MARKS, MOST_EVIDENCE_ROWS
from transforms.site.words import Phrase, age, amount, interval, plain


@pytest.mark.parametrize(
    ("value", "unit", "chinese", "english"),
    [
        (1e9, "USD", "10 億美元", "USD 1 billion"),
        (298e9, "USD", "2,980 億美元", "USD 298 billion"),
        (118_548_000_000, "USD", "1,185 億美元", "USD 118.5 billion"),
        (-1.25e9, "USD", "−12 億美元", "USD −1.2 billion"),
        (5_600_000, "USD", "560 萬美元", "USD 5.6 million"),
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


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = made_full_page()
    parsed = ParsedPage(page)
    assert {tag for tag, _ in parsed.elements} & {"script", "link", "img", "iframe", "object", "image", "use"} == set()
    outward = [name for _, attributes in parsed.elements for name in attributes if name in {"src", "srcset", "data"}]
    assert outward == []
    assert "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []
    assert "default-src 'none'" in next(
        attributes["content"] or "" for tag, attributes in parsed.elements if attributes.get("http-equiv")
    )


def test_every_claim_shows_its_verdict_its_numbers_and_what_would_refute_it() -> None:
    report = made_full()
    told = ParsedPage(made_full_page()).text
    for claim in report.claims:
        for sentence in (claim.spec.statement_zh, claim.spec.statement_en, claim.spec.refutes_if_zh,
                         claim.spec.refutes_if_en, claim.verdict.detail_zh, claim.verdict.detail_en):  # fmt: skip
            assert " ".join(sentence.split()) in told
    assert "✓ 成立 Supported" in told
    assert "◐ 部分成立 Mixed" in told
    assert "17% 至 34.2% 17% to 34.2%" in told
    assert "1,185 億美元 USD 118.5 billion" in told
    assert "取決於定義 Depends on definition" in told
    assert terms().flags["stale_at_assertion"].meaning_en in told
    assert "2026-11-22 03:20 UTC" in told


def test_chinese_stands_before_english() -> None:
    page = made_full_page()
    assert '<html lang="zh-Hant">' in page
    for claim in made_full().claims:
        zh, en = claim.spec.title_zh, claim.spec.title_en.replace("'", "&#x27;")
        assert 0 < page.index(zh) < page.index(en)


def test_hostile_text_stays_text() -> None:
    spec = (
        catalog()
        .claims["C21"]
        .model_copy(update=dict.fromkeys(("title_en", "title_zh", "statement_en", "statement_zh", "citation"), EVIL))
    )
    evidence = made_evidence_of(
        [made_row(EVIL, "2024-06-30", 1e9, EVIL, EVIL, source_url="javascript:alert(1)"),
         made_row("level", "2024-06-30", 118e9, "USD", EVIL, source_url='https://x.org/"onload="y')]
    )  # fmt: skip
    verdict = made_verdict("C21", detail_en=EVIL, detail_zh=EVIL, flags=(EVIL,), statistic_unit=EVIL)
    report = made_report(
        ClaimReport(spec, verdict, evidence),
        code_version=EVIL, digest=EVIL, issues=(IssueCount(EVIL, EVIL, EVIL, 3, EVIL),),
        sources=(made_source(title=Phrase(EVIL, f"{EVIL} too"), homepage="javascript:alert(1)", detail=EVIL, source=EVIL),),
    )  # fmt: skip
    parsed = ParsedPage(render_page(report, terms()))
    assert "script" not in {tag for tag, _ in parsed.elements}
    assert [name for _, attributes in parsed.elements for name in attributes if name.startswith("on")] == []
    addresses = [attributes["href"] or "" for tag, attributes in parsed.elements if tag == "a"]
    assert all(address.startswith(("https://", "#")) for address in addresses)
    assert EVIL in parsed.text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "ftp://x.org", "//x.org", "https://", "", None,
                                 "https://x.org/a b", "https://x.org/\n", " https://x.org"])  # fmt: skip
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert link(url, "here") == "here"


def test_a_web_address_becomes_a_link() -> None:
    assert link("https://x.org/?a=1&b=2", "<here>") == (
        '<a href="https://x.org/?a=1&amp;b=2" rel="noopener noreferrer">&lt;here&gt;</a>'
    )


def test_without_verdicts_the_page_says_so() -> None:
    told = ParsedPage(render_page(made_report(), terms())).text
    assert terms().labels["no_verdicts"].zh in told
    assert terms().labels["no_verdicts"].en in told
    assert "SEC company facts" in told


def test_starter_data_alone_are_announced() -> None:
    notice = terms().labels["starter_only"]
    assert notice.zh not in render_page(made_report(), terms())
    page = render_page(made_report(starter_only=True), terms())
    assert notice.zh in page
    assert notice.en in page


@pytest.mark.parametrize("state", get_args(State))
def test_each_source_tells_its_state_and_from_when_its_figures_are(state: State) -> None:
    source = made_source(
        state, age_days=82.4, last_known_at=datetime.fromisoformat("2026-08-30 04:00"), detail="No answer."
    )
    told = ParsedPage(render_page(made_report(sources=(source,)), terms())).text
    term = terms().states[state]
    assert f"{term.zh} {term.en} No answer." in told
    assert "82 天 82 days" in told
    assert "2026-08-30 04:00" in told
    assert "A regulator" in told


def test_evidence_opens_on_demand_and_a_long_list_says_what_it_leaves_out() -> None:
    evidence = made_gaps()
    assert evidence.height > MOST_EVIDENCE_ROWS
    page = render_page(made_report(made_claim("C26", evidence)), terms())
    details = page[page.index("<details>") : page.index("</details>")]
    assert details.count("<tr>") == MOST_EVIDENCE_ROWS + 1
    assert f"{evidence.height - MOST_EVIDENCE_ROWS} earlier rows are left out" in details


def test_evidence_leads_to_its_source() -> None:
    page = render_page(made_report(made_claim("C07", made_rpo())), terms())
    assert page.count('<a href="https://example.org/call.txt"') == len(RPO)
    assert "2,980 億美元" in page
    assert "2024-12-31 22:30" in page


SAME = """
from hashlib import sha256
import tests.site_reports as site
print(sha256(site.made_full_page().encode()).hexdigest())
"""


@pytest.mark.parametrize("zone", ["Asia/Taipei", "America/New_York"])
def test_the_same_report_gives_the_same_bytes_in_any_time_zone(zone: str) -> None:
    done = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", SAME], cwd=REPOSITORY, env={**os.environ, "TZ": zone, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == sha256(made_full_page().encode()).hexdigest()


def test_the_order_of_evidence_does_not_matter() -> None:
    claim = made_claim("C07", made_rpo())
    turned = replace(claim, evidence=claim.evidence.reverse())
    assert render_page(made_report(claim), terms()) == render_page(made_report(turned), terms())


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
