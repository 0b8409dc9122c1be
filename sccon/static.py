"""Static files in production: with a hash in their names, cached for a year, compressed once at start."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    # JavaScript modules import each other by the hashed names, too. Django has no setting for it.
    support_js_module_import_aggregation = True
