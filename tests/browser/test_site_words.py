"""What a reader of the site is told and finds: words of the page's language alone, and every way to ask for a thing."""

from __future__ import annotations

import re
from datetime import date

import pytest
from site_reader import Reader

from config.pages import pages

pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

LAST = date(2026, 11, 23)


# What is set apart as code or is in English by its own page's word, and the lists of names that one chooses from, stay out.
TOLD = """() => {
    const told = document.querySelector("main").cloneNode(true);
    told.querySelectorAll("pre, code, script, select, [lang=en], [data-facet]").forEach((one) => one.remove());
    const texts = document.createTreeWalker(told, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) found.push(texts.currentNode.data);
    return found.concat([...document.querySelectorAll("svg text")].map((one) => one.textContent));
}"""
RAW = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b(?!\.csv)|\b[0-9a-f]{16,}\b")
HAN = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile(r"(?:\b[a-z]{2,}\b[ ,]+){4,}")
# Names of entrants are their boards' own; a dated series of one of them is told by the evidence beside it.
ENTRANTS = {"en/boards.html", "zh/boards.html"}


def unworded(name: str, told: list[str]) -> list[str]:
    """The texts of a page that show the name of a program's thing, or are of the other language."""
    if name.startswith("en/"):
        foreign = [text for text in told if HAN.search(text)]
    else:
        foreign = [text for text in told if SENTENCE.search(text) and not HAN.search(text)]
    return foreign + ([] if name in ENTRANTS else [text for text in told if RAW.search(text)])


def test_every_page_opens_without_asking_the_network_or_complaining_and_says_all_in_its_words(reader: Reader) -> None:
    """Claims in one of their languages, in turn, pages of data in both: the scripts and the data are the same."""
    names = sorted(path.name for path in reader.folder.glob("en/*.html"))
    assert names == sorted(path.name for path in reader.folder.glob("zh/*.html"))
    both = {f"{page}.html" for page in pages()}
    shown = [f"{lang}/{name}" for place, name in enumerate(names) for lang in (("en", "zh") if name in both else (("en", "zh")[place % 2],))]  # fmt: skip
    for name in shown:
        page = reader.open(name)
        if not name.endswith("scenarios.html"):
            reader.drawn()
        if not name.endswith("dictionary.html"):  # a list of names of things in the data file
            assert unworded(name, page.evaluate(TOLD)) == [], name
    assert [address for address in reader.asked if not address.startswith(("file:", "data:", "blob:"))] == []
    assert reader.said == []


# What an analyst types, and what must be among the first four found.
ASKED = {
    "guidance cut": "guidance.html", "price cut": "prices.html", "OpenAI lead": "C26.html", "lead OpenAI": "C26.html", "lead gone": "C04.html",
    "lease cancelled": "C01.html", "Microsoft leases": "C01.html", "capex guidance raised": "C02.html", "azure growth": "companies.html?metric=azure_growth_cc_pct",
    "azure slowdown": "azure.html", "rpo without openai": "companies.html?metric=rpo_commercial_ex_openai", "backlog": "azure.html", "deepseek price": "C27.html",
    "gpt-4o price": "prices.html?model=gpt-4o", "grok 4.6": "prices.html?model=grok-4-6", "oversup": "C10.html", "capacity shortage": "C09.html",
    "softbank stake": "C18.html", "stargate": "C19.html", "forward pe": "C44.html", "free cash flow": "companies.html?metric=free_cash_flow",
    "operating cash flow meta": "companies.html?company=META", "arena elo": "boards.html", "kitchen": "C36.html", "training to inference": "C30.html",
    "what will decide next": "index.html#awaited", "verdict history": "changes.html", "cowen note": "events.html?topic=market_reading",
    "restated": "revisions.html", "columns": "dictionary.html", "price war": "prices.html", "amazon capex": "companies.html?company=AMZN", "useful life": "companies.html?metric=useful_life_years",
    "降價": "prices.html", "指引下修": "guidance.html", "財測": "guidance.html", "領先消失": "C04.html", "OpenAI 領先": "C26.html", "租約": "C01.html",
    "取消租約": "C01.html", "資本支出": "C02.html", "微軟資本支出指引": "C02.html", "Azure 成長": "C08.html", "Azure 減速": "azure.html",
    "RPO 不含 OpenAI": "companies.html?metric=rpo_commercial_ex_openai", "在手訂單": "azure.html", "DeepSeek 降價": "prices.html", "供過於求": "C10.html",
    "算力短缺": "C09.html", "軟銀 持股": "C18.html", "星際之門": "C19.html", "本益比": "C44.html", "自由現金流": "companies.html?metric=free_cash_flow",
    "營運現金流": "C21.html", "折舊": "companies.html?metric=depreciation", "耐用年限": "companies.html?metric=useful_life_years", "排行榜": "boards.html",
    "重編": "revisions.html", "廚房": "C36.html", "訓練 推論": "C30.html", "Grok 4.6": "prices.html?model=grok-4-6", "下一次 財報": "index.html#awaited",
    "資料字典 欄位": "dictionary.html", "價格戰": "prices.html", "亞馬遜 資本支出": "companies.html?company=AMZN", "微軟 租約 取消": "C01.html",
}  # fmt: skip


