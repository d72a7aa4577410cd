"""From evidence to verdict: hand-checked cases of every claim, and what must hold whatever the evidence."""

from __future__ import annotations

import random
import re
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from places import FIXTURES_FOLDER

from config.contracts import EVIDENCE
from config.errors import Refused
from config.load import catalog
from config.specs import ClaimSpec
from config.terms import terms
from transforms.claim_tests import parameters_of
from transforms.claims.variants import by_vintage, variants
from transforms.claims.verdicts import UNTESTED, Verdict, is_opposed, judge_claim, specification_hash

FIXTURES = FIXTURES_FOLDER / "claims"
CASES = [
    (folder.name, case, expected)
    for folder in sorted(FIXTURES.iterdir())
    for case, expected in yaml.safe_load((folder / "expected.yml").read_text("utf-8")).items()
]
SPECS = {f"{spec.id}_{spec.stem}": spec for spec in catalog().claims.values()}


def read(stem: str, case: str) -> pl.DataFrame:
    path = FIXTURES / stem / case / "evidence.csv"
    return pl.read_csv(path, schema=EVIDENCE)


def judge(spec: ClaimSpec, evidence: pl.DataFrame, as_of: date, at_assertion: pl.DataFrame | None = None) -> Verdict:
    opposed = at_assertion is not None and is_opposed(spec, at_assertion)
    return judge_claim(spec, evidence, as_of, "test", sql="SELECT 1", opposed=opposed)


def spec_with(stem: str, **changes: Any) -> ClaimSpec:
    return ClaimSpec.model_validate({**SPECS[stem].model_dump(), **changes})


def row(series: str, value: float | None, **changes: Any) -> dict[str, Any]:
    stated = {
        "series": series, "observed_on": date(2024, 6, 30), "value": value, "low": None, "high": None, "unit": "USD",
        "known_at": datetime(2024, 7, 30, 21, 30), "label": "FY2024", "evidence": f"{series}-{value}",
    }  # fmt: skip
    return {**stated, **changes}


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=EVIDENCE)


@pytest.mark.parametrize(("stem", "case", "expected"), CASES, ids=[f"{stem}-{case}" for stem, case, _ in CASES])
def test_hand_checked_verdict(stem: str, case: str, expected: dict[str, Any]) -> None:
    verdict = judge(SPECS[stem], read(stem, case), expected["as_of"])
    assert (verdict.verdict, verdict.n, list(verdict.flags)) == (expected["verdict"], expected["n"], expected["flags"])
    assert verdict.statistic_unit == expected["unit"]
    for name in ("statistic", "low", "high"):
        if name in expected:
            wanted = expected[name]
            assert getattr(verdict, name) == (wanted if wanted is None else pytest.approx(wanted, rel=2e-5, abs=5e-4))
    for words in expected["says"]:
        assert words in verdict.detail_en
    if "wholly_below" in expected:
        assert verdict.low is not None
        assert verdict.high is not None
        assert verdict.statistic is not None
        assert verdict.low <= verdict.statistic <= verdict.high < expected["wholly_below"]


def test_details_speak_the_chinese_of_taiwan() -> None:
    verdict = judge(SPECS["C21_ocf_fy2024"], read("C21_ocf_fy2024", "2025-02-25"), date(2025, 2, 25))
    assert verdict.detail_zh == "FY2024：1,185.48 億美元；須高於 1,100 億美元。"
    verdict = judge(
        SPECS["C07_rpo_level_and_growth"], read("C07_rpo_level_and_growth", "2025-02-25"), date(2025, 2, 25)
    )
    assert "2,980 億美元" in verdict.detail_zh
    assert "總 RPO（定義不同）：3,040 億美元" in verdict.detail_zh


HALF_WIDTH = re.compile(r"[\u3400-\u9fff][,:;()?!]|[,:;()?!][\u3400-\u9fff]")


