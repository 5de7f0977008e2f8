"""Chooses the indexes used in place of PyPI and fails over from one to the next."""
