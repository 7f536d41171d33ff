"""The checks: each row is judged by what stands in it and in the graph, never by its writer."""

from __future__ import annotations

from collections.abc import Iterable

from kgsynth.model import Outcome, Row, Verdict
from kgsynth.verify.answer import ANSWER
from kgsynth.verify.answer_leak import ANSWER_LEAK
from kgsynth.verify.bridge_leak import BRIDGE_LEAK
from kgsynth.verify.check import Check, CheckContext
from kgsynth.verify.contamination import CONTAMINATION
from kgsynth.verify.distractors import DISTRACTORS
from kgsynth.verify.form import FORM
from kgsynth.verify.grounding import GROUNDING
from kgsynth.verify.limits import over_limits
from kgsynth.verify.necessity import NECESSITY
from kgsynth.verify.order import ORDER
from kgsynth.verify.rederivation import REDERIVATION
from kgsynth.verify.unique import UNIQUE

__all__ = ["CHECKS", "Check", "CheckContext", "check_row", "released"]

CHECKS: dict[str, Check] = {
    "grounding": GROUNDING,
    "order": ORDER,
    "answer": ANSWER,
    "re-derivation": REDERIVATION,
    "bridge-leak": BRIDGE_LEAK,
    "answer-leak": ANSWER_LEAK,
    "distractors": DISTRACTORS,
    "unique": UNIQUE,
    "necessity": NECESSITY,
    "contamination": CONTAMINATION,
    "form": FORM,
}
"""Every check by its code, in the order in which a rejected row names the first that failed."""


def check_row(row: Row, context: CheckContext) -> tuple[Verdict, ...]:
    """Run every check on a row. What the row says of itself is not looked at."""
    too_large = over_limits(row)
    return tuple(check.run(row, context, too_large=too_large) for check in CHECKS.values())


def released(verdicts: Iterable[Verdict]) -> bool:
    """Tell whether a row may be released: nothing failed, nothing required is unsure or missing.

    >>> released([])
    False
    """
    found = {verdict.check: verdict.outcome for verdict in verdicts}
    good = (Outcome.PASSED, Outcome.NOT_APPLICABLE)
    return Outcome.FAILED not in found.values() and all(
        found.get(code) in good for code, check in CHECKS.items() if check.required
    )
