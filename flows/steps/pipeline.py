"""What every flow works on: the settings, the declarations, the home folder, the archive and the clock."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from config.contracts import Capture, Parsed
from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from config.specs import Catalog, SourceSpec
from flows.network.clock import utc_now
from transforms.prices.doubts import without_doubted
from warehouse.archive.captures import Archive
from warehouse.home.lake import lake_of
from warehouse.home.layout import Home

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Built once at the door and passed down."""

    settings: Settings
    catalog: Catalog
    home: Home
    archive: Archive
    clock: Callable[[], datetime] = utc_now

    @classmethod
    def open(cls, settings: Settings | None = None) -> Pipeline:
        """From the environment. Raises Refused when a declaration is wrong or the home cannot be written."""
        settings = settings or Settings()
        lake = lake_of(settings.store.get_secret_value(), settings.store_data, settings.root, settings.object_endpoint)
        home = Home.open(settings.root, lake)
        return cls(settings, catalog(), home, Archive(home))

    def source(self, name: str) -> SourceSpec:
        """The declared source of that name. Raises Refused listing the names there are."""
        try:
            return self.catalog.sources[name]
        except KeyError:
            known = ", ".join(self.catalog.sources)
            raise Refused(f"there is no source {name!r}", remedy=f"choose one of: {known}") from None


def reader(spec: SourceSpec) -> Any:
    """The module that reads a source, found by name."""
    return importlib.import_module(f"transforms.sources.{spec.read_by}")


def requests_of(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:
    """What to ask for, as (scope, address): the module's requests(), or the one declared address.

    Nothing for a module with discover(): what there is to ask for is in the lists of filings (flows/steps/discovery.py).
    """
    module = reader(spec)
    if hasattr(module, "discover"):
        return []
    if hasattr(module, "requests"):
        return list(module.requests(spec, catalog))
    return [("", address) for address in spec.addresses]


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """The rows of a payload as stated. Raises SourceChanged when it is not what the source declares."""
    spec = catalog.sources[capture.source]
    parsed: Parsed = reader(spec).parse(payload, capture, catalog)
    if spec.dataset == "token_price" and spec.kind == "snapshot":
        return without_doubted(parsed, spec.id, capture.taken_at.date(), catalog)
    return parsed


def parse_in_parts(payload: bytes, capture: Capture, catalog: Catalog) -> Iterator[Parsed] | None:
    """The same rows some at a time, where the reader can do so: a long history, whole, is more than should be held."""
    module = reader(catalog.sources[capture.source])
    return module.parts(payload, capture, catalog) if hasattr(module, "parts") else None
