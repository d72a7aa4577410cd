"""From lists of filings to filings in the archive: each asked for once, newest first, and half an answer never kept."""

from __future__ import annotations

from datetime import datetime

import pytest
from filing_lists import LISTS
from places import FIXTURES_FOLDER

from config.contracts import Capture
from config.errors import SourceChanged
from config.load import catalog
from config.settings import Settings
from flows.network.fetch import Fetched
from flows.past.plan import Planner, plan_source
from flows.past.request import BackfillRequest
from flows.past.retrieve import Retriever
from flows.steps.discovery import asked_for
from flows.steps.fetch_source import fetch_source
from flows.steps.pipeline import Pipeline
from warehouse.archive.captures import Archive, sha256_of
from warehouse.home.layout import Home
from warehouse.published.holdings import holdings

NOW = datetime(2026, 11, 22, 3)
FIXTURES = FIXTURES_FOLDER / "sources"
RELEASE = (FIXTURES / "sec_press_release" / "MSFT_2024-07-30.txt").read_bytes()
REPORT = (FIXTURES / "sec_filing" / "AMZN_2024-12-31.htm").read_bytes()
LIMIT = b"<html><body><p>Your Request Originates from an Undeclared Automated Tool</p></body></html>"


class Network:
    """Answers every address with the same body, or with the one given for a scope."""

    def __init__(self, body, **by_accession):
        self.body, self.by_accession, self.asked = body, by_accession, []

    def get(self, spec, scope, url, previous=None, *, key=""):
        self.asked.append(scope)
        body = self.by_accession.get(scope.split(" ")[1].replace("-", "_"), self.body)
        return Fetched(Capture(spec.id, scope, url, sha256_of(body), len(body), NOW, NOW), body)


class Anything(Network):
    """The same body for whatever is asked for."""

    def get(self, spec, scope, url, previous, *, key=""):
        self.asked.append(scope)
        return Fetched(Capture(spec.id, scope, url, sha256_of(self.body), len(self.body), NOW, NOW), self.body)


@pytest.fixture
def pipeline(tmp_path):
    settings = Settings(home=tmp_path)
    home = Home.open(settings.root)
    made = Pipeline(settings, catalog(), home, Archive(home), lambda: NOW)
    for ticker, body in LISTS.items():
        made.archive.add(Capture("sec_submissions", ticker, "", sha256_of(body), len(body), NOW, NOW), body, NOW)
    return made


def fetch(pipeline, source, network):
    return fetch_source(pipeline, network, catalog().sources[source], pipeline.archive.newest())


def test_the_newest_of_each_company_comes_first(pipeline):
    asked = asked_for(pipeline, catalog().sources["sec_press_release"], pipeline.archive.newest())
    assert [scope for scope, _ in asked] == [
        "AMZN 0001018724-25-000002 2025-02-06 8-K",
        "MSFT 0000950170-24-118955 2024-10-30 8-K",
        "MSFT 0000950170-24-087835 2024-07-30 8-K",
        "MSFT 0000950170-24-048268 2024-04-25 8-K",
    ]
    folder = "https://www.sec.gov/Archives/edgar/data"
    assert asked[0][1] == f"{folder}/1018724/000101872425000002/0001018724-25-000002.txt"
    reports = asked_for(pipeline, catalog().sources["sec_filing"], pipeline.archive.newest())
    assert [url.removeprefix(folder) for _, url in reports] == [
        "/1018724/000101872425000004/main.htm",
        "/789019/000095017024087843/main.htm",
    ]


def test_a_run_asks_for_no_more_than_declared_and_the_next_for_the_rest(pipeline):
    spec = catalog().sources["sec_press_release"].model_copy(update={"documents_a_run": 3})
    network = Network(RELEASE)
    for expected in (3, 4, 4):
        fetch_source(pipeline, network, spec, pipeline.archive.newest())
        assert len(network.asked) == expected
    assert len(set(network.asked)) == 4


