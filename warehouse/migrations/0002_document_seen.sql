-- Which captures showed which day of a board: what says nothing new adds no row, and must still end what came between.
CREATE TABLE document_seen (
    source VARCHAR NOT NULL,
    scope VARCHAR NOT NULL,
    document_id VARCHAR NOT NULL,
    captured_at TIMESTAMP NOT NULL,
    capture_sha256 VARCHAR NOT NULL
);
