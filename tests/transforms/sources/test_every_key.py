"""No key of a price list is dropped in silence: it is read, declared as left, or told in an issue with its count."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from places import SHARED_DATA

from config.contracts import Capture, Parsed
from config.load import catalog
from transforms.prices import listing_keys
from transforms.sources import genai_prices, models_dev_prices

PRICES = SHARED_DATA / "prices"
LITELLM = PRICES / "recent/2026-11-20__litellm-1.110.2__model_prices_and_context_window_backup.json"
MODELS_DEV = PRICES / "models.dev/models.dev_2026-07-02.tar.gz"
GENAI = PRICES / "genai-prices/v2_data_2026-08-21.json"
pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not LITELLM.exists(), reason="../shared with the real payloads is not beside the checkout"),
]
COUNTED = re.compile(r"'(.+)' in ([0-9]+) (?:entries|prices|rules)")


def parsed(source: str, path: Path, day: str) -> Parsed:
    body, at = path.read_bytes(), datetime.fromisoformat(day)
    capture = Capture(source, "", "https://example.org", "0" * 64, len(body), at, at)
    found: Parsed = import_module(f"transforms.sources.{source}").parse(body, capture, catalog())
    return found


def told(found: Parsed) -> dict[str, int]:
    """Key -> the count an issue gives it."""
    matches = (COUNTED.fullmatch(issue.detail) for issue in found.issues if issue.reason == "unknown cost key")
    return {match[1]: int(match[2]) for match in matches if match}


def stood(entries: Iterable[dict[str, Any]]) -> Counter[str]:
    return Counter(key for entry in entries for key in entry)


def test_litellms_newest_list() -> None:
    body = json.loads(LITELLM.read_bytes())
    keys = stood(entry for entry in body.values() if isinstance(entry, dict))
    read = {key for key in keys if listing_keys.price_key(key) or key in listing_keys.READ}
    left = {key for key in keys.keys() - read if listing_keys.LEFT.fullmatch(key)}
    rest = keys.keys() - read - left
    assert {key: keys[key] for key in rest} == told(parsed("litellm_prices", LITELLM, "2026-11-20"))
    assert (len(keys), len(read), len(left), len(rest)) == (275, 121, 154, 0)


UPLIFTED = re.compile(r"(?:(above_\d+k)_)?(fedramp|regional|fast|region_[a-z0-9-]+?)(?:_(peak|off_peak))?")
PLAIN = re.compile(r"standard|(?:(above_\d+k)_?)?(peak|off_peak)?")
SERVICE = re.compile(r"(?:.+_)?(?:batch(?:es)?|flex|priority|ultrafast|balanced|decisions)")
UPLIFTS = ("fedramp_uplift_multiplier", "regional_endpoint_uplift_multiplier", "regional_processing_uplift_multiplier_eu",
           "regional_processing_uplift_multiplier_us")  # fmt: skip


def test_of_litellms_uplifts_their_products_with_a_service_alone_are_left() -> None:
    """178 listings state 226 uplifts. Each multiplies what is priced by kind, context and hour; 1,815 prices of services stand beside."""
    body = json.loads(LITELLM.read_bytes())
    uplifts = {
        listing: [key for key in UPLIFTS if key in entry]
        + [key for key in entry.get("provider_specific_entry", {}) if key in {"us", "eu", "fast"}]
        for listing, entry in body.items()
        if entry.get("mode") in listing_keys.TEXT_MODES
    }
    services = {
        listing: [key for key in body[listing] if "_token" in key and SERVICE.fullmatch(key)] for listing in uplifts
    }
    assert (sum(map(bool, uplifts.values())), sum(map(len, uplifts.values()))) == (178, 226)
    assert sum(len(found) * len(services[listing]) for listing, found in uplifts.items()) == 1_815

    tiers, lifted = dict[tuple[str, str], set[str]](), {"region", "regional", "fast", "fedramp"}
    of_list = parsed("litellm_prices", LITELLM, "2026-11-20").rows.filter(
        pl.col("value").is_not_null(), pl.col("alias_of").is_null()
    )
    for listing, kind, tier in of_list.select("listing", "token_kind", "price_tier").iter_rows():
        tiers.setdefault((listing, kind), set()).add(tier)
    for (listing, _), found in tiers.items():
        plain = {match.groups() for tier in found if (match := PLAIN.fullmatch(tier))}
        products = Counter(match.group(1, 3) for tier in found if (match := UPLIFTED.fullmatch(tier)))
        expected = len(uplifts.get(listing, ()))
        assert products == Counter(dict.fromkeys(plain, expected) if expected else {})
        assert not any(SERVICE.fullmatch(tier) and lifted & {*tier.split("_")} for tier in found)


def test_models_devs_catalogue() -> None:
    tree = models_dev_prices._unpacked(MODELS_DEV.read_bytes(), "models_dev_prices")
    entries = [entry for models in tree.values() for entry in models.values()]
    of_entries, of_costs = stood(entries), stood(entry["cost"] for entry in entries if "cost" in entry)
    rest = {key: count for key, count in of_entries.items() if key not in models_dev_prices.ABOUT_THE_MODEL}
    rest |= {
        key: count
        for key, count in of_costs.items()
        if key not in {*models_dev_prices.KINDS, *models_dev_prices.TIERED}
    }
    assert rest == told(parsed("models_dev_prices", MODELS_DEV, "2026-07-02"))
    assert rest == {"cache_input": 9, "cached_input": 7, "cached_write": 5, "image": 2, "citation": 1, "request": 1}


def test_genai_prices_built_list() -> None:
    body = json.loads(GENAI.read_bytes())
    keys = stood(body).keys() - genai_prices.ABOUT_THE_SELLER
    keys |= stood(model for seller in body for model in seller["models"]).keys() - genai_prices.ABOUT_THE_MODEL
    assert keys == set() == told(parsed("genai_prices", GENAI, "2026-08-21")).keys()


def test_a_key_nobody_declared_is_told_with_its_count(tmp_path: Path) -> None:
    model = {"id": "m", "match": {}, "prices": {"input_mtok": 1}, "haggling": True}
    (tmp_path / "g").write_text(json.dumps([{"id": "p", "models": [model, model | {"id": "n"}], "mood": "kind"}]))
    assert told(parsed("genai_prices", tmp_path / "g", "2026-08-21")) == {"haggling": 2, "mood": 1}
    (tmp_path / "d").write_text(json.dumps({"p": {"models": {"m": {"cost": {"input": 1}, "surge": {}}}}}))
    assert told(parsed("models_dev_prices", tmp_path / "d", "2026-07-02")) == {"surge": 1}
