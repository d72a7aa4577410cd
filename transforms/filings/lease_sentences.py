"""Leases signed and not yet begun, in the words of the notes: the figure has no common tag.

Microsoft names two amounts, for operating and for finance leases; Oracle one for all; Meta, Alphabet and Amazon tag
theirs. Only sentences of exactly these makes are read. One that speaks of such leases and of money and is of another
make is handed back as text, for a person to look at.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

PHRASE = "lease"
BILLION, MILLION = Decimal(10**9), Decimal(10**6)
# Groups of three after a comma: $12,5 billion is a decimal comma, which no filing in English writes.
AMOUNT = r"\$ ?(?P<{0}>(?:\d{{1,3}}(?:,\d{{3}})+|\d+)(?:\.\d+)?) (?P<{0}_unit>billion|million)"
DAY = r"As of (?P<day>[A-Z][a-z]+ \d{1,2}, \d{4}) ?"
TOPIC = re.compile(
    r"not (?:yet )?(?:commenced|begun|started|taken effect)|(?:yet|still) to (?:commence|begin|start)|expected to (?:commence|begin|start)"
    r"|additional (?:operating |finance )*lease commitments|leases? [a-z ]*(?:signed|executed|entered into) but\b|before (?:their|its|the) commencement",
    re.IGNORECASE,
)
MONEY = re.compile(r"[$\u20ac\u00a3]\s?\d|\d ?(?:[bm]illion|[bm]n\b)")
# "... additional operating and finance leases, ..., that have not yet commenced of $8.6 billion and $108.4 billion,
# respectively": the first is for operating leases.
TWO = re.compile(
    DAY
    + r", we (?:have|had) additional operating and finance leases,(?: [a-z ]+,)? (?:that|which) (?:have|had) not yet "
    r"commenced of " + AMOUNT.format("operating") + r" and " + AMOUNT.format("finance") + r", respectively\b"
)
# "... additional finance and operating leases that have not yet commenced of $317.9 billion and $11.2 billion, respectively".
TURNED = re.compile(
    DAY
    + r", we (?:have|had) additional finance and operating leases,?(?: [a-z ]+,)? (?:that|which) (?:have|had) not yet "
    r"commenced of " + AMOUNT.format("finance") + r" and " + AMOUNT.format("operating") + r", respectively\b"
)
# "... additional leases, ..., that have not yet commenced of $329.1 billion.": of both kinds.
WHOLE = re.compile(
    DAY
    + r", we (?:have|had) additional (?:operating and finance |finance and operating )?leases,?(?: [a-z ]+,)? (?:that|which) (?:have|had) not "
    r"yet commenced of " + AMOUNT.format("all") + r"(?=\.(?!\d)|$)"
)
# "... $98.1 billion of additional lease commitments, ..., generally expected to commence between ..."
ONE = re.compile(
    DAY
    + r", we (?:have|had) (?:approximately )?"
    + AMOUNT.format("all")
    + r" of additional (?P<kind>operating )?lease "
    r"commitments,[^$]*? expected to commence\b"
)
# "... operating lease commitments to $36.2 billion as of August 31, 2024. Our operating lease commitments, ..., are
# generally expected to commence between ..."
GROWN = re.compile(
    r"our operating lease commitments to "
    + AMOUNT.format("operating")
    + r" "
    + DAY.replace("As", "as")
    + r"\. Our operating "
    r"lease commitments,[^$]*? expected to commence\b"
)


class Lease(NamedTuple):
    """One amount as of a balance day. `definition`: leases_operating, leases_finance or leases_all."""

    definition: str
    as_of: date
    amount_usd: Decimal
    decimals: int


def leases_in(passage: str) -> list[Lease] | str | None:
    """The amounts a passage states; the sentence itself if it almost does; None if it is about something else."""
    text = " ".join(passage.split())
    if found := TWO.search(text) or TURNED.search(text):
        return [_lease(found, "operating", "leases_operating"), _lease(found, "finance", "leases_finance")]
    if found := ONE.search(text):
        return [_lease(found, "all", "leases_operating" if found["kind"] else "leases_all")]
    if found := WHOLE.search(text):
        return [_lease(found, "all", "leases_all")]
    if found := GROWN.search(text):
        return [_lease(found, "operating", "leases_operating")]
    sentences = [part for part in re.split(r"(?<=[a-z)]\.) ", text) if TOPIC.search(part) and MONEY.search(part)]
    return sentences[0][:300] if sentences else None


def _lease(found: re.Match[str], name: str, definition: str) -> Lease:
    number = Decimal(found[name].replace(",", ""))
    unit = BILLION if found[f"{name}_unit"] == "billion" else MILLION
    day = datetime.strptime(found["day"], "%B %d, %Y").date()  # noqa: DTZ007  a day has no zone
    decimals = len(found[name].partition(".")[2]) - (9 if unit == BILLION else 6)
    return Lease(definition, day, number * unit, decimals)
