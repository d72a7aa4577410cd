"""Past payloads of a source: in a git history (a repository made here), over REST, and in a web archive on loopback."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from config.errors import Refused, SourceChanged, SourceUnreachable
from config.load import catalog
from config.settings import Settings
from config.source_parts import GitHistory
from config.specs import SourceSpec
from flows.network.exchange import NetworkPolicy
from flows.network.fetch import RETRIES, Fetcher
from flows.past import git_history, wayback

FILE = "model_prices_and_context_window.json"
YEAR = (date(2023, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="session")
def httpserver_listen_address() -> tuple[str, int]:
    return ("127.0.0.1", 0)


@pytest.fixture
def fetcher() -> Iterator[Fetcher]:
    settings = Settings(contact="tests@example.org", read_timeout_s=5, total_timeout_s=20)
    prompt = RETRIES.new(backoff_factor=0, backoff_jitter=0)
    with Fetcher(settings, policy=NetworkPolicy(allow_http_loopback=True), retries=prompt) as opened:
        yield opened


def git(folder: Path, *words: str, at: str = "2024-01-01T00:00:00Z") -> None:
    stamps = {"GIT_COMMITTER_DATE": at, "GIT_AUTHOR_DATE": "2020-01-01T00:00:00Z", **git_history.QUIET}
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env={**os.environ, **stamps})  # noqa: S603, S607


@pytest.fixture
def upstream(tmp_path: Path) -> Path:
    """Three versions of a file on main, one of them brought by a merge, and a commit that does not touch it."""
    folder = tmp_path / "upstream"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    for name, value in (("user.name", "t"), ("user.email", "t@example.org"), ("uploadpack.allowFilter", "true"),
                        ("uploadpack.allowAnySHA1InWant", "true")):  # fmt: skip
        git(folder, "config", name, value)

    def commit(text: str, at: str, name: str = FILE) -> None:
        (folder / name).write_text(text)
        git(folder, "add", name)
        git(folder, "commit", "-q", "-m", text, at=at)

    commit("one", "2023-09-05T10:00:00+02:00")
    commit("words", "2023-10-01T00:00:00Z", "README.md")
    git(folder, "checkout", "-q", "-b", "side")
    commit("two", "2024-05-01T00:00:00Z")
    git(folder, "checkout", "-q", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "side", at="2024-05-13T20:00:00Z")
    commit("three", "2025-02-25T12:00:00Z")
    return folder


def listed(upstream: Path, **changes: Any) -> SourceSpec:
    history = GitHistory(repository=upstream.as_uri(), branch="main", paths=(FILE,), **changes)
    return catalog().sources["litellm_prices"].model_copy(update={"history": history, "requests_per_second": 1000.0})


def found(
    spec: SourceSpec, clone: Path, fetcher: Fetcher, span: tuple[date, date] = YEAR
) -> list[git_history.Discovered]:
    return list(git_history.discover(spec, *span, clone=clone, fetcher=fetcher))


def test_every_version_comes_with_the_instant_it_reached_the_branch(
    upstream: Path, tmp_path: Path, fetcher: Fetcher
) -> None:
    versions = found(listed(upstream), tmp_path / "clone.git", fetcher)
    assert [(one.taken_at, one.taken_at_basis, one.fetch()) for one in versions] == [
        (datetime(2023, 9, 5, 8), "commit", b"one"), (datetime(2024, 5, 13, 20), "commit", b"two"),
        (datetime(2025, 2, 25, 12), "commit", b"three"),
    ]  # fmt: skip
    assert len({one.url for one in versions}) == 3
    assert all(one.url.endswith(FILE) for one in versions)


def test_the_clone_has_no_contents_until_they_are_asked_for(upstream: Path, tmp_path: Path, fetcher: Fetcher) -> None:
    clone = tmp_path / "clone.git"
    versions = found(listed(upstream), clone, fetcher)

    def missing() -> int:
        words = ["git", "-C", str(clone), "rev-list", "--objects", "--missing=print", "main"]
        done = subprocess.run(words, check=True, capture_output=True, text=True)  # noqa: S603
        return sum(line.startswith("?") for line in done.stdout.splitlines())

    before = missing()
    assert before == 4  # three versions and the README
    versions[0].fetch()
    assert missing() == before - 1


def test_a_clone_is_taken_up_where_it_was_left(upstream: Path, tmp_path: Path, fetcher: Fetcher) -> None:
    clone = tmp_path / "clone.git"
    subprocess.run(["git", "init", "-q", "--bare", str(clone)], check=True, capture_output=True)  # noqa: S603, S607  killed before it fetched
    assert len(found(listed(upstream), clone, fetcher)) == 3
    (upstream / FILE).write_text("four")
    git(upstream, "commit", "-q", "-a", "-m", "four", at="2026-01-01T00:00:00Z")
    assert [one.fetch() for one in found(listed(upstream), clone, fetcher)][-1] == b"four"
    span = (date(2024, 5, 13), date(2025, 2, 25))
    assert [one.fetch() for one in found(listed(upstream), clone, fetcher, span)] == [b"two", b"three"]


def test_a_repository_that_is_not_there_is_unreachable(tmp_path: Path, fetcher: Fetcher) -> None:
    with pytest.raises(SourceUnreachable, match="git failed"):
        found(listed(tmp_path / "nowhere"), tmp_path / "clone.git", fetcher)


def test_a_version_larger_than_the_source_may_be_is_refused(upstream: Path, tmp_path: Path, fetcher: Fetcher) -> None:
    spec = listed(upstream).model_copy(update={"max_bytes": 3})
    versions = found(spec, tmp_path / "clone.git", fetcher)
    assert versions[0].fetch() == b"one"
    with pytest.raises(SourceChanged, match="larger than 3 bytes"):
        versions[2].fetch()


def test_a_source_without_a_history_says_so(tmp_path: Path, fetcher: Fetcher) -> None:
    with pytest.raises(Refused, match="declares no history"):
        found(catalog().sources["ecb_fx"], tmp_path, fetcher)


def commits(request: Request) -> Response:
    page = int(request.args["page"])
    assert (
        request.args["since"] == "2022-11-02T00:00:00Z"
    )  # sixty days before: what was written then may be merged later
    days = [f"2024-{1 + number // 28:02}-{1 + number % 28:02}T06:00:00Z" for number in range(101)]
    chosen = list(enumerate(days))[(page - 1) * 100 : page * 100]
    return Response(
        json.dumps([{"sha": f"{number:040x}", "commit": {"committer": {"date": day}}} for number, day in chosen])
    )


def test_without_git_the_rest_route_lists_the_commits(
    httpserver: HTTPServer, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_history.shutil, "which", lambda _: None)
    httpserver.expect_request("/commits").respond_with_handler(commits)
    httpserver.expect_request(re.compile("/pulls/.*")).respond_with_json([])
    httpserver.expect_request(f"/raw/{0:040x}/{FILE}").respond_with_data(b"first")
    spec = listed(tmp_path, **routes(httpserver))
    versions = found(spec, tmp_path / "clone.git", fetcher)
    assert len(versions) == 101
    assert (versions[0].taken_at, versions[0].fetch()) == (datetime(2024, 1, 1, 6), b"first")
    assert not (tmp_path / "clone.git").exists()


def test_a_list_that_may_go_on_beyond_what_is_asked_for_is_said_and_not_cut(
    httpserver: HTTPServer, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_history.shutil, "which", lambda _: None)
    monkeypatch.setattr(git_history, "MAX_PAGES", 1)
    httpserver.expect_request("/commits").respond_with_handler(commits)
    httpserver.expect_request(re.compile("/pulls/.*")).respond_with_json([])
    with pytest.raises(SourceChanged, match=r"more than 100 commits.*ask for fewer days"):
        found(listed(tmp_path, **routes(httpserver)), tmp_path, fetcher)
    monkeypatch.setattr(wayback, "MAX_COPIES", 2)
    with pytest.raises(SourceChanged, match=r"2 copies and perhaps more.*ask for fewer days"):
        copies(archived(httpserver, monkeypatch), httpserver, fetcher)


def test_the_rest_route_says_the_same_as_git_of_a_version_that_came_by_a_merge(
    httpserver: HTTPServer, fetcher: Fetcher, tmp_path: Path, upstream: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["git", "-C", str(upstream), "log", "--no-merges", "--format=%H %cI", "main", "--", FILE]
    log = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
    by_git = [(one.taken_at, one.url) for one in found(listed(upstream, **routes(httpserver)), tmp_path / "c", fetcher)]
    written = dict(zip(log[::2], log[1::2], strict=True))
    [side] = [sha for sha, at in written.items() if at.startswith("2024-05-01")]
    merge = next(url for at, url in by_git if at == datetime(2024, 5, 13, 20)).split("/")[-2]
    httpserver.expect_request("/commits").respond_with_json(
        [{"sha": sha, "commit": {"committer": {"date": at}}} for sha, at in written.items()]
    )
    pulls = [
        {"merged_at": "2024-05-02T00:00:00Z", "merge_commit_sha": "0" * 40, "base": {"ref": "staging"}},
        {"merged_at": "2024-05-13T20:00:00Z", "merge_commit_sha": merge, "base": {"ref": "main"}},
    ]
    httpserver.expect_request(f"/pulls/{side}").respond_with_json(pulls)
    httpserver.expect_request(re.compile("/pulls/.*")).respond_with_json([])
    monkeypatch.setattr(git_history.shutil, "which", lambda _: None)
    by_rest = found(listed(upstream, **routes(httpserver)), tmp_path / "none", fetcher)
    assert [(one.taken_at, one.url) for one in by_rest] == by_git


def routes(httpserver: HTTPServer) -> dict[str, Any]:
    """Where the loopback host lists commits, their pull requests and their contents."""
    return {
        "commits_api": httpserver.url_for("/commits?path={path}"), "pulls_api": httpserver.url_for("/pulls/{commit}"),
        "raw": httpserver.url_for("/raw/{commit}/{path}"), "hosts": ("127.0.0.1", "localhost"),
    }  # fmt: skip


def test_a_list_of_commits_of_another_shape_is_refused(
    httpserver: HTTPServer, fetcher: Fetcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_history.shutil, "which", lambda _: None)
    httpserver.expect_request("/commits").respond_with_data(b'{"message": "API rate limit exceeded"}')
    spec = listed(tmp_path, **routes(httpserver))
    with pytest.raises(SourceChanged, match="another shape"):
        found(spec, tmp_path, fetcher)


STAMPS = ("20250131120000", "20250210063000")
PAGE = "https://api-docs.deepseek.com/quick_start/pricing"


def archived(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, index: Any = None) -> SourceSpec:
    monkeypatch.setattr(wayback, "REQUESTS_PER_SECOND", 1000.0)
    rows = [["timestamp", "original", "digest"], *([stamp, PAGE, f"D{stamp}"] for stamp in STAMPS)]
    httpserver.expect_request("/cdx/search/cdx").respond_with_json(rows if index is None else index)
    spec = catalog().sources["deepseek_pricing"]
    return spec.model_copy(update={"archived": {"en": (PAGE,)}})


def copies(spec: SourceSpec, httpserver: HTTPServer, fetcher: Fetcher) -> list[git_history.Discovered]:
    return list(wayback.discover(spec, *YEAR, fetcher=fetcher, archive=httpserver.url_for("").rstrip("/")))


def test_the_archive_lists_dated_copies_of_a_page(
    httpserver: HTTPServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = archived(httpserver, monkeypatch)
    httpserver.expect_request(f"/web/{STAMPS[0]}id_/{PAGE}").respond_with_data(
        b"<html>old</html>", headers={"Memento-Datetime": "Fri, 31 Jan 2025 12:00:00 GMT"}
    )
    first, second = copies(spec, httpserver, fetcher)
    asked = httpserver.log[0][0].args
    assert (asked["url"], asked["collapse"], asked["filter"]) == (PAGE, "digest", "statuscode:200")
    assert (asked["from"], asked["to"]) == ("20230101", "20261231")
    assert (first.scope, first.taken_at, first.taken_at_basis) == ("en", datetime(2025, 1, 31, 12), "wayback")
    assert first.url.endswith(f"/web/{STAMPS[0]}id_/{PAGE}")
    assert first.fetch() == b"<html>old</html>"
    assert second.taken_at == datetime(2025, 2, 10, 6, 30)


@pytest.mark.parametrize(
    "headers", [{}, {"Memento-Datetime": "Sat, 01 Feb 2025 00:00:00 GMT"}, {"Memento-Datetime": "soon"}]
)
def test_another_copy_than_the_asked_one_is_refused(
    httpserver: HTTPServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    spec = archived(httpserver, monkeypatch)
    httpserver.expect_request(f"/web/{STAMPS[0]}id_/{PAGE}").respond_with_data(b"x", headers=headers)
    with pytest.raises(SourceChanged, match="another copy"):
        copies(spec, httpserver, fetcher)[0].fetch()


@pytest.mark.parametrize("index", [{"error": 1}, [["urlkey"], ["x"]], [["timestamp", "original", "digest"], ["x"]]])
def test_an_index_of_another_shape_is_refused(
    httpserver: HTTPServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, index: Any
) -> None:
    with pytest.raises(SourceChanged, match="another shape"):
        copies(archived(httpserver, monkeypatch, index), httpserver, fetcher)


def test_no_copies_is_an_empty_index(httpserver: HTTPServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    assert copies(archived(httpserver, monkeypatch, []), httpserver, fetcher) == []


def test_a_source_without_archived_addresses_says_so(httpserver: HTTPServer, fetcher: Fetcher) -> None:
    with pytest.raises(Refused, match="no archived address"):
        copies(catalog().sources["ecb_fx"], httpserver, fetcher)


def test_every_archived_scope_is_one_the_source_asks_for() -> None:
    from flows.steps.pipeline import requests_of

    for spec in catalog().sources.values():
        if spec.archived:
            assert set(spec.archived) <= {scope for scope, _ in requests_of(spec, catalog())}
