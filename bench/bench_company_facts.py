"""Many filers' company facts: a full load, then what was known as of a day; correctness first, then time and memory.

    python bench/bench_company_facts.py [FILERS [FACTS_EACH]]      default: 40 filers of 37,500 facts

Every way loads the same made-up documents (filers.py) and answers the same questions. A way that answers wrongly keeps its
times, with how many answers of each kind are right beside them: speed without the answer is not the same work. Each way
answers as its own documentation would have it done; raw DuckDB and pandas take the query an analyst writes first:
newest filing of each period, and the year less nine months where a quarter is missing.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from filers import NEW_TAG, OLD_TAG, Filer, Question, filers, write
from measuring import measure, missing, peak_mb

TAKEN_AT = datetime(2026, 11, 22)
DEFAULT = (40, 37_500)
SERIES_ASKED = 20


class Loaded(Protocol):
    """What a way holds after loading."""

    def quarter(self, ticker: str, end: date, day: date) -> float | None:
        """Capital expenditure of the quarter that ends on `end` as known on `day`."""

    def everything(self, day: date) -> int:
        """Every series as of a day; how many figures."""


# ---------------------------------------------------------------------------------------------- ours


def catalog_of(made_up: list[Filer]) -> Any:
    from config.load import catalog
    from config.specs import Calendar, Company

    def company(filer: Filer) -> Company:
        weekly = Calendar(year_end_month=1, week_ends_on=5)
        calendar = weekly if filer.weekly else Calendar(year_end_month=12)
        return Company(ticker=filer.ticker, name=filer.ticker, cik=filer.cik, calendar=calendar, followed=True)

    entries = {filer.ticker: company(filer) for filer in made_up}
    return catalog().model_copy(update={"companies": {**catalog().companies, **entries}})


def capex_signals(folder: str, count: int) -> Callable[[], Any]:
    from config.contracts import Capture
    from config.settings import Settings
    from flows.pipeline import Pipeline, reader
    from flows.steps import load_capture
    from warehouse.archive import Archive, sha256_of
    from warehouse.home import Home
    from warehouse.store import Store

    reader("sec_companyfacts")
    declared = catalog_of(filers(count))

    def work() -> Any:
        home = Home.open(Path(folder) / f"home-{count}-{time.time_ns()}")
        pipeline = Pipeline(Settings(home=home.root), declared, home, Archive(home))
        store = Store.open(home.store)
        for filer in filers(count):
            payload = (Path(folder) / f"CIK{filer.cik:010d}.json").read_bytes()
            sha = sha256_of(payload)
            capture = Capture("sec_companyfacts", filer.ticker, "", sha, len(payload), TAKEN_AT, TAKEN_AT)
            logged = pipeline.archive.add(capture, payload, TAKEN_AT)
            loaded = load_capture(pipeline, store, logged)
            assert loaded.outcome == "loaded", loaded
        store.close()
        return str(home.root)

    return work


class Ours:
    """The staged file: canonical rows, derived quarters, and the as-of macros an analyst gets."""

    def __init__(self, home: str, folder: str, count: int) -> None:
        from config.settings import Settings
        from flows.pipeline import Pipeline
        from flows.steps import stage_facts
        from warehouse.archive import Archive
        from warehouse.home import Home

        opened = Home.open(Path(home))
        pipeline = Pipeline(Settings(home=opened.root), catalog_of(filers(count)), opened, Archive(opened))
        self.connection = stage_facts(pipeline, TAKEN_AT).connection

    def quarter(self, ticker: str, end: date, day: date) -> float | None:
        found = self.connection.execute(
            """SELECT value FROM company_quarter_as_of($day)
            WHERE company = $ticker AND metric = 'cash_paid_ppe' AND period_end = $end""",
            {"ticker": ticker, "end": end, "day": day},
        ).fetchall()
        return found[0][0] if found else None

    def everything(self, day: date) -> int:
        return int(
            self.connection.execute("SELECT count(value) FROM company_fact_as_of($day)", {"day": day}).fetchall()[0][0]
        )


# ------------------------------------------------------------------------------------ raw DuckDB

TYPED = """
    {into}
    WITH documents AS (
        SELECT cik, unnest(map_entries(facts)) AS taxonomy FROM read_json($path, format = 'unstructured',
            maximum_object_size = 134217728, columns = {{cik: 'BIGINT', facts: 'MAP(VARCHAR, MAP(VARCHAR, STRUCT(units MAP(
            VARCHAR, STRUCT("start" DATE, "end" DATE, val DOUBLE, accn VARCHAR, fy INTEGER, fp VARCHAR, form VARCHAR,
            filed DATE, frame VARCHAR)[]))))'}})
    ),
    tags AS (SELECT cik, taxonomy.key AS taxonomy, unnest(map_entries(taxonomy.value)) AS tag FROM documents),
    units AS (SELECT cik, taxonomy, tag.key AS tag, unnest(map_entries(tag.value.units)) AS unit FROM tags)
    SELECT cik, taxonomy, tag, unit.key AS unit, unnest(unit.value, recursive := true) FROM units"""


def read_json(folder: str, count: int) -> Callable[[], Any]:
    import duckdb

    def work() -> Any:
        path = str(Path(folder) / f"raw-{count}-{time.time_ns()}.duckdb")
        connection = duckdb.connect(path)
        for index, filer in enumerate(filers(count)):
            into = "INSERT INTO facts" if index else "CREATE TABLE facts AS"
            connection.execute(TYPED.format(into=into), {"path": str(Path(folder) / f"CIK{filer.cik:010d}.json")})
        connection.close()
        return path

    return work


class Raw:
    """The newest filing of each period by then, under either tag; a missing quarter is the year less nine months."""

    def __init__(self, path: str, folder: str, count: int) -> None:
        import duckdb

        self.ciks = {filer.ticker: filer.cik for filer in filers(count)}
        self.connection = duckdb.connect(path, read_only=True)

    def quarter(self, ticker: str, end: date, day: date) -> float | None:
        found = self.connection.execute(
            f"""WITH known AS (
                SELECT "start", "end", arg_max(val, (filed, accn)) AS val FROM facts
                WHERE cik = $cik AND tag IN ('{OLD_TAG}', '{NEW_TAG}') AND filed <= $day GROUP BY ALL)
            SELECT val FROM (
                SELECT val, 1 AS rank FROM known WHERE "end" = $end AND "end" - "start" BETWEEN 80 AND 100
                UNION ALL
                SELECT l.val - s.val, 2 FROM known l JOIN known s ON l."start" = s."start" AND l."end" - s."end" BETWEEN 80 AND 100
                WHERE l."end" = $end)
            ORDER BY rank LIMIT 1""",
            {"cik": self.ciks[ticker], "end": end, "day": day},
        ).fetchall()
        return found[0][0] if found else None

    def everything(self, day: date) -> int:
        query = 'SELECT count(*) FROM (SELECT arg_max(val, (filed, accn)) FROM facts WHERE filed <= $day GROUP BY cik, tag, unit, "start", "end")'
        return int(self.connection.execute(query, {"day": day}).fetchall()[0][0])


# ---------------------------------------------------------------------------------------- pandas


def json_pandas(folder: str, count: int) -> Callable[[], Any]:
    import pandas

    def work() -> Any:
        frames = []
        for filer in filers(count):
            body = json.loads((Path(folder) / f"CIK{filer.cik:010d}.json").read_bytes())
            rows = [
                {"cik": filer.cik, "tag": tag, "unit": unit, **fact}
                for tags in body["facts"].values()
                for tag, stated in tags.items()
                for unit, facts in stated["units"].items()
                for fact in facts
            ]
            frames.append(pandas.DataFrame(rows))
        frame = pandas.concat(frames)
        for name in ("start", "end", "filed"):
            frame[name] = pandas.to_datetime(frame[name])
        path = str(Path(folder) / f"pandas-{count}.pickle")
        frame.to_pickle(path)
        return path

    return work


class Pandas:
    """The same query as Raw, in pandas."""

    def __init__(self, path: str, folder: str, count: int) -> None:
        import pandas

        self.pandas = pandas
        self.ciks = {filer.ticker: filer.cik for filer in filers(count)}
        self.frame = pandas.read_pickle(path).sort_values(["filed", "accn"])

    def quarter(self, ticker: str, end: date, day: date) -> float | None:
        at = self.pandas.Timestamp
        frame = self.frame
        mine = frame[(frame.cik == self.ciks[ticker]) & frame.tag.isin([OLD_TAG, NEW_TAG]) & (frame.filed <= at(day))]
        known = mine.drop_duplicates(["start", "end"], keep="last")
        days = (known.end - known.start).dt.days
        stated = known[(known.end == at(end)) & days.between(80, 100)]
        if len(stated):
            return float(stated.val.iloc[0])
        both = known[known.end == at(end)].merge(known, on="start", suffixes=("", "_2"))
        pair = both[(both.end - both.end_2).dt.days.between(80, 100)]
        return float(pair.val.iloc[0] - pair.val_2.iloc[0]) if len(pair) else None

    def everything(self, day: date) -> int:
        known = self.frame[self.frame.filed <= self.pandas.Timestamp(day)]
        return len(known.drop_duplicates(["cik", "tag", "unit", "start", "end"], keep="last"))


# -------------------------------------------------------------------------------------- pitedgar


def pitedgar(folder: str, count: int) -> Callable[[], Any]:
    import pandas
    from loguru import logger
    from pitedgar import parser
    from pitedgar.config import DEFAULT_FORMS

    logger.disable("pitedgar")

    def work() -> Any:
        frames = []
        for filer in filers(count):
            # The two tags are no alias of its own list; of a caller's lists its parser follows only the lossy one.
            frame = parser.parse_company(
                f"{filer.cik:010d}", None, Path(folder), DEFAULT_FORMS,
                lossy_alias_map={f"us-gaap:{NEW_TAG}": f"us-gaap:{OLD_TAG}"},
            )  # fmt: skip
            frame["ticker"] = filer.ticker
            frames.append(frame)
        path = str(Path(folder) / f"pitedgar-{count}.parquet")
        pandas.concat(frames).to_parquet(path)
        return path

    return work


class Pitedgar:
    """PitQuery.history for stated quarters, and the library's own derivation from year to date for the rest."""

    def __init__(self, path: str, folder: str, count: int) -> None:
        import pandas
        from loguru import logger
        from pitedgar.query import PitQuery, _derive_quarterly_from_ytd

        logger.disable("pitedgar")
        self.pandas, self.derive = pandas, _derive_quarterly_from_ytd
        self.query = PitQuery(Path(path))

    def quarter(self, ticker: str, end: date, day: date) -> float | None:
        at = self.pandas.Timestamp
        concept = f"us-gaap:{OLD_TAG}"
        stated = self.query.history(ticker, concept, as_of=at(day), freq="Q")
        mine = stated[stated.end == at(end)]
        if len(mine):
            return float(mine.val.iloc[-1])
        data = self.query.data
        rows = data[(data.ticker == ticker) & (data.concept == concept) & (data.filed <= at(day))]
        derived = self.derive(rows)
        mine = derived[derived.end == at(end)].sort_values("filed") if len(derived) else derived
        return float(mine.val.iloc[-1]) if len(mine) else None

    def everything(self, day: date) -> int:
        data = self.query.data
        known = data[data.filed <= self.pandas.Timestamp(day)].sort_values("filed")
        return len(known.drop_duplicates(["ticker", "concept", "start", "end"], keep="last"))


