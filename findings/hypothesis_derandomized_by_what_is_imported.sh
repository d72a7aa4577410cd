#!/usr/bin/env bash
# A derandomized property test draws other examples when another module of the project happens to be imported.
#
# Expected: with derandomize=True the examples depend on the test function, Hypothesis and Python alone (so its documentation
#   says): what passes once passes until one of these changes.
# Happens:  some numbers and strings that are drawn are literals found in modules of the project that are loaded at that moment. An
#   import that the test never uses, here of a module with one number in it, gives another set of examples.
# Matters:  with pytest-xdist each worker has run other files before, so it has other modules loaded. A property that fails for one
#   history in a thousand then fails in CI on some days and on nobody's machine, though nothing was changed and nothing is random; and
#   the test run by itself, to look at it, passes.
# Remedy:   what such a run finds becomes an @example beside the property; a red run is no flake to be started again.
# Package:  hypothesis 6.170.17.  Seen: 2026-11-30.
# Output:
#   alone, twice the same: True
#   with the module imported, twice the same: True
#   alone and with the module imported the same: False
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/prices.py" <<'PY'
LIMIT = 48_611
PY
cat >"$folder/check_sums.py" <<'PY'
import hashlib
import sys

from hypothesis import given, settings, strategies as st

for name in sys.argv[1:]:
    __import__(name)
drawn = []


@settings(derandomize=True, database=None, max_examples=200)
@given(st.lists(st.integers(0, 1_000_000), min_size=1))
def sums(values):
    drawn.append(values)


sums()
print(hashlib.sha256(repr(drawn).encode()).hexdigest())
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check hypothesis==6.170.17 2>/dev/null
run() { (cd "$folder" && venv/bin/python check_sums.py "$@"); }
same() { if [ "$1" = "$2" ]; then echo True; else echo False; fi; }
alone=$(run) alone_again=$(run) beside=$(run prices) beside_again=$(run prices)
{
	echo "alone, twice the same: $(same "$alone" "$alone_again")"
	echo "with the module imported, twice the same: $(same "$beside" "$beside_again")"
	echo "alone and with the module imported the same: $(same "$alone" "$beside")"
} | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-30" >&2; exit 1; }
