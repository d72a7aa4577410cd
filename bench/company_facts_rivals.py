"""The other ways of loading many filers' company facts and asking what was known: what bench_company_facts.py measures
ours beside. Each answers as its own documentation would have it done."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from filers import NEW_TAG, OLD_TAG, filers

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


def read_json_as_it_comes(folder: str, count: int) -> Callable[[], Any]:
    """Types found by DuckDB itself: each document one row of nested columns, named by its tags, in a table of its own. It
    cannot be asked for a series; what can is `read_json` above, whose types are written by hand.
    """
    import duckdb

    def work() -> Any:
        path = str(Path(folder) / f"plain-{count}-{time.time_ns()}.duckdb")
        connection = duckdb.connect(path)
        for filer in filers(count):
            document = str(Path(folder) / f"CIK{filer.cik:010d}.json")
            connection.execute(
                f"CREATE TABLE {filer.ticker} AS FROM read_json($path, maximum_object_size = 134217728)",
                {"path": document},
            )
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
