"""The keys and sellers of litellm's price-table schema: which key states which price, which are left on purpose, and who sells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from transforms.prices.listing_terms import END, OFF_PEAK, SPECIFIC, UPLIFTS

ALIAS, PROVIDER = "alias_of", "litellm_provider"

TEXT_MODES = frozenset({"chat", "responses", "completion"})
OTHER_MODES = frozenset({
    "audio_speech", "audio_transcription", "decisions", "embedding", "evaluation", "extraction", "guardrail", "image_edit", "image_generation", "moderation", "moderations",
    "ocr", "realtime", "rerank", "search", "vector_store", "video_generation",
})  # fmt: skip

TOKEN_KINDS: Mapping[str, str] = {
    "input_cost_per_token_cache_hit": "cache_read",
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "output_cost_per_reasoning_token": "reasoning",
    "input_cost_per_audio_token": "audio_input",
    "cache_read_input_audio_token_cost": "audio_cache_read",
    "output_cost_per_audio_token": "audio_output",
    "cache_read_input_token_cost": "cache_read",
    "explicit_cache_read_input_token_cost": "cache_read_explicit",
    "cache_creation_input_token_cost_above_12hr": "cache_write_12h",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "cache_creation_input_token_cost": "cache_write",
}
# Longer names come first in TOKEN_KINDS where one name begins another.
_PRICE_KEY = re.compile(
    rf"({'|'.join(TOKEN_KINDS)})(?:_(above_\d+[km])_tokens)?(?:_(batches|flex|priority|ultrafast|balanced|decisions))?"
)
# Costs of other things, or of tokens the dataset has no kind for (image and video tokens, cached audio, units of
# a platform instead of money). Read and left on purpose.
_OTHER_COST = re.compile(
    r"(input|output)_cost_per_(audio_per_second|character|image|pixel|query|request|second|text_message|video)(_[\w.]+)?"
    r"|(input|output)_dbu?_cost_per_token"
    r"|(cost_per_image|cost_per_second|(annotation|ocr)_cost_per_(page|credit)(_batches)?|citation_cost_per_token)"
    r"|(search_context|google_maps_grounding)_cost_per_query|guardrail_cost_per_unit"
    r"|(code_interpreter|computer_use|file_search|vector_store)\w*_cost_per_\w+"
    r"|cache_creation_input_audio_token_cost|cache_(read|creation)_input_image_token_cost|cache_read_input_token_cost_per_audio_token"
    r"|input_cost_per_token_batch_requests"
)
# What describes a listing and changes no price: read by nobody here, on purpose. Free searches and the unit of a search
# are of the fees for searches, which are left.
_ABOUT_THE_MODEL = re.compile(
    r"supports?_\w+|supported_\w+|(max|tpm|rpm|rpd|tpd)(_\w+)?|litellm_provider|mode|source|metadata|comment|rules"
    r"|deprecation_source|successor_model|output_vector_size|(prompt_cache|token_count|bedrock|thinking|reasoning|default"
    r"|gemini|vertex_ai|audio_transcription|uses|use)_\w+|search_free_requests|web_search_billing_unit|notes?|display_name"
    r"|(input|output)_(modalities|type)|tool_use_system_prompt_tokens|good_for|(is|has|requires|annotations?)_\w+"
)

LEFT = re.compile(f"{_OTHER_COST.pattern}|{_ABOUT_THE_MODEL.pattern}")  # read by nobody, on purpose

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

READ = frozenset({"tiered_pricing", ALIAS, OFF_PEAK, END, SPECIFIC, *UPLIFTS})


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
def is_unknown_cost(key: str) -> bool:
    """Whether nobody declared the key: neither read nor left."""
    return not (price_key(key) or key in READ or LEFT.fullmatch(key))


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
