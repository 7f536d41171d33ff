"""Judge a draft: a row that may be released, or a reject that says what it failed."""

from __future__ import annotations

from kgsynth.model import Draft, Outcome, Rejected
from kgsynth.verify import CHECKS, CheckContext, check_row, released
from kgsynth.verify.readings import counts

STAGE = "verify"


def review(draft: Draft, context: CheckContext) -> Draft | Rejected:
    """Write the verdicts into the row; reject it with the first check that it did not pass."""
    verdicts = check_row(draft.row, context)
    row = draft.row.model_copy(update={"verdicts": verdicts})
    if context.reader is not None and context.reader.reasons:
        read = counts(row, context, context.reader, context.answers)
        row = row.model_copy(update={"difficulty": read.written(row.difficulty)})
    if released(verdicts):
        return draft.model_copy(update={"row": row})
    failed = [v for v in verdicts if v.outcome is Outcome.FAILED]
    unread = [
        v for v in verdicts if v.outcome is Outcome.COULD_NOT_CHECK and CHECKS[v.check].required
    ]
    first = (failed or unread)[0]
    return Rejected(
        id=row.id,
        stage=STAGE,
        code=first.code if failed else "could-not-check",
        detail=f"{first.check}: {first.detail}",
        content=row.model_dump(mode="json"),
    )
