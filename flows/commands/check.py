"""Checks of the project itself: declarations load, claims look at nothing but as-of macros, documents are current."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import islice
from pathlib import Path

from config.errors import Refused
from config.load import catalog
from config.scenario import scenarios
from config.settings import Settings
from flows.steps.load import Progress, open_store
from flows.steps.pipeline import Pipeline, reader
from flows.steps.publish import answer
from transforms.claim_tests import check_takes
from transforms.prices.model_names import alias_frame
from warehouse.evidence.claim_query import claim_sql
from warehouse.published.dictionary import dictionary_markdown, document, write_document
from warehouse.published.swap import open_published

DICTIONARY = "docs/dictionary.md"


def check_project(*, write: bool) -> list[str]:
    """What was checked, a line each. Raises Refused naming what is wrong; `write` mends the generated documents."""
    declared = catalog()
    alias_frame(declared)
    for source in declared.sources.values():
        reader(source)
    for spec in declared.claims.values():
        check_takes(spec)
        claim_sql(spec)
    scenarios()
    lines = [f"{len(declared.sources)} sources and {len(declared.claims)} claims are declared and load"]
    text = _dictionary()
    if document(DICTIONARY) != text:
        if not write:
            raise Refused(
                "it is not what the contracts say", place=DICTIONARY, remedy="run `capex-signals check --write`"
            )
        write_document(DICTIONARY, text)
    return [*lines, f"{DICTIONARY} is up to date"]


def _dictionary() -> str:
    """The dictionary of a file published from the starter data alone, in a home of its own; one claim judged is enough."""
    with tempfile.TemporaryDirectory() as folder:
        opened = Pipeline.open(Settings(home=Path(folder), offline=True))
        pipeline = replace(
            opened, catalog=opened.catalog.model_copy(update={"claims": dict(islice(opened.catalog.claims.items(), 1))})
        )
        store, progress = open_store(pipeline, lambda _: None)
        store.close()
        answer(pipeline, Progress(rebuilt=progress.rebuilt, may_be_poorer=True), [], lambda _: None)
        with open_published(pipeline.home) as published:
            return dictionary_markdown(published)
