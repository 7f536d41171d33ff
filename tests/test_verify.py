"""The checks: each has rows that pass and rows that fail, and fail for that check alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import rows
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rows import (
    AVOIDED,
    CONCEPTS,
    CORTEX,
    EASY,
    INHIBITS,
    INTERACTS,
    NOT_SAID,
    PRODUCES,
    STATEMENTS,
    TREATS,
    Damage,
    context,
    hop,
    node,
    option,
    outcomes,
    path_row,
    statement,
    with_conclusion,
    with_hop,
    with_node,
    with_option,
    with_question,
    with_step,
)

from kgsynth.model import Corruption, Draft, Name, Option, Outcome, Path, Rejected, Row
from kgsynth.phrases import NO_STATEMENT, RULE_OUT_WORDS, STEP_WORDS
from kgsynth.verify import CHECKS, check_row, released
from kgsynth.verify.check import Check, CheckContext, Finding
from kgsynth.verify.review import review

ROW = path_row()
ACE = "Angiotensin-converting enzyme"


def failures(row: Row, given: CheckContext | None = None) -> dict[str, str]:
    return outcomes(check_row(row, given or context()), Outcome.FAILED)


def doubts(row: Row, given: CheckContext | None = None) -> dict[str, str]:
    return outcomes(check_row(row, given or context()), Outcome.COULD_NOT_CHECK)


def test_a_sound_row_passes_every_check() -> None:
    verdicts = check_row(ROW, context())
    nothing_to_judge = {"re-derivation", "contamination"}
    assert [(v.check, v.outcome, v.code) for v in verdicts] == [
        (code, Outcome.NOT_APPLICABLE if code in nothing_to_judge else Outcome.PASSED, "")
        for code in CHECKS
    ]
    assert released(verdicts)


def test_every_check_explains_itself() -> None:
    for code, check in CHECKS.items():
        assert check.code == code
        assert check.sentence.endswith(".")
        assert check.mend.endswith(".")


# --- grounding: the path -----------------------------------------------------------------------


@given(at=st.integers(1, 2), key=st.sampled_from(sorted(CONCEPTS)))
def test_swapping_an_inner_concept_fails_grounding(at: int, key: str) -> None:
    new = node(key.removeprefix("T:"))
    found = failures(with_node(ROW, at, new))
    assert ("grounding" in found) == (new.id != ROW.path.nodes[at].id)


@given(at=st.integers(0, 2))
def test_reversing_a_hop_fails_grounding_alone(at: int) -> None:
    turned = with_hop(ROW, at, forward=not ROW.path.hops[at].forward)
    assert set(failures(turned)) == {"grounding"}


def test_swapping_only_the_name_of_a_concept_fails_grounding() -> None:
    renamed = node("ace").model_copy(update={"name": "renin"})
    assert set(failures(with_node(ROW, 2, renamed))) == {"grounding"}


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda r: with_hop(r, 1, predicate="activates"), "T:lisinopril activates T:ace"),
        (lambda r: with_hop(r, 1, statements=()), "Hop 2 of the path rests on no statement"),
        (lambda r: with_hop(r, 1, statements=(INHIBITS.id, TREATS.id)), "Hop 2 of the path says"),
        (lambda r: with_hop(r, 1, statements=(INHIBITS.id, "Sx")), "cites Sx"),
        (lambda r: with_step(r, 1, cites=(INHIBITS.id, CORTEX.id)), "on none of the row's paths"),
        (lambda r: with_step(r, 3, cites=("Sx",)), "Step 4 cites Sx"),
        (lambda r: with_option(r, 0, why_out=EASY.model_copy(update={"statements": ("Sx",)})),
         "Option A cites Sx"),
    ],
)  # fmt: skip
def test_a_hop_or_citation_that_the_graph_does_not_hold(damage: Damage, said: str) -> None:
    found = failures(damage(ROW))
    assert set(found) == {"grounding"}
    assert said in found["grounding"]


def test_a_step_that_cites_nothing_fails_grounding_and_breaks_the_chain() -> None:
    found = failures(with_step(ROW, 1, cites=()))
    assert set(found) == {"grounding", "order"}
    assert found["grounding"] == "Step 2 cites no statement."


def test_an_edited_statement_is_caught_by_its_id() -> None:
    forged = [INHIBITS.model_copy(update={"object": "T:at2"}), TREATS, PRODUCES, CORTEX]
    assert "altered" in failures(ROW, context(statements=forged))["grounding"]


def test_a_statement_with_the_wrong_polarity_is_caught() -> None:
    forged = [INHIBITS.model_copy(update={"negative": True}), TREATS, PRODUCES, CORTEX]
    assert "polarity" in failures(ROW, context(statements=forged))["grounding"]


def test_a_graph_that_does_not_hold_a_shipped_statement_overrules_it() -> None:
    assert not failures(ROW, context(holds=lambda s, p, o: "aldosterone" not in o))
    found = failures(ROW, context(holds=lambda s, p, o: p != "inhibits"))
    assert "which the graph does not hold" in found["grounding"]
    assert not failures(ROW, context(holds=lambda s, p, o: None))


def test_a_further_path_is_judged_too() -> None:
    sound = Path(nodes=(node("lisinopril"), node("ace")), hops=(hop(INHIBITS),))
    false = Path(nodes=(node("lisinopril"), node("at2")), hops=(hop(INHIBITS),))
    assert not failures(path_row(further_paths=(sound,)))
    found = failures(path_row(further_paths=(sound, false)))
    assert set(found) == {"grounding"}
    assert "further path 2" in found["grounding"]


def test_a_concept_missing_from_the_evidence_is_no_concept() -> None:
    fewer = [c for c in CONCEPTS.values() if c.id != "T:ace"]
    assert "T:ace is not in the evidence" in failures(ROW, context(concepts=fewer))["grounding"]


# --- grounding: the text of a hop ---------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Lisinopril inhibits angiotensin-converting enzyme.",
        "LISINOPRIL  blocks\nACE",
        "Angiotensin converting enzyme is inhibited by Zestril.",
        "So ACE is blocked by lisinopril.",
        "Step 2: the drug lisinopril directly inhibits the protein ACE.",
        "We know that lisinopril, in turn, inhibits angiotensin-converting enzyme (ACE).",
        "First, lisinopril inhibits ACE. Thus kininase II is blocked by Prinivil!",
    ],
)
def test_wordings_of_the_cited_statement_pass(text: str) -> None:
    verdicts = check_row(with_step(ROW, 1, text=text), context())
    assert released(verdicts), outcomes(verdicts, Outcome.FAILED, Outcome.COULD_NOT_CHECK)


@pytest.mark.parametrize(
    "text",
    [
        "Lisinopril activates angiotensin-converting enzyme.",
        "Lisinopril strongly activates ACE.",
        "ACE inhibits lisinopril.",
        "Lisinopril is inhibited by ACE.",
        "Lisinopril does not inhibit ACE.",
        "Lisinopril doesn't inhibit ACE.",
        "Lisinopril doesn\u2019t inhibit ACE.",
        "Lisinopril does n\u200bot inhibit ACE.",
        "Lisinopril never inhibits ACE.",
        "ACE is not inhibited by lisinopril.",
        "ACE is no longer inhibited by lisinopril.",
        "It is not true that lisinopril inhibits ACE.",
        "It is false that lisinopril inhibits ACE.",
        "Lisinopril fails to inhibit ACE.",
        "Lisinopril is inactive against ACE.",
        "Lisinopril inhibits ACE and cortisol.",
        "Lisinopril inhibits ACE. Cortisol is next.",
        "Lisinopril inhibits ACE, which produces angiotensin II.",
        "Lisinopril inhibits ACE. ACE inhibits lisinopril.",
        "Lisinopril inhibits ACE. The graph does not say that lisinopril inhibits ACE.",
    ],
)
def test_texts_against_the_cited_statement_fail_grounding_alone(text: str) -> None:
    # Form fails too where a word is broken by an invisible character.
    assert set(failures(with_step(ROW, 1, text=text))) - {"form"} == {"grounding"}


@pytest.mark.parametrize(
    "text",
    [
        "Lisinopril may inhibit ACE.",
        "Lisinopril acts on ACE.",
        "Lisinopril and ACE.",
        "It inhibits ACE.",
        "The drug does what it does.",
        "Lisinopril inhibits the breakdown of ACE.",
        "Lisinopril inhibits ACE and cures cancer.",
        "Lisinopril inhibits ACE. It also cures cancer.",
        "Carefully dosed lisinopril inhibits ACE.",
        "Lisinopril inhibits ACE in mice, not in men.",
        "Lisinopril inhibits ACE. The graph does not say that lisinopril.",
    ],
)
def test_texts_that_cannot_be_read_are_not_passed(text: str) -> None:
    verdicts = check_row(with_step(ROW, 1, text=text), context())
    assert set(outcomes(verdicts, Outcome.COULD_NOT_CHECK)) == {"grounding"}
    assert not outcomes(verdicts, Outcome.FAILED)
    assert not released(verdicts)


def two_facts(text: str) -> Row:
    """Return the row with one step for the first two hops."""
    row = with_step(ROW, 1, text=text, cites=(TREATS.id, INHIBITS.id))
    return with_step(row, 0, text="Lisinopril treats hypertension.")


@pytest.mark.parametrize(
    "text",
    [
        "Lisinopril treats hypertension. Lisinopril inhibits ACE.",
        "Lisinopril treats hypertension and inhibits ACE.",
        "Hypertension is treated with lisinopril, which inhibits ACE.",
        "Hypertension is treated with lisinopril, and lisinopril inhibits ACE.",
        "Lisinopril treats hypertension, and ACE is inhibited by lisinopril.",
    ],
)
def test_two_facts_in_one_step(text: str) -> None:
    assert not failures(two_facts(text)) | doubts(two_facts(text))


def test_each_cited_statement_must_be_said() -> None:
    assert "was not read as saying so" in doubts(two_facts("Lisinopril inhibits ACE."))["grounding"]
    assert set(failures(two_facts("Hypertension is treated with ACE."))) == {"grounding"}


def test_a_name_that_several_concepts_bear_is_read_as_the_cited_one() -> None:
    shared = CONCEPTS["T:cortisol"].model_copy(
        update={"names": (*CONCEPTS["T:cortisol"].names, Name(text="Zestril"))}
    )
    given = context(concepts=[*CONCEPTS.values(), shared])
    row = with_step(ROW, 1, text="Zestril inhibits ACE.")
    assert not failures(row, given) | doubts(row, given)


def recall_row(cited: rows.Statement, ends: tuple[str, str], text: str, language: str) -> Row:
    """Return a one-hop row about one statement."""
    path = Path(nodes=(node(ends[0]), node(ends[1])), hops=(hop(cited),))
    options = (option("A", ends[1], None), option("B", "cortisol", EASY))
    question = ROW.question.model_copy(update={"stem": "Which?", "options": options, "key": "A"})
    trace = ROW.trace.model_copy(
        update={
            "steps": (rows.Step(text=text, cites=(cited.id,)),),
            "conclusion": rows.Conclusion(text=f"{options[0].text}.", needs=(0,), answer="A"),
        }
    )
    return path_row(
        kind="recall", path=path, question=question, trace=trace, bridges=(), language=language
    )


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Lisinopril is contraindicated in pregnancy.", True),
        ("Lisinopril must be avoided in pregnancy.", True),
        ("Lisinopril is not contraindicated in pregnancy.", False),
        ("Lisinopril must not be used in pregnancy.", False),
        ("Lisinopril treats pregnancy.", False),
    ],
)
def test_a_negative_statement_keeps_its_polarity(text: str, good: bool) -> None:
    row = recall_row(AVOIDED, ("lisinopril", "pregnancy"), text, "en")
    assert released(check_row(row, context())) == good


def test_a_symmetric_statement_may_be_said_either_way_but_its_hop_may_not_turn() -> None:
    text = "Bradykinin interacts with lisinopril."
    row = recall_row(INTERACTS, ("lisinopril", "bradykinin"), text, "en")
    assert not failures(row) | doubts(row)
    assert set(failures(with_hop(row, 0, forward=False))) == {"grounding"}


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("La lisinopril inhibe la enzima convertidora de angiotensina.", Outcome.PASSED),
        ("Lisinopril no inhibe la enzima convertidora de angiotensina.", Outcome.FAILED),
        ("Lisinopril activa la enzima convertidora de angiotensina.", Outcome.FAILED),
        ("Lisinopril frena la enzima convertidora de angiotensina.", Outcome.COULD_NOT_CHECK),
    ],
)
def test_spanish(text: str, outcome: Outcome) -> None:
    row = recall_row(INHIBITS, ("lisinopril", "ace"), text, "es")
    assert CHECKS["grounding"].run(row, context()).outcome is outcome


def test_a_relation_that_the_vocabulary_does_not_list_is_read_by_its_own_name() -> None:
    own = statement("lisinopril", "tames_the", "bradykinin")
    given = context(statements=[*STATEMENTS, own], holds=None)
    for text, outcome in (
        ("Lisinopril tames the bradykinin.", Outcome.PASSED),
        ("Bradykinin tames the lisinopril.", Outcome.FAILED),
    ):
        row = recall_row(own, ("lisinopril", "bradykinin"), text, "en")
        assert CHECKS["grounding"].run(row, given).outcome is outcome
    for odd in ("", "a\nb", "_", "{s}", "x" * 10_000):
        own = statement("lisinopril", odd, "bradykinin")
        row = recall_row(own, ("lisinopril", "bradykinin"), "Lisinopril bradykinin.", "en")
        given = context(statements=[*STATEMENTS, own], holds=None)
        assert CHECKS["grounding"].run(row, given).outcome is Outcome.COULD_NOT_CHECK


# --- grounding: ruling out ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        NOT_SAID,
        f"Aldosterone is ruled out: {NOT_SAID}",
        f"Adrenal cortex produces aldosterone. {NOT_SAID}",
        "The graph does not say that aldosterone is produced by ACE.",
        "Option C, aldosterone, is out.",
    ],
)
def test_ruling_out_says_no_more_than_the_graph(text: str) -> None:
    row = with_step(ROW, 3, text=text)
    assert not failures(row) | doubts(row)


@pytest.mark.parametrize(
    "text",
    [
        "Aldosterone is out: the graph does not say that ACE produces angiotensin II.",
        "Aldosterone is out: the graph does not say that angiotensin II is produced by ACE.",
        "Adrenal cortex inhibits aldosterone.",
        "Aldosterone produces adrenal cortex.",
        "The graph holds no statement that ACE produces cortisol.",
        f"Bradykinin is out too. {NOT_SAID}",
    ],
)
def test_ruling_out_that_the_graph_gainsays_fails_grounding_alone(text: str) -> None:
    assert set(failures(with_step(ROW, 3, text=text))) == {"grounding"}


@pytest.mark.parametrize(
    "text",
    [
        "ACE does not produce aldosterone.",
        "Aldosterone is out because it is a poison.",
        f"{NOT_SAID[:-1]}, but ACE inhibits aldosterone.",
        f"{NOT_SAID[:-1]} in rats.",
        "The graph holds no statement that aldosterone is of any use.",
    ],
)
def test_ruling_out_that_cannot_be_read_is_not_passed(text: str) -> None:
    assert set(doubts(with_step(ROW, 3, text=text))) == {"grounding"}
    assert not failures(with_step(ROW, 3, text=text))


def test_a_denial_can_be_told_by_a_whole_graph_only() -> None:
    alone = context(holds=None)
    assert "only the whole graph can tell" in doubts(ROW, alone)["grounding"]
    assert not failures(ROW, alone)
    assert not released(check_row(ROW, alone))
    assert set(doubts(ROW, context(holds=lambda s, p, o: None))) == {"grounding"}
    assert released(check_row(ROW, context()))
    assert set(failures(with_hop(ROW, 1, forward=False), alone)) == {"grounding"}
    held = "The graph does not say that ACE produces angiotensin II, nor aldosterone."
    assert set(failures(with_step(ROW, 3, text=held), alone)) == {"grounding"}


def test_a_fact_told_while_ruling_out_must_be_shipped() -> None:
    """A graph may hold more, but who sees the dataset alone could not look it up."""
    given = context(holds=lambda s, p, o: p == "inhibits" or rows.held(s, p, o))
    row = with_step(ROW, 3, text="Adrenal cortex inhibits aldosterone.")
    assert "not in the evidence" in failures(row, given)["grounding"]


def test_a_whole_graph_may_hold_what_the_statements_at_hand_do_not() -> None:
    given = context(holds=lambda s, p, o: True)
    assert "it does" in failures(ROW, given)["grounding"]


def test_ruling_out_an_option_without_a_concept_names_its_text() -> None:
    row = with_option(ROW, 2, concept=None, text="none of these")
    no_proof = {"distractors"}
    assert set(failures(with_step(row, 3, text="None of these is out.", cites=()))) == no_proof
    unnamed = failures(with_step(row, 3, text="This option is out.", cites=()))
    assert set(unnamed) == {"grounding", *no_proof}


def test_ruling_out_an_option_that_is_not_there_fails() -> None:
    assert set(failures(with_step(ROW, 3, option="Z"))) == {"grounding"}


def test_set_phrases_exist_in_the_same_languages_and_the_first_is_for_writers() -> None:
    assert set(NO_STATEMENT) == set(STEP_WORDS) == set(RULE_OUT_WORDS) == {"en", "es"}
    assert NOT_SAID.startswith(NO_STATEMENT["en"][0])


# --- order --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda r: with_step(r, 0, needs=(1,)), "Step 1 needs step 2"),
        (lambda r: with_step(r, 1, needs=(1,)), "Step 2 needs step 2"),
        (lambda r: with_step(r, 1, needs=(-1,)), "Step 2 needs step 0"),
        (lambda r: with_step(r, 2, needs=(0,)), "Step 3 shares no concept"),
        (lambda r: with_conclusion(r, needs=(9,)), "The conclusion needs step 10"),
        (lambda r: with_conclusion(r, needs=()), "leads nowhere"),
        (lambda r: with_conclusion(r, needs=(0, 1)), "Step 3 leads nowhere"),
        (lambda r: with_conclusion(with_step(r, 2, kind="rule-out", option="B"), needs=(1,)),
         "do not reach"),
        (lambda r: with_option(r, 1, concept="T:cortisol"), "The path ends at T:at2"),
    ],
)  # fmt: skip
def test_order(damage: Damage, said: str) -> None:
    assert said in failures(damage(ROW))["order"]


def test_steps_may_come_in_any_order_that_their_needs_allow() -> None:
    """Backwards from the answer, or as two branches that join: together they are one chain."""
    steps = ROW.trace.steps
    swapped = (
        steps[1].model_copy(update={"needs": ()}),
        steps[0].model_copy(update={"needs": (0,)}),
        steps[2].model_copy(update={"needs": (0,)}),
        steps[3],
    )
    assert not failures(path_row(trace=ROW.trace.model_copy(update={"steps": swapped})))
    assert not failures(with_step(ROW, 2, needs=()))


def test_a_step_that_is_left_out_breaks_the_chain() -> None:
    steps = ROW.trace.steps
    short = ROW.trace.model_copy(
        update={
            "steps": (steps[0], steps[2].model_copy(update={"needs": ()})),
            "conclusion": ROW.trace.conclusion.model_copy(update={"needs": (0, 1)}),
        }
    )
    failed = failures(path_row(trace=short))
    assert "does not start from a concept of the question" in failed["order"]


def test_the_needs_may_skip_back_as_long_as_the_chain_holds() -> None:
    row = with_step(with_conclusion(ROW, needs=(2,)), 2, needs=(0, 1))
    assert not failures(row)


# --- answer -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "So the answer is angiotensin II.",
        "Answer: B",
        "Answer: B) angiotensin II",
        "The answer is (B).",
        "Ang II, not cortisol.",
        "Cortisol is ruled out. Hence angiotensin II.",
        "Angiotensin II rather than cortisol or aldosterone.",
        "Option C is out, so the answer is B. Answer: B",
        "La respuesta es angiotensina II.",
    ],
)
def test_conclusions_that_name_the_key(text: str) -> None:
    assert not failures(with_conclusion(ROW, text=text))


@pytest.mark.parametrize(
    "text",
    [
        "The answer is clear.",
        "Angiotensin.",
        "Angiotensin III.",
        "Answer: B or C",
        "Answer: B, C",
        "Answer: C",
        "Answer: B ... Answer: C",
        "Angiotensin II and cortisol.",
        "The answer is angiotensin II. Answer: D",
        "Not angiotensin II.",
        "Angiotensin II is ruled out.",
    ],
)
def test_conclusions_that_do_not_fail_answer_alone(text: str) -> None:
    assert set(failures(with_conclusion(ROW, text=text))) == {"answer"}


def test_the_label_must_be_the_key() -> None:
    assert set(failures(with_conclusion(ROW, answer="A"))) == {"answer"}


def test_the_key_must_not_be_ruled_out() -> None:
    row = with_step(ROW, 3, option="B", text="Angiotensin II is out.")
    assert set(failures(row)) == {"answer"}


@pytest.mark.parametrize(
    ("key", "other", "text", "good"),
    [
        ("5", "25", "The answer is 5.", True),
        ("5", "25", "The answer is 25.", False),
        ("2.5 mg", "5 mg", "So 2.5 mg.", True),
        ("5 mg", "2.5 mg", "So 2.5 mg.", False),
        ("diabetes insipidus", "diabetes", "It is diabetes insipidus.", True),
        ("diabetes", "diabetes insipidus", "It is diabetes insipidus.", False),
        ("C-reactive protein", "albumin", "Answer: C-reactive protein.", True),
        ("A drug", "a poison", "Answer: A drug", True),
        ("It rises.", "It falls.", "Then it rises", True),
    ],
)
def test_no_credit_for_a_part_of_a_name(key: str, other: str, text: str, good: bool) -> None:
    question = ROW.question.model_copy(
        update={
            "options": (
                Option(label="A", text=other, why_out=EASY),
                Option(label="B", text=key),
                Option(label="C", text="neither of the two", why_out=EASY),
            )
        }
    )
    row = with_conclusion(path_row(question=question), text=text)
    assert ("answer" not in failures(row)) == good


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("Not cortisol,angiotensin II.", True),
        ("Cortisol is not the answer but angiotensin II.", True),
        ("It is not,as some say, angiotensin II.", True),
        ("Not now or ever angiotensin II.", False),
    ],
)
def test_a_clause_turns_away_only_what_stands_in_it(text: str, good: bool) -> None:
    assert ("answer" not in failures(with_conclusion(ROW, text=text))) == good


# --- leaks --------------------------------------------------------------------------------------


def stem(text: str) -> Row:
    return with_question(ROW, stem=f"{text} Which of these hormones?")


@pytest.mark.parametrize(
    "text",
    [
        "Lisinopril treats it.",
        "ZESTRILS treat it.",
        "Lisin\u2060opril's effect.",
        "The angiotensin converting-enzymes.",
        "La enzima convertidora de angiotensina.",
        "The ACE gene.",
    ],
)
def test_a_hidden_name_in_the_stem(text: str) -> None:
    assert set(failures(stem(text))) - {"form"} == {"bridge-leak"}


def test_a_hidden_name_in_an_option() -> None:
    row = with_option(ROW, 0, text="kininase II")
    assert set(failures(row)) == {"bridge-leak"}


@pytest.mark.parametrize("text", ["The ace of spades.", "Lisinoprilate.", "Converting enzyme."])
def test_what_does_not_name_the_hidden_concept(text: str) -> None:
    assert not failures(stem(text))


@pytest.mark.parametrize("bearer", ["T:ace", "T:film"])
def test_a_name_that_other_concepts_bear_too_leaks_in_any_case(bearer: str) -> None:
    """Whether the other is kin and hidden as well, or is not shipped at all, makes no odds."""
    shared = rows.concept(bearer.removeprefix("T:"), "chemical", "blocker tablet")
    lisinopril = CONCEPTS["T:lisinopril"]
    names = (*lisinopril.names, Name(text="blocker tablet"))
    hidden = lisinopril.model_copy(update={"names": names})
    bridges = (ROW.bridges[0].model_copy(update={"hidden": tuple(n.text for n in names)}),)
    row = stem("Blocker tablet is given.").model_copy(update={"bridges": bridges})
    whole = context(concepts=[*(CONCEPTS | {hidden.id: hidden}).values(), shared])
    shipped = context(concepts=(CONCEPTS | {hidden.id: hidden}).values(), holds=None)
    assert "bridge-leak" in failures(row, whole)
    assert "bridge-leak" in failures(row, shipped)


def test_a_row_cannot_hide_what_its_bridge_is_called() -> None:
    bridges = tuple(b.model_copy(update={"hidden": ()}) for b in ROW.bridges)
    row = stem("Lisinopril treats it.").model_copy(update={"bridges": bridges})
    assert set(failures(row)) == {"bridge-leak"}


def test_bridge_leak_does_not_judge_what_hides_nothing() -> None:
    for row in (path_row(bridges=()), path_row(kind="qa")):
        verdicts = check_row(row, context())
        assert set(outcomes(verdicts, Outcome.NOT_APPLICABLE)) >= {"bridge-leak"}
        assert released(verdicts)


@pytest.mark.parametrize(
    "text", ["Angiotensin II rises.", "ANGIOTENSIN-II rises.", "La angiotensina II sube."]
)
def test_the_answer_in_the_stem(text: str) -> None:
    assert set(failures(stem(text))) == {"answer-leak"}


def test_the_answer_may_stand_in_a_given_question() -> None:
    row = with_question(path_row(kind="qa"), stem="Does angiotensin II rise?")
    assert not failures(row)


# --- form ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda r: r.model_copy(update={"id": "0" * 32}), "id does not follow"),
        (lambda r: with_question(r, stem=" \u200b "), "The stem is empty"),
        (lambda r: with_question(r, stem="Which? " * 600), "4200 characters"),
        (lambda r: with_question(r, stem="Which?\u202eX"), "U+202E"),
        (lambda r: with_question(r, stem="Which?\x00"), "U+0000"),
        (lambda r: with_option(r, 0, label="E"), "not labelled"),
        (lambda r: with_option(r, 0, text=" ALDO\u200bSTERONE "), "Options A and C are the same"),
        (lambda r: with_option(r, 0, why_out=None), "say why it is out"),
        (lambda r: with_option(r, 1, why_out=EASY), "say why it is out"),
        (lambda r: with_question(r, key="Z"), "not the label"),
        (lambda r: with_question(r, options=r.question.options[1:2]), "has 1 option;"),
        (lambda r: path_row(language="xx"), "language 'xx'"),
        (lambda r: path_row(path=r.path.model_copy(update={"nodes": r.path.nodes[:3]})),
         "3 concepts and 3 hops"),
        (lambda r: path_row(path=Path(nodes=(), hops=())), "0 concepts and 0 hops"),
        (lambda r: path_row(trace=r.trace.model_copy(update={"steps": ()})), "no steps"),
        (lambda r: with_step(r, 0, text=""), "Step 1 is empty"),
        (lambda r: with_step(r, 0, text="a" * 2001), "2001 characters"),
        (lambda r: with_step(r, 0, text="</think> hypertension"), "<think>"),
        (lambda r: with_conclusion(r, text="<Think>Answer: B"), "<think>"),
    ],
)  # fmt: skip
def test_form(damage: Damage, said: str) -> None:
    # Every check must bear a row that is not whole.
    assert said in failures(damage(ROW))["form"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda r: r.model_copy(update={"id": "0" * 32}),
        lambda r: with_question(r, stem="Which?\u202eX"),
        lambda r: with_conclusion(r, text="<think>Answer: B"),
        lambda r: with_option(r, 0, text="Aldosterones.", concept=None, why_out=None),
    ],
)
def test_form_fails_alone(damage: Damage) -> None:
    assert set(failures(damage(ROW))) == {"form"}


# --- corruptions --------------------------------------------------------------------------------


def corrupted(**changes: Any) -> Row:
    sound = Corruption(
        name="x", step=2, text="Lisinopril produces angiotensin II.", answer="B", proof="p"
    )
    return path_row(corruptions=(sound.model_copy(update=changes),))


def test_a_false_step_and_a_false_conclusion_are_corruptions() -> None:
    assert not failures(corrupted()) | doubts(corrupted())
    wrong = corrupted(step=None, text="So the answer is cortisol.", answer="A")
    assert not failures(wrong) | doubts(wrong)


@pytest.mark.parametrize(
    ("changes", "check", "said"),
    [
        ({"text": ROW.trace.steps[2].text}, "form", "true text"),
        ({"text": f" {ROW.trace.steps[2].text.upper()} "}, "form", "true text"),
        ({"step": None, "text": ROW.trace.conclusion.text, "answer": "A"}, "form", "true text"),
        ({"step": None, "text": "Surely angiotensin II."}, "form", "key all the same"),
        ({"step": 4}, "form", "damages step 5"),
        ({"step": -1}, "form", "damages step 0"),
        ({"answer": "Z"}, "form", "no option"),
        ({"text": ""}, "form", "empty"),
        ({"text": "<think>no"}, "form", "think"),
        ({"text": "Angiotensin II is produced by ACE."}, "grounding", "what the graph holds"),
    ],
)
def test_a_corruption_that_is_none(changes: dict[str, Any], check: str, said: str) -> None:
    assert said in failures(corrupted(**changes))[check]


# --- rows that no one wrote in good faith -------------------------------------------------------

LONG = ("cortisol, " * 20_000, "B or " * 20_000, "the " * 20_000, "e\u0301\u0316" * 50_000)
ENDLESS: tuple[Damage, ...] = (
    *(lambda r, t=text: with_question(r, stem=t) for text in LONG),
    *(lambda r, t=text: with_step(r, 1, text=f"Lisinopril {t} ACE.") for text in LONG),
    *(lambda r, t=text: with_conclusion(r, text=t) for text in LONG),
    *(lambda r, t=text: with_option(r, 0, text=t) for text in LONG),
    lambda r: with_step(r, 1, cites=(INHIBITS.id,) * 20_000),
    lambda r: with_step(r, 1, needs=(0,) * 20_000),
    lambda r: with_conclusion(r, needs=(0,) * 20_000),
    lambda r: with_hop(r, 1, statements=(INHIBITS.id,) * 20_000),
    lambda r: with_question(r, options=r.question.options * 5_000),
    lambda r: path_row(bridges=r.bridges * 5_000),
    lambda r: path_row(further_paths=(r.path,) * 5_000),
    lambda r: path_row(trace=r.trace.model_copy(update={"steps": r.trace.steps * 5_000})),
    lambda r: corrupted(text="no " * 5_000),
    lambda r: path_row(corruptions=corrupted().corruptions * 5_000),
)


@pytest.mark.timeout(10)
@pytest.mark.parametrize("at", range(len(ENDLESS)))
def test_a_row_over_the_limits_fails_form_and_is_not_read(at: int) -> None:
    verdicts = check_row(ENDLESS[at](ROW), context())
    assert set(outcomes(verdicts, Outcome.FAILED)) == {"form"}
    assert set(outcomes(verdicts, Outcome.COULD_NOT_CHECK)) == set(CHECKS) - {"form"}


@pytest.mark.timeout(20)
def test_no_text_takes_a_reader_long() -> None:
    """The limits aside: what a check costs grows with the length of a text and no faster."""
    for text in LONG:
        CHECKS["answer"].examine(with_conclusion(ROW, text=text), context())
        CHECKS["grounding"].examine(with_step(ROW, 1, text=f"Lisinopril {text} ACE."), context())


def test_a_check_that_breaks_off_has_not_passed() -> None:
    def broken(row: Row, given: CheckContext) -> Finding:
        raise ZeroDivisionError

    verdict = Check("odd", "It holds.", "Mend it.", broken).run(ROW, context())
    assert verdict.outcome is Outcome.COULD_NOT_CHECK
    assert "ZeroDivisionError" in verdict.detail


def leaves(tree: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where the strings and numbers of a document stand."""
    if isinstance(tree, dict | list | tuple):
        items = tree.items() if isinstance(tree, dict) else enumerate(tree)
        for key, below in items:
            yield from leaves(below, (*at, key))
    elif isinstance(tree, str | int):
        yield at


