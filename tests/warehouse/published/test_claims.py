"""The verdicts of the published file: on days that matter, from day to day, and down to the bytes they rest on."""

from __future__ import annotations

import re
import shutil
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import pytest
from published_file import NOW, analyst, frame, publish_starter, rows, starter_pipeline

from config.load import catalog
from config.settings import Settings
from config.version import code_version
from flows.commands.questions import judge_on
from transforms.claim_tests.model_titles import model_title
from transforms.claims.verdicts import specification_hash
from warehouse.evidence.claim_query import claim_sql

ASSERTED = date(2025, 2, 25)


@pytest.mark.parametrize("answer", ["verdict", "verdict_evidence", "next_evidence", "verdict_flip", "verdict_lead"])
def test_a_day_before_the_first_that_was_judged_is_refused(published: Path, answer: str) -> None:
    """Verdicts begin on 2023-01-01; nothing was said of noon of that day, which ends with the day before."""
    with analyst(published) as cs:
        for day in ("DATE '2019-06-01'", "TIMESTAMP '2023-01-01 12:00'"):
            cs.execute(f"SET VARIABLE as_of = {day}")
            with pytest.raises(
                duckdb.InvalidInputException, match="verdicts begin on 2023-01-01: nothing was judged on 20"
            ):
                rows(cs, f"FROM {answer}")
        cs.execute("SET VARIABLE as_of = DATE '2023-01-01'")
        assert rows(cs, f"FROM {answer}")


@pytest.mark.parametrize(
    ("day", "claim", "verdict", "statistic"),
    [
        # C07: 298 billion of commercial RPO at the end of 2024, told after the close of 2025-01-29.
        ("2025-01-28", "C07", "undetermined", None),
        ("2025-01-29", "C07", "supported", None),
        ("2025-02-25", "C07", "supported", None),
        ("2026-11-23", "C07", "supported", None),
        # C21: 118.548 billion, in the annual report filed 2024-07-30.
        ("2024-07-29", "C21", "undetermined", None),
        ("2024-07-30", "C21", "supported", 118_548e6),
        ("2026-11-23", "C21", "supported", 118_548e6),
        # C22: 136.162 against 118.548 billion, filed 2025-07-30.
        ("2025-02-25", "C22", "undetermined", None),
        ("2025-07-29", "C22", "undetermined", None),
        ("2025-07-30", "C22", "supported", (136.162 / 118.548 - 1) * 100),
        ("2026-11-23", "C22", "supported", (136.162 / 118.548 - 1) * 100),
        # C26: the lead was +16 in the second half of 2024 and negative in all of 2025 (QUIRKS, leaderboards 13).
        ("2024-03-31", "C26", "undetermined", None),
        ("2025-02-25", "C26", "supported", None),
        ("2025-07-30", "C26", "supported", None),
        # C27: 10 dollars against 0.14, from the launch of DeepSeek-V2 on 2024-05-06 (a list had it on 2024-05-14).
        ("2024-05-05", "C27", "undetermined", None),
        ("2024-05-06", "C27", "supported", 10 / 0.14),
        ("2025-02-25", "C27", "supported", 10 / 0.14),
        ("2026-11-23", "C27", "supported", 10 / 0.14),
    ],
)
def test_a_verdict_as_of_a_day(published: Path, day: str, claim: str, verdict: str, statistic: float | None) -> None:
    with analyst(published) as cs:
        found = rows(cs, "SELECT verdict, statistic FROM verdict_as_of(?) WHERE claim_id = ?", day, claim)
    assert [found[0][0], len(found)] == [verdict, 1]
    if statistic is not None:
        assert found[0][1] == pytest.approx(statistic)


def test_a_verdict_of_a_day_is_not_known_before_the_day_is_over(published: Path) -> None:
    """Microsoft's figures of 2025-01-29 were known from 22:30 UTC: at 22:29 nobody could have judged by them."""
    verdict = "SELECT verdict FROM verdict_as_of(?) WHERE claim_id = 'C07'"
    with analyst(published) as cs:
        assert rows(cs, verdict, datetime(2025, 1, 29, 22, 29)) == [("undetermined",)]
        assert rows(cs, verdict, datetime(2025, 1, 29, 23, 59, 59, 999999)) == [("supported",)]
        assert rows(cs, verdict, date(2025, 1, 29)) == [("supported",)]


