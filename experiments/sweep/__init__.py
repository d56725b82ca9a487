"""Sweep: scenarios compared at many values of chosen numbers, under the same luck at each point.

found = sweep(["experiment.over={kappa:[0.01,0.4]}", "experiment.steps=9"])     # experiments.sweep.ask
found.sentence, found.table
"""
