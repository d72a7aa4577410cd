"""The guard of the served Prefect in a real browser: its own page works behind it, what other pages try comes to nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from chromium import chromium
from pytest_httpserver import HTTPServer

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(600)]

# Two names of other people's that lead to this machine, as a hostile name server would have them.
NAMES = (
    "MAP evil.example 127.0.0.1, MAP rebound.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
)
REFUSED = {403, 415, 421}
# What a page can send without being asked to log in anywhere; each says what came of it.
TRIES = """
async ([api, name]) => {
    const body = JSON.stringify({ name });
    const tried = async (path, options) => {
        try { return (await fetch(api + path, options)).type; } catch (error) { return 'nothing'; }
    };
    const socket = path => new Promise(done => {
        const opened = new WebSocket(api.replace('http', 'ws') + path);
        opened.onopen = () => done('open');
        opened.onclose = () => done('closed');
        setTimeout(() => done('silence'), 10000);
    });
    const form = document.createElement('form');
    form.method = 'post'; form.action = api + '/flows/'; form.enctype = 'text/plain'; form.target = 'into';
    form.innerHTML = `<input name='{"name": "${name}", "x": "' value='"}'>`;
    const frame = document.createElement('iframe');
    frame.name = 'into';
    document.body.append(frame, form);
    form.submit();
    const json = { 'Content-Type': 'application/json' };
    return {
        'write': await tried('/flows/', { method: 'POST', headers: json, body }),
        'write without asking': await tried('/flows/', { method: 'POST', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body }),
        'delete': await tried('/flows/00000000-0000-0000-0000-000000000000', { method: 'DELETE' }),
        'beacon': navigator.sendBeacon(api + '/flows/', new Blob([body], { type: 'text/plain' })) ? 'sent' : 'nothing',
        'read': await tried('/admin/settings', {}),
        'read of runs': await tried('/flow_runs/filter', { method: 'POST', headers: json, body: '{}' }),
        'events': await socket('/events/in'),
    };
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium(NAMES) as opened:
        yield opened


@pytest.fixture
def api(server_url: str) -> str:
    """Other tests leave flows of their own on it."""
    return server_url


def flows(api: str, name: str) -> list[str]:
    asked = {"flows": {"name": {"any_": [name]}}}
    return [flow["name"] for flow in requests.post(f"{api}/flows/filter", json=asked, timeout=30).json()]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost"])
def test_another_page_neither_writes_nor_reads(browser: Any, api: str, httpserver: HTTPServer, host: str) -> None:
    """A page elsewhere, and pages of other ports of this machine: the site beside the server is one of these."""
    httpserver.expect_request("/").respond_with_data("<!DOCTYPE html><title>another</title><p>hello</p>", content_type="text/html")  # fmt: skip
    page = browser.new_context().new_page()
    page.goto(f"http://{host}:{httpserver.port}/")
    found = page.evaluate(TRIES, [api, "made by another page"])
    page.wait_for_timeout(500)
    assert found == {
        "write": "nothing", "write without asking": "opaque", "delete": "nothing", "beacon": "sent", "read": "nothing",
        "read of runs": "nothing", "events": "closed",
    }  # fmt: skip
    assert flows(api, "made by another page") == []
    page.context.close()


def test_a_name_that_was_pointed_here_is_not_answered(browser: Any, api: str) -> None:
    page = browser.new_context().new_page()
    elsewhere = api.replace("127.0.0.1", "rebound.example")
    for path in ("/health", "/admin/settings"):
        assert page.goto(f"{elsewhere}{path}").status == 421
    assert page.goto(elsewhere.removesuffix("/api")).status == 421
    page.context.close()


def test_another_page_cannot_show_the_server_in_a_frame_of_its_own(
    browser: Any, api: str, httpserver: HTTPServer
) -> None:
    """Clicks that a person means for the page around it would land on `Run`."""
    own = api.removesuffix("/api")
    httpserver.expect_request("/").respond_with_data(f'<!DOCTYPE html><iframe src="{own}/v2/deployments"></iframe>', content_type="text/html")  # fmt: skip
    page = browser.new_context().new_page()
    with page.expect_response(lambda answer: answer.url.startswith(own)):
        page.goto(f"http://evil.example:{httpserver.port}/")
    page.wait_for_timeout(1000)
    assert not any(frame.url.startswith(own) for frame in page.frames)
    page.context.close()


def test_its_own_page_works_behind_the_guard(browser: Any, api: str) -> None:
    context = browser.new_context(base_url=api.removesuffix("/api"))
    context.set_default_timeout(60_000)
    page = context.new_page()
    answers: list[tuple[int, str]] = []
    page.on("response", lambda answer: answers.append((answer.status, f"{answer.request.method} {answer.url}")))
    for place, shown in (("dashboard", "Dashboard"), ("deployments", "Deployments"), ("flows", "Flows"), ("variables", "Variables")):  # fmt: skip
        page.goto(f"/v2/{place}")
        page.get_by_text(shown, exact=True).first.wait_for()
        page.wait_for_load_state("networkidle")
    created = page.evaluate(
        "async () => (await fetch('/api/variables/', { method: 'POST', headers: { 'Content-Type': 'application/json' }, "
        "body: JSON.stringify({ name: 'ours', value: 1 }) })).status"
    )
    assert created == 201
    asked = [line for _, line in answers if "/api/" in line]
    assert any(line.startswith("POST ") for line in asked)
    assert [line for status, line in answers if status in REFUSED] == []
    context.close()
