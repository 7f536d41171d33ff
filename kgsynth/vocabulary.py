"""What relations and types mean and how they are said: ``ontologies/`` as records."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal

import yaml
from pydantic import Field

from kgsynth.model import Language, Record
from kgsynth.resources import locate

PredicateKind = Literal["associative", "hierarchical", "structural", "negative"]
Forward = Annotated[str, Field(pattern=r"^\{s\} .+ \{o\}$")]
Backward = Annotated[str, Field(pattern=r"^\{o\} .+ \{s\}$")]


SYMBOL = 2
"""Up to so many letters at the start of a name are a symbol, as in p53, and keep their case."""


class Wording(Record):
    """How a relation is said: ``forward`` from subject to object, ``backward`` the other way."""

    forward: Annotated[tuple[Forward, ...], Field(min_length=1)]
    backward: Annotated[tuple[Backward, ...], Field(min_length=1)]

    def templates(self, forward: bool) -> tuple[str, ...]:
        """Return the templates of one direction."""
        return self.forward if forward else self.backward


class Predicate(Record):
    """One relation."""

    name: str
    curie: str
    inverse: str
    symmetric: bool = False
    kind: PredicateKind = "associative"
    family: str
    domain: tuple[str, ...] = ()
    """Semantic types that a subject may have; empty when any may."""
    range: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    """Relations that cannot hold between the same two concepts as well."""
    wordings: dict[Language, Wording] = Field(default_factory=dict)

    def wording(self, language: str) -> Wording:
        """Return how it is said; an unknown relation is said by its own name."""
        if language in self.wordings:
            return self.wordings[language]
        spoken = self.name.replace("_", " ")
        return Wording(
            forward=(f"{{s}} {spoken} {{o}}",),
            backward=(f"{{o}} is the object of {spoken} by {{s}}",),
        )


def say(template: str, first: str, last: str) -> str:
    """Put two names at the ends of a template; a name that looks like a slot stays a name.

    >>> say("{s} treats {o}", "aspirin", "{s}")
    'aspirin treats {s}'
    """
    return first + template[template.index("}") + 1 : template.rindex("{")] + last


def capital(text: str) -> str:
    """Begin with a capital, unless a symbol stands there that tells by its case what it is.

    >>> capital("aspirin treats pain"), capital("mTOR raises p53"), capital("p53 lowers mTOR")
    ('Aspirin treats pain', 'mTOR raises p53', 'p53 lowers mTOR')
    """
    word = re.match(r"[^\W\d_]*", text)
    is_plain = word is not None and len(word[0]) > SYMBOL and word[0].islower()
    return text[:1].upper() + text[1:] if is_plain else text


def sentence(text: str) -> str:
    """Make a sentence of what was said.

    >>> sentence("aspirin treats pain")
    'Aspirin treats pain.'
    """
    return capital(text) + "."


class TypeNoun(Record):
    """How a concept of a type is spoken of without being named."""

    noun: str
    plural: str
    some: str
    that: str
    which: str


class Vocabulary(Record):
    """Every relation and type that is known by name."""

    predicates: dict[str, Predicate]
    types: dict[str, dict[Language, TypeNoun]]

    def predicate(self, name: str) -> Predicate:
        """Return a relation; one that is not listed is associative, and a family of its own."""
        known = self.predicates.get(name)
        return known or Predicate(name=name, curie=name, inverse="", family=name)

    def noun(self, semantic_type: str, language: str) -> TypeNoun:
        """Return how a concept of a type is spoken of."""
        known = self.types.get(semantic_type, {}).get(language)
        word = semantic_type.replace("_", " ")
        return known or TypeNoun(
            noun=word,
            plural=f"concepts of type {word}",
            some=f"a concept of type {word}",
            that=f"that {word}",
            which=f"which of these concepts of type {word}",
        )


@cache
def load_vocabulary() -> Vocabulary:
    """Read ``ontologies/predicates.yaml`` and ``ontologies/semantic_types.yaml``.

    >>> load_vocabulary().predicate("treats").wording("en").forward[0]
    '{s} treats {o}'
    """
    predicates = yaml.safe_load(locate("ontologies/predicates.yaml").read_text("utf-8"))
    types = yaml.safe_load(locate("ontologies/semantic_types.yaml").read_text("utf-8"))
    return Vocabulary.model_validate(
        {
            "predicates": {
                name: {"name": name, **fields} for name, fields in predicates["predicates"].items()
            },
            "types": types["types"],
        }
    )
