"""An object storage on loopback that speaks S3, for the tests of a lake whose rows lie there."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec

import pytest
import requests

KEYS = {"AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "only-for-tests", "AWS_REGION": "us-east-1"}


@contextmanager
def object_storage() -> Iterator[str]:
    """Its address, while it runs. The keys to it stand in the environment, as they do on a host."""
    if find_spec("duckdb_extension_httpfs") is None:
        pytest.skip("the extensions that a lake among objects needs are not installed (capex-signals[lake])")
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line for each request otherwise
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    before = {name: os.environ.get(name) for name in KEYS}
    os.environ.update(KEYS)
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def bucket(endpoint: str, name: str) -> str:
    """A new bucket of that storage, as s3://..."""
    requests.put(f"{endpoint}/{name}", timeout=10).raise_for_status()
    return f"s3://{name}"
