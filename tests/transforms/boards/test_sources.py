"""Boards beside the Arena copies: the dataset's history and agent arena, the catalog, Aider, Epoch, Artificial Analysis."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from arena_captures import FETCHED_AT, FIXTURES, SHARED, fixture, read, reasons

from config.contract_checks import checks
from config.contracts import LEADERBOARD_SCORE, Capture, Parsed
from config.errors import Refused, SourceChanged
from config.load import catalog
from transforms.boards.organizations import attribute
from transforms.sources import arena_full, artificial_analysis

CATALOG_DAY = datetime(2025, 5, 20)
VINTAGE = datetime(2026, 4, 20, 12)
EPOCH = FIXTURES / "epoch_benchmarks" / "2026-04"


def zipped(folder: Path = EPOCH, **changes: bytes | None) -> bytes:
    """The CSVs of a folder as Epoch's zip; `changes` replaces a table (its stem) or leaves it out."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path in sorted(folder.glob("*.csv")):
            content = changes.get(path.stem, path.read_bytes())
            if content is not None:
                archive.writestr(f"benchmark_data/{path.name}", content)
    return buffer.getvalue()


def epoch(payload: bytes | None = None) -> Parsed:
    return read("epoch_benchmarks", zipped() if payload is None else payload, VINTAGE, "")


def aider(name: str, board: str, **edits: tuple[str, str]) -> Parsed:
    text = fixture("aider_leaderboard", f"{name}.yml").decode()
    for old, new in edits.values():
        assert old in text
        text = text.replace(old, new, 1)
    return read("aider_leaderboard", text.encode(), scope=board)


def page(number: int, **changes: Any) -> bytes:
    return json.dumps(json.loads(fixture("artificial_analysis", f"page_{number}.json")) | changes).encode()


# --- the dataset's whole history, and its agent arena


def test_the_history_has_its_own_address_and_comes_after_copies_made_on_the_day():
    spec = catalog().sources["arena_full"]
    asked = dict(arena_full.requests(spec, catalog()))
    root = "https://huggingface.co/datasets/lmarena-ai/leaderboard-dataset/resolve/main"
    assert asked["arena_text"] == f"{root}/text/full-00000-of-00001.parquet"
    assert spec.fetch_every_days >= 27
    published = catalog().sources["arena_published"]
    assert (spec.tier, spec.order) > (published.tier, published.order)
    assert {"cdn-lfs.hf.co", "cas-bridge.xethub.hf.co"} <= set(spec.redirect_hosts)


def test_the_history_gives_every_day_of_the_declared_categories():
    parsed = read("arena_full", fixture("arena_full", "text_full.parquet"))
    assert checks(LEADERBOARD_SCORE).is_valid(parsed.rows)
    assert parsed.rows.group_by("scored_on", "category").len().sort("scored_on").rows() == [
        (date(2024, 1, 31), "overall", 3), (date(2024, 2, 29), "overall", 3),
    ]  # fmt: skip
    first = parsed.rows.filter(scored_on=date(2024, 1, 31), entrant="alpha-1")
    assert first.select("value", "value_low", "votes", "document_id", "known_at").row(0) == (
        1250.5, None, None, "arena_full/arena_text@2024-01-31", None,
    )  # fmt: skip


def test_the_agent_arena_has_its_own_names_and_nothing_solved_is_a_score():
    parsed = read("arena_agent", fixture("arena_agent", "agent_latest.parquet"), scope="arena_agent")
    shown = ("board", "entrant", "value", "value_low", "value_high", "votes")
    assert parsed.rows.select(shown).row(0) == ("arena_agent", "alpha-agent", 0.41, 0.41 - 0.02, 0.41 + 0.02, 900)
    assert parsed.rows.filter(entrant="gamma-agent")["value"].to_list() == [0.0]
    assert parsed.issues == ()
    with pytest.raises(SourceChanged, match="rating is None"):
        read("arena_leaderboard", fixture("arena_agent", "agent_latest.parquet"))
    with pytest.raises(SourceChanged, match="score is None"):
        read("arena_agent", fixture("arena_full", "text_full.parquet"), scope="arena_agent")


