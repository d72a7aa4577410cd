"""A night that resumes what was staged before shows what one that computed everything shows: on days chosen by a seed."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from small_pipeline import Clock, Site, bodies, night, plainly, served, small_pipeline, without_pages

from flows.steps import derive, derive_boards, enter, judge, load, read, verdict_days
from flows.steps.pipeline import Pipeline
from flows.steps.publish import load_and_answer
from transforms.site import files
from warehouse.home.layout import Home
from warehouse.published import kept, stage
from warehouse.published.swap import open_published
from warehouse.store.facts import connect

SEED = 20261129
IN_EVERY_RUN = 3
IN_MAKE_FAULTS = 30
SAME = 0.6  # so many nights in a row bring nothing


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(load, "read_starter", lambda: None)
    without_pages(monkeypatch)  # they are made of the file, which is compared whole
    with served() as opened:
        yield opened


def seen(home: Home, *, views: bool = True) -> dict[str, object]:
    """Everything of the published file: each table's rows in any order, each object's text and comment.

    With `views` the rows of every view, too: of equal tables and equal texts, so once at the end of a sequence is enough.
    """
    with open_published(home) as file:
        tables = file.execute(
            "SELECT schema_name || '.' || table_name FROM duckdb_tables() WHERE NOT internal UNION ALL "
            "SELECT schema_name || '.' || view_name FROM duckdb_views() WHERE NOT internal AND $views ORDER BY 1",
            {"views": views},
        ).fetchall()
        rows = {
            name: file.execute(f"SELECT count(*), sum(hash(r)), bit_xor(hash(r)) FROM ({said(name)}) AS r").fetchall()
            for (name,) in tables
        }
        objects = {
            kind: file.execute(query).fetchall()
            for kind, query in {
                "tables": "SELECT schema_name, table_name, comment FROM duckdb_tables() WHERE NOT internal ORDER BY ALL",
                "views": "SELECT schema_name, view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
                "columns": "SELECT schema_name, table_name, column_name, data_type, comment FROM duckdb_columns() "
                "WHERE NOT internal ORDER BY ALL",
                "macros": "SELECT function_name, parameters, macro_definition, comment FROM duckdb_functions() "
                "WHERE NOT internal AND schema_name = 'main' ORDER BY ALL",
            }.items()
        }
    return rows | {kind: [tuple(map(unordered, row)) for row in found] for kind, found in objects.items()}


def unordered(text: object) -> object:
    """DuckDB writes the columns of an EXCLUDE in another order each time it reads them."""
    if not isinstance(text, str):
        return text
    return re.sub(r"EXCLUDE \(([^)]*)\)", lambda found: f"EXCLUDE ({', '.join(sorted(found[1].split(', ')))})", text)


def said(name: str) -> str:
    """The rows of a table; a server's answer says at which second it came, which is another in each of two nights."""
    return f"SELECT * EXCLUDE (headers) FROM {name}" if name.endswith(".capture") else f"FROM {name}"


def forget(home: Home) -> None:
    """Nothing of an earlier night but the archive and the store: no verdict is taken over either."""
    for path in (*home.store.parent.glob("staged-*"), *home.published.iterdir()):
        path.unlink()


def change(site: Site, chance: random.Random, number: int) -> str:
    """Something that a day may bring: new prices, a day of a board, a host that is silent, or nothing but the day."""
    what = chance.choices(["nothing", "prices", "board", "silence", "rates"], [SAME, 0.15, 0.15, 0.1, 0.1])[0]
    site.bodies.update(
        {path: body for path, body in bodies().items() if path not in ("/prices.json", "/eurofxref-hist.csv")}
    )
    if what == "prices":
        figure = f"{chance.randint(2, 9)}e-06".encode()
        held = site.bodies["/prices.json"]
        assert isinstance(held, bytes)
        site.bodies["/prices.json"] = re.sub(rb'("input_cost_per_token": )[0-9.e-]+', rb"\g<1>" + figure, held, count=1)
    elif what == "rates":
        held = site.bodies["/eurofxref-hist.csv"]
        assert isinstance(held, bytes)
        head, first, *rest = held.splitlines(keepends=True)
        site.bodies["/eurofxref-hist.csv"] = b"".join([head, first, *rest[:-1]]) if len(rest) > 1 else held
    elif what == "board":
        told = pl.read_parquet(io.BytesIO(site.bodies["/text.parquet"]))
        day = (datetime(2026, 11, 20) + timedelta(days=number)).date().isoformat()
        buffer = io.BytesIO()
        told.with_columns(leaderboard_publish_date=pl.lit(day)).write_parquet(buffer)
        site.bodies["/text.parquet"] = buffer.getvalue()
    elif what == "silence":
        site.bodies.pop("/text.parquet", None)
    return what


