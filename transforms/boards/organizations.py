"""Whose entrant it is: the canonical organisation of a leaderboard row, by config/organizations.yml.

A spelling is matched trimmed and without regard to case, otherwise exactly. Where the board states an organisation,
only that counts; where it states none, the entrant's own name is looked up, first among the entrants named there, then
among the aliases of config/models.yml, whose developer it then is. A laboratory that is stated and that nobody declared is
another than every declared one, under the kebab of its name, unless the name looks like a spelling of a declared one (it
holds one, or lies in one) or names several: then, and where nothing is stated and nothing matches, there is no
organisation. `unmatched_organizations` lists all of them.
"""

from __future__ import annotations

import re
import unicodedata

import polars as pl

from config.errors import Refused
from config.specs import Catalog, Title
from transforms.prices.model_names import alias_frame, model_of

STATED, ENTRANT = "organization", "entrant"
SEVERAL = re.compile(r"[,/;&+、，；]| and ")
SHORTEST, SHORTEST_IN_OTHER_SCRIPTS = 3, 2  # a shorter spelling lies in too many names


def spellings(catalog: Catalog) -> pl.DataFrame:
    """kind ('organization' as stated, or 'entrant'), name (trimmed, lower case), organization (canonical id).

    Refused if one name stands for two organisations.
    """
    rows = {
        (kind, name.strip().lower(), organization.id)
        for organization in catalog.organizations.values()
        for kind, names in ((STATED, organization.names), (ENTRANT, organization.entrants))
        for name in names
    }
    table = pl.DataFrame(
        sorted(rows), orient="row", schema={"kind": pl.String, "name": pl.String, "organization": pl.String}
    )
    if twice := table.filter(pl.struct("kind", "name").is_duplicated())["name"].unique().sort().to_list():
        raise Refused(
            f"names of two organisations: {', '.join(twice)}",
            place="config/organizations.yml",
            remedy="leave each name with one",
        )
    return table


def title_frame(catalog: Catalog) -> pl.DataFrame:
    """organization, title, valid_from, valid_to (the first day after): what each called itself when."""
    rows = [
        (organization.id, title.name, title.valid_from, title.valid_to)
        for organization in catalog.organizations.values()
        for title in organization.titles or (Title(name=organization.names[0], valid_from=None, valid_to=None),)
    ]
    schema = {"organization": pl.String, "title": pl.String, "valid_from": pl.Date, "valid_to": pl.Date}
    return pl.DataFrame(rows, orient="row", schema=schema).sort("organization", "valid_from", nulls_last=False)


def attribute(scores: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The same rows with the canonical organisation in place of the stated one, or the kebab of an undeclared one's name;
    NULL where it is not known.

    Takes organization and entrant, and for the aliases of models source and scored_on.
    """
    table = spellings(catalog)
    by_name = {
        kind: dict(table.filter(pl.col("kind") == kind).select("name", "organization").iter_rows())
        for kind in (STATED, ENTRANT)
    }
    stated, entrant = _folded(STATED), _folded(ENTRANT)
    developers = _developers(scores, catalog)
    return scores.with_columns(
        organization=pl.when(stated != "").then(
            _looked_up(stated, by_name[STATED] | _undeclared(scores, by_name[STATED]))
        ).otherwise(
            pl.coalesce(_looked_up(entrant, by_name[ENTRANT]), developers)
        )
    )  # fmt: skip


def _undeclared(scores: pl.DataFrame, declared: dict[str, str]) -> dict[str, str]:
    """The stated names (folded) of laboratories that are surely none of the declared ones -> their kebab."""
    known = {letters for name in declared for letters in _letters(name)}
    found = {}
    for name in scores.select(_folded(STATED)).to_series().unique().to_list():
        letters = _letters(name)
        alike = any(spelling in one or one in spelling for spelling in known for one in letters)
        if letters and name not in declared and not alike and not SEVERAL.search(name):
            found[name] = re.sub(r"[\W_]+", "-", name).strip("-")
    return found


def _letters(name: str) -> set[str]:
    """What tells one name from others: its letters and digits, in any script and of the Latin one alone; none that lies in too many names."""
    plain = unicodedata.normalize("NFKC", name)
    forms = {re.sub(r"[\W_]", "", plain), re.sub(r"[^a-z0-9]", "", plain)}
    return {form for form in forms if len(form) >= (SHORTEST if form.isascii() else SHORTEST_IN_OTHER_SCRIPTS)}


def _developers(scores: pl.DataFrame, catalog: Catalog) -> pl.Series:
    """The developer of the model an entrant of no stated organisation is, where its name is an alias of one."""
    if not {"source", "scored_on"} <= set(scores.columns):
        return pl.Series([None], dtype=pl.String).new_from_index(0, scores.height)
    blank = scores.select(_folded(STATED) == "").to_series()
    named = scores.select(name=pl.when(blank).then(pl.col(ENTRANT)), source="source", on="scored_on")
    developers = {model.id: model.developer for model in catalog.models.values()}
    return model_of(named, alias_frame(catalog)).replace_strict(developers, default=None, return_dtype=pl.String)


def unmatched_organizations(scores: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """What config/organizations.yml does not know: organization as stated, entrant, rows; most rows first.

    Takes rows as stated. The entrant is given only where no organisation is stated.
    """
    known = attribute(scores, catalog)[STATED].is_in(list(catalog.organizations)).fill_null(False)
    unknown = scores.filter(~known).select(STATED, ENTRANT)
    blank = _folded(STATED) == ""
    return (
        unknown.select(organization=pl.when(~blank).then(pl.col(STATED)), entrant=pl.when(blank).then(pl.col(ENTRANT)))
        .group_by("organization", "entrant")
        .agg(rows=pl.len())
        .sort("rows", "organization", "entrant", descending=[True, False, False])
    )


def _folded(name: str) -> pl.Expr:
    return pl.col(name).fill_null("").str.strip_chars().str.to_lowercase()


def _looked_up(name: pl.Expr, organizations: dict[str, str]) -> pl.Expr:
    return name.replace_strict(organizations, default=None, return_dtype=pl.String)
