"""What views, macros and columns mean: config/dictionary.yml, and the same in Traditional Chinese: config/dictionary_zh.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from pydantic import Field

from config.contracts import DATASETS
from config.declared import Spec
from config.load import HERE, build
from config.parsing import parse_yaml

_STATED = {column.name: column.doc for dataset in DATASETS.values() for column in dataset.columns}


class Dictionary(Spec):
    """Words for everything in the published file. `only` holds columns that mean something else in one view.

    `tables` are those of schema history that are not datasets: a dataset says itself what it and its columns mean.
    """

    views: Mapping[str, str]
    macros: Mapping[str, str]
    tables: Mapping[str, str]
    columns: Mapping[str, str]
    only: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)

    def meaning(self, view: str, column: str) -> str:
        """What the column means in that view or table; empty where nobody has said."""
        return self.only.get(view, {}).get(column) or self.columns.get(column) or _STATED.get(column, "")


@cache
def dictionary() -> Dictionary:
    """The project's own dictionary. Raises Refused naming the key that is wrong."""
    place = "config/dictionary.yml"
    return build(Dictionary, parse_yaml((HERE / "dictionary.yml").read_text("utf-8"), place), place)


class Chinese(Spec):
    """Every sentence of the published dictionary in Traditional Chinese, by the English one: a sentence that changes has none."""

    sentences: Mapping[str, str]


@cache
def chinese() -> Mapping[str, str]:
    """English sentence -> Chinese sentence. Raises Refused naming the key that is wrong."""
    place = "config/dictionary_zh.yml"
    return build(Chinese, parse_yaml((HERE / "dictionary_zh.yml").read_text("utf-8"), place), place).sentences
