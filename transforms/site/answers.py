"""The answer to a question on a day: the clauses of its claims' verdicts, sentence by sentence. assets/core.js does the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from config.questions import Answering, QuestionSpec
from config.terms import Terms
from transforms.claims.verdicts import Verdict
from transforms.site.words import Phrase, amount


def answer(question: QuestionSpec, verdicts: Mapping[str, Verdict], terms: Terms) -> Phrase:
    """Both languages; a claim that was not judged on the day says nothing."""
    told = [
        [_clause(question, verdicts[claim], terms) for claim in sentence if claim in verdicts]
        for sentence in question.answer
    ]
    return Phrase(
        "".join("；".join(part.zh for part in parts) + "。" for parts in told if parts),
        " ".join(_capital("; ".join(part.en for part in parts)) + "." for parts in told if parts),
    )


def _clause(question: QuestionSpec, verdict: Verdict, terms: Terms) -> Phrase:
    clause = question.says[verdict.claim_id][cast("Answering", verdict.verdict)]
    shown = amount(verdict.statistic, verdict.statistic_unit, terms)
    return Phrase(clause.zh.replace("{}", shown.zh), clause.en.replace("{}", shown.en))


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
