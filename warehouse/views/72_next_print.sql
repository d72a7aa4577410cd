-- As of a day, but never beyond the publication: nobody knows yet what came after it.
CREATE MACRO next_print_as_of(t, strict := false) AS TABLE
    FROM print_expected((SELECT least(as_of_instant(t), published_at) FROM history.meta), strict := strict);

CREATE VIEW next_print AS FROM next_print_as_of(as_of_now());
