"""The prompt of `capex-signals sql`: statements over several lines, with history and completion by Python's readline."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import ModuleType

from warehouse.home.layout import Home

try:
    import readline as _readline
except ImportError:  # Windows has none: then lines are typed without history and completion
    _readline = None  # type: ignore[assignment]

READLINE: ModuleType | None = _readline
LEAVE = ("exit", "quit", ".quit", ".exit", r"\q")
GREETING = "Statements end with `;`. Tab completes names, Ctrl-C drops what is typed, Ctrl-D or `quit` leaves."
KEPT_LINES = 2000


def statements_typed(names: Sequence[str], home: Home, read: Callable[[str], str] = input) -> Iterator[str]:
    """Each statement as it is ended by `;`, until the end of the input. What was typed is kept in the home folder."""
    print(GREETING)  # noqa: T201  a prompt speaks to the terminal that it reads from
    _prepare(names, home)
    lines: list[str] = []
    try:
        while True:
            try:
                lines.append(read("   ...> " if lines else "capex-signals> "))
            except KeyboardInterrupt:
                lines = []
                print()  # noqa: T201
                continue
            except EOFError:
                print()  # noqa: T201
                return
            text = "\n".join(lines).strip()
            if text.rstrip(";").strip().lower() in LEAVE:
                return
            if not text:
                lines = []
            elif is_whole(text):
                lines = []
                yield text
    finally:
        _keep(home)


def is_whole(text: str) -> bool:
    """Whether a text ends with `;` that is not within quotes, nor in a comment of its last line."""
    outside = "".join(text.split("'")[::2]) if text.count("'") % 2 == 0 else ""
    last = outside.splitlines()[-1] if outside.strip() else ""
    return last.split("--")[0].rstrip().endswith(";")


def completions(names: Sequence[str], start: str) -> list[str]:
    """The names that begin so, whatever the case; `names` are sorted regardless of case."""
    wanted = start.lower()
    first = bisect_left(names, wanted, key=str.lower)
    found = []
    for name in names[first:]:
        if not name.lower().startswith(wanted):
            break
        found.append(name)
    return found


def _prepare(names: Sequence[str], home: Home) -> None:
    if READLINE is None:
        return
    known = sorted(names, key=str.lower)

    def complete(start: str, number: int) -> str | None:
        found = completions(known, start)
        return found[number] if number < len(found) else None

    READLINE.set_completer(complete)
    READLINE.set_completer_delims(" \t\n,;()=<>+-*/'\".[]{}|")
    libedit = "libedit" in (READLINE.__doc__ or "")
    READLINE.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
    READLINE.set_history_length(KEPT_LINES)
    with suppress(OSError):
        READLINE.read_history_file(home.typed_statements)


def _keep(home: Home) -> None:
    if READLINE is not None:
        with suppress(OSError):  # a reader's home may not be writable: then nothing is kept
            READLINE.write_history_file(home.typed_statements)
