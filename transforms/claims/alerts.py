"""What a reader should be told of a run: verdicts that changed, claims that became decidable, late sources, revisions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from config.load import catalog
from transforms.claim_tests.wording import amount_en, amount_zh, name_en, name_zh, verdict_en, verdict_zh

UNDECIDED = "undetermined"


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to be told, once: the same kind, subject and text give the same id."""

    kind: str  # verdict_changed, became_decidable, source_late, source_refused or revision
    subject: str
    text_en: str
    text_zh: str
    at: datetime

    @property
    def id(self) -> str:
        return hashlib.sha256(f"{self.kind}|{self.subject}|{self.text_en}".encode()).hexdigest()[:24]

    def record(self) -> dict[str, Any]:
        """As one line of the journal."""
        return {**asdict(self), "id": self.id}


def verdict_alerts(
    said: Mapping[str, Mapping[str, Any]], now: Iterable[Mapping[str, Any]], at: datetime
) -> list[Alert]:
    """Verdicts that differ from what was last published of the claim (`said`: claim_id to row). A first verdict is none.

    `why_en` and `why_zh` of a row name the document that made the difference, in the words of verdict_flip.
    """
    found = []
    for row in now:
        before = said.get(row["claim_id"])
        if before is None or before["verdict"] == row["verdict"]:
            continue
        kind = "became_decidable" if before["verdict"] == UNDECIDED else "verdict_changed"
        day = row["as_of"]
        found.append(
            Alert(
                kind,
                row["claim_id"],
                f"{row['claim_id']} as of {day}: {verdict_en(before['verdict'])} became {verdict_en(row['verdict'])}. {row['detail_en']} {row['why_en']}",
                f"{row['claim_id']}（{day}）：由{verdict_zh(before['verdict'])}轉為{verdict_zh(row['verdict'])}。{row['detail_zh']}{row['why_zh']}",
                at,
            )
        )
    return found


def late_alerts(sources: Iterable[Mapping[str, Any]], at: datetime) -> list[Alert]:
    """Sources that are older than their cadence: told once for each last good capture."""
    return [
        Alert(
            "source_late",
            row["source"],
            f"{_titles(row['source'])[0]} is late: last good capture {row['last_good_at']:%Y-%m-%d}, every {row['cadence_days']:g} days expected.",
            f"{_titles(row['source'])[1]} 逾期：上次擷取 {row['last_good_at']:%Y-%m-%d}，應每 {row['cadence_days']:g} 天一次。",
            at,
        )
        for row in sources
        if row["state"] == "late" and row["last_good_at"] is not None
    ]


def refused_alerts(sources: Iterable[Mapping[str, Any]], at: datetime) -> list[Alert]:
    """Sources whose last capture was refused: told once for each reason."""
    return [
        Alert(
            "source_refused",
            row["source"],
            f"{_titles(row['source'])[0]}: the last capture was refused; the last good figures stay. {row['last_reason']}",
            f"{_titles(row['source'])[1]}：最近一次擷取遭拒，沿用上次正確的數字。{row['last_reason']}",
            at,
        )
        for row in sources
        if row["state"] == "refused"
    ]


def revision_alerts(rows: Iterable[Mapping[str, Any]], at: datetime) -> list[Alert]:
    """Figures of companies restated by more than the threshold (rows: company, metric, unit, period_end, before, after)."""
    return [
        Alert(
            "revision",
            f"{row['company']} {row['metric']} {row['period_end']}",
            f"{row['company']}, {name_en(row['metric'])} of the period to {row['period_end']}: restated from "
            f"{amount_en(row['before'], row['unit'])} to {amount_en(row['after'], row['unit'])} ({_change(row)}).",
            f"{row['company']} {name_zh(row['metric'])}（至 {row['period_end']}）由 {amount_zh(row['before'], row['unit'])}"
            f"修正為 {amount_zh(row['after'], row['unit'])}（{_change(row)}）。",
            at,
        )
        for row in rows
    ]


def _titles(source: str) -> tuple[str, str]:
    """What a source is called, in English and in Chinese."""
    known = catalog().sources.get(source)
    return (known.title, known.title_zh or known.title) if known else (source, source)


def _change(row: Mapping[str, Any]) -> str:
    return f"{100 * (row['after'] / row['before'] - 1):+.1f}%"
