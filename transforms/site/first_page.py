"""The first page, and the scripts every page shares: the ledger of verdicts by day, and what is true of this night alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from config.questions import questions
from config.scenario import ScenarioSpec
from config.terms import Terms
from transforms.claim_tests.outcome import SECONDARY
from transforms.site import compact, names
from transforms.site.answers import answer
from transforms.site.charts import drawings
from transforms.site.language import Language
from transforms.site.model import ClaimReport, Report
from transforms.site.words import amount, day, instant

NEVER_DECIDE = ("beside", "secondary")
SECONDARY_TIER = 3
LEDGER = ("verdict", "statistic", "statistic_unit", "low", "high", "n", "minimum_n", "flags")


def changes(history: pl.DataFrame, shown: tuple[str, ...]) -> pl.DataFrame:
    """The days on which something that is shown became different, with it, and why; in order of days."""
    kept = history.sort("as_of").select("as_of", *shown, "cause")
    changed = pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in shown)
    first = pl.int_range(pl.len()) == 0
    return kept.filter(changed | first)


def with_tier(claim: ClaimReport) -> pl.DataFrame:
    """The history with the flag secondary_source on every day on which all that decides is of tier 3, whatever the test."""
    deciding = claim.spans.filter(~pl.col("series").is_in(NEVER_DECIDE))
    if deciding.is_empty():
        return claim.history
    until = pl.col("until_on")
    on_days = claim.history.select("as_of").join(deciding.select("from_on", "until_on", "tier"), how="cross")
    on_days = on_days.filter(pl.col("from_on") <= pl.col("as_of"), until.is_null() | (until > pl.col("as_of")))
    best = on_days.group_by("as_of").agg(pl.col("tier").min().alias("best_tier"))
    rests = (pl.col("best_tier") == SECONDARY_TIER) & pl.col("verdict").is_in(("supported", "refuted", "mixed"))
    flagged = pl.col("flags").list.set_union(pl.lit([SECONDARY])).list.sort()
    joined = claim.history.join(best, on="as_of", how="left", maintain_order="left")
    return joined.with_columns(pl.when(rests).then(flagged).otherwise(pl.col("flags")).alias("flags")).drop("best_tier")


def ledger(report: Report) -> dict[str, Any]:
    """Every verdict of every day in spans, the claims, the questions with their clauses, and the named days."""
    told = [
        changes(with_tier(claim), LEDGER).with_columns(claim_id=pl.lit(claim.spec.id)).drop("cause")
        for claim in report.claims
        if not claim.history.is_empty()
    ]
    return {
        "verdicts": compact.columns(pl.concat(told)) if told else {},
        "claims": {claim.spec.id: _claim(claim) for claim in report.claims},
        "questions": {name: question.model_dump(mode="json") for name, question in questions().items()},
        "days": compact.columns(named_days(report.named_days)) if not report.named_days.is_empty() else {},
    }


def named_days(days: pl.DataFrame) -> pl.DataFrame:
    """day, name_zh, name_en of each day one may go to by name: MSFT prints FY2025Q2, Grok 4.6 is launched."""
    rows = [
        (row["day"], f"推出 {model.zh}", f"{model.en} launched")
        if row["model"]
        else (
            row["day"],
            f"{row['company']} 公布 {row['fiscal_period']}",
            f"{row['company']} prints {row['fiscal_period']}",
        )
        for row in days.iter_rows(named=True)
        for model in (names.model(row["model"] or ""),)
    ]
    return pl.DataFrame(rows, schema={"day": pl.Date, "name_zh": pl.String, "name_en": pl.String}, orient="row")


def _claim(claim: ClaimReport) -> dict[str, Any]:
    spec = claim.spec
    return {
        "title": [spec.title_zh, spec.title_en],
        "question": spec.question,
        "kind": spec.kind,
        "asserted": spec.asserted_at.isoformat(),
        "charts": [drawing.told() for drawing in drawings(spec)],
    }


def night(report: Report) -> dict[str, Any]:
    """What is true of this night alone: an unchanged night renders no page again, and this script is written anew."""
    return {
        "as_of": report.as_of.isoformat(),
        "published": instant(report.published_at),
        "code": report.code_version,
        "digest": report.digest,
        "starter_only": report.starter_only,
        "awaits": [
            {"claim": claim.spec.id, "due": day(row["due_on"]) if row["due_on"] else "", "overdue": bool(row["overdue"]),
             "what": _titled(report, row), "awaits": row["awaits"]}
            for claim in report.claims
            for row in claim.awaits
        ],
        "sources": [
            {"id": source.source, "title": [source.title.zh, source.title.en], "tier": source.tier, "state": source.state,
             "captured": instant(source.last_capture_at), "known": instant(source.last_known_at), "age": source.age_days,
             "detail": source.detail}
            for source in report.sources
        ],
    }  # fmt: skip


def _titled(report: Report, row: Mapping[str, Any]) -> list[str]:
    """What is awaited in Chinese and English, a capture by the title of its source."""
    title = {source.source: source.title for source in report.sources}.get(row["subject"])
    if row["awaits"] == "payload" and title is not None:
        return [f"{title.zh}的下一次擷取。", f"The next capture of {title.en}."]
    return [row["what_zh"], row["what_en"]]


def shown(report: Report, terms: Terms, language: Language) -> dict[str, Any]:
    """The five questions with the newest answers; the page moves them to the chosen day."""
    verdicts = {claim.spec.id: claim.verdict for claim in report.claims}
    found = {claim.spec.id: claim for claim in report.claims}
    return {
        "questions": [
            {
                "id": name,
                "title": language.say(terms.questions[name]),
                "answer": language.say(answer(question, verdicts, terms)),
                "hangs_on": [_row(found[claim], terms, language) for claim in question.hangs_on if claim in found],
                "chart": question.chart if question.chart in verdicts else "",
                "claims": [_row(claim, terms, language) for claim in report.claims if claim.spec.question == name],
            }
            for name, question in questions().items()
        ],
    }


def _row(claim: ClaimReport, terms: Terms, language: Language) -> dict[str, str]:
    verdict = claim.verdict
    return {
        "id": claim.spec.id,
        "title": language.of(claim.spec, "title"),
        "verdict": verdict.verdict,
        "said": language.say(terms.verdicts[verdict.verdict]),
        "statistic": language.say(amount(verdict.statistic, verdict.statistic_unit, terms)),
    }


def said(report: Report) -> dict[str, list[str]]:
    """What the labels of statements stand for, both languages."""
    return {label: [phrase.zh, phrase.en] for label, phrase in sorted(report.said.items())}


def scenarios(report: Report) -> dict[str, Any]:
    """The calculators for the page: their parameters, and what Python makes of the base values."""
    return {
        spec.id: {**spec.model_dump(mode="json"), "order": list(spec.parameters), "results": dict(result.results)}
        for spec, result in report.scenarios
    }


def calculators(report: Report, terms: Terms, language: Language) -> list[dict[str, Any]]:
    """The calculators at their base values."""
    return [_calculator(spec, terms, language) for spec, _ in report.scenarios]


def _calculator(spec: ScenarioSpec, terms: Terms, language: Language) -> dict[str, Any]:
    said_of = language.pick(terms.calculators)
    return {
        "id": spec.id,
        "title": language.of(spec, "title"),
        "says": language.of(spec, "says"),
        "claims": list(spec.claims),
        "parameters": [
            {"id": name, "title": said_of.get(name, name), "low": one.low, "base": one.base, "high": one.high,
             "unit": said_of.get(one.unit, one.unit), "origin": said_of.get(one.origin, one.origin), "note": one.note}
            for name, one in spec.parameters.items()
        ],
        "solves": said_of.get(spec.solve_for, spec.solve_for),
        "map": [said_of.get(name, name) for name in spec.map],
    }  # fmt: skip