@pytest.mark.parametrize(
    "nights",
    [
        pytest.param(IN_EVERY_RUN, marks=pytest.mark.slow("six small nights")),
        pytest.param(IN_MAKE_FAULTS, marks=pytest.mark.faults),
    ],
)
def test_a_night_that_resumes_shows_what_one_that_computed_everything_shows(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nights: int
) -> None:
    chance, clock = random.Random(SEED), Clock()  # noqa: S311  a sequence that can be had again
    keeping, anew = (small_pipeline(tmp_path / name, site.url, clock) for name in ("keeping", "anew"))
    resumed: list[bool] = []
    resume = kept.resume

    def watched(*arguments: object) -> object:
        found = resume(*arguments)  # type: ignore[arg-type]
        resumed.append(found is not None)
        return found

    monkeypatch.setattr(derive.kept, "resume", watched)
    for number in range(nights):
        brought = change(site, chance, number)
        clock.pass_time(hours=chance.choice([20, 24, 24, 29, 74]))
        night(keeping)
        kept_now = resumed.pop()
        forget(anew.home)
        with monkeypatch.context() as patch:
            patch.setattr(stage, "ROWS_FOR_THREADS", 0)  # all of them: they change no row either
            night(anew)
        assert not resumed.pop()
        resumed.append(kept_now)
        last = number == nights - 1
        assert seen(keeping.home, views=last) == seen(anew.home, views=last), (number, brought, kept_now)
    assert any(resumed)
    assert not all(resumed)


NEWS = ("nothing", "price", "board", "filing", "correction", "announcement", "nothing")


def told_later(patch: pytest.MonkeyPatch, site: Site) -> dict[str, dict[str, bytes]]:
    """What is there before the news: no report of Microsoft's newest day, no announcement of one seller. Gives what is held back."""
    filings = json.loads(bodies()["/CIK0000789019.json"])
    facts = [unit for tags in filings["facts"].values() for tag in tags.values() for unit in tag["units"].values()]
    newest = max(fact["filed"] for unit in facts for fact in unit)
    for unit in facts:
        unit[:] = [fact for fact in unit if fact["filed"] < newest]
    site.bodies["/CIK0000789019.json"] = json.dumps(filings).encode()
    announced = enter.announcement_files()
    first, *rest = sorted(announced)
    shown = {name: announced[name] for name in rest}
    patch.setattr(enter, "announcement_files", lambda: dict(shown))
    return {"shown": shown, "held back": {first: announced[first]}}


def bring(what: str, site: Site, entered: dict[str, dict[str, bytes]]) -> None:
    """One piece of news: a price that moved, a new day of a board, a report, a day told anew, an announcement."""
    if what == "price":
        prices = json.loads(site.bodies["/prices.json"])
        moved = next(entry for entry in prices.values() if entry.get("input_cost_per_token"))
        moved["input_cost_per_token"] *= 0.5
        site.bodies["/prices.json"] = json.dumps(prices).encode()
    elif what in ("board", "correction"):
        board = pl.read_parquet(io.BytesIO(site.bodies["/text.parquet"]))
        later = pl.lit("2026-11-20").alias("leaderboard_publish_date")
        first = pl.int_range(pl.len()) == 0
        restated = pl.when(first).then(pl.col("rating") + 1).otherwise("rating").alias("rating")
        buffer = io.BytesIO()
        board.with_columns(later if what == "board" else restated).write_parquet(buffer)
        site.bodies["/text.parquet"] = buffer.getvalue()
    elif what == "filing":
        site.bodies["/CIK0000789019.json"] = bodies()["/CIK0000789019.json"]
    elif what == "announcement":
        entered["shown"] |= entered["held back"]


