"""The parser of filings as filed: figures read from the documents, sentences of leases, and bodies it must refuse."""

from __future__ import annotations

import gzip
from datetime import date, datetime

import polars as pl
import pytest
from company_facts import LOADED_AT, SHARED
from places import FIXTURES_FOLDER
from xbrl_pages import context, header, member, number, page

from config.contract_checks import checks
from config.contracts import COMPANY_FACT, Capture
from config.errors import Refused, SourceChanged
from config.load import catalog
from transforms.filings.listing import parse_filing_list
from transforms.sources import sec_filing
from transforms.sources.sec_filing import discover, parse, scope_of

FIXTURES = FIXTURES_FOLDER / "sources" / "sec_filing"
IXBRL = SHARED / "sec" / "ixbrl"
AMZN = "AMZN 0001018724-25-000004 2025-02-07 10-K"
MSFT = "MSFT 0000950170-24-087843 2024-07-30 10-K"
COMMERCIAL = member("srt:MajorCustomersAxis", "msft:CommercialCustomersMember")
RPO = "us-gaap:RevenueRemainingPerformanceObligation"
shared = pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")


def capture(scope, url=""):
    return Capture("sec_filing", scope, url, "0" * 64, 1, LOADED_AT, LOADED_AT)


def parsed(payload, scope=MSFT, url=""):
    return parse(payload, capture(scope, url), catalog())


def values(rows, concept, dimensions=""):
    wanted = rows.filter((pl.col("concept") == concept) & (pl.col("dimensions") == dimensions))
    return wanted.sort("period_end")["value"].to_list()


def cover(cik="0000789019", form="10-K"):
    return (
        f'<ix:nonNumeric name="dei:EntityCentralIndexKey" contextRef="i">{cik}</ix:nonNumeric>'
        f'<ix:nonNumeric name="dei:DocumentType" contextRef="i">{form}</ix:nonNumeric>'
        '<ix:nonNumeric name="dei:DocumentPeriodEndDate" contextRef="i">June 30, 2024</ix:nonNumeric>'
    )


def msft(*body, **stated):
    return page(header(context("i"), context("c", COMMERCIAL), hidden=cover(**stated)), *body)


@pytest.fixture(scope="module")
def amzn():
    return parsed((FIXTURES / "AMZN_2024-12-31.htm").read_bytes(), AMZN)


def test_a_filing_becomes_rows_of_the_contract(amzn):
    assert checks(COMPANY_FACT).is_valid(amzn.rows)
    assert amzn.issues == ()
    row = amzn.rows.filter(pl.col("concept") == RPO).row(0, named=True)
    assert (row["company"], row["value"], row["value_exact"]) == ("AMZN", 177e9, "177000000000")
    assert row["dimensions"] == f"{RPO}ExpectedTimingOfSatisfactionStartDateAxis=2025-01-01"
    assert (row["period_start"], row["period_end"], row["decimals"]) == (None, date(2024, 12, 31), -9)
    assert (row["known_at"], row["known_at_basis"]) == (datetime(2025, 2, 7, 22, 30), "filing_date_1730_new_york")
    assert (row["document_id"], row["form"], row["form_rank"]) == ("0001018724-25-000004", "10-K", 40)
    assert row["locator"] == f"#ahead#{RPO}#f-18"
    assert row["source_url"] == (
        "https://www.sec.gov/Archives/edgar/data/1018724/000101872425000004/0001018724-25-000004-index.htm"
    )


def test_scale_sign_dash_and_nil(amzn):
    segment = "us-gaap:StatementBusinessSegmentsAxis=amzn:"
    assert values(amzn.rows, "us-gaap:OperatingIncomeLoss", f"{segment}InternationalSegmentMember") == [-7746e6]
    assert values(amzn.rows, "us-gaap:OperatingIncomeLoss", f"{segment}AmazonWebServicesSegmentMember") == [39834e6]
    assert values(amzn.rows, "us-gaap:PreferredStockValue") == [0]
    assert values(amzn.rows, "us-gaap:CommitmentsAndContingencies") == []
    share = amzn.rows.filter(pl.col("concept") == "us-gaap:EarningsPerShareDiluted").row(0, named=True)
    assert (share["value"], share["unit"], share["currency"]) == (5.53, "USD/shares", "USD")


