"""Questions to the published file: SQL, verdicts as of a day, the page. Nothing here writes to the home folder."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from config.specs import ClaimSpec
from config.version import code_version
from flows.fetch import utc_now
from flows.judge import HISTORY_FROM, Answers, beside_first_prints, days_of, verdicts
from transforms.variants import by_vintage
from transforms.verdicts import Verdict, is_opposed, judge_claim
from warehouse import query
from warehouse.claim_query import claim_sql
from warehouse.evidence import evidence, first_prints
from warehouse.export import Format, export
from warehouse.home import Home
from warehouse.publish import open_published
from warehouse.stage import Stage


def ask(
    settings: Settings, statement: str, as_of: date | None, limit: int, *, as_csv: bool
) -> tuple[list[str], list[tuple[Any, ...]], bool]:
    """(column names, rows, whether there are more); as CSV one row with the whole text."""
    with open_published(Home(settings.root)) as connection:
        return query.run(connection, statement, as_of, limit, as_csv=as_csv)


def export_to(settings: Settings, folder: Path, as_of: date | None, form: Format) -> dict[str, int]:
    """Rows written of each view that may be passed on. Raises Refused when the folder is there already."""
    with open_published(Home(settings.root)) as connection:
        return export(connection, folder, form, as_of)


def judge_on(settings: Settings, as_of: date | None, claim: str) -> list[Verdict]:
    """Today's code for one day, from the evidence of the published file. An instant claim is frozen at its day."""
    day = as_of or utc_now().date()
    found = []
    with open_published(Home(settings.root)) as connection:
        for spec in _wanted(claim):
            sql = claim_sql(spec)
            judged = min(day, spec.asserted_at) if spec.frozen_at_assertion else day
            after = judged >= spec.asserted_at
            opposed = after and is_opposed(spec, evidence(connection, sql, spec.asserted_at, spec.id))
            rows = evidence(connection, sql, judged, spec.id)
            verdict = judge_claim(spec, rows, judged, code_version(), sql=sql, opposed=opposed)
            if (other := first_prints(sql)) != sql:
                first = evidence(connection, other, judged, spec.id)
                verdict = by_vintage(verdict, judge_claim(spec, first, judged, code_version(), sql=sql))
            found.append(verdict)
    return found


def judge_every_change(settings: Settings, claim: str) -> Iterator[tuple[Verdict, str]]:
    """(verdict, what changed in the evidence) on every day on which the evidence of a claim changed, claim by claim.

    Predictions from the day on which they were made, all else since 2023.
    """
    today = utc_now().date()
    with open_published(Home(settings.root)) as connection:
        stage = Stage(connection, Path(), "", datetime.combine(today, time()))
        for spec in _wanted(claim):
            days = days_of(stage, spec, today, HISTORY_FROM)
            answers = Answers(stage, claim_sql(spec))
            for (verdict, _, cause), _ in beside_first_prints(answers, spec, verdicts(answers, spec, days)):
                yield verdict, cause


def _wanted(claim: str) -> list[ClaimSpec]:
    """The claims asked for. Raises Refused when there is none of that name."""
    wanted = [spec for spec in catalog().claims.values() if claim in {"", spec.id}]
    if not wanted:
        raise Refused(f"there is no claim {claim!r}", remedy="`capex-signals claims` lists them")
    return wanted


def page(settings: Settings, out: Path | None) -> Path:
    """Where the newest page lies; copied to `out` when given."""
    path = Home(settings.root).report / "index.html"
    return query.copy_page(path, out)
