"""From evidence to verdict: the claim's test, the minimum of observations, the flags, and the hash of what decides."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

import polars as pl

from config.contracts import EVIDENCE
from config.errors import Refused
from config.specs import ClaimSpec
from transforms.claim_tests import claim_test, parameters_of, place_of
from transforms.claim_tests.outcome import Context, Outcome, Sentences, VerdictName
from transforms.claim_tests.reading import check_series
from transforms.claim_tests.wording import spaced

CONTRADICTED_AT_ASSERTION = "contradicted_at_assertion"
UNTESTED = ("not_testable", "scenario")


@dataclass(frozen=True, slots=True)
class Verdict:
    """One claim on one day. `statistic`, `low` and `high` are in `statistic_unit`; `evidence` are evidence_ids, sorted."""

    claim_id: str
    as_of: date
    verdict: VerdictName
    statistic: float | None
    statistic_unit: str
    low: float | None
    high: float | None
    n: int
    minimum_n: int
    flags: tuple[str, ...]
    detail_en: str
    detail_zh: str
    flips_en: str
    flips_zh: str
    evidence: tuple[str, ...]
    specification_hash: str
    code_version: str


def specification_text(spec: ClaimSpec, sql: str) -> str:
    """The canonical JSON of everything that decides. Titles, statements and citation are for the reader and may be reworded."""
    decides = spec.model_dump(
        mode="json",
        include={
            "test",
            "parameters",
            "horizon",
            "minimum_n",
            "asserted_at",
            "refutes_if_en",
            "refutes_if_zh",
            "sources",
        },
    )
    if spec.takes:
        decides["takes"] = dict(spec.takes)
    decides["sql"] = sql.replace("\r\n", "\n").strip()
    return json.dumps(decides, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def specification_hash(spec: ClaimSpec, sql: str) -> str:
    """sha256 over the text of the specification: a new hash is a new version of the claim."""
    return hashlib.sha256(specification_text(spec, sql).encode()).hexdigest()


def judge_claim(
    spec: ClaimSpec,
    evidence: pl.DataFrame,
    as_of: date,
    code_version: str,
    *,
    sql: str,
    opposed: bool = False,
    said: Sentences | None = None,
) -> Verdict:
    """The verdict on `spec` from the evidence (config.contracts.EVIDENCE) known by the end of `as_of` (UTC).

    `sql` is the text that gave the evidence; it only enters the hash. `opposed` (see is_opposed) says whether what was
    public on the day of assertion refuted it: then, as on that very day, it is flagged contradicted_at_assertion. `said` has what
    the statements among the evidence say, by their short names: the sentences of the verdict name them by it. The order of
    the rows never matters, repeated rows count once, and rows without a finite value are left out and counted. Before the day of assertion the claim is judged on what was
    known then. Raises Refused for a declaration that is wrong, and for evidence not yet known on the day.
    """
    usable, dropped = _usable(spec, evidence, as_of)
    outcome = _decided(spec, _run(spec, usable, as_of, said or {}), dropped)
    return Verdict(
        claim_id=spec.id,
        as_of=as_of,
        verdict=outcome.verdict,
        statistic=outcome.statistic,
        statistic_unit=outcome.statistic_unit,
        low=outcome.low,
        high=outcome.high,
        n=outcome.n,
        minimum_n=spec.minimum_n,
        flags=_flags(spec, outcome, as_of, opposed=opposed),
        detail_en=outcome.detail_en,
        detail_zh=spaced(outcome.detail_zh),
        flips_en=outcome.flips_en or _refutes(spec, "Refutes: ", spec.refutes_if_en),
        flips_zh=spaced(outcome.flips_zh) or _refutes(spec, "推翻條件：", spec.refutes_if_zh),
        evidence=tuple(usable["evidence"].drop_nulls().unique().sort()),
        specification_hash=specification_hash(spec, sql),
        code_version=code_version,
    )


def days_moving(spec: ClaimSpec, evidence: pl.DataFrame, after: date, before: date) -> list[date]:
    """The days between the two on which the same evidence may be told otherwise: a window moves on, a board grows too old."""
    moves = claim_test(spec).moves
    spans = moves(evidence, parameters_of(spec)) if moves else []
    between = (after + timedelta(days=n) for n in range(1, (before - after).days))
    return [day for day in between if any(first <= day <= last for first, last in spans)]


def _refutes(spec: ClaimSpec, lead: str, condition: str) -> str:
    """Where a test can name no value yet, what the claim declares as its refutation."""
    return "" if spec.test in UNTESTED else lead + condition


def _run(spec: ClaimSpec, usable: pl.DataFrame, as_of: date, said: Sentences) -> Outcome:
    context = Context(spec.id, place_of(spec), as_of, spec.asserted_at, spec.test, said)
    test, parameters = claim_test(spec), parameters_of(spec)
    check_series(usable, test.series_of(parameters), context)
    return test.run(usable, parameters, context)


def _usable(spec: ClaimSpec, evidence: pl.DataFrame, as_of: date) -> tuple[pl.DataFrame, int]:
    """The rows a test may see, in one fixed order, and how many had no finite value."""
    if evidence.columns != list(EVIDENCE):
        raise _refused(spec, f"the evidence has the columns {evidence.columns}", f"select {list(EVIDENCE)}")
    rows = evidence.cast(EVIDENCE).unique().sort(list(EVIDENCE))
    end = datetime.combine(as_of + timedelta(days=1), time())
    if not rows.filter(pl.col("known_at").is_null() | (pl.col("known_at") >= end)).is_empty():
        raise _refused(
            spec, f"evidence as of {as_of} holds rows not known by then", "read through the as-of macros with $as_of"
        )
    usable = rows.filter(pl.col("value").is_finite().fill_null(False)).with_columns(
        pl.when(pl.col(end_of).is_finite()).then(pl.col(end_of)).alias(end_of) for end_of in ("low", "high")
    )
    return usable, rows.height - usable.height


def _refused(spec: ClaimSpec, message: str, remedy: str) -> Refused:
    return Refused(message, source=spec.id, place=spec.query_file, remedy=remedy)


def _decided(spec: ClaimSpec, outcome: Outcome, dropped: int) -> Outcome:
    """Too few observations never decide; the detail says how many would, and how many rows had no number."""
    english, chinese = "", ""
    if outcome.verdict not in UNTESTED and outcome.n < spec.minimum_n:
        english = f"Undetermined: n = {outcome.n}, {spec.minimum_n} would decide. "
        chinese = f"資料不足：n = {outcome.n}，需要 {spec.minimum_n} 才能判定。"
        outcome = replace(outcome, verdict="undetermined")
    left_en = f" Left out, without a number: {dropped}." if dropped else ""
    left_zh = f"另有 {dropped} 列沒有數值，未採用。" if dropped else ""
    return replace(
        outcome, detail_en=english + outcome.detail_en + left_en, detail_zh=chinese + outcome.detail_zh + left_zh
    )


def is_opposed(spec: ClaimSpec, at_assertion: pl.DataFrame) -> bool:
    """Whether the evidence known on the day of assertion already refuted the claim."""
    usable, dropped = _usable(spec, at_assertion, spec.asserted_at)
    return _decided(spec, _run(spec, usable, spec.asserted_at, {}), dropped).verdict == "refuted"


def _flags(spec: ClaimSpec, outcome: Outcome, as_of: date, *, opposed: bool) -> tuple[str, ...]:
    contradicted = opposed or (as_of == spec.asserted_at and outcome.verdict == "refuted")
    return tuple(sorted({*outcome.flags, *((CONTRADICTED_AT_ASSERTION,) if contradicted else ())}))
