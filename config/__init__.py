"""WHAT: declared facts. Specifications, contracts and settings; hardly any code."""
