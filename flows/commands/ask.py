"""`capex-signals sql` and `diff`: statements given, on the standard input or at a prompt, and two published files compared."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Literal

import orjson
from rich.console import Console

from config.errors import Refused, writable
from config.settings import Settings
from flows.commands.prompt import statements_typed
from flows.commands.terminal import paged, print_rows
from warehouse.home.layout import Home
from warehouse.published.query import Answer, Session, csv_parts
from warehouse.published.swap import open_published
from warehouse.published.universe import open_universe


@dataclass(frozen=True, slots=True)
class Shown:
    """How answers are shown. `limit` and `wide` are of a table; the other forms give every row."""

    form: Literal["table", "csv", "json", "wide"] = "table"
    limit: int = 100


def ask(
    settings: Settings,
    given: list[str],
    as_of: date | None,
    shown: Shown,
    *,
    console: Console,
    errors: Console,
    universe: bool = False,
) -> None:
    """Show the answer to each statement. Nothing given: those of a prompt, or of the standard input.

    Raises Refused at the first wrong one; the prompt says so and goes on.
    """
    home = Home(settings.root)
    with (open_universe if universe else open_published)(home) as connection:
        session = Session(connection, as_of)
        if given:
            _show_all(session.answers(";\n".join(given)), shown, console, errors)
        elif not sys.stdin.isatty():
            text = sys.stdin.read()
            if not text.strip():
                raise Refused("nothing was asked", remedy='give a statement, e.g. capex-signals sql "FROM verdict"')
            _show_all(session.answers(text), shown, console, errors)
        else:
            for text in statements_typed(session.names(), home):
                try:
                    _show_all(session.answers(text), shown, console, errors)
                except Refused as refused:
                    errors.print(str(refused), markup=False)


def _show_all(answers: Iterable[Answer], shown: Shown, console: Console, errors: Console) -> None:
    for number, answer in enumerate(answer for answer in answers if answer.names):
        if number:
            console.print()
        if shown.form == "csv":
            _write(csv_parts(answer), console)
        elif shown.form == "json":
            _write(json_parts(answer), console)
        else:
            rows, more = answer.first(shown.limit)
            with paged(console) as page:
                print_rows(page, answer.names, rows, wide=shown.form == "wide")
            if not rows:
                errors.print("no rows")
            if more:
                errors.print(f"only the first {shown.limit} rows are shown; --limit shows more")


def _write(parts: Iterator[str], console: Console) -> None:
    """As it is into a file or a pipe; a terminal is shown control characters, and obeys none."""
    for part in parts:
        sys.stdout.write(writable(part) if console.is_terminal else part)


def json_parts(answer: Answer) -> Iterator[str]:
    """An answer as one array of objects, one a line; a number that is none (NaN) is null, what JSON has no word for a text."""
    objects = (
        orjson.dumps(dict(zip(answer.names, row, strict=True)), default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        for row in chain.from_iterable(answer.batches)
    )
    yield "["
    for number, line in enumerate(objects):
        yield f"{',' if number else ''}\n{line}"
    yield "\n]\n"


def compare(old: Path, new: Path, limit: int, *, markdown: bool) -> tuple[str, bool]:
    """(what differs between two published files, whether they say the same). Raises Refused where one is none."""
    from flows.steps.differences import told_of  # noqa: PLC0415  with all that judges claims, which no question needs

    return told_of(_published_file(old), _published_file(new), limit, markdown=markdown)


def _published_file(place: Path) -> Path:
    """The file itself: what is told names it, and not the link to it, which moves."""
    file = Home(place).latest if place.is_dir() else place
    return file.resolve() if file.is_symlink() else file