@pytest.mark.slow("fourteen small nights")
def test_news_of_each_kind_shows_what_a_night_that_computed_everything_shows(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    entered = told_later(monkeypatch, site)
    keeping, anew = (small_pipeline(tmp_path / name, site.url, clock) for name in ("keeping", "anew"))
    added = {}
    for number, what in enumerate(NEWS):
        bring(what, site, entered)
        clock.pass_time(days=1)
        added[number] = night(keeping).rows_added
        forget(anew.home)
        with monkeypatch.context() as patch:
            patch.setattr(stage, "ROWS_FOR_THREADS", 0)
            patch.setattr(derive_boards, "SCORES_AT_A_TIME", 1)  # each board by itself
            night(anew)
        last = number == len(NEWS) - 1
        assert seen(keeping.home, views=last) == seen(anew.home, views=last), (number, what)
    assert [number for number, rows in added.items() if rows] == list(range(6))


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pipeline, Site, Clock]]:
    """A home after two nights of the same sources, a day before the third; for copies."""
    with pytest.MonkeyPatch.context() as patch, served() as opened:
        plainly(patch, pages=True)
        clock = Clock()
        pipeline = small_pipeline(tmp_path_factory.mktemp("two_nights") / "home", opened.url, clock)
        for _ in range(2):  # each source is seen a second time
            night(pipeline)
            clock.pass_time(days=1)
        yield pipeline, opened, clock


