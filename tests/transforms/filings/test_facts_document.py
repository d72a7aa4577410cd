"""A company's document read by declared types, and as it comes: the same facts, and the same refusals."""

from __future__ import annotations

import json

import pytest
from company_facts import capture

from config.errors import SourceChanged
from transforms.filings import facts_document
from transforms.filings.facts_document import BATCH, read_facts

SPAN = {"start": "2023-01-01", "end": "2023-12-31", "val": 27266000000, "accn": "0001326801-24-000012",
        "fy": 2023, "fp": "FY", "form": "10-K", "filed": "2024-02-02", "frame": "CY2023"}  # fmt: skip
INSTANT = {
    "end": "2023-12-31",
    "val": 7,
    "accn": "0001326801-24-000012",
    "fy": None,
    "fp": None,
    "form": "8-K",
    "filed": "2024-02-02",
}
OTHERWISE = [
    SPAN | {"end": None}, SPAN | {"start": None}, SPAN | {"start": 7}, SPAN | {"val": "7"}, SPAN | {"val": None}, SPAN | {"val": {"a": 1}},
    SPAN | {"fy": "2023"}, SPAN | {"accn": 5}, SPAN | {"form": ""}, INSTANT | {"val": 10**30}, INSTANT | {"val": 1.5}, INSTANT | {"frame": None},
]  # fmt: skip


def written(*facts, extra=None, digits=""):
    """The document of these facts, twice over; `extra` is a field of its first tag that no document has."""
    tag = {"label": "Capital: spent", "description": None, "units": {"USD": list(facts), "USD/shares": []}}
    tags = {"A": tag | ({"other": extra} if extra else {}), "B": {**tag, "units": {"USD/shares": list(facts)}}}
    return (
        json.dumps({"cik": 1326801, "entityName": "Meta", "facts": {"us-gaap": tags}})
        .replace("27266000000", digits or "27266000000")
        .encode()
    )


def facts_of(payload):
    return read_facts(payload, capture("META"), lambda _: None)


@pytest.mark.parametrize("fact", [SPAN, INSTANT, *OTHERWISE], ids=str)
def test_a_document_says_the_same_whichever_way_it_is_read(fact):
    declared = facts_of(written(SPAN, fact, INSTANT))
    as_it_comes = facts_of(written(SPAN, fact, INSTANT, extra="unknown"))
    assert as_it_comes.unknown >= {"tag/other"}, "an unknown field is read as it comes"
    assert as_it_comes.table.equals(declared.table)
    assert (as_it_comes.runs, as_it_comes.cik) == (declared.runs, declared.cik)
    assert [run[3] for run in declared.runs] == [3, 3], "an empty list of facts is no run"


def test_digits_stay_as_they_are_written():
    for number in ("1.10", "1e5", "-0.0", "123456789012345678901234567890", "0.1000000000000000055"):
        for extra in (None, "unknown"):
            assert (
                facts_of(written(SPAN, INSTANT, digits=number, extra=extra)).table["value_exact"].to_list()
                == [number, "7"] * 2
            )


def test_facts_keep_their_order_and_number_over_many_batches():
    numbers = list(range(3 * BATCH + 1))
    table = facts_of(written(*(INSTANT | {"val": number} for number in numbers))).table
    assert table["value_exact"].to_list() == [*map(str, numbers), *map(str, numbers)]


@pytest.mark.parametrize(
    "key", ["end", "val", "accn", "fy", "frame", "filed", "label", "units", "cik", "facts", "us-gaap", "A"]
)
def test_a_key_with_two_values_is_refused(key):
    once = written(SPAN, INSTANT).decode()
    twice = once.replace(f'"{key}":', f'"{key}": null, "{key}":', 1)
    assert twice != once
    facts_of(once.encode())
    with pytest.raises(SourceChanged, match="written twice"):
        facts_of(twice.encode())


def test_a_key_too_many_is_not_made_up_for_by_one_too_few():
    """The keys are counted: a fact without its fiscal year must not hide one that says two forms."""
    without = {name: value for name, value in SPAN.items() if name != "fy"}
    body = written(without, SPAN).decode().replace('"form":', '"form": "8-K", "form":', 1)
    with pytest.raises(SourceChanged, match="written twice"):
        facts_of(body.encode())


def test_the_keys_of_a_plain_document_are_counted_and_not_read_again(monkeypatch):
    monkeypatch.setattr(
        facts_document, "parse_json", lambda _: pytest.fail("read key by key, which takes ten times as long")
    )
    facts_of(written(SPAN, INSTANT, SPAN))
    facts_of(written(SPAN, INSTANT, extra="unknown"))
