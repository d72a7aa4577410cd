"""What a company has filed: SEC submissions documents as a list, and which filings of it the other sources ask for.

The document holds the newest thousand filings column by column under filings.recent; `older` names the documents that
hold the rest, whose columns stand at the top. acceptanceDateTime ends in Z and is not UTC: kept as text, never a clock.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from config.contracts import Capture, Issue
from config.errors import SourceChanged
from config.parsing import parse_json

IN_FOLDER = "https://www.sec.gov/Archives/edgar/data/{cik}/{folder}/{document}"
ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}")
COLUMNS = ("accessionNumber", "form", "filingDate", "reportDate", "items", "size", "isXBRL", "isInlineXBRL",
           "primaryDocument", "acceptanceDateTime")  # fmt: skip
PERIODIC = frozenset({"10-K", "10-KT", "10-Q", "10-QT", "20-F", "40-F"})
CURRENT = "8-K"
# Drafts and letters that EDGAR shows the public weeks or months after their filing date, and no list says when.
CONFIDENTIAL = frozenset({"DRS", "DRSLTR", "CORRESP", "UPLOAD", "LETTER", "DOS", "DOSLTR"})
STAMP = re.compile(r"\d{4}-?\d{2}-?\d{2}[T ]?\d{2}:?\d{2}:?\d{2}.*|")
RESULTS_ITEM = "2.02"  # results of operations and financial condition
OTHER_ITEM = "8.01"
DISCLOSURE_ITEM = "7.01"  # regulation FD: where definitions and segments are redrawn between two prints
# An 8-K with whole statements (earlier years recast) weighs 10 MB and more, other tagged ones below 4.
RECAST_BYTES = 10_000_000


class Filing(NamedTuple):
    """One filing. `period_end` is the report date: of a periodic report its balance day, of an 8-K the event's day."""

    cik: int
    accession: str
    form: str
    filed_on: date
    period_end: date | None
    items: tuple[str, ...]
    size: int | None  # bytes of the whole filing; None where the list does not say
    is_xbrl: bool
    is_inline_xbrl: bool
    primary_document: str
    accepted_text: str
    locator: str

    @property
    def base_form(self) -> str:
        """10-K for 10-K/A."""
        return self.form.removesuffix("/A")

    @property
    def folder(self) -> str:
        """The accession without dashes: the folder in the Archives, under the company's number."""
        return self.accession.replace("-", "")

    @property
    def text_name(self) -> str:
        """All documents of the filing in one text, with form and filing date in its header."""
        return f"{self.accession}.txt"

    @property
    def index_url(self) -> str:
        return self.address(IN_FOLDER, f"{self.accession}-index.htm")

    def address(self, template: str, document: str) -> str:
        """The address of one of its documents by a source's template; primary_document is the main one."""
        return template.format(cik=self.cik, folder=self.folder, document=document)


class FilingList(NamedTuple):
    """The filings of one submissions document, newest first as they came. `older`: names of documents with the rest."""

    cik: int
    filings: tuple[Filing, ...]
    older: tuple[str, ...]
    issues: tuple[Issue, ...]


def parse_filing_list(payload: bytes, cik: int, capture: Capture) -> FilingList:
    """The filings of a submissions document of the company `cik`, or of one of its older documents.

    A copy some tools keep under the key `data` is read like the document in it. Raises SourceChanged for HTML, half a
    document, another company's document and columns that do not match; a row that cannot be read is an issue.
    """
    body = read_document(payload, capture)
    stated = str(body.get("cik", "")).lstrip("0")
    if "filings" in body and stated != str(cik):
        raise SourceChanged(
            f"CIK {stated or 'missing'}, expected {cik}",
            source=capture.source,
            place=f"{capture.scope}/cik",
            remedy="declare a predecessor under predecessors of the company in config/companies.yml; else it is the wrong document",
        )
    if "filings" in body:
        place, columns = "/filings/recent", _object(body["filings"], "recent", capture)
        files = body["filings"].get("files") or []
        older = tuple(str(item["name"]) for item in files if isinstance(item, dict) and "name" in item)
    else:
        place, columns, older = "", body, ()
    filings: list[Filing] = []
    issues: list[Issue] = []
    for index, row in enumerate(_rows(columns, place, capture)):
        locator = f"{place}/accessionNumber/{index}"
        try:
            filing = _filing(row, cik, locator)
        except (ValueError, TypeError) as error:
            issues.append(Issue("filing cannot be read", locator, f"{row.get('accessionNumber')}: {error}"))
            continue
        filings.append(filing)
        if filing.size is None:
            told = f"{filing.accession} is kept: only whether an 8-K is a recast is told by its size"
            issues.append(Issue("size of a filing is not stated", locator, told, "notice"))
        if not STAMP.fullmatch(filing.accepted_text):
            told = f"{filing.accession} counts from its filing date: {filing.accepted_text[:40]!r} is no instant"
            issues.append(Issue("acceptance stamp cannot be read", locator, told, "notice"))
    return FilingList(cik, tuple(filings), older, tuple(issues))


