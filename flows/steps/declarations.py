"""Puts what is declared in config/ into the staged file: companies, groups, metrics, definitions, boards, claim tests."""

from __future__ import annotations

from config.specs import Catalog
from transforms.boards.catalogue import board_frame
from transforms.claims.catalogue import claim_test_frame
from transforms.companies import catalogue
from warehouse.published.stage import Stage


def put_declarations(stage: Stage, catalog: Catalog) -> None:
    """The tables history.company, company_group, metric, definition, definition_step, derivation_term, board and claim_test."""
    stage.put("history.company", catalogue.company_frame(catalog))
    stage.put("history.company_group", catalogue.group_frame(catalog))
    stage.put("history.metric", catalogue.metric_frame(catalog))
    stage.put("history.definition", catalogue.definition_frame(catalog))
    stage.put("history.definition_step", catalogue.step_frame(catalog))
    stage.put("history.derivation_term", catalogue.term_frame(catalog))
    stage.put("history.board", board_frame(catalog))
    stage.put("history.claim_test", claim_test_frame(catalog.claims))
