"""The project of the snapshot tutorial, and a tiny index on this machine for its packages."""
