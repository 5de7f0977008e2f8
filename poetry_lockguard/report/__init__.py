"""Outcomes as text, Markdown, annotations, JSON and web pages."""
