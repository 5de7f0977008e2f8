"""``lockguard schema``: print a JSON Schema of the settings, of a file, or of a document."""

from __future__ import annotations

import json
from typing import ClassVar

from cleo.helpers import argument
from cleo.io.outputs.output import Type

from poetry_lockguard.commands.base import GuardedCommand
from poetry_lockguard.outcomes import Exit
from poetry_lockguard.schemas.schema_catalog import SCHEMAS, schema_of


class SchemaCommand(GuardedCommand):
    """Prints one schema; without a name, the list of all."""

    name = "lockguard schema"
    description = "Print a JSON Schema: of the settings, of lockguard.lock, or of a JSON report."
    names: ClassVar[str] = "The schema's name, such as settings or check; default: list all."

    def configure(self) -> None:
        """Accept one name, of one word or two."""
        super().configure()
        self._definition.add_argument(argument("name", self.names, optional=True, multiple=True))

    def guard(self) -> int:
        """Print a schema, or the list."""
        name = " ".join(self.argument("name") or [])
        if name:
            text = json.dumps(schema_of(name), indent=2)
            self.io.write_line(text, type=Type.RAW)
            return Exit.OK
        width = max(map(len, SCHEMAS))
        for each, (title, _) in SCHEMAS.items():
            self.io.write_line(f"{each:{width}}  {title}", type=Type.RAW)
        return Exit.OK
