"""Writes what changed into a lock's text, and nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from poetry_lockguard.repair import toml_values
from poetry_lockguard.repair.keep.kept_or_doubt import Doubt, Reason
from poetry_lockguard.repair.keep.kept_project import in_main_first
from poetry_lockguard.repair.keep.markers import Markers
from poetry_lockguard.repair.keep.reachable import REQUIRED
from poetry_lockguard.repair.toml_statements import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping

    from poetry.core.version.markers import BaseMarker

    from poetry_lockguard.repair.keep.kept_project import KeptProject
    from poetry_lockguard.repair.keep.pin_graph import Node
    from poetry_lockguard.repair.keep.reachable import Reach
    from poetry_lockguard.repair.lock_text import Block, LockText

_MIXING = ("2.0.", "2.1.", "2.2.")  #: Poetry versions that often mix up the markers of groups


class _Everything:
    """Contains every name."""

    def __contains__(self, _: object) -> bool:
        return True


EVERYTHING = _Everything()


class DoubtError(Exception):
    """The new content of an entry cannot be derived from the lock alone."""

    def __init__(self, doubt: Doubt) -> None:
        super().__init__(str(doubt))
        self.doubt = doubt


class Editor:
    """Edits the entries of one lock."""

    def __init__(
        self,
        project: KeptProject,
        reach: Reach,
        renamed: Mapping[str, str],
        informed: Callable[[], KeptProject | None] = lambda: None,
        concerned: Container[str] = EVERYTHING,
    ) -> None:
        """Take the names of renamed sources, and what looks up the project with its old manifest.

        It is called only if that makes a difference. Only ``concerned`` packages are edited.
        """
        self._project = project
        self._informed = cache(informed)
        self._concerned = concerned
        self._reach = reach
        self._renamed = renamed
        self._possible = project.walk.possible(project.roots(project.state))
        self._markers = Markers(project, reach)

    def edited(self, lock: LockText) -> LockText:
        """Edit the entries. Raises DoubtError."""
        blocks, gone = [], []
        for node, block in zip(self._project.all_nodes, lock.blocks, strict=True):
            if node.name not in self._concerned:
                blocks.append(block)
            elif self._is_needless(node):
                gone.append(node)
            else:
                blocks.append(self._entry(node, block))
        if gone or any(one is not other for one, other in zip(blocks, lock.blocks, strict=False)):
            lock = lock.with_blocks(blocks)
        return _without_rows(lock, gone, {block.name for block in blocks})

    def _is_needless(self, node: Node) -> bool:
        """Whether nothing needs a pin any more.

        Poetry also keeps a pin that is needed on no known platform.
        """
        if node.name in self._project.state.never_locked or self._reach.of(node):
            return False
        if not self._possible.of(node):
            return True
        return self._project.has_groups and any(self._project.old_masks[node.number].values())

    def _entry(self, node: Node, block: Block) -> Block:
        if self._project.has_groups:
            block = self._with_groups(node, block)
        elif "category" in block.own.pairs and node.name not in self._project.state.never_locked:
            block = self._with_category(node, block)
        block = self._with_optional(node, block)
        return self._with_source(node, block)

    def _with_category(self, node: Node, block: Block) -> Block:
        category = "main" if "main" in self._possible.of(node) else "dev"
        known = node.entry.get("category")
        return block if known in {category, None} else block.with_category(category)

    def _with_optional(self, node: Node, block: Block) -> Block:
        if node.name in self._project.state.never_locked:
            return block
        optional = REQUIRED not in self._possible.of(node)
        return block if node.locked.pin.optional == optional else block.with_optional(optional)

    def _with_groups(self, node: Node, block: Block) -> Block:
        old = {group: mask for group, mask in self._project.old_masks[node.number].items() if mask}
        new = {group: mask for group, mask in self._reach.of(node).items() if group != REQUIRED}
        new |= {group: old[group] for group in self._only_mixed(node, old, new)}
        if old == new:
            return block
        groups = sorted(new, key=in_main_first)
        if {*groups} != node.old_groups:
            block = block.with_groups(groups)
        return self._with_markers(node, block, groups, new)

    def _only_mixed(
        self, node: Node, old: Mapping[str, int], new: Mapping[str, int]
    ) -> Iterator[str]:
        """Yield the groups whose markers the edit of the manifest did not change.

        They would get narrower only because the lock mixes them up: each group then also has the
        environments of the others. Poetry did so before 2.3, and does so for a requirement that
        several groups share with different markers. If the old manifest is known, a group whose
        environments were its own is not mixed up.

        Or they would because an entry lacks what an extra adds: Poetry loses it now and then where
        it merges requirements of one package. Then the old manifest needs no more of it, either.
        """
        total = self._reach.total(node)
        narrowed = [
            group
            for group in old.keys() & new.keys()
            if old[group] != new[group] and not new[group] & ~old[group]
        ]
        beyond = {group for group in narrowed if old[group] & ~total}
        informed = self._informed() if narrowed else None
        if informed is None or informed.reach is None or informed.reach_before is None:
            generator = self._project.state.lock.generator or ""
            is_mixing = generator.startswith(_MIXING)
            yield from (group for group in narrowed if is_mixing and group not in beyond)
            return
        same = informed.by_number[node.number]
        own, now = informed.reach_before.of(same), informed.reach.of(same)
        masks = informed.old_masks[node.number]
        for group in narrowed:
            is_kept = own.get(group) == now.get(group) or group not in beyond
            if is_kept and masks[group] != own.get(group):
                yield group

    def _with_markers(
        self, node: Node, block: Block, groups: list[str], new: Mapping[str, int]
    ) -> Block:
        old = self._project.old_masks[node.number]
        known = self._project.old_markers(node)
        found: dict[str, BaseMarker] = {}
        for group in groups:
            matching = [name for name in (group, *found, *known) if new[group] == old.get(name)]
            if matching:
                found[group] = known[matching[0]]
                continue
            marker = self._markers.of(node, group)
            if marker is None:
                raise DoubtError(
                    Doubt(
                        reason=Reason.MARKER,
                        package=node.name,
                        detail=f"the lock alone does not determine its marker for group {group}",
                    )
                )
            found[group] = marker
        return block.with_markers(_written(found))

    def _with_source(self, node: Node, block: Block) -> Block:
        source = node.locked.pin.source
        table = block.table("source")
        if source is None or table is None or source.kind != "legacy":
            return block
        name = self._renamed.get(source.reference or "")
        if name is None:
            return block
        line = f"reference = {toml_values.text(name)}{block.newline}"
        return block.with_table(table.with_pair(Statement(line, "pair", ("reference",))))


def _written(markers: Mapping[str, BaseMarker]) -> str | dict[str, str]:
    """Return markers as Poetry writes them: a single one if all groups have the same."""
    written = {group: str(marker) for group, marker in markers.items() if not marker.is_any()}
    texts = {*written.values()}
    return texts.pop() if len(written) == len(markers) and len(texts) == 1 else written


def _without_rows(lock: LockText, gone: Iterable[Node], left: set[str]) -> LockText:
    """Remove the files of removed pins from the tables in which old formats keep them."""
    names = {str(node.entry["name"]) for node in gone} - left
    return lock.without_files(names) if names and lock.has_files_elsewhere else lock
