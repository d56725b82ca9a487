"""The catalogue: what every registered strategy and targeting is, found by looking."""
