"""Names in text: what is one name, what is not, and where it stands."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kgsynth.linking import matching
from kgsynth.linking.matching import NameMatcher, fold_plural, keeps_case, tokens


def texts(name: str, text: str) -> list[str]:
    return [found.text for found in NameMatcher([(name, "k")]).find(text)]


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("heart failure", "Heart Failure", "Heart Failure"),
        ("beta blocker", "a beta-blocker", "beta-blocker"),
        ("beta-blocker", "a β-blocker.", "β-blocker"),
        ("TNF alpha", "serum TNF\u03b1 rose", "TNFα"),
        ("IL-6", "high IL6", "IL6"),
        ("IL6", "high IL\u20116", "IL\u20116"),
        ("Crohn disease", "Crohn's disease", "Crohn's disease"),
        ("Crohn's disease", "Crohn\u2019s disease", "Crohn\u2019s disease"),
        ("Graves disease", "Graves' disease", "Graves' disease"),
        ("virus", "two viruses", "viruses"),
        ("diagnosis", "the diagnoses of", "diagnoses"),
        ("biopsy", "biopsies", "biopsies"),
        ("aspirin", "as\u200bpi\u00adrin", "as\u200bpi\u00adrin"),
        ("aspirin", "\uff41\uff53\uff50\uff49\uff52\uff49\uff4e", "ａｓｐｉｒｉｎ"),
        ("café au lait spot", "cafe\u0301-au-lait spots", "cafe\u0301-au-lait spots"),
        ("E. coli", "an E. coli strain", "E. coli"),
        ("ACE", "two ACEs", "ACEs"),
        ("flu", "The FLU came", "FLU"),
        ("高血压", "患者有高血压病史", "高血压"),
    ],
)
def test_one_name_in_many_spellings(name: str, text: str, found: str) -> None:
    assert texts(name, text) == [found]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("25", "a dose of 2025 or 5"),
        ("5", "a ratio of 2.5"),
        ("glycaemia", "hypoglycaemia"),
        ("ACE", "he will ace it"),
        ("CAT", "the cat sat"),
        ("K", "k is small"),
        ("H1", "H1N1 influenza"),
        ("AIDS", "hearing aids"),
        ("heart failure", "heart. Failure"),
        ("heart failure", "failure of the heart"),
        ("", "anything"),
        ("--", "a -- b"),
    ],
)
def test_what_is_another_word(name: str, text: str) -> None:
    assert texts(name, text) == []


def test_the_longest_name_wins_and_names_do_not_overlap() -> None:
    matcher = NameMatcher([("heart", "1"), ("heart failure", "2"), ("failure rate", "3")])
    assert [(f.start, f.end, f.text, f.keys) for f in matcher.find("The heart failure rate")] == [
        (4, 17, "heart failure", ("2",))
    ]
    assert [f.text for f in matcher.find_all("The heart failure rate")] == [
        "heart",
        "heart failure",
        "failure rate",
    ]


def test_a_shared_name_gives_every_bearer_once_and_in_order() -> None:
    matcher = NameMatcher([("cold", "z"), ("Cold", "a"), ("colds", "z")])
    assert matcher.find("a cold")[0].keys == ("a", "z")


def test_case_is_kept_by_short_names_alone() -> None:
    kept = [n for n in ("K", "Na", "mi", "ACE", "NSAID", "AT1R", "flu", "Flu") if keeps_case(n)]
    assert kept == ["K", "Na", "mi", "ACE", "AT1R"]


def test_a_name_in_capitals_beside_its_lower_case_twin() -> None:
    matcher = NameMatcher([("CAT", "scan"), ("cat", "animal")])
    assert matcher.find("a cat")[0].keys == ("animal",)
    assert matcher.find("a CAT")[0].keys == ("animal", "scan")


words = st.text(
    st.characters(whitelist_categories=("Lu", "Ll", "Nd")).filter(
        lambda c: unicodedata.normalize("NFKC", c.casefold()).isalnum()
    ),
    min_size=5,
    max_size=12,
)


@given(st.lists(words, min_size=1, max_size=4), st.text(max_size=20), st.text(max_size=20))
def test_a_name_is_found_wherever_it_is_put(name: list[str], before: str, after: str) -> None:
    text = f"{before} . {'-'.join(name)} . {after}"
    assert any(
        f.text == "-".join(name) for f in NameMatcher([(" ".join(name), "k")]).find_all(text)
    )


@given(st.text())
def test_offsets_are_of_the_text_as_given(text: str) -> None:
    spelled = tokens(text)
    assert all(0 <= t.start < t.end <= len(text) for t in spelled)
    assert [t.start for t in spelled] == sorted(t.start for t in spelled)


@given(st.text(st.sampled_from("abcdeixyzh"), min_size=4, max_size=9))
def test_a_regular_plural_meets_its_singular(word: str) -> None:
    if word.endswith(("x", "z", "ch", "sh")):
        plural = word + "es"
    elif word.endswith("y"):
        plural = word[:-1] + "ies"
    else:
        plural = word + "s"
    assume(not word.endswith(("ie", "i")))  # "ies" is taken for the plural of "y"
    assert fold_plural(plural) == fold_plural(word)


@given(st.text(st.sampled_from("aSs'1.,- _()Z"), max_size=30))
def test_plain_text_is_cut_the_same_way_fast_and_slow(text: str) -> None:
    assert matching._plain_tokens(text) == matching._any_tokens(text)


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126)))
def test_any_plain_text_is_cut_the_same_way_fast_and_slow(text: str) -> None:
    assert matching._plain_tokens(text) == matching._any_tokens(text)


@pytest.mark.timeout(20)
def test_a_long_run_of_marks_takes_no_longer_than_its_length() -> None:
    marks = "\u0301\u0316" * 200_000
    assert tokens("a" + marks)
    assert texts("caf\u00e9", "cafe\u0301") == ["cafe\u0301"]


def test_a_mark_beyond_the_limit_is_still_part_of_the_word() -> None:
    text = "cafe" + "\u0301" * (matching.MOST_MARKS + 5)
    assert [(t.start, t.end) for t in tokens(text)] == [(0, len(text))]
    assert texts("cafe", text) == []
