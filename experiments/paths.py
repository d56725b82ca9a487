"""Where the configuration that ships with Tenure lies."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def conf_dir() -> Path:
    """The folder of the shipped configuration, as an absolute path.

    An installed wheel carries it inside the package, a checkout (editable installs included) beside it.

    Raises
        FileNotFoundError: neither is there, so the installation is damaged.
    """
    for folder in (PACKAGE / "conf", PACKAGE.parent / "conf"):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(
        f"The configuration folder conf/ is missing in {PACKAGE} and in {PACKAGE.parent}: "
        "install tenure-lab anew, or run from a complete checkout."
    )
