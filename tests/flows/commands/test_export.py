"""What is passed on of a published file: whole, free to be passed on, with its notice, and nothing a spreadsheet would run."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import duckdb
import polars as pl
import pytest
from bs4 import BeautifulSoup
from price_book import PriceBook, price
from published_file import analyst, rows

from config.errors import Refused
from config.settings import Settings
from flows.commands.questions import export_to
from warehouse.published import export as module
from warehouse.published.stage import Stage


def test_the_published_facts_and_verdicts_are_exported_with_a_notice(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    counts = export_to(Settings(home=published), folder, date(2025, 2, 25), "parquet")
    assert tuple(counts) == module.EXPORTED
    assert {path.name for path in folder.iterdir()} == {
        *(f"{view}.parquet" for view in counts),
        "NOTICE.txt",
        "datapackage.json",
        "CITATION.cff",
        "SHA256SUMS",
    }
    with analyst(published) as cs:
        [(expected,)] = rows(cs, "SELECT count(*) FROM company_fact_as_of(DATE '2025-02-25')")
        said = rows(
            cs, "SELECT claim_id, as_of, verdict FROM history.verdict WHERE as_of <= '2025-02-25' ORDER BY 1, 2"
        )
    history = pl.read_parquet(folder / "verdict_history.parquet")
    assert history.select("claim_id", "as_of", "verdict").rows() == said
    facts = pl.read_parquet(folder / "company_fact.parquet")
    assert facts.height == counts["company_fact"] == expected > 0
    assert str(facts["known_at"].max()) < "2025-02-26"
    notice = (folder / "NOTICE.txt").read_text()
    assert "as known on 2025-02-25" in notice
    assert "private_prices: left out" in notice
    with pytest.raises(Refused, match="it is there already"):
        export_to(Settings(home=published), folder, None, "csv")


def described(book: PriceBook) -> Stage:
    """A staged book with what an export says of itself."""
    stage = book.stage()
    stage.connection.execute(
        "CREATE TABLE history.meta AS SELECT 'one' AS published_id, TIMESTAMP '2026-11-22 00:00:00' AS published_at, 'c' AS code_version, 'd' AS digest"
    )
    stage.connection.execute(
        "CREATE TABLE dictionary AS FROM (VALUES ('token_price', '', '', 'Prices.'), ('token_price', 'listing', 'VARCHAR', 'What the list calls it.')) AS t(object, column_name, type, meaning)"
    )
    return stage


def test_a_workbook_has_the_sources_first_and_runs_nothing(tmp_path: Path) -> None:
    book = PriceBook(tmp_path / "home")
    book.say("litellm_prices", "2025-02-20", [price("=1+1", 0.0375)])
    book.say("openrouter_prices", "2025-02-20", [price("not-ours-to-give", 2.5)])
    stage = described(book)
    stage.connection.execute("CREATE VIEW source AS FROM history.source")
    assert (
        module.export(stage.connection, tmp_path / "out", "excel", views=("token_price", "source"))["token_price"] == 1
    )
    with ZipFile(tmp_path / "out" / "capex-signals.xlsx") as opened:
        sheets = BeautifulSoup(opened.read("xl/workbook.xml"), "xml").find_all("sheet")
        words = opened.read("xl/sharedStrings.xml").decode()
        cells = BeautifulSoup(opened.read("xl/worksheets/sheet2.xml"), "xml")
    assert [sheet["name"] for sheet in sheets] == ["source", "token_price"]
    assert "<t>=1+1</t>" in words
    assert "not-ours-to-give" not in words
    assert cells.find_all("f") == []
    assert "0.0375" in [value.text for value in cells.find_all("v")]
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    assert [(one["name"], one["dialect"]) for one in package["resources"]] == [
        ("token_price", {"sheetName": "token_price"}), ("source", {"sheetName": "source"}),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_a_release_made_again_has_the_same_checksums(tmp_path: Path, form: module.Format) -> None:
    stage = described(PriceBook(tmp_path / "home"))
    stage.connection.execute("CREATE VIEW claim AS SELECT range AS n FROM range(1000) ORDER BY random()")
    sums = []
    for folder in (tmp_path / "one", tmp_path / "other"):
        module.export(stage.connection, folder, form, views=("claim",))
        sums.append((folder / "SHA256SUMS").read_text())
    assert sums[0] == sums[1]


def test_what_no_worksheet_holds_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    stage = described(PriceBook(tmp_path / "home"))
    stage.connection.execute("CREATE VIEW claim AS SELECT repeat('x', 32768) AS statement_en")
    with pytest.raises(Refused, match=r"^claim\.statement_en: it has a text of more than 32,767 characters.*--format"):
        module.export(stage.connection, tmp_path / "out", "excel", views=("claim",))
    stage.connection.execute("CREATE OR REPLACE VIEW claim AS SELECT range AS n FROM range(1048576)")
    with pytest.raises(Refused, match=r"^claim: it has 1,048,576 rows, a worksheet holds 1,048,575"):
        module.export(stage.connection, tmp_path / "out", "excel", views=("claim",))
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


def test_a_frozen_file_says_itself_what_its_columns_mean(tmp_path: Path) -> None:
    book = PriceBook(tmp_path / "home")
    book.say("litellm_prices", "2025-02-20", [price("gpt-4o", 2.5)])
    assert module.export(described(book).connection, tmp_path / "out", "duckdb", views=("token_price",)) == {
        "token_price": 1
    }
    with duckdb.connect(str(tmp_path / "out" / "capex-signals.duckdb"), read_only=True) as frozen:
        assert frozen.execute("SELECT listing, price_per_mtok FROM token_price").fetchall() == [("gpt-4o", 2.5)]
        comments = "SELECT comment FROM duckdb_columns() WHERE column_name = 'listing'"
        assert frozen.execute(comments).fetchall() == [("What the list calls it.",)]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "capex-signals.duckdb", "NOTICE.txt", "datapackage.json", "CITATION.cff", "SHA256SUMS",
    }  # fmt: skip


def test_marts_of_companies_stay_out_with_a_source_that_may_not_be_passed_on(tmp_path: Path) -> None:
    stage = described(PriceBook(tmp_path / "home"))
    stage.connection.execute(
        "INSERT INTO history.company_fact BY NAME SELECT 'openrouter_prices' AS source, 'MSFT' AS company"
    )
    stage.connection.execute("CREATE OR REPLACE VIEW company_fact AS SELECT source, company FROM history.company_fact")
    stage.connection.execute("CREATE VIEW capex_quarter AS SELECT 1 AS capex_cash_usd")
    counts = module.export(stage.connection, tmp_path / "out", "csv", views=("capex_quarter", "company_fact"))
    assert counts == {"company_fact": 0}
    assert "Left out with openrouter_prices: capex_quarter" in (tmp_path / "out" / "NOTICE.txt").read_text()


def test_what_may_not_be_passed_on_stays_out_and_a_formula_is_text(tmp_path: Path) -> None:
    book = PriceBook(tmp_path / "home")
    book.say("litellm_prices", "2025-02-20", [price("=1+1", 2.5)])
    book.say("openrouter_prices", "2025-02-20", [price("not-ours-to-give", 2.5)])
    stage = described(book)
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
        licences = {field["name"]: field["licence"] for field in resource["schema"]["fields"]}
        if resource["name"] == "token_price":
            assert (licences["price_per_mtok"], licences["known_at"]) == ("of the row's `source`", "MIT")
        assert resource["rows"] == frame.height
        assert resource["hash"] == "sha256:" + sha256((folder / resource["path"]).read_bytes()).hexdigest()
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == {path.name for path in folder.iterdir()} - {"SHA256SUMS"}
    assert all(sha256((folder / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())
    assert f'version: "{version}"' in (folder / "CITATION.cff").read_text()
