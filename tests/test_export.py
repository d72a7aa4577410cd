"""What is passed on of a published file: whole, free to be passed on, with its notice, and nothing a spreadsheet would run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from price_book import PriceBook, price
from published_file import analyst, rows

from config.errors import Refused
from config.settings import Settings
from flows.asking import export_to
from warehouse import export as module


def test_the_published_facts_and_verdicts_are_exported_with_a_notice(published: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    counts = export_to(Settings(home=published), folder, date(2025, 2, 25), "parquet")
    assert set(counts) == {*module.OF_SOURCES, *module.OUR_OWN}
    assert {path.name for path in folder.iterdir()} == {*(f"{view}.parquet" for view in counts), "NOTICE.txt"}
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
    stage.connection.execute("CREATE TABLE history.meta AS SELECT TIMESTAMP '2026-11-22 00:00:00' AS published_at")
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
