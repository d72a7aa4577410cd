"""Reports made of a few figures, and the parsed page of one, for tests of the page."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date, datetime
from functools import cache
from html.parser import HTMLParser
from typing import Any

import polars as pl

from config.contracts import EVIDENCE
from config.load import catalog
from config.specs import Licence
from config.terms import terms
from flows.steps.judge import VERDICT
from transforms.claims.verdicts import Verdict
from transforms.site.files import files
from transforms.site.model import ClaimReport, Report, SourceState, State
from transforms.site.words import Phrase

EVIL = '<script>alert("x")</script>\'" onmouseover="y'
LICENCE = Licence(name="public data", url="https://example.org/terms", attribution="A regulator", redistribution=True)

# Microsoft's commercial RPO in billions, as its calls gave it, and its operating cash flow in millions as filed.
RPO = {"FY2024Q2": 222, "FY2024Q3": 235, "FY2024Q4": 269, "FY2025Q1": 259, "FY2025Q2": 298, "FY2025Q3": 315}
RPO_ENDS = ("2023-12-31", "2024-03-31", "2024-06-30", "2024-09-30", "2024-12-31", "2025-03-31")
CASH = {"FY2023": ("2023-06-30", 87582), "FY2024": ("2024-06-30", 118548)}


def made_evidence_of(rows: list[dict[str, Any]]) -> pl.DataFrame:
    blank = dict.fromkeys((*EVIDENCE, "source_url"))
    schema = {**EVIDENCE, "source_url": pl.String}
    return pl.DataFrame([{**blank, **row} for row in rows], schema=schema)


def made_row(series: str, day: str, value: float, unit: str, label: str, **more: Any) -> dict[str, Any]:
    known = datetime.fromisoformat(f"{day} 22:30")
    return {
        "series": series, "observed_on": date.fromisoformat(day), "value": value, "unit": unit, "known_at": known,
        "label": label, "evidence": f"{series}-{day}", **more,
    }  # fmt: skip


def made_rpo() -> pl.DataFrame:
    return made_evidence_of([
        made_row("level", end, billions * 1e9, "USD", quarter, source_url="https://example.org/call.txt")
        for (quarter, billions), end in zip(RPO.items(), RPO_ENDS, strict=True)
    ])  # fmt: skip


def made_cash() -> pl.DataFrame:
    return made_evidence_of(
        [made_row("level", end, millions * 1e6, "USD", year) for year, (end, millions) in CASH.items()]
    )


def made_gaps() -> pl.DataFrame:
    days = pl.date_range(date(2023, 7, 1), date(2025, 6, 1), "7d", eager=True)
    return made_evidence_of([
        made_row(board, day.isoformat(), 40.0 - 0.7 * index + lift, "points", "elo")
        for board, lift in (("arena_text", 0), ("arena_text_style_control", 5))
        for index, day in enumerate(days)
    ])  # fmt: skip


def made_prices() -> pl.DataFrame:
    prices = (("numerator", 10.0, "gpt-4-turbo"), ("denominator", 0.14, "deepseek-v2"),
              ("numerator_on_sale", 2.5, "gpt-4o"), ("denominator_on_sale", 0.27, "deepseek-v3"))  # fmt: skip
    return made_evidence_of([made_row(series, "2025-02-25", price, "USD/Mtok", name) for series, price, name in prices])


def made_verdict(claim_id: str, **more: Any) -> Verdict:
    values: dict[str, Any] = {
        "claim_id": claim_id, "as_of": date(2026, 11, 22), "verdict": "supported", "statistic": 118.548e9,
        "statistic_unit": "USD", "low": None, "high": None, "n": 1, "minimum_n": 1, "flags": (),
        "detail_en": "The figure is above the threshold.", "detail_zh": "數字高於門檻。", "flips_en": "", "flips_zh": "", "evidence": (),
        "specification_hash": "ab" * 32, "code_version": "0.1.0",
    }  # fmt: skip
    return Verdict(**{**values, **more})


def made_claim(claim_id: str, evidence: pl.DataFrame, **more: Any) -> ClaimReport:
    verdict = made_verdict(claim_id, **more)
    judged = {name: {**asdict(verdict), "cause": "first"}.get(name) for name in VERDICT}
    history = pl.DataFrame([judged], schema=VERDICT)
    named = {"source": pl.String, "document": pl.String, "source_url": pl.String, "tier": pl.Int32}
    lacking = [pl.lit(None, kind).alias(name) for name, kind in named.items() if name not in evidence.columns]
    spans = evidence.with_columns(*lacking, from_on=pl.lit(date(2025, 1, 1)), until_on=pl.lit(None, pl.Date))
    return ClaimReport(catalog().claims[claim_id], verdict, evidence, history=history, spans=spans, sql="SELECT 1")


def made_source(state: State = "fresh", **more: Any) -> SourceState:
    moment = datetime.fromisoformat("2026-11-22 03:05")
    source = SourceState(
        "sec_companyfacts",
        Phrase("公司財務數據", "SEC company facts"),
        "https://www.sec.gov",
        1,
        LICENCE,
        state,
        moment,
        0.4,
        moment,
    )
    return replace(source, **more)


def made_report(*claims: ClaimReport, **more: Any) -> Report:
    report = Report(
        as_of=date(2026, 11, 22), published_at=datetime.fromisoformat("2026-11-22 03:20"), code_version="0.1.0+abc",
        digest="9f" * 32, starter_only=False, claims=claims, sources=(made_source(),),
    )  # fmt: skip
    return replace(report, **more)


def made_full() -> Report:
    claims = (
        made_claim("C07", made_rpo(), statistic=31.4, statistic_unit="pct", low=17.0, high=34.2, n=4, minimum_n=4),
        made_claim("C21", made_cash()),
        made_claim("C26", made_gaps(), verdict="mixed", statistic=-71.25, statistic_unit="points", low=-80.0, high=-60.0,
               flags=("definition_dependent", "fragile")),
        made_claim("C27", made_prices(), statistic=71.4, statistic_unit="times", flags=("stale_at_assertion",)),
    )  # fmt: skip
    return made_report(*claims)


@cache
def made_site() -> dict[str, bytes]:
    """Every file of a small site by its path, without a chart engine."""
    return site_of(made_full())


def site_of(report: Report) -> dict[str, bytes]:
    return {file.path: file.make() for file in files(report, terms())}


class ParsedPage(HTMLParser):
    """Elements, attributes and text of a page; unbalanced tags fail."""

    VOID = frozenset({"source", "meta", "br", "link", "img", "hr", "input"})

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
