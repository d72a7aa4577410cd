"""Ask one source for everything it declares, and archive what comes."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from config.contracts import Capture
from config.errors import HostRefuses, Problem, SourceUnreachable, SourceUnsteady
from config.specs import SourceSpec
from flows.network.breaker import Breaker
from flows.network.fetch import Fetched, Fetcher
from flows.network.keys import how_to_switch_on, key_of
from flows.steps.attempt import Attempt, our_error, reason
from flows.steps.discovery import admit, asked_for, followups_of
from flows.steps.pipeline import Pipeline, Say, parse
from warehouse.published.holdings import refused_captures

NAMED = 5  # parts of a source that one line names


def fetch_source(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, newest: dict[tuple[str, str], Capture]
) -> Attempt:
    """Ask one source for everything it declares and archive what comes. One scope that fails does not stop the others.

    Several addresses of one scope are alternatives, best first: the next is asked where one is gone or has moved.
    A scope asked for less than `fetch_every_days` ago is left alone, though not what it names; a source without the key it needs is switched off.
    """
    key = key_of(spec, pipeline.settings)
    if spec.key and not key:
        return Attempt(spec.id, switched_off=how_to_switch_on(spec.key))
    unreachable, unsteady, new_bytes = "", False, 0
    captured: dict[str, Capture] = {}
    refused: dict[str, str] = {}
    breaker = Breaker(pipeline.home, pipeline.clock)
    asked = deque(_worth_asking(pipeline, spec, newest, refused))
    answered = _answered(pipeline, spec, newest)
    while asked:
        scope, url = asked.popleft()
        previous = answered.get(scope)
        if scope in captured:
            continue
        try:
            if previous is not None and _recent(spec, previous, pipeline.clock()):
                # What it names may have failed when it was asked for: the rest of a board is not left out for a day.
                asked += followups_of(pipeline, previous, pipeline.archive.read(previous.sha256))
                continue
            with breaker.guarding(spec, url):
                fetched = fetcher.get(spec, scope, url, previous, key=key)
            admit(spec, fetched.capture, fetched.body)
            _keep(pipeline, fetched, alternatives=scope in {other for other, _ in asked})
            asked += followups_of(pipeline, fetched.capture, fetched.body)
        except SourceUnreachable as problem:
            unreachable = unreachable or reason(problem)
            unsteady = unsteady or isinstance(problem, SourceUnsteady)
            if not captured or isinstance(problem, HostRefuses):
                break  # the host does not answer: asking for its other addresses would only take time
        except Problem as problem:  # it sent something else than it declares, or the archive could not take it
            refused.setdefault(scope, reason(problem))
        except Exception as error:  # one source's bug must not stop the others; it is named as ours
            refused.setdefault(scope, our_error(error))
        else:
            captured[scope] = fetched.capture
            refused.pop(scope, None)
            new_bytes += fetched.capture.size if previous is None or previous.sha256 != fetched.capture.sha256 else 0
    return Attempt(
        spec.id, len(captured), new_bytes, unreachable, _each_reason(refused),
        unsteady=unsteady, captures=tuple(captured.values()),
    )  # fmt: skip


def _each_reason(refused: dict[str, str]) -> str:
    """Every reason once, after the parts of the source that it kept out."""
    parts: dict[str, list[str]] = {}
    for scope, why in refused.items():
        parts.setdefault(why, []).append(scope)
    return "; ".join(f"{_few(scopes)}{why}" for why, scopes in parts.items())


def _few(scopes: list[str]) -> str:
    named = [scope for scope in scopes if scope]
    more = f" and {len(named) - NAMED:,} more" if len(named) > NAMED else ""
    return f"{', '.join(named[:NAMED])}{more}: " if named else ""


def tell_attempt(attempt: Attempt, say: Say) -> None:
    """What stood in the way, and what was captured all the same."""
    if problem := attempt.unreachable or attempt.refused or attempt.switched_off:
        say(f"{attempt.source}: {problem}")
    if attempt.captured:
        say(f"{attempt.source}: {attempt.captured} captured, {attempt.new_bytes:,} new bytes")


def _answered(pipeline: Pipeline, spec: SourceSpec, newest: dict[tuple[str, str], Capture]) -> dict[str, Capture]:
    """The last capture of each part of the source, where it was an answer: a notice in place of the file, which the load
    refused, does not count as asked for lately.
    """
    refused = refused_captures(pipeline.home, spec.id)
    return {
        scope: capture
        for (source, scope), capture in newest.items()
        if source == spec.id and (scope, capture.sha256, capture.taken_at) not in refused
    }


def _keep(pipeline: Pipeline, fetched: Fetched, *, alternatives: bool) -> None:
    """Archive it. Raises SourceChanged where it is not what the source declares and another address may have it."""
    pipeline.archive.add(fetched.capture, fetched.body, pipeline.clock())
    if alternatives and fetched.body is not None:
        parse(fetched.body, fetched.capture, pipeline.catalog)


def _worth_asking(
    pipeline: Pipeline, spec: SourceSpec, newest: dict[tuple[str, str], Capture], refused: dict[str, str]
) -> list[tuple[str, str]]:
    """What to ask for; what stands in the way of telling goes to `refused` and stops no other source."""

    def tell(why: str) -> None:
        refused.setdefault("", why)

    try:
        return asked_for(pipeline, spec, newest, tell)
    except Problem as problem:
        refused[""] = reason(problem)
    except Exception as error:  # our own: named, and the other sources go on
        refused[""] = our_error(error)
    return []


def _recent(spec: SourceSpec, previous: Capture, now: datetime) -> bool:
    """Whether this part was asked for too lately to ask again. A clock that was ahead for a night settles nothing for a year."""
    return abs(now - previous.fetched_at) < timedelta(days=spec.fetch_every_days)
