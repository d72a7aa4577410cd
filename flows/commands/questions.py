"""Questions to the published file: verdicts as of a day, the page, an export. Nothing here writes to the home folder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from pathlib import Path

from rich.table import Table
from rich.text import Text

from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from config.specs import ClaimSpec
from config.version import code_version
from flows.network.clock import utc_now
from flows.steps.judge import beside_first_prints
from flows.steps.verdict_days import HISTORY_FROM, Answers, days_of, verdicts
from transforms.claims.variants import by_vintage
from transforms.claims.verdicts import Verdict, is_opposed, judge_claim
from warehouse.evidence.as_of import evidence, first_prints
from warehouse.evidence.claim_query import claim_sql, taken
from warehouse.evidence.said import sentences
from warehouse.home.layout import Home
from warehouse.published import query
from warehouse.published.export import export
from warehouse.published.export_forms import Format
from warehouse.published.stage import Stage
from warehouse.published.swap import open_published


def export_to(settings: Settings, folder: Path, as_of: date | None, form: Format) -> dict[str, int]:
    """Rows written of each view that may be passed on. Raises Refused when the folder is there already."""
    with open_published(Home(settings.root)) as connection:
        return export(connection, folder, form, as_of)


def judge_on(settings: Settings, as_of: date | None, claim: str) -> list[Verdict]:
    """Today's code for one day, from the evidence of the published file. An instant claim is frozen at its day."""
    day = as_of or utc_now().date()
    found = []
    with open_published(Home(settings.root)) as connection:
        said = sentences(connection)
        for spec in _wanted(claim):
            sql = claim_sql(spec)
            judged = min(day, spec.asserted_at) if spec.frozen_at_assertion else day
            after = judged >= spec.asserted_at
            opposed = after and is_opposed(spec, taken(spec, evidence(connection, sql, spec.asserted_at, spec.id)))
            rows = taken(spec, evidence(connection, sql, judged, spec.id))
            verdict = judge_claim(spec, rows, judged, code_version(), sql=sql, opposed=opposed, said=said)
            if (other := first_prints(sql)) != sql:
                first = taken(spec, evidence(connection, other, judged, spec.id))
                verdict = by_vintage(verdict, judge_claim(spec, first, judged, code_version(), sql=sql, said=said))
            found.append(verdict)
    return found


def judge_every_change(settings: Settings, claim: str) -> Iterator[tuple[Verdict, str]]:
    """(verdict, what changed in the evidence) on every day on which the evidence of a claim changed, claim by claim.

    Predictions from the day on which they were made, all else since 2023.
    """
    today = utc_now().date()
    with open_published(Home(settings.root)) as connection:
        stage = Stage(connection, Path(), "", datetime.combine(today, time()))
        said = sentences(connection)
        for spec in _wanted(claim):
            days = days_of(stage, spec, today, HISTORY_FROM)
            answers = Answers(stage, claim_sql(spec), said)
            for (verdict, _, cause), _ in beside_first_prints(answers, spec, verdicts(answers, spec, days)):
                yield verdict, cause


def verdict_table(settings: Settings, as_of: date | None, claim: str, *, every_change: bool) -> Table:
    """The verdicts of a day, or of every change, as the terminal shows them."""
    told: Iterable[tuple[str, Verdict, str]]
    if every_change:
        told = ((f"{verdict.as_of}", verdict, cause) for verdict, cause in judge_every_change(settings, claim))
    else:
        told = (("", verdict, "") for verdict in judge_on(settings, as_of, claim))
    title = "On every change of the evidence" if every_change else f"As of {as_of or 'today'}"
    table = Table(title=title, title_justify="left")
    for column in ("claim", *(("day", "changed") if every_change else ()), "verdict", "statistic", "n", "flags", "why"):
        table.add_column(column, overflow="fold")
    for day, verdict, cause in told:
        shown = "" if verdict.statistic is None else f"{verdict.statistic:,.4g} {verdict.statistic_unit}"
        when = (day, cause) if every_change else ()
        flags = ", ".join(verdict.flags)
        cells = (verdict.claim_id, *when, verdict.verdict, shown, str(verdict.n), flags, verdict.detail_en)
        table.add_row(*(Text(cell) for cell in cells))
    return table


def _wanted(claim: str) -> list[ClaimSpec]:
    """The claims asked for. Raises Refused when there is none of that name."""
    wanted = [spec for spec in catalog().claims.values() if claim in {"", spec.id}]
    if not wanted:
        raise Refused(f"there is no claim {claim!r}", remedy="`capex-signals claims` lists them")
    return wanted


def page(settings: Settings, out: Path | None) -> Path:
    """Where the newest report begins; the whole of it is copied to the new folder `out` when given."""
    return query.copy_site(Home(settings.root).report, out)
