"""Companies that do not exist, in the SEC's layout, and the answers their capital expenditure must give.

Each filer states one cash-flow line year to date only, as most companies do, among many other lines. Known traps, each
with its own questions: the last quarter of a year that is in no filing (q4), a year whose nine months are restated months
before the year is (restated), years of 53 weeks (week53), a tag that gives way to another in mid-year (alias), and an
amendment that restates one old year long after (late). The key is computed from the quarters the facts are made from,
never from any of the ways under test.
"""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

FIRST, LAST = 2008, 2024
RESTATED, SWITCH, OLD = 2015, 2018, 2010
OLD_TAG, NEW_TAG = "PaymentsToAcquirePropertyPlantAndEquipment", "PaymentsToAcquireProductiveAssets"
MILLION = 1_000_000
DAY = timedelta(days=1)


class Question(NamedTuple):
    """What capital expenditure of the quarter that ends on `end` is known to be on `day`; None: nothing yet."""

    kind: str
    ticker: str
    end: date
    day: date
    value: float | None


class Filer(NamedTuple):
    """One made-up company: whole weeks ending on a Saturday in January, or calendar quarters."""

    ticker: str
    cik: int
    weekly: bool


def filers(count: int) -> list[Filer]:
    return [Filer(f"SYN{index:03d}", 9_000_000 + index, index % 2 == 1) for index in range(count)]


def year_end(filer: Filer, year: int) -> date:
    if not filer.weekly:
        return date(year, 12, 31)
    last = date(year, 1, 31)
    return last - timedelta(days=(last.weekday() - 5) % 7)


def quarter_ends(filer: Filer, year: int) -> list[date]:
    if not filer.weekly:
        return [date(year, 3, 31), date(year, 6, 30), date(year, 9, 30), date(year, 12, 31)]
    start, end = year_end(filer, year - 1), year_end(filer, year)
    extra = 7 if (end - start).days > 365 else 0  # the extra week lies in the first quarter
    return [start + timedelta(days=91 * quarter + extra) for quarter in (1, 2, 3)] + [end]


def filed_on(filer: Filer, year: int, quarter: int) -> date:
    return quarter_ends(filer, year)[quarter - 1] + timedelta(days=30 if quarter < 4 else 45)


class Books(NamedTuple):
    """Quarters of capital expenditure in millions, as first stated and as restated."""

    first: dict[tuple[int, int], int]
    later: dict[tuple[int, int], int]

    def sums(self, year: int, quarter: int, *, restated: bool) -> int:
        book = self.later if restated else self.first
        return sum(book[year, one] for one in range(1, quarter + 1))


def books(filer: Filer) -> Books:
    rng = random.Random(filer.cik)
    first = {(year, quarter): rng.randint(500, 9000) for year in range(FIRST, LAST + 1) for quarter in range(1, 5)}
    later = {key: value + (17 * key[1] if key[0] == RESTATED else 0) for key, value in first.items()}
    return Books(first, later)


def capex_tag(filer: Filer, year: int, quarter: int) -> str:
    """The tag a filing of that quarter uses: odd numbers change in mid-year, the others with a year's first filing."""
    change = 2 if filer.cik % 4 >= 2 else 1
    return NEW_TAG if (year, quarter) >= (SWITCH, change) else OLD_TAG


def write(folder: Path, count: int, facts_each: int) -> tuple[int, list[Question]]:
    """CIK*.json of each filer; returns how many facts there are and the questions with their answers."""
    facts, questions = 0, []
    for filer in filers(count):
        document, stated = companyfacts(filer, facts_each)
        (folder / f"CIK{filer.cik:010d}.json").write_text(json.dumps(document), "utf-8")
        facts += stated
        questions += answer_key(filer)
    return facts, questions


def companyfacts(filer: Filer, facts_each: int) -> tuple[dict[str, object], int]:
    tags: dict[str, list[dict[str, object]]] = {}
    _capex(filer, tags)
    count = sum(len(rows) for rows in tags.values())
    number = 0
    while count < facts_each:
        tags[f"Line{number:04d}"] = _line(filer, number)
        count += len(tags[f"Line{number:04d}"])
        number += 1
    body = {tag: {"label": tag, "description": tag, "units": {"USD": rows}} for tag, rows in tags.items()}
    return {"cik": filer.cik, "entityName": filer.ticker, "facts": {"us-gaap": body}}, count