def test_useful_lives_are_years_and_keep_their_words(amzn):
    lives = amzn.rows.filter(pl.col("unit") == "years").sort("value")
    assert lives.select("value", "value_exact").rows() == [(3, "P3Y"), (6, "six years"), (40, "40")]
    assert lives["currency"].to_list() == [None] * 3


def test_a_classic_instance():
    found = parsed((FIXTURES / "MSFT_2015-09-30.xml").read_bytes(), "MSFT 0001193125-15-350718 2015-10-22 10-Q")
    row = found.rows.row(0, named=True)
    assert found.rows.height == 1
    assert (row["value"], row["period_start"]) == (2106e6, date(2014, 7, 1))
    assert row["known_at"] == datetime(2015, 10, 22, 21, 30)


def test_commercial_rpo_stands_beside_the_total_under_its_own_dimension():
    body = number("275", RPO, scale="9") + number("269", RPO, ref="c", scale="9")
    rows = parsed(msft(body)).rows
    assert values(rows, RPO) == [275e9]
    assert values(rows, RPO, "srt:MajorCustomersAxis=msft:CommercialCustomersMember") == [269e9]


LEASES = [
    (
        "As of June 30, 2024, we had additional operating and finance leases, mostly for halls, that had not yet commenced "
        "of $8.6 billion and $108.4 billion, respectively. They start later.",
        [("leases_operating", 8.6e9), ("leases_finance", 108.4e9)],
    ),
    (
        "As of June 30, 2024, we had $248 billion of additional lease commitments, all for halls, that should be, as is "
        "usual, expected to commence between two years.",
        [("leases_all", 248e9)],
    ),
    (
        "Otherwise our operating lease commitments to $36.2 billion as of June 30, 2024. Our operating lease commitments, "
        "for halls, are expected to commence some day.",
        [("leases_operating", 36.2e9)],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "amounts"), LEASES)
def test_leases_not_yet_begun_in_words(sentence, amounts):
    found = parsed(msft(number("5"), f"<p>{sentence}</p>"))
    leases = found.rows.filter(pl.col("concept") == "leases_not_yet_commenced")
    assert leases.select("definition", "value").rows() == amounts
    assert leases["period_end"].unique().to_list() == [date(2024, 6, 30)]
    assert leases["locator"].str.contains("block").all()
    assert found.issues == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "As of June 30, 2024, we had leases that had not yet commenced of about $92.7 billion.",
        "As of June 30, 2023, we had $12 billion of additional lease commitments, expected to commence soon.",
    ],
)
def test_a_sentence_that_almost_fits_is_a_notice_and_no_figure(sentence):
    found = parsed(msft(number("5"), f"<p>{sentence}</p>"))
    assert found.rows.filter(pl.col("concept") == "leases_not_yet_commenced").height == 0
    (issue,) = found.issues
    assert issue.severity == "notice"
    assert issue.reason.startswith("leases not yet commenced")


def test_a_tagged_amount_needs_no_sentence():
    tagged = f"<p>leases not yet commenced of ${number('34.12', 'us-gaap:Obligation', scale='9')} billion</p>"
    assert parsed(msft(tagged)).issues == ()


def test_a_fact_that_cannot_be_read_is_an_issue_and_the_others_stand():
    found = parsed(msft(number("5"), number("n/a", RPO)))
    assert found.rows["value"].to_list() == [5]
    assert [(issue.reason, issue.locator) for issue in found.issues] == [("fact cannot be read", f"i#{RPO}#@4")]


SOUND = msft(number("5"))
HEADER = (
    "<SEC-DOCUMENT>0000950170-24-087843.txt : 20240730\n<SEC-HEADER>x\nACCESSION NUMBER:\t\t0000950170-24-087843\n"
    "CONFORMED SUBMISSION TYPE:\t10-K\nFILED AS OF DATE:\t\t20240730\n\t\tCENTRAL INDEX KEY:\t\t\t0000789019\n</SEC-HEADER>\n"
)


def whole(*documents, head=HEADER, end="</SEC-DOCUMENT>\n"):
    """A filing as one text, of (type, file name, body)."""
    wrapped = "".join(
        f"<DOCUMENT>\n<TYPE>{kind}\n<SEQUENCE>1\n<FILENAME>{name}\n<TEXT>\n<XBRL>\n{body.decode()}\n</XBRL>\n</TEXT>\n</DOCUMENT>\n"
        for kind, name, body in documents
    )
    return f"{head}{wrapped}{end}".encode()


