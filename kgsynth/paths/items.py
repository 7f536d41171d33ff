"""Items: what is to be written, with everything that a writer and a checker need."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from kgsynth.graph.hierarchy import Hierarchy
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.linking.matching import NameMatcher
from kgsynth.model import (
    SOLE_ANSWER,
    Bridge,
    Concept,
    Evidence,
    Item,
    Kind,
    Option,
    Path,
    Statement,
)
from kgsynth.paths.finder import PathFinder
from kgsynth.paths.shortest import Codes
from kgsynth.seeding import digest

LABELS = "ABCDEFGHIJ"


class ItemMaker:
    """Puts items together from paths and options."""

    def __init__(self, cut: PathFinder, hierarchy: Hierarchy, language: str) -> None:
        self.graph: KnowledgeGraph = cut.graph
        self.cut = cut
        self.hierarchy = hierarchy
        self.language = language

    def hidden_names(self, code: int) -> tuple[str, ...]:
        """Return every name that would give a concept away: its own and those of its kin."""
        names = dict.fromkeys(
            name.text
            for kin in sorted(self.hierarchy.kin(code), key=lambda c: (c != code, c))
            for name in self.graph.concept(kin).names
        )
        return tuple(names)

    def discretion(self, hidden: Sequence[int]) -> Callable[[int], bool]:
        """Return the test whether a concept may be shown: its name holds no hidden name."""
        matcher = NameMatcher((name, "") for code in hidden for name in self.hidden_names(code))

        def may_be_shown(code: int) -> bool:
            return not matcher.find_all(self.graph.name(code, self.language))

        return may_be_shown

    def item(
        self,
        *,
        kind: Kind,
        codes: Codes,
        further: Sequence[Codes],
        options: Sequence[Option],
        key: str,
        hidden: Sequence[int],
        origin: str,
        origin_split: str,
        groups: Sequence[str],
        sole: bool,
        stem: str | None = None,
        tags: Sequence[str] = (),
    ) -> Item:
        """Gather what is to be written about one path; tag it when its key is the sole answer."""
        path = self.cut.describe(codes, self.language)
        others = tuple(self.cut.describe(other, self.language) for other in further)
        statements = self._statements((codes, *further), options)
        degrees = self.graph.contact.degree
        return Item(
            id=digest(kind, self.language, stem, path.model_dump(mode="json"), _shown(options)),
            kind=kind,
            language=self.language,
            origin=origin,
            origin_split=origin_split,
            stem=stem,
            path=path,
            further_paths=others,
            options=tuple(options),
            key=key,
            bridges=tuple(
                Bridge(id=self.graph.id(code), hidden=self.hidden_names(code)) for code in hidden
            ),
            evidence=_evidence(path, hidden, self.graph, statements),
            statements=statements,
            concepts=self._concepts(statements, options),
            degrees=tuple(int(degrees[code]) for code in codes),
            tags=(*tags, SOLE_ANSWER) if sole else tuple(tags),
            groups=tuple(groups),
        )

    def _statements(
        self, paths: Iterable[Codes], options: Sequence[Option]
    ) -> tuple[Statement, ...]:
        found = {s.id: s for codes in paths for s in self.cut.statements(codes)}
        for option in options:
            if option.concept is None or option.why_out is None or not option.why_out.statements:
                continue
            wanted = set(option.why_out.statements)
            for neighbour in self.graph.beside(self.graph.code(option.concept)):
                if not wanted:
                    break
                statement = self.graph.statement(neighbour.edge)
                if statement.id in wanted:
                    found[statement.id] = statement
                    wanted.remove(statement.id)
        return tuple(found.values())

    def _concepts(
        self, statements: Iterable[Statement], options: Sequence[Option]
    ) -> tuple[Concept, ...]:
        ids = dict.fromkeys(
            [end for s in statements for end in (s.subject, s.object)]
            + [option.concept for option in options if option.concept]
        )
        return tuple(self.graph.concept(self.graph.code(concept)) for concept in ids)


def _shown(options: Sequence[Option]) -> list[tuple[str, str]]:
    return [(option.label, option.text) for option in options]


def _evidence(
    path: Path, hidden: Sequence[int], graph: KnowledgeGraph, statements: Sequence[Statement]
) -> tuple[Evidence, ...]:
    """Return the sources' own sentences on the hops that touch a hidden concept."""
    unmasking = {graph.id(code) for code in hidden}
    on_path = {statement for hop in path.hops for statement in hop.statements}
    return tuple(
        Evidence(text=text, statements=(s.id,))
        for s in statements
        if s.id in on_path and unmasking & {s.subject, s.object}
        for text in s.evidence
    )
