"""Whether a lock is in step with its manifest, and if not, why."""
