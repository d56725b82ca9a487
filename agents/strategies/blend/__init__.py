"""Blended strategies: they join passive and active means in one."""
