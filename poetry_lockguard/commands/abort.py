"""Stops one of Poetry's own commands before it starts, with an exit code and without a traceback.

cleo has a way to disable a command, but gives it the code 113; the code of the end is asked of
those who listen to the end.
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
    """Let the command that ``event`` announces not run, and end with ``code``.

    Those who would listen after us are not asked either: Poetry makes an environment there.
    """
    event.disable_command()
    event.stop_propagation()

    def end(over: Event, _: str, __: EventDispatcher) -> None:
        if isinstance(over, ConsoleTerminateEvent) and over.command is event.command:
            over.set_exit_code(code)

    dispatcher.add_listener(TERMINATE, end)
