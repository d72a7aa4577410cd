"""The archive: bytes as they came, and logs that are only ever appended to."""
