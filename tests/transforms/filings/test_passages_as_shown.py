"""The prose of inline filings as a browser shows it: marks, hidden text and numbers in pieces. Words our own."""

from __future__ import annotations

import pytest
from xbrl_pages import context, header, number, page, read

from transforms.filings.lease_sentences import leases_in

SENTENCE = (
    "As of June 30, 2024, we had additional operating and finance leases, mostly for halls, that had not yet commenced of "
    "$8.6{} billion and $108.4 billion, respectively"
)


def passages(*body):
    return [passage.text for passage in read(page(header(context("i")), *body, f"<p>{number('5')}</p>")).passages]


@pytest.mark.parametrize(
    "mark",
    [
        "<sup>1</sup>", '<span style="position:relative;top:-3.5pt;font-size:6.5pt">1</span>',
        '<span style="vertical-align: super">(1)</span>', '<span style="display:none">9</span>', "&#185;", "&#8203;",
    ],
)  # fmt: skip
def test_marks_and_what_is_hidden_are_no_part_of_an_amount(mark):
    [passage] = passages(f"<p>{SENTENCE.format(mark)}</p>")
    found = leases_in(passage)
    assert [(lease.definition, float(lease.amount_usd)) for lease in found] == [
        ("leases_operating", 8.6e9),
        ("leases_finance", 108.4e9),
    ]


@pytest.mark.parametrize("style", ["display:none", "visibility: hidden", "position:absolute;left:-9999px"])
def test_a_hidden_passage_is_none_and_its_facts_are_facts(style):
    hidden = f'<div style="{style}"><p>{SENTENCE.format("")}</p><p>{number("7")}</p></div>'
    found = read(page(header(context("i")), hidden, f"<p>{number('8')}, of a lease</p>"))
    assert [passage.text for passage in found.passages] == ["8, of a lease"]
    assert [int(fact.value) for fact in found.facts] == [7, 8]


def test_a_mark_inside_a_tagged_number_is_an_issue_however_it_is_raised():
    raised = '69,632<span style="vertical-align:super;font-size:60%">1</span>'
    found = read(page(header(context("i")), f"<p>{number(raised)}</p><p>{number('5')}</p>"))
    assert [int(fact.value) for fact in found.facts] == [5]
    assert len(found.faults) == 1


def test_a_decimal_comma_is_not_read_as_thousands():
    assert isinstance(leases_in(SENTENCE.format("").replace("108.4", "108,4")), str)
    [_, finance] = leases_in(SENTENCE.format("").replace("108.4", "1,108.4"))
    assert float(finance.amount_usd) == 1108.4e9


@pytest.mark.parametrize(
    ("sentence", "amounts"),
    [
        ("As of June 30, 2026, we have additional leases, primarily for datacenters, that have not yet commenced of $329.1 billion.",
         {"leases_all": 329.1e9}),
        ("As of June 30, 2026, we have additional finance and operating leases that have not yet commenced of $317.9 billion and "
         "$11.2 billion, respectively.", {"leases_finance": 317.9e9, "leases_operating": 11.2e9}),
    ],
)  # fmt: skip
def test_further_makes_of_the_sentence(sentence, amounts):
    assert {lease.definition: float(lease.amount_usd) for lease in leases_in(sentence)} == amounts


@pytest.mark.parametrize(
    "sentence",
    [
        "Leases executed but not yet commenced totaled approximately 12,5 billion USD.",
        "We have leases signed but not started, with undiscounted payments of $5.2 billion.",
        "Data center leases of $20 billion have been executed for which the lease term has not begun.",
        "As of June 30, 2026, we have additional leases that have not yet commenced of $329.1 billion and expect more.",
        "As of March 31, 2026, we had additional operating and finance leases, mostly for halls, that had not yet commenced of $11.2 "
        "billion and $317.9 billion, compared with $8.6 billion and $108.4 billion, respectively.",
    ],
)
def test_leases_not_begun_in_other_words_are_told(sentence):
    assert leases_in(sentence) == sentence[:300]