def test_the_whole_filing_states_itself_which_filing_it_is():
    classic = (FIXTURES / "MSFT_2015-09-30.xml").read_bytes()
    payload = whole(("10-K", "a10k.htm", b"<p>old <br> HTML</p>"), ("EX-101.INS", "msft.xml", classic))
    with pytest.raises(SourceChanged, match="a 10-Q, asked for was a 10-K"):
        parsed(payload, "MSFT")
    row = parsed(payload.replace(b"TYPE:\t10-K", b"TYPE:\t10-Q"), "MSFT").rows.row(0, named=True)
    assert (row["document_id"], row["known_at"]) == ("0000950170-24-087843", datetime(2024, 7, 30, 21, 30))
    assert row["locator"].startswith("msft.xml#cloud#")


def test_a_whole_filing_tells_its_company_and_a_document_alone_does_not():
    assert scope_of(whole(("10-K", "a.htm", SOUND)), catalog()) == "MSFT"
    assert scope_of(SOUND, catalog()) == ""


def test_of_the_whole_filing_every_inline_document_is_read():
    other = msft(number("7", RPO))
    rows = parsed(
        whole(("8-K", "a.htm", SOUND), ("EX-99.1", "b.htm", other), ("GRAPHIC", "c.jpg", b"begin 644 x"))
    ).rows
    assert rows["locator"].str.split("#").list.first().to_list() == ["a.htm", "b.htm"]


def test_an_exhibit_may_refer_to_contexts_of_the_main_document():
    exhibit = page(number("7", RPO, ref="c", scale="9"))
    found = parsed(whole(("8-K", "a.htm", SOUND), ("EX-99.1", "b.htm", exhibit)))
    assert values(found.rows, RPO, "srt:MajorCustomersAxis=msft:CommercialCustomersMember") == [7e9]
    assert found.issues == ()
    with pytest.raises(SourceChanged, match=r"not a filing that can be read") as refused:
        parsed(whole(("8-K", "a.htm", SOUND), ("EX-99.1", "b.htm", exhibit[:-9])))
    assert refused.value.place.endswith("/b.htm")


def test_registrants_who_report_together_are_told_apart():
    """Alphabet and Google filed reports together: the cover names both, and figures may be about either."""
    daughter = member("dei:LegalEntityAxis", "msft:DaughterMember")
    contexts = context("i"), context("d", daughter), context("other", cik="0001288776")
    both = cover() + '<ix:nonNumeric name="dei:EntityCentralIndexKey" contextRef="d">0001288776</ix:nonNumeric>'
    body = number("5") + number("6", ref="other")
    found = parsed(page(header(*contexts, hidden=both), body))
    assert found.rows["value"].to_list() == [5]
    assert [(issue.reason, issue.detail) for issue in found.issues] == [("fact of another registrant", "CIK 1288776")]


def test_without_a_filing_date_the_row_is_known_when_it_was_captured():
    url = "https://www.sec.gov/Archives/edgar/data/789019/000095017024087843/msft-20240630.htm"
    row = parsed(SOUND, "MSFT", url).rows.row(0, named=True)
    assert (row["document_id"], row["known_at"], row["known_at_basis"]) == ("0000950170-24-087843", None, None)
    assert row["form"] == "10-K"


LIMIT = b"<html><title>SEC.gov | Request Rate Threshold Exceeded</title><body><p>Undeclared Automated Tool</p></body></html>"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "empty"),
        (LIMIT, "refused the request"),
        (b"<html><body><p>a page that<br>is no filing</body></html>", "not a filing that can be read"),
        (b"<html><body><p>well-formed</p></body></html>", "no XBRL"),
        (SOUND[: len(SOUND) // 2], "well-formed"),
        (gzip.compress(SOUND), "compressed"),
        (b"PK\x03\x04" + b"0" * 100, "compressed"),
        (SOUND.replace(b"<html", b'<!DOCTYPE html [<!ENTITY a "b">]><html', 1), "entities"),
        (whole(("10-K", "a.htm", SOUND), end=""), "cut off"),
        (whole(("10-K", "a.htm", b"<p>no tags</p>"), ("EX-1", "b.htm", b"<p>none</p>")), "no document of the filing has tags"),
        (whole(("10-K", "a.htm", SOUND), head=HEADER.replace("0000789019", "0001018724")), "CIK 1018724, MSFT is"),
        (whole(("10-K", "a.htm", SOUND), head=HEADER.replace("20240730\n\t", "20240801\n\t")), "filed_on is 2024-08-01"),
        (whole(("10-K", "a.htm", SOUND), head="<SEC-DOCUMENT>\n"), "header cannot be read"),
        (msft(number("5"), cik="0001018724"), "CIK 1018724, MSFT is 789019"),
        (msft(number("5"), form="10-Q"), "a 10-Q, asked for was a 10-K"),
    ],
)  # fmt: skip
def test_what_is_not_the_filing_is_refused(payload, message):
    with pytest.raises(SourceChanged, match=message):
        parsed(payload)