# --- the catalog


def test_the_catalog_gives_both_boards_with_their_intervals():
    raw = read("arena_catalog", fixture("arena_catalog", "2025-05-20_text.json"), CATALOG_DAY)
    style = read(
        "arena_catalog", fixture("arena_catalog", "2025-05-20_text-style-control.json"), CATALOG_DAY,
        "arena_text_style_control",
    )  # fmt: skip
    assert checks(LEADERBOARD_SCORE).is_valid(raw.rows)
    assert raw.rows["category"].unique().sort().to_list() == ["coding", "overall"]
    best = {
        parsed.rows["board"][0]: parsed.rows.filter(category="overall").sort("value", descending=True)["entrant"][:3]
        for parsed in (raw, style)
    }
    assert best["arena_text"].to_list() == [
        "gemini-2.5-pro-preview-05-06",
        "o3-2025-04-16",
        "chatgpt-4o-latest-20250326",
    ]
    assert style.rows.filter(category="overall", entrant="o3-2025-04-16")["value_exact"].item() == "1434.4315985369312"
    assert raw.rows["locator"][0].startswith("/full/")
    assert raw.rows["document_id"][0] == "arena_catalog/arena_text@2025-05-20"


def test_the_catalog_may_not_be_passed_on():
    for source in ("arena_catalog", "artificial_analysis"):
        assert catalog().sources[source].licence.redistribution is False


def test_whose_a_catalog_entrant_is_follows_from_the_registry_of_models():
    rows = read("arena_catalog", fixture("arena_catalog", "2025-05-20_text.json"), CATALOG_DAY).rows
    owned = attribute(rows.with_columns(source=pl.lit("arena_catalog")), catalog()).filter(category="overall")
    whose = dict(owned.select("entrant", "organization").iter_rows())
    assert whose["o3-2025-04-16"] == "openai"
    assert whose["gemini-2.5-pro-preview-05-06"] == "google"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"[]", "not an object of categories"),
        (b'{"full": [1]}', "not an object of categories"),
        (b'{"chinese": {}}', "no entrants in the categories"),
        (b'{"full": ', "not JSON"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
    ],
)
def test_a_catalog_of_another_shape_is_refused(body: bytes, message: str):
    with pytest.raises(SourceChanged, match=message):
        read("arena_catalog", body)


def test_bad_entrants_of_the_catalog_are_kept_out():
    body = {"full": {"a": {"rating": 1300.5, "rating_q025": 1290, "rating_q975": 1310}, "b": 7, "c": {"rating": "high"},
                     "d": {"rating": 0.0}, "e": {"rating": 1300, "rating_q025": 1301, "x": 1}}}  # fmt: skip
    parsed = read("arena_catalog", json.dumps(body).encode())
    # What "c" and "e" have cannot be told: they hold their places, the one between the bounds, the other between its ends.
    assert parsed.rows.select("entrant", "value", "value_low", "value_high").rows() == [
        ("a", 1300.5, 1290, 1310), ("c", None, 300, 2500), ("e", None, 1300, 1301),
    ]  # fmt: skip
    assert sorted(reasons(parsed)) == [
        "no score", "not an entrant", "the interval does not hold the score", "unreadable rating",
    ]  # fmt: skip
    assert reasons(parsed, "notice") == ["unknown column"]
    with pytest.raises(Refused, match="arena_vision"):
        read("arena_catalog", b"{}", scope="arena_vision")


# --- Aider


