#!/usr/bin/env bash
# What a call of a model costs that the price list does not hold: nothing, or an error; it depends on how the model is called.
#
# Expected: asked for the price of a model that its list has not (too new, or taken out since), a package that counts money says so, as
#   litellm does for most names: ModelNotMappedError.
# Happens:  the list has rules for families beside its entries (fallback_generalizations: what a claude-*, gpt-5 to 9, o-series or
#   gemini pro/flash name can do). A name that meets a rule counts as known. No rule has a price, and a missing price is zero: 1,000
#   tokens in and out cost 0.0, as of a free model. A rule is a pattern without an end: claude-opus-4-20991231 and gemini-4-pro meet one,
#   grok-9 and deepseek-v9 none. gemini-3-pro-preview, which cost 2 and 12 dollars a million, has left the list and costs nothing since.
# Matters:  budgets, bills and histories of spending made by cost_per_token or completion_cost lose just the newest flagships (and those
#   that were retired) without a word, at the developers that most is spent on; on a day on which the list is late, a price cut to 0
#   stands where there was a launch.
# Remedy:   take a price from the list's own entry (litellm.model_cost) and treat a model without input_cost_per_token as not priced.
# Package:  litellm 1.110.2 (1.99.4 has it for claude names alone), beside genai-prices 0.2.3.  Seen: 2026-12-01.
# Output:
#   openai gpt-9: 0.0 (in the list: False)
#   openai gpt-5.9: 0.0 (in the list: False)
#   openai o9: 0.0 (in the list: False)
#   anthropic claude-opus-9: 0.0 (in the list: False)
#   anthropic claude-opus-4-20991231: 0.0 (in the list: False)
#   gemini gemini-4-pro: 0.0 (in the list: False)
#   gemini gemini-3-pro-preview: 0.0 (in the list: False), genai-prices 0.014
#   xai grok-9: ModelNotMappedError (in the list: False)
#   deepseek deepseek-v9: ModelNotMappedError (in the list: False)
#   openai gpt-5.5: 0.035 (in the list: True), genai-prices 0.035
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import contextlib
import io

import genai_prices
import litellm

ASKED = (
    ("openai", "gpt-9"), ("openai", "gpt-5.9"), ("openai", "o9"), ("anthropic", "claude-opus-9"),
    ("anthropic", "claude-opus-4-20991231"), ("gemini", "gemini-4-pro"), ("gemini", "gemini-3-pro-preview"), ("xai", "grok-9"),
    ("deepseek", "deepseek-v9"), ("openai", "gpt-5.5"),
)
BESIDE = {"gemini-3-pro-preview": "google", "gpt-5.5": "openai"}
USAGE = genai_prices.Usage(input_tokens=1000, output_tokens=1000)


def by_litellm(provider, model):
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            cost = litellm.cost_per_token(model=model, custom_llm_provider=provider, prompt_tokens=1000, completion_tokens=1000)
        except Exception as error:
            return type(error).__name__
    return round(sum(cost), 6)


for provider, model in ASKED:
    listed = model in litellm.model_cost or f"{provider}/{model}" in litellm.model_cost
    line = f"{provider} {model}: {by_litellm(provider, model)} (in the list: {listed})"
    if model in BESIDE:
        line += f", genai-prices {float(genai_prices.calc_price(USAGE, model, provider_id=BESIDE[model]).total_price)}"
    print(line)
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check litellm==1.110.2 genai-prices==0.2.3 2>/dev/null
# The list that the package brings, not the one of today that it would fetch.
LITELLM_LOCAL_MODEL_COST_MAP=True "$folder/venv/bin/python" "$folder/ask.py" 2>/dev/null | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-12-01" >&2; exit 1; }