def test_a_filing_date_before_the_balance_day_is_refused():
    with pytest.raises(SourceChanged, match="after the filing date"):
        parsed(SOUND, "MSFT 0000950170-24-087843 2024-06-29 10-K")


@pytest.mark.parametrize(
    ("figures", "kept", "told"),
    [
        ((("298", "-9", "9"), ("289", "-9", "9")), [], 2),
        ((("30,727", "-6", "6"), ("30.272", "-6", "9")), [], 2),
        ((("32,067", "-6", "6"), ("32.1", "-8", "9")), [32067e6, 32100e6], 0),
        ((("32,067", "-6", "6"), ("33.1", "-8", "9")), [], 2),
        ((("32,067", "-6", "6"), ("32.1", "-8", "9"), ("32,068", "-6", "6")), [], 3),
        ((("500", "-6", "6"), ("0.5", "-8", "9"), ("1", "-9", "9")), [500e6, 500e6, 1000e6], 0),
    ],
)
def test_of_two_figures_for_one_period_none_is_taken_unless_one_is_the_other_rounded(figures, kept, told):
    said = [
        number(text, RPO, decimals=decimals, scale=scale, format="ixt:num-dot-decimal")
        for text, decimals, scale in figures
    ]
    found = parsed(msft(*said, number("7")))
    assert values(found.rows, "us-gaap:Revenues")
    assert sorted(values(found.rows, RPO)) == kept
    assert [issue.reason for issue in found.issues] == ["two values for one figure"] * told


@shared
def test_the_oddities_of_one_report():
    body = (SHARED.parent / "cases" / "filings" / "t11_inline_oddities.htm").read_bytes()
    found = parsed(body, "MSFT 0000950170-25-010491 2025-01-29 10-Q")
    capex = found.rows.filter(pl.col("concept") == "us-gaap:PaymentsToAcquirePropertyPlantAndEquipment")
    assert capex["value"].to_list() == [15804e6]  # the half is stated as 30,727 and as 30,272
    assert values(found.rows, RPO) == [304e9]
    reasons = [issue.reason for issue in found.issues]
    assert reasons.count("two values for one figure") == 4
    # (500) with a sign, a scale of 29, and a footnote's mark glued to 69,632.
    assert reasons.count("fact cannot be read") >= 2
    assert not found.rows.filter(pl.col("value").abs() > 600e9).height


def test_a_footnotes_mark_inside_a_number_is_no_digit_of_it():
    found = parsed(msft(number("632<sup>1</sup>"), number("7", RPO)))
    assert values(found.rows, "us-gaap:Revenues") == []
    assert [issue.detail for issue in found.issues] == ["a superscript stands in the number '6321'"]


@pytest.mark.parametrize(("stated", "asked"), [("10-K", "10-KT"), ("10-KT", "10-K"), ("10-Q", "10-QT")])
def test_a_cover_that_names_the_form_beside_it_is_a_notice(stated, asked):
    found = parsed(msft(number("5"), form=stated), f"MSFT 0000950170-24-087843 2024-07-30 {asked}")
    assert [(issue.reason, issue.severity) for issue in found.issues] == [("cover names another form", "notice")]
    assert values(found.rows, "us-gaap:Revenues")


def test_a_cover_whose_context_ends_later_than_its_figures_is_a_notice():
    late = cover().replace('contextRef="i"', 'contextRef="late"')
    body = page(header(context("i"), context("late", start="2024-07-01", end="2025-06-30"), hidden=late), number("5"))
    found = parsed(body)
    assert [issue.reason for issue in found.issues] == ["cover's period ends after the filing"]
    assert values(found.rows, "us-gaap:Revenues")


