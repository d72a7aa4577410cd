"""HOW TO READ: bytes in, rows out. Pure: no clock, no disk, no network, no database."""
