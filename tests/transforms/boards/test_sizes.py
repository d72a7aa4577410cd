"""What a payload becomes when unpacked is asked before it is: a few kilobytes may be a billion rows."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from datetime import datetime

import polars as pl
import pytest
from arena_captures import fixture, read

from config.contracts import Capture
from config.errors import Refused, SourceChanged
from config.load import catalog
from config.parsing import parse_yaml
from transforms.boards import arena_dataset
from transforms.boards.parquet_footer import stated_size
from transforms.sources import epoch_benchmarks, models_dev_prices

BOARD = fixture("arena_leaderboard", "text_latest.parquet")


def parquet(rows: int) -> bytes:
    out = io.BytesIO()
    first = pl.read_parquet(io.BytesIO(BOARD)).head(1)
    pl.concat([first] * rows).write_parquet(out)
    return out.getvalue()


@pytest.mark.parametrize("rows", [1, 7, 1000])
def test_the_footer_tells_rows_and_bytes(rows: int) -> None:
    size = stated_size(parquet(rows))
    assert size.rows == rows
    assert size.bytes > 11 * 8  # eleven columns


def test_a_board_of_more_rows_or_bytes_than_any_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arena_dataset, "_read", lambda *_: pytest.fail("it was read"))
    monkeypatch.setattr(arena_dataset, "MAX_ROWS", 500)
    with pytest.raises(SourceChanged, match=r"footer: it states 1,000 rows and .* when unpacked, more than 500"):
        read("arena_leaderboard", parquet(1000))
    monkeypatch.setattr(arena_dataset, "MAX_ROWS", 5000)
    monkeypatch.setattr(arena_dataset, "MAX_BYTES", 100)
    with pytest.raises(SourceChanged, match="more than 5,000 or 100"):
        read("arena_leaderboard", parquet(1000))


@pytest.mark.parametrize("seed", range(200))
def test_a_damaged_footer_is_a_sentence(seed: int) -> None:
    """Each byte of the footer flipped in turn: read, or refused by name."""
    (length,) = struct.unpack("<I", BOARD[-8:-4])
    at = len(BOARD) - 8 - length + seed * length // 200
    body = BOARD[:at] + bytes([BOARD[at] ^ 0xFF]) + BOARD[at + 1 :]
    try:
        stated_size(body)
    except ValueError as error:
        assert "footer" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "body", [b"PAR1PAR1", b"PAR1" + b"\xff\xff\xff\x7f" + b"PAR1", b"PAR1" + b"\x1c" * 4000 + struct.pack("<I", 4000) + b"PAR1"]
)  # fmt: skip
def test_what_is_no_parquet_is_refused(body: bytes) -> None:
    with pytest.raises(SourceChanged, match=r"footer|whole parquet"):
        read("arena_leaderboard", body)


def catalogue(body: bytes) -> None:
    at = datetime(2026, 7, 2)
    models_dev_prices.parse(
        body, Capture("models_dev_prices", "", "u", "0" * 64, len(body), at, at), catalog()
    )  # fmt: skip


def test_a_tar_whose_header_is_a_bomb_is_refused_before_it_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models_dev_prices, "MAX_ARCHIVE_BYTES", 1_000_000)
    out = io.BytesIO()
    with tarfile.TarFile.open(fileobj=out, mode="w:gz", format=tarfile.PAX_FORMAT) as archive:
        member = tarfile.TarInfo("providers/p/models/m.toml")
        member.pax_headers = {"comment": "a" * 3_000_000}
        archive.addfile(member)
    assert len(out.getvalue()) < 20_000
    with pytest.raises(SourceChanged, match="unpacks to more than 1,000,000 bytes"):
        catalogue(out.getvalue())
    with pytest.raises(SourceChanged, match="unpacks to more"):
        catalogue(gzip.compress(bytes(5_000_000)))


def test_the_tables_of_a_zip_are_capped_each_and_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(epoch_benchmarks, "MAX_TABLE_BYTES", 3_000_000)
    monkeypatch.setattr(epoch_benchmarks, "MAX_ZIP_BYTES", 4_000_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in catalog().sources["epoch_benchmarks"].boards[:3]:
            archive.writestr(table.part, bytes(2_500_000))
    with pytest.raises(SourceChanged, match="states 2,500,000 bytes, 1,500,000 are left for it"):
        read("epoch_benchmarks", out.getvalue(), datetime(2026, 4, 20), "")


def test_yaml_that_grows_when_read_is_refused() -> None:
    """Nine lines, ten times each: a billion words."""
    lines = ["a0: &a0 [lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))]
    with pytest.raises(Refused, match="an alias, which is not read"):
        parse_yaml("\n".join(lines), "a.yml")
    assert parse_yaml("a: [x]\nb: [x]\nc: {d: x, e: x}", "a.yml") == {"a": ["x"], "b": ["x"], "c": {"d": "x", "e": "x"}}
    with pytest.raises(Refused, match="exceeded maximum nesting depth"):
        parse_yaml("[" * 20_000, "a.yml")
    with pytest.raises(Refused, match="nested too deeply"):
        parse_yaml("{? " + "[" * 900 + "]" * 900 + " : 1}", "a.yml")
    for wrong in ("a: 2025-13-45", "? [a]\n: b", "a: b: c", b"\xff\xfe\x00"):
        with pytest.raises(Refused, match=r"a\.yml: not valid YAML"):
            parse_yaml(wrong, "a.yml")
