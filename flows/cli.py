"""The command line: `capex-signals`. Every command says what it does, what it found and what to do next."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from config.errors import NotPublished, Problem, Refused, StoreBusy
from config.settings import Settings

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Settles claims about hyperscaler capex, cloud growth and LLM prices with evidence, as of any day. "
    'Start with `capex-signals nightly`; then ask `capex-signals sql "FROM verdict"`.',
)
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

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
    from flows.local import run_nightly  # noqa: PLC0415  Prefect reads its settings when it is first imported

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
) -> None:
    """Fetch what is missing of the past, load it and publish. Run it again after a kill: it goes on where it was.

    Without --mode it is a plan: requests, bytes, rows and time, and nothing is changed.
    """
    from flows.local import run_backfill  # noqa: PLC0415

    days = {"from_on": first.date(), "to_on": last.date()}
    parameters = {"sources": source, **days, "mode": mode, "dry_run": dry_run, "limit": limit}
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
    from flows.ingest import ingest_files  # noqa: PLC0415

    _finish(ingest_files(Settings(), source, files, say, fetched_at=fetched_at, url=url, scope=scope))


@app.command()
def replay() -> None:
    """Build the store anew from starter data and archive, and publish it: after a parser fix, or when it is damaged."""
    from flows.pipeline import Pipeline  # noqa: PLC0415
    from flows.replay import replay_archive  # noqa: PLC0415

    _finish(replay_archive(Pipeline.open(), say)[0])


@app.command()
def judge(
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day to judge; default: today")
    ] = None,
    claim: Annotated[str, typer.Option(help="one claim, e.g. C26; default: all")] = "",
    every: Annotated[
        str,
        typer.Option(
            help="`change`: each day since 2023 on which the evidence changed, or since a prediction was made"
        ),
    ] = "",
) -> None:
    """Say the verdict of each claim as of a day, or on every day on which it may have changed. Nothing is written."""
    from flows.asking import judge_every_change, judge_on  # noqa: PLC0415

    if every not in ("", "change") or (every and as_of):
        raise Refused(f"--every {every}", remedy="say `--every change`, without --as-of, or a day with --as-of")
    if every:
        told = ((f"{verdict.as_of}", verdict, cause) for verdict, cause in judge_every_change(Settings(), claim))
    else:
        told = (("", verdict, "") for verdict in judge_on(Settings(), as_of.date() if as_of else None, claim))
    title = "On every change of the evidence" if every else f"As of {as_of.date() if as_of else 'today'}"
    table = Table(title=title, title_justify="left")
    for column in ("claim", *(("day", "changed") if every else ()), "verdict", "statistic", "n", "flags", "why"):
        table.add_column(column, overflow="fold")
    for day, verdict, cause in told:
        shown = "" if verdict.statistic is None else f"{verdict.statistic:,.4g} {verdict.statistic_unit}"
        when = (day, cause) if every else ()
        cells = (
            verdict.claim_id,
            *when,
            verdict.verdict,
            shown,
            str(verdict.n),
            ", ".join(verdict.flags),
            verdict.detail_en,
        )
        table.add_row(*(Text(cell) for cell in cells))
    console.print(table)


@app.command()
def report(out: Annotated[Path | None, typer.Option(help="copy the page there as well")] = None) -> None:
    """Say where the newest page lies, or copy it."""
    from flows.asking import page  # noqa: PLC0415

    console.print(str(page(Settings(), out)))


@app.command()
def sql(
    query: Annotated[
        str,
        typer.Argument(
            help='one query, e.g. "FROM verdict" or "SELECT ... FROM company_quarter_as_of(\'2025-02-25\')"'
        ),
    ],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="move all views to that day")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="comma-separated values instead of a table")] = False,
    limit: Annotated[int, typer.Option(min=1, help="rows shown")] = 100,
) -> None:
    """Ask the published file, read-only. The same file opens in any DuckDB client: data/published/latest.duckdb."""
    from flows.asking import ask  # noqa: PLC0415

    names, rows, more = ask(Settings(), query, as_of.date() if as_of else None, limit, as_csv=csv)
    if csv:
        sys.stdout.write(rows[0][0])
    else:
        _print_rows(names, rows)
    if more:
        errors.print(f"only the first {limit} rows are shown; --limit shows more")


class ExportFormat(StrEnum):
    """What a table is written as."""

    PARQUET = "parquet"
    CSV = "csv"


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="a new folder; it must not be there yet")],
    as_of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="as known on that day")] = None,
    form: Annotated[ExportFormat, typer.Option("--format", help="of the files")] = ExportFormat.PARQUET,
) -> None:
    """Write the facts and verdicts that may be passed on, with the notice their licences ask for. Private inputs stay out."""
    from flows.asking import export_to  # noqa: PLC0415

    for view, rows in export_to(Settings(), folder, as_of.date() if as_of else None, form.value).items():
        console.print(Text(f"{folder / view}.{form.value}: {rows:,} rows"))


def _print(table: Table) -> None:
    """A table as wide as the terminal; a file or a pipe has room for all of it."""
    if console.is_terminal:
        console.print(table)
    else:
        Console(file=console.file, width=_width(table)).print(table)


def _width(table: Table) -> int:
    return console.measure(table, options=console.options.update(max_width=10_000)).maximum


def _print_rows(names: list[str], rows: list[tuple[object, ...]]) -> None:
    """A table where it fits, otherwise one column a line: a table of cut-off cells tells nothing."""
    cells = [[Text("" if cell is None else str(cell)) for cell in row] for row in rows]
    table = Table(*names)
    for row in cells:
        table.add_row(*row)
    if not console.is_terminal or _width(table) <= console.width:
        _print(table)
    else:
        for number, row in enumerate(cells, 1):
            lines = Table(title=f"row {number}", title_justify="left", show_header=False, box=None)
            for name, cell in zip(names, row, strict=True):
                lines.add_row(Text(name, style="bold"), cell)
            console.print(lines)


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="port of the server, on loopback")] = 4200,
) -> None:
    """Prefect server, worker and all deployments on this machine, until Ctrl-C: nightly runs, and backfills from a form."""
    from flows.serve import serve as serve_here  # noqa: PLC0415

    serve_here(Settings(), port, say)


@app.command()
def doctor(
    port: Annotated[int, typer.Option(min=1, max=65535, help="port of the server")] = 4200,
) -> None:
    """Look at everything a night needs (versions, port, database, schedules, permissions, disk, clock) and say how to mend it.

    Ends 1 when something is so wrong that a night would fail.
    """
    from flows.doctor import examine  # noqa: PLC0415

    table = Table("", "what", "found", "how to mend it")
    grave = False
    for finding in examine(Settings(), port):
        grave = grave or finding.grave
        mark = (
            Text("wrong", style="red")
            if finding.grave
            else Text("look", style="yellow")
            if finding.mend
            else Text("ok")
        )
        table.add_row(mark, *(Text(cell) for cell in (finding.about, finding.found, finding.mend)))
    _print(table)
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
    _print(table)


@app.command()
def claims() -> None:
    """List the claims with what would refute them."""
    from config.load import catalog  # noqa: PLC0415

    table = Table("claim", "kind", "statement", "refuted if")
    for spec in catalog().claims.values():
        table.add_row(*(Text(cell) for cell in (spec.id, spec.kind, spec.statement_en, spec.refutes_if_en)))
    _print(table)


new = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Begin something new: a fact, a claim, or a source."
)
app.add_typer(new, name="new")


@new.command("fact")
def new_fact(
    company: Annotated[str, typer.Argument(help="main ticker, e.g. MSFT")],
    period: Annotated[str, typer.Option(help="fiscal quarter, e.g. FY2027Q1; default: the next print")] = "",
    finish: Annotated[Path | None, typer.Option(help="a filled form: check it and make it an analyst file")] = None,
) -> None:
    """Write the form for what only a company's call says, with last quarter's questions; or finish a filled one."""
    from flows.facts import finish_form, new_form  # noqa: PLC0415

    settings = Settings()
    if finish is None:
        path = new_form(settings, company, period)
        console.print(
            Text(f"{path}\nFill in what was said, then: capex-signals new fact {company} --finish {path.name}")
        )
    else:
        path = finish_form(settings, company, finish)
        console.print(Text(f"{path}\nThe next `capex-signals nightly` loads it."))


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
    from flows.calculating import scenario_text  # noqa: PLC0415

    for line in scenario_text(name, given or []):
        console.print(Text(line))


@app.command()
def check(write: Annotated[bool, typer.Option("--write", help="write the generated documents anew")] = False) -> None:
    """Check the declarations and that the generated documents (docs/dictionary.md) are up to date."""
    from flows.checking import check_project  # noqa: PLC0415

    for line in check_project(write=write):
        console.print(Text(line))


@new.command("claim")
def new_claim_command(
    claim_id: Annotated[str, typer.Argument(help="C47 to C99")],
    stem: Annotated[str, typer.Argument(help="a few lower-case words joined by _, e.g. meta_capex_above_ocf")],
) -> None:
    """Write declaration, query and fixture of a claim that works as it stands; docs/new_claim.md says how to go on."""
    from flows.fetch import utc_now  # noqa: PLC0415
    from transforms.new_claim import new_claim  # noqa: PLC0415
    from warehouse.skeleton import write_new  # noqa: PLC0415

    for path in write_new(new_claim(claim_id, stem, utc_now().date())):
        console.print(str(path))


@new.command("source")
def new_source_command(
    stem: Annotated[str, typer.Argument(help="a few lower-case words joined by _, e.g. example_prices")],
) -> None:
    """Write declaration, reader and payload of a source that works as it stands; docs/sources.md says how to go on."""
    from flows.fetch import utc_now  # noqa: PLC0415
    from transforms.new_source import new_source  # noqa: PLC0415
    from warehouse.skeleton import write_new  # noqa: PLC0415

    for path in write_new(new_source(stem, utc_now().date())):
        console.print(str(path))


def _finish(summary: object) -> None:
    from flows.report import Summary, print_summary  # noqa: PLC0415

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
    except Problem as problem:
        errors.print(Text(str(problem), style="bold"))
        codes: dict[type[Problem], int] = {NotPublished: NOT_PUBLISHED, StoreBusy: BUSY, Refused: WRONG_USE}
        raise SystemExit(codes.get(type(problem), NOT_PUBLISHED)) from None


if __name__ == "__main__":
    main()
