"""The page stands alone, says everything in both languages, and nothing from outside can act on it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import polars as pl
import pytest

from config.contracts import EVIDENCE
from config.load import catalog
from config.specs import ClaimSpec, Licence
from config.terms import terms
from transforms.claim_tests import TESTS
from transforms.claim_tests import outcome as outcomes
from transforms.site.charts import COLOURS, DRAWINGS, RULE_COLOUR, draw
from transforms.site.markdown import escape, render_markdown
from transforms.site.markup import link
from transforms.site.model import ClaimReport, IssueCount, Report, SourceState, State
from transforms.site.page import render_page
from transforms.site.tables import MARKS, MOST_EVIDENCE_ROWS
from transforms.site.words import age, amount, interval, plain
from transforms.verdicts import Verdict

ROOT = Path(__file__).resolve().parents[1]
EVIL = '<script>alert("x")</script>\'" onmouseover="y'
LICENCE = Licence(name="public data", url="https://example.org/terms", attribution="A regulator", redistribution=True)

# Microsoft's commercial RPO in billions, as its calls gave it, and its operating cash flow in millions as filed.
RPO = {"FY2024Q2": 222, "FY2024Q3": 235, "FY2024Q4": 269, "FY2025Q1": 259, "FY2025Q2": 298, "FY2025Q3": 315}
RPO_ENDS = ("2023-12-31", "2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31")
CASH = {"FY2023": ("2023-06-30", 87582), "FY2024": ("2024-06-30", 118548)}


def _evidence(rows: list[dict[str, Any]]) -> pl.DataFrame:
    blank = dict.fromkeys((*EVIDENCE, "source_url"))
    schema = {**EVIDENCE, "source_url": pl.String}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=schema)


def _row(series: str, day: str, value: float, unit: str, label: str, **more: Any) -> dict[str, Any]:
    known = datetime.fromisoformat(f"{day} 22:30")
    return {
        "series": series, "observed_on": date.fromisoformat(day), "value": value, "unit": unit, "known_at": known,
        "label": label, "evidence": f"{series}-{day}", **more,
    }  # fmt: skip


def _rpo() -> pl.DataFrame:
    return _evidence([
        _row("level", end, billions * 1e9, "USD", quarter, source_url="https://example.org/call.txt")
        for (quarter, billions), end in zip(RPO.items(), RPO_ENDS, strict=True)
    ])  # fmt: skip


def _cash() -> pl.DataFrame:
    return _evidence([_row("level", end, millions * 1e6, "USD", year) for year, (end, millions) in CASH.items()])


def _gaps() -> pl.DataFrame:
    days = pl.date_range(date(2023, 7, 1), date(2025, 6, 1), "7d", eager=True)
    return _evidence([
        _row(board, day.isoformat(), 40.0 - 0.7 * index + lift, "points", "elo")
        for board, lift in (("arena_text", 0), ("arena_text_style_control", 5))
        for index, day in enumerate(days)
    ])  # fmt: skip


def _prices() -> pl.DataFrame:
    prices = (("numerator", 10.0, "gpt-4-turbo"), ("denominator", 0.14, "deepseek-v2"),
              ("numerator_on_sale", 2.5, "gpt-4o"), ("denominator_on_sale", 0.27, "deepseek-v3"))  # fmt: skip
    return _evidence([_row(series, "2025-02-25", price, "USD/Mtok", name) for series, price, name in prices])


def _verdict(claim_id: str, **more: Any) -> Verdict:
    values: dict[str, Any] = {
        "claim_id": claim_id, "as_of": date(2026, 11, 22), "verdict": "supported", "statistic": 118.548e9,
        "statistic_unit": "USD", "low": None, "high": None, "n": 1, "minimum_n": 1, "flags": (),
        "detail_en": "The figure is above the threshold.", "detail_zh": "數字高於門檻。", "flips_en": "", "flips_zh": "", "evidence": (),
        "specification_hash": "ab" * 32, "code_version": "0.1.0",
    }  # fmt: skip
    return Verdict(**{**values, **more})


def _claim(claim_id: str, evidence: pl.DataFrame, **more: Any) -> ClaimReport:
    return ClaimReport(catalog().claims[claim_id], _verdict(claim_id, **more), evidence)


def _source(state: State = "fresh", **more: Any) -> SourceState:
    moment = datetime.fromisoformat("2026-11-22 03:05")
    source = SourceState(
        "sec_companyfacts", "SEC company facts", "https://www.sec.gov", 1, LICENCE, state, moment, 0.4, moment
    )
    return replace(source, **more)


def _report(*claims: ClaimReport, **more: Any) -> Report:
    report = Report(
        as_of=date(2026, 11, 22), published_at=datetime.fromisoformat("2026-11-22 03:20"), code_version="0.1.0+abc",
        digest="9f" * 32, starter_only=False, claims=claims, sources=(_source(),), issues=(),
    )  # fmt: skip
    return replace(report, **more)


def _full() -> Report:
    claims = (
        _claim("C07", _rpo(), statistic=31.4, statistic_unit="pct", low=17.0, high=34.2, n=4, minimum_n=4),
        _claim("C21", _cash()),
        _claim("C26", _gaps(), verdict="mixed", statistic=-71.25, statistic_unit="points", low=-80.0, high=-60.0,
               flags=("definition_dependent", "fragile")),
        _claim("C27", _prices(), statistic=71.4, statistic_unit="times", flags=("stale_at_assertion",)),
    )  # fmt: skip
    return _report(*claims)


@cache
def _full_page() -> str:
    return render_page(_full(), terms())


class _Page(HTMLParser):
    """Elements, attributes and text of a page; unbalanced tags fail."""

    VOID = frozenset({"meta", "br", "link", "img", "hr", "input"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


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
    page = _full_page()
    parsed = _Page(page)
    assert {tag for tag, _ in parsed.elements} & {"script", "link", "img", "iframe", "object", "image", "use"} == set()
    outward = [name for _, attributes in parsed.elements for name in attributes if name in {"src", "srcset", "data"}]
    assert outward == []
    assert "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []
    assert "default-src 'none'" in next(
        attributes["content"] or "" for tag, attributes in parsed.elements if attributes.get("http-equiv")
    )


def test_every_claim_shows_its_verdict_its_numbers_and_what_would_refute_it() -> None:
    report = _full()
    told = _Page(_full_page()).text
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
    page = _full_page()
    assert '<html lang="zh-Hant">' in page
    for claim in _full().claims:
        zh, en = claim.spec.title_zh, claim.spec.title_en.replace("'", "&#x27;")
        assert 0 < page.index(zh) < page.index(en)


def test_hostile_text_stays_text() -> None:
    spec = (
        catalog()
        .claims["C21"]
        .model_copy(update=dict.fromkeys(("title_en", "title_zh", "statement_en", "statement_zh", "citation"), EVIL))
    )
    evidence = _evidence(
        [_row(EVIL, "2024-06-30", 1e9, EVIL, EVIL, source_url="javascript:alert(1)"),
         _row("level", "2024-06-30", 118e9, "USD", EVIL, source_url='https://x.org/"onload="y')]
    )  # fmt: skip
    verdict = _verdict("C21", detail_en=EVIL, detail_zh=EVIL, flags=(EVIL,), statistic_unit=EVIL)
    report = _report(
        ClaimReport(spec, verdict, evidence),
        code_version=EVIL, digest=EVIL, issues=(IssueCount(EVIL, EVIL, EVIL, 3, EVIL),),
        sources=(_source(title=EVIL, homepage="javascript:alert(1)", detail=EVIL, source=EVIL),),
    )  # fmt: skip
    parsed = _Page(render_page(report, terms()))
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
    told = _Page(render_page(_report(), terms())).text
    assert terms().labels["no_verdicts"].zh in told
    assert terms().labels["no_verdicts"].en in told
    assert "SEC company facts" in told


def test_starter_data_alone_are_announced() -> None:
    notice = terms().labels["starter_only"]
    assert notice.zh not in render_page(_report(), terms())
    page = render_page(_report(starter_only=True), terms())
    assert notice.zh in page
    assert notice.en in page


@pytest.mark.parametrize("state", get_args(State))
def test_each_source_tells_its_state_and_from_when_its_figures_are(state: State) -> None:
    source = _source(
        state, age_days=82.4, last_known_at=datetime.fromisoformat("2026-08-30 04:00"), detail="No answer."
    )
    told = _Page(render_page(_report(sources=(source,)), terms())).text
    term = terms().states[state]
    assert f"{term.zh} {term.en} No answer." in told
    assert "82 天 82 days" in told
    assert "2026-08-30 04:00" in told
    assert "A regulator" in told


def test_evidence_opens_on_demand_and_a_long_list_says_what_it_leaves_out() -> None:
    evidence = _gaps()
    assert evidence.height > MOST_EVIDENCE_ROWS
    page = render_page(_report(_claim("C26", evidence)), terms())
    details = page[page.index("<details>") : page.index("</details>")]
    assert details.count("<tr>") == MOST_EVIDENCE_ROWS + 1
    assert f"{evidence.height - MOST_EVIDENCE_ROWS} earlier rows are left out" in details


def test_evidence_leads_to_its_source() -> None:
    page = render_page(_report(_claim("C07", _rpo())), terms())
    assert page.count('<a href="https://example.org/call.txt"') == len(RPO)
    assert "2,980 億美元" in page
    assert "2024-12-31 22:30" in page


def test_levels_are_bars_with_their_growth_on_the_year_and_the_stated_level() -> None:
    chart = draw(catalog().claims["C07"], _rpo())
    assert chart is not None
    assert "FY2025Q2 298 +34%" in chart.alternative
    assert "FY2025Q3 315 +34%" in chart.alternative
    assert "FY2025Q1 259," in chart.alternative  # no level a year before is known here
    assert "dashed: stated for 2024-12-31, 298" in chart.alternative
    assert ">298<" in chart.wide
    assert "+34%" in chart.wide


def test_a_narrow_chart_keeps_the_newest_bars() -> None:
    months = [(f"{2019 + index // 4}-{(3, 6, 9, 12)[index % 4]:02d}-28", index) for index in range(20)]
    chart = draw(
        catalog().claims["C07"], _evidence([_row("level", day, (index + 1) * 1e9, "USD", f"Q{index}") for day, index in months])
    )  # fmt: skip
    assert chart is not None
    assert ("Q19" in chart.narrow, "Q13<" in chart.narrow, "Q14" in chart.narrow) == (True, False, True)
    assert ("Q4<" in chart.wide, "Q3<" in chart.wide) == (True, False)


def test_a_level_is_drawn_against_its_threshold() -> None:
    chart = draw(catalog().claims["C21"], _cash())
    assert chart is not None
    assert "FY2024 118.5 +35%" in chart.alternative
    assert "dashed: threshold, 110" in chart.alternative
    assert RULE_COLOUR in chart.wide


def test_the_later_year_stands_beside_the_earlier_one() -> None:
    rows = [_row("earlier", "2024-06-30", 118.548e9, "USD", "FY2024"), _row("later", "2025-06-30", 136.162e9, "USD", "FY2025")]  # fmt: skip
    chart = draw(catalog().claims["C22"], _evidence(rows))
    assert chart is not None
    assert "bars: FY2024 118.5, FY2025 136.2 +15%" in chart.alternative


def test_gaps_are_drawn_with_their_medians_and_the_earlier_window() -> None:
    chart = draw(catalog().claims["C26"], _gaps())
    assert chart is not None
    # 53 weekly snapshots fall by 0.7 from 40 within the window: the median is that of the 27th, 40 - 0.7 * 26 = 21.8.
    assert "arena_text: median gap -" not in chart.alternative
    assert "earlier window 21.8" in chart.alternative
    assert "dashed: median of 2023-07-01 to 2024-06-30" in chart.alternative
    assert all(colour in chart.wide for colour in COLOURS[:2])


def test_the_median_line_breaks_where_nothing_was_known() -> None:
    def strokes(frame: pl.DataFrame) -> int:
        chart = draw(catalog().claims["C26"], frame)
        assert chart is not None
        return chart.wide.count('stroke-width="2.5"')

    pause = pl.col("observed_on").is_between(date(2024, 9, 1), date(2025, 1, 15))
    assert strokes(_gaps()) == 2  # one for each board
    assert strokes(_gaps().filter(~pause)) == 4


def test_price_ratios_are_bars_against_their_bounds() -> None:
    chart = draw(catalog().claims["C27"], _prices())
    assert chart is not None
    assert "gpt-4-turbo / deepseek-v2 71.4×" in chart.alternative  # 10 over 0.14
    assert "gpt-4o / deepseek-v3 9.3×" in chart.alternative  # 2.5 over 0.27
    assert "dashed: 50 and 90" in chart.alternative


def test_a_chart_has_a_text_alternative_and_takes_its_ink_from_the_page() -> None:
    parsed = _Page(_full_page())
    pictures = [attributes for _, attributes in parsed.elements if attributes.get("role") == "img"]
    assert len(pictures) == 8  # four charts, wide and narrow
    assert all(attributes["aria-label"] for attributes in pictures)
    paints = {
        attributes[name]
        for tag, attributes in parsed.elements
        for name in ("fill", "stroke")
        if attributes.get(name) not in {None, "none"}
    }
    assert paints <= {"currentColor", RULE_COLOUR, *COLOURS}


def test_charts_on_one_page_share_no_ids() -> None:
    page = _full_page()
    ids = Counter(attributes["id"] for _, attributes in _Page(page).elements if "id" in attributes)
    assert {name for name, count in ids.items() if count > 1} == set()
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_nothing_to_draw_is_no_chart() -> None:
    assert draw(catalog().claims["C07"], _evidence([])) is None
    assert draw(catalog().claims["C27"], _prices().filter(pl.col("series") == "numerator")) is None


def test_a_test_without_a_drawing_of_its_own_gets_points() -> None:
    spec: ClaimSpec = catalog().claims["C21"].model_copy(update={"test": "not_testable"})
    chart = draw(spec, _cash())
    assert chart is not None
    assert "level: 118,548,000,000 on 2024-06-30" in chart.alternative


def test_every_drawing_belongs_to_a_test() -> None:
    assert set(DRAWINGS) <= set(TESTS)


SAME = """
from hashlib import sha256
import tests.test_site as site
print(sha256(site._full_page().encode()).hexdigest())
"""


@pytest.mark.parametrize("zone", ["Asia/Taipei", "America/New_York"])
def test_the_same_report_gives_the_same_bytes_in_any_time_zone(zone: str) -> None:
    done = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", SAME], cwd=ROOT, env={**os.environ, "TZ": zone, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    assert done.stdout.strip() == sha256(_full_page().encode()).hexdigest()


def test_the_order_of_evidence_does_not_matter() -> None:
    claim = _claim("C07", _rpo())
    turned = replace(claim, evidence=claim.evidence.reverse())
    assert render_page(_report(claim), terms()) == render_page(_report(turned), terms())


def test_every_name_the_page_meets_has_its_two_terms() -> None:
    words = terms()
    assert set(words.verdicts) == set(get_args(outcomes.VerdictName)) == set(MARKS)
    assert set(words.states) == set(get_args(State))
    assert set(get_args(ClaimSpec.model_fields["kind"].annotation)) == set(words.kinds)
    flags = {value for name, value in vars(outcomes).items() if name.isupper() and isinstance(value, str)}
    assert flags | {"contradicted_at_assertion"} <= set(words.flags)
    assert all(term.meaning_zh and term.meaning_en for term in (*words.verdicts.values(), *words.flags.values()))
    assert words.concepts["rpo_commercial"].zh == catalog().metrics["rpo_commercial"].title_zh
    assert {claim.unit for claim in catalog().claims.values()} <= {"USD", "", *words.units}


def test_markdown_lists_verdicts_and_sources() -> None:
    text = render_markdown(_full(), terms())
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == 2 + 4 + 2 + 1
    assert {line.count(" | ") for line in rows[:6]} == {4}
    assert "1,185 億美元 USD 118.5 billion" in text
    assert "SEC company facts" in text


def test_markdown_keeps_hostile_text_in_its_cell() -> None:
    source = _source(title="a|b\n# <b>[x](javascript:1)</b>")
    text = render_markdown(_report(sources=(source,), starter_only=True), terms())
    row = next(line for line in text.splitlines() if "javascript" in line)
    assert r"a\|b \# \<b\>\[x\](javascript:1)\</b\>" in row
    assert terms().labels["no_verdicts"].en in text
    assert "> " in text


def test_escaped_markdown_stands_for_itself() -> None:
    assert escape("a*b_c`d`~e~\\") == "a\\*b\\_c\\`d\\`\\~e\\~\\\\"
