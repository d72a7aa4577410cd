"""Asking hosts: one request at a time, polite, guarded, and every answer looked at before it is believed."""
