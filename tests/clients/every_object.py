"""Run by the Python of a client that is tried: opens the published file as the README says and asks every view and macro.

`python every_object.py FILE MACROS_AS_JSON`: prints {"version", "views", "macros", "median_ms", "refused": {name: sentence},
"answers": {name: checksum of its columns and of its rows in any order}}.
It imports nothing but duckdb and the standard library: neither pyarrow nor pandas nor pytz.
"""

import hashlib
import json
import statistics
import sys
import time

import duckdb

path, calls = sys.argv[1], json.loads(sys.argv[2])
connection = duckdb.connect()
connection.execute(f"ATTACH '{path}' AS cs (READ_ONLY)")
connection.execute("USE cs")
query = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND database_name = 'cs' ORDER BY 1"
views = [name for (name,) in connection.execute(query).fetchall()]


def plain(value: object) -> str:
    """A value as text; of a float nine digits, since a sum in another order differs in the last of them."""
    if isinstance(value, float):
        return f"{value:.9g}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(plain(one) for one in value)}]"
    if isinstance(value, dict):
        return plain(list(value.items()))
    return repr(value)


refused, answers, took = {}, {}, []
for asked in [*views, *calls]:
    started = time.perf_counter()
    try:
        found = connection.execute(f"FROM {asked}")
        columns, rows = [column[0] for column in found.description], found.fetchall()
    except duckdb.Error as error:
        refused[asked] = str(error).splitlines()[0]
        continue
    took.append(1000 * (time.perf_counter() - started))
    lines = [str(columns), *sorted(plain(row) for row in rows)]
    answers[asked] = hashlib.sha256("\n".join(lines).encode()).hexdigest()
told = {
    "version": duckdb.__version__,
    "views": len(views),
    "macros": len(calls),
    "median_ms": round(statistics.median(took), 1),
    "slowest_ms": round(max(took)),
    "pyarrow": any(name.startswith("pyarrow") for name in sys.modules),
    "refused": refused,
    "answers": answers,
}
sys.stdout.write(json.dumps(told) + "\n")
