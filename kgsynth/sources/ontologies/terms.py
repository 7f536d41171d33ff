"""What the readers of ontologies share: terms and statements, gathered in columns.

OBO text, OBO Graph JSON and OWL are three ways to write one ontology. Each reader hands over
what it meets; here it becomes the same columns, whichever it was: names with their kind,
obsolete terms set aside with the statements that lean on them, replaced ids as other ids of
what replaced them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from kgsynth.errors import SourceError
from kgsynth.sources.coding import code_columns
from kgsynth.sources.columns import DROPPED, LONGEST_TEXT, GraphColumns, Relation, SourceInfo
from kgsynth.sources.prefixes import canonical_curie

IS_A = "rdfs:subClassOf"
SAME_CLASS = "owl:equivalentClass"
EVERYTHING = ("owl:Thing", "owl:Nothing")

SCOPES = {"EXACT": "synonym", "BROAD": "broad", "NARROW": "narrow", "RELATED": "related"}
"""The kind of name that each scope of a synonym makes."""
_ABBREVIATIONS = ("OMO:0003000", "OMO:0003012")
_SHORT_FORM = re.compile("abbrev|acronym", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_PREFIX = re.compile(r"([A-Za-z_][\w.+-]*):(?!//)")


def synonym_kind(scope: str, synonym_type: str = "", meaning: str = "") -> str:
    """Tell the kind of a synonym; an exact one whose type says so is an abbreviation.

    >>> synonym_kind("EXACT"), synonym_kind("EXACT", "OMO:0003012"), synonym_kind("BROAD", "ABBREV")
    ('synonym', 'abbreviation', 'broad')
    """
    kind = SCOPES.get(scope.upper(), "related")
    if kind != "synonym":
        return kind
    is_short = synonym_type in _ABBREVIATIONS or _SHORT_FORM.search(f"{synonym_type} {meaning}")
    return "abbreviation" if is_short else kind


def plain_language(tag: str) -> str:
    """Keep the language of a tag; a text without a tag is taken for English.

    >>> plain_language("en-US"), plain_language(""), plain_language("x-none")
    ('en', 'en', 'und')
    """
    language = tag.partition("-")[0].lower()
    return (language if _LANGUAGE.fullmatch(language) else "und") if tag else "en"


def tell_types(terms: Sequence[str], namespaces: Sequence[str]) -> list[list[str]]:
    """Tell the type of every term: its own namespace, else the prefix of its id.

    The Gene Ontology tells its three kinds of term apart by namespace. A term without one is of
    the namespace of all others with its prefix, if there is just one. The default namespace of a
    file does not count: in a merged file it would call the imported anatomy a disease.

    >>> tell_types(["GO:1", "GO:2", "DOID:4", "lone"], ["biological_process", "", "", ""])
    [['obo:biological_process'], ['obo:biological_process'], ['obo:DOID'], []]
    """
    of_prefix: dict[str, set[str]] = {}
    for term, namespace in zip(terms, namespaces, strict=True):
        if namespace:
            of_prefix.setdefault(_prefix(term), set()).add(namespace)

    def tell(term: str, namespace: str) -> list[str]:
        prefix = _prefix(term)
        shared = of_prefix.get(prefix, set()) if prefix else set()
        word = namespace or (next(iter(shared)) if len(shared) == 1 else prefix)
        return [f"obo:{word}"] if word else []

    return [tell(*pair) for pair in zip(terms, namespaces, strict=True)]


def _prefix(term: str) -> str:
    found = _PREFIX.match(term)
    return found[1] if found and found[1] != "obo" else ""


def well_formed(text: str) -> str:
    """Replace halves of a character that no file can hold, as JSON can escape them."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


