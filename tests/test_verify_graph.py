"""The checks that ask the whole graph, the benchmarks or a reader, by hand and by networkx."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import networkx as nx
import pytest
from graph_columns import compiled, small_graph, small_graphs, walked
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import (
    CORTEX,
    EASY,
    HARD,
    context,
    draft,
    hop,
    node,
    outcomes,
    path_row,
    store,
    with_option,
    with_question,
    with_step,
)

from kgsynth.config import Rederive
from kgsynth.linking.matching import NameMatcher
from kgsynth.model import (
    Corruption,
    Draft,
    Grade,
    Outcome,
    Question,
    QuestionOption,
    Rejected,
    Row,
    Verdict,
)
from kgsynth.model import Path as RowPath
from kgsynth.teachers.request import Request, Response, read_data_block
from kgsynth.verify import check_row
from kgsynth.verify.benchmarks import LONG, Benchmark, names_of
from kgsynth.verify.check import CheckContext
from kgsynth.verify.readings import HIDDEN, Reader, counts, reader_of, requests
from kgsynth.verify.review import review
from kgsynth.verify.whole import WholeGraph

ROW = path_row()
TEXT = """
    T:lisinopril treats T:hypertension
    T:lisinopril inhibits T:ace
    T:ace produces T:at2
    T:cortex produces T:aldosterone
    T:lisinopril interacts_with T:bradykinin
    T:lisinopril causes T:cough
    T:cough causes T:cortisol
