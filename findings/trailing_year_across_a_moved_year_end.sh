#!/usr/bin/env bash
# The trailing year as of a day, by two point-in-time libraries, of a company that moved the end of its fiscal year.
#
# Expected: a report on the transition (form 10-KT) states the half-year from July to December 2023, 290; its first quarter was stated
#   before, 140, so that the second is 150. In May 2024 the trailing year is 130 + 140 + 150 + 160 = 580, or none where that is not seen.
# Happens:  one library reads no form 10-KT by default, the other reads it and takes no quarter from it. Both then take the last four
#   quarters that they have for a year: January to September 2023 and January to March 2024, 120 + 130 + 140 + 160 = 550, of which the
#   ends lie twelve months apart, not nine. The first says that it has four periods and nothing else; the second warns, as it does for
#   many a sound year, that data are derived, few, and have gaps. It goes on until four quarters of the new calendar are filed.
# Matters:  the quarter that is left out is the newest but one, and in its place counts the one that the new year's replaced: two first
#   quarters stand in one year and no fourth, growth and seasons are wrong, and a check that counts periods passes.
# Remedy:   a trailing year is four quarters that follow on each other without a day between them; read 10-KT and 10-QT as what they are.
# Package:  pitedgar 0.4.0 and edgartools 5.62.1.  Seen: 2026-12-01.
# Output:
#   pitedgar 2023-11-01: trailing year 500, 4 periods that end from 2022-12-31 to 2023-09-30
#   pitedgar 2024-05-01: trailing year 550, 4 periods that end from 2023-03-31 to 2024-03-31
#   pitedgar 2024-08-01: trailing year 600, 4 periods that end from 2023-06-30 to 2024-06-30
#   edgartools 2023-11-01: trailing year 500 = 110 + 120 + 130 + 140
#   edgartools 2024-03-01: trailing year 500 = 110 + 120 + 130 + 140
#   edgartools 2024-05-01: trailing year 550 = 120 + 130 + 140 + 160
#   edgartools 2024-08-01: trailing year 600 = 130 + 140 + 160 + 170
#   by the documents, April 2023 to March 2024: 130 + 140 + (290 - 140) + 160 = 580
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import json
import logging
import sys
from datetime import date
from pathlib import Path

from loguru import logger

logger.remove()
logging.disable(logging.CRITICAL)
from edgar.entity.parser import EntityFactsParser  # noqa: E402
from edgar.ttm.calculator import TTMCalculator  # noqa: E402
from pitedgar import parser  # noqa: E402
from pitedgar.config import DEFAULT_FORMS  # noqa: E402
from pitedgar.query import PitQuery  # noqa: E402

CONCEPT = "us-gaap:Revenues"
STATED = [  # from, to, millions, filing, form, filed, fiscal year and period of the filing
    ("2022-07-01", "2022-09-30", 100, "22-000001", "10-Q", "2022-11-01", 2023, "Q1"),
    ("2022-10-01", "2022-12-31", 110, "23-000001", "10-Q", "2023-02-01", 2023, "Q2"),
    ("2022-07-01", "2022-12-31", 210, "23-000001", "10-Q", "2023-02-01", 2023, "Q2"),
    ("2023-01-01", "2023-03-31", 120, "23-000002", "10-Q", "2023-05-01", 2023, "Q3"),
    ("2022-07-01", "2023-03-31", 330, "23-000002", "10-Q", "2023-05-01", 2023, "Q3"),
    ("2022-07-01", "2023-06-30", 460, "23-000003", "10-K", "2023-08-15", 2023, "FY"),
    ("2023-07-01", "2023-09-30", 140, "23-000004", "10-Q", "2023-11-01", 2024, "Q1"),
    ("2022-07-01", "2022-09-30", 100, "23-000004", "10-Q", "2023-11-01", 2024, "Q1"),
    ("2023-07-01", "2023-12-31", 290, "24-000001", "10-KT", "2024-03-01", 2023, "FY"),
    ("2022-07-01", "2022-12-31", 210, "24-000001", "10-KT", "2024-03-01", 2023, "FY"),
    ("2024-01-01", "2024-03-31", 160, "24-000002", "10-Q", "2024-05-01", 2024, "Q1"),
    ("2023-01-01", "2023-03-31", 120, "24-000002", "10-Q", "2024-05-01", 2024, "Q1"),
    ("2024-04-01", "2024-06-30", 170, "24-000003", "10-Q", "2024-08-01", 2024, "Q2"),
    ("2023-04-01", "2023-06-30", 130, "24-000003", "10-Q", "2024-08-01", 2024, "Q2"),
    ("2024-01-01", "2024-06-30", 330, "24-000003", "10-Q", "2024-08-01", 2024, "Q2"),
    ("2023-01-01", "2023-06-30", 250, "24-000003", "10-Q", "2024-08-01", 2024, "Q2"),
]
facts = [
    {"start": start, "end": end, "val": value * 1_000_000, "accn": f"0000000001-{filing}", "fy": fy, "fp": fp, "form": form, "filed": filed}
    for start, end, value, filing, form, filed, fy, fp in STATED
]
about = {"label": "Revenues", "description": "", "units": {"USD": facts}}
document = {"cik": 1, "entityName": "Example", "facts": {"us-gaap": {"Revenues": about}}}

folder = Path(sys.argv[1])
(folder / "CIK0000000001.json").write_text(json.dumps(document))
rows = parser.parse_company("0000000001", None, folder, DEFAULT_FORMS)
rows["ticker"] = "EX"
rows.to_parquet(folder / "all.parquet")
for row in PitQuery(folder / "all.parquet").ttm("EX", CONCEPT, start_date="2023-09-01").itertuples():
    ends = f"{row.n_periods} periods that end from {row.ttm_end_min:%Y-%m-%d} to {row.ttm_end_max:%Y-%m-%d}"
    print(f"pitedgar {row.filed:%Y-%m-%d}: trailing year {row.ttm_val / 1e6:.0f}, {ends}")

for day in (date(2023, 11, 1), date(2024, 3, 1), date(2024, 5, 1), date(2024, 8, 1)):
    known = EntityFactsParser.parse_company_facts(document).query().by_concept(CONCEPT, exact=True).as_of(day).execute()
    year = TTMCalculator(known).calculate_ttm()
    parts = " + ".join(f"{fact.numeric_value / 1e6:.0f}" for fact in year.period_facts)
    print(f"edgartools {day}: trailing year {year.value / 1e6:.0f} = {parts}")

value = {(start, end): value for start, end, value, *_ in STATED}
spring, summer, both = value["2023-04-01", "2023-06-30"], value["2023-07-01", "2023-09-30"], value["2023-07-01", "2023-12-31"]
winter = value["2024-01-01", "2024-03-31"]
total = spring + both + winter
print(f"by the documents, April 2023 to March 2024: {spring} + {summer} + ({both} - {summer}) + {winter} = {total}")
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pitedgar==0.4.0 edgartools==5.62.1 2>/dev/null
HOME="$folder" "$folder/venv/bin/python" "$folder/ask.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-12-01" >&2; exit 1; }
