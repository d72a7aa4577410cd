"""One company's whole companyfacts document into a store: ours beside raw DuckDB read_json and json + pandas.

Ours archives (compressed, flushed to disk), parses, checks and appends; the others only read and write a table.
Every way must find the same facts and the same sum of values before its time counts.

    python bench/bench_companyfacts.py [DOCUMENT [TICKER]]

Without a document the largest real one beside the checkout is taken, or else one made up of 25,000 facts.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from measuring import Measured, measure, missing, table

Answer = tuple[int, float]
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "sec" / "companyfacts"
LARGEST = SHARED / "GOOGL_CIK0001652044_edgartools_cassette.json"
TAKEN_AT = datetime(2026, 11, 22)
TYPED = """
    CREATE TABLE facts AS
    WITH taxonomies AS (
        SELECT unnest(map_entries(facts)) AS taxonomy FROM read_json($path, format = 'unstructured',
            maximum_object_size = 134217728, columns = {facts: 'MAP(VARCHAR, MAP(VARCHAR, STRUCT(units MAP(VARCHAR,
            STRUCT("start" DATE, "end" DATE, val DOUBLE, accn VARCHAR, fy INTEGER, fp VARCHAR, form VARCHAR, filed DATE,
            frame VARCHAR)[]))))'})
    ),
    tags AS (SELECT taxonomy.key AS taxonomy, unnest(map_entries(taxonomy.value)) AS tag FROM taxonomies),
    units AS (SELECT taxonomy, tag.key AS tag, unnest(map_entries(tag.value.units)) AS unit FROM tags)
    SELECT taxonomy, tag, unit.key AS unit, unnest(unit.value, recursive := true) FROM units"""


def capex_signals(path: str, ticker: str, folder: str) -> Callable[[], Answer]:
    from config.contracts import Capture
    from config.load import catalog
    from config.settings import Settings
    from flows.pipeline import Pipeline, reader
    from flows.steps import load_capture
    from warehouse.archive import sha256_of
    from warehouse.store import Store

    catalog()
    reader("sec_companyfacts")

    def work() -> Answer:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            pipeline = Pipeline.open(Settings(home=Path(home)))
            payload = Path(path).read_bytes()
            sha = sha256_of(payload)
            capture = Capture("sec_companyfacts", ticker, "", sha, len(payload), TAKEN_AT, TAKEN_AT)
            logged = pipeline.archive.add(capture, payload, TAKEN_AT)
            store = Store.open(pipeline.home.store)
            loaded = load_capture(pipeline, store, logged)
            assert loaded.outcome == "loaded", loaded
            found = store.connection.execute("SELECT count(*), sum(value) FROM company_fact").fetchall()[0]
            store.close()
            return found

    return work


def read_json(path: str, ticker: str, folder: str) -> Callable[[], Answer]:
    import duckdb

    def work() -> Answer:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            connection = duckdb.connect(f"{home}/raw.duckdb")
            connection.execute(TYPED, {"path": path})
            found = connection.execute("SELECT count(*), sum(val) FROM facts").fetchall()[0]
            connection.close()
            return found

    return work


def json_pandas(path: str, ticker: str, folder: str) -> Callable[[], Answer]:
    import duckdb
    import pandas

    def work() -> Answer:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            body = json.loads(Path(path).read_bytes())
            rows = [
                {"taxonomy": taxonomy, "tag": tag, "unit": unit, **fact}
                for taxonomy, tags in body["facts"].items()
                for tag, stated in tags.items()
                for unit, facts in stated["units"].items()
                for fact in facts
            ]
            frame = pandas.DataFrame(rows)
            for name in ("start", "end", "filed"):
                frame[name] = pandas.to_datetime(frame[name])
            connection = duckdb.connect(f"{home}/pandas.duckdb")
            connection.execute("CREATE TABLE facts AS SELECT * FROM frame")
            found = connection.execute("SELECT count(*), sum(val) FROM facts").fetchall()[0]
            connection.close()
            return found

    return work


WAYS: dict[Callable[..., Callable[[], Any]], list[str]] = {
    capex_signals: [],
    read_json: ["duckdb"],
    json_pandas: ["pandas", "duckdb"],
}


def made_up(folder: str) -> Path:
    """A document of 25,000 facts in the SEC's layout, for a machine without real ones."""
    facts = {}
    for tag in range(250):
        rows = [
            {
                "start": f"{2000 + year}-01-01", "end": f"{2000 + year}-12-31", "val": tag * 1000 + year,
                "accn": f"0001652044-{year + again:02d}-{again:06d}", "fy": 2000 + year, "fp": "FY", "form": "10-K",
                "filed": f"{2001 + year}-02-0{again + 1}",
            }
            for year in range(25) for again in range(4)
        ]  # fmt: skip
        facts[f"Tag{tag}"] = {"label": None, "description": None, "units": {"USD": rows}}
    path = Path(folder) / "made_up.json"
    path.write_text(json.dumps({"cik": 1652044, "entityName": "Made up", "facts": {"us-gaap": facts}}), "utf-8")
    return path


def stated(path: Path) -> Answer:
    """The answer key: facts and their sum, by a plain walk over the document."""
    body = json.loads(path.read_bytes())
    values = [
        fact["val"]
        for tags in body["facts"].values()
        for tag in tags.values()
        for facts in tag["units"].values()
        for fact in facts
    ]
    return len(values), float(sum(values))


def same(found: Answer, key: Answer) -> bool:
    return found[0] == key[0] and abs(found[1] - key[1]) <= 1e-9 * abs(key[1])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        given = sys.argv[1:]
        path = Path(given[0]) if given else LARGEST if LARGEST.exists() else made_up(folder)
        ticker = given[1] if len(given) > 1 else "GOOGL"
        key = stated(path)
        print(f"{path.name}: {key[0]:,} facts, {path.stat().st_size / 1e6:.1f} MB")
        measured: list[Measured] = []
        for way, modules in WAYS.items():
            if lacking := missing(modules):
                print(f"{way.__name__}: skipped, {lacking} is not installed (pip install {lacking})")
                continue
            one = measure(way, str(path), ticker, folder)
            if same(one.answer, key):
                measured.append(one)
            else:
                print(f"{way.__name__}: WRONG, {one.answer} where the document says {key}; not compared")
        print(table(measured, "read_json", key[0]))


if __name__ == "__main__":
    main()
