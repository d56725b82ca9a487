"""Frontier: for a budget, how much passive and how much active retention, and on whom.

found = frontier(["experiment.budgets=[0.5,1,2]"])     # experiments.frontier.ask
found.sentence, found.table
"""
