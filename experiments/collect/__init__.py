"""Collect: the jobs of a multirun folder as one table and one page.

found = collect("multirun/2026-01-31/12-00-00")     # experiments.collect.ask
found.sentence, found.table
"""
