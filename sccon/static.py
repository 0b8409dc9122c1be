"""Static files in production: hashed names, kept for a year, compressed once at start."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # The rich text editor's modules import each other by name.
    support_js_module_import_aggregation = True
