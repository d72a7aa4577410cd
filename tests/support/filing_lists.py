"""Lists of filings as EDGAR gives them, made small."""

from __future__ import annotations

import json


def filing(accession, form, filed, items=""):
    return {
        "accessionNumber": accession, "form": form, "filingDate": filed, "reportDate": filed, "items": items, "size": 1000,
        "isXBRL": 1, "isInlineXBRL": 1, "primaryDocument": "main.htm", "acceptanceDateTime": "",
    }  # fmt: skip


def listing(cik, *rows):
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return json.dumps({"cik": f"{cik:010d}", "filings": {"recent": columns, "files": []}}).encode()


LISTS = {
    "MSFT": listing(
        789019,
        filing("0000950170-24-118955", "8-K", "2024-10-30", "2.02,9.01"),
        filing("0000950170-24-087843", "10-K", "2024-07-30"),
        filing("0000950170-24-087835", "8-K", "2024-07-30", "2.02,9.01"),
        filing("0000950170-24-048268", "8-K", "2024-04-25", "2.02,9.01"),
    ),
    "AMZN": listing(
        1018724,
        filing("0001018724-25-000004", "10-K", "2025-02-07"),
        filing("0001018724-25-000002", "8-K", "2025-02-06", "2.02,9.01"),
    ),
}
