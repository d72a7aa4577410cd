"""Addresses that show today's state of a list or repository: what was read there is held by the capture alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import polars as pl

from config.load import catalog

# A branch instead of a commit, or a whole repository.
BRANCH = re.compile(
    r"https://(?:github\.com/[^/]+/[^/]+/?$|huggingface\.co/(?:spaces|datasets)/[^/]+/[^/]+/?$|"
    r".*/(?:blob|raw|tree|resolve)/(?:main|master|HEAD)/|raw\.githubusercontent\.com/[^/]+/[^/]+/(?:main|master|HEAD)/)"
)
PINNED = "/Archives/edgar/"  # what is filed stays as it is
DIGEST = r":([0-9a-f]{12}):"


@cache
def moves(address: str) -> bool:
    """Whether the address shows a list as it stands today: a branch, a repository, or what a source is fetched from."""
    return bool(BRANCH.match(address)) or any(pattern.fullmatch(address) for pattern in _lists())


@cache
def _lists() -> tuple[re.Pattern[str], ...]:
    """The addresses of lists that are fetched again and again, each {part} standing for anything."""
    found = {
        one
        for source in catalog().sources.values()
        for one in (*source.addresses, source.homepage)
        if one and PINNED not in one
    }
    return tuple(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(one))) for one in sorted(found))


def hosts(frame: pl.DataFrame) -> dict[str, str]:
    """The sites that rows lead to, by their names with hyphens for dots: so documents of the press are called."""
    if "source_url" not in frame.columns:
        return {}
    found = (
        frame["source_url"].cast(pl.String).str.extract(r"^https?://(?:www\.)?([\w.-]+)").drop_nulls().unique().sort()
    )
    return {host.replace(".", "-"): host for host in found}


def captures(frame: pl.DataFrame, evidence: str, days: Mapping[str, str]) -> dict[str, str]:
    """The day of each capture, by twelve digits of its digest, that rows with a moving address rest on."""
    if not {"source_url", evidence} <= set(frame.columns):
        return {}
    addresses = [one for one in frame["source_url"].drop_nulls().unique() if moves(one)]
    moving = frame.filter(pl.col("source_url").is_in(addresses))
    digests = moving[evidence].str.extract(DIGEST).drop_nulls().unique().sort()
    return {digest: days[digest] for digest in digests if digest in days}