def _fact(
    filer: Filer, span: tuple[date | None, date], value: int, filing: tuple[int, int], amended: str = ""
) -> dict[str, object]:
    year, quarter = filing
    fact: dict[str, object] = {
        "end": str(span[1]), "val": value, "accn": f"{filer.cik:010d}-{year % 100:02d}-{quarter:06d}", "fy": year,
        "fp": "FY" if quarter == 4 else f"Q{quarter}", "form": "10-K" if quarter == 4 else "10-Q",
        "filed": str(filed_on(filer, year, quarter)),
    }  # fmt: skip
    if span[0] is not None:
        fact = {"start": str(span[0]), **fact}
    if amended:
        fact |= {"accn": f"{filer.cik:010d}-{year % 100:02d}-{99:06d}", "form": "10-K/A", "filed": amended}
    return fact


def _start(filer: Filer, year: int) -> date:
    return year_end(filer, year - 1) + DAY


def _capex(filer: Filer, tags: dict[str, list[dict[str, object]]]) -> None:
    book = books(filer)
    for year in range(FIRST, LAST + 1):
        for quarter in range(1, 5):
            tag = capex_tag(filer, year, quarter)
            for told in (year, year - 1, year - 2) if quarter == 4 else (year, year - 1):
                if told < FIRST:
                    continue
                # The year before is restated from the first filing of the next year on: nine months before the year is.
                total = book.sums(told, quarter, restated=told == RESTATED and year > RESTATED)
                span = (_start(filer, told), quarter_ends(filer, told)[quarter - 1])
                tags.setdefault(tag, []).append(_fact(filer, span, total * MILLION, (year, quarter)))
    late = (book.sums(OLD, 4, restated=False) + 333) * MILLION
    span = (_start(filer, OLD), year_end(filer, OLD))
    tags[NEW_TAG].append(_fact(filer, span, late, (LAST, 4), amended=str(amended_on(filer))))


def amended_on(filer: Filer) -> date:
    return filed_on(filer, LAST, 4) + timedelta(days=60)


def _line(filer: Filer, number: int) -> list[dict[str, object]]:
    """Another line: three months and year to date with comparatives, or, each third, a balance."""
    rows = []
    for year in range(FIRST, LAST + 1):
        for quarter in range(1, 5):
            for told in (year, year - 1):
                if told < FIRST:
                    continue
                end = quarter_ends(filer, told)[quarter - 1]
                value = (number * 7919 + told * 31 + quarter) * MILLION
                if number % 3 == 0:
                    rows.append(_fact(filer, (None, end), value, (year, quarter)))
                    continue
                rows.append(_fact(filer, (_start(filer, told), end), value * quarter, (year, quarter)))
                if 1 < quarter < 4:
                    begin = quarter_ends(filer, told)[quarter - 2] + DAY
                    rows.append(_fact(filer, (begin, end), value, (year, quarter)))
    return rows


def answer_key(filer: Filer) -> list[Question]:
    book = books(filer)

    def ask(kind: str, year: int, quarter: int, day: date, *, value: int | None) -> Question:
        end = quarter_ends(filer, year)[quarter - 1]
        return Question(kind, filer.ticker, end, day, None if value is None else float(value * MILLION))

    year = 2013
    found = [
        ask("q4", year, 4, filed_on(filer, year, 4) + DAY, value=book.first[year, 4]),
        ask("q4", year, 4, filed_on(filer, year, 4) - DAY, value=None),
        ask("restated", RESTATED, 4, filed_on(filer, RESTATED, 4) + DAY, value=book.first[RESTATED, 4]),
        # The nine months are restated, the year is not: the old quarter stands, and no difference of the two.
        ask("restated", RESTATED, 4, filed_on(filer, RESTATED + 1, 3) + DAY, value=book.first[RESTATED, 4]),
        ask("restated", RESTATED, 4, filed_on(filer, RESTATED + 1, 4) + DAY, value=book.later[RESTATED, 4]),
        ask("restated", RESTATED, 2, filed_on(filer, RESTATED + 1, 2) + DAY, value=book.later[RESTATED, 2]),
        ask("late", LAST, 4, amended_on(filer) + DAY, value=book.first[LAST, 4]),
        ask("late", OLD, 4, amended_on(filer) + DAY, value=book.first[OLD, 4]),
    ]
    found += [
        ask("alias", SWITCH, quarter, filed_on(filer, SWITCH, quarter) + DAY, value=book.first[SWITCH, quarter])
        for quarter in range(1, 5)
    ]
    if filer.weekly:
        long = next(one for one in range(2010, LAST) if (year_end(filer, one) - year_end(filer, one - 1)).days > 365)
        found += [
            ask("week53", long, quarter, filed_on(filer, long, quarter) + DAY, value=book.first[long, quarter])
            for quarter in range(1, 5)
        ]
    return found
