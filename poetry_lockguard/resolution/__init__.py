"""Resolves configurations with Poetry's solver: its input and its result."""
