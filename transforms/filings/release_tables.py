"""Tables of a release as a grid: each row's label, its numbers, and what stands above each number.

Sign, number and percent mark often stand in cells of their own, and headings span them; what a row says of its group stands
in a row above it. A table within a cell is a table of its own, and no part of that cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from transforms.filings.release_wordings import NUMBER as STATES
from transforms.filings.shown_text import remove_unseen, shown

CELLS = ["td", "th"]
SCALES = {"thousands": 3, "millions": 6, "billions": 9}
SCALE = re.compile(
    r"\b(?:in|\$|US\$|USD|dollars in) ?(thousands|millions|billions)\b|\((?:in )?(thousands|millions|billions)\b",
    re.IGNORECASE,
)
# Groups of three after a comma, or none at all.
VALUE = re.compile(
    r"(?:US)?\$?\s?(?P<open>[(\-\u2013]?)\s?(?:US)?\$?\s?(?P<number>(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+)\s?\)?\s?(?P<pct>%?)\)?"
    r"(?: ?(?P<unit>[bm]illion|[bm]n|[BM]))?"
)
UNITS = {"b": 9, "m": 6}
NUMERIC = re.compile(r"(?:US)?[($\-\u2013+]*\s?(?:US)?\$?\s?[.\d][\d.,\s]*\)?\s?%?\)?(?: ?(?:[bm]illion|[bm]n|[BM]))?")
MARK_BEHIND = re.compile(r"(?<=[\w%)])\s*(?:\(\w\)|\[\w\]|\*+)$")
NOTHING = re.compile(r"[-\u2013\u2014*]+|n/?[am]\.?|nm", re.IGNORECASE)
DAY_OR_YEAR = re.compile(r"(?:19|20)\d\d")
AHEAD = 6  # paragraphs before a table that may be its title
MOST_COLUMNS, MOST_ROWS = 200, 2000


class Number(NamedTuple):
    """One number of a row: as it stands, and the headings above it, from the top. `value` is None for what is none that is read."""

    text: str
    value: Decimal | None
    decimals: int
    is_pct: bool
    heading: str
    exponent: int | None = None  # of ten, where the number says its unit itself


class TableRow(NamedTuple):
    """A row with numbers. `group` is the row of words above it, `title` what stands before the table, `exponents` of ten its money's unit."""

    label: str
    group: str
    title: str
    exponents: frozenset[int]
    numbers: tuple[Number, ...]
    text: str
    table: int


class _Cell(NamedTuple):
    first: int
    last: int
    text: str
    whole: str = ""  # with the mark of a footnote


def rows_of(html: bytes) -> Iterator[TableRow]:
    """Every row with numbers of every table of a page, as a browser shows them."""
    soup = BeautifulSoup(html, "lxml")
    remove_unseen(soup)
    for line_break in soup(["br"]):
        line_break.replace_with(" ")
    for block in soup(["p", "div", "li"]):
        block.append(" ")
    for index, table in enumerate(soup("table")):
        yield from _rows(table, index)


def _rows(table: Tag, index: int) -> Iterator[TableRow]:
    title = " ".join([*_ahead(table), *(_text(caption) for caption in table("caption", limit=1))])
    heads: list[list[_Cell]] = []
    group, exponents, begun = "", set[int](), False
    for cells in _grid(table):
        label, numbers = _split(cells)
        exponents |= _exponents(" ".join(cell.text for cell in cells))
        if numbers and not all(DAY_OR_YEAR.fullmatch(cell.text) for cell in numbers):
            begun = True
            money = frozenset(exponents or _exponents(title))
            text = shown(" ".join(cell.whole for cell in cells))
            yield TableRow(label, group, title, money, tuple(_numbers(numbers, heads)), text, index)
        elif label and (unread := [cell for cell in cells if cell.first > 0 and STATES.search(cell.text)]):
            untold = tuple(Number(cell.text, None, 0, "%" in cell.text, "") for cell in unread)
            yield TableRow(
                label, group, title, frozenset(), untold, shown(" ".join(cell.whole for cell in cells)), index
            )
        elif any(cell.first > 0 and cell.text for cell in cells):
            heads, begun = [*([] if begun else heads), cells], False  # headings after figures begin anew
        elif told := [cell.text for cell in cells if cell.text]:
            group = told[0]


def _numbers(cells: list[_Cell], heads: list[list[_Cell]]) -> Iterator[Number]:
    above = [_over(cells, row) for row in heads]
    for row in [row for index, row in enumerate(above) if _slipped(row, [*above[:index], *above[index + 1 :]])]:
        above.remove(row)
    for place, cell in enumerate(cells):
        yield _number(cell.text, " ".join(row[place] for row in above if row[place]))


