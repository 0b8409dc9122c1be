"""Static files in production: hashed names, kept for a year, compressed once at start."""

import re
from collections.abc import Callable

from whitenoise.storage import CompressedManifestStaticFilesStorage

# Our font's name has brackets, which no address may show. Django leaves them; quoted in one place only,
# a browser would take them for two files and load both.
BRACKETS = str.maketrans({"[": "%5B", "]": "%5D"})


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # The rich text editor's modules import each other by name.
    support_js_module_import_aggregation = True

    def url(self, name: str, force: bool = False) -> str:
        """The address in a page."""
        return super().url(name, force).translate(BRACKETS)

    def url_converter(self, name: str, *args, **kwargs) -> Callable[[re.Match[str]], str]:
        """Writes the addresses in a style sheet or script."""
        convert = super().url_converter(name, *args, **kwargs)
        return (lambda match: convert(match).translate(BRACKETS)) if name.endswith(".css") else convert
