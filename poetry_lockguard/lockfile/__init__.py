"""The lock, ``poetry.lock``, as values."""