def _over(cells: list[_Cell], head: list[_Cell]) -> list[str]:
    """What a row of headings says above each number; "" where it says nothing."""
    told = [one for one in head if one.text and one.first > 0]
    found = [
        next((one.text for one in told if one.first <= cell.last and cell.first <= one.last), "") for cell in cells
    ]
    if len(told) == len(cells):
        return [text or one.text for text, one in zip(found, told, strict=True)]
    return found


def _slipped(row: list[str], others: list[list[str]]) -> bool:
    """Whether headings that should span columns stand over one each: of columns called alike some have one and some have none."""
    below = [" ".join(other[place] for other in others) for place in range(len(row))]
    covered = {below[place] for place, text in enumerate(row) if text and below[place].strip()}
    return any(not text and below[place] in covered for place, text in enumerate(row))


def _number(text: str, heading: str) -> Number:
    found = VALUE.fullmatch(text)
    if found is None:
        return Number(text, None, 0, "%" in text, heading)
    number = Decimal(found["number"].replace(",", ""))
    negative = bool(found["open"])
    decimals = len(found["number"].partition(".")[2])
    exponent = UNITS[found["unit"][0].lower()] if found["unit"] else None
    return Number(text, -number if negative else number, decimals, bool(found["pct"]), heading, exponent)


def _split(cells: list[_Cell]) -> tuple[str, list[_Cell]]:
    """The label of a row and its numbers, with the marks that stand in cells beside them."""
    label = ""
    numbers: list[_Cell] = []
    for cell in cells:
        if not cell.text:
            continue
        if (
            not numbers
            and not label
            and (cell.first == 0 or not _is_number(cell.text))
            and not re.fullmatch(r"[$(%]+", cell.text)
        ):
            label = cell.text
        elif (numbers and re.fullmatch(r"[)%]{1,2}", cell.text)) or (
            numbers and re.fullmatch(r"[($\-]{1,2}", numbers[-1].text)
        ):
            before = numbers.pop()
            numbers.append(_Cell(before.first, cell.last, before.text + cell.text))
        elif _is_number(cell.text) or re.fullmatch(r"[($\-]{1,2}", cell.text) or NOTHING.fullmatch(cell.text):
            numbers.append(cell)
        elif not numbers:
            label = f"{label} {cell.text}".strip()
        else:
            return label, []  # words behind a number: a sentence, or a heading
    return label, numbers if any(_is_number(cell.text) for cell in numbers) else []


def _is_number(text: str) -> bool:
    return NUMERIC.fullmatch(text) is not None


def _exponents(text: str) -> set[int]:
    return {SCALES[(one or other).lower()] for one, other in SCALE.findall(text)}


def _grid(table: Tag) -> Iterator[list[_Cell]]:
    """The cells of each row with the columns they cover; one that reaches down stands in the rows below, too."""
    reaching: dict[int, tuple[int, _Cell]] = {}
    own = [row for row in table("tr") if row.find_parent("table") is table][:MOST_ROWS]
    for row in own:
        cells: list[_Cell] = []
        column = 0
        for cell in row(CELLS):
            if cell.find_parent("tr") is not row:
                continue
            column = _past(column, reaching, cells)
            wide, deep = _span(cell, "colspan"), _span(cell, "rowspan")
            text = _text(cell)
            made = _Cell(column, column + wide - 1, _unmarked(text), text)
            cells.append(made)
            if deep > 1:
                reaching[column] = (deep, made)
            column += wide
        _past(column, reaching, cells)
        reaching = {first: (left - 1, cell) for first, (left, cell) in reaching.items() if left > 1}
        yield cells


def _past(column: int, reaching: dict[int, tuple[int, _Cell]], cells: list[_Cell]) -> int:
    """The next free column; the cells that reach down from above are put among the others."""
    while column in reaching and reaching[column][1] not in cells:
        cell = reaching[column][1]
        cells.append(cell)
        column = cell.last + 1
    return column


def _span(cell: Tag, name: str) -> int:
    found = re.match(r"\d+", str(cell.get(name) or ""))
    return min(max(int(found[0]), 1), MOST_COLUMNS) if found else 1


def _text(cell: Tag) -> str:
    """What a cell shows, without the tables in it."""
    pieces = [
        str(text)
        for text in cell.find_all(string=True)
        if not isinstance(text, PreformattedString) and text.find_parent([*CELLS, "caption"]) is cell
    ]
    return shown("".join(pieces))


def _unmarked(text: str) -> str:
    """A number without the mark of a footnote behind it."""
    bare = MARK_BEHIND.sub("", text)
    return bare if _is_number(bare) else text


def _ahead(table: Tag) -> list[str]:
    """The paragraphs just before a table, the nearest last; another table ends them."""
    told: list[str] = []
    for text in table.find_all_previous(string=True):
        within = text.find_parent("table")
        if within is not None and not any(within is one for one in table.parents):
            break
        if (
            isinstance(text, NavigableString)
            and not isinstance(text, PreformattedString)
            and (said := shown(str(text)))
        ):
            told.insert(0, said)
        if len(told) == AHEAD:
            break
    return told
