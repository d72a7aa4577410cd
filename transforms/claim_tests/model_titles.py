"""What models are called: by their ids lists and boards are joined, and a reader knows them by their developers' spelling."""

from __future__ import annotations

import re
from functools import cache

from config.load import catalog
from config.specs import Model

# What developers write otherwise than with one capital.
SPELT = {
    "ai": "AI", "codellama": "CodeLlama", "deepseek": "DeepSeek", "devstral": "Devstral", "glm": "GLM", "gpt": "GPT", "minimax": "MiniMax",
    "oss": "oss", "palm": "PaLM", "qwq": "QwQ", "td": "TD", "chatgpt": "ChatGPT",
}  # fmt: skip
HYPHENED = {"mai-1": "MAI-1", "phi-3": "Phi-3"}
JOINED = {"GPT", "GLM", "ChatGPT"}  # written with a hyphen before the number that follows


@cache
def model_title(name: str) -> str:
    """The name of a model as its developer writes it, in words: Grok 4.6, GPT-4o mini, Claude 3.5 Sonnet."""
    known = catalog().models.get(name)
    return _spelt(_written(known) if known else name)


@cache
def with_model_titles(text: str) -> str:
    """A text with its models by their names: a label that sets one against another, or is one."""
    return re.sub(
        r"[\w.-]+", lambda word: model_title(word[0]) if word[0] in catalog().models else word[0], text, flags=re.ASCII
    )


def _written(one: Model) -> str:
    """The alias that is the id but for its dots, else the id."""
    tails = sorted(alias.name.rsplit("/", 1)[-1].lower() for alias in one.aliases)
    return next((tail for tail in tails if "." in tail and tail.replace(".", "-") == one.id), one.id)


def _spelt(name: str) -> str:
    day = re.search(r"-?(\d{4}-\d\d-\d\d|\d\d-\d\d)$", name)
    words = (name[: day.start()] if day else name).split("-")
    if re.fullmatch(r"o\d", words[0]):  # OpenAI writes o3-mini and o1-pro
        return f"{'-'.join(words)} {day.group(1)}" if day else "-".join(words)
    told = [_word(words[0])]
    # Versions that were written with a hyphen for a dot: claude-3-5-sonnet.
    rest: list[str] = []
    for word in words[1:]:
        last = rest[-1] if rest else ""
        if re.fullmatch(r"\d", word) and re.fullmatch(r"v?\d", last, re.IGNORECASE):
            rest[-1] = f"{last}.{word}"
        else:
            rest.append(_word(word))
    glue = "-" if told[0] in JOINED else " "
    text = f"{told[0]}{glue}{' '.join(rest)}" if rest else told[0]
    return f"{text} {day.group(1)}" if day else text


def _word(word: str) -> str:
    if word in SPELT:
        return SPELT[word]
    if re.fullmatch(r"v\d[\d.]*", word) or re.fullmatch(r"[\dx.]+[bk]", word):
        return word.upper().replace("X", "x")
    return word if word in ("mini", "nano", "latest", "preview") else word[:1].upper() + word[1:]
