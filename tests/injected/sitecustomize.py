"""Loaded by every Python process whose PYTHONPATH names this folder: sources on loopback, a fixed clock, a death at a step.

Only tests use it. What to change stands in the JSON file that CAPEX_SIGNALS_INJECT names; see tests/support/injection.py.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

PLAN: dict[str, Any] = json.loads(Path(os.environ["CAPEX_SIGNALS_INJECT"]).read_text())


def _catalog(module: Any) -> None:
    """Only some sources and claims, and the sources' declarations changed."""
    load = module.load_catalog

    def changed(*arguments: Any) -> Any:
        whole = load(*arguments)
        sources = {
            name: type(spec).model_validate({**spec.model_dump(), **PLAN["sources"][name]})
            for name, spec in whole.sources.items()
            if name in PLAN["sources"]
        }
        claims = {name: spec for name, spec in whole.claims.items() if name in PLAN["claims"]}
        from subset import with_sources

        return with_sources(whole, sources).model_copy(update={"claims": claims})

    module.load_catalog = changed
    module.analyst_files.__defaults__ = (Path("/nonexistent"),)


def _policy(module: Any) -> None:
    module.NetworkPolicy.__init__.__defaults__ = (True,)


def _clock(module: Any) -> None:
    if not PLAN.get("now"):
        return
    fixed = datetime.fromisoformat(PLAN["now"])
    module.utc_now = lambda: fixed


def _starter(module: Any) -> None:
    if not PLAN.get("starter"):
        module.read_starter.__defaults__ = (Path("/nonexistent"),)


def _fault(module: Any) -> None:
    """Die, fail or pause at the n-th call of one function, before or after it has done its work."""
    fault = PLAN["fault"]
    *owners, name = fault["function"].split(".")
    owner = module
    for part in owners:
        owner = getattr(owner, part)
    original, calls = getattr(owner, name), iter(range(1, 1_000_000))

    def faulty(*arguments: Any, **options: Any) -> Any:
        hit = fault.get("always") or (next(calls) == fault.get("nth", 1) and not Path(fault["once"]).exists())
        if hit:
            Path(fault["once"]).write_text(str(os.getpid()))
        if hit and fault["when"] == "before":
            _strike(fault)
        result = original(*arguments, **options)
        if hit and fault["when"] == "after":
            _strike(fault)
        return result

    setattr(owner, name, faulty)


def _strike(fault: dict[str, Any]) -> None:
    if fault["kind"] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fault["kind"] == "full":
        raise OSError(28, "No space left on device")
    else:
        time.sleep(fault["seconds"])


def _constants(module: Any) -> None:
    for name, value in PLAN.get("constants", {}).get(module.__name__, {}).items():
        setattr(module, name, value)


PATCHES: dict[str, list[Callable[[Any], None]]] = {
    "config.load": [_catalog],
    "flows.network.exchange": [_policy],
    "flows.network.clock": [_clock],
    "warehouse.store.starter": [_starter],
}
for name in PLAN.get("constants", {}):
    PATCHES.setdefault(name, []).append(_constants)
if PLAN.get("fault"):
    PATCHES.setdefault(PLAN["fault"]["module"], []).append(_fault)


class _Patched(importlib.abc.Loader):
    def __init__(self, loader: Any, patches: list[Callable[[Any], None]]) -> None:
        self.loader, self.patches = loader, patches

    def create_module(self, spec: Any) -> Any:
        return self.loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        self.loader.exec_module(module)
        for patch in self.patches:
            patch(module)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        if fullname not in PATCHES:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Patched(spec.loader, PATCHES[fullname])
        return spec


sys.meta_path.insert(0, _Finder())
