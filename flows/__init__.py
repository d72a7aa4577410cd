"""WHEN AND HOW TO GET: Prefect flows, the network, the clock and the command line."""

import gc

# A process of ours makes half a million objects that stay, and few cycles: looking through them after each 700 new ones, as
# Python does, is a tenth of a night.
gc.set_threshold(50_000)
