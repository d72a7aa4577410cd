"""The price-table schema of litellm, which other tables copy: one JSON object for each listing.

The schema states USD per single token. Rows carry `value` in USD per million tokens (that divisor is the
dataset's implicit unit) and `value_exact` as the text of the file, still per token.

What the files do, from 2023 (three keys an entry) to 2026 (150 keys):
- 0 means free or unknown, never a price: the row is `absent`.
- one listing may be written twice, and one price under two keys; where they differ no price is taken.
- most keys price something else (images, seconds, calls): those are named here and left; an unnamed key
  about cost is reported once.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from config.contracts import TOKEN_PRICE, Capture, Issue, Parsed
from config.errors import SourceChanged
from config.specs import SourceSpec
from transforms.price_figures import PER_TOKEN, Number, pointer, settle

ROW = ("provider", "listing", "token_kind", "price_tier", "value", "value_exact", "status", "locator", "note")
NOT_A_LISTING = frozenset({"sample_spec", "fallback_generalizations"})
# Prices by parameter count, for any model a listing does not name: they belong to no model.
_SIZE_CLASS = re.compile(r"(together|fireworks)-ai-.*")

TEXT_MODES = frozenset({"chat", "responses", "completion"})
OTHER_MODES = frozenset({
    "audio_speech", "audio_transcription", "embedding", "image_edit", "image_generation", "moderation", "moderations",
    "ocr", "realtime", "rerank", "search", "vector_store", "video_generation",
})  # fmt: skip

TOKEN_KINDS: Mapping[str, str] = {
    "input_cost_per_token_cache_hit": "cache_read",
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio_input",
    "output_cost_per_audio_token": "audio_output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "cache_creation_input_token_cost": "cache_write",
}
# Longer names come first in TOKEN_KINDS where one name begins another.
_PRICE_KEY = re.compile(rf"({'|'.join(TOKEN_KINDS)})(?:_(above_\d+[km])_tokens)?(?:_(batches|flex|priority))?")
# Costs of other things, or of tokens the dataset has no kind for (image and video tokens, cached audio, units of
# a platform instead of money). Read and left on purpose.
_OTHER_COST = re.compile(
    r"(input|output)_cost_per_(audio_per_second|character|image|pixel|query|request|second|video)(_\w+)?"
    r"|(input|output)_dbu?_cost_per_token"
    r"|(cost_per_image|(annotation|ocr)_cost_per_(page|credit)|citation_cost_per_token|search_context_cost_per_query)"
    r"|(code_interpreter|computer_use|file_search|vector_store)\w*_cost_per_\w+"
    r"|cache_(read|creation)_input_(audio|image)_token_cost|cache_read_input_token_cost_per_audio_token"
    r"|input_cost_per_token_batch_requests"
)
_ABOUT_COST = re.compile(r"cost|pric(e|ing)", re.IGNORECASE)

# provider = kebab of litellm_provider, save where the table splits one seller by interface or names it otherwise.
PROVIDERS: Mapping[str, str] = {
    "azure_text": "azure",
    "bedrock_converse": "bedrock",
    "bedrock_mantle": "bedrock",
    "codestral": "mistral",
    "cohere_chat": "cohere",
    "dashscope": "alibaba",
    "gemini": "google",
    "meta_llama": "meta",
    "palm": "google",
    "text-completion-codestral": "mistral",
    "text-completion-inception": "inception",
    "text-completion-openai": "openai",
    "zai": "zhipu",
}
# Entries without litellm_provider (2023, early 2024): what later files say of the same names.
_PREFIXED = frozenset({
    "anyscale", "azure", "bedrock", "cloudflare", "deepinfra", "gemini", "mistral", "ollama", "openrouter", "palm",
    "perplexity", "sagemaker",
})  # fmt: skip
_UNPREFIXED = (
    (re.compile(r"(text|chat)-bison-001"), "google"),
    (re.compile(r"(text-|chat-|code-|codechat-)(bison|gecko|unicorn).*|gemini-pro.*"), "google-vertex"),
    (re.compile(r"gpt-35-.*"), "azure"),
    (re.compile(r"(ft:)?gpt-[34].*|(babbage|davinci)-002"), "openai"),
    (re.compile(r"claude-.*"), "anthropic"),
    (re.compile(r"(ai21|amazon|anthropic|cohere|meta)\..*"), "bedrock"),
    (re.compile(r"command(-.*)?"), "cohere"),
    (re.compile(r"j2-.*"), "ai21"),
    (re.compile(r"luminous-.*"), "aleph-alpha"),
    (re.compile(r"(chat)?dolphin"), "nlp-cloud"),
)


class Stated(NamedTuple):
    """One price as written: which kind and tier it prices, where it stands, and what stands there."""

    token_kind: str
    price_tier: str
    pointer: str
    content: Any


class _Repeated(dict[str, Any]):
    """A JSON object that writes a key more than once; `versions` keeps every value of such a key."""

    versions: Mapping[str, list[Any]]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    body = dict(pairs)
    if len(body) == len(pairs):
        return body
    repeated = _Repeated(body)
    versions: dict[str, list[Any]] = {key: [] for key in body}
    for key, content in pairs:
        versions[key].append(content)
    repeated.versions = versions
    return repeated


def _versions(body: dict[str, Any], key: str) -> list[Any]:
    return body.versions[key] if isinstance(body, _Repeated) else [body[key]]


def _read(payload: bytes, source: str) -> dict[str, dict[str, Any]]:
    remedy = "open the address: a moved file or an error page must not be read as a price table"
    try:
        body = json.loads(
            payload.decode("utf-8-sig"),
            parse_float=Number,
            parse_int=Number,
            parse_constant=Number,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise SourceChanged(f"not readable as JSON: {error}", source=source, remedy=remedy) from error
    if not isinstance(body, dict):
        raise SourceChanged("the top level is not an object of listings", source=source, remedy=remedy)
    for listing in body:
        if not all(isinstance(version, dict) for version in _versions(body, listing)):
            raise SourceChanged("an entry is not an object", source=source, place=f"/{listing!a}", remedy=remedy)
    return body


@lru_cache(maxsize=4096)
def price_key(key: str) -> tuple[str, str] | None:
    """(token_kind, price_tier) of a key that states a price for each token; None for any other key."""
    match = _PRICE_KEY.fullmatch(key)
    if match is None:
        return None
    base, above, service = match.groups()
    tier = "_".join(part for part in (above, "batch" if service == "batches" else service) if part)
    return TOKEN_KINDS[base], tier or "standard"


@lru_cache(maxsize=4096)
def _is_unknown_cost(key: str) -> bool:
    declared = price_key(key) or key == "tiered_pricing" or _OTHER_COST.fullmatch(key)
    return not declared and _ABOUT_COST.search(key) is not None


def _band(body: Any) -> str | None:
    """The tier of one step of `tiered_pricing`; its range counts context tokens. None when it is unreadable."""
    low = body.get("range", [None])[:1] if isinstance(body, dict) and isinstance(body.get("range"), list) else []
    if not (low and isinstance(low[0], Number)):
        return None
    try:
        thousands, rest = divmod(Decimal(low[0]), 1000)
    except ArithmeticError:
        return None
    if rest or thousands < 0:
        return None
    return f"above_{int(thousands)}k" if thousands else "standard"


def _stated_in_bands(at: str, bands: Any) -> Iterator[Stated]:
    for position, body in enumerate(bands if isinstance(bands, list) else [bands]):
        tier = _band(body)
        if tier is None:
            yield Stated("input", "standard", f"{at}/{position}", body)  # an object is no price: quarantined as such
            continue
        for key in body:
            meaning = price_key(key)
            if meaning and meaning[1] == "standard":
                where = f"{at}/{position}/{key}"
                yield from (Stated(meaning[0], tier, where, content) for content in _versions(body, key))


def _stated(listing: str, entry: dict[str, Any]) -> Iterator[Stated]:
    at = pointer(listing)
    for key in entry:
        meaning = price_key(key)
        if meaning:  # such a key has no character a pointer escapes
            for content in _versions(entry, key):
                yield Stated(*meaning, f"{at}/{key}", content)
        elif key == "tiered_pricing":
            for bands in _versions(entry, key):
                yield from _stated_in_bands(f"{at}/{key}", bands)


def provider_of(listing: str, litellm_provider: Any) -> str:
    """Provider id (lower-case kebab), or "unknown" where the entry names none and the listing does not settle it."""
    if type(litellm_provider) is str and litellm_provider:
        return _provider(litellm_provider)
    prefix, slash, _ = listing.partition("/")
    if slash and prefix in _PREFIXED:
        return _provider(prefix)
    return next((provider for form, provider in _UNPREFIXED if form.fullmatch(listing)), "unknown")


@lru_cache(maxsize=4096)
def _provider(stated: str) -> str:
    if stated.startswith("vertex_ai"):
        return "google-vertex"
    kebab = re.sub(r"[^a-z0-9]+", "-", stated.removesuffix("-embedding-models").lower()).strip("-")
    return PROVIDERS.get(stated, kebab) or "unknown"


def _mode(entry: dict[str, Any]) -> str:
    mode = entry.get("mode")
    return "" if mode is None else str(mode)


def _taken(body: dict[str, dict[str, Any]], issues: list[Issue]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The entries that price text tokens. Early files state no mode at all; later a missing mode is reported."""
    early = not any(map(_mode, body.values()))
    missing, strange = list[str](), Counter[str]()
    for listing in body:
        if listing in NOT_A_LISTING or _SIZE_CLASS.fullmatch(listing):
            continue
        if not listing.isprintable():
            issues.append(Issue("unreadable listing", "", ascii(listing)))
            continue
        for entry in _versions(body, listing):
            mode = _mode(entry)
            if mode in TEXT_MODES or (early and not mode):
                yield listing, entry
            elif not mode and any(map(price_key, entry)):
                missing.append(listing)
            elif mode and mode not in OTHER_MODES:
                strange[mode] += 1
    issues += [Issue("mode unknown", "", f"{mode!a}: {n} entries left out", "notice") for mode, n in strange.items()]
    if missing:
        issues.append(Issue("mode missing", pointer(missing[0]), f"left out: {', '.join(missing)}", "notice"))


