"""Right reasoning, wrong answer."""

from __future__ import annotations

import re

from kgsynth.model import Corruption, Draft


def wrong_answer(draft: Draft) -> Corruption | None:
    """Let a sound trace end with a wrong option: a hard negative where there is one."""
    question = draft.row.question
    wrong = [option for option in question.options if option.why_out]
    wrong.sort(key=lambda o: (o.why_out is None or o.why_out.reason != "hard-negative", o.label))
    if not wrong:
        return None
    taken, why = wrong[0], wrong[0].why_out
    conclusion = draft.row.trace.conclusion.text
    key = re.compile(rf"(?<!\w){re.escape(question.answer().text)}(?!\w)")
    if not key.search(conclusion) or why is None:
        return None
    return Corruption(
        name="wrong-answer",
        step=None,
        text=key.sub(lambda _: taken.text, conclusion),
        answer=taken.label,
        proof=f"option {taken.label} is out ({why.grade}): {why.detail}",
        statements=why.statements,
    )
