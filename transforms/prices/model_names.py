"""Names to models: what a price table or a board calls a model, on a day, as a canonical model id.

Names are matched exactly, as declared in config/models.yml, and nothing is guessed: what matches no alias stays
without a model and is listed by the views `unmatched_listing` and `unmatched_entrant`. Vendors re-point names
(deepseek-chat has been seven models), so an alias may hold for some days only. The registry is identity, not
evidence: it is exempt from as-of rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import polars as pl

from config.errors import Refused
from config.specs import Catalog
from transforms.prices.listing_keys import provider_of

ALIAS_SCHEMA = pl.Schema(
    {
        "name": pl.String,
        "source": pl.String,
        "provider": pl.String,
        "model": pl.String,
        "valid_from": pl.Date,
        "valid_to": pl.Date,
    }
)
_PLACE = "config/models.yml"


class _Use(NamedTuple):
    """One row of the alias table; None means any source, any provider, no first or last day."""

    name: str
    source: str | None
    provider: str | None
    model: str
    valid_from: date | None
    valid_to: date | None

    def overlaps(self, other: _Use) -> bool:
        return (
            _same_or_any(self.source, other.source)
            and _same_or_any(self.provider, other.provider)
            and (self.valid_from or date.min) < (other.valid_to or date.max)
            and (other.valid_from or date.min) < (self.valid_to or date.max)
        )


def _same_or_any(left: str | None, right: str | None) -> bool:
    return left is None or right is None or left == right


class _Declared:
    """A catalog told from others by which object it is: it is frozen, and too large to compare."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def __hash__(self) -> int:
        return id(self.catalog)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Declared) and other.catalog is self.catalog


def alias_frame(catalog: Catalog) -> pl.DataFrame:
    """Every alias as a row of ALIAS_SCHEMA, sorted; one name means at most one model per source, provider and day.

    A null source, provider, valid_from or valid_to does not limit; valid_to is exclusive. In SQL: join on name where
    (source is null or equal), (provider is null or equal), (valid_from is null or <= day), (valid_to is null or > day).
    Raises Refused for a name with overlapping validities, an empty validity, or a source that does not exist.
    """
    return _alias_frame(_Declared(catalog))


@lru_cache(maxsize=4)
def _alias_frame(declared: _Declared) -> pl.DataFrame:
    """Built once for a catalog, since every capture of a price list is held against it."""
    uses = sorted(
        _uses(declared.catalog), key=lambda use: (use.name, use.source or "", use.valid_from or date.min, use.model)
    )
    _refuse_ambiguity(uses)
    return pl.DataFrame(uses, schema=ALIAS_SCHEMA, orient="row")


def meant_on(source: str, on: date, catalog: Catalog) -> Callable[[str, str], list[str]]:
    """(name, provider) -> the models that a name of a seller's means in a source on a day: one, or none."""
    uses = _uses_by_name(_Declared(catalog))

    def meant(name: str, provider: str) -> list[str]:
        if name not in uses:  # as of most
            return []
        return [
            use.model
            for use in uses[name]
            if (use.source is None or use.source == source)
            and (use.provider is None or use.provider == provider)
            and (use.valid_from is None or use.valid_from <= on)
            and (use.valid_to is None or use.valid_to > on)
        ]

    return meant


def developers_of(catalog: Catalog) -> frozenset[str]:
    """Who develops a model."""
    return _developers(_Declared(catalog))


@lru_cache(maxsize=4)
def _developers(declared: _Declared) -> frozenset[str]:
    return frozenset(model.developer for model in declared.catalog.models.values())


@lru_cache(maxsize=4)
def _uses_by_name(declared: _Declared) -> dict[str, list[_Use]]:
    uses: dict[str, list[_Use]] = {}
    for use in _uses(declared.catalog):
        uses.setdefault(use.name, []).append(use)
    return uses


def model_frame(catalog: Catalog) -> pl.DataFrame:
    """Every model: model, developer, released_on."""
    rows = [(model.id, model.developer, model.released_on) for model in catalog.models.values()]
    schema = {"model": pl.String, "developer": pl.String, "released_on": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row").sort("model")


def _uses(catalog: Catalog) -> Iterator[_Use]:
    for model in catalog.models.values():
        for alias in model.aliases:
            place = f"{_PLACE}: {model.id}: {alias.name}"
            if unknown := [source for source in alias.sources if source not in catalog.sources]:
                raise Refused(f"no source {', '.join(unknown)}", place=place, remedy="name a file of config/sources")
            if alias.valid_from and alias.valid_to and alias.valid_from >= alias.valid_to:
                raise Refused("valid_to is not after valid_from", place=place, remedy="valid_to is the first day after")
            for source in alias.sources or (None,):
                provider = alias.provider or None
                yield _Use(alias.name, source, provider, model.id, alias.valid_from, alias.valid_to)
    yield from _own_names(catalog)


def _own_names(catalog: Catalog) -> Iterator[_Use]:
    """What a developer calls its model where litellm puts the seller before the name: `grok-4.3` of xai is `xai/grok-4.3`. So it is
    called on its own pages, in its documents and in other lists. A name that is declared itself means what is declared.
    """
    declared = {alias.name for model in catalog.models.values() for alias in model.aliases}
    found: dict[_Use, None] = {}
    for model in catalog.models.values():
        for alias in model.aliases:
            seller, _, name = alias.name.partition("/")
            if name and "/" not in name and name not in declared and provider_of("", seller) == model.developer:
                for source in alias.sources or (None,):
                    found[_Use(name, source, model.developer, model.id, alias.valid_from, alias.valid_to)] = None
    yield from found


def _refuse_ambiguity(uses: list[_Use]) -> None:
    by_name: dict[str, list[_Use]] = {}
    for use in uses:
        by_name.setdefault(use.name, []).append(use)
    for name, same in by_name.items():
        for one, other in combinations(same, 2):
            if one.overlaps(other):
                message = f"{name!r} means {one.model} and {other.model} on the same days"
                raise Refused(message, place=_PLACE, remedy="give the aliases validities or sources that do not meet")


def model_of(named: pl.DataFrame, aliases: pl.DataFrame) -> pl.Series:
    """The model id of each row of `named`, or null; aligned with its rows.

    `named` has name, source and on (a Date: the day the name was used), and may have provider. A row without a day
    matches only aliases that hold on every day; a row without a provider only aliases of any provider.
    """
    optional = [] if "provider" in named.columns else [pl.lit(None, dtype=pl.String).alias("provider")]
    rows = named.with_columns(optional).select("name", "source", "provider", pl.col("on").cast(pl.Date))
    found = (
        rows.lazy()
        .unique()
        .join(aliases.lazy(), on="name", how="inner", suffix="_alias")
        .filter(
            pl.col("source_alias").is_null() | (pl.col("source_alias") == pl.col("source")),
            pl.col("provider_alias").is_null() | (pl.col("provider_alias") == pl.col("provider")),
            pl.col("valid_from").is_null() | (pl.col("valid_from") <= pl.col("on")),
            pl.col("valid_to").is_null() | (pl.col("valid_to") > pl.col("on")),
        )
        .select("name", "source", "provider", "on", "model")
    )
    keys = ["name", "source", "provider", "on"]
    return (
        rows.lazy()
        .join(found, on=keys, how="left", nulls_equal=True, maintain_order="left")
        .select("model")
        .collect()["model"]
    )
