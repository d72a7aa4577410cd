"""The site in a real browser, opened from disk: any day is that day's ledger, nothing is fetched, every way of reading works."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from places import REPOSITORY
from published_file import analyst, frame, rows
from site_reader import Reader

from config.load import catalog
from config.scenario import scenarios
from config.terms import terms
from transforms.claims.scenarios import calculate
from transforms.site.first_page import SECONDARY
from transforms.site.words import amount

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SCREENSHOTS = REPOSITORY / "ci-output" / "site"
AXE = REPOSITORY / "tests" / "browser" / "axe.min.js"
FIRST, LAST = date(2023, 1, 1), date(2026, 11, 23)
# Chosen once by a seed: the same on every machine.
DICE = random.Random(18)  # noqa: S311  a choice, not a secret
DAYS = sorted(
    {FIRST + timedelta(days=DICE.randrange((LAST - FIRST).days + 1)) for _ in range(40)} | {date(2025, 2, 25)}
)
CLAIMS = sorted(DICE.sample([claim for claim in catalog().claims if claim not in ("C30",)], 10))


def test_any_day_on_the_slider_is_verdict_as_of_that_day(reader: Reader, published: Path) -> None:
    """Forty days by a seed: verdict, statistic, interval, n and flags of every claim, as SQL gives them."""
    page = reader.open("en/index.html")
    first = FIRST.toordinal()
    with analyst(published) as cs:
        for day in DAYS:
            page.evaluate(
                "d => { const s = document.getElementById('day-slider'); s.value = d; s.dispatchEvent(new Event('input')); }",
                day.toordinal() - first,
            )
            assert f"day={day}" in page.url or day == LAST
            shown = page.evaluate(
                "Object.keys(CS.get('ledger').claims).map(c => { const r = CS.verdictOn(c, CS.day()); return r && [c, r.verdict, "
                "r.statistic, r.low, r.high, r.n, r.minimum_n, r.flags]; }).filter(Boolean)"
            )
            rows = frame(cs, f"FROM verdict_as_of(DATE '{day}')").rows(named=True)
            columns = ("claim_id", "verdict", "statistic", "low", "high", "n", "minimum_n")
            assert sorted(row[:7] for row in shown) == sorted([row[name] for name in columns] for row in rows)
            flags = {row["claim_id"]: set(row["flags"]) for row in rows}
            assert {row[0]: set(row[7].split()) - {SECONDARY} for row in shown} == {
                claim: found - {SECONDARY} for claim, found in flags.items()
            }
            badges = page.evaluate(
                "[...document.querySelectorAll('ul.claims [data-claim][data-show=verdict]')].map(e => [e.dataset.claim, e.textContent])"
            )
            told = {row["claim_id"]: terms().verdicts[row["verdict"]].en for row in rows}
            assert all(
                text.endswith(told[claim]) if claim in told else text == "not yet made" for claim, text in badges
            )


@pytest.mark.parametrize("day", [date(2025, 2, 24), LAST])
def test_the_first_page_names_what_was_refuted_on_the_day_it_was_made(
    reader: Reader, published: Path, day: date
) -> None:
    page = reader.open(f"en/index.html?day={day}")
    page.wait_for_selector("#counted b")
    named = set(re.findall(r"C[0-9]{2}", page.locator("#when-made").inner_text()))
    with analyst(published) as cs:
        made = dict(frame(cs, "SELECT claim_id, asserted_at FROM claim").iter_rows())
        refuted = {
            claim
            for asked in set(made.values())
            if asked <= day
            for claim, verdict in frame(cs, f"SELECT claim_id, verdict FROM verdict_as_of(DATE '{asked}')").iter_rows()
            if made[claim] == asked and verdict == "refuted"
        }
    assert named == refuted
    assert bool(refuted) == (day == LAST)


@pytest.mark.parametrize("claim", CLAIMS)
def test_every_number_of_a_claim_page_is_the_one_sql_gives(reader: Reader, published: Path, claim: str) -> None:
    """Ten claims by a seed, now and on two past days: the evidence shown, row by row."""
    for day in (date(2025, 2, 25), date(2025, 8, 1), LAST):
        page = reader.open(f"en/{claim}.html?day={day}")
        shown = page.evaluate(
            "CS.rows(CS.page.page, 'evidence').filter(r => CS.standsOn(r, CS.day())).map(r => [r.series, r.observed_on, r.value, r.low, "
            "r.high, r.unit, r.known_at, r.label, r.evidence, r.source, r.source_url, r.tier])"
        )
        with analyst(published) as cs:
            found = frame(cs, f"FROM verdict_evidence_as_of(DATE '{day}') WHERE claim_id = '{claim}'")
        columns = ("series", "observed_on", "value", "low", "high", "unit", "known_at", "label", "evidence_id", "source", "source_url", "tier")  # fmt: skip
        cast = found.select(columns).with_columns(
            pl.col("observed_on").dt.to_string("%Y-%m-%d"), pl.col("known_at").dt.to_string("%Y-%m-%d %H:%M")
        )
        assert sorted(map(str, shown)) == sorted(map(str, [list(row) for row in cast.iter_rows()])) or _same(
            shown, cast
        )
        cells = page.locator("#evidence tbody tr").count()
        assert cells == min(25, max(1, found.height))
        for row in found.head(5).iter_rows(named=True):
            if row["value"] is not None and found.height <= 25 and row["unit"] != "count":
                assert amount(row["value"], row["unit"], terms()).en in page.locator("#evidence").inner_text()


def _same(shown: list[list[Any]], found: pl.DataFrame) -> bool:
    """Whole numbers come without a point: compare as numbers."""
    key = str
    told = sorted(([float(cell) if isinstance(cell, int) else cell for cell in row] for row in shown), key=key)
    asked = sorted(
        ([float(cell) if isinstance(cell, int) else cell for cell in row] for row in found.iter_rows()), key=key
    )
    return told == asked


def test_a_day_that_is_none_is_the_newest_and_one_outside_the_nearest(reader: Reader) -> None:
    page = reader.open("en/C08.html")
    for asked, day in (
        ("2024-02-30", LAST),
        ("2024-13-01", LAST),
        ("<b>", LAST),
        ("1999-01-01", FIRST),
        ("2099-01-01", LAST),
    ):
        assert page.evaluate(
            "a => { history.replaceState(null, '', '?day=' + encodeURIComponent(a)); return CS.day(); }", asked
        ) == str(day)


def test_numbers_are_written_the_same_by_page_and_program(reader: Reader) -> None:
    page = reader.open("zh/index.html")
    values = [0.15, 0.25, 2.5, 1e9, 298e9, 1.25e9, -1.25e9, 118_548_000_000, 5_600_000, 500_000_000, 0.14, 71.43, -3.75, 0.05, 31.0, -0.04, 12_345.678]  # fmt: skip
    for unit in ("USD", "pct", "USD/Mtok", "times", "points", "furlongs"):
        told = page.evaluate("([values, unit]) => values.map(v => CS.amount(v, unit))", [values, unit])
        assert told == [amount(value, unit, terms()).zh for value in values]


def test_a_chart_shows_nothing_that_was_not_yet_known(reader: Reader) -> None:
    page = reader.open("en/C08.html?day=2025-02-25")
    reader.drawn()
    # The print of 2025-04-30 (35 per cent) was two months away; the newest known was 31 per cent.
    assert "31%" in page.locator("#drawings figcaption").first.inner_text()
    labels = page.evaluate(
        "[...document.querySelectorAll('#drawings svg [aria-label]')].map(e => e.getAttribute('aria-label')).join(' ')"
    )
    assert "FY2025Q3" not in labels
    page.locator("#hindsight").check()
    page.wait_for_function("document.querySelector('#drawings svg').innerHTML.includes('FY2025Q3')")
    assert "hindsight=1" in page.url


def test_the_language_is_kept_and_the_day_goes_along(reader: Reader) -> None:
    page = reader.open("en/C26.html?day=2025-02-25")
    page.wait_for_load_state()
    page.locator("#other-language").click()
    page.wait_for_load_state()  # the links carry the day once the scripts have run
    assert page.url.endswith("zh/C26.html?day=2025-02-25")
    assert "領先幅度縮小" in page.locator("h1").inner_text()
    page.locator("a.home").click()
    page.wait_for_load_state()
    assert page.url.endswith("zh/index.html?day=2025-02-25")
    reader.open("index.html")
    page.wait_for_url("**/zh/index.html")


def test_the_calculators_of_the_page_are_those_of_the_program(reader: Reader) -> None:
    page = reader.open("en/scenarios.html")
    for name, spec in scenarios().items():
        ends = {parameter: one.low for parameter, one in spec.parameters.items()}
        for given in ({}, ends, {spec.solve_for: spec.parameters[spec.solve_for].high}):
            here = calculate(spec, given)
            there = page.evaluate(
                "([n, v]) => { const s = CS.get('scenarios')[n]; return CS.calculators.calculate(s, { ...CS.calculators.base(s), ...v }); }",
                [name, given],
            )
            assert there["results"] == pytest.approx(dict(here.results))
            assert there["tie"] == pytest.approx(here.tie)
            assert there["share"] == here.share_of_box
            assert [cell for row in there["map"] for cell in row] == pytest.approx(
                [cell for row in here.margins for cell in row]
            )


def test_the_search_finds_what_has_a_name(reader: Reader) -> None:
    page = reader.open("en/index.html")
    for words, first in (("c26", "C26.html"), ("meta", "companies.html?company=META"), ("capex", "C40.html"), ("gpt-4o-mini", "prices.html?model=gpt-4o-mini")):  # fmt: skip
        page.locator("#search").fill(words)
        page.wait_for_selector("#found [data-to]")
        assert first in page.evaluate(
            "[...document.querySelectorAll('#found [data-to]')].slice(0, 4).map(e => e.dataset.to)"
        )
    page.locator("#search").fill("C26")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/C26.html*")


def test_the_strip_holds_nothing_later_than_the_day_unless_asked_in_grey(reader: Reader, published: Path) -> None:
    with analyst(published) as cs:
        begun = {str(day) for (day,) in rows(cs, "SELECT as_of FROM history.verdict WHERE claim_id = 'C04'")}
    spans = "[...document.querySelectorAll('#strip button')].map(b => [b.title.slice(0, 10), b.classList.contains('later')])"
    for day in ("2023-12-31", "2025-07-08"):
        shown = reader.open(f"en/C04.html?day={day}").evaluate(spans)
        assert shown
        assert all(since <= day and not grey for since, grey in shown), shown
        titles = reader.page.locator("#strip button").evaluate_all("all => all.map(b => b.title)")
        assert not [later for later in begun if later > day and any(later in title for title in titles)]
        behind = reader.open(f"en/C04.html?day={day}&hindsight=1").evaluate(spans)
        assert behind[: len(shown)] == shown
        assert len(behind) > len(shown)
        assert all(since > day and grey for since, grey in behind[len(shown) :])


def test_the_strip_and_the_day_are_reached_by_keyboard(reader: Reader) -> None:
    page = reader.open("en/C26.html")
    page.locator("#strip button").nth(1).focus()
    page.keyboard.press("Enter")
    assert "day=2024-07-25" in page.url
    page.keyboard.press("Shift+Tab")  # what came after that day is not in the strip any more
    assert page.evaluate("document.activeElement.className").startswith("part")
    page.locator("#day-slider").focus()
    page.keyboard.press("ArrowRight")
    assert "day=2024-07-26" in page.url


def test_a_claim_is_taken_away_as_picture_and_words_with_its_sources(reader: Reader, tmp_path: Path) -> None:
    page = reader.open("en/C26.html?day=2025-02-25")
    reader.drawn()
    taken = {}
    for button in ("png", "markdown", "csv"):
        with page.expect_download() as download:
            page.locator(f"#take-{button}").click()
        taken[button] = download.value.suggested_filename
        download.value.save_as(tmp_path / button)
    picture = (tmp_path / "png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = (int.from_bytes(picture[at : at + 4], "big") for at in (16, 20))
    assert (width > 600, height > 300, len(picture) > 20_000) == (True, True, True)
    words = (tmp_path / "markdown").read_text("utf-8")
    assert "[^1]: " in words
    assert "https://" in words
    assert "2025-02-25" in words
    assert all("C26" in name for name in taken.values())


@pytest.mark.parametrize("address", ["en/C26.html", "zh/C07.html", "en/prices.html"])
def test_a_printed_page_has_no_controls_and_no_table_beyond_its_edge(reader: Reader, address: str) -> None:
    page = reader.open(address)
    reader.drawn()
    page.set_viewport_size({"width": 760, "height": 1000})  # a sheet of A4 between its margins
    page.emulate_media(media="print")
    page.wait_for_timeout(300)
    beyond = page.evaluate(
        "[...document.querySelectorAll('table.display')].filter(t => t.offsetParent && t.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert beyond == 0
    assert page.locator(".top").is_hidden()
    assert page.locator(".take").count() == 0 or page.locator(".take").first.is_hidden()


TAKEN = {"en/index.html": "index", "zh/C26.html": "C26", "en/C07.html": "C07", "zh/companies.html": "companies", "en/prices.html": "prices", "zh/scenarios.html": "scenarios"}  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_fit_and_have_no_serious_findings_of_accessibility(
    browser: Any, published: Path, width: int, scheme: str
) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    reader = Reader(browser, published, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for address, name in TAKEN.items():
        page = reader.open(address)
        if name != "scenarios":
            reader.drawn()
        page.screenshot(path=str(SCREENSHOTS / f"{name}-{width}-{scheme}.png"), full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
        # What lies beyond the edge of a drawing is cut without a trace.
        names = "[...document.querySelectorAll('.role-legend text')].map((name) => Math.round(name.getBoundingClientRect().right))"
        assert [edge for edge in page.evaluate(names) if edge > width] == [], address
        if AXE.exists():
            page.context.new_page().close()
            page.evaluate(AXE.read_text("utf-8"))
            found = page.evaluate("axe.run(document, { resultTypes: ['violations'] })")
            grave = [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in found["violations"] if one["impact"] in ("serious", "critical")]  # fmt: skip
            assert grave == [], address
    reader.close()


def test_the_site_is_small(published: Path) -> None:
    import gzip

    folder = published / "report"
    whole = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert whole <= 8_000_000
    page = (folder / "en" / "index.html").read_text("utf-8")
    loaded = [folder / "en" / "index.html", *((folder / "en" / of).resolve() for of in re.findall(r'(?:src|href)="(\.\./(?:assets|data)/[^"]+)"', page))]  # fmt: skip
    assert len(loaded) > 10
    assert sum(len(gzip.compress(path.read_bytes())) for path in loaded) <= 700_000
