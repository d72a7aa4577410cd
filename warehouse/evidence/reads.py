"""What a claim's SQL reads: which as-of macros, and which companies, metrics, boards or providers of them.

Taken from DuckDB's parse of the statement, for one purpose: a claim need only be judged on days on which something it
reads changed. So it errs on the wide side: a condition that is not understood narrows nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, reduce
from typing import Any

from warehouse.evidence.as_of import parsed

Node = dict[str, Any]
Narrowed = dict[str, frozenset[str]]

# For each macro the tables behind it, and the columns that narrow what is read of them. They are the same for every row of
# a series, save the topic of an event: an edit may change it, so an event counts when any of its rows had the topic.
COMPANY = ("company", "metric")
BEHIND: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "company_fact_as_of": {"company_period": COMPANY},
    "company_quarter_as_of": {"company_period": COMPANY},
    "lease_balance_as_of": {"company_period": COMPANY},
    "company_fact_first_as_of": {"company_period": COMPANY},
    "company_quarter_first_as_of": {"company_period": COMPANY},
    "guidance_as_of": {"guidance_state": COMPANY, "company_period": COMPANY},
    "event_as_of": {"event_state": ("topic",)},
    "token_price_as_of": {"price_state": ("provider",)},
    "token_price_on": {"price_state": ("provider",)},
    "model_price_as_of": {"price_state": ("provider",)},
    "model_price_on": {"price_state": ("provider",)},
    "leaderboard_score_as_of": {"board_score": ("board", "category")},
    # A day of which nothing is left has no lead any more: only its scores, then absent, say since when.
    "openai_lead_as_of": {"board_lead": ("board", "category"), "board_score": ("board", "category")},
    "market_price_as_of": {"market_price": ("ticker",)},
    "estimate_as_of": {"estimate": COMPANY},
    "fx_rate_as_of": {},  # changes every day, and only converts what is shown beside a verdict
}
EVERYTHING: Mapping[str, tuple[str, ...]] = {table: () for behind in BEHIND.values() for table in behind}


@dataclass(frozen=True, slots=True)
class Read:
    """One macro in the SQL, and for a column the only values that can reach the result."""

    macro: str
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    ways: tuple[Mapping[str, frozenset[str]], ...] = ({},)  # the same for each branch of its ORs apart

    @property
    def tables(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """The history tables behind the macro with what narrows each. A macro nobody declared here may read any of them."""
        behind = BEHIND.get(self.macro, EVERYTHING)
        return {
            table: {column: self.only[column] for column in columns if column in self.only}
            for table, columns in behind.items()
        }


def reads(sql: str, place: str = "evidence SQL") -> tuple[Read, ...]:
    """Every as-of macro of the statement, in the order of the text. Raises Refused naming `place` when it is no statement."""
    parsed(sql, place)
    return _found(sql)


@cache
def _found(sql: str) -> tuple[Read, ...]:
    return tuple(_reads(parsed(sql, "evidence SQL")["node"]))


def _reads(node: Any) -> Iterator[Read]:
    if isinstance(node, list):
        for part in node:
            yield from _reads(part)
    if not isinstance(node, dict):
        return
    source = node.get("from_table", {})
    alone = node.get("type") == "SELECT_NODE" and source.get("type") == "TABLE_FUNCTION"
    if alone:
        condition = node.get("where_clause")
        yield Read(_name(source), _narrowed(condition), tuple(_ways(condition)))
    elif node.get("type") == "TABLE_FUNCTION":
        yield Read(_name(node))
    for key, part in node.items():
        if not (alone and key == "from_table"):
            yield from _reads(part)


def _name(table: Node) -> str:
    return str(table["function"]["function_name"]).lower()


def _narrowed(condition: Node | None) -> Narrowed:
    """column -> the values it must have for the condition to hold; columns that may have any value are left out."""
    if condition is None:
        return {}
    kind, children = condition["type"], condition.get("children", [])
    if kind == "CONJUNCTION_AND":
        return reduce(_both, map(_narrowed, children), {})
    if kind == "CONJUNCTION_OR":
        branches = [_narrowed(child) for child in children]
        return {
            column: frozenset().union(*(branch[column] for branch in branches))
            for column in branches[0]
            if all(column in branch for branch in branches)
        }
    if kind == "COMPARE_EQUAL":
        return _among(condition["left"], [condition["right"]])
    if kind == "COMPARE_IN":
        return _among(children[0], children[1:])
    return {}


def _ways(condition: Node | None) -> list[Narrowed]:
    """The same for each way to fulfil the condition: every OR multiplied out, what contradicts itself left out."""
    if condition is None:
        return [{}]
    children = condition.get("children", [])
    if condition["type"] == "CONJUNCTION_OR":
        return [way for child in children for way in _ways(child)]
    if condition["type"] != "CONJUNCTION_AND":
        return [_narrowed(condition)]
    ways: list[Narrowed] = [{}]
    for child in children:
        ways = [_both(way, other) for way in ways for other in _ways(child)]
    return [way for way in ways if all(way.values())]


def _both(one: Narrowed, other: Narrowed) -> Narrowed:
    return {
        column: one[column] & other[column]
        if column in one and column in other
        else one.get(column, other.get(column, frozenset()))
        for column in {**one, **other}
    }


def _among(column: Node, constants: list[Node]) -> Narrowed:
    if column.get("class") != "COLUMN_REF" or any(constant["type"] != "VALUE_CONSTANT" for constant in constants):
        return {}
    values = [constant["value"] for constant in constants]
    if any(value["is_null"] or value["type"]["id"] != "VARCHAR" for value in values):
        return {}
    return {column["column_names"][-1].lower(): frozenset(str(value["value"]) for value in values)}
