"""Every measurement, one after the other, into docs/benchmarks.csv, docs/benchmarks.md and its chart.

    python bench/run.py [NAME ...]      all by default: questions, judge, boards, prices, company_facts, filings, site, ...

Each bench is a process of its own. Its figures take the place of its former ones; those of the others stay, with the day and the
machine they are of. Ends with 1 where a bench fails, or a promise is missed by more than a tenth.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import vl_convert
from figures import ASKED, Figure, shown

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"
RECORDED, PAGE, CHART = DOCS / "benchmarks.csv", DOCS / "benchmarks.md", DOCS / "benchmarks.svg"
# name -> what a reader would call it. In the order in which they are run: the long ones last.
BENCHES = {
    "questions": "Asking the published file", "judge": "Judging every claim on every day", "boards": "Leaderboards",
    "prices": "Price history", "company_facts": "Company facts, beside other tools", "filings": "One filing, beside other readers",
    "site": "The site", "readers": "Readers beside writers", "bulk": "Every filer", "workers": "One worker and two",
    "staging": "Staging 1.2 million scores", "nights": "A home that is old",
}  # fmt: skip
COLUMNS = ("bench", "what", "value", "unit", "promised", "at_least", "slowness", "day", "machine")
PACKAGES = ("duckdb", "polars", "prefect", "edgartools", "pitedgar", "pandas")

Row = dict[str, Any]


def machine() -> str:
    """Processors, memory, Python and packages, in a line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    found = [f"{name} {installed}" for name in PACKAGES if (installed := _version(name))]
    return ", ".join([f"{os.cpu_count()} cores", f"{memory:.0f} GiB", f"Python {platform.python_version()}", *found])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def run(name: str) -> tuple[list[Row], int]:
    """The figures of one bench as rows, and how it ended."""
    print(f"-- {BENCHES[name]} (bench/bench_{name}.py)", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "figures.jsonl"
        command = [sys.executable, str(HERE / f"bench_{name}.py")]
        ended = subprocess.run(command, check=False, env={**os.environ, ASKED: str(asked)}).returncode
        told = [json.loads(line) for line in asked.read_text().splitlines()] if asked.exists() else []
    of = {"bench": name, "day": f"{datetime.now(UTC):%Y-%m-%d}", "machine": machine()}
    return [{**one, **of} for one in told], ended


def recorded() -> list[Row]:
    """What the file of figures holds."""
    if not RECORDED.exists():
        return []
    with RECORDED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        {**row, "value": float(row["value"]), "promised": float(row["promised"]) if row["promised"] else None,
         "at_least": row["at_least"] == "True", "slowness": float(row["slowness"])}
        for row in rows
    ]  # fmt: skip


def figure(row: Row) -> Figure:
    return Figure(row["what"], row["value"], row["unit"], row["promised"], row["at_least"])


def page(rows: list[Row]) -> str:
    """docs/benchmarks.md."""
    lines = [
        "# Benchmarks", "",
        "Made by `make bench` (`bench/run.py`), from `docs/benchmarks.csv`. `make bench ARGS='boards judge'` measures some anew; the rest stays,",
        "with its day. \"Used\" is the part of a promise that is used up: above 100 per cent it is missed. Seconds and milliseconds are promised on",
        "the two cores of 2026-11-28; elsewhere they are divided by how many times longer a fixed piece of work takes (`slower`).", "",
        "![What is used of each promise](benchmarks.svg)", "",
    ]  # fmt: skip
    for name, title in BENCHES.items():
        own = [row for row in rows if row["bench"] == name]
        if not own:
            lines += [f"## {title}", "", f"`bench/bench_{name}.py`: not measured yet.", ""]
            continue
        lines += [f"## {title}", "", f"`bench/bench_{name}.py`, {own[0]['day']}, {own[0]['machine']}.", ""]
        lines += ["| | measured | promised | slower | used |", "| --- | ---: | ---: | ---: | ---: |"]
        lines += [_line(row) for row in own]
        lines.append("")
    return "\n".join(lines)


def _line(row: Row) -> str:
    one = figure(row)
    used = one.used(row["slowness"])
    if used is None:
        return f"| {one.what} | {shown(one.value)} {one.unit} | | | |"
    bound = f"{'at least' if one.at_least else 'at most'} {shown(one.promised or 0)} {one.unit}"
    slower = f"{row['slowness']:.1f}" if one.unit in {"s", "ms"} else ""
    return f"| {one.what} | {shown(one.value)} {one.unit} | {bound} | {slower} | {_percent(used)} |"


def _percent(used: float) -> str:
    words = f"{100 * used:,.0f}%"
    return f"**{words}**" if used > 1 else words


def chart(rows: list[Row]) -> str:
    """What is used of each promise, as SVG."""
    used = [(row, figure(row).used(row["slowness"])) for row in rows]
    data = [
        {
            "what": f"{BENCHES[row['bench']]}: {row['what'].split(', ')[0]}"[:70],
            "used": min(100 * share, 300),
            "kept": share <= 1,
        }
        for row, share in used
        if share is not None
    ]
    y = {"field": "what", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 420}}
    x = {"field": "used", "type": "quantitative", "title": "used of what is promised, % (300 and more end the axis)"}
    colour = {
        "field": "kept",
        "type": "nominal",
        "legend": None,
        "scale": {"domain": [True, False], "range": ["#4c78a8", "#c44e52"]},
    }
    spec = {
        "width": 420, "padding": {"left": 60, "right": 10, "top": 5, "bottom": 5}, "data": {"values": data},
        "layer": [
            {"mark": "bar", "encoding": {"y": y, "x": x, "color": colour}},
            {"mark": {"type": "rule", "color": "#333"}, "encoding": {"x": {"datum": 100}}},
        ],
    }  # fmt: skip
    return str(vl_convert.vegalite_to_svg(spec))


def main() -> int:
    names = sys.argv[1:] or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        raise SystemExit(f"there is no bench {unknown[0]!r}; choose of: {', '.join(BENCHES)}")
    failed = list[str]()
    for name in names:
        rows, ended = run(name)
        failed += [name] if ended else []
        kept = [row for row in recorded() if row["bench"] != name or not rows]
        order = list(BENCHES)
        write(sorted([*kept, *rows], key=lambda row: order.index(row["bench"])))
    print(
        f"{PAGE}: {len(names)} measured"
        + (f"; a promise missed, or an error, in: {', '.join(failed)}" if failed else "")
    )
    return int(bool(failed))


def write(rows: list[Row]) -> None:
    """The file of figures, the page and the chart, after each bench: what is measured is not lost when a later one is stopped."""
    with RECORDED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: row[name] for name in COLUMNS} for row in rows)
    PAGE.write_text(page(rows), "utf-8")
    CHART.write_text(chart(rows), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
