"""Words that programs write for a missing number may be somebody's name: a leader called NaN leads."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime

import polars as pl
import pytest
from arena_captures import FIXTURES, fixture, read

WORDS = ("NaN", "nan", "null", "None", "inf", "-inf", "N", "True", "~")


def text(source: str, name: str, old: str) -> Callable[[str], bytes]:
    return lambda new: fixture(source, name).decode().replace(old, new, 1).encode()


def quoted(source: str, name: str, old: str) -> Callable[[str], bytes]:
    return lambda new: fixture(source, name).decode().replace(old, f'"{new}"', 1).encode()


def table(source: str, name: str, old: str) -> Callable[[str], bytes]:
    def changed(new: str) -> bytes:
        out = io.BytesIO()
        rows = pl.read_parquet(io.BytesIO(fixture(source, name)))
        rows.with_columns(pl.col("model_name", "organization").replace(old, new)).write_parquet(out)
        return out.getvalue()

    return changed


def index(new: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path in sorted((FIXTURES / "epoch_benchmarks" / "2026-04").glob("*.csv")):
            archive.writestr(path.name, path.read_text().replace("gpt-5-2025-08-07_high", new))
    return out.getvalue()


# (source, its part, what it states of a leader or an organisation under another name)
STATED = {
    "hfspace": ("arena_hfspace", "", text("arena_hfspace", "2023-12-20.csv", "GPT-4-Turbo"), "entrant"),
    "published": ("arena_published", "", text("arena_published", "2024-06-19.csv", "GPT-4o-2024-05-13"), "entrant"),
    "published, whose": ("arena_published", "", text("arena_published", "2024-06-19.csv", "OpenAI"), "organization"),
    "site": ("arena_site", "arena_text", quoted("arena_site", "2026-03-19.json", '"claude-opus-4-6-thinking"'), "entrant"),
    "site, whose": ("arena_site", "arena_text", quoted("arena_site", "2026-03-19.json", '"Google"'), "organization"),
    "catalog": ("arena_catalog", "arena_text", quoted("arena_catalog", "2025-05-20_text.json", '"gemini-2.5-pro-preview-05-06"'), "entrant"),
    "index": ("artificial_analysis", "page 1", quoted("artificial_analysis", "page_1.json", '"Alpha 2 (high)"'), "entrant"),
    "dataset": ("arena_leaderboard", "arena_text", table("arena_leaderboard", "text_latest.parquet", "alpha-1"), "entrant"),
    "dataset, whose": ("arena_leaderboard", "arena_text", table("arena_leaderboard", "text_latest.parquet", "openai"), "organization"),
    "runs": ("aider_leaderboard", "aider_edit", quoted("aider_leaderboard", "edit.yml", "o1-preview"), "entrant"),
    "epoch": ("epoch_benchmarks", "", index, "entrant"),
}  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("stated", STATED)
def test_a_name_is_a_name(stated: str, word: str) -> None:
    source, scope, payload, column = STATED[stated]
    plain, other = (read(source, payload(name), datetime(2026, 4, 20, 12), scope) for name in ("Plain 1", word))
    renamed = plain.rows.with_columns(pl.col(column).replace("Plain 1", word))
    assert word in other.rows[column].to_list()
    shown = ["entrant", "organization", "category", "value", "rank"]
    assert other.rows.select(shown).sort(shown).equals(renamed.select(shown).sort(shown))
    assert len(other.issues) == len(plain.issues)


@pytest.mark.parametrize("word", ["", "-", "n/a"])
def test_an_empty_cell_and_a_dash_are_no_name(word: str) -> None:
    source, scope, payload, _ = STATED["published"]
    rows = read(source, payload(word), datetime(2026, 4, 20, 12), scope).rows
    assert "(no name)" in rows["entrant"].to_list()
