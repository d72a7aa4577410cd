"""`python -m flows.prefect_server.guard HOST PORT`: Prefect's server behind a guard against what other pages may send.

The server has no login, and any page that a person opens can send requests to loopback. So it answers to its own names only (a
foreign name that was pointed here is refused), and takes writes only from its own page or from programs, and only as JSON:
what a form of another page can send is none. Nor may another page show it in a frame: clicks meant for that page would land here.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import uvicorn

OWN_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
UNFRAMED = [(b"x-frame-options", b"SAMEORIGIN"), (b"content-security-policy", b"frame-ancestors 'self'")]
READING = frozenset({"GET", "HEAD", "OPTIONS"})

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


def refusal(kind: str, method: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, str] | None:
    """(status, why) of a request that is not passed on; None where it is. `kind` is http or websocket."""
    hosts = [value.decode("latin-1").lower() for name, value in headers if name.lower() == b"host"]
    told = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in headers}
    if len(hosts) != 1 or _without_port(hosts[0]) not in OWN_NAMES:
        return 421, "this server answers to 127.0.0.1 and localhost only"
    if kind == "http" and method in READING:
        return None
    origin = told.get("origin", "")
    if (origin and origin.lower() != f"http://{hosts[0]}") or told.get("sec-fetch-site", "") in {
        "cross-site",
        "same-site",
    }:
        return 403, "another page may not write here"
    has_body = told.get("content-length", "0") != "0" or "transfer-encoding" in told
    if (
        kind == "http"
        and has_body
        and told.get("content-type", "").partition(";")[0].strip().lower() != "application/json"
    ):
        return 415, "send application/json"
    return None


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host


def guarded(app: Application) -> Application:
    """The application behind the guard."""

    async def answer(scope: Message, receive: Receive, send: Send) -> None:
        refused = None
        if scope["type"] in ("http", "websocket"):
            refused = refusal(scope["type"], scope.get("method", ""), scope["headers"])
        if refused is None:
            await app(scope, receive, _unframed(send))
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refused[1]})
        else:
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
            await send({"type": "http.response.start", "status": refused[0], "headers": headers})
            await send({"type": "http.response.body", "body": refused[1].encode()})

    return answer


def _unframed(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), *UNFRAMED]
        await send(message)

    return sent


def main() -> None:
    """Serve what `prefect server start --host HOST --port PORT` serves, behind the guard. Its settings are in the environment."""
    from prefect.server.api.server import create_app  # noqa: PLC0415  it takes seconds

    host, port = sys.argv[1:]
    uvicorn.run(guarded(create_app()), host=host, port=int(port), log_level="warning")


if __name__ == "__main__":
    main()
