"""The two ledgers beside the archive: every specification ever evaluated, and every verdict ever published.

Both are append-only. A specification is registered before it is evaluated, so a threshold that is changed after
looking at the data shows as a second line; a verdict is noted after it was published.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson
import polars as pl

from config.contracts import INSTANT
from config.specs import ClaimSpec
from warehouse.archive import journal
from warehouse.home.layout import Home

SPECIFICATION: pl.Schema = pl.Schema(
    {
        "claim_id": pl.String(), "version": pl.Int32(), "specification_hash": pl.String(), "registered_at": INSTANT,
        "specification": pl.String(),
    }
)  # fmt: skip
COMPARED = ("verdict", "statistic", "low", "high", "n", "specification_hash", "code_version")
DATES, INSTANTS, LISTS = ("as_of",), ("published_at",), ("flags", "evidence")


def register(home: Home, evaluated: Sequence[tuple[ClaimSpec, str, str]], now: datetime) -> None:
    """Note each specification, with the SQL that decides and the hash of both, the first time it is evaluated."""
    known = set(journal.read_as(home.specifications, lambda record: (record["claim_id"], record["specification_hash"])))
    new = [
        {
            "claim_id": spec.id,
            "specification_hash": specification_hash,
            "registered_at": now,
            "specification": {**orjson.loads(spec.model_dump_json()), "sql": sql},
        }
        for spec, sql, specification_hash in evaluated
        if (spec.id, specification_hash) not in known
    ]
    journal.append(home.specifications, new)


def specifications(home: Home) -> pl.DataFrame:
    """Every specification ever evaluated, one row each, with its number among those of its claim (1 is the first)."""
    counts: dict[str, int] = {}

    def numbered(record: dict[str, Any]) -> dict[str, Any]:
        version = counts[record["claim_id"]] = counts.get(record["claim_id"], 0) + 1
        return {
            "claim_id": record["claim_id"], "version": version, "specification_hash": record["specification_hash"],
            "registered_at": datetime.fromisoformat(record["registered_at"]),
            "specification": canonical(record["specification"]),
        }  # fmt: skip

    return pl.DataFrame(list(journal.read_as(home.specifications, numbered)), schema=SPECIFICATION)


def said(home: Home) -> list[dict[str, Any]]:
    """Every verdict that was published, oldest first."""
    return list(journal.read_as(home.verdicts, _typed))


def news(home: Home, verdicts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of the verdicts that differ from what was last said of their claim."""
    last = {record["claim_id"]: record for record in said(home)}
    return [verdict for verdict in verdicts if _differs(verdict, last.get(verdict["claim_id"]))]


def publish(home: Home, verdicts: list[dict[str, Any]]) -> None:
    """Note the news among the verdicts."""
    journal.append(home.verdicts, news(home, verdicts))


def alerts(home: Home) -> list[dict[str, Any]]:
    """Every alert that was told, oldest first."""
    return list(journal.read_as(home.alerts, _alert))


def note_alerts(home: Home, records: list[dict[str, Any]]) -> None:
    """Note alerts as told."""
    journal.append(home.alerts, records)


def canonical(value: Any) -> str:
    """JSON with sorted keys."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=dict).decode()


def _differs(verdict: dict[str, Any], before: dict[str, Any] | None) -> bool:
    return (
        before is None
        or any(verdict[name] != before[name] for name in COMPARED)
        or sorted(verdict["flags"]) != sorted(before["flags"])
    )


def _alert(record: dict[str, Any]) -> dict[str, Any]:
    if missing := {"kind", "subject", "text_en", "text_zh", "at", "id"} - record.keys():
        raise KeyError(*missing)
    return record


def _typed(record: dict[str, Any]) -> dict[str, Any]:
    dates = {name: date.fromisoformat(record[name]) for name in DATES}
    instants = {name: datetime.fromisoformat(record[name]) for name in INSTANTS}
    if missing := {"claim_id", "flags", *COMPARED} - record.keys():
        raise KeyError(*missing)
    return {**record, **dates, **instants}
