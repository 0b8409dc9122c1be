"""Issues from the first word to the archive: composing, checking, rendering, freezing, taking down."""
