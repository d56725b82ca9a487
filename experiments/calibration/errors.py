"""What calibration says when it cannot go on: one sentence with the place, the value, what is allowed and the fix."""

from experiments.errors import ConfigError


class DataError(ConfigError):
    """The data file that the configuration names cannot be read as what it should be."""


class FitError(ConfigError):
    """The data hold too little for the model asked for."""
