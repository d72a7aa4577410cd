"""Tables that fit the terminal, nothing cut off; and what a source wrote is printed, never obeyed."""

from __future__ import annotations

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.contracts import Issue
from config.errors import Refused
from flows.commands.terminal import Terminal, fitted, paged, print_rows, print_table

SIZES = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 200)), min_size=1, max_size=8)
REASONS = [
    "quarters between others that only longer periods cover",
    "not stated since",
    "goes on by another definition",
]


def printed(names: list[str], rows: list[tuple[object, ...]], width: int, *, wide: bool = False) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system=None, width=width)
    print_rows(console, names, rows, wide=wide)
    return out.getvalue().splitlines()


@given(SIZES, st.integers(0, 400))
def test_widths_fill_the_space_and_no_column_gives_more_than_it_can(sizes: list[tuple[int, int]], space: int) -> None:
    natural = [max(pair) for pair in sizes]
    least = [min(pair) for pair in sizes]
    widths = fitted(natural, least, space)
    if sum(least) > space:
        assert widths is None
        return
    assert widths is not None
    assert sum(widths) <= space
    assert all(must <= width <= own for must, width, own in zip(least, widths, natural, strict=True))
    if sum(natural) <= space:
        assert widths == natural


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_wide_column_folds_and_loses_nothing(width: int) -> None:
    """One list made the table as wide as itself: 1,500 characters for a terminal of 120."""
    missing = [f"FY{year}Q{quarter}" for year in range(2009, 2027) for quarter in range(1, 5)]
    rows: list[tuple[object, ...]] = [("MSFT", date(2025, 2, 25), 1234.5, missing, REASONS)]
    lines = printed(["company", "known_on", "value", "quarters_missing", "reasons"], rows, width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    for whole in ("MSFT", "2025-02-25", "1234.5"):
        assert whole in text
    letters = "".join(sign for sign in text if sign.isalnum())
    for quarter in missing if width >= 120 else []:
        assert quarter in letters


def test_what_does_not_fit_folded_is_one_column_a_line() -> None:
    names = [f"a_column_with_a_long_name_{number}" for number in range(8)]
    lines = printed(names, [tuple(range(8))], 80)
    assert lines[0].strip() == "row 1"
    assert [line.split() for line in lines[1:]] == [[name, str(number)] for number, name in enumerate(names)]


def test_wide_is_one_line_a_row() -> None:
    lines = printed(["name", "reasons"], [("a", REASONS * 20), ("b", [])], 80, wide=True)
    assert len(lines) == 6  # three of the head, two rows, one below
    assert len(lines[3]) > 1000


def test_a_list_is_its_items_and_truth_is_not_a_number() -> None:
    text = "\n".join(printed(["names", "ok", "none"], [(["x", "y"], True, None)], 80))
    assert "x, y" in text
    assert "None" not in text


def test_a_person_reads_in_a_pager_and_a_pipe_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("pydoc.pager", shown.append)
    for terminal in (True, False):
        out = io.StringIO()
        with paged(Console(file=out, force_terminal=terminal)) as page:
            page.print("a line")
        assert (shown, out.getvalue()) == (["a line\n"], "") if terminal else out.getvalue() == "a line\n"
    assert shown == ["a line\n"]


HOSTILE = "gpt\x1b]0;owned\x07\x1b[2J\x9b31m\u202ereversed\x08\r\x00\x7f"
SPELT = "gpt\\x1b]0;owned\\x07\\x1b[2J\\x9b31m\\u202ereversed\\x08\\x0d\\x00\\x7f"
CONTROLS = {*map(chr, range(32)), *map(chr, range(127, 160)), "\u202e"} - {"\n"}


@pytest.mark.parametrize("width", [20, 200])
@pytest.mark.parametrize("terminal", [False, True])
def test_a_table_of_hostile_cells_is_harmless(width: int, terminal: bool) -> None:
    out = io.StringIO()
    console = Terminal(file=out, width=width, force_terminal=terminal, color_system=None, soft_wrap=True)
    print_rows(console, ["model", HOSTILE], [(HOSTILE, None)])
    table = Table(HOSTILE, title=HOSTILE)
    table.add_row(HOSTILE)
    print_table(console, table)
    console.print(Text(HOSTILE))
    console.print(HOSTILE, markup=False)
    assert not CONTROLS & set(out.getvalue())
    assert "\\x1b[2J" in out.getvalue()


def test_what_a_terminal_is_told_to_show_bold_is_still_bold() -> None:
    out = io.StringIO()
    Terminal(file=out, force_terminal=True, color_system="standard").print(Text("plain \x1b[2J", style="bold"))
    assert out.getvalue() == "\x1b[1mplain \\x1b[2J\x1b[0m\n"


def test_sentences_and_issues_are_kept_without_controls() -> None:
    assert str(Refused(HOSTILE, place=HOSTILE)) == f"{SPELT}: {SPELT}"
    assert Issue("reason", HOSTILE, HOSTILE).detail == SPELT
    assert str(Refused("two\nlines", place="a\tb")) == "a b: two\nlines"
