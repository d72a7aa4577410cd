"""Small inline documents for tests: a page with its contexts and units, made of words of our own."""

from __future__ import annotations

import io

from transforms.filings.xbrl_document import Document
from transforms.filings.xbrl_facts import read_document

NAMESPACES = {
    "": "http://www.w3.org/1999/xhtml",
    "ix": "http://www.xbrl.org/2013/inlineXBRL",
    "xbrli": "http://www.xbrl.org/2003/instance",
    "xbrldi": "http://xbrl.org/2006/xbrldi",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "iso4217": "http://www.xbrl.org/2003/iso4217",
    "us-gaap": "http://fasb.org/us-gaap/2024",
    "srt": "http://fasb.org/srt/2024",
    "dei": "http://xbrl.sec.gov/dei/2024",
    "msft": "http://www.microsoft.com/20240630",
}
UNITS = (
    '<xbrli:unit id="usd"><xbrli:measure>iso4217:USD</xbrli:measure></xbrli:unit>'
    '<xbrli:unit id="part"><xbrli:measure>xbrli:pure</xbrli:measure></xbrli:unit>'
)


def context(ident: str, segment: str = "", start: str = "", end: str = "2024-06-30", cik: str = "0000789019") -> str:
    """One context; `segment` holds its members as XML, without `start` it is an instant."""
    period = (
        f"<xbrli:startDate>{start}</xbrli:startDate><xbrli:endDate>{end}</xbrli:endDate>"
        if start
        else f"<xbrli:instant>{end}</xbrli:instant>"
    )
    inside = f"<xbrli:segment>{segment}</xbrli:segment>" if segment else ""
    return (
        f'<xbrli:context id="{ident}"><xbrli:entity><xbrli:identifier scheme="http://www.sec.gov/CIK">{cik}'
        f"</xbrli:identifier>{inside}</xbrli:entity><xbrli:period>{period}</xbrli:period></xbrli:context>"
    )


def member(axis: str, name: str) -> str:
    return f'<xbrldi:explicitMember dimension="{axis}">{name}</xbrldi:explicitMember>'


def header(*contexts: str, hidden: str = "") -> str:
    return (
        f"<ix:header><ix:hidden>{hidden}</ix:hidden><ix:resources>{''.join(contexts)}{UNITS}</ix:resources></ix:header>"
    )


def page(*body: str, **prefixes: str) -> bytes:
    """The document; `prefixes` replaces a prefix by another name for the same namespace."""
    declared = "".join(
        f' xmlns{":" if prefix else ""}{prefixes.get(prefix, prefix)}="{uri}"' for prefix, uri in NAMESPACES.items()
    )
    return f"<?xml version='1.0' encoding='UTF-8'?><html{declared}><body>{''.join(body)}</body></html>".encode()


def number(text: str, concept: str = "us-gaap:Revenues", ref: str = "i", **attributes: str) -> str:
    given = {"unitRef": "usd", "decimals": "-6", **attributes}
    written = "".join(f' {name.replace("_", ":")}="{value}"' for name, value in given.items())
    return f'<ix:nonFraction name="{concept}" contextRef="{ref}"{written}>{text}</ix:nonFraction>'


def read(payload: bytes, phrase: str = "lease") -> Document:
    return read_document(io.BytesIO(payload), lambda concept: concept.endswith("UsefulLife"), phrase)
