"""Map a given question onto paths from its concepts to its answer; nothing is patched."""

from __future__ import annotations

import re

from kgsynth.config import QaConfig
from kgsynth.errors import count_of
from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.overlay import Overlay
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import (
    Grade,
    Item,
    LinkedQuestion,
    Option,
    Question,
    QuestionOption,
    Rejected,
    WhyOut,
)
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.items import ItemMaker
from kgsynth.paths.restricted import held_back
from kgsynth.paths.shortest import Codes
from kgsynth.paths.support import ChainFinder, ChainSupport
from kgsynth.vocabulary import load_vocabulary

STAGE = "map"
MOST_PATHS = 200
FURTHER_PATHS = 2
STEM_LETTERS = 5
"""Words are the same verb when they begin alike: blocks, blocked."""


class AnswerMapper:
    """Turns linked questions into items."""

    def __init__(self, graph: KnowledgeGraph, overlay: Overlay, options: QaConfig) -> None:
        self._graph = graph
        self._overlay = overlay
        self._options = options
        self._cut = PathFinder(graph, overlay)
        self._hierarchy = Hierarchy(graph)
        self._chains = ChainFinder(graph, self._hierarchy)

    def item(self, linked: LinkedQuestion) -> Item | Rejected:
        """Turn one question into an item, or say why it cannot be one."""
        question = linked.question
        answer = self._named(linked, question.answer())
        if not answer:
            return self._reject(linked, "answer-not-linked", question.answer().text)
        if any(self._overlay.removed[code] for code in answer):
            return self._reject(linked, "answer-is-hub", question.answer().text)
        shown = self._linked(linked, "stem")
        starts = [c for c in shown if not self._overlay.removed[c] and c not in answer]
        if not starts:
            return self._reject(linked, "question-not-linked", "the stem names no usable concept")
        paths = self._ranked(starts, answer, question)
        if isinstance(paths, Rejected):
            return self._reject(linked, paths.code, paths.detail)
        return self._first_sound(linked, paths)

    def _linked(self, linked: LinkedQuestion, field: str) -> list[int]:
        ids = dict.fromkeys(m.id for m in linked.mentions if m.field == field and not m.negated)
        return [self._graph.code(concept) for concept in ids]

    def _named(self, linked: LinkedQuestion, option: QuestionOption) -> list[int]:
        """Return what an option names as a whole: "stop aspirin" is not aspirin."""
        field, text = f"option:{option.label}", option.text.strip()
        ids = dict.fromkeys(
            m.id
            for m in linked.mentions
            if m.field == field and m.text.strip() == text and not m.negated
        )
        return [self._graph.code(concept) for concept in ids]

    def _ranked(
        self, starts: list[int], ends: list[int], question: Question
    ) -> list[Codes] | Rejected:
        """Rank the shortest paths, the most specific first; an answer too near is no question."""
        found = self._cut.between(starts, ends, self._options.max_hops, MOST_PATHS)
        if not found.paths:
            detail = f"none within {count_of(self._options.max_hops, 'hop')} of the stem's concepts"
            return Rejected(id="", stage=STAGE, code="no-path", detail=detail, content={})
        shortest = min(map(len, found.paths)) - 1
        if shortest < self._options.min_hops:
            detail = f"the answer is {count_of(shortest, 'hop')} from a concept of the stem"
            return Rejected(id="", stage=STAGE, code="path-too-short", detail=detail, content={})
        apart = [path for path in found.paths if not self._joined(path[0], path[-1])]
        if not apart:
            detail = "a statement that no path walks joins the answer to the stem's concept"
            return Rejected(id="", stage=STAGE, code="path-too-short", detail=detail, content={})
        asked = {path: self._is_asked(path, question) for path in apart}
        return sorted(apart, key=lambda p: (len(p), not asked[p], self._cut.generality(p), p))

    def _is_asked(self, path: Codes, question: Question) -> bool:
        """Tell whether the stem asks for a path's last relation: which protein does it block."""
        name = self._graph.predicate_names[self._cut.link(path[-2], path[-1]).predicate]
        wording = load_vocabulary().predicate(name).wording(question.language)
        said = {word[:STEM_LETTERS] for word in _words(question.stem)}
        return any(
            word[:STEM_LETTERS] in said
            for template in (*wording.forward, *wording.backward)
            for word in _words(template)
        )

    def _joined(self, left: int, right: int) -> bool:
        return any(n.other == right for n in self._graph.beside(left))

    def _first_sound(self, linked: LinkedQuestion, paths: list[Codes]) -> Item | Rejected:
        """Take the best path whose relations lead to no other option."""
        for codes in paths:
            predicates = [link.predicate for link in self._cut.links(codes)]
            support = self._chains.chain(codes[0], predicates)
            options = self._judged(linked, support, self._graph.id(codes[-1]))
            if options is not None:
                further = [p for p in paths if p[-1] == codes[-1] and p != codes]
                return self._item(linked, codes, further[:FURTHER_PATHS], options)
        return self._reject(
            linked, "option-supported", "the same relations lead to another option as well"
        )

    def _judged(
        self, linked: LinkedQuestion, support: ChainSupport, answer: str
    ) -> list[Option] | None:
        """Grade the wrong options; None when the chain leads to one of them."""
        judged = []
        for option in linked.question.options:
            if option.label == linked.question.key:
                judged.append(Option(label=option.label, text=option.text, concept=answer))
                continue
            codes = self._named(linked, option)
            concept = self._graph.id(codes[0]) if codes else None
            grades = [support.grade(code) for code in codes]
            if None in grades:
                return None
            denials = support.denials(codes[0]) if codes else ()
            known = "" if codes else ", and the graph does not know this one"
            why = WhyOut(
                reason="given",
                grade=grades[0] if grades and grades[0] else Grade.ABSENT,
                statements=tuple(self._graph.statement(edge).id for edge in denials),
                detail=f"the question's set gives another key{known}",
            )
            judged.append(
                Option(label=option.label, text=option.text, concept=concept, why_out=why)
            )
        return judged

    def _item(
        self, linked: LinkedQuestion, codes: Codes, further: list[Codes], options: list[Option]
    ) -> Item | Rejected:
        question = linked.question
        maker = ItemMaker(self._cut, self._hierarchy, question.language)
        item = maker.item(
            kind="qa",
            codes=codes,
            further=further,
            options=options,
            key=question.key,
            hidden=(),
            origin=question.origin,
            origin_split=question.origin_split,
            stem=question.stem,
            groups=(f"question:{question.origin}:{question.id}",),
            sole=self._chains.is_sole(codes, self._cut.links(codes)),
        )
        return held_back(item, self._graph.terms, STAGE) or item

    def _reject(self, linked: LinkedQuestion, code: str, detail: str) -> Rejected:
        return Rejected(
            id=linked.id,
            stage=STAGE,
            code=code,
            detail=detail,
            content=linked.model_dump(mode="json"),
        )


def _words(text: str) -> list[str]:
    return [word for word in re.findall(r"\w+", text.casefold()) if len(word) >= STEM_LETTERS]
