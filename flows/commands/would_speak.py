"""What a price list would take over once it is loaded: asked before, since a list of a better tier silences others."""

from __future__ import annotations

from datetime import UTC, date, datetime

from config.errors import Refused
from config.load import catalog
from config.settings import Settings
from config.specs import SourceSpec
from warehouse.home.layout import Home
from warehouse.published.swap import open_published

# Who speaks for each seller's listings, and how it stands, as token_price_in_force ranks the lists.
STANDING = """
    WITH observed AS (
        SELECT source, max(taken_at) AS at FROM history.capture
        WHERE outcome IN ('loaded', 'unchanged') AND taken_at < $day + INTERVAL 1 DAY GROUP BY source
    )
    SELECT
        p.provider, p.currency, s.source, s.interface_of IS NOT DISTINCT FROM p.provider AS own,
        o.at < $day - to_days(s.stale_after_days) AS stale, s.tier, date_diff('day', CAST(o.at AS DATE), $day) > 31 AS old, s.source_order,
        count(DISTINCT p.listing) AS listings
    FROM token_price_on($day) AS p
    INNER JOIN history.source AS s USING (source)
    INNER JOIN observed AS o USING (source)
    WHERE s.kind = 'snapshot' AND s.tier > 1 AND list_has_any(s.covers, ['*', p.provider])
    GROUP BY ALL ORDER BY p.provider, p.currency, s.source"""


def would_speak(settings: Settings, source: str, today: date | None = None) -> list[str]:
    """A line for each seller whose listings the source, looked at today (UTC), would speak for in place of another list.

    Read from the newest published file; the source itself need not have been loaded. Raises Refused for what is no price list.
    """
    spec = catalog().sources.get(source)
    if spec is None or spec.dataset != "token_price" or spec.kind != "snapshot":
        raise Refused(
            f"{source} is no declared price list", place="config/sources", remedy="name one: capex-signals sources"
        )
    if spec.tier == 1:
        useless = [f"{source}: a seller's own page covers nothing: `covers` has no effect in tier 1"]
        own = f"{source}: a seller's own page (tier 1) speaks for each price it states, before every list, and silences no list"
        return [own, *(useless if spec.covers else [])]
    with open_published(Home.open(settings.home)) as published:
        rows = published.execute(STANDING, {"day": today or datetime.now(UTC).date()}).fetchall()
        sellers = {
            provider for (provider,) in published.execute("SELECT DISTINCT provider FROM token_price").fetchall()
        }
    lines = [
        f"{provider}: {listings:,} listings in {currency} that {speaking} speaks for now"
        for provider, currency, speaking, own, stale, tier, old, order, listings in rows
        if speaking != source and _goes_before(spec, provider, own=own, standing=(stale, tier, old, order))
    ]
    unknown = [
        f"{seller}: covered, and no source has a price of a seller of this name"
        for seller in spec.covers
        if seller not in {"*", *sellers}
    ]
    first = (
        f"{source} would speak alone for what it covers, where it is kept up and has a tenth of what others list or more; what it "
        "does not list then has no price:"
        if lines
        else f"{source}: takes over nobody's listings; its prices count where no list that covers the seller has one"
    )
    return [first, *lines, *unknown]


def _goes_before(spec: SourceSpec, provider: str, *, own: bool, standing: tuple[bool, int, bool, int]) -> bool:
    """Whether the list, fresh, goes before one that stands so: stale, tier, not looked at for a month, order."""
    if not {"*", provider} & set(spec.covers):
        return False
    stale = standing[0]
    return spec.interface_of == provider or ((not own or stale) and (False, spec.tier, False, spec.order) < standing)
