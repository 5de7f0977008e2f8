"""The snapshot's file format: reading, writing, and the seal."""
