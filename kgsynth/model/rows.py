"""The canonical row: one row, many views."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from kgsynth.model.record import SCHEMA_VERSION, Language, Record
from kgsynth.seeding import digest


class PathNode(Record):
    """A concept on a path."""

    id: str
    name: str
    aliases: tuple[str, ...]
    """Every other name of it, in every language held."""
    types: tuple[str, ...]


class Hop(Record):
    """One step along a path: ``nodes[i]`` to ``nodes[i + 1]``."""

    predicate: str
    forward: bool
    """True when the statement's subject is the earlier node."""
    statements: tuple[str, ...]
    sources: tuple[str, ...]


class Path(Record):
    """A walk through the graph; ``hops[i]`` joins ``nodes[i]`` and ``nodes[i + 1]``."""

    nodes: tuple[PathNode, ...]
    hops: tuple[Hop, ...]

    def triples(self) -> list[tuple[str, str, str]]:
        """Return each hop as (subject id, predicate, object id)."""
        out = []
        for left, hop, right in zip(self.nodes, self.hops, self.nodes[1:], strict=False):
            ends = (left.id, right.id) if hop.forward else (right.id, left.id)
            out.append((ends[0], hop.predicate, ends[1]))
        return out


class Grade(StrEnum):
    """How sure it is that the graph does not support a statement; a graph is never complete."""

    CONTRADICTED = "contradicted"
    """A negative statement says so."""
    CLOSED = "closed"
    """Every predicate of the chain is marked complete for this source."""
    ABSENT = "absent"
    """It is merely not there."""


class WhyOut(Record):
    """Why an option is not the answer, and the proof."""

    reason: Literal["hard-negative", "easy-negative", "given"]
    """``given``: the question set says so, and the graph holds nothing for it."""
    grade: Grade
    sibling: str | None = None
    """For a hard negative: the concept beside the bridge that this option hangs from."""
    statements: tuple[str, ...] = ()
    """The statements that the proof cites."""
    detail: str = ""


class Option(Record):
    """One option of a row's question."""

    label: str
    text: str
    concept: str | None = None
    why_out: WhyOut | None = None
    """None for the key."""


class RowQuestion(Record):
    """The question of a row. The order of the options is fixed here, once."""

    stem: str
    options: tuple[Option, ...]
    key: str

    def answer(self) -> Option:
        """Return the right option."""
        return next(option for option in self.options if option.label == self.key)


class Bridge(Record):
    """A hidden concept: nothing that a reader sees may name it."""

    id: str
    hidden: tuple[str, ...]
    """Every name of it, of its ancestors and of its descendants."""


class Step(Record):
    """One step of a trace."""

    kind: Literal["hop", "rule-out"] = "hop"
    text: str
    cites: tuple[str, ...]
    """Ids of the statements that this step rests on."""
    needs: tuple[int, ...] = ()
    """Indexes of the steps that this one builds on; always smaller than its own."""
    option: str | None = None
    """For a rule-out: the label of the option ruled out."""
    grade: Grade | None = None


class Conclusion(Record):
    """What the steps come to."""

    text: str
    needs: tuple[int, ...]
    answer: str
    """The label of the option chosen."""


class Trace(Record):
    """A thinking path: steps, then a conclusion."""

    shape: Literal["chain", "dag"] = "chain"
    steps: tuple[Step, ...]
    conclusion: Conclusion


class Corruption(Record):
    """One minimal, named damage of the trace, and the proof that it is false."""

    name: str
    step: int | None
    """The step damaged; None for the conclusion."""
    text: str
    """The damaged step or conclusion."""
    answer: str
    """The label that the damaged trace ends with."""
    proof: str
    statements: tuple[str, ...] = ()


class Evidence(Record):
    """Text that unmasks a bridge, for measuring what retrieval gives back."""

    text: str
    statements: tuple[str, ...]


class Outcome(StrEnum):
    """What a check found. A check that could not read a text has not passed it."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_CHECK = "could-not-check"
    NOT_APPLICABLE = "not-applicable"


class Verdict(Record):
    """What one check says of one row."""

    check: str
    outcome: Outcome
    code: str = ""
    """The reason code when it failed; `kgsynth explain CODE` tells what it means."""
    detail: str = ""


class PassRate(Record):
    """How often a reader reached the key."""

    passed: int
    of: int


class Difficulty(Record):
    """How hard the row is, as far as it was measured; None where it was not."""

    hops: int
    degrees: tuple[int, ...]
    """Degree in the full graph of each node on the path."""
    pass_rate: PassRate | None = None
    agreement: float | None = None
    uplift: float | None = None


class Provenance(Record):
    """Where the row comes from: enough to make it again."""

    graph: str
    overlay: str
    config: str
    prompt: str
    teacher: str
    settings: str
    """The teacher's settings as a JSON object in a string."""
    requests: tuple[str, ...]
    """Keys of the teacher requests behind the row."""
    seed: int


class RowLicence(Record):
    """The terms that the row's statements and names stand under."""

    names: tuple[str, ...]
    restricted: bool = False


SOLE_ANSWER = "sole-answer"
"""Tag of a row whose relations lead to no other concept of the answer's type in the graph: it
can be asked without options."""

Kind = Literal["path", "qa", "recall"]
"""path: made from a path. qa: a given question mapped onto paths. recall: one hop."""


class Row(Record):
    """The canonical row: one row, many views."""

    id: str
    schema_version: str = SCHEMA_VERSION
    kind: Kind
    language: Language
    origin: str
    origin_split: str
    question: RowQuestion
    path: Path
    further_paths: tuple[Path, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    trace: Trace
    corruptions: tuple[Corruption, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    difficulty: Difficulty
    provenance: Provenance
    licence: RowLicence
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...]
    """Rows that share a group must stay in one split."""
    split: str = ""

    def recomputed_id(self) -> str:
        """Return the id that the content asks for; trace, verdicts and split do not count."""
        return row_id(self.kind, self.language, self.question, self.path)


def row_id(kind: str, language: str, question: RowQuestion, path: Path) -> str:
    """Name a row by what is asked and the path that answers it."""
    return digest(kind, language, question.model_dump(mode="json"), path.model_dump(mode="json"))
