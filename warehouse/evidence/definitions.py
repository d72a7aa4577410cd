"""By which definitions a claim's query reads a metric: one, or it is refused. Definitions are types, not remarks.

Read from DuckDB's parse of the statement. A condition that is not understood says nothing of the definition, and a metric
of which nothing is said might come by any: so this errs on the strict side.
"""

from __future__ import annotations

from collections.abc import Iterable

from config.errors import Refused
from warehouse.evidence.reads import Read, reads

# The macros whose rows carry a metric and its definition.
OF_COMPANIES = (
    "company_fact_as_of",
    "company_quarter_as_of",
    "company_fact_first_as_of",
    "company_quarter_first_as_of",
    "guidance_as_of",
)


def check_definitions(sql: str, place: str, apart: Iterable[str] = ()) -> None:
    """Raise Refused, naming the metric, where the query reads it by two definitions, or without naming one.

    `apart`: metrics of which a claim may read several, since its query or its test never sets one against the other. Figures
    chosen by their tag (concept) are one company's line as filed and have no metric.
    """
    excepted = frozenset(apart)
    found: dict[str, set[str]] = {}
    for read in reads(sql, place):
        if read.macro in OF_COMPANIES:
            for metric, named in _named(read, place):
                found.setdefault(metric, set()).update(named)
    if unused := sorted(excepted - {metric for metric, definitions in found.items() if len(definitions) > 1}):
        raise Refused(
            f"definitions_apart names {', '.join(unused)}, which is not read by two definitions",
            place=place,
            remedy="take it out of the claim's declaration",
        )
    for metric, definitions in sorted(found.items()):
        if len(definitions) > 1 and metric not in excepted:
            raise Refused(
                f"it reads {metric} by {len(definitions)} definitions: {', '.join(sorted(definitions))}",
                place=place,
                remedy="read one, since figures of two definitions are not the same thing; where the query keeps them apart "
                "(and only then), name the metric under definitions_apart in the claim's declaration",
            )


def _named(read: Read, place: str) -> list[tuple[str, frozenset[str]]]:
    """(metric, definitions) for each way in which a row of this macro can reach the result."""
    found = []
    for narrowed in read.ways:
        metrics, definitions = narrowed.get("metric"), narrowed.get("definition")
        if metrics is None and "concept" in narrowed:
            continue
        if metrics is None or definitions is None:
            what = "no metric" if metrics is None else f"no definition of {', '.join(sorted(metrics))}"
            raise Refused(
                f"{read.macro} is read with {what}",
                place=place,
                remedy="say metric = '...' AND definition = '...' in the WHERE of the SELECT that reads it, each macro in one of "
                "its own",
            )
        found += [(metric, definitions) for metric in metrics]
    return found
