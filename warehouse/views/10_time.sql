-- A DATE or a date-only text means the end of that UTC day; anything longer is an instant, in UTC where it names no
-- zone. DuckDB would drop an offset in a text and turn a TIMESTAMPTZ into the session's local time: both could look ahead.
CREATE MACRO as_of_instant(t) AS
    CASE
        WHEN t IS NULL THEN error('the as-of time is NULL: give a day or an instant')
        WHEN length(trim(CAST(t AS VARCHAR))) <= 10
            THEN CAST(CAST(trim(CAST(t AS VARCHAR)) AS DATE) AS TIMESTAMP) + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND
        WHEN regexp_matches(substr(trim(CAST(t AS VARCHAR)), 11), '([+-][0-9:]+|[A-Za-z/_]+)$')
            THEN make_timestamp(epoch_us(CAST(trim(CAST(t AS VARCHAR)) AS TIMESTAMPTZ)))
        ELSE CAST(trim(CAST(t AS VARCHAR)) AS TIMESTAMP)
    END;

-- A verdict is of a whole UTC day: one counts once its day has ended.
CREATE MACRO as_of_day(t) AS CAST(as_of_instant(t) + INTERVAL 1 MICROSECOND AS DATE) - 1;

-- What the plain views stand at: SET VARIABLE as_of moves them all.
CREATE MACRO as_of_now() AS coalesce(CAST(getvariable('as_of') AS VARCHAR), '9998-12-31');

CREATE MACRO evidence_name(source, sha, place) AS source || ':' || left(sha, 12) || ':' || place;

-- Months (of 365.25 / 12 days) by which one side leads: positive since when own has had what the others have now,
-- negative since when the others have had what own has now.
CREATE MACRO lead_in_months(day, ahead, own_since, other_since) AS
    CASE WHEN ahead THEN date_diff('day', own_since, day) ELSE -date_diff('day', other_since, day) END / 30.4375;

-- A name that is one of those declared, or an error that says where they stand: a slip of the pen is no empty answer.
CREATE MACRO declared_name(name, declared, place) AS
    CASE WHEN name IS NULL OR list_contains(declared, name) THEN name
        ELSE error(concat('nothing is called ', name, ' in ', place, ': FROM ', place, ' lists the names')) END;

-- Of two copies of a day the one with scores goes before the one with ranks alone.
CREATE MACRO score_missing(own, other) AS coalesce(own, other) IS NULL;

-- A number for a sentence: six digits, with the separators of thousands.
CREATE MACRO short_number(x) AS regexp_replace(format('{:,}', CASE WHEN abs(x) >= 1000 THEN round(x) ELSE round(x, 4) END), '[.]0$', '');
