-- Every change of a verdict by today's code, and what in the evidence had changed.
SELECT claim_id, as_of AS observed_on, verdict_before, verdict, cause, statistic, statistic_unit, n, as_of AS from_on
FROM verdict_flip
WHERE told_by_code = 'today' AND verdict_before IS NOT NULL
ORDER BY as_of DESC, claim_id
