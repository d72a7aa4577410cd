"""The two languages of the site, and the words of each: a page is complete in one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from config.pages import PageSpec
from config.terms import Terms
from transforms.site.words import Bilingual


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its folder, the tag of its pages, and what it calls itself."""

    code: Literal["zh", "en"]
    tag: str
    name: str

    def told(self) -> dict[str, str]:
        return {"code": self.code, "tag": self.tag, "name": self.name}

    def say(self, said: Bilingual) -> str:
        """The one of the two."""
        return said.zh if self.code == "zh" else said.en

    def pick(self, terms: Mapping[str, Any]) -> dict[str, str]:
        """Every term of a kind by name."""
        return {name: self.say(term) for name, term in terms.items()}

    def of(self, thing: Any, field: str) -> str:
        """The field of a declared thing that has it in both, e.g. title_zh and title_en."""
        return str(getattr(thing, f"{field}_{self.code}"))

    def page(self, page: PageSpec) -> dict[str, Any]:
        """A page of data as a template reads it."""
        kept = ("id", "ask", "form", "facets", "first", "many", "columns", "hidden", "until_known")
        told = {name: value for name, value in page.model_dump(mode="json").items() if name in kept}
        return {**told, "title": self.of(page, "title"), "says": self.of(page, "says")}

    def words(self, terms: Terms) -> dict[str, Any]:
        """All words for the scripts of the pages."""
        meanings = {name: self.of(term, "meaning") for name, term in terms.flags.items()}
        kinds = ("verdicts", "flags", "questions", "causes", "kinds", "states", "severities", "units", "concepts", "labels", "columns", "calculators")  # fmt: skip
        return {**{kind: self.pick(getattr(terms, kind)) for kind in kinds}, "meanings": meanings, "lang": self.code}


LANGUAGES = (Language("zh", "zh-Hant", "中文"), Language("en", "en", "English"))
