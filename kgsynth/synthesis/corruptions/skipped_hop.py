"""A step that claims the last relation straight from the question's concept."""

from __future__ import annotations

from kgsynth.model import Corruption, Draft


def skipped_hop(draft: Draft) -> Corruption | None:
    """Let the last hop start at the path's first concept, in the very words of the true step.

    It is false because a path item is only made between ends that no statement joins. The words
    stay, so that nobody tells the two apart by style.
    """
    row = draft.row
    hops = [i for i, step in enumerate(row.trace.steps) if step.kind == "hop"]
    if row.kind != "path" or len(hops) < 2:
        return None
    first, bridge, last = row.path.nodes[0], row.path.nodes[-2], row.path.nodes[-1]
    true = row.trace.steps[hops[-1]].text
    spelled = (bridge.name, bridge.name[:1].upper() + bridge.name[1:])
    name = next((name for name in spelled if name in true), None)
    if name is None:
        return None
    starts = true.startswith(name) and name[:1].isupper()
    stand_in = first.name[:1].upper() + first.name[1:] if starts else first.name
    return Corruption(
        name="skipped-hop",
        step=hops[-1],
        text=true.replace(name, stand_in, 1),
        answer=row.question.key,
        proof=f"the graph joins {first.id} and {last.id} by no statement of their own",
    )
