"""OBO text: the terms of an ontology as stanzas of lines.

A line that cannot be read is set aside, and the rest of its stanza is used. Comments, subsets
and their like have no place in the columns; they are counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from kgsynth.source_options import PlainOptions
from kgsynth.sources.columns import GraphColumns, Progress, Relation, SourceInfo, silent
from kgsynth.sources.ontologies.header import describe_source
from kgsynth.sources.ontologies.obo_lines import (
    BROKEN,
    Clause,
    Stanza,
    Value,
    parse_value,
    read_stanzas,
    unescape,
)
from kgsynth.sources.ontologies.terms import (
    IS_A,
    SAME_CLASS,
    Terms,
    synonym_kind,
)
from kgsynth.sources.prefixes import canonical_curie

LEFT_OUT = {
    "comment": "comment",
    "subset": "subset",
    "property_value": "property-value",
    "disjoint_from": "disjoint",
    "consider": "consider",
}
"""What is counted under a reason of its own; any other tag is ``unused-tag``."""
SYNONYM_TAGS = {
    "synonym": "",
    "exact_synonym": "EXACT",
    "broad_synonym": "BROAD",
    "narrow_synonym": "NARROW",
    "related_synonym": "RELATED",
}
"""Tags of synonyms, those of the first OBO format with the scope that they stand for."""
HEADER_TOO = ("name", "property_value")
"""Tags of terms that may stand in the header."""
XREF_TAGS = ("xref", "xref_analog", "xref_unk")
EVIDENCE_MODIFIERS = ("source", "xref", "evidence")

_SYNONYM = re.compile(r'"((?:[^"\\]|\\.)*+)"\s*+([^\[]*+)(?:\[.*)?', re.DOTALL)
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL)
_TYPE_DEFINITION = re.compile(r'(\S++)\s++"((?:[^"\\]|\\.)*+)"')
_MATCH = re.compile(r'(?:skos:)?exactMatch\s++(?:"((?:[^"\\]|\\.)*+)"|(\S++))')
_NUMBERED = re.compile(r"[A-Za-z]++:\d{5,}+")


def read(path: Path, options: PlainOptions, progress: Progress = silent) -> GraphColumns:
    """Read an ontology in OBO text."""
    reading = _Reading(Terms(path.name))
    stanzas = read_stanzas(path, reading.terms.drop, progress)
    header = next(stanzas)
    reading.read_header(header)
    for stanza in stanzas:
        reading.read_stanza(stanza)
    spell = reading.relations.speller()
    reading.terms.predicates = [spell(name) for name in reading.terms.predicates]
    return reading.terms.columns(_source(header, path), reading.relations.known(spell))


def _source(header: Stanza, path: Path) -> SourceInfo:
    texts = [unescape(value) for value in header.values("property_value")]
    licences = [text for text in texts if re.match(r"\S*(?:license|licence|rights)\b", text)]
    remarks = [unescape(value) for value in header.values("remark")]
    return describe_source(
        names=[*header.values("ontology"), path.name.split(".")[0]],
        versions=header.values("data-version"),
        dates=header.values("date"),
        licences=[*(_last_word(text) for text in licences), *licences, *remarks],
    )


def _last_word(property_value: str) -> str:
    words = property_value.split()
    return words[1].strip('"') if len(words) > 1 else ""


# --- relations -------------------------------------------------------------------------------


class _Typedef(NamedTuple):
    xrefs: list[str]
    inverse: str
    symmetric: bool


class _Relations:
    """The relations that a file defines, and how each is spelled."""

    def __init__(self) -> None:
        self.typedefs: dict[str, _Typedef] = {}

    def add(self, stanza: Stanza) -> int:
        """Keep what matters of a definition; return how many of its lines that was."""
        values = {tag: [_id(v) for v in stanza.values(tag)] for tag in ("id", "xref", "inverse_of")}
        symmetric = any(_id(value) == "true" for value in stanza.values("is_symmetric"))
        if values["id"]:
            inverse = next(iter(values["inverse_of"]), "")
            xrefs = [canonical_curie(xref) for xref in values["xref"]]
            self.typedefs.setdefault(values["id"][0], _Typedef(xrefs, inverse, symmetric))
        return sum(map(len, values.values())) + len(stanza.values("is_symmetric"))

    def speller(self) -> Callable[[str], str]:
        """Return the function that spells a relation; it remembers what it spelled."""
        spelled = {"is_a": IS_A, "instance_of": "rdf:type", IS_A: IS_A, SAME_CLASS: SAME_CLASS}

        def spell(name: str) -> str:
            if name not in spelled:
                spelled[name] = self._spell(name)
            return spelled[name]

        return spell

    def _spell(self, name: str) -> str:
        """Prefer a relation's number, such as ``BFO:0000050``, to its name in this file."""
        if ":" in name:
            return canonical_curie(name)
        xrefs = self.typedefs[name].xrefs if name in self.typedefs else []
        numbered = [xref for xref in xrefs if _NUMBERED.fullmatch(xref)]
        central = [xref for xref in numbered if xref.startswith(("BFO:", "RO:"))]
        return next(iter(central or numbered), f"obo:{name}")

    def known(self, spell: Callable[[str], str]) -> list[Relation]:
        """Say of each relation what is its inverse, and whether it is its own."""
        inverses: dict[str, str] = {}
        for name, typedef in self.typedefs.items():
            if typedef.inverse:
                inverses.setdefault(spell(name), spell(typedef.inverse))
        for name, inverse in list(inverses.items()):
            inverses.setdefault(inverse, name)
        symmetric = {spell(name) for name, typedef in self.typedefs.items() if typedef.symmetric}
        spellings = dict.fromkeys([*map(spell, self.typedefs), *inverses])
        return [Relation(s, inverses.get(s, ""), s in symmetric) for s in spellings]


