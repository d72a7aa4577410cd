"""The evidence of a claim as of a day: one SELECT per claim, checked so that it cannot look ahead, then run.

The check reads DuckDB's own parse of the statement (json_serialize_sql), never the text: every table is an as-of
macro whose time is the parameter $as_of, every function is on a list of pure ones, nothing else gets in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import Any, NoReturn

import duckdb
import polars as pl

from config.contracts import EVIDENCE
from config.errors import Refused
from warehouse.store.frames import read

Node = dict[str, Any]

AS_OF = re.compile(r"\$as_of\b")
DAYS_A_QUERY = 32
ON_A_DAY = ("token_price_on", "model_price_on")

# Pure functions a claim may use. The list is of what is allowed: a new clock or file reader of some later DuckDB
# is refused without anybody having heard of it.
FUNCTIONS = frozenset(
    """
    + - * / // % || ~~ !~~ ~~* abs round floor ceil least greatest ln log2 log10 sqrt exp sign coalesce ifnull nullif
    lower upper trim replace concat concat_ws substr substring left right length contains starts_with ends_with
    split_part format printf strftime year month quarter day date_part date_trunc date_diff datediff date_add
    trunc to_days to_months to_years last_day make_date count count_star sum avg min max median quantile_cont arg_max
    arg_min any_value first bool_and bool_or string_agg list row_number rank dense_rank lag lead first_value
    last_value list_contains list_value isfinite isnan
    """.split()  # noqa: SIM905  a list of words reads better than seventy quoted ones
)

# Words that DuckDB reads as functions where no column has their name.
CLOCK_WORDS = frozenset(
    """
    current_date current_time current_timestamp localtime localtimestamp current_catalog current_database
    current_schema current_role current_user session_user user
    """.split()  # noqa: SIM905  as above
)

SCALARS = ("FUNCTION", "WINDOW")
PASSING = ("SUBQUERY", "JOIN", "EMPTY")


# The macros that give what was said first of each figure, whatever was said of it later.
FIRST_PRINTS = {
    "company_fact_as_of": "company_fact_first_as_of",
    "company_quarter_as_of": "company_quarter_first_as_of",
}


def first_prints(sql: str) -> str:
    """The same query on the first print of each figure. It has been checked as it stood."""
    for macro, first in FIRST_PRINTS.items():
        sql = re.sub(rf"\b{macro}\b", first, sql, flags=re.IGNORECASE)
    return sql


def check_evidence_sql(sql: str, place: str) -> None:
    """Accept exactly one SELECT over as-of macros at $as_of. Raises Refused naming `place` and what is wrong."""
    _Check(place).statement(parsed(sql, place))


def evidence(connection: duckdb.DuckDBPyConnection, sql: str, as_of: date, place: str = "evidence SQL") -> pl.DataFrame:
    """The evidence rows (config.contracts.EVIDENCE) known by the end of `as_of` (UTC), in one fixed order.

    The day is bound as a prepared parameter, which DuckDB 1.5.5 carries into the arguments of table macros.
    Raises Refused when the statement may look ahead, or yields other columns.
    """
    _checked(sql, place)
    return _rows(read(connection, sql, {"as_of": as_of}), place)


def evidence_on(
    connection: duckdb.DuckDBPyConnection, sql: str, days: Sequence[date], place: str = "evidence SQL"
) -> dict[date, pl.DataFrame]:
    """What `evidence` gives on each of `days`, in one query for DAYS_A_QUERY of them: planning costs more than running.

    The statement stands in a lateral join, `$as_of` being the column of days. DuckDB 1.5.5 refuses that where a join
    of the statement rests on the day on both sides, as those of the prices in force on a day do.
    """
    _checked(sql, place)
    found: dict[date, pl.DataFrame] = {}
    for start in range(0, len(days), DAYS_A_QUERY):
        asked = ", ".join(f"DATE '{day.isoformat()}'" for day in days[start : start + DAYS_A_QUERY])
        together = read(
            connection,
            f"SELECT asked.as_of AS asked_on, found.* FROM (SELECT DISTINCT unnest([{asked}]) AS as_of) AS asked, "
            f"LATERAL ({AS_OF.sub('asked.as_of', sql.strip().removesuffix(';'))}\n) AS found",
        )
        by_day = together.partition_by("asked_on", as_dict=True, include_key=False)
        nothing = together.drop("asked_on").clear()
        for day in days[start : start + DAYS_A_QUERY]:
            found[day] = _rows(by_day.get((day,), nothing), place)
    return found


def _rows(found: pl.DataFrame, place: str) -> pl.DataFrame:
    if found.columns != list(EVIDENCE):
        _refuse(place, f"it yields the columns {found.columns}", f"select {', '.join(EVIDENCE)}, in this order")
    try:
        return found.cast(EVIDENCE).sort(list(EVIDENCE))
    except pl.exceptions.PolarsError as error:
        _refuse(place, f"a column has another type: {error}", "cast it in the SELECT")


@cache
def _checked(sql: str, place: str) -> None:
    check_evidence_sql(sql, place)


def _refuse(place: str, message: str, remedy: str) -> NoReturn:
    raise Refused(message, place=place, remedy=remedy)


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """A database without tables or access to files, opened once: it only parses."""
    return duckdb.connect(":memory:", config={"enable_external_access": "false"})


@cache
def _parse(sql: str) -> Node:
    """Once for each text, whatever file or claim it is read for."""
    with _parser().cursor() as parser:
        text = parser.sql(
            "SELECT json_serialize_sql($sql, skip_null := true, skip_empty := true)", params={"sql": sql}
        ).fetchall()[0][0]
    parse: Node = json.loads(text)
    return parse


def parsed(sql: str, place: str) -> Node:
    """DuckDB's own parse of the one statement in `sql`. Raises Refused when it is none, or more than one."""
    parse = _parse(sql)
    if parse["error"]:
        _refuse(place, parse["error_message"], "write one SELECT that DuckDB can parse")
    if len(statements := parse.get("statements", [])) != 1:
        _refuse(place, f"it holds {len(statements)} statements", "write one SELECT")
    statement: Node = statements[0]
    return statement


