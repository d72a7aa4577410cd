"""What a price list would take over is said before it is loaded: `capex-signals check --would-speak`."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_pipeline import FIXTURES, Clock, small_pipeline

from config.errors import Refused
from config.load import catalog
from config.specs import Catalog
from flows.commands import would_speak as command
from flows.commands.ingest import ingest_files
from flows.steps import load
from flows.steps.pipeline import Pipeline

pytestmark = pytest.mark.slow("publishes")


@pytest.fixture
def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pipeline:
    """One list of litellm's published, and nothing else."""
    opened = small_pipeline(tmp_path / "home", "http://127.0.0.1:9")
    monkeypatch.setattr(load, "read_starter", lambda: None)
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
    nobody = "takes over nobody's listings"
    assert nobody in command.would_speak(published.settings, "models_dev_prices")[0]
    monkeypatch.setattr(command, "catalog", lambda: declared(order=1, covers=("openai",)))
    first, *lines = command.would_speak(published.settings, "models_dev_prices")
    assert first == "models_dev_prices would speak alone for what it covers, where it is kept up:"
    (line,) = lines
    assert line.startswith("openai: ")
    assert line.endswith(" listings that litellm_prices speaks for now")
    # A better tier alone is not enough: it silences only whom it covers.
    monkeypatch.setattr(command, "catalog", lambda: declared(tier=2, covers=()))
    assert nobody in command.would_speak(published.settings, "models_dev_prices")[0]
    monkeypatch.setattr(command, "catalog", catalog)
    assert "silences no list" in command.would_speak(published.settings, "openai_pricing")[0]
    with pytest.raises(Refused, match="ecb_fx is no declared price list"):
        command.would_speak(published.settings, "ecb_fx")
