"""SEC submissions: one row for each filing of a company. What it decides is which filings other sources ask for."""

from __future__ import annotations

import polars as pl

from config.contracts import FILING, Capture, Parsed
from config.errors import Refused
from config.parsing import parse_json
from config.specs import Catalog, Company, SourceSpec
from transforms.filings.known_at import BASIS, known_at
from transforms.filings.listing import CONFIDENTIAL, Filing, parse_filing_list, read_document

OLDER = "https://data.sec.gov/submissions/{name}"
# Of two filings of one day the same ranks hold as for their figures: a report speaks after a current report.
PERIODIC_RANK, OTHER_RANK = 30, 10


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:
    """(scope, address) for each followed company and its predecessors: "XOM", "XOM/CIK0000034088"."""
    return [
        (scope, spec.addresses[0].format(cik=f"{cik:010d}"))
        for company in catalog.companies.values()
        if company.followed
        for scope, cik in company.registrants
    ]


def followups(payload: bytes, capture: Capture, catalog: Catalog) -> list[tuple[str, str]]:
    """("MSFT/CIK...-submissions-001.json", address) of the documents with the filings before the newest thousand."""
    company = _company(capture, catalog)
    listed = parse_filing_list(payload, company.registrant(capture.scope), capture)
    return [(f"{company.ticker}/{name}", OLDER.format(name=name)) for name in listed.older]


def scope_of(body: bytes, catalog: Catalog) -> str:
    """The scope of the registrant a document names; empty where it names none that is declared."""
    try:
        document = parse_json(body)
        stated = str(document.get("data", document).get("cik", "")).lstrip("0")
    except (ValueError, AttributeError):
        return ""
    return catalog.scope_of_registrant(stated)


def admit(payload: bytes, capture: Capture) -> None:
    """Raises SourceChanged for an answer worth asking for again: a notice, half a document, something without filings."""
    read_document(payload, capture)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of dataset filing; capture.scope is a ticker, for older documents followed by "/" and the document's name.

    Raises SourceChanged for HTML, half a document, another company's list and columns of different lengths.
    """
    company = _company(capture, catalog)
    listed = parse_filing_list(payload, company.registrant(capture.scope), capture)
    rows = [_row(filing, company) for filing in listed.filings]
    confidential = pl.col("known_at_basis").is_null()  # known with the first list that shows it
    frame = FILING.frame(rows).with_columns(known_at=pl.when(~confidential).then(known_at("filed_on")))
    return Parsed(frame, listed.issues)


def _company(capture: Capture, catalog: Catalog) -> Company:
    ticker = capture.scope.partition("/")[0]
    company = catalog.companies.get(ticker)
    if company is None:
        raise Refused(f"no company {ticker!r}", source=capture.source, remedy="declare it in config/companies.yml")
    return company


def _row(filing: Filing, company: Company) -> dict[str, object]:
    return {
        "company": company.ticker, "accession": filing.accession, "form": filing.form, "filed_on": filing.filed_on,
        "report_on": filing.period_end, "items": ",".join(filing.items), "is_xbrl": filing.is_xbrl,
        "primary_document": filing.primary_document, "accepted_text": filing.accepted_text, "size": filing.size,
        "known_at_basis": None if filing.base_form in CONFIDENTIAL else BASIS, "form_rank": PERIODIC_RANK if filing.base_form.startswith("10-") else OTHER_RANK,
        "document_id": filing.accession, "locator": filing.locator, "source_url": filing.index_url, "evidence_tier": 1,
    }  # fmt: skip
