"""Turn an item into a request to the writer: a prompt, and the facts as data."""

from __future__ import annotations

import json
from typing import Any

from kgsynth.model import Item, Option, PathNode, Statement
from kgsynth.phrases import NO_STATEMENT
from kgsynth.seeding import derive
from kgsynth.synthesis.prompts import prompt
from kgsynth.synthesis.written import Written
from kgsynth.teachers.request import Message, Request, Teacher, data_block
from kgsynth.vocabulary import Vocabulary, say

PROMPTS = {"path": "path_question", "recall": "path_question", "qa": "thinking_path"}


def request_for(item: Item, teacher: Teacher, vocabulary: Vocabulary, seed: int) -> Request:
    """Ask the writer for the prose of one item."""
    content = prompt(PROMPTS[item.kind]) + "\n\n" + data_block(facts(item, vocabulary))
    return Request(
        model=teacher.name,
        messages=(
            Message(role="system", content=prompt("system")),
            Message(role="user", content=content),
        ),
        sampling=json.dumps(teacher.settings(), sort_keys=True),
        answer_schema=json.dumps(Written.model_json_schema(), sort_keys=True),
        seed=derive(seed, "write", item.id) % 2**31,
    )


def labels(item: Item) -> dict[str, str]:
    """Map the short labels that the writer cites to statement ids."""
    return {f"S{number}": s.id for number, s in enumerate(item.statements, start=1)}


def facts(item: Item, vocabulary: Vocabulary) -> dict[str, Any]:
    """Return all that the writer may use, as plain data."""
    label_of = {statement: label for label, statement in labels(item).items()}
    by_id = {s.id: s for s in item.statements}
    nodes = item.path.nodes
    hidden = {bridge.id for bridge in item.bridges}
    hops = []
    for left, hop, right in zip(nodes, item.path.hops, nodes[1:], strict=False):
        wording = vocabulary.predicate(hop.predicate).wording(item.language)
        hops.append(
            {
                "cite": label_of[hop.statements[0]],
                "from": left.name,
                "to": right.name,
                "to_hidden": right.id in hidden,
                "to_type": _spoken(right, vocabulary, item.language),
                "says": [_by_walk(t) for t in wording.templates(hop.forward)],
            }
        )
    return {
        "question": item.stem or "",
        "language": item.language,
        "start": nodes[0].name,
        "hops": hops,
        "options": [_option(o, item, vocabulary, label_of, by_id) for o in item.options],
        "key": item.key,
    }


def _spoken(node: PathNode, vocabulary: Vocabulary, language: str) -> dict[str, str]:
    semantic_type = node.types[0] if node.types else "concept"
    return vocabulary.noun(semantic_type, language).model_dump(include={"some", "which"})


def _by_walk(template: str) -> str:
    """Name the slots of a template by the walk, not by the statement."""
    return say(template, "{from}", "{to}")


def _option(
    option: Option,
    item: Item,
    vocabulary: Vocabulary,
    label_of: dict[str, str],
    by_id: dict[str, Statement],
) -> dict[str, Any]:
    shown: dict[str, Any] = {"label": option.label, "text": option.text}
    if option.why_out is None or option.concept is None:
        return shown
    if option.concept in {node.id for node in item.path.nodes}:
        return shown  # a wrong option that the path passes through: nothing to say of it but that
    names = {c.id: c.name(item.language) for c in item.concepts}
    last = item.path.hops[-1]
    wording = vocabulary.predicate(last.predicate).wording(item.language)
    template = wording.templates(last.forward)[0]
    claim = say(template, item.path.nodes[-2].name, names[option.concept])
    denial = NO_STATEMENT.get(item.language, NO_STATEMENT["en"])[0]
    out = {"denial": f"{denial} {claim}."}
    if option.why_out.statements:
        statement = by_id[option.why_out.statements[0]]
        said = vocabulary.predicate(statement.predicate).wording(item.language).forward[0]
        out["cite"] = label_of[statement.id]
        out["fact"] = say(said, names[statement.subject], names[statement.object])
    return {**shown, "out": out}
