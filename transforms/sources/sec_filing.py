"""A periodic report as filed: every tagged number with its dimensions, useful lives, and leases not yet commenced.

The payload is the inline document, a classic instance, or the whole filing as one text. Numbers become rows under
their tag and dimensions, as stated; config/metrics.yml names the parts that are metrics (transforms/companies/dimensional_parts.py).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from config.contracts import COMPANY_FACT, Capture, Issue, Parsed
from config.specs import Catalog, SourceSpec
from transforms.companies.rounding import contradicted
from transforms.filings.edgar_document import (
    WHOLE_FILING,
    Filed,
    Part,
    admit_whole,
    changed,
    filed_of,
    of_another,
    parts_of,
    refuse_what_is_no_document,
    scope_of_filing,
    scope_of_whole,
)
from transforms.filings.lease_sentences import PHRASE, Lease, leases_in
from transforms.filings.listing import IN_FOLDER, PERIODIC, FilingList, periodic_reports, recasts
from transforms.filings.xbrl_document import Document, Fact, Unreadable
from transforms.filings.xbrl_facts import read_filed_together
from transforms.filings.xbrl_values import UNSTATED, digits, years_of

TAGGED = "xbrl"
LEASES = "leases_not_yet_commenced"
COVER = "dei:"
CIK = "dei:EntityCentralIndexKey"
FORM = "dei:DocumentType"
PERIOD = "dei:DocumentPeriodEndDate"
USEFUL_LIVES = frozenset(
    {"us-gaap:PropertyPlantAndEquipmentUsefulLife", "us-gaap:FiniteLivedIntangibleAssetUsefulLife"}
)
# The share of what is contracted, and within what time it is recognised: two facts of one context.
SHARE_DUE = "us-gaap:RevenueRemainingPerformanceObligationPercentage"
DUE_WITHIN = "us-gaap:RevenueRemainingPerformanceObligationExpectedTimingOfSatisfactionPeriod1"
INSTANCE_TYPES = ("EX-101.INS", "XML")
CURRENCY = re.compile(r"[A-Z]{3}(?=$|/)")
TAG_MARKS = (b"inlineXBRL", b"www.xbrl.org/2003/instance")
ENDS = (b"</html>", b"</HTML>", b"xbrl>", b"</DOCUMENT>")
SNIFFED = 20_000
STATEMENT = re.compile(rb"\bname\s*=\s*[\"'](?:us-gaap|ifrs-full):")


def discover(spec: SourceSpec, ticker: str, listed: FilingList) -> list[tuple[str, str]]:
    """(scope, address) of every report of a company, newest first.

    The main document of an inline filing holds its tags; before 2019 they lie in an instance of unforeseeable name,
    so the whole filing is asked for. So are recasts, whose statements are an exhibit.
    """
    main = {
        filing: filing.primary_document if filing.is_inline_xbrl and filing.primary_document else filing.text_name
        for filing in periodic_reports(listed.filings)
    }
    whole = {filing: filing.text_name for filing in recasts(listed.filings)}
    newest = sorted((main | whole).items(), key=lambda item: item[0].filed_on, reverse=True)
    return [(scope_of_filing(ticker, filing), filing.address(spec.addresses[0], name)) for filing, name in newest]


def scope_of(body: bytes, catalog: Catalog) -> str:
    """The company of a whole filing; empty for a document alone, which does not say when it was filed."""
    return scope_of_whole(body, catalog)


def admit(payload: bytes, capture: Capture) -> None:
    """Raises SourceChanged for an answer worth asking for again: a notice, a page without tags, half a document."""
    if payload.startswith(WHOLE_FILING):
        admit_whole(payload, capture)
        return
    refuse_what_is_no_document(payload, capture)
    if not any(mark in payload[:SNIFFED] for mark in TAG_MARKS):
        raise changed("the answer is no filing", capture)
    if not payload.rstrip().endswith(ENDS):
        raise changed("the document is cut off before its end", capture)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of company_fact from one filing; capture.scope is "TICKER ACCESSION FILED FORM" (see edgar_document).

    Raises SourceChanged for anything but that company's filing, whole: a notice of refusal, a page without tags, a
    body cut off, entities, another company's report. A single fact that cannot be read is an issue.
    """
    filed = filed_of(payload, capture, catalog)
    rows: list[dict[str, Any]] = []
    issues: list[Issue] = []
    parts = _tagged_parts(payload, capture)
    for part, document in zip(parts, _read(parts, capture), strict=True):
        _check_cover(document.facts, filed, capture, issues)
        rows += _rows(_own(document.facts, filed, issues), filed, part, issues)
        issues += [Issue("fact cannot be read", fault.locator, fault.reason) for fault in document.faults]
        rows += _lease_rows(document, filed, part, issues)
    issues += _without_statements(rows, filed, capture)
    # A fact repeated within one filing counts once, at its first place; one rounded otherwise is another.
    once = [*COMPANY_FACT.key, "value", "decimals"]
    frame = COMPANY_FACT.frame(rows).unique(once, keep="first", maintain_order=True)
    return Parsed(*_settled(frame, issues))


