#!/usr/bin/env bash
# A total that a lake holds is another number once its rows are written out, and was never the first one: not even as of before.
#
# Expected: what DuckLake keeps small inserts in (rows inlined in the catalog) is a matter of speed. Flushing them to Parquet changes no
#   value, and a past version of a table says for ever what it said.
# Happens:  sum() of integers is a HUGEINT, so that a table made of totals has columns of that type, which DuckLake takes. In the catalog
#   they are exact. Parquet has no integer of 128 bits: DuckDB writes a DOUBLE, and the lake reads it back as HUGEINT without a word. From
#   2^53 on the last digits go. With the flush the inlined rows are gone, so that AT (VERSION => ...) of the day before gives the new
#   number, too; a filter on the old one still finds the row, whose value it then does not have.
# Matters:  a flush is nightly upkeep, and small nightly inserts are just what is inlined. Volumes in single shares, balances in
#   the smallest unit of a currency, sums of hashes used as checksums of a table: equal yesterday, different today, with no write between.
#   The same table written in one large insert is wrong from the first moment, while a DuckDB file of the same statement is right.
# Remedy:   cast totals: sum(x)::DECIMAL(38, 0), which Parquet has, or ::BIGINT.
# Package:  duckdb 1.5.5 with duckdb-extension-ducklake 1.5.5.  Seen: 2026-12-01.
# Output:
#   type of a total of integers: HUGEINT
#   night 1, inlined: 9007199254740993
#   night 1, flushed: 9007199254740992
#   night 1, as of the version before the flush: 9007199254740992
#   rows with v = 9007199254740993: 1, and their value: 9007199254740992
#   the same total as DECIMAL(38, 0), inlined and flushed: 9007199254740993 9007199254740993
#   20 totals in one insert, in the lake and in a file, that are not the number written: 10 0
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
c.execute(f"ATTACH 'ducklake:{folder}/catalog.ducklake' AS lake (DATA_PATH '{folder}/data', DATA_INLINING_ROW_LIMIT 10); USE lake")


def one(query):
    [(value,)] = c.execute(query).fetchall()
    return value


# Two lots of shares traded on a night.
LOTS = "(VALUES (9007199254740992::BIGINT), (1::BIGINT)) lots(shares)"
c.execute(f"CREATE TABLE traded AS SELECT 0 AS night, sum(shares) AS v FROM {LOTS} LIMIT 0")
c.execute(f"CREATE TABLE cast_ AS SELECT 0 AS night, sum(shares)::DECIMAL(38, 0) AS v FROM {LOTS} LIMIT 0")
print("type of a total of integers:", one("SELECT column_type FROM (DESCRIBE traded) WHERE column_name = 'v'"))
for table in ("traded", "cast_"):
    c.execute(f"INSERT INTO {table} SELECT 1, sum(shares) FROM {LOTS}")
print("night 1, inlined:", one("SELECT v FROM traded"))
exact = one("SELECT v FROM cast_")
version = one("SELECT max(snapshot_id) FROM lake.snapshots()")
c.execute("CALL ducklake_flush_inlined_data('lake')")
print("night 1, flushed:", one("SELECT v FROM traded"))
print("night 1, as of the version before the flush:", one(f"SELECT v FROM traded AT (VERSION => {version})"))
found = c.execute("SELECT v FROM traded WHERE v = 9007199254740993").fetchall()
print(f"rows with v = 9007199254740993: {len(found)}, and their value: {found[0][0] if found else None}")
print("the same total as DECIMAL(38, 0), inlined and flushed:", exact, one("SELECT v FROM cast_"))
TOTALS = "SELECT n, sum(shares + n) AS v FROM (VALUES (9007199254740992::BIGINT)) lots(shares), range(1, 21) r(n) GROUP BY n"
c.execute(f"ATTACH '{folder}/plain.duckdb' AS plain")
wrong = []
for place in ("lake.main", "plain"):
    c.execute(f"CREATE TABLE {place}.totals AS {TOTALS}")
    wrong.append(one(f"SELECT count(*) FROM {place}.totals WHERE v::VARCHAR <> (9007199254740992 + n)::VARCHAR"))
print("20 totals in one insert, in the lake and in a file, that are not the number written:", *wrong)
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==1.5.5 duckdb-extension-ducklake==1.5.5 2>/dev/null
"$folder/venv/bin/python" "$folder/ask.py" "$folder" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-12-01" >&2; exit 1; }
