"""What can go wrong for a user: one sentence each, never a traceback."""


class ConfigError(ValueError):
    """A configuration that cannot be used; the message is one sentence with key, value, what is allowed and the fix."""


class TasksFailedError(RuntimeError):
    """Some tasks failed by themselves; everything else was kept, and the message says where the errors stand."""
