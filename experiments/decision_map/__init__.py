"""Decision map: who wins where, over two numbers or over markets and customers, the other assumptions drawn.

found = decision_map(["experiment.markets=[telecom,saas]"])     # experiments.decision_map.ask
found.sentence, found.table, found.maps
"""
