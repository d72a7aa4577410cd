"""What a run in this process needs: a Prefect server, and its lines on the screen of whoever started it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from config.settings import Settings
from flows.prefect_server.server import LOOPBACK, pointed_at, prefect_server

# A person wants the run's own lines, which come through flows.steps.progress; Prefect's are in its server.
LOGGING = {"PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL"}

NOBODY = (
    f"http://{LOOPBACK}:9/api"  # the port of discarding: without an address Prefect would start a server of its own
)

Say = Callable[[str], None]


@contextmanager
def on_prefect(settings: Settings, say: Say) -> Iterator[None]:
    """A server, and every line of the run's on the screen."""
    for name, value in LOGGING.items():
        os.environ.setdefault(name, value)
    with prefect_server(settings, say):
        from flows.steps.progress import listening  # noqa: PLC0415  only now does Prefect know its server

        with listening(say):
            yield


@contextmanager
def without_prefect(settings: Settings) -> Iterator[None]:
    """No server, and the settings of nobody: those of the home may be what keeps a server from starting."""
    with TemporaryDirectory(prefix="capex-signals-prefect-") as folder, pointed_at(NOBODY, settings, Path(folder)):
        yield