def test_chinese_is_set_with_full_width_punctuation_and_one_word_a_concept() -> None:
    """In what is declared and in what each test says: Taiwan writes ，：；（） and never their ASCII cousins beside Han."""
    said = [
        text
        for stem, case, expected in CASES
        for text in chinese(judge(SPECS[stem], read(stem, case), expected["as_of"]))
    ]
    for spec in SPECS.values():
        said += [spec.title_zh, spec.statement_zh, spec.refutes_if_zh, str(spec.parameters.get("reason_zh", ""))]
    words = terms().model_dump(exclude={"synonyms"})
    said += [term[name] for group in words.values() for term in group.values() for name in ("zh", "meaning_zh")]
    assert [text for text in said if HALF_WIDTH.search(text)] == []
    # 推理 and 軟件 are not what Taiwan says; a definition has one word, and so has money (億, never 十億).
    assert [text for text in said if re.search("推理|軟件|數據中心|網絡|芯片|口徑|十億", text)] == []


def chinese(verdict: Verdict) -> tuple[str, str]:
    return verdict.detail_zh, verdict.flips_zh


def test_evidence_ids_are_sorted_and_complete() -> None:
    verdict = judge(SPECS["C22_ocf_rises_fy2025"], read("C22_ocf_rises_fy2025", "2025-07-30"), date(2025, 7, 30))
    assert verdict.evidence == ("companyfacts:ocf:FY2024:filed 2024-07-30", "companyfacts:ocf:FY2025:filed 2025-07-30")


REAL = [(stem, case, expected["as_of"]) for stem, case, expected in CASES]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(REAL), st.randoms(use_true_random=False))
def test_order_and_repeats_of_the_evidence_never_matter(which: tuple[str, str, date], shuffle: random.Random) -> None:
    stem, case, as_of = which
    evidence = read(stem, case)
    order = list(range(evidence.height)) + ([shuffle.randrange(evidence.height)] if evidence.height else [])
    shuffle.shuffle(order)
    assert judge(SPECS[stem], evidence[order], as_of) == judge(SPECS[stem], evidence, as_of)


TESTED = sorted(stem for stem, spec in SPECS.items() if spec.test not in UNTESTED)


@pytest.mark.parametrize("stem", TESTED)
def test_no_evidence_is_undetermined_with_the_n_that_would_decide(stem: str) -> None:
    verdict = judge(SPECS[stem], pl.DataFrame(schema=EVIDENCE), date(2025, 2, 25))
    assert (verdict.verdict, verdict.n, verdict.statistic, verdict.evidence) == ("undetermined", 0, None, ())
    assert f"n = 0, {SPECS[stem].minimum_n} would decide" in verdict.detail_en
    assert f"需要 {SPECS[stem].minimum_n} 才能判定" in verdict.detail_zh


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(sorted(SPECS)), st.sampled_from([float("nan"), float("inf"), None]), st.data())
def test_a_row_without_a_number_is_as_good_as_none(stem: str, nothing: float | None, data: st.DataObject) -> None:
    case, expected = data.draw(st.sampled_from([(case, body) for name, case, body in CASES if name == stem]))
    evidence = read(stem, case)
    if evidence.is_empty():
        return
    index = data.draw(st.integers(0, evidence.height - 1))
    broken = pl.concat([evidence[:index], evidence[index].with_columns(value=pl.lit(nothing)), evidence[index + 1 :]])
    without = judge(SPECS[stem], pl.concat([evidence[:index], evidence[index + 1 :]]), expected["as_of"])
    verdict = judge(SPECS[stem], broken.cast(EVIDENCE), expected["as_of"])
    assert (verdict.verdict, verdict.statistic, verdict.n) == (without.verdict, without.statistic, without.n)
    assert verdict.detail_en == without.detail_en + " Left out, without a number: 1."


@pytest.mark.parametrize("minimum", [1, 4, 5, 40])
def test_below_the_minimum_nothing_is_decided(minimum: int) -> None:
    stem = "C07_rpo_level_and_growth"
    verdict = judge(spec_with(stem, minimum_n=minimum), read(stem, "2025-02-25"), date(2025, 2, 25))
    assert verdict.verdict == ("supported" if minimum <= 4 else "undetermined")
    assert verdict.statistic == pytest.approx(19.898, abs=5e-4)


