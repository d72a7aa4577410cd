"""An earnings release as text: its paragraphs in order, their sentences, and where it speaks of the year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from transforms.filings.shown_text import remove_unseen, shown

BLOCKS = ["p", "div", "li", "tr", "table", "h1", "h2", "h3", "h4", "h5", "body", "ul", "ol"]
BULLET = re.compile(r"(?:^|\s)[\u00b7\u2022\u25cf\uf0b7\u25aa]\s*")
# A new sentence begins after an end mark and closing quotes, before a capital or an opening quote.
SENTENCES = re.compile(r"(?<=[.!?\u201d\"])\s+(?=[A-Z\u201c\"])|(?<=,[\u201d'\"])\s+(?=said )")
TAIL = 2048


def is_whole(html: bytes) -> bool:
    """Whether the page has its end."""
    return b"</html>" in html[-TAIL:].lower()


def paragraphs(html: bytes) -> list[str]:
    """The texts of the page block by block as a browser shows them, without empty ones; a row of a table is a block.

    Hidden and struck text is left out, and so are raised marks of footnotes, which would lengthen the number before them.
    """
    soup = BeautifulSoup(html, "lxml")
    remove_unseen(soup)
    for line_break in soup(["br"]):
        line_break.replace_with(" ")
    for cell in soup(["td", "th"]):
        cell.insert_after(" ")
    page = soup.body or soup
    strings = [text for text in page.find_all(string=True) if not isinstance(text, PreformattedString)]
    texts = (shown("".join(pieces)) for _, pieces in groupby(strings, key=_block))
    return [text for text in texts if text]


def joined(text: str, following: str) -> str:
    """A sentence that goes on in the next block, put together; empty where the text ends or the next one begins anew."""
    return f"{text} {following}" if text[-1:] not in ".!?:;" and re.match(r"[a-z\d$%(]", following) else ""


def sentences(paragraph: str) -> Iterator[str]:
    """The sentences of a paragraph without bullets and enclosing quotation marks."""
    for item in BULLET.split(paragraph):
        for sentence in SENTENCES.split(item):
            if trimmed := sentence.strip().lstrip("-\u2013 ").strip("\u201c\u201d\"' "):
                yield trimmed


def _block(text: NavigableString) -> int:
    """Which block a piece of text stands in."""
    parent = text.find_parent(BLOCKS)
    return id(parent) if isinstance(parent, Tag) else 0