def periodic_reports(filings: Iterable[Filing]) -> list[Filing]:
    """Quarterly and annual reports with tagged figures, amendments included."""
    return [filing for filing in filings if filing.base_form in PERIODIC and filing.is_xbrl]


def earnings_releases(filings: Iterable[Filing]) -> list[Filing]:
    """8-Ks that report results; the release is their exhibit 99.1."""
    return [filing for filing in filings if filing.base_form == CURRENT and RESULTS_ITEM in filing.items]


def disclosures(filings: Iterable[Filing]) -> list[Filing]:
    """8-Ks beside the prints that may state earlier periods anew: items 7.01 and 8.01."""
    asked = {DISCLOSURE_ITEM, OTHER_ITEM}
    return [
        filing
        for filing in filings
        if filing.base_form == CURRENT and asked & set(filing.items) and RESULTS_ITEM not in filing.items
    ]


def recasts(filings: Iterable[Filing]) -> list[Filing]:
    """8-Ks that state earlier years anew: item 8.01 with whole tagged statements, known by their size alone: without one it is asked for."""
    return [
        filing
        for filing in filings
        if filing.base_form == CURRENT
        and OTHER_ITEM in filing.items
        and filing.is_xbrl
        and (filing.size is None or filing.size >= RECAST_BYTES)
    ]


def read_document(payload: bytes, capture: Capture) -> dict[str, Any]:
    """The JSON of a submissions document of any company; raises SourceChanged for a notice or half a document."""
    try:
        body = parse_json(payload)
    except ValueError as error:
        raise _changed(f"not a JSON document: {error}", "", capture) from error
    if isinstance(body, dict) and isinstance(body.get("data"), dict):
        body = body["data"]
    if not isinstance(body, dict) or not ("filings" in body or "accessionNumber" in body):
        raise _changed("no list of filings", "/filings", capture)
    return body


def _object(parent: Any, key: str, capture: Capture) -> dict[str, Any]:
    child = parent.get(key) if isinstance(parent, dict) else None
    if not isinstance(child, dict):
        raise _changed(f"no object {key}", "/filings", capture)
    return child


def _rows(columns: Mapping[str, Any], place: str, capture: Capture) -> Iterator[dict[str, Any]]:
    missing = [name for name in COLUMNS if not isinstance(columns.get(name), list)]
    if missing:
        raise _changed(f"no columns {', '.join(missing)}", place, capture)
    lengths = {len(columns[name]) for name in COLUMNS}
    if len(lengths) != 1:
        raise _changed(f"columns of different lengths: {sorted(lengths)}", place, capture)
    for values in zip(*(columns[name] for name in COLUMNS), strict=True):
        yield dict(zip(COLUMNS, values, strict=True))


def _filing(row: Mapping[str, Any], cik: int, locator: str) -> Filing:
    accession = str(row["accessionNumber"])
    if not ACCESSION.fullmatch(accession):
        raise ValueError("accession number is not one")
    if not row["form"]:
        raise ValueError("form is missing")
    return Filing(
        cik=cik,
        accession=accession,
        form=str(row["form"]),
        filed_on=date.fromisoformat(row["filingDate"]),
        period_end=date.fromisoformat(row["reportDate"]) if row["reportDate"] else None,
        items=tuple(item for item in str(row["items"] or "").split(",") if item),
        size=None if row["size"] is None else int(row["size"]),
        is_xbrl=bool(row["isXBRL"]),
        is_inline_xbrl=bool(row["isInlineXBRL"]),
        primary_document=str(row["primaryDocument"] or ""),
        accepted_text=str(row["acceptanceDateTime"] or ""),
        locator=locator,
    )


def _changed(message: str, place: str, capture: Capture) -> SourceChanged:
    return SourceChanged(
        message,
        source=capture.source,
        place=f"{capture.scope}{place}",
        remedy="fetch it again, and look at it: a refusal page, a cut transfer, or a new shape to be read",
    )
