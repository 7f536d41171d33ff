"""The words of relations and types: whole in both languages, and none that means two things."""

from __future__ import annotations

import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from kgsynth.vocabulary import Predicate, Wording, load_vocabulary, say, sentence

VOCABULARY = load_vocabulary()
LANGUAGES = ("en", "es")
PREDICATES = list(VOCABULARY.predicates.values())


# --- relations ------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("predicate", PREDICATES, ids=lambda p: p.name)
def test_every_relation_is_worded_both_ways(predicate: Predicate, language: str) -> None:
    wording = predicate.wordings[language]
    assert all(t.startswith("{s} ") and t.endswith(" {o}") for t in wording.forward)
    assert all(t.startswith("{o} ") and t.endswith(" {s}") for t in wording.backward)
    assert wording.forward
    assert wording.backward


def wordings(language: str) -> list[tuple[str, str]]:
    """Return (what stands between the names, the relation and direction that it means)."""
    return [
        (
            template[3:-3].strip(),
            predicate.name if predicate.symmetric else f"{predicate.name} {way}",
        )
        for predicate in PREDICATES
        for way in ("forward", "backward")
        for template in getattr(predicate.wordings[language], way)
    ]


def shared(pairs: list[tuple[str, str]]) -> set[str]:
    meanings: dict[str, set[str]] = {}
    for words, meaning in pairs:
        meanings.setdefault(words, set()).add(meaning)
    return {words for words, of in meanings.items() if len(of) > 1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_wording_means_two_things(language: str) -> None:
    assert shared(wordings(language)) == set()


def test_the_check_above_finds_a_shared_wording() -> None:
    assert shared([("blocks", "inhibits forward"), ("blocks", "excludes forward")]) == {"blocks"}


def test_a_symmetric_relation_says_the_same_both_ways() -> None:
    for predicate in PREDICATES:
        for language in LANGUAGES:
            wording = predicate.wordings[language]
            turned = {t.replace("{o}", "{x}").replace("{s}", "{o}").replace("{x}", "{s}")
                      for t in wording.backward}  # fmt: skip
            assert (turned == set(wording.forward)) == predicate.symmetric, predicate.name


def test_inverse_names_are_unique_and_no_relation_of_their_own() -> None:
    inverses = [p.inverse for p in PREDICATES if not p.symmetric]
    assert all(inverses)
    assert [name for name, count in Counter(inverses).items() if count > 1] == []
    assert set(inverses) & set(VOCABULARY.predicates) == set()
    assert all(p.inverse == p.name for p in PREDICATES if p.symmetric)


def test_curies_are_unique() -> None:
    counts = Counter(p.curie for p in PREDICATES)
    assert [curie for curie, count in counts.items() if count > 1] == []
    assert all(curie.count(":") == 1 for curie in counts)


def test_names_can_stand_in_a_table_and_in_a_build_file() -> None:
    allowed = set(string.ascii_lowercase + string.digits + "_")
    for name in (*VOCABULARY.predicates, *VOCABULARY.types):
        assert set(name) <= allowed, name


def test_a_relation_that_is_not_listed_is_said_by_its_own_name() -> None:
    unknown = VOCABULARY.predicate("binds_to")
    assert (unknown.kind, unknown.family) == ("associative", "binds_to")
    wording = unknown.wording("en")
    assert say(wording.templates(True)[0], "a", "b") == "a binds to b"
    assert say(wording.templates(False)[0], "b", "a") == "b is the object of binds to by a"


@pytest.mark.parametrize("name", ["a {o} b", "}{", "{s}", "x{y"])
def test_an_unlisted_name_with_braces_is_still_words(name: str) -> None:
    template = VOCABULARY.predicate(name).wording("en").forward[0]
    assert say(template, "A", "B") == f"A {name} B"


@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (["{o} treats {s}"], ["{o} is treated with {s}"]),
        (["{s} treats {o}"], ["{s} is treated with {o}"]),
        (["treats {o}"], ["{o} is treated with {s}"]),
        (["{s} treats {o}."], ["{o} is treated with {s}"]),
        ([], ["{o} is treated with {s}"]),
        (["{s} treats {o}"], []),
    ],
)
def test_a_wording_in_the_wrong_direction_is_no_wording(
    forward: list[str], backward: list[str]
) -> None:
    Wording.model_validate({"forward": ["{s} treats {o}"], "backward": ["{o} needs {s}"]})
    with pytest.raises(ValidationError):
        Wording.model_validate({"forward": forward, "backward": backward})


# --- types ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("semantic_type", VOCABULARY.types)
def test_every_type_has_its_nouns(semantic_type: str, language: str) -> None:
    noun = VOCABULARY.types[semantic_type][language]
    assert all(noun.model_dump().values())
    assert noun.some.split()[0] in {"en": ("a", "an"), "es": ("un", "una")}[language]
    assert noun.some.endswith(noun.noun)
    assert noun.that.endswith(noun.noun)
    assert noun.which.endswith(noun.plural)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_types_are_spoken_of_alike(language: str) -> None:
    nouns = Counter(of[language].noun for of in VOCABULARY.types.values())
    assert [noun for noun, count in nouns.items() if count > 1] == []


def test_a_type_that_is_not_listed_is_spoken_of_by_its_own_name() -> None:
    assert VOCABULARY.noun("cell_line", "en").some == "a concept of type cell line"


# --- saying --------------------------------------------------------------------------------------


@given(
    first=st.text(),
    last=st.text(),
    template=st.sampled_from(
        [t for p in PREDICATES for w in p.wordings.values() for t in (*w.forward, *w.backward)]
    ),
)
def test_a_name_comes_out_as_it_went_in(first: str, last: str, template: str) -> None:
    said = say(template, first, last)
    assert said == first + template[3:-3] + last


@pytest.mark.parametrize("name", ["{s}", "{o}", "{from}", "{to}", "}", "{", "{0}", "%s", "\\1"])
def test_a_name_that_looks_like_a_slot_stays_a_name(name: str) -> None:
    assert say("{s} treats {o}", name, "pain") == f"{name} treats pain"
    assert say(say("{o} needs {s}", "{from}", "{to}"), name, name) == f"{name} needs {name}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("aspirin treats pain", "Aspirin treats pain."),
        ("beta-1 receptor raises X", "Beta-1 receptor raises X."),
        ("ácido úrico raises X", "Ácido úrico raises X."),
        ("p53 lowers mTOR", "p53 lowers mTOR."),
        ("mTOR raises p53", "mTOR raises p53."),
        ("pH rises", "pH rises."),
        ("α-synuclein underlies X", "α-synuclein underlies X."),
        ("5-HT raises X", "5-HT raises X."),
        ("", "."),
    ],
)
def test_a_sentence_begins_with_a_capital_unless_its_name_says_otherwise(
    text: str, said: str
) -> None:
    assert sentence(text) == said
