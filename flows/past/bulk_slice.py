"""One slice of a zip of every filer: some dozen documents, each checked and laid on fiscal periods, and written as it is.

Nothing is held from one slice to the next, and a slice is the same whoever reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from config.chains import Calendar
from config.contracts import COMPANY_FACT, Issue
from config.errors import Problem, SourceChanged
from config.specs import Catalog, Company, SourceSpec
from flows.steps.attempt import our_error, reason
from flows.steps.pipeline import Pipeline, reader
from transforms.companies.fiscal_calendars import Found, fiscal_calendar
from transforms.companies.quarters import derive_periods
from warehouse.archive.bulk import Member
from warehouse.archive.captures import Logged
from warehouse.published.beside_held import leapt, part_of, with_held
from warehouse.published.slices import FILER, Slice, Slices, ToRead, issue_rows
from warehouse.store.append import loaded
from warehouse.store.checks import check
from warehouse.store.statements import SHOWN

# Never used: a filer without a year is not given to what asks for one.
NO_YEAR = Calendar(year_end_month=12, week_ends_on=None, long_quarter=4)


@dataclass(frozen=True, slots=True)
class Reading:
    """Slices that are being read: of which load, and what each is read from."""

    pipeline: Pipeline
    slices: Slices
    read_from: Callable[[int], ToRead]

    @property
    def logged(self) -> Logged:
        return self.slices.load.logged

    @property
    def spec(self) -> SourceSpec:
        return self.pipeline.catalog.sources[self.logged.capture.source]


@dataclass(slots=True)
class _Read:
    """What a slice has come to."""

    facts: list[pl.DataFrame] = field(default_factory=list)
    filers: list[dict[str, object]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    companies: dict[str, Company] = field(default_factory=dict)


def read_slice(load: Reading, number: int) -> bool:
    """Read one slice, unless it is there; whether it was not. Whatever one document is, it stops no other: it is an issue."""
    if load.slices.is_done(number):
        return False
    found, capture, given = _Read(), load.logged.capture, load.read_from(number)
    for member, body in given.documents:
        try:
            _read_member(load, member, body, found)
        except Problem as problem:
            found.issues.append(Issue("document refused", member.name, reason(problem), "refused"))
        except Exception as error:  # our own error in one of nineteen thousand documents; it is named as ours
            found.issues.append(Issue("document refused", member.name, our_error(error), "refused"))
    found.issues += [Issue("no document of a filer", name, "left unread", "notice") for name in given.others]
    shared = {
        "source": capture.source, "scope": "", "capture_sha256": capture.sha256, "captured_at": capture.taken_at,
        "first_seen_at": load.logged.logged_at,
    }  # fmt: skip
    facts = _beside_held(load, found, given)
    _find_calendars(load, found, facts)
    load.slices.write(number, _slice(load, found, facts, issue_rows(found.issues, shared)), load.spec)
    return True


def _read_member(load: Reading, member: Member, body: bytes | SourceChanged, found: _Read) -> None:
    """One document's rows, its filer and its issues."""
    if isinstance(body, SourceChanged):
        raise body
    capture, pipeline = load.logged.capture, load.pipeline
    declared = _declared(pipeline.catalog).get(member.cik)
    company = declared or Company(
        ticker=f"CIK{member.cik:010d}", name="", cik=member.cik, calendar=NO_YEAR, followed=False
    )
    if company.ticker in found.companies:
        raise SourceChanged(
            "a second document of this filer", place=member.name, remedy="look at the zip; the first one stands"
        )
    module = reader(load.spec)
    name, states_facts = module.titled(body)
    if not states_facts:
        found.issues.append(Issue("no facts", member.name, f"{name or 'it'} states none", "notice"))
        return
    parsed = module.stated(body, capture, company)
    checked = check(load.spec, parsed, capture.taken_at)
    place = f"{member.name}#"
    rows = loaded(checked.rows, capture, load.logged.logged_at).with_columns(
        locator=pl.lit(place) + pl.col("locator"), scope=pl.lit(f"CIK{member.cik:010d}")
    )
    found.companies[company.ticker] = company
    found.facts.append(rows.select(COMPANY_FACT.schema.names()))
    found.filers.append(_filer(company, name, capture.sha256, member.name))
    found.issues += [
        Issue(issue.reason, f"{place}{issue.locator}", issue.detail, issue.severity) for issue in checked.issues
    ]


def _filer(company: Company, name: str, sha256: str, place: str) -> dict[str, object]:
    return {
        "cik": company.cik, "company": company.ticker, "name": name, "facts": 0, "locator": place, "capture_sha256": sha256,
        "years_stated": 0, "years_off": 0, "year_end_month": company.calendar.year_end_month,
        "week_ends_on": company.calendar.week_ends_on,
    }  # fmt: skip