def test_aiders_two_boards_are_two_boards_with_cost():
    edit, polyglot = aider("edit", "aider_edit"), aider("polyglot", "aider_polyglot")
    shown = ("board", "scored_on", "entrant", "value", "cost_usd")
    assert edit.rows.filter(entrant="o1-preview").select(shown).row(0) == (
        "aider_edit", date(2024, 9, 21), "o1-preview", 79.7, 63.919,
    )  # fmt: skip
    assert polyglot.rows.filter(entrant="gpt-5 (high)").select(shown).row(0) == (
        "aider_polyglot", date(2025, 8, 23), "gpt-5 (high)", 88.0, 29.0829,
    )  # fmt: skip
    assert edit.issues == polyglot.issues == ()
    with pytest.raises(Refused, match="one of aider_edit, aider_polyglot"):
        aider("edit", "aider")


def test_a_cost_of_zero_is_unknown_and_a_score_of_zero_is_one():
    parsed = aider("edit", "aider_edit", score=("pass_rate_2: 54.9", "pass_rate_2: 0.0"))
    row = parsed.rows.filter(entrant="claude-3-sonnet-20240229")
    assert row.select("value", "cost_usd").row(0) == (0.0, None)


def test_effort_variants_stay_separate_and_are_one_model():
    rows = aider("polyglot", "aider_polyglot").rows.with_columns(source=pl.lit("aider_leaderboard"))
    assert {"gpt-5 (high)", "gpt-5 (medium)"} <= set(rows["entrant"])
    owned = dict(attribute(rows, catalog()).select("entrant", "organization").iter_rows())
    assert owned["gpt-5 (high)"] == owned["gpt-5 (medium)"] == "openai"
    assert owned["DeepSeek R1"] == "deepseek"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("pass_rate_2: 79.7", "pass_rate_2: ", "no score"),
        ("date: 2024-09-21", "date: last week", "no day"),
        ("date: 2024-09-21", "date: 2124-09-21", "dated after its capture"),
        ("test_cases: 133\n  model: o1-preview", "test_cases: 36\n  model: o1-preview", "another test"),
    ],
)
def test_a_bad_run_is_kept_out(old: str, new: str, reason: str):
    parsed = aider("edit", "aider_edit", edit=(old, new))
    assert reasons(parsed) == [reason]
    assert parsed.rows.height == 3


@pytest.mark.parametrize(
    ("old", "new", "reason", "severity", "left"),
    [
        ("pass_rate_2: 79.7", "pass_rate_2: 179.7", "not a percentage", "quarantined", (None, 0, 100, 63.919)),
        ("pass_rate_2: 79.7", "pass_rate_2: true", "unreadable pass_rate_2", "quarantined", (None, 0, 100, 63.919)),
        ("total_cost: 63.919", "total_cost: 63 USD", "unreadable total_cost", "notice", (79.7, None, None, None)),
    ],
)
def test_a_run_is_never_dropped_for_a_cell(old: str, new: str, reason: str, severity: str, left: tuple[Any, ...]):
    parsed = aider("edit", "aider_edit", edit=(old, new))
    assert reasons(parsed, severity) == [reason]
    run = parsed.rows.filter(entrant="o1-preview").select("value", "value_low", "value_high", "cost_usd")
    assert run.rows() == [left]


@pytest.mark.parametrize(
    "body", [b"a: 1", b"[]", b"- 1\n", b"- {a: 1}\n", b"a: [", b"!!python/object/apply:os.system ['true']", b"\xff\xfe"]
)
def test_what_is_no_list_of_runs_is_refused(body: bytes):
    with pytest.raises(SourceChanged, match="aider_leaderboard"):
        read("aider_leaderboard", body, scope="aider_edit")


# --- Epoch


def test_epochs_boards_are_read_each_by_its_own_column_and_in_percent():
    parsed = epoch()
    assert checks(LEADERBOARD_SCORE).is_valid(parsed.rows)
    shown = ("board", "entrant", "organization", "released_on", "value", "value_exact")
    assert parsed.rows.filter(board="epoch_eci", entrant="gpt-4-0314").select(shown).row(0) == (
        "epoch_eci", "gpt-4-0314", "OpenAI", date(2023, 3, 14), 126.168716959, "126.16871695900504",
    )  # fmt: skip
    gpqa = parsed.rows.filter(board="epoch_gpqa_diamond", entrant="muse-spark")
    assert gpqa.select("value", "value_exact", "scored_on", "known_at").row(0) == (89.8, "0.898", VINTAGE.date(), None)  # fmt: skip
    assert gpqa["value_low"].item() == pytest.approx(89.8 - 1.96 * 2.2, abs=0.01)
    assert {issue.reason for issue in parsed.issues} == {"an older run", "file missing"}