def followups(payload: bytes, capture: Capture, catalog: Catalog) -> list[tuple[str, str]]:
    """The whole filing where the main document of a report has no statements: they are an exhibit 13, then."""
    filed = filed_of(payload, capture, catalog)
    if payload.startswith(WHOLE_FILING) or filed.form not in PERIODIC or STATEMENT.search(payload):
        return []
    folder = filed.accession.replace("-", "")
    whole = IN_FOLDER.format(cik=filed.cik, folder=folder, document=f"{filed.accession}.txt")
    return [(f"{filed.company.ticker} {filed.accession}", whole)]


def _without_statements(rows: Sequence[dict[str, Any]], filed: Filed, capture: Capture) -> list[Issue]:
    """A notice for a report that tags nothing but its cover."""
    if filed.form not in PERIODIC or any(not row["concept"].startswith(COVER) for row in rows):
        return []
    said = f"{filed.form} {filed.accession} tags its cover alone: ingest the whole filing, {filed.accession}.txt"
    return [Issue("report without statements", capture.scope, said, "notice")]


def _settled(frame: pl.DataFrame, issues: list[Issue]) -> tuple[pl.DataFrame, tuple[Issue, ...]]:
    """The rows without those that contradict each other: which is meant nobody can tell, so none is taken."""
    apart = contradicted(list(COMPANY_FACT.key), unstated=UNSTATED)
    again = frame.filter(pl.len().over(COMPANY_FACT.key) > 1)
    against = again.filter(apart).select("concept", "dimensions", "period_end", "value_exact", "locator")
    told = [
        Issue("two values for one figure", locator, " ".join(filter(None, (concept, dimensions, str(end), value))))
        for concept, dimensions, end, value, locator in against.iter_rows()
    ]
    return frame.join(against, on="locator", how="anti"), (*issues, *told)


def _tagged_parts(payload: bytes, capture: Capture) -> list[Part]:
    """The documents with tags: the inline ones, or else the instance. Raises SourceChanged when there are none."""
    if not payload.startswith(WHOLE_FILING):
        return list(parts_of(payload, capture))
    # Pictures and tables of a whole filing weigh many times its report: they are not kept while it is read.
    tagged = [part for part in parts_of(payload, capture) if _is_inline(part) or _is_instance(part)]
    inline = [part for part in tagged if _is_inline(part)]
    if not tagged:
        raise changed("no document of the filing has tags", capture)
    return inline or tagged[:1]


def _is_inline(part: Part) -> bool:
    return b"inlineXBRL" in part.body[:SNIFFED]


def _is_instance(part: Part) -> bool:
    return part.kind.startswith(INSTANCE_TYPES) and b"xbrl" in part.body[:SNIFFED]


def _read(parts: Sequence[Part], capture: Capture) -> list[Document]:
    try:
        return read_filed_together([io.BytesIO(part.body) for part in parts], _wanted_text, PHRASE)
    except Unreadable as error:
        name = parts[error.document].name
        place = f"/{name}" if name else ""
        raise changed(f"not a filing that can be read: {error}", capture, place) from error


def _wanted_text(concept: str) -> bool:
    return concept in USEFUL_LIVES or concept == DUE_WITHIN or concept.startswith(COVER)


def _check_cover(facts: Sequence[Fact], filed: Filed, capture: Capture, issues: list[Issue]) -> None:
    """The document's own cover: company, form and balance day must fit what the capture says of it.

    A slip of the cover alone, which asking again cannot mend, is a notice: a 10-KT that calls itself a 10-K, a context that
    ends later than every figure's.
    """
    stated = [fact for fact in facts if fact.concept.startswith(COVER) and fact.text]
    # Registrants who report together each stand on the cover; the filing's own is the one without a dimension.
    cover = {fact.concept: fact for fact in sorted(stated, key=lambda fact: not fact.context.dimensions)}
    named = cover[CIK].text if CIK in cover else facts[0].context.identifier if facts else ""
    cik = named.lstrip("0")
    if not filed.company.is_own(cik, None):
        raise of_another(cik, filed.company, capture)
    form = cover[FORM].text.removesuffix("/A") if FORM in cover else ""
    asked = filed.form.removesuffix("/A")
    if form and asked and form.removesuffix("T") != asked.removesuffix("T"):
        raise changed(f"a {cover[FORM].text}, asked for was a {filed.form}", capture)
    if form and asked and form != asked:
        issues.append(Issue("cover names another form", cover[FORM].locator, f"{form}, filed as {asked}", "notice"))
    ended = cover[PERIOD].context.end if PERIOD in cover else None
    if ended is None or filed.filed_on is None or ended <= filed.filed_on:
        return
    figures = [fact.context.end for fact in facts if fact.value is not None and not fact.concept.startswith(COVER)]
    late = sum(end is not None and end > filed.filed_on for end in figures)
    if 2 * late >= len(figures):
        raise changed(f"its period ends {ended}, after the filing date {filed.filed_on}", capture)
    slip = f"{ended}, after the filing date {filed.filed_on}: the figures end before it and stand"
    issues.append(Issue("cover's period ends after the filing", cover[PERIOD].locator, slip, "notice"))


