"""Claims: what people say about retention, judged in every market with every mix of customers.

found = claims(["experiment.markets=[telecom,saas]", "draws=4"])     # experiments.claims.ask
found.verdicts, found.table, found.winners
"""
