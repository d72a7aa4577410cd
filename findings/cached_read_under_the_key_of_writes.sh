#!/usr/bin/env bash
# In two packaged price lists a model's price of cached reads stands under the key of cache writes.
#
# Expected: cache_creation_input_token_cost is what writing to a cache costs. Where a provider asks for it at all it costs more than
#   plain input (1.25 times, or 2 times for an hour); what costs half of input is a cached read, cache_read_input_token_cost.
# Happens:  ft:gpt-4o-2024-11-20 has 1.875 USD a million under cache_creation and no price of cached reads, in litellm and in
#   tokencost, which copies it: half of its input price of 3.75, OpenAI's discount for cached input. Four Azure entries of litellm
#   have their half price under both keys, rounded up under the wrong one (1.38 for 1.375); tokencost has only the wrong one.
# Matters:  whoever bills by key charges cached reads of that model in full, and the first write to a cache at half; whoever reads
#   the history of prices sees a cache write that costs less than input, which no provider offers.
# Remedy:   doubt a write below plain input, and a read above it, instead of taking either.
# Package:  litellm 1.110.2, tokencost 0.1.26 (their tables alone; nothing of them is run).  Seen: 2026-11-29.
# Output:
#   litellm azure/eu/gpt-4o: input 2.75, cache write 1.38, cache read 1.375
#   litellm azure/eu/gpt-4o-2024-11-20: input 2.75, cache write 1.38, cache read 1.375
#   litellm azure/us/gpt-4o: input 2.75, cache write 1.38, cache read 1.375
#   litellm azure/us/gpt-4o-2024-11-20: input 2.75, cache write 1.38, cache read 1.375
#   litellm ft:gpt-4o-2024-11-20: input 3.75, cache write 1.875, cache read none
#   tokencost azure/eu/gpt-4o-2024-11-20: input 2.75, cache write 1.38, cache read none
#   tokencost azure/us/gpt-4o-2024-11-20: input 2.75, cache write 1.38, cache read none
#   tokencost ft:gpt-4o-2024-11-20: input 3.75, cache write 1.875, cache read none
#   tokencost openai/ft:gpt-4o-2024-11-20: input 3.75, cache write 1.875, cache read none
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --target "$folder/lists" \
	"litellm==1.110.2" "tokencost==0.1.26" 2>/dev/null
cat >"$folder/look.py" <<'PY'
import json
import sys
from pathlib import Path

TABLES = {"litellm": "litellm/model_prices_and_context_window_backup.json", "tokencost": "tokencost/model_prices.json"}
KEYS = ("input_cost_per_token", "cache_creation_input_token_cost", "cache_read_input_token_cost")
for name, table in TABLES.items():
    entries = json.loads((Path(sys.argv[1]) / table).read_text("utf-8"))
    for listing, entry in sorted(entries.items()):
        plain, write, read = (float(entry.get(key) or 0) * 1e6 for key in KEYS) if isinstance(entry, dict) else (0, 0, 0)
        if 0 < write < plain:
            print(f"{name} {listing}: input {plain:g}, cache write {write:g}, cache read {f'{read:g}' if read else 'none'}")
PY
"$folder/venv/bin/python" "$folder/look.py" "$folder/lists" | tee "$folder/seen"
sed -n 's/^#   \(litellm\|tokencost\) \(.*: input \)/\1 \2/p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-29" >&2; exit 1; }
