"""The Prefect server of a run: the one PREFECT_API_URL names, or a private one that lives as long as the run.

Everything of Prefect's lies under <home>/prefect: the person's own ~/.prefect is neither read nor written.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from config.errors import Refused
from config.settings import Settings
from flows.prefect_server.database import SQLITE, database_file, database_url, prefect_home, trouble
from flows.prefect_server.serving import serving_of
from warehouse.home.condition import compact, last_line

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 15.0
DRAIN_TIMEOUT_S = 10.0
HEALTH_TIMEOUT_S = 5.0
LOOPBACK = "127.0.0.1"
POOL = "capex-signals"  # the work pool of prefect.yaml

# A run needs its task runs and events recorded, and slots freed that a killed run still holds. What follows serves
# deployments, workers and automations instead, and would keep a private server busy polling.
SERVICES_OF_DEPLOYMENTS = (
    "CANCELLATION_CLEANUP",
    "CLEANUP_RECONCILER",
    "FOREMAN",
    "LATE_RUNS",
    "PAUSE_EXPIRATIONS",
    "SCHEDULER",
    "TRIGGERS",
)

Report = Callable[[str], None]


def client_environment(settings: Settings, api_url: str, home: Path | None = None) -> dict[str, str]:
    """What a process that runs flows needs to find this server and to stay at home. `home`: in place of the home's own
    folder of Prefect's.
    """
    bypassed = [name for name in (os.environ.get("NO_PROXY") or os.environ.get("no_proxy") or "").split(",") if name]
    return {
        "PREFECT_API_URL": api_url,
        "PREFECT_HOME": str(home or prefect_home(settings)),
        "DO_NOT_TRACK": "1",
        "NO_PROXY": ",".join([*bypassed, LOOPBACK, "localhost"]),
    }


def server_environment(settings: Settings, port: int, *, deployments: bool, home: Path | None = None) -> dict[str, str]:
    """The environment of a server process. `deployments` adds the UI and all that schedules and supervises; `home` keeps
    its database in place of the one that is set.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    services = (
        {} if deployments else {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in SERVICES_OF_DEPLOYMENTS}
    )
    return {
        **kept,
        **services,
        "DO_NOT_TRACK": "1",
        "PREFECT_HOME": str(home or prefect_home(settings)),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"{SQLITE}{database_file(home)}" if home else database_url(settings),
        # SQLite lets one write at a time: on a busy machine ten seconds, the default, are not enough to wait for one's turn.
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        # In memory they would be gone with a server that is killed, and the slots they hold never freed.
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        # What a run that was removed leaves behind (flows/prefect_server/retention.py): logs go in the background.
        "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,orphans",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_UI_ENABLED": str(deployments).lower(),
        "PREFECT_SERVER_UI_API_URL": f"http://{LOOPBACK}:{port}/api",
        # Prefect's default lets any web page the person opens speak to this server.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"http://{LOOPBACK}:{port},http://localhost:{port}",
    }


@contextmanager
def prefect_server(settings: Settings, report: Report) -> Iterator[str]:
    """Yield the API address flows of this process report to while the context lasts.

    Uses PREFECT_API_URL if it is set and answers, or the `serve` of this home; otherwise starts a private server and stops
    it at the end: on the home's database, or, where no server can work on that, on one that lasts as long as the run.
    Enter before Prefect is first imported where possible: it reads the environment once.
    Raises Refused, naming the server's log, when neither starts.
    """
    given = os.environ.get("PREFECT_API_URL", "")
    why_not = _unfit(given) if given else ""
    if given and not why_not:
        yield given
        return
    if given:
        report(f"{why_not} at PREFECT_API_URL ({given}): using a private one")
    with ExitStack() as stack:
        served = serving_of(settings)
        url = f"http://{LOOPBACK}:{served.port}/api" if served else ""
        home = None
        if not url or not answers(url):
            url, home = _first_that_starts(stack, settings, report)
        stack.enter_context(pointed_at(url, settings, home))
        yield url


def _first_that_starts(stack: ExitStack, settings: Settings, report: Report) -> tuple[str, Path | None]:
    """A private server on the home's database, or on one of its own in a folder that is returned. Raises Refused."""
    found = trouble(settings)
    wrong = found.what if found else ""
    if not wrong:
        try:
            return stack.enter_context(private_server(settings, free_port(), report, deployments=False)), None
        except (Refused, OSError) as problem:
            wrong = f"{problem.place}: {problem.message}" if isinstance(problem, Refused) else str(problem)
    report(
        f"Prefect's database cannot be worked on ({wrong.rstrip('.')}): this run has one of its own, which is gone "
        "afterwards; `capex-signals doctor` says how to mend it"
    )
    home = Path(stack.enter_context(TemporaryDirectory(prefix="capex-signals-prefect-")))
    return stack.enter_context(private_server(settings, free_port(), report, deployments=False, home=home)), home