"""


@contextmanager
def given_graph(more: str = "", *, hubs: Iterable[str] = (), **complete: Any) -> Iterator[Any]:
    """A context beside a graph that holds more than the row needs."""
    lines = f"{TEXT}\n{more}".strip().splitlines()
    text = "\n".join(line.strip() for line in lines if line.strip())
    loose = {c: "hormone" for c in ("T:cortisol", "T:epinephrine")}
    with compiled(small_graph(text, loose), **complete) as graph:
        yield replace(context(), whole=WholeGraph(graph, hubs), holds=None)


def found(row: Row, given: CheckContext, *wanted: Outcome) -> dict[str, str]:
    graph_checks = {"distractors", "unique", "necessity"}
    said = outcomes(check_row(row, given), *(wanted or (Outcome.FAILED,)))
    return {check: detail for check, detail in said.items() if check in graph_checks}


def test_a_sound_row_passes_beside_a_larger_graph() -> None:
    with given_graph() as given:
        assert found(ROW, given) == {}
        assert set(found(ROW, given, Outcome.PASSED)) == {"distractors", "unique", "necessity"}


# --- distractors and unique -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ("T:ace produces T:cortisol", "unique", "lead to option A as well"),
        ("T:cortisol produces T:ace", "unique", "lead to option A as well"),
        ("T:lisinopril inhibits T:x\nT:x produces T:epinephrine", "unique", "option D as well"),
        ("T:ace is_a T:enzyme\nT:enzyme produces T:cortisol", "distractors", "is supported"),
        ("T:cortisol is_a T:at2", "distractors", "above or below the key"),
        ("T:at2 is_a T:mid\nT:mid is_a T:cortisol", "distractors", "above or below the key"),
    ],
)
def test_an_option_that_the_graph_supports(more: str, code: str, said: str) -> None:
    with given_graph(more) as given:
        failed = found(ROW, given)
        assert set(failed) == {code}
        assert said in failed[code]


ELSEWHERE = """T:lisinopril treats T:hypertension
T:lisinopril inhibits T:y
T:y causes T:at2
T:ace produces T:x"""


def test_a_key_that_the_relations_do_not_lead_to() -> None:
    loose = dict.fromkeys(("T:cortisol", "T:aldosterone", "T:epinephrine"), "")
    with compiled(small_graph(ELSEWHERE, loose)) as graph:
        given = replace(context(), whole=WholeGraph(graph, ()))
        assert "do not lead to the key" in found(ROW, given)["unique"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (with_option(ROW, 0, text="Ang II"), "Option A is another name of the key"),
        (with_option(ROW, 0, concept=None), "Option A names no concept"),
        (with_option(ROW, 0, why_out=EASY.model_copy(update={"grade": Grade.CONTRADICTED})),
         "cites nothing that denies it"),
        (with_option(ROW, 2, why_out=HARD.model_copy(update={"statements": ()})),
         "cites nothing by which it hangs from T:cortex"),
        (with_option(ROW, 2, why_out=HARD.model_copy(update={"sibling": "T:pregnancy"})),
         "cites nothing by which it hangs from T:pregnancy"),
        (with_option(ROW, 2, why_out=HARD.model_copy(update={"sibling": None})),
         "is a hard-negative and names no sibling"),
        (with_option(ROW, 0, why_out=EASY.model_copy(update={"grade": Grade.CLOSED})),
         "is said to be closed, and is absent"),
    ],
)  # fmt: skip
def test_a_proof_that_proves_nothing(row: Row, said: str) -> None:
    failed = outcomes(check_row(row, context()), Outcome.FAILED)
    assert set(failed) == {"distractors"}
    assert said in failed["distractors"]


def test_an_option_that_is_the_key_again() -> None:
    row = with_option(ROW, 0, concept="T:at2")
    failed = outcomes(check_row(row, context()), Outcome.FAILED)
    assert "is the key's concept" in failed["unique"]


def test_a_grade_is_as_sure_as_was_asked() -> None:
    asked = replace(context(), asked=Grade.CLOSED)
    assert "is absent; closed was asked for" in found(ROW, asked)["distractors"]
    relations = ("treats", "inhibits", "produces")
    closed = ROW
    for at in (0, 2, 3):
        why = closed.question.options[at].why_out
        assert why is not None
        closed = with_option(closed, at, why_out=why.model_copy(update={"grade": Grade.CLOSED}))
    with given_graph(complete=relations) as given:
        assert found(closed, replace(given, asked=Grade.CLOSED)) == {}
        assert found(ROW, given) == {}  # it may claim less than it could
    with given_graph(complete=relations[:2]) as given:
        assert "is said to be closed, and is absent" in found(closed, given)["distractors"]


def test_without_the_graph_only_the_files_speak() -> None:
    alone = context(holds=None)
    assert set(found(ROW, alone, Outcome.COULD_NOT_CHECK)) == {"distractors", "unique", "necessity"}
    assert found(ROW, alone) == {}
    assert "another name" in found(with_option(ROW, 0, text="Ang II"), alone)["distractors"]


def test_what_the_graph_does_not_know_is_not_passed() -> None:
    strange = with_option(ROW, 0, concept="T:elsewhere", text="elsewhere")
    unsure = found(strange, context(), Outcome.COULD_NOT_CHECK)
    assert set(unsure) == {"distractors", "unique"}


# --- necessity ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("T:hypertension causes T:at2", "T:lisinopril is not needed"),
        ("T:lisinopril causes T:other\nT:other causes T:at2", "T:ace is not needed"),
        ("T:hypertension causes T:p\nT:p causes T:q\nT:q causes T:at2", "is not needed"),
    ],
)
def test_a_way_without_a_hidden_concept(more: str, said: str) -> None:
    with given_graph(more) as given:
        failed = found(ROW, given)
        assert set(failed) == {"necessity"}
        assert said in failed["necessity"]


def test_a_longer_way_or_one_by_a_hub_does_no_harm() -> None:
    longer = "T:hypertension causes T:p\nT:p causes T:q\nT:q causes T:r\nT:r causes T:at2"
    with given_graph(longer) as given:
        assert found(ROW, given) == {}
    with given_graph("T:hypertension causes T:hub\nT:hub causes T:at2", hubs=["T:hub"]) as given:
        assert found(ROW, given) == {}


def test_a_further_path_that_is_as_short_gives_a_bridge_away() -> None:
    avoids = RowPath(
        nodes=(node("hypertension"), node("pregnancy"), node("at2")),
        hops=(hop(CORTEX), hop(CORTEX)),
    )
    row = path_row(further_paths=(avoids,))
    alone = found(row, context(holds=None))
    assert "further path 1 is as short without it" in alone["necessity"]


@settings(max_examples=60, deadline=None)
@given(small_graphs(max_nodes=9, max_edges=16, joined=True), st.data())
def test_needed_is_what_networkx_finds_needed(graph: Any, data: st.DataObject) -> None:
    whole = walked(graph)
    start, end = data.draw(st.permutations(sorted(whole)))[:2]
    if not nx.has_path(whole, start, end) or nx.shortest_path_length(whole, start, end) < 2:
        return
    path = nx.shortest_path(whole, start, end)
    hidden = data.draw(st.sampled_from(path[1:-1]))
    far = nx.shortest_path_length(whole, start, end)
    rest = whole.subgraph(set(whole) - {hidden})
    needed = not nx.has_path(rest, start, end) or nx.shortest_path_length(rest, start, end) > far
    with compiled(graph) as held:
        joined = WholeGraph(held, ()).between(start, end)
        assert all(hidden in way for way in joined.paths) == needed
        assert not joined.truncated


# --- contamination --------------------------------------------------------------------------------

STEM = (
    "A man with high blood pressure takes a drug that keeps a kinase of the lung from making a "
    "hormone which narrows the vessels; which one is it?"
)


def asked(stem: str, *options: str, key: int = 0) -> Question:
    given = [QuestionOption(label="ABCD"[at], text=text) for at, text in enumerate(options)]
    return Question(id="q", origin="exam", stem=stem, options=tuple(given), key="ABCD"[key])


def names() -> NameMatcher:
    return NameMatcher((n.text, key) for key, c in context().concepts.items() for n in c.names)


def beside(*questions: Question, own: bool = False) -> CheckContext:
    exam = Benchmark.of("exam", questions, names(), own=own)
    return replace(context(), named=("exam",), benchmarks=(exam,))


def contaminated(row: Row, given: CheckContext) -> Verdict:
    return next(v for v in check_row(row, given) if v.check == "contamination")


@pytest.mark.parametrize(
    ("row", "question", "said"),
    [
        (with_question(ROW, stem="Which  hormone, then?"), asked("which hormone then"), "The stem"),
        (with_question(ROW, stem=f"Now. {STEM}"), asked(STEM), "shares 13 words with exam"),
        (with_step(ROW, 0, text=STEM), asked(STEM), "Step 1 shares 13 words"),
        (ROW, asked("What does hypertension raise?", "Ang II", "cortisol"),
         "asks from T:hypertension to T:at2 as well"),
    ],
)  # fmt: skip
def test_what_a_benchmark_holds_is_told(row: Row, question: Question, said: str) -> None:
    verdict = contaminated(row, beside(question))
    assert verdict.outcome is Outcome.FAILED
    assert said in verdict.detail


@pytest.mark.parametrize(
    "question",
    [
        asked(" ".join(STEM.split()[: LONG - 1])),
        asked("What does hypertension raise?", "Ang II", "cortisol", key=1),
        asked("Without hypertension, what rises?", "Ang II", "cortisol"),
        asked("What does lisinopril lower?", "angiotensin II"),
    ],
)
def test_what_only_resembles_a_benchmark_passes(question: Question) -> None:
    row = with_question(ROW, stem=f"{STEM} Think.")
    assert contaminated(row, beside(question)).outcome is Outcome.PASSED


def test_a_row_may_repeat_the_set_that_it_was_made_from() -> None:
    row = with_question(ROW, stem=STEM)
    own = row.model_copy(update={"origin": "exam"})
    assert contaminated(own, beside(asked(STEM), own=True)).outcome is Outcome.PASSED
    assert contaminated(row, beside(asked(STEM), own=True)).outcome is Outcome.FAILED
    assert contaminated(own, beside(asked(STEM))).outcome is Outcome.FAILED  # a namesake


def test_a_benchmark_that_is_not_at_hand_is_not_passed() -> None:
    given = replace(context(), named=names_of(["exams/mcq.jsonl"]))
    assert contaminated(ROW, given).detail == "The benchmark mcq is not at hand."
    assert contaminated(ROW, given).outcome is Outcome.COULD_NOT_CHECK


# --- re-derivation --------------------------------------------------------------------------------

DAMAGED = path_row(
    corruptions=(
        Corruption(name="wrong-step", step=2, text="ACE produces cortisol.", answer="A", proof=""),
    )
)


class Follower:
    """A reader that picks the option whose name the last step holds, or which it hides."""

    name, costly, reasons = "follower", False, True

    def __init__(self) -> None:
        self.read: list[dict[str, Any]] = []

    def settings(self) -> dict[str, Any]:
        return {"temperature": 0}

    def answer(self, requests: Iterable[Request]) -> Iterator[Response]:
        for request in requests:
            data = read_data_block(request.messages[-1].content)
            self.read.append(data)
            yield Response(key=request.key(), text=json.dumps({"answer": self._choice(data)}))

    def _choice(self, data: Mapping[str, Any]) -> str:
        last = data["steps"][-1] if data["steps"] else ""
        named = [label for label, text in data["options"].items() if text in last]
        return named[0] if named else "B" if HIDDEN in last else "C"


def read(row: Row, reader: Reader, teacher: Follower) -> CheckContext:
    wanted = {r.key(): r for _, r in requests(row, context(), reader)}
    answers = {r.key: r.text for r in teacher.answer(wanted.values())}
    return replace(context(), reader=reader, answers=answers)


def rederived(row: Row, given: CheckContext) -> Verdict:
    return next(v for v in check_row(row, given) if v.check == "re-derivation")


def test_a_reader_sees_neither_the_conclusion_nor_a_name_of_the_answer() -> None:
    teacher = Follower()
    read(DAMAGED, reader_of(teacher, Rederive(need=2, of=2), 7), teacher)
    assert len(teacher.read) == 6
    for data in teacher.read:
        steps = " ".join(data["steps"])
        assert not any(name in steps for name in ("angiotensin II", "Ang II", "So the answer"))
        assert "rules out" not in steps
    assert [len(data["steps"]) for data in teacher.read] == [3, 3, 0, 0, 3, 3]
    assert HIDDEN in teacher.read[0]["steps"][2]
    assert teacher.read[4]["steps"][2] == "ACE produces cortisol."


def test_the_uplift_is_what_the_trace_is_worth() -> None:
    teacher = Follower()
    reader = reader_of(teacher, Rederive(need=3, of=4), 7)
    given = read(DAMAGED, reader, teacher)
    verdict = rederived(DAMAGED, given)
    assert verdict.outcome is Outcome.PASSED
    assert verdict.detail == (
        "With the trace 4 of 4 readings reach the key, without it 0 of 4, with a damaged one "
        "0 of 4; 3 were asked for."
    )
    kept = review(draft(DAMAGED), given)
    assert isinstance(kept, Draft)
    difficulty = kept.row.difficulty
    assert (difficulty.uplift, difficulty.agreement) == (1.0, 1.0)
    assert difficulty.pass_rate is not None
    assert (difficulty.pass_rate.passed, difficulty.pass_rate.of) == (0, 4)


def test_a_trace_that_leads_elsewhere_is_turned_away() -> None:
    row = with_step(ROW, 2, text="In turn, ACE is followed by cortisol.")
    teacher = Follower()
    given = read(row, reader_of(teacher, Rederive(need=1, of=2), 7), teacher)
    assert rederived(row, given).outcome is Outcome.FAILED
    assert isinstance(review(draft(row), given), Rejected)


def test_need_of_the_readings_must_reach_the_key() -> None:
    reader = Reader("m", "{}", need=2, of=3)
    keys = [r.key() for arm, r in requests(ROW, context(), reader) if arm == "with"]
    for right in range(4):
        texts = ['{"answer": "B"}'] * right + ['{"answer": "A"}', "no JSON", '{"answer": "A"}']
        answers = dict(zip(keys, texts, strict=False))
        given = replace(context(), reader=reader, answers=answers)
        assert (rederived(ROW, given).outcome is Outcome.PASSED) == (right >= 2)
        assert counts(ROW, given, reader, answers).right["with"] == right


def test_answers_to_other_questions_do_not_count() -> None:
    teacher = Follower()
    reader = reader_of(teacher, Rederive(need=1, of=1), 7)
    given = read(ROW, reader, teacher)
    other = with_question(ROW, stem="Another question?")
    for row, then in ((other, given), (ROW, replace(given, reader=reader._replace(seed=8)))):
        verdict = rederived(row, then)
        assert (verdict.outcome, verdict.detail) == (
            Outcome.COULD_NOT_CHECK,
            "Of 1 readings, 0 are recorded.",
        )


def test_a_scripted_verifier_could_not_check() -> None:
    given = replace(context(), reader=Reader("scripted", "{}", 1, 1, reasons=False))
    verdict = rederived(ROW, given)
    assert verdict.outcome is Outcome.COULD_NOT_CHECK
    assert isinstance(review(draft(ROW), given), Draft)


def test_a_hand_made_store_knows_its_concepts() -> None:
    whole = WholeGraph(store(), hubs=["T:ace", "T:nowhere"])
    assert whole.knows("T:ace")
    assert not whole.knows("T:ace", "T:nowhere")
    assert whole.words(["treats"])
    assert not whole.words(["treats", "glows_near"])
    assert whole.between("T:hypertension", "T:at2").paths == ()
