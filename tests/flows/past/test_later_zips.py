"""What a later zip makes of the universe: made-up filers of few figures, and what each day may know of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import duckdb
import orjson
import pytest

from config.errors import Refused
from flows.commands.doctor import examine
from flows.past.bulk import Loaded, load_zips
from flows.prefect_server.server import free_port
from flows.steps.pipeline import Pipeline
from warehouse.archive.bulk import BulkArchive
from warehouse.published.universe import open_universe

pytestmark = pytest.mark.slow("loads several zips into a home")

MEMBER = "CIK0000000042.json"
FIRST, SECOND, THIRD = datetime(2025, 11, 1), datetime(2025, 11, 10), datetime(2025, 11, 20)
Load = Callable[..., Loaded]


def fact(start: str | None, end: str, value: int, filing: int, filed: str) -> dict[str, Any]:
    annual = end.endswith("12-31")
    row = {"end": end, "val": value, "accn": f"0000000042-24-{filing:06d}", "fy": None, "fp": None, "filed": filed}
    return {**row, "form": "10-K" if annual else "10-Q", **({"start": start} if start else {})}


def document(facts: dict[str, list[dict[str, Any]]], until: str = "9999") -> dict[str, bytes]:
    """Tag -> facts as filer 42's document, of the filings up to a day."""
    tags = {
        tag: {"label": None, "description": None, "units": {"USD": [row for row in rows if row["filed"] <= until]}}
        for tag, rows in facts.items()
    }
    return {MEMBER: orjson.dumps({"cik": 42, "entityName": "Made Up", "facts": {"us-gaap": tags}})}


def revenue(pipeline: Pipeline, day: str, *, kind: str = "quarter") -> list[tuple[Any, ...]]:
    with open_universe(pipeline.home) as universe:
        return universe.execute(
            f"SELECT fiscal_year, fiscal_quarter, value, known_at FROM company_fact_as_of('{day}') WHERE cik = 42 AND metric = "
            "'revenue' AND period_kind = ? ORDER BY period_end",
            [kind],
        ).fetchall()


def at(day: str, hour: int) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}:30")


SLIPPED = {
    "Revenues": [
        fact("2022-01-01", "2022-12-31", 400, 1, "2023-02-15"),
        fact(
            "2023-01-01", "2023-03-31", 105_000, 2, "2023-05-01"
        ),  # a thousandfold; the half-year and the nine months show it
        fact("2023-01-01", "2023-06-30", 215, 3, "2023-08-01"),
        fact("2023-01-01", "2023-09-30", 330, 4, "2023-11-01"),
        fact("2023-01-01", "2023-12-31", 450, 5, "2024-02-15"),
        fact("2024-01-01", "2024-03-31", 120, 6, "2024-05-01"),
    ],
    # A balance whose tag states a first day.
    "LongTermPurchaseCommitmentAmount": [fact("2024-01-01", "2024-03-31", 7, 6, "2024-05-01")],
}


def test_zip_after_zip_says_what_the_last_one_alone_would(pipeline: Pipeline, load: Load) -> None:
    """What was doubted or counts anew by a later filing was loaded as it was stated: each fact once, known from its filing."""
    for day in ("2023-08-10", "2024-03-01", "2024-06-01", "2024-07-01"):
        name = day.encode()
        body = document(SLIPPED, day)[MEMBER].replace(b"Made Up", name)
        assert load({MEMBER: body}, datetime.fromisoformat(day)).refused == ()
    half = (2023, 2, 215.0, at("2023-11-01", 21))
    assert revenue(pipeline, "2023-10-31", kind="half") == []
    assert revenue(pipeline, "2023-11-01", kind="half") == revenue(pipeline, "2024-12-31", kind="half") == [half]
    # 330 less 215; 450 less 330.
    third, fourth = (2023, 3, 115.0, at("2023-11-01", 21)), (2023, 4, 120.0, at("2024-02-15", 22))
    assert revenue(pipeline, "2024-12-31") == [third, fourth, (2024, 1, 120.0, at("2024-05-01", 21))]
    with open_universe(pipeline.home) as universe:
        assert universe.execute("SELECT facts FROM filer").fetchall() == [(7,)]
        stated = "SELECT status, value FROM company_fact WHERE status NOT IN ('reported', 'derived') ORDER BY value"
        assert universe.execute(stated).fetchall() == [("doubtful", 105_000.0)]


