"""The report in short, as Markdown: what a Prefect artifact shows."""

from __future__ import annotations

import re
from collections.abc import Iterable

from config.terms import Terms
from transforms.claims.verdicts import Verdict
from transforms.site.model import Report, SourceState
from transforms.site.words import MARKS, MISSING, Bilingual, Phrase, age, amount, day, instant, interval, named

# Everything Markdown or inline HTML could act on; a table cell ends at a bar or a line's end.
SPECIAL = re.compile(r"([\\`*_\[\]<>#|~])")


def render_markdown(report: Report, terms: Terms) -> str:
    """A table of verdicts and a table of sources, each cell in both languages."""
    labels = terms.labels
    head = f"# {_both(labels['title'])}\n\n{_both(labels['as_of'])}: {day(report.as_of)}, "
    head += f"{_both(labels['published_at'])}: {instant(report.published_at)} UTC, "
    head += f"{_both(labels['code_version'])}: {escape(report.code_version)}\n"
    notice = f"\n> {_both(labels['starter_only'])}\n" if report.starter_only else ""
    verdicts = _verdicts(report, terms) if report.claims else f"{_both(labels['no_verdicts'])}\n"
    unnamed = f"\n{_both(labels['unnamed'])}: {escape(', '.join(report.unnamed))}\n" if report.unnamed else ""
    columns = [labels[name] for name in ("source", "last_capture", "age", "state", "last_known")]
    sources = _table(columns, (_source(source, terms) for source in report.sources))
    return f"{head}{notice}\n## {_both(labels['verdicts'])}\n\n{verdicts}{unnamed}\n## {_both(labels['freshness'])}\n\n{sources}"


def escape(value: object) -> str:
    """Text that stands for itself in a Markdown table cell."""
    return SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def _verdicts(report: Report, terms: Terms) -> str:
    columns = [terms.labels[name] for name in ("claim", "verdict", "statistic", "sample", "flags")]
    rows = (
        (
            f"{claim.spec.id} {_both(Phrase(claim.spec.title_zh, claim.spec.title_en))}",
            f"{MARKS.get(claim.verdict.verdict, '')} {_both(named(terms.verdicts, claim.verdict.verdict))}".strip(),
            _statistic(claim.verdict, terms),
            f"{claim.verdict.n} / {claim.verdict.minimum_n}",
            "; ".join(_both(named(terms.flags, flag)) for flag in claim.verdict.flags),
        )
        for claim in report.claims
    )
    return _table(columns, rows)


def _statistic(verdict: Verdict, terms: Terms) -> str:
    shown = _both(amount(verdict.statistic, verdict.statistic_unit, terms))
    ends = interval(verdict.statistic, verdict.low, verdict.high, verdict.statistic_unit, terms)
    return shown if ends is None or verdict.statistic is None else f"{shown} ({_both(ends)})"


def _source(source: SourceState, terms: Terms) -> tuple[str, ...]:
    detail = f": {escape(source.detail)}" if source.detail else ""
    return (
        f"{_both(source.title)} ({escape(source.source)})",
        instant(source.last_capture_at),
        _both(age(source.age_days, terms)),
        f"{_both(named(terms.states, source.state))}{detail}",
        instant(source.last_known_at),
    )


def _table(columns: Iterable[Bilingual], rows: Iterable[Iterable[str]]) -> str:
    heads = [_both(column) for column in columns]
    lines = [heads, ["---"] * len(heads), *([cell or MISSING for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _both(term: Bilingual) -> str:
    return escape(term.zh) if term.zh == term.en else f"{escape(term.zh)} {escape(term.en)}"
