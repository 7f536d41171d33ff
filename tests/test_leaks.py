"""Names that a text gives away though it does not spell them, and texts that only look like it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgsynth.verify.leaks import LeakFinder

NAMES = (
    "myocardial infarction",
    "MI",
    "beta blocker",
    "type 2 diabetes",
    "mitral valve stenosis",
    "edema",
    "esophageal varices",
    "insulin resistance",
    "cyclooxygenase-1",
    "tumor necrosis factor alpha",
    "adrenal cortex",
    "infección urinaria",
    "heart failure",
    "hypothyroidism",
)


@pytest.fixture(scope="module")
def finder() -> LeakFinder:
    return LeakFinder((name, name) for name in NAMES)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("An INFARCTION of the myocardium", "myocardial infarction"),
        ("after an MI he", "MI"),
        ("two betablockers", "beta blocker"),
        ("β-blockers/ACE inhibitors", "beta blocker"),
        ("diabetes type 2", "type 2 diabetes"),
        ("stenosis of the mitral valve", "mitral valve stenosis"),
        ("Oedema", "edema"),
        ("oesophageal varix", "esophageal varices"),
        ("resistance to insulin", "insulin resistance"),
        ("cyclo-oxygenase-1", "cyclooxygenase-1"),
        ("tumour necrosis factor α", "tumor necrosis factor alpha"),
        ("both adrenal cortices", "adrenal cortex"),
        ("infecciones urinarias", "infección urinaria"),
        ("hypo-\nthyroidism", "hypothyroidism"),
        ("hypo\u200bthyroidism", "hypothyroidism"),
        ("failure of her heart", None),  # not every turn is found
        ("the heart, and then failure of the drug", None),
        ("type 1 diabetes; a type 2 error", None),
        ("mi amigo", None),
        ("hyperthyroidism", None),
        ("the infarction spared the septum; myocardial stunning", None),
        ("a cortex of adrenal-coloured paint", "adrenal cortex"),
        ("the varices were oesophageal", None),
    ],
)
def test_what_gives_a_name_away(finder: LeakFinder, text: str, key: str | None) -> None:
    found = finder.find(text)
    assert (found.key if found else None) == key
    if found:
        assert found.text in text


@given(st.sampled_from(NAMES[2:]), st.text(max_size=20), st.text(max_size=20))
def test_a_name_between_spaces_is_always_found(name: str, before: str, after: str) -> None:
    finder = LeakFinder([(name, "key")])
    assert finder.find(f"{before} . {name} . {after}") is not None


def test_a_text_without_letters_of_the_name_gives_nothing_away(finder: LeakFinder) -> None:
    assert finder.find("") is None
    assert finder.find("\u05d0\u05d1 \u202e 123 \U0001f600") is None


def test_what_is_empty_a_number_or_markup_is_only_a_name() -> None:
    odd = LeakFinder([("", "a"), ("   ", "b"), ("11", "c"), ("<b>{{x}}</b>", "d"), ("\u200b", "e")])
    assert odd.find("Nothing of the kind.") is None
    assert odd.find("chromosome 11 is") is not None
    assert odd.find("see <b>{{x}}</b>") is not None


def test_a_long_text_costs_no_more_than_its_length(finder: LeakFinder) -> None:
    spent = []
    for size in (20_000, 100_000):
        text = "heart of the adrenal mitral insulin " * (size // 36)
        start = time.perf_counter()
        finder.find(text)
        spent.append(time.perf_counter() - start)
    assert spent[1] < 25 * max(spent[0], 0.02)
