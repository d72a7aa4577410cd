"""The site stands alone, each page is complete in one language, and nothing from outside can act on it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from posixpath import dirname, normpath
from typing import Any

import polars as pl
import pytest
from places import REPOSITORY
from site_reports import (
    EVIL,
    ParsedPage,
    made_claim,
    made_evidence_of,
    made_full,
    made_report,
    made_row,
    made_rpo,
    made_site,
    made_source,
    site_of,
)

from config.load import catalog
from config.pages import pages
from config.questions import questions
from config.terms import terms
from transforms.claim_tests import TESTS
from transforms.site.answers import answer
from transforms.site.charts import DRAWINGS, THRESHOLDS, drawings
from transforms.site.files import ASSETS, asset, files
from transforms.site.first_page import LEDGER, changes
from transforms.site.words import Phrase, amount

PAGES = [name for name in made_site() if name.endswith(".html")]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def parsed(page: bytes) -> ParsedPage:
    return ParsedPage(page.decode())


def content_of(script: bytes) -> Any:
    """What a data script hands over."""
    found = re.fullmatch(rb'CS\.put\("[^"]+",(.*)\);\n', script, re.DOTALL)
    assert found is not None
    return json.loads(found.group(1))


@pytest.mark.parametrize("name", PAGES)
def test_a_page_needs_nothing_from_elsewhere(name: str) -> None:
    page = parsed(made_site()[name])
    loaded = [
        (tag, of.get("src") or of.get("href") or "") for tag, of in page.elements if tag in {"script", "link", "img"}
    ]
    assert [address for _, address in loaded if re.match(r"(?!data:)(?:[a-z]+:|//)", address)] == []
    policy = next(of["content"] or "" for _, of in page.elements if of.get("http-equiv"))
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe-eval" not in policy


@pytest.mark.parametrize("name", PAGES)
def test_every_address_within_the_site_resolves(name: str) -> None:
    site = {*made_site(), "feed.atom", "feed.json"}
    for tag, of in parsed(made_site()[name]).elements:
        address = (of.get("href") or of.get("src") or "").split("#")[0].split("?")[0]
        if address and tag != "base" and not re.match(r"[a-z]+:", address):
            assert normpath(f"{dirname(name)}/{address}").lstrip("/") in site, (name, address)


@pytest.mark.parametrize("name", [name for name in PAGES if name.startswith("en/")])
def test_an_english_page_has_no_chinese_but_the_switch(name: str) -> None:
    page = made_site()[name].decode()
    shown = re.sub(r"<pre class=\"sql\".*?</pre>|<a id=\"other-language\".*?</a>", "", page, flags=re.DOTALL)
    assert CHINESE.findall(" ".join(parsed(shown.encode()).words)) == []
    assert '<html lang="en"' in page


def test_a_chinese_page_says_what_the_english_one_does() -> None:
    for claim in made_full().claims:
        told = parsed(made_site()[f"zh/{claim.spec.id}.html"]).text
        for sentence in (claim.spec.statement_zh, claim.spec.refutes_if_zh, claim.verdict.detail_zh):
            assert " ".join(sentence.split()) in told
            assert claim.spec.statement_en not in told


def test_the_first_page_answers_the_five_questions_in_their_order() -> None:
    told = parsed(made_site()["en/index.html"]).text
    places = [told.index(terms().questions[name].en) for name in questions()]
    assert places == sorted(places)
    # The verdict of C07 in this report has 31.4 per cent as its statistic.
    assert "in each of the newest four quarters (by 31.4% at least)" in told


def test_an_answer_follows_the_verdict() -> None:
    question = questions()["rpo_and_azure"]
    [claim] = [claim for claim in made_full().claims if claim.spec.id == "C07"]
    said = {
        verdict: answer(question, {"C07": replace(claim.verdict, verdict=verdict)}, terms())
        for verdict in ("supported", "refuted")
    }  # type: ignore[arg-type]
    assert "no longer rises" in said["refuted"].en
    assert "no longer rises" not in said["supported"].en
    assert said["refuted"].zh.endswith("。")
    assert answer(question, {}, terms()) == Phrase("", "")


def test_every_question_hangs_on_claims_that_are_declared() -> None:
    claims = catalog().claims
    for name, question in questions().items():
        for claim in (*question.hangs_on, question.chart):
            assert claims[claim].question == name
        assert {claim for sentence in question.answer for claim in sentence} <= set(question.hangs_on)


def hostile() -> dict[str, bytes]:
    spec = catalog().claims["C21"].model_copy(
        update=dict.fromkeys(("title_en", "title_zh", "statement_en", "statement_zh", "citation", "refutes_if_en"), EVIL)
    )  # fmt: skip
    rows = [made_row(EVIL, "2024-06-30", 1e9, EVIL, EVIL, source_url="javascript:alert(1)"),
            made_row("level", "2024-06-30", 118e9, "USD", EVIL, source_url='https://x.org/"onload="y')]  # fmt: skip
    claim = made_claim(
        "C21", made_evidence_of(rows), detail_en=EVIL, detail_zh=EVIL, flags=(EVIL,), statistic_unit=EVIL
    )
    source = made_source(title=Phrase(EVIL, EVIL), homepage="javascript:alert(1)", detail=EVIL, source=EVIL)
    table = pl.DataFrame({"source": [EVIL], "example": [EVIL]})
    report = made_report(
        replace(claim, spec=spec, sql=EVIL), code_version=EVIL, digest=EVIL, sources=(source,), tables={"issues": table},
        said={EVIL: Phrase(EVIL, EVIL)},
    )  # fmt: skip
    return site_of(report)


def test_hostile_text_stays_text() -> None:
    for name, content in hostile().items():
        if name.endswith(".html"):
            page = parsed(content)
            assert [of for _, of in page.elements for key in of if key.startswith("on")] == []
            scripts = [of for tag, of in page.elements if tag == "script"]
            assert all(
                of.get("src", "").startswith("../")
                or of.get("src", "").startswith("assets/")
                or of.get("type") == "application/json"
                for of in scripts
            )  # type: ignore[union-attr]
            addresses = [of["href"] or "" for tag, of in page.elements if tag == "a"]
            assert not any(address.startswith("javascript:") for address in addresses)
    assert EVIL in parsed(hostile()["en/C21.html"]).text


def test_hostile_text_cannot_leave_its_data_script() -> None:
    found = content_of(hostile()["data/C21.js"])
    assert EVIL in found["evidence"]["label"]["d"]
    assert (
        "javascript:alert(1)" in found["evidence"]["source_url"]["d"]
    )  # the page links what is of the web, and nothing else


def test_the_same_report_has_the_same_keys_and_only_what_changed_has_others() -> None:
    def keys(report: Any) -> dict[str, str]:
        return {file.path: file.key for file in files(report, terms())}

    before = made_full()
    assert keys(before) == keys(made_full())
    later = replace(before, as_of=date(2026, 11, 23), published_at=datetime.fromisoformat("2026-11-23 03:20"))
    changed = {name for name, key in keys(later).items() if keys(before)[name] != key}
    assert changed == {"data/night.js"}  # an unchanged night renders no page
    [first, *rest] = before.claims
    other = replace(before, claims=(replace(first, verdict=replace(first.verdict, detail_en="Another.")), *rest))
    changed = {name for name, key in keys(other).items() if keys(before)[name] != key}
    assert changed == {f"en/{first.spec.id}.html"}


def test_days_on_which_nothing_shown_changed_are_left_out() -> None:
    claim = made_claim("C07", made_rpo())
    days = [date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1), date(2025, 4, 1)]
    history = pl.concat([
        claim.history.with_columns(as_of=pl.lit(day), statistic=pl.lit(statistic, pl.Float64))
        for day, statistic in zip(days, (None, None, 2.0, None), strict=True)
    ])  # fmt: skip
    assert changes(history, LEDGER)["as_of"].to_list() == [days[0], days[2], days[3]]


def test_every_drawing_belongs_to_a_test_and_every_claim_has_one() -> None:
    assert set(DRAWINGS) == set(TESTS)
    assert set(THRESHOLDS) <= set(TESTS)
    forms = set(re.findall(r"return \{ (bars, [^}]+?), RULE", asset("forms.js").decode())[0].split(", "))
    used = {drawing.form for spec in catalog().claims.values() for drawing in drawings(spec)}
    assert used | {page.form for page in pages().values()} - {""} <= forms


def test_every_asset_is_there_and_small_enough_to_read() -> None:
    ours = [name for name in ASSETS if "/" not in name]
    assert all(asset(name) for name in ASSETS)
    assert all(len(asset(name).decode().splitlines()) <= 400 for name in ours)


def test_the_chart_engine_is_of_the_version_that_is_locked() -> None:
    """Its notice says which bundle it is and how it was made; a new version in the lock asks for a new file."""
    [locked] = re.findall(r"(?m)^vl-convert-python==(\S+)", (REPOSITORY / "requirements.lock").read_text("utf-8"))
    assert f"vl-convert-python {locked} bundles them" in asset("vendor/LICENCES.txt").decode()
    assert all(
        f"window.{name}=" in asset("vendor/vega.js").decode()[-500:] for name in ("vega", "vegaLite", "vegaEmbed")
    )


def test_every_page_of_data_has_a_query() -> None:
    queries = {path.stem for path in (REPOSITORY / "warehouse" / "pages").glob("*.sql")}
    assert queries == set(pages())


def test_money_reads_the_same_in_both_languages() -> None:
    phrase = amount(298e9, "USD", terms())
    assert (phrase.zh, phrase.en) == ("2,980 億美元", "USD 298 billion")


SAME = """
from hashlib import sha256
from site_reports import made_site
print(sha256(b"".join(name.encode() + content for name, content in sorted(made_site().items()))).hexdigest())
"""


@pytest.mark.parametrize("zone", ["Asia/Taipei", "America/New_York"])
def test_the_same_report_gives_the_same_bytes_in_any_time_zone(zone: str) -> None:
    path = os.pathsep.join((str(REPOSITORY), str(REPOSITORY / "tests" / "support")))
    done = subprocess.run(  # noqa: S603  our own interpreter and text
        [sys.executable, "-c", SAME], cwd=REPOSITORY, env={**os.environ, "TZ": zone, "PYTHONPATH": path},
        capture_output=True, text=True, check=True, timeout=120,
    )  # fmt: skip
    here = sha256(b"".join(name.encode() + content for name, content in sorted(made_site().items()))).hexdigest()
    assert done.stdout.strip() == here
