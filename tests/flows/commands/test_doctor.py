"""Gaps between nights, the doctor's findings, and how a run tells a failed source apart from a failed night."""

from __future__ import annotations

import socket
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.contracts import Capture
from config.settings import Settings
from flows.commands import doctor
from flows.nightly import Unsteady, settled
from flows.prefect_server.database import database_url
from flows.prefect_server.server import free_port, server_environment
from flows.steps.artifacts import days_in_words
from flows.steps.attempt import Attempt
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import sha256_of
from warehouse.archive.nights import Night, days_without, nights, note
from warehouse.archive.refusals import note as note_refusal
from warehouse.archive.second_copy import second
from warehouse.home.layout import Home

AT = datetime(2026, 11, 20, 6, 31)


def night(day: str) -> Night:
    return Night(date.fromisoformat(day), AT, AT, "a file")


def test_the_days_without_a_run_are_named(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    for day in ("2026-11-01", "2026-11-02", "2026-11-06", "2026-11-06"):
        note(home, night(day))
    missing = days_without(nights(home), date(2026, 11, 8))
    assert days_in_words(missing) == "2026-11-03 to 2026-11-05, 2026-11-07"
    assert days_without(nights(home), date(2026, 11, 3)) == []
    assert days_without([], date(2026, 11, 3)) == []
    assert days_in_words([]) == ""


def test_a_published_file_that_is_gone_is_found(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    home.latest.symlink_to("20261120T063100-gone.duckdb")
    [found] = [
        one for one in doctor.examine(Settings(home=tmp_path, offline=True), free_port()) if one.about == "published"
    ]
    assert (found.grave, found.mend) == (True, "run `capex-signals nightly` (or `make nightly`) once")


class Ended:
    """A future of Prefect's that has ended."""

    def __init__(self, result: Any) -> None:
        self._result = result

    def result(self, raise_on_failure: bool) -> Any:
        assert not raise_on_failure
        return self._result


def test_one_source_that_fails_does_not_stop_the_others() -> None:
    good = Attempt("a", captured=2)
    unsteady = Attempt("b", captured=1, unreachable="fell silent", unsteady=True)
    assert settled("a", Ended(good)) == good  # type: ignore[arg-type]
    assert settled("b", Ended(Unsteady(unsteady))) == unsteady  # type: ignore[arg-type]
    broken = settled("c", Ended(ZeroDivisionError("by zero")))  # type: ignore[arg-type]
    assert broken.source == "c"
    assert broken.refused == "our error, please report it: ZeroDivisionError: by zero"


def test_one_url_puts_the_server_on_postgresql_and_its_password_is_shown_nowhere(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, database_url="postgresql://me:hidden@db.example/prefect")
    assert database_url(settings) == "postgresql+asyncpg://me:hidden@db.example/prefect"
    assert "hidden" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert database_url(Settings(home=tmp_path)) == f"sqlite+aiosqlite:///{tmp_path}/prefect/prefect.db"
    environment = server_environment(settings, 4200, deployments=True)
    assert environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"].startswith("postgresql+asyncpg://")
    database = next(finding for finding in doctor.examine(settings, 1) if finding.about == "database")
    assert "hidden" not in database.found + database.mend


def findings(settings: Settings, port: int) -> dict[str, doctor.Finding]:
    return {finding.about: finding for finding in doctor.examine(settings, port)}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, offline=True, contact="tests@example.org")


def test_the_doctor_finds_nothing_grave_on_a_sound_machine(settings: Settings) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    found = findings(settings, port)
    assert [finding for finding in found.values() if finding.grave] == []
    assert set(found) >= {
        "python",
        "prefect",
        "duckdb",
        "permissions",
        "disk",
        "port",
        "database",
        "schedules",
        "clock",
    }
    assert found["nights"].mend == "run `make nightly` once"


def test_the_doctor_says_how_to_mend_what_is_wrong(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home.open(settings.root)
    home.store.write_bytes(b"no database at all, but long enough to look like something")
    private = settings.root / "prefect"
    private.mkdir(mode=0o755)
    (private / "prefect.db").write_bytes(b"neither is this one, which is longer than a header of SQLite's own" * 20)
    until = doctor.utc_now() + timedelta(minutes=9)
    note_refusal(home, "data.sec.gov", until, "403")
    monkeypatch.setattr(doctor.home_condition, "free_bytes", lambda _: 1)
    monkeypatch.setattr("flows.prefect_server.server.HEALTH_TIMEOUT_S", 0.2)  # who holds the port below never answers
    monkeypatch.setattr(doctor, "PINNED", {"prefect": "1.0", "no-such-package": "1.0"})
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        found = findings(settings.model_copy(update={"contact": ""}), taken.getsockname()[1])
    grave = {name for name, finding in found.items() if finding.grave}
    assert grave == {"prefect", "no-such-package", "permissions", "disk", "port", "database", "store"}
    assert found["store"].mend == "run `capex-signals replay`"
    assert "755" in found["permissions"].found
    assert "CAPEX_SIGNALS_CONTACT" in found["contact"].mend
    assert f"{until:%H:%M}" in found["hosts"].found
    assert all(finding.mend for finding in found.values() if finding.grave)


def test_a_log_of_captures_that_was_changed_is_found(settings: Settings) -> None:
    pipeline = Pipeline.open(settings)
    now = datetime(2026, 11, 1)
    for body in (b"one", b"two", b"three"):
        taken = Capture("ecb_fx", "", "https://example.org/", sha256_of(body), len(body), now, now)
        pipeline.archive.add(taken, body, now)
    log = pipeline.home.captures
    assert (
        findings(settings, free_port())["archive"].found == "its log is whole, and so are the objects looked at today"
    )
    sound = log.read_text().splitlines(keepends=True)
    for harmed in (
        [sound[0], sound[2]],
        [sound[1], sound[0], sound[2]],
        [sound[0].replace("2026-11-01", "2026-10-01"), *sound[1:]],
    ):
        for copy in (log, second(log)):
            copy.write_text("".join(harmed))
        found = findings(settings, free_port())["archive"]
        assert found.grave
        assert "captures.jsonl" in found.found + found.mend
    log.write_text("".join(sound))
    found = findings(settings, free_port())["archive"]
    assert f"{second(log)} was damaged, and has every line again" in found.found + found.mend
