"""What can go wrong with an answer, to order."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Fault:
    """One way to misbehave, ``times`` times (always, when ``None``)."""

    kind: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    times: int | None = None
    body: bytes = b"no"
    ranges_only: bool = False

    def due(self) -> bool:
        """Return whether it happens this time, and count it."""
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


def status(
    code: int,
    *,
    times: int | None = None,
    headers: dict[str, str] | None = None,
    body: bytes = b"no",
    ranges_only: bool = False,
) -> Fault:
    """Answer with this status, where ``ranges_only`` only to requests for a part."""
    return Fault(
        kind="status",
        status=code,
        times=times,
        headers=headers or {},
        body=body,
        ranges_only=ranges_only,
    )


def hang(seconds: float = 600.0, *, times: int | None = None) -> Fault:
    """Say nothing, until the server stops."""
    return Fault(kind="hang", seconds=seconds, times=times)


def slow(seconds: float, *, times: int | None = None) -> Fault:
    """Answer well, but late."""
    return Fault(kind="slow", seconds=seconds, times=times)


def cut(*, times: int | None = None) -> Fault:
    """Close the connection in the middle of the body."""
    return Fault(kind="cut", times=times)


def reset(*, times: int | None = None) -> Fault:
    """Close the connection without an answer."""
    return Fault(kind="reset", times=times)


def login() -> Fault:
    """Answer 200 with a page for people to log in."""
    return Fault(kind="login")


def wrong_hash() -> Fault:
    """Serve a page whose hashes are of other files."""
    return Fault(kind="wrong-hash")
