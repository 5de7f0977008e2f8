"""Reads ``poetry.lock`` as values."""