YEAR = fact("2023-01-01", "2023-12-31", 400, 9, "2024-02-15")
NINE = fact("2023-01-01", "2023-09-30", 290, 3, "2023-11-01")
RESTATED = fact("2023-01-01", "2023-12-31", 390, 4, "2025-02-15")
BESIDE = [fact(None, f"{year}-12-31", year, year, f"{year + 1}-02-15") for year in range(2000, 2024)]


@pytest.mark.parametrize(
    ("zips", "known"),
    [
        # A figure mended in a filing that a later one has overtaken answers when the later one states it no more.
        ([[YEAR, RESTATED], [{**YEAR, "val": 401}, RESTATED], [{**YEAR, "val": 401}]], [390.0, 390.0, 401.0]),
        ([[YEAR], [{**YEAR, "val": 401}], [YEAR]], [400.0, 401.0, 400.0]),
        ([[YEAR], [], [YEAR]], [400.0, None, 400.0]),
        # Nobody knew the year's figure before its end: it counts from the zip that shows it.
        ([[], [{**YEAR, "filed": "2023-11-15"}], [{**YEAR, "filed": "2023-11-15"}]], [None, 400.0, 400.0]),
    ],
)
def test_what_the_zips_say_of_a_year_is_known_from_the_zip_that_says_it(
    pipeline: Pipeline, load: Load, zips: list[list[dict[str, Any]]], known: list[float | None]
) -> None:
    taken = (FIRST, SECOND, THIRD)
    for rows, day in zip(zips, taken, strict=True):
        name = day.date().isoformat().encode()  # the same bytes again would be the same zip
        body = document({"Revenues": [NINE, *rows], "Assets": BESIDE})[MEMBER].replace(b"Made Up", name)
        assert load({MEMBER: body}, day).refused == ()
    found = [[row[2] for row in revenue(pipeline, f"{day:%Y-%m-%d}", kind="year")] for day in taken]
    assert found == [[value] if value else [] for value in known]
    # Before any zip the filings' own dates speak, as they did.
    early = [row[2] for row in revenue(pipeline, "2025-10-31", kind="year")]
    assert early == ([known[0]] if known[0] else [])
    if None in known[1:]:  # and of a year that is gone there is no fourth quarter
        fourth = [[row[2] for row in revenue(pipeline, f"{day:%Y-%m-%d}")] for day in taken]
        assert fourth == [[value - 290] if value else [] for value in known]
    with open_universe(pipeline.home) as universe:
        told = universe.execute("SELECT captured_at FROM issue WHERE reason = 'figures count from this zip' ORDER BY 1")
        moves = [day for before, now, day in zip([known[0], *known], known, taken, strict=False) if before != now]
        assert told.fetchall() == [(day,) for day in moves]


def test_a_part_of_a_document_withdraws_nothing_and_is_told(pipeline: Pipeline, load: Load) -> None:
    load(document({"Revenues": [YEAR], "Assets": BESIDE}), FIRST)
    load(document({"Assets": BESIDE[:20]}), SECOND)
    assert [row[2] for row in revenue(pipeline, "2025-12-31", kind="year")] == [400.0]
    with open_universe(pipeline.home) as universe:
        told = universe.execute("SELECT reason, locator, detail FROM issue").fetchall()
    assert told == [("a part of the document", MEMBER, "20 statements where 25 are held: what it leaves out stays")]


def test_a_document_whose_days_have_all_moved_is_refused_and_the_filer_stays(pipeline: Pipeline, load: Load) -> None:
    """Each balance a day earlier: no figure is another, and all that were held are gone."""
    load(document({"Revenues": [YEAR], "Assets": BESIDE}), FIRST)
    moved = [{**row, "end": f"{row['end'][:4]}-12-30"} for row in BESIDE]
    [told] = load(document({"Revenues": [YEAR], "Assets": moved}), SECOND).refused
    assert told.startswith(
        f"{MEMBER}: 24 of the 25 figures that the universe holds are gone, and others came. Remedy: "
    )
    with open_universe(pipeline.home) as universe:
        assert universe.execute("SELECT count(*) FROM company_fact WHERE period_end = '2010-12-31'").fetchall() == [
            (1,)
        ]
        assert universe.execute("SELECT count(*) FROM company_fact WHERE period_end = '2010-12-30'").fetchall() == [
            (0,)
        ]


