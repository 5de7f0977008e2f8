"""Runs Poetry's own installer through mirrors, and installs from a snapshot."""
