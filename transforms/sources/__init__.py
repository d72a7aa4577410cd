"""One module for each source, found by name: parse(payload, capture, catalog) -> Parsed."""
