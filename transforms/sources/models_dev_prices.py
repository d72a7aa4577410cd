"""models.dev: a hand-kept catalogue of providers and models, USD per million tokens. A second opinion.

The payload is the site's api.json, or an archive (tar.gz) of the repository it is built from: one TOML file a model.
A model with status `deprecated` is not sold any more, by the catalogue's own word.
Its convention for DeepSeek: since peak pricing began, the plain price is the off-peak one.
"""

from __future__ import annotations

import io
import posixpath
import tarfile
import tomllib
import zlib
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from config.contracts import Capture, Issue, Parsed
from config.specs import Catalog
from transforms.prices.figures import (
    ENDED,
    PER_MILLION,
    Key,
    Number,
    Stated,
    changed,
    context_size,
    context_tier,
    parsed_of,
    pointer,
    read_json,
)

KINDS = {
    "input": "input",
    "output": "output",
    "reasoning": "reasoning",
    "cache_read": "cache_read",
    "cache_write": "cache_write",
    "input_audio": "audio_input",
    "output_audio": "audio_output",
}
TIERED = frozenset({"tiers", "context_over_200k"})
PROVIDERS = {
    "amazon-bedrock": "bedrock",
    "llama": "meta",
    "moonshotai": "moonshot",
    "moonshotai-cn": "moonshot-cn",
    "togetherai": "together-ai",
    "zai": "zhipu",
    "zhipuai": "zhipu-cn",
}
PEAK_PRICING_SINCE = datetime.fromisoformat("2026-08-16T16:00")
# What an entry says beside its prices, of which we read status and the costs of faster modes; the rest changes no price.
ABOUT_THE_MODEL = frozenset({
    "id", "name", "family", "attachment", "reasoning", "reasoning_options", "tool_call", "temperature", "structured_output", "knowledge",
    "release_date", "last_updated", "modalities", "open_weights", "limit", "interleaved", "provider", "base_model", "base_model_omit",
    "cost", "experimental", "status",
})  # fmt: skip
GONE, SOLD = "deprecated", ("alpha", "beta", "ga")
MAX_FILES = 50_000
MAX_FILE_BYTES = 200_000
MAX_ARCHIVE_BYTES = 500_000_000  # unpacked; the largest seen has some 30 MB

Tree = dict[str, dict[str, Any]]  # provider -> model -> what the catalogue says of it


def parse(payload: bytes, capture: Capture, catalog: Catalog) -> Parsed:
    """Rows of token_price, USD per million tokens. Raises SourceChanged when it is not the catalogue."""
    spec = catalog.sources[capture.source]
    issues: list[Issue] = []
    tree = _unpacked(payload, spec.id) if payload[:2] == b"\x1f\x8b" else _api(read_json(payload, spec.id), spec.id)
    return parsed_of(_stated(tree, issues, capture.taken_at), issues, capture, spec, PER_MILLION)


def _api(body: Any, source: str) -> Tree:
    if not isinstance(body, dict) or not body:
        raise changed("the top level is not an object of providers", source)
    tree: Tree = {}
    for provider, entry in body.items():
        models = entry.get("models") if isinstance(entry, dict) else None
        if not isinstance(models, dict):
            raise changed("a provider has no object `models`", source, pointer(provider))
        tree[provider] = models
    return tree


def _unpacked(payload: bytes, source: str) -> Tree:
    """providers/<provider>/models/<model>.toml of the archive; links are followed inside it."""
    texts: dict[str, str] = {}
    links: dict[str, str] = {}
    try:
        # The headers of a tar may be of any size, too: the whole is capped before it is one.
        plain = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(payload, MAX_ARCHIVE_BYTES + 1)
        if len(plain) > MAX_ARCHIVE_BYTES:
            raise changed(f"the archive unpacks to more than {MAX_ARCHIVE_BYTES:,} bytes", source)
        with tarfile.TarFile.open(fileobj=io.BytesIO(plain), mode="r:") as archive:
            for number, member in enumerate(archive):
                name = posixpath.normpath(member.name)
                if number >= MAX_FILES or member.size > MAX_FILE_BYTES:
                    raise changed("the archive holds too many or too large files", source, name[:200])
                if member.issym() and name.endswith(".toml"):
                    links[name] = posixpath.normpath(posixpath.join(posixpath.dirname(name), member.linkname))
                elif name.endswith(".toml") and "/models/" in name and (held := archive.extractfile(member)):
                    texts[name] = held.read().decode("utf-8")
    except (tarfile.TarError, EOFError, OSError, zlib.error, UnicodeDecodeError) as error:
        raise changed(f"not a readable archive: {error}", source) from error
    texts |= {name: texts[target] for name, target in links.items() if target in texts}
    tree: Tree = {}
    for name, text in sorted(texts.items()):
        head, _, model = name.partition("/models/")
        parts = head.split("/")
        if len(parts) >= 2 and parts[-2] == "providers":
            tree.setdefault(parts[-1], {})[model.removesuffix(".toml")] = _toml(text, source, name)
    return tree