def test_snapshots_scale_n_but_repeats_of_a_day_do_not() -> None:
    stem = "C26_openai_lead_shrinks"
    once = read(stem, "made_up_lead_grows")
    again = once.with_columns(evidence=pl.col("evidence") + "'", known_at=pl.col("known_at") + pl.duration(hours=1))
    later = once.with_columns(observed_on=pl.col("observed_on") + pl.duration(days=1))
    counts = [
        judge(SPECS[stem], pl.concat(rows), date(2025, 2, 25)).n for rows in ([once], [once, again], [once, later])
    ]
    assert counts == [9, 9, 18]


def test_a_day_that_two_sources_tell_counts_by_their_median() -> None:
    stem = "C26_openai_lead_shrinks"
    once = read(stem, "made_up_lead_grows")
    # A second source says 4 points less before and as much after: 8 and 12, a change of 4 instead of 2.
    second = once.with_columns(
        value=pl.when(pl.col("observed_on") < date(2024, 7, 1)).then(pl.col("value") - 4).otherwise("value"),
        evidence=pl.col("evidence") + "'",
    )
    verdict = judge(SPECS[stem], pl.concat([once, second]), date(2025, 2, 25))
    assert (verdict.n, verdict.statistic) == (9, 4.0)


def test_a_pair_on_sale_is_stale_only_if_every_list_says_so() -> None:
    stem = "C27_gpt4_turbo_deepseek_price"
    evidence = read(stem, "2025-02-25")
    # A second list sells the newer model at 0.04: 2.5/0.04 = 62.5 lies inside 50 to 90.
    second = evidence.filter(pl.col("series") == "denominator_on_sale").with_columns(value=0.04, evidence=pl.lit("a"))
    assert judge(SPECS[stem], pl.concat([evidence, second]), date(2025, 2, 25)).flags == ()


def test_rows_that_tie_in_everything_known_are_read_in_one_order() -> None:
    tied = [row("level", value, evidence=None) for value in (112e9, 118e9, 111e9)]
    nothing = row("level", None)
    found = {
        judge(SPECS["C21_ocf_fy2024"], frame(*order), date(2025, 2, 25))
        for order in ([*tied, nothing, nothing], [nothing, *tied[::-1]], [tied[1], nothing, tied[0], tied[2], tied[2]])
    }
    assert len(found) == 1


def test_the_bootstrap_gives_the_same_bits_again() -> None:
    stem = "C26_openai_lead_shrinks"
    runs = {judge(SPECS[stem], read(stem, "2025-02-25"), date(2025, 2, 25)) for _ in range(3)}
    assert len(runs) == 1


def test_an_interval_that_reaches_zero_is_fragile() -> None:
    stem = "C26_openai_lead_shrinks"
    evidence = read(stem, "made_up_lead_grows")
    # Before: five days at 10 and four at 0; after: five at 0 and four at 10. The medians swap with a few days.
    values = [10.0 if index % 2 == 0 else 0.0 for index in range(9)] + [0.0 if i % 2 == 0 else 10.0 for i in range(9)]
    wavering = evidence.sort("observed_on").with_columns(value=pl.Series(values))
    verdict = judge(SPECS[stem], wavering, date(2025, 2, 25))
    assert (verdict.verdict, verdict.statistic, verdict.flags) == ("supported", -10.0, ("fragile",))


def test_a_refutation_known_on_the_day_stays_flagged_later() -> None:
    stem = "C22_ocf_rises_fy2025"
    opposed = frame(
        row("earlier", 100e9), row("later", 90e9, observed_on=date(2025, 6, 30), known_at=datetime(2025, 2, 1))
    )
    now = read(stem, "2025-07-30")
    assert judge(SPECS[stem], now, date(2025, 7, 30)).flags == ()
    assert judge(SPECS[stem], now, date(2025, 7, 30), at_assertion=opposed).flags == ("contradicted_at_assertion",)
    assert judge(SPECS[stem], now, date(2025, 7, 30), at_assertion=opposed[:1]).flags == ()


def test_a_level_restated_after_the_day_is_vintage_dependent() -> None:
    stem = "C07_rpo_level_and_growth"
    restated = read(stem, "2026-11-22").with_columns(
        value=pl.when((pl.col("series") == "level") & (pl.col("label") == "FY2025Q2")).then(290e9).otherwise("value"),
        known_at=pl.when(pl.col("label") == "FY2025Q2").then(datetime(2025, 7, 30)).otherwise("known_at"),
    )
    verdict = judge(SPECS[stem], restated, date(2026, 11, 22))
    assert (verdict.verdict, verdict.flags) == ("mixed", ("vintage_dependent",))


