"""The official dataset: floats for counts, blanks, NaN, and everything that is not its parquet is refused."""

from __future__ import annotations

import io
from datetime import date, datetime

import polars as pl
import pytest
from arena_captures import fixture, read, reasons

from config.contract_checks import checks
from config.contracts import LEADERBOARD_SCORE
from config.errors import Refused, SourceChanged
from config.load import catalog
from transforms.sources.arena_leaderboard import requests

PAYLOAD = fixture("arena_leaderboard", "text_latest.parquet")
TABLE = pl.read_parquet(io.BytesIO(PAYLOAD))


def parquet(table: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    table.write_parquet(buffer)
    return buffer.getvalue()


def test_one_address_for_each_board():
    asked = dict(requests(catalog().sources["arena_leaderboard"], catalog()))
    root = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
    assert asked["arena_text"] == f"{root}/text/latest-00000-of-00001.parquet"
    assert asked["arena_text_style_control"] == f"{root}/text_style_control/latest-00000-of-00001.parquet"
    assert {"arena_vision", "arena_webdev", "arena_text_to_image"} < set(asked)


def test_rows_are_those_of_the_overall_board_with_exact_scores():
    # The file's rank counts its rows: it is not the site's rank, and not taken for one.
    every = read("arena_leaderboard", PAYLOAD).rows
    assert checks(LEADERBOARD_SCORE).is_valid(every)
    assert every.filter(category="coding")["entrant"].to_list() == ["alpha-1"]
    rows = every.filter(category="overall")
    assert rows.select(
        "entrant", "organization", "value", "value_exact", "value_low", "value_high", "votes", "rank"
    ).rows() == [
        ("alpha-1", "openai", 1450.25, "1450.25", 1445.5, 1455.0, 12000, None),
        ("beta-2-high", "google", 1443.1234567890123, repr(1443.1234567890123), 1440.0, 1446.25, 8000, None),
        ("gamma", None, 1300.0, "1300.0", 1290.0, 1310.0, 900, None),
    ]
    assert rows["locator"].to_list()[1] == "row 2, column rating"


def test_a_board_counts_from_the_end_of_its_day_in_los_angeles():
    rows = read("arena_leaderboard", PAYLOAD, scope="arena_text_style_control").rows
    assert rows.select("board", "scored_on", "document_id", "known_at", "known_at_basis").unique().rows() == [(
        "arena_text_style_control", date(2026, 10, 2), "arena_text_style_control@2026-10-02",
        datetime(2026, 10, 3, 7), "board_date_end_of_day",
    )]  # fmt: skip
    winter = TABLE.with_columns(leaderboard_publish_date=pl.lit("2026-01-09"))
    assert read("arena_leaderboard", parquet(winter)).rows["known_at"][0] == datetime(2026, 1, 10, 8)


def test_zero_and_nan_are_absent_and_reported():
    parsed = read("arena_leaderboard", PAYLOAD)
    assert [(issue.reason, issue.locator) for issue in parsed.issues] == [
        ("no score", "row 4, column rating"),
        ("no score", "row 5, column rating"),
    ]


def test_an_interval_that_is_nan_is_absent():
    nan = pl.lit(float("nan"))
    rows = read("arena_leaderboard", parquet(TABLE.head(1).with_columns(rating_lower=nan, vote_count=nan))).rows
    assert rows.select("value", "value_low", "value_high", "votes").rows() == [(1450.25, None, 1455.0, None)]


def test_equal_rows_are_one_and_differing_rows_leave_the_score_open():
    alpha = TABLE.head(1)
    parsed = read("arena_leaderboard", parquet(pl.concat([TABLE, alpha])))
    assert parsed.rows.filter(entrant="alpha-1", category="overall").height == 1
    assert reasons(parsed, "notice") == ["repeated rows"]
    parsed = read("arena_leaderboard", parquet(pl.concat([TABLE, alpha.with_columns(rating=pl.lit(1451.0))])))
    # Nobody takes its place: a row without a score says between which ends it stands.
    held = parsed.rows.filter(entrant="alpha-1", category="overall")
    assert held.select("value", "value_low", "value_high").rows() == [(None, 1445.5, 1455.0)]
    assert reasons(parsed).count("entrant stated twice, differently") == 2


def test_a_new_column_is_a_notice_and_the_rows_stand():
    parsed = read("arena_leaderboard", parquet(TABLE.with_columns(votes_by_day=pl.lit(1))))
    assert parsed.rows.height == 4
    assert [issue.locator for issue in parsed.issues if issue.severity == "notice"] == ["column votes_by_day"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"leaderboard_publish_date": pl.lit("2 Oct 2026")}, "no day"),
        ({"leaderboard_publish_date": pl.lit("2027-10-02")}, "dated after its capture"),
        ({"rating": pl.lit(float("inf"))}, "no score"),
    ],
)
def test_a_bad_row_is_kept_out_with_its_reason(change: dict[str, pl.Expr], reason: str):
    parsed = read("arena_leaderboard", parquet(TABLE.head(1).with_columns(**change)))
    assert parsed.rows.is_empty()
    assert reasons(parsed) == [reason]


def test_a_score_whose_votes_are_no_count_stands_without_them():
    parsed = read("arena_leaderboard", parquet(TABLE.head(1).with_columns(vote_count=pl.lit(10.5))))
    note = "vote_count is not a whole number: 10.5"
    assert parsed.rows.select("value", "value_low", "value_high", "votes", "note").rows() == [(1450.25, 1445.5, 1455.0, None, note)]  # fmt: skip
    assert (reasons(parsed), reasons(parsed, "notice")) == ([], ["vote_count is not a whole number"])


def test_an_interval_that_does_not_hold_the_score_leaves_it_open_between_all_three():
    parsed = read("arena_leaderboard", parquet(TABLE.head(1).with_columns(rating_lower=pl.lit(1500.0))))
    assert parsed.rows.select("value", "value_low", "value_high").rows() == [(None, 1450.25, 1500.0)]
    assert reasons(parsed) == ["the interval does not hold the score"]


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (b"", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 600000\n", "Git LFS pointer"),
        (b"<!doctype html><title>Sign in</title>", "web page"),
        (b"\x80\x04\x95rest of a pickle", "pickle"),
        (b"PAR1 but nothing else PAR1", "footer is longer"),
        (PAYLOAD[: len(PAYLOAD) // 2], "not a whole parquet"),
        (parquet(TABLE.drop("rating")), "rating is None"),
        (parquet(TABLE.rename({"rating": "score"})), "rating is None"),
        (parquet(TABLE.with_columns(pl.col("rating").cast(pl.String))), "rating is String"),
        (parquet(TABLE.with_columns(model_name=pl.lit(1))), "model_name is Int32"),
        (parquet(TABLE.with_columns(category=pl.lit("chinese"))), "no rows of the categories overall"),
    ],
)
def test_another_shape_is_refused(payload: bytes, message: str):
    with pytest.raises(SourceChanged, match=f"arena_leaderboard: .*{message}"):
        read("arena_leaderboard", payload)


def test_damaged_bytes_are_refused_or_read_but_never_crash():
    for place in range(4, len(PAYLOAD) - 4, 97):
        damaged = bytearray(PAYLOAD)
        damaged[place] ^= 0xFF
        try:
            read("arena_leaderboard", bytes(damaged))
        except SourceChanged:
            continue


def test_a_board_that_is_not_declared_is_refused():
    with pytest.raises(Refused, match="arena_music"):
        read("arena_leaderboard", PAYLOAD, scope="arena_music")
