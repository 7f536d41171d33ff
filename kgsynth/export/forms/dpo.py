"""Preference pairs: the true trace against one named, minimal damage (TRL explicit prompt)."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.export.forms.messages import (
    Asking,
    FormSettings,
    Message,
    completion,
    concludes,
    damaged_completion,
    prompt,
)
from kgsynth.model import Record, Row


class DpoRow(Record):
    """One line of ``dpo/``."""

    id: str
    """The id of the canonical row."""
    form: Asking
    corruption: str
    """The name of the damage in the rejected reply."""
    prompt: tuple[Message, ...]
    chosen: tuple[Message, ...]
    rejected: tuple[Message, ...]


def dpo_rows(row: Row, settings: FormSettings) -> Iterator[DpoRow]:
    """Give one line per way of asking and corruption that this way of asking shows."""
    for asking in settings.asking:
        asked = prompt(row, asking)
        if asked is None:
            continue
        for corruption in row.corruptions:
            concluded = concludes(row, corruption)
            chosen = completion(row, asking, settings.reasoning, concluded=concluded)
            rejected = damaged_completion(row, asking, settings.reasoning, corruption)
            if rejected is not None and rejected != chosen:
                yield DpoRow(
                    id=row.id,
                    form=asking,
                    corruption=corruption.name,
                    prompt=asked,
                    chosen=chosen,
                    rejected=rejected,
                )
