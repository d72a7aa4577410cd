"""The entry of a new model in config/models.yml as text: its names as the lists write them, its evidence as remarks."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from config.errors import Refused

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9._/-]*")


class Listing(NamedTuple):
    """One name without a model in one list; prices are USD per million tokens, None where the list states none."""

    listing: str
    provider: str
    source: str
    first_on: date
    is_listed: bool
    first_party: bool
    input_usd_per_mtok: float | None
    output_usd_per_mtok: float | None


def model_id(listing: str) -> str:
    """The id a listing's name makes: without what lists put before it, in lower-case kebab."""
    return re.sub(r"[^a-z0-9]+", "-", listing.rpartition("/")[2].lower()).strip("-")


def new_model(named: str, listings: Sequence[Listing]) -> str:
    """The entry of the model that these listings of one id name. Raises Refused where there is none.

    The developer is the one that sells it under its own name. released_on is left out: a first sighting is no release.
    """
    found = sorted(one for one in listings if model_id(one.listing) == model_id(named))
    if not found:
        raise Refused(f"no listing without a model is named {named!r}", remedy="`capex-signals new model` lists them")
    developer = next((one.provider for one in found if one.first_party), None)
    lines = [f"# entered from {len(found)} listings; released_on only where payloads agree on the day"]
    lines += [f"#   {_evidence(one)}" for one in found]
    lines += [f"{model_id(named)}:", f"  developer: {developer or 'TODO'}", "  aliases:"]
    lines += [f"    - {{name: {_written(name)}}}" for name in dict.fromkeys(one.listing for one in found)]
    return "\n".join(lines) + "\n"


def _evidence(one: Listing) -> str:
    prices = " / ".join("-" if value is None else f"{value:g}" for value in one[-2:])
    gone = "" if one.is_listed else ", gone"
    return f"{one.provider} {one.listing} ({one.source}): since {one.first_on}, {prices} USD a million{gone}"


def _written(name: str) -> str:
    return name if _PLAIN.fullmatch(name) else json.dumps(name, ensure_ascii=False)