@contextmanager
def private_server(
    settings: Settings, port: int, report: Report, *, deployments: bool, home: Path | None = None
) -> Iterator[str]:
    """Yield the API address of a new server process, and stop it at the end. It also ends when this process is killed.

    `home` keeps everything of Prefect's in place of the home folder's own. Raises Refused when it does not start.
    """
    url = f"http://{LOOPBACK}:{port}/api"
    if home is None and database_url(settings).startswith(SQLITE):
        compact(database_file(prefect_home(settings)))
    log = (home or prefect_home(settings)) / "server.log"
    child = start_child(
        ["flows.prefect_server.guard", LOOPBACK, str(port)],
        server_environment(settings, port, deployments=deployments, home=home),
        log,
    )
    try:
        _await_health(child, url, log, report)
        yield url
    finally:
        stop_child(child)


def start_child(arguments: list[str], environment: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """`python -m arguments...` as a process that ends when this one does, however that ends. Its words go to `log`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    log.parent.chmod(0o700)  # Prefect keeps secrets here: blocks in its database, and the key to them
    log.touch(mode=0o600)
    with log.open("wb") as output:
        return subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", "flows.prefect_server.tethered", *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the run, which still has to tell the server how it ended
        )


def _await_health(child: subprocess.Popen[bytes], url: str, log: Path, report: Report) -> None:
    report("starting a private Prefect server (the first start sets up its database: about 20 s)")
    began = time.monotonic()
    told = 0
    while not answers(url):
        waited = time.monotonic() - began
        if child.poll() is not None:
            raise _not_started(f"the Prefect server ended with code {child.returncode} while starting", log)
        if waited > START_TIMEOUT_S:
            raise _not_started(f"the Prefect server did not answer within {START_TIMEOUT_S:g} s", log)
        if waited >= told + 10:
            told += 10
            report(f"still starting the Prefect server ({told} s)")
        time.sleep(0.1)


def _not_started(message: str, log: Path) -> Refused:
    said = last_line(log)
    return Refused(
        f"{message}: {said}" if said else f"{message}.",
        place=str(log),
        remedy="the last lines of that log say why; then run again",
    )


def stop_child(child: subprocess.Popen[bytes], seconds: float = STOP_TIMEOUT_S) -> None:
    """Ask it to end, and end it when it has not done so within `seconds`."""
    child.terminate()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    if child.stdin is not None:
        child.stdin.close()


def answers(url: str, *, trust_env: bool = False) -> bool:
    """Whether a Prefect server is there. Proxies of the environment are for servers elsewhere only."""
    return _asked(url, "health", trust_env=trust_env) == "true"  # other servers answer every address


def _unfit(url: str) -> str:
    """Why the server that a person named cannot be used; empty where it can. Prefect itself refuses one of another major version."""
    if not answers(url, trust_env=True):
        return "no Prefect server answers"
    theirs, ours = _asked(url, "admin/version", trust_env=True).strip('"'), version("prefect")
    if theirs.partition(".")[0] != ours.partition(".")[0]:
        return f"a server of version {theirs or 'unknown'} answers, which Prefect {ours} cannot speak to,"
    return ""


def _asked(url: str, what: str, *, trust_env: bool) -> str:
    """The answer to one question of the API; empty where there is none."""
    with requests.Session() as session:
        session.trust_env = trust_env
        try:
            answer = session.get(f"{url.rstrip('/')}/{what}", timeout=HEALTH_TIMEOUT_S)
        except requests.RequestException:
            return ""
    return answer.text.strip() if answer.status_code == 200 else ""


def free_port() -> int:
    """A port of this machine that nothing listens on now."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def pointed_at(url: str, settings: Settings, home: Path | None = None) -> Iterator[None]:
    """Make flows of this process report to a server: in the environment, and in Prefect's settings if it read that already.

    At the end Prefect has sent what it still held: once the server is gone it would complain on the screen.
    """
    environment = client_environment(settings, url, home)
    before = {name: os.environ.get(name) for name in environment}
    os.environ.update(environment)
    try:
        with ExitStack() as stack:
            if "prefect" in sys.modules:
                from prefect import settings as prefect_settings  # noqa: PLC0415  only once it is there

                known: dict[Any, Any] = {
                    getattr(prefect_settings, name): value
                    for name, value in environment.items()
                    if name.startswith("PREFECT_")
                }
                stack.enter_context(prefect_settings.temporary_settings(known))
            stack.callback(_drain)
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _drain() -> None:
    if "prefect" not in sys.modules:
        return
    from prefect.events.worker import EventsWorker  # noqa: PLC0415
    from prefect.logging.handlers import APILogWorker  # noqa: PLC0415

    for worker in (EventsWorker, APILogWorker):
        worker.drain_all(timeout=DRAIN_TIMEOUT_S)
