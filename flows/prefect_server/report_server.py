"""The report over HTTP on loopback, beside the Prefect server: files of one folder, read-only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from config.errors import Refused
from flows.prefect_server.server import LOOPBACK

OUR_NAMES = frozenset({LOOPBACK, "localhost"})


class Files(SimpleHTTPRequestHandler):
    """GET and HEAD of files; no listing of folders, nothing hidden, and only under the names of this machine."""

    def send_head(self) -> Any:
        host = (self.headers.get("Host") or "").rpartition(":")[0] or self.headers.get("Host")
        # A page elsewhere may give our address a name of its own: then it would read the report as its own page.
        if host not in OUR_NAMES or "/." in self.path:
            self.send_error(404)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002  the name is the base class's
        self.send_error(404)

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing is written of who read what."""


@contextmanager
def report_served(folder: Path, port: int) -> Iterator[str]:
    """Serve `folder` while the block runs; yields the address. Raises Refused when the port is taken."""
    try:
        server = ThreadingHTTPServer((LOOPBACK, port), partial(Files, directory=str(folder)))
    except OSError as error:
        raise Refused(
            f"port {port}, for the report, is taken: {error.strerror}",
            remedy="end what listens there, or give another --port: the report has the one after it",
        ) from error
    thread = Thread(target=server.serve_forever, name="report", daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
