"""Inline and classic XBRL: what a fact means where documents are not simple, and documents that are refused."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from company_facts import SHARED
from xbrl_pages import context, header, member, number, page, read

from transforms.filings.xbrl_document import Unreadable
from transforms.filings.xbrl_facts import read_document, read_filed_together

SEGMENTS = "us-gaap:StatementBusinessSegmentsAxis"
CLOUD = member(SEGMENTS, "msft:IntelligentCloudMember")
OPERATING = member("srt:ConsolidationItemsAxis", "us-gaap:OperatingSegmentsMember")
TEXT = '<ix:nonNumeric name="us-gaap:PropertyPlantAndEquipmentUsefulLife" contextRef="i" {}>{}</ix:nonNumeric>'


def only(payload):
    document = read(payload)
    assert document.faults == []
    (fact,) = document.facts
    return fact


def test_a_number_with_its_context_and_unit():
    fact = only(
        page(
            header(context("i", CLOUD + OPERATING, start="2024-04-01")),
            number("28,515", scale="6", format="ixt:num-dot-decimal"),
        )
    )
    assert (fact.concept, fact.value, fact.unit, fact.decimals) == ("us-gaap:Revenues", Decimal("28515E6"), "USD", -6)
    assert fact.context.dimensions == (
        "srt:ConsolidationItemsAxis=us-gaap:OperatingSegmentsMember;"
        "us-gaap:StatementBusinessSegmentsAxis=msft:IntelligentCloudMember"
    )
    assert (fact.context.start, fact.context.end) == (date(2024, 4, 1), date(2024, 6, 30))
    assert (fact.context.identifier, fact.locator) == ("0000789019", "i#us-gaap:Revenues#@0")


def test_contexts_may_stand_after_the_facts():
    assert only(page(number("5"), header(context("i")))).context.end == date(2024, 6, 30)


def test_a_typed_member_is_its_text():
    typed = '<xbrldi:typedMember dimension="us-gaap:StartAxis"><us-gaap:StartAxis.domain> 2024-07-01 </us-gaap:StartAxis.domain></xbrldi:typedMember>'
    assert only(page(header(context("i", typed)), number("5"))).context.dimensions == "us-gaap:StartAxis=2024-07-01"


def test_a_document_may_call_a_taxonomy_by_another_prefix():
    contexts = header(context("i", member("g:StatementBusinessSegmentsAxis", "msft:IntelligentCloudMember")))
    fact = only(page(contexts, number("5", "g:Revenues"), **{"us-gaap": "g"}))
    assert (fact.concept, fact.context.dimensions) == ("us-gaap:Revenues", f"{SEGMENTS}=msft:IntelligentCloudMember")


def test_one_printed_number_may_be_two_facts():
    inner = number("480", "us-gaap:Second", scale="6")
    document = read(page(header(context("i")), number(inner, "us-gaap:First", scale="6")))
    assert [(fact.concept, fact.value) for fact in document.facts] == [
        ("us-gaap:First", Decimal("480E6")),
        ("us-gaap:Second", Decimal("480E6")),
    ]


def test_a_nil_is_not_zero_and_a_dash_is():
    document = read(
        page(
            header(context("i")), number("", xsi_nil="true"), number("\u2014", "us-gaap:Other", format="ixt:fixed-zero")
        )
    )
    assert [(fact.concept, fact.value) for fact in document.facts] == [("us-gaap:Other", 0)]
    assert document.faults == []


def test_hidden_facts_count():
    assert only(page(header(context("i"), hidden=number("7")))).value == 7


def test_what_is_excluded_is_not_part_of_the_number():
    assert only(page(header(context("i")), number("1<ix:exclude>page 9</ix:exclude>7"))).value == 17


def test_a_text_goes_on_elsewhere():
    body = TEXT.format('continuedAt="c1"', "five and ") + "<p>between</p>"
    body += '<ix:continuation id="c1" continuedAt="c2">a half</ix:continuation><ix:continuation id="c2"> years</ix:continuation>'
    assert only(page(header(context("i")), body)).text == "five and a half years"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (number("5", ref="elsewhere"), "the context elsewhere is missing"),
        (number("5", unitRef="gold"), "the unit gold is missing"),
        (number("1,234"), "is not a number"),
        (number("5", format="ixt:num-unknown"), "format ixt:num-unknown is not known"),
        (number("5", decimals="six"), "invalid literal"),
        ('<ix:fraction name="us-gaap:Ratio" contextRef="i" unitRef="part"/>', "fractions are not read"),
        (TEXT.format('continuedAt="c1"', "six"), "the continuation c1 is missing"),
        (TEXT.format('continuedAt="c1"', "six") + '<ix:continuation id="c1" continuedAt="c1"/>', "missing or repeated"),
    ],
)
def test_a_fact_that_cannot_be_read_is_a_fault_and_the_others_stand(body, reason):
    document = read(page(header(context("i")), number("5", "us-gaap:Good"), body))
    assert [fact.concept for fact in document.facts] == ["us-gaap:Good"]
    (fault,) = document.faults
    assert reason in fault.reason


def test_a_period_that_is_no_date_is_a_fault():
    document = read(
        page(header(context("i", end="2024-06-30T00:00:00"), context("j")), number("5"), number("6", ref="j"))
    )
    assert [fact.value for fact in document.facts] == [6]
    assert len(document.faults) == 2


REGION = "<msft:Region>EU</msft:Region>"


@pytest.mark.parametrize("kind", ["segment", "scenario"])
def test_a_part_that_is_no_dimension_is_not_taken_for_the_whole(kind):
    """Before 2009 a context may name its part by an element of the company's own: without it the figure is another."""
    of_a_part = context("i").replace("<xbrli:period>", f"<xbrli:{kind}>{REGION}</xbrli:{kind}><xbrli:period>")
    document = read(page(header(of_a_part, context("j")), number("5"), number("6", ref="j")))
    assert [fact.value for fact in document.facts] == [6]
    assert any("Region" in fault.reason for fault in document.faults)


