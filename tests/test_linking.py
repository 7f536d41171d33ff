"""Questions linked to concepts by name."""

from __future__ import annotations

import pytest

from kgsynth.linking.linker import link_question
from kgsynth.linking.matching import NameMatcher
from kgsynth.model import Mention, Question, QuestionOption

MATCHER = NameMatcher(
    [
        ("chest pain", "T:pain"),
        ("pain", "T:any-pain"),
        ("fever", "T:fever"),
        ("cough", "T:cough"),
        ("lisinopril", "T:lisinopril"),
        ("cold", "T:cold-temperature"),
        ("cold", "T:common-cold"),
        ("heart failure", "T:hf"),
        ("failure", "T:failure"),
        ("insuficiencia cardíaca", "T:hf"),
    ]
)


def linked(stem: str, options: tuple[str, ...] = ("x", "y"), language: str = "en") -> list[Mention]:
    question = Question(
        id="q",
        origin="test",
        language=language,
        stem=stem,
        options=tuple(
            QuestionOption(label=label, text=text)
            for label, text in zip("ABCDEF", options, strict=False)
        ),
        key="A",
    )
    return list(link_question(question, MATCHER).mentions)


def test_mentions_know_their_field_and_place() -> None:
    stem = "Which drug causes cough?"
    found = linked(stem, ("Lisinopril", "none of them", "Heart failure"))
    assert [(m.field, m.text, m.id, m.score) for m in found] == [
        ("stem", "cough", "T:cough", 1.0),
        ("option:A", "Lisinopril", "T:lisinopril", 1.0),
        ("option:C", "Heart failure", "T:hf", 1.0),
    ]
    assert stem[found[0].start : found[0].end] == "cough"


def test_an_ambiguous_name_splits_its_score() -> None:
    found = linked("He caught a cold.")
    assert [(m.id, m.score) for m in found] == [
        ("T:cold-temperature", 0.5),
        ("T:common-cold", 0.5),
    ]


@pytest.mark.parametrize(
    ("stem", "denied"),
    [
        ("She denies chest pain, cough, or fever.", {"T:pain", "T:cough", "T:fever"}),
        ("No fever, but a cough.", {"T:fever"}),
        ("No fever. A cough.", {"T:fever"}),
        ("She has a cough without fever.", {"T:fever"}),
        ("Negative for cough; fever is high.", {"T:cough"}),
        ("A man, who has no fever, takes lisinopril.", {"T:fever"}),
        ("Which drug is known to cause cough?", set()),
        ("Normal except for a cough.", set()),
        ("A tablet sold without prescription eases a cough.", set()),
        ("Without treatment, fever gets worse.", set()),
    ],
)
def test_what_a_stem_denies(stem: str, denied: set[str]) -> None:
    assert {m.id for m in linked(stem) if m.negated} == denied


def test_denial_in_spanish_and_in_a_language_without_cues() -> None:
    assert linked("Niega insuficiencia cardíaca.", language="es")[0].negated
    assert not linked("Presenta insuficiencia cardíaca.", language="es")[0].negated
    assert not linked("no cough", language="fr")[0].negated
