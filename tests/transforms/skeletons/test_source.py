"""A new source's skeleton is whole: it is declared, and its reader reads its payload."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from config.contracts import Capture
from config.errors import Refused
from config.load import catalog
from config.parsing import parse_yaml
from config.specs import SourceSpec
from transforms.skeletons.source import new_source

FILES = new_source("example_prices", date(2026, 3, 2))


def test_the_skeleton_reads_its_payload_as_it_stands() -> None:
    body = parse_yaml(FILES["config/sources/example_prices.yml"], "example_prices")
    spec = SourceSpec.model_validate({"id": "example_prices", **body})
    declared = catalog().model_copy(update={"sources": {"example_prices": spec}})
    module: dict[str, Any] = {}
    exec(compile(FILES["transforms/sources/example_prices.py"], "example_prices", "exec"), module)  # noqa: S102
    payload = FILES["tests/fixtures/sources/example_prices/prices.json"].encode()
    at = datetime(2026, 3, 2)
    parsed = module["parse"](payload, Capture(spec.id, "", "u", "0" * 64, len(payload), at, at), declared)
    assert [(row["listing"], row["token_kind"], row["value"]) for row in parsed.rows.to_dicts()] == [
        ("model-a", "input", 2.5), ("model-a", "output", 10.0), ("model-b", "input", 0.27), ("model-b", "output", 1.1),
    ]  # fmt: skip
    assert parsed.issues == ()


@pytest.mark.parametrize("stem", ["", "Example", "../x", "9x", "a__b"])
def test_a_stem_is_checked(stem: str) -> None:
    with pytest.raises(Refused, match="is no stem"):
        new_source(stem, date(2026, 3, 2))
