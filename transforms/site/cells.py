"""What a cell of a page of data shows: each column of text is words, a proper name, a code or an address, in one language.

A column that is not listed here is an error: nothing reaches a reader by the name a program gave it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.load import catalog
from config.terms import terms
from transforms.site import names
from transforms.site.addresses import moves
from transforms.site.words import Bilingual, Phrase

# How the values of a column read.
READS: Mapping[str, Callable[[str], Bilingual | None]] = {
    **dict.fromkeys(
        ("board", "bound", "category", "chosen_because", "code", "developer", "leader", "metric", "other_organization", "provider",
         "status", "subject", "token_kind", "topic"),
        names.term,
    ),
    **dict.fromkeys(("chosen_source", "other_source", "source"), names.source),
    **dict.fromkeys(("last_reason", "reason", "unreachable"), names.message),
    **dict.fromkeys(("verdict", "verdict_before"), names.from_terms("verdicts")),
    "attribution": lambda value: _of_sources("attribution", value),
    "cause": names.from_terms("causes"),
    "definition": names.definition,
    "kind": names.from_terms("objects"),
    "licence": names.from_terms("licences"),
    "meaning": names.meaning,
    "model": names.model,
    "publisher": lambda value: _of_sources("publisher", value),
    "scale_id": names.scale,
    "series": names.term,
    "severity": names.from_terms("severities"),
    "source_url": lambda value: terms().labels["moving_address_alone"] if moves(value) else None,
    "state": names.from_terms("states"),
}  # fmt: skip
DOCUMENTS = frozenset({"chosen_document_id", "document", "document_before", "document_id", "other_document_id"})
# What is its own name in every language, is told beside a number, or leads somewhere.
PROPER = frozenset({
    "best_openai", "best_other", "calendar_period", "claim_id", "company", "currency", "event", "fiscal_period", "label", "miss_unit",
    "statement_en", "statement_zh", "statistic_unit", "title", "unit",
})  # fmt: skip
# Names by which a machine finds a thing, and what the program itself wrote: set apart as code.
CODE = frozenset({"column_name", "evidence", "evidence_id", "example", "listing", "object", "type"})
# Where a column is something else on one page.
OWN: Mapping[tuple[str, str], Callable[[str], Bilingual | None]] = {
    ("prices", "series"): names.seller_line,
    # A list of prices files nothing: what a company reports is stated there.
    ("prices", "status"): lambda value: names.term("price_reported" if value == "reported" else value),
    ("cheapest", "series"): Phrase.same,
    ("companies", "series"): Phrase.same,
    ("evidence", "series"): lambda _: None,  # assets/core.js names the series of charts and tables alike
    ("revisions", "series"): Phrase.same,
    ("sources", "source_url"): lambda _: None,  # where the source lies, not where a number was read
}


def reads(page: str, hosts: Mapping[str, str] = names.NO_HOSTS) -> Callable[[str, str], Bilingual | None]:
    """For a page of data: column and value to how it reads, None where it stands for itself. KeyError on an unlisted column.

    `hosts` are those of the rows' own addresses (addresses.hosts), by which documents are named.
    """

    def told(column: str, value: str) -> Bilingual | None:
        if column in PROPER or column in CODE or not value:
            return None
        if column in DOCUMENTS:
            return names.document(value, hosts)
        own = OWN.get((page, column))
        return own(value) if own else READS[column](value)

    return told


def _of_sources(field: str, value: str) -> Bilingual | None:
    """A publisher or attribution by the declaration that says it in Chinese; None where it is a proper name."""
    for source in catalog().sources.values():
        thing = source.licence if field == "attribution" else source
        chinese = getattr(thing, f"{field}_zh")
        if chinese and getattr(thing, field) == value:
            return Phrase(chinese, value)
    return None
