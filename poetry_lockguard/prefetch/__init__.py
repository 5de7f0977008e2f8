"""Fetching ahead of the solver."""
