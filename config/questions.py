"""The five questions of the first page and what each verdict adds to their answers: config/questions.yml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Literal, get_args

from pydantic import model_validator

from config.declared import Spec
from config.load import HERE, build
from config.parsing import parse_yaml
from config.specs import Question

Answering = Literal["supported", "refuted", "mixed", "undetermined"]


class Clause(Spec):
    """A part of a sentence in both languages; {} takes the claim's statistic."""

    zh: str
    en: str


class QuestionSpec(Spec):
    """One question: the claims its answer hangs on, the claim whose chart shows the point, and the clauses of the answer."""

    hangs_on: tuple[str, ...]
    chart: str
    answer: tuple[tuple[str, ...], ...]
    says: Mapping[str, Mapping[Answering, Clause]]

    @model_validator(mode="after")
    def _every_claim_says_something(self) -> QuestionSpec:
        for claim in (one for sentence in self.answer for one in sentence):
            if set(self.says.get(claim, {})) != set(get_args(Answering)):
                raise ValueError(f"says: {claim} needs a clause for each of {', '.join(get_args(Answering))}")
        return self


class Questions(Spec):
    """All of them by name."""

    questions: Mapping[Question, QuestionSpec]


@cache
def questions() -> Mapping[Question, QuestionSpec]:
    """The project's own, in order. Raises Refused naming the key that is wrong."""
    place = "config/questions.yml"
    return build(
        Questions, {"questions": parse_yaml((HERE / "questions.yml").read_text("utf-8"), place)}, place
    ).questions
