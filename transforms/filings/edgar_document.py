"""One document of an EDGAR filing: which filing it belongs to, when the public could know it, and its bytes.

Three shapes come from the Archives: the document alone; an exhibit with its SGML lines around it (<DOCUMENT> ...
</DOCUMENT>); the whole filing as one text, whose header states company, form and filing date. A document alone states
none of these, so they stand in the capture's scope, "MSFT 0000950170-24-087843 2024-07-30 10-K", or are left out:
then the accession is taken from the address, and the row is known when it was captured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

from config.contracts import Capture
from config.errors import Refused, SourceChanged
from config.specs import Catalog, Company
from transforms.filings.known_at import public_from
from transforms.filings.listing import ACCESSION, CONFIDENTIAL, IN_FOLDER, Filing

# Of two filings of one day the higher rank speaks last: audited before unaudited, an amendment after what it amends.
RANKS = {"10-K": 40, "10-KT": 40, "20-F": 40, "40-F": 40, "10-Q": 30, "10-QT": 30, "8-K": 20, "6-K": 20}
OTHER_RANK = 10

WHOLE_FILING = b"<SEC-DOCUMENT>"
WHOLE_FILING_END = b"</SEC-DOCUMENT>"
EXHIBIT = b"<DOCUMENT>"
EXHIBIT_END = b"</DOCUMENT>"
SNIFFED = 4096
IN_ADDRESS = re.compile(r"/Archives/edgar/data/(\d+)/(\d{18})(?:/|$)")
REFUSALS = (
    b"Undeclared Automated Tool", b"Request Rate Threshold Exceeded", b"exceeded the maximum allowable",
    b"Access Denied",
)  # fmt: skip
ACCEPTANCE = re.compile(r"<ACCEPTANCE-DATETIME>(\d{14})\b")
FILER = re.compile(r"CENTRAL INDEX KEY:\s*0*(\d+)")
AGAIN = "fetch it again; if it stays so, look at the payload in the archive and at the filing's index page"
OTHER_CIK = (
    "where {ticker} came out of a company with that CIK, declare it under predecessors of {ticker} in config/companies.yml,"
    " with the last day of its periods, and hand it in again. Otherwise it is the wrong document"
)
COMPRESSED = (b"PK\x03\x04", b"\x1f\x8b", b"\xfd7zXZ", b"BZh", b"\x28\xb5\x2f\xfd")


class Filed(NamedTuple):
    """The filing a document belongs to."""

    company: Company
    accession: str
    form: str
    filed_on: date | None
    registrant: int = 0  # the CIK it is filed under, where that is a predecessor's
    accepted: datetime | None = None  # as its header stamps it, in whatever zone
    seen_at: datetime | None = None  # the capture shows it: it was public by then, whatever the stamp says

    @property
    def cik(self) -> int:
        return self.registrant or self.company.cik

    @property
    def known_at(self) -> datetime | None:
        """When the public could read it, in UTC; None without a date, and for drafts and letters, which EDGAR holds back: then
        the capture's instant counts."""
        return self._public[0]

    @property
    def known_at_basis(self) -> str | None:
        return self._public[1]

    @property
    def _public(self) -> tuple[datetime, str] | tuple[None, None]:
        if self.filed_on is None or self.form.removesuffix("/A") in CONFIDENTIAL:
            return None, None
        return public_from(self.filed_on, self.accepted, self.seen_at)

    @property
    def form_rank(self) -> int:
        return RANKS.get(self.form.removesuffix("/A"), OTHER_RANK) + self.form.endswith("/A")

    @property
    def index_url(self) -> str:
        folder = self.accession.replace("-", "")
        return IN_FOLDER.format(cik=self.cik, folder=folder, document=f"{self.accession}-index.htm")


class Part(NamedTuple):
    """One document inside a filing: its type as filed (EX-99.1), its file name, and its bytes."""

    kind: str
    name: str
    body: bytes


def scope_of_filing(ticker: str, filing: Filing) -> str:
    """The scope under which a document of a filing is captured: one filing is asked for once."""
    return f"{ticker} {filing.accession} {filing.filed_on} {filing.form}"


