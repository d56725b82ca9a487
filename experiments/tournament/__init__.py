"""Tournament: each side plays a strategy set against the other's; who should play what, and what if everybody does.

found = tournament(["scenarios=[none,passive,active]"])     # experiments.tournament.ask
found.sentence, found.payoffs, found.equilibria
"""
