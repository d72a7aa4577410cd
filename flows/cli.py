"""The command line: `capex-signals`. Every command says what it does, what it found and what to do next."""

from __future__ import annotations

import os
from datetime import datetime
from enum import StrEnum
from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table
from rich.text import Text

from config.errors import NotPublished, Problem, Refused, StoreBusy
from config.settings import Settings
from flows.commands.new import new
from flows.commands.terminal import Terminal, paged, print_table
from warehouse.home.disk import in_the_way

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Settles claims about hyperscaler capex, cloud growth and LLM prices with evidence, as of any day. "
    'Start with `capex-signals nightly`; then ask `capex-signals sql "FROM verdict"`.',
)
console = Terminal(highlight=False, soft_wrap=True)
errors = Terminal(stderr=True, highlight=False, soft_wrap=True)

PUBLISHED_WITH_REFUSALS, NOT_PUBLISHED, WRONG_USE, BUSY = 1, 2, 3, 4


def say(line: str) -> None:
    """One line of progress."""
    console.print(Text(line, style="dim"))


@app.command()
def nightly() -> None:
    """Fetch what is new, load it, judge every claim, publish and report.

    Ends 0 when everything that answered was read, also without a network; 1 when something was published but a
    source was refused; 2 when nothing was published.
    """
    from flows.start import run_nightly  # noqa: PLC0415  Prefect reads its settings when it is first imported

    _finish(run_nightly(Settings(), say))


@app.command()
def backfill(
    *,
    source: Annotated[list[str], typer.Option(help="what to ask; may be given several times")],
    first: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="first day")],
    last: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="last day, not in the future")],
    mode: Annotated[
        str, typer.Option(help="plan, fill (what is missing), refetch (also what is held), replay")
    ] = "plan",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only say what would be done")] = False,
    limit: Annotated[int | None, typer.Option(help="at most so many requests in this run")] = None,
    runs: Annotated[
        int, typer.Option(help="a zip of every filer: read by so many runs of the work pool at a time")
    ] = 1,
) -> None:
    """Fetch what is missing of the past, load it and publish. Run it again after a kill: it goes on where it was.

    Without --mode it is a plan: requests, bytes, rows and time, and nothing is changed.
    """
    from flows.start import run_backfill  # noqa: PLC0415

    days = {"from_on": first.date(), "to_on": last.date()}
    parameters = {"sources": source, **days, "mode": mode, "dry_run": dry_run, "limit": limit, "runs": runs}
    run_backfill(Settings(), parameters, say)


@app.command()
def ingest(
    source: Annotated[str, typer.Argument(help="a declared source; `capex-signals sources` lists them")],
    files: Annotated[list[Path], typer.Argument(help="payload files of that source")],
    fetched_at: Annotated[
        str,
        typer.Option(
            help="when the files were fetched (UTC), e.g. 2025-02-25T06:30; a date: its end; default: the day in their "
            "names, where the source writes it there, else now"
        ),
    ] = "",
    url: Annotated[str, typer.Option(help="the address they came from; default: the declared one")] = "",
    scope: Annotated[str, typer.Option(help="which part of the source they are (a company, a board)")] = "",
) -> None:
    """Load payload files you already hold, the same way as fetched ones: archive, parse, check, append, publish."""
    from flows.commands.ingest import ingest_files  # noqa: PLC0415
    from flows.commands.ingest_bulk import ingest_zip, is_bulk, print_loaded  # noqa: PLC0415

    if is_bulk(Settings(), source):
        done = ingest_zip(Settings(), source, files, say, fetched_at=fetched_at, url=url, scope=scope)
        raise typer.Exit(PUBLISHED_WITH_REFUSALS if print_loaded(done, console, errors) else 0)
    _finish(ingest_files(Settings(), source, files, say, fetched_at=fetched_at, url=url, scope=scope))


@app.command()
def accept(
    capture: Annotated[str, typer.Argument(help="sha256 of a refused capture, or its first digits")],
    why: Annotated[str, typer.Option(help="why it is true; recorded with your name")],
    by: Annotated[str, typer.Option(help="who accepts it; default: the user who runs this")] = "",
) -> None:
    """Accept a capture that was refused because more had changed than can in a day; load it and publish."""
    from flows.commands.accept import accept_capture  # noqa: PLC0415

    _finish(accept_capture(Settings(), capture, by or getuser(), why, say))


