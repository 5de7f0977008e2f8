"""Bringing a lock back in step: the ladder of strategies, salvage, the transaction."""
