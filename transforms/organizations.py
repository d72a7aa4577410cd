"""Whose entrant it is: the canonical organisation of a leaderboard row, by config/organizations.yml.

A spelling is matched trimmed and without regard to case, otherwise exactly. Where the board states an organisation,
only that counts; where it states none, the entrant's own name is looked up. Nothing is guessed: what matches nothing
has no organisation, and `unmatched_organizations` lists it.
"""

from __future__ import annotations

import polars as pl

from config.errors import Refused
from config.specs import Catalog

STATED, ENTRANT = "organization", "entrant"


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


def attribute(scores: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """The same rows with the canonical organisation in place of the stated one; NULL where it is not known."""
    table = spellings(catalog)
    by_name = {
        kind: dict(table.filter(pl.col("kind") == kind).select("name", "organization").iter_rows())
        for kind in (STATED, ENTRANT)
    }
    stated, entrant = _folded(STATED), _folded(ENTRANT)
    return scores.with_columns(
        organization=pl.when(stated != "").then(_looked_up(stated, by_name[STATED])).otherwise(
            _looked_up(entrant, by_name[ENTRANT])
        )
    )  # fmt: skip


def unmatched_organizations(scores: pl.DataFrame, catalog: Catalog) -> pl.DataFrame:
    """What attribute() leaves without an organisation: organization as stated, entrant, rows; most rows first.

    Takes rows as stated. The entrant is given only where no organisation is stated.
    """
    unknown = scores.select(STATED, ENTRANT).filter(attribute(scores, catalog)[STATED].is_null())
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
