"""What stops a command from looking at all: one root, messages ready for the user."""

INTERRUPTED = "interrupted"  #: what is said after Ctrl-C


class LockguardError(Exception):
    """The question cannot be answered: bad usage, no manifest, unreadable settings (exit 2).

    The message is one line that names the file it speaks of and what to do next.
    """


class UsageError(LockguardError):
    """The command line asks for something that does not exist or does not go together."""


class ManifestError(LockguardError):
    """``pyproject.toml`` is missing, unreadable, invalid, or not a Poetry project's."""


class NotPoetrysError(ManifestError):
    """The manifest is some other tool's; a walk over many projects passes it over."""


class LockFileError(LockguardError):
    """Something stands in the lock's place that cannot be opened: a folder, a forbidden file."""


class SettingsError(LockguardError):
    """``[tool.lockguard]`` holds keys or values that mean nothing; lists all of them."""
