"""Verdicts to pages: one self-contained bilingual HTML page, and a short Markdown form of it."""  # noqa: A005  the design names this package; transforms/ itself is never on the import path
