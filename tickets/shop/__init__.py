"""A buyer's pages: shop, checkout, and what stands behind the secret links."""
