"""re-derivation: a reader who is shown the trace and not its end arrives at the key."""

from __future__ import annotations

from kgsynth.model import Row
from kgsynth.verify.check import SOUND, Check, CheckContext, Finding, fault, not_applicable, unread
from kgsynth.verify.readings import Counts, Reader, counts


def examine(row: Row, context: CheckContext) -> Finding:
    """Count the recorded readings of the row that reach the key."""
    reader = context.reader
    if reader is None:
        return not_applicable("The build file asks for no re-derivation.")
    if not reader.reasons:
        return unread(f"The verifier {reader.model} does not reason, or is not known here.")
    found = counts(row, context, reader, context.answers)
    if found.read["with"] < reader.of:
        return unread(f"Of {reader.of} readings, {found.read['with']} are recorded.")
    said = _said(found, reader)
    return SOUND._replace(detail=said) if found.right["with"] >= reader.need else fault(said)


def _said(found: Counts, reader: Reader) -> str:
    told = [f"With the trace {found.right['with']} of {found.read['with']} readings reach the key"]
    if found.read["without"]:
        told.append(f"without it {found.right['without']} of {found.read['without']}")
    if found.read["damaged"]:
        told.append(f"with a damaged one {found.right['damaged']} of {found.read['damaged']}")
    return f"{', '.join(told)}; {reader.need} were asked for."


REDERIVATION = Check(
    code="re-derivation",
    sentence=(
        "A reader who is given the question and the steps, with the conclusion and every name of "
        "the answer hidden, reaches the key in as many of its readings as the build file asks for."
    ),
    mend=(
        "Look at the steps: a reader could not follow them to the key. Have the teacher write them "
        "again, ask for fewer readings in verify.rederive, or use a stronger verifier."
    ),
    examine=examine,
    required=False,
)
