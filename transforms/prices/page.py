"""A seller's pricing page, HTML or its Markdown twin, as tables; and the cells of such tables as prices.

Cells spanning rows and columns are repeated in each place they cover; footnote marks (<sup>) and struck-out prices
(<del>) are dropped; a line break in a cell stays one. A reader says which layouts it knows, by their column labels: a
table of another layout is named in an issue and read by nobody, and a page without any known table is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag

from config.contracts import Issue
from transforms.prices.figures import PER_MILLION, PER_THOUSAND, Key, Number, Price, Stated, changed, per_mtok

MAX_PAGE_BYTES = 10_000_000
MAX_SPAN = 50
MAX_CELLS = (
    50_000  # of all tables of a page, each cell counted in every place it covers; the largest page seen has some 400
)
MAX_CELL = 400

SIGNS = {"US$": "USD", "$": "USD", "¥": "CNY", "￥": "CNY", "€": "EUR"}
NOTHING = frozenset({
    "", "-", "–", "—", "\\", "/", "n/a", "null", "none", "free", "free of charge", "not available", "not applicable",
    "limited-time free", "免费", "限时免费", "暂不支持",
})  # fmt: skip
_PER = {"mtok": PER_MILLION, "1m tokens": PER_MILLION, "million tokens": PER_MILLION, "1m": PER_MILLION, "m": PER_MILLION,
        "m tokens": PER_MILLION, "百万tokens": PER_MILLION, "1k tokens": PER_THOUSAND, "千tokens": PER_THOUSAND}  # fmt: skip
_MONEY = re.compile(
    r"(?P<sign>US\$|[^\w\s.,+\-]{1,3})? ?(?P<figure>\d{1,9}(?:\.\d{1,12})?) ?(?P<yuan>元|CNY|RMB|USD|EUR)?"
    r"(?: ?(?:/|per) ?(?P<per>[\w ]{1,20}))?(?: ?\(\d{1,2}\))?"
)
_SPAN = re.compile(r"0{0,9}[1-9][0-9]{0,8}")
_WORDS_OF_MONEY = {"元": "CNY", "CNY": "CNY", "RMB": "CNY", "USD": "USD", "EUR": "EUR"}


class Cell(NamedTuple):
    """A price cell as read: the currency it names (None: none) and the price, or why there is none."""

    currency: str | None
    price: Price


@dataclass(frozen=True, slots=True)
class Table:
    """A table with every cell in its place, and where on the page it stands."""

    grid: tuple[tuple[str, ...], ...]
    place: str
    section: str = ""
    subsection: str = ""
    codes: tuple[str, ...] = ()
    element: Tag | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A pricing page: its title or first heading, its canonical address (HTML), its text and its tables."""

    title: str
    canonical: str
    text: str
    tables: tuple[Table, ...]
    soup: BeautifulSoup | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """A table whose header row names what each column prices: label (lower case) -> token kind and tier."""

    listing: frozenset[str]
    prices: Mapping[str, tuple[str, str]]
    left: frozenset[str] = field(default_factory=frozenset)
    units: Mapping[str, int] = field(default_factory=dict)  # text of a unit column -> tokens
    signed: bool = False  # pages of it are in several currencies: a cell that names none is no price


def read_page(payload: bytes, source: str, *, canonical: str, title: str) -> Page:
    """The page. Raises SourceChanged when it is another page: `canonical` and `title` are patterns it must show.

    A page that names a canonical address must name this one; without one its title or first heading must fit. Titles are
    much alike: whose page it is, its models tell (`refuse_foreign_models`).
    """
    if len(payload) > MAX_PAGE_BYTES:
        raise changed(f"the page is larger than {MAX_PAGE_BYTES:,} bytes", source)
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise changed(f"the page is not UTF-8: {error}", source) from error
    page = _html(text, source) if text.lstrip()[:1] == "<" else _markdown(text)
    if page.canonical and not re.fullmatch(canonical, _address(page.canonical)):
        raise changed(f"another page came: it calls itself {page.canonical[:200]}", source)
    if not page.canonical and page.title and not re.search(title, page.title, re.IGNORECASE):
        raise changed(f"another page came: it is titled {page.title[:100]!a}", source)
    if not page.tables:
        raise changed("the page has no table", source)
    return page


