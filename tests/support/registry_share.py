"""How many of the chat listings of the big developers have a model: `python tests/support/registry_share.py NEW OLD`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import polars as pl

from config.load import catalog
from transforms.prices.listing_keys import provider_of
from transforms.prices.model_names import alias_frame, model_of

BIG = ("openai", "anthropic", "google", "xai", "deepseek", "mistral", "meta", "alibaba")
MODES = ("chat", "responses")
FILE_DAY = 10  # a file's name begins with its day, YYYY-MM-DD


class Share(NamedTuple):
    """Chat listings of the big developers under their own name in one list of litellm's."""

    listings: int
    unmatched: tuple[str, ...]

    @property
    def matched(self) -> float:
        return 1 - len(self.unmatched) / self.listings


def shares(newest: Path, before: Path) -> tuple[Share, Share]:
    """(all listings of the newest list, those that the list before had not)."""
    day, old = date.fromisoformat(newest.name[:FILE_DAY]), json.loads(before.read_bytes()).keys()
    listed = pl.DataFrame(list(_listed(newest)), schema=["name", "provider"], orient="row").with_columns(
        source=pl.lit("litellm_prices"), on=pl.lit(day)
    )
    held = listed.with_columns(model_of(listed, alias_frame(catalog())).alias("model"))
    return _share(held), _share(held.filter(~pl.col("name").is_in(list(old))))


def _listed(path: Path) -> Iterator[tuple[str, str]]:
    for name, entry in json.loads(path.read_bytes()).items():
        seller = provider_of(name, entry.get("litellm_provider"))
        if entry.get("mode") in MODES and seller in BIG:
            yield name, seller


def _share(listed: pl.DataFrame) -> Share:
    return Share(listed.height, tuple(listed.filter(pl.col("model").is_null())["name"].sort()))


if __name__ == "__main__":
    for title, one in zip(("all", "new"), shares(Path(sys.argv[1]), Path(sys.argv[2])), strict=True):
        held = f"{one.listings - len(one.unmatched)} of {one.listings}, {one.matched:.1%}"
        sys.stdout.write(f"{title}: {held}; not: {' '.join(one.unmatched)}\n")
