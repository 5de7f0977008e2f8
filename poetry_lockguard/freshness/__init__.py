"""Whether a lock is up to date with its manifest, and if not, why."""