def test_the_search_finds_what_analysts_type(reader: Reader) -> None:
    """Words of labels, statements and synonyms of either language, in any order, by how they begin."""
    page = reader.open("zh/index.html")
    page.locator("#search").fill("C26")
    page.wait_for_selector("#found [data-to]")
    found = page.evaluate("asked => asked.map((one) => CS.find(one).slice(0, 4).map((entry) => entry[3]))", list(ASKED))
    missed = {asked: told for (asked, wanted), told in zip(ASKED.items(), found, strict=True) if wanted not in told}
    assert missed == {}
    assert page.evaluate("CS.find('zzqx')") == []
    # What is not there, and what is there in part, is said above what is found.
    for typed, note in (
        ("h100", "帳中沒有「h100」。收錄的是"),
        ("h100 租約", "沒有一項含全部的詞；最接近的："),
        ("租約", ""),
    ):
        page.locator("#search").fill(typed)
        told = page.locator("#found [aria-disabled]").all_inner_texts()
        assert [text.startswith(note) for text in told] == ([True] if note else [])
    page.set_viewport_size({"width": 390, "height": 900})
    edges = page.evaluate(
        "(({ left, right }) => [left, right])(document.getElementById('found').getBoundingClientRect())"
    )
    assert 0 <= edges[0] < edges[1] <= 390  # a phone shows the whole of what is found


def test_a_day_that_is_moved_is_told_in_a_sentence(reader: Reader) -> None:
    for lang, asked, words in (
        (
            "en",
            "2022-12-31",
            "The day in the address, 2022-12-31, is before the first day of the ledger; 2023-01-01 is shown instead.",
        ),
        (
            "en",
            "2024-02-30",
            f"The day in the address, 2024-02-30, is no day of the calendar; {LAST} is shown instead.",
        ),
        ("zh", "2099-01-01", f"網址中的日期 2099-01-01 晚於最新的發布，改顯示 {LAST}。"),
    ):
        page = reader.open(f"{lang}/contradictions.html?day={asked}")
        assert page.locator("#day-moved").inner_text() == words
    assert reader.open("en/contradictions.html?day=2025-02-25").locator("#day-moved").is_hidden()


def test_numbers_beside_each_other_show_their_difference_and_moving_addresses_their_capture(reader: Reader) -> None:
    page = reader.open("en/revisions.html")
    told = page.evaluate(
        "[[6.842e9, 6.823e9, 'USD'], [6.8e9, 6.8e9, 'USD'], [-0.0004, 0, 'pct'], [27.266e9, 25e9, 'USD']].map((one) => CS.apart(...one))"
    )
    assert told == ["USD 6.84 billion", "USD 6.8 billion", "−0.0004%", "USD 27.3 billion"]
    # The repository of models.dev shows what it says today; its files of 2026-07-02 were read.
    cell = reader.open("en/prices.html").locator("#rows td.link", has_text="shows today's state").first.inner_text()
    assert re.search(r"read in the capture of 2026-\d\d-\d\d, sha256 [0-9a-f]{12}", cell)
