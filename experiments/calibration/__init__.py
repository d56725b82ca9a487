"""Calibration: what real customers did, as parameters of a market.

Two models are fitted by maximum likelihood: the shifted-beta-geometric (`sbg`) to how long subscribers stay, the
BG/NBD (`bgnbd`) to how often customers without a contract buy. Both are exact special cases of the attention gate,
so that a fitted model is at once a fitted market.
"""
