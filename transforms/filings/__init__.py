"""What is filed: XBRL, EDGAR documents, releases, and when the public could know them."""
