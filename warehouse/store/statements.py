"""What documents say, and since when: the rows of statement sources as they are read from the store.

The store holds what each capture of a document stated (`append_statements`). Three rules make answers of it:

- The first statement of a document is known from the document's own date, what a later capture shows in its place from that
  capture. A document's own date is not believed where it cannot be true (`unbelieved`); it then counts from the capture, too.
- What a whole capture leaves out is withdrawn. A part of a document withdraws nothing: where a source hands over its whole
  document each time, a capture is whole with nine tenths of the rows of the fullest one before it; a file that a person keeps
  here is whole whatever it holds.
- Of two documents the later one speaks. What a capture changes in a document becomes a row where it changes the answer: a
  figure mended in an old filing never hides the restatement in a newer one, which comes back when it alone is left. Announced
  prices are kept document by document: days follow one another there, and the price book settles which document speaks.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.contracts import COMPANY_FACT, TOKEN_PRICE, Dataset
from warehouse.store.append import ABSENCE, UNLISTED, group_of, listed

WHOLE_SHARE = 0.9
# Facts of a filing appear among the company's facts within days.
LATEST_FACTS_DAYS = 7
SHOWN = "capture"  # known_at_basis of what counts from the capture that shows it


def statements(
    dataset: Dataset, table: str, whole: Sequence[str], filed: Sequence[str], snapshots: Sequence[str]
) -> str:
    """SELECT of the rows of statement sources, each known from the instant from which it is the answer.

    `whole`: sources whose captures are whole documents; `filed`: those whose documents stand in a list of filings.
    """
    names = [
        column.name
        for column in dataset.columns
        if column.name not in ("known_at", "known_at_basis", "captured_at", "capture_sha256")
    ]
    stated = f"source NOT IN {literal(snapshots)}"
    group, key = listed(group_of(dataset)), struct(series_of(dataset))
    apart = " OR ".join(f"min({name}) < max({name})" for name in ("captured_at", "capture_sha256", "scope"))
    columns = listed(tuple(f"t.{name}" for name in names))
    gone = {name: f"NULL AS {name}" for name in (*dataset.payload, "value_exact") if name != "status"}
    told_gone = "status = 'absent'"
    if ABSENCE in dataset.payload:  # a document may state itself that a price ended
        gone[ABSENCE], told_gone = f"'{UNLISTED}' AS {ABSENCE}", f"{ABSENCE} IS NOT DISTINCT FROM '{UNLISTED}'"
    ended = listed(tuple({**{name: f"t.{name}" for name in names}, **gone, "status": "'absent' AS status"}.values()))
    return f"""
        WITH unbelieved AS ({unbelieved(dataset, table, whole, filed)}),
        taken AS ({_captures(table, whole)}),
        several AS (
            SELECT DISTINCT source, {key} AS k FROM (
                SELECT source, {listed(series_of(dataset))} FROM {table} WHERE {stated} GROUP BY source, {group} HAVING {apart}
                UNION ALL SELECT source, {listed(series_of(dataset))} FROM {table} WHERE rowid IN (SELECT place FROM unbelieved))
        ),
        said AS (
            SELECT t.rowid AS place, source, scope, {key} AS k, document_id AS d, form_rank AS f, known_at,
                ROW(captured_at, capture_sha256, scope) AS shown_at, captured_at, capture_sha256, {struct(dataset.payload)} AS says,
                {told_gone} AS gone, ROW(known_at, form_rank, decimals, document_id, locator) AS rank
            FROM {table} t WHERE {stated} AND (source, {key}) IN (SELECT (source, k) FROM several)
        ),
        {_turns()},
        {_standing("standing", "<=")},
        {_standing("standing_before", "<")}
        SELECT {columns}, t.known_at, t.known_at_basis, t.captured_at, t.capture_sha256 FROM {table} t
            WHERE {stated} AND (source, {key}) NOT IN (SELECT (source, k) FROM several)
        UNION ALL BY NAME
        SELECT {columns}, t.known_at, t.known_at_basis, t.captured_at, t.capture_sha256
            FROM {table} t INNER JOIN state ON t.rowid = place WHERE NOT late
        UNION ALL BY NAME
        SELECT {columns}, a.since AS known_at, '{SHOWN}' AS known_at_basis, t.captured_at, t.capture_sha256
            FROM standing a LEFT JOIN standing_before b USING (source, k, since) INNER JOIN {table} t ON t.rowid = a.answer
            ANTI JOIN state f ON f.place = a.answer AND f.since = a.since AND NOT f.late
            WHERE a.answer IS DISTINCT FROM b.answer
        UNION ALL BY NAME
        SELECT {ended}, a.since AS known_at, '{SHOWN}' AS known_at_basis, a.ended_at[1] AS captured_at, a.ended_at[2] AS capture_sha256
            FROM standing a INNER JOIN standing_before b USING (source, k, since) INNER JOIN {table} t ON t.rowid = b.answer
            WHERE a.answer IS NULL AND b.answer IS NOT NULL"""


def series_of(dataset: Dataset) -> tuple[str, ...]:
    """What the statements of one series share: all documents together, but of prices each document alone."""
    return (*dataset.key, "document_id") if dataset is TOKEN_PRICE else dataset.key


def unbelieved(dataset: Dataset, table: str, whole: Sequence[str], filed: Sequence[str]) -> str:
    """SELECT place (the row's id) and reason of each figure whose filing date cannot be true: before the end of its period,
    earlier than the list of filings has it, or of a filing which the list does not have and earlier captures did not show.
    """
    if dataset is not COMPANY_FACT:
        return "SELECT NULL AS place, NULL AS reason WHERE false"
    schema = table.rpartition(".")[0]
    filing, capture = (f"{schema}.{name}".lstrip(".") for name in ("filing", "capture"))
    return f"""
        WITH fetched AS (SELECT DISTINCT source, scope, sha256 FROM {capture} WHERE origin <> 'starter'),
        list AS (SELECT company, accession, max(filed_on) AS filed_on FROM {filing} WHERE status <> 'absent' GROUP BY ALL),
        span AS (
            SELECT f.company, min(f.filed_on) AS since FROM {filing} f SEMI JOIN fetched c
                ON c.source = f.source AND c.scope = f.scope AND c.sha256 = f.capture_sha256 GROUP BY f.company
        ),
        first_shown AS (
            SELECT source, scope, document_id, min(captured_at) AS captured_at, min(known_at) AS known_at
            FROM {table} WHERE source IN {literal(filed)} AND status <> 'absent' GROUP BY ALL
        ),
        came_late AS (
            SELECT DISTINCT d.source, d.scope, d.document_id FROM first_shown d
            INNER JOIN ({_captures(table, whole)}) b ON b.source = d.source AND b.scope = d.scope AND b.whole AND b.live
                AND b.taken_at < d.captured_at AND b.taken_at > d.known_at + INTERVAL {LATEST_FACTS_DAYS} DAY
        )
        SELECT t.rowid AS place, CASE
                WHEN t.period_end > CAST(t.known_at AS DATE) THEN 'filed before its period ended'
                WHEN l.filed_on > CAST(t.known_at AS DATE) THEN 'filed earlier than the list of filings has it'
                ELSE 'of a filing that no list has and no earlier capture showed'
            END AS reason
        FROM {table} t
        LEFT JOIN list l ON l.company = t.company AND l.accession = t.document_id
        LEFT JOIN span s ON s.company = t.company
        LEFT JOIN came_late n ON n.source = t.source AND n.scope = t.scope AND n.document_id = t.document_id
        WHERE t.source IN {literal(filed)} AND t.status <> 'absent' AND t.known_at < t.captured_at
            AND (t.period_end > CAST(t.known_at AS DATE) OR l.filed_on > CAST(t.known_at AS DATE)
                OR (n.document_id IS NOT NULL AND l.accession IS NULL AND s.since <= CAST(t.known_at AS DATE)))"""


def _captures(table: str, whole: Sequence[str]) -> str:
    """The captures of whole documents: whether each is whole, and the first whole one from it on."""
    capture = f"{table.rpartition('.')[0]}.capture".lstrip(".")
    following = (
        "(PARTITION BY source, scope ORDER BY taken_at, sha256 ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)"
    )
    return f"""
        SELECT *, min(CASE WHEN whole THEN ROW(taken_at, sha256, scope) END) OVER {following} AS whole_at FROM (
            SELECT *, entered OR rows >= {WHOLE_SHARE} * coalesce(max(rows) OVER (PARTITION BY source, scope
                ORDER BY taken_at, sha256 ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS whole
            FROM (
                SELECT DISTINCT source, scope, taken_at, sha256,
                    bool_or(origin <> 'starter') OVER same AS live, bool_or(origin = 'entered') OVER same AS entered, max(rows_stated) OVER same AS rows
                FROM {capture} WHERE outcome <> 'refused' AND source IN {literal(whole)}
                WINDOW same AS (PARTITION BY source, scope, sha256)))"""


def _turns() -> str:
    """Each document's states (`state`), from when each counts, and the instants at which an answer may change (`instant`)."""
    return """
        heard AS (
            SELECT source, scope, k, d, f, shown_at, captured_at, capture_sha256, bool_and(gone) AS gone,
                list(says ORDER BY says) AS says
            FROM said GROUP BY ALL
        ),
        counted AS (
            SELECT h.*, CASE WHEN h.gone THEN c.whole_at ELSE h.shown_at END AS since_at,
                lead(h.shown_at) OVER (PARTITION BY h.source, h.scope, k, d, f ORDER BY h.shown_at) AS next_at
            FROM heard h
            LEFT JOIN taken c ON c.source = h.source AND c.scope = h.scope AND c.taken_at = h.captured_at
                AND c.sha256 = h.capture_sha256
        ),
        turn AS (
            SELECT *, min(since_at) OVER (PARTITION BY source, k, d, f) AS first_at FROM (
                SELECT * FROM counted WHERE NOT gone OR (since_at IS NOT NULL AND (next_at IS NULL OR since_at < next_at))
                WINDOW w AS (PARTITION BY source, k, d, f ORDER BY since_at)
                QUALIFY CASE WHEN row_number() OVER w = 1 THEN NOT gone ELSE says IS DISTINCT FROM lag(says) OVER w END)
        ),
        state AS (
            SELECT s.place, s.source, s.k, s.d, s.f, t.since_at, t.gone, s.rank,
                t.since_at <> t.first_at OR u.place IS NOT NULL AS late,
                CASE WHEN late THEN greatest(s.known_at, t.since_at[1]) ELSE s.known_at END AS since
            FROM turn t INNER JOIN said s ON s.source = t.source AND s.k = t.k AND s.d = t.d AND s.f = t.f AND s.shown_at = t.shown_at
            LEFT JOIN unbelieved u ON u.place = s.place
        ),
        instant AS (SELECT DISTINCT source, k, since FROM state WHERE late)"""


def _standing(name: str, before: str) -> str:
    """At each event the place of the row that answers among all documents that stand; and which capture ended the last one."""
    return f"""
        {name} AS (
            SELECT source, k, since, arg_max(place, rank) FILTER (NOT gone) AS answer, max(since_at) FILTER (gone) AS ended_at
            FROM (
                SELECT e.source, e.k, e.since, s.place, s.rank, s.gone, s.since_at
                FROM instant e INNER JOIN state s ON s.source = e.source AND s.k = e.k AND s.since {before} e.since
                QUALIFY rank() OVER (PARTITION BY e.source, e.k, e.since, s.d, s.f ORDER BY s.since_at DESC) = 1)
            GROUP BY ALL)"""


def struct(names: Sequence[str]) -> str:
    """The named columns as one value; within it NULL equals NULL."""
    return f"ROW({listed(tuple(names))})"


def literal(names: Sequence[str]) -> str:
    """Names as SQL lists texts."""
    return "(" + ", ".join(f"'{name}'" for name in [*names, ""]) + ")"
