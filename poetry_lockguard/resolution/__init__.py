"""Configurations through Poetry's solver: what it is shown, and what comes out."""
