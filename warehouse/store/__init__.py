"""The fact store: what may enter, what is new, and one writer at a time."""
