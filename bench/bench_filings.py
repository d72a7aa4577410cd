"""One inline filing into facts: our stream reader beside an lxml tree and ixbrlparse. docs/xbrl_readers.md has the rest.

The answer key is the number of facts with a value and the sum of their digits' values, by a walk over an lxml tree. A
way that reads a nil as zero or drops a fact is named before its time counts.

    python bench/bench_filings.py [FILING]

Without a filing the largest real one beside the checkout is taken, or else one made up of 1,500 facts.
"""

from __future__ import annotations

import math
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from figures import Figure, told
from measuring import Measured, measure, missing, table

Answer = tuple[int, float]
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "sec" / "ixbrl"
LARGEST = SHARED / "meta-10k-FY2024_2025-01-30.htm"
IX = "{http://www.xbrl.org/2013/inlineXBRL}"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def stream(path: str) -> Callable[[], Answer]:
    from transforms.filings.xbrl_facts import read_document

    def work() -> Answer:
        with Path(path).open("rb") as payload:
            document = read_document(payload, lambda _: False, "lease")
        values = [float(fact.value) for fact in document.facts if fact.value is not None]
        return len(values), math.fsum(values)

    return work


def lxml_tree(path: str) -> Callable[[], Answer]:
    from lxml import etree

    from transforms.filings.xbrl_values import number_of

    def work() -> Answer:
        tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
        values = [
            float(number_of("".join(one.itertext()), one.get("format", ""), one.get("scale", ""), one.get("sign", "")))
            for one in tree.iter(f"{IX}nonFraction")
            if one.get(NIL) != "true"
        ]
        return len(values), math.fsum(values)

    return work


def ixbrlparse(path: str) -> Callable[[], Answer]:
    import warnings

    from ixbrlparse import IXBRL

    warnings.simplefilter("ignore")

    def work() -> Answer:
        with Path(path).open(encoding="utf-8") as page:
            values = [float(fact.value) for fact in IXBRL(page, raise_on_error=False).numeric if fact.value is not None]
        return len(values), math.fsum(values)

    return work


WAYS: dict[Callable[..., Callable[[], Any]], list[str]] = {
    stream: [], lxml_tree: ["lxml"], ixbrlparse: ["ixbrlparse"],
}  # fmt: skip


def made_up(folder: str) -> Path:
    """A page of 1,500 facts, for a machine without real ones."""
    spaces = {
        "": "http://www.w3.org/1999/xhtml", ":ix": IX.strip("{}"), ":xbrli": "http://www.xbrl.org/2003/instance",
        ":iso4217": "http://www.xbrl.org/2003/iso4217", ":us-gaap": "http://fasb.org/us-gaap/2024",
    }  # fmt: skip
    rows = "".join(
        f'<p>words <ix:nonFraction name="us-gaap:Tag{index}" contextRef="i" unitRef="usd" decimals="-6" scale="6">{index}'
        "</ix:nonFraction> and words</p>"
        for index in range(1500)
    )
    head = (
        '<ix:header><ix:resources><xbrli:context id="i"><xbrli:entity><xbrli:identifier scheme="x">1</xbrli:identifier>'
        "</xbrli:entity><xbrli:period><xbrli:instant>2024-06-30</xbrli:instant></xbrli:period></xbrli:context>"
        '<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit></ix:resources></ix:header>'
    )
    declared = "".join(f' xmlns{prefix}="{uri}"' for prefix, uri in spaces.items())
    path = Path(folder) / "made_up.htm"
    path.write_text(f"<html{declared}><body>{head}{rows}</body></html>", "utf-8")
    return path


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else LARGEST if LARGEST.exists() else made_up(folder)
        key: Answer = lxml_tree(str(path))()
        print(f"{path.name}: {key[0]:,} facts with a value, {path.stat().st_size / 1e6:.1f} MB")
        measured: list[Measured] = []
        for way, modules in WAYS.items():
            if lacking := missing(modules):
                print(f"{way.__name__}: skipped, {lacking} is not installed (pip install {lacking})")
                continue
            one = measure(way, str(path))
            if one.answer[0] != key[0] or not math.isclose(one.answer[1], key[1], rel_tol=1e-9):
                print(f"{way.__name__}: WRONG, {one.answer} where the page says {key}; its time is shown all the same")
            measured.append(one)
        print(table(measured, "lxml_tree", key[0]))
    ours, *others = measured
    return told("filings", [
        Figure(f"facts of {key[0]:,} that ours has otherwise", abs(ours.answer[0] - key[0]), "", 0),
        Figure("one filing, ours, processor", 1000 * ours.cpu_seconds, "ms"), Figure("peak of its process", ours.peak_mb, "MB"),
        *(Figure(f"{one.way}, as a multiple of ours", one.cpu_seconds / ours.cpu_seconds, "times") for one in others),
    ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
