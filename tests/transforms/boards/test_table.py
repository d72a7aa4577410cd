"""The older public copies of the Arena text board: each layout read as it is, every oddity named."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
from arena_captures import FETCHED_AT, fixture, read, real_rows, reasons

from config.contract_checks import checks
from config.contracts import LEADERBOARD_SCORE
from config.errors import SourceChanged
from transforms.boards.table import interval

JUNE = fixture("arena_published", "2024-06-19.csv")
GROK = fixture("arena_published", "2025-02-22.csv")
ELO = fixture("arena_hfspace", "2023-12-20.csv")
HISTORY = fixture("arena_history", "2024-03-26_27.csv")
SITE = fixture("arena_site", "2026-03-19.json")
SHOWN = ("entrant", "organization", "value", "value_exact", "value_low", "value_high", "votes", "rank")


def site(**changes: Any) -> bytes:
    body = json.loads(SITE)
    body["models"][0] |= changes
    return json.dumps(body).encode()


@pytest.mark.parametrize(
    ("text", "below", "above"),
    [
        ("+4/-5", 5, 4), ("+14/-14", 14, 14), ("±8", 8, 8), ("+/-8", 8, 8), ("-5/+4", 5, 4), ("+4.5/-5", 5, 4.5),
        ("8", None, None), ("4 to 5", None, None), ("", None, None), (None, None, None),
    ],
)  # fmt: skip
def test_interval_texts(text: str | None, below: float | None, above: float | None):
    frame = pl.DataFrame({"ci": [text]}, schema={"ci": pl.String})
    assert frame.select(below=interval("ci")[0], above=interval("ci")[1]).row(0) == (below, above)


def test_published_copy_in_both_layouts():
    rows = read("arena_published", JUNE, datetime(2024, 6, 19)).rows
    assert checks(LEADERBOARD_SCORE).is_valid(rows)
    assert rows.select(SHOWN).row(1) == ("Gemini-Advanced-0514", "Google", 1267.0, "1267", 1263.0, 1270.0, 34382, 2)
    assert rows["locator"][1] == "row 2, column arena_elo"
    parsed = read("arena_published", GROK, datetime(2025, 2, 22, 12))
    assert parsed.rows.select(SHOWN).row(0) == (
        "chocolate (Early Grok-3)", "xAI", 1403.0, "1403", 1397.0, 1409.0, 9992, 1,
    )  # fmt: skip
    assert parsed.rows.select("board", "scored_on", "document_id", "known_at", "evidence_tier").row(0) == (
        "arena_text", date(2025, 2, 22), "arena_published/arena_text@2025-02-22", datetime(2025, 2, 23, 8), 3,
    )  # fmt: skip
    assert parsed.issues == ()


def raw(parsed: Any) -> pl.DataFrame:
    return parsed.rows.filter(board="arena_text")


def test_the_rank_under_style_control_makes_rows_of_that_board_without_scores():
    style = read("arena_published", GROK).rows.filter(board="arena_text_style_control")
    assert style.filter(rank=1)["entrant"].to_list() == ["chocolate (Early Grok-3)", "ChatGPT-4o-latest (2025-01-29)"]
    assert style.select("value", "value_low", "votes").null_count().row(0) == (5, 5, 5)
    assert read("arena_published", JUNE).rows["board"].unique().to_list() == ["arena_text"]


@pytest.mark.parametrize(("rank", "rows"), [(b"-", 9), (b"first", 10)])  # what is no rank holds its entrant's place
def test_a_style_rank_that_is_none_leaves_the_raw_row(rank: bytes, rows: int):
    parsed = read("arena_published", GROK.replace(b"1,1,chocolate", b"1," + rank + b",chocolate", 1))
    assert reasons(parsed) == ["no style control rank"]
    assert (raw(parsed).height, parsed.rows.height) == (5, rows)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"1403,+6/-6", b"-,+6/-6", "no score"),
        (b"1403,+6/-6", b"0.0,+6/-6", "no score"),
    ],
)
def test_a_bad_row_of_a_published_copy_is_kept_out(old: bytes, new: bytes, reason: str):
    assert old in GROK
    parsed = read("arena_published", GROK.replace(old, new, 1))
    assert reasons(parsed) == [reason]
    assert raw(parsed).height == 4
    assert "chocolate" not in "".join(raw(parsed)["entrant"])


@pytest.mark.parametrize(
    ("old", "new", "reason", "left"),
    [
        (b"+6/-6,9992", b"6..6,9992", "unreadable interval", (1403, None, None, 9992, 1)),
        (b"9992", b"9k", "unreadable votes", (1403, 1397, 1409, None, 1)),
        (b"1,1,chocolate", b"first,1,chocolate", "unreadable rank", (1403, 1397, 1409, 9992, None)),
    ],
)
def test_the_best_entrant_stands_without_the_cell_that_cannot_be_read(
    old: bytes, new: bytes, reason: str, left: tuple[float | None, ...]
):
    parsed = read("arena_published", GROK.replace(old, new, 1))
    best = raw(parsed).filter(entrant="chocolate (Early Grok-3)")
    assert best.select("value", "value_low", "value_high", "votes", "rank").rows() == [left]
    assert (reasons(parsed), reasons(parsed, "notice")) == ([], [reason])


def test_an_entrant_whose_score_is_no_number_holds_its_place_between_the_bounds():
    parsed = read("arena_published", GROK.replace(b"1403,+6/-6", b"14o3,+6/-6", 1))
    best = raw(parsed).filter(entrant="chocolate (Early Grok-3)")
    # A score on this board lies between 300 and 2,500 (config/sources/arena_published.yml).
    assert best.select("value", "value_low", "value_high", "note").rows() == [
        (None, 300, 2500, "unreadable score: 14o3")
    ]
    assert reasons(parsed) == ["unreadable score"]


def test_one_entrant_with_two_ranks_is_neither():
    line = next(line for line in GROK.splitlines() if b"DeepSeek-R1" in line)
    parsed = read("arena_published", GROK + line.replace(b"5,3", b"6,3", 1) + b"\n")
    assert reasons(parsed) == ["entrant stated twice, differently"] * 2
    # Its place is held: without a score, and without a rank.
    held = parsed.rows.filter(entrant="DeepSeek-R1", board="arena_text").select("value", "rank", "note").rows()
    assert held == [(None, None, "stated twice, differently")]


def test_an_entrant_without_a_name_still_stands_for_its_organisation():
    parsed = read("arena_published", GROK.replace(b"chocolate (Early Grok-3)", b"-", 1))
    best = raw(parsed).filter(entrant="(no name)")
    assert best.select("value", "organization", "note").rows() == [(1403, "xAI", "no entrant")]
    assert (reasons(parsed), set(reasons(parsed, "notice"))) == ([], {"no entrant"})


@pytest.mark.parametrize("line", [b",xAI", b",xAI,Proprietary,Unknown,,", b", Inc.,xAI,Proprietary,Unknown,"])
def test_a_torn_line_may_be_the_leader_s_and_refuses_the_board(line: bytes):
    with pytest.raises(SourceChanged, match="1 torn lines"):
        read("arena_published", GROK.replace(b",xAI,Proprietary,Unknown,", line, 1))


@pytest.mark.parametrize("change", [(b",arena_score", b",score"), (b"model", b"model,arena_elo"), (b"votes", b"model")])
def test_another_header_is_refused(change: tuple[bytes, bytes]):
    with pytest.raises(SourceChanged, match="arena_published"):
        read("arena_published", GROK.replace(*change, 1))


@pytest.mark.parametrize("source", ["arena_published", "arena_hfspace", "arena_history", "arena_site"])
@pytest.mark.parametrize(
    "payload", [b"", b"<html>", b"\x80\x04", b"version https://git-lfs.github.com/spec/v1\n", b"\xff\xfe\x00", b"{}"]
)
def test_what_is_no_table_is_refused(source: str, payload: bytes):
    with pytest.raises(SourceChanged, match=source):
        read(source, payload)


def test_a_new_column_is_a_notice():
    parsed = read("arena_published", GROK.replace(b",url", b",url_of_card", 1))
    assert raw(parsed).height == 5
    assert [(issue.severity, issue.locator) for issue in parsed.issues] == [("notice", "column url_of_card")]


def test_tables_of_2023_carry_the_elo_without_organisation():
    parsed = read("arena_hfspace", ELO, datetime(2023, 12, 20))
    assert parsed.rows.select(SHOWN).rows() == [
        ("GPT-4-Turbo", None, 1243.0, "1243", None, None, None, None),
        ("GPT-4-0314", None, 1192.0, "1192", None, None, None, None),
        ("Claude-1", None, 1149.0, "1149", None, None, None, None),
    ]
    assert reasons(parsed) == ["no score"]


def test_a_table_without_elo_is_refused():
    with pytest.raises(SourceChanged, match="Arena Elo rating"):
        read("arena_hfspace", fixture("arena_hfspace", "2024-01-09_without_elo.csv"))


def test_history_leaves_out_what_was_not_published():
    parsed = read("arena_history", HISTORY)
    assert parsed.rows.select("entrant", "value_exact", "scored_on").rows() == [
        ("Claude 3 Opus", "1253.5558630630308", date(2024, 3, 27)),
        ("GPT-4-1106-preview", "1251.1707801690416", date(2024, 3, 27)),
        ("Yi-34B-Chat", "1099.0185495323788", date(2024, 3, 27)),
    ]
    assert [(issue.reason, issue.detail.split()[0]) for issue in parsed.issues] == [
        ("unpublished ratings left out", "2"),
        ("repeated rows", "1"),
    ]


def test_a_day_that_is_none_is_kept_out():
    parsed = read("arena_history", HISTORY.replace(b"Anthropic,20240327", b"Anthropic,20241327"))
    assert reasons(parsed) == ["unreadable day"]
    assert "Claude 3 Opus" not in parsed.rows["entrant"].to_list()


def test_site_copy_gives_half_widths_and_its_own_day():
    parsed = read("arena_site", SITE, FETCHED_AT)
    assert parsed.rows.select(SHOWN).row(3) == ("gpt-5.4-high", "OpenAI", 1486.0, "1486", 1478.0, 1494.0, 5070, 6)
    assert parsed.rows.select("scored_on", "document_id", "locator").row(3) == (
        date(2026, 3, 19), "arena_site/arena_text@2026-03-19", "/models/3/score",
    )  # fmt: skip
    assert parsed.issues == ()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"score": None}, "no score"),
    ],
)
def test_a_bad_entrant_of_the_site_is_kept_out(changes: dict[str, Any], reason: str):
    parsed = read("arena_site", site(**changes))
    assert reasons(parsed) == [reason]
    assert parsed.rows.height == 3


@pytest.mark.parametrize(
    ("changes", "reason", "severity", "empty"),
    [
        ({"score": True}, "unreadable score", "quarantined", "value"),
        ({"ci": "±6"}, "unreadable ci", "notice", "value_low"),
        ({"votes": 1.5}, "unreadable votes", "notice", "votes"),
        ({"rank": [1]}, "unreadable rank", "notice", "rank"),
    ],
)
def test_an_entrant_of_the_site_is_never_dropped_for_a_cell(
    changes: dict[str, Any], reason: str, severity: str, empty: str
):
    parsed = read("arena_site", site(**changes))
    assert reasons(parsed, severity) == [reason]
    assert parsed.rows.filter(pl.col("note").str.starts_with(reason))[empty].to_list() == [None]
    assert parsed.rows.height == 4


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"leaderboard": "text"', b'"leaderboard": "vision"'),
        (b'"model_count": 4', b'"model_count": 5'),
        (b"+00:00", b""),
        (b'"fetched_at"', b'"seen_at"'),
        (b'"models": [', b'"models": [1,'),
    ],
)
def test_a_site_copy_of_another_shape_is_refused(old: bytes, new: bytes):
    with pytest.raises(SourceChanged, match="arena_site"):
        read("arena_site", SITE.replace(old, new, 1))


# Counted in the payloads: lines, "-" cells, days; Yi-34B-Chat stands twice in each of the four copies of summer 2025.
@pytest.mark.shared
@pytest.mark.parametrize(
    ("source", "rows", "days", "first", "last"),
    [
        ("arena_published", 14335 - 8 + 4, 84, date(2024, 6, 19), date(2025, 8, 4)),
        ("arena_history", 12470 - 84, 84, date(2024, 3, 27), date(2025, 3, 26)),
        ("arena_hfspace", 20 + 22 + 25 + 28 + 30 + 35 + 37 + 47 + 50 + 51, 10, date(2023, 6, 19), date(2023, 12, 20)),
        ("arena_site", 1122, 32, date(2026, 3, 19), date(2026, 4, 19)),
    ],
)
def test_real_copies_are_read_whole(source: str, rows: int, days: int, first: date, last: date):
    table = real_rows(source).filter(board="arena_text")
    assert checks(LEADERBOARD_SCORE).is_valid(table.select(LEADERBOARD_SCORE.stated_schema.names()))
    assert table.height == rows
    assert table["scored_on"].n_unique() == days
    assert (table["scored_on"].min(), table["scored_on"].max()) == (first, last)
