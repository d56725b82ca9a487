"""Passive strategies: they make staying better for everyone and contact nobody."""
