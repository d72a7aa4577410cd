"""Clients of the published file, each with nothing but itself: they open it, ask every view and macro, and answer alike.

Each is asked of the package index of this machine; where it cannot be had, the test says so and skips.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from places import FIXTURES_FOLDER
from published_file import MARTS, MOVING, rows

from config.load import parse_yaml
from warehouse.home.layout import Home
from warehouse.published.export import export
from warehouse.published.swap import OLDEST_CLIENT, open_published

pytestmark = pytest.mark.slow("asks every view and macro from several releases of DuckDB")

SCRIPT = Path(__file__).with_name("every_object.py")
NODE_SCRIPT = Path(__file__).with_name("every_object.mjs")
CONTRACT = parse_yaml((FIXTURES_FOLDER / "contract.yml").read_text("utf-8"), "tests/fixtures/contract.yml")
CALLS = [*(f"{view}_as_of(DATE '2025-02-25')" for view in (*MOVING, *MARTS)), *CONTRACT["macros"]]
RELEASES = [OLDEST_CLIENT, "1.5.0"]
# Microsoft's cash capex of the quarter to 2024-12-31, as the README asks for it.
CAPEX = "SELECT value / 1e9 FROM company_quarter_as_of('2025-02-25') WHERE company = 'MSFT' AND metric = 'cash_paid_ppe' AND period_end = DATE '2024-12-31'"


@pytest.fixture(scope="module")
def answers(published: Path) -> dict[str, str]:
    """What the locked release answers, as checksums."""
    return _asked(published, Path(duckdb.__file__).parents[1])["answers"]


@pytest.mark.parametrize("release", RELEASES)
def test_a_released_client_opens_everything_and_answers_the_same(
    published: Path, answers: dict[str, str], tmp_path: Path, release: str
) -> None:
    _pip(tmp_path, f"duckdb=={release}")
    told = _asked(published, tmp_path)
    assert (told["version"], told["refused"], told["pyarrow"]) == (release, {}, False)
    assert told["views"] > 50
    assert told["macros"] == len(CALLS)
    assert {name for name, answer in told["answers"].items() if answers[name] != answer} == set()


def test_node_opens_everything(published: Path, tmp_path: Path) -> None:
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip("no Node here")
    shutil.copy(NODE_SCRIPT, tmp_path)
    install = [
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefix",
        str(tmp_path),
        "@duckdb/node-api@1.5.0-r.1",
    ]
    got = subprocess.run(install, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  our own words
    if got.returncode:
        pytest.skip(f"the client for Node does not install here: {got.stderr.strip().splitlines()[-1:]}")
    told = json.loads(
        _run(["node", str(tmp_path / NODE_SCRIPT.name), str(_file(published)), json.dumps(CALLS)], dict(os.environ))
    )
    assert (told["version"], told["refused"]) == ("v1.5.0", {})
    assert told["views"] > 50


def test_the_command_line_of_duckdb_opens_everything(published: Path, tmp_path: Path) -> None:
    _pip(tmp_path, "duckdb-cli==1.5.5")
    with closing(open_published(Home(published))) as connection:
        query = (
            "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = current_database() ORDER BY 1"
        )
        views = [name for (name,) in rows(connection, query)]
    asked = [*(f"SELECT count(*) AS n FROM {name}" for name in (*views, *CALLS)), CAPEX]
    command = [
        str(tmp_path / "bin" / "duckdb"),
        "-bail",
        "-readonly",
        "-noheader",
        "-csv",
        str(_file(published)),
        "-c",
        "; ".join(asked),
    ]
    answers = _run(command, {"HOME": str(tmp_path), "PYTHONPATH": str(tmp_path)}).split()
    assert len(answers) == len(asked)
    assert answers[-1] == "15.804"


def test_polars_reads_it_with_and_without_pyarrow(published: Path, tmp_path: Path) -> None:
    plain = f"import duckdb, polars\nconnection = duckdb.connect({str(_file(published))!r}, read_only=True)\n"
    without = plain + f'print(polars.DataFrame(connection.sql("{CAPEX}")).item())'
    assert _run([sys.executable, "-c", without], {}) == "15.804\n"
    _pip(tmp_path, "pyarrow")
    beside = plain + f'print(connection.sql("{CAPEX}").pl().item(), polars.read_database("{CAPEX}", connection).item())'
    assert _run([sys.executable, "-c", beside], {"PYTHONPATH": str(tmp_path)}) == "15.804 15.804\n"


def test_a_reader_of_workbooks_finds_the_figures_as_figures_and_the_days_as_days(
    published: Path, tmp_path: Path
) -> None:
    with closing(open_published(Home(published))) as connection:
        counts = export(connection, tmp_path / "out", "excel", date(2025, 2, 25), ("capex_quarter", "source"))
    _pip(tmp_path / "packages", "python-calamine==0.9.1")
    asked = f"""
from python_calamine import CalamineWorkbook
book = CalamineWorkbook.from_path({str(tmp_path / "out" / "capex-signals.xlsx")!r})
head, *rows = book.get_sheet_by_name("capex_quarter").to_python()
found = [dict(zip(head, row)) for row in rows]
print(book.sheet_names, len(rows))
print([row["capex_cash_usd"] for row in found if row["company"] == "MSFT" and str(row["period_end"]) == "2024-12-31"])
"""
    told = _run([sys.executable, "-c", asked], {"PYTHONPATH": str(tmp_path / "packages")})
    assert told == f"['source', 'capex_quarter'] {counts['capex_quarter']}\n[15804000000.0]\n"


def test_the_file_says_which_client_opens_it(published: Path) -> None:
    with closing(open_published(Home(published))) as connection:
        assert rows(connection, "SELECT oldest_duckdb FROM meta") == [(OLDEST_CLIENT,)]


def _file(published: Path) -> Path:
    return Home(published).latest.resolve()


def _asked(published: Path, packages: Path) -> dict[str, Any]:
    """What SCRIPT prints with the packages of that folder."""
    command = [sys.executable, "-S", str(SCRIPT), str(_file(published)), json.dumps(CALLS)]
    told: dict[str, Any] = json.loads(_run(command, {"PYTHONPATH": str(packages)}))
    return told


def _pip(folder: Path, requirement: str) -> None:
    """The package alone into a folder of its own, or a skip."""
    words = [
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--target",
        str(folder),
        requirement,
    ]
    got = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, timeout=300, check=False)  # noqa: S603  our own words
    if got.returncode:
        pytest.skip(f"{requirement} does not install here: {got.stderr.strip().splitlines()[-1:]}")


def _run(command: list[str], environment: dict[str, str]) -> str:
    found = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600, check=False)  # noqa: S603  our own words
    assert not found.returncode, found.stderr
    return found.stdout
