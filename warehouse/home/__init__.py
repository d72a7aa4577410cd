"""The home folder: where things lie, and that they are written whole."""