def _unknown_costs(body: dict[str, dict[str, Any]]) -> Iterator[Issue]:
    seen: dict[str, list[str]] = {}
    for listing, entry in body.items():
        for key in entry:
            if _is_unknown_cost(key):
                seen.setdefault(key, []).append(listing)
    for key, listings in seen.items():
        yield Issue("unknown cost key", pointer(listings[0], key), f"{key!a} in {len(listings)} entries", "notice")


def parse_price_table(payload: bytes, capture: Capture, spec: SourceSpec) -> Parsed:
    """Rows of token_price from one file. Quarantined prices are issues and also `absent` rows.

    Raises SourceChanged when the payload is not an object of objects or prices no token at all.
    """
    body = _read(payload, spec.id)
    issues: list[Issue] = list(_unknown_costs(body))
    series: dict[tuple[str, str, str, str], list[Stated]] = {}
    for listing, entry in _taken(body, issues):
        provider = provider_of(listing, entry.get("litellm_provider"))
        if provider == "unknown":
            issues.append(Issue("provider unknown", pointer(listing), "no litellm_provider", "notice"))
        for stated in _stated(listing, entry):
            series.setdefault((provider, listing, *stated[:2]), []).append(stated)
    if not series:
        raise SourceChanged("no entry states a token price", source=spec.id, remedy="compare the keys with the parser")
    rows = [_row(key, stated, issues) for key, stated in series.items()]
    return Parsed(_frame(rows, capture, spec), tuple(issues))


def _row(key: tuple[str, str, str, str], stated: list[Stated], issues: list[Issue]) -> tuple[Any, ...]:
    value, exact, note, problem = settle([one.content for one in stated], PER_TOKEN)
    at = stated[0].pointer
    if problem:
        written = ", ".join(ascii(one.content)[:60] for one in stated)
        issues.append(Issue(problem, at, f"{' '.join(key)}: {written}"))
        note = f"quarantined: {problem}"
    return (*key, value, exact, "absent" if value is None else "reported", at, note)


def _frame(rows: list[tuple[Any, ...]], capture: Capture, spec: SourceSpec) -> pl.DataFrame:
    schema = {name: TOKEN_PRICE.stated_schema[name] for name in ROW}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        currency=pl.lit("USD"),
        valid_from_basis=pl.lit("first_seen"),
        source_url=pl.lit(capture.url),
        evidence_tier=pl.lit(spec.tier, dtype=pl.Int32),
    )
    return TOKEN_PRICE.complete(frame)
