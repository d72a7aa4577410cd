"""The numbers and durations of XBRL facts: what is printed, and what it stands for.

An inline fact prints 177, says scale 9 and format num-dot-decimal, and means 177,000,000,000. The formats are those of
the Inline XBRL transformation registries 1 to 5 and of the SEC's own; one that is not here is an error, not a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from transforms.filings.shown_text import INVISIBLE

EXACT = 100  # decimals="INF": every digit counts
UNSTATED = -100
LARGEST_SCALE = 18
LARGEST_POWER = 30  # of ten: no filing states more, and 1E+999999999 written out would fill the memory
DAYS_A_YEAR = Decimal("365.25")
MONTHS_A_YEAR = 12

PLAIN = re.compile(r"[0-9]+(\.[0-9]*)?|\.[0-9]+")
SEPARATOR = re.compile(r"[\s\u00a0]*,[\s\u00a0]*|[\s\u00a0]+")
IN_THREES = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
COMMA_FOR_DOT = str.maketrans(",.", ".,")
ISO_DURATION = re.compile(
    r"P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T.*)?"
)
IN_WORDS = re.compile(r"(?P<number>.+?)[\s-]+(?P<unit>years?|months?|weeks?|days?)")

ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
DECADES = "twenty thirty forty fifty sixty seventy eighty ninety"
SMALL = {word: value for value, word in enumerate(ONES.split())} | {"no": 0, "none": 0, "nil": 0, "a": 1, "an": 1}
TENS = {word: 10 * value for value, word in enumerate(DECADES.split(), start=2)}
LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def number_of(text: str, format_name: str = "", scale: str = "", sign: str = "") -> Decimal:
    """The value of an inline number from its printed text and its attributes. Raises ValueError."""
    convert = NUMBERS.get(_registry_name(format_name))
    if convert is None:
        raise ValueError(f"the number format {format_name} is not known")
    places = int(scale or "0")
    if abs(places) > LARGEST_SCALE:
        raise ValueError(f"scale {places}")
    if sign not in {"", "-"}:
        raise ValueError(f"sign {sign}")
    # As a browser shows it: 30,727 with a zero-width space in it is 30,727.
    printed = text if text.isascii() else INVISIBLE.sub("", text)
    value = convert(printed.strip()).scaleb(places)
    return -value if sign and value else value


def plain_number(text: str) -> Decimal:
    """The value of a number in a classic instance: an XML decimal, at times with an exponent. Raises ValueError."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise ValueError(f"{text[:40]!r} is not a number") from error
    if not value.is_finite() or abs(value.adjusted()) > LARGEST_POWER:
        raise ValueError(f"{text[:40]!r} is not a number")
    return value


def decimals_of(text: str) -> int:
    """decimals as a number: EXACT for INF, UNSTATED where the fact says nothing. Raises ValueError."""
    if text == "INF":
        return EXACT
    decimals = int(text or UNSTATED)
    if abs(decimals) > EXACT:
        raise ValueError(f"decimals {text[:40]}")
    return decimals


def digits(value: Decimal) -> str:
    """The value in plain digits: 177000000000, 5.5, -0.02."""
    return format(value, "f") if value else "0"


def years_of(text: str, format_name: str = "") -> Decimal:
    """A duration in years: P5Y6M, "5.5" with format duryear, or "six years" with durwordsen. Raises ValueError."""
    name = _registry_name(format_name)
    stripped = text.strip()
    if name == "":
        return _iso_years(stripped)
    if name in PER_YEAR:
        return _years(_dot_decimal(stripped), name)
    if name != "durwordsen":
        raise ValueError(f"the duration format {format_name} is not known")
    found = IN_WORDS.fullmatch(stripped.lower())
    if found is None:
        raise ValueError(f"{stripped[:40]!r} is not a duration in words")
    number = found["number"]
    value = _dot_decimal(number) if PLAIN.fullmatch(number) else _words(number)
    return _years(value, "dur" + found["unit"].removesuffix("s"))


PER_YEAR: Mapping[str, Decimal] = {
    "duryear": Decimal(1), "durmonth": Decimal(MONTHS_A_YEAR), "durweek": DAYS_A_YEAR / 7, "durday": DAYS_A_YEAR,
}  # fmt: skip


def _years(value: Decimal, unit: str) -> Decimal:
    return round(value / PER_YEAR[unit], 6).normalize()


def _iso_years(text: str) -> Decimal:
    found = ISO_DURATION.fullmatch(text)
    if found is None or not any(found.groups()):
        raise ValueError(f"{text[:40]!r} is not a duration")
    units = ("duryear", "durmonth", "durweek", "durday")
    return sum(
        (_years(Decimal(part), unit) for part, unit in zip(found.groups(), units, strict=True) if part), Decimal()
    )


def _registry_name(format_name: str) -> str:
    """num-dot-decimal and numdotdecimal are one format in two registries; the prefix is the document's own."""
    return format_name.rpartition(":")[2].lower().replace("-", "")


def _plain(text: str) -> Decimal:
    if not PLAIN.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number")
    return Decimal(text)


def _dot_decimal(text: str) -> Decimal:
    """Thousands by commas or spaces, in threes alone: 69,6321 is a figure with a footnote's mark. Raises ValueError."""
    written = SEPARATOR.sub(",", text)
    if "," in written and not IN_THREES.fullmatch(written):
        raise ValueError(f"{text[:40]!r} is not a number in groups of three")
    return _plain(written.replace(",", ""))


def _comma_decimal(text: str) -> Decimal:
    return _dot_decimal(text.translate(COMMA_FOR_DOT))


def _zero(_: str) -> Decimal:
    return Decimal()


def _dash(text: str) -> Decimal:
    """Zero, for a dash of whatever length. Raises ValueError for a figure."""
    if any(character.isalnum() for character in text):
        raise ValueError(f"{text[:40]!r} is no dash, yet its number format says it is")
    return Decimal()


def _words(text: str) -> Decimal:
    """Five, twenty-four, one hundred and five, two million; six and a half. Raises ValueError."""
    whole, half = re.subn(r"\s+and\s+(?:a|one)[\s-]half$", "", text.strip().lower())
    total = current = 0
    words = [word for word in re.split(r"[\s,-]+", whole) if word and word != "and"]
    for word in words:
        if word in SMALL or word in TENS:
            current += SMALL.get(word, TENS.get(word, 0))
        elif word == "hundred" and current:
            current *= 100
        elif word in LARGE and current:
            total, current = total + current * LARGE[word], 0
        else:
            raise ValueError(f"{text[:40]!r} is not a number in words")
    if not words:
        raise ValueError("no number in words")
    return Decimal(total + current) + (Decimal("0.5") if half else Decimal())


NUMBERS: Mapping[str, Callable[[str], Decimal]] = {
    "": _plain,
    "numdotdecimal": _dot_decimal,
    "numcommadot": _dot_decimal,
    "numspacedot": _dot_decimal,
    "numcommadecimal": _comma_decimal,
    "numdotcomma": _comma_decimal,
    "numspacecomma": _comma_decimal,
    "fixedzero": _zero,
    "zerodash": _dash,
    "numdash": _dash,
    "numwordsen": _words,
}
