"""The snapshot file: its values, its reading and writing, and what can be done with it."""
