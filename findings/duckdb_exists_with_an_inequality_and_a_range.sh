#!/usr/bin/env bash
# "Did any other source say so by that day?" is answered no where one did.
#
# Expected: EXISTS over rows that match on a key, differ in one column (<>) and lie in a range of days is true where such a row is,
#   as the same conditions in a SEMI JOIN or a plain join find it; NOT EXISTS is its opposite.
# Happens:  with one <> and one or more of <, <=, >, >= between columns of both sides, EXISTS is false and NOT EXISTS true for every row.
#   With <> alone, with ranges alone, or where a filter leaves the outer side one value to differ from, both are right. IS DISTINCT FROM
#   and NOT (a = b) are as wrong as <>. There is no error, and a trial with one row's key written in gives the right answer.
# Matters:  this is how one asks in point-in-time data whether another filer, list or seller had contradicted, confirmed or outlived a
#   figure. "No other source confirms it" then holds for all rows, and a query with NOT EXISTS keeps everything.
# Remedy:   SEMI JOIN and ANTI JOIN with the same conditions. Right again in 2.0.1; similar queries are known upstream (issue 22267).
# Package:  duckdb 1.4.4, 1.5.5 and 1.5.6, beside 2.0.1.  Seen: 2026-11-30.
# Output:
#   1.4.4 of 4 confirmed by another list in time: join 1, SEMI JOIN 1, EXISTS 0; not: ANTI JOIN 3, NOT EXISTS 4
#   1.5.5 of 4 confirmed by another list in time: join 1, SEMI JOIN 1, EXISTS 0; not: ANTI JOIN 3, NOT EXISTS 4
#   1.5.6 of 4 confirmed by another list in time: join 1, SEMI JOIN 1, EXISTS 0; not: ANTI JOIN 3, NOT EXISTS 4
#   2.0.1 of 4 confirmed by another list in time: join 1, SEMI JOIN 1, EXISTS 1; not: ANTI JOIN 3, NOT EXISTS 3
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import duckdb

c = duckdb.connect()
c.execute("CREATE TABLE price (model VARCHAR, source VARCHAR, seen_on DATE, until DATE, usd DOUBLE)")
c.execute("""INSERT INTO price VALUES
    ('a', 'list one', '2025-02-01', '2025-03-01', 2.5), ('a', 'list two', '2025-02-10', '2025-03-10', 2.5),
    ('b', 'list one', '2025-02-01', '2025-03-01', 9.0), ('b', 'list two', '2025-06-01', '2025-06-10', 9.0)""")
other = "o.model = f.model AND o.source <> f.source AND o.seen_on >= f.seen_on AND o.seen_on < f.until"


def count(rest):
    return c.execute(f"SELECT count(DISTINCT f.rowid) FROM price AS f {rest}").fetchone()[0]


print(
    duckdb.__version__, f"of 4 confirmed by another list in time: join {count(f'JOIN price AS o ON {other}')},",
    f"SEMI JOIN {count(f'SEMI JOIN price AS o ON {other}')}, EXISTS {count(f'WHERE EXISTS (SELECT 1 FROM price AS o WHERE {other})')};",
    f"not: ANTI JOIN {count(f'ANTI JOIN price AS o ON {other}')},",
    f"NOT EXISTS {count(f'WHERE NOT EXISTS (SELECT 1 FROM price AS o WHERE {other})')}",
)
PY
for version in 1.4.4 1.5.5 1.5.6 2.0.1; do
	python3 -m venv "$folder/$version"
	"$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
	"$folder/$version/bin/python" "$folder/ask.py"
done | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-30" >&2; exit 1; }
