"""What is passed on of a published file: whole, free to be passed on, with its notice, and nothing a spreadsheet would run."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest
from price_book import PriceBook, price
from published_file import analyst, rows

from config.errors import Refused
from config.settings import Settings
from flows.commands.questions import export_to
from warehouse.published import export as module


def test_the_published_facts_and_verdicts_are_exported_with_a_notice(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    counts = export_to(Settings(home=published), folder, date(2025, 2, 25), "parquet")
    assert set(counts) == {*module.OF_SOURCES, *module.OUR_OWN}
    assert {path.name for path in folder.iterdir()} == {
        *(f"{view}.parquet" for view in counts),
        "NOTICE.txt",
        "datapackage.json",
        "CITATION.cff",
        "SHA256SUMS",
    }
    with analyst(published) as cs:
        [(expected,)] = rows(cs, "SELECT count(*) FROM company_fact_as_of(DATE '2025-02-25')")
    facts = pl.read_parquet(folder / "company_fact.parquet")
    assert facts.height == counts["company_fact"] == expected > 0
    assert str(facts["known_at"].max()) < "2025-02-26"
    notice = (folder / "NOTICE.txt").read_text()
    assert "as known on 2025-02-25" in notice
    assert "private_prices: left out" in notice
    with pytest.raises(Refused, match="it is there already"):
        export_to(Settings(home=published), folder, None, "csv")


def test_what_may_not_be_passed_on_stays_out_and_a_formula_is_text(tmp_path: Path) -> None:
    book = PriceBook(tmp_path / "home")
    book.say("litellm_prices", "2025-02-20", [price("=1+1", 2.5)])
    book.say("openrouter_prices", "2025-02-20", [price("not-ours-to-give", 2.5)])
    stage = book.stage()
    stage.connection.execute(
        "CREATE TABLE history.meta AS SELECT 'one' AS published_id, TIMESTAMP '2026-11-22 00:00:00' AS published_at, 'c' AS code_version, 'd' AS digest"
    )
    stage.connection.execute(
        "CREATE TABLE dictionary (object VARCHAR, column_name VARCHAR, type VARCHAR, meaning VARCHAR)"
    )
    assert module.export(stage.connection, tmp_path / "out", "csv", views=("token_price",)) == {"token_price": 1}
    text = (tmp_path / "out" / "token_price.csv").read_text()
    assert "'=1+1" in text
    assert "not-ours-to-give" not in text
    assert "openrouter_prices: left out" in (tmp_path / "out" / "NOTICE.txt").read_text()


def test_an_export_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    stage = PriceBook(tmp_path / "home").stage()
    with pytest.raises(Exception, match="no_such_view"):
        module.export(stage.connection, tmp_path / "out", "csv", views=("token_price", "no_such_view"))
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


def test_an_export_is_a_citable_release(published: Path, tmp_path: Path) -> None:
    """Every column of every file with its meaning and licence, every file with its sum, the data's version beside the code's."""
    folder = tmp_path / "out"
    counts = export_to(Settings(home=published), folder, None, "parquet")
    package = json.loads((folder / "datapackage.json").read_text())
    with analyst(published) as cs:
        [(version, code)] = rows(cs, "SELECT published_id, code_version FROM meta")
        free, kept = (
            rows(cs, f"SELECT source FROM source WHERE {which} redistribution ORDER BY 1") for which in ("", "NOT")
        )
    assert (package["version"], package["code_version"]) == (version, code)
    assert [source["name"] for source in package["sources"]] == [name for (name,) in free]
    assert [source["name"] for source in package["left_out"]] == [name for (name,) in kept] != []
    assert [resource["name"] for resource in package["resources"]] == list(counts)
    for resource in package["resources"]:
        frame = pl.read_parquet(folder / resource["path"])
        assert [field["name"] for field in resource["schema"]["fields"]] == frame.columns
        assert all(field["description"] for field in resource["schema"]["fields"])
        assert resource["rows"] == frame.height
        assert resource["hash"] == "sha256:" + sha256((folder / resource["path"]).read_bytes()).hexdigest()
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert all(sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    assert f'version: "{version}"' in (folder / "CITATION.cff").read_text()
