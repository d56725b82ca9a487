"""Those who decide: customers with switching propensities, competing providers, and their retention strategies.

Customers are columns of a population that compiled passes read and write; providers are few and are objects. A strategy
sees its provider's records and never a hidden state. `agents` builds on `sim` and knows nothing of configuration.
"""
