"""The gate of shortcut readers: each shortcut is caught by its reader's name, and nothing else."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pytest
from export_rows import make_config, make_drafts, make_facts, make_row, write_mini
from scipy.stats import binom, binomtest
from test_report import Page

from kgsynth.build_file import read_build_file
from kgsynth.cli.main import main
from kgsynth.curate.gate import (
    ALPHA,
    CLOSED_BOOK,
    MARGIN,
    NEEDED,
    OPTIONS_ONLY,
    READERS,
    GraphSight,
    ShortcutGate,
)
from kgsynth.curate.gate.bounds import chance_of_so_many, holm, lower_bound
from kgsynth.curate.gate.judging import Figures, judge
from kgsynth.export.card import render_card
from kgsynth.graph.store import KnowledgeGraph
from kgsynth.model import Gate, Manifest, Option, Row, RowQuestion, SplitGate
from kgsynth.pipeline import build_dataset, gate_failure
from kgsynth.pipeline.build import BuildResult
from kgsynth.reasons import REASONS
from kgsynth.report import render_report
from kgsynth.resources import locate
from kgsynth.verify.dataset import Report, verify_dataset

LABELS = "ABCD"
EVERY = (OPTIONS_ONLY, *READERS, CLOSED_BOOK)


class Choice(NamedTuple):
    """An option of a row that is made up."""

    text: str
    concept: str | None


def asked(number: int, key: Choice, wrong: Iterable[Choice], place: int, **changes: Any) -> Row:
    """A row of path kind with the key in a place; no stem shares a word with an option."""
    choices = list(wrong)
    choices.insert(place, key)
    options = tuple(
        Option(label=label, text=c.text, concept=c.concept)
        for label, c in zip(LABELS, choices, strict=False)
    )
    stem = changes.pop("stem", f"Which is it, number {number}?")
    question = RowQuestion(stem=stem, options=options, key=LABELS[place])
    return make_row(3, number, **({"question": question, "split": "train"} | changes))


def choice(number: int, place: int) -> Choice:
    """An option that no other row has, as long as every other."""
    return Choice(f"substance{number:05d}{place}", f"X:{number}-{place}")


def balanced(count: int = NEEDED, **changes: Any) -> list[Row]:
    """Rows that give nothing away: every option is new, the key stands in each place in turn."""
    return [
        asked(n, choice(n, 0), [choice(n, p) for p in (1, 2, 3)], n % 4, **changes)
        for n in range(count)
    ]


class Seen:
    """A graph that says of the options of a row, by number, what it is told to; 0 is the key."""

    def __init__(
        self,
        degree: Callable[[int], int] = lambda option: 5,
        near: Callable[[int], int] = lambda option: 3,
        near_without_hubs: Callable[[int], int] = lambda option: 4,
    ) -> None:
        self._degree = degree
        self._near = {True: near, False: near_without_hubs}

    def degrees(self, concepts: Sequence[str]) -> list[int]:
        return [self._degree(int(concept[-1])) for concept in concepts]

    def hops(self, start: str, concepts: Sequence[str], *, hubs: bool) -> list[int]:
        return [self._near[hubs](int(concept[-1])) for concept in concepts]


def run(rows: Iterable[Row], graph: Any = None, answer: Any = None) -> Gate:
    gate = ShortcutGate(graph or Seen(), answer)
    for row in rows:
        gate.add(row)
    return gate.gate()


def accuracies(gate: Gate) -> dict[str, float | None]:
    (split,) = gate.splits
    return {reader.reader: reader.accuracy for reader in split.readers}


def failed(gate: Gate) -> list[str]:
    return [r.reader for split in gate.splits for r in split.readers if r.outcome == "failed"]


# --- each shortcut ----------------------------------------------------------------------------


def with_keys(text: Callable[[int], str], **changes: Any) -> list[Row]:
    return [
        asked(n, Choice(text(n), f"X:{n}-0"), [choice(n, p) for p in (1, 2, 3)], n % 4, **changes)
        for n in range(NEEDED)
    ]


def larger_if_key(option: int) -> int:
    return 5 if option else 9


def smaller_if_key(option: int) -> int:
    return 5 if option else 2


PLANTED: dict[str, Callable[[], Gate]] = {
    "highest degree": lambda: run(balanced(), Seen(degree=larger_if_key)),
    "lowest degree": lambda: run(balanced(), Seen(degree=smaller_if_key)),
    "nearest": lambda: run(balanced(), Seen(near=smaller_if_key)),
    "nearest without the hubs": lambda: run(balanced(), Seen(near_without_hubs=smaller_if_key)),
    "longest": lambda: run(with_keys(lambda n: f"substance{n:05d}000")),
    "shortest": lambda: run(with_keys(lambda n: f"subst{n:05d}")),
    "word overlap": lambda: run(
        asked(
            n,
            choice(n, 0),
            [choice(n, p) for p in (1, 2, 3)],
            n % 4,
            stem=f"Is it substance{n:05d}0?",
        )
        for n in range(NEEDED)
    ),
    "first position": lambda: run(
        asked(n, choice(n, 0), [choice(n, p) for p in (1, 2, 3)], 0) for n in range(NEEDED)
    ),
    OPTIONS_ONLY: lambda: run(
        asked(
            n,
            Choice("the usual answer", "X:usual-0"),
            [Choice(f"wrong {n % 7} {p}", f"X:{n % 7}-{p}") for p in (1, 2, 3)],
            n % 4,
        )
        for n in range(NEEDED)
    ),
    CLOSED_BOOK: lambda: run(balanced(), answer=lambda row: row.question.key),
}


@pytest.mark.parametrize("name", EVERY)
def test_a_planted_shortcut_is_caught_by_its_readers_name(name: str) -> None:
    gate = PLANTED[name]()
    assert gate.verdict == "failed"
    assert name in failed(gate)
    # The words and lengths of the usual answer are its own too; the other shortcuts are apart.
    assert name == OPTIONS_ONLY or failed(gate) == [name]


def test_a_word_that_only_keys_have_is_learnt_without_concepts() -> None:
    rows = [
        asked(
            n,
            Choice(f"acid {n:05d}", None),
            [Choice(f"salt {n:05d}{p}"[:10], None) for p in (1, 2, 3)],
            n % 4,
        )
        for n in range(NEEDED)
    ]
    gate = run(rows)
    assert failed(gate) == [OPTIONS_ONLY]
    (split,) = gate.splits
    left_out = {r.reader: r.left_out for r in split.readers}
    assert left_out["highest degree"] == left_out["nearest"] == NEEDED
    assert left_out[OPTIONS_ONLY] == left_out["longest"] == 0


def test_a_balanced_set_passes() -> None:
    gate = run(balanced(), answer=lambda row: "A")
    assert gate.verdict == "passed"
    assert set(accuracies(gate)) == set(EVERY)
    assert set(accuracies(gate).values()) == {0.25}


def test_every_planted_shortcut_is_a_readers() -> None:
    assert set(PLANTED) == set(EVERY)


# --- laws -------------------------------------------------------------------------------------


def test_a_tie_counts_by_its_share() -> None:
    gate = run(balanced(), Seen(degree=lambda option: 9 if option < 2 else 5))
    assert accuracies(gate)["highest degree"] == 0.5
    assert accuracies(gate)["lowest degree"] == 0.0
    assert accuracies(gate)["longest"] == 0.25


def drawn(count: int, seed: int) -> list[Row]:
    """Rows over a few dozen concepts, with names of any length, that share words with the stem."""
    draw = random.Random(seed)
    names = [
        " ".join(draw.sample(["acid", "salt", "renal", "cortex", "vein"], draw.randint(1, 3)))
        for _ in range(60)
    ]
    rows = []
    for n in range(count):
        four = draw.sample(range(60), 4)
        key, *wrong = [Choice(names[c], f"X:{c}-{draw.randint(0, 1)}") for c in four]
        stem = f"Which {draw.choice(['acid', 'renal', 'vein'])}, {n}?"
        split = draw.choice(["train", "test"])
        rows.append(asked(n, key, wrong, draw.randrange(4), stem=stem, split=split))
    return rows


def permuted(row: Row, draw: random.Random) -> Row:
    question = row.question
    order = draw.sample(question.options, len(question.options))
    options = tuple(
        o.model_copy(update={"label": label}) for label, o in zip(LABELS, order, strict=True)
    )
    key = next(
        new.label for new, old in zip(options, order, strict=True) if old.label == question.key
    )
    asked_anew = question.model_copy(update={"options": options, "key": key})
    changed = row.model_copy(update={"question": asked_anew})
    return changed.model_copy(update={"id": changed.recomputed_id()})


def without_positions(gate: Gate) -> list[tuple[str, list[tuple[Any, ...]]]]:
    return [
        (
            split.split,
            [
                (r.reader, r.items, r.left_out, r.accuracy, r.chance)
                for r in split.readers
                if r.reader != "first position"
            ],
        )
        for split in gate.splits
    ]


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_the_options_tells_only_who_looks_at_it(seed: int) -> None:
    rows, draw = drawn(300, seed), random.Random(seed)
    seen = Seen(degree=larger_if_key, near=smaller_if_key)
    before = run(rows, seen)
    after = run([permuted(row, draw) for row in rows], seen)
    assert without_positions(after) == without_positions(before)
    assert after != before


def test_the_order_of_the_rows_changes_nothing() -> None:
    rows = drawn(500, 7)
    assert run(random.Random(7).sample(rows, len(rows))) == run(rows)


def test_what_a_group_says_of_itself_is_not_learnt() -> None:
    """Five rows of a group have the same options and key: seen one, seen all."""
    rows = [
        asked(n, choice(n // 5, 0), [choice(n // 5, p) for p in (1, 2, 3)], n % 4, groups=(g,))
        for n in range(NEEDED)
        for g in [f"group {n // 5}"]
    ]
    assert accuracies(run(rows))[OPTIONS_ONLY] == 0.25
    apart = [row.model_copy(update={"groups": (f"row {row.id}",)}) for row in rows]
    assert failed(run(apart)) == [OPTIONS_ONLY]
    chained = [
        row.model_copy(
            update={"groups": (f"link {n}", f"link {n + 1}" if n % 5 < 4 else f"end {n}")}
        )
        for n, row in enumerate(rows)
    ]
    assert accuracies(run(chained))[OPTIONS_ONLY] == 0.25


def test_of_a_given_question_no_distance_is_known() -> None:
    rows = balanced(kind="qa")
    (split,) = run(rows, Seen(near=smaller_if_key)).splits
    left_out = {r.reader: (r.items, r.left_out) for r in split.readers}
    assert left_out["nearest"] == left_out["nearest without the hubs"] == (0, NEEDED)
    assert left_out["highest degree"] == (NEEDED, 0)


def test_a_concept_that_the_graph_lacks_leaves_the_row_out(mini: KnowledgeGraph) -> None:
    sight = GraphSight.without(mini, ["KGMINI:pain", "KGMINI:unheard-of"])
    (split,) = run(balanced(3), sight).splits
    left_out = [(r.reader, r.left_out) for r in split.readers if r.left_out]
    assert left_out == [(name, 3) for name, reader in READERS.items() if reader.needs_graph]


def test_what_is_no_item_is_not_counted() -> None:
    rows = balanced(4)
    recall = rows[0].model_copy(update={"kind": "recall"})
    question = rows[1].question
    no_key = rows[1].model_copy(update={"question": question.model_copy(update={"key": "Z"})})
    single = question.model_copy(update={"options": question.options[:1], "key": "A"})
    alone = rows[2].model_copy(update={"question": single})
    (split,) = run([recall, no_key, alone, rows[3]]).splits
    assert (split.items, split.verdict) == (1, "not-enough-items")


def test_a_split_needs_four_hundred_items() -> None:
    few, enough = balanced(NEEDED - 1), balanced(NEEDED, split="test")
    cheating = lambda row: row.question.key  # noqa: E731
    gate = run(few, answer=cheating)
    assert (gate.verdict, failed(gate)) == ("not-enough-items", [])
    assert {r.outcome for r in gate.splits[0].readers} == {"not-enough-items"}
    assert accuracies(gate)[CLOSED_BOOK] == 1.0
    both = run([*enough, *few])
    assert [(s.split, s.verdict) for s in both.splits] == [
        ("train", "not-enough-items"),
        ("test", "passed"),
    ]
    assert both.verdict == "passed"
    assert run([*enough, *few], answer=cheating).verdict == "failed"
    assert run([]).verdict == "not-enough-items"


def test_who_is_not_asked_says_why() -> None:
    gate = ShortcutGate()
    for row in balanced():
        gate.add(row)
    (split,) = gate.gate().splits
    silent = {r.reader: r.detail for r in split.readers if r.outcome == "not-asked"}
    blind = {name: "no graph" for name, reader in READERS.items() if reader.needs_graph}
    assert silent == {**blind, CLOSED_BOOK: "no verifier model"}
    assert split.verdict == "passed"


def test_a_model_that_names_no_option_is_wrong() -> None:
    answers = iter(["A", None, "no idea", "B"] * NEEDED)
    assert accuracies(run(balanced(), answer=lambda row: next(answers)))[CLOSED_BOOK] == 0.25


# --- how sure ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("right", "items"), [(0, 400), (1, 400), (130, 400), (400, 400), (9, 10)])
@pytest.mark.parametrize("level", [0.025, 0.025 / 9])
def test_the_bound_is_the_exact_one(right: int, items: int, level: float) -> None:
    exact = binomtest(right, items, alternative="greater").proportion_ci(1 - level, "exact").low
    assert lower_bound(right, items, level) == pytest.approx(exact, abs=1e-9)
    assert chance_of_so_many(right, items, 0.28) == pytest.approx(binom.sf(right - 1, items, 0.28))


def test_the_bound_is_the_published_one() -> None:
    """Mendel's peas in the manual of R's binom.test: 682 of 925, from 0.7076683."""
    assert lower_bound(682, 925, 0.025) == pytest.approx(0.7076683, abs=5e-8)


def test_holm_by_hand() -> None:
    """Over four: 0.05 / 4 = 0.0125, then 0.0167, 0.025 and 0.05."""
    steps = holm({"a": 0.03, "b": 0.001, "c": 0.016, "d": 0.9}, alpha=0.05)
    assert [(name, step.rejected) for name, step in steps.items()] == [
        ("b", True),
        ("c", True),
        ("a", False),
        ("d", False),
    ]
    levels = [step.level for step in steps.values()]
    assert levels == pytest.approx([0.0125, 0.05 / 3, 0.025, 0.025])
    assert not any(step.rejected for step in holm(dict.fromkeys("abc", 0.02), 0.05).values())
    assert holm({}) == {}


def test_a_reader_fails_where_its_bound_lies_above_the_limit() -> None:
    figures = {
        f"{right}": Figures(items, 0, right / items, 0.25)
        for items in (400,)
        for right in range(100, 200, 7)
    }
    scores = judge(figures).values()
    assert {score.outcome for score in scores} == {"passed", "failed"}
    for score in scores:
        assert score.lower is not None
        assert (score.outcome == "failed") == (score.lower > 0.25 + MARGIN)


def unlucky(right: npt.NDArray[np.float64]) -> float:
    """How often one of nine readers that are no better than they may be fails, of many tries."""
    chances = {r: chance_of_so_many(r, NEEDED, 0.25 + MARGIN) for r in np.unique(right).tolist()}
    families = [holm({str(n): chances[r] for n, r in enumerate(row)}) for row in right.tolist()]
    return float(np.mean([any(s.rejected for s in steps.values()) for steps in families]))


@pytest.mark.parametrize("tied", [0.0, 0.1, 0.5])
def test_readers_at_the_limit_fail_as_seldom_as_is_said(tied: float) -> None:
    """Of the guesses a part are ties of two, and all are right as often as they may be."""
    draw = np.random.Generator(np.random.PCG64(7))
    size = (20_000, 9)
    ties = draw.binomial(NEEDED, tied, size)
    with_key = draw.binomial(ties, 2 * (0.25 + MARGIN))
    alone = draw.binomial(NEEDED - ties, 0.25 + MARGIN)
    found = unlucky(alone + with_key / 2)
    assert 0 < found <= ALPHA


def test_a_reader_that_guesses_never_fails() -> None:
    draw = np.random.Generator(np.random.PCG64(7))
    assert unlucky(draw.binomial(NEEDED, 0.25, (20_000, 9)).astype(np.float64)) < ALPHA / 10


def test_the_codes_name_the_number_of_items() -> None:
    assert str(NEEDED) in REASONS["not-enough-items"].sentence
    assert "three points" in REASONS["gate-failed"].sentence
    assert MARGIN == 0.03


# --- where it is told -------------------------------------------------------------------------


def test_manifest_card_and_report_tell_of_it(tmp_path: Path) -> None:
    """The rows that the tests of export are made of have one answer."""
    drafts = make_drafts(2 * NEEDED)
    manifest = write_mini(tmp_path / "out", drafts=drafts)
    assert manifest.gate == "failed"
    assert [split.verdict for split in manifest.shortcuts] == ["failed", "failed"]
    facts = make_facts([draft.row for draft in drafts])
    card = render_card(facts)
    assert "The gate of shortcut readers: **failed**." in card
    assert "`train`, 400 items: **failed**" in card
    assert "| options-only | 400 | 0 | 1.000 | 0.98" in card
    assert "| closed-book |  |  |  |  |  | not asked: no verifier model |" in card
    said = Page(render_report(facts)).said()
    assert "The gate of shortcut readers: failed" in said
    assert "train 400 items: failed" in said
    assert "options-only 400 0 1.000 0.98" in said
    assert "not asked: no verifier model" in said


HOSTILE = "<b>|x</b>"


def test_a_name_of_a_split_never_becomes_markup() -> None:
    gate = run(balanced(4, split=HOSTILE))
    facts = make_facts(gate=gate, config=make_config())
    assert HOSTILE not in render_card(facts)
    assert HOSTILE not in render_report(facts)
    assert HOSTILE in Page(render_report(facts)).said()


# --- a build ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def given_away(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's questions, eight times over, the right option always first."""
    lines = locate("ontologies/demo/questions.jsonl").read_text("utf-8").splitlines()
    folder = tmp_path_factory.mktemp("given")
    with (folder / "questions.jsonl").open("w", encoding="utf-8") as file:
        for copy in range(8):
            for line in lines:
                question = json.loads(line)
                right = question["options"].pop(question["key"])
                texts = [right, *question["options"].values()]
                question |= {
                    "id": f"{question['id']}-{copy}",
                    "stem": f"Case {copy}. {question['stem']}",
                    "options": dict(zip("ABCDE", texts, strict=False)),
                    "key": "A",
                }
                file.write(json.dumps(question) + "\n")
    (folder / "build.yaml").write_text(
        "name: given\n"
        'graph: {sources: [{kind: tables, path: "kgsynth:ontologies/demo"}]}\n'
        "questions: {sources: [{kind: jsonl, path: questions.jsonl}]}\n"
        "paths: {count: 0}\nrun: {workers: 1}\n",
        "utf-8",
    )
    return folder


