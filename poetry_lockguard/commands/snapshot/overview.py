"""``poetry lockguard snapshot`` without a subcommand: list the subcommands."""

from __future__ import annotations

from poetry_lockguard.commands.help.namespace import ListingCommand


class SnapshotCommand(ListingCommand):
    """Lists the snapshot commands."""

    name = "lockguard snapshot"
    description = "List the commands for snapshots: the resolution of many configurations."
    takes = "A snapshot command."
