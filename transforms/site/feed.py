"""The feed of alerts as JSON Feed 1.1 and as Atom: text only, newest first, in both languages."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from config.load import catalog
from config.terms import terms
from transforms.site import names
from transforms.site.words import Phrase

TITLE = "capex-signals"
MOST_ENTRIES = 200


def render_json_feed(records: Sequence[Mapping[str, Any]]) -> str:
    """JSON Feed 1.1 of alert records (newest last in, newest first out)."""
    items = [
        {
            "id": record["id"],
            "title": title(record),
            "content_text": f"{record['text_zh']}\n{record['text_en']}",
            "date_published": _instant(record["at"]),
            "tags": [record["kind"]],
        }
        for record in list(records)[::-1][:MOST_ENTRIES]
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": TITLE, "items": items}
    return json.dumps(feed, ensure_ascii=False, indent=1) + "\n"


def render_atom(records: Sequence[Mapping[str, Any]], updated: datetime) -> str:
    """The same entries as Atom (RFC 4287); ids are tag: URIs, so the feed needs no address of its own."""
    entries = "".join(
        f"<entry><id>tag:capex-signals,2026:{escape(record['id'])}</id><title>"
        f"{escape(title(record))}</title><updated>{_instant(record['at'])}</updated>"
        f'<content type="text">{escape(record["text_zh"])}\n{escape(record["text_en"])}</content></entry>\n'
        for record in list(records)[::-1][:MOST_ENTRIES]
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>tag:capex-signals,2026:feed</id><title>{TITLE}</title><updated>{_instant(updated)}</updated>"
        f"<author><name>{TITLE}</name></author>\n{entries}</feed>\n"
    )


def title(record: Mapping[str, Any]) -> str:
    """What kind of news it is, of which claim, source or figure, in both languages."""
    kind, subject = terms().alerts.get(record["kind"]), str(record["subject"])
    claim, source = catalog().claims.get(subject), catalog().sources.get(subject)
    told = Phrase.same(subject)
    if claim:
        told = Phrase(f"{claim.id} {claim.title_zh}", f"{claim.id} {claim.title_en}")
    elif source:
        told = names.source(subject)
    elif record["kind"] == "revision" and subject.count(" ") == 2:  # company, metric and the end of the period
        company, metric, day = subject.split(" ")
        told = Phrase(f"{company} {names.term(metric).zh} {day}", f"{company} {names.term(metric).en} {day}")
    if kind is None:
        return f"{told.zh} | {told.en}" if told.zh != told.en else told.en
    return f"{kind.zh}：{told.zh} | {kind.en}: {told.en}"


def _instant(at: datetime | str) -> str:
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
