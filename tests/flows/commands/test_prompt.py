"""The prompt of `capex-signals sql`: when a statement is whole, what completes, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from flows.commands import prompt
from flows.commands.prompt import completions, is_whole, statements_typed
from warehouse.home.layout import Home


def typing(*lines: str | type[BaseException]) -> Callable[[str], str]:
    left = iter(lines)

    def read(_prompt: str) -> str:
        line = next(left, EOFError)
        if not isinstance(line, str):
            raise line
        return line

    return read


def typed(home: Path, *lines: str | type[BaseException]) -> list[str]:
    return list(statements_typed(["verdict"], Home(home), typing(*lines)))


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("FROM verdict;", True), ("FROM verdict", False), ("SELECT ';", False), ("SELECT ';'", False), ("SELECT ';';", True),
        ("SELECT 1 -- the end;", False), ("SELECT 1; -- the end", True), ("SELECT\n1\n;", True), ("", False),
    ],
)  # fmt: skip
def test_a_statement_ends_with_its_semicolon(text: str, whole: bool) -> None:
    assert is_whole(text) is whole


def test_statements_over_several_lines_until_one_leaves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(tmp_path, "SELECT 1,", "", "2;", "", "FROM verdict;", "quit", "FROM claim;") == [
        "SELECT 1,\n\n2;",
        "FROM verdict;",
    ]
    assert "Ctrl-D" in capsys.readouterr().out
    assert typed(tmp_path, "SELECT", KeyboardInterrupt, "FROM claim;", EOFError) == ["FROM claim;"]


def test_names_complete_whatever_their_case() -> None:
    names = sorted(["company", "company_quarter", "company_quarter_as_of", "claim", "SELECT", "SEMI"], key=str.lower)
    assert completions(names, "company_q") == ["company_quarter", "company_quarter_as_of"]
    assert completions(names, "se") == ["SELECT", "SEMI"]
    assert completions(names, "zz") == []


@pytest.mark.skipif(prompt.READLINE is None, reason="this Python has no readline")
def test_what_was_typed_is_there_the_next_time(tmp_path: Path) -> None:
    assert prompt.READLINE is not None
    prompt.READLINE.clear_history()
    list(statements_typed(["verdict"], Home(tmp_path), typing("quit")))
    prompt.READLINE.add_history("FROM verdict;")
    list(statements_typed(["verdict"], Home(tmp_path), typing("quit")))
    prompt.READLINE.clear_history()
    list(statements_typed(["verdict"], Home(tmp_path), typing("quit")))
    assert prompt.READLINE.get_history_item(prompt.READLINE.get_current_history_length()) == "FROM verdict;"
    assert "FROM verdict;" in Home(tmp_path).typed_statements.read_text()


def test_a_home_that_cannot_be_written_keeps_nothing_and_works(tmp_path: Path) -> None:
    assert typed(tmp_path / "nowhere", "FROM verdict;", "quit") == ["FROM verdict;"]
