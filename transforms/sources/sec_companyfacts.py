"""SEC company facts: one JSON document per company, one row for each figure of each filing that states it.

Every taxonomy, tag, unit and filing is kept, whether a metric uses the tag or not. `fy`, `fp` and `frame` are not
read: the first two describe the filing and not the fact (they are wrong for half of the facts and null for 8-Ks), and
`frame` sits on the latest filing of a period and moves with each new one. Figures with dimensions are not published here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
import polars as pl

from config.contracts import COMPANY_FACT, Capture, Issue, Parsed
from config.errors import Refused, SourceChanged, writable
from config.parsing import parse_json
from config.specs import Catalog, Company, SourceSpec
from transforms.companies.rounding import contradicted
from transforms.filings.edgar_document import OTHER_CIK
from transforms.filings.known_at import BASIS, known_at

READ = ("start", "end", "val", "accn", "form", "filed")
IGNORED = ("fy", "fp", "frame")
ROW_KEYS = frozenset(READ + IGNORED)
TOP_KEYS = frozenset({"cik", "entityName", "facts"})
TAG_KEYS = frozenset({"label", "description", "units"})
SPAN = pl.Schema({"concept": pl.String, "unit": pl.String, "locator": pl.String, "rows": pl.UInt32})
CONTEXT = ["concept", "unit", "start", "end", "accn"]
UNSTATED = -100  # the contract's decimals where the source says nothing

# Of two filings of one day the higher rank speaks last: audited before unaudited, an amendment after what it amends.
ANNUAL, QUARTERLY, CURRENT, OTHER, PROXY = 40, 30, 20, 10, 0
RANKS = {
    "10-K": ANNUAL, "10-K405": ANNUAL, "10-KT": ANNUAL, "20-F": ANNUAL, "40-F": ANNUAL,
    "10-Q": QUARTERLY, "10-QT": QUARTERLY, "8-K": CURRENT, "6-K": CURRENT,
}  # fmt: skip
# Proxy statements tag pay tables, at times a thousandfold; transforms/companies/quarters.py keeps them from every metric.
PROXIES = ("DEF", "PRE")
INDEX = "https://www.sec.gov/Archives/edgar/data/"


class _Digits(str):
    """A number with a fraction as it stands in the JSON text: 1.10 stays 1.10."""

    __slots__ = ()


# Hands over a fraction's digits, as orjson cannot, in a third of the standard reader's time.
DOCUMENT = msgspec.json.Decoder(float_hook=_Digits)


class _Title(msgspec.Struct):
    """The little that is asked before the facts are read; the rest is passed over."""

    entityName: str | None = None  # noqa: N815  the document's own name
    facts: dict[str, msgspec.Raw] = {}


TITLE = msgspec.json.Decoder(_Title)
KEY = re.compile(rb'(?<!\\)(?:\\\\)*"[ \t\r\n]*:')
SPACES = b" \t\r\n"
NUMBERS = frozenset({int, _Digits})
TEXT_OR_NONE = frozenset({str, type(None)})


@dataclass(slots=True)
class _Facts:
    """The rows of the document as they came, and of each run of them with one tag and unit (SPAN) how many they are."""

    spans: list[tuple[str, str, str, int]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)


def requests(spec: SourceSpec, catalog: Catalog) -> list[tuple[str, str]]:
    """(scope, address) for each followed company and its predecessors: "XOM", "XOM/CIK0000034088"."""
    return [
        (scope, spec.addresses[0].format(cik=f"{cik:010d}"))
        for company in catalog.companies.values()
        if company.followed
        for scope, cik in company.registrants
    ]


def scope_of(body: bytes, catalog: Catalog) -> str:
    """The scope of the registrant whose CIK the document states; empty where it states none that is declared."""
    try:
        document = DOCUMENT.decode(body)
    except (ValueError, RecursionError):
        return ""
    return catalog.scope_of_registrant(_cik(document) if isinstance(document, dict) else "")


def titled(body: bytes) -> tuple[str, bool]:
    """(the filer's name as the document states it, whether it states any taxonomy). Raises SourceChanged for no document."""
    try:
        document = TITLE.decode(body)
    except (ValueError, RecursionError) as error:
        raise SourceChanged(f"not a company's document: {error}", remedy="fetch it again") from error
    return writable(document.entityName or ""), bool(document.facts)


def admit(payload: bytes, capture: Capture) -> None:
    """Raises SourceChanged for an answer worth asking for again: a notice, half a document, something without facts."""
    _read(payload, capture)


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of company_fact from one company's document; capture.scope is its ticker, or that and a predecessor's CIK.

    Raises SourceChanged for anything that is not that company's document: HTML, half a document, another CIK, no
    facts. A fact without a readable date, accession, form or number is an issue and is left out.
    """
    company = catalog.companies.get(capture.scope.partition("/")[0])
    if company is None:
        raise Refused(
            f"no company {capture.scope!r}", source=capture.source, remedy="declare it in config/companies.yml"
        )
    return stated(payload, capture, company)


def stated(payload: bytes, capture: Capture, company: Company) -> Parsed:
    """The same of a company that need not be declared: rows are named by its ticker. Raises SourceChanged."""
    frame, unknown = _read_facts(payload, company, capture)
    sound = _with_precision(frame.filter(pl.col("problem").is_null()))
    notices = [Issue("unknown field", "/facts", f"{key} is not read", "notice") for key in unknown]
    cik = company.registrant(capture.scope)
    believed, later = _own_periods(sound.filter(~pl.col("apart")), company, cik)
    return Parsed(_stated(believed, company, cik), (*_issues(frame), *_disagreements(sound), *later, *notices))


def _own_periods(believed: pl.DataFrame, company: Company, cik: int) -> tuple[pl.DataFrame, list[Issue]]:
    """The facts without those a predecessor states of periods that are no longer its own, and a notice of these."""
    before = next((one for one in company.predecessors if one.cik == cik), None)
    if before is None:
        return believed, []
    later = believed.filter(pl.col("end") > before.until)
    told = f"{later.height} figures of periods after {before.until}, declared as the last of CIK {cik}, are left out"
    return believed.filter(pl.col("end") <= before.until), [
        Issue("periods after a predecessor's last", "/facts", told, "notice")
    ][: later.height]


def _read_facts(payload: bytes, company: Company, capture: Capture) -> tuple[pl.DataFrame, list[str]]:
    """The facts as a frame, and the names nobody reads. The document's objects, its size many times over, end here."""
    body = _document(payload, company, capture)
    facts = _facts(body["facts"], capture)
    _refuse_repeated_keys(payload, body, facts, capture)
    if not facts.rows:
        raise _changed("the document holds no facts", "/facts", capture)
    return _frame(facts), sorted(facts.unknown | {f"/{key}" for key in set(body) - TOP_KEYS})


def _document(payload: bytes, company: Company, capture: Capture) -> dict[str, Any]:
    body = _read(payload, capture)
    stated, expected = _cik(body), company.registrant(capture.scope)
    if stated != str(expected):
        other = f"CIK {stated or 'missing'}, {capture.scope} is {expected}"
        raise SourceChanged(
            other, source=capture.source, place=f"{capture.scope}/cik", remedy=OTHER_CIK.format(ticker=company.ticker)
        )
    return body


def _read(payload: bytes, capture: Capture) -> dict[str, Any]:
    try:
        body = DOCUMENT.decode(payload)
    except (ValueError, RecursionError) as error:
        raise _changed(f"not a JSON document: {error}", "", capture) from error
    if not isinstance(body, dict) or not isinstance(body.get("facts"), dict):
        raise _changed("no object with facts", "/facts", capture)
    return body


def _refuse_repeated_keys(payload: bytes, body: dict[str, Any], facts: _Facts, capture: Capture) -> None:
    """Raises SourceChanged for a key with two values: the second has silently won.

    Reading a document key by key takes ten times as long. So the keys that are written are counted against those that were
    read, and only where the numbers differ it is read so.
    """
    tags = [tag for taxonomy in body["facts"].values() for tag in taxonomy.values()]
    read = len(body) + len(body["facts"]) + sum(map(len, body["facts"].values())) + sum(map(len, facts.rows))
    read += sum(len(tag) + len(tag["units"]) for tag in tags)
    # Each key has a colon, and without escapes the others stand in the words of a tag as they were read.
    if b"\\" not in payload:
        words = [body.get("entityName"), *(tag.get(name) for tag in tags for name in ("label", "description"))]
        if payload.count(b":") == read + sum(text.count(":") for text in words if isinstance(text, str)):
            return
    # Without an escaped quote every quote before a colon, spaces aside, ends a key.
    escaped = b"\\" in payload and b'\\"' in payload
    if read == (len(KEY.findall(payload)) if escaped else payload.translate(None, SPACES).count(b'":')):
        return
    try:
        parse_json(payload)
    except ValueError as error:
        raise _changed(f"not a JSON document to read: {error}", "", capture) from error


def _cik(body: dict[str, Any]) -> str:
    return str(body.get("cik", "")).lstrip("0")


def _facts(taxonomies: dict[str, Any], capture: Capture) -> _Facts:
    facts = _Facts()
    for taxonomy, tag, unit, rows in _units(taxonomies, facts, capture):
        pointer = f"/facts/{_escaped(taxonomy)}/{_escaped(tag)}/units/{_escaped(unit)}"
        if not isinstance(rows, list) or not set(map(type, rows)) <= {dict}:
            raise _changed("not a list of facts", pointer, capture)
        if rows:
            facts.rows += rows
            facts.spans.append((f"{taxonomy}:{tag}", unit, f"{pointer}/", len(rows)))
    facts.unknown |= {f"fact/{key}" for key in set().union(*facts.rows) - ROW_KEYS}
    return facts


def _units(taxonomies: dict[str, Any], facts: _Facts, capture: Capture) -> Iterator[tuple[str, str, str, Any]]:
    for taxonomy, tags in taxonomies.items():
        if not isinstance(tags, dict):
            raise _changed("not an object of tags", f"/facts/{_escaped(taxonomy)}", capture)
        for tag, body in tags.items():
            if not isinstance(body, dict) or not isinstance(body.get("units"), dict):
                raise _changed("no units", f"/facts/{_escaped(taxonomy)}/{_escaped(tag)}", capture)
            facts.unknown |= {f"tag/{key}" for key in body.keys() - TAG_KEYS}
            for unit, rows in body["units"].items():
                yield taxonomy, tag, unit, rows


def _escaped(part: str) -> str:
    """One reference token of a JSON pointer (RFC 6901): the unit USD/shares holds a slash."""
    return part.replace("~", "~0").replace("/", "~1")


def _frame(facts: _Facts) -> pl.DataFrame:
    """All facts with their values as numbers and dates, and in `problem` why a row cannot be taken."""
    runs = pl.DataFrame(facts.spans, schema=SPAN, orient="row").with_columns(rows=pl.int_ranges("rows"))
    numbers = [row.get("val") for row in facts.rows]
    frame = runs.explode("rows").select(
        "concept", "unit", pl.concat_str("locator", "rows"),
        pl.Series("value_exact", list(map(str, numbers)), dtype=pl.String),
        _numbers(numbers),
        pl.Series("has_start", ["start" in row for row in facts.rows], dtype=pl.Boolean),
        *(_texts(key, facts.rows) for key in ("start", "end", "accn", "form", "filed")),
    )  # fmt: skip
    # An integer beyond all floats becomes infinite, as 1e400 does.
    number = pl.when("is_number").then(pl.col("value_exact").cast(pl.Float64, strict=False))
    dates = pl.col("start", "end", "filed").str.to_date("%Y-%m-%d", strict=False)
    return frame.with_columns(dates, value=number).with_columns(problem=_problem())


def _numbers(found: list[Any]) -> pl.Series:
    """Which values are numbers. Looking at each takes longer than asking which types there are, and all mostly are."""
    told = [True] * len(found) if set(map(type, found)) <= NUMBERS else [type(number) in NUMBERS for number in found]
    return pl.Series("is_number", told, dtype=pl.Boolean)


def _texts(key: str, rows: list[dict[str, Any]]) -> pl.Series:
    """One column of the rows; null for what is no text."""
    found = [row.get(key) for row in rows]
    if not set(map(type, found)) <= TEXT_OR_NONE:
        found = [text if type(text) is str else None for text in found]
    return pl.Series(key, found, dtype=pl.String)


def _problem() -> pl.Expr:
    accession = pl.col("accn").str.contains(r"^\d{10}-\d{2}-\d{6}$").fill_null(value=False)
    return (
        pl.when(pl.col("value").is_null() | ~pl.col("value").is_finite()).then(pl.lit("value is not a number"))
        .when(pl.col("end").is_null()).then(pl.lit("end is not a date"))
        .when(pl.col("has_start") & pl.col("start").is_null()).then(pl.lit("start is not a date"))
        .when(pl.col("start") > pl.col("end")).then(pl.lit("start is after end"))
        .when(pl.col("filed").is_null()).then(pl.lit("filed is not a date"))
        .when(~accession).then(pl.lit("accession number is not one"))
        .when(pl.col("form").fill_null("") == "").then(pl.lit("form is missing"))
    )  # fmt: skip


def _issues(frame: pl.DataFrame) -> list[Issue]:
    bad = frame.filter(pl.col("problem").is_not_null()).select("problem", "locator", "concept", "value_exact", "accn")
    return [
        Issue(problem, locator, f"{concept} = {value} in {accession}")
        for problem, locator, concept, value, accession in bad.iter_rows()
    ]


def _with_precision(frame: pl.DataFrame) -> pl.DataFrame:
    """The facts, each once, with `decimals` (XBRL sense) and `apart` where one filing states a period twice.

    The document does not say how finely a figure is rounded. Where a filing gives 32,067 million in a table and 32,100
    million in its prose, the trailing zeros tell: the finer figure counts, and the two agree within the coarser one's
    rounding. `apart` is true where they do not: which is meant nobody can tell, and none is taken.
    """
    # Most periods stand once in a filing. Equal hashes may be chance: what they pick out is compared in full.
    again = frame.select(CONTEXT).hash_rows().is_duplicated()
    once = frame.with_columns(decimals=pl.lit(UNSTATED, pl.Int32), apart=pl.lit(value=False))
    if not again.any():
        return once
    told = _told_again(frame.with_row_index("row").filter(again))
    return pl.concat([once.with_row_index("row").filter(~again), told]).sort("row").drop("row")


def _told_again(frame: pl.DataFrame) -> pl.DataFrame:
    # A fact repeated word for word within one filing counts once, at its first place.
    once = frame.unique([*CONTEXT, "value_exact"], keep="first", maintain_order=True)
    digits = pl.col("value_exact")
    zeros = digits.str.len_chars().cast(pl.Int32) - digits.str.strip_chars_end("0").str.len_chars().cast(pl.Int32)
    fraction = digits.str.extract(r"\.(\d+)$").str.len_chars().cast(pl.Int32)
    several = pl.len().over(CONTEXT) > 1
    found = once.with_columns(decimals=pl.when(several).then(pl.coalesce(fraction, -zeros)).otherwise(UNSTATED))
    return found.with_columns(apart=several & contradicted(CONTEXT, unstated=UNSTATED))


def _disagreements(frame: pl.DataFrame) -> list[Issue]:
    rows = frame.filter("apart").select("locator", "concept", "value_exact", "accn")
    return [
        Issue("two values for one figure", locator, f"{concept} = {value} in {accession}")
        for locator, concept, value, accession in rows.iter_rows()
    ]


def _stated(once: pl.DataFrame, company: Company, cik: int) -> pl.DataFrame:
    """Rows of the contract."""
    money = pl.col("unit").str.extract(r"^([A-Z]{3})(?:/shares)?$")
    path = pl.concat_str(pl.lit(f"{INDEX}{cik}/"), pl.col("accn").str.replace_all("-", "", literal=True), pl.lit("/"))
    rows = once.select(
        pl.lit(company.ticker).alias("company"),
        "concept",
        pl.lit("xbrl").alias("definition"),
        "unit",
        pl.col("start").alias("period_start"),
        pl.col("end").alias("period_end"),
        money.alias("currency"),
        "form",
        "value",
        "value_exact",
        known_at("filed").alias("known_at"),
        pl.lit(BASIS).alias("known_at_basis"),
        _form_rank().alias("form_rank"),
        "decimals",
        pl.col("accn").alias("document_id"),
        "locator",
        pl.concat_str(path, pl.col("accn"), pl.lit("-index.htm")).alias("source_url"),
        pl.lit(1, pl.Int32).alias("evidence_tier"),
    )
    return COMPANY_FACT.complete(rows)


def _form_rank() -> pl.Expr:
    """The rank of a filing's form among filings of one day; an amendment (10-K/A) is one above its original."""
    kind = pl.col("form").str.strip_suffix("/A")
    rank = kind.replace_strict(RANKS, default=OTHER, return_dtype=pl.Int32)
    amended = pl.col("form").str.ends_with("/A").cast(pl.Int32)
    proxy = pl.any_horizontal(pl.col("form").str.starts_with(prefix) for prefix in PROXIES)
    return pl.when(proxy).then(pl.lit(PROXY, pl.Int32)).otherwise(rank + amended)


def _changed(message: str, place: str, capture: Capture) -> SourceChanged:
    return SourceChanged(
        message,
        source=capture.source,
        place=f"{capture.scope}{place}",
        remedy="fetch it again, and look at it: a refusal page, a cut transfer, or a new shape to be read",
    )
