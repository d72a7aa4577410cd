"""A catalog with some of the declared sources only: what names the others goes too."""

from __future__ import annotations

from collections.abc import Mapping

from config.specs import Catalog, Model, SourceSpec


def with_sources(whole: Catalog, sources: Mapping[str, SourceSpec]) -> Catalog:
    """The catalog with these sources, and without the names that models have elsewhere."""
    models = {name: _known(model, sources) for name, model in whole.models.items()}
    return whole.model_copy(update={"sources": dict(sources), "models": models})


def _known(model: Model, sources: Mapping[str, SourceSpec]) -> Model:
    named = [
        alias.model_copy(update={"sources": tuple(name for name in alias.sources if name in sources)})
        for alias in model.aliases
        if not alias.sources or set(alias.sources) & set(sources)
    ]
    return model.model_copy(update={"aliases": tuple(named)})
