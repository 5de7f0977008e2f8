"""Reads the manifest, ``pyproject.toml``, as values."""
