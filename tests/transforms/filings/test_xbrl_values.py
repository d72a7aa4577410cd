"""Printed numbers and durations: what the formats of filings stand for, and what is no number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from transforms.filings.xbrl_values import EXACT, UNSTATED, decimals_of, digits, number_of, plain_number, years_of


@pytest.mark.parametrize(
    ("text", "format_name", "scale", "sign", "value"),
    [
        ("177", "", "9", "", "177000000000"),
        ("34.12", "ixt:num-dot-decimal", "9", "", "34120000000"),
        ("107,556", "ixt:num-dot-decimal", "6", "", "107556000000"),
        ("7,746", "ixt:numdotdecimal", "6", "-", "-7746000000"),
        ("30,\u200b727", "ixt:num-dot-decimal", "6", "", "30727000000"),
        ("\ufeff298\u2060.5", "ixt:num-dot-decimal", "9", "", "298500000000"),
        ("12.345,6", "ixt:num-comma-decimal", "3", "", "12345600"),
        ("12 345,6", "ixt:numcommadecimal", "0", "", "12345.6"),
        ("1 234 567.5", "ixt:num-dot-decimal", "0", "", "1234567.5"),
        ("1,234 ,567", "ixt:num-dot-decimal", "0", "", "1234567"),
        ("\u2014", "ixt:fixed-zero", "6", "", "0"),
        ("-", "ixt:zerodash", "6", "", "0"),
        ("-", "ixt:numdash", "6", "-", "0"),
        ("5.5", "ixt:num-dot-decimal", "-2", "", "0.055"),
        ("two", "ixt-sec:numwordsen", "0", "", "2"),
        ("No", "ixt-sec:numwordsen", "0", "", "0"),
        ("one hundred and five", "ixt-sec:numwordsen", "", "", "105"),
        ("Twenty-four", "ixt-sec:numwordsen", "", "", "24"),
        ("two million", "ixt-sec:numwordsen", "", "", "2000000"),
        (".5", "", "", "", "0.5"),
    ],
)
def test_printed_numbers(text, format_name, scale, sign, value):
    assert digits(number_of(text, format_name, scale, sign)) == value


@pytest.mark.parametrize(
    ("text", "format_name", "scale", "sign"),
    [
        ("1,234", "", "6", ""),  # a comma without a format that says what it is
        ("-5", "", "0", ""),  # the sign is an attribute, never printed
        ("(5)", "ixt:num-dot-decimal", "0", ""),
        ("", "ixt:num-dot-decimal", "0", ""),
        ("n/a", "ixt:num-dot-decimal", "0", ""),
        ("5", "ixt:num-unit-decimal", "0", ""),
        ("5", "", "400", ""),
        ("5", "", "x", ""),
        ("5", "", "0", "+"),
        ("a few", "ixt-sec:numwordsen", "0", ""),
        ("hundred", "ixt-sec:numwordsen", "0", ""),
        ("NaN", "", "0", ""),
        ("5", "ixt:zerodash", "0", ""),  # a dash stands for nothing, a figure does not
        ("5", "ixt:numdash", "0", ""),
        ("\u0665", "", "0", ""),  # a digit of another script
        ("69,6321", "ixt:num-dot-decimal", "6", ""),  # a footnote's mark glued to 69,632
        ("12,5", "ixt:num-dot-decimal", "9", ""),  # a decimal comma under the format of the point
        ("1.234.56", "ixt:num-comma-decimal", "0", ""),
    ],
)
def test_what_is_no_number_is_an_error(text, format_name, scale, sign):
    with pytest.raises(ValueError, match=r"number|scale|sign|invalid literal"):
        number_of(text, format_name, scale, sign)


@pytest.mark.parametrize(("text", "value"), [("2106000000", "2106000000"), ("-35e6", "-35000000"), (" 1.10 ", "1.10")])
def test_numbers_of_classic_instances(text, value):
    assert digits(plain_number(text)) == value


@pytest.mark.parametrize("text", ["", "INF", "NaN", "1,000", "one", "1E+999999999", "1E-999999999"])
def test_what_is_no_number_of_an_instance(text):
    with pytest.raises(ValueError, match="is not a number"):
        plain_number(text)


def test_decimals():
    assert [decimals_of(text) for text in ("-6", "2", "INF", "")] == [-6, 2, EXACT, UNSTATED]


@pytest.mark.parametrize("text", ["1000000", "-1000000", "six"])
def test_decimals_beyond_any_figure_are_an_error(text):
    with pytest.raises(ValueError, match=r"decimals|invalid literal"):
        decimals_of(text)


@pytest.mark.parametrize(
    ("text", "format_name", "years"),
    [
        ("P3Y", "", "3"),
        ("P01Y", "", "1"),
        ("P5Y6M", "", "5.5"),
        ("P18M", "", "1.5"),
        ("5.5", "ixt-sec:duryear", "5.5"),
        ("30", "ixt-sec:durmonth", "2.5"),
        ("six years", "ixt-sec:durwordsen", "6"),
        ("Four years", "ixt-sec:durwordsen", "4"),
        ("thirty-nine years", "ixt-sec:durwordsen", "39"),
        ("five and a half years", "ixt-sec:durwordsen", "5.5"),
        ("one-year", "ixt-sec:durwordsen", "1"),
        ("18 months", "ixt-sec:durwordsen", "1.5"),
    ],
)
def test_durations_in_years(text, format_name, years):
    assert years_of(text, format_name) == Decimal(years)


@pytest.mark.parametrize(
    ("text", "format_name"),
    [
        ("P", ""),
        ("six", ""),
        ("six", "ixt-sec:durwordsen"),
        ("several years", "ixt-sec:durwordsen"),
        ("5", "ixt:other"),
    ],
)
def test_what_is_no_duration(text, format_name):
    with pytest.raises(ValueError, match=r"duration|number"):
        years_of(text, format_name)
