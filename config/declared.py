"""What everything declared in YAML has in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Spec(BaseModel):
    """Base of all declared things: frozen, no unknown keys, no silent conversions of type."""

    model_config = ConfigDict(frozen=True, extra="forbid")