def refuse_foreign_models(stated: Iterable[Stated], models: str, source: str) -> None:
    """Raises SourceChanged where most listings are not named as the seller names its `models` (a pattern, found anywhere).

    Several sellers keep a table of the same layout under the same title. A page about others' models is not this one.
    """
    listings = {one.key.listing for one in stated}
    foreign = sorted(one for one in listings if not re.search(models, one, re.IGNORECASE))
    if 2 * len(foreign) > len(listings):
        shown = ", ".join(ascii(one)[:60] for one in foreign[:3])
        raise changed(
            f"another page came: {len(foreign)} of its {len(listings)} models are another seller's ({shown})", source
        )


def _address(url: str) -> str:
    """Host and path; nothing where it is no address at all."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _html(text: str, source: str) -> Page:
    soup = BeautifulSoup(text, "lxml")
    link = soup.find("link", rel="canonical")
    title = soup.find("h1", id="page-title") or soup.find("title") or soup.find("h1")
    tables = tuple(_html_tables(soup, source))
    canonical = str(link.get("href", "")) if isinstance(link, Tag) else ""
    return Page(
        title.get_text(" ", strip=True) if title else "", canonical, soup.get_text(" ", strip=True), tables, soup
    )


def _html_tables(soup: BeautifulSoup, source: str) -> Iterator[Table]:
    """Every table with the headings above it and the code names since the last of them."""
    section, subsection, codes, number, room = "", "", list[str](), 0, MAX_CELLS
    for tag in soup.find_all(["h1", "h2", "h3", "code", "table"]):
        if tag.name == "table":
            if tag.find_parent("table") is not None:
                raise changed(f"table[{number}] stands inside of another table", source)
            grid, room = _grid(tag, room, source)
            if grid:
                yield Table(grid, f"table[{number}]", section, subsection, tuple(codes), tag)
            number += 1
        elif tag.name == "code":
            if tag.find_parent("table") is None:
                codes.append(tag.get_text(strip=True))
        elif tag.name == "h3":
            subsection = tag.get_text(" ", strip=True)
        else:
            section, subsection, codes = tag.get_text(" ", strip=True), "", []


def _grid(table: Tag, room: int, source: str) -> tuple[tuple[tuple[str, ...], ...], int]:
    """The table with every cell in its place, and how many more cells the page may have."""
    rows: list[dict[int, str]] = []
    for number, row in enumerate(table.find_all("tr")):
        while len(rows) <= number:
            rows.append({})
        column = 0
        for cell in row.find_all(["td", "th"]):
            if cell.decomposed:  # it stood in a footnote or struck-out text that an earlier cell never closed
                continue
            while column in rows[number]:
                column += 1
            down, across = _span(cell, "rowspan"), _span(cell, "colspan")
            room -= down * across
            if room < 0:
                raise changed(f"its tables have more than {MAX_CELLS:,} cells", source)
            text = _text(cell)
            for below in range(down):
                while len(rows) <= number + below:
                    rows.append({})
                rows[number + below].update(dict.fromkeys(range(column, column + across), text))
            column += across
    return tuple(tuple(row.get(at, "") for at in range(max(row) + 1)) for row in rows if row), room


def _span(cell: Tag, name: str) -> int:
    stated = str(cell.get(name, "1"))
    return min(int(stated), MAX_SPAN) if _SPAN.fullmatch(stated) else 1


def _text(cell: Tag) -> str:
    for dropped in cell.find_all(["sup", "del", "s"]):
        dropped.decompose()
    for line_break in cell.find_all("br"):
        line_break.replace_with("\n")
    return "\n".join(" ".join(line.split()) for line in cell.get_text().split("\n") if line.strip())[:MAX_CELL]


def _markdown(text: str) -> Page:
    """Pipe tables of a Markdown page; headings and inline code outside tables say where they stand."""
    title, section, subsection, codes = "", "", "", list[str]()
    tables, block = list[Table](), list[str]()
    for line in [*text.splitlines(), ""]:
        if line.lstrip().startswith("|"):
            block.append(line)
            continue
        if block:
            tables.extend(_pipes(block, len(tables), section, subsection, tuple(codes)))
            block = []
        if heading := re.match(r"(#{1,6})\s+(.{1,300})", line):
            level, words = len(heading[1]), _plain(heading[2])
            title = title or words
            if level <= 2:
                section, subsection, codes = words, "", []
            elif level == 3:
                subsection = words
        else:
            codes += re.findall(r"`([^`\s]{1,100})`", line[:1000])
    return Page(title, "", text, tuple(tables))


def _pipes(lines: list[str], number: int, section: str, subsection: str, codes: tuple[str, ...]) -> Iterator[Table]:
    rows = [tuple(_plain(cell)[:MAX_CELL] for cell in line.strip().strip("|").split("|")) for line in lines]
    grid = tuple(row for row in rows if not all(re.fullmatch(r":?-{2,}:?", cell) for cell in row))
    if grid:
        yield Table(grid, f"table[{number}]", section, subsection, codes)


def _plain(text: str) -> str:
    """Markdown of a cell or heading without links, emphasis, struck-out text and escapes."""
    text = re.sub(r"~~[^~]{0,200}~~", "", text)
    text = re.sub(r"\[([^\]\[]{0,300})\]\([^()\s]{0,500}\)", r"\1", text)
    text = re.sub(r"<br\s?/?>", "\n", text)
    text = re.sub(r"<sup>[^<]{0,20}</sup>", "", text).replace("\\$", "$").replace("**", "").replace("`", "")
    return "\n".join(" ".join(line.split()) for line in text.split("\n"))


def money(text: str, tokens: int = PER_MILLION) -> Cell:
    """The price a cell states for so many tokens unless it says for how many itself."""
    words = " ".join(text.split())
    if words.casefold() in NOTHING:
        return Cell(None, Price(None, None, f"stated as {words or 'nothing'}"[:80]))
    found = _MONEY.fullmatch(words[:100])
    if found is None:
        return Cell(None, Price(None, None, problem="not a price"))
    stated = found["sign"] or found["yuan"]
    currency = SIGNS.get(stated) or _WORDS_OF_MONEY.get(stated) if stated else None
    if stated and currency is None:
        return Cell(None, Price(None, None, problem=f"a currency nobody declared: {stated!a}"))
    per = _PER.get((found["per"] or "").strip().casefold()) if found["per"] else tokens
    if per is None:
        return Cell(currency, Price(None, None, problem=f"a unit nobody declared: {found['per']!a}"))
    return Cell(currency, per_mtok(str(Number(found["figure"])), per))


def stated_price(key: Key, text: str, locator: str, tokens: int = PER_MILLION, *, signed: bool = False) -> Stated:
    """A cell as one stated price. A currency the cell names goes before the one of `key`; `signed` wants one to be named."""
    cell = money(text, tokens)
    price = cell.price
    if signed and cell.currency is None and price.value is not None:
        price = Price(None, None, problem="no currency is stated")
    return Stated(key._replace(currency=cell.currency or key.currency), locator, price)


def label(text: str) -> str:
    """A column label to compare by: lower case, without footnote numbers and unit."""
    words = re.sub(r"\s?\(\d{1,2}\)", "", " ".join(text.split())).casefold()
    return re.sub(r"\s?\(?(/|per) ?(1?m tokens|mtok|million tokens|1m)\)?$", "", words).strip()


def labelled(tables: Iterable[Table], layout: Layout, key: Key, issues: list[Issue]) -> Iterator[Stated]:
    """The prices of every table of this layout; the others are named in one notice each."""
    for table in tables:
        header = [label(cell) for cell in table.grid[0]]
        kinds = {layout.prices[name][0] for name in header if name in layout.prices}
        if not layout.listing & set(header) or not {"input", "output"} <= kinds:
            shown = " | ".join(table.grid[0])[:150]
            issues.append(Issue("table of another layout", table.place, f"left: {shown}", "notice"))
            continue
        yield from _labelled(table, header, layout, key, issues)


def _labelled(table: Table, header: list[str], layout: Layout, key: Key, issues: list[Issue]) -> Iterator[Stated]:
    known = layout.listing | set(layout.prices) | layout.left
    for name in header:
        if name and name not in known:
            issues.append(Issue("unknown column", table.place, name[:100], "notice"))
    named = next(at for at, name in enumerate(header) if name in layout.listing)
    for number, row in enumerate(table.grid[1:], start=1):
        listing = row[named] if named < len(row) else ""
        if not listing or len(row) != len(header):
            issues.append(Issue("a row of another width", f"{table.place}/row[{number}]", " | ".join(row)[:200]))
            continue
        tokens = next((layout.units[cell.casefold()] for cell in row if cell.casefold() in layout.units), PER_MILLION)
        for at, name in enumerate(header):
            if name in layout.prices:
                kind, tier = layout.prices[name]
                one = key._replace(listing=listing, token_kind=kind, price_tier=tier)
                place = f"{table.place}/row[{number}]/cell[{at}]"
                yield stated_price(one, row[at], place, tokens, signed=layout.signed)