# --- terms -----------------------------------------------------------------------------------


class _Reading:
    """A file while it is read."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.relations = _Relations()
        self.synonym_types: dict[str, str] = {}
        """What the header says that each type of synonym means."""
        self.named: dict[str, str] = {}
        """The name of every term so far."""
        self.readers = {
            "name": self._read_name,
            "def": self._read_definition,
            "alt_id": self._read_alternative,
            "is_a": self._read_parent,
            "relationship": self._read_relationship,
            "intersection_of": self._read_intersection,
            "equivalent_to": self._read_equivalent,
            "property_value": self._read_property,
            **dict.fromkeys(XREF_TAGS, self._read_xref),
            **dict.fromkeys(SYNONYM_TAGS, self._read_synonym),
        }

    def read_header(self, header: Stanza) -> None:
        for value in header.values("synonymtypedef"):
            if found := _TYPE_DEFINITION.match(value):
                self.synonym_types[found[1]] = unescape(found[2])
        for clause in header.clauses:
            if clause.tag == "id" or (clause.tag in self.readers and clause.tag not in HEADER_TOO):
                self._drop(clause, "malformed-stanza")  # it lacks its first line

    def read_stanza(self, stanza: Stanza) -> None:
        match stanza.kind:
            case "Term" | "Instance":
                self._read_term(stanza)
            case "Typedef":
                used = self.relations.add(stanza)
                self.terms.count("relation-detail", len(stanza.clauses) - used)
            case kind if kind == BROKEN:
                for clause in stanza.clauses:
                    line = f"{clause.tag}: {clause.value}"
                    self.terms.drop(clause.row, "malformed-stanza", line)
            case _:
                self.terms.count("unused-stanza", len(stanza.clauses))

    def _read_term(self, stanza: Stanza) -> None:
        term = canonical_curie(next((_id(value) for value in stanza.values("id")), ""))
        name = next((_text(value) for value in stanza.values("name")), "")
        if not term:
            self._set_aside(stanza, "empty-id")
        elif any(_id(value).lower() == "true" for value in stanza.values("is_obsolete")):
            replacements = [canonical_curie(_id(v)) for v in stanza.values("replaced_by")]
            self.terms.retire(term, replacements)
            self.terms.count("obsolete")
            self.terms.count("obsolete-detail", len(stanza.clauses) - 1)
        elif name and self.named.get(term, name) != name:
            self._set_aside(stanza, "duplicate-id")
        else:
            self.named[term] = name or self.named.get(term, "")
            self._use_term(term, stanza)

    def _set_aside(self, stanza: Stanza, reason: str) -> None:
        """One row stands for the whole stanza; its other lines are counted with it."""
        self.terms.drop(stanza.row, reason, stanza.text())
        self.terms.count(f"{reason}-detail", max(len(stanza.clauses) - 1, 0))

    def _use_term(self, term: str, stanza: Stanza) -> None:
        namespace = next((_text(value) for value in stanza.values("namespace")), "")
        classes = [canonical_curie(_id(value)) for value in stanza.values("instance_of")]
        self.terms.add_concept(term, namespace, [name for name in classes if name])
        seen: set[str] = set()
        for clause in stanza.clauses:
            if clause.tag in ("id", "name", "namespace") and clause.tag in seen:
                self._drop(clause, "repeated-tag")
            elif read_clause := self.readers.get(clause.tag):
                read_clause(term, clause)
            elif clause.tag in ("replaced_by", "is_obsolete"):
                self.terms.count("unused-tag")  # the term is not obsolete
            elif clause.tag not in ("id", "namespace", "instance_of"):
                self.terms.count(LEFT_OUT.get(clause.tag, "unused-tag"))
            seen.add(clause.tag)

    def _drop(self, clause: Clause, reason: str) -> None:
        self.terms.drop(clause.row, reason, f"{clause.tag}: {clause.value}")

    # --- one tag each ---

    def _read_name(self, term: str, clause: Clause) -> None:
        if name := _text(clause.value):
            self.terms.add_name(term, name, "preferred")
        else:
            self._drop(clause, "empty-name")

    def _read_definition(self, term: str, clause: Clause) -> None:
        found = _QUOTED.match(clause.value)
        if found and (text := unescape(found[1]).strip()):
            self.terms.add_definition(term, text)
        else:
            self._drop(clause, "malformed-definition")

    def _read_synonym(self, term: str, clause: Clause) -> None:
        value = parse_value(clause.value)
        found = _SYNONYM.fullmatch(value.text)
        text = unescape(found[1]).strip() if found else ""
        if found is None or not text:
            self._drop(clause, "malformed-synonym")
            return
        words = found[2].split()
        scope = SYNONYM_TAGS[clause.tag] or (words.pop(0) if words else "RELATED")
        synonym_type = unescape(words[0]) if words else value.modifier("synonymtypedef")
        meaning = self.synonym_types.get(synonym_type, "")
        curie = canonical_curie(synonym_type)
        self.terms.add_name(term, text, synonym_kind(scope, curie, meaning))

    def _read_alternative(self, term: str, clause: Clause) -> None:
        if other := _id(clause.value):
            self.terms.add_identifier(term, other, "alternative")
        else:
            self._drop(clause, "empty-id")

    def _read_xref(self, term: str, clause: Clause) -> None:
        text = parse_value(clause.value).text.partition(' "')[0]
        if xref := unescape(text).strip():
            self.terms.add_identifier(term, xref, "xref")
        else:
            self._drop(clause, "empty-id")

    def _read_property(self, term: str, clause: Clause) -> None:
        value = parse_value(clause.value)
        match = _MATCH.match(value.text)
        if match is None:
            self.terms.count("property-value")
        elif other := unescape(match[1] or match[2] or "").strip():
            self.terms.add_identifier(term, other, "xref")
        else:
            self._drop(clause, "empty-id")

    def _read_parent(self, term: str, clause: Clause) -> None:
        self._read_statement(term, clause, parse_value(clause.value), ["is_a"])

    def _read_equivalent(self, term: str, clause: Clause) -> None:
        self._read_statement(term, clause, parse_value(clause.value), [SAME_CLASS])

    def _read_relationship(self, term: str, clause: Clause) -> None:
        self._read_statement(term, clause, parse_value(clause.value), [])

    def _read_intersection(self, term: str, clause: Clause) -> None:
        """Read a part of a definition: what it is a kind of, or a relation that tells it apart."""
        value = parse_value(clause.value)
        genus = ["is_a"] if len(value.text.split()) == 1 else []
        self._read_statement(term, clause, value, genus)

    def _read_statement(
        self, term: str, clause: Clause, value: Value, predicate: list[str]
    ) -> None:
        words = [unescape(word) for word in value.text.split()]
        parts = [*predicate, *words]
        if len(parts) < 2:
            self._drop(clause, f"malformed-{clause.tag.replace('_', '-')}")
        elif reason := _not_said(value):
            self.terms.count(reason)
        else:
            evidence = [text for key, text in value.modifiers if key in EVIDENCE_MODIFIERS]
            target = canonical_curie(parts[1])
            self.terms.add_statement(term, parts[0], target, clause.row, evidence)


def _not_said(value: Value) -> str:
    """Tell a relationship that does not say that one such thing there is.

    ``{maxCardinality="0"}`` says that there is none, ``{all_only="true"}`` that whatever there
    is, is such.
    """
    if not value.modifiers:
        return ""
    if any(value.modifier(key) == "0" for key in ("cardinality", "maxCardinality")):
        return "negated"
    if value.modifier("all_only") == "true" and value.modifier("all_some") != "true":
        return "universal"
    return ""


def _id(value: str) -> str:
    """Read an id, up to the first space that is not escaped."""
    words = parse_value(value).text.split()
    return unescape(words[0]) if words else ""


def _text(value: str) -> str:
    """Read a text that stands without quotation marks."""
    return " ".join(unescape(parse_value(value, quotes=False).text).split())
