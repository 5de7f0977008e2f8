"""Error messages, the same in Poetry's console and in the fast console script."""

from __future__ import annotations

import json

from poetry_lockguard.errors import one_line


def error_line(message: str) -> str:
    """Return the line for stderr."""
    return f"lockguard: {message}"


def error_document(command: str, message: str, form: str = "json") -> str:
    """Return the document of a format that replaces the report on stdout."""
    if form != "json":
        from poetry_lockguard.report.pipelines.documents import of_error

        return of_error(form, message)
    document = {"lockguard": 1, "command": command, "status": "error", "message": message}
    return json.dumps(document, indent=2)


def unexpected(error: Exception) -> str:
    """Return one line for an unexpected error, usually one of Poetry's."""
    words = one_line(error)
    return f"{words} (run with -v to see where)"
