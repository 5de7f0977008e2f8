"""Bundles of real projects for three targets, installed where there is no network.

    python tests/benchmarks/corpus_bundles.py [PROJECTS] [FOLDER]

Of each project, the snapshot of its main group is made from its lock, for this machine, macOS and
Windows, and bundled twice, into a folder and from nothing into another one. This machine's
configuration is installed in a network namespace without any route. For the two others, uv unpacks
every wheel as for their platforms, with the hashes of the exported requirements and no index.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from packaging.utils import canonicalize_name

from poetry_lockguard import toml
from poetry_lockguard.exports.bundles.bundle_contents import bundle_contents
from poetry_lockguard.snapshots.selection import select
from poetry_lockguard.snapshots.store import read

CORPUS = Path(__file__).parents[2].parent / "shared" / "corpus"
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"
PLATFORMS = {
    "linux-x86_64": "x86_64-manylinux_2_28",
    "macos-arm64": "aarch64-apple-darwin",
    "windows-x86_64": "x86_64-pc-windows-msvc",
}
SETTINGS = f"""
[tool.lockguard]
lock = "optional"

[tool.lockguard.matrix]
python = ["{HERE}"]
platform = {json.dumps([*PLATFORMS])}
"""
#: so large that twenty projects would take hours
LEAST = 12  # pins: projects with fewer prove little
HEAVY = (
    "torch",
    "nvidia-",
    "tensorflow",
    "pyspark",
    "triton",
    "scikit-learn",
    "jaxlib",
    "llvmlite",
)
NO_ROUTE = ("unshare", "--map-root-user", "--net")


def candidates() -> list[Path]:
    """Return the projects without large packages, with fewer pins first."""
    found = []
    for folder in sorted(CORPUS.iterdir()):
        if not (folder / "poetry.lock").exists():
            continue
        try:
            pins = toml.loads((folder / "poetry.lock").read_text()).get("package", [])
        except ValueError:
            continue
        if pins and not any(pin["name"].startswith(HEAVY) for pin in pins):
            found.append((len(pins), folder))
    return [folder for number, folder in sorted(found) if number >= LEAST]


def run(*command: str, cwd: Path, environ: dict[str, str] | None = None) -> tuple[int, str]:
    """Run a program; return its exit code and what it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    return done.returncode, done.stdout + done.stderr


def lockguard(cwd: Path, *words: str, before: tuple[str, ...] = ()) -> tuple[int, str]:
    own = {"POETRY_VIRTUALENVS_IN_PROJECT": "true", "POETRY_NO_INTERACTION": "1"}
    own["POETRY_CACHE_DIR"] = str(CACHE)
    command = (*before, sys.executable, "-m", "poetry", "lockguard", *words)
    return run(*command, cwd=cwd, environ=own)


def content(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def wheels_of(bundle: Path, config: str) -> set[str]:
    """Return the packages of which a configuration takes a wheel; uv builds nothing here."""
    snapshot = read(bundle / "lockguard.lock").snapshot
    contents = bundle_contents(select(snapshot, [config]), [config])
    return {one.key[0] for one in contents.files if one.name.endswith(".whl")}


def unpacked(app: Path, platform: str, bundle: Path) -> str:
    """Return why uv could not install a configuration from the bundle, or the empty string."""
    name = f"{platform}-py{HERE.replace('.', '')}"
    listed = app / f"{name}.txt"
    code, said = lockguard(
        app,
        "snapshot",
        "export",
        "--config",
        name,
        "--format",
        "requirements",
        "--offline",
        "--output",
        str(listed),
    )
    if code:
        return said
    parts = listed.read_text().replace("\\\n", " ").splitlines()
    wheels = wheels_of(bundle, name)
    kept = [
        part for part in parts if canonicalize_name(part.split("==")[0].split("[")[0]) in wheels
    ]
    listed.write_text("\n".join(kept))
    target = app / f"into-{platform}"
    code, said = run(
        "uv",
        "pip",
        "install",
        "--quiet",
        "--offline",
        "--no-index",
        "--no-deps",
        "--no-build",
        "--require-hashes",
        "--find-links",
        str(bundle),
        "--target",
        str(target),
        "--python-platform",
        PLATFORMS[platform],
        "--python-version",
        HERE,
        "-r",
        str(listed),
        "--python",
        sys.executable,
        "--no-cache",
        cwd=app,
        environ={"MACOSX_DEPLOYMENT_TARGET": "14.0"},
    )
    shutil.rmtree(target, ignore_errors=True)
    return said if code else ""


def tried(folder: Path, place: Path) -> str:
    """Bundle one project and install it; return a line about it."""
    app, there = place / "app", place / "there"
    shutil.copytree(folder, app)
    there.mkdir()
    manifest = app / "pyproject.toml"
    manifest.write_text(manifest.read_text() + SETTINGS)
    code, said = lockguard(app, "snapshot", "create")
    if code:
        return f"no snapshot: {said.strip().splitlines()[-1][:150]}"
    began = time.monotonic()
    code, said = lockguard(app, "bundle", "--output", str(place / "one"))
    if code:
        return f"no bundle: {said.strip().splitlines()[0][:150]}"
    seconds = time.monotonic() - began
    code, said = lockguard(app, "bundle", "--output", str(place / "two"))
    same = content(place / "one") == content(place / "two")
    files = [*(place / "one").iterdir()]
    size = sum(path.stat().st_size for path in files) / 1e6
    own = f"linux-x86_64-py{HERE.replace('.', '')}"
    code, said = lockguard(
        there, "install", "--bundle", str(place / "one"), "--config", own, before=NO_ROUTE
    )
    installed = (
        "installed"
        if code == 0
        else f"NOT THERE: {' / '.join(said.strip().splitlines()[-8:])[:900]}"
    )
    others = [unpacked(app, platform, place / "one") for platform in PLATFORMS]
    foreign = "; ".join(filter(None, others)) or "3 platforms unpacked"
    return (
        f"{len(files)} files, {size:.0f} MB, {seconds:.0f} s; {'same' if same else 'NOT THE SAME'};"
        f" {installed}; {foreign[:300]}"
    )


def main() -> None:
    done = 0
    for folder in candidates():
        with tempfile.TemporaryDirectory(dir=FOLDER) as name:
            try:
                line = tried(folder, Path(name))
            except subprocess.TimeoutExpired:
                line = "took too long"
        print(f"{folder.name}: {line}", flush=True)
        done += "; installed; " in line
        if done == WANTED:
            break
    print(f"{done} projects installed without a network")


if __name__ == "__main__":
    WANTED = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    FOLDER = sys.argv[2] if len(sys.argv) > 2 else None
    CACHE = Path(tempfile.mkdtemp(prefix="corpus-cache-", dir=FOLDER))
    main()
