#!/usr/bin/env bash
# An outer join on a name "of this source, or of all" compares every row with every name; the inner join with the same condition does not.
#
# Expected: an equality in ON is what a hash join is made of, and what stands beside it (an alias without a source is one of all sources)
#   is asked of the pairs that it finds, in an outer join as in an inner one.
# Happens:  DuckDB 1.x plans LEFT JOIN ... ON name = entrant AND (source IS NULL OR source = ...) as a nested loop: one OR over both sides
#   in the condition, and the equality is no key any more. A comparison without OR (with coalesce) keeps the hash, and so does the inner
#   join with the very same words. The rows are the same. 2.0.1 hashes all four.
# Matters:  names of models, companies and sellers are looked up so: each with its source, its days from and to, any of them NULL. With
#   a few hundred names nobody sees it; 80,000 scores beside 1,500 names took half of all that was done with them, and it grows as the
#   product of both. The plan says so, the answer never does.
# Remedy:   find by an inner join with the condition in WHERE, and join that to the rows by their number.
# Package:  duckdb 1.4.4 and 1.5.5, beside 2.0.1.  Seen: 2026-12-01.
# Output:
#   1.4.4 outer: nested loop, over ten times the work of the hash
#   1.4.4 outer, the condition without OR: hash
#   1.4.4 inner: hash
#   1.4.4 outer to the inner: hash, the same rows
#   1.5.5 outer: nested loop, over ten times the work of the hash
#   1.5.5 outer, the condition without OR: hash
#   1.5.5 inner: hash
#   1.5.5 outer to the inner: hash, the same rows
#   2.0.1 outer: hash
#   2.0.1 outer, the condition without OR: hash
#   2.0.1 inner: hash
#   2.0.1 outer to the inner: hash, the same rows
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import time

import duckdb

c = duckdb.connect()
c.execute("SET threads = 1")
c.execute("""CREATE TABLE score AS
    SELECT i AS place, 'model-' || (i % 900) AS entrant, 'board-' || (i % 3) AS source FROM range(60000) AS t(i)""")
c.execute("""CREATE TABLE alias AS
    SELECT 'model-' || i AS name, CASE WHEN i % 50 = 0 THEN 'board-0' END AS source, 'm' || i AS model FROM range(2000) AS t(i)""")
ANY = "(a.source IS NULL OR a.source = s.source)"
INNER = f"SELECT s.place, a.model FROM score AS s JOIN alias AS a ON a.name = s.entrant AND {ANY}"
ASKED = {
    "outer": f"SELECT s.place, a.model FROM score AS s LEFT JOIN alias AS a ON a.name = s.entrant AND {ANY}",
    "outer, the condition without OR": """SELECT s.place, a.model FROM score AS s
        LEFT JOIN alias AS a ON a.name = s.entrant AND coalesce(a.source, 'board-0') <= s.source""",
    "inner": INNER,
    "outer to the inner": f"SELECT s.place, n.model FROM score AS s LEFT JOIN ({INNER}) AS n USING (place)",
}


def work(query):
    spent = []
    for _ in range(3):
        began = time.process_time()
        c.execute(f"CREATE OR REPLACE TEMP TABLE found AS {query}")
        spent.append(time.process_time() - began)
    return min(spent)


for name, query in ASKED.items():
    plan = c.execute(f"EXPLAIN {query}").fetchall()[0][1]
    looped = "NL_JOIN" in plan or "NESTED_LOOP" in plan
    said = f"{duckdb.__version__} {name}: {'nested loop' if looped else 'hash'}"
    if looped and work(query) > 10 * work(INNER):
        said += ", over ten times the work of the hash"
    if name == "outer to the inner":
        rows = [sorted(c.execute(one).fetchall(), key=str) for one in (query, ASKED["outer"])]
        said += ", the same rows" if rows[0] == rows[1] else ", other rows"
    print(said)
PY
for version in 1.4.4 1.5.5 2.0.1; do
	python3 -m venv "$folder/$version"
	"$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check "duckdb==$version" 2>/dev/null
	"$folder/$version/bin/python" "$folder/ask.py"
done | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-12-01" >&2; exit 1; }
