"""A notice is no answer: what came with status 200 and is not the file does not count as asked for, and hides no other address."""

from __future__ import annotations

import os
import socket
import subprocess
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from loopback import LOOPBACK, PROMPT, raw_server, settings, source
from small_pipeline import (
    NOW,
    Clock,
    Site,
    fixture,
    loopback_fetcher,
    night,
    plainly,
    published_rows,
    served,
    small_catalog,
    small_pipeline,
)
from subset import with_sources

from config.errors import Problem, Refused, SourceUnreachable
from config.specs import GitHistory, SourceSpec
from flows.network.exchange import Exchange
from flows.network.fetch import Fetcher
from flows.network.responses import admit_clock, explained
from flows.past import git_history
from flows.steps.alert import _without
from flows.steps.attempt import Attempt
from flows.steps.fetch_source import fetch_source
from flows.steps.pipeline import Pipeline

NOTICE = b"<!DOCTYPE html><html><title>Be right back</title><p>We are doing some work.</p></html>"
LIST = fixture("litellm_prices", "2026-09-01.json")


def with_lists(tmp_path: Path, site: Site, *paths: str, clock: Clock | None = None) -> tuple[Pipeline, SourceSpec]:
    """A pipeline whose one fetched source is a list at those addresses, asked every six days."""
    pipeline = small_pipeline(tmp_path / "home", site.url, clock)
    catalog = small_catalog(site.url)
    root = site.url.replace("127.0.0.1", "localhost")
    spec = catalog.sources["litellm_prices"].model_copy(
        update={"addresses": tuple(root + path for path in paths), "fetch_every_days": 6}
    )
    sources = {name: other for name, other in catalog.sources.items() if not other.fetched} | {spec.id: spec}
    return replace(pipeline, catalog=with_sources(catalog, sources)), spec


def asked(pipeline: Pipeline, spec: SourceSpec) -> Attempt:
    with loopback_fetcher(pipeline) as fetcher:
        return fetch_source(pipeline, fetcher, spec, pipeline.archive.newest())


