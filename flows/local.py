"""A flow in this process, on the Prefect server that answers or on a private one."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from config.settings import Settings
from flows.server import prefect_server
from warehouse.home import Home
from warehouse.lock import store_lock

if TYPE_CHECKING:
    from flows.report import Summary

# A person wants the run's own lines, which come through flows.telling; Prefect's are in its server.
LOGGING = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}

Say = Callable[[str], None]


def run_nightly(settings: Settings, say: Say) -> Summary:
    """Run the flow and return its summary. Raises StoreBusy at once, naming the holder, when the store is being written."""
    _require_store(settings, "nightly")
    # The server takes seconds to start: import what is heavy meanwhile. Prefect comes later, it must know its server.
    threading.Thread(target=importlib.import_module, args=("flows.answer",), daemon=True).start()
    with _prefect(settings, say):
        from flows.nightly import nightly  # noqa: PLC0415  only now does Prefect know its server

        return nightly()


def run_backfill(settings: Settings, parameters: dict[str, Any], say: Say) -> str:
    """Run the flow and return its last sentence. Raises Refused, naming the field, before anything is started."""
    from flows.backfill_request import BackfillRequest  # noqa: PLC0415  with Prefect's form it takes a second
    from flows.pipeline import Pipeline  # noqa: PLC0415

    pipeline = Pipeline.open(settings)
    request = BackfillRequest.checked(parameters, pipeline.catalog, pipeline.clock().date())
    if not request.changes_nothing:
        _require_store(settings, "backfill")
    with _prefect(settings, say):
        from flows.backfill import backfill  # noqa: PLC0415  only now does Prefect know its server

        done: str = backfill(**{**parameters, "sources": list(request.sources)})
        return done


def _require_store(settings: Settings, command: str) -> None:
    with store_lock(Home.open(settings.root), f"capex-signals {command} (starting)"):
        pass


@contextmanager
def _prefect(settings: Settings, say: Say) -> Iterator[None]:
    """A server, and every line of the run's on the screen."""
    for name, value in LOGGING.items():
        os.environ.setdefault(name, value)
    with prefect_server(settings, say):
        from flows.telling import listening  # noqa: PLC0415  only now does Prefect know its server

        with listening(say):
            yield
