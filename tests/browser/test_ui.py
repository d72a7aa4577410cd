"""The Prefect UI in a real browser: a person plans, starts, watches and mistakes a backfill, and starts a night."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from chromium import chromium
from injection import Served
from places import REPOSITORY

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(600)]

SCREENSHOTS = REPOSITORY / "ci-output" / "browser"
# Nothing but this machine has a name or an address: the page must not need, nor tell, anybody else.
ITSELF = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PATIENCE_MS = 120_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium(ITSELF) as opened:
        yield opened


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Served:
    """What is served on SQLite, or what the test's parameter names."""
    found: Served = request.getfixturevalue(getattr(request, "param", "served"))
    return found


@pytest.fixture
def page(browser: Any, site: Served) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1400, "height": 1300}, base_url=site.url)
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    yield opened
    context.close()


def keep(page: Any, name: str) -> None:
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.wait_for_timeout(800)
    page.screenshot(path=SCREENSHOTS / f"{name}.png")


def fill_form(page: Any, sources: list[str], first: str, last: str, mode: str) -> None:
    """The custom run form of the deployment backfill, as a person fills it in."""
    page.goto("/v2/deployments")
    page.get_by_role("link", name="backfill", exact=True).first.click()
    page.get_by_role("button", name="Run").first.click()
    page.get_by_text("Custom run").click()
    page.get_by_role("button", name="Select sources").click()
    for source in sources:
        page.get_by_role("option", name=source, exact=True).click()
    page.keyboard.press("Escape")
    for day in (first, last):
        page.get_by_text("Pick a date").first.click()
        page.get_by_label("Date (yyyy-MM-dd)").fill(day)
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        page.get_by_label("Date (yyyy-MM-dd)").wait_for(state="detached")
    if mode != "plan":
        page.get_by_role("button", name="Select mode").click()
        page.get_by_role("option", name=mode, exact=True).click()


def starting(page: Any, served: Served, deployment: str, click: Callable[[], None]) -> str:
    """Click until the page asks the server for a run; returns the run's id. While a menu opens or a calendar closes, a click is lost."""
    from playwright.sync_api import TimeoutError as NothingSent

    before = runs_of(served, deployment)
    for _ in range(4):
        try:
            with page.expect_response(lambda answer: "create_flow_run" in answer.url and answer.ok, timeout=20_000):
                click()
        except NothingSent:
            page.keyboard.press("Escape")
            continue
        break
    return new_run(served, deployment, before)


def submit(page: Any, served: Served, deployment: str) -> str:
    return starting(page, served, deployment, page.get_by_role("button", name="Submit").click)


def runs_of(served: Served, deployment: str) -> set[str]:
    chosen = {"deployment_id": {"any_": [served.deployment(deployment)]}}
    found = served.api("POST", "/flow_runs/filter", flow_runs=chosen)
    return {run["id"] for run in found if not run["auto_scheduled"]}


def new_run(served: Served, deployment: str, before: set[str]) -> str:
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while time.monotonic() < deadline:
        if started := runs_of(served, deployment) - before:
            [run] = started
            return run
        time.sleep(0.3)
    raise AssertionError("the form started no run")


def days_ago(number: int) -> str:
    return f"{datetime.now(UTC).date() - timedelta(days=number)}"


@pytest.mark.parametrize("site", ["served", "served_on_postgresql"], indirect=True)
def test_a_backfill_is_started_from_the_form_watched_and_read(
    page: Any, site: Served, request: pytest.FixtureRequest
) -> None:
    on = "postgresql" if "postgresql" in request.node.name else "sqlite"
    page.goto("/v2/deployments")
    for name in ("backfill", "judge", "nightly", "publish", "replay"):
        page.get_by_role("link", name=name, exact=True).first.wait_for()
    keep(page, f"{on}-1-deployments")
    # Not fill: a night that another test has started may hold these days already.
    fill_form(page, ["ecb_fx", "litellm_prices"], "2026-01-05", days_ago(0), "refetch")
    keep(page, f"{on}-2-form")
    run = submit(page, site, "backfill")
    page.goto(f"/v2/runs/flow-run/{run}")
    page.get_by_text("Completed", exact=True).first.wait_for()
    keep(page, f"{on}-3-run-completed")
    found = site.ended(run)
    assert found["state_name"] == "Completed", site.logs()
    assert found["name"] == f"backfill refetch ecb_fx+litellm_prices 2026-01-05 to {days_ago(0)}"
    page.get_by_role("tab", name="Artifacts").click()
    page.get_by_text("backfill-plan").first.wait_for()
    keep(page, f"{on}-4-artifacts")
    artifacts = site.artifacts(run)
    assert set(artifacts) == {"backfill-plan", "backfill-progress", "backfill", "backfill-captures"}
    page.goto(f"/v2/artifacts/artifact/{artifacts['backfill']['id']}")
    page.get_by_text("Verdicts that moved").first.wait_for()
    keep(page, f"{on}-5-artifact")
    assert "ecb_fx" in page.locator("main").inner_text()
    page.goto(f"/v2/artifacts/artifact/{artifacts['backfill-plan']['id']}")
    page.get_by_text("seconds at the polite pace").first.wait_for()
    keep(page, f"{on}-6-plan")


def test_a_bad_range_is_answered_with_the_name_of_the_field(page: Any, served: Served) -> None:
    fill_form(page, ["ecb_fx"], "2026-02-01", "2026-01-01", "plan")
    run = submit(page, served, "backfill")
    page.goto(f"/v2/runs/flow-run/{run}")
    page.get_by_text("Failed", exact=True).first.wait_for()
    assert served.ended(run)["state_name"] == "Failed"
    page.get_by_role("tab", name="Details").click()
    page.get_by_text(re.compile("to_on: 2026-01-01 lies before from_on")).first.wait_for()
    keep(page, "7-refused")


def test_a_night_is_started_from_its_deployment(page: Any, served: Served) -> None:
    page.goto(f"/v2/deployments/deployment/{served.deployment('nightly')}")

    def quick_run() -> None:
        page.get_by_role("button", name="Run").first.click()
        page.get_by_text("Quick run").click()

    run = starting(page, served, "nightly", quick_run)
    page.goto(f"/v2/runs/flow-run/{run}")
    page.get_by_text("Completed", exact=True).first.wait_for()
    keep(page, "8-nightly")
    assert served.ended(run)["state_name"] == "Completed"