def _toml(text: str, source: str, name: str) -> dict[str, Any]:
    """One file, its numbers as text: TOML may write 272_000, so the digits are taken without the underscore."""
    try:
        body: dict[str, Any] = _as_text(tomllib.loads(text, parse_float=Number))
        return body
    except tomllib.TOMLDecodeError as error:
        raise changed(f"not readable as TOML: {error}", source, name) from error


def _as_text(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _as_text(content) for key, content in body.items()}
    if isinstance(body, list):
        return [_as_text(content) for content in body]
    if isinstance(body, int) and not isinstance(body, bool):
        return Number(body)
    return Number(body.replace("_", "")) if isinstance(body, Number) else body


def _stated(tree: Tree, issues: list[Issue], at: datetime) -> Iterator[Stated]:
    unknown, gone = Counter[str](), list[str]()
    for provider, models in tree.items():
        for listing, entry in models.items():
            place = pointer(provider, "models", listing)
            if not isinstance(entry, dict):
                issues.append(Issue("an entry is not an object", place, ascii(entry)[:200]))
                continue
            unknown.update(entry.keys() - ABOUT_THE_MODEL)
            tier = "off_peak" if provider == "deepseek" and at >= PEAK_PRICING_SINCE else "standard"
            for sold, where, cost in _costs(entry, tier, place, issues):
                stated = _priced(Key(PROVIDERS.get(provider, provider), listing, "", sold), where, cost, unknown)
                yield from (one._replace(content=ENDED) for one in stated) if entry.get("status") == GONE else stated
            if entry.get("status") == GONE:
                gone.append(f"{provider}/{listing}")
            elif entry.get("status", SOLD[0]) not in SOLD:
                issues.append(Issue("unknown status", f"{place}/status", ascii(entry["status"])[:200], "notice"))
    if gone:
        told = f"{len(gone)} listings that are deprecated by their own status: {', '.join(gone[:20])}"
        issues.append(Issue("past its own end", "", told, "notice"))
    issues += [Issue("unknown cost key", "", f"{key!a} in {n} entries", "notice") for key, n in unknown.items()]


def _costs(
    entry: dict[str, Any], tier: str, place: str, issues: list[Issue]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(tier, place, costs): the plain ones, those above a context size, and those of a faster mode."""
    cost = entry.get("cost")
    if isinstance(cost, dict):
        yield tier, f"{place}/cost", cost
        tiers = cost.get("tiers") or []
        for position, step in enumerate(tiers if isinstance(tiers, list) else [tiers]):
            where, band = f"{place}/cost/tiers/{position}", _inside(step, "tier")
            size = context_size(band.get("size"))
            if size is None or band.get("type", "context") != "context":
                issues.append(Issue("unknown condition of a price", where, ascii(step)[:200]))
            else:
                yield context_tier(size), where, {key: content for key, content in step.items() if key != "tier"}
        if isinstance(cost.get("context_over_200k"), dict) and not cost.get("tiers"):
            yield "above_200k", f"{place}/cost/context_over_200k", cost["context_over_200k"]
    elif cost is not None:
        issues.append(Issue("costs are not an object", f"{place}/cost", ascii(cost)[:200]))
    for mode, body in _inside(_inside(entry, "experimental"), "modes").items():
        faster, where = body.get("cost") if isinstance(body, dict) else None, f"{place}/experimental/modes/{mode}/cost"
        if isinstance(faster, dict):
            yield _service(mode, body), where, faster
        elif faster is not None:
            issues.append(Issue("costs are not an object", where, ascii(faster)[:200]))


def _inside(body: Any, key: str) -> dict[str, Any]:
    """The object under a key; empty where there is none."""
    inner = body.get(key) if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) else {}


def _service(mode: str, body: dict[str, Any]) -> str:
    """The service tier a mode asks for; a mode that names none is a tier of its own."""
    asked = _inside(_inside(body, "provider"), "body").get("service_tier")
    return asked if isinstance(asked, str) else f"mode_{mode}"


def _priced(key: Key, place: str, cost: dict[str, Any], unknown: Counter[str]) -> Iterator[Stated]:
    for name, content in cost.items():
        if name in KINDS:
            yield Stated(key._replace(token_kind=KINDS[name]), f"{place}/{name}", content)
        elif name not in TIERED:
            unknown[name] += 1
