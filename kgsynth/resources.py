"""Find packaged data, in a checkout and in an installed wheel alike.

The wheel maps the top-level folders ``ontologies/`` and ``schemas/`` into
``kgsynth/_data`` and ``flows/`` into ``kgsynth/_flows``. In a checkout they lie beside
the package.
"""

from __future__ import annotations

from pathlib import Path

from kgsynth.errors import KgsynthError

PACKAGE = Path(__file__).resolve().parent
PREFIX = "kgsynth:"
"""A path in a build file that starts with this names packaged data."""


def locate(name: str) -> Path:
    """Return the path of a packaged file or folder, such as ``ontologies/predicates.yaml``.

    >>> locate("ontologies/predicates.yaml").name
    'predicates.yaml'
    """
    top, _, rest = name.partition("/")
    homes = {
        "ontologies": (PACKAGE / "_data" / "ontologies", PACKAGE.parent / "ontologies"),
        "schemas": (PACKAGE / "_data" / "schemas", PACKAGE.parent / "schemas"),
        "flows": (PACKAGE / "_flows", PACKAGE.parent / "flows"),
        "recipes": (PACKAGE / "recipes",),
    }.get(top, ())
    for home in homes:
        path = home / rest if rest else home
        if path.exists():
            return path
    raise KgsynthError(
        f"The packaged file {name} is missing from this installation.",
        remedy="Install kgsynth again: pip install --force-reinstall kgsynth",
    )


def resolve(path: str, beside: Path) -> Path:
    """Resolve a build file's path: packaged, absolute, or relative to the build file.

    >>> resolve("kgsynth:ontologies/predicates.yaml", Path("/x")).name
    'predicates.yaml'
    >>> resolve("graph", Path("/x")).as_posix()
    '/x/graph'
    """
    if path.startswith(PREFIX):
        return locate(path.removeprefix(PREFIX))
    given = Path(path).expanduser()
    return given if given.is_absolute() else beside / given
