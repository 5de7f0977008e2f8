"""Snapshots as files that other installers read."""
