"""The past of a file kept in git: every version on the branch, with the instant at which it came there.

A clone without contents (blobless) through the git executable costs no API quota and can be taken up again where it
broke off; the contents come one by one when they are asked for. Where there is no git, the host's REST route lists the
commits and their merges, and the raw address has the contents.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import orjson

from config.errors import Refused, SourceChanged, SourceUnreachable
from config.source_parts import GitHistory
from config.specs import SourceSpec
from flows.network.fetch import Fetcher
from flows.past.payloads import Discovered

BASIS = "commit"
FETCH_TIMEOUT_S = 3600.0
BLOB_TIMEOUT_S = 300.0
COMMITS_A_PAGE = 100
MAX_PAGES = 200
MERGED_WITHIN = timedelta(days=60)  # a pull request that was open for longer is missed by the REST route
_COMMIT = re.compile(r"[0-9a-f]{40}")
# Nobody is there to answer a prompt, and a person's own configuration must not change what is fetched.
# It follows no redirect (to an undeclared host it would be a fetch that nobody allowed), whatever the caller's own GIT_* say.
QUIET = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C",
    "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "http.followRedirects", "GIT_CONFIG_VALUE_0": "false",
}  # fmt: skip


def discover(spec: SourceSpec, start: date, end: date, *, clone: Path, fetcher: Fetcher) -> Iterator[Discovered]:
    """Every version of the source's file from `start` to `end` (UTC days, inclusive), oldest first.

    `clone` is where the clone lies or is to lie. Raises Refused where the source declares no history, SourceUnreachable
    where the host does not answer.
    """
    history = spec.history
    if history is None:
        raise Refused("the source declares no history", source=spec.id, remedy="backfill a source with `history`")
    if shutil.which("git") is None:
        yield from _over_rest(spec, history, start, end, fetcher)
        return
    _update(spec, history, clone)
    for commit, taken_at, path in _commits(spec, history, clone, start, end):
        getter = partial(_blob, spec, clone, commit, path)
        yield Discovered("", _address(history, commit, path), taken_at, BASIS, getter)


def asked_as(spec: SourceSpec, history: GitHistory) -> SourceSpec:
    """The source as its past is asked for: at the repository's host, or where there is no git at the REST route's."""
    cloned_from = urlsplit(history.repository).hostname
    if shutil.which("git") is None:
        return _at(spec, history.hosts)
    return _at(spec, (cloned_from,) if cloned_from else ())


def _at(spec: SourceSpec, hosts: tuple[str, ...]) -> SourceSpec:
    return spec.model_copy(update={"hosts": hosts, "redirect_hosts": (), "conditional": "hash"})


def _address(history: GitHistory, commit: str, path: str) -> str:
    return (history.raw or history.repository + "#{commit}:{path}").format(commit=commit, path=path)


def _update(spec: SourceSpec, history: GitHistory, clone: Path) -> None:
    """Make the clone or bring it up to date. What a broken fetch has brought stays and is not asked for again."""
    _git(spec, ["init", "--quiet", "--bare", str(clone)], timeout=BLOB_TIMEOUT_S)
    settings = {
        "core.repositoryformatversion": "1", "extensions.partialClone": "origin", "remote.origin.url": history.repository,
        "remote.origin.promisor": "true", "remote.origin.partialclonefilter": "blob:none",
    }  # fmt: skip
    for name, value in settings.items():
        _git(spec, ["-C", str(clone), "config", name, value], timeout=BLOB_TIMEOUT_S)
    branch = f"+refs/heads/{history.branch}:refs/heads/{history.branch}"
    _git(
        spec,
        ["-C", str(clone), "fetch", "--quiet", "--no-tags", "--filter=blob:none", "origin", branch],
        timeout=FETCH_TIMEOUT_S,
    )


def _commits(
    spec: SourceSpec, history: GitHistory, clone: Path, start: date, end: date
) -> Iterator[tuple[str, datetime, str]]:
    """(commit, instant, path) on the branch itself, oldest first: what a merge brought counts from the merge."""
    found: list[tuple[datetime, str, str]] = []
    for path in history.paths:
        listed = _git(
            spec,
            ["-C", str(clone), "log", "--first-parent", "--diff-filter=AM", "-m", "--format=%H %ct", f"refs/heads/{history.branch}", "--", path],
            timeout=FETCH_TIMEOUT_S,
        )  # fmt: skip
        for line in listed.decode("ascii", "replace").splitlines():
            commit, _, seconds = line.partition(" ")
            if _COMMIT.fullmatch(commit) and seconds.isdigit():
                found.append((datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None), commit, path))
    for taken_at, commit, path in sorted(set(found)):
        if start <= taken_at.date() <= end:
            yield commit, taken_at, path


def _blob(spec: SourceSpec, clone: Path, commit: str, path: str) -> bytes:
    body = _git(spec, ["-C", str(clone), "cat-file", "blob", f"{commit}:{path}"], timeout=BLOB_TIMEOUT_S)
    if len(body) > spec.max_bytes:
        raise SourceChanged(f"the file is larger than {spec.max_bytes:,} bytes", source=spec.id, place=commit)
    return body


def _git(spec: SourceSpec, arguments: list[str], timeout: float) -> bytes:
    """What git says. Raises SourceUnreachable with its last words."""
    try:
        done = subprocess.run(  # noqa: S603  declared addresses and hexadecimal names, no shell
            ["git", *arguments],  # noqa: S607  whichever git the person's PATH has
            capture_output=True,
            check=False,
            timeout=timeout,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "SSH_ASKPASS"))},
                **QUIET,
            },
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # no terminal: ssh and helpers would ask there
        )
    except subprocess.TimeoutExpired as error:
        raise _unreachable(spec, f"git did not finish within {timeout:.0f} seconds") from error
    if done.returncode != 0:
        words = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no word"]
        raise _unreachable(spec, f"git failed: {words[-1][:300]}")
    return done.stdout


def _unreachable(spec: SourceSpec, message: str) -> SourceUnreachable:
    return SourceUnreachable(message, source=spec.id, remedy="run the backfill again: it goes on where it broke off")


def _over_rest(spec: SourceSpec, history: GitHistory, start: date, end: date, fetcher: Fetcher) -> Iterator[Discovered]:
    """The same by the host's REST route, page by page. Without a token a host allows few requests an hour.

    The route lists commits of side branches too, with the day they were written; what the branch said it says from the
    pull request's merge on. So each commit is asked for its pull requests, and those of MERGED_WITHIN before the days, too.
    """
    if not history.commits_api or not history.pulls_api or not history.raw:
        raise Refused(
            "git is not installed, and the source declares no REST route", source=spec.id, remedy="install git"
        )
    asked = _at(spec, history.hosts)
    found: list[tuple[datetime, str, str]] = []
    for path in history.paths:
        window = f"since={_instant(start - MERGED_WITHIN)}&until={_instant(end + timedelta(days=1))}&per_page={COMMITS_A_PAGE}"
        for page in range(1, MAX_PAGES + 1):
            address = f"{history.commits_api.format(path=quote(path))}&{window}&page={page}"
            listed = _listed(spec, _body(fetcher, asked, address))
            found += [(*came, path) for one in listed if (came := _came_in(asked, history, fetcher, *one))]
            if len(listed) < COMMITS_A_PAGE:
                break
        else:
            told = f"{path} has more than {MAX_PAGES * COMMITS_A_PAGE:,} commits in these days"
            raise SourceChanged(told, source=spec.id, remedy="ask for fewer days at a time")
    for taken_at, commit, path in sorted(set(found)):
        if start <= taken_at.date() <= end:
            url = history.raw.format(commit=commit, path=path)
            yield Discovered("", url, taken_at, BASIS, partial(_body, fetcher, asked, url))


def _came_in(
    spec: SourceSpec, history: GitHistory, fetcher: Fetcher, commit: str, written_at: datetime
) -> tuple[datetime, str] | None:
    """(instant, commit) at which a listed commit came to the branch: its own if it was pushed there, else the merge's.

    None where it came in no pull request of the branch that was merged.
    """
    body = _body(fetcher, spec, history.pulls_api.format(commit=commit))
    try:
        pulls = orjson.loads(body)
        merges = [
            (_utc(pull["merged_at"]), str(pull["merge_commit_sha"]))
            for pull in pulls
            if pull["merged_at"] and pull["base"]["ref"] == history.branch
        ]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceChanged(f"the pull requests of {commit} have another shape: {error}", source=spec.id) from error
    if merges:
        return min(merges)
    return None if pulls else (written_at, commit)


def _utc(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp).astimezone(UTC).replace(tzinfo=None)


def _instant(day: date) -> str:
    return datetime.combine(day, time.min).isoformat() + "Z"


def _listed(spec: SourceSpec, body: bytes) -> list[tuple[str, datetime]]:
    """(commit, instant) of one page of the REST route."""
    try:
        page = [(one["sha"], one["commit"]["committer"]["date"]) for one in orjson.loads(body)]
        read = [(str(sha), _utc(day)) for sha, day in page]
    except (ValueError, KeyError, TypeError) as error:
        raise SourceChanged(f"the list of commits has another shape: {error}", source=spec.id) from error
    if wrong := [sha for sha, _ in read if not _COMMIT.fullmatch(sha)]:
        raise SourceChanged(f"{wrong[0][:60]!a} is no commit", source=spec.id)
    return read


def _body(fetcher: Fetcher, spec: SourceSpec, url: str) -> bytes:
    fetched = fetcher.get(spec, "", url)
    if fetched.body is None:
        raise SourceChanged(
            "the host says that nothing has changed, where nothing was known", source=spec.id, place=url
        )
    return fetched.body
