"""How the question that has no answer is told, by both doors alike."""

from __future__ import annotations

import json


def error_line(message: str) -> str:
    """Return the line for stderr."""
    return f"lockguard: {message}"


def error_document(command: str, message: str) -> str:
    """Return the JSON document that stands in for the report on stdout."""
    document = {"lockguard": 1, "command": command, "status": "error", "message": message}
    return json.dumps(document, indent=2)


def unexpected(error: Exception) -> str:
    """Make one line of an error that nobody foresaw, mostly one of Poetry's."""
    words = " ".join(str(error).split()) or type(error).__name__
    return f"{words} (run with -v to see where)"
