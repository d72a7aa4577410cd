"""Lines of a journal that were changed, taken out, moved or written by something else are mended from its second copy, or named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from config.errors import Refused
from warehouse.archive import journal
from warehouse.archive.second_copy import second
from warehouse.home.layout import Home

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


HARMS: list[tuple[Callable[[Lines], Lines], str]] = [
    (lambda lines: [lines[0].replace(b'"size":1', b'"size":9'), *lines[1:]], "line 1 does not follow the one before"),
    (lambda lines: [lines[0], lines[2]], "line 2 does not follow the one before"),
    (lambda lines: [lines[1], lines[0], lines[2]], "line 1 does not follow the one before"),
    (lambda lines: [lines[0], lines[0], *lines[1:]], "line 2 does not follow the one before"),
    (lambda lines: [lines[0], b"{}\n", *lines[1:]], "line 2 is not a record with its checksum"),
    (lambda lines: [lines[0], b"[1]\n"], "line 2 is not a record with its checksum"),
    (lambda lines: [lines[0], b"{\n"], "line 2 is damaged"),
    (lambda lines: [lines[0], b"[" * 5000 + b"\n"], "line 2 is damaged"),
]  # fmt: skip


def lines_of(path: Path) -> Lines:
    return path.read_bytes().splitlines(keepends=True)


def set_aside(path: Path) -> list[bytes]:
    return [kept.read_bytes() for kept in (path.parent / "damaged").glob("*")]


@pytest.mark.parametrize(("harm", "words"), HARMS)
def test_harm_of_both_copies_is_named_with_its_line(path: Path, harm: Callable[[Lines], Lines], words: str) -> None:
    for one in (path, second(path)):
        one.write_bytes(b"".join(harm(lines_of(one))))
    before = path.read_bytes()
    with pytest.raises(Refused, match=words) as told:
        list(journal.read(path))
    assert "restore the file from a backup" in told.value.remedy
    assert path.read_bytes() == before
    assert set_aside(path) == []


@pytest.mark.parametrize(("harm", "_words"), HARMS)
def test_harm_of_one_copy_is_mended_from_the_other_and_kept(
    path: Path, harm: Callable[[Lines], Lines], _words: str
) -> None:
    whole = path.read_bytes()
    path.write_bytes(b"".join(harm(lines_of(path))))
    damaged = path.read_bytes()
    assert [record["sha256"] for record in journal.read(path)] == ["a", "b", "c"]
    assert path.read_bytes() == second(path).read_bytes() == whole
    assert set_aside(path) == [damaged]
    second(path).write_bytes(damaged)
    assert not journal.mend(path)
    assert path.read_bytes() == second(path).read_bytes() == whole


def test_the_last_lines_that_are_cut_off_come_back(path: Path) -> None:
    """A chain of checksums does not show that it was cut at its end: what follows is not there to tell."""
    whole = path.read_bytes()
    for rest in (lines_of(path)[:1], []):
        path.write_bytes(b"".join(rest))
        assert len(list(journal.read(path))) == 3
        assert path.read_bytes() == whole
    path.unlink()
    assert len(list(journal.read(path))) == 3


def test_what_is_added_to_a_journal_that_was_cut_off_follows_what_was_lost(path: Path) -> None:
    path.write_bytes(lines_of(path)[0])
    journal.append(path, [{"sha256": "d", "size": 4}])
    assert [record["sha256"] for record in journal.read(path)] == ["a", "b", "c", "d"]
    assert path.read_bytes() == second(path).read_bytes()


def test_a_writer_killed_between_the_two_leaves_a_copy_that_gets_the_rest_without_a_word(path: Path) -> None:
    """So does a home whose journals were written before there were copies."""
    whole = path.read_bytes()
    for rest in (lines_of(path)[:2], []):
        second(path).write_bytes(b"".join(rest))
        journal.append(path, [])
        assert len(list(journal.read(path))) == 3
        assert second(path).read_bytes() == whole == path.read_bytes()
    assert set_aside(path) == []


def test_each_lost_a_line_and_none_is_lost(path: Path) -> None:
    journal.append(path, [{"sha256": "d", "size": 4}])
    one, two, three, four = lines_of(path)
    path.write_bytes(one + two.replace(b'"size":2', b'"size":8') + three + four)
    second(path).write_bytes(one + two + three.replace(b'"size":3', b'"size":8') + four)
    assert [record["size"] for record in journal.read(path)] == [1, 2, 3, 4]
    assert len(set_aside(path)) == 2


def test_a_reader_who_may_not_write_reads_what_is_sound_and_is_told_of_the_rest(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(lines_of(path)[0] + b"{}\n")
    monkeypatch.setattr(journal.fcntl, "flock", _refuses)
    with pytest.raises(Refused, match="line 2 is not a record"):
        list(journal.read(path))


def _refuses(*_: object) -> None:
    raise PermissionError


def test_mended_journals_are_told_until_what_stood_there_is_removed(tmp_path: Path) -> None:
    home = Home.open(tmp_path)
    journal.append(home.captures, [{"sha256": "a", "size": 1}])
    assert journal.mended(home) == []
    home.captures.write_bytes(b"{}\n")
    assert len(list(journal.read(home.captures))) == 1
    [told] = journal.mended(home)
    assert told.startswith(f"{home.captures} was damaged, and has every line again")
    rotten = second(home.captures).read_bytes().replace(b'"a"', b'"b"')
    second(home.captures).write_bytes(rotten)  # of equal length and end: nobody sees it who does not read the copy
    assert len(journal.mended(home)) == 2
    assert second(home.captures).read_bytes() == home.captures.read_bytes() != rotten
    for kept in (home.archive / "damaged").iterdir():
        kept.unlink()
    assert journal.mended(home) == []


def test_a_torn_line_is_skipped_and_what_follows_it_is_sound(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b'{"sha256":"torn"')
    journal.append(path, [{"sha256": "d", "size": 4}])
    assert [record["sha256"] for record in journal.read(path)] == ["a", "b", "c", "d"]


def test_a_folder_in_its_place_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="a journal is to be a file"):
        list(journal.read(tmp_path))
