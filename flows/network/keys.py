"""Keys of sources that ask for one: from the settings (environment), else from a Prefect Secret block."""

from __future__ import annotations

from typing import Any, cast

from config.settings import Settings
from config.specs import AccessKey, SourceSpec

ENVIRONMENT = "CAPEX_SIGNALS_"


def key_of(spec: SourceSpec, settings: Settings) -> str:
    """The key of the source; empty where it needs none, or none is set."""
    if spec.key is None:
        return ""
    stated: str = getattr(settings, spec.key.setting).get_secret_value().strip()
    return stated or _from_block(block_name(spec.key))


def block_name(key: AccessKey) -> str:
    """The Prefect Secret block that may hold the key: artificial-analysis-key."""
    return key.setting.replace("_", "-")


def how_to_switch_on(key: AccessKey) -> str:
    """One sentence for a person without a key."""
    return (
        f"switched off: it needs a key. Remedy: get one at {key.get_one} and set {ENVIRONMENT}{key.setting.upper()}, "
        f"or keep it in a Prefect Secret block named {block_name(key)}"
    )


def _from_block(name: str) -> str:
    from prefect.blocks.system import Secret  # noqa: PLC0415  slow, and needed only where a source asks for a key
    from prefect.context import FlowRunContext, TaskRunContext  # noqa: PLC0415

    if FlowRunContext.get() is None and TaskRunContext.get() is None:
        return ""  # without a run there is no server to ask, and asking would start one
    try:
        block = cast("Secret[Any]", Secret.load(name))
    except ValueError:  # Prefect's word for: no such block
        return ""
    return str(block.get()).strip()
