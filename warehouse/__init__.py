"""WHERE IT STAYS: the archive of bytes and the DuckDB store built from it."""
