"""Whatever a feed sends stands on the pages as text: every text of every data script is replaced by markup, script or a formula."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.load import catalog

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

FORMULA = '=HYPERLINK("http://evil.example","x")'
HOSTILE = (
    '<img src=x onerror="window.owned=1">', "<script>window.owned=2</script>", '"><svg onload=window.owned=3>', "';window.owned=4;//",
    "${window.owned=5}", "{{constructor.constructor('window.owned=6')()}}", "__proto__", "constructor", "toString", FORMULA,
    "+1+cmd|' /C calc'!A0", "@SUM(1)", "-2+3", "javascript:window.owned=7", "https://[::1", "https://evil.example:99999/",
    "]]></script><script>window.owned=8</script>", "' || (window.owned=9) || '", "\u202eevil", "\u0000\u0007\u001b[31m", "&lt;b&gt;",
    "x" * 1000, "datum['a']", "[label](javascript:window.owned=10)", "| a | b |",
)  # fmt: skip
# What the project itself says, and not a feed: by it the pages find their way.
OURS = {"claim_id", "verdict", "verdict_before", "cause"}
# Claims judged alike are drawn alike, from one template: of each such kind the first page is opened.
CLAIMS = catalog().claims.values()
ALIKE = {f"{claim.id}.html" for claim in CLAIMS} - {
    f"{claim.id}.html" for claim in {c.test: c for c in [*CLAIMS][::-1]}.values()
}
SCRIPT = re.compile(r'CS\.put\("([^"]+)",(.*)\);\n', re.DOTALL)


# Every chart is there, or says that there is nothing to draw, or was begun and cannot be drawn from such text.
DRAWN = """[...document.querySelectorAll('figure.chart')].filter(f => !f.closest('[hidden]'))
    .every(f => f.querySelector('svg') || f.querySelector('figcaption').textContent)"""


def poisoned(content: Any, evil: Iterator[str]) -> Any:
    """The content of a data script with every text of a column that a feed can fill replaced."""
    if not isinstance(content, dict):
        return content
    made = {}
    for name, part in content.items():
        if isinstance(part, dict) and part.get("k") == "text" and name not in OURS:
            # Each distinct text stays distinct: a row's key must not become another's.
            made[name] = {**part, "d": [f"{next(evil)}{place or ''}" for place in range(len(part["d"]))]}
            if "w" in part:  # how each of them reads in either language, which may be made of it
                made[name]["w"] = [one and [f"{next(evil)}{place}" for _ in one] for place, one in enumerate(part["w"])]
        else:
            made[name] = poisoned(part, evil)
    return made


@pytest.fixture(scope="module")
def site(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "report"
    shutil.copytree(published / "report", folder)
    evil = itertools.cycle(HOSTILE)
    for script in sorted(folder.glob("data/*.js")):
        found = SCRIPT.fullmatch(script.read_text("utf-8"))
        assert found is not None
        if not found[1].startswith("words"):
            content = json.dumps(poisoned(json.loads(found[2]), evil))
            script.write_text(f'CS.put("{found[1]}",{content});\n', "utf-8")
    return folder


def test_nothing_of_a_feed_is_run_built_or_asked_for(browser: Any, site: Path) -> None:
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on(
        "console", lambda message: said.append(f"{page.url.rpartition('/')[2]} {message.type}: {message.text[:300]}")
    )
    page.on("pageerror", lambda error: said.append(f"{page.url.rpartition('/')[2]} error: {str(error)[:300]}"))
    page.on("dialog", lambda dialog: said.append(f"dialog: {dialog.message}"))
    # Each page in one of its languages, in turn: the scripts and what a feed sends are the same in both.
    for place, name in enumerate(
        name for name in sorted(path.name for path in site.glob("en/*.html")) if name not in ALIKE
    ):
        path = site / ("en", "zh")[place % 2] / name
        page.goto(f"{path.as_uri()}?day=2026-01-01")
        page.wait_for_load_state()
        page.wait_for_function(DRAWN)
        built = page.evaluate(
            "[window.owned ?? null, document.querySelectorAll('[onerror], [onload], [onmouseover], img[src=x], main script:not([type])').length, "
            "[...document.querySelectorAll('a[href]')].filter(a => !/^(https?|file|blob|data):/.test(a.href)).map(a => a.href)]"
        )
        assert built == [None, 0, []], path.name
    assert [line for line in said if "warning" not in line] == []
    assert [address for address in asked if not address.startswith(("file:", "data:", "blob:"))] == []
    page.context.close()


def test_the_search_lists_what_a_feed_sends_as_text(browser: Any, site: Path) -> None:
    page = browser.new_context().new_page()
    page.goto((site / "en" / "index.html").as_uri())
    for typed in ("<img", "constructor", "window.owned", "=HYP"):
        page.locator("#search").fill(typed)
        page.wait_for_timeout(100)
        assert page.evaluate(
            "[window.owned ?? null, document.querySelectorAll('#found img, #found script').length]"
        ) == [None, 0]
    page.context.close()


def test_a_chart_draws_what_bears_the_name_of_something_every_object_has(browser: Any, site: Path) -> None:
    page = browser.new_context().new_page()
    page.goto((site / "en" / "index.html").as_uri())
    drawn = page.evaluate(
        """async names => { const found = {}; for (const name of names) for (const form of ['lines', 'bars', 'days', 'steps', 'timeline', 'shares']) {
            const figure = document.createElement('figure');
            figure.innerHTML = '<figcaption></figcaption><div class="drawing"></div>';
            document.body.append(figure);
            const row = day => ({ series: name, label: name, unit: name, source: name, observed_on: day, value: 1, known_at: day, from_on: day });
            await CS.draw(figure, { form, series: [], rules: [], panels: false }, [row('2025-01-01'), { ...row('2025-04-01'), series: `${name} 2` }], '2026-01-01');
            found[`${name} ${form}`] = figure.querySelectorAll('svg').length;
        } return found; }""",
        ["toString", "constructor", "__proto__", "hasOwnProperty"],
    )  # fmt: skip
    assert len(drawn) == 24
    assert set(drawn.values()) == {1}
    page.context.close()


def test_no_cell_of_a_table_that_is_taken_away_is_a_formula(browser: Any, site: Path) -> None:
    page = browser.new_context().new_page()
    page.goto((site / "en" / "index.html").as_uri())
    taken = page.evaluate(
        "texts => CS.csv(['a'], texts.map(a => ({ a })))", [*HOSTILE, " =1+1", "\t=1+1", "\r=1", "\n=1", "＝1", -2.5]
    )
    cells = [line.strip('"') for line in taken.removeprefix("\ufeff").split("\r\n")]
    assert [
        cell for cell in cells if cell.lstrip()[:1] in {"=", "+", "@", "＝"} or (cell[:1] == "-" and cell != "-2.5")
    ] == []
    assert "-2.5" in cells
    page.context.close()
