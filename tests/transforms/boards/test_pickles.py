"""A pickle can run code when it is read: none is opened, in any form, by any board."""

from __future__ import annotations

import pytest
from arena_captures import read

from config.errors import SourceChanged

PICKLES = [
    b"\x80\x04\x95\x00.",
    b"(dp0\nS'full'\np1\n.",
    b"cos\nsystem\n(S'true'\ntR.",
    b"]q\x00.",
    b"\x1f\x8b\x08\x00pickled",
]


@pytest.mark.parametrize("body", PICKLES)
@pytest.mark.parametrize(
    ("source", "scope"),
    [
        ("arena_leaderboard", "arena_text"), ("arena_full", "arena_text"), ("arena_agent", "arena_agent"),
        ("arena_catalog", "arena_text"), ("arena_published", ""), ("arena_history", ""), ("arena_hfspace", ""),
        ("arena_site", ""), ("aider_leaderboard", "aider_edit"), ("epoch_benchmarks", ""), ("artificial_analysis", ""),
    ],
)  # fmt: skip
def test_a_pickle_is_refused_by_every_board(source: str, scope: str, body: bytes):
    with pytest.raises(SourceChanged):
        read(source, body, scope=scope)