def test_a_member_counts_in_a_scenario_as_in_a_segment():
    scenario = context("i").replace("</xbrli:period>", f"</xbrli:period><xbrli:scenario>{CLOUD}</xbrli:scenario>")
    assert only(page(header(scenario), number("5"))).context.dimensions == f"{SEGMENTS}=msft:IntelligentCloudMember"


def test_a_period_that_ends_before_it_starts_is_a_fault():
    document = read(page(header(context("i", start="2025-01-01")), number("5")))
    assert (document.facts, len(document.faults)) == ([], 2)


PER_SHARE = """<xbrli:unit id="each"><xbrli:divide>
<xbrli:unitNumerator><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unitNumerator>
<xbrli:unitDenominator><xbrli:measure>xbrli:shares</xbrli:measure></xbrli:unitDenominator></xbrli:divide></xbrli:unit>"""


def test_a_unit_may_be_a_quotient():
    assert only(page(header(context("i")), PER_SHARE, number("5", unitRef="each"))).unit == "USD/shares"


def test_a_fraction_of_an_instance_is_no_number_of_its_digits():
    third = "<xbrli:numerator>1</xbrli:numerator><xbrli:denominator>3</xbrli:denominator>"
    fact = f'<us-gaap:Ratio contextRef="i" unitRef="part">{third}</us-gaap:Ratio>'
    document = read(page(header(context("i")), fact))
    assert (document.facts, [fault.reason for fault in document.faults]) == ([], ["fractions are not read"])


