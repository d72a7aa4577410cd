"""Sources with a past: <source>.py here says which captures of it could still be had. Found by name.

`discover(spec, catalog, start, end, fetcher)` yields flows.discovery.Discovered for each capture whose instant lies
in the days from start to end, both included, oldest first. It asks for lists only, never for the payloads.
"""
