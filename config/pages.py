"""The pages of data: config/pages/<id>.yml, each with a query of the same name in warehouse/pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal

from pydantic import Field

from config.declared import Spec
from config.load import HERE, build
from config.parsing import parse_yaml

Form = Literal["", "bars", "lines", "lead", "timeline", "guides", "steps", "days"]


class PageSpec(Spec):
    """One page of data. A column of the query that is not listed here is shown by its name, after the others.

    A column `from_on` (and `until_on`) says on which days a row is the answer: only those of the chosen day are shown.
    """

    id: str
    order: int
    title_zh: str
    title_en: str
    says_zh: str
    says_en: str
    ask: str = Field("", description="the same by SQL on the published file; {day} takes the chosen day")
    form: Form = Field("", description="how it is drawn; empty: a table alone")
    facets: tuple[str, ...] = Field((), description="columns one value of which is chosen at a time, in order")
    first: Mapping[str, str] = Field(default_factory=dict, description="facet -> the value shown first")
    many: tuple[str, ...] = Field((), description="facets that also offer all values at once")
    columns: tuple[str, ...] = Field((), description="columns of the table, in order; empty: those of the query")
    hidden: tuple[str, ...] = Field((), description="columns that are read but never shown")
    until_known: Mapping[str, str] = Field(
        default_factory=dict, description="column -> column of the day before which it is left blank"
    )
    names: str = Field("", description="column whose words name the entry in the search; empty: none")
    finds: tuple[str, ...] = Field((), description="what readers type who look for this page, in both languages")


@cache
def pages() -> dict[str, PageSpec]:
    """The project's own pages by id, in order. Raises Refused naming the file and the key that is wrong."""
    found = []
    for path in sorted((HERE / "pages").glob("*.yml")):
        place = f"config/pages/{path.name}"
        found.append(build(PageSpec, {"id": path.stem, **parse_yaml(path.read_text("utf-8"), place)}, place))
    return {page.id: page for page in sorted(found, key=lambda page: page.order)}
