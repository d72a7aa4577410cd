"""The report as one HTML page: Traditional Chinese first, English below it, and nothing fetched from anywhere."""

from __future__ import annotations

from typing import get_args

from config.specs import Question
from config.terms import Terms
from transforms.site.beside import detail_lines, scenario_section
from transforms.site.charts import draw
from transforms.site.markup import both, text
from transforms.site.model import ClaimReport, Report
from transforms.site.style import STYLE
from transforms.site.tables import (
    badge,
    evidence_table,
    flags,
    issue_table,
    licence_list,
    source_table,
    statistic,
    verdict_table,
)
from transforms.site.words import Bilingual, Phrase, day, instant, named

QUESTIONS = get_args(Question)
# No script, no frame, no request of any kind: the browser itself enforces that the page stands alone.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def render_page(report: Report, terms: Terms) -> str:
    """The whole page as text. The same report gives the same bytes."""
    labels = terms.labels
    title = f"{labels['title'].zh} {labels['title'].en}"
    return (
        f'<!DOCTYPE html>\n<html lang="zh-Hant">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{text(POLICY)}">\n'
        f"<title>{text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"{_header(report, terms)}<main>\n{_verdicts(report, terms)}"
        f'{_heading(labels["freshness"], "sources")}<p class="meta">{both(labels["tiers"])}</p>\n'
        f"{source_table(report, terms)}"
        f"{_heading(labels['issues'], 'issues')}{issue_table(report.issues, terms)}</main>\n"
        f"<footer>{_heading(labels['licences'], 'licences')}{licence_list(report.sources)}</footer>\n</body>\n</html>\n"
    )


def _header(report: Report, terms: Terms) -> str:
    labels = terms.labels
    facts = (
        ("as_of", text(day(report.as_of))),
        ("published_at", f"{text(instant(report.published_at))} UTC"),
        ("code_version", f"<code>{text(report.code_version)}</code>"),
        ("digest", f'<code title="{text(report.digest)}">{text(report.digest[:16])}</code>'),
    )
    listed = "".join(f"<div><dt>{both(labels[name])}</dt><dd>{value}</dd></div>" for name, value in facts)
    notice = f'<p class="notice" role="note">{both(labels["starter_only"])}</p>\n' if report.starter_only else ""
    return (
        f"<header>\n<h1>{both(labels['title'])}</h1>\n"
        f'<p lang="zh-Hant">{text(labels["purpose"].zh)}</p>\n<p lang="en" class="en">{text(labels["purpose"].en)}</p>\n'
        f'<dl class="facts">{listed}</dl>\n{notice}</header>\n'
    )


def _verdicts(report: Report, terms: Terms) -> str:
    heading = _heading(terms.labels["verdicts"], "verdicts")
    if not report.claims:
        return f'{heading}<p class="notice">{both(terms.labels["no_verdicts"])}</p>\n'
    sections = "".join(_question(name, report, terms) for name in QUESTIONS)
    return f"{heading}{verdict_table(report, terms)}{_meanings(report, terms)}{sections}{scenario_section(report.scenarios, terms)}"


def _question(name: str, report: Report, terms: Terms) -> str:
    """The claims of one question, under it."""
    claims = [claim for claim in report.claims if claim.spec.question == name]
    if not claims:
        return ""
    return _heading(named(terms.questions, name), name) + "".join(_claim(claim, terms) for claim in claims)


def _meanings(report: Report, terms: Terms) -> str:
    """What each verdict on this page means, once."""
    used = dict.fromkeys(claim.verdict.verdict for claim in report.claims)
    parts = [
        f"{badge(name, terms)} {both(Phrase(term.meaning_zh, term.meaning_en))}"
        for name in used
        if (term := terms.verdicts.get(name)) is not None
    ]
    return f'<p class="meta legend">{"<br>".join(parts)}</p>\n'


def _claim(claim: ClaimReport, terms: Terms) -> str:
    spec, verdict = claim.spec, claim.verdict
    title = both(Phrase(spec.title_zh, spec.title_en), block=True)
    return (
        f'<section class="claim" id="{text(spec.id)}">\n<header><h3>{text(spec.id)} {title}</h3>'
        f"<div>{badge(verdict.verdict, terms)}</div></header>\n"
        f'<div class="said">{both(Phrase(spec.statement_zh, spec.statement_en), block=True)}</div>\n'
        f"{_chart(claim, terms)}"
        f'<p lang="zh-Hant">{text(verdict.detail_zh)}</p>\n<p lang="en" class="en">{text(verdict.detail_en)}</p>\n'
        f"{_figures(claim, terms)}{flags(verdict.flags, terms)}\n"
        f"{evidence_table(claim.evidence, terms)}\n{_about(claim, terms)}</section>\n"
    )


def _chart(claim: ClaimReport, terms: Terms) -> str:
    chart = draw(claim.spec, claim.evidence)
    if chart is None:
        return ""
    caption = Phrase(
        terms.labels["chart_of"].zh + claim.spec.title_zh, f"{terms.labels['chart_of'].en} {claim.spec.title_en}"
    )
    drawings = "".join(
        f'<div class="{width}" role="img" lang="en" aria-label="{text(chart.alternative)}">{svg}</div>\n'
        for width, svg in (("wide", chart.wide), ("narrow", chart.narrow))
    )
    return f"<figure>\n{drawings}<figcaption>{both(caption)}</figcaption></figure>\n"


def _figures(claim: ClaimReport, terms: Terms) -> str:
    """The statistic and the sample, as short labelled facts."""
    facts = (
        ("statistic", statistic(claim.verdict, terms)),
        ("sample", f"{claim.verdict.n} / {claim.verdict.minimum_n}"),
        ("asserted_at", text(day(claim.spec.asserted_at))),
    )
    listed = "".join(f"<div><dt>{both(terms.labels[name])}</dt><dd>{value}</dd></div>" for name, value in facts)
    return f'<dl class="facts">{listed}</dl>\n'


def _about(claim: ClaimReport, terms: Terms) -> str:
    spec, verdict, labels = claim.spec, claim.verdict, terms.labels
    facts: tuple[tuple[str, str], ...] = (
        ("refutes_if", both(Phrase(spec.refutes_if_zh, spec.refutes_if_en))),
        ("kind", both(named(terms.kinds, spec.kind))),
        ("registered_at", text(day(spec.registered_at))),
        ("citation", text(spec.citation)),
        *detail_lines(claim, terms),
        (
            "specification",
            f'<code title="{text(verdict.specification_hash)}">{text(verdict.specification_hash[:12])}</code>',
        ),
    )
    return '<p class="meta">' + "<br>".join(f"{both(labels[name])}: {value}" for name, value in facts) + "</p>\n"


def _heading(term: Bilingual, anchor: str) -> str:
    return f'<h2 id="{text(anchor)}">{both(term)}</h2>\n'
