"""Alerts are told once, in two feeds, and a receiver hears of them over loopback; one that fails breaks nothing."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import duckdb
import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from config.settings import Settings
from flows.steps import alert as step
from flows.steps.pipeline import Pipeline
from transforms.claims.alerts import Alert, late_alerts, revision_alerts, verdict_alerts
from transforms.site.feed import render_atom
from warehouse.archive import verdict_ledger

AT = datetime(2025, 7, 31, 6)
ALERT = Alert("verdict_changed", "C08", "C08 <became> refuted & more", "C08 轉為不成立", AT)


def row(verdict: str, **more: Any) -> dict[str, Any]:
    return {
        "claim_id": "C08",
        "as_of": date(2025, 7, 30),
        "verdict": verdict,
        "detail_en": "39",
        "detail_zh": "39",
        "why_en": "a-release states growth.",
        "why_zh": "某新聞稿：成長。",
        **more,
    }


def test_a_changed_verdict_is_told_and_a_first_or_equal_one_is_not() -> None:
    assert [alert.kind for alert in verdict_alerts({"C08": row("supported")}, [row("refuted")], AT)] == [
        "verdict_changed"
    ]
    assert [alert.kind for alert in verdict_alerts({"C08": row("undetermined")}, [row("refuted")], AT)] == [
        "became_decidable"
    ]
    [told] = verdict_alerts({"C08": row("supported")}, [row("refuted")], AT)
    assert told.text_en.endswith("39 a-release states growth.")
    assert told.text_zh.endswith("39某新聞稿：成長。")
    assert verdict_alerts({"C08": row("refuted")}, [row("refuted")], AT) == []
    assert verdict_alerts({}, [row("refuted")], AT) == []


def test_late_sources_and_large_revisions_are_told() -> None:
    late = {"source": "ecb_fx", "state": "late", "last_good_at": AT, "cadence_days": 1.0}
    [told] = late_alerts([late, {**late, "state": "fresh"}], AT)
    assert told.subject == "ecb_fx"
    assert told.text_en.startswith("ECB euro foreign exchange reference rates is late: ")
    assert "ecb_fx" not in told.text_zh
    revised = {
        "company": "META",
        "metric": "cash_paid_ppe",
        "unit": "USD",
        "period_end": date(2023, 12, 31),
        "before": 27266e6,
        "after": 25000e6,
    }
    [told] = revision_alerts([revised], AT)
    assert told.text_en.endswith(
        "of the period to 2023-12-31: restated from 27.266 billion USD to 25 billion USD (-8.3%)."
    )
    assert "272.66 億美元修正為 250 億美元（-8.3%）" in told.text_zh
    assert "cash_paid_ppe" not in told.text_en + told.text_zh


def test_a_restatement_is_news_from_when_we_loaded_it_and_an_old_one_never(tmp_path: Path) -> None:
    """META restated 2023 Q4 capex on 2025-01-30 (7,665 to 7,592); a night of 06:30 publishes before it has the filing."""
    last_run = datetime(2025, 1, 31, 6, 30)
    rows = [
        ("META", 1, 1, 7665e6, datetime(2024, 2, 2, 22, 30), datetime(2024, 2, 3, 6, 30)),
        ("META", 1, 2, 7592e6, datetime(2025, 1, 30, 22, 30), datetime(2025, 2, 1, 6, 30)),
        ("OLD", 2, 1, 100.0, datetime(2019, 1, 1), datetime(2025, 2, 1, 6, 30)),  # a backfill
        ("OLD", 2, 2, 50.0, datetime(2020, 1, 1), datetime(2025, 2, 1, 6, 30)),
    ]
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE SCHEMA history; CREATE TABLE history.company_period (company VARCHAR, series_id INT, seq INT, value DOUBLE, "
            "known_at TIMESTAMP, first_seen_at TIMESTAMP, metric VARCHAR DEFAULT 'cash_paid_ppe', unit VARCHAR DEFAULT 'USD', status VARCHAR DEFAULT "
            "'reported', period_kind VARCHAR DEFAULT 'quarter', period_end DATE DEFAULT DATE '2023-12-31')"
        )
        connection.executemany(
            "INSERT INTO history.company_period (company, series_id, seq, value, known_at, first_seen_at) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
        told = [
            connection.execute(step.REVISIONS, {"since": since, "pct": 0.5}).fetchall()
            for since in (last_run, datetime(2025, 2, 1, 6, 31))
        ]
    assert [[(row[0], row[4], row[5]) for row in found] for found in told] == [[("META", 7665e6, 7592e6)], []]


def pipeline(tmp_path: Path, **settings: Any) -> Pipeline:
    return Pipeline.open(Settings(home=tmp_path, **settings))


def test_both_feeds_hold_what_was_told_once(tmp_path: Path) -> None:
    home = pipeline(tmp_path)
    step.publish(home, [ALERT], AT, lambda _: None)
    step.publish(home, [], AT, lambda _: None)
    feed = json.loads((home.home.report / "feed.json").read_text("utf-8"))
    assert [item["id"] for item in feed["items"]] == [ALERT.id]
    assert feed["items"][0]["date_published"] == "2025-07-31T06:00:00Z"
    root = ElementTree.fromstring((home.home.report / "feed.atom").read_text("utf-8"))  # noqa: S314  our own text
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert [entry.findtext("a:title", namespaces=names) for entry in root.findall("a:entry", names)] == [
        "判定改變：C08 Azure 成長未見加速 | Verdict changed: C08 Azure's growth does not pick up"
    ]
    assert "C08 <became> refuted & more" in str(root.findtext("a:entry/a:content", namespaces=names))
    assert [record["id"] for record in verdict_ledger.alerts(home.home)] == [ALERT.id]
    assert render_atom([], AT).count("<entry>") == 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # a plug-in of Apprise, on Python below 3.13
@pytest.mark.parametrize("scheme", ["http", "json"])
def test_a_receiver_hears_of_the_alerts(tmp_path: Path, httpserver: HTTPServer, scheme: str) -> None:
    httpserver.expect_request("/hook", method="POST").respond_with_data("ok")
    address = httpserver.url_for("/hook").replace("http://", f"{scheme}://")
    lines: list[str] = []
    step.publish(pipeline(tmp_path, notify=address), [ALERT], AT, lines.append)
    assert not [line for line in lines if "failed" in line]
    [(request, _)] = httpserver.log
    heard = json.loads(request.get_data(as_text=True))
    assert "C08 轉為不成立" in heard["text" if scheme == "http" else "message"]


def test_a_receiver_that_fails_is_named_and_breaks_nothing(tmp_path: Path, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/hook").respond_with_response(Response(status=500))
    lines: list[str] = []
    step.publish(pipeline(tmp_path, notify=httpserver.url_for("/hook")), [ALERT], AT, lines.append)
    assert any(line.startswith("notification failed: HTTPError: 500") for line in lines)
    assert (tmp_path / "report" / "feed.json").exists()
