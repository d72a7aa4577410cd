"""The page's vocabulary: config/terms.yml, with the titles of metrics.yml and the names of organizations.yml among its concepts."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field

from config.declared import Spec
from config.load import HERE, build, catalog
from config.parsing import parse_yaml
from config.specs import Catalog


class Term(Spec):
    """One concept in Traditional Chinese and English, with a sentence for the reader where it needs one."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    meaning_zh: str = ""
    meaning_en: str = ""


class ParameterTerm(Term):
    """What a claim tells its test, and how the value is written: a unit, `claim` or `share`; empty for days and words."""

    unit: str = ""


class Terms(Spec):
    """All words of the page, by the kind of thing they name. A name that is not listed stands for itself."""

    verdicts: Mapping[str, Term]
    flags: Mapping[str, Term]
    questions: Mapping[str, Term]
    causes: Mapping[str, Term]
    kinds: Mapping[str, Term]
    states: Mapping[str, Term]
    severities: Mapping[str, Term]
    units: Mapping[str, Term]
    concepts: Mapping[str, Term]
    labels: Mapping[str, Term]
    columns: Mapping[str, Term]
    calculators: Mapping[str, Term]
    tests: Mapping[str, Term]
    parameters: Mapping[str, ParameterTerm] = Field(description="by name, or `test.name`")
    choices: Mapping[str, Term]
    alerts: Mapping[str, Term]
    synonyms: tuple[tuple[str, ...], ...] = Field(description="what a search takes for the same, in both languages")
    documents: Mapping[str, Term]
    licences: Mapping[str, Term]
    objects: Mapping[str, Term]
    messages: Mapping[str, Term] = Field(description="by how they begin in English")


def load_terms(known: Catalog, folder: Path = HERE) -> Terms:
    """The terms of `folder`, its concepts completed by what metrics and developers are called. Raises Refused naming the key."""
    path = folder / "terms.yml"
    terms = build(Terms, parse_yaml(path.read_text("utf-8"), "config/terms.yml"), "config/terms.yml")
    titles = {name: Term(zh=metric.title_zh, en=metric.title_en) for name, metric in known.metrics.items()}
    titles |= {name: Term(zh=one.names[0], en=one.names[0]) for name, one in known.organizations.items()}
    return terms.model_copy(update={"concepts": {**titles, **terms.concepts}})


@cache
def terms() -> Terms:
    """The project's own terms, read once."""
    return load_terms(catalog())
