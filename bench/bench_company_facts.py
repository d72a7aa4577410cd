"""Many filers' company facts: a full load, then what was known as of a day; correctness first, then time and memory.

    python bench/bench_company_facts.py [FILERS [FACTS_EACH]]      default: 40 filers of 37,500 facts

Every way loads the same made-up documents (filers.py) and answers the same questions. A way that answers wrongly keeps its
times, with how many answers of each kind are right beside them: speed without the answer is not the same work. Each way
answers as its own documentation would have it done; raw DuckDB and pandas take the query an analyst writes first:
newest filing of each period, and the year less nine months where a quarter is missing.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Protocol

from company_facts_rivals import (
    Edgartools,
    Pandas,
    Pitedgar,
    Raw,
    edgartools,
    json_pandas,
    pitedgar,
    read_json,
    read_json_as_it_comes,
)
from figures import Figure, told
from filers import Filer, Question, filers, write
from measuring import Measured, measure, missing, peak_mb

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
    from config.chains import Calendar
    from config.load import catalog
    from config.specs import Company

    def company(filer: Filer) -> Company:
        weekly = Calendar(year_end_month=1, week_ends_on=5)
        calendar = weekly if filer.weekly else Calendar(year_end_month=12)
        return Company(ticker=filer.ticker, name=filer.ticker, cik=filer.cik, calendar=calendar, followed=True)

    entries = {filer.ticker: company(filer) for filer in made_up}
    return catalog().model_copy(update={"companies": {**catalog().companies, **entries}})


def archived(declared: Any, folder: str, count: int) -> Any:
    """A pipeline of its own that has the documents in its archive, as a night leaves them."""
    from config.contracts import Capture
    from config.settings import Settings
    from flows.steps.pipeline import Pipeline
    from warehouse.archive.captures import Archive, sha256_of
    from warehouse.home.layout import Home

    home = Home.open(Path(folder) / f"home-{count}-{time.time_ns()}")
    pipeline = Pipeline(Settings(home=home.root), declared, home, Archive(home))
    for filer in filers(count):
        payload = (Path(folder) / f"CIK{filer.cik:010d}.json").read_bytes()
        capture = Capture("sec_companyfacts", filer.ticker, "", sha256_of(payload), len(payload), TAKEN_AT, TAKEN_AT)
        pipeline.archive.add(capture, payload, TAKEN_AT)
    return pipeline


def load(pipeline: Any) -> str:
    from flows.steps.load import Progress, load_pending
    from warehouse.store.facts import Store

    store = Store.open(pipeline.home.store)
    done = load_pending(pipeline, store, lambda _: None, Progress())
    assert {loaded.outcome for loaded in done.loaded} == {"loaded"}, done
    store.close()
    return str(pipeline.home.root)


def capex_signals(folder: str, count: int) -> Callable[[], Any]:
    """Everything: the bytes into the archive, and the archive into the store."""
    declared = _declared(count)
    return lambda: load(archived(declared, folder, count))


def from_archive(folder: str, count: int) -> Callable[[], Any]:
    """The load alone, as of `replay`: the archive holds the bytes already."""
    pipeline = archived(_declared(count), folder, count)
    return lambda: load(pipeline)


def _declared(count: int) -> Any:
    """The catalog with the made-up filers. Everything is imported, too, before the clock starts."""
    import flows.steps.load  # noqa: F401
    from flows.steps.pipeline import reader

    declared = catalog_of(filers(count))
    reader(declared.sources["sec_companyfacts"])
    return declared


class Ours:
    """The staged file: canonical rows, derived quarters, and the as-of macros an analyst gets."""

    def __init__(self, home: str, folder: str, count: int) -> None:
        from config.settings import Settings
        from flows.steps.derive import stage_facts
        from flows.steps.pipeline import Pipeline
        from warehouse.archive.captures import Archive
        from warehouse.home.layout import Home

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


def rounds(folder: str, count: int, facts: int, questions: list[Question]) -> Iterator[tuple[Measured, int, float]]:
    """(load, right answers, seconds of one series) of each way, printed as it goes with what it answers and how fast."""
    for way, opener, modules in WAYS:
        if lacking := missing(modules):
            print(f"{way.__name__:<15} skipped: {lacking} is not installed")
            continue
        load = measure(way, folder, count, rounds=2)
        answers = measure(asked, opener, load.answer, folder, count, questions, rounds=1)
        right, one, every, opened, peak = answers.answer
        print(
            f"{way.__name__:<15} load {load.seconds:6.1f} s ({load.cpu_seconds:6.1f} of processor)  {facts / load.seconds:>9,.0f} facts/s  peak {load.peak_mb:5.0f} MB | "
            f"open {opened:5.1f} s  peak {peak:5.0f} MB | one series {one * 1000:8.1f} ms  all series {every * 1000:8.0f} ms | "
            f"right: {scored(right, questions)}"
        )
        yield load, sum(right.values()), one


def main() -> int:
    given = sys.argv[1:]
    if len(given) > len(DEFAULT) or not all(word.isdecimal() and int(word) for word in given):
        sys.exit(__doc__)
    count, each = (*map(int, given), *DEFAULT[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        facts, questions = write(Path(folder), count, each)
        print(f"{count} filers, {facts:,} facts, {len(questions)} questions")
        found = {load.way: (load, right, one) for load, right, one in rounds(folder, count, facts, questions)}
        loads = {way: load for way, (load, _, _) in found.items()}
        few = max(1, count // 10)
        peak = measure(capex_signals, folder, few, rounds=1).peak_mb
        ours = loads["capex_signals"]
        print(f"peak of our load: {peak:.0f} MB for {few} filers, {ours.peak_mb:.0f} MB for {count}")
        alone = measure(from_archive, folder, count, rounds=2)
        raw, nested = loads["read_json"], measure(read_json_as_it_comes, folder, count, rounds=2)
    return told("company facts", [
        Figure(f"right answers of ours, of {len(questions)}", found["capex_signals"][1], "", len(questions), at_least=True),
        *(Figure(f"right answers of {way}", right, "") for way, (_, right, _) in found.items() if way != "capex_signals"),
        Figure(f"load of {facts:,} facts, as a multiple of a read_json whose types are written by hand", ours.seconds / raw.seconds, "times", 0.8),
        Figure("the same from the archive", alone.seconds / raw.seconds, "times"),
        Figure("load, as a multiple of a read_json as it comes", ours.seconds / nested.seconds, "times", 1),
        *(Figure(f"load by {way}, as a multiple of ours", one.seconds / ours.seconds, "times") for way, one in loads.items() if one is not ours),
        Figure("peak of the load", ours.peak_mb, "MB", 400),
        Figure("one series as of a day", 1000 * found["capex_signals"][2], "ms", 5),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
