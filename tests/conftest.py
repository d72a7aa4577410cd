"""What every test starts from: no network but loopback, no settings of the person running it, no randomness."""

from __future__ import annotations

import gc
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache, partial
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import postgres
import pytest
from injection import PAYLOADS, Served, Small, serving
from lakes import Stores
from places import REPOSITORY, SHARED_DATA
from prefect_database import put_database
from pytest_httpserver import HTTPServer
from shared_servers import SharedServers

from config.settings import Settings
from flows.network import fetch
from flows.prefect_server.server import free_port, pointed_at, private_server

if TYPE_CHECKING:
    from published_file import BareRun

MARK = "pytest.mark.server"
SLOW = "pytest.mark.slow"
MODULE = 'scope="module"'  # made once where one process runs the whole file
PUBLISHED = r"\b(published: Path|bare_run: BareRun|reader: Reader)\b"
SHARED_SERVERS = r"\b(served: Served|prefect_api: str|server_url: str)\b"
SERVERS = SharedServers()
PREFECT_HOME = tempfile.mkdtemp(prefix="capex-signals-prefect-")

# Before anything imports Prefect: it reads its settings once, and would use the person's own ~/.prefect.
for name in [key for key in os.environ if key.startswith(("PREFECT_", "CAPEX_SIGNALS_"))]:
    del os.environ[name]
os.environ.update(PREFECT_HOME=PREFECT_HOME, DO_NOT_TRACK="1", PREFECT_SERVER_ANALYTICS_ENABLED="false")
for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
    os.environ.pop(name, None)
    os.environ.pop(name.lower(), None)

hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis.settings.load_profile("repeatable")

_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: Any) -> None:
    host = address[0] if isinstance(address, tuple) else None  # a path is a local socket
    if host is not None and host != "localhost" and not ip_address(host).is_loopback:
        raise RuntimeError(f"a test reached for the network: {address}")
    _connect(self, address)


def pytest_configure() -> None:
    socket.socket.connect = _loopback_only  # type: ignore[method-assign]


def pytest_unconfigure() -> None:
    socket.socket.connect = _connect  # type: ignore[method-assign]
    shutil.rmtree(PREFECT_HOME, ignore_errors=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None]:
    """Nothing of what is collected goes before the end: looking for garbage among it again and again takes a quarter of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


# What takes long to make, and why; a test that asks for it is left out of `make quick`.
SLOW_FIXTURES = {
    "bare_run": "a whole night of every claim",
    "published": "a whole night of every claim",
    "server_url": "starts a Prefect server",
    "served": "starts a Prefect server and a worker",
    "served_on_postgresql": "starts PostgreSQL, a Prefect server and a worker",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        for name in sorted(SLOW_FIXTURES.keys() & fixtures):
            item.add_marker(pytest.mark.slow(SLOW_FIXTURES[name]))
        if "stores" in fixtures and "duckdb" not in (
            item.callspec.params.values() if hasattr(item, "callspec") else ()
        ):
            item.add_marker(pytest.mark.slow("a store in a lake starts PostgreSQL"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A test of bytes goes by its place, not by the bytes: gzip writes the second into them, and two workers would not agree on the name."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests that share something dear run in one process: one server and one published file for the suite, what a file makes for itself.

    Those that share servers wait for them more than they compute. Of three workers or more the one that has them has nothing else,
    and ends with them: the others have a processor each meanwhile.

    xdist's own groups do nothing under pytest 9.2: the name they append to a test's id is no longer read.
    """
    from xdist.scheduler import LoadScopeScheduling

    paths = {str(path.relative_to(REPOSITORY)): path for path in (REPOSITORY / "tests").rglob("test_*.py")}
    tests = {name: path.read_text("utf-8") for name, path in paths.items()}
    scopes = {name: name for name, text in tests.items() if MODULE in text}
    scopes |= {name: "server" for name, text in tests.items() if re.search(SHARED_SERVERS, text)}
    scopes |= {name: "published" for name, text in tests.items() if re.search(PUBLISHED, text)}

    slow = {name for name, text in tests.items() if SLOW in text}

    def begins(scope: str) -> int:
        first = ("server", "published")
        return first.index(scope) if scope in first else 3 - (scope.split("::", maxsplit=1)[0] in slow)

    class Shared(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return scopes.get(nodeid.split("::", maxsplit=1)[0], nodeid)

        def _assign_work_unit(self, node: Any) -> None:
            # Before the first of all: what takes long begins, or one worker would end with it alone.
            if not any(self.assigned_work.values()):
                for scope in sorted(self.workqueue, key=begins):
                    self.workqueue.move_to_end(scope)
            super()._assign_work_unit(node)
            if "server" in self.assigned_work[node] and len(self.nodes) > 2:
                node.shutdown()  # once it has run what it was given

    return Shared(config, log)


@cache
def has_servers(path: Path) -> bool:
    """Whether a test file has tests that start a server."""
    return MARK in path.read_text("utf-8")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    if nextitem is None or not has_servers(nextitem.path):
        SERVERS.stop()


@pytest.fixture(autouse=True)
def own_paces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several paces asked of one host the slowest holds: a test that asks slowly must not slow down all after it."""
    monkeypatch.setattr(fetch, "PACES", fetch._Paces())


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real payloads beside the checkout; skips where they are absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real payloads are not beside this checkout (../shared/data)")
    return SHARED_DATA


@pytest.fixture(scope="session")
def bare_run(tmp_path_factory: pytest.TempPathFactory) -> BareRun:
    """The README's first command on a bare home, run once."""
    from published_file import bare_run as run_nightly

    return run_nightly(tmp_path_factory.mktemp("bare") / "home")


@pytest.fixture(scope="session")
def published(bare_run: BareRun) -> Path:
    """A home folder with a file published from the starter data, built once. Read it with tests/support/published_file.py."""
    assert bare_run.done.returncode == 0, bare_run.done.stderr
    return bare_run.home


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    """An address rather than a name: one server serves the whole session, whichever test comes first."""
    return ("127.0.0.1", 0)


@pytest.fixture(scope="session")
def prefect_tables(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Settings], None]:
    """Puts an empty database of Prefect's into a home, set up once for all workers. For tests of what follows a first start."""
    own = tmp_path_factory.getbasetemp()
    return partial(put_database, own.parent if "PYTEST_XDIST_WORKER" in os.environ else own)


