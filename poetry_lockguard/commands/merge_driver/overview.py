"""``poetry lockguard merge-driver`` without a subcommand: list the subcommands."""

from __future__ import annotations

from poetry_lockguard.commands.help.namespace import ListingCommand


class MergeDriverCommand(ListingCommand):
    """Lists the commands of the merge driver."""

    name = "lockguard merge-driver"
    description = "List the commands that let git merge locks and snapshots."
    takes = "A command of the merge driver."
