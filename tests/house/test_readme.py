"""What README.md tells people to type, typed; and its tables beside what there is."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
import typer
from places import REPOSITORY

from config.settings import Settings
from flows.cli import BUSY, NOT_PUBLISHED, PUBLISHED_WITH_REFUSALS, WRONG_USE, app
from warehouse.home.layout import Home

ROOT = REPOSITORY
README = (ROOT / "README.md").read_text("utf-8")
GUIDES = sorted((ROOT / "docs").glob("*.md"))
EMPTY_IS_RIGHT = ("verdict_said",)  # nothing had been published by then on a machine that is new


def _sql() -> list[str]:
    block = re.search(r"```sql\n(.*?)```", README, re.DOTALL)
    assert block
    return [part.strip() for part in re.sub(r"--.*", "", block[1]).split(";") if part.strip()]


def test_every_statement_of_the_readme_answers(published: Path) -> None:
    latest = Home(published).latest
    with duckdb.connect() as connection:
        asked = 0
        for statement in _sql():
            found = connection.execute(statement.replace("data/published/latest.duckdb", str(latest)))
            if statement.upper().startswith(("SELECT", "FROM")):
                assert found.fetchall() or any(name in statement for name in EMPTY_IS_RIGHT), statement
                asked += 1
    assert asked >= 5


def test_the_readme_names_every_setting() -> None:
    named = set(re.findall(r"CAPEX_SIGNALS_([A-Z_]+)", README))
    assert named <= {name.upper() for name in Settings.model_fields}
    assert {"HOME", "CONTACT", "OFFLINE"} <= named


def test_the_readme_names_every_command_and_no_other() -> None:
    table = README.split("## Commands")[1].split("| ends with |")[0]
    cells = " ".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    named = {word.split()[0] for word in re.findall(r"`([^`]+)`", cells)}
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    assert named == set(group.commands)


def test_the_readme_tells_the_exit_codes() -> None:
    told = {int(code) for code in re.findall(r"^\| (\d) \|", README, re.MULTILINE)}
    assert told == {0, PUBLISHED_WITH_REFUSALS, NOT_PUBLISHED, WRONG_USE, BUSY}


@pytest.mark.parametrize("guide", [ROOT / "README.md", *GUIDES], ids=lambda path: path.name)
def test_links_of_the_guides_lead_somewhere(guide: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", guide.read_text("utf-8")):
        assert (guide.parent / target).exists(), target