def scope_of_whole(payload: bytes, catalog: Catalog) -> str:
    """The ticker of a whole filing, whose header states the rest; empty for a document alone or an undeclared company."""
    if not payload.startswith(WHOLE_FILING):
        return ""
    header = payload[: 16 * SNIFFED].partition(b"</SEC-HEADER>")[0].decode("latin-1")
    ciks = {int(cik) for cik in FILER.findall(header)}
    declared = ((company.ticker, cik) for company in catalog.companies.values() for _, cik in company.registrants)
    return next((ticker for ticker, cik in declared if cik in ciks), "")


def items_of(payload: bytes) -> tuple[str, ...]:
    """The items that the header of a whole filing names, in words; none for a document alone."""
    if not payload.startswith(WHOLE_FILING):
        return ()
    header = payload[: 16 * SNIFFED].partition(b"</SEC-HEADER>")[0].decode("latin-1")
    return tuple(item.strip() for item in re.findall(r"ITEM INFORMATION:([^\r\n]*)", header))


def filed_of(payload: bytes, capture: Capture, catalog: Catalog) -> Filed:
    """The filing of a payload: its own header first, then the scope, then the address.

    Raises Refused when neither company nor accession can be told, SourceChanged when header and scope contradict.
    """
    stated = _in_scope(capture)
    company = catalog.companies.get(stated[0])
    if company is None:
        raise Refused(
            f"no company {stated[0]!r}",
            source=capture.source,
            place=capture.scope,
            remedy="say --scope 'TICKER ACCESSION FILED FORM', with a ticker of config/companies.yml",
        )
    address, number = _in_address(capture, company)
    told = Filed(company, stated[1] or address, stated[3], _date(stated[2], capture), number)
    if payload.startswith(WHOLE_FILING):
        return _agreed(_in_header(payload, company, capture), told, capture)
    if not told.accession:
        raise Refused(
            "the document does not say which filing it belongs to",
            source=capture.source,
            place=capture.scope,
            remedy="say --scope 'TICKER ACCESSION FILED FORM' or --url with its address in the Archives",
        )
    return told


def parts_of(payload: bytes, capture: Capture) -> Iterator[Part]:
    """The documents of a payload, one after the other. Raises SourceChanged for what was cut off or refused."""
    refuse_what_is_no_document(payload, capture)
    if payload.startswith(WHOLE_FILING):
        admit_whole(payload, capture)
        yield from _sgml_parts(payload, capture)
    elif payload.lstrip()[: len(EXHIBIT)] == EXHIBIT:
        yield from _sgml_parts(payload, capture)
    else:
        name = capture.url.rpartition("/")[2]
        # What is handed in without its address has the source's template for one: {document} is nobody's name.
        yield Part("", "" if "{" in name else name, payload)


def refuse_what_is_no_document(payload: bytes, capture: Capture) -> None:
    """Raises SourceChanged for an empty body, compressed bytes, and the page EDGAR answers a hasty reader with."""
    if not payload.strip():
        raise changed("the body is empty", capture)
    if payload.startswith(COMPRESSED):
        raise changed("the body is compressed: it is not unpacked here", capture)
    head = payload[: 4 * SNIFFED]
    if len(payload) < 16 * SNIFFED and any(words in head for words in REFUSALS):
        raise changed("EDGAR refused the request and sent its notice instead of the filing", capture)


def changed(message: str, capture: Capture, place: str = "", remedy: str = AGAIN) -> SourceChanged:
    """The error for a payload that is not the document it should be."""
    return SourceChanged(message, source=capture.source, place=f"{capture.scope}{place}", remedy=remedy)


def of_another(cik: str, company: Company, capture: Capture) -> SourceChanged:
    """The error for a document of another registrant: asking again cannot mend that."""
    said = f"CIK {cik or 'missing'}, {company.ticker} is {company.cik}"
    return changed(said, capture, remedy=OTHER_CIK.format(ticker=company.ticker))


def admit_whole(payload: bytes, capture: Capture) -> None:
    """Raises SourceChanged for an answer that is no whole filing: a notice, another page, a body that lacks its end."""
    refuse_what_is_no_document(payload, capture)
    if not payload.startswith(WHOLE_FILING):
        raise changed("the answer is no filing", capture)
    if WHOLE_FILING_END not in payload[-SNIFFED:]:
        raise changed("the filing is cut off before its end", capture)


