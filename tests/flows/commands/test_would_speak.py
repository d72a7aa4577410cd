"""What a price list would take over is said before it is loaded: `capex-signals check --would-speak`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from small_pipeline import FIXTURES, Clock, plainly, small_pipeline

from config.errors import Refused
from config.load import catalog
from config.specs import Catalog
from flows.commands import would_speak as command
from flows.commands.ingest import ingest_files
from flows.steps.pipeline import Pipeline

pytestmark = pytest.mark.slow("publishes")


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """One list of litellm's published, and nothing else."""
    opened = small_pipeline(tmp_path / "home", "http://127.0.0.1:9")
    plainly(monkeypatch)
    monkeypatch.setattr(Pipeline, "open", lambda _settings=None: opened)
    assert isinstance(opened.clock, Clock)
    opened.clock.pass_time(minutes=1)
    files = [FIXTURES / "litellm_prices" / "2025-02-25.json"]
    ingest_files(opened.settings, "litellm_prices", files, lambda _: None, fetched_at="2025-02-25")
    return opened


def declared(**changes: object) -> Catalog:
    """The catalog with models_dev_prices declared otherwise."""
    spec = catalog().sources["models_dev_prices"].model_copy(update=changes)
    return catalog().model_copy(update={"sources": {**catalog().sources, spec.id: spec}})


def test_a_list_takes_over_what_it_covers_and_goes_before(published: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(day: str = "2025-02-26", **changes: object) -> list[str]:
        monkeypatch.setattr(command, "catalog", lambda: declared(**changes))
        return command.would_speak(published.settings, "models_dev_prices", date.fromisoformat(day))

    nobody = "takes over nobody's listings"
    assert nobody in asked()[0]
    first, *lines = asked(order=1, covers=("openai", "opnai"))
    assert first.startswith(
        "models_dev_prices would speak alone for what it covers, where it is kept up and has a tenth of what others"
    )
    taken, misspelt = lines
    assert taken.startswith("openai: ")
    assert taken.endswith(" listings in USD that litellm_prices speaks for now")
    assert misspelt == "opnai: covered, and no source has a price of a seller of this name"
    # A better tier alone is not enough: it silences only whom it covers.
    assert nobody in asked(tier=2, covers=())[0]
    # A fresh list goes before one that was not looked at for a month, or is stale, whatever their order.
    assert nobody in asked("2025-03-20", order=90, covers=("openai",))[0]
    assert asked("2025-04-05", order=90, covers=("openai",))[1] == taken
    assert asked("2025-06-01", order=90, covers=("openai",))[1] == taken
    assert "no effect in tier 1" in asked(tier=1, covers=("*",))[1]
    (own,) = asked(tier=1, covers=())
    assert "silences no list" in own
    for other in ("ecb_fx", "no_such_list"):
        with pytest.raises(Refused, match=f"{other} is no declared price list"):
            command.would_speak(published.settings, other)
