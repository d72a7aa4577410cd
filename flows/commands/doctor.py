"""`capex-signals doctor`: what a night needs from this machine, looked at one by one, with how to mend each."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

import requests

from config.errors import Problem
from config.settings import Settings
from flows.network.breaker import LONGEST
from flows.network.clock import utc_now
from flows.network.identity import user_agent
from flows.prefect_server.database import database_url, prefect_home, trouble
from flows.prefect_server.serve import DEFAULT_PORT
from flows.prefect_server.server import LOOPBACK, POOL, answers
from flows.prefect_server.serving import serving_of
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Archive
from warehouse.archive.nights import days_without, nights
from warehouse.archive.refusals import refused_until
from warehouse.home import condition as home_condition
from warehouse.home.disk import in_the_way
from warehouse.home.layout import Home
from warehouse.published.losses import losses
from warehouse.published.swap import open_published
from warehouse.published.universe import REBUILT, held
from warehouse.store import condition as store_condition

PINNED = {"prefect": "3.9.1", "duckdb": "1.5"}
NEEDED_BYTES = 2_000_000_000
CLOCK_TOLERANCE = timedelta(minutes=2)
CLOCK_HOST = "https://www.ecb.europa.eu"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `mend` is empty when nothing is wrong; `grave`: a night would fail."""

    about: str
    found: str
    mend: str = ""
    grave: bool = False


def examine(settings: Settings, port: int | None = None) -> Iterator[Finding]:
    """Look at everything, one finding after the other; what goes wrong in one look is that look's finding.

    `port` is the one to look at in place of that on which this home is served.
    """
    served = serving_of(settings)
    port = port or (served.port if served else DEFAULT_PORT)
    looks: tuple[Callable[[Settings, int], Iterator[Finding]], ...] = (
        _versions, _home, _disk, _sizes, _port, _database, _schedules, _worker, _archive, _store, _published, _universe, _last_nights, _contact, _refusals, _clock,
    )  # fmt: skip
    for look in looks:
        try:
            yield from look(settings, port)
        except Problem as problem:
            told = f"{problem.place}: {problem.message}" if problem.place else problem.message
            yield Finding(look.__name__.strip("_"), told, problem.remedy or "see the message", grave=True)
        except OSError as error:
            way = in_the_way(error, settings.root)
            yield Finding(look.__name__.strip("_"), f"{way.place}: {way.message}", way.remedy, grave=True)


def _versions(_settings: Settings, _port: int) -> Iterator[Finding]:
    mend = "run `make clean` and `make nightly`: they install what requirements.lock names"
    running = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] < (3, 14)
    yield Finding("python", running, "" if fits else "use Python 3.11, 3.12 or 3.13", grave=not fits)
    for name, pinned in PINNED.items():
        try:
            installed = version(name)
        except PackageNotFoundError:
            yield Finding(name, "not installed", mend, grave=True)
            continue
        fits = installed.startswith(pinned)
        yield Finding(name, installed, "" if fits else mend, grave=not fits)


def _home(settings: Settings, _port: int) -> Iterator[Finding]:
    for place, wrong in home_condition.permissions(settings.root, prefect_home(settings)):
        yield Finding(
            "permissions",
            f"{place}: {wrong or 'as they should be'}",
            f"chmod or chown {place}, or mount it so that it may be written" if wrong else "",
            bool(wrong),
        )


def _disk(settings: Settings, _port: int) -> Iterator[Finding]:
    free = home_condition.free_bytes(settings.root)
    mend = "" if free >= NEEDED_BYTES else f"free some space under {settings.root}: a night needs about 2 GB to stage"
    yield Finding("disk", f"{free / 1e9:,.1f} GB free under {settings.root}", mend, grave=free < NEEDED_BYTES)


