#!/usr/bin/env bash
# The newest row of an empty series is a row of NULLs.
#
# Expected: a query for the newest row of a series (QUALIFY row_number() OVER (ORDER BY known_at DESC) = 1) gives no row where the
#   series has none; so it does with PARTITION BY, and in every later release.
# Happens:  DuckDB 1.5.5 rewrites the window without PARTITION BY into an aggregate. An aggregate over nothing has one row, and
#   nothing takes it out again: one row of NULLs, and count(*) says 1.
# Matters:  1.5.5 is the newest release for which packaged extensions exist. "What was known of it on that day" becomes a figure
#   that is NULL instead of no figure, NOT EXISTS turns round, and a count of companies that reported is one too high.
# Remedy:   PARTITION BY a constant or the series' own key, or ORDER BY ... LIMIT 1.
# Package:  duckdb 1.5.5, beside duckdb 1.5.6.  Seen: 2026-11-29.
# Output:
#   1.5.5 newest row of nothing: [(None, None)]
#   1.5.5 how many: [(1,)]
#   1.5.5 the same by series: []
#   1.5.6 newest row of nothing: []
#   1.5.6 how many: [(0,)]
#   1.5.6 the same by series: []
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import duckdb

c = duckdb.connect()
c.execute("CREATE TABLE fact (company VARCHAR, known_at DATE, value DOUBLE)")
c.execute("INSERT INTO fact VALUES ('A', '2025-01-29', 15.8), ('A', '2025-04-30', 16.7)")
newest = "SELECT company, value FROM fact WHERE company = 'B' QUALIFY row_number() OVER ({} ORDER BY known_at DESC) = 1"
print(duckdb.__version__, "newest row of nothing:", c.execute(newest.format("")).fetchall())
print(duckdb.__version__, "how many:", c.execute(f"SELECT count(*) FROM ({newest.format('')})").fetchall())
print(duckdb.__version__, "the same by series:", c.execute(newest.format("PARTITION BY company")).fetchall())
PY
for version in 1.5.5 1.5.6; do
	python3 -m venv "$folder/$version"
	"$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
	"$folder/$version/bin/python" "$folder/ask.py"
done | tee "$folder/seen"
sed -n 's/^#   \(1\.5\.[56] \)/\1/p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-29" >&2; exit 1; }