def _in_scope(capture: Capture) -> tuple[str, str, str, str]:
    """Ticker, accession, filing date and form; what is missing is empty."""
    words = capture.scope.split(" ", 3)
    ticker, accession, filed, form = (*words, *[""] * (4 - len(words)))
    if accession and not ACCESSION.fullmatch(accession):
        raise Refused(
            f"{accession!r} is not an accession number",
            source=capture.source,
            place=capture.scope,
            remedy="say --scope 'TICKER ACCESSION FILED FORM', as in 'MSFT 0000950170-24-087843 2024-07-30 10-K'",
        )
    return ticker, accession, filed, form


def _in_address(capture: Capture, company: Company) -> tuple[str, int]:
    """Accession and registrant by the address; empty and 0 where it is none in the Archives."""
    found = IN_ADDRESS.search(capture.url)
    if found is None:
        return "", 0
    if not company.is_own(found[1].lstrip("0"), None):
        raise changed(f"the address is that of CIK {found[1]}, {company.ticker} is {company.cik}", capture)
    return f"{found[2][:10]}-{found[2][10:12]}-{found[2][12:]}", int(found[1])


def _date(text: str, capture: Capture) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Refused(
            f"{text!r} is not a date", source=capture.source, place=capture.scope, remedy="write it as 2024-07-30"
        ) from error


def _in_header(payload: bytes, company: Company, capture: Capture) -> Filed:
    header = payload[: 16 * SNIFFED].partition(b"</SEC-HEADER>")[0].decode("latin-1")
    fields = {
        name.strip(): value.strip() for name, _, value in (line.partition(":") for line in header.splitlines()) if value
    }
    try:
        filed_on = datetime.strptime(fields["FILED AS OF DATE"], "%Y%m%d").date()  # noqa: DTZ007  a date has no zone
        accession, form = fields["ACCESSION NUMBER"], fields["CONFORMED SUBMISSION TYPE"]
        stamp = ACCEPTANCE.search(header)
        accepted = datetime.strptime(stamp[1], "%Y%m%d%H%M%S") if stamp else None  # noqa: DTZ007  its zone is not told
    except (KeyError, ValueError) as error:
        raise changed(f"its header cannot be read: {error}", capture) from error
    ciks = FILER.findall(header)
    own = [cik for cik in ciks if company.is_own(cik, None)]
    if not own:
        raise of_another(", ".join(ciks), company, capture)
    registrant = company.cik if str(company.cik) in own else int(own[0])
    return Filed(company, accession, form, filed_on, registrant, accepted, capture.taken_at)


def _agreed(header: Filed, told: Filed, capture: Capture) -> Filed:
    for name in ("accession", "form", "filed_on"):
        stated, expected = getattr(header, name), getattr(told, name)
        if expected and stated != expected:
            raise changed(f"{name} is {stated}, asked for was {expected}", capture)
    return header


def _sgml_parts(payload: bytes, capture: Capture) -> Iterator[Part]:
    position = 0
    while (begin := payload.find(EXHIBIT, position)) >= 0:
        end = payload.find(EXHIBIT_END, begin)
        if end < 0:
            raise changed("a document is cut off before its end", capture)
        head, mark, text = payload[begin:end].partition(b"<TEXT>")
        if not mark:
            raise changed("a document has no text", capture)
        lines = dict(re.findall(r"<(TYPE|FILENAME)>([^\r\n]*)", head.decode("latin-1")))
        yield Part(lines.get("TYPE", "").strip(), lines.get("FILENAME", "").strip(), _unwrapped(text))
        position = end


def _unwrapped(text: bytes) -> bytes:
    """The document's own bytes, without the marks EDGAR puts around them."""
    body = text.rpartition(b"</TEXT>")[0].strip()
    for mark in (b"XBRL", b"XML"):
        if body.startswith(b"<" + mark + b">"):
            body = body.removeprefix(b"<" + mark + b">").removesuffix(b"</" + mark + b">").strip()
    return body