def test_an_interval_across_the_threshold_is_mixed() -> None:
    spec = SPECS["C21_ocf_fy2024"]
    verdict = judge(spec, frame(row("level", 111e9, low=109e9, high=113e9)), date(2025, 2, 25))
    assert (verdict.verdict, verdict.low, verdict.high) == ("mixed", 109e9, 113e9)
    assert verdict.flags == ("definition_dependent",)


def test_evidence_from_the_future_is_refused() -> None:
    spec = SPECS["C21_ocf_fy2024"]
    for known in (datetime(2025, 2, 26), None):
        with pytest.raises(Refused, match=r"C21: warehouse/claims/C22_ocf_rises_fy2025.sql: .*not known by then"):
            judge(spec, frame(row("level", 118e9, known_at=known)), date(2025, 2, 25))
    last_moment = frame(row("level", 118e9, known_at=datetime(2025, 2, 25, 23, 59, 59)))
    assert judge(spec, last_moment, date(2025, 2, 25)).verdict == "supported"


def test_mixed_units_are_refused() -> None:
    with pytest.raises(Refused, match=r"C21: .*mixes the units EUR, USD"):
        judge(SPECS["C21_ocf_fy2024"], frame(row("level", 1.0), row("level", 2.0, unit="EUR")), date(2025, 2, 25))
    stem = "C27_gpt4_turbo_deepseek_price"
    yuan = read(stem, "2025-02-25").with_columns(
        unit=pl.when(pl.col("series") == "denominator").then(pl.lit("CNY/Mtok")).otherwise("unit")
    )
    with pytest.raises(Refused, match=r"C27: .*in USD/Mtok, deepseek-v2 in CNY/Mtok"):
        judge(SPECS[stem], yuan, date(2025, 2, 25))


