"""Every claim on every day on which its evidence changed: evidence from the staged file, verdict from transforms."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import polars as pl

from config.contracts import EVIDENCE, INSTANT
from config.specs import ClaimSpec
from config.version import code_version
from flows.steps.next_evidence import put_awaited, waiting_for_overdue_prints
from flows.steps.pipeline import Pipeline
from flows.steps.verdict_days import (
    HISTORY_FROM,
    WORKERS,
    Answers,
    Said,
    days_of,
    judged,
    verdicts,
)
from transforms.claim_tests.outcome import Sentences
from transforms.claims.changes import TIME
from transforms.claims.evidence_spans import SPAN, spans
from transforms.claims.variants import VARIANT, by_vintage, variants
from transforms.claims.verdicts import (
    CONTRADICTED_AT_ASSERTION,
    Verdict,
    days_moving,
    is_opposed,
    judge_claim,
    specification_hash,
)
from warehouse.archive import verdict_ledger
from warehouse.evidence.as_of import AS_OF, first_prints
from warehouse.evidence.claim_query import claim_sql
from warehouse.evidence.reads import reads
from warehouse.evidence.said import sentences
from warehouse.published.stage import Stage
from warehouse.published.swap import history_of, published_history

OVERDUE = "overdue"
OF_TIME = frozenset({"token_price_as_of", "token_price_on", "model_price_as_of", "model_price_on", "fx_rate_as_of"})

VERDICT: pl.Schema = pl.Schema(
    {
        "claim_id": pl.String(), "as_of": pl.Date(), "verdict": pl.String(), "statistic": pl.Float64(),
        "statistic_unit": pl.String(), "low": pl.Float64(), "high": pl.Float64(), "n": pl.Int64(), "minimum_n": pl.Int64(),
        "flags": pl.List(pl.String()), "detail_en": pl.String(), "detail_zh": pl.String(), "flips_en": pl.String(),
        "flips_zh": pl.String(), "evidence": pl.List(pl.String()), "specification_hash": pl.String(),
        "code_version": pl.String(), "cause": pl.String(), "newest_known_at": INSTANT,
    }
)  # fmt: skip
COMPUTED_HERE = ("cause", "newest_known_at")
SAID = pl.Schema(
    [*((name, kind) for name, kind in VERDICT.items() if name not in COMPUTED_HERE), ("published_at", INSTANT)]
)


@dataclass(frozen=True, slots=True)
class Judged:
    """The newest verdict of one claim with the evidence it rests on, and how it would be decided otherwise."""

    spec: ClaimSpec
    verdict: Verdict
    evidence: pl.DataFrame
    variants: tuple[dict[str, Any], ...] = ()

    def overdue(self) -> Judged:
        """The same, flagged as waiting for a print that should be there."""
        flags = tuple(sorted({*self.verdict.flags, OVERDUE}))
        return replace(self, verdict=replace(self.verdict, flags=flags))


def judge_all(pipeline: Pipeline, stage: Stage, today: date) -> list[Judged]:
    """Judge every claim on every day since 2023 on which its evidence changed, and put the verdicts into the stage.

    What the published file says of earlier days is taken over as far as it must be the same: same code, same
    specification, and nothing that the claim reads known differently by then.
    """
    before = Before.read(pipeline, stage, today)
    specs = list(pipeline.catalog.claims.values())
    verdict_ledger.register(
        pipeline.home,
        [(spec, claim_sql(spec), specification_hash(spec, claim_sql(spec))) for spec in specs],
        pipeline.clock(),
    )
    # DuckDB and Polars let go of the interpreter's lock: two claims at a time on two cores.
    words = sentences(stage.connection)
    with stage.one_thread_a_query(), ThreadPoolExecutor(max_workers=WORKERS) as pool:
        groups = pool.map(lambda group: _judge_group(stage, group, today, before, words), _sharing(specs))
        judged = sorted((one for group in groups for one in group), key=lambda one: one[1].spec.id)
    rows = [row for found, _ in judged for row in found.new]
    held = [found.held for found, _ in judged]
    stage.put("history.verdict", pl.concat([*held, pl.DataFrame(rows, schema=VERDICT)]).sort("claim_id", "as_of"))
    stage.put("history.evidence_span", _evidence_spans(stage, [found for found, _ in judged]))
    stage.write_out()
    stage.put("history.claim", _claims(pipeline))
    put_awaited(stage, specs)
    late = waiting_for_overdue_prints(stage, today)
    stage.flag_newest(late, OVERDUE)
    newest = [last.overdue() if last.spec.id in late else last for _, last in judged]
    stage.put(
        "history.verdict_variant", pl.DataFrame([row for last in newest for row in last.variants], schema=VARIANT)
    )
    stage.put("history.specification", verdict_ledger.specifications(pipeline.home))
    news = verdict_ledger.news(pipeline.home, [_said(judged, stage.published_at) for judged in newest])
    said = [*verdict_ledger.said(pipeline.home), *news]
    stage.put("history.published_verdict", pl.DataFrame(said, schema=SAID))
    stage.write_out()
    return _addressed(stage, newest)


@dataclass(frozen=True, slots=True)
class VerdictRows:
    """The verdicts of one claim: those of the published file that hold, and those of now, both of VERDICT, in order of days."""

    held: pl.DataFrame
    new: list[dict[str, Any]]
    spans: pl.DataFrame  # claim_id and SPAN: what each day's verdict rests on


def _sharing(specs: list[ClaimSpec]) -> list[list[ClaimSpec]]:
    """The claims grouped by their query: what one has asked, the other need not ask again."""
    groups: dict[str, list[ClaimSpec]] = {}
    for spec in specs:
        groups.setdefault(claim_sql(spec), []).append(spec)
    return list(groups.values())


def _judge_group(
    stage: Stage, specs: list[ClaimSpec], today: date, before: Before, said: Sentences
) -> list[tuple[VerdictRows, Judged]]:
    with stage.beside() as own:
        answers = Answers(own, claim_sql(specs[0]), said)
        return [_judge_one(spec, today, before, answers) for spec in specs]


def _judge_one(spec: ClaimSpec, today: date, before: Before, answers: Answers) -> tuple[VerdictRows, Judged]:
    """The verdict rows of one claim, and the newest with its evidence."""
    sql = answers.sql
    known = before.known(spec, specification_hash(spec, sql))
    same_until = before.same_until(sql, spec)
    held, resumed = before.verdicts(known, same_until)
    days = days_of(answers.stage, spec, today, resumed)
    if not known.is_empty() and same_until > days[-1] and _stands_still(answers, known["as_of"][-1], days):
        found = before.newest_evidence(spec)
        if found is None:
            found = answers.evidence(days[-1:], spec)[days[-1]]
        held, told = _quiet(spec, known, days[-1], answers, found)
    else:
        told = _anew(spec, held, _to_ask(days, known, same_until), answers, known)
    new, rests_on = [], []
    for (verdict, found, cause), first in beside_first_prints(answers, spec, told):
        new.append({**asdict(verdict), "cause": cause, "newest_known_at": found["known_at"].max()})
        rests_on.append((verdict.as_of, found))
        last, first_said = Judged(spec, verdict, found), first
    on = spans(rests_on, before.spans_of(spec, held)).with_columns(claim_id=pl.lit(spec.id))
    return VerdictRows(held, new, on), replace(
        last, variants=variants(spec, last.verdict, last.evidence, first_said, sql=sql, said=answers.said)
    )


def beside_first_prints(answers: Answers, spec: ClaimSpec, told: Iterator[Said]) -> Iterator[tuple[Said, Verdict]]:
    """What was told of each day, flagged where first prints alone decide otherwise, and the verdict on those."""
    every, other = list(told), first_prints(answers.sql)
    days = [verdict.as_of for verdict, _, _ in every]
    asked = {} if other == answers.sql else Answers(answers.stage, other, answers.said).evidence(days, spec)
    for verdict, found, cause in every:
        first = verdict
        if asked:
            first = judge_claim(
                spec, asked[verdict.as_of], verdict.as_of, code_version(), sql=answers.sql, said=answers.said
            )
        yield (by_vintage(verdict, first), found, cause), first


def _anew(
    spec: ClaimSpec, held: pl.DataFrame, days: list[date], answers: Answers, known: pl.DataFrame
) -> Iterator[Said]:
    """The verdicts since the last row that holds; that row itself keeps its cause."""
    causes = dict(known.select("as_of", "cause").iter_rows())
    for verdict, found, cause in verdicts(answers, spec, days, _opposed(held, spec)):
        goes_on = not held.is_empty() and verdict.as_of == days[0]
        yield verdict, found, (causes.get(verdict.as_of) or cause) if goes_on else cause


def _to_ask(days: list[date], known: pl.DataFrame, same_until: date) -> list[date]:
    """The days without those between the last row that holds and the newest: the published file shows no change on them."""
    settled = days[0] if known.is_empty() else min(same_until, known["as_of"][-1])
    return [day for day in days if day in (days[0], days[-1]) or day >= settled]


def _stands_still(answers: Answers, newest: date, days: list[date]) -> bool:
    """Whether the evidence of the last day must be that of the newest row, where no part of the file differs.

    On the same day it must. Later, where nothing became known between, and where time alone changes no answer: a query that
    counts days back from $as_of moves with it, and which price list speaks depends on how old its newest capture is.
    """
    if newest == days[-1]:
        return True
    found = reads(answers.sql)
    moving = len(AS_OF.findall(answers.sql)) > len(found) or any(read.macro in OF_TIME for read in found)
    return not moving and not any(newest < day < days[-1] for day in days)


def _quiet(
    spec: ClaimSpec, known: pl.DataFrame, last: date, answers: Answers, found: pl.DataFrame
) -> tuple[pl.DataFrame, Iterator[Said]]:
    """The rows that hold of a claim of which nothing new is known, and what is told since: `found` is what its newest row rests on.

    The newest row was that of its day, whether or not anything had changed on it: it stays where something had.
    """
    newest, why = known["as_of"][-1], known["cause"][-1]
    opposed = _opposed(known, spec)
    if opposed is None and last >= spec.asserted_at:
        opposed = is_opposed(spec, answers.evidence([spec.asserted_at], spec)[spec.asserted_at])
    # What the newest row said is judged again only where time moves something between: those days are told beside it.
    days = [newest, last] if days_moving(spec, found, newest, last) else [last]
    told = list(judged(spec, [(day, found) for day in days], answers, opposed=bool(opposed)))[len(days) - 1 :]
    held = known.head(-1)
    if newest < last and (why != TIME or _says(known.row(-2, named=True)) != _says(known.row(-1, named=True))):
        held = known.with_columns(flags=pl.col("flags").list.eval(pl.element().filter(pl.element() != OVERDUE)))
    return held, ((verdict, rests, why if newest == last else TIME) for verdict, rests, _ in told)


def _says(row: dict[str, Any]) -> tuple[object, ...]:
    """Word, figures and flags of a published row, without what the calendar gives a newest row afterwards."""
    flags = [flag for flag in row["flags"] if flag != OVERDUE]
    return row["verdict"], row["statistic"], row["low"], row["high"], row["n"], flags


def _opposed(rows: pl.DataFrame, spec: ClaimSpec) -> bool | None:
    """What the rows that still hold say of the day of assertion; None where they do not reach it."""
    if rows.is_empty() or rows["as_of"][-1] < spec.asserted_at:
        return None
    return CONTRADICTED_AT_ASSERTION in rows["flags"][-1].to_list()


@dataclass(frozen=True, slots=True)
class Before:
    """The verdicts of the published file with what the newest rest on, and for each part of the staged one the first day
    that differs."""

    rows: pl.DataFrame
    evidence: pl.DataFrame | None
    differs: dict[str, date] | None
    spans: pl.DataFrame | None = None

    @classmethod
    def read(cls, pipeline: Pipeline, stage: Stage, today: date) -> Before:
        # What was begun as the published file holds the same rows, and is open already.
        published = history_of(stage.connection) if stage.resumed else published_history(pipeline.home)
        if published is None or set(published.verdicts.columns) != set(VERDICT):  # none, or of another version
            return cls(pl.DataFrame(schema=VERDICT), None, None)
        # Days after today were judged by a clock that was ahead.
        told = published.verdicts.select(VERDICT.names()).cast(VERDICT)
        verdicts = told.filter(pl.col("as_of") <= today)
        of_newest = published.spans if verdicts.height == told.height else None
        differs = stage.first_differences(published.fingerprints)
        return cls(verdicts.sort("as_of"), of_newest, differs, published.spans)

    def spans_of(self, spec: ClaimSpec, held: pl.DataFrame) -> pl.DataFrame:
        """What the verdicts that hold rest on, day by day (SPAN); none where none holds."""
        if self.spans is None or held.is_empty():
            return pl.DataFrame(schema=SPAN)
        return self.spans.filter(pl.col("claim_id") == spec.id)

    def newest_evidence(self, spec: ClaimSpec) -> pl.DataFrame | None:
        """What the newest published verdict of one claim rests on, as a query gives it; None where the file does not say."""
        if self.evidence is None:
            return None
        held = self.evidence.filter(pl.col("claim_id") == spec.id, pl.col("until_on").is_null())
        return held.select(list(EVIDENCE)).cast(EVIDENCE).sort(list(EVIDENCE))

    def known(self, spec: ClaimSpec, specification: str) -> pl.DataFrame:
        """The published rows of one claim by this very specification and code, in order of days."""
        return self.rows.filter(
            (pl.col("claim_id") == spec.id)
            & (pl.col("specification_hash") == specification)
            & (pl.col("code_version") == code_version())
        )

    def same_until(self, sql: str, spec: ClaimSpec) -> date:
        """The first day on which something the claim reads is known differently than in the published file."""
        if self.differs is None:
            return HISTORY_FROM
        parts = {table for read in reads(sql, spec.id) for table in read.tables} | {"source", "model_alias"}
        return min((day for part, day in self.differs.items() if part in parts), default=date.max)

    def verdicts(self, known: pl.DataFrame, same_until: date) -> tuple[pl.DataFrame, date]:
        """The rows of one claim that still hold as they stand, and the day from which to judge again.

        The newest row of a file is of the day it was published, whether or not anything had changed: it never
        holds. Judging resumes on the last day that does, so that a change of the newest day keeps its day and its cause
        in later nights, and the rows after it show changes only.
        """
        held = known.head(-1).filter(pl.col("as_of") < same_until)
        return (held, HISTORY_FROM) if held.is_empty() else (held.head(-1), held["as_of"][-1])


def publish_verdicts(pipeline: Pipeline, newest: list[Judged], published_at: datetime) -> None:
    """Note in the ledger what has just been published."""
    verdict_ledger.publish(pipeline.home, [_said(judged, published_at) for judged in newest])


def _said(judged: Judged, published_at: datetime) -> dict[str, Any]:
    return {**asdict(judged.verdict), "published_at": published_at}


def _addressed(stage: Stage, newest: list[Judged]) -> list[Judged]:
    """The evidence of the newest verdicts with source, document, address and when we had it: one query for all."""
    together = pl.concat(item.evidence.with_columns(claim_id=pl.lit(item.spec.id)) for item in newest)
    told = stage.provenance(together["evidence"].unique().to_list())
    joined = together.join(told, on="evidence", how="left", maintain_order="left")
    return [
        replace(item, evidence=joined.filter(pl.col("claim_id") == item.spec.id).drop("claim_id")) for item in newest
    ]


def _evidence_spans(stage: Stage, found: list[VerdictRows]) -> pl.DataFrame:
    """What each verdict of each day rests on, with source, document, address, tier and when we had it."""
    together = pl.concat(rows.spans for rows in found)
    told = stage.provenance(together["evidence"].drop_nulls().unique().to_list())
    joined = together.join(told, on="evidence", how="left")
    return joined.sort("claim_id", "from_on", "series", "observed_on", "known_at", "evidence", "label")


def _claims(pipeline: Pipeline) -> pl.DataFrame:
    rows = []
    for spec in pipeline.catalog.claims.values():
        stated = spec.model_dump(
            mode="json",
            exclude={"id", "stem", "parameters", "printed", "evidence_of", "takes", "definitions_apart", "chains"},
        )
        parameters = verdict_ledger.canonical(spec.parameters)
        rows.append(
            {
                **stated, "claim_id": spec.id, "asserted_at": spec.asserted_at, "registered_at": spec.registered_at,
                "parameters": parameters, "specification_hash": specification_hash(spec, claim_sql(spec)),
            }
        )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None)
