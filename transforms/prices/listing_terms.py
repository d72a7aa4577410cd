"""What a listing of litellm's table says beside its plain prices: hours, uplifts, the day of its end.

Each becomes prices of a tier of its own, or an end; what is not readable is an issue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from transforms.prices.figures import Number, Price
from transforms.prices.hours import DAY, WEEK, Hours, Minutes, minutes_of, rest_of
from transforms.prices.hours import stated as as_text

UPLIFTS: Mapping[str, str] = {
    "fedramp_uplift_multiplier": "fedramp",
    "regional_endpoint_uplift_multiplier": "regional",
    "regional_processing_uplift_multiplier_eu": "region_eu",
    "regional_processing_uplift_multiplier_us": "region_us",
}
SPECIFIC = "provider_specific_entry"  # multipliers by region or speed, beside switches of other modes
_TIER_OF: Mapping[str, str] = {"us": "region_us", "eu": "region_eu", "fast": "fast"}
# Weekdays come as numbers (1 Monday) or as names, short or long, in any case.
_WEEKDAYS: Mapping[str, int] = {
    name: number
    for number, names in enumerate(
        ("1 mon monday", "2 tue tues tuesday", "3 wed wednesday", "4 thu thur thurs thursday", "5 fri friday", "6 sat saturday",
         "7 sun sunday"), 1,
    )
    for name in names.split()
}  # fmt: skip
# Where the weekdays are those of another place than UTC: how many minutes its day begins before that of UTC.
# Only places without summer time: elsewhere no hours of UTC are a weekday's all year.
_ZONES: Mapping[str, int] = {
    "UTC": 0, "Asia/Shanghai": 480, "Asia/Hong_Kong": 480, "Asia/Singapore": 480, "Asia/Taipei": 480, "Asia/Tokyo": 540, "Asia/Seoul": 540
}  # fmt: skip
# Hours of every day stand beside the windows, those of some weekdays in them; both hold.
_WINDOWS, _HOURS, _DAYS, _ZONE = "windows", "hours_utc", "weekdays", "weekday_timezone"
# Switches of other modes, and what is of their videos and images.
_SWITCH = re.compile(r"(bedrock|dashscope|minimax|realtime|transcription|volcengine)_\w+")
_BY_CHARACTER = ("_per_character", "_per_characters", "_per_char")
_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ].*)?")  # tokencost writes 2025-1-6, too
_REGION = re.compile(r"[a-z]{2}(-[a-z]+-\d)?")
OFF_PEAK = "off_peak_pricing"
END = "deprecation_date"


def end_of(entry: Mapping[str, Any]) -> date | None:
    """The day from which the listing is not sold, by its own word; None where it states none, or no day."""
    stated = entry.get(END)
    found = _DAY.fullmatch(stated) if isinstance(stated, str) else None
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def by_the_token(entry: Mapping[str, Any], key: str, content: Any) -> Any:
    """What stands under a key of a token's price, unless the entry asks as much for a character: a token has at least one."""
    if "_cost_per_token" not in key or type(content) is not Number:
        return content
    beside = [entry.get(key.replace("_per_token", unit)) for unit in _BY_CHARACTER]
    try:
        slipped = any(0 < Decimal(content) <= Decimal(asked) for asked in beside if type(asked) is Number)
    except ArithmeticError:
        return content
    return Price(None, str(content), problem="not above its price by the character") if slipped else content


def uplifts(entry: Mapping[str, Any]) -> Iterator[tuple[str, str, Decimal]]:
    """(tier, key, multiplier) of each uplift the entry states."""
    for key, tier in UPLIFTS.items():
        if type(entry.get(key)) is Number:
            yield tier, key, Decimal(entry[key])
    specific = entry.get(SPECIFIC)
    for key, content in specific.items() if isinstance(specific, dict) else ():
        named = _tier_of(key)
        if named and type(content) is Number:
            yield named, f"{SPECIFIC}/{key}", Decimal(content)


def _tier_of(key: str) -> str | None:
    """The tier that a multiplier beside the prices is of; None where nobody has declared it."""
    return _TIER_OF.get(key) or (f"region_{key}" if _REGION.fullmatch(key) else None)


def unread_uplifts(entry: Mapping[str, Any]) -> Iterator[str]:
    """What may be an uplift and is not read: a multiplier that is no number, or of what nobody has declared."""
    yield from (key for key in UPLIFTS if entry.get(key) is not None and type(entry[key]) is not Number)
    specific = entry.get(SPECIFIC)
    for key, content in specific.items() if isinstance(specific, dict) else ():
        read = _tier_of(key) is not None and type(content) is Number
        if not read and content is not None and not _SWITCH.fullmatch(key):
            yield f"{SPECIFIC}/{key}"


def lifted(content: Any, multiplier: Decimal, key: str) -> Any:
    """A plain price times an uplift; what is no price stays what it is."""
    if type(content) is not Number:
        return content
    try:
        product = Decimal(content) * multiplier
    except ArithmeticError:
        return content
    return Number(str(product)) if product.is_finite() else Price(None, None, problem=f"{key} is not a number")


def off_peak_hours(stated: Any) -> tuple[Hours, Hours] | None:
    """(hours of the off-peak price, hours of the peak price) of `off_peak_pricing`; None where they are unreadable."""
    minutes = _off_peak(stated)
    return None if minutes is None else (as_text(minutes), as_text(rest_of(minutes)))


def _off_peak(stated: Any) -> Minutes | None:
    if not isinstance(stated, dict):
        return None
    windows, ahead = stated.get(_WINDOWS, []), _ZONES.get(str(stated.get(_ZONE, "UTC")))
    if not isinstance(windows, list) or not all(isinstance(window, dict) for window in windows):
        return None
    daily = [{key: stated[key] for key in (_HOURS, _DAYS) if key in stated}] if _HOURS in stated else []
    minutes = _minutes([*daily, *windows])
    if minutes is None or ahead is None:
        return None
    # What of a day there lies in the last minutes of a day of UTC is of the day before. A window over midnight is of the day of
    # each of its minutes, as litellm bills it: of Friday's 22:00-02:00 the first two hours of Friday, not of Saturday.
    late = frozenset(range(DAY - ahead, DAY))
    return {day: (minutes[day] - late) | (minutes[day % 7 + 1] & late) for day in WEEK}


def _minutes(windows: list[dict[str, Any]]) -> Minutes | None:
    """The minutes of windows, each with hours and perhaps weekdays; None where there is none, or one is unreadable or has a
    condition that nobody declared.
    """
    read: list[tuple[str, list[int]]] = []
    for window in windows:
        hours, days = window.get(_HOURS), window.get(_DAYS, [*map(str, WEEK)])
        if not window.keys() <= {_HOURS, _DAYS}:
            return None
        if not isinstance(days, list) or not all(isinstance(day, str) and _name(day) in _WEEKDAYS for day in days):
            return None
        for text in hours if isinstance(hours, list) else [hours]:
            if not isinstance(text, str):
                return None
            read.append((text, [_WEEKDAYS[_name(day)] for day in days]))
    return minutes_of(read) if read else None


def _name(day: str) -> str:
    return day.strip().lower()


def unread_of_hours(stated: Any) -> tuple[str, ...]:
    """The keys beside the hours that state neither a price (`price_key`) nor which hours."""
    return (
        tuple(key for key in stated if key not in {_WINDOWS, _HOURS, _DAYS, _ZONE}) if isinstance(stated, dict) else ()
    )
