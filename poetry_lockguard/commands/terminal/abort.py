"""Stops one of Poetry's own commands before it starts, with an exit code and without a traceback.

cleo can disable a command, but then exits with 113; a listener for the end of the command replaces
that exit code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cleo.events.console_events import TERMINATE
from cleo.events.console_terminate_event import ConsoleTerminateEvent

if TYPE_CHECKING:
    from cleo.events.console_command_event import ConsoleCommandEvent
    from cleo.events.event import Event
    from cleo.events.event_dispatcher import EventDispatcher


def stop(event: ConsoleCommandEvent, dispatcher: EventDispatcher, code: int) -> None:
    """Stop the command of ``event`` before it runs, and exit with ``code``.

    Later listeners are skipped as well, because Poetry's would create an environment.
    """
    event.disable_command()
    event.stop_propagation()

    def end(terminated: Event, _: str, __: EventDispatcher) -> None:
        if isinstance(terminated, ConsoleTerminateEvent) and terminated.command is event.command:
            terminated.set_exit_code(code)

    dispatcher.add_listener(TERMINATE, end)
