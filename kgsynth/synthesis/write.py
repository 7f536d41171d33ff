"""Write the prose of items with a teacher, and corrupt the true traces."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from kgsynth.errors import TeacherError
from kgsynth.model import Answer, Draft, Item, Provenance, Rejected
from kgsynth.synthesis.ask import PROMPTS, labels, request_for
from kgsynth.synthesis.corruptions import corrupt
from kgsynth.synthesis.prompts import prompt_hash
from kgsynth.synthesis.written import OutOfContractError, draft, read_answer, rejected
from kgsynth.teachers.request import Teacher
from kgsynth.vocabulary import load_vocabulary


class Written(NamedTuple):
    """What writing a shard of items gave, in the order of the items."""

    drafts: tuple[Draft, ...]
    rejected: tuple[Rejected, ...]
    answers: tuple[Answer, ...]


def write_items(
    items: Sequence[Item], teacher: Teacher, *, seed: int, graph: str, overlay: str
) -> Written:
    """Ask the teacher for every item, and make rows of the answers."""
    vocabulary = load_vocabulary()
    requests = [request_for(item, teacher, vocabulary, seed) for item in items]
    texts = {response.key: response.text for response in teacher.answer(requests)}
    settings = json.dumps(teacher.settings(), sort_keys=True)
    drafts: list[Draft] = []
    dropped: list[Rejected] = []
    for item, request in zip(items, requests, strict=True):
        text = texts.get(request.key())
        if text is None:
            raise TeacherError(
                f"The teacher {teacher.name} gave no answer for the item {item.id}.",
                remedy="Run the same command again: it goes on where it stopped.",
            )
        provenance = Provenance(
            graph=graph,
            overlay=overlay,
            config="",
            prompt=prompt_hash(PROMPTS[item.kind]),
            teacher=teacher.name,
            settings=settings,
            requests=(request.key(),),
            seed=seed,
        )
        try:
            made = draft(item, read_answer(text), labels(item), provenance)
        except OutOfContractError as reason:
            dropped.append(rejected(item, text, str(reason)))
        else:
            drafts.append(corrupt(made))
    answers = tuple(Answer(key=key, text=texts[key]) for key in sorted(texts))
    return Written(tuple(drafts), tuple(dropped), answers)