def test_a_filer_that_was_declared_since_keeps_what_was_known_of_it(pipeline: Pipeline, load: Load) -> None:
    load(document({"Revenues": [YEAR], "Assets": BESIDE}), FIRST)
    load(document({"Revenues": [{**YEAR, "val": 401}], "Assets": BESIDE}), SECOND)
    company = pipeline.catalog.companies["GOOGL"].model_copy(update={"ticker": "NEW", "cik": 42})
    since = replace(pipeline, catalog=pipeline.catalog.model_copy(update={"companies": {"NEW": company}}))
    load(document({"Revenues": [{**YEAR, "val": 401}], "Assets": BESIDE[:-1]}), THIRD, into=since)
    assert [row[2] for row in revenue(pipeline, "2025-11-09", kind="year")] == [400.0]
    assert [row[2:] for row in revenue(pipeline, "2025-12-31", kind="year")] == [(401.0, SECOND)]
    with open_universe(pipeline.home) as universe:
        assert universe.execute("SELECT company, facts FROM filer").fetchall() == [("NEW", 27)]


def test_a_universe_that_cannot_be_read_is_named_and_made_anew(pipeline: Pipeline, load: Load) -> None:
    """Text, a pipe (which would be waited for) or a folder in its place; doctor says what the load says."""
    load(document({"Revenues": [YEAR]}), FIRST)
    file, link = pipeline.home.newest_universe.resolve(), pipeline.home.newest_universe
    breaks: dict[str, Callable[[], object]] = {
        "cannot be read": lambda: file.write_bytes(b"not a database" * 1000),
        "is no file": lambda: os.mkfifo(file),
        "the universe is no file": file.mkdir,
    }
    for told, broken in breaks.items():
        file.unlink()
        broken()
        for command in (lambda: open_universe(pipeline.home), lambda: load_zips(pipeline, "sec_bulk", lambda _: None)):
            with pytest.raises(Refused, match=f"{told}.*Remedy: move it away and run"):
                command()
        [found] = [one for one in examine(pipeline.settings, free_port()) if one.about == "universe"]
        assert told in found.found
        assert found.mend.startswith(
            "move it away and run `capex-signals backfill --source sec_bulk --from DAY --to DAY"
        )
    file.rmdir()
    link.unlink()
    assert load_zips(pipeline, "sec_bulk", lambda _: None).facts == 1


def test_a_universe_of_another_build_is_built_anew_and_nothing_else_is_made_of_it(
    pipeline: Pipeline, load: Load
) -> None:
    load(document({"Revenues": [YEAR], "Assets": BESIDE}), FIRST)
    file = pipeline.home.newest_universe.resolve()
    file.chmod(0o644)
    with duckdb.connect(str(file)) as universe:
        universe.execute("ALTER TABLE history.company_period RENAME COLUMN stated_start TO another")
    with pytest.raises(Refused, match=r"the universe cannot be read: .*stated_start.*Remedy: move it away and run"):
        load(document({"Revenues": [YEAR]}), SECOND)


def test_a_universe_made_anew_without_one_of_its_zips_says_so(pipeline: Pipeline, load: Load) -> None:
    """The year of 401 stood at 400 in the zip that is gone: nobody can tell any more. Two zips are left."""
    load(document({"Revenues": [YEAR], "Assets": BESIDE}), FIRST)
    assert load(document({"Revenues": [{**YEAR, "val": 401}], "Assets": BESIDE}), SECOND).refused == ()
    load(document({"Revenues": [{**YEAR, "val": 401}], "Assets": BESIDE[:-1]}), THIRD)
    for path in pipeline.home.universe.glob("*.duckdb"):
        path.unlink()
    gone = BulkArchive(pipeline.home).held("sec_bulk")[0].capture.sha256
    BulkArchive(pipeline.home).path(gone).unlink()
    [told] = load_zips(pipeline, "sec_bulk", lambda _: None).refused
    assert told.startswith(f"{gone}.zip: a zip is gone, taken 2025-11-01 00:00 UTC: ")
    assert [row[2] for row in revenue(pipeline, "2025-11-01", kind="year")] == [401.0]