@dataclass(slots=True)
class Terms:
    """The columns of an ontology while it is read."""

    file: str
    ids: list[str] = field(default_factory=list)
    types: list[list[str]] = field(default_factory=list)
    """What the file itself says; where that is nothing, the types are told at the end."""
    namespaces: list[str] = field(default_factory=list)
    names: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Id, text, language and kind."""
    identifiers: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, text and kind."""
    definitions: list[tuple[str, str]] = field(default_factory=list)
    """Id and text."""
    subjects: list[str] = field(default_factory=list)
    predicates: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    retired: dict[str, list[str]] = field(default_factory=dict)
    """What is said to replace each obsolete term."""
    counted: Counter[str] = field(default_factory=Counter)
    dropped: list[tuple[str, int, str, str]] = field(default_factory=list)

    def add_concept(self, term: str, namespace: str = "", types: Sequence[str] = ()) -> None:
        """Add a term; one that is added again has the types of both."""
        if term in EVERYTHING:
            self.count("top-class")
            return
        self.ids.append(term)
        self.namespaces.append(namespace)
        self.types.append(list(types))

    def add_name(self, term: str, text: str, kind: str, language: str = "en") -> None:
        """Add a name, with its spaces made single."""
        self.names.append((term, " ".join(text.split()), language, kind))

    def add_identifier(self, term: str, text: str, kind: str) -> None:
        """Add another id, or a cross reference; the term's own id is neither."""
        if (curie := canonical_curie(text)) != term:
            self.identifiers.append((term, curie, kind))

    def add_definition(self, term: str, text: str) -> None:
        """Add what a term is, in a sentence."""
        self.definitions.append((term, " ".join(text.split())))

    def add_statement(
        self, subject: str, predicate: str, object_: str, row: int, evidence: Sequence[str] = ()
    ) -> None:
        """Add a statement with the row it stands in; that all is a thing goes without saying."""
        if object_ in EVERYTHING and predicate == IS_A:
            self.count("top-class")
            return
        self.subjects.append(subject)
        self.predicates.append(predicate)
        self.objects.append(object_)
        self.rows.append(row)
        self.evidence.append("; ".join(text for text in evidence if text.strip()))

    def retire(self, term: str, replacements: Iterable[str]) -> None:
        """Set an obsolete term aside."""
        self.retired.setdefault(term, []).extend(replacements)

    def count(self, reason: str, rows: int = 1) -> None:
        """Count rows that are left out on purpose."""
        self.counted[reason] += rows

    def drop(self, row: int, reason: str, text: str) -> None:
        """Set aside a row that cannot be used."""
        self.dropped.append((self.file, row, reason, well_formed(text[:LONGEST_TEXT])))

    def columns(self, source: SourceInfo, relations: Iterable[Relation] = ()) -> GraphColumns:
        """Make the columns of a graph of what was gathered."""
        if not self.ids:
            raise SourceError(
                f"{self.file} holds no usable concept.",
                remedy="Check that the file is whole, and of the kind that it was said to be.",
            )
        known = set(self.ids)
        for term in known & self.retired.keys():
            del self.retired[term]  # defined elsewhere in the file, and not obsolete there
        self._name_replaced(known)
        return code_columns(
            sources=[source],
            nodes=self._nodes(),
            names=self._names(known),
            edges=self._edges(),
            identifiers=self._identifiers(known),
            definitions=self._definitions(known),
            relations=relations,
            dropped=[pl.DataFrame(self.dropped, schema=DROPPED, orient="row")],
            counted={reason: rows for reason, rows in sorted(self.counted.items()) if rows},
        )

    def _name_replaced(self, known: set[str]) -> None:
        """Make an obsolete id an alternative one of the term that replaced it, in the end."""
        for term, replacements in self.retired.items():
            for replacement in dict.fromkeys(replacements):
                final = self._final(replacement)
                if final in known:
                    self.identifiers.append((final, term, "alternative"))

    def _final(self, term: str) -> str:
        """Follow replacements that were replaced themselves, where there is but one way."""
        seen = {term}
        while len(following := self.retired.get(term, [])) == 1 and following[0] not in seen:
            term = following[0]
            seen.add(term)
        return term

    def _nodes(self) -> pl.DataFrame:
        told = tell_types(self.ids, self.namespaces)
        sets: dict[tuple[str, ...], int] = {}
        places = [
            sets.setdefault(tuple(said or own), len(sets))
            for said, own in zip(self.types, told, strict=True)
        ]
        # There are few sets of types: each is made a list once, not for every term.
        types = pl.Series([list(names) for names in sets], dtype=pl.List(pl.String))
        return pl.DataFrame({"id": self.ids, "types": types.gather(places)})

    def _names(self, known: set[str]) -> pl.DataFrame:
        rows = [name for name in self.names if name[0] in known]
        schema = dict.fromkeys(("id", "text", "language", "kind"), pl.String)
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        # The first of several preferred names in a language is the name; the others are synonyms.
        preferred = pl.col("kind") == "preferred"
        rank = preferred.cum_sum().over("id", "language")
        kind = pl.when(preferred & (rank > 1)).then(pl.lit("synonym")).otherwise("kind")
        order = pl.col("kind") != "preferred"
        return (
            frame.with_columns(kind.alias("kind"))
            .sort(order, maintain_order=True)
            .unique(["id", "text", "language"], keep="first", maintain_order=True)
        )

    def _identifiers(self, known: set[str]) -> pl.DataFrame:
        rows = [row for row in self.identifiers if row[0] in known]
        schema = dict.fromkeys(("id", "text", "kind"), pl.String)
        return pl.DataFrame(rows, schema=schema, orient="row").unique(maintain_order=True)

    def _definitions(self, known: set[str]) -> pl.DataFrame:
        rows = [row for row in self.definitions if row[0] in known]
        schema = dict.fromkeys(("id", "text"), pl.String)
        return pl.DataFrame(rows, schema=schema, orient="row").unique(maintain_order=True)

    def _edges(self) -> pl.DataFrame:
        """Leave out, and count, the statements about obsolete terms."""
        frame = pl.DataFrame(
            {
                "subject": self.subjects,
                "predicate": self.predicates,
                "object": self.objects,
                "evidence": self.evidence,
                "row": self.rows,
            },
            schema={
                **dict.fromkeys(("subject", "predicate", "object", "evidence"), pl.String),
                "row": pl.Int64,
            },
        ).with_columns(pl.lit(self.file).alias("file"))
        obsolete = pl.Series(list(self.retired), dtype=pl.String).implode()
        leans = pl.col("subject").is_in(obsolete) | pl.col("object").is_in(obsolete)
        kept = frame.filter(~leans)
        self.count("obsolete-end", frame.height - kept.height)
        return kept
