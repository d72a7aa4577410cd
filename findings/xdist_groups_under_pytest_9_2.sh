#!/usr/bin/env bash
# Tests of one xdist group run in several processes, and nothing says so.
#
# Expected: with `--dist loadgroup`, tests marked xdist_group("server") share one worker process, so that a session fixture (a server,
#   a database, a published file) is built once.
# Happens:  under pytest 9.2.0 pytest-xdist 3.8.0 spreads them over all workers: it appends the group's name to a test's id and reads
#   it back from there, and the id that comes back no longer holds it. No warning, no error. Under 9.1.1 the group holds.
# Matters:  a pipeline's suite starts its server once for each worker instead of once, two servers share a port or a home, and what
#   was serial by intent races. It shows as flaky tests and lost minutes.
# Remedy:   a scheduler of one's own (pytest_xdist_make_scheduler, a subclass of LoadScopeScheduling that maps files to scopes).
# Package:  pytest 9.2.0 and pytest 9.1.1, each with pytest-xdist 3.8.0.  Seen: 2026-11-29.
# Output:
#   pytest 9.1.1: one group of 16 tests ran in 1 process
#   pytest 9.2.0: one group of 16 tests ran in 2 processes
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/test_server.py" <<'PY'
import os
import time
from pathlib import Path

import pytest


@pytest.mark.xdist_group("server")
@pytest.mark.parametrize("number", range(8))
def test_it(number):
    time.sleep(0.2)
    with Path(__file__).with_name("workers").open("a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + "\n")
PY
cp "$folder/test_server.py" "$folder/test_server_too.py"
for version in 9.1.1 9.2.0; do
	python3 -m venv "$folder/$version"
	"$folder/$version/bin/python" -m pip install --quiet --disable-pip-version-check "pytest==$version" "pytest-xdist==3.8.0" 2>/dev/null
	(cd "$folder" && "$folder/$version/bin/python" -m pytest -q -n 2 --dist loadgroup test_server.py test_server_too.py >/dev/null)
	used=$(sort -u "$folder/workers" | wc -l | tr -d ' ')
	echo "pytest $version: one group of $(wc -l <"$folder/workers" | tr -d ' ') tests ran in $used process$([ "$used" = 1 ] || echo es)"
	rm "$folder/workers"
done | tee "$folder/seen"
sed -n 's/^#   \(pytest 9\.[12]\.[01]: \)/\1/p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-29" >&2; exit 1; }
