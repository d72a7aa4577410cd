"""Token prices: tables and pages, the figures in them, the names of models, and what is doubted."""
