"""Lists of filings: what stands in them, what they make the other sources ask for, and where they and the facts differ."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta

import pytest
from company_facts import SHARED
from places import FIXTURES_FOLDER
from staged import PUBLISHED_AT, Payload, ask, loaded, staged

from config.contract_checks import checks
from config.contracts import FILING, Capture
from config.errors import Refused, SourceChanged, SourceUnreachable
from config.load import catalog
from flows.network.fetch import Fetched
from flows.steps.discovery import asked_for, filing_lists
from flows.steps.fetch_source import fetch_source
from transforms.filings.listing import parse_filing_list
from transforms.filings.refetch import is_due
from transforms.sources.sec_submissions import followups, parse, requests, scope_of
from warehouse.archive.captures import sha256_of

pytestmark = pytest.mark.slow("stages lists of filings")

BODY = (FIXTURES_FOLDER / "sources" / "sec_submissions" / "MSFT.json").read_bytes()
ADDRESS = "https://data.sec.gov/submissions/CIK0000789019.json"
OLDER = (
    "MSFT/CIK0000789019-submissions-001.json",
    "https://data.sec.gov/submissions/CIK0000789019-submissions-001.json",
)
NOW = datetime(2026, 1, 28, 23)


def capture(scope="MSFT", body=BODY, at=NOW, source="sec_submissions"):
    return Capture(source, scope, "", sha256_of(body), len(body), at, at)


def parsed(body=BODY, scope="MSFT"):
    return parse(body, capture(scope, body), catalog())


def older_document():
    """The layout of filings.files[]: the columns stand at the top. The 10-K of 2019-08-01 is one of MSFT's."""
    return json.dumps(
        {
            "accessionNumber": ["0001564590-19-027952"], "form": ["10-K"], "filingDate": ["2019-08-01"],
            "reportDate": ["2019-06-30"], "items": [""], "size": [20000000], "isXBRL": [1], "isInlineXBRL": [1],
            "primaryDocument": ["msft-10k_20190630.htm"], "acceptanceDateTime": ["2019-08-01T16:10:14.000Z"],
        }
    ).encode()  # fmt: skip


def test_one_filing_becomes_one_row_of_the_contract():
    rows = parsed().rows
    assert checks(FILING).is_valid(rows)
    row = rows.row(0, named=True)
    assert (row["company"], row["accession"], row["form"]) == ("MSFT", "0001193125-26-027207", "10-Q")
    assert (row["filed_on"], row["report_on"], row["is_xbrl"]) == (date(2026, 1, 28), date(2025, 12, 31), True)
    assert (row["known_at"], row["known_at_basis"]) == (datetime(2026, 1, 28, 22, 30), "filing_date_1730_new_york")
    assert row["document_id"] == row["accession"]
    assert row["source_url"].endswith("/789019/000119312526027207/0001193125-26-027207-index.htm")
    assert parsed().rows["items"].to_list()[:2] == ["", "2.02,9.01"]


def test_an_acceptance_stamp_is_kept_as_text_and_is_no_clock_here():
    """One copy of the 10-Q of 2025-10-29 says 20:10:48Z, another 16:10:48Z: the same row but for the text."""
    moved = parsed(BODY.replace(b"2025-10-29T20:10:48.000Z", b"2025-10-29T16:10:48.000Z")).rows
    assert moved.filter(moved["accepted_text"] == "2025-10-29T16:10:48.000Z").height == 1
    assert moved.drop("accepted_text").equals(parsed().rows.drop("accepted_text"))
    assert "accepted_text" not in FILING.payload


def test_the_documents_with_the_older_filings_are_asked_for_and_read():
    assert followups(BODY, capture(), catalog()) == [OLDER]
    rows = parsed(older_document(), OLDER[0]).rows
    assert rows.select("company", "accession", "filed_on").rows() == [
        ("MSFT", "0001564590-19-027952", date(2019, 8, 1))
    ]
    assert followups(older_document(), capture(OLDER[0]), catalog()) == []


def test_each_followed_company_is_asked_for():
    found = requests(catalog().sources["sec_submissions"], catalog())
    assert len(found) == 8
    assert ("MSFT", ADDRESS) in found


@pytest.mark.parametrize(
    "body", [b"", b"<html>Your Request Originates from an Undeclared Automated Tool</html>", BODY[:-30], b"[]",
             BODY.replace(b"0000789019", b"0001018724"), BODY.replace(b'"8-K",', b"", 1)]
)  # fmt: skip
def test_what_is_not_the_companys_list_is_refused(body):
    with pytest.raises(SourceChanged, match="sec_submissions: MSFT"):
        parsed(body)


def test_an_undeclared_company_is_refused():
    with pytest.raises(Refused, match="XYZ"):
        parsed(scope="XYZ")