def _own(facts: Sequence[Fact], filed: Filed, issues: list[Issue]) -> list[Fact]:
    """The facts about the company itself, and an issue for each about another registrant of the same report."""
    own, other = list[Fact](), list[Fact]()
    for fact in facts:
        mine = filed.company.is_own(fact.context.identifier.lstrip("0"), fact.context.end)
        (own if mine else other).append(fact)
    issues += [
        Issue("fact of another registrant", fact.locator, f"CIK {fact.context.identifier.lstrip('0') or 'missing'}")
        for fact in other
    ]
    return own


def _rows(facts: Iterable[Fact], filed: Filed, part: Part, issues: list[Issue]) -> Iterator[dict[str, Any]]:
    form = filed.form or next((fact.text for fact in facts if fact.concept == FORM), "")
    due = {fact.context: fact for fact in facts if fact.concept == DUE_WITHIN}
    for fact in facts:
        if fact.value is not None:
            yield (
                _row(fact, filed, part, form)
                | _due_later(fact, due.get(fact.context))
                | {
                    "unit": fact.unit,
                    "currency": found[0] if (found := CURRENCY.match(fact.unit)) else None,
                    "value": float(fact.value),
                    "value_exact": digits(fact.value),
                }
            )
        elif fact.concept in USEFUL_LIVES:
            try:
                years = years_of(fact.text, fact.format_name)
            except ValueError as error:
                issues.append(Issue("duration cannot be read", fact.locator, f"{fact.concept}: {error}", "notice"))
                continue
            yield _row(fact, filed, part, form) | {
                "unit": "years", "currency": None, "value": float(years), "value_exact": fact.text,
            }  # fmt: skip


def _due_later(fact: Fact, due: Fact | None) -> dict[str, Any]:
    """The dimensions of a share that is due within another time than a year: half within 24 months is no share of twelve."""
    if fact.concept != SHARE_DUE or due is None:
        return {}
    try:
        years = years_of(due.text, due.format_name)
    except ValueError:
        return {"dimensions": f"{fact.context.dimensions};{DUE_WITHIN}={due.text}".strip(";")}
    if years == 1:
        return {}
    return {"dimensions": f"{fact.context.dimensions};{DUE_WITHIN}={digits(years)} years".strip(";")}


def _row(fact: Fact, filed: Filed, part: Part, form: str) -> dict[str, Any]:
    return {
        "company": filed.company.ticker,
        "concept": fact.concept,
        "dimensions": fact.context.dimensions,
        "definition": TAGGED,
        "period_start": fact.context.start,
        "period_end": fact.context.end,
        "decimals": fact.decimals,
        "locator": f"{part.name}#{fact.locator}",
        **_evidence(filed, form),
    }


def _evidence(filed: Filed, form: str) -> dict[str, Any]:
    return {
        "form": form or None,
        "known_at": filed.known_at,
        "known_at_basis": filed.known_at_basis,
        "form_rank": filed.form_rank,
        "document_id": filed.accession,
        "source_url": filed.index_url,
        "evidence_tier": 1,
    }


def _lease_rows(document: Document, filed: Filed, part: Part, issues: list[Issue]) -> Iterator[dict[str, Any]]:
    """Leases signed and not begun, where the filing says it in words alone."""
    period_end = next((fact.context.end for fact in document.facts if fact.concept == PERIOD), None)
    for passage in document.passages:
        locator = f"{part.name}#block {passage.block}"
        found = leases_in(passage.text)
        if found is None or (isinstance(found, str) and passage.tagged):
            continue  # about something else, or its figure is a fact of its own
        if isinstance(found, str):
            issues.append(Issue("leases not yet commenced: sentence not read", locator, found, "notice"))
            continue
        for lease in found:
            if lease.as_of != period_end:
                issues.append(Issue("leases not yet commenced: another day", locator, str(lease.as_of), "notice"))
                continue
            yield _lease_row(lease, filed, locator)


def _lease_row(lease: Lease, filed: Filed, locator: str) -> dict[str, Any]:
    return {
        "company": filed.company.ticker,
        "concept": LEASES,
        "dimensions": "",
        "definition": lease.definition,
        "period_start": None,
        "period_end": lease.as_of,
        "decimals": lease.decimals,
        "locator": locator,
        "unit": "USD",
        "currency": "USD",
        "value": float(lease.amount_usd),
        "value_exact": digits(lease.amount_usd),
        **_evidence(filed, filed.form),
    }
