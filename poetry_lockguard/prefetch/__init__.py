"""Fetches metadata before the solver asks for it."""
