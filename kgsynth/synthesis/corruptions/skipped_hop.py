"""A step that claims the last relation straight from the question's concept."""

from __future__ import annotations

from kgsynth.model import Corruption, Draft
from kgsynth.vocabulary import load_vocabulary, say, sentence


def skipped_hop(draft: Draft) -> Corruption | None:
    """Let the last hop start at the path's first concept.

    It is false because a path is only made between ends that no statement joins.
    """
    row = draft.row
    hops = [i for i, step in enumerate(row.trace.steps) if step.kind == "hop"]
    if len(hops) < 2:
        return None
    first, last = row.path.nodes[0], row.path.nodes[-1]
    hop = row.path.hops[-1]
    wording = load_vocabulary().predicate(hop.predicate).wording(row.language)
    template = wording.templates(hop.forward)[0]
    return Corruption(
        name="skipped-hop",
        step=hops[-1],
        text=sentence(say(template, first.name, last.name)),
        answer=row.question.key,
        proof=f"the graph joins {first.id} and {last.id} by no statement of their own",
    )
