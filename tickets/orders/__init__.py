"""From cart to order to end: one function per transition."""