@pytest.fixture(scope="session")
def server_settings(tmp_path_factory: pytest.TempPathFactory, prefect_tables: Callable[[Settings], None]) -> Settings:
    """The settings of the one real Prefect server of a test run."""
    settings = Settings(home=tmp_path_factory.mktemp("server-home"))
    prefect_tables(settings)
    return settings


@pytest.fixture
def server_url(server_settings: Settings) -> str:
    """The API address of a real Prefect server with everything switched on, started once."""
    return SERVERS.get("server", lambda: private_server(server_settings, free_port(), print, deployments=True))


@pytest.fixture
def prefect_api(server_url: str, server_settings: Settings) -> Iterator[str]:
    """The same server, with this process's flows and child processes pointed at it. Mark such tests `server`."""
    with pointed_at(server_url, server_settings):
        yield server_url


@contextmanager
def served_small(folder: Path, database: str = "") -> Iterator[Served]:
    """`capex-signals serve` as a person starts it, with two sources on loopback; the server's database is SQLite or at an address."""
    with HTTPServer(host="127.0.0.1", port=0) as sources:
        small = Small(folder, sources, now="", sources=(*PAYLOADS, "sec_bulk"))
        small.constants["flows.past.bulk"] = {"SLICE_FILERS": 1}
        if database:
            small.settings["CAPEX_SIGNALS_DATABASE_URL"] = database
        small.serve_payloads()
        with serving(small) as started:
            yield started


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory, prefect_tables: Callable[[Settings], None]) -> Served:
    """A project that is served on SQLite, started once. Mark such tests `server`."""

    def started() -> AbstractContextManager[Served]:
        folder = tmp_path_factory.mktemp("served")
        prefect_tables(Settings(home=folder / "home"))
        return served_small(folder)

    return SERVERS.get("served", started)


@pytest.fixture(scope="module")
def served_on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The same on a PostgreSQL of its own."""
    if postgres.binary("initdb") is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with (
        tempfile.TemporaryDirectory(prefix="capex-signals-postgres-") as folder,
        postgres.cluster(Path(folder)) as database,
        served_small(tmp_path_factory.mktemp("served_on_postgresql"), database.address) as started,
    ):
        yield started


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    """Opens stores of both kinds (`stores.open(kind)`); the lakes are on one PostgreSQL, started for the first of them."""
    opened = Stores(tmp_path_factory.mktemp("lakes"))
    yield opened
    opened.close()