def _find_calendars(load: Reading, found: _Read, facts: pl.DataFrame) -> None:
    """Give each filer that nobody declared the calendar of its years, also of those that an earlier zip stated."""
    declared = _declared(load.pipeline.catalog)
    stated = facts.filter(pl.col("value").is_not_null()).partition_by("company", as_dict=True)
    for filer in (filer for filer in found.filers if filer["cik"] not in declared):
        company = str(filer["company"])
        own = fiscal_calendar(stated[company,])
        calendar = own.calendar
        filer |= {
            "year_end_month": calendar.year_end_month if calendar else None,
            "week_ends_on": calendar.week_ends_on if calendar else None,
            "years_stated": own.years, "years_off": own.off,
        }  # fmt: skip
        found.issues += _of_calendar(own, str(filer["locator"]))
        named = found.companies.pop(company)
        if calendar is not None:
            found.companies[company] = named.model_copy(update={"calendar": calendar})


def _of_calendar(own: Found, place: str) -> Iterator[Issue]:
    """What has no quarter's name, and why."""
    if own.calendar is None:
        yield Issue("fiscal year unknown", place, "no annual report states a year: no figure has a metric", "notice")
    elif own.off:
        years = f"{own.off} of {own.years} stated years end otherwise: of their longer periods no quarter is made"
        yield Issue("fiscal year changed", place, years, "notice")


def _beside_held(load: Reading, found: _Read, given: ToRead) -> pl.DataFrame:
    """The slice's rows with what was held of its filers. A filer whose document has leapt stays as it was: an issue says so."""
    facts = pl.concat([COMPANY_FACT.schema.to_frame(), *found.facts])
    filers = pl.DataFrame(found.filers, schema=FILER)
    # A filer that has been declared since, or is so no more, has another name.
    names = {f"CIK{cik:010d}": company for cik, company in filers.select("cik", "company").iter_rows()}
    before = given.held(filers["cik"].to_list()).with_columns(
        company=pl.col("scope").replace_strict(names, return_dtype=pl.String)
    )
    capture, changes = load.logged.capture, load.spec.changes
    if before.is_empty() or changes is None or load.slices.load.accepted:
        return _told(load, found, before, facts, with_held(before, facts))
    leaps = leapt(before, facts, changes)
    remedy = f"Remedy: look at the zip; if it is true, `capex-signals accept {capture.sha256[:12]} --why ...`"
    found.issues += [
        Issue("document refused", str(filer["locator"]), f"{leaps[str(filer['company'])]}. {remedy}", "refused")
        for filer in found.filers
        if filer["company"] in leaps
    ]
    found.filers = [filer for filer in found.filers if filer["company"] not in leaps]
    found.companies = {ticker: company for ticker, company in found.companies.items() if ticker not in leaps}
    stays = ~pl.col("company").is_in(list(leaps))
    before, facts = before.filter(stays), facts.filter(stays)
    return _told(load, found, before, facts, with_held(before, facts))


def _told(load: Reading, found: _Read, before: pl.DataFrame, facts: pl.DataFrame, beside: pl.DataFrame) -> pl.DataFrame:
    """The rows `beside` what was held; a notice of each filer of which some count from the zip, or whose document is a part."""
    late = beside.filter(pl.col("captured_at") == load.logged.capture.taken_at, pl.col("known_at_basis") == SHOWN)
    counts, parts = dict(late.group_by("company").len().iter_rows()), part_of(before, facts)
    for filer in found.filers:
        company, place = str(filer["company"]), str(filer["locator"])
        if company in counts:
            what = f"{counts[company]:,} figures: in place of others, gone from the document, or filed before their period ended"
            found.issues.append(Issue("figures count from this zip", place, what, "notice"))
        if company in parts:
            what = f"{parts[company]}: what it leaves out stays"
            found.issues.append(Issue("a part of the document", place, what, "notice"))
    return beside


def _slice(load: Reading, found: _Read, facts: pl.DataFrame, issues: pl.DataFrame) -> Slice:
    """The slice's rows on their periods."""
    filers = pl.DataFrame(found.filers, schema=FILER)
    counts = facts.group_by("company").len("counted")
    filers = filers.join(counts, on="company", how="left", maintain_order="left").with_columns(
        facts=pl.col("counted").fill_null(0).cast(pl.Int64)
    )
    declared = load.pipeline.catalog.model_copy(update={"companies": found.companies})
    # A balance has no first day, also where its tag states one: the next zip is compared with what was stated.
    on = ["captured_at", "capture_sha256", "locator", "concept", "period_end"]
    stated = facts.select(*on, stated_start="period_start").unique(on, keep="first", maintain_order=True)
    periods = derive_periods(facts, declared).join(stated, on=on, how="left", maintain_order="left")
    periods = periods.with_columns(stated_start=pl.when(pl.col("period_start").is_null()).then("stated_start"))
    return Slice(periods, filers.select(FILER.names()), issues)


def _declared(catalog: Catalog) -> dict[int, Company]:
    return {company.cik: company for company in catalog.companies.values()}
