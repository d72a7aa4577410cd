"""Hours of the week that a listing states by the weekdays of another place, and what else stands beside its hours."""

from __future__ import annotations

from datetime import datetime

import orjson
import pytest

from config.contracts import Capture
from config.load import catalog
from transforms.prices.hours import Hours
from transforms.prices.listing_terms import off_peak_hours
from transforms.prices.table import parse_price_table


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        # Monday in Shanghai ends at 16:00 UTC of Monday and begins at 16:00 UTC of Sunday.
        ("Asia/Shanghai", Hours("15:00-16:00; 16:00-18:00", "Mon; Sun")),
        ("UTC", Hours("15:00-18:00", "Mon")),
    ],
)
def test_a_weekday_is_that_of_its_place(zone: str, hours: Hours) -> None:
    windows = [{"hours_utc": "15:00-18:00", "weekdays": ["1"]}]
    read = off_peak_hours({"windows": windows, "weekday_timezone": zone})
    assert read is not None
    assert read[0] == hours


@pytest.mark.parametrize(
    ("block", "off_peak", "peak"),
    [
        # litellm's first form: hours of every day beside the prices, as one text or several.
        ({"hours_utc": "16:30-00:30"}, Hours("00:00-00:30, 16:30-24:00", None), Hours("00:30-16:30", None)),
        ({"hours_utc": ["22:00-00:00", "0:00 - 6:00"]}, Hours("00:00-06:00, 22:00-24:00", None), Hours("06:00-22:00", None)),
        # Hours of every day and those of some weekdays both hold.
        (
            {"hours_utc": "04:00-06:00", "windows": [{"hours_utc": "00:00-00:00", "weekdays": ["Sat", "sunday"]}]},
            Hours("04:00-06:00; 00:00-24:00", "Mon-Fri; Sat-Sun"),
            Hours("00:00-04:00, 06:00-24:00", "Mon-Fri"),
        ),
        # Weekdays beside the hours are theirs, and seconds change nothing.
        ({"hours_utc": "16:00:00-20:00:00", "weekdays": [*"12345"]}, Hours("16:00-20:00", "Mon-Fri"), Hours("00:00-16:00, 20:00-24:00; 00:00-24:00", "Mon-Fri; Sat-Sun")),
        # A window over midnight is of the weekday of each of its minutes.
        (
            {"windows": [{"hours_utc": "22:00-02:00", "weekdays": ["friday"]}]},
            Hours("00:00-02:00, 22:00-24:00", "Fri"),
            Hours("00:00-24:00; 02:00-22:00", "Mon-Thu,Sat-Sun; Fri"),
        ),
    ],
)  # fmt: skip
def test_hours_of_every_day_stand_beside_the_prices_and_weekdays_have_names(
    block: dict[str, object], off_peak: Hours, peak: Hours
) -> None:
    assert off_peak_hours({"input_cost_per_token": 1e-7, **block}) == (off_peak, peak)


@pytest.mark.parametrize(
    "block",
    [
        {}, {"windows": []}, {"hours_utc": 16}, {"windows": [{"hours_utc": "15:00-18:00", "weekdays": ["noday"]}]},
        {"windows": [{"hours_utc": "15:00-18:00", "months": ["1"]}]},
    ],
)  # fmt: skip
def test_a_block_without_readable_hours_is_told(block: dict[str, object]) -> None:
    assert off_peak_hours({"input_cost_per_token": 1e-7, **block}) is None


@pytest.mark.parametrize(
    ("hours", "prices"),
    [
        ("16:30-00:30", [("cache_read", "off_peak", 0.03), ("cache_read", "peak", 0.03), ("input", "off_peak", 0.15), ("input", "peak", 0.3)]),
        ("00:00-00:00", [("cache_read", "standard", 0.03), ("input", "standard", 0.15)]),  # all day: the price
    ],
)  # fmt: skip
def test_what_off_peak_hours_do_not_state_costs_the_same_in_them(
    hours: str, prices: list[tuple[str, str, float]]
) -> None:
    entry = {
        "mode": "chat", "litellm_provider": "deepseek", "input_cost_per_token": 3e-7, "cache_read_input_token_cost": 3e-8,
        "off_peak_pricing": {"hours_utc": hours, "input_cost_per_token": 1.5e-7},
    }  # fmt: skip
    at = datetime(2026, 11, 20)
    capture = Capture("litellm_prices", "", "https://example.org/", "0" * 64, 1, at, at)
    parsed = parse_price_table(orjson.dumps({"m": entry}), capture, catalog().sources["litellm_prices"])
    assert parsed.issues == ()
    assert parsed.rows.sort("token_kind", "price_tier").select("token_kind", "price_tier", "value").rows() == prices


HALF = {"hours_utc": "16:30-00:30", "input_cost_per_token": 1.5e-7}
DAY, NIGHT = "00:30-16:30", "00:00-00:30, 16:30-24:00"


