#!/usr/bin/env bash
# A price by the hour holds at that hour of every day there ever was: at weekends, and in months before there were prices by the hour.
#
# Expected: asked what a call of a given instant cost, a package of dated prices gives the price of that day and hour. DeepSeek asks
#   double on weekdays, from 01:00 to 04:00 and from 06:00 to 10:00 UTC, since 2026-08-17; litellm's list writes it so, days included.
# Happens:  genai-prices has the two windows as conditions of their own, behind the dated steps and bound to no day of the week and to no
#   date. The last condition that is met wins, so that any call within those hours costs today's peak price: on a Saturday twice what
#   litellm has (off-peak all day), and on 2026-07-01 0.30 instead of the 0.14 of its own dated row, a price that came ten weeks later.
# Matters:  a history of prices made from it moves with the hour at which it is asked: at 02:30 the cut of September was there in July,
#   at 05:00 it was not. Whoever bills or backtests by it has 7 of 24 hours of every weekend, and of all days before, at the wrong price.
# Remedy:   take of such an entry the dated steps alone, and the windows from the day of the first package that has them.
# Package:  genai-prices 0.2.3, beside the list in litellm 1.110.2.  Seen: 2026-11-30.
# Output:
#   2026-07-01 02:30 Wed: 0.3 (the dated step of that day: 0.14)
#   2026-07-01 05:00 Wed: 0.14 (the dated step of that day: 0.14)
#   2026-11-06 02:30 Fri: 0.3, litellm 0.3
#   2026-11-07 02:30 Sat: 0.3, litellm 0.15
#   2026-11-07 05:00 Sat: 0.15, litellm 0.15
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from genai_prices import Usage, calc_price, data

MODEL = "deepseek-v4-flash"
MILLION = Usage(input_tokens=1_000_000, output_tokens=0)
[entry] = [m for p in data.providers if p.id == "deepseek" for m in p.models if m.id == MODEL]
listed = json.loads(next(Path(sys.argv[1]).glob("**/model_prices_and_context_window_backup.json")).read_text())[MODEL]


def by_package(at):
    return float(calc_price(MILLION, MODEL, provider_id="deepseek", genai_request_timestamp=at).input_price)


def by_step(at):
    """What the rows of the package that bear a date, or none, say of that day."""
    steps = [p for p in entry.prices if p.constraint is None or hasattr(p.constraint, "start_date")]
    return [float(p.prices.input_mtok) for p in steps if p.constraint is None or p.constraint.start_date <= at.date()][-1]


def by_list(at):
    minute = f"{at:%H:%M}"
    for rule in listed["off_peak_pricing"]["windows"]:
        for window in [rule["hours_utc"]] if isinstance(rule["hours_utc"], str) else rule["hours_utc"]:
            begin, end = window.split("-")
            within = begin == end or (begin <= minute and (minute < end or end == "00:00"))
            if at.isoweekday() in rule["weekdays"] and within:
                return round(listed["off_peak_pricing"]["input_cost_per_token"] * 1e6, 6)
    return round(listed["input_cost_per_token"] * 1e6, 6)


for when in ("2026-07-01 02:30", "2026-07-01 05:00"):
    at = datetime.fromisoformat(when).replace(tzinfo=UTC)
    print(f"{when} {at:%a}: {by_package(at)} (the dated step of that day: {by_step(at)})")
for when in ("2026-11-06 02:30", "2026-11-07 02:30", "2026-11-07 05:00"):
    at = datetime.fromisoformat(when).replace(tzinfo=UTC)
    print(f"{when} {at:%a}: {by_package(at)}, litellm {by_list(at)}")
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check genai-prices==0.2.3 2>/dev/null
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder/litellm" litellm==1.110.2 2>/dev/null
"$folder/venv/bin/python" "$folder/ask.py" "$folder/litellm" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-30" >&2; exit 1; }
