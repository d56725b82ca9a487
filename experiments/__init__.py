"""The questions one can ask: compose a market, run its scenarios in twin worlds, compare, report.

The only package that knows configuration. Importing it costs nothing: `tenure --help` answers before any library is
loaded.
"""

__version__ = "0.1.0"
