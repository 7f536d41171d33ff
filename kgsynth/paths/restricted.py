"""Items that would publish what a source restricts: of these, ids only.

Names in the words of a restricted source never enter an item (`KnowledgeGraph.open` keeps them
back). What is left to look at is whether it tells a statement that only such sources make, or
speaks of a concept that no other names. Looked at before anything is written, so that no teacher
puts it into words either.
"""

from __future__ import annotations

from kgsynth.graph.terms import Terms
from kgsynth.model import Item, Rejected

CODE = "restricted-source"


def held_back(item: Item, terms: Terms, stage: str) -> Rejected | None:
    """Return the rejection of an item that may not be published, or None."""
    if not terms.withheld():
        return None
    sources = sorted(
        {
            source
            for statement in item.statements
            if not any(terms.may_name(name) for name in statement.sources)
            for source in statement.sources
        }
    )
    nameless = [concept.id for concept in item.concepts if not concept.names]
    if sources:
        why = f"only {', '.join(sources)} state what it would tell"
    elif nameless:
        why = f"no source that may be quoted names {', '.join(nameless)}"
    else:
        return None
    return Rejected(
        id=item.id,
        stage=stage,
        code=CODE,
        detail=why,
        content={
            "concepts": [node.id for node in item.path.nodes],
            "statements": [statement.id for statement in item.statements],
        },
    )
