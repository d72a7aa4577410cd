"""Who we say we are: one honest User-Agent, with the operator's contact where there is one."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version

from config.errors import Refused, SourceUnreachable

NEEDS_CONTACT = ("sec.gov",)


@cache
def code_version() -> str:
    """The version of the installed project."""
    return version("capex-signals")


def user_agent(contact: str) -> str:
    """The User-Agent header, e.g. `capex-signals/0.1.0 (+someone@example.org)`.

    Raises Refused when the contact cannot stand in a header.
    """
    name = f"capex-signals/{code_version()}"
    contact = contact.strip()
    if not contact:
        return name
    if not (contact.isascii() and contact.isprintable()) or set(contact) & set("()"):
        raise Refused(
            f"the contact {contact!r} cannot stand in a request header",
            place="CAPEX_SIGNALS_CONTACT",
            remedy="use a plain e-mail address or the address of a page",
        )
    return f"{name} (+{contact})"


def require_contact(host: str, contact: str, source: str) -> None:
    """Raise SourceUnreachable when this host refuses clients without a contact and none is set."""
    if contact.strip() or not any(host == name or host.endswith(f".{name}") for name in NEEDS_CONTACT):
        return
    raise SourceUnreachable(
        f"{host} serves only clients that state a contact; nothing was sent.",
        source=source,
        remedy="set CAPEX_SIGNALS_CONTACT to your e-mail address and run again",
    )
