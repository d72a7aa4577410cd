"""A zip of every filer's document into the universe: slice by slice, each a few dozen filers, then one file of all.

A slice is read from the zip, checked, laid on fiscal periods and written as it is; nothing is held from one slice to the
next, so that memory does not grow with the filers. A killed load goes on with the first slice that is not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from config.chains import Calendar
from config.contracts import COMPANY_FACT, Issue
from config.errors import Problem, Refused, SourceChanged
from config.specs import Catalog, Company, SourceSpec
from flows.steps.attempt import our_error, reason
from flows.steps.pipeline import Pipeline, Say, reader
from transforms.companies.fiscal_calendars import Found, fiscal_calendar
from transforms.companies.quarters import derive_periods
from warehouse.archive import acceptances
from warehouse.archive.bulk import BulkArchive, Member, members, read_members
from warehouse.archive.captures import Logged
from warehouse.published.lake_views import universe_to_lake
from warehouse.published.slices import FILER, Slice, Slices, issue_rows
from warehouse.published.universe import facts_held, held, leapt, open_universe, publish_universe, with_held
from warehouse.store.append import loaded
from warehouse.store.checks import check
from warehouse.store.lock import store_lock

# Some 80,000 facts: what is derived at a time takes several times their room.
SLICE_BYTES = 16_000_000
SLICE_FILERS = 200
# Never used: a filer without a year is not given to what asks for one.
NO_YEAR = Calendar(year_end_month=12, week_ends_on=None, long_quarter=4)


@dataclass(frozen=True, slots=True)
class BulkLoad:
    """One zip that is being loaded: which slices there are, and the universe that it is built upon."""

    pipeline: Pipeline
    logged: Logged
    slices: Slices
    parts: tuple[tuple[Member, ...], ...]
    others: tuple[str, ...]

    @property
    def spec(self) -> SourceSpec:
        return self.pipeline.catalog.sources[self.logged.capture.source]

    @property
    def path(self) -> Path:
        return BulkArchive(self.pipeline.home).path(self.logged.capture.sha256)

    def left(self, numbers: range) -> list[int]:
        """Those of these slices that are not there."""
        return [number for number in numbers if not self.slices.is_done(number)]


Reads = Callable[[BulkLoad, Say], None]


@dataclass(slots=True)
class _Read:
    """What a slice has come to."""

    facts: list[pl.DataFrame] = field(default_factory=list)
    filers: list[dict[str, object]] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    companies: dict[str, Company] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load has come to; `refused` names each document that could not be read, with the reason."""

    universe: Path | None
    filers: int
    facts: int
    refused: tuple[str, ...]


def load_zips(pipeline: Pipeline, source: str, say: Say, reads: Reads | None = None) -> Loaded:
    """Load each zip of that source that is newer than the universe, oldest first; `reads` has every slice read.

    Raises StoreBusy, NotPublished.
    """
    with store_lock(pipeline.home, f"capex-signals {source}", path=pipeline.home.universe_lock):
        load = begin(pipeline, source)
        if load is None:
            say(f"{source}: the universe holds the newest zip; nothing to do")
        while load is not None:
            _say_slices(load, say)
            (reads or _read_slices)(load, say)
            finish(load, say)
            load = begin(pipeline, source)
        _put_into_lake(pipeline, say)
    return told(pipeline)


def _put_into_lake(pipeline: Pipeline, say: Say) -> None:
    """Also where nothing was loaded: the lake may have been away when the universe was put together."""
    if views := universe_to_lake(pipeline.home):
        say(f"the universe is in {pipeline.home.lake}, too; {views} attaches it")


def _say_slices(load: BulkLoad, say: Say) -> None:
    count = len(load.parts)
    done = count - len(load.left(range(count)))
    again = f", {done:,} of them read before" if done else ""
    say(f"{load.spec.id}: {sum(map(len, load.parts)):,} filers in {count:,} slices{again}")


def _read_slices(load: BulkLoad, say: Say) -> None:
    count = len(load.parts)
    for number in range(count):
        read_slice(load, number)
        if (number + 1) % 50 == 0:
            say(f"{load.spec.id}: {number + 1:,} of {count:,} slices")


def load_again(pipeline: Pipeline, logged: Logged, say: Say) -> None:
    """Load that zip once more upon the universe that is there: what of it was refused may be accepted now."""
    with store_lock(pipeline.home, f"capex-signals {logged.capture.source}", path=pipeline.home.universe_lock):
        load = _load_of(pipeline, logged, held(pipeline.home)[0])
        _say_slices(load, say)
        _read_slices(load, say)
        finish(load, say)
        _put_into_lake(pipeline, say)


