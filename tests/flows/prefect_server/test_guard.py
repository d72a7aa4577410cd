"""Who may ask the server on loopback for what: its own page and programs everything, other pages nothing that writes."""

from __future__ import annotations

import pytest
import requests

from flows.prefect_server.guard import refusal

HOST, OWN, JSON = ("host", "127.0.0.1:4200"), ("origin", "http://127.0.0.1:4200"), ("content-type", "application/json")
BODY = ("content-length", "2")


@pytest.mark.parametrize(("kind", "method", "headers", "status"), [
    ("http", "GET", [HOST], None),
    ("http", "GET", [("host", "localhost")], None),
    ("http", "GET", [("host", "[::1]:4200")], None),
    ("http", "GET", [("host", "evil.example:4200")], 421),
    ("http", "GET", [("host", "127.0.0.1.evil.example")], 421),
    ("http", "GET", [], 421),
    ("http", "GET", [HOST, ("host", "evil.example")], 421),
    ("http", "POST", [HOST, BODY, JSON], None),
    ("http", "POST", [HOST, BODY, ("content-type", "application/json; charset=utf-8"), OWN], None),
    ("http", "POST", [HOST, BODY, JSON, ("origin", "http://evil.example")], 403),
    ("http", "POST", [HOST, BODY, JSON, ("origin", "null")], 403),
    ("http", "POST", [HOST, BODY, JSON, ("origin", "http://127.0.0.1:9999")], 403),
    ("http", "POST", [HOST, BODY, JSON, ("origin", "http://localhost:4200")], 403),
    ("http", "POST", [HOST, BODY, ("content-type", "text/plain")], 415),
    ("http", "POST", [HOST, BODY], 415),
    ("http", "POST", [HOST, ("transfer-encoding", "chunked")], 415),
    ("http", "POST", [HOST, BODY, ("content-type", "application/x-www-form-urlencoded")], 415),
    ("http", "POST", [HOST], None),
    ("http", "POST", [HOST, ("sec-fetch-site", "cross-site")], 403),
    ("http", "DELETE", [HOST, ("origin", "http://evil.example")], 403),
    ("http", "DELETE", [HOST], None),
    ("websocket", "", [HOST, ("origin", "http://evil.example")], 403),
    ("websocket", "", [HOST, OWN], None),
])  # fmt: skip
def test_what_is_passed_on(kind: str, method: str, headers: list[tuple[str, str]], status: int | None) -> None:
    found = refusal(kind, method, [(name.encode(), value.encode()) for name, value in headers])
    assert (found and found[0]) == status


@pytest.mark.server
def test_a_running_server_is_guarded(server_url: str) -> None:
    url, flow = server_url, {"name": "refused by the guard"}
    foreign = {"Origin": "http://evil.example"}
    assert requests.post(f"{url}/flows/", json=flow, headers=foreign, timeout=30).status_code == 403
    assert (
        requests.post(
            f"{url}/flows/", data='{"name": "x"}', headers={"Content-Type": "text/plain"}, timeout=30
        ).status_code
        == 415
    )
    assert requests.get(f"{url}/health", headers={"Host": "evil.example"}, timeout=30).status_code == 421
    named = {"flows": {"name": {"any_": [flow["name"], "x"]}}}
    assert requests.post(f"{url}/flows/filter", json=named, timeout=30).json() == []
    assert requests.post(f"{url}/flows/", json={"name": "ours"}, timeout=30).status_code == 201
    page = requests.get(url.removesuffix("/api"), timeout=30)
    assert (page.status_code, page.headers["X-Frame-Options"]) == (200, "SAMEORIGIN")
