"""Passive strategies: they make staying better for everyone; at most they confirm what a customer did itself."""
