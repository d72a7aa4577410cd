"""Tables on the terminal: as wide as it is, folded where they are wider, or in full width where that is asked for."""

from __future__ import annotations

import io
import os
import pydoc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from config.errors import writable

BETWEEN = 3  # a column costs its border and a space on either side
LEAST_TEXT = 16  # a folded text is legible down to this width; a number or a date is never folded
PIPE_WIDTH = 160  # of a table that goes into a file or a pipe, where COLUMNS does not say otherwise


class Terminal(Console):
    """A console that prints what a source wrote and never obeys it: control characters are spelt out."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(writable(segment.text), segment.style)


def print_table(console: Console, table: Table) -> None:
    """A table as wide as the terminal; a file or a pipe has room for all of it."""
    if console.is_terminal:
        console.print(table)
    else:
        Terminal(file=console.file, width=_width(console, table)).print(table)


def _width(console: Console, table: Table) -> int:
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum


def room(console: Console) -> int:
    """How wide a table of rows may be: the terminal, or what COLUMNS says."""
    return console.width if console.is_terminal or os.environ.get("COLUMNS") else PIPE_WIDTH


def print_rows(console: Console, names: list[str], rows: list[tuple[object, ...]], *, wide: bool = False) -> None:
    """Columns fitted to the room there is; where not even folded ones fit, one column a line. `wide`: never folded."""
    names, cells = [writable(name) for name in names], [[_cell(cell) for cell in row] for row in rows]
    natural = [max([len(name), *(_longest(row[i]) for row in cells)]) for i, name in enumerate(names)]
    text = [any(isinstance(row[i], str | list | dict) for row in rows) for i in range(len(names))]
    least = [max(len(name), min(width, LEAST_TEXT)) if text[i] else width for i, (name, width) in enumerate(zip(names, natural, strict=True))]  # fmt: skip
    space = sum(natural) if wide else room(console) - BETWEEN * len(names) - 1
    widths = fitted(natural, least, space)
    if widths is None:
        _print_records(console, names, cells)
        return
    table = Table()
    for i, name in enumerate(names):
        number = any(isinstance(row[i], int | float | Decimal) and not isinstance(row[i], bool) for row in rows)
        table.add_column(Text(name), width=widths[i], overflow="fold", justify="right" if number else "left")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    Terminal(file=console.file, width=sum(widths) + BETWEEN * len(names) + 1, highlight=False).print(table)


def fitted(natural: list[int], least: list[int], space: int) -> list[int] | None:
    """Widths that fill at most `space`: the widest columns give way first, none below its least. None: they do not fit."""
    if sum(least) > space:
        return None
    low, high = 0, max(natural, default=0)
    while low < high:  # the greatest cap under which all of them fit
        cap = (low + high + 1) // 2
        if sum(max(must, min(own, cap)) for own, must in zip(natural, least, strict=True)) <= space:
            low = cap
        else:
            high = cap - 1
    return [max(must, min(own, low)) for own, must in zip(natural, least, strict=True)]


def _print_records(console: Console, names: list[str], cells: list[list[str]]) -> None:
    own = Terminal(file=console.file, width=room(console), highlight=False, color_system=None)
    for number, row in enumerate(cells, 1):
        lines = Table(title=f"row {number}", title_justify="left", show_header=False, box=None)
        lines.add_column(no_wrap=True)
        lines.add_column(overflow="fold")
        for name, cell in zip(names, row, strict=True):
            lines.add_row(Text(name, style="bold"), Text(cell))
        own.print(lines)


def _cell(cell: object) -> str:
    """A list as its items: what stands between brackets and quotes is what a reader looks for."""
    if isinstance(cell, list):
        return ", ".join(_cell(item) for item in cell)
    return "" if cell is None else writable(str(cell))


def _longest(cell: str) -> int:
    return max((Text(line).cell_len for line in cell.splitlines()), default=0)


@contextmanager
def paged(console: Console) -> Iterator[Console]:
    """Where to print: the reader's pager where a person reads it on a terminal, else the console itself."""
    if not console.is_terminal:
        yield console
        return
    os.environ.setdefault("LESS", "FRSX")  # ends at once where all is on one screen; long lines move sideways
    text = io.StringIO()
    yield Terminal(file=text, force_terminal=True, color_system=None, width=console.width, highlight=False)
    pydoc.pager(text.getvalue())