def test_a_report_whose_main_document_is_its_cover_says_so_and_names_the_whole_filing():
    alone = msft(number("3", "dei:EntityPublicFloat"))
    assert [issue.reason for issue in parsed(alone).issues] == ["report without statements"]
    assert sec_filing.followups(alone, capture(MSFT), catalog()) == [
        (
            "MSFT 0000950170-24-087843",
            "https://www.sec.gov/Archives/edgar/data/789019/000095017024087843/0000950170-24-087843.txt",
        )
    ]
    assert sec_filing.followups(SOUND, capture(MSFT), catalog()) == []
    assert sec_filing.followups(alone, capture(MSFT.replace("10-K", "10-K/A")), catalog()) == []


def test_another_registrants_filing_is_refused_with_what_to_declare():
    with pytest.raises(SourceChanged, match="CIK 34088") as refused:
        parsed(msft(number("5"), cik="0000034088"))
    assert "config/companies.yml" in str(refused.value)
    assert "fetch it again" not in str(refused.value)


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        ("XYZ 0000950170-24-087843 2024-07-30 10-K", "no company"),
        ("MSFT", "does not say which filing"),
        ("MSFT 095017024087843", "not an accession number"),
        ("MSFT 0000950170-24-087843 yesterday 10-K", "not a date"),
    ],
)
def test_a_scope_that_does_not_tell_the_filing_is_refused(scope, message):
    with pytest.raises(Refused, match=message):
        parsed(SOUND, scope)


def test_an_address_of_another_company_is_refused():
    with pytest.raises(SourceChanged, match="CIK 1018724"):
        parsed(SOUND, "MSFT", "https://www.sec.gov/Archives/edgar/data/1018724/000095017024087843/x.htm")


@pytest.mark.shared
@shared
def test_real_filings_are_read_without_a_fault():
    found = {
        name: parsed((IXBRL / name).read_bytes(), scope)
        for name, scope in {
            "amzn-10k-FY2024_2025-02-07.htm": AMZN,
            "meta-10k-FY2024_2025-01-30.htm": "META 0001326801-25-000017 2025-01-30 10-K",
            "Oracle.10-Q.htm": "ORCL 0000000000-24-000001",
            "amzn-20221231_htm.xml": "AMZN 0001018724-23-000004 2023-02-03 10-K",
            "msft-20150930.xml": "MSFT 0001193125-15-350718 2015-10-22 10-Q",
        }.items()
    }
    assert {name: result.issues for name, result in found.items() if result.issues} == {}
    for result in found.values():
        assert checks(COMPANY_FACT).is_valid(result.rows)
    meta = found["meta-10k-FY2024_2025-01-30.htm"].rows
    servers = (
        "us-gaap:PropertyPlantAndEquipmentByTypeAxis=meta:ServersAndNetworkAssetsComponentsStoredBySuppliersMember"
    )
    assert values(meta, "us-gaap:PropertyPlantAndEquipmentGross", servers) == [46838e6, 68397e6]
    assert values(meta, "us-gaap:UnrecordedUnconditionalPurchaseObligationBalanceSheetAmount") == [34.12e9]
    oracle = found["Oracle.10-Q.htm"].rows
    assert values(oracle, RPO) == [99.1e9]
    assert values(oracle, "leases_not_yet_commenced") == [36.2e9]
    assert values(
        found["amzn-20221231_htm.xml"].rows, RPO, f"{RPO}ExpectedTimingOfSatisfactionStartDateAxis=2023-01-01"
    ) == [110.4e9]


@pytest.mark.shared
@shared
def test_discovery_asks_for_main_documents_and_where_there_are_no_inline_tags_for_the_whole_filing():
    payload = (SHARED / "sec" / "submissions" / "MSFT_bobmatnyc_wrapped.json").read_bytes()
    asked = dict(discover(catalog().sources["sec_filing"], "MSFT", parse_filing_list(payload, 789019, capture("MSFT"))))
    folder = "https://www.sec.gov/Archives/edgar/data/789019"
    assert len(asked) == 27
    assert asked["MSFT 0000950170-24-087843 2024-07-30 10-K"] == f"{folder}/000095017024087843/msft-20240630.htm"
    recast = f"{folder}/000095017024132722/0000950170-24-132722.txt"
    assert asked["MSFT 0000950170-24-132722 2024-12-03 8-K"] == recast
    assert [url[-4:] for scope, url in asked.items() if "2019-08-01" in scope] == [".txt"]
