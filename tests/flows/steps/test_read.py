"""Captures are read one ahead of the load: in order, none twice, and a bad one stops no other."""

from __future__ import annotations

import gc
import threading
from datetime import datetime, timedelta

import pytest
from company_facts import FIXTURES
from staged import Payload, loaded

from flows.steps import read as reading
from flows.steps.pipeline import parse

DAY = timedelta(days=1)
FIRST = datetime(2026, 7, 30)
FACTS = (FIXTURES / "META.json").read_bytes()
NOTICE = b"<html>Request Rate Threshold Exceeded</html>"


@pytest.fixture
def read(monkeypatch):
    """What is read, and whether beside the load: (day, on another thread, collecting) of each capture."""
    seen: list[tuple[datetime, bool, bool]] = []

    def noted(payload, capture, catalog):
        seen.append((capture.taken_at, threading.current_thread() is not threading.main_thread(), gc.isenabled()))
        return parse(payload, capture, catalog)

    monkeypatch.setattr(reading, "parse", noted)
    return seen


def outcomes(home, *bodies):
    payloads = [Payload("sec_companyfacts", "META", body, FIRST + day * DAY) for day, body in enumerate(bodies)]
    return [done.outcome for done in loaded(home, payloads)[1]]


def test_the_next_is_read_beside_and_a_refused_one_stops_no_other(tmp_path, read):
    later = FACTS.replace(b"27266000000", b"27267000000")
    assert later != FACTS
    assert outcomes(tmp_path, FACTS, NOTICE, later) == ["loaded", "refused", "loaded"]
    assert sorted((at, beside) for at, beside, _ in read) == [
        (FIRST, False),
        (FIRST + DAY, True),
        (FIRST + 2 * DAY, True),
    ]
    assert gc.isenabled()


def test_bytes_that_repeat_are_loaded_once(tmp_path, read):
    assert outcomes(tmp_path, FACTS, FACTS, FACTS) == ["loaded", "unchanged", "unchanged"]
    assert {taken_at for taken_at, *_ in read} == {FIRST, FIRST + DAY}  # of the first load nothing was known yet


def test_large_captures_are_not_read_ahead(tmp_path, read, monkeypatch):
    monkeypatch.setattr(reading, "LARGEST_READ_AHEAD", len(FACTS) - 1)
    assert outcomes(tmp_path, FACTS, NOTICE) == ["loaded", "refused"]
    assert [(beside, collecting) for _, beside, collecting in read] == [(False, False), (False, False)]
    assert gc.isenabled()
