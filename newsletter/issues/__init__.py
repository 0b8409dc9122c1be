"""Issues: composing, rendering, freezing."""
