"""The errors a person is meant to read: each names the source, the place and the remedy."""

from __future__ import annotations

# All but the line break: the escape that starts a terminal's commands, bells, and what turns the direction of writing.
_CONTROLS = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in (
        *range(10), *range(11, 32), *range(127, 160), 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A),
    )
} | {9: " "}  # fmt: skip


# Of upstream's own words; a header of a megabyte would be told in every list of runs.
LONGEST_TOLD, LONGEST_MESSAGE = 2_000, 4_000


def writable(text: str) -> str:
    """The text as it can be stored and printed: half a surrogate pair and control characters, upstream's, are spelt out."""
    return text.encode("utf-8", "backslashreplace").decode().translate(_CONTROLS)


def told(text: str, at_most: int = LONGEST_TOLD) -> str:
    """The same, and no longer than that: what is cut off says how long it was."""
    if len(text) <= at_most:
        return writable(text)
    return f"{writable(text[: at_most - 30])}... ({len(text):,} characters)"


class Problem(Exception):
    """Something a person can act on. `str()` is one sentence about what and where, then the remedy."""

    def __init__(self, message: str, *, source: str = "", place: str = "", remedy: str = "") -> None:
        self.message, self.source, self.place, self.remedy = (
            told(message, LONGEST_MESSAGE),
            source,
            told(place),
            told(remedy),
        )
        # Exception keeps its arguments for pickling across Prefect's process boundary.
        super().__init__(self.message)

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.source, self.place, self.remedy))

    def __str__(self) -> str:
        where = ": ".join(part for part in (self.source, self.place) if part)
        sentence = f"{where}: {self.message}" if where else self.message
        if not self.remedy:
            return sentence
        if "\n" in sentence:  # a query's own error points at a place below its lines
            return f"{sentence}\nRemedy: {self.remedy}"
        return f"{sentence if sentence.endswith(('.', '!', '?')) else f'{sentence}.'} Remedy: {self.remedy}"


def _rebuild(kind: type[Problem], message: str, source: str, place: str, remedy: str) -> Problem:
    return kind(message, source=source, place=place, remedy=remedy)


class SourceChanged(Problem):
    """Upstream sent something other than the declared shape. Nothing of that payload is appended."""


class SourceGone(SourceChanged):
    """There is nothing at the address any more: asking again would give the same."""


class SourceUnreachable(Problem):
    """The network did not answer, or the host refused. The last good series stays in place."""


class SourceUnsteady(SourceUnreachable):
    """The answer broke off, came late or was the server's own error: it may be there in a minute."""


class HostRefuses(SourceUnreachable):
    """The host told us to stay away, for `wait_s` seconds. Nobody asks it again before the time that was noted."""

    wait_s: float = 600.0


class Refused(Problem):
    """A request of the user's, or a file of the project's own, that cannot be carried out as it stands."""


class StoreBusy(Problem):
    """Another process holds the store's lock; the message names it."""


class StoreUnreachable(Problem):
    """The lake's catalog, its folder of rows or the extensions that read them are not to be had. Nothing is half-written."""


class NotWritten(Problem):
    """The disk did not take what was to be written. What was published before stays."""


class NotPublished(Problem):
    """A store invariant failed on the staged file. The last good file stays published."""
