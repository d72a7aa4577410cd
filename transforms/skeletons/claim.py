"""The three parts of a new claim as text, to be filled in: declaration, query, and one fixture."""

from __future__ import annotations

import re
from datetime import date

from config.errors import Refused

DECLARATION = """\
title_en: TODO the claim in a few words
title_zh: TODO 主張摘要
statement_en: TODO what is claimed, in our own words, so that a figure can decide it.
statement_zh: TODO 以自己的話寫出主張，須能以數字判定。
citation: TODO article of {day}, on what
question: returns  # rpo_and_azure, openai_premium, redirected_capacity, returns or price
kind: prediction  # fact, event, interpretation, hypothesis, prediction or scenario
asserted_at: {day}
horizon: window  # instant (judged once, as of asserted_at), window or deadline
test: level_above  # docs/claims.md lists the tests with their parameters
parameters:
  threshold: 100
  direction: above
refutes_if_en: TODO what would refute it.
refutes_if_zh: TODO 何種情況推翻。
minimum_n: 1
sources: [sec_companyfacts]
registered_at: {day}
unit: pct
"""

QUERY = """\
-- TODO which figures decide. Below: capital expenditure over operating cash flow of a fiscal year, in per cent.
WITH figures AS (
    SELECT metric, fiscal_year, period_end, value, known_at, evidence_id
    FROM company_fact_as_of($as_of)
    WHERE company = 'META'
      AND ((metric = 'cash_paid_ppe' AND definition = 'cash_ppe') OR (metric = 'operating_cash_flow' AND definition = 'cash_operating'))
      AND period_kind = 'year'
      AND coalesce(dimensions, '') = ''
      AND fiscal_year = 2026
      AND unit = 'USD'
      AND value IS NOT NULL
)

SELECT
    'level' AS series,
    c.period_end AS observed_on,
    100 * c.value / o.value AS value,
    CAST(NULL AS DOUBLE) AS low,
    CAST(NULL AS DOUBLE) AS high,
    'pct' AS unit,
    greatest(c.known_at, o.known_at) AS known_at,
    concat('FY', c.fiscal_year) AS label,
    c.evidence_id AS evidence
FROM figures AS c
INNER JOIN figures AS o ON o.period_end = c.period_end AND o.metric = 'operating_cash_flow'
WHERE c.metric = 'cash_paid_ppe'
ORDER BY series, observed_on, label
"""

EVIDENCE = "series,observed_on,value,low,high,unit,known_at,label,evidence\n"
MADE_UP = "level,2026-12-31,{value},,,pct,2027-02-01 22:30:00,FY2026,made_up:{value}\n"
EXPECTED = """\
made_up_above:
  # 104 is above 100
  {as_of: 2027-02-02, verdict: supported, n: 1, statistic: 104.0, unit: pct, flags: [], says: ["FY2026: 104 %"]}
made_up_below:
  # 96 is not
  {as_of: 2027-02-02, verdict: refuted, n: 1, statistic: 96.0, unit: pct, flags: [], says: ["FY2026: 96 %"]}
nothing_known:
  {as_of: 2025-02-25, verdict: undetermined, n: 0, statistic: null, unit: "", flags: [], says: ["n = 0, 1 would decide"]}
"""


def new_claim(claim_id: str, stem: str, today: date) -> dict[str, str]:
    """Path in the checkout -> text. Raises Refused when the id or the stem is not as it must be."""
    if not re.fullmatch(r"C\d\d", claim_id):
        raise Refused(f"{claim_id!r} is no claim id", remedy="C01 to C46 are the first article's; take C47 to C99")
    if not re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", stem):
        raise Refused(f"{stem!r} is no stem", remedy="lower-case words joined by _, e.g. meta_capex_above_ocf")
    name = f"{claim_id}_{stem}"
    fixture = f"tests/fixtures/claims/{name}"
    return {
        f"config/claims/{name}.yml": DECLARATION.format(day=today.isoformat()),
        f"warehouse/claims/{name}.sql": QUERY,
        f"{fixture}/expected.yml": EXPECTED,
        f"{fixture}/nothing_known/evidence.csv": EVIDENCE,
        f"{fixture}/made_up_above/evidence.csv": EVIDENCE + MADE_UP.format(value=104),
        f"{fixture}/made_up_below/evidence.csv": EVIDENCE + MADE_UP.format(value=96),
    }
