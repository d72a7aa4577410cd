"""A company's figures: its calendar, quarters, derived metrics and dimensional parts."""
