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
from flows.fetch import utc_now
from transforms.price_doubts import without_doubted
from warehouse.archive import Archive
from warehouse.home import Home


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
        home = Home.open(settings.root)
        return cls(settings, catalog(), home, Archive(home))

    def source(self, name: str) -> SourceSpec:
        """The declared source of that name. Raises Refused listing the names there are."""
        try:
            return self.catalog.sources[name]
        except KeyError:
            known = ", ".join(self.catalog.sources)
            raise Refused(f"there is no source {name!r}", remedy=f"choose one of: {known}") from None


def reader(source: str) -> Any:
    """The module that reads a source, found by name."""
    return importlib.import_module(f"transforms.sources.{source}")


def requests_of(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:
    """What to ask for, as (scope, address): the module's requests(), or the one declared address.

    Nothing for a module with discover(): what there is to ask for is in the lists of filings (flows/discovery.py).
    """
    module = reader(spec.id)
    if hasattr(module, "discover"):
        return []
    if hasattr(module, "requests"):
        return list(module.requests(spec, catalog))
    return [("", address) for address in spec.addresses]


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """The rows of a payload as stated. Raises SourceChanged when it is not what the source declares."""
    parsed: Parsed = reader(capture.source).parse(payload, capture, catalog)
    spec = catalog.sources[capture.source]
    if spec.dataset == "token_price" and spec.kind == "snapshot":
        return without_doubted(parsed, spec.id, capture.taken_at.date(), catalog)
    return parsed


def parse_in_parts(payload: bytes, capture: Capture, catalog: Catalog) -> Iterator[Parsed] | None:
    """The same rows some at a time, where the reader can do so: a long history, whole, is more than should be held."""
    module = reader(capture.source)
    return module.parts(payload, capture, catalog) if hasattr(module, "parts") else None
