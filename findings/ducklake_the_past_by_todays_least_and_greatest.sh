#!/usr/bin/env bash
# After upkeep a lake answers for the past by today's least and greatest values: rows are not found, and a price sorts as another number.
#
# Expected: a snapshot of DuckLake is what a table held at a commit. Upkeep (CHECKPOINT, or ducklake_rewrite_data_files by itself: files
#   of which most rows were deleted are written anew) moves rows, and changes no answer of any snapshot that is kept.
# Happens:  with the new files the table's least and greatest values become those of the rows that are left, and AT (VERSION => ...) is planned
#   by them, too. Whatever lies outside counts as not there: WHERE finds none of it, while count(*) and sum() still have it. Where a sort
#   packs numbers by their range, one below the least wraps: a price of 41 comes out of ORDER BY as 297, beside an unsorted 41. GROUP BY
#   over such a column stops with an error that calls the statistics corrupt.
# Matters:  time travel is why one has such a store: what did it say on that night, before the correction? A list corrected by delete and
#   insert (97 wrong rows out, right ones in) is what makes upkeep rewrite. The audit then finds that the wrong prices were never there, or
#   others than there were. Nothing is wrong before the upkeep, and the files themselves are right after it.
# Remedy:   merge files, and leave rewriting out of the upkeep of a lake whose past is asked for; where it has happened,
#   SET disabled_optimizers = 'statistics_propagation' gives the right answers back.
# Package:  duckdb 1.5.5 with duckdb-extension-ducklake 1.5.5.  Seen: 2026-12-01.
# Output:
#   before upkeep: 100 prices, sum 9050; below 90: 49; m1 by name: 1; first by name: m1 41, m10 50, m100 140
#   after CHECKPOINT: 100 prices, sum 9050; below 90: 0; m1 by name: 0; first by name: m1 297, m10 306, m100 140
#   without that optimizer: 100 prices, sum 9050; below 90: 49; m1 by name: 1; first by name: m1 41, m10 50, m100 140
#   prices by count, after: InvalidInputException
#   the file of that night still holds m1 at: 41
#   merged instead of rewritten: 100 prices, sum 9050; below 90: 49; m1 by name: 1; first by name: m1 41, m10 50, m100 140
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import sys
from pathlib import Path

import duckdb
import duckdb_extension_ducklake

[extension] = Path(duckdb_extension_ducklake.__file__).parent.rglob("*.duckdb_extension")
folder = sys.argv[1]
c = duckdb.connect(config={"allow_unsigned_extensions": "true"})
c.execute(f"LOAD '{extension}'")
NIGHT = "price AT (VERSION => 2)"


def lake(name):
    c.execute("USE memory")
    c.execute(f"ATTACH 'ducklake:{folder}/{name}.ducklake' AS {name} (DATA_PATH '{folder}/{name}'); USE {name}")
    c.execute("CREATE TABLE price(model VARCHAR, cents INTEGER)")
    c.execute("INSERT INTO price SELECT 'm' || i, 40 + i FROM range(1, 101) t(i)")
    # The morning after: all but three rows were wrong.
    c.execute("DELETE FROM price WHERE cents NOT IN (90, 91, 92)")


def told():
    [(count, total)] = c.execute(f"SELECT count(*), sum(cents) FROM {NIGHT}").fetchall()
    [(below,)] = c.execute(f"SELECT count(*) FROM {NIGHT} WHERE cents < 90").fetchall()
    [(named,)] = c.execute(f"SELECT count(*) FROM {NIGHT} WHERE model = 'm1'").fetchall()
    first = ", ".join(f"{name} {cents}" for name, cents in c.execute(f"SELECT model, cents FROM {NIGHT} ORDER BY model LIMIT 3").fetchall())
    return f"{count} prices, sum {total}; below 90: {below}; m1 by name: {named}; first by name: {first}"


lake("tended")
print("before upkeep:", told())
c.execute("CHECKPOINT tended")
print("after CHECKPOINT:", told())
c.execute("SET disabled_optimizers = 'statistics_propagation'")
print("without that optimizer:", told())
c.execute("SET disabled_optimizers = ''")
try:
    print("prices by count, after:", len(c.execute(f"SELECT cents, count(*) FROM {NIGHT} GROUP BY cents ORDER BY cents").fetchall()))
except duckdb.Error as error:
    print("prices by count, after:", type(error).__name__)
found = c.execute(f"SELECT cents FROM read_parquet('{folder}/tended/**/*.parquet', union_by_name := true) WHERE model = 'm1'").fetchall()
print("the file of that night still holds m1 at:", *[cents for (cents,) in found])
lake("merged")
c.execute("CALL ducklake_flush_inlined_data('merged')")
c.execute("CALL ducklake_merge_adjacent_files('merged')")
print("merged instead of rewritten:", told())
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==1.5.5 duckdb-extension-ducklake==1.5.5 2>/dev/null
"$folder/venv/bin/python" "$folder/ask.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-12-01" >&2; exit 1; }
