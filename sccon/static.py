"""Static files in production: with a hash in their names, cached for a year, compressed once per release."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

PROCESSED = "processed.sha256"  # beside the manifest: which files it was made of


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # JavaScript modules import each other by the hashed names, too. Django has no setting for it.
    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Hashes and compresses the collected files, half a minute of CPU; nothing if they are those of the last time."""
        if dry_run:
            return
        known, digest = Path(self.path(PROCESSED)), _digest(paths)
        if known.exists() and known.read_text() == digest and self._all_there():
            return
        known.unlink(missing_ok=True)
        yield from super().post_process(paths, dry_run=False, **options)
        known.write_text(digest)

    def _all_there(self) -> bool:
        return bool(self.hashed_files) and all(self.exists(name) for name in self.hashed_files.values())


def _digest(paths: dict[str, Any]) -> str:
    """Of the names and contents of all files, and of the code that hashes and compresses them."""
    found = hashlib.sha256(Path(__file__).read_bytes())
    for name, (storage, path) in sorted(paths.items()):
        found.update(f"\n{name}\n".encode())
        with storage.open(path) as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()
