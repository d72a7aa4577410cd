"""The drawings of the page: every test of a claim has one, with words for those who do not see it."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date

import polars as pl
from site_reports import (
    ParsedPage,
    made_cash,
    made_evidence_of,
    made_full_page,
    made_gaps,
    made_prices,
    made_row,
    made_rpo,
)

from config.load import catalog
from config.specs import ClaimSpec
from transforms.claim_tests import TESTS
from transforms.site.charts import COLOURS, DRAWINGS, RULE_COLOUR, draw


def test_levels_are_bars_with_their_growth_on_the_year_and_the_stated_level() -> None:
    chart = draw(catalog().claims["C07"], made_rpo())
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
        catalog().claims["C07"], made_evidence_of([made_row("level", day, (index + 1) * 1e9, "USD", f"Q{index}") for day, index in months])
    )  # fmt: skip
    assert chart is not None
    assert ("Q19" in chart.narrow, "Q13<" in chart.narrow, "Q14" in chart.narrow) == (True, False, True)
    assert ("Q4<" in chart.wide, "Q3<" in chart.wide) == (True, False)


def test_a_level_is_drawn_against_its_threshold() -> None:
    chart = draw(catalog().claims["C21"], made_cash())
    assert chart is not None
    assert "FY2024 118.5 +35%" in chart.alternative
    assert "dashed: threshold, 110" in chart.alternative
    assert RULE_COLOUR in chart.wide


def test_the_later_year_stands_beside_the_earlier_one() -> None:
    rows = [made_row("earlier", "2024-06-30", 118.548e9, "USD", "FY2024"), made_row("later", "2025-06-30", 136.162e9, "USD", "FY2025")]  # fmt: skip
    chart = draw(catalog().claims["C22"], made_evidence_of(rows))
    assert chart is not None
    assert "bars: FY2024 118.5, FY2025 136.2 +15%" in chart.alternative


def test_gaps_are_drawn_with_their_medians_and_the_earlier_window() -> None:
    chart = draw(catalog().claims["C26"], made_gaps())
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
    assert strokes(made_gaps()) == 2  # one for each board
    assert strokes(made_gaps().filter(~pause)) == 4


def test_price_ratios_are_bars_against_their_bounds() -> None:
    chart = draw(catalog().claims["C27"], made_prices())
    assert chart is not None
    assert "gpt-4-turbo / deepseek-v2 71.4×" in chart.alternative  # 10 over 0.14
    assert "gpt-4o / deepseek-v3 9.3×" in chart.alternative  # 2.5 over 0.27
    assert "dashed: 50 and 90" in chart.alternative


def test_a_chart_has_a_text_alternative_and_takes_its_ink_from_the_page() -> None:
    parsed = ParsedPage(made_full_page())
    pictures = [attributes for _, attributes in parsed.elements if attributes.get("role") == "img"]
    assert len(pictures) == 8  # four charts, wide and narrow
    assert all(attributes["aria-label"] for attributes in pictures)
    paints = {
        attributes[name]
        for tag, attributes in parsed.elements
        for name in ("fill", "stroke")
        if attributes.get(name) not in {None, "none"}
    }
    assert paints <= {"currentColor", "var(--paper)", RULE_COLOUR, *COLOURS}


def test_a_label_keeps_clear_of_the_dashed_line() -> None:
    chart = draw(catalog().claims["C07"], made_rpo())
    assert chart is not None
    labels = re.findall(r"<text[^>]*>298</text>", chart.wide)
    assert ["var(--paper)" in label for label in labels] == [True, False]  # the halo lies under the digits
    assert chart.wide.index(RULE_COLOUR) < chart.wide.index(labels[0])


def test_charts_on_one_page_share_no_ids() -> None:
    page = made_full_page()
    ids = Counter(attributes["id"] for _, attributes in ParsedPage(page).elements if "id" in attributes)
    assert {name for name, count in ids.items() if count > 1} == set()
    assert set(re.findall(r"url\(#([^)]+)\)", page)) <= set(ids)


def test_nothing_to_draw_is_no_chart() -> None:
    assert draw(catalog().claims["C07"], made_evidence_of([])) is None
    assert draw(catalog().claims["C27"], made_prices().filter(pl.col("series") == "numerator")) is None


def test_a_test_without_a_drawing_of_its_own_gets_points() -> None:
    spec: ClaimSpec = catalog().claims["C21"].model_copy(update={"test": "not_testable"})
    chart = draw(spec, made_cash())
    assert chart is not None
    assert "level: 118,548,000,000 on 2024-06-30" in chart.alternative


def test_every_drawing_belongs_to_a_test() -> None:
    assert set(DRAWINGS) <= set(TESTS)
