#!/usr/bin/env bash
# Trailing earnings a share across a stock split whose filings name two days: that of the announcement and that on which it took effect.
#
# Expected: of twenty shares for one, announced in February and effective in July, every figure a share filed before July is divided by
#   20 and those filed since are taken as they are: 30 and 24, then 1.20 and 1.10, make 1.50 + 1.20 + 1.20 + 1.10 = 5.00.
# Happens:  filers tag the ratio with the day of the board's decision from the next report on, and with the effective day once it has
#   come (Alphabet's reports of 2022 do: 2022-02-01 and 2022-07-15). The library groups both by year and ratio and keeps the day that is
#   stated first, the announcement. What was filed between the two days on the old shares passes for restated: 30 + 24 + 1.20 + 1.10 =
#   56.30, eleven times too much, and the only warning is that there are few quarters. An `as_of` in May sums values that the reports of
#   July and October restated, 1.35 and 1.40 beside 30 and 24, while 27 + 28 + 30 + 24 = 109 stood in the filings of that day.
# Matters:  between announcement and effect lie an annual and a quarterly report. Earnings, dividends and shares jump by the split's factor
#   in the very year in which everybody looks at them, and a valuation as of a past day rests on what was filed months after it.
# Remedy:   divide what a document stated before the first one that restates its periods; of two days of one ratio the later is the effect.
# Package:  edgartools 5.62.1.  Seen: 2026-12-01.
# Output:
#   splits found: 20 on 2022-02-01
#   as of 2022-05-01: trailing earnings a share 56.75 = 1.35 + 1.40 + 30.00 + 24.00
#   as of 2022-12-01: trailing earnings a share 56.30 = 30.00 + 24.00 + 1.20 + 1.10
#   filed by 2022-05-01, on the shares of that day: 27.00 + 28.00 + 30.00 + 24.00 = 109.00
#   filed by 2022-12-01, on the shares of that day: 1.50 + 1.20 + 1.20 + 1.10 = 5.00
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import logging

logging.disable(logging.CRITICAL)
from edgar.entity.parser import EntityFactsParser  # noqa: E402
from edgar.ttm.splits import detect_splits  # noqa: E402

QUARTERS = {
    "21Q1": ("2021-01-01", "2021-03-31"), "21Q2": ("2021-04-01", "2021-06-30"), "21Q3": ("2021-07-01", "2021-09-30"),
    "21Q4": ("2021-10-01", "2021-12-31"), "22Q1": ("2022-01-01", "2022-03-31"), "22Q2": ("2022-04-01", "2022-06-30"),
    "22Q3": ("2022-07-01", "2022-09-30"),
}
DECIDED, EFFECTIVE = "2022-02-01", "2022-07-15"
# filing, form, filed, its fiscal year and period, earnings a share by quarter, days of the split that it names
FILINGS = [
    ("21-1", "10-Q", "2021-04-28", 2021, "Q1", {"21Q1": 26.0}, ()),
    ("21-2", "10-Q", "2021-07-28", 2021, "Q2", {"21Q2": 27.0}, ()),
    ("21-3", "10-Q", "2021-10-27", 2021, "Q3", {"21Q3": 28.0}, ()),
    ("22-0", "10-K", "2022-02-02", 2021, "FY", {"21Q4": 30.0}, ()),
    ("22-1", "10-Q", "2022-04-27", 2022, "Q1", {"22Q1": 24.0, "21Q1": 26.0}, (DECIDED,)),
    ("22-2", "10-Q", "2022-07-27", 2022, "Q2", {"22Q2": 1.20, "21Q2": 1.35}, (DECIDED,)),
    ("22-3", "10-Q", "2022-10-26", 2022, "Q3", {"22Q3": 1.10, "21Q3": 1.40}, (DECIDED, EFFECTIVE)),
]
earned, split = [], []
for number, form, filed, year, period, stated, days in FILINGS:
    filing = {"accn": f"0000000001-{number}", "form": form, "filed": filed, "fy": year, "fp": period}
    earned += [{**filing, "start": QUARTERS[name][0], "end": QUARTERS[name][1], "val": value} for name, value in stated.items()]
    split += [{**filing, "end": day, "val": 20} for day in days]
tags = {
    "EarningsPerShareDiluted": {"label": "", "description": "", "units": {"USD/shares": earned}},
    "StockholdersEquityNoteStockSplitConversionRatio1": {"label": "", "description": "", "units": {"pure": split}},
}
facts = EntityFactsParser.parse_company_facts({"cik": 1, "entityName": "Example", "facts": {"us-gaap": tags}})
print("splits found:", ", ".join(f"{found['ratio']:.0f} on {found['date']}" for found in detect_splits(facts.get_all_facts())))
for day in ("2022-05-01", "2022-12-01"):
    trailing = facts.get_ttm("EarningsPerShareDiluted", as_of=day)
    parts = " + ".join(f"{fact.numeric_value:.2f}" for fact in trailing.period_facts)
    print(f"as of {day}: trailing earnings a share {trailing.value:.2f} = {parts}")

for day in ("2022-05-01", "2022-12-01"):
    last = {}
    for _, _, filed, _, _, stated, _ in FILINGS:
        if filed <= day:
            last |= {name: value / (20 if filed < EFFECTIVE <= day else 1) for name, value in stated.items()}
    year = [last[name] for name in sorted(last)[-4:]]
    print(f"filed by {day}, on the shares of that day:", " + ".join(f"{value:.2f}" for value in year), f"= {sum(year):.2f}")
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check edgartools==5.62.1 2>/dev/null
HOME="$folder" "$folder/venv/bin/python" "$folder/ask.py" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-12-01" >&2; exit 1; }
