"""Alerts of a run: into the journal and the feeds of the home folder, to Prefect, and to whoever is to be notified."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from urllib.parse import parse_qsl, urlsplit

import requests

from config.terms import terms
from flows.steps.judge import Judged
from flows.steps.pipeline import Pipeline, Say
from transforms.claims.alerts import Alert, late_alerts, refused_alerts, revision_alerts, verdict_alerts
from transforms.site.feed import render_atom, render_json_feed
from transforms.site.why import why
from warehouse.archive import verdict_ledger
from warehouse.evidence.said import sentences as said_by
from warehouse.home.layout import write_atomically
from warehouse.published.stage import Stage

# A figure of one source, period and definition that a later filing states otherwise, by more than so many per cent. New is
# what we had not loaded at the last publication: a filing of the evening before is known before that run, and read after it.
# What was filed long before is no news, however late it is loaded: a backfill tells nothing.
# A longer piece of an address's path may be a token.
MAX_PLAIN_PIECE = 3
REVISIONS = """
    SELECT company, metric, unit, period_end, before, value AS after, known_at FROM (
        SELECT *, lag(value) OVER (PARTITION BY series_id ORDER BY seq) AS before
        FROM history.company_period
        WHERE metric IS NOT NULL AND status NOT IN ('absent', 'withdrawn', 'derived') AND period_kind IN ('quarter', 'year', 'instant'))
    WHERE before IS NOT NULL AND before <> 0 AND first_seen_at > $since AND known_at > $since - INTERVAL 14 DAY
        AND abs(value / before - 1) > $pct / 100.0
    ORDER BY company, metric, period_end, seq"""

# What turned each verdict last; alert, feed and page say it in the same sentence.
NEWEST_FLIPS = "FROM verdict_lead"


def collect(pipeline: Pipeline, stage: Stage, judged: Iterable[Judged]) -> list[Alert]:
    """What this run has to tell that no earlier one told. The first run of a home tells nothing: all of it is new."""
    said = {record["claim_id"]: record for record in verdict_ledger.said(pipeline.home)}
    if not said:
        return []
    at = stage.published_at
    sentences = said_by(stage.connection)
    turned = {row["claim_id"]: why(row, sentences, terms()) for row in stage.frame(NEWEST_FLIPS).iter_rows(named=True)}
    now = [
        {"claim_id": item.spec.id, "as_of": item.verdict.as_of, "verdict": item.verdict.verdict,
         "detail_en": item.verdict.detail_en, "detail_zh": item.verdict.detail_zh,
         "why_en": turned[item.spec.id].en, "why_zh": turned[item.spec.id].zh}
        for item in judged
    ]  # fmt: skip
    since = max(record["published_at"] for record in said.values())
    revisions = stage.frame(REVISIONS, {"since": since, "pct": pipeline.settings.revision_alert_pct})
    sources = stage.frame("FROM freshness").to_dicts()
    found = [
        *verdict_alerts(said, now, at),
        *late_alerts(sources, at),
        *refused_alerts(sources, at),
        *revision_alerts(revisions.iter_rows(named=True), at),
    ]
    told = {record["id"] for record in verdict_ledger.alerts(pipeline.home)}
    return [alert for alert in found if alert.id not in told]


def publish(pipeline: Pipeline, alerts: list[Alert], at: datetime, say: Say) -> None:
    """Note the alerts, write both feeds anew, and notify. A receiver that does not answer never fails the run."""
    verdict_ledger.note_alerts(pipeline.home, [alert.record() for alert in alerts])
    records = verdict_ledger.alerts(pipeline.home)
    write_atomically(pipeline.home.report / "feed.json", render_json_feed(records).encode())
    write_atomically(pipeline.home.report / "feed.atom", render_atom(records, at).encode())
    for alert in alerts:
        say(f"alert: {alert.text_en}")
    if alerts and (address := pipeline.settings.notify.get_secret_value()):
        try:
            notify(address, pipeline.settings.connect_timeout_s, alerts)
        except Exception as error:  # whatever the receiver does, the answer stands
            say(f"notification failed: {_without(address, f'{type(error).__name__}: {error}')}")


def _without(address: str, text: str) -> str:
    """The text without the address or any part of it that may be its secret: path, query, login."""
    parts = urlsplit(address)
    pieces = {address, parts.netloc, parts.path, parts.query, parts.username or "", parts.password or ""}
    secret = [piece for piece in pieces if len(piece) > 1]
    secret += [piece for piece in parts.path.split("/") if len(piece) > MAX_PLAIN_PIECE]
    secret += [value for _, value in parse_qsl(parts.query) if len(value) > MAX_PLAIN_PIECE]
    for piece in sorted(secret, key=len, reverse=True):
        text = text.replace(piece, "***")
    return text


def notify(address: str, timeout_s: float, alerts: list[Alert]) -> None:
    """One message with all alerts: as JSON to an http(s) address, else through Apprise. Raises when it is not accepted."""
    body = "\n".join(f"{alert.text_zh}\n{alert.text_en}" for alert in alerts)
    if urlsplit(address).scheme in ("http", "https"):
        answer = requests.post(
            address,
            json={
                "title": "capex-signals",
                "text": body,
                "alerts": [{**alert.record(), "at": alert.at.isoformat()} for alert in alerts],
            },
            timeout=timeout_s,
        )
        answer.raise_for_status()
        return
    import apprise  # noqa: PLC0415  heavy, and only for those who use it

    receiver = apprise.Apprise()
    if not receiver.add(address) or not receiver.notify(title="capex-signals", body=body):
        raise ValueError("the Apprise address was not accepted, or did not take the message")
