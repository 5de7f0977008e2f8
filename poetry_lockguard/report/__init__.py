"""Outcomes as words: text, markdown, annotations, JSON."""
