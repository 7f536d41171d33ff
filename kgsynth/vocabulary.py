"""What relations and types mean and how they are said: ``ontologies/`` as records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from typing import Annotated, Any, Literal, NamedTuple

import yaml
from pydantic import Field

from kgsynth.model import Language, Record
from kgsynth.resources import locate

PredicateKind = Literal["associative", "hierarchical", "structural", "negative"]
Forward = Annotated[str, Field(pattern=r"^\{s\} .+ \{o\}$")]
Backward = Annotated[str, Field(pattern=r"^\{o\} .+ \{s\}$")]

NOT_NAME = "not_"
"""How the name of a denied relation begins; a reader puts ``not`` and a space before it."""
UMLS = "umls:"
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
    """The name of the same fact the other way round; a symmetric relation's is its own."""
    spellings: tuple[str, ...] = ()
    """How sources spell it, beside its name and its CURIE."""
    inverse_spellings: tuple[str, ...] = ()
    """How sources spell the same fact the other way round, beside ``inverse``."""
    symmetric: bool = False
    kind: PredicateKind = "associative"
    family: str
    domain: tuple[str, ...] = ()
    """Semantic types that a subject may have; empty when any may."""
    range: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    """Relations that cannot hold between the same two concepts as well."""
    complete_in: tuple[str, ...] = ()
    """Sources that computed it for all pairs: what they do not state is false, not unknown."""
    wordings: dict[Language, Wording] = Field(default_factory=dict)

    def wording(self, language: str) -> Wording:
        """Return how it is said; an unknown relation is said by its own name."""
        if language in self.wordings:
            return self.wordings[language]
        is_denied = self.kind == "negative" and self.name.startswith(NOT_NAME)
        spoken = _spoken(self.name.removeprefix(NOT_NAME) if is_denied else self.name)
        if is_denied:
            return Wording(
                forward=(f"{{s}} is known not to be joined by {spoken} to {{o}}",),
                backward=(f"{{o}} is known not to be the object of {spoken} by {{s}}",),
            )
        return Wording(
            forward=(f"{{s}} {spoken} {{o}}",),
            backward=(f"{{o}} is the object of {spoken} by {{s}}",),
        )

    def spelled(self) -> Iterator[tuple[str, bool]]:
        """Yield every spelling, and whether it tells the fact the other way round."""
        yield from ((spelling, False) for spelling in (self.name, self.curie, *self.spellings))
        if not self.symmetric:
            yield from ((spelling, True) for spelling in (self.inverse, *self.inverse_spellings))

    def denial(self) -> Predicate:
        """Return the relation that denies this one: same family, other polarity.

        >>> load_vocabulary().predicate("treats").denial().wording("en").forward[0]
        '{s} does not treat {o}'
        """
        worded = {language: _denied_wording(w, language) for language, w in self.wordings.items()}
        return Predicate(
            name=NOT_NAME + self.name,
            curie=NOT_NAME + self.curie,
            inverse=self.inverse and NOT_NAME + self.inverse,
            symmetric=self.symmetric,
            kind="negative",
            family=self.family,
            domain=self.domain,
            range=self.range,
            wordings={language: wording for language, wording in worded.items() if wording},
        )


def _spoken(name: str) -> str:
    """Make words of a name: its prefix goes, unless what follows is only a number.

    >>> _spoken("umls:has_foo"), _spoken("RO:0009501")
    ('has foo', 'RO:0009501')
    """
    prefix, _, local = name.partition(":")
    says_something = re.fullmatch(r"[A-Za-z][\w.-]*", prefix) and re.search(r"[^\W\d_]", local)
    words = (local if says_something else name).replace("_", " ").split()
    return " ".join(words) or "has to do with"


class Resolved(NamedTuple):
    """What a source's spelling of a relation means."""

    name: str
    """The canonical name; the spelling itself where the vocabulary does not know it."""
    turned: bool
    """The spelling tells the fact the other way round: swap subject and object."""
    known: bool
    """The relation is listed in ``ontologies/predicates.yaml``, or denies one that is."""


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


