"""What a graph lacks when no path of it can ever become a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kgsynth.errors import count_of

if TYPE_CHECKING:
    from kgsynth.graph.store import KnowledgeGraph


def what_is_lacking(graph: KnowledgeGraph) -> str:
    """Say what is missing and what to do; nothing where paths can be walked and compared.

    >>> from kgsynth.graph.store import KnowledgeGraph
    >>> what_is_lacking(KnowledgeGraph.example())
    ''
    """
    if not graph.walk.degree.any():
        held = count_of(graph.manifest.statements, "statement")
        return (
            f"None of the graph's {held} is associative, as treats or causes are, and only those "
            "are walked: is_a and part_of tell who is kin to whom. Name a graph in "
            "graph.sources that has some."
        )
    if not graph.manifest.types:
        return (
            "No concept of the graph has a type, and only concepts of the same type can be options "
            "of one question. Name the column of types, or give every concept one: for tables, "
            "node_columns.types or node_type."
        )
    return ""
