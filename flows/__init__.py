"""WHEN AND HOW TO GET: Prefect flows, the network, the clock and the command line."""