class TypeInfo(Record):
    """What is known of a semantic type beside its nouns."""

    group: str
    """One of the groups of semantic types, as ``DISO``."""
    spellings: tuple[str, ...] = ()
    """How sources spell it."""


class Vocabulary(Record):
    """Every relation and type that is known by name."""

    predicates: dict[str, Predicate]
    types: dict[str, dict[Language, TypeNoun]]
    type_info: dict[str, TypeInfo] = Field(default_factory=dict)
    groups: dict[str, str] = Field(default_factory=dict)
    """The groups of semantic types, by their short name."""

    @cached_property
    def languages(self) -> frozenset[str]:
        """The languages that any relation is worded in."""
        return frozenset(lang for known in self.predicates.values() for lang in known.wordings)

    def predicate(self, name: str) -> Predicate:
        """Return a relation; one that is not listed is associative, and a family of its own.

        ``not_`` before a name denies it: ``not_treats`` is negative, and of the family of
        ``treats``.
        """
        bare = name.removeprefix(NOT_NAME)
        if name in self.predicates or bare == name:
            return self._listed(name)
        return self._listed(bare).denial()

    def _listed(self, name: str) -> Predicate:
        known = self.predicates.get(name)
        return known or Predicate(name=name, curie=name, inverse="", family=name)

    def resolve(self, spelling: str) -> Resolved:
        """Return what a source's spelling of a relation means.

        A canonical name, a CURIE, a listed spelling and the inverse of each are known, and what
        UMLS spells with its prefix, without it. A bare word may be in capitals, as in Neo4j.
        ``not`` before a spelling denies it. Any other spelling is kept as its own name.

        >>> load_vocabulary().resolve("treated_by")
        Resolved(name='treats', turned=True, known=True)
        >>> load_vocabulary().resolve("not biolink:treats").name
        'not_treats'
        >>> load_vocabulary().resolve("umls:has_foo")
        Resolved(name='umls:has_foo', turned=False, known=False)
        """
        found = self._relations.get(spelling)
        if found is None and ":" not in spelling:
            found = self._relations.get(_folded(spelling))
        said = re.match(r"(not[ _]\s*)+", spelling)
        if found is not None or said is None:
            return found or Resolved(spelling, turned=False, known=False)
        meant = self.resolve(spelling[said.end() :])
        is_odd = said[0].count("not") % 2 == 1
        return meant._replace(name=_denied_name(meant.name)) if is_odd else meant

    @cached_property
    def _relations(self) -> dict[str, Resolved]:
        meanings = {
            spelling: Resolved(predicate.name, turned, known=True)
            for predicate in self.predicates.values()
            for spelling, turned in predicate.spelled()
        }
        # Tables that were cut from UMLS name its relations without the prefix.
        bare = {s.removeprefix(UMLS): m for s, m in meanings.items() if _is_rela(s)}
        return {**bare, **meanings}

    def type_name(self, spelling: str) -> str:
        """Return the canonical name of a semantic type; an unknown one is kept as it is.

        >>> [load_vocabulary().type_name(t) for t in ("umls:T047", "Side Effect", "umls:T999")]
        ['disease', 'side_effect', 'umls:T999']
        """
        found = self._types.get(spelling)
        if found is None and ":" not in spelling:
            found = self._types.get(_folded(spelling))
        return found or spelling

    @cached_property
    def _types(self) -> dict[str, str]:
        listed = self.type_info.items()
        spelled = {spelling: name for name, about in listed for spelling in about.spellings}
        return {**spelled, **{name: name for name in self.types}}

    def noun(self, semantic_type: str, language: str) -> TypeNoun:
        """Return how a concept of a type is spoken of."""
        known = self.types.get(semantic_type, {}).get(language)
        word = _spoken(semantic_type)
        return known or TypeNoun(
            noun=word,
            plural=f"concepts of type {word}",
            some=f"a concept of type {word}",
            that=f"that {word}",
            which=f"which of these concepts of type {word}",
        )