@pytest.mark.parametrize(
    "answer", [LIMIT, RELEASE[: len(RELEASE) // 2], b"", b"<html><body>We are sorry</body></html>"]
)
def test_a_notice_or_half_a_release_is_not_kept_and_asked_for_again(pipeline, answer):
    attempt = fetch(pipeline, "sec_press_release", Network(RELEASE, **{"0000950170_24_118955": answer}))
    assert attempt.captured == 3
    assert "Remedy: fetch it again" in attempt.refused
    again = Network(RELEASE)
    fetch(pipeline, "sec_press_release", again)
    assert again.asked == ["MSFT 0000950170-24-118955 2024-10-30 8-K"]


@pytest.mark.parametrize("answer", [LIMIT, REPORT[: len(REPORT) // 2], b"", b"<html><body>We are sorry</body></html>"])
def test_a_notice_or_half_a_report_is_not_kept_and_asked_for_again(pipeline, answer):
    assert fetch(pipeline, "sec_filing", Network(REPORT, **{"0001018724_25_000004": answer})).captured == 1
    again = Network(REPORT)
    fetch(pipeline, "sec_filing", again)
    assert again.asked == ["AMZN 0001018724-25-000004 2025-02-07 10-K"]


@pytest.mark.parametrize("source", ["sec_submissions", "sec_companyfacts"])
@pytest.mark.parametrize("answer", [LIMIT, b"{", b"", b"[]", b'{"cik": 789019}'])
def test_a_notice_or_half_a_list_or_company_facts_is_not_kept_and_asked_for_again(pipeline, source, answer):
    held = pipeline.archive.newest()
    attempt = fetch(pipeline, source, Anything(answer))
    assert attempt.captured == 0
    assert "Remedy: fetch it again" in attempt.refused
    assert pipeline.archive.newest() == held
    again = Anything(LIMIT)
    fetch(pipeline, source, again)
    assert "MSFT" in again.asked


@pytest.mark.parametrize("source", ["sec_companyfacts", "sec_filing", "sec_press_release"])
def test_a_notice_kept_in_place_of_a_list_is_told_and_the_list_before_it_holds(pipeline, source):
    """As archives may hold from before lists were looked at on arrival; no source stops for it."""
    before = asked_for(pipeline, catalog().sources[source], {})
    capture = Capture("sec_submissions", "MSFT", "", sha256_of(LIMIT), len(LIMIT), NOW, NOW)
    pipeline.archive.add(capture, LIMIT, NOW)
    assert asked_for(pipeline, catalog().sources[source], {}) == before
    attempt = fetch(pipeline, source, Anything({"sec_filing": REPORT}.get(source, RELEASE)))
    assert attempt.refused.startswith("sec_submissions MSFT: the last list cannot be read: not a JSON document")
    assert "The one of 2026-11-22 03:00 is used." in attempt.refused


def test_our_own_error_while_telling_what_to_ask_for_is_named(pipeline, monkeypatch):
    monkeypatch.setattr("flows.steps.fetch_source.asked_for", lambda *_: {}["nothing"])
    assert fetch(pipeline, "sec_filing", Anything(REPORT)).refused == "our error, please report it: KeyError: 'nothing'"


def test_a_document_that_moved_is_named_and_the_others_are_fetched(pipeline):
    class Moved(Network):
        def get(self, spec, scope, url, previous=None, *, key=""):
            if "118955" in scope:
                self.asked.append(scope)
                raise SourceChanged("there is nothing at this address any more (404).", source=spec.id, place=url)
            return super().get(spec, scope, url, previous)

    attempt = fetch(pipeline, "sec_press_release", Moved(RELEASE))
    assert attempt.captured == 3
    assert "nothing at this address" in attempt.refused


def backfilled(pipeline, network, first="2024-07-01", last="2024-12-31"):
    """The releases of some days: what there was to ask, and what became of it."""
    request = BackfillRequest.checked(
        {"sources": ["sec_press_release"], "from_on": first, "to_on": last, "mode": "fill"}, catalog(), NOW.date()
    )
    planner = Planner(pipeline, request, network, holdings(pipeline.archive))
    part = plan_source(planner, catalog().sources["sec_press_release"], None)
    return part, Retriever(pipeline, network, lambda _: None).retrieve(part, part.wanted, {})


def test_a_backfill_of_filings_asks_for_those_of_the_days_once(pipeline):
    network = Network(RELEASE)
    _, done = backfilled(pipeline, network)
    assert sorted(network.asked) == [
        "MSFT 0000950170-24-087835 2024-07-30 8-K", "MSFT 0000950170-24-118955 2024-10-30 8-K",
    ]  # fmt: skip
    assert (done.captured, done.unreachable) == (2, "")
    again, _ = backfilled(pipeline, network)
    assert (again.wanted, again.held) == ((), 2)
    assert len(network.asked) == 2


def test_a_notice_in_a_backfill_is_not_kept_and_its_filing_is_not_taken_for_gone(pipeline):
    _, done = backfilled(pipeline, Network(LIMIT))
    assert done.captured == 0
    assert done.gone == 0
    assert "sec_press_release" in done.unreachable
    part, done = backfilled(pipeline, Network(RELEASE))
    assert (len(part.wanted), done.captured) == (2, 2)
