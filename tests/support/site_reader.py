"""One tab on a published site, opened from disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class Reader:
    """One tab; whatever it asked for and complained of is kept."""

    def __init__(self, browser: Any, home: Path, **more: Any) -> None:
        self.folder = home / "report"
        self.page = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **more}).new_page()
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.said.append(f"error: {error}"))

    def open(self, address: str) -> Any:
        self.page.goto(f"{self.folder.as_uri()}/{address}")
        self.page.wait_for_function("typeof CS === 'undefined' || document.readyState === 'complete'")
        return self.page

    def drawn(self) -> None:
        """Wait until every chart is there, or says that there is nothing to draw."""
        self.page.wait_for_function(
            "[...document.querySelectorAll('figure.chart')].filter(f => !f.closest('[hidden]'))"
            ".every(f => f.querySelector('svg') || f.querySelector('figcaption').textContent)"
        )

    def close(self) -> None:
        self.page.context.close()