@app.command()
def replay(
    *,
    poorer: Annotated[
        bool, typer.Option("--poorer", help="publish it also where it says less than the published file")
    ] = False,
) -> None:
    """Build the store anew from starter data and archive, and publish it: after a parser fix, or when it is damaged.

    Where objects or lines of the archive are lost it would say less than the published file, which then stays (2).
    """
    from flows.replay import replay_archive  # noqa: PLC0415
    from flows.steps.pipeline import Pipeline  # noqa: PLC0415

    _finish(replay_archive(Pipeline.open(), say, may_be_poorer=poorer)[0])


@app.command()
def judge(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day to judge; default: today")
    ] = None,
    claim: Annotated[str, typer.Option(help="one claim, e.g. C26; default: all")] = "",
    every: Annotated[
        str,
        typer.Option(
            help="`change`: each day since 2023 (a prediction: since it was made) on which the evidence changed"
        ),
    ] = "",
) -> None:
    """Say the verdict of each claim as of a day, or on every day on which it may have changed. Nothing is written."""
    from flows.commands.questions import verdict_table  # noqa: PLC0415

    if every not in ("", "change") or (every and as_of):
        raise Refused(f"--every {every}", remedy="say `--every change`, without --as-of, or a day with --as-of")
    console.print(verdict_table(Settings(), as_of.date() if as_of else None, claim, every_change=bool(every)))


@app.command()
def report(out: Annotated[Path | None, typer.Option(help="copy it into this new folder")] = None) -> None:
    """Say where the newest report begins, or copy the whole of it."""
    from flows.commands.questions import page  # noqa: PLC0415

    console.print(str(page(Settings(), out)))


@app.command()
def sql(
    query: Annotated[
        list[str] | None,
        typer.Argument(
            help='statements, e.g. "FROM verdict" or "SELECT ... FROM company_quarter_as_of(\'2025-02-25\')"; '
            "nothing: a prompt, or what stands on the standard input"
        ),
    ] = None,
    *,
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="move all views to that day")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="comma-separated values, every row")] = False,
    json: Annotated[bool, typer.Option("--json", help="one array of objects for each statement, every row")] = False,
    wide: Annotated[bool, typer.Option("--wide", help="one line a row, however wide")] = False,
    limit: Annotated[int, typer.Option(min=1, help="rows shown of a table")] = 100,
    universe: Annotated[bool, typer.Option("--universe", help="ask the file of every filer instead, by cik")] = False,
) -> None:
    """Ask the published file, read-only. The same file opens in any DuckDB client: data/published/latest.duckdb."""
    from flows.commands.ask import Shown, ask  # noqa: PLC0415

    if csv + json + wide > 1:
        raise Refused("--csv, --json and --wide together", remedy="choose one of them")
    shown = Shown("csv" if csv else "json" if json else "wide" if wide else "table", limit)
    day = as_of.date() if as_of else None
    ask(Settings(), query or [], day, shown, console=console, errors=errors, universe=universe)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="a published file, or the home folder of one")],
    new: Annotated[Path, typer.Argument(help="another one")],
    markdown: Annotated[
        bool, typer.Option("--markdown", help="as a page of Markdown, e.g. for a pull request")
    ] = False,
    limit: Annotated[int, typer.Option(min=0, help="rows named of each kind of change")] = 20,
) -> None:
    """Say what differs between two published files: facts, prices, boards, verdicts, definitions; new, changed, gone.

    Ends 0 when they say the same, 1 when they differ.
    """
    from flows.commands.ask import compare  # noqa: PLC0415

    text, same = compare(old, new, limit, markdown=markdown)
    with paged(console) as page:
        page.file.write(text)
    if not same:
        raise typer.Exit(1)


class ExportFormat(StrEnum):
    """What an export is written as."""

    PARQUET = "parquet"
    CSV = "csv"
    EXCEL = "excel"
    DUCKDB = "duckdb"


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="a new folder; it must not be there yet")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as known on that day")] = None,
    form: Annotated[
        ExportFormat, typer.Option("--format", help="files of the first two, one file of the others")
    ] = ExportFormat.PARQUET,
) -> None:
    """Write the facts, marts and verdicts that may be passed on, with the notice their licences ask for. Private inputs stay out."""
    from flows.commands.questions import export_to  # noqa: PLC0415

    for view, rows in export_to(Settings(), folder, as_of.date() if as_of else None, form.value).items():
        console.print(Text(f"{view}: {rows:,} rows"))
    console.print(Text(f"{folder}: with datapackage.json, NOTICE.txt, CITATION.cff and SHA256SUMS"))