# ------------------------------------------------------------------------------------- edgartools


def edgartools(folder: str, count: int) -> Callable[[], Any]:
    from edgar.entity.parser import EntityFactsParser

    def work() -> Any:
        total = 0
        for filer in filers(count):
            body = json.loads((Path(folder) / f"CIK{filer.cik:010d}.json").read_bytes())
            facts = EntityFactsParser.parse_company_facts(body)
            total += len(facts.get_all_facts())
        return total

    return work


class Edgartools:
    """Facts of both tags filed by then, through the library's TTMCalculator.quarterize(); it stores nothing."""

    def __init__(self, loaded: Any, folder: str, count: int) -> None:
        from edgar.entity.parser import EntityFactsParser
        from edgar.ttm.calculator import TTMCalculator

        self.calculator = TTMCalculator
        self.facts = {
            filer.ticker: EntityFactsParser.parse_company_facts(
                json.loads((Path(folder) / f"CIK{filer.cik:010d}.json").read_bytes())
            )
            for filer in filers(count)
        }

    def quarter(self, ticker: str, end: date, day: date) -> float | None:
        known = []
        for tag in (OLD_TAG, NEW_TAG):
            known += self.facts[ticker].query().by_concept(f"us-gaap:{tag}", exact=True).as_of(day).execute()
        try:
            quarters = self.calculator(known).quarterize()
        except (ValueError, KeyError):
            return None
        mine = sorted((fact for fact in quarters if fact.period_end == end), key=lambda fact: fact.filing_date)
        return float(mine[-1].numeric_value) if mine else None

    def everything(self, day: date) -> int:
        return sum(len(facts.query().as_of(day).execute()) for facts in self.facts.values())


