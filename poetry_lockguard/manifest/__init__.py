"""The manifest, ``pyproject.toml``, as values."""
