"""Small pieces of HTML. Every text goes through `text`; every address through `link`, which lets only http(s) through."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import TypeGuard

from transforms.site.words import MISSING, Bilingual

WEB = re.compile(r"https?://[^\s\"'<>\\]+\Z")


def text(value: object) -> str:
    """Escaped for element content and for quoted attributes."""
    return html.escape(str(value), quote=True)


def both(term: Bilingual, *, block: bool = False) -> str:
    """Chinese first, English after it (below it as a block); once only where they are the same."""
    tag = "div" if block else "span"
    if term.zh == term.en:
        return f"<{tag}>{text(term.zh)}</{tag}>"
    return f'<{tag} lang="zh-Hant">{text(term.zh)}</{tag}> <{tag} lang="en" class="en">{text(term.en)}</{tag}>'


def is_web(url: str | None) -> TypeGuard[str]:
    """Whether an address leads to the web, and can do nothing else."""
    return url is not None and WEB.match(url) is not None


def link(url: str | None, shown: str) -> str:
    """A link to a web address; anything else is shown as its text alone."""
    if not is_web(url):
        return text(shown)
    return f'<a href="{text(url)}" rel="noopener noreferrer">{text(shown)}</a>'


def table(heads: Iterable[Bilingual], rows: Iterable[Iterable[str]], *, kind: str = "") -> str:
    """A table of cells that are HTML already. On narrow screens each row becomes a card, its labels from the heads."""
    names = list(heads)
    head = "".join(f'<th scope="col">{both(name, block=True)}</th>' for name in names)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-label="{text(_label(name))}"><div>{cell or MISSING}</div></td>'
            for name, cell in zip(names, cells, strict=True)
        )
        + "</tr>\n"
        for cells in rows
    )
    return f'<table class="{text(kind)}"><thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>\n'


def _label(name: Bilingual) -> str:
    return name.zh if name.zh == name.en else f"{name.zh} {name.en}"