class _Check:
    """Walks the parse; remembers where the statement stands, for the message, and whether it read a macro."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.macros = 0

    def statement(self, statement: Node) -> None:
        self.node(statement["node"], frozenset())
        if not self.macros:
            self.refuse("it reads no as-of macro", "select from a macro such as company_fact_as_of($as_of)")

    def refuse(self, message: str, remedy: str) -> NoReturn:
        _refuse(self.place, message, remedy)

    def node(self, node: Any, names: frozenset[str]) -> None:
        """Any part of the parse. `names` are the CTEs in scope: a CTE sees those before it, never itself."""
        if isinstance(node, list):
            for part in node:
                self.node(part, names)
        if not isinstance(node, dict):
            return
        self.itself(node)
        if node.get("type") == "TABLE_FUNCTION":
            return  # its arguments are checked, each to the letter
        for entry in node.get("cte_map", {}).get("map", []):
            self.node(entry["value"], names)
            names |= {entry["key"].lower()}
        for table in _tables(node):
            self.table(table, names)
        for key, part in node.items():
            if key != "cte_map":
                self.node(part, names)

    def itself(self, node: Node) -> None:
        """This part alone, without what is inside it."""
        kind = node.get("class")
        if kind in SCALARS:
            self.function(node["function_name"].lower())
        elif kind == "PARAMETER" and node.get("identifier") != "as_of":
            self.refuse(f"it has the parameter {node.get('identifier')!r}", "use $as_of alone")
        elif kind == "COLUMN_REF" and len(node["column_names"]) == 1:
            self.column(node["column_names"][0])
        elif node.get("type") == "RECURSIVE_CTE_NODE":
            self.refuse("it is recursive", "write it without WITH RECURSIVE")
        if "sample" in node:
            self.refuse("it takes a random sample", "read all rows")

    def table(self, table: Node, names: frozenset[str]) -> None:
        kind = table["type"]
        if kind == "TABLE_FUNCTION":
            self.macro(table["function"])
        elif kind == "BASE_TABLE":
            name = table["table_name"]
            if table.get("schema_name") or table.get("catalog_name") or name.lower() not in names:
                self.refuse(f"it reads the table or view {name!r}", "read through an as-of macro with $as_of")
        elif kind not in PASSING:
            self.refuse(f"it reads from {kind.lower().replace('_', ' ')}", "read from as-of macros alone")

    def macro(self, function: Node) -> None:
        """An as-of macro with its time at $as_of. Its first argument, or for a day's prices the one named known."""
        name = function["function_name"].lower()
        if function.get("schema") or function.get("catalog") or not (name.endswith("_as_of") or name in ON_A_DAY):
            self.refuse(f"it reads from the table function {name!r}", "read from as-of macros alone")
        if name in ON_A_DAY:
            wanted: tuple[Callable[[Node], bool], ...] = (_is_day, _is_known)
            form = f"{name}(DATE '2025-02-25', known := $as_of)"
        else:
            wanted, form = (_is_as_of,), f"{name}($as_of)"
        arguments = function.get("children", [])
        if len(arguments) != len(wanted) or not all(
            fits(argument) for fits, argument in zip(wanted, arguments, strict=True)
        ):
            self.refuse(f"the arguments of {name} are not as they must be", f"write {form}")
        self.macros += 1

    def function(self, name: str) -> None:
        if name not in FUNCTIONS:
            self.refuse(f"it calls {name}()", "use the pure functions listed in warehouse/evidence/as_of.py")

    def column(self, name: str) -> None:
        if name.lower() in CLOCK_WORDS:
            self.refuse(f"it says {name}", "take every time from $as_of")


def _tables(node: Node) -> list[Node]:
    """What this part reads from: the FROM of a SELECT, the two sides of a join."""
    sides = ("left", "right") if node.get("type") == "JOIN" else ("from_table",)
    return [node[side] for side in sides if side in node]


def _is_as_of(argument: Node, name: str = "") -> bool:
    return (argument.get("class"), argument.get("identifier"), argument.get("alias", "")) == (
        "PARAMETER",
        "as_of",
        name,
    )


def _is_known(argument: Node) -> bool:
    return _is_as_of(argument, "known")


def _is_day(argument: Node) -> bool:
    """$as_of, or a day spelled out: DATE '2025-02-25'."""
    return _is_as_of(argument) or (
        argument.get("type") == "OPERATOR_CAST"
        and argument["cast_type"]["id"] == "DATE"
        and argument["child"].get("type") == "VALUE_CONSTANT"
        and not argument.get("alias")
    )
