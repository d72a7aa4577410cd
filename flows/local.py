"""The nightly flow in this process, on the Prefect server that answers or on a private one."""

from __future__ import annotations

import importlib
import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from config.settings import Settings
from flows.server import prefect_server
from warehouse.home import Home
from warehouse.lock import store_lock

if TYPE_CHECKING:
    from flows.report import Summary

# A person wants the run's own lines, which come through flows.telling; Prefect's are in its server.
LOGGING = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}


def run_nightly(settings: Settings, say: Callable[[str], None]) -> Summary:
    """Run the flow and return its summary. Raises StoreBusy at once, naming the holder, when the store is being written."""
    with store_lock(Home.open(settings.root), "capex-signals nightly (starting)"):
        pass
    for name, value in LOGGING.items():
        os.environ.setdefault(name, value)
    # The server takes seconds to start: import what is heavy meanwhile. Prefect comes later, it must know its server.
    threading.Thread(target=importlib.import_module, args=("flows.answer",), daemon=True).start()
    with prefect_server(settings, say):
        from flows.nightly import nightly  # noqa: PLC0415  only now does Prefect know its server
        from flows.telling import listening  # noqa: PLC0415

        with listening(say):
            return nightly()
