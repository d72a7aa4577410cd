"""What `capex-signals diff` says of two published files: each row that differs, once, with its source, and nothing else."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from published_file import rows

from config.errors import Refused
from flows.steps import artifacts
from flows.steps.differences import told_of
from warehouse.home.layout import Home
from warehouse.published.difference import PARTS, differences

ROW = "WHERE rowid = (SELECT min(rowid) FROM history.{table} WHERE value IS NOT NULL)"
STATED = {"facts": "company_fact", "rates": "fx_rate", "prices": "token_price", "boards": "leaderboard_score"}
# What no part compares, and why a change of it shows all the same or does not matter.
LEFT = {
    # reckoned from what is compared, by the same code for every row of it
    "board_score", "board_doubt", "scale_shift", "event_state", "fx_state", "guidance_state",
    "board_answer", "lead_answer", "fx_answer", "vintage_answer", "derivation_term", "first_answer", "usd_cross_answer", "board_price", "board_price_day", "price_closed", "price_confirmed", "price_span", "hindsight_answer", "hindsight_side", "verdict_news", "week_share", "model_turns", "price_state", "price_presence", "price_removal", "undeclared_listing", "organization", "company_gap_reason", "fiscal_quarter", "evidence_span",
    "fingerprint", "source_known", "awaited",
    # what an analyst dropped in: never passed on
    "market_price", "estimate",
    # of the night, of this machine, or of the ledger: they differ from night to night
    "capture", "issue", "attempt", "meta", "published_verdict", "specification",
    # ours to declare, shown by what follows from them
    "board", "claim_test", "company_group", "definition_step", "model",
}  # fmt: skip


@pytest.fixture
def other(published: Path, tmp_path: Path) -> Path:
    """A copy of the published file that may be changed."""
    path = tmp_path / "20261124T060000-other.duckdb"
    shutil.copyfile(Home(published).latest.resolve(), path)
    return path


@pytest.fixture(scope="module")
def file(published: Path) -> Path:
    return Home(published).latest.resolve()


def change(path: Path, *statements: str) -> None:
    with closing(duckdb.connect(str(path))) as connection:
        for statement in statements:
            connection.execute(statement)


def said(old: Path, new: Path) -> dict[str, dict[str, int]]:
    return {
        part.title: {kind: n for kind, n in part.counts.items() if n}
        for part in differences(old, new, 5)
        if part.changes
    }


def test_the_same_file_and_a_copy_of_it_say_the_same(file: Path, other: Path) -> None:
    for place in (file, other):
        assert said(file, place) == {}
        assert told_of(file, place)[1]


def test_one_number_changed_gone_or_new_is_said_once_with_its_source(file: Path, other: Path) -> None:
    """One of each kind at once: a comparison of two whole files takes a second."""
    where = {table: ROW.format(table=table) for table in STATED.values()}
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        stated = [
            row
            for table in where
            for row in rows(connection, f"SELECT value, source FROM history.{table} {where[table]}")
        ]
    change(other, *(f"UPDATE history.{table} SET value = value + 1 {where[table]}" for table in where))
    assert said(file, other) == {part: {"changed": 1} for part in STATED}
    text, same = told_of(file, other, markdown=False)
    assert not same
    lines = [line for line in text.splitlines() if line.startswith("  changed")]
    assert len(lines) == len(stated) == 4
    for value, source in stated:
        [line] = [line for line in lines if f"value {value:,.10g} -> {value + 1:,.10g}" in line]
        assert source in line
    change(other, *(f"DELETE FROM history.{table} {where[table]}" for table in where))
    assert said(file, other) == {part: {"gone": 1} for part in STATED}
    assert said(other, file) == {part: {"new": 1} for part in STATED}


def test_a_row_that_stands_twice_in_one_file_is_seen(file: Path, other: Path) -> None:
    change(other, f"INSERT INTO history.fx_rate FROM history.fx_rate {ROW.format(table='fx_rate')}")
    assert said(file, other) == {"rates": {"new": 1}}


def test_verdicts_definitions_and_columns_are_compared(file: Path, other: Path) -> None:
    change(
        other,
        "UPDATE history.verdict SET verdict = 'refuted' WHERE claim_id = 'C22' AND as_of = (SELECT max(as_of) FROM history.verdict)",
        "UPDATE history.definition SET formula = 'another' WHERE formula IS NOT NULL",
        "DELETE FROM main.dictionary WHERE object = 'verdict' AND column_name = 'verdict'",
    )
    found = said(file, other)
    assert found["verdicts"] == {"changed": 1}
    assert set(found["definitions"]) == {"changed"}
    assert found["views and columns"] == {"gone": 1}


def test_what_the_code_makes_of_the_same_facts_is_compared(file: Path, other: Path) -> None:
    made = {
        "figures that answer": ("company_answer", "NOT strict_answer AND metric = 'revenue'", "value = value + 1"),
        "trailing years": ("trailing_answer", "NOT strict_answer AND metric = 'revenue'", "value = value + 1"),
        "price schedule": ("price_answer", "NOT strict_answer", "model = 'another'"),
        "leads": ("board_lead", "gap IS NOT NULL", "gap = gap + 1"),
    }
    for table, rows_of, moved in made.values():
        first = f"(SELECT min(rowid) FROM history.{table} WHERE {rows_of})"
        change(other, f"UPDATE history.{table} SET {moved} WHERE rowid = {first}")
    assert said(file, other) == {part: {"changed": 1} for part in made}


def test_the_day_of_publishing_is_no_change(file: Path, other: Path) -> None:
    """The newest verdict of a claim is of the day of its file: by itself a new day is none."""
    change(other, "UPDATE history.verdict SET as_of = as_of + 1 WHERE as_of = (SELECT max(as_of) FROM history.verdict)")
    assert said(file, other) == {}


def test_what_cannot_be_compared_is_said(file: Path, other: Path) -> None:
    change(other, "DROP TABLE history.metric", "ALTER TABLE history.definition RENAME formula TO reckoned")
    text = told_of(file, other, markdown=False)[0]
    assert "metrics: not comparable" in text
    assert "in history.metric the new file has no such table" in text
    assert "in one of the files alone: formula, reckoned" in text


def test_more_than_the_limit_is_counted(file: Path, other: Path) -> None:
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        [(count,)] = rows(connection, "SELECT count(*) FROM history.fx_rate")
    change(other, "DELETE FROM history.fx_rate")
    text = told_of(file, other, 3, markdown=True)[0]
    assert f"## rates: {count:,} gone" in text
    assert f"- and {count - 3:,} more gone" in text
    assert text.count("\n- gone") == 3


def test_a_payloads_text_makes_no_link_and_no_tag(file: Path, other: Path) -> None:
    evil = "[y](javascript:alert(1))<img src=x>"
    change(other, f"UPDATE history.company SET name = '{evil}' WHERE company = 'MSFT'")
    text = told_of(file, other, markdown=True)[0]
    assert "<img" not in text.replace("\\<", "")
    assert "](" not in text.replace("\\]", "")


@pytest.mark.parametrize("content", [None, b"", b"not a database"])
def test_what_is_no_published_file_is_refused(file: Path, tmp_path: Path, content: bytes | None) -> None:
    place = tmp_path / "x.duckdb"
    if content is not None:
        place.write_bytes(content)
    with pytest.raises(Refused, match=r"no such file|no published file"):
        differences(file, place, 5)


def test_a_file_that_opens_and_is_damaged_further_on_is_named(file: Path, other: Path) -> None:
    with closing(duckdb.connect(str(other), read_only=True)) as connection:
        query = "SELECT DISTINCT block_id FROM pragma_storage_info('history.company_fact') WHERE block_id >= 0"
        blocks = [block for (block,) in connection.execute(query).fetchall()]
    other.chmod(0o644)
    with other.open("r+b") as stream:
        for block in blocks:
            stream.seek(3 * 4096 + block * 262_144 + 100_000)  # after the three heads of the file
            stream.write(b"XXXXXXXX")
    with pytest.raises(Refused, match=r"is damaged: .*Remedy: compare with a copy"):
        differences(other, file, 5)


def test_every_table_is_compared_or_left_with_a_reason(file: Path) -> None:
    with closing(duckdb.connect(str(file), read_only=True)) as connection:
        there = {
            name for (name,) in rows(connection, "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'history'")
        }
    compared = {part.table.removeprefix("history.") for part in PARTS}
    assert there - compared == LEFT
    assert not compared & LEFT


@pytest.fixture
def left(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    seen: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(artifacts, "create_markdown_artifact", lambda text, **told: seen.append((text, told)))
    return seen


def test_a_night_leaves_what_it_changed(file: Path, other: Path, left: list[tuple[str, dict[str, Any]]]) -> None:
    change(other, f"UPDATE history.fx_rate SET value = value + 1 {ROW.format(table='fx_rate')}")
    artifacts.leave_difference(file, other)
    artifacts.leave_difference(None, other)
    artifacts.leave_difference(file.with_name("pruned.duckdb"), other)
    assert [told["key"] for _, told in left] == ["difference"] * 3
    assert "## rates: 1 changed" in left[0][0]
    assert "none before it" in left[1][0]
    assert "no such file" in left[2][0]
