"""The errors that stop a command: one base class, with messages ready for the user."""

INTERRUPTED = "interrupted"  #: the message after Ctrl-C


def one_line(error: BaseException) -> str:
    """Return an error's message in one line; the name of its class if it has none.

    An error of the system is the file and the reason, without its number.
    """
    if isinstance(error, OSError) and error.filename and error.strerror:
        return " ".join(f"{error.filename}: {error.strerror}".split())
    return " ".join(str(error).split()) or type(error).__name__


class LockguardError(Exception):
    """The command cannot answer: bad usage, no manifest, unreadable settings (exit code 2).

    The message is one line that names the file and says what to do next.
    """


class UsageError(LockguardError):
    """The command line names something that does not exist, or contradicts itself."""


class ManifestError(LockguardError):
    """``pyproject.toml`` is missing, unreadable, invalid, or does not belong to Poetry."""


class NotPoetrysError(ManifestError):
    """The manifest belongs to another tool; commands for many projects skip it."""


class LockFileError(LockguardError):
    """The lock cannot be opened: it is a folder, or a file without read permission."""


class SettingsError(LockguardError):
    """``[tool.lockguard]`` has invalid keys or values; the message lists all of them."""