def _load_of(pipeline: Pipeline, logged: Logged, upon: str) -> BulkLoad:
    documents, others = members(BulkArchive(pipeline.home).path(logged.capture.sha256))
    slices = Slices.of(pipeline.home, logged.capture.sha256, upon)
    return BulkLoad(pipeline, logged, slices, tuple(_cut(documents)), tuple(others))


def begin(pipeline: Pipeline, source: str) -> BulkLoad | None:
    """The load of the first zip that is newer than the universe, begun or not; None where there is none."""
    name, taken_at, sha256 = held(pipeline.home)
    for logged in BulkArchive(pipeline.home).held(source):
        capture = logged.capture
        if capture.sha256 == sha256 or (taken_at and (capture.taken_at, capture.sha256) < (taken_at, sha256)):
            continue
        return _load_of(pipeline, logged, name)
    return None


def load_under_way(pipeline: Pipeline, source: str, sha256: str, slices: str) -> BulkLoad:
    """A load that another process leads, to read slices of. Raises Refused where this one would read other slices."""
    found = [logged for logged in BulkArchive(pipeline.home).held(source) if logged.capture.sha256 == sha256]
    if not found:
        raise Refused(
            "the zip is not in this home",
            source=source,
            place=str(BulkArchive(pipeline.home).path(sha256)),
            remedy="give this worker the home folder of the run that asks: both must see one CAPEX_SIGNALS_HOME",
        )
    load = _load_of(pipeline, found[0], held(pipeline.home)[0])
    if load.slices.folder.name != slices:
        raise Refused(
            "the slices that are asked for are of other code, or of a universe that has been replaced",
            source=source,
            place=f"{slices} is asked for, {load.slices.folder.name} would be read",
            remedy="let every worker run the code of the run that asks; a run of a load that has ended may be left",
        )
    return load


def _cut(documents: list[Member]) -> Iterator[tuple[Member, ...]]:
    """The documents by name, some at a time. The last of two of one name and the first stay together."""
    part, size = list[Member](), 0
    for member in documents:
        if part and part[-1].name != member.name and (size >= SLICE_BYTES or len(part) >= SLICE_FILERS):
            yield tuple(part)
            part, size = [], 0
        part.append(member)
        size += member.size
    yield tuple(part)


def read_slice(load: BulkLoad, number: int) -> None:
    """Read one slice, unless it is there. Whatever one document is, it stops no other: it is an issue."""
    if load.slices.is_done(number):
        return
    found, capture = _Read(), load.logged.capture
    for member, body in read_members(load.path, list(load.parts[number])):
        try:
            _read_member(load, member, body, found)
        except Problem as problem:
            found.issues.append(Issue("document refused", member.name, reason(problem), "refused"))
        except Exception as error:  # our own error in one of nineteen thousand documents; it is named as ours
            found.issues.append(Issue("document refused", member.name, our_error(error), "refused"))
    if number == 0:
        found.issues += [Issue("no document of a filer", name, "left unread", "notice") for name in load.others]
    shared = {
        "source": capture.source, "scope": "", "capture_sha256": capture.sha256, "captured_at": capture.taken_at,
        "first_seen_at": load.logged.logged_at,
    }  # fmt: skip
    facts = _beside_held(load, found)
    load.slices.write(number, _slice(load, found, facts, issue_rows(found.issues, shared)), load.spec)


def _read_member(load: BulkLoad, member: Member, body: bytes | SourceChanged, found: _Read) -> None:
    """One document's rows, its filer and its issues."""
    if isinstance(body, SourceChanged):
        raise body
    capture, pipeline = load.logged.capture, load.pipeline
    declared = _declared(pipeline.catalog).get(member.cik)
    company = declared or Company(
        ticker=f"CIK{member.cik:010d}", name="", cik=member.cik, calendar=NO_YEAR, followed=False
    )
    if company.ticker in found.companies or any(filer["company"] == company.ticker for filer in found.filers):
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
    own = fiscal_calendar(rows) if declared is None else Found(company.calendar, 0, 0)
    if own.calendar is not None:
        found.companies[company.ticker] = company.model_copy(update={"calendar": own.calendar})
    found.facts.append(rows.select(COMPANY_FACT.schema.names()))
    found.filers.append(_filer(company, name, own, capture.sha256, member.name))
    found.issues += [
        Issue(issue.reason, f"{place}{issue.locator}", issue.detail, issue.severity) for issue in checked.issues
    ]
    found.issues += _of_calendar(own, member)


