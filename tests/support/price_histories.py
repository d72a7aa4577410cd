"""Generated histories of prices: what lists, pages, a seller's interface and documents say of a listing, day by day.

Each history is of sellers and models of its own, so that a thousand lie in one store. A listing keeps what it states for a while:
a price, none, one that is kept out, an end or a price stated ahead; a name may mean another listing, and mean it no more.
"""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from pathlib import Path

from price_book import PriceBook, Row, frame, price

from config.contracts import Parsed
from config.load import catalog
from config.specs import Catalog, Model
from warehouse.published.stage import Stage

START = date(2026, 1, 1)
LISTS = ("litellm_prices", "tokencost_prices", "genai_prices")
SERIES = [("input", "standard"), ("output", "standard"), ("input", "batch"), ("cache_read", "standard"), ("output", "peak"), ("output", "off_peak")]  # fmt: skip
PRICES = (1.0, 2.0, 4.0, 30.0, 0.5)
RENAMED_ON = START + timedelta(days=40)
Said = dict[tuple[str, str, int], list[Row]]  # source, scope, day: rows


def registry(count: int) -> Catalog:
    """Of each history two models, of which one took a name over from the other, and a moving name that is a model of its own."""
    models = {}
    for number in range(count):
        named: dict[str, list[dict[str, object]]] = {
            f"m{number}": [{"name": f"m{number}"}, {"name": f"old{number}", "valid_to": RENAMED_ON}],
            f"m{number}b": [{"name": f"m{number}b"}, {"name": f"old{number}", "valid_from": RENAMED_ON}],
            f"m{number}-latest": [{"name": f"m{number}-latest"}],
        }
        for name, aliases in named.items():
            models[name] = Model.model_validate({"id": name, "developer": f"s{number}", "aliases": aliases})
    declared = catalog()
    pages = declared.sources["openai_pricing"].model_copy(update={"id": "pages"})
    interface = declared.sources["openrouter_prices"].model_copy(
        update={"id": "interface", "interface_of": "router", "covers": ("router",)}
    )
    sources = {**declared.sources, "pages": pages, "interface": interface}
    return declared.model_copy(update={"models": models, "sources": sources})


def histories(chance: random.Random, count: int) -> Said:
    said: Said = {}
    for number in range(count):
        names = chance.sample([f"m{number}", f"old{number}", f"m{number}-latest", f"m{number}b", f"new{number}"], 2)
        series = chance.sample(SERIES, chance.randint(1, 3))
        for source in chance.sample(LISTS, chance.randint(1, 3)):
            for day, rows in _listed(chance, number, names, series).items():
                said.setdefault((source, "", day), []).extend(rows)
        own = next((name for name in names if not name.startswith("new")), "")
        if own and chance.random() < 0.6:
            said |= _documents(chance, number, own, series)
        if chance.random() < 0.4:
            for day in chance.sample(range(0, 110, 4), chance.randint(1, 4)):
                rows = [price(names[0], chance.choice(PRICES[:3]), absence=None, **_of(number, *one)) for one in series]
                said.setdefault(("pages", f"page-{number % 3}", day), []).extend(rows)
        if chance.random() < 0.4:
            for source in ("interface", "genai_prices"):
                for day, rows in _listed(chance, number, [f"r/m{number}"], [("input", "standard")], "router").items():
                    said.setdefault((source, "", day), []).extend(rows)
    return said


def staged(folder: Path, known: Catalog, said: Said, until: datetime | None = None) -> Stage:
    """What had been said by an instant, or all of it, with the views of prices."""
    book = PriceBook(folder, known)
    for source, scope, day in sorted(said, key=lambda place: (taken_at(place[0], place[2]), place)):
        at = taken_at(source, day)
        if until is None or at <= until:
            book.load(source, at, Parsed(frame(said[source, scope, day])), scope)
    return book.stage("32_price_disagreement", "61_model_price")


def taken_at(source: str, day: int) -> datetime:
    """Documents are known, and read, at the end of their day; lists are taken at noon."""
    return datetime.combine(START + timedelta(days=day), time.max if source == "price_announcements" else time(12))


def _of(number: int, kind: str, tier: str, seller: str = "") -> Row:
    hours = {"hours_utc": "01:00-04:00"} if tier == "peak" else {}
    return {"provider": seller or f"s{number}", "token_kind": kind, "price_tier": tier, **hours}


def _listed(
    chance: random.Random, number: int, names: list[str], series: list[tuple[str, str]], seller: str = ""
) -> dict[int, list[Row]]:
    """What a list states of the names every sixth day."""
    shown: dict[tuple[str, str, str], list[Row]] = {}
    meant = dict.fromkeys(names)
    days: dict[int, list[Row]] = {}
    for day in range(0, 110, 6):
        days[day] = []
        for name in names:
            if name.endswith("-latest") or name.startswith("new"):
                meant[name] = (
                    chance.choice([None, f"m{number}", f"m{number}b"]) if chance.random() < 0.2 else meant[name]
                )
            for kind, tier in series:
                key = (name, kind, tier)
                if key not in shown or chance.random() < 0.35:
                    shown[key] = _stated(chance, name, day, _of(number, kind, tier, seller))
                days[day] += [row | {"alias_of": meant[name]} for row in shown[key]]
    return days


def _stated(chance: random.Random, name: str, day: int, of: Row) -> list[Row]:
    current = price(name, chance.choice(PRICES), absence=None, **of)
    ahead = {"valid_from": START + timedelta(days=day + chance.choice([0, 7, 20])), "valid_from_basis": "documented"}
    return chance.choices(
        [
            [current], [], [price(name, None, absence="no_price", **of)], [price(name, None, absence="quarantined", **of)],
            [price(name, None, absence="ended", **of, **ahead)], [current, price(name, None, absence="ended", **of, **ahead)],
            [current, price(name, chance.choice(PRICES), absence=None, **of, **ahead)],
        ],
        [10, 3, 1, 1, 1, 1, 1],
    )[0]  # fmt: skip


def _documents(chance: random.Random, number: int, name: str, series: list[tuple[str, str]]) -> Said:
    """The seller's file after each of its documents: it holds those before, too."""
    told: list[Row] = []
    files: Said = {}
    for day in sorted(chance.sample(range(110), chance.randint(1, 3))):
        for kind, tier in series:
            on = START + timedelta(days=day + chance.choice([0, 0, 0, 10, 25]))
            value = None if chance.random() < 0.2 else chance.choice(PRICES)
            known = {"known_at": taken_at("price_announcements", day), "document_id": f"{number}-{day}"}
            told.append(price(name, value, valid_from=on, valid_from_basis="documented", evidence_tier=1, **known, **_of(number, kind, tier)))  # fmt: skip
        files["price_announcements", f"{number}.yml", day] = [*told]
    return files
