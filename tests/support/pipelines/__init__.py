"""Runs documented pipelines on this machine: their scripts as they stand, in a shell."""
