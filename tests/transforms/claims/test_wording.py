"""Labels of evidence as a reader is told them."""

from __future__ import annotations

import pytest

from transforms.claim_tests.wording import labelled, spaced


@pytest.mark.parametrize(
    ("label", "english", "chinese"),
    [
        (
            "gpt-5-4 against gemini-3-flash-preview -80 %, as good 9, priced 7",
            "GPT-5.4 against Gemini 3 Flash preview -80 %, as good 9, priced 7",
            "GPT-5.4 對 Gemini 3 Flash preview -80%（同級 9 款，其中有價 7 款）",
        ),
        (
            "gpt-5-4-pro against none, as good 0, priced 0",
            "GPT-5.4 Pro against no priced rival, as good 0, priced 0",
            "GPT-5.4 Pro 無可比價之對手（同級 0 款，其中有價 0 款）",
        ),
        ("gpt-4o-mini", "GPT-4o mini", "GPT-4o mini"),
        ("FY2025Q2", "FY2025Q2", "FY2025Q2"),
    ],
)
def test_models_are_called_as_their_developers_call_them(label: str, english: str, chinese: str) -> None:
    assert labelled(label, {}) == (english, chinese)


def test_latin_letters_stand_apart_from_chinese() -> None:
    assert spaced("已承租900 MW園區") == "已承租900 MW 園區"
