"""What a price list would take over once it is loaded: asked before, since a list of a better tier silences others."""

from __future__ import annotations

from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from warehouse.home.layout import Home
from warehouse.published.swap import open_published

STANDING = """
    SELECT p.provider, s.source, s.tier, s.source_order, s.interface_of IS NOT DISTINCT FROM p.provider AS own, count(DISTINCT p.listing) AS listings
    FROM token_price_on(CAST(now() AS DATE)) AS p INNER JOIN history.source AS s USING (source)
    WHERE s.kind = 'snapshot' AND s.tier > 1
    GROUP BY ALL ORDER BY p.provider, s.source"""


def would_speak(settings: Settings, source: str) -> list[str]:
    """A line for each seller whose listings the source would speak for in place of another list, fewest words last.

    Read from the newest published file; the source itself need not have been loaded. Raises Refused for what is no price list.
    """
    spec = catalog().sources.get(source)
    if spec is None or spec.dataset != "token_price" or spec.kind != "snapshot":
        raise Refused(
            f"{source} is no declared price list", place="config/sources", remedy="name one: capex-signals sources"
        )
    if spec.tier == 1:
        return [f"{source}: a seller's own page (tier 1) speaks for each price it states, and silences no list"]
    with open_published(Home.open(settings.home)) as published:
        rows = published.sql(STANDING).fetchall()
    lines = []
    for provider, speaking, tier, order, own, listings in rows:
        covers = "*" in spec.covers or provider in spec.covers
        before = spec.interface_of == provider or (not own and (spec.tier, spec.order) < (tier, order))
        if speaking != source and covers and before:
            lines.append(f"{provider}: {listings:,} listings that {speaking} speaks for now")
    if not lines:
        return [
            f"{source}: takes over nobody's listings; its prices count where no list that covers the seller has one"
        ]
    return [f"{source} would speak alone for what it covers, where it is kept up:", *lines]
