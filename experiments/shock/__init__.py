"""Shock: the same scenarios with and without a price war, an outage, a price rise, a renewal event, a new entrant.

found = shock(["scenarios=[none,passive,active]"])     # experiments.shock.ask
found.sentence, found.table
"""
