"""Moves named pins, and as few others as possible."""
