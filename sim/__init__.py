"""Time, luck, the market place, the service desk and money: the world in which customers and providers meet.

Nothing here decides anything. Who looks, who leaves and who intervenes lives in `agents`; which market, which
scenarios and which questions in `experiments`. `sim` imports neither of them, nor Mesa, nor Hydra.
"""
