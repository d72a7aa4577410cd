"""What decides next: for each claim the print, payload or statement it waits for, when it is due, and if it is overdue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from config.specs import ClaimSpec
from transforms.claim_tests import claim_test
from transforms.verdicts import UNTESTED
from warehouse.claim_query import claim_sql
from warehouse.reads import Read, reads
from warehouse.stage import Stage

if TYPE_CHECKING:
    from flows.judge import Judged

OVERDUE = "overdue"
GRACE_DAYS = 7  # a print is read within a week, or it is missing

AWAITED: pl.Schema = pl.Schema(
    {
        "claim_id": pl.String(), "awaits": pl.String(), "subject": pl.String(), "what_en": pl.String(),
        "what_zh": pl.String(), "due_on": pl.Date(), "overdue": pl.Boolean(), "flips_en": pl.String(), "flips_zh": pl.String(),
    }
)  # fmt: skip

# What next_print says: one rule for when a company prints. A fiscal year is printed with its fourth quarter.
PRINTS = """
    SELECT
        company, period_end, expected_on,
        CASE WHEN period_end = last_day(period_end) THEN last_day(period_end + to_months(3 * (4 - fiscal_quarter)))
            ELSE period_end + 91 * (4 - fiscal_quarter) END AS year_end
    FROM print_expected(as_of_instant($today)) ORDER BY company"""

LAST_SEEN = """
    SELECT s.source, s.cadence_days, s.fetched, max(c.taken_at) AS last_at FROM history.source s
    LEFT JOIN history.capture c ON c.source = s.source AND c.outcome IN ('loaded', 'unchanged')
    GROUP BY ALL ORDER BY s.source"""


def note(stage: Stage, newest: list[Judged], today: date) -> list[Judged]:
    """Put next_evidence into the stage; returns the verdicts, those that wait for an overdue print flagged so."""
    prints = {row["company"]: row for row in stage.frame(PRINTS, {"today": today}).iter_rows(named=True)}
    seen = {row["source"]: row for row in stage.frame(LAST_SEEN).iter_rows(named=True)}
    rows = [row for item in newest for row in _awaited(item, prints, seen, today)]
    stage.put("history.next_evidence", pl.DataFrame(rows, schema=AWAITED))
    late = {row["claim_id"] for row in rows if row["overdue"] and row["awaits"] == "print"}
    return [_flagged(item) if item.spec.id in late else item for item in newest]


def _flagged(item: Judged) -> Judged:
    flags = tuple(sorted({*item.verdict.flags, OVERDUE}))
    return replace(item, verdict=replace(item.verdict, flags=flags))


def _awaited(item: Judged, prints: Prints, seen: Mapping[str, Any], today: date) -> Iterator[dict[str, Any]]:
    verdict = item.verdict
    for kind, subject, english, chinese, due in _what(item.spec, verdict.verdict, prints, seen):
        yield {
            "claim_id": item.spec.id, "awaits": kind, "subject": subject, "what_en": english, "what_zh": chinese,
            "due_on": due, "overdue": due is not None and today > due + timedelta(days=GRACE_DAYS),
            "flips_en": verdict.flips_en, "flips_zh": verdict.flips_zh,
        }  # fmt: skip


Prints = Mapping[str, Mapping[str, Any]]  # by company
Wait = tuple[str, str, str, str, date | None]


def _what(spec: ClaimSpec, verdict: str, prints: Prints, seen: Mapping[str, Any]) -> Iterator[Wait]:
    if verdict in UNTESTED:
        yield "nothing", "", "No public figure decides it.", "沒有公開數字可以判定。", None
        return
    if spec.frozen_at_assertion:
        yield "nothing", "", "Judged once, as of the day it was said.", "以發表當日為準，只判定一次。", None
        return
    if verdict in claim_test(spec).final or (spec.horizon == "deadline" and verdict in ("supported", "refuted")):
        yield "nothing", "", "Decided; only a restatement could change it.", "已有定論，除非數字重編。", None
        return
    found = reads(claim_sql(spec), spec.id)
    printing = [read for read in found if read.macro.startswith("company_")]  # a guide is not a print
    for company in sorted({company for read in printing for company in read.only.get("company", ())} & set(prints)):
        end, due = _print(prints[company], spec.printed)
        period_zh = "季度財報" if spec.printed == "quarter" else "年報"
        yield (
            "print",
            company,
            f"{company}: the {spec.printed} to {end}.",
            f"{company}：截至 {end} 的{period_zh}。",
            due,
        )
    yield from _others(spec, found, seen)


def _print(following: Mapping[str, Any], printed: str) -> tuple[date, date]:
    """(end of the period, when it is due) of the next quarter, or of the fiscal year that ends with it or after it."""
    end: date = following["period_end"] if printed == "quarter" else following["year_end"]
    return end, following["expected_on"] + (end - following["period_end"])


def _others(spec: ClaimSpec, found: tuple[Read, ...], seen: Mapping[str, Any]) -> Iterator[Wait]:
    if claim_test(spec).private:
        yield (
            "private_file",
            "",
            "Prices or consensus in private/ of the home folder.",
            "資料夾 private/ 內的股價或共識預估。",
            None,
        )
        return
    macros = {read.macro for read in found}
    if any(macro.startswith(("token_price", "model_price", "leaderboard", "openai_lead")) for macro in macros):
        for source in spec.sources:
            row = seen.get(source)
            if row is not None and row["fetched"]:
                due = row["last_at"] and row["last_at"].date() + timedelta(days=row["cadence_days"])
                yield "payload", source, f"The next capture of {source}.", f"{source} 的下一次擷取。", due
    if macros & {"event_as_of", "guidance_as_of"}:
        yield "statement", "", "A dated statement, entered by hand.", "由分析師輸入的具日期陳述。", None
