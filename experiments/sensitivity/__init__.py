"""Sensitivity: which assumptions decide by how much one scenario beats another.

found = sensitivity(["experiment.over={kappa:null,p_contact:null,tau:null}"])     # experiments.sensitivity.ask
found.sentence, found.screening, found.indices
"""
