"""Monorepos of any size: applications that use libraries that use bases, by their paths."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LEVELS = ("base", "lib", "app", "app", "app")  # of five projects, one is a base and one a library


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One project: what it needs of an index, and which other members, by their folders."""

    name: str
    folder: Path
    requirements: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def manifest(self) -> Path:
        return self.folder / "pyproject.toml"

    def write(self) -> None:
        self.folder.mkdir(parents=True)
        self.manifest.write_text(self.text)

    @property
    def hides_places(self) -> bool:
        """Whether those who use it have to know where what it uses is, as Poetry reads it."""
        level, number = self.name.split("-")
        return level == "lib" and int(number) % 2 == 1

    @property
    def text(self) -> str:
        """Some libraries say it as PEP 621 has it, places aside; the rest as Poetry does."""
        if self.hides_places:
            wanted = [*self.requirements, *(member.name for member in self.members)]
            listed = ", ".join(f'"{one}"' for one in wanted)
            head = (
                f'[project]\nname = "{self.name}"\nversion = "1.0"\n'
                f'requires-python = ">=3.10,<4.0"\ndependencies = [{listed}]\n'
            )
            return f"{head}\n[tool.poetry.dependencies]\n{self._paths}"
        head = f'[tool.poetry]\nname = "{self.name}"\nversion = "1.0"\ndescription = ""\n'
        head += "authors = []\n"
        wanted = [one.replace(" (", ' = "').replace(")", '"') for one in self.requirements]
        lines = "".join(f"{one}\n" for one in ('python = ">=3.10,<4.0"', *wanted))
        return f"{head}\n[tool.poetry.dependencies]\n{lines}{self._paths}"

    @property
    def _paths(self) -> str:
        return "".join(
            f'{member.name} = {{path = "{self.path_to(member)}", develop = true}}\n'
            for member in self.members
        )

    def path_to(self, member: Member) -> str:
        return os.path.relpath(member.folder, self.folder).replace(os.sep, "/")

    @property
    def below(self) -> dict[str, Member]:
        """Every member it uses, directly or through others, by name."""
        found: dict[str, Member] = {}
        for member in self.members:
            found |= {member.name: member, **member.below}
        return found


def generate(root: Path, count: int, requirements: tuple[str, ...]) -> list[Member]:
    """Write ``count`` manifests in three levels, without locks, and give the projects."""
    made: dict[str, list[Member]] = {"base": [], "lib": [], "app": []}
    for number in range(count):
        level = LEVELS[number % len(LEVELS)]
        member_of = {
            "base": [],
            "lib": made["base"][-2:],
            "app": [one for lib in made["lib"][-1:] for one in (lib, *_hidden(lib))],
        }
        member = Member(
            name=f"{level}-{number}",
            folder=root / f"{level}s" / f"{level}-{number}",
            requirements=requirements,
            members=tuple(member_of[level]),
        )
        member.write()
        made[level].append(member)
    return [member for level in made.values() for member in level]


def _hidden(library: Member) -> tuple[Member, ...]:
    return library.members if library.hides_places else ()
