"""Consensus estimates from the analyst's own file (private/estimate.csv in the home folder).

Header: company,metric,horizon,estimated_on,unit,value,read_at. horizon is NTM, NEXT_FY or a fiscal year (FY2026);
read_at names where the consensus was read. Private: never in starter data, never exported.
"""

from __future__ import annotations

import re

from config.contracts import ESTIMATE, Capture, Parsed
from config.errors import Refused
from config.specs import Catalog
from transforms.entered.documents import NEW_YORK, end_of_day
from transforms.entered.private_table import amount_cell, day_cell, table_rows

SOURCE = "private_estimates"
COLUMNS = ("company", "metric", "horizon", "estimated_on", "unit", "value", "read_at")
HORIZON = re.compile(r"NTM|NEXT_FY|FY\d{4}")


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of estimate, known from the end of their day in New York. Raises Refused naming the line."""
    place = capture.scope
    rows = []
    for line, cells in table_rows(payload, COLUMNS, SOURCE, place):
        at = f"{place} line {line}"
        if cells["company"] not in catalog.companies:
            raise Refused(f"company {cells['company']!r}", source=SOURCE, place=at, remedy="name one of companies.yml")
        metric = catalog.metrics.get(cells["metric"])
        if metric is None or metric.unit != cells["unit"]:
            known = (
                "a metric of metrics.yml, e.g. eps_diluted"
                if metric is None
                else f"the unit of {metric.id}, {metric.unit}"
            )
            raise Refused(f"{cells['metric']!r} in {cells['unit']!r}", source=SOURCE, place=at, remedy=f"name {known}")
        if not HORIZON.fullmatch(cells["horizon"]):
            raise Refused(
                f"horizon {cells['horizon']!r}", source=SOURCE, place=at, remedy="write NTM, NEXT_FY or FY2026"
            )
        day, value = day_cell(cells["estimated_on"], SOURCE, at), amount_cell(cells["value"], SOURCE, at)
        rows.append(
            {
                "company": cells["company"], "metric": cells["metric"], "horizon": cells["horizon"],
                "estimated_on": day, "unit": cells["unit"], "value": float(value), "value_exact": cells["value"],
                "status": "manual", "known_at": end_of_day(day, NEW_YORK),
                "known_at_basis": f"end of estimated_on, {NEW_YORK}", "document_id": cells["read_at"],
                "locator": f"line {line}", "evidence_tier": 3, "note": f"read at {cells['read_at']}",
            }
        )  # fmt: skip
    return Parsed(ESTIMATE.frame(rows))