def put(tree: Any, at: tuple[Any, ...], value: Any) -> Any:
    """Return the document with one leaf replaced."""
    if not at:
        return value
    copy = dict(tree) if isinstance(tree, dict) else list(tree)
    copy[at[0]] = put(copy[at[0]], at[1:], value)
    return copy


DOCUMENT = corrupted().model_dump(mode="json")
WORDS = [n.text for c in CONCEPTS.values() for n in c.names]
WORDS += ["produces", "inhibits", "not", "the", "Answer:", "B", "(", "The graph does not say that"]
strange = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join),
    st.sampled_from(["{s}", "{o} x {s}", "_", "'s", "\u0301", "\x00", "a" * 5_000, *CONCEPTS]),
)


@given(st.data())
def test_no_check_ever_raises_whatever_a_row_says(data: st.DataObject) -> None:
    document = DOCUMENT
    for at in data.draw(st.lists(st.sampled_from(list(leaves(DOCUMENT))), min_size=1, max_size=4)):
        old = DOCUMENT
        for key in at:
            old = old[key]
        new = data.draw(strange if isinstance(old, str) else st.integers(-3, 9))
        document = put(document, at, new)
    try:
        row = Row.model_validate(document)
    except ValidationError:
        return
    row = row.model_copy(update={"id": row.recomputed_id()})
    for given_context in (context(), context(holds=None)):
        for check in CHECKS.values():
            # Not through run, which turns what a check raises into a verdict.
            assert check.examine(row, given_context).outcome in Outcome
        assert len(check_row(row, given_context)) == len(CHECKS)


# --- release ------------------------------------------------------------------------------------


def test_release_needs_every_required_check() -> None:
    verdicts = check_row(ROW, context())
    assert released(verdicts)
    assert not released(verdicts[1:])
    doubtful = verdicts[0].model_copy(update={"outcome": Outcome.COULD_NOT_CHECK})
    assert not released((doubtful, *verdicts[1:]))
    idle = verdicts[0].model_copy(update={"outcome": Outcome.NOT_APPLICABLE})
    assert released((idle, *verdicts[1:]))


def test_review_keeps_a_sound_row_with_its_verdicts_and_turns_others_away() -> None:
    kept = review(rows.draft(ROW), context())
    assert isinstance(kept, Draft)
    assert len(kept.row.verdicts) == len(CHECKS)
    turned = review(rows.draft(with_hop(ROW, 1, forward=False)), context())
    assert isinstance(turned, Rejected)
    assert (turned.stage, turned.code) == ("verify", "grounding")
    assert Row.model_validate(turned.content).verdicts
    unread = review(rows.draft(with_step(ROW, 1, text="Hm.")), context())
    assert isinstance(unread, Rejected)
    assert unread.code == "could-not-check"