def test_documents_of_one_filing_share_contexts_units_and_continuations():
    """Inline documents filed together are one report: what one refers to may stand in another; its own comes first."""
    first = page(header(context("i"), context("j", end="2023-06-30")), number("5"))
    second = page(number("6", ref="j"), TEXT.format('continuedAt="c1"', "six "))
    third = page(
        header(context("i", end="2022-06-30")), number("7"), '<ix:continuation id="c1">years</ix:continuation>'
    )
    streams = [io.BytesIO(payload) for payload in (first, second, third)]
    documents = read_filed_together(streams, lambda _: True, "lease")
    assert [document.faults for document in documents] == [[], [], []]
    assert [(fact.context.end.year, fact.value or fact.text) for document in documents for fact in document.facts] == [
        (2024, 5), (2023, 6), (2024, "six years"), (2022, 7),
    ]  # fmt: skip


def test_passages_are_blocks_with_the_phrase_and_know_whether_their_numbers_are_tagged():
    body = "<p>plain words of a lease of $5</p><div>other words</div>" + f"<p>a lease of ${number('5')} billion</p>"
    passages = read(page(header(context("i")), body)).passages
    assert [(passage.text, passage.tagged) for passage in passages] == [
        ("plain words of a lease of $5", False),
        ("a lease of $5 billion", True),
    ]


SOUND = page(header(context("i")), number("5"))
BOMB = '<!DOCTYPE html [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
PARAMETER = '<!DOCTYPE html [<!ENTITY % a SYSTEM "http://localhost/x.dtd">%a;]>'


def with_prolog(prolog):
    return SOUND.replace(b"<html", prolog.encode() + b"<html", 1)


@pytest.mark.parametrize("prolog", [BOMB, OUTSIDE, PARAMETER])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_of_any_kind_are_refused(prolog, encoding):
    payload = with_prolog(prolog).decode().replace("encoding='UTF-8'", f"encoding='{encoding}'").encode(encoding)
    with pytest.raises(Unreadable, match="entities"):
        read(payload)


def test_an_entity_nobody_declared_is_refused():
    with pytest.raises(Unreadable, match="well-formed"):
        read(SOUND.replace(b">5<", b">&nbsp;5<"))


ELSEWHERE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
)


def test_an_entity_declared_elsewhere_is_refused_and_not_left_out_of_a_number():
    payload = with_prolog(ELSEWHERE)
    assert read(payload).faults == []
    with pytest.raises(Unreadable, match="entities"):
        read(payload.replace(b">5<", b">1&period;5<"))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        SOUND[: len(SOUND) // 2],
        SOUND[:-8],
        b"<html><body><p>a page<br>of HTML</body></html>",
        b"<html><body><p>well-formed, without tags</p></body></html>",
        b"{}",
        SOUND.replace(b"UTF-8", b"klingon"),
    ],
)
def test_what_is_no_whole_xbrl_document_is_refused(payload):
    with pytest.raises(Unreadable):
        read(payload)


# (numbers, nils left out) counted with grep: elements ix:nonFraction, or those with a unitRef, less xsi:nil.
REAL = {
    "amzn-10k-FY2024_2025-02-07.htm": 1261 - 2,
    "meta-10k-FY2024_2025-01-30.htm": 1099 - 2,
    "Oracle.10-Q.htm": 495 - 2,
}


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
@pytest.mark.parametrize("name", REAL)
def test_every_number_of_a_real_filing_is_read(name):
    document = read((SHARED / "sec" / "ixbrl" / name).read_bytes())
    assert (sum(fact.value is not None for fact in document.facts), document.faults) == (REAL[name], [])


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="../shared with the real payloads is not beside the checkout")
@pytest.mark.parametrize("name", ["amzn-20221231_htm.xml", "msft-20150930.xml"])
def test_every_number_of_a_real_instance_is_read(name):
    payload = (SHARED / "sec" / "ixbrl" / name).read_bytes()
    written = sum(b"nil=" not in tag for tag in _tags_with_unit(payload))
    document = read_document(io.BytesIO(payload), lambda _: False, "lease")
    assert (len(document.facts), document.faults, document.passages) == (written, [], [])


def _tags_with_unit(payload):
    return [tag.partition(b">")[0] for tag in payload.split(b"<") if b"unitRef=" in tag.partition(b">")[0]]
