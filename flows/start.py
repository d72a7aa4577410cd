"""A flow started from the command line: checked first, then run on the Prefect server that answers or on a private one.

A night is not lost with its server: what a source says of a day cannot be asked again, and verdicts need no server.
"""

from __future__ import annotations

import importlib
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from config.errors import Refused
from config.settings import Settings
from flows.prefect_server.local_run import Say, on_prefect, without_prefect
from warehouse.home.layout import Home
from warehouse.store.lock import store_lock

if TYPE_CHECKING:
    from flows.steps.report import Summary

WITHOUT = "this night goes on without one, and no run is recorded; `capex-signals doctor` says what is wrong"


def run_nightly(settings: Settings, say: Say) -> Summary:
    """Run the flow and return its summary; where no Prefect server serves it, the same steps without one.

    Raises StoreBusy at once, naming the holder, when the store is being written.
    """
    _require_store(settings, "nightly")
    # The server takes seconds to start: import what is heavy meanwhile. Prefect comes later, it must know its server.
    threading.Thread(target=importlib.import_module, args=("flows.steps.publish",), daemon=True).start()
    with ExitStack() as stack:
        try:
            stack.enter_context(on_prefect(settings, say))
        except (Refused, OSError) as problem:
            why = f"{problem.place}: {problem.message}" if isinstance(problem, Refused) else str(problem)
            say(f"no Prefect server can be started ({why.rstrip('.')}): {WITHOUT}")
        else:
            from httpx import HTTPError  # noqa: PLC0415  only now does Prefect know its server
            from prefect.exceptions import PrefectException  # noqa: PLC0415

            from flows.nightly import nightly  # noqa: PLC0415

            try:
                return nightly()
            except (HTTPError, PrefectException) as error:  # whatever it had done, a night may be repeated
                say(f"the Prefect server does not serve this run ({_first_line(error)}): {WITHOUT}")
    with without_prefect(settings):
        from flows.unserved import nightly_unserved  # noqa: PLC0415  it reads Prefect's settings all the same

        return nightly_unserved(settings, say)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def run_backfill(settings: Settings, parameters: dict[str, Any], say: Say) -> str:
    """Run the flow and return its last sentence. Raises Refused, naming the field, before anything is started."""
    from flows.past.request import BackfillRequest  # noqa: PLC0415  with Prefect's form it takes a second
    from flows.steps.pipeline import Pipeline  # noqa: PLC0415

    pipeline = Pipeline.open(settings)
    request = BackfillRequest.checked(parameters, pipeline.catalog, pipeline.clock().date())
    if not request.changes_nothing:
        _require_store(settings, "backfill")
    with on_prefect(settings, say):
        from flows.backfill import backfill  # noqa: PLC0415  only now does Prefect know its server

        done: str = backfill(**{**parameters, "sources": list(request.sources)})
        return done


def _require_store(settings: Settings, command: str) -> None:
    with store_lock(Home.open(settings.root), f"capex-signals {command} (starting)"):
        pass
