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
    """(line number, cells) of each row. Raises Refused when the text or the header is not as it must be."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(source, place, "it is not UTF-8 text", "save it as CSV in UTF-8") from error
    reader = csv.DictReader(io.StringIO(text))
    if tuple(reader.fieldnames or ()) != columns:
        raise _refused(source, place, f"the header is {reader.fieldnames}", f"make it {','.join(columns)}")
    for line, cells in enumerate(reader, start=2):
        if None in cells or None in cells.values():
            raise _refused(source, f"{place} line {line}", "it has too few or too many cells", "mend the line")
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
