"""Lines of a journal that were changed, taken out, moved or written by something else are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import Refused
from warehouse.archive import journal

Lines = list[bytes]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "captures.jsonl"
    journal.append(found, [{"sha256": "a", "size": 1}, {"sha256": "b", "size": 2}])
    journal.append(found, [{"sha256": "c", "size": 3}])
    return found


def test_records_come_back_as_they_were(path: Path) -> None:
    assert list(journal.read(path)) == [
        {"sha256": "a", "size": 1},
        {"sha256": "b", "size": 2},
        {"sha256": "c", "size": 3},
    ]


@pytest.mark.parametrize(("harm", "words"), [
    (lambda lines: [lines[0].replace(b'"size":1', b'"size":9'), *lines[1:]], "line 1 does not follow the one before"),
    (lambda lines: [lines[0], lines[2]], "line 2 does not follow the one before"),
    (lambda lines: [lines[1], lines[0], lines[2]], "line 1 does not follow the one before"),
    (lambda lines: [lines[0], lines[0], *lines[1:]], "line 2 does not follow the one before"),
    (lambda lines: [lines[0], b"{}\n", *lines[1:]], "line 2 is not a record with its checksum"),
    (lambda lines: [lines[0], b"[1]\n"], "line 2 is not a record with its checksum"),
    (lambda lines: [lines[0], b"{\n"], "line 2 is damaged"),
    (lambda lines: [lines[0], b"[" * 5000 + b"\n"], "line 2 is damaged"),
])  # fmt: skip
def test_harm_is_named_with_its_line(path: Path, harm: Callable[[Lines], Lines], words: str) -> None:
    path.write_bytes(b"".join(harm(path.read_bytes().splitlines(keepends=True))))
    with pytest.raises(Refused, match=words) as told:
        list(journal.read(path))
    assert "restore the file from a backup" in told.value.remedy


def test_a_torn_line_is_skipped_and_what_follows_it_is_sound(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b'{"sha256":"torn"')
    journal.append(path, [{"sha256": "d", "size": 4}])
    assert [record["sha256"] for record in journal.read(path)] == ["a", "b", "c", "d"]


def test_a_folder_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="a journal is to be a file"):
        list(journal.read(tmp_path))