WAYS: list[tuple[Callable[..., Callable[[], Any]], Callable[..., Loaded], list[str]]] = [
    (capex_signals, Ours, []),
    (read_json, Raw, ["duckdb"]),
    (json_pandas, Pandas, ["pandas"]),
    (pitedgar, Pitedgar, ["pitedgar", "pyarrow"]),
    (edgartools, Edgartools, ["edgar"]),
]


def asked(
    opener: Callable[..., Loaded], loaded: Any, folder: str, count: int, questions: list[Question]
) -> Callable[[], Any]:
    """In a process of its own: open, answer every question, then time one series and all series as of a day."""

    def work() -> Any:
        begun = time.perf_counter()
        state = opener(loaded, folder, count)
        opened = time.perf_counter() - begun
        right = Counter(one.kind for one in questions if same(state.quarter(one.ticker, one.end, one.day), one.value))
        one_series = sorted(_timed(lambda q=q: state.quarter(q.ticker, q.end, q.day)) for q in questions[:SERIES_ASKED])
        day = date(2020, 6, 30)
        all_series = sorted(_timed(lambda: state.everything(day)) for _ in range(3))
        return dict(right), one_series[len(one_series) // 2], all_series[1], opened, peak_mb()

    return work


def same(found: float | None, key: float | None) -> bool:
    if found is None or key is None:
        return found is key
    return abs(found - key) < 0.5


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def scored(right: dict[str, int], questions: list[Question]) -> str:
    total = Counter(one.kind for one in questions)
    return "  ".join(f"{kind} {right.get(kind, 0)}/{number}" for kind, number in sorted(total.items()))


def rounds(folder: str, count: int, facts: int, questions: list[Question]) -> Iterator[tuple[str, float, float]]:
    """(way, seconds of the load, peak MB of the load) of each way, printed as it goes."""
    for way, opener, modules in WAYS:
        if lacking := missing(modules):
            print(f"{way.__name__:<15} skipped: {lacking} is not installed")
            continue
        load = measure(way, folder, count, rounds=2)
        told = measure(asked, opener, load.answer, folder, count, questions, rounds=1)
        right, one, every, opened, peak = told.answer
        print(
            f"{way.__name__:<15} load {load.seconds:6.1f} s  {facts / load.seconds:>9,.0f} facts/s  peak {load.peak_mb:5.0f} MB | "
            f"open {opened:5.1f} s  peak {peak:5.0f} MB | one series {one * 1000:8.1f} ms  all series {every * 1000:8.0f} ms | "
            f"right: {scored(right, questions)}"
        )
        yield way.__name__, load.seconds, load.peak_mb


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    count, each = (*given, *DEFAULT[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        facts, questions = write(Path(folder), count, each)
        print(f"{count} filers, {facts:,} facts, {len(questions)} questions")
        seconds = {way: (taken, peak) for way, taken, peak in rounds(folder, count, facts, questions)}
        few = max(1, count // 10)
        load = measure(capex_signals, folder, few, rounds=1)
        ours = seconds["capex_signals"]
        print(f"peak of our load: {load.peak_mb:.0f} MB for {few} filers, {ours[1]:.0f} MB for {count}")
        if "read_json" in seconds:
            print(f"our load takes {ours[0] / seconds['read_json'][0]:.2f} times that of read_json")


if __name__ == "__main__":
    main()
