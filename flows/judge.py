"""Every claim on every day on which its evidence changed: evidence from the staged file, verdict from transforms."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from config.contracts import INSTANT
from config.specs import ClaimSpec
from config.version import code_version
from flows.pipeline import Pipeline
from transforms.verdicts import Verdict, judge_claim, specification_hash
from warehouse import ledger
from warehouse.evidence import claim_sql, evidence
from warehouse.publish import published_history
from warehouse.stage import Stage

HISTORY_FROM = date(2023, 1, 1)

# Where new rows can move a verdict. Reference rates change every day, but only convert what is shown beside it.
WORKERS = 2
DECIDING = ("company_period", "price_state", "board_lead")

VERDICT: pl.Schema = pl.Schema(
    {
        "claim_id": pl.String(), "as_of": pl.Date(), "verdict": pl.String(), "statistic": pl.Float64(),
        "statistic_unit": pl.String(), "low": pl.Float64(), "high": pl.Float64(), "n": pl.Int64(), "minimum_n": pl.Int64(),
        "flags": pl.List(pl.String()), "detail_en": pl.String(), "detail_zh": pl.String(),
        "evidence": pl.List(pl.String()), "specification_hash": pl.String(), "code_version": pl.String(),
        "newest_known_at": INSTANT,
    }
)  # fmt: skip
SAID = pl.Schema(
    [*((name, kind) for name, kind in VERDICT.items() if name != "newest_known_at"), ("published_at", INSTANT)]
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The newest verdict of one claim with the evidence it rests on."""

    spec: ClaimSpec
    verdict: Verdict
    evidence: pl.DataFrame


def judge_all(pipeline: Pipeline, stage: Stage, today: date) -> list[Judged]:
    """Judge every claim on every day since 2023 on which its evidence changed, and put the verdicts into the stage.

    What the published file says of earlier days is taken over as far as it must be the same: same code, same
    specification, and nothing different known by then.
    """
    before = Before.read(pipeline, stage)
    specs = list(pipeline.catalog.claims.values())
    for spec in specs:
        ledger.register(pipeline.home, spec, specification_hash(spec, claim_sql(spec)), pipeline.clock())
    # DuckDB and Polars let go of the interpreter's lock: two claims at a time on two cores.
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        judged = list(pool.map(lambda spec: _judge_one(stage, spec, today, before), specs))
    rows = [row for found, _ in judged for row in found]
    newest = [last for _, last in judged]
    stage.put("history.verdict", pl.DataFrame(rows, schema=VERDICT).sort("claim_id", "as_of"))
    stage.put("history.claim", _claims(pipeline))
    news = ledger.news(pipeline.home, [_said(judged, stage.published_at) for judged in newest])
    said = [*ledger.said(pipeline.home), *news]
    stage.put("history.published_verdict", pl.DataFrame(said, schema=SAID))
    return newest


def _judge_one(stage: Stage, spec: ClaimSpec, today: date, before: Before) -> tuple[list[dict[str, Any]], Judged]:
    """The verdict rows of one claim, and the newest with its evidence."""
    rows, resumed = before.verdicts(spec.id, specification_hash(spec, claim_sql(spec)))
    with stage.beside() as own:
        for verdict, found in verdicts(own, spec, _days(own, spec, today, resumed)):
            rows.append({**asdict(verdict), "newest_known_at": found["known_at"].max()})
            last = Judged(spec, verdict, found)
    return rows, last


@dataclass(frozen=True, slots=True)
class Before:
    """The verdicts of the published file, and the first day from which the staged one knows something else."""

    rows: pl.DataFrame
    same_until: date

    @classmethod
    def read(cls, pipeline: Pipeline, stage: Stage) -> Before:
        published = published_history(pipeline.home)
        if published is None or set(published.verdicts.columns) != set(VERDICT):  # none, or of another version
            return cls(pl.DataFrame(schema=VERDICT), HISTORY_FROM)
        return cls(published.verdicts.cast(VERDICT), stage.first_difference(published.fingerprints))

    def verdicts(self, claim_id: str, specification: str) -> tuple[list[dict[str, Any]], date]:
        """The rows of one claim that still hold as they stand, and the day from which to judge again.

        The newest row of a file is of the day it was published, whether or not anything had changed: it never
        holds. Judging resumes on the last day that does, so that the rows after it show changes only.
        """
        known = self.rows.filter(pl.col("claim_id") == claim_id)
        held = known.filter(
            (pl.col("specification_hash") == specification)
            & (pl.col("code_version") == code_version())
            & (pl.col("as_of") < self.same_until)
            & (pl.col("as_of") < pl.col("as_of").max())
        ).sort("as_of")
        if held.is_empty():
            return [], HISTORY_FROM
        return held[:-1].to_dicts(), held["as_of"][-1]


def verdicts(stage: Stage, spec: ClaimSpec, days: list[date]) -> Iterator[tuple[Verdict, pl.DataFrame]]:
    """(verdict, evidence) for the first of `days`, for each day on which the evidence differs, and for the last."""
    sql = claim_sql(spec)
    at_assertion = evidence(stage.connection, sql, spec.asserted_at, spec.id)
    before: pl.DataFrame | None = None
    for day in days:
        found = evidence(stage.connection, sql, day, spec.id)
        if before is None or not found.equals(before) or day == days[-1]:
            public = at_assertion if day >= spec.asserted_at else None
            yield judge_claim(spec, found, day, code_version(), sql=sql, at_assertion=public), found
        before = found


def publish_verdicts(pipeline: Pipeline, newest: list[Judged], published_at: datetime) -> None:
    """Note in the ledger what has just been published."""
    ledger.publish(pipeline.home, [_said(judged, published_at) for judged in newest])


def _said(judged: Judged, published_at: datetime) -> dict[str, Any]:
    return {**asdict(judged.verdict), "published_at": published_at}


def _days(stage: Stage, spec: ClaimSpec, today: date, first: date) -> list[date]:
    """The days from `first` on on which anything of the claim's sources became known. An instant claim ends at its day."""
    last = min(today, spec.asserted_at) if spec.frozen_at_assertion else today
    union = " UNION ".join(
        f"SELECT DISTINCT CAST(known_at AS DATE) AS day FROM history.{table} WHERE list_contains($sources, source)"
        for table in DECIDING
    )
    found = stage.frame(
        f"SELECT day FROM ({union}) WHERE day > $first AND day < $last ORDER BY day",
        {"sources": list(spec.sources), "first": first, "last": last},
    )
    return [*([first] if first < last else []), *found["day"].to_list(), last]


def _claims(pipeline: Pipeline) -> pl.DataFrame:
    rows = []
    for spec in pipeline.catalog.claims.values():
        stated = spec.model_dump(mode="json", exclude={"id", "stem", "parameters"})
        parameters = ledger.canonical(spec.parameters)
        rows.append(
            {
                **stated, "claim_id": spec.id, "asserted_at": spec.asserted_at, "registered_at": spec.registered_at,
                "parameters": parameters, "specification_hash": specification_hash(spec, claim_sql(spec)),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