def test_the_seasonal_dip_of_rpo_is_shown_and_not_judged(published: Path) -> None:
    # 269 (FY2024Q4, published as such), then 259, then 298: kpi.csv. Every first fiscal quarter dips.
    with analyst(published) as cs:
        said, chinese = rows(
            cs, "SELECT detail_en, detail_zh FROM verdict_as_of(DATE '2025-02-25') WHERE claim_id = 'C07'"
        )[0]
    assert "Quarter by quarter, not judged:" in said
    assert "FY2024Q4 269 billion USD → FY2025Q1 259 billion USD → FY2025Q2 298 billion USD" in said
    assert "FY2025Q2 total RPO (another definition): 304 billion USD" in said
    assert all(amount in chinese for amount in ("2,690 億美元", "2,590 億美元", "2,980 億美元"))


def test_an_instant_claim_is_frozen_at_its_day(published: Path) -> None:
    frozen = [spec.id for spec in catalog().claims.values() if spec.frozen_at_assertion]
    assert set(frozen) >= {"C21", "C27"}
    with analyst(published) as cs:
        for claim in frozen:
            assert rows(cs, "SELECT max(as_of) FROM history.verdict WHERE claim_id = ?", claim) == [(ASSERTED,)]
        flags, said = rows(cs, "SELECT flags, detail_en FROM verdict WHERE claim_id = 'C27'")[0]
    assert "stale_at_assertion" in flags
    # On the day of the article V3 and GPT-4o were sold at 0.27 and 2.50: 9.3 times (QUIRKS, prices 13); 72.6 CNY.
    assert "9.3" in said
    assert "72.6 CNY" in said


def test_the_history_has_one_row_for_each_claim_and_day_and_shows_every_flip(published: Path) -> None:
    with analyst(published) as cs:
        history = rows(cs, "SELECT claim_id, as_of, verdict FROM history.verdict ORDER BY claim_id, as_of")
        flips = rows(
            cs,
            "SELECT claim_id, as_of, verdict_before, verdict FROM verdict_flip WHERE told_by_code = 'today' ORDER BY claim_id, as_of",
        )
        late = rows(cs, "SELECT count(*) FROM history.verdict WHERE newest_known_at >= as_of + INTERVAL 1 DAY")
        newest = dict(rows(cs, "SELECT claim_id, max(as_of) FROM history.verdict GROUP BY claim_id"))
    assert late == [(0,)]
    assert len({(claim, day) for claim, day, _ in history}) == len(history) > 200
    expected, before = [], {}
    for claim, day, verdict in history:
        if before.get(claim) != verdict:
            expected.append((claim, day, before.get(claim), verdict))
        before[claim] = verdict
    assert flips == expected
    assert [(day, was, verdict) for claim, day, was, verdict in flips if claim == "C22"] == [
        (date(2025, 2, 25), None, "undetermined"), (date(2025, 7, 30), "undetermined", "supported"),
    ]  # fmt: skip
    assert {newest["C07"], newest["C22"], newest["C26"]} == {NOW.date()}


def test_what_rests_on_tier_3_alone_says_so_whatever_the_test(published: Path) -> None:
    """The site said it of every claim, the file of C27 alone. C16 rests on notes on models, C23 on copies of Arena's board."""
    with analyst(published) as cs:
        told = [
            claim
            for (claim,) in rows(
                cs, "SELECT claim_id FROM verdict WHERE list_contains(flags, 'secondary_source') ORDER BY 1"
            )
        ]
        tiers: dict[str, set[int]] = {}
        for claim, series, tier in rows(cs, "SELECT claim_id, series, tier FROM verdict_evidence"):
            tiers.setdefault(claim, set()).update({tier} if series not in ("beside", "secondary") else set())
        decided = {
            claim
            for (claim,) in rows(cs, "SELECT claim_id FROM verdict WHERE verdict IN ('supported', 'refuted', 'mixed')")
        }
    assert told == ["C16", "C23", "C27"]
    assert {claim for claim in decided if tiers.get(claim) == {3}} == {"C16", "C23"}