def test_other_columns_are_refused() -> None:
    with pytest.raises(Refused, match=r"C21: .*the evidence has the columns"):
        judge(SPECS["C21_ocf_fy2024"], frame(row("level", 1.0)).drop("low"), date(2025, 2, 25))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"test": "guesswork"}, "C21: config/claims/C21_ocf_fy2024.yml: test: there is no test 'guesswork'"),
        (
            {"parameters": {"threshold": 1}},
            "C21: config/claims/C21_ocf_fy2024.yml: parameters: direction: Field required",
        ),
        ({"parameters": {"direction": "above"}}, "C21: .*threshold: Field required"),
        ({"parameters": {"threshold": 1, "direction": "sideways"}}, "C21: .*direction: Input should be"),
        ({"parameters": {"threshold": 1, "direction": "above", "slack": 2}}, "C21: .*slack: Extra inputs"),
    ],
)
def test_a_wrong_declaration_is_refused_by_claim_and_key(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(Refused, match=words):
        judge(spec_with("C21_ocf_fy2024", **changes), frame(row("level", 118e9)), date(2025, 2, 25))


@pytest.mark.parametrize("test", ["not_testable", "scenario"])
def test_claims_without_a_test_say_why(test: str) -> None:
    spec = spec_with("C21_ocf_fy2024", test=test, parameters={"reason_en": "No source.", "reason_zh": "無資料。"})
    verdict = judge(spec, pl.DataFrame(schema=EVIDENCE), date(2025, 2, 25))
    assert (verdict.verdict, verdict.detail_en, verdict.detail_zh) == (test, "No source.", "無資料。")


def test_the_hash_follows_what_decides_and_nothing_else() -> None:
    spec, sql = SPECS["C21_ocf_fy2024"], "SELECT 1\n"
    same = specification_hash(spec, sql)
    for reworded in ("title_en", "title_zh", "statement_en", "statement_zh", "citation"):
        assert specification_hash(spec_with("C21_ocf_fy2024", **{reworded: "new"}), sql) == same
    assert specification_hash(spec, "SELECT 1\r\n\r\n") == same  # a checkout with other line ends
    changes: list[dict[str, Any]] = [
        {"parameters": {"threshold": 110_000_000_001, "direction": "above"}},
        {"minimum_n": 2}, {"horizon": "window"}, {"asserted_at": date(2025, 2, 26)}, {"refutes_if_en": "new"},
        {"sources": ("other",)}, {"test": "grew_over"},
    ]  # fmt: skip
    hashes = {specification_hash(spec_with("C21_ocf_fy2024", **change), sql) for change in changes}
    assert len(hashes | {same, specification_hash(spec, "SELECT 2")}) == len(changes) + 2
    assert len(same) == 64
    assert judge(spec, frame(row("level", 118e9)), date(2025, 2, 25)).specification_hash == same


@pytest.mark.parametrize("stem", sorted(SPECS))
def test_every_declared_claim_has_the_parameters_its_test_wants(stem: str) -> None:
    assert parameters_of(SPECS[stem])


def test_each_list_that_tells_a_price_is_judged_alone() -> None:
    stem, case = "C27_gpt4_turbo_deepseek_price", "made_up_one_list_differs"
    spec, evidence = SPECS[stem], read(stem, case)
    verdict = judge(spec, evidence, date(2025, 2, 25))
    told = {
        row["name"]: (row["verdict"], row["statistic"])
        for row in variants(spec, verdict, evidence, verdict, sql="SELECT 1")
    }
    assert told["tokencost"] == ("supported", pytest.approx(10 / 0.14))
    assert told["litellm"] == ("refuted", pytest.approx(10 / 0.28))
    assert told["ecb"] == ("undetermined", None)


@pytest.mark.parametrize(
    ("stem", "case", "words"),
    [
        # Sums by hand: 118.548; 7 and 12.6 are 50 and 90 times 0.14; 31 and 34 known in February 2025, 2 points either way.
        ("C22_ocf_rises_fy2025", "2025-02-25", "Above 118.548 billion USD supports"),
        ("C27_gpt4_turbo_deepseek_price", "2025-02-25", "below 7 USD/Mtok or above 12.6 USD/Mtok refutes"),
        ("C43_azure_and_rpo_to_watch", "2025-02-25", "growth of Azure at most 29 or at least 33; growth of commercial RPO at most 32 or at least 36"),
        # Guided 20 + 22.6 + 22.6 + 22.6 = 87.8, a tenth either way.
        ("C40_same_spending", "2025-02-25", "FY2025 79.02 billion USD to 96.58 billion USD"),
        # 22.4 + 300 + 38 + 100 = 460.4 elsewhere, 250 with Microsoft.
        ("C17_openai_leaves_microsoft", "2026-11-22", "210.4 billion dollars more of its own"),
        ("C18_softbank_largest", "2026-11-22", "above 27 %"),
        ("C05_openai_redirected", "2026-11-22", "wholly below 9 supports, wholly above 11 refutes"),
        ("C14_profit_in_applications", "made_up_applications_earn_more", "Against the newest, 41 % or less"),
        ("C45_accumulate", "made_up_ahead", "by more than 0 points at 12 months supports"),
        ("C44_forward_multiples", "made_up_as_stated", "next twelve months 27.5 to 30.5, next fiscal year 24.5 to 27.5"),
    ],
)  # fmt: skip
def test_a_verdict_names_the_values_at_which_it_flips(stem: str, case: str, words: str) -> None:
    as_of = next(expected["as_of"] for name, at, expected in CASES if (name, at) == (stem, case))
    assert words in judge(SPECS[stem], read(stem, case), as_of).flips_en


def test_a_verdict_that_first_prints_alone_would_not_give_says_so() -> None:
    spec = SPECS["C21_ocf_fy2024"]
    latest, first = frame(row("level", 118.548e9)), frame(row("level", 109e9))
    verdict, on_first = (judge(spec, rows, date(2025, 2, 25)) for rows in (latest, first))
    assert by_vintage(verdict, on_first).flags == ("vintage_dependent",)
    for same in (latest, frame()):  # the same figure, or none: nothing decides otherwise
        assert by_vintage(verdict, judge(spec, same, date(2025, 2, 25))).flags == ()
