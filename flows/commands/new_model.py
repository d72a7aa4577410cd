"""`capex-signals new model`: what has no model yet, and the entry that would give it one, read off the published file."""

from __future__ import annotations

from config.settings import Settings
from transforms.skeletons.model import Listing, model_id, new_model
from warehouse.home.layout import Home
from warehouse.published.swap import open_published

LISTED = """
    SELECT listing, provider, source, first_on, is_listed, first_party, input_usd_per_mtok, output_usd_per_mtok
    FROM unmatched_listing"""
SHOWN = 30


def propose(settings: Settings, named: str) -> str:
    """The entry of config/models.yml for a name without a model. Raises Refused where no list has the name."""
    return new_model(named, _listings(settings))


def unnamed(settings: Settings) -> list[str]:
    """A line for each name a developer sells itself and no model is entered for, the most wanted first."""
    wanted = dict.fromkeys(
        f"{one.provider} {model_id(one.listing)}" for one in _listings(settings) if one.first_party and one.is_listed
    )
    if not wanted:
        return ["every listing of the developers themselves has a model"]
    more = [f"and {len(wanted) - SHOWN} more: FROM unmatched_listing"] if len(wanted) > SHOWN else []
    return [*list(wanted)[:SHOWN], *more, "capex-signals new model NAME proposes an entry"]


def _listings(settings: Settings) -> list[Listing]:
    with open_published(Home.open(settings.home)) as published:
        return [Listing(*row) for row in published.sql(LISTED).fetchall()]
