"""A step that claims the last relation straight from the question's concept."""

from __future__ import annotations

import re

from kgsynth.model import Corruption, Draft
from kgsynth.vocabulary import capital


def skipped_hop(draft: Draft) -> Corruption | None:
    """Let the last hop start at the path's first concept, in the very words of the true step.

    It is false because an item is only made of ends that no statement joins. The words
    stay, so that nobody tells the two apart by style.
    """
    row = draft.row
    hops = [i for i, step in enumerate(row.trace.steps) if step.kind == "hop"]
    if len(hops) < 2:
        return None
    first, bridge, last = row.path.nodes[0], row.path.nodes[-2], row.path.nodes[-1]
    true = row.trace.steps[hops[-1]].text
    spelled = "|".join(re.escape(name) for name in (bridge.name, capital(bridge.name)))
    name = re.search(rf"(?<!\w)({spelled})(?!\w)", true)
    if name is None:
        return None
    stand_in = first.name if name.start() else capital(first.name)
    return Corruption(
        name="skipped-hop",
        step=hops[-1],
        text=true[: name.start()] + stand_in + true[name.end() :],
        answer=row.question.key,
        proof=f"the graph joins {first.id} and {last.id} by no statement of their own",
    )