# Flags of the day on which one asks: what is overdue, and what rests on tier 3 whatever its test.
SHOWN = {"overdue", "secondary_source"}


@pytest.mark.parametrize(
    "day",
    [date(2024, 1, 14), date(2025, 2, 26), date(2026, 5, 24), date(2026, 6, 25), date(2026, 8, 28), date(2026, 10, 31)],
)  # fmt: skip
def test_on_any_day_the_history_says_what_judging_that_day_says(published: Path, day: date) -> None:
    """Days of rows and days between them, on some of which a window has moved and nothing else.

    C04, C25 and C27 list by the day what decides nothing: boards older than the window, and the rate of the day.
    """
    with analyst(published) as cs:
        said = {row["claim_id"]: row for row in frame(cs, "FROM verdict_as_of($day)", day=day).to_dicts()}
    direct = {one.claim_id: one for one in judge_on(Settings(home=published), day, "") if one.claim_id in said}
    assert len(direct) == len(said) > 25
    figures = ("verdict", "statistic", "low", "high", "n")
    amiss = {
        claim: (one, said[claim])
        for claim, one in direct.items()
        if any(getattr(one, name) != said[claim][name] for name in figures)
        or (claim not in {"C04", "C25", "C27"} and one.evidence != tuple(said[claim]["evidence"]))
        or set(one.flags) - SHOWN != set(said[claim]["flags"]) - SHOWN
    }
    assert amiss == {}


@pytest.mark.parametrize("claim", ["C07", "C21", "C22", "C26", "C27"])
def test_judged_twice_is_judged_the_same(published: Path, claim: str) -> None:
    """Every eighth day of the history and the last, judged anew from the published file: the same rows in every column."""
    with analyst(published) as cs:
        history = frame(cs, "FROM history.verdict WHERE claim_id = $claim ORDER BY as_of", claim=claim).to_dicts()
    for said in [*history[::8], history[-1]]:
        again = judge_on(Settings(home=published), said["as_of"], claim)[0]
        same = {name: getattr(again, name) for name in again.__dataclass_fields__}
        said["flags"] = [flag for flag in said["flags"] if flag != "overdue"]  # of the calendar, given afterwards
        assert same | {"flags": list(again.flags), "evidence": list(again.evidence)} == {
            name: value for name, value in said.items() if name not in ("newest_known_at", "cause")
        }


