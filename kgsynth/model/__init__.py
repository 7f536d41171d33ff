"""The words of the field as frozen records: what the rooms of the house hand each other.

Everything that is written to a file and read back is a `Record`: strict, frozen, and the
source of a JSON Schema under ``schemas/``. Columns of a graph never pass through here; a
record per statement is made only for the few statements that a row cites.

One type per column, always: trainers read these files through Arrow, where a field that is
sometimes a string and sometimes a list breaks the whole file.
"""

from kgsynth.model.dataset import (
    Answer,
    FileEntry,
    Funnel,
    FunnelStage,
    Gate,
    GateVerdict,
    GraphSummary,
    Hub,
    Manifest,
    ReaderScore,
    SplitGate,
)
from kgsynth.model.graph import Concept, Name, Statement, statement_id
from kgsynth.model.items import Draft, Item, Rejected
from kgsynth.model.questions import LinkedQuestion, Mention, Question, QuestionOption
from kgsynth.model.record import SCHEMA_VERSION, Language, Record
from kgsynth.model.rows import (
    SOLE_ANSWER,
    Bridge,
    Conclusion,
    Corruption,
    Difficulty,
    Evidence,
    Grade,
    Hop,
    Kind,
    Option,
    Outcome,
    PassRate,
    Path,
    PathNode,
    Provenance,
    Row,
    RowLicence,
    RowQuestion,
    Step,
    Trace,
    Verdict,
    WhyOut,
    row_id,
)

__all__ = [
    "SCHEMA_VERSION",
    "SOLE_ANSWER",
    "Answer",
    "Bridge",
    "Concept",
    "Conclusion",
    "Corruption",
    "Difficulty",
    "Draft",
    "Evidence",
    "FileEntry",
    "Funnel",
    "FunnelStage",
    "Gate",
    "GateVerdict",
    "Grade",
    "GraphSummary",
    "Hop",
    "Hub",
    "Item",
    "Kind",
    "Language",
    "LinkedQuestion",
    "Manifest",
    "Mention",
    "Name",
    "Option",
    "Outcome",
    "PassRate",
    "Path",
    "PathNode",
    "Provenance",
    "Question",
    "QuestionOption",
    "ReaderScore",
    "Record",
    "Rejected",
    "Row",
    "RowLicence",
    "RowQuestion",
    "SplitGate",
    "Statement",
    "Step",
    "Trace",
    "Verdict",
    "WhyOut",
    "row_id",
    "statement_id",
]
