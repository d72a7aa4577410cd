#!/usr/bin/env bash
# The trailing year as of a day, by two point-in-time libraries, where an annual report recast its year and the next quarter's report its own.
#
# Expected: after a first quarter the trailing year is the last year, less the quarter a year ago, plus the new quarter, all three as the
#   two newest documents state them: 360 - 90 + 120 = 390. A fourth quarter that would have to be taken from a recast year and quarters
#   stated before the recast is not known.
# Happens:  a company sells a tenth of itself; its annual report states 360 for a year whose quarters had been stated as 100 each, and
#   the year before as 342 where 380 had stood, its nine months still 285 three months earlier. Both libraries take 360 - 300 = 60 for
#   the fourth quarter without a word on its parts being of two businesses, and keep it: the next trailing year is
#   100 + 100 + 60 + 120 = 380, though the report of that day states the quarter a year ago anew, as 90.
# Matters:  discontinued operations recast one annual report in many. The trailing year falls short by what the first quarter was
#   restated, margins and growth with it, and the fourth quarter shows a slump of 40 per cent that no business had. Every input is
#   right and was known in time, so that no check of look-ahead finds it.
# Remedy:   derive a quarter only from figures of one statement of the year; take trailing years from the year and its comparatives.
# Package:  pitedgar 0.4.0 and edgartools 5.62.1.  Seen: 2026-11-30.
# Output:
#   pitedgar 2024-02-02: trailing year 360
#   pitedgar 2024-04-26: trailing year 380
#   edgartools 2024-02-02: trailing year 360 = 100 + 100 + 100 + 60
#   edgartools 2024-04-26: trailing year 380 = 100 + 100 + 60 + 120
#   by the two newest documents of 2024-04-26: 360 - 90 + 120 = 390
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
    ("2022-01-01", "2022-09-30", 285, "22-000003", "10-Q", "2022-10-28", 2022, "Q3"),
    ("2022-01-01", "2022-12-31", 380, "23-000000", "10-K", "2023-02-03", 2022, "FY"),
    ("2023-01-01", "2023-03-31", 100, "23-000001", "10-Q", "2023-04-28", 2023, "Q1"),
    ("2023-04-01", "2023-06-30", 100, "23-000002", "10-Q", "2023-07-28", 2023, "Q2"),
    ("2023-01-01", "2023-06-30", 200, "23-000002", "10-Q", "2023-07-28", 2023, "Q2"),
    ("2023-07-01", "2023-09-30", 100, "23-000003", "10-Q", "2023-10-27", 2023, "Q3"),
    ("2023-01-01", "2023-09-30", 300, "23-000003", "10-Q", "2023-10-27", 2023, "Q3"),
    ("2022-01-01", "2022-09-30", 285, "23-000003", "10-Q", "2023-10-27", 2023, "Q3"),
    ("2022-01-01", "2022-12-31", 342, "24-000001", "10-K", "2024-02-02", 2023, "FY"),
    ("2023-01-01", "2023-12-31", 360, "24-000001", "10-K", "2024-02-02", 2023, "FY"),
    ("2024-01-01", "2024-03-31", 120, "24-000002", "10-Q", "2024-04-26", 2024, "Q1"),
    ("2023-01-01", "2023-03-31", 90, "24-000002", "10-Q", "2024-04-26", 2024, "Q1"),
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
for row in PitQuery(folder / "all.parquet").ttm("EX", CONCEPT, start_date="2024-01-01").itertuples():
    print(f"pitedgar {row.filed:%Y-%m-%d}: trailing year {row.ttm_val / 1e6:.0f}")

for day in (date(2024, 2, 2), date(2024, 4, 26)):
    known = EntityFactsParser.parse_company_facts(document).query().by_concept(CONCEPT, exact=True).as_of(day).execute()
    year = TTMCalculator(known).calculate_ttm()
    parts = " + ".join(f"{fact.numeric_value / 1e6:.0f}" for fact in year.period_facts)
    print(f"edgartools {day}: trailing year {year.value / 1e6:.0f} = {parts}")

value = {(start, end, filing): value for start, end, value, filing, *_ in STATED}
whole, ago = value["2023-01-01", "2023-12-31", "24-000001"], value["2023-01-01", "2023-03-31", "24-000002"]
new = value["2024-01-01", "2024-03-31", "24-000002"]
print(f"by the two newest documents of 2024-04-26: {whole} - {ago} + {new} = {whole - ago + new}")
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check pitedgar==0.4.0 edgartools==5.62.1 2>/dev/null
HOME="$folder" "$folder/venv/bin/python" "$folder/ask.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-30" >&2; exit 1; }
