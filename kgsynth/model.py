"""The words of the field as frozen records: what the rooms of the house hand each other.

Everything that is written to a file and read back is a `Record`: strict, frozen, and the
source of a JSON Schema under ``schemas/``. Columns of a graph never pass through here; a
record per statement is made only for the few statements that a row cites.

One type per column, always: trainers read these files through Arrow, where a field that is
sometimes a string and sometimes a list breaks the whole file.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kgsynth.seeding import digest

SCHEMA_VERSION = "1.0"

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""An ISO 639 code in lower case: ``en``, ``es``, ``zh``."""


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_line(self) -> str:
        """Write the record as one JSON line, always with the same bytes."""
        return self.model_dump_json() + "\n"


# --- statements and concepts, as a row cites them ---------------------------------------


def statement_id(subject: str, predicate: str, obj: str) -> str:
    """Name a statement by its content, so that an edited one is caught.

    >>> statement_id("A:1", "treats", "B:2") == statement_id("B:2", "treats", "A:1")
    False
    """
    return "S" + digest(subject, predicate, obj, size=8)


class Statement(Record):
    """One fact of the graph, with everything that vouches for it."""

    id: str
    subject: str
    predicate: str
    object: str
    negative: bool = False
    """The predicate denies: contraindicated, excludes."""
    sources: tuple[str, ...]
    licences: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    """Sentences or references that the sources give for it."""

    def recomputed_id(self) -> str:
        """Return the id that the content asks for."""
        return statement_id(self.subject, self.predicate, self.object)


class Name(Record):
    """One name of a concept."""

    text: str
    language: Language = "en"
    kind: Literal["preferred", "synonym", "abbreviation"] = "synonym"


class Concept(Record):
    """A node of the graph as a row's evidence carries it."""

    id: str
    names: tuple[Name, ...]
    types: tuple[str, ...]

    def name(self, language: str = "en") -> str:
        """Return the preferred name in a language, else the first preferred one."""
        preferred = [n for n in self.names if n.kind == "preferred"]
        for wanted in (preferred, self.names):
            for name in wanted:
                if name.language == language:
                    return name.text
        return (preferred or list(self.names))[0].text if self.names else self.id


# --- questions and what is linked in them -------------------------------------------------


class QuestionOption(Record):
    """One option of a question as its set gives it."""

    label: str
    text: str


class Question(Record):
    """A question-answer pair as a reader yields it."""

    id: str
    origin: str
    """The set it comes from: ``medqa``, or the name of the file."""
    origin_split: str = "unknown"
    """The part of the set: train, dev, test, or unknown."""
    language: Language = "en"
    stem: str
    options: tuple[QuestionOption, ...]
    key: str
    """The label of the right option."""
    concepts: tuple[str, ...] = ()
    """The concepts a careful reader would link, where the set says so."""

    def answer(self) -> QuestionOption:
        """Return the right option."""
        return next(option for option in self.options if option.label == self.key)


class Mention(Record):
    """A stretch of text that names a concept."""

    text: str
    start: int
    end: int
    field: str
    """``stem``, or ``option:LABEL``."""
    id: str
    score: float
    negated: bool = False


class LinkedQuestion(Record):
    """A question with the concepts found in it."""

    id: str
    question: Question
    mentions: tuple[Mention, ...]


# --- the canonical row ---------------------------------------------------------------------


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


# --- between the stages ----------------------------------------------------------------------


class Item(Record):
    """What is to be written: mined from the graph, with no prose in it yet."""

    id: str
    kind: Kind
    language: Language
    origin: str
    origin_split: str
    stem: str | None = None
    """A given question's stem; None when the teacher is to write one."""
    path: Path
    further_paths: tuple[Path, ...] = ()
    options: tuple[Option, ...]
    """In their final order."""
    key: str
    bridges: tuple[Bridge, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    statements: tuple[Statement, ...]
    """Every statement that the row may cite."""
    concepts: tuple[Concept, ...]
    """Every concept that the row may name."""
    degrees: tuple[int, ...]
    tags: tuple[str, ...] = ()
    groups: tuple[str, ...]


class Draft(Record):
    """A row on its way through the checks, beside the statements and concepts behind it."""

    row: Row
    statements: tuple[Statement, ...]
    concepts: tuple[Concept, ...]


class Rejected(Record):
    """Something that was dropped: where, why, and all that is needed to see why."""

    id: str
    stage: str
    code: str
    detail: str
    content: dict[str, Any]
    """The question, item or row as it stood."""


# --- what a dataset folder says of itself --------------------------------------------------


class FunnelStage(Record):
    """What one stage took, gave and dropped. ``taken + made = given + dropped`` always."""

    stage: str
    taken: int
    made: int = 0
    """What the stage added of its own: mined paths."""
    given: int
    rejected: dict[str, int]
    """Count by reason code."""

    def adds_up(self) -> bool:
        """Tell whether every item is accounted for."""
        return self.taken + self.made == self.given + sum(self.rejected.values())


class Funnel(Record):
    """The stages in order."""

    stages: tuple[FunnelStage, ...]


class GraphSummary(Record):
    """The graph behind a dataset."""

    content: str
    """Hash of the compiled store's content."""
    overlay: str
    """Hash of the shattered overlay's content."""
    sources: tuple[str, ...]
    licences: tuple[str, ...]
    released: str
    """The latest release date of its sources, or an empty string."""
    concepts: int
    statements: int
    hubs_removed: int


class FileEntry(Record):
    """A file of the dataset."""

    path: str
    """Relative to the dataset's folder, with forward slashes."""
    bytes: int
    sha256: str
    rows: int | None = None
    """Rows of a JSONL file."""


class Manifest(Record):
    """``manifest.json``: what the folder holds. ``run/`` and the manifest itself stay out."""

    format: Literal["kgsynth-dataset"] = "kgsynth-dataset"
    schema_version: str = SCHEMA_VERSION
    name: str
    created: str
    """The graph's release date: a clock would change the bytes."""
    config: str
    """Hash of the build file's content."""
    build: str
    """The build file as it was read, as a JSON object in a string."""
    graph: GraphSummary
    teachers: dict[str, str]
    """Who answered in each role."""
    rows: dict[str, int]
    """Rows by split."""
    rejected: int
    files: tuple[FileEntry, ...]


class Hub(Record):
    """A concept that shattering removed."""

    id: str
    name: str
    score: float


class Answer(Record):
    """A recorded teacher answer."""

    key: str
    text: str
