"""Describes target environments, so that markers and wheels can be chosen on any machine."""
