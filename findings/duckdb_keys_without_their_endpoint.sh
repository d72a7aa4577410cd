#!/usr/bin/env bash
# DuckDB takes the keys to an object storage from the environment, and asks Amazon with them.
#
# Expected: a secret by PROVIDER credential_chain is made of what Amazon's own tools read: keys, region, and where the storage is not
#   Amazon's its address (AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL, which the same chain of Amazon's SDK honours since 2023).
# Happens:  keys and region are taken over, the address is not: the secret points to s3.amazonaws.com, over TLS and by host name. It
#   says nothing, and CREATE SECRET succeeds.
# Matters:  with a storage of one's own (MinIO, Ceph, Cloudflare) a lake is "not found" though every other tool on the host finds it,
#   and the keys' name and the names of buckets go to somebody else. ENDPOINT, URL_STYLE and USE_SSL must be said beside the chain.
# Package:  duckdb 1.5.5 with duckdb-extension-httpfs and duckdb-extension-aws 1.5.5, beside botocore 1.44.8.  Seen: 2026-11-30.
# Output:
#   botocore asks: http://127.0.0.1:9000/
#   duckdb has the key: True
#   duckdb asks: endpoint=s3.amazonaws.com
#   duckdb with ENDPOINT beside the chain: endpoint=127.0.0.1:9000
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/ask.py" <<'PY'
from importlib.util import find_spec
from pathlib import Path

import botocore.session
import duckdb

client = botocore.session.get_session().create_client("s3")
url = client.meta.endpoint_url
print("botocore asks:", url.rstrip("/") + "/")
c = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
for name in ("httpfs", "aws"):
    [folder] = find_spec(f"duckdb_extension_{name}").submodule_search_locations
    c.execute(f"LOAD '{Path(folder) / 'extensions' / f'v{duckdb.__version__}' / name}.duckdb_extension'")


def secret(more=""):
    c.execute(f"CREATE OR REPLACE SECRET lake (TYPE s3, PROVIDER credential_chain, CHAIN 'env'{more})")
    [(text,)] = c.execute("SELECT secret_string FROM duckdb_secrets()").fetchall()
    return text.split(";")


said = secret()
print("duckdb has the key:", "key_id=one-for-tests" in said)
print("duckdb asks:", *[part for part in said if part.startswith("endpoint")])
said = secret(", ENDPOINT '127.0.0.1:9000', URL_STYLE 'path', USE_SSL false")
print("duckdb with ENDPOINT beside the chain:", *[part for part in said if part.startswith("endpoint")])
PY
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check duckdb==1.5.5 duckdb-extension-httpfs==1.5.5 \
	duckdb-extension-aws==1.5.5 botocore==1.44.8 2>/dev/null
env AWS_ACCESS_KEY_ID=one-for-tests AWS_SECRET_ACCESS_KEY=only-for-tests AWS_REGION=eu-west-1 AWS_ENDPOINT_URL=http://127.0.0.1:9000 \
	"$folder/venv/bin/python" "$folder/ask.py" | tee "$folder/seen"
sed -n '/^# Output:/,/^set/s/^#   //p' "$0" | diff - "$folder/seen" || { echo "the output is another one than on 2026-11-30" >&2; exit 1; }