def test_a_build_whose_gate_fails_leaves_its_folder_and_exits_with_one(
    given_away: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["build-dataset", str(given_away / "build.yaml"), "--output", str(given_away)]
    assert main([*arguments, "--quiet"]) == 1
    printed = capsys.readouterr()
    assert "Look at" in printed.out
    assert "'first position' has 100.0% of" in printed.err
    assert "kgsynth explain gate-failed" in printed.err
    manifest = Manifest.model_validate_json((given_away / "given/manifest.json").read_bytes())
    assert manifest.gate == "failed"
    assert main([*arguments, "--json"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["gate"] == "failed"
    assert printed.err.startswith("kgsynth: The gate of shortcut readers failed: in train, ")
    assert main(["verify", str(given_away / "given")]) == 1
    assert "train  gate-failed: " in capsys.readouterr().out


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuildResult:
    overrides = ("name=trial", "paths.count=12", "run.workers=1")
    config = read_build_file(locate("recipes/mini.yaml"), overrides)
    return build_dataset(config, tmp_path_factory.mktemp("built"))


def test_a_small_build_says_what_it_cannot_say(built: BuildResult) -> None:
    assert built.manifest.gate == "not-enough-items"
    assert gate_failure(built.manifest) is None
    (remark,) = [r for r in built.remarks if "shortcuts" in r]
    assert remark.endswith("kgsynth explain not-enough-items")
    readers = {r.reader: r.outcome for r in built.manifest.shortcuts[0].readers}
    assert readers.pop(CLOSED_BOOK) == "not-asked"
    assert readers == dict.fromkeys((OPTIONS_ONLY, *READERS), "not-enough-items")


# --- read back --------------------------------------------------------------------------------


def verified(folder: Path, graph: KnowledgeGraph | None = None, **options: Any) -> Report:
    """Verify the gate as the command does."""

    def shortcuts(hubs: Sequence[str]) -> ShortcutGate:
        return ShortcutGate(GraphSight.without(graph, hubs) if graph else None)

    return verify_dataset(folder, shortcuts=shortcuts, graph=graph, **options)


def test_a_gate_comes_out_again(built: BuildResult, mini: KnowledgeGraph) -> None:
    whole = verified(built.folder, mini)
    assert whole.failed == ()
    assert "gate" not in whole.could_not_check
    alone = verified(built.folder)
    assert alone.failed == ()
    blind = sum(reader.needs_graph for reader in READERS.values())
    assert alone.could_not_check["gate"] == blind * len(built.manifest.shortcuts)
    assert "was not tried: no graph" in alone.unread["gate"]
    assert verify_dataset(built.folder).could_not_check["gate"] == 1
    assert {f.code for f in verified(built.folder, strict=True).failed if f.check == "gate"} == {
        "could-not-check"
    }


def change(split: SplitGate, name: str, **update: Any) -> SplitGate:
    readers = [r.model_copy(update=update) if r.reader == name else r for r in split.readers]
    return split.model_copy(update={"readers": tuple(readers)})


def first(manifest: Manifest, changed: SplitGate) -> Manifest:
    return manifest.model_copy(update={"shortcuts": (changed, *manifest.shortcuts[1:])})


TAMPERED: dict[str, tuple[Callable[[Manifest], Manifest], str]] = {
    "the verdict": (
        lambda m: m.model_copy(update={"gate": "passed"}),
        "The gate comes out as not-enough-items; the manifest says passed.",
    ),
    "the verdict of a split": (
        lambda m: first(m, m.shortcuts[0].model_copy(update={"verdict": "passed"})),
        "the manifest says passed over",
    ),
    "the items of a split": (
        lambda m: first(m, m.shortcuts[0].model_copy(update={"items": 1})),
        "over 1.",
    ),
    "an accuracy": (
        lambda m: first(m, change(m.shortcuts[0], "longest", accuracy=0.25001)),
        "the reader longest comes out as not-enough-items",
    ),
    "an accuracy of a reader that learns": (
        lambda m: first(m, change(m.shortcuts[0], OPTIONS_ONLY, accuracy=0.1)),
        f"the reader {OPTIONS_ONLY} comes out as",
    ),
    "an outcome": (
        lambda m: first(m, change(m.shortcuts[0], "word overlap", outcome="passed")),
        "the manifest says passed",
    ),
    "a bound": (
        lambda m: first(m, change(m.shortcuts[0], "shortest", lower=0.1)),
        "lower bound 0.100000",
    ),
    "more items than there are, for who cannot be asked": (
        lambda m: first(m, change(m.shortcuts[0], "nearest", items=5_000, accuracy=0.9)),
        "nearest comes out as not-asked",
    ),
    "a reader that is left out": (
        lambda m: first(
            m, m.shortcuts[0].model_copy(update={"readers": m.shortcuts[0].readers[1:]})
        ),
        "The splits and readers of the gate in the manifest are not those of the rows.",
    ),
    "a split that is left out": (
        lambda m: m.model_copy(update={"shortcuts": m.shortcuts[1:]}),
        "The splits and readers of the gate in the manifest are not those of the rows.",
    ),
}


def tampered(built: BuildResult, folder: Path, change: Callable[[Manifest], Manifest]) -> Path:
    shutil.copytree(built.folder, folder)
    manifest = change(built.manifest)
    (folder / "manifest.json").write_text(manifest.model_dump_json(), "utf-8")
    return folder


@pytest.mark.parametrize("what", TAMPERED)
def test_a_gate_that_was_tampered_with_is_caught(
    what: str, built: BuildResult, tmp_path: Path
) -> None:
    change_it, said = TAMPERED[what]
    report = verified(tampered(built, tmp_path / "forged", change_it))
    assert {(f.id, f.check, f.code) for f in report.failed} == {
        ("manifest.json", "manifest", "manifest-mismatch")
    }
    assert any(said in f.detail for f in report.failed), report.failed


def test_what_only_the_graph_tells_is_caught_with_the_graph(
    built: BuildResult, tmp_path: Path, mini: KnowledgeGraph
) -> None:
    folder = tampered(
        built,
        tmp_path / "forged",
        lambda m: first(m, change(m.shortcuts[0], "nearest", accuracy=0.001)),
    )
    assert verified(folder).failed == ()
    (failure,) = verified(folder, mini).failed
    assert "the reader nearest comes out as" in failure.detail


def test_a_gate_that_was_not_run_is_no_gate(built: BuildResult, tmp_path: Path) -> None:
    folder = tampered(
        built,
        tmp_path / "forged",
        lambda m: m.model_copy(update={"gate": "not-run", "shortcuts": ()}),
    )
    report = verified(folder)
    assert (report.failed, report.could_not_check["gate"]) == ((), 1)
    assert verify_dataset(folder).failed == ()