def _sizes(settings: Settings, _port: int) -> Iterator[Finding]:
    """What the home takes by kind, and what came to the archive lately: of all others the old makes room for the new."""
    found = home_condition.sizes(settings.root, time.time())
    told = ", ".join(f"{kind} {total / 1e6:,.1f} MB" for kind, (total, _) in found.items() if total)
    lately = found["archive"][1] + found["journals"][1]
    yield Finding(
        "sizes", f"{told or 'nothing yet'}; archive and journals written in the last 30 days: {lately / 1e6:,.1f} MB"
    )


def _port(settings: Settings, port: int) -> Iterator[Finding]:
    served = serving_of(settings)
    ours = served is not None and served.port == port
    if answers(f"http://{LOOPBACK}:{port}/api"):
        yield Finding("port", f"a Prefect server answers on {port}{' (serve of this home)' if ours else ''}")
        return
    if served is not None and ours:
        told = f"`serve` of this home (process {served.pid}) runs, and its server does not answer on {port}"
        yield Finding("port", told, "wait while it starts; if it stays so, end it and start `make serve`", grave=True)
        return
    try:
        with socket.create_server((LOOPBACK, port)):
            yield Finding("port", f"{port} is free; nothing is served now", "start `make serve` for nightly runs")
    except OSError as error:
        yield Finding("port", f"{port} is taken by something else: {error.strerror}", "serve with --port", grave=True)


def _database(settings: Settings, _port: int) -> Iterator[Finding]:
    url = urlsplit(database_url(settings))
    if url.scheme.startswith("sqlite"):
        wrong = trouble(settings)
        told = f"{wrong.what}; nights go on without it, `serve` does not" if wrong else "SQLite under the home folder"
        yield Finding("database", told, wrong.mend if wrong else "", grave=bool(wrong))
        return
    place = f"{url.hostname}:{url.port or 5432}"
    try:
        with socket.create_connection((url.hostname or "", url.port or 5432), timeout=5):
            yield Finding("database", f"{place} accepts connections")
    except OSError as error:
        yield Finding("database", f"{place}: {error}", "start it, or correct CAPEX_SIGNALS_DATABASE_URL", grave=True)


def _schedules(_settings: Settings, port: int) -> Iterator[Finding]:
    api = f"http://{LOOPBACK}:{port}/api"
    if not answers(api):
        yield Finding("schedules", "no server is running, so nothing is scheduled", "start `make serve`")
        return
    session = _session()
    deployment = session.get(f"{api}/deployments/name/nightly/nightly", timeout=10)
    if deployment.status_code != 200:
        yield Finding(
            "schedules", "the server has no deployment nightly", "start `make serve` on this port", grave=True
        )
        return
    active = [item for item in deployment.json()["schedules"] if item["active"]]
    chosen = {"deployment_id": {"any_": [deployment.json()["id"]]}, "state": {"type": {"any_": ["SCHEDULED"]}}}
    runs = session.post(f"{api}/flow_runs/filter", json={"flow_runs": chosen, "limit": 50}, timeout=10).json()
    if not active:
        yield Finding(
            "schedules", "the schedule of nightly is switched off", "switch it on in the UI (deployment nightly)"
        )
    elif not runs:
        yield Finding("schedules", "no nightly run is scheduled", "end and start `make serve`", grave=True)
    else:
        due = min(run["expected_start_time"] for run in runs)
        yield Finding("schedules", f"the next nightly run is due {due[:16].replace('T', ' ')} UTC")


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy is for hosts elsewhere
    return session


def _worker(_settings: Settings, port: int) -> Iterator[Finding]:
    """Without a worker that polls, what is scheduled stays scheduled."""
    api = f"http://{LOOPBACK}:{port}/api"
    if not answers(api):
        return
    answer = _session().post(f"{api}/work_pools/{POOL}/workers/filter", json={"limit": 50}, timeout=10)
    online = [worker["name"] for worker in answer.json() if worker["status"] == "ONLINE"] if answer.ok else []
    if online:
        yield Finding("worker", f"{', '.join(online)} polls for runs")
    else:
        yield Finding("worker", "none polls for runs: nothing scheduled will start", "start `make serve`", grave=True)


