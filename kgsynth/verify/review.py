"""Judge a draft: a row that may be released, or a reject that says what it failed."""

from __future__ import annotations

from kgsynth.model import Draft, Outcome, Rejected
from kgsynth.verify import CHECKS, CheckContext, check_row, released

STAGE = "verify"


def review(draft: Draft, context: CheckContext) -> Draft | Rejected:
    """Write the verdicts into the row; reject it with the first check that it did not pass."""
    verdicts = check_row(draft.row, context)
    row = draft.row.model_copy(update={"verdicts": verdicts})
    if released(verdicts):
        return draft.model_copy(update={"row": row})
    required = [v for v in verdicts if CHECKS[v.check].required]
    failed = [v for v in required if v.outcome is Outcome.FAILED]
    unread = [v for v in required if v.outcome is Outcome.COULD_NOT_CHECK]
    first = (failed or unread)[0]
    return Rejected(
        id=row.id,
        stage=STAGE,
        code=first.code if failed else "could-not-check",
        detail=f"{first.check}: {first.detail}",
        content=row.model_dump(mode="json"),
    )
