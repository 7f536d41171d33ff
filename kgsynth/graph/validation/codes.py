"""What can be wrong with a graph: each code, said plainly, and how much it matters. Data only."""

from __future__ import annotations

from typing import Literal

from kgsynth.reasons import Reason

Severity = Literal["error", "remark"]

_ERRORS = (
    Reason(
        "contradiction",
        "validate",
        "Two statements about the same two concepts deny each other.",
        "Take out the one that is wrong. Where two sources differ, decide whom you trust.",
    ),
    Reason(
        "wrong-subject",
        "validate",
        "The subject of a statement is of a type that its relation does not take.",
        "Turn the statement round, or mend its relation or the type of the concept.",
    ),
    Reason(
        "wrong-object",
        "validate",
        "The object of a statement is of a type that its relation does not take.",
        "Turn the statement round, or mend its relation or the type of the concept.",
    ),
    Reason(
        "wrong-parent",
        "validate",
        "A concept and the one that it is a kind of have no type in common.",
        "Mend the type of one of the two, or take the statement out.",
    ),
    Reason(
        "unknown-predicate",
        "validate",
        "The vocabulary does not list the relation, so nothing can be said of its ends.",
        "Correct the spelling. A relation that is meant so is kept and worded by its name; to give "
        "it a wording, list it in ontologies/predicates.yaml.",
    ),
    Reason(
        "unknown-type",
        "validate",
        "The vocabulary does not list the semantic type.",
        "Correct the spelling. A type that is meant so is kept under its name; to give it a noun, "
        "list it in ontologies/semantic_types.yaml.",
    ),
)
_REMARKS = (
    Reason(
        "unusual-subject",
        "validate",
        "The subject of a statement, typed in its source's own words, is of a group of types that "
        "its relation does not take in graphs written in ours.",
        "Look at a few. If they say what is meant, leave them; if not, give the relation another "
        "name.",
    ),
    Reason(
        "unusual-object",
        "validate",
        "The object of a statement, typed in its source's own words, is of a group of types that "
        "its relation does not take in graphs written in ours.",
        "Look at a few. If they say what is meant, leave them; if not, give the relation another "
        "name.",
    ),
    Reason(
        "unusual-parent",
        "validate",
        "A concept and the one that it is a kind of are of different groups of types, in the words "
        "of their source.",
        "Look at a few. Kinship decides which options are too near to be wrong ones; leave them if "
        "they are meant so.",
    ),
    Reason(
        "no-type",
        "validate",
        "The concept has no semantic type, so nothing can be said of the statements about it.",
        "Give it one, or the option node_type to a table. It can be compiled without.",
    ),
    Reason(
        "shared-name",
        "validate",
        "Several concepts go by the name, so a question could not tell them apart.",
        "Give each a name of its own, or make them one concept where they mean the same.",
    ),
    Reason(
        "orphan",
        "validate",
        "No statement names the concept, so no path reaches it.",
        "State something about it, or leave it: it does no harm.",
    ),
    Reason(
        "no-evidence",
        "validate",
        "No sentence or reference vouches for the statement.",
        "Give it one in a graph of your own; few published graphs have any.",
    ),
)
MERGED = ("self-loop", "repeated-statement", "inverse-twin")
"""Rows that compiling drops or merges by itself; `kgsynth.sources.reasons` explains them."""

PROBLEM_REASONS: dict[str, Reason] = {reason.code: reason for reason in (*_ERRORS, *_REMARKS)}
"""Every code that only validation gives. A row that could not be read has that of its reader."""

PLACE = {code: at for at, code in enumerate((*PROBLEM_REASONS, *MERGED), start=1)}
"""In what order problems of one severity are told; rows that could not be read come first."""
_REMARKED = frozenset({*(reason.code for reason in _REMARKS), *MERGED, "unread-file"})


def severity(code: str) -> Severity:
    """Tell what is false or lost from what a graph can be used with.

    >>> severity("dangling"), severity("orphan")
    ('error', 'remark')
    """
    return "remark" if code in _REMARKED else "error"
