"""The page of one claim, and the script with everything it has rested on day by day."""

from __future__ import annotations

from typing import Any

import polars as pl

from config.specs import ClaimSpec
from config.terms import Terms
from transforms.claim_tests.wording import labelled
from transforms.claims.verdicts import specification_text
from transforms.site import addresses, cells, compact
from transforms.site.charts import drawings, thresholds
from transforms.site.first_page import changes
from transforms.site.language import Language
from transforms.site.model import ClaimReport, Report
from transforms.site.parameters import parameters
from transforms.site.words import amount, day, interval, named

TOLD = ("verdict", "statistic", "detail_zh", "detail_en", "flips_zh", "flips_en")
EVIDENCE = (
    "series", "observed_on", "value", "low", "high", "unit", "known_at", "label", "source", "document", "source_url", "tier",
    "evidence", "from_on", "until_on",
)  # fmt: skip


def data(claim: ClaimReport, report: Report) -> dict[str, Any]:
    """The words of each day's verdict, the evidence by spans, what its labels stand for, and how it is drawn."""
    spans = claim.spans
    labels = set(spans["label"].drop_nulls()) if "label" in spans.columns else set()
    return {
        "told": compact.columns(changes(claim.history, TOLD).drop("verdict", "statistic")),
        "evidence": compact.columns(spans.select(EVIDENCE), cells.reads("evidence", addresses.hosts(spans))) if spans.width else {},
        "captures": addresses.captures(spans, "evidence", report.captures),
        "names": _names(labels - set(report.said)),
        "said": {label: [report.said[label].zh, report.said[label].en] for label in sorted(labels & set(report.said))},
        "why": {on.isoformat(): [phrase.zh, phrase.en] for on, phrase in sorted(claim.why.items())},
        "charts": [drawing.told() for drawing in drawings(claim.spec)],
        "thresholds": list(thresholds(claim.spec)),
        "variants": [
            {"variant": row["variant"], "name": row["name"], "verdict": row["verdict"], "statistic": row["statistic"],
             "unit": row["statistic_unit"], "n": row["n"]}
            for row in claim.variants
        ],
        "disagreeing": _disagreeing(claim, report),
    }  # fmt: skip


def _names(labels: set[str]) -> dict[str, list[str]]:
    """[Chinese, English] of the labels that are no words of the reader's."""
    told = {label: labelled(label, {}) for label in sorted(labels)}
    return {
        label: [chinese, english] for label, (english, chinese) in told.items() if (english, chinese) != (label, label)
    }


def _disagreeing(claim: ClaimReport, report: Report) -> dict[str, Any]:
    """Contradictions among the figures the claim rests on, by company document."""
    found = report.tables.get("contradictions")
    if found is None or claim.spans.is_empty():
        return {}
    documents = claim.spans["document"].drop_nulls().unique().implode()
    near = pl.col("chosen_document_id").is_in(documents) | pl.col("other_document_id").is_in(documents)
    return compact.columns(found.filter(near), cells.reads("contradictions", addresses.hosts(found)))


def shown(claim: ClaimReport, report: Report, terms: Terms, language: Language) -> dict[str, Any]:
    """What stands on the page without a script: the claim, its newest verdict, its specification."""
    spec, verdict = claim.spec, claim.verdict
    ids = [one.spec.id for one in report.claims]
    place = ids.index(spec.id)
    ends = interval(verdict.statistic, verdict.low, verdict.high, verdict.statistic_unit, terms)
    return {
        "claim": {
            "id": spec.id,
            "title": language.of(spec, "title"),
            "statement": language.of(spec, "statement"),
            "refutes_if": language.of(spec, "refutes_if"),
            "citation": _citation(spec, terms, language),
            "question": language.say(terms.questions[spec.question]),
            "kind": language.say(terms.kinds[spec.kind]),
            "asserted_at": spec.asserted_at.isoformat(),
            "registered_at": spec.registered_at.isoformat(),
            "hash": verdict.specification_hash,
            "verdict": verdict.verdict,
            "said": language.say(terms.verdicts[verdict.verdict]),
            "statistic": language.say(amount(verdict.statistic, verdict.statistic_unit, terms)),
            "interval": language.say(ends) if ends else "",
            "n": verdict.n,
            "minimum_n": verdict.minimum_n,
            "detail": language.of(verdict, "detail"),
            "flips": language.of(verdict, "flips"),
            "flags": [_flag(name, terms, language) for name in verdict.flags],
            "sources": list(spec.sources),
            "test": spec.test,
            "test_title": language.say(terms.tests[spec.test]),
            "parameters": parameters(spec, terms, language),
        },
        "sql": claim.sql,
        "hashed": specification_text(spec, claim.sql),
        "specifications": [
            {"version": row["version"], "hash": row["specification_hash"], "registered": f"{row['registered_at']:%Y-%m-%d}",
             "in_force": bool(row["in_force"])}
            for row in claim.specifications
        ],
        "before": ids[place - 1] if place else "",
        "after": ids[place + 1] if place + 1 < len(ids) else "",
        "scenarios": [scenario.id for scenario, _ in report.scenarios if spec.id in scenario.claims],
        "has_chart": any(drawing.form for drawing in drawings(spec)),
        "newest_evidence": day(claim.evidence["observed_on"].max()) if not claim.evidence.is_empty() else "",  # type: ignore[arg-type]
    }  # fmt: skip


def _citation(spec: ClaimSpec, terms: Terms, language: Language) -> str:
    """The place in the article is declared in English alone; the other language names the article and its day."""
    article = language.say(terms.labels["article_of"]).replace("{}", spec.asserted_at.isoformat())
    return spec.citation if language.code == "en" else article


def _flag(name: str, terms: Terms, language: Language) -> dict[str, str]:
    term = terms.flags.get(name)
    return {
        "id": name,
        "title": language.say(named(terms.flags, name)),
        "meaning": language.of(term, "meaning") if term else "",
    }