def test_a_document_names_its_company():
    assert scope_of(BODY, catalog()) == "MSFT"
    assert scope_of(b'{"data": ' + BODY + b"}", catalog()) == "MSFT"
    assert scope_of(b"[]", catalog()) == ""
    assert scope_of(b"<html>", catalog()) == ""


FILED = date(2026, 1, 28)


@pytest.mark.parametrize(
    ("fetched_at", "now", "due"),
    [
        (None, NOW, True),
        (datetime(2026, 1, 27), datetime(2026, 1, 28, 23), True),  # before the filing
        (datetime(2026, 1, 29), datetime(2026, 1, 30), True),  # facts may follow a filing by a day or two
        (datetime(2026, 2, 2), datetime(2026, 2, 3), False),
        (datetime(2026, 2, 2), datetime(2026, 2, 9, 1), True),  # once a week, for corrections
    ],
)
def test_facts_are_asked_for_again_when_there_is_a_filing_or_after_a_week(fetched_at, now, due):
    filings = parse_filing_list(BODY, 789019, capture()).filings
    assert filings[0].filed_on == FILED
    last = capture(at=fetched_at, source="sec_companyfacts") if fetched_at else None
    assert is_due(last, filings, now) is due
    assert is_due(last, None, now) is True


class Network:
    """Answers by address; an address it does not know does not answer."""

    def __init__(self, bodies):
        self.bodies, self.asked = bodies, []

    def get(self, spec, scope, url, previous, *, key=""):
        self.asked.append((spec.id, scope))
        if url not in self.bodies:
            raise SourceUnreachable("does not answer", source=spec.id)
        body = self.bodies[url]
        return Fetched(capture(scope, body, NOW, spec.id), body)


def test_a_run_learns_from_the_lists_what_to_ask_for(tmp_path):
    pipeline, _ = loaded(tmp_path, [])
    lists, facts = catalog().sources["sec_submissions"], catalog().sources["sec_companyfacts"]
    network = Network({ADDRESS: BODY, OLDER[1]: older_document()})
    fetch_source(pipeline, network, lists, pipeline.archive.newest())
    assert ("sec_submissions", OLDER[0]) in network.asked
    (listed,) = filing_lists(pipeline, "sec_submissions").values()
    assert [filing.filed_on for filing in listed.filings][:: len(listed.filings) - 1] == [FILED, date(2019, 8, 1)]
    # No company has facts yet, and of the others there is not even a list: all are asked for.
    newest = pipeline.archive.newest()
    assert len(asked_for(pipeline, facts, newest)) == 8
    # Fetched after the lag of the newest filing and less than a week ago: of Microsoft there is nothing to ask.
    fresh = capture(at=PUBLISHED_AT, source="sec_companyfacts")
    soon = type(pipeline)(pipeline.settings, pipeline.catalog, pipeline.home, pipeline.archive, lambda: PUBLISHED_AT)
    later = {**newest, ("sec_companyfacts", "MSFT"): fresh}
    assert "MSFT" not in [scope for scope, _ in asked_for(soon, facts, later)]
    assert len(asked_for(soon, facts, later)) == 7


def test_a_notice_in_place_of_one_companys_list_stops_nobody_else(tmp_path):
    notice = b"<html><body><p>Your Request Originates from an Undeclared Automated Tool</p></body></html>"
    pipeline, _ = loaded(
        tmp_path, [Payload("sec_submissions", "MSFT", BODY, NOW), Payload("sec_submissions", "AMZN", notice, NOW)]
    )
    assert list(filing_lists(pipeline, "sec_submissions")) == ["MSFT"]
    reports = asked_for(pipeline, catalog().sources["sec_filing"], pipeline.archive.newest())
    assert {scope.split()[0] for scope, _ in reports} == {"MSFT"}


def facts(*accessions):
    rows = [
        {"end": "2024-06-30", "val": 1000000000 + index, "accn": accession, "form": "10-K", "filed": filed}
        for index, (accession, filed) in enumerate(accessions)
    ]
    # Enough facts for a document; all of one old filing, so that the span of the facts begins there.
    rows += [{"end": f"2019-01-{day:02d}", "val": day, "accn": "0000950170-24-087843", "form": "10-K",
              "filed": "2024-07-30"} for day in range(1, 32)]  # fmt: skip
    rows += [{"end": f"2019-03-{day:02d}", "val": day, "accn": "0000950170-24-087843", "form": "10-K",
              "filed": "2024-07-30"} for day in range(1, 31)]  # fmt: skip
    tags = {"PropertyPlantAndEquipmentNet": {"units": {"USD": rows}}}
    return json.dumps({"cik": 789019, "entityName": "M", "facts": {"us-gaap": tags}}).encode()