@pytest.fixture(scope="module")
def second(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home after a second run that found nothing new."""
    home = tmp_path_factory.mktemp("second") / "home"
    shutil.copytree(published, home, symlinks=True)
    publish_starter(starter_pipeline(home, NOW + timedelta(hours=1)))
    return home


def test_a_second_run_takes_over_what_must_be_the_same(published: Path, second: Path) -> None:
    said = []
    for home in (published, second):
        with analyst(home) as cs:
            said.append(frame(cs, "FROM history.verdict ORDER BY claim_id, as_of"))
            assert rows(cs, "SELECT published_at FROM meta") == [(NOW + (home == second) * timedelta(hours=1),)]
    assert said[0].equals(said[1])


def test_a_verdict_is_published_on_the_day_it_was_first_said(published: Path, second: Path) -> None:
    said = []
    for home in (published, second):
        with analyst(home) as cs:
            said.append(rows(cs, "FROM verdict_said(DATE '2026-11-23')"))
    assert said[0] == said[1]


def test_what_was_published_is_what_is_said_to_have_been_published(published: Path) -> None:
    with analyst(published) as cs:
        before = rows(cs, "FROM verdict_said(?)", NOW - timedelta(microseconds=1))
        said = rows(cs, "SELECT claim_id, verdict, published_at FROM verdict_said(?)", NOW)
        now = rows(cs, "SELECT claim_id, verdict FROM verdict")
    assert before == []
    assert said == [(claim, verdict, NOW) for claim, verdict in now]


def test_a_verdict_names_its_specification_and_its_code(published: Path) -> None:
    expected = {spec.id: specification_hash(spec, claim_sql(spec)) for spec in catalog().claims.values()}
    with analyst(published) as cs:
        assert dict(rows(cs, "SELECT claim_id, specification_hash FROM claim")) == expected
        assert set(rows(cs, "SELECT claim_id, specification_hash, code_version FROM history.verdict")) == {
            (claim, found, code_version()) for claim, found in expected.items()
        }


RESOLVES = """
    WITH place AS (
        SELECT evidence_id, capture_sha256, locator, source_url, source, known_at FROM company_fact_as_of($day)
        UNION ALL SELECT evidence_id, capture_sha256, locator, source_url, source, known_at FROM token_price_as_of($day)
        UNION ALL SELECT evidence_id, capture_sha256, locator, source_url, source, known_at FROM openai_lead_as_of($day)
        UNION ALL SELECT evidence_id, capture_sha256, locator, source_url, source, known_at FROM leaderboard_score_as_of($day)
        UNION ALL SELECT evidence_id, capture_sha256, locator, source_url, source, known_at FROM event_as_of($day)
        UNION ALL SELECT evidence_id, capture_sha256, locator, source_url, source, known_at FROM guidance_as_of($day)
        UNION ALL SELECT evidence_id, capture_sha256, locator, source_url, source, known_at FROM fx_rate_as_of($day)
    )
    SELECT v.claim_id, e.id, p.capture_sha256, p.locator, p.source_url, p.known_at, c.size, c.url
    FROM verdict_as_of($day) v, unnest(v.evidence) AS e(id)
    LEFT JOIN place p ON p.evidence_id = e.id
    LEFT JOIN history.capture c ON c.source = p.source AND c.sha256 = p.capture_sha256"""


@pytest.mark.parametrize("day", [date(2024, 7, 30), ASSERTED, date(2025, 7, 30)])
def test_evidence_leads_to_bytes_an_address_and_a_place(published: Path, day: date) -> None:
    """On the very day of each verdict; a verdict that is older than the day keeps the evidence of its own day."""
    end = datetime.combine(day, time.max)
    with analyst(published) as cs:
        found = frame(cs, RESOLVES, day=day).to_dicts()
        judged = dict(rows(cs, "SELECT claim_id, len(evidence) FROM verdict_as_of(?)", day))
    assert {row["claim_id"] for row in found} == {claim for claim, pieces in judged.items() if pieces}
    assert len({(row["claim_id"], row["id"]) for row in found}) == sum(judged.values()) > 40
    for row in found:
        assert row["capture_sha256"] is not None, row
        assert len(row["capture_sha256"]) == 64
        assert row["id"].split(":")[1] == row["capture_sha256"][:12]
        assert row["locator"], row
        assert row["id"].endswith(row["locator"])
        assert row["source_url"].startswith("https://") or row["source_url"].startswith("http"), row
        assert row["size"] > 0
        assert row["url"]
        assert row["known_at"] <= end


# A name with underscores, except the files that a person is asked to fill; three English words in a row.
SNAKE = re.compile(r"(?<![/\w])[a-z0-9]+(?:_[a-z0-9]+)+(?!\w|\.csv)")
ENGLISH = re.compile(r"(?:\b[a-z]{2,}[ ,]+){2,}[a-z]{2,}\b")


def test_no_sentence_of_a_verdict_speaks_in_short_names(published: Path) -> None:
    """Of all verdicts of all days: statements in words, series and models by their names, and Chinese sentences in Chinese."""
    models = [name for name in catalog().models if model_title(name) != name]
    with analyst(published) as cs:
        events = [name for (name,) in rows(cs, "SELECT DISTINCT event FROM history.event")]
        told = rows(cs, "SELECT DISTINCT claim_id, detail_en, flips_en, detail_zh, flips_zh FROM history.verdict")
    slug = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, [*events, *models]))})(?![\w-])")
    assert len(events) > 100
    assert {"gpt-4o", "gemini-2-0-flash", "o1-preview"} & {*models} == {"gpt-4o", "gemini-2-0-flash"}
    assert len(told) > 1000
    for claim, *sentences in told:
        shown = [re.sub(r"`[^`]*`", "", sentence or "") for sentence in sentences]  # a command is typed as it stands
        found = [hit for sentence in shown for hit in (*slug.findall(sentence), *SNAKE.findall(sentence))]
        assert found == [], claim
        assert [hit for sentence in shown[2:] for hit in ENGLISH.findall(sentence)] == [], claim
