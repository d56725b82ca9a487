"""Tipping points: where the winner flips, how much of the plausible box it holds, and a rule that a person can say.

found = tipping_points(["scenarios=[passive,active]"])     # experiments.tipping_points.ask
found.sentence, found.table, found.rules
"""
