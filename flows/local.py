"""The nightly flow in this process, on the Prefect server that answers or on a private one."""

from __future__ import annotations

import os
from collections.abc import Callable

from config.settings import Settings
from flows.report import Summary
from flows.server import prefect_server
from warehouse.home import Home
from warehouse.lock import store_lock

# The run's own lines are what a person wants to see; Prefect's are in its server and in the log file.
LOGGING = {
    "PREFECT_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_LOGGERS_PREFECT_FLOW_RUNS_LEVEL": "INFO",
    "PREFECT_LOGGING_LOGGERS_PREFECT_TASK_RUNS_LEVEL": "INFO",
    "PREFECT_LOGGING_FORMATTERS_STANDARD_FLOW_RUN_FMT": "%(asctime)s  %(message)s",
    "PREFECT_LOGGING_FORMATTERS_STANDARD_TASK_RUN_FMT": "%(asctime)s  %(message)s",
    "PREFECT_LOGGING_FORMATTERS_STANDARD_DATEFMT": "%H:%M:%S",
    "PREFECT_LOGGING_COLORS": "false",
}


def run_nightly(settings: Settings, say: Callable[[str], None]) -> Summary:
    """Run the flow and return its summary. Raises StoreBusy at once, naming the holder, when the store is being written."""
    with store_lock(Home.open(settings.root), "capex-signals nightly (starting)"):
        pass
    for name, value in LOGGING.items():
        os.environ.setdefault(name, value)
    with prefect_server(settings, say):
        from flows.nightly import nightly  # noqa: PLC0415  only now does Prefect know its server

        return nightly()
