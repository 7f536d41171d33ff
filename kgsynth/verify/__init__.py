"""The checks: each row is judged by what stands in it and in the graph, never by its writer."""

from __future__ import annotations

from collections.abc import Iterable

from kgsynth.model import Outcome, Row, Verdict
from kgsynth.verify.answer import ANSWER
from kgsynth.verify.answer_leak import ANSWER_LEAK
from kgsynth.verify.bridge_leak import BRIDGE_LEAK
from kgsynth.verify.check import Check, CheckContext
from kgsynth.verify.form import FORM
from kgsynth.verify.grounding import GROUNDING
from kgsynth.verify.limits import over_limits
from kgsynth.verify.order import ORDER

__all__ = ["CHECKS", "Check", "CheckContext", "check_row", "released"]

CHECKS: dict[str, Check] = {
    "grounding": GROUNDING,
    "order": ORDER,
    "answer": ANSWER,
    "bridge-leak": BRIDGE_LEAK,
    "answer-leak": ANSWER_LEAK,
    "form": FORM,
}
"""Every check by its code, in the order in which a rejected row names the first that failed."""


def check_row(row: Row, context: CheckContext) -> tuple[Verdict, ...]:
    """Run every check on a row. What the row says of itself is not looked at."""
    too_large = over_limits(row)
    return tuple(check.run(row, context, too_large=too_large) for check in CHECKS.values())


def released(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether a row may be released: no required check failed, was unsure or is missing.

    >>> released([])
    False
    """
    good = {
        verdict.check
        for verdict in verdicts
        if verdict.outcome in (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    }
    return all(code in good for code, check in CHECKS.items() if check.required)