def test_a_quoted_line_break_and_a_byte_order_mark_are_no_part_of_a_name():
    rows = epoch().rows
    # Eleven lines of the index have ten scores; the note of one runs over two lines, GPQA's file begins with a mark.
    assert rows.filter(board="epoch_eci").height == 10
    assert rows.filter(board="epoch_gpqa_diamond").height == 3


def test_a_model_that_is_not_scored_is_left_out_and_nothing_solved_is_a_score():
    rows = epoch().rows
    assert "claude-opus-4-7_xhigh" not in rows.filter(board="epoch_eci")["entrant"].to_list()
    assert rows.filter(board="epoch_frontiermath_tier_4", entrant="zai-org/GLM-4.7")["value"].to_list() == [0.0]


def test_of_several_runs_the_newest_stands():
    rows = epoch().rows.filter(board="epoch_swe_bench_verified")
    assert dict(rows.select("entrant", "value").iter_rows()) == {
        "claude-opus-4-6": pytest.approx(78.71900826446281), "gpt-5.1-2025-11-13_high": pytest.approx(67.97520661157025),
    }  # fmt: skip


def test_a_vintage_is_dated_by_its_capture_and_never_by_release():
    rows = epoch().rows
    assert rows["scored_on"].unique().to_list() == [VINTAGE.date()]
    assert rows["document_id"].unique().sort()[1] == "epoch_benchmarks/epoch_frontiermath_tier_4@2026-04-20"


def test_percent_that_turns_into_shares_is_refused():
    runs = b"- {model: a, date: 2025-01-01, pass_rate_2: 0.849, test_cases: 225}\n"
    with pytest.raises(SourceChanged, match=r"scores up to 0.849 where a percent is declared"):
        read("aider_leaderboard", runs, scope="aider_polyglot")


def test_shares_that_turn_into_percent_are_refused():
    gpqa = (EPOCH / "gpqa_diamond.csv").read_bytes()
    with pytest.raises(SourceChanged, match=r"gpqa_diamond.csv: scores up to 89.8 where a share is declared"):
        epoch(zipped(gpqa_diamond=gpqa.replace(b"0.898", b"89.8")))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        (
            zipped(epoch_capabilities_index=b"Model version,Score,Release date,Organization\n"),
            "columns ECI Score where one is expected",
        ),
        (zipped(gpqa_diamond=b"Model version,mean_score,Release date,Organization,stderr\n"), "no scores at all"),
        (b"PK\x03\x04 but not a zip", "not a readable zip"),
        (zipped()[:-40], "not a readable zip"),
        (zipped(**dict.fromkeys([path.stem for path in EPOCH.glob("*.csv")])), "none of the files"),
        (b"<html>", "web page"),
        (b"", "empty"),
    ],
)
def test_another_zip_is_refused(payload: bytes, message: str):
    with pytest.raises(SourceChanged, match=message):
        epoch(payload)


# --- Artificial Analysis


def test_the_version_of_the_index_is_its_method():
    parsed = read("artificial_analysis", page(1), scope="page 1")
    assert parsed.rows.select("board", "entrant", "organization", "value", "method", "released_on").rows() == [
        ("aa_intelligence", "Alpha 2 (high)", "OpenAI", 57.2, "index 4.1", date(2026, 8, 7)),
        ("aa_intelligence", "Alpha 2 (low)", "OpenAI", 51.0, "index 4.1", date(2026, 8, 7)),
    ]
    assert parsed.issues == ()
    second = read("artificial_analysis", page(2), scope="page 2")
    assert second.rows["entrant"].to_list() == ["Gamma"]


