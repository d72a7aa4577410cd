"""Verdicts: what the evidence says of a claim, how it would be decided otherwise, and what moved it."""
