"""The Prefect server, its worker, and what they need before the first run."""
