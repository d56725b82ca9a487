"""Active strategies: they reach out to customers."""
