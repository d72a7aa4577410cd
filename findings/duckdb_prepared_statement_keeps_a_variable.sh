#!/usr/bin/env bash
# A prepared statement answers for the day that a variable had when it was prepared, or for the day it has now: it depends on a type.
#
# Expected: getvariable() in a view is the variable's value when the statement runs: SET VARIABLE moves whoever asks next.
# Happens:  in DuckDB 1.x PREPARE writes the value of that moment into the plan. EXECUTE goes on with it after SET and after RESET, though
#   the same text asked anew moves. With a parameter it depends on what is given for it: a value of the type that was planned keeps the
#   old day, one of another type (0.5 where an integer was planned) has the statement planned again, and it moves.
# Matters:  a variable for the day is how one makes "as of" views that any client can use. A program that prepares its query once and then
#   walks through days gets the first day's answer for all of them: of later days too little, of earlier ones what was not yet known.
# Remedy:   pass the day as a parameter to a macro, or prepare anew for each day. 2.0.1 plans again.
# Package:  duckdb 1.4.4, 1.5.5 and 1.5.6, beside 2.0.1.  Seen: 2026-11-30.
# Output:
#   1.4.4 2025-02-01: anew 2, prepared 2, given an integer 2, given a decimal 2
#   1.4.4 2024-02-01: anew 10, prepared 2, given an integer 2, given a decimal 10
#   1.5.5 2025-02-01: anew 2, prepared 2, given an integer 2, given a decimal 2
#   1.5.5 2024-02-01: anew 10, prepared 2, given an integer 2, given a decimal 10
#   1.5.6 2025-02-01: anew 2, prepared 2, given an integer 2, given a decimal 2
#   1.5.6 2024-02-01: anew 10, prepared 2, given an integer 2, given a decimal 10
#   2.0.1 2025-02-01: anew 2, prepared 2, given an integer 2, given a decimal 2
#   2.0.1 2024-02-01: anew 10, prepared 10, given an integer 10, given a decimal 10
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import duckdb

c = duckdb.connect()
c.execute("CREATE TABLE price (known_on DATE, usd INTEGER)")
c.execute("INSERT INTO price VALUES ('2024-01-15', 10), ('2025-01-15', 2)")
c.execute("""CREATE VIEW price_then AS
    SELECT arg_max(usd, known_on) AS usd FROM price WHERE known_on <= CAST(getvariable('as_of') AS DATE)""")
c.execute("SET VARIABLE as_of = '2025-02-01'")
c.execute("PREPARE plain AS SELECT usd FROM price_then")
c.execute("PREPARE given AS SELECT usd FROM price_then WHERE usd > ?")


def one(query):
    return c.execute(query).fetchone()[0]


for day in ("2025-02-01", "2024-02-01"):
    c.execute(f"SET VARIABLE as_of = '{day}'")
    print(
        f"{duckdb.__version__} {day}: anew {one('SELECT usd FROM price_then')}, prepared {one('EXECUTE plain')},",
        f"given an integer {one('EXECUTE given(0)')}, given a decimal {one('EXECUTE given(0.5)')}",
    )
PY
for version in 1.4.4 1.5.5 1.5.6 2.0.1; do
	python3 -m venv "$folder/$version"
	"$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
	"$folder/$version/bin/python" "$folder/ask.py"
done | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-30" >&2; exit 1; }