@pytest.fixture
def published(two_nights: tuple[Pipeline, Site, Clock], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """A copy of that home, with a clock of its own."""
    made, opened, then = two_nights
    plainly(monkeypatch)
    shutil.copytree(made.settings.root, tmp_path / "home", symlinks=True)
    clock = Clock()
    clock.now = then.now
    return small_pipeline(tmp_path / "home", opened.url, clock)


@pytest.mark.parametrize(
    "touch",
    [
        "UPDATE company_fact SET value = value + 1 WHERE rowid = 0",
        "UPDATE fx_rate SET first_seen_at = first_seen_at + INTERVAL 1 SECOND WHERE rowid = 0",
        "DELETE FROM token_price WHERE rowid = 0",
        "INSERT INTO leaderboard_score FROM leaderboard_score LIMIT 1",
        "UPDATE capture SET outcome = 'refused' WHERE rowid = 0",
        "UPDATE issue SET detail = detail || ' '",
        "INSERT INTO capture SELECT * REPLACE ('backfilled' AS origin, 'unchanged' AS outcome, taken_at - INTERVAL 1 DAY AS taken_at) "
        "FROM capture LIMIT 1",
    ],
)
def test_any_other_row_in_the_store_is_another_key(published: Pipeline, touch: str) -> None:
    before = kept.key_of(published.home, "the same code")
    assert kept.key_of(published.home, "another") != before
    with closing(connect(published.home.store)) as store:
        if "issue" in touch:
            store.execute(
                "INSERT INTO issue SELECT source, scope, sha256, taken_at, 'notice', 'x', 'y', 'z', logged_at FROM capture LIMIT 1"
            )
            before = ""
        store.execute(touch)
    assert kept.key_of(published.home, "the same code") != before


def test_a_later_sight_of_what_is_held_is_the_same_key(published: Pipeline) -> None:
    before = kept.key_of(published.home, "")
    night(published)
    assert kept.key_of(published.home, "") == before
    with closing(connect(published.home.store, read_only=True)) as store:
        assert store.execute("SELECT count(*) > 0 FROM capture WHERE outcome = 'unchanged'").fetchall() == [(True,)]


# What a night does, each time it does it: the costly steps by name, as (where it is looked up, name).
STEPS = (
    (read, "parse"), (derive, "derive_facts"), (stage.Stage, "build"), (stage.Stage, "put"), (judge, "_anew"),
    (verdict_days, "evidence"), (verdict_days, "evidence_on"), (verdict_days, "judge_claim"), (judge, "judge_claim"), (files, "render"),
)  # fmt: skip
TABLES_OF_A_DAY = (
    "verdict", "evidence_span", "verdict_variant", "awaited", "claim", "specification", "published_verdict", "meta", "attempt",
)  # fmt: skip
# The verdict of the day, the same on first prints alone, and for these one question.
OF_ONE_CLAIM = {"judge_claim": 2, "evidence_on": 1}
# The first page's figures and the news bear the day, and the list of sources that nobody was asked.
SITE_OF_A_DAY = {".keys.json", "data/ledger.js", "data/night.js", "data/sources.js", "feed.atom", "feed.json"}


def test_an_unchanged_night_does_what_the_day_alone_asks_for(
    published: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is timed: what such a night costs is what it does, and that is counted."""
    monkeypatch.undo()
    plainly(monkeypatch, pages=True)
    done = Counter[str]()

    def count(owner: object, name: str) -> None:
        work = getattr(owner, name)

        def counted(*arguments: object, **options: object) -> object:
            done[str(arguments[1]) if name == "put" else name] += 1
            return work(*arguments, **options)

        monkeypatch.setattr(owner, name, counted)

    for owner, name in STEPS:
        count(owner, name)
    root = published.home.root
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}
    summary, _ = load_and_answer(published, [], lambda _: None)
    written = {path for path in root.rglob("*") if path.is_file() and before.get(path) != path.stat().st_mtime_ns}
    assert done == {**{f"history.{table}": 1 for table in TABLES_OF_A_DAY}, **OF_ONE_CLAIM}
    [noted] = published.home.store.parent.glob("staged-*")
    of_the_site = {published.home.report / name for name in SITE_OF_A_DAY}
    assert written - {published.home.latest} == {summary.published, noted} | of_the_site


@pytest.mark.parametrize("harm", ["cut off", "one byte", "gone"])
def test_a_published_file_that_is_no_longer_as_it_was_is_made_anew(
    published: Pipeline, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    resumed: list[bool] = []
    resume = kept.resume

    def watched(home: Home, key: str, at: datetime) -> stage.Stage | None:
        found = resume(home, key, at)
        resumed.append(found is not None)
        return found

    monkeypatch.setattr(derive.kept, "resume", watched)
    latest = published.home.latest.resolve()
    sound = latest.read_bytes()
    latest.chmod(0o600)
    if harm == "gone":
        latest.unlink()
    else:
        middle = len(sound) // 2
        cut = sound[:20_000] if harm == "cut off" else sound[:middle] + bytes([sound[middle] ^ 1]) + sound[middle + 1 :]
        latest.write_bytes(cut)
    night(published)
    assert resumed == [False]
    [noted] = published.home.store.parent.glob("staged-*")
    sha256 = hashlib.sha256(published.home.latest.read_bytes()).hexdigest()
    assert json.loads(noted.read_text("utf-8"))["sha256"] == sha256
    assert list(published.home.scratch.iterdir()) == []


@pytest.mark.slow("four small nights")
def test_a_night_that_looks_at_nothing_shows_what_one_that_computed_everything_shows(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    keeping = small_pipeline(tmp_path / "keeping", site.url, clock)
    for _ in range(2):
        night(keeping)
        clock.pass_time(days=40)
    shutil.copytree(keeping.settings.root, tmp_path / "anew", symlinks=True)
    anew = small_pipeline(tmp_path / "anew", site.url, clock)
    forget(anew.home)
    begun: list[stage.Stage] = []
    sighted = derive._sighted
    monkeypatch.setattr(derive, "_sighted", lambda found: begun.append(found) or sighted(found))
    for pipeline in (keeping, anew):
        load_and_answer(pipeline, [], lambda _: None)
    assert [found.resumed for found in begun] == [False]  # the other had nothing to look at anew
    assert seen(keeping.home) == seen(anew.home)


def test_another_declaration_is_another_key(published: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []
    resume = kept.resume
    monkeypatch.setattr(derive.kept, "resume", lambda home, key, at: keys.append(key) or resume(home, key, at))
    night(published)
    company = published.catalog.companies["MSFT"].model_copy(update={"name": "another name"})
    companies = {**published.catalog.companies, "MSFT": company}
    object.__setattr__(published, "catalog", published.catalog.model_copy(update={"companies": companies}))
    night(published)
    assert len(set(keys)) == 2


def test_a_disk_without_room_for_the_note_costs_the_next_night_its_start_alone(
    published: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, *_: object) -> int:
        path.touch()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(kept.Path, "write_text", full)
    assert night(published).refused == ()
    monkeypatch.undo()
    assert list(published.home.store.parent.glob("staged-*")) == []