@app.command()
def serve(
    port: Annotated[
        int, typer.Option(min=1, max=65534, help="port of the server, on loopback; the report has the one after it")
    ] = 4200,
) -> None:
    """Prefect server, worker and all deployments on this machine, until Ctrl-C: nightly runs, and backfills from a form."""
    from flows.prefect_server.serve import serve as serve_here  # noqa: PLC0415

    serve_here(Settings(), port, say)


@app.command()
def doctor(
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, help="port of the server; default: the one on which this home is served, or 4200"
        ),
    ] = None,
) -> None:
    """Look at everything a night needs (versions, port, database, schedules, permissions, disk, clock) and say how to mend it.

    Ends 1 when something is so wrong that a night would fail.
    """
    from flows.commands.doctor import examine  # noqa: PLC0415

    table = Table("", "what", "found", "how to mend it")
    grave = False
    for finding in examine(Settings(), port):
        grave = grave or finding.grave
        word, style = ("wrong", "red") if finding.grave else ("look", "yellow") if finding.mend else ("ok", "")
        table.add_row(Text(word, style), *(Text(cell) for cell in (finding.about, finding.found, finding.mend)))
    print_table(console, table)
    if grave:
        raise typer.Exit(1)


@app.command()
def sources() -> None:
    """List the declared sources with their licence, cadence and how their dates are proved."""
    from config.load import catalog  # noqa: PLC0415

    table = Table(Column("source", min_width=30), "tier", "licence", "days", "dates by", "fetched", show_lines=True)
    for spec in catalog().sources.values():
        name = Text.assemble((spec.id, "bold"), "\n", spec.title)
        cells = (str(spec.tier), spec.licence.name, f"{spec.cadence_days:g}", spec.known_at.proof.replace("_", " "))
        table.add_row(name, *(Text(cell) for cell in cells), "yes" if spec.fetched else "no")
    print_table(console, table)


@app.command()
def claims() -> None:
    """List the claims with what would refute them."""
    from config.load import catalog  # noqa: PLC0415

    table = Table("claim", "kind", "statement", "refuted if")
    for spec in catalog().claims.values():
        table.add_row(*(Text(cell) for cell in (spec.id, spec.kind, spec.statement_en, spec.refutes_if_en)))
    print_table(console, table)


app.add_typer(new, name="new")


@app.command()
def scenario(
    name: Annotated[
        str, typer.Argument(help="S-A (mix), S-B (long or short) or S-C (multiples); empty lists them")
    ] = "",
    given: Annotated[
        list[str] | None, typer.Option("--set", help="a parameter within its range, e.g. --set short_life=4")
    ] = None,
) -> None:
    """Calculate with assumed numbers: result, tie, map, and in how much of the ranges the claim holds. Never a fact."""
    from flows.commands.scenario import scenario_text  # noqa: PLC0415

    for line in scenario_text(name, given or []):
        console.print(Text(line))


@app.command()
def check(
    write: Annotated[bool, typer.Option("--write", help="write the generated documents anew")] = False,
    would_speak: Annotated[str, typer.Option(help="a price list: say which sellers' listings it takes over")] = "",
) -> None:
    """Check the declarations and that the generated documents (docs/dictionary.md) are up to date."""
    from flows.commands.check import check_project  # noqa: PLC0415
    from flows.commands.would_speak import would_speak as taken_over  # noqa: PLC0415

    if would_speak:
        for line in taken_over(Settings(), would_speak):
            console.print(Text(line))
        return

    for line in check_project(write=write):
        console.print(Text(line))


def _finish(summary: object) -> None:
    from flows.steps.report import Summary, print_summary  # noqa: PLC0415

    assert isinstance(summary, Summary)  # noqa: S101  tells the type checker what the lazy imports hide
    print_summary(summary, console)
    for line in summary.refused:
        errors.print(Text(f"refused: {line}", style="bold"))
    if summary.refused:
        raise typer.Exit(PUBLISHED_WITH_REFUSALS)


def main() -> None:
    """Run the command line; a Problem is one sentence with its remedy, never a traceback."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    try:
        app(standalone_mode=True)
    except SystemExit as end:  # Click ends 2 on wrong use; here 2 says that nothing was published
        raise SystemExit(WRONG_USE if end.code == 2 else end.code) from None
    except (Problem, OSError) as error:
        problem = error if isinstance(error, Problem) else in_the_way(error, Settings().root)
        errors.print(Text(str(problem), style="bold"))
        codes = dict[type[Problem], int]({NotPublished: NOT_PUBLISHED, StoreBusy: BUSY, Refused: WRONG_USE})
        raise SystemExit(codes.get(type(problem), NOT_PUBLISHED)) from None


if __name__ == "__main__":
    main()
