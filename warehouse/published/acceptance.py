"""A filing that was accepted after its filing date counts from its acceptance, with every figure it states.

Stamps are no clock: one copy of a list ends one in 16:10Z, another in 20:10Z. So a stamp counts only where it is later
than 17:30 New York of the filing date in both readings, as UTC and as New York's time of the stamp's own day, and then as the
later of the two. What a capture shows was public by then, whatever the stamp says. A list without a stamp takes none back:
the newest that can be read counts for the filing in every list.
"""

from __future__ import annotations

import duckdb

BY_DATE = "filing_date_1730_new_york"
ACCEPTED = "acceptance"
LISTED = f"""
    UPDATE history.filing
    SET known_at = least(stamp AT TIME ZONE 'America/New_York' AT TIME ZONE 'UTC', shown_at), known_at_basis = '{ACCEPTED}'
    FROM (
        SELECT place, min(captured_at) OVER filed AS shown_at, arg_max(stamp, (captured_at, capture_sha256)) FILTER (stamp IS NOT NULL) OVER filed AS stamp
        FROM (
            SELECT rowid AS place, *, coalesce(
                try_cast(left(accepted_text, 19) AS TIMESTAMP), try_strptime(left(accepted_text, 14), '%Y%m%d%H%M%S')) AS stamp
            FROM history.filing)
        WINDOW filed AS (PARTITION BY company, accession)) AS read
    WHERE filing.rowid = place AND known_at_basis = '{BY_DATE}' AND stamp > known_at AND shown_at > known_at"""
STATED = f"""
    UPDATE history.company_fact
    SET known_at = accepted.known_at, known_at_basis = '{ACCEPTED}'
    FROM (
        SELECT company, accession, max(known_at) AS known_at
        FROM history.filing WHERE known_at_basis = '{ACCEPTED}' GROUP BY company, accession) AS accepted
    WHERE company_fact.company = accepted.company AND document_id = accession AND company_fact.known_at < accepted.known_at"""


def count_from_acceptance(connection: duckdb.DuckDBPyConnection) -> None:
    """Moves known_at of history.filing and history.company_fact to the acceptance where that came later."""
    connection.execute(LISTED)
    connection.execute(STATED)
