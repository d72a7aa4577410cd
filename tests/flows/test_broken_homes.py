"""A home in which something else lies where a file is expected: each command answers, or says one sentence with a remedy."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console
from small_pipeline import FIXTURES, Clock, night, plainly, served, small_pipeline

from config.errors import Problem
from config.settings import Settings
from flows.commands.ask import Shown, ask
from flows.commands.doctor import examine
from flows.past.bulk import load_zips
from flows.prefect_server.server import free_port
from flows.replay import replay_archive
from flows.steps.load import open_store
from flows.steps.pipeline import Pipeline
from warehouse.archive import journal
from warehouse.archive.second_copy import second
from warehouse.home.layout import Home
from warehouse.published.universe import open_universe
from warehouse.store.lock import store_lock

Break = Callable[[Home], None]
DEEP = b"[" * 100_000 + b"\n"
pytestmark = pytest.mark.slow("every command on many homes")


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one night in order."""
    root = tmp_path_factory.mktemp("sound") / "home"
    with served() as site, pytest.MonkeyPatch.context() as patch:
        plainly(patch, pages=True)
        assert not night(small_pipeline(root, site.url)).refused
    return root


def cleared(path: Path) -> Path:
    """The path with nothing there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    return path


def folder(of: Callable[[Home], Path]) -> Break:
    def put(home: Home) -> None:
        place = cleared(of(home))
        place.mkdir()
        (place / "inside").write_text("x")

    return put


def dangling(of: Callable[[Home], Path]) -> Break:
    return lambda home: cleared(of(home)).symlink_to("nowhere/at/all")


def filled(of: Callable[[Home], Path], content: bytes) -> Break:
    def put(home: Home) -> None:
        cleared(of(home)).write_bytes(content)

    return put


def both_filled(of: Callable[[Home], Path], content: bytes) -> Break:
    def put(home: Home) -> None:
        filled(of, content)(home)
        filled(lambda home: second(of(home)), content)(home)

    return put


def added(of: Callable[[Home], Path], **record: object) -> Break:
    """A line with a sound checksum and something else in it."""
    return lambda home: journal.append(of(home), [dict(record)])


def loop(home: Home) -> None:
    home.latest.unlink()
    home.latest.symlink_to("latest.duckdb")


def an_object(home: Home) -> Path:
    return next(path for path in sorted(home.objects.rglob("*.zst")))


BREAKS: dict[str, Break] = {
    "captures is a folder": folder(lambda home: home.captures),
    "captures dangles": dangling(lambda home: home.captures),
    "captures says {}": filled(lambda home: home.captures, b"{}\n"),
    "captures nested deeply": filled(lambda home: home.captures, DEEP),
    "captures of bytes": filled(lambda home: home.captures, bytes(range(256)) + b"\n"),
    "captures says {} with a checksum": added(lambda home: home.captures),
    "a capture's size is no number": added(lambda home: home.captures, source="ecb_fx", scope="", url="u", sha256="a", size=1e999, logged_at="2026-11-22T04:00:00", fetched_at="9" * 40, taken_at=None),
    "specifications is a folder": folder(lambda home: home.specifications),
    "specifications says {}": added(lambda home: home.specifications),
    "verdicts is a folder": folder(lambda home: home.verdicts),
    "verdicts says {}": added(lambda home: home.verdicts),
    "verdicts dangles": dangling(lambda home: home.verdicts),
    "alerts says {}": added(lambda home: home.alerts),
    "alerts is a folder": folder(lambda home: home.alerts),
    "nights says {}": added(lambda home: home.nights),
    "accepted says {}": added(lambda home: home.acceptances),
    "refusals says a day too many": added(lambda home: home.refusals, host="h", until="2026-02-30"),
    "an object is a folder": folder(an_object),
    "an object dangles": dangling(an_object),
    "an object is empty": filled(an_object, b""),
    "objects is a file": filled(lambda home: home.objects, b"x"),
    "archive is a file": filled(lambda home: home.archive, b"x"),
    "archive dangles": dangling(lambda home: home.archive),
    "the store is a folder": folder(lambda home: home.store),
    "the store dangles": dangling(lambda home: home.store),
    "the store is text": filled(lambda home: home.store, b"not a database" * 1000),
    "the store's folder is a file": filled(lambda home: home.store.parent, b"x"),
    "the lock is a folder": folder(lambda home: home.lock),
    "the lock says something else": filled(lambda home: home.lock, DEEP),
    "latest is a folder": folder(lambda home: home.latest),
    "latest dangles": dangling(lambda home: home.latest),
    "latest leads to itself": loop,
    "latest is text": filled(lambda home: home.latest, b"x" * 5000),
    "published is a file": filled(lambda home: home.published, b"x"),
    "a folder among the published": folder(lambda home: home.published / "20200101T000000-a.duckdb"),
    "scratch holds a link to a folder": lambda home: (home.scratch / "left").symlink_to(home.published),
    "scratch is a file": filled(lambda home: home.scratch, b"x"),
    "report is a file": filled(lambda home: home.report, b"x"),
    "the first page is a folder": folder(lambda home: home.report / "index.html"),
    "private is a file": filled(lambda home: home.private, b"x"),
    "a private file is a folder": folder(lambda home: home.private / "market_price.csv"),
    "a private file dangles": dangling(lambda home: home.private / "market_price.csv"),
    "a private file of bytes": filled(lambda home: home.private / "market_price.csv", bytes(range(256))),
    "the lock is a pipe": lambda home: os.mkfifo(cleared(home.lock)),
    "latest is a pipe": lambda home: os.mkfifo(cleared(home.latest)),
    "the published file is a pipe": lambda home: os.mkfifo(cleared(home.latest.resolve())),
    "the store is a pipe": lambda home: os.mkfifo(cleared(home.store)),
    "an object is a pipe": lambda home: os.mkfifo(cleared(an_object(home))),
    "a pipe for a journal": lambda home: os.mkfifo(cleared(home.nights)),
    "a pipe for a journal's copy": lambda home: os.mkfifo(cleared(second(home.captures))),
    "a folder for a journal's copy": folder(lambda home: second(home.captures)),
    "both copies of captures say {}": both_filled(lambda home: home.captures, b"{}\n"),
    "a file for what was damaged": lambda home: [filled(lambda home: home.archive / "damaged", b"x")(home), filled(lambda home: home.captures, b"{}\n")(home)],
    "the universe is a folder": folder(lambda home: home.newest_universe),
    "the universe dangles": dangling(lambda home: home.newest_universe),
    "the universe is text": filled(lambda home: home.newest_universe, b"not a database" * 1000),
    "the universe is a pipe": lambda home: os.mkfifo(cleared(home.newest_universe)),
    "the universe's folder is a file": filled(lambda home: home.universe, b"x"),
    "the universe's lock is a folder": folder(lambda home: home.universe_lock),
    "the folder of zips is a file": filled(lambda home: home.bulk, b"x"),
    "the log of zips says {}": both_filled(lambda home: home.bulk_captures, b"{}\n"),
}  # fmt: skip


NIGHTS = {
    "captures dangles",
    "verdicts is a folder",
    "refusals says a day too many",
    "an object dangles",
    "a private file dangles",
}


def commands(root: Path) -> dict[str, Callable[[], object]]:
    settings, silent = Settings(home=root, offline=True), Console(file=io.StringIO())

    def pipeline() -> Pipeline:
        return small_pipeline(root, "http://127.0.0.1:9", Clock())

    def ingested() -> object:
        body = (FIXTURES / "litellm_prices" / "2026-09-01.json").read_bytes()
        opened = pipeline()
        from config.contracts import Capture
        from warehouse.archive.captures import sha256_of

        now = opened.clock()
        opened.archive.add(Capture("litellm_prices", "", "u", sha256_of(body), len(body), now, now), body, now)
        with store_lock(opened.home, "a test"):
            store, _ = open_store(opened, lambda _: None)
            return store.close()

    return {
        "doctor": lambda: list(examine(settings, free_port())),
        "sql": lambda: ask(settings, ["FROM meta"], None, Shown(), console=silent, errors=silent),
        "ingest": ingested,
        "nightly": lambda: night(pipeline()),
        "replay": lambda: replay_archive(pipeline(), lambda _: None, may_be_poorer=True),
        "universe": lambda: open_universe(Home(root)).close(),
        "bulk": lambda: load_zips(pipeline(), "sec_bulk", lambda _: None),
    }


# Every command on every home takes minutes: one kind in six in the suite, all of them in `make faults`.
KINDS = [pytest.param(name, marks=[pytest.mark.faults] if place % 6 else []) for place, name in enumerate(BREAKS)]


@pytest.mark.parametrize("name", KINDS)
def test_no_broken_home_ends_a_command_with_anything_but_a_sentence(
    sound: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    plainly(monkeypatch, pages=True)
    raw: dict[str, str] = {}
    for number, command in enumerate(commands(sound)):
        if command == "nightly" and name not in NIGHTS:  # a replay goes the same way, from the archive on
            continue
        root = tmp_path / str(number)
        shutil.copytree(sound, root, symlinks=True)
        BREAKS[name](Home(root))
        try:
            commands(root)[command]()
        except Problem as problem:
            if not problem.remedy or "Errno" in problem.message:
                raw[command] = repr(problem)
        except Exception as error:
            raw[command] = repr(error)[:200]
    assert raw == {}
