"""Backfills: what is kept of a source's past, what of it is wanted, and how it is had."""
