"""What upstream does wrong all at once: a whole payload changed by one slip, each by a family. Seeded: the same every time."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson
import polars as pl
from small_pipeline import fixture

Mutate = Callable[[bytes, random.Random], bytes]
PRICES = ("input_cost_per_token", "output_cost_per_token")


def rates() -> bytes:
    return fixture("ecb_fx", "eurofxref-hist.csv")


def price_list() -> bytes:
    return fixture("litellm_prices", "2025-02-25.json")


def company_facts() -> bytes:
    return fixture("sec_companyfacts", "MSFT.json")


def board() -> bytes:
    """Twelve entrants a little apart, in the columns of the board's file."""
    first = pl.read_parquet(io.BytesIO(fixture("arena_leaderboard", "text_latest.parquet"))).head(1)
    entrants = [
        first.with_columns(
            model_name=pl.lit(f"model-{number}"), rating=pl.lit(1400.0 - number), rating_lower=pl.lit(1395.0 - number),
            rating_upper=pl.lit(1405.0 - number), rank=pl.lit(number, first.schema["rank"]),
        )
        for number in range(1, 13)
    ]  # fmt: skip
    return _parquet(pl.concat(entrants))


def _parquet(frame: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out)
    return out.getvalue()


def _table(change: Callable[[list[str], list[str]], list[str]]) -> Mutate:
    """A change of each line of the ECB's file, given its header."""

    def mutate(body: bytes, _: random.Random) -> bytes:
        header, *lines = list(csv.reader(io.StringIO(body.decode())))
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([header, *(change(header, line) for line in lines)])
        return out.getvalue().encode()

    return mutate


def _times(cell: str, factor: float) -> str:
    try:
        return repr(float(cell) * factor)
    except ValueError:
        return cell


def _exchanged(header: list[str], line: list[str]) -> list[str]:
    one, other = header.index("USD"), header.index("GBP")
    line[one], line[other] = line[other], line[one]
    return line


def _a_day_later(_: list[str], line: list[str]) -> list[str]:
    return [(date.fromisoformat(line[0]) - timedelta(1)).isoformat(), *line[1:]]


def _prices(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Mutate:
    def mutate(body: bytes, _: random.Random) -> bytes:
        return orjson.dumps({name: change(entry) for name, entry in orjson.loads(body).items()})

    return mutate


def _scaled(factor: float) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda entry: {
        name: value * factor if name.endswith("_per_token") and value else value for name, value in entry.items()
    }


def _input_for_output(entry: dict[str, Any]) -> dict[str, Any]:
    other = {PRICES[0]: PRICES[1], PRICES[1]: PRICES[0]}
    return {other.get(name, name): value for name, value in entry.items()}


def _facts(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Mutate:
    def mutate(body: bytes, _: random.Random) -> bytes:
        document = orjson.loads(body)
        for tags in document["facts"].values():
            for tag in tags.values():
                tag["units"] = {unit: [change(row) for row in rows] for unit, rows in tag["units"].items()}
        return orjson.dumps(document)

    return mutate


def _moved(*names: str, days: int) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda row: {
        name: (date.fromisoformat(value) + timedelta(days)).isoformat() if name in names else value
        for name, value in row.items()
    }


def _one_tag_apart(body: bytes, rng: random.Random) -> bytes:
    """Most figures times a factor: a unit read wrongly for one currency, not for all."""
    factor = rng.choice([1e-3, 1e3, 1e6])
    return _facts(lambda row: {**row, "val": int(row["val"] * factor)} if rng.random() < 0.8 else row)(body, rng)


def _columns(**columns: pl.Expr) -> Mutate:
    return lambda body, _: _parquet(pl.read_parquet(io.BytesIO(body)).with_columns(**columns))


# (source, what it sends) -> family -> the slip.
FAMILIES: dict[tuple[str, str, Callable[[], bytes]], dict[str, Mutate]] = {
    ("ecb_fx", "", rates): {
        "two currencies exchanged": _table(_exchanged),
        "every date moved by a day": _table(_a_day_later),
        "all times 1.1": _table(lambda _, line: [line[0], *(_times(cell, 1.1) for cell in line[1:])]),
    },
    ("litellm_prices", "", price_list): {
        "all divided by 1,000": _prices(_scaled(1e-3)),
        "all times 10": _prices(_scaled(10)),
        "input and output exchanged": _prices(_input_for_output),
        "all renamed": lambda body, _: orjson.dumps({f"x/{name}": entry for name, entry in orjson.loads(body).items()}),
    },
    ("sec_companyfacts", "MSFT", company_facts): {
        "all times 1,000": _facts(lambda row: {**row, "val": row["val"] * 1000}),
        "all negative": _facts(lambda row: {**row, "val": -row["val"]}),
        "most by one factor": _one_tag_apart,
        "every period moved by a day": _facts(_moved("start", "end", days=1)),
        "every filing moved by a day": _facts(_moved("filed", days=1)),
    },
    ("arena_leaderboard", "arena_text", board): {
        "score and error exchanged": _columns(rating=pl.lit(5.0), rating_lower=pl.lit(4.0), rating_upper=pl.lit(6.0)),
        "all negative": _columns(rating=-pl.col("rating"), rating_lower=-pl.col("rating_upper"), rating_upper=-pl.col("rating_lower")),
        "all times 1,000": _columns(rating=pl.col("rating") * 1000, rating_lower=pl.col("rating_lower") * 1000, rating_upper=pl.col("rating_upper") * 1000),
    },
}  # fmt: skip
