"""A backfill without a server: what it accepts, what it plans, how it goes on after a kill, what it leaves alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

import flows.backfill
from config.contracts import Capture
from config.errors import HostRefuses, Refused, SourceUnreachable, SourceUnsteady
from config.load import catalog
from config.settings import Settings
from config.specs import SourceSpec
from flows.backfill import _complete, _planned, _settled, all_refused
from flows.network.breaker import Breaker
from flows.network.exchange import NetworkPolicy
from flows.network.fetch import RETRIES, Fetcher
from flows.past import retrieve
from flows.past.discovery import asked_as
from flows.past.payloads import Discovered
from flows.past.plan import Part, Planner, not_planned, plan_rows, plan_source
from flows.past.request import BackfillRequest, Mode
from flows.past.retrieve import Retrieved, Retriever
from flows.steps.pipeline import Pipeline
from warehouse.published.holdings import holdings
from warehouse.store.facts import Loaded

TODAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 20, 6, 30)
GOOD: dict[str, Any] = {"sources": ["ecb_fx"], "from_on": "2026-01-01", "to_on": "2026-01-31"}
PROMPT = RETRIES.new(total=0, connect=0, read=0, status=0)


def checked(**changes: Any) -> BackfillRequest:
    return BackfillRequest.checked({**GOOD, **changes}, catalog(), TODAY)


def test_what_the_form_sends_is_understood() -> None:
    request = checked(mode="fill", limit=3, dry_run=False)
    assert (request.from_on, request.to_on) == (date(2026, 1, 1), date(2026, 1, 31))
    assert request.mode is Mode.FILL
    assert not request.changes_nothing
    assert checked(mode="fill", dry_run=True).changes_nothing
    assert checked(sources=["ecb_fx", "ecb_fx"]).sources == ("ecb_fx",)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"from_on": "2026-02-01", "to_on": "2026-01-01"}, "to_on: 2026-01-01 lies before from_on"),
        ({"from_on": "the first of May"}, "from_on: "),
        ({"to_on": "2026-11-21"}, "to_on: 2026-11-21 lies in the future"),
        ({"from_on": "1899-01-01"}, "from_on: 1899-01-01 lies before 1994-01-01"),
        ({"sources": []}, "sources: choose at least one of: "),
        ({"sources": ["ecb"]}, "sources: 'ecb' cannot be fetched"),
        ({"sources": ["analyst_facts"]}, "sources: 'analyst_facts' cannot be fetched"),
        ({"mode": "everything"}, "mode: "),
        ({"limit": 0}, "limit: "),
        ({"mode": "replay", "limit": 3}, "limit: replay reads the whole archive"),
        ({"colour": "red"}, "colour: "),
    ],
)
def test_what_is_wrong_is_answered_with_the_name_of_the_field(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(Refused) as refused:
        checked(**changes)
    assert message in str(refused.value)


def test_the_form_offers_the_sources_and_the_modes() -> None:
    from prefect.utilities.callables import parameter_schema

    from flows.backfill import backfill

    schema = parameter_schema(backfill).model_dump_for_openapi()
    assert schema["properties"]["sources"]["items"]["enum"] == [
        name for name, spec in catalog().sources.items() if spec.fetched or spec.bulk
    ]
    assert schema["properties"]["from_on"]["format"] == schema["properties"]["to_on"]["format"] == "date"
    assert schema["definitions"]["Mode"]["enum"] == ["plan", "fill", "refetch", "replay"]
    assert schema["properties"]["dry_run"]["type"] == "boolean"
    assert all(schema["properties"][name]["description"] for name in schema["properties"])


# A source with a past: one capture a day, asked at an address of its own.


@pytest.fixture
def spec() -> SourceSpec:
    declared = catalog().sources["litellm_prices"].model_dump()
    return SourceSpec.model_validate(
        {**declared, "hosts": ["127.0.0.1", "localhost"], "requests_per_second": 1000.0, "id": "ecb_fx"}
    )


@pytest.fixture
def daily(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> HTTPServer:
    def discover(
        _pipeline: Pipeline, _spec: SourceSpec, _start: date, _end: date, _fetcher: Fetcher
    ) -> Iterator[Discovered]:
        for day in range(1, 61):  # also what lies outside the days: the plan must not take it
            taken_at = datetime(2026, 1, 1, 12) + timedelta(days=day - 1)
            yield Discovered("", httpserver.url_for(f"/{taken_at:%Y-%m-%d}"), taken_at, "commit")

    monkeypatch.setattr("flows.past.plan.discovery_of", lambda _: discover)
    return httpserver


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    opened = Pipeline.open(Settings(home=tmp_path))
    return Pipeline(opened.settings, opened.catalog, opened.home, opened.archive, lambda: NOW)


@pytest.fixture
def fetcher(pipeline: Pipeline) -> Iterator[Fetcher]:
    policy = NetworkPolicy(allow_http_loopback=True)
    with Fetcher(pipeline.settings, policy=policy, clock=lambda: NOW, retries=PROMPT) as opened:
        yield opened


def planned(pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, budget: int | None = None, **changes: Any) -> Part:
    planner = Planner(pipeline, checked(**changes), fetcher, holdings(pipeline.archive))
    return plan_source(planner, spec, budget)


def gathered(pipeline: Pipeline, fetcher: Fetcher, part: Part) -> Retrieved:
    return Retriever(pipeline, fetcher, lambda _: None).retrieve(part, part.wanted, {})


def tree(home: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in sorted(home.rglob("*"))}


def test_a_plan_counts_the_days_asked_for_and_changes_nothing(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer
) -> None:
    before = tree(pipeline.home.root)
    part = planned(pipeline, fetcher, spec, mode="plan")
    [row] = plan_rows([part], holdings(pipeline.archive))
    assert (row["found"], row["requests"], row["bytes expected"]) == (31, 31, "unknown: none held yet")
    assert row["seconds at the polite pace"] == round(31 / 1000, 1)
    assert tree(pipeline.home.root) == before
    assert daily.log == []


def test_what_is_fetched_counts_from_its_proven_instant_and_is_then_held(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer
) -> None:
    daily.expect_request("/2026-01-03").respond_with_data(b"{}")
    part = planned(pipeline, fetcher, spec, mode="fill", from_on="2026-01-03", to_on="2026-01-03")
    assert gathered(pipeline, fetcher, part) == Retrieved(captured=1, new_bytes=2)
    [logged] = pipeline.archive.captures()
    assert logged.capture.taken_at == datetime(2026, 1, 3, 12)
    assert (logged.capture.taken_at_basis, logged.capture.origin) == ("commit", "backfilled")
    assert pipeline.archive.newest() == {}
    again = planned(pipeline, fetcher, spec, mode="fill", from_on="2026-01-03", to_on="2026-01-03")
    assert (again.wanted, again.held) == ((), 1)


def test_a_backfill_that_was_killed_goes_on_where_it_was(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer
) -> None:
    daily.expect_request(re.compile("/2026-.*")).respond_with_data(b"{}")
    for mode in ("fill", "refetch"):
        first = planned(pipeline, fetcher, spec, budget=10, mode=mode)
        assert (len(first.wanted), first.left) == (10, 21)
        gathered(pipeline, fetcher, first)
        rest = planned(pipeline, fetcher, spec, mode=mode)
        assert len(rest.wanted) == 21
        assert first.cursor.unpublished()
        gathered(pipeline, fetcher, rest)
        rest.cursor.finish("some file", 5, NOW)
        assert not rest.cursor.unpublished()
        assert rest.cursor.last_finished() == (NOW, 5)
    assert planned(pipeline, fetcher, spec, mode="fill").wanted == ()
    assert len(planned(pipeline, fetcher, spec, mode="refetch").wanted) == 31
    assert len(daily.log) == 62


def test_what_is_gone_is_noted_and_not_asked_again(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer
) -> None:
    daily.expect_request("/2026-01-01").respond_with_data(b"", status=404)
    days = {"mode": "fill", "from_on": "2026-01-01", "to_on": "2026-01-01"}
    assert gathered(pipeline, fetcher, planned(pipeline, fetcher, spec, **days)) == Retrieved(gone=1)
    part = planned(pipeline, fetcher, spec, **days)
    assert (part.wanted, part.gone) == ((), 1)


def test_what_is_there_but_not_as_declared_is_said_and_asked_for_again(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer
) -> None:
    """A body over the cap is not gone: once the cap is raised it must be had."""
    daily.expect_request("/2026-01-01").respond_with_data(b"x" * 100)
    days = {"mode": "fill", "from_on": "2026-01-01", "to_on": "2026-01-01"}
    strict = spec.model_copy(update={"max_bytes": 99})
    done = gathered(pipeline, fetcher, planned(pipeline, fetcher, strict, **days))
    assert (done.captured, done.gone, done.not_taken) == (0, 0, 1)
    assert "larger than 99 bytes" in done.refused
    again = planned(pipeline, fetcher, spec, **days)
    assert (len(again.wanted), again.gone) == (1, 0)
    assert gathered(pipeline, fetcher, again).captured == 1


def test_a_source_whose_past_cannot_be_found_out_stops_no_other(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer
) -> None:
    planner = Planner(pipeline, checked(mode="fill"), fetcher, holdings(pipeline.archive))
    good = planned(pipeline, fetcher, spec, mode="fill")
    assert _planned(planner, spec, good) is good
    silent = _planned(planner, spec, SourceUnsteady("the host fell silent.", source="ecb_fx"))
    broken = _planned(planner, spec, ZeroDivisionError("by zero"))
    assert (silent.wanted, silent.trouble) == ((), "ecb_fx: the host fell silent.")
    assert broken.trouble == "our error, please report it: ZeroDivisionError: by zero"
    rows = plan_rows([silent, good], holdings(pipeline.archive))
    assert rows[0]["what it gives"] == "not planned: ecb_fx: the host fell silent."
    assert rows[1]["requests"] == 31
    assert _complete("done", {}) == "done"
    with pytest.raises(SourceUnreachable, match="not complete: ecb_fx: the host fell silent"):
        _complete("done", {"ecb_fx": "the host fell silent"})


def test_a_plan_in_which_a_source_failed_does_not_end_green(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    planner = Planner(pipeline, checked(), fetcher, holdings(pipeline.archive))
    failed = not_planned(planner, spec, "the host fell silent")
    monkeypatch.setattr(flows.backfill.Pipeline, "open", lambda: pipeline)
    monkeypatch.setattr(flows.backfill, "plan", lambda *_: [failed])
    monkeypatch.setattr(flows.backfill, "_say", lambda *_: "told")
    for mode in Mode.PLAN, Mode.FILL:
        with pytest.raises(SourceUnreachable, match="not complete: ecb_fx: the host fell silent"):
            flows.backfill.backfill.fn(["ecb_fx"], date(2026, 1, 1), date(2026, 1, 31), mode)  # type: ignore[list-item]


def test_a_source_of_which_nothing_was_taken_is_named_and_one_of_which_something_was_is_not() -> None:
    def came(source: str, outcome: str) -> Loaded:
        return Loaded(
            Capture(source, "", "", "0" * 64, 1, NOW, NOW), outcome, "no table" if outcome == "refused" else ""
        )

    gathered = {
        "a": Retrieved(captured=2),
        "b": Retrieved(captured=2),
        "c": Retrieved(not_taken=1, refused="too large"),
        "d": Retrieved(captured=1, not_taken=1, refused="too large"),
        "e": Retrieved(gone=3),
    }
    loaded = [
        came("a", "refused"),
        came("a", "refused"),
        came("b", "refused"),
        came("b", "loaded"),
        came("d", "unchanged"),
    ]
    assert all_refused(gathered, loaded) == {"a": "no table", "c": "too large"}


def test_a_turn_that_met_our_own_error_is_told_and_stops_no_other_source() -> None:
    assert _settled(Retrieved(captured=2)) == Retrieved(captured=2)
    assert _settled(KeyError("x")).unreachable == "our error, please report it: KeyError: 'x'"
    assert _settled(Refused("no disk")).unreachable == "no disk"


def test_the_network_stops_a_turn_and_the_next_try_asks_only_for_the_rest(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer
) -> None:
    daily.expect_request("/2026-01-01").respond_with_data(b"{}")
    daily.expect_oneshot_request("/2026-01-02").respond_with_data(b"", status=500)
    part = planned(pipeline, fetcher, spec, mode="fill", to_on="2026-01-02")
    tried: dict[Any, Retrieved] = {}
    gatherer = Retriever(pipeline, fetcher, lambda _: None)
    stopped = gatherer.retrieve(part, part.wanted, tried)
    assert (stopped.captured, stopped.unsteady) == (1, True)
    assert "answered 500" in stopped.unreachable
    daily.expect_request("/2026-01-02").respond_with_data(b"{}")
    assert gatherer.retrieve(part, part.wanted, tried).captured == 2
    assert [request.path for request, _ in daily.log] == ["/2026-01-01", "/2026-01-02", "/2026-01-02"]


def test_a_host_that_refuses_is_waited_for_as_long_as_the_breaker_says(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, daily: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([Response("", 403), Response("{}", 200)])

    def answer(_: Request) -> Response:
        return next(answers)

    daily.expect_request("/2026-01-01").respond_with_handler(answer)
    now = [NOW]
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += timedelta(seconds=seconds)

    monkeypatch.setattr(retrieve.time, "sleep", sleep)
    moving = Pipeline(pipeline.settings, pipeline.catalog, pipeline.home, pipeline.archive, lambda: now[0])
    part = planned(moving, fetcher, spec, mode="fill", to_on="2026-01-01")
    said: list[str] = []
    assert Retriever(moving, fetcher, said.append).retrieve(part, part.wanted, {}).captured == 1
    assert slept == [601]
    assert "Waiting until 06:40:00 UTC" in said[0]


def test_the_past_is_asked_for_at_the_host_and_the_pace_of_where_it_is_kept(
    pipeline: Pipeline, fetcher: Fetcher, daily: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = catalog().sources
    part = planned(pipeline, fetcher, sources["deepseek_pricing"])
    assert part.asked.allowed_hosts == {"web.archive.org"}
    assert part.seconds == 31 / 0.4
    assert plan_rows([part], holdings(pipeline.archive))[0]["seconds at the polite pace"] == 77.5
    assert asked_as(sources["litellm_prices"]).allowed_hosts == {"github.com"}
    assert asked_as(sources["ecb_fx"]) is sources["ecb_fx"]
    monkeypatch.setattr("flows.past.git_history.shutil.which", lambda _: None)
    assert asked_as(sources["litellm_prices"]).allowed_hosts == {"api.github.com", "raw.githubusercontent.com"}


def test_the_breaker_is_shared_through_the_home_folder(pipeline: Pipeline, spec: SourceSpec) -> None:
    url = "https://data.sec.gov/x"
    with pytest.raises(HostRefuses), Breaker(pipeline.home, lambda: NOW).guarding(spec, url):
        raise HostRefuses("the SEC refused the request (403)")
    later = Breaker(pipeline.home, lambda: NOW + timedelta(minutes=9))
    with pytest.raises(HostRefuses, match=r"left alone until 2026-11-20 06:40 UTC"), later.guarding(spec, url):
        pytest.fail("the host was asked all the same")
    with later.guarding(spec, "https://example.org/x"):
        pass
    with Breaker(pipeline.home, lambda: NOW + timedelta(minutes=11)).guarding(spec, url):
        pass


def test_a_source_without_a_past_is_asked_once_and_held_once_fetched_after_the_days(
    pipeline: Pipeline, fetcher: Fetcher, spec: SourceSpec, httpserver: HTTPServer
) -> None:
    httpserver.expect_request("/rates").respond_with_data(b"Date,USD\n")
    present = SourceSpec.model_validate(
        {**catalog().sources["ecb_fx"].model_dump(), "addresses": [httpserver.url_for("/rates")]}
        | {"hosts": ["localhost", "127.0.0.1"]}
    )
    part = planned(pipeline, fetcher, present, mode="fill")
    [row] = plan_rows([part], holdings(pipeline.archive))
    assert row["what it gives"].startswith("one payload holds the whole history")
    assert gathered(pipeline, fetcher, part).captured == 1
    assert planned(pipeline, fetcher, present, mode="fill", to_on="2026-11-20").wanted == ()
    [logged] = pipeline.archive.captures()
    assert (logged.capture.taken_at, logged.capture.origin) == (NOW, "fetched")
