"""What a plain view answers while no day is asked for, worked out once at publishing and kept as a table.

A view answers by what was known by the day that the variable `as_of` names, and by everything where it is not set. The
second never changes in a file that never changes. A view that is kept reads its table then, and works a past day out as
before: DuckDB asks for the variable when it binds the view, and what is not asked for is not even planned.
"""

from __future__ import annotations

import re

from config.errors import Refused
from warehouse.published.stage import VERDICT_NEWS, Stage

SCHEMA = "newest"
# In the order in which they build on each other; what answers within 50 ms by itself, or only filters, is left out.
KEPT = (
    "unmatched_listing",
    "price_frontier",
    "price_decline",
    "model_price_month",
    "input_price_frontier",
    "quality_price_premium",
    "capex_intensity",
    "depreciation_wave",
    "coverage",
    "verdict_flip",
    "verdict_lead",
)
# What of them rests on when each list was looked at, and on verdicts, which are of each night; the others rest on facts alone
# (a test holds it).
OF_SIGHTS = (
    "price_frontier",
    "price_decline",
    "model_price_month",
    "input_price_frontier",
    "quality_price_premium",
    "coverage",
)
OF_VERDICTS = ("verdict_flip", "verdict_lead")
_DEFINED = re.compile(r"CREATE VIEW \w+ (?:\([^)]*\) )?AS (?P<query>.*?);?", re.DOTALL)


def keep_newest(stage: Stage) -> None:
    """Put the newest answer of each of KEPT into schema `newest` and let the view read it. Once all views are built."""
    if stage.resumed:
        _renew(stage, OF_VERDICTS if stage.same_sights else OF_SIGHTS + OF_VERDICTS)
        return
    stage.connection.execute(f"CREATE SCHEMA {SCHEMA}")
    for view in KEPT:
        stage.connection.execute(f"CREATE TABLE {SCHEMA}.{view} AS FROM {view}")
        past = _query(stage, view).replace("'", "''")
        stage.connection.execute(
            f"CREATE OR REPLACE VIEW {view} AS FROM query("
            f"CASE WHEN getvariable('as_of') IS NULL THEN 'FROM {SCHEMA}.{view}' ELSE '{past}' END)"
        )


def _renew(stage: Stage, views: tuple[str, ...]) -> None:
    """The kept answers of a resumed file, worked out by the views themselves: as of a day that is the same as none."""
    stage.build(VERDICT_NEWS)
    stage.connection.execute("SET VARIABLE as_of = (SELECT as_of_now())")
    for view in views:
        stage.connection.execute(f"DELETE FROM {SCHEMA}.{view}")
        stage.connection.execute(f"INSERT INTO {SCHEMA}.{view} FROM {view}")
    stage.connection.execute("RESET VARIABLE as_of")


def _query(stage: Stage, view: str) -> str:
    asked = "SELECT sql FROM duckdb_views() WHERE schema_name = 'main' AND view_name = $view AND NOT internal"
    found = _DEFINED.fullmatch(stage.frame(asked, {"view": view})["sql"][0].strip())
    if found is None:
        raise Refused(
            f"the view {view} is defined in a way that is not understood",
            place="warehouse/views",
            remedy="write it as CREATE VIEW name AS query",
        )
    return found["query"]
