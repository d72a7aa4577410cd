"""Every cap on a version has a reason, and a test that would fail without it; what has neither is not capped."""

from __future__ import annotations

import re
import tomllib
from contextlib import closing
from pathlib import Path

from places import REPOSITORY

from flows.commands.doctor import PINNED
from warehouse.store.facts import Store

# requirement -> the test that proves why it is capped.
REASONS = {
    # A release between servers has changed what a scheduler or a form does before: each is tried whole, then pinned.
    "prefect": ("tests/flows/prefect_server/test_server.py", "test_the_declared_deployments_are_scheduled"),
    # The store is written in this engine's format; runs do not work on 2.x, and extensions exist for nothing newer.
    "duckdb": ("tests/house/test_pins.py", "test_the_store_is_written_in_the_format_of_the_pinned_engine"),
}


def declared() -> dict[str, str]:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    listed = project["project"]["dependencies"] + project["tool"]["uv"]["constraint-dependencies"]
    return {re.split(r"[<>=~!\[ ;]", line)[0]: line for line in listed}


def locked() -> dict[str, str]:
    lock = (REPOSITORY / "requirements.lock").read_text()
    return dict(re.findall(r"^([a-z0-9.-]+)==([^ ;\\]+)", lock, re.MULTILINE))


def test_every_cap_has_its_reason_and_every_reason_its_test() -> None:
    capped = {name for name, line in declared().items() if re.search(r"<|==|~=|!=", line)}
    assert capped == set(REASONS)
    for path, function in REASONS.values():
        assert f"def {function}(" in (REPOSITORY / path).read_text(), (path, function)


def test_the_lock_the_doctor_and_the_declaration_name_one_version() -> None:
    for name, pinned in PINNED.items():
        assert locked()[name].startswith(pinned)
    assert declared()["prefect"] == f"prefect=={locked()['prefect']}"
    assert declared()["duckdb"] == f"duckdb=={locked()['duckdb']}"


def test_the_store_is_written_in_the_format_of_the_pinned_engine(tmp_path: Path) -> None:
    with closing(Store.open(tmp_path / "store.duckdb", "")) as store:
        query = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL"
        [(written,)] = store.connection.execute(query).fetchall()
    series = ".".join(locked()["duckdb"].split(".")[:2])
    assert written.startswith(f"v{series}.")
