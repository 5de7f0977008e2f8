"""A software bill of materials (CycloneDX 1.6, JSON) of locked pins.

It has no time and no random number: the same pins and licences give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from poetry_lockguard.errors import LockguardError
from poetry_lockguard.exports.bills.bill_roots import HASH_NAMES, roots
from poetry_lockguard.exports.file_seal import NO_SERIAL, serial
from poetry_lockguard.exports.outcome import Export, Exported
from poetry_lockguard.repair.forced_moves import excludes
from poetry_lockguard.snapshots.origins import Git, Index, Url
from poetry_lockguard.urls import repository, without_secrets

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from cyclonedx.model import HashType
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component
    from cyclonedx.model.license import License
    from packageurl import PackageURL

    from poetry_lockguard.exports.bills.licences import Licence, Licences
    from poetry_lockguard.exports.lock_selection import PlacedPin

NO_CYCLONEDX = (
    "a CycloneDX file needs cyclonedx-python-lib beside Poetry; run"
    " `pip install 'poetry-lockguard[sbom]'` or `poetry self add 'poetry-lockguard[sbom]'`"
)


def cyclonedx(project: str, pins: Sequence[PlacedPin], licences: Mapping[str, Licences]) -> Export:
    """Write the bill of a project's pins, with their ``licences`` by package URL.

    Raises LockguardError without the library.
    """
    try:
        from cyclonedx.output.json import JsonV1Dot6
    except ModuleNotFoundError as error:
        raise LockguardError(NO_CYCLONEDX) from error
    bill = _bill(project, pins, licences)
    bill.serial_number = UUID(NO_SERIAL)
    text = JsonV1Dot6(bill).output_as_string(indent=2)
    bill.serial_number = UUID(serial(text))
    return Exported(text=JsonV1Dot6(bill).output_as_string(indent=2) + "\n")


def _bill(name: str, pins: Sequence[PlacedPin], licences: Mapping[str, Licences]) -> Bom:
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType

    found = {_reference(one): _component(one, licences.get(package_url(one), ())) for one in pins}
    root = Component(name=name, type=ComponentType.APPLICATION, bom_ref=f"project:{name}")
    bill = Bom(components=found.values())
    bill.metadata.timestamp = None  # type: ignore[assignment]  # the schema does not ask for one
    bill.metadata.component = root
    bill.metadata.tools.components.clear()
    needed = {_reference(one): [*map(_reference, _needed(one, pins))] for one in pins}
    bill.register_dependency(root, [found[ref] for ref in roots(needed)])
    for ref, others in needed.items():
        bill.register_dependency(found[ref], [found[other] for other in others])
    return bill


def _reference(one: PlacedPin) -> str:
    commit = one.entry.source.commit if isinstance(one.entry.source, Git) else None
    return "@".join(filter(None, (one.pin.name, one.pin.version, commit)))


def _needed(one: PlacedPin, pins: Sequence[PlacedPin]) -> Iterator[PlacedPin]:
    for other in pins:
        wanted = one.pin.dependencies.get(other.pin.name, ())
        if any(not excludes(text, other.pin.version) for text in wanted):
            yield other


def package_url(one: PlacedPin) -> str:
    """Return the package URL (purl) of a pin."""
    return _package_url(one).to_string()


def _package_url(one: PlacedPin) -> PackageURL:
    from packageurl import PackageURL

    return PackageURL("pypi", None, one.pin.name, one.pin.version, _qualifiers(one))


def _component(one: PlacedPin, licences: Licences) -> Component:
    from cyclonedx.model import ExternalReference, ExternalReferenceType, Property, XsUri
    from cyclonedx.model.component import Component, ComponentType

    files = [
        ExternalReference(
            type=ExternalReferenceType.DISTRIBUTION,
            url=XsUri(name),
            hashes=[_hash(*one.entry.files[name].partition(":")[::2])],
        )
        for name in sorted(one.entry.files)
        if one.entry.files[name].partition(":")[0] in HASH_NAMES
    ]
    markers = [Property(name="poetry:marker", value=one.marker)] if one.marker else []
    return Component(
        name=one.pin.name,
        version=one.pin.version,
        type=ComponentType.LIBRARY,
        bom_ref=_reference(one),
        purl=_package_url(one),
        licenses=map(_licence, licences),
        external_references=files,
        properties=markers,
    )


def _licence(licence: Licence) -> License:
    from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression

    if licence.kind == "expression":
        return LicenseExpression(licence.text)
    if licence.kind == "id":
        return DisjunctiveLicense(id=licence.text)
    return DisjunctiveLicense(name=licence.text)


def _hash(kind: str, digest: str) -> HashType:
    from cyclonedx.model import HashAlgorithm, HashType

    return HashType(alg=HashAlgorithm(HASH_NAMES[kind]), content=digest)


def _qualifiers(one: PlacedPin) -> dict[str, Any] | None:
    match one.entry.source:
        case Index(url=url):
            return {"repository_url": without_secrets(url)}
        case Git(url=url, commit=commit):
            return {"vcs_url": f"git+{without_secrets(repository(url))}@{commit}"}
        case Url(url=url):
            return {"download_url": without_secrets(url)}
        case _:
            return None
