"""What a person writes: documents, private tables and the form for a call."""