HELD = [("0000950170-24-118967", "2024-10-30"), ("0000950170-25-010491", "2025-01-29"),
        ("0000950170-25-061046", "2025-04-30"), ("0000950170-25-100235", "2025-07-30"),
        ("0001193125-25-256321", "2025-10-29"), ("0001193125-26-027207", "2026-01-28")]  # fmt: skip
RECONCILED = "SELECT reason, detail FROM history.issue WHERE reason LIKE '%report%' ORDER BY ALL"


def reconciled(home, held, *, facts_at=NOW, list_at=NOW):
    payloads = [
        Payload("sec_submissions", "MSFT", BODY, list_at),
        Payload("sec_companyfacts", "MSFT", facts(*held), facts_at),
    ]
    stage = staged(home, payloads)
    found = ask(stage, RECONCILED)
    stage.close()
    return found


def test_a_report_without_facts_is_an_issue_and_so_are_facts_no_list_knows(tmp_path):
    assert reconciled(tmp_path / "whole", HELD) == []
    assert reconciled(tmp_path / "hole", [one for one in HELD if one[1] != "2025-04-30"]) == [
        ("periodic report without facts", "MSFT 10-Q filed 2025-04-30, 0000950170-25-061046")
    ]
    unknown = ("0000950170-25-999999", "2025-05-05")
    assert reconciled(tmp_path / "unknown", [*HELD, unknown]) == [
        ("facts of a report no list knows", "MSFT 10-K, 0000950170-25-999999")
    ]


def test_what_either_side_cannot_know_yet_is_no_issue(tmp_path):
    # The facts were fetched before the report of 2026-01-28, and the list before that of 2027.
    early = NOW - timedelta(days=2)
    assert reconciled(tmp_path / "facts", HELD[:-1], facts_at=early) == []
    assert (
        reconciled(tmp_path / "list", [*HELD, ("0001193125-27-000001", "2027-01-27")], facts_at=datetime(2027, 2, 1))
        == []
    )


def test_filings_as_of_a_day(tmp_path):
    stage = staged(tmp_path, [Payload("sec_submissions", "MSFT", BODY, NOW)])
    assert ask(stage, "SELECT count(*) FROM filing") == [(15,)]
    assert ask(stage, "SELECT accession, form FROM filing_as_of('2024-07-30') ORDER BY 1") == [
        ("0000950170-24-087835", "8-K"),
        ("0000950170-24-087843", "10-K"),
    ]
    assert ask(stage, "SELECT count(*) FROM filing_as_of('2024-07-29')") == [(0,)]
    stage.close()


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_two_real_copies_of_a_list_agree_and_overlap(tmp_path):
    folder = SHARED / "sec" / "submissions"
    older = (folder / "MSFT_bobmatnyc_wrapped.json").read_bytes()
    newer = (folder / "MSFT_CIK0000789019_FSE570.json").read_bytes()
    payloads = [Payload("sec_submissions", "MSFT", older, datetime(2025, 11, 21)),
                Payload("sec_submissions", "MSFT", newer, datetime(2026, 4, 16))]  # fmt: skip
    _, done = loaded(tmp_path, payloads)
    assert [(one.outcome, one.rows_stated) for one in done] == [("loaded", 1000), ("loaded", 1009)]
    # What was filed until then stands in both word for word, acceptance stamps aside: only the filings since are new. A list
    # holds the newest thousand, so the oldest are named no more; that is noted too, and a part withdraws nothing.
    since = sum(row[0] > date(2025, 11, 19) for row in parsed(newer).rows.select("filed_on").rows())
    before, now = (set(parsed(body).rows["accession"]) for body in (older, newer))
    assert done[1].rows_added == since + len(before - now)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
def test_the_real_lists_and_facts_are_without_holes(tmp_path):
    folder = SHARED / "sec"
    payloads = [
        Payload("sec_submissions", "GOOGL", (folder / "submissions/GOOGL_CIK0001652044_finalysis.json").read_bytes(),
                datetime(2026, 4, 18)),
        Payload("sec_companyfacts", "GOOGL",
                (folder / "companyfacts/GOOGL_CIK0001652044_edgartools_cassette.json").read_bytes(), datetime(2026, 7, 9)),
        Payload("sec_submissions", "MSFT", (folder / "submissions/MSFT_CIK0000789019_finalysis.json").read_bytes(),
                datetime(2026, 4, 16)),
        Payload("sec_companyfacts", "MSFT", (folder / "companyfacts/CIK0000789019.json").read_bytes(), datetime(2026, 7, 30)),
    ]  # fmt: skip
    stage = staged(tmp_path, payloads)
    assert ask(stage, RECONCILED) == []
    stage.close()
