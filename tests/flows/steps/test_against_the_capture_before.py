"""A whole payload that changed by one slip is refused whole; what was good stays, and a person may accept what is true."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from mutations import FAMILIES, Mutate, price_list, rates
from small_pipeline import NOW, Clock, small_pipeline

from config.contracts import Capture
from flows.steps.load import load_capture
from flows.steps.pipeline import Pipeline
from warehouse.archive import acceptances
from warehouse.archive.captures import sha256_of
from warehouse.store.facts import Loaded, Store


@dataclass(frozen=True)
class Sent:
    """What a source sends for one of its parts."""

    source: str
    scope: str
    body: bytes


CASES = [
    pytest.param(Sent(source, scope, body()), mutate, id=f"{source}: {family}")
    for (source, scope, body), families in FAMILIES.items()
    for family, mutate in families.items()
]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return small_pipeline(tmp_path, "http://127.0.0.1", Clock())


@pytest.fixture
def store() -> Iterator[Store]:
    opened = Store.open(None)
    yield opened
    opened.close()


def load(pipeline: Pipeline, store: Store, sent: Sent, days: int) -> Loaded:
    at = NOW + timedelta(days)
    capture = Capture(sent.source, sent.scope, "u", sha256_of(sent.body), len(sent.body), at, at)
    return load_capture(pipeline, store, pipeline.archive.add(capture, sent.body, at))


def held(pipeline: Pipeline, store: Store, source: str) -> list[tuple[object, ...]]:
    dataset = pipeline.catalog.sources[source].dataset
    return store.connection.execute(f"FROM {dataset} ORDER BY ALL").fetchall()


@pytest.mark.parametrize(("good", "mutate"), CASES)
def test_a_slip_of_the_whole_payload_is_refused_and_the_last_good_figures_stay(
    pipeline: Pipeline, store: Store, good: Sent, mutate: Mutate
) -> None:
    first = load(pipeline, store, good, 0)
    assert first.outcome == "loaded", first.reason
    before = held(pipeline, store, good.source)
    bad = replace(good, body=mutate(good.body, random.Random(15)))  # noqa: S311
    assert load(pipeline, store, bad, 1).outcome == "refused"
    assert held(pipeline, store, good.source) == before
    assert load(pipeline, store, good, 2).outcome == "unchanged"  # beside the last that was good
    assert held(pipeline, store, good.source) == before


def test_a_person_may_accept_what_is_true(pipeline: Pipeline, store: Store) -> None:
    mutate = FAMILIES["litellm_prices", "", price_list]["all times 10"]
    plain = Sent("litellm_prices", "", price_list())
    dear = replace(plain, body=mutate(plain.body, random.Random(15)))  # noqa: S311
    load(pipeline, store, plain, 0)
    refused = load(pipeline, store, dear, 1)
    assert "more than this source changes in a day" in refused.reason
    assert f"capex-signals accept {refused.capture.sha256[:12]}" in refused.reason
    acceptances.note(pipeline.home, refused.capture, "an analyst", "the list counts by the thousand now", NOW)
    assert load(pipeline, store, dear, 2).outcome == "loaded"


def test_a_new_day_of_rates_is_loaded(pipeline: Pipeline, store: Store) -> None:
    header, newest, *older = rates().decode().splitlines(keepends=True)
    load(pipeline, store, Sent("ecb_fx", "", "".join([header, *older]).encode()), 0)
    loaded = load(pipeline, store, Sent("ecb_fx", "", "".join([header, newest, *older]).encode()), 1)
    assert (loaded.outcome, loaded.rows_added) == ("loaded", 4)
