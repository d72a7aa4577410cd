"""How the short names of sources read in a cell: models, sellers, documents, definitions, the program's own remarks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from config.dictionary import chinese
from config.load import catalog
from config.terms import terms
from transforms.claim_tests.model_titles import HYPHENED, SPELT, model_title
from transforms.site.words import Bilingual, Phrase

ACCESSION = re.compile(r"\d{10}-\d\d-\d{6}")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
BOARD_DAY = re.compile(r"\w+/(\w+)@(\d{4}-\d\d-\d\d)")  # a day of a board, in the words of its source
NO_HOSTS: Mapping[str, str] = MappingProxyType({})
PERIOD = re.compile(r"fy\d{4}(q\d)?")


def term(name: str) -> Phrase:
    """The term of a series, part, organisation or choice; a name without one in plain words."""
    known = terms().concepts.get(name)
    return (
        Phrase(known.zh, known.en)
        if known
        else Phrase.same(proper(name) if "_" not in name else name.replace("_", " "))
    )


def proper(name: str) -> str:
    """A seller or organisation of which only a short name is known: fireworks-ai becomes Fireworks AI."""
    if name != name.lower() or name in HYPHENED:
        return HYPHENED.get(name, name)
    return " ".join(SPELT.get(word, word.capitalize()) for word in name.split("-"))


@cache
def model(name: str) -> Phrase:
    """The name of a model as its developer writes it."""
    return Phrase.same(model_title(name))


def document(name: str, hosts: Mapping[str, str] = NO_HOSTS) -> Phrase:
    """A document by its accession number, else by what its short name says: the site, what it is, its period and day.

    `hosts` has the sites by their names with hyphens for dots: which hyphen was one cannot be told from the short name.
    """
    if ACCESSION.fullmatch(name):
        return Phrase.same(f"SEC {name}")
    if board := BOARD_DAY.fullmatch(name):
        told = term(board[1])
        return Phrase(f"{told.zh} {board[2]}", f"{told.en} {board[2]}")
    day = DAY.search(name)
    stem = (name[: day.start()] + name[day.end() :] if day else name).strip("-")
    words = [word for word in stem.split("-") if word]
    kinds = terms().documents
    tickers = {ticker.lower() for ticker in catalog().companies}
    if not any(word in kinds or word in tickers or PERIOD.fullmatch(word) for word in words):
        told = Phrase.same(hosts.get(stem) or " ".join(words))
    else:
        told = Phrase(*(" ".join(_part(word, kinds, tickers, end) for word in words) for end in ("zh", "en")))
    return Phrase(f"{told.zh} {day[0]}", f"{told.en} {day[0]}") if day else told


def _part(word: str, kinds: Mapping[str, Bilingual], tickers: set[str], end: str) -> str:
    if word in kinds:
        return str(getattr(kinds[word], end))
    return word.upper() if word in tickers or PERIOD.fullmatch(word) else word


MEMBER = re.compile(r"=[\w-]+:(\w+?)(?:Member)?(?=;|$)")


def definition(name: str) -> Phrase:
    """A definition, with the members of its dimensions in words."""
    base, _, dimensions = name.partition(" ")
    told = term(base)
    members = [re.sub(r"(?<=[a-z])(?=[A-Z])", " ", member) for member in MEMBER.findall(dimensions)]
    if not members:
        return term(name)
    return Phrase(f"{told.zh}：{'、'.join(members)}", f"{told.en}: {', '.join(members)}")


def source(name: str) -> Phrase:
    """The titles of one source or of several."""
    found = [catalog().sources.get(one) for one in name.split(" ")]
    told = [Phrase(one.title_zh or one.title, one.title) if one else Phrase.same(name) for one in found]
    return Phrase("、".join(one.zh for one in told), ", ".join(one.en for one in told))


def scale(name: str) -> Phrase:
    """A scale of a board by the board, its first day and, where it is one source's own, that source."""
    board, _, rest = name.partition("@")
    day, _, own = rest.partition(":")
    if not day:
        return term(name)
    named, label = term(board), terms().labels["scale_of"]
    zh, en = (label.zh.format(board=named.zh, day=day), label.en.format(board=named.en, day=day))
    # Of a board that is fitted anew every time each source has scales of its own; the source stands beside it.
    return Phrase(f"{zh}（該來源自有）", f"{en} (the source's own)") if own else Phrase(zh, en)


SERIES = re.compile(r"(guided|actual)_(FY\d{4})|(premium|own)_(\w+)")


def series(name: str) -> Phrase:
    """A series of evidence, as assets/core.js names it: a guided or actual year, a board, else its term."""
    found = SERIES.fullmatch(name)
    if found and found[1]:
        word = terms().labels["guided" if found[1] == "guided" else "actual_spent"]
        return Phrase(f"{found[2]} {word.zh}", f"{found[2]} {word.en}")
    return term(found[4]) if found and found[4] in terms().concepts else term(name)


def seller_line(name: str) -> Phrase:
    """A line of the price book, `seller kind (list)`, in words."""
    found = re.fullmatch(r"(\S+) (\w+) \((\w+)\)", name)
    if not found:
        return Phrase.same(name)
    seller, kind, listed = term(found[1]), term(found[2]), source(found[3])
    return Phrase(f"{seller.zh} {kind.zh}（{listed.zh}）", f"{seller.en} {kind.en} ({listed.en})")


def from_terms(kind: str) -> Callable[[str], Phrase]:
    """Names of one kind of config/terms.yml."""

    def told(name: str) -> Phrase:
        known = getattr(terms(), kind).get(name)
        return Phrase(known.zh, known.en) if known else Phrase.same(name.replace("_", " "))

    return told


def meaning(text: str) -> Phrase:
    """What the dictionary says of a view, macro or column."""
    return Phrase(chinese().get(text, text), text)


def message(text: str) -> Phrase | None:
    """What the program remarked, in both languages; None where only its own words are at hand."""
    found = next((one for start, one in terms().messages.items() if text.startswith(start)), None)
    return Phrase(found.zh, found.en) if found else None
