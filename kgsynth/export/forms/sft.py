"""Supervised fine-tuning: the question, and the trace with its answer (TRL prompt-completion)."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.export.forms.messages import Asking, FormSettings, Message, completion, prompt
from kgsynth.model import Record, Row


class SftRow(Record):
    """One line of ``sft/``."""

    id: str
    """The id of the canonical row."""
    form: Asking
    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]


def sft_rows(row: Row, settings: FormSettings) -> Iterator[SftRow]:
    """Give one line per way of asking."""
    for asking in settings.asking:
        asked = prompt(row, asking)
        if asked is not None:
            reply = completion(row, asking, settings.reasoning)
            yield SftRow(id=row.id, form=asking, prompt=asked, completion=reply)
