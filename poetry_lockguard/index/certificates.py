"""Finds which certificate authorities to trust from the usual environment variables.

REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE come first, as in requests. The others, which pip and cloud
machines set, are used only without them, since a machine that sets the first means them for Python
programs.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from poetry_lockguard.index.failures import SourceFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

FIRST = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
OTHERS = ("SSL_CERT_FILE", "PIP_CERT", "CODEX_PROXY_CERT")


def bundle(environ: Mapping[str, str]) -> str | None:
    """Return the certificate file (or folder) to verify with; ``None`` means that of requests.

    Raises SourceFailure if a variable names a file that does not exist and no other variable of the
    same rank names one that does.
    """
    for names in (FIRST[:1], FIRST[1:], OTHERS):
        named = {name: environ[name] for name in names if environ.get(name)}
        for path in named.values():
            if Path(path).exists():
                return path
        for name, path in named.items():
            raise SourceFailure(
                f"{name} names {path}, which does not exist; "
                f"point {name} at a certificate file or unset it"
            )
    return None
