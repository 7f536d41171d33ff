"""Reinforcement: the question, and the columns that a reward reads (TRL GRPO)."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.export.forms.messages import Asking, FormSettings, Message, answer_names, prompt
from kgsynth.model import Kind, Record, Row


class RlRow(Record):
    """One line of ``rl/``. No list is ever empty: Arrow could not tell what it holds."""

    id: str
    """The id of the canonical row."""
    form: Asking
    prompt: tuple[Message, ...]
    data_source: str
    answer: str
    """The label of the right option."""
    answer_text: str
    answer_aliases: tuple[str, ...]
    """Every name that counts as the answer, the option's own text first."""
    options: tuple[str, ...]
    """The options' texts in their order, for an open question too: a reward may want them."""
    path: tuple[str, ...]
    """The names along the path, hidden ones too."""
    kind: Kind
    language: str
    hops: int


def rl_rows(row: Row, settings: FormSettings) -> Iterator[RlRow]:
    """Give one line per way of asking."""
    for asking in settings.asking:
        asked = prompt(row, asking)
        if asked is not None:
            yield RlRow(
                id=row.id,
                form=asking,
                prompt=asked,
                data_source=settings.data_source,
                answer=row.question.key,
                answer_text=row.question.answer().text,
                answer_aliases=answer_names(row),
                options=tuple(option.text for option in row.question.options),
                path=tuple(node.name for node in row.path.nodes),
                kind=row.kind,
                language=row.language,
                hops=len(row.path.hops),
            )
