"""Which index answers in PyPI's place, and failing over from one to the next."""
