"""`capex-signals new`: the first files of a claim or a source, the form of a print, the entry of a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from config.settings import Settings
from flows.commands.terminal import Terminal

console = Terminal(highlight=False, soft_wrap=True)

new = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Begin something new: a fact, a claim, a source, or a model."
)


@new.command("fact")
def new_fact(
    company: Annotated[str, typer.Argument(help="main ticker, e.g. MSFT")],
    period: Annotated[str, typer.Option(help="fiscal quarter, e.g. FY2027Q1; default: the next print")] = "",
    finish: Annotated[Path | None, typer.Option(help="a filled form: check it and make it an analyst file")] = None,
) -> None:
    """Write the form for what only a company's call says, with last quarter's questions; or finish a filled one."""
    from flows.commands.new_fact import finish_form, new_form  # noqa: PLC0415

    settings = Settings()
    if finish is None:
        path = new_form(settings, company, period)
        console.print(
            Text(f"{path}\nFill in what was said, then: capex-signals new fact {company} --finish {path.name}")
        )
    else:
        path = finish_form(settings, company, finish)
        console.print(Text(f"{path}\nThe next `capex-signals nightly` loads it."))


@new.command("claim")
def new_claim_command(
    claim_id: Annotated[str, typer.Argument(help="C47 to C99")],
    stem: Annotated[str, typer.Argument(help="a few lower-case words joined by _, e.g. meta_capex_above_ocf")],
) -> None:
    """Write declaration, query and fixture of a claim that works as it stands; docs/new_claim.md says how to go on."""
    from flows.network.clock import utc_now  # noqa: PLC0415
    from transforms.skeletons.claim import new_claim  # noqa: PLC0415
    from warehouse.home.new_files import write_new  # noqa: PLC0415

    for path in write_new(new_claim(claim_id, stem, utc_now().date())):
        console.print(str(path))


@new.command("source")
def new_source_command(
    stem: Annotated[str, typer.Argument(help="a few lower-case words joined by _, e.g. example_prices")],
) -> None:
    """Write declaration, reader and payload of a source that works as it stands; docs/sources.md says how to go on."""
    from flows.network.clock import utc_now  # noqa: PLC0415
    from transforms.skeletons.source import new_source  # noqa: PLC0415
    from warehouse.home.new_files import write_new  # noqa: PLC0415

    for path in write_new(new_source(stem, utc_now().date())):
        console.print(str(path))


@new.command("model")
def new_model_command(
    name: Annotated[str, typer.Argument(help="a listing without a model, or its id, e.g. gpt-4.1 or gpt-4-1")] = "",
    write: Annotated[bool, typer.Option("--write", help="append the entry to config/models.yml")] = False,
) -> None:
    """Propose the entry of a model from what the lists say of it; without a name, list what has none, flagships first."""
    from flows.commands.new_model import propose, unnamed  # noqa: PLC0415
    from warehouse.home.new_files import append_text  # noqa: PLC0415

    if not name:
        for line in unnamed(Settings()):
            console.print(Text(line))
        return
    entry = propose(Settings(), name)
    console.print(Text(entry))
    if write:
        path = append_text("config/models.yml", entry)
        console.print(Text(f"{path}: appended; look at it, then: capex-signals check"))
