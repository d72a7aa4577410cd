"""What the disk can do: full, read-only, damaged, or with an analyst's leftovers on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from injection import Small
from nights import converges, night, published_digest

from warehouse.home.layout import Home
from warehouse.published.swap import open_published

pytestmark = pytest.mark.faults


@pytest.mark.parametrize(
    ("module", "function"),
    [
        ("warehouse.store.facts", "Store.load_parts"),
        ("warehouse.published.stage", "Stage.begin"),
        ("warehouse.published.swap", "sync_folder"),
    ],
)
def test_a_full_disk_stops_the_night_and_leaves_what_was(
    module: str, function: str, small: Small, undisturbed: str
) -> None:
    done = night(small.striking(module, function, "before", "full"))
    assert done.returncode != 0
    assert "No space left" in done.stderr + done.stdout
    converges(small, undisturbed)


def test_a_payload_that_finds_no_room_is_named_and_had_the_next_night(small: Small, undisturbed: str) -> None:
    done = night(small.striking("warehouse.archive.captures", "write_atomically", "before", "full"))
    assert "ecb_fx: 0 " in done.stdout
    assert "No space left" in done.stdout
    assert published_digest(small) not in {"", undisturbed}  # without the rates, and saying so
    calm = Small(small.folder, small.server, small.now)
    assert night(calm).returncode == 0
    assert published_digest(calm) == undisturbed


def test_a_really_full_file_system(small: Small, undisturbed: str, tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    mount.mkdir()
    made = subprocess.run(  # noqa: S603
        ["/bin/mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(mount)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("this user may not mount a small file system")
    try:
        cramped = Small(tmp_path, small.server, settings={"CAPEX_SIGNALS_HOME": str(mount)})
        assert night(cramped).returncode != 0
        subprocess.run(["/bin/mount", "-o", "remount,size=200m", str(mount)], check=True)  # noqa: S603
        done = night(cramped)
        assert done.returncode == 0, done.stderr
        assert published_digest(Small(mount.parent, small.server, settings={})) in {"", undisturbed}
        assert f"digest {undisturbed}" in done.stdout
    finally:
        subprocess.run(["/bin/umount", "-l", str(mount)], check=False)  # noqa: S603


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_home_is_refused_with_a_remedy(small: Small) -> None:
    small.home.mkdir()
    small.home.chmod(0o555)
    done = night(small)
    small.home.chmod(0o755)
    assert done.returncode == 2
    assert "set CAPEX_SIGNALS_HOME to one that is writable" in done.stderr


def test_a_damaged_archive_object_is_fetched_again(small: Small, undisturbed: str) -> None:
    night(small.striking("warehouse.archive.captures", "Archive.add", "after", nth=2))
    [first, *_] = sorted((small.home / "archive" / "objects").rglob("*.zst"))
    first.write_bytes(first.read_bytes()[:-7])
    converges(small, undisturbed)


@pytest.mark.parametrize("damage", ["overwritten", "cut", "empty"])
def test_a_damaged_store_is_built_anew(damage: str, small: Small, undisturbed: str) -> None:
    night(small)
    store = Home(small.home).store
    body = store.read_bytes()
    broken = {"overwritten": b"\0" * 8192 + body[8192:], "cut": body[: len(body) // 2], "empty": b"not a database"}
    store.write_bytes(broken[damage])
    converges(small, undisturbed)


ANALYST = """
import os, sys, duckdb
held = duckdb.connect(sys.argv[1])
held.execute("CREATE TABLE scratch AS SELECT 1 AS one")
held.execute("INSERT INTO scratch VALUES (2)")
os.kill(os.getpid(), 9)
"""


def test_a_crashed_analysts_leftovers_beside_the_published_file_do_no_harm(small: Small, undisturbed: str) -> None:
    night(small)
    target = Home(small.home).latest.resolve()
    target.chmod(0o644)
    subprocess.run([sys.executable, "-c", ANALYST, str(target)], check=False)  # noqa: S603
    assert target.with_name(f"{target.name}.wal").stat().st_size > 0
    done = night(small)  # at the same instant of the fixed clock, and so under the very same name
    assert done.returncode == 0, done.stderr
    assert Home(small.home).latest.resolve() == target
    assert published_digest(small) == undisturbed
    with open_published(Home(small.home)) as published:
        assert published.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'scratch'").fetchall() == []


def test_an_analysts_open_session_blocks_nobody_and_sees_no_change(small: Small, undisturbed: str) -> None:
    night(small)
    with open_published(Home(small.home)) as session:
        before = session.execute("SELECT published_at, count(*) FROM meta, company_quarter GROUP BY ALL").fetchall()
        converges(small, undisturbed)
        assert (
            session.execute("SELECT published_at, count(*) FROM meta, company_quarter GROUP BY ALL").fetchall()
            == before
        )
