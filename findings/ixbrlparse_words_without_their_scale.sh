#!/usr/bin/env bash
# "two billion dollars", tagged on the word, is read as 2; a figure that the filing says is not stated is read as 0.
#
# Expected: an inline fact in words (format numwordsen) is its number times ten to the power of its scale, as one in digits is; and a
#   fact with xsi:nil has no value, or None: the filer says that it states none.
# Happens:  the scale is left out where the format is one of words, and only there: "two" with scale 9 is 2, "2" with scale 9 is
#   2,000,000,000. A nil is 0, and nothing tells it from a stated zero. Neither is among the errors or warnings.
# Matters:  purchase commitments, leases not yet commenced and repurchase programmes are just what filings write in words ("approximately
#   two billion"). A sum over filers is short by the whole figure, and a debt that is not stated is a debt of nothing.
# Remedy:   take the text and the attributes of such facts, and apply the scale oneself; look for xsi:nil in the source.
# Package:  ixbrlparse 0.12.0.  Seen: 2026-11-30.
# Output:
#   2,000,000,000 in digits: 2000000000.0
#   two billion in words: 2
#   twenty-five million in words: 25
#   a stated nothing, printed as a dash: 0
#   not stated (nil): 0
#   errors told: 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
import io
import warnings

from ixbrlparse import IXBRL

warnings.simplefilter("error")
STATED = [
    ("2,000,000,000 in digits", 'decimals="-6" scale="9" format="ixt:num-dot-decimal"', "2"),
    ("two billion in words", 'decimals="-6" scale="9" format="ixt-sec:numwordsen"', "two"),
    ("twenty-five million in words", 'decimals="-6" scale="6" format="ixt-sec:numwordsen"', "twenty-five"),
    ("a stated nothing, printed as a dash", 'decimals="-6" scale="6" format="ixt:fixed-zero"', "-"),
    ("not stated (nil)", 'xsi:nil="true"', ""),
]
facts = "".join(
    f'<p><ix:nonFraction name="ex:Fact{place}" contextRef="c" unitRef="u" {given}>{text}</ix:nonFraction></p>'
    for place, (_, given, text) in enumerate(STATED)
)
page = f"""<html xmlns="http://www.w3.org/1999/xhtml" xmlns:ix="http://www.xbrl.org/2013/inlineXBRL" xmlns:ex="http://example.com/2024"
xmlns:ixt="http://www.xbrl.org/inlineXBRL/transformation/2020-02-12" xmlns:ixt-sec="http://www.sec.gov/inlineXBRL/transformation/2015-08-31"
xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:iso4217="http://www.xbrl.org/2003/iso4217">
<head><title>Example</title></head><body><div style="display:none"><ix:header><ix:resources>
<xbrli:context id="c"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">0000000001</xbrli:identifier></xbrli:entity>
<xbrli:period><xbrli:instant>2024-12-31</xbrli:instant></xbrli:period></xbrli:context>
<xbrli:unit id="u"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit></ix:resources></ix:header></div>{facts}</body></html>"""
read = IXBRL(io.StringIO(page), raise_on_error=False)
for (what, *_), fact in zip(STATED, read.numeric, strict=True):
    print(f"{what}: {fact.value}")
print(f"errors told: {len(read.errors)}")
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check ixbrlparse==0.12.0 2>/dev/null
"$folder/venv/bin/python" "$folder/ask.py" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-30" >&2; exit 1; }
