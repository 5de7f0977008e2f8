"""The one answer of Poetry's solver that no strategy can help."""

from __future__ import annotations


class Contradiction(Exception):  # noqa: N818 - an answer, not an error
    """The requirements cannot all be met; the message is Poetry's explanation."""
