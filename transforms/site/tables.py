"""The tables of the page: verdicts, evidence, sources, issues, licences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from config.terms import Terms
from transforms.site.markup import both, is_web, link, table, text
from transforms.site.model import IssueCount, Report, SourceState
from transforms.site.words import MISSING, age, amount, day, instant, interval, named
from transforms.verdicts import Verdict

# A text mark beside each colour: a verdict must not be told by colour alone.
MARKS = {"supported": "✓", "refuted": "✕", "mixed": "◐", "undetermined": "?", "not_testable": "–", "scenario": "◇"}
MOST_EVIDENCE_ROWS = 200


def badge(verdict: str, terms: Terms) -> str:
    """The verdict as a coloured badge with its mark and its words."""
    return (
        f'<span class="badge {text(verdict)}">{MARKS.get(verdict, "·")} {both(named(terms.verdicts, verdict))}</span>'
    )


def verdict_table(report: Report, terms: Terms) -> str:
    """One row for each claim, in the order of the report."""
    columns = ("claim", "statement", "verdict", "statistic", "sample", "flags", "refutes_if")
    rows = [
        (
            f'<a href="#{text(claim.spec.id)}">{text(claim.spec.id)}</a>',
            _in_two(claim.spec.statement_zh, claim.spec.statement_en),
            badge(claim.verdict.verdict, terms),
            statistic(claim.verdict, terms),
            f"{claim.verdict.n} / {claim.verdict.minimum_n}",
            flags(claim.verdict.flags, terms),
            _in_two(claim.spec.refutes_if_zh, claim.spec.refutes_if_en),
        )
        for claim in report.claims
    ]
    return table([terms.labels[column] for column in columns], rows, kind="verdicts")


def statistic(verdict: Verdict, terms: Terms) -> str:
    """The statistic with its unit, and its interval below it."""
    if verdict.statistic is None:
        return MISSING
    value = both(amount(verdict.statistic, verdict.statistic_unit, terms), block=True)
    ends = interval(verdict.statistic, verdict.low, verdict.high, verdict.statistic_unit, terms)
    if ends is None:
        return value
    return f'{value}<div class="meta">{both(ends, block=True)}</div>'


def flags(names: tuple[str, ...], terms: Terms) -> str:
    """Each flag with the sentence that explains it."""
    parts = []
    for name in names:
        term = terms.flags.get(name)
        if term is None:
            parts.append(f'<div class="flag"><b>{text(name)}</b></div>')
            continue
        meaning = _in_two(term.meaning_zh, term.meaning_en)
        parts.append(f'<div class="flag"><b>{both(term)}</b><div class="meta">{meaning}</div></div>')
    return "".join(parts)


def evidence_table(evidence: pl.DataFrame, terms: Terms) -> str:
    """The rows a verdict rests on, newest first, at most MOST_EVIDENCE_ROWS, inside a box that opens on demand."""
    labels = terms.labels
    if evidence.is_empty():
        return f"<p>{both(labels['no_evidence'])}</p>"
    newest = evidence.sort("observed_on", "series", "known_at", "evidence", descending=[True, False, True, False])
    columns = ("series", "label", "observed_on", "value", "known_at", "source")
    rows = [_evidence_row(row, terms) for row in newest.head(MOST_EVIDENCE_ROWS).iter_rows(named=True)]
    left = evidence.height - len(rows)
    more = f'<p class="meta">{_counted("rows_left_out", left, terms)}</p>' if left else ""
    summary = f"<summary>{both(labels['evidence'])} ({evidence.height})</summary>"
    body = table([labels[column] for column in columns], rows)
    return f'<details>{summary}{more}<div class="scroll">{body}</div></details>'


def _evidence_row(row: Mapping[str, Any], terms: Terms) -> tuple[str, ...]:
    unit = str(row["unit"] or "")
    shown = both(amount(row["value"], unit, terms))
    ends = interval(row["value"], row["low"], row["high"], unit, terms)
    if ends is not None:
        shown += f'<div class="meta">{both(ends)}</div>'
    named_source = str(row.get("document") or row.get("source") or "")
    url = row.get("source_url")
    source = link(url, named_source or terms.labels["open_source"].zh) if is_web(url) else text(named_source)
    return (
        both(named(terms.concepts, str(row["series"]))),
        text(row["label"] or MISSING),
        text(day(row["observed_on"])),
        shown,
        text(instant(row["known_at"])),
        f'{source} <code title="evidence_id">{text(str(row["evidence"] or "")[:12])}</code>',
    )


def source_table(report: Report, terms: Terms) -> str:
    """One row for each source: when it was last captured, how fresh that is, and from when its newest figure is."""
    columns = ("source", "tier", "last_capture", "age", "state", "last_known")
    rows = [_source_row(source, terms) for source in report.sources]
    return table([terms.labels[column] for column in columns], rows, kind="sources")


def _source_row(source: SourceState, terms: Terms) -> tuple[str, ...]:
    state = f'<span class="state {text(source.state)}">{both(named(terms.states, source.state))}</span>'
    if source.detail:
        state += f'<div class="meta">{text(source.detail)}</div>'
    title = source.title
    english = "" if title.en == title.zh else f'<div lang="en" class="en">{text(title.en)}</div>'
    return (
        f"{link(source.homepage, title.zh)} {english}<code>{text(source.source)}</code>",
        text(source.tier),
        text(instant(source.last_capture_at)) if source.last_capture_at else both(terms.labels["never"]),
        both(age(source.age_days, terms)) if source.age_days is not None else MISSING,
        state,
        text(instant(source.last_known_at)),
    )


def issue_table(issues: tuple[IssueCount, ...], terms: Terms) -> str:
    """What was kept out or remarked upon, by source and reason."""
    if not issues:
        return f"<p>{both(terms.labels['no_issues'])}</p>"
    columns = ("source", "severity", "reason", "rows", "example")
    rows = [
        (
            f"<code>{text(issue.source)}</code>",
            both(named(terms.severities, issue.severity)),
            text(issue.reason),
            f"{issue.rows:,}",
            f"<code>{text(issue.example)}</code>" if issue.example else "",
        )
        for issue in issues
    ]
    return table([terms.labels[column] for column in columns], rows, kind="issues")


def licence_list(sources: tuple[SourceState, ...]) -> str:
    """Whom each source's figures are owed to, and on what terms."""
    items = [
        f"<li>{both(source.title)}: {text(source.licence.attribution)} ({link(source.licence.url, source.licence.name)})</li>"
        for source in sources
    ]
    return f"<ul>{''.join(items)}</ul>"


def _counted(label: str, count: int, terms: Terms) -> str:
    term = terms.labels[label]
    return _in_two(term.zh.format(f"{count:,}"), term.en.format(f"{count:,}"))


def _in_two(chinese: str, english: str) -> str:
    return f'<div lang="zh-Hant">{text(chinese)}</div><div lang="en" class="en">{text(english)}</div>'
