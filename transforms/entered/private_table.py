"""A CSV file of the analyst's own, with a fixed header: read whole or refused, naming the line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

from config.errors import Refused


def table_rows(
    payload: bytes, columns: tuple[str, ...], source: str, place: str
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """(line number, cells) of each row. Raises Refused when the text or the header is not as it must be.

    The last two columns are value and where it was read: two lines that agree in all others name one thing, and then they
    must name one value.
    """
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(source, place, "it is not UTF-8 text", "save it as CSV in UTF-8") from error
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != columns:
        raise _refused(source, place, f"the header is {reader.fieldnames}", f"make it {','.join(columns)}")
    said: dict[tuple[str, ...], tuple[int, str]] = {}
    for line, cells in enumerate(reader, start=2):
        at = f"{place} line {line}"
        if None in cells or None in cells.values():
            raise _refused(source, at, "it has too few or too many cells", "mend the line")
        *named, value, _ = (cell.strip() for cell in cells.values())
        first, before = said.setdefault(tuple(name.upper() for name in named), (line, value))
        if value != before:
            raise _refused(source, at, f"it gives another value than line {first}", "keep the one that is right")
        yield line, {name: cell.strip() for name, cell in cells.items()}


def day_cell(text: str, source: str, place: str) -> date:
    """A date in ISO form. Raises Refused naming the place."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _refused(source, place, f"{text!r} is not a date", "write 2025-02-25") from error


def amount_cell(text: str, source: str, place: str) -> Decimal:
    """A positive number. Raises Refused naming the place."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise _refused(source, place, f"{text!r} is not a number", "write 399.23") from error
    if not number.is_finite() or number <= 0:
        raise _refused(source, place, f"{text} is not a price or an estimate", "write a number above 0")
    return number


def _refused(source: str, place: str, message: str, remedy: str) -> Refused:
    return Refused(message, source=source, place=place, remedy=remedy)