def test_a_page_says_whether_another_follows():
    spec = catalog().sources["artificial_analysis"]
    first, address = artificial_analysis.requests(spec, catalog())[0]
    assert (first, address) == ("page 1", "https://artificialanalysis.ai/api/v2/language/models/free?page=1")

    def after(body: bytes, scope: str) -> list[tuple[str, str]]:
        return artificial_analysis.followups(
            body, Capture("artificial_analysis", scope, address, "0" * 64, len(body), FETCHED_AT, FETCHED_AT), catalog()
        )

    assert after(page(1), "page 1") == [("page 2", address.replace("page=1", "page=2"))]
    assert after(page(2), "page 2") == []
    assert after(page(1), f"page {artificial_analysis.MAX_PAGES}") == []
    assert after(b"[]", "page 1") == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"intelligence_index_version": None}, "the version of the index is not said"),
        ({"data": {}}, "not a list of models"),
        ({"data": [{"name": "x", "evaluations": {}}]}, "no model has"),
    ],
)
def test_a_page_of_another_shape_is_refused(changes: dict[str, Any], message: str):
    with pytest.raises(SourceChanged, match=message):
        read("artificial_analysis", page(1, **changes))


def test_a_score_out_of_the_index_leaves_its_entrant_open():
    models = json.loads(page(1))["data"]
    models[0]["evaluations"][artificial_analysis.INDEX] = 572
    models[1]["evaluations"][artificial_analysis.INDEX] = "n.a."
    parsed = read("artificial_analysis", page(1, data=models))
    assert reasons(parsed) == ["the index ends at 100", "unreadable score"]
    assert parsed.rows.select("value", "value_low", "value_high").unique().rows() == [(None, 0, 100)]


# --- the real payloads


def shared(name: str) -> bytes:
    path = SHARED.parent / name
    if not path.exists():
        pytest.skip(f"the real payloads are not beside the checkout ({path})")
    return path.read_bytes()


@pytest.mark.shared
def test_the_real_catalog_of_december():
    """Read in the payload: 282 entrants overall, Gemini 3 Pro first on both boards."""
    for kind, board, points in (
        ("text", "arena_text", 1486.6),
        ("text-style-control", "arena_text_style_control", 1492.0),
    ):
        payload = shared(f"arena/arena-catalog/leaderboard-{kind}_20251211-173256_ea8297b5.json")
        rows = read("arena_catalog", payload, datetime(2025, 12, 11), board).rows.filter(category="overall")
        top = rows.sort("value", descending=True).row(0, named=True)
        assert (rows.height, top["entrant"]) == (282, "gemini-3-pro")
        assert top["value"] == pytest.approx(points, abs=0.1)


@pytest.mark.shared
def test_the_real_aider_boards():
    """98 and 69 runs; three of the edit board are of another test (33, 36 and 225 cases)."""
    edit = read("aider_leaderboard", shared("aider/edit_leaderboard.yml"), scope="aider_edit")
    assert (edit.rows.height, reasons(edit)) == (95, ["another test"] * 3)
    polyglot = read("aider_leaderboard", shared("aider/polyglot_leaderboard.yml"), scope="aider_polyglot")
    assert (polyglot.rows.height, polyglot.rows["value"].max(), polyglot.rows["cost_usd"].max()) == (69, 88.0, 186.4958)


@pytest.mark.shared
def test_the_real_vintage_of_epoch():
    shared("epoch/2026-04_madhu/epoch_capabilities_index.csv")
    parsed = epoch(zipped(SHARED.parent / "epoch" / "2026-04_madhu"))
    heights = dict(parsed.rows.group_by("board").len().iter_rows())
    # 591 lines of the index, 243 of them without a score; 25 runs on SWE-bench, two models of which ran twice.
    assert (heights["epoch_eci"], heights["epoch_gpqa_diamond"], heights["epoch_swe_bench_verified"]) == (348, 157, 23)
    assert reasons(parsed) == []
