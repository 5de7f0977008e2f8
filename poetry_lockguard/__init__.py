"""Checks, explains, fixes and installs Poetry locks, on good networks and bad."""
