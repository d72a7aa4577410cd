-- What the models on a board cost on each of its days. A day that has ended is settled, except by what reaches back to it: a
-- document that tells of days before, a name that meant another model, a price its seller closed. So a model is priced once for
-- each span between two such turns, by model_price_in_force itself (Stage.add_board_prices), and an as-of question only filters.
CREATE TABLE history.board_price AS
SELECT *, NULL::TIMESTAMP AS answers_from, NULL::TIMESTAMP AS answers_through
FROM model_price_in_force(NULL::DATE[], DATE '9998-12-31') LIMIT 0;

-- The days that are priced, each from its end on, or from when some board was known before it.
CREATE TABLE history.board_price_day (day DATE, answers_from TIMESTAMP);

-- Strict answers are of what was loaded here, which is asked seldom: they are worked out.
CREATE MACRO board_price_as_of(t, strict := false) AS TABLE
    SELECT * EXCLUDE (answers_from, answers_through) FROM history.board_price
    WHERE NOT strict AND as_of_instant(t) BETWEEN answers_from AND answers_through
    UNION ALL BY NAME
    FROM model_price_in_force((SELECT list(day) FROM history.board_price_day WHERE answers_from <= as_of_instant(t)), t, strict := strict, undeclared := true)
    WHERE strict;