def _filer(company: Company, name: str, own: Found, sha256: str, place: str) -> dict[str, object]:
    return {
        "cik": company.cik, "company": company.ticker, "name": name, "facts": 0,
        "year_end_month": own.calendar.year_end_month if own.calendar else None,
        "week_ends_on": own.calendar.week_ends_on if own.calendar else None,
        "years_stated": own.years, "years_off": own.off, "locator": place, "capture_sha256": sha256,
    }  # fmt: skip


def _of_calendar(own: Found, member: Member) -> Iterator[Issue]:
    """What has no quarter's name, and why."""
    if own.calendar is None:
        yield Issue(
            "fiscal year unknown", member.name, "no annual report states a year: no figure has a metric", "notice"
        )
    elif own.off:
        years = f"{own.off} of {own.years} stated years end otherwise: their quarters have no name"
        yield Issue("fiscal year changed", member.name, years, "notice")


def _beside_held(load: BulkLoad, found: _Read) -> pl.DataFrame:
    """The slice's rows with what was held of its filers. A filer whose document has leapt stays as it was: an issue says so."""
    facts = pl.concat([COMPANY_FACT.schema.to_frame(), *found.facts])
    if not load.pipeline.home.newest_universe.exists():
        return facts
    with closing(open_universe(load.pipeline.home)) as universe:
        before = facts_held(universe, pl.DataFrame(found.filers, schema=FILER)["cik"].to_list())
    capture, changes = load.logged.capture, load.spec.changes
    named = (capture.source, capture.scope, capture.sha256)
    if changes is None or named in acceptances.accepted(load.pipeline.home):
        return with_held(before, facts)
    leaps = leapt(before, facts, changes.moved_share)
    remedy = f"Remedy: look at the zip; if it is true, `capex-signals accept {capture.sha256[:12]} --why ...`"
    found.issues += [
        Issue("document refused", str(filer["locator"]), f"{leaps[str(filer['company'])]}. {remedy}", "refused")
        for filer in found.filers
        if filer["company"] in leaps
    ]
    found.filers = [filer for filer in found.filers if filer["company"] not in leaps]
    found.companies = {ticker: company for ticker, company in found.companies.items() if ticker not in leaps}
    stays = ~pl.col("company").is_in(list(leaps))
    return with_held(before.filter(stays), facts.filter(stays))


def _slice(load: BulkLoad, found: _Read, facts: pl.DataFrame, issues: pl.DataFrame) -> Slice:
    """The slice's rows on their periods."""
    filers = pl.DataFrame(found.filers, schema=FILER)
    counts = facts.group_by("company").len("counted")
    filers = filers.join(counts, on="company", how="left", maintain_order="left").with_columns(
        facts=pl.col("counted").fill_null(0).cast(pl.Int64)
    )
    declared = load.pipeline.catalog.model_copy(update={"companies": found.companies})
    return Slice(derive_periods(facts, declared), filers.select(FILER.names()), issues)


def _declared(catalog: Catalog) -> dict[int, Company]:
    return {company.cik: company for company in catalog.companies.values()}


def finish(load: BulkLoad, say: Say) -> None:
    """Put the slices together and publish. The lock is held."""
    pipeline = load.pipeline
    say(f"{load.spec.id}: putting {len(load.parts):,} slices together")
    path = publish_universe(pipeline.home, load.slices, len(load.parts), load.logged, pipeline.clock())
    load.slices.drop()
    say(f"published {path.name}")


def told(pipeline: Pipeline) -> Loaded:
    """What the universe that is there holds."""
    if not pipeline.home.newest_universe.exists():
        return Loaded(None, 0, 0, ())
    with closing(open_universe(pipeline.home)) as universe:
        [(filers, facts)] = universe.execute("SELECT count(*), coalesce(sum(facts), 0) FROM filer").fetchall()
        refused = universe.execute(
            "SELECT locator || ': ' || detail FROM issue SEMI JOIN (FROM capture ORDER BY taken_at DESC, sha256 DESC LIMIT 1) c "
            "ON c.sha256 = capture_sha256 WHERE severity = 'refused' ORDER BY locator"
        ).fetchall()
    return Loaded(pipeline.home.newest_universe.resolve(), filers, int(facts), tuple(line for (line,) in refused))