@pytest.mark.parametrize("body", [NOTICE, b"{}", b"", LIST[: len(LIST) // 2]])
def test_a_soft_404_lets_the_second_address_be_asked(tmp_path: Path, body: bytes) -> None:
    with served() as site:
        site.bodies = {"/first.json": body, "/second.json": LIST}
        done = asked(*with_lists(tmp_path, site, "/first.json", "/second.json"))
        assert [path for path, _ in site.asked] == ["/first.json", "/second.json"]
        assert (done.captured, done.refused) == (1, "")
        assert done.captures[-1].url.endswith("/second.json")


def test_where_the_first_address_answers_the_second_is_not_asked(tmp_path: Path) -> None:
    with served() as site:
        site.bodies = {"/first.json": LIST, "/second.json": LIST}
        assert asked(*with_lists(tmp_path, site, "/first.json", "/second.json")).captured == 1
        assert [path for path, _ in site.asked] == ["/first.json"]


@pytest.mark.slow("three nights")
def test_a_refused_capture_does_not_count_as_asked_lately(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plainly(monkeypatch)
    clock = Clock()
    with served() as site:
        pipeline, _ = with_lists(tmp_path, site, "/list.json", clock=clock)
        site.bodies = {"/list.json": NOTICE}
        [line] = night(pipeline).refused
        assert line.startswith("litellm_prices: ")
        clock.pass_time(days=1)
        site.bodies = {"/list.json": LIST}
        assert night(pipeline).refused == ()
        assert [status for _, status in site.asked] == [200, 200]
        clock.pass_time(days=1)
        night(pipeline)
        assert len(site.asked) == 2  # a good answer does count: it is asked for every six days
    outcomes = published_rows(
        pipeline.settings.root, "SELECT outcome FROM capture WHERE source = 'litellm_prices' ORDER BY taken_at"
    )
    assert outcomes == [("refused",), ("loaded",)]


@pytest.mark.parametrize("address", [
    "https://hooks.example.org/services/T0/B0/sEcReTtOkEn",
    "https://user:sEcReTtOkEn@hooks.example.org/x",
    "tgram://sEcReTtOkEn/12345678",
    "https://hooks.example.org/x?token=sEcReTtOkEn",
])  # fmt: skip
def test_no_part_of_an_address_that_may_be_a_secret_stands_in_an_error(address: str) -> None:
    told = f"ConnectionError: {address} refused; path /services/T0/B0/sEcReTtOkEn, token=sEcReTtOkEn"
    shown = _without(address, told)
    assert address not in shown
    assert shown.startswith("ConnectionError: ***")
    if "services" in address or "token" in address:
        assert "sEcReTtOkEn" not in shown


def test_git_runs_without_the_callers_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, str] = {}

    def run(arguments: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        environment = options["env"]
        assert isinstance(environment, dict)
        seen.update(environment)
        assert options["stdin"] == subprocess.DEVNULL
        assert options["start_new_session"]
        return subprocess.CompletedProcess(
            arguments, 128, b"", b"fatal: could not read Username: terminal prompts disabled\n"
        )

    theirs = {
        "GIT_DIR": "/elsewhere", "GIT_CONFIG_GLOBAL": "/theirs", "GIT_SSH_COMMAND": "touch owned", "GIT_PROXY_COMMAND": "x",
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.fsmonitor", "GIT_CONFIG_VALUE_0": "touch x", "SSH_ASKPASS": "x",
    }  # fmt: skip
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(git_history.subprocess, "run", run)
    with pytest.raises(SourceUnreachable, match="git failed: fatal: could not read Username"):
        git_history._git(
            source(history=GitHistory(repository="https://127.0.0.1/r", branch="main", paths=("a",))), ["fetch"], 5
        )
    assert {name: seen.get(name) for name in theirs} == dict.fromkeys(theirs) | {
        name: git_history.QUIET[name] for name in theirs if name in git_history.QUIET
    }
    assert "touch" not in " ".join(seen.values())
    assert seen["GIT_TERMINAL_PROMPT"] == "0"
    assert "PATH" in seen
    assert os.environ["GIT_DIR"] == "/elsewhere"


def test_a_clock_that_is_years_behind_is_told_as_a_clock() -> None:
    """By it no certificate is valid yet, and nothing else of the answer is ever seen."""
    error = requests.exceptions.SSLError("certificate verify failed: certificate is not yet valid (_ssl.c:1006)")
    with (
        Exchange(LOOPBACK, 5) as exchange,
        pytest.raises(SourceUnreachable, match="this machine's clock is behind"),
        explained(source(), "https://example.org/a", exchange),
    ):
        raise error


@pytest.mark.parametrize("stamp", [
    "Fri, 31 Dec 9999 23:59:59 -1200", "Fri, 31 Dec 9999 23:59:59 GMT", "Fri, 31 Dec 99999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 +1400",
])  # fmt: skip
def test_a_date_at_the_ends_of_the_calendar_is_a_sentence_or_nothing(stamp: str) -> None:
    with suppress(Refused):
        admit_clock(source(), "https://example.org/a", stamp, NOW)


@pytest.mark.parametrize("size", [b"-5", b"-1", b"ffffffffffffffffffff", b"zz", b"", b"0x5", b"5 ; a=\x00"])
def test_a_chunk_of_an_impossible_size_is_a_sentence(size: bytes) -> None:
    def answer(peer: socket.socket) -> None:
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nabcde\r\n0\r\n\r\n")

    with (
        raw_server(answer) as url,
        Fetcher(settings(), policy=LOOPBACK, clock=lambda: NOW, retries=PROMPT) as fetcher,
        suppress(Problem),
    ):
        fetcher.get(source(), "", url)
