"""What must never get out, and what a hostile payload must never become."""

from __future__ import annotations

import ast
from datetime import datetime
from pathlib import Path

import pytest
from places import REPOSITORY

from config.contracts import Capture
from flows.prefect_server.server import start_child
from flows.steps.artifacts import _link, _loaded
from warehouse.published import query
from warehouse.store.facts import Loaded, connect

MODULES = sorted(
    path for package in ("config", "flows", "transforms", "warehouse") for path in (REPOSITORY / package).rglob("*.py")
)
AT = datetime(2026, 1, 1)
EVIL = "x|<img src=x onerror=alert(1)>[y](javascript:alert(1))\n# z"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_disarmed(start: str) -> None:
    with connect(":memory:") as connection:
        [text] = [
            "".join(query.csv_parts(answer))
            for answer in query.Session(connection).answers(f"SELECT '{start}cmd()' AS a, -1.5 AS b")
        ]
    header, row = text.split("\r\n", 1)
    assert header == "a,b"
    assert row.strip('"').startswith(f"'{start}")
    assert row.rstrip().endswith(",-1.5")


def test_a_payloads_text_is_only_text_in_an_artifact() -> None:
    capture = Capture("s", EVIL, f"javascript:{EVIL}", "0" * 64, 1, AT, AT)
    row = _loaded([Loaded(capture, "refused", EVIL)])[-1]
    assert "<img" not in row.replace("\\<", "")
    assert "\n" not in row
    assert "](" not in row.replace("\\]", "")


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "config/analyst/x.yml", "https://a.example/)](x", "data:text/html,x"]
)
def test_only_addresses_of_the_web_become_links(url: str) -> None:
    assert _link("name", url) == "name"
    assert _link("name", "https://a.example/x") == "[name](https://a.example/x)"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_nothing_is_unpickled_evaluated_or_run_by_a_shell(path: Path) -> None:
    """Nor YAML that makes objects: config/load.py is the one place that reads YAML, with a safe loader."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                assert {name.name.split(".")[0] for name in names} & {
                    "pickle",
                    "marshal",
                    "shelve",
                    "dill",
                    "cloudpickle",
                } == set()
            case ast.ImportFrom(module=module):
                assert (module or "").split(".")[0] not in {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
            case ast.Call(func=ast.Name(id=name)):
                assert name not in {"eval", "exec", "__import__"}
            case ast.Call(keywords=keywords):
                assert not any(
                    word.arg == "shell" and isinstance(word.value, ast.Constant) and word.value.value
                    for word in keywords
                )


def test_what_prefect_keeps_is_for_this_user_only(tmp_path: Path) -> None:
    log = tmp_path / "prefect" / "server.log"
    child = start_child(["http.server", "--help"], {"PATH": "/bin"}, log)
    child.wait(30)
    assert child.stdin is not None
    child.stdin.close()
    assert log.parent.stat().st_mode & 0o777 == 0o700
    assert log.stat().st_mode & 0o777 == 0o600
