"""A new claim's skeleton is whole: it is declared, passes the guard against looking ahead, and its fixtures hold."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import yaml

from config.contracts import EVIDENCE
from config.errors import Refused
from config.load import load_catalog
from config.parsing import parse_yaml
from config.specs import ClaimSpec
from transforms.claims.verdicts import judge_claim
from transforms.skeletons.claim import new_claim
from warehouse.evidence.as_of import check_evidence_sql
from warehouse.evidence.definitions import check_definitions
from warehouse.home.new_files import write_new

FILES = new_claim("C47", "meta_capex_above_ocf", date(2026, 3, 2))


def test_the_skeleton_can_be_judged_as_it_stands() -> None:
    body = parse_yaml(FILES["config/claims/C47_meta_capex_above_ocf.yml"], "C47")
    spec = ClaimSpec.model_validate({"id": "C47", "stem": "meta_capex_above_ocf", **body})
    sql = FILES["warehouse/claims/C47_meta_capex_above_ocf.sql"]
    check_evidence_sql(sql, "C47")
    check_definitions(sql, "C47")
    folder = "tests/fixtures/claims/C47_meta_capex_above_ocf"
    for case, expected in yaml.safe_load(FILES[f"{folder}/expected.yml"]).items():
        text = FILES[f"{folder}/{case}/evidence.csv"]
        rows = pl.read_csv(io.StringIO(text), schema=EVIDENCE)
        verdict = judge_claim(spec, rows, expected["as_of"], "test", sql=sql)
        assert (verdict.verdict, verdict.n, verdict.statistic) == (
            expected["verdict"],
            expected["n"],
            expected["statistic"],
        )
        assert all(words in verdict.detail_en for words in expected["says"])


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    assert len(write_new(FILES, tmp_path)) == len(FILES)
    with pytest.raises(Refused, match=r"config/claims/C47_meta_capex_above_ocf\.yml: it is there already"):
        write_new(FILES, tmp_path)


@pytest.mark.parametrize(("claim_id", "stem"), [("C147", "x"), ("47", "x"), ("C47", "Meta capex"), ("C47", "../x")])
def test_ids_and_stems_are_checked(claim_id: str, stem: str) -> None:
    with pytest.raises(Refused, match="is no"):
        new_claim(claim_id, stem, date(2026, 3, 2))


def test_two_declarations_of_one_claim_are_refused(tmp_path: Path) -> None:
    import shutil

    from config.load import HERE

    folder = shutil.copytree(HERE, tmp_path / "config", ignore=shutil.ignore_patterns("__pycache__"))
    original = next((folder / "claims").glob("C21_*.yml"))
    original.with_name("C21_second.yml").write_bytes(original.read_bytes())
    with pytest.raises(Refused, match="C21 is declared twice"):
        load_catalog(folder)
