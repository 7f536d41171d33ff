"""The built-in teacher: deterministic, no model, nothing to install.

It reads a request as a model would, from the messages alone, and words the facts in the data
block by the templates that stand beside them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kgsynth.config import ScriptedTeacherConfig
from kgsynth.seeding import stream
from kgsynth.teachers.request import Request, Response, read_data_block
from kgsynth.vocabulary import say, sentence

HIDDEN = "XYZW"
"""What hidden concepts are called in a stem, in order."""

OPENERS = {"en": ("", "In turn, ", "Next, "), "es": ("", "A su vez, ", "Después, ")}
ENDINGS = {
    "en": ("So the answer is {key}.", "This leads to {key}.", "The chain ends at {key}."),
    "es": ("Por tanto, la respuesta es {key}.", "Esto lleva a {key}."),
}


def _spoken(phrases: Mapping[str, tuple[str, ...]], language: str) -> tuple[str, ...]:
    """Choose the phrases of a language; one that is not spoken here is answered in English.

    The checks do not read such a trace, and turn it away.
    """
    return phrases.get(language, phrases["en"])


class ScriptedTeacher:
    """Answers the writing prompts from the facts they carry."""

    name = "scripted"
    reasons = False

    def __init__(self, config: ScriptedTeacherConfig) -> None:
        self._delay = config.delay
        self.costly = config.delay > 0

    def settings(self) -> dict[str, Any]:
        """Return what changes its answers: nothing does."""
        return {}

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        """Answer each request in turn."""
        for request in requests:
            if self._delay:
                time.sleep(self._delay)
            text = _written(read_data_block(request.messages[-1].content), request.seed)
            tokens = sum(len(message.content) for message in request.messages) // 4
            yield Response(
                key=request.key(), text=text, tokens_in=tokens, tokens_out=len(text) // 4
            )


def _written(facts: dict[str, Any], seed: int) -> str:
    hops = facts["hops"]
    steps = [_step(hop, number, facts["language"], seed) for number, hop in enumerate(hops)]
    steps += [
        _rule_out(option, after=len(hops) - 1) for option in facts["options"] if "out" in option
    ]
    key = next(o["text"] for o in facts["options"] if o["label"] == facts["key"])
    ending = stream(seed, "ending").choice(_spoken(ENDINGS, facts["language"]))
    answer = {
        "stem": "" if facts["question"] else _stem(facts, seed),
        "steps": steps,
        "conclusion": {
            "text": ending.replace("{key}", key),
            "needs": list(range(len(hops))),
            "answer": facts["key"],
        },
    }
    return json.dumps(answer, ensure_ascii=False)


def _step(hop: dict[str, Any], number: int, language: str, seed: int) -> dict[str, Any]:
    said = say(_template(hop, seed), hop["from"], hop["to"])
    opener = stream(seed, "opener", number).choice(_spoken(OPENERS, language)) if number else ""
    return {
        "text": sentence(opener + said),
        "cites": [hop["cite"]],
        "needs": [number - 1] if number else [],
        "option": None,
    }


def _rule_out(option: dict[str, Any], after: int) -> dict[str, Any]:
    out = option["out"]
    fact = sentence(out["fact"]) + " " if "fact" in out else ""
    return {
        "text": fact + out["denial"],
        "cites": [out["cite"]] if "cite" in out else [],
        "needs": [after],
        "option": option["label"],
    }


def _stem(facts: dict[str, Any], seed: int) -> str:
    """Tell the chain with its hidden concepts called X, Y, Z, and ask for its end."""
    sentences = []
    place = facts["start"]
    letters = iter(HIDDEN)
    for hop in facts["hops"][:-1]:
        letter = next(letters)
        shown = f"{hop['to_type']['some']}, {letter}" if hop["to_hidden"] else hop["to"]
        sentences.append(sentence(say(_template(hop, seed), place, shown)))
        place = letter if hop["to_hidden"] else hop["to"]
    last = facts["hops"][-1]
    asked = say(_template(last, seed), place, last["to_type"]["which"])
    opening = "¿" if facts["language"] == "es" else ""
    return " ".join([*sentences, f"{opening}{sentence(asked).removesuffix('.')}?"])


def _template(hop: dict[str, Any], seed: int) -> str:
    return str(stream(seed, "wording", hop["cite"]).choice(hop["says"]))
