"""Strategies: what a provider does to keep its customers."""
