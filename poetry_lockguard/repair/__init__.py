"""Repairs a stale or damaged lock: the ladder of strategies, salvage, merges, small changes."""
