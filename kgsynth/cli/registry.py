"""Which commands there are, where each lives, and the line `kgsynth --help` says of it.

The help line stands here and not in the command's module, so that the list of commands
is printed without importing a single room of the house.
"""

from __future__ import annotations

from typing import NamedTuple


class Entry(NamedTuple):
    """A command that is imported when it is called."""

    target: str
    """``module:attribute`` of the click command."""
    help: str


COMMANDS: dict[str, Entry] = {
    "build-dataset": Entry(
        "kgsynth.cli.build_dataset:command",
        "Build a dataset from a build file; without one, the demo.",
    ),
    "graph": Entry("kgsynth.cli.graph:group", "Compile, describe, shatter and export graphs."),
    "paths": Entry("kgsynth.cli.paths:group", "Find paths between concepts."),
    "link": Entry("kgsynth.cli.link:command", "Find the graph's concepts in questions."),
    "simulate": Entry(
        "kgsynth.cli.simulate:group", "Write graphs of any size, to try machines and readers on."
    ),
    "verify": Entry("kgsynth.cli.verify:command", "Check a dataset again, from its files alone."),
    "clean": Entry("kgsynth.cli.clean:command", "Remove the parts that no run uses."),
    "doctor": Entry("kgsynth.cli.doctor:command", "Check this installation."),
    "explain": Entry("kgsynth.cli.explain:command", "Say what a reason code means and what to do."),
}
"""In the order of the help: the way through the house, then the tools."""

PLANNED = (
    "export",
    "report",
    "explore",
    "diff",
    "score",
    "cache",
)
"""Commands of the plan that are not built yet; asked for, they say so."""
