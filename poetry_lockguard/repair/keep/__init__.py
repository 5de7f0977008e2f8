"""The offline rung: keep the lock where its pins still serve the manifest."""
