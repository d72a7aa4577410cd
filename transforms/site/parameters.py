"""What a claim tells its test, in the reader's words: a label and a value with its unit, in one language."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from config.specs import ClaimSpec
from config.terms import ParameterTerm, Terms
from transforms.claim_tests import parameters_of
from transforms.site.language import Language
from transforms.site.words import amount

LANGUAGE_ENDS = ("_zh", "_en")  # a text that is declared in both languages, each under a name of its own


def parameter_term(test: str, name: str, terms: Terms) -> ParameterTerm:
    """The words of a parameter of a test. KeyError where it has none."""
    base = name[: -len(LANGUAGE_ENDS[0])] if name.endswith(LANGUAGE_ENDS) else name
    return terms.parameters.get(f"{test}.{base}") or terms.parameters[base]


def parameters(spec: ClaimSpec, terms: Terms, language: Language) -> list[tuple[str, str]]:
    """(label, value) of all that decides, defaults too; what is not set, and the text in the other language, are left out."""
    other = next(end for end in LANGUAGE_ENDS if end != f"_{language.code}")
    return [
        (language.say(term), _told(value, _unit(term, spec), terms, language))
        for name, value in parameters_of(spec)
        if value is not None and not name.endswith(other)
        for term in (parameter_term(spec.test, name, terms),)
    ]


def _unit(term: ParameterTerm, spec: ClaimSpec) -> str:
    return spec.unit if term.unit == "claim" else term.unit


def _told(value: Any, unit: str, terms: Terms, language: Language) -> str:
    if isinstance(value, Mapping):
        return _listed(
            [f"{_word(name, terms, language)} {_told(one, unit, terms, language)}" for name, one in value.items()],
            language,
        )
    if isinstance(value, tuple):
        return _listed([_told(one, unit, terms, language) for one in value], language)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool | str):
        return _word(str(value).lower() if isinstance(value, bool) else value, terms, language)
    factor, written = (100, "pct") if unit == "share" else (1, unit)
    return language.say(amount(factor * value, written, terms))


def _listed(told: list[str], language: Language) -> str:
    if language.code == "zh":
        return "、".join(told)
    return ("; " if any("," in one for one in told) else ", ").join(told)


def _word(name: str, terms: Terms, language: Language) -> str:
    """A choice, a series or a holder by its words; a sentence, and a name like FY2025, is its own."""
    known = terms.choices.get(name) or terms.concepts.get(name)
    return language.say(known) if known else name
