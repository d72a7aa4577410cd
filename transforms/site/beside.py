"""What stands beside a verdict: other prints and sources, what decides next, how it came about; and the calculators."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from config.scenario import ScenarioSpec
from config.terms import Terms
from transforms.scenarios import Calculated
from transforms.site.markup import both, table, text
from transforms.site.model import ClaimReport
from transforms.site.words import Phrase, day, named, plain

MOST_FLIPS = 6


def detail_lines(claim: ClaimReport, terms: Terms) -> Iterator[tuple[str, str]]:
    """(label, markup) of each line that has something to say."""
    if claim.variants:
        yield "variants", ", ".join(_variant(row, terms) for row in claim.variants)
    if claim.flips:
        yield "flips", ", ".join(_flip(row, terms) for row in claim.flips[-MOST_FLIPS:])
    if not claim.evidence.is_empty():
        counted = (claim.backfilled, claim.evidence.height)
        yield "backfilled", both(Phrase(f"{counted[0]}／{counted[1]} 列", f"{counted[0]} of {counted[1]} rows"))
    if claim.verdict.flips_en:
        yield "flips_at", both(Phrase(claim.verdict.flips_zh, claim.verdict.flips_en))
    for row in claim.awaits:
        due = f" ({day(row['due_on'])})" if row["due_on"] else ""
        late = f" {both(terms.flags['overdue'])}" if row["overdue"] else ""
        yield "next_evidence", both(Phrase(row["what_zh"] + due, row["what_en"] + due)) + late


def _variant(row: Mapping[str, Any], terms: Terms) -> str:
    what = named(terms.concepts, row["name"] or row["variant"])
    verdict = named(terms.verdicts, row["verdict"])
    return both(Phrase(f"{what.zh}：{verdict.zh}", f"{what.en}: {verdict.en}"))


def _flip(row: Mapping[str, Any], terms: Terms) -> str:
    verdict, cause = named(terms.verdicts, row["verdict"]), named(terms.causes, row["cause"])
    return both(
        Phrase(f"{day(row['as_of'])} {verdict.zh}（{cause.zh}）", f"{day(row['as_of'])} {verdict.en} ({cause.en})")
    )


def scenario_section(found: Sequence[tuple[ScenarioSpec, Calculated]], terms: Terms) -> str:
    """Every calculator with its parameters, its result, the tie, the part of the box, and the map."""
    if not found:
        return ""
    return f'<h2 id="scenarios">{both(terms.labels["scenarios"])}</h2>\n' + "".join(
        _scenario(*item, terms) for item in found
    )


def _scenario(spec: ScenarioSpec, result: Calculated, terms: Terms) -> str:
    words = terms.calculators
    heads = [named(words, name) for name in ("parameter", "low", "base", "high", "unit", "origin")]
    rows = [
        (
            both(named(words, name)), *(text(plain(value, 3)) for value in (one.low, one.base, one.high)),
            both(named(words, one.unit)), both(named(words, one.origin)),
        )
        for name, one in spec.parameters.items()
    ]  # fmt: skip
    down, right, solved = (named(words, name) for name in (*spec.map, spec.solve_for))
    across = [
        Phrase(f"{down.zh}（下）／{right.zh}（右）", f"{down.en} (down), {right.en} (across)"),
        *(Phrase.same(plain(value, 3)) for value in result.columns),
    ]
    margins = [
        (text(plain(value, 3)), *(text(plain(margin, 1)) for margin in row))
        for value, row in zip(result.rows, result.margins, strict=True)
    ]
    tie = "-" if result.tie is None else plain(result.tie, 3)
    share = plain(100 * result.share_of_box, 1)
    outcome = Phrase(
        f"損益兩平：{solved.zh} = {tie}；參數範圍內成立比例 {share}%",
        f"tie at {solved.en} = {tie}; holds in {share}% of the box",
    )
    found = [(named(words, name), plain(value, 2)) for name, value in result.results.items()]
    numbers = Phrase(
        "、".join(f"{name.zh} {value}" for name, value in found),
        ", ".join(f"{name.en} {value}" for name, value in found),
    )
    return (
        f'<section class="claim" id="{text(spec.id)}">\n<h3>{text(spec.id)} {both(Phrase(spec.title_zh, spec.title_en))}</h3>\n'
        f'<div class="said">{both(Phrase(spec.says_zh, spec.says_en), block=True)}</div>\n'
        f"<p>{both(numbers)}</p>\n<p>{both(outcome)}</p>\n{table(heads, rows, kind='scenario')}\n"
        f"{table(across, margins, kind='map')}</section>\n"
    )
