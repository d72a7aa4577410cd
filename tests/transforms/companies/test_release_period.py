"""Headings of a release on the fourth quarter of 2024, and the period of what stands under them."""

from __future__ import annotations

from datetime import date

import pytest

from config.load import catalog
from transforms.companies.release_period import heading

FOURTH = date(2024, 12, 31)
LONG = (
    "Highlights of the Company's Financial and Operational Performance for the Twelve-Month Period Ended December 31, 2024 as Compared "
    "to the Twelve-Month Period Ended December 31, 2023, with Commentary on the Performance of Each of its Segments and Regions"
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LONG, "year"),
        (LONG.replace("Highlights", "These are highlights").lower(), ""),  # prose that runs on without a stop
        ("Annual Performance", "year"),
        ("Full Year 2024 (in $ billions)", "year"),
        ("Full year 2024 results.", "year"),
        ("We had a full year of progress.", ""),
        ("2024 compared with 2023", "year"),
        ("2023 Financial Highlights", "other"),
        ("The whole of 2024", "year"),
        ("January - December 2024", "year"),
        ("January 1 to September 30, 2024", "other"),
        ("October to December 2024", "quarter"),
        ("July 2023 \u2013 June 2024", "other"),
        ("Marketing to Decrease", ""),
        ("Fifty-Two Weeks Ended December 28, 2024", "year"),
        ("39 weeks ended September 28, 2024", "other"),
        ("Four Quarters Ended December 31, 2024", "year"),
        ("Quarter Ended December 31, 2024", "quarter"),
        ("12M 2024", "year"),
        ("AWS re:Invent 2024", ""),
    ],
)
def test_a_heading_names_the_period_of_what_stands_under_it(text, told):
    assert heading(text, catalog().companies["AMZN"], FOURTH) == told