def _archive(settings: Settings, _port: int) -> Iterator[Finding]:
    """The log of captures whole, and the share of objects that a night of today reads again."""
    lost = losses(Archive(Home(settings.root)), utc_now().date())
    for told in lost:
        found, _, mend = told.partition(" Remedy: ")
        yield Finding(
            "archive", found, mend or "run `capex-signals nightly`: what is there is asked for again", grave=True
        )
    if not lost:
        yield Finding("archive", "its log is whole, and so are the objects looked at today")


def _store(settings: Settings, _port: int) -> Iterator[Finding]:
    holder = store_condition.lock_holder(settings.root)
    if holder:
        yield Finding("store", holder)
        return
    home = Pipeline.open(settings).home
    wrong = store_condition.store_trouble(home)
    yield Finding(
        "store",
        wrong or (f"{home.lake} answers" if home.lake else "opens"),
        "run `capex-signals replay`" if wrong else "",
        grave=bool(wrong),
    )


def _published(settings: Settings, _port: int) -> Iterator[Finding]:
    """That what readers open can be opened, where a night has published."""
    home = Home(settings.root)
    if not (home.latest.is_symlink() or home.latest.exists()):
        return
    with closing(open_published(home)) as published:
        [(name,)] = published.execute("SELECT published_id FROM meta").fetchall()
    yield Finding("published", f"{name} opens")


def _universe(settings: Settings, _port: int) -> Iterator[Finding]:
    """That it opens, where there is one: no night needs it."""
    home = Home(settings.root)
    if not (home.newest_universe.is_symlink() or home.newest_universe.exists()):
        return
    try:
        _, taken_at, _ = held(home)
    except Problem as problem:
        yield Finding("universe", f"{problem.place}: {problem.message}", problem.remedy)
        return
    known = f"of the zip of {taken_at:%Y-%m-%d %H:%M} UTC" if taken_at else "its link leads nowhere"
    yield Finding("universe", known, "" if taken_at else REBUILT)


def _last_nights(settings: Settings, _port: int) -> Iterator[Finding]:
    home = Pipeline.open(settings).home
    answered = nights(home)
    if not answered:
        yield Finding("nights", "no nightly run has published yet", "run `make nightly` once")
        return
    last = max(night.published_at for night in answered)
    missing = days_without(answered, utc_now().date())
    old = utc_now() - last > timedelta(days=2)
    told = f"the last one published {last:%Y-%m-%d %H:%M} UTC; days without one since the first: {len(missing)}"
    yield Finding("nights", told, "look at the failed runs in the UI, or start `make serve`" if old else "")


def _contact(settings: Settings, _port: int) -> Iterator[Finding]:
    agent = user_agent(settings.contact)
    mend = (
        "" if settings.contact.strip() else "set CAPEX_SIGNALS_CONTACT to your e-mail address: the SEC refuses others"
    )
    yield Finding("contact", agent, mend)


def _refusals(settings: Settings, _port: int) -> Iterator[Finding]:
    refused = refused_until(Pipeline.open(settings).home, utc_now(), LONGEST)
    if not refused:
        yield Finding("hosts", "none has told us to stay away")
    for host, until in refused.items():
        yield Finding(
            "hosts", f"{host} refused us; left alone until {until:%H:%M} UTC", "wait; the next run asks again"
        )


def _clock(settings: Settings, _port: int) -> Iterator[Finding]:
    if settings.offline:
        yield Finding("clock", "not compared: offline is set")
        return
    with suppress(requests.RequestException, KeyError, ValueError, TypeError):
        said = requests.head(CLOCK_HOST, timeout=5).headers["date"]
        theirs = parsedate_to_datetime(said).replace(tzinfo=None)
        apart = abs(utc_now() - theirs)
        wrong = apart > CLOCK_TOLERANCE
        mend = "set the clock (timedatectl set-ntp true): every known_at rests on it" if wrong else ""
        yield Finding("clock", f"{apart.total_seconds():.0f} s from that of {CLOCK_HOST}", mend, grave=wrong)
        return
    yield Finding("clock", f"not compared: {CLOCK_HOST} does not answer")
