"""What a claim reads: its query, the macros in it, and its rows as of a day."""