def _is_rela(spelling: str) -> bool:
    """Tell a RELA of UMLS from its REL codes, which are letters that could mean anything."""
    return spelling.startswith(UMLS) and spelling.islower()


def _folded(word: str) -> str:
    """Spell a bare word as our names are: ``SIDE EFFECT`` is ``side_effect``."""
    return re.sub(r"[\s,-]+", "_", word.strip().lower())


def _denied_name(name: str) -> str:
    """Deny a name; what denies a denial says the thing itself."""
    return name.removeprefix(NOT_NAME) if name.startswith(NOT_NAME) else NOT_NAME + name


@cache
def load_vocabulary() -> Vocabulary:
    """Read ``ontologies/predicates.yaml`` and ``ontologies/semantic_types.yaml``.

    >>> load_vocabulary().predicate("treats").wording("en").forward[0]
    '{s} treats {o}'
    """
    predicates = _yaml("ontologies/predicates.yaml")
    types = _yaml("ontologies/semantic_types.yaml")
    about = ("group", "spellings")
    return Vocabulary.model_validate(
        {
            "predicates": {
                name: {"name": name, **fields} for name, fields in predicates["predicates"].items()
            },
            "types": {
                name: {key: value for key, value in fields.items() if key not in about}
                for name, fields in types["types"].items()
            },
            "type_info": {
                name: {key: fields[key] for key in about if key in fields}
                for name, fields in types["types"].items()
            },
            "groups": types["groups"],
        }
    )


def _yaml(name: str) -> Any:
    """Read a packaged file; libyaml, where it is there, is six times as fast."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(locate(name).read_text("utf-8"), Loader=loader)


# --- saying that it is not so -------------------------------------------------------------------

_VERBS = {
    "is": "is not",
    "are": "are not",
    "can": "cannot",
    "may": "cannot",
    "has": "does not have",
}
_IRREGULAR = {"lies": "lie", "underlies": "underlie", "overlies": "overlie", "does": "do"}


def _denied_wording(wording: Wording, language: str) -> Wording | None:
    """Turn what is said into what is denied; None where the language has no rule for it."""
    deny = {"en": _denied_english, "es": _denied_spanish}.get(language)
    if deny is None:
        return None
    forward, backward = (
        tuple(t[:3] + " " + core + " " + t[-3:] for t in templates if (core := deny(t[4:-4])))
        for templates in (wording.forward, wording.backward)
    )
    return Wording(forward=forward, backward=backward) if forward and backward else None


def _denied_english(words: str) -> str:
    """Deny a wording that begins with its verb; what denies already is left to other words.

    >>> _denied_english("is used to treat"), _denied_english("typically shows")
    ('is not used to treat', 'does not typically show')
    >>> _denied_english("must be avoided in"), _denied_english("is never found in")
    ('', '')
    """
    if re.search(r"\b(must|not|no|never)\b", words):
        return ""
    verb, space, rest = words.partition(" ")
    if verb in _VERBS:
        return _VERBS[verb] + space + rest
    adverb = ""
    if verb.endswith("ly"):
        adverb = verb + " "
        verb, space, rest = rest.partition(" ")
    return f"does not {adverb}{_bare_verb(verb)}{space}{rest}"


def _bare_verb(verb: str) -> str:
    """Return a verb as it follows "does not".

    >>> [_bare_verb(v) for v in ("causes", "carries", "crosses", "underlies")]
    ['cause', 'carry', 'cross', 'underlie']
    """
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    return re.sub(r"(?<=ss|sh|ch|zz|.x)es$|s$", "", verb)


def _denied_spanish(words: str) -> str:
    """Deny a wording that begins with its verb, and is no denial itself."""
    return "" if re.match(r"(no|nunca)\b", words) else f"no {words}"
