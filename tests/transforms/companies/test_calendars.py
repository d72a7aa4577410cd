"""Fiscal and calendar periods, against quarter ends the companies' filings give."""

from __future__ import annotations

from datetime import date

import pytest

from config.load import catalog
from transforms.companies.calendars import fiscal_year_end, period_of, quarter_ends


def period(ticker, start, end):
    calendar = catalog().companies[ticker].calendar
    return period_of(calendar, date.fromisoformat(start) if start else None, date.fromisoformat(end))


@pytest.mark.parametrize(
    ("ticker", "year", "end"),
    [
        ("MSFT", 2025, "2025-06-30"),
        ("ORCL", 2024, "2024-05-31"),
        ("AMZN", 2024, "2024-12-31"),
        ("NVDA", 2025, "2025-01-26"),
        ("NVDA", 2016, "2016-01-31"),
        ("NVDA", 2024, "2024-01-28"),
        ("AAPL", 2016, "2016-09-24"),
        ("AAPL", 2017, "2017-09-30"),
        ("AAPL", 2023, "2023-09-30"),
        ("AAPL", 2024, "2024-09-28"),
    ],
)
def test_a_fiscal_year_ends_on_the_day_the_annual_report_names(ticker, year, end):
    assert fiscal_year_end(catalog().companies[ticker].calendar, year) == date.fromisoformat(end)


@pytest.mark.parametrize(
    ("ticker", "year", "ends"),
    [
        ("AAPL", 2017, ("2016-12-31", "2017-04-01", "2017-07-01", "2017-09-30")),  # fourteen weeks at its beginning
        ("AAPL", 2024, ("2023-12-30", "2024-03-30", "2024-06-29", "2024-09-28")),
        ("NVDA", 2016, ("2015-04-26", "2015-07-26", "2015-10-25", "2016-01-31")),  # and at its end
        ("ORCL", 2025, ("2024-08-31", "2024-11-30", "2025-02-28", "2025-05-31")),
    ],
)
def test_quarters_end_on_the_days_the_reports_name_wherever_the_extra_week_lies(ticker, year, ends):
    assert quarter_ends(catalog().companies[ticker].calendar, year) == tuple(map(date.fromisoformat, ends))


@pytest.mark.parametrize(
    ("ticker", "start", "end", "fiscal"),
    [
        ("MSFT", "2024-10-01", "2024-12-31", ("quarter", 2025, 2)),
        ("MSFT", "2024-07-01", "2024-12-31", ("half", 2025, 2)),
        ("MSFT", "2024-07-01", "2025-03-31", ("nine_months", 2025, 3)),
        ("MSFT", "2023-07-01", "2024-06-30", ("year", 2024, None)),
        ("MSFT", "2016-07-02", "2016-09-30", ("quarter", 2017, 1)),  # the typo of the 10-K of 2018-08-03
        ("MSFT", "2024-01-01", "2024-12-31", ("other", None, None)),  # a calendar year is not its fiscal year
        ("ORCL", "2024-06-01", "2024-08-31", ("quarter", 2025, 1)),
        ("AMZN", "2025-07-01", "2026-06-30", ("other", None, None)),  # trailing twelve months of the 10-Q
        ("AMZN", "2025-01-01", "2025-12-31", ("year", 2025, None)),
        ("AMZN", "2024-04-01", "2024-12-31", ("other", None, None)),  # nine months, but not the first nine
        ("AMZN", "2024-02-01", "2024-04-30", ("other", None, None)),  # three months across two quarters
        ("AMZN", "2024-01-01", "2025-12-31", ("other", None, None)),
        ("AMZN", "2016-02-29", "2016-02-29", ("other", None, None)),
        ("AAPL", "2017-04-02", "2017-07-01", ("quarter", 2017, 3)),
        ("AAPL", "2016-09-25", "2016-12-31", ("quarter", 2017, 1)),  # fourteen weeks
        ("AAPL", "2016-09-25", "2017-07-01", ("nine_months", 2017, 3)),
        ("AAPL", "2016-09-25", "2017-09-30", ("year", 2017, None)),  # 53 weeks
        ("AAPL", "2023-10-01", "2023-12-30", ("quarter", 2024, 1)),
        ("NVDA", "2015-10-26", "2016-01-31", ("quarter", 2016, 4)),  # fourteen weeks
        ("NVDA", "2015-01-26", "2015-04-26", ("quarter", 2016, 1)),
        ("NVDA", "2024-01-29", "2025-01-26", ("year", 2025, None)),
    ],
)
def test_durations(ticker, start, end, fiscal):
    assert period(ticker, start, end)[:3] == fiscal


@pytest.mark.parametrize(
    ("ticker", "day", "year", "quarter"),
    [
        ("MSFT", "2024-12-31", 2025, 2),
        ("AAPL", "2017-07-01", 2017, 3),
        ("NVDA", "2025-01-26", 2025, 4),
        ("GOOGL", "2018-01-01", None, None),  # the opening balance after a new standard is no year's end
        ("MSFT", "2024-07-25", None, None),  # shares outstanding on a cover page
    ],
)
def test_instants_belong_to_the_quarter_they_close(ticker, day, year, quarter):
    assert period(ticker, None, day)[:3] == ("instant", year, quarter)


def test_a_duration_is_counted_to_the_calendar_quarter_of_its_middle_day():
    assert period("MSFT", "2024-07-01", "2024-09-30")[3:] == (2024, 3)
    assert period("ORCL", "2024-06-01", "2024-08-31")[3:] == (2024, 3)
    assert period("NVDA", "2024-10-28", "2025-01-26")[3:] == (2024, 4)
    assert period("AAPL", "2017-04-02", "2017-07-01")[3:] == (2017, 2)
    assert period("AMZN", "2024-01-01", "2024-12-31")[3:] == (2024, None)


def test_an_instant_is_counted_to_the_calendar_quarter_of_its_date():
    assert period("NVDA", None, "2025-01-26")[3:] == (2025, 1)


def test_without_a_calendar_a_duration_is_other():
    assert period_of(None, date(2024, 1, 1), date(2024, 3, 31)) == ("other", None, None, 2024, None)
    assert period_of(None, None, date(2024, 3, 31)) == ("instant", None, None, 2024, 1)
