"""SEC company facts: one JSON document per company, one row for each figure of each filing that states it.

Every taxonomy, tag, unit and filing is kept, whether a metric uses the tag or not. `fy`, `fp` and `frame` are not
read: the first two describe the filing and not the fact (they are wrong for half of the facts and null for 8-Ks), and
`frame` sits on the latest filing of a period and moves with each new one. Figures with dimensions are not published here.
"""

from __future__ import annotations

from functools import partial

import msgspec
import polars as pl

from config.contracts import COMPANY_FACT, Capture, Issue, Parsed
from config.errors import Refused, SourceChanged, writable
from config.specs import Catalog, Company, SourceSpec
from transforms.companies.rounding import contradicted
from transforms.filings.edgar_document import OTHER_CIK
from transforms.filings.facts_document import Facts, changed, cik_of, read_document, read_facts
from transforms.filings.known_at import BASIS, known_at

RUN = pl.Schema({"concept": pl.String, "unit": pl.String, "locator": pl.String, "rows": pl.UInt32})
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


class _Title(msgspec.Struct):
    """The little that is asked before the facts are read; the rest is passed over."""

    entityName: str | None = None  # noqa: N815  the document's own name
    facts: dict[str, msgspec.Raw] = {}


TITLE = msgspec.json.Decoder(_Title)


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
    return catalog.scope_of_registrant(cik_of(body))


def titled(body: bytes) -> tuple[str, bool]:
    """(the filer's name as the document states it, whether it states any taxonomy). Raises SourceChanged for no document."""
    try:
        document = TITLE.decode(body)
    except (ValueError, RecursionError) as error:
        raise SourceChanged(f"not a company's document: {error}", remedy="fetch it again") from error
    return writable(document.entityName or ""), bool(document.facts)


def admit(payload: bytes, capture: Capture) -> None:
    """Raises SourceChanged for an answer worth asking for again: a notice, half a document, something without facts."""
    read_document(payload, capture)


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
    facts = read_facts(payload, capture, partial(_refuse_another, company, capture))
    if not facts.runs:
        raise changed("the document holds no facts", "/facts", capture)
    return _frame(facts), sorted(facts.unknown)


def _refuse_another(company: Company, capture: Capture, stated: str) -> None:
    expected = company.registrant(capture.scope)
    if stated != str(expected):
        other = f"CIK {stated or 'missing'}, {capture.scope} is {expected}"
        raise SourceChanged(
            other, source=capture.source, place=f"{capture.scope}/cik", remedy=OTHER_CIK.format(ticker=company.ticker)
        )


def _frame(facts: Facts) -> pl.DataFrame:
    """All facts with their values as numbers and dates, and in `problem` why a row cannot be taken."""
    runs = pl.DataFrame(facts.runs, schema=RUN, orient="row").with_columns(rows=pl.int_ranges("rows"))
    stated = runs.explode("rows").select("concept", "unit", pl.concat_str("locator", "rows"))
    frame = stated.hstack(facts.table)
    # An integer beyond all floats becomes infinite, as 1e400 does.
    number = pl.when("is_number").then(pl.col("value_exact").cast(pl.Float64, strict=False))
    dates = pl.col("start", "end", "filed").str.to_date("%Y-%m-%d", strict=False)
    return frame.with_columns(dates, value=number).with_columns(problem=_problem())


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
