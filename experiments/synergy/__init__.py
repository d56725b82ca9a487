"""Synergy: whether two programmes together are more than their sum, and whether it matters which comes first.

found = synergy(["market=saas", "draws=4"])     # experiments.synergy.ask
found.sentence, found.table
"""
