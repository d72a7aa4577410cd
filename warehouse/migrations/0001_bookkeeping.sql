-- The store's own bookkeeping. The fact tables are generated from config/contracts.py.
CREATE TABLE capture (
    source VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    sha256 VARCHAR NOT NULL,
    taken_at TIMESTAMP NOT NULL,
    taken_at_basis VARCHAR NOT NULL,
    fetched_at TIMESTAMP NOT NULL,
    logged_at TIMESTAMP NOT NULL,
    origin VARCHAR NOT NULL,
    url VARCHAR NOT NULL,
    size BIGINT NOT NULL,
    http_status INTEGER NOT NULL,
    headers VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    rows_stated BIGINT NOT NULL,
    rows_added BIGINT NOT NULL,
    rows_quarantined BIGINT NOT NULL
);

CREATE TABLE issue (
    source VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    capture_sha256 VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    severity VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    locator VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    first_seen_at TIMESTAMP NOT NULL
);
