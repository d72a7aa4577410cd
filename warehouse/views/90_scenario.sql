-- Calculators, not facts: the arithmetic of transforms/claims/scenarios.py, for any numbers. Per 100 spent, at the end of years.
CREATE MACRO net_present_value(spent, yearly, rate, life, lead) AS
    spent * yearly * CASE WHEN rate = 0 THEN life ELSE (1 - (1 + rate) ** (-life)) / rate END * (1 + rate) ** (-lead) - spent;

CREATE MACRO scenario_long_or_short(
    rate := 0.08, long_return := 0.20, long_life := 15, long_lead := 2.5, short_return := 0.40, short_life := 5, short_lead := 0.5
) AS TABLE
    SELECT
        'scenario' AS status,
        net_present_value(100, long_return, rate, long_life, long_lead) AS npv_long,
        net_present_value(100, short_return, rate, short_life, short_lead) AS npv_short,
        2 * net_present_value(100, long_return, rate, long_life, long_lead) AS npv_long_of_200,
        (net_present_value(100, long_return, rate, long_life, long_lead) + 100) / (net_present_value(100, 1, rate, short_life, short_lead) + 100)
            AS short_return_at_tie,
        npv_short > npv_long AS short_is_worth_more;

CREATE MACRO scenario_mix(
    training_before := 0.6, training_after := 0.2, inference_yield := 1.2, training_yield := 1.0, fungibility := 0.9, openai_loss := 0, capacity := 100,
    leases_for_openai := 1
) AS TABLE
    SELECT
        'scenario' AS status,
        capacity * (training_before - training_after) AS freed,
        freed * fungibility * inference_yield AS gained,
        leases_for_openai * openai_loss + freed * training_yield AS given_up,
        given_up / (freed * inference_yield) AS fungibility_at_tie,
        gained > given_up AS pays;

CREATE MACRO scenario_forward_multiple(price := 400, multiple_now := 29, multiple_next := 26) AS TABLE
    SELECT
        'scenario' AS status, price / multiple_now AS earnings_now, price / multiple_next AS earnings_next,
        multiple_now / multiple_next - 1 AS implied_growth;

-- The two kinds of asset of calculator S-B over discount rates and lives of the short one.
CREATE VIEW scenario_map AS
SELECT r.rate, l.short_life, s.* EXCLUDE (status)
FROM (SELECT unnest([0.06, 0.08, 0.10, 0.12]) AS rate) AS r
CROSS JOIN (SELECT unnest([4, 5, 6]) AS short_life) AS l,
    LATERAL (
        SELECT
            net_present_value(100, 0.20, r.rate, 15, 2.5) AS npv_long,
            net_present_value(100, 0.40, r.rate, l.short_life, 0.5) AS npv_short,
            (net_present_value(100, 0.20, r.rate, 15, 2.5) + 100) / (net_present_value(100, 1, r.rate, l.short_life, 0.5) + 100) AS short_return_at_tie,
            'scenario' AS status
    ) AS s
ORDER BY r.rate, l.short_life;