@pytest.mark.parametrize(
    ("entry", "prices"),
    [
        # An uplift is one of each hour's price.
        (
            {"regional_processing_uplift_multiplier_eu": 1.1, "off_peak_pricing": HALF},
            {("peak", DAY, 0.3), ("off_peak", NIGHT, 0.15), ("region_eu_peak", DAY, 0.33), ("region_eu_off_peak", NIGHT, 0.165)},
        ),
        (
            {"input_cost_per_token_above_128k_tokens": 6e-7, "input_cost_per_token_batches": 1.5e-7, "provider_specific_entry": {"us": 1.1}},
            {("standard", None, 0.3), ("above_128k", None, 0.6), ("batch", None, 0.15), ("region_us", None, 0.33), ("above_128k_region_us", None, 0.66)},
        ),
        (
            {"input_cost_per_token_above_128k_tokens": 6e-7, "provider_specific_entry": {"us": 1.1}, "off_peak_pricing": HALF | {"input_cost_per_token_above_128k_tokens": 3e-7}},
            {
                ("peak", DAY, 0.3), ("off_peak", NIGHT, 0.15), ("above_128k_peak", DAY, 0.6), ("above_128k_off_peak", NIGHT, 0.3),
                ("region_us_peak", DAY, 0.33), ("region_us_off_peak", NIGHT, 0.165),
                ("above_128k_region_us_peak", DAY, 0.66), ("above_128k_region_us_off_peak", NIGHT, 0.33),
            },
        ),
        (
            {"input_cost_per_token_above_128k_tokens": 6e-7, "off_peak_pricing": HALF | {"input_cost_per_token_above_128k_tokens": 3e-7}},
            {("peak", DAY, 0.3), ("off_peak", NIGHT, 0.15), ("above_128k_peak", DAY, 0.6), ("above_128k_off_peak", NIGHT, 0.3)},
        ),
        # Where the hours are unreadable neither price is that of the whole day; where no price of theirs is, one is known.
        ({"off_peak_pricing": HALF | {"hours_utc": "nights"}}, {("peak", None, 0.3), ("off_peak", None, 0.15)}),
        ({"off_peak_pricing": {"hours_utc": "16:30-00:30", "multiplier": 0.5}}, {("peak", None, 0.3)}),
        ({"off_peak_pricing": None}, {("standard", None, 0.3)}),
    ],
    ids=["uplift", "uplift of context", "uplift of both", "context", "unreadable hours", "no price", "none"],
)  # fmt: skip
def test_no_price_of_some_hours_is_one_of_the_whole_day(
    entry: dict[str, object], prices: set[tuple[str, str | None, float]]
) -> None:
    at = datetime(2026, 11, 20)
    body = {"m": {"mode": "chat", "litellm_provider": "deepseek", "input_cost_per_token": 3e-7, **entry}}
    capture = Capture("litellm_prices", "", "https://example.org/", "0" * 64, 1, at, at)
    parsed = parse_price_table(orjson.dumps(body), capture, catalog().sources["litellm_prices"])
    assert set(parsed.rows.select("price_tier", "hours_utc", "value").rows()) == prices
    told = {issue.reason for issue in parsed.issues} - {"unknown cost key"}
    assert told == ({"unknown hours of a price"} if ("peak", None, 0.3) in prices else set())


def test_weekdays_of_a_place_nobody_declared_are_no_hours() -> None:
    assert off_peak_hours({"windows": [{"hours_utc": "15:00-18:00"}], "weekday_timezone": "Mars/Olympus"}) is None


def test_a_key_nobody_declared_beside_the_hours_is_told() -> None:
    off_peak = {"windows": [{"hours_utc": "15:00-18:00"}], "input_cost_per_token": 1e-7, "lunar_phase": "full"}
    entry = {"mode": "chat", "litellm_provider": "deepseek", "input_cost_per_token": 2e-7, "off_peak_pricing": off_peak}
    at = datetime(2026, 11, 20)
    capture = Capture("litellm_prices", "", "https://example.org/", "0" * 64, 1, at, at)
    found = parse_price_table(orjson.dumps({"m": entry}), capture, catalog().sources["litellm_prices"])
    assert [(issue.locator, issue.detail) for issue in found.issues] == [
        ("/m/off_peak_pricing/lunar_phase", "'off_peak_pricing/lunar_phase' in 1 entries")
    ]


def test_an_entry_written_as_in_the_file_before_is_read_on_the_day_of_its_own_file() -> None:
    """An end that was ahead is past in the next file, whose text is the same; a name that goes and returns is as it was."""
    spec = catalog().sources["litellm_prices"]
    ending = b'{"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 2e-06, "deprecation_date": "2026-10-23"}'
    other = ending.replace(b"2e-06", b"3e-06")
    found = []
    bodies = (b'{"m": %s, "n": %s}' % (ending, other), b'{"m": %s}' % ending, b'{"n":%s,"m":%s}' % (other, ending))
    for month, body in zip((9, 10, 11), bodies, strict=True):
        at = datetime(2026, month, 1)
        parsed = parse_price_table(body, Capture("litellm_prices", "", "", "0" * 64, 1, at, at), spec)
        found.append(parsed.rows.select("listing", "value", "absence").rows())
    assert found == [
        [("m", 2.0, None), ("m", None, "ended"), ("n", 3.0, None), ("n", None, "ended")],
        [("m", 2.0, None), ("m", None, "ended")],
        [("n", None, "ended"), ("m", None, "ended")],
    ]
