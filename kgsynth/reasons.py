"""Why something is dropped on its way to a dataset: each code, said plainly, with what to do.

The checks of a finished row explain their own codes (``kgsynth.verify.CHECKS``); here stand
the codes of every other stage. Data only: any room may name a code, none needs to import this.
"""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """One reason code."""

    code: str
    stage: str
    """The stage that drops with it."""
    sentence: str
    """What it means."""
    mend: str
    """What to do about it, if anything should be."""


_ALL = (
    # --- reading a question set ---
    Reason(
        "malformed-question",
        "questions",
        "A record of the question set lacks a field, or one holds the wrong kind of value.",
        "Look at the record in rejected/ and mend it in the set: a question needs id, stem, "
        "options and key.",
    ),
    Reason(
        "missing-key",
        "questions",
        "The question does not say which option is right.",
        "Give the record a key; many sets publish their test part without one, and such a part "
        "cannot be used.",
    ),
    Reason(
        "answer-not-among-options",
        "questions",
        "The key names an option that the question does not have.",
        "Mend the key or the options in the set.",
    ),
    Reason(
        "duplicate-stem",
        "questions",
        "The same stem was already read, so the later question was dropped.",
        "Nothing, as a rule. If both are wanted, tell them apart in the set: the wording of the "
        "stem is what counts.",
    ),
    # --- mapping questions onto the graph ---
    Reason(
        "question-not-linked",
        "map",
        "No concept of the graph was found in the stem.",
        "Add the names that the stem uses to the graph as synonyms, or give the question its "
        "concepts in the field 'concepts'.",
    ),
    Reason(
        "answer-not-linked",
        "map",
        "No concept of the graph was found in the right option.",
        "Add the answer's name to the graph as a synonym. Answers that are numbers or sentences "
        "have no concept and stay out.",
    ),
    Reason(
        "options-not-concepts",
        "map",
        "Too few of the options name a concept, so a wrong one cannot be shown to be wrong.",
        "Add the options' names to the graph as synonyms, or leave such questions out.",
    ),
    Reason(
        "answer-is-hub",
        "map",
        "The answer was removed from the graph as a generic hub, so no path may end in it.",
        "Protect answers with graph.shatter.protect.answers: true, or name the concept in "
        "graph.shatter.protect.concepts, or lower graph.shatter.k.",
    ),
    Reason(
        "no-path",
        "map",
        "No path within qa.max_hops leads from the question's concepts to the answer.",
        "Raise qa.max_hops, lower graph.shatter.k, or add a source that holds the missing facts. "
        "Nothing is invented to close the gap.",
    ),
    Reason(
        "path-too-short",
        "map",
        "The shortest path from the question to the answer has fewer hops than qa.min_hops.",
        "Lower qa.min_hops if one-step questions are wanted.",
    ),
    Reason(
        "option-supported",
        "map",
        "The relations that lead to the answer lead to another option as well, so the graph "
        "does not tell the two apart.",
        "Nothing, as a rule: such a question would teach a guess. If the graph is wrong, mend it "
        "at its source.",
    ),
    # --- making questions from paths ---
    Reason(
        "bridge-in-name",
        "mine",
        "A name of an end of the path holds the name of the concept to be hidden, so showing "
        "the one gives the other away.",
        "Nothing: no wording could hide it.",
    ),
    Reason(
        "no-matched-distractors",
        "mine",
        "Not enough wrong options could be found that are as near and as well connected as the "
        "key; or among those that could, it would stand in a place (the best connected, say) where "
        "enough keys of other items stand. A reader could guess it without the hidden hop.",
        "Nothing, as a rule: expect it more often in small graphs. A larger graph, or a looser "
        "synthesis.distractors.grade, gives more candidates.",
    ),
    # --- writing ---
    Reason(
        "teacher-out-of-contract",
        "write",
        "The teacher's answer was not in the form that was asked for.",
        "Read the answer in rejected/. When it happens often, use another model or a lower "
        "temperature.",
    ),
    Reason(
        "could-not-check",
        "verify",
        "A check could not read what it was to judge, and what is not checked is not passed.",
        "Read the verdict's detail in rejected/: most often a step is worded in a way that no "
        "known wording covers.",
    ),
    # --- selecting ---
    Reason(
        "split-leaves-out",
        "curate",
        "No split takes rows with this number of hops.",
        "Name the number of hops in curate.split.train or curate.split.test.",
    ),
    Reason(
        "duplicate-row",
        "curate",
        "Another row asks the same question along the same path.",
        "Nothing: one of them was kept.",
    ),
    Reason(
        "group-straddles-splits",
        "curate",
        "Rows that must stay together would have gone to different splits.",
        "Nothing, as a rule: dropping the row is what keeps the splits apart. Splitting by fewer "
        "borders in curate.split drops fewer.",
    ),
    Reason(
        "benchmark-in-train",
        "curate",
        "The question comes from the test or dev part of a set, and would have gone into train.",
        "Read the set's train part instead. questions.allow_benchmark_training: true overrides "
        "it, and the card then says so.",
    ),
    # --- judging the whole set ---
    Reason(
        "gate-failed",
        "dataset",
        "A reader that does not reason finds the answers of a split: it surely does better than "
        "chance and three points more. The folder was written, and its manifest says so.",
        "The card lists every reader. Do not measure with such a split, and expect a model that is "
        "trained on it to learn the shortcut. With options-only, the same few concepts are keys "
        "again and again, or never: ask for fewer paths, or take a larger graph. Of given "
        "questions, leave out those that give themselves away.",
    ),
    Reason(
        "not-enough-items",
        "dataset",
        "A split has too few questions with options for the gate of shortcut readers: below 400, "
        "luck alone looks like skill. The figures are told, and nothing is concluded from them.",
        "Raise paths.count, name more questions, or choose the splits in curate.split so that "
        "each holds 400. A small set can be used; that nobody guesses it is not shown.",
    ),
    # --- reading a dataset back ---
    Reason(
        "manifest-mismatch",
        "verify",
        "A file of the dataset is missing or is not the one that the manifest lists, or the rows "
        "give other figures than it tells.",
        "Copy the folder again from where it was built, or build it again: the same build file "
        "gives the same bytes.",
    ),
    Reason(
        "malformed-row",
        "verify",
        "A line of the dataset is not a row that this version of kgsynth knows.",
        "Check that the file was not edited by hand; verify it with the version that wrote it.",
    ),
    Reason(
        "form-mismatch",
        "verify",
        "A line of a trainer's file is not the one that its row gives, or there is a line too "
        "many or too few.",
        "Verify it with the version that wrote it: another may word the forms differently. If it "
        "fails there too, do not train on it; copy or build the folder again.",
    ),
    Reason(
        "wrong-split",
        "verify",
        "A row stands in the files of one split and says that it is of another.",
        "Copy the folder again from where it was built, or build it again: a row that was moved "
        "may have left its group behind.",
    ),
    Reason(
        "evidence-mismatch",
        "verify",
        "A statement or concept that the dataset ships was altered, contradicts the vocabulary, "
        "or stands there twice.",
        "Copy the folder again from where it was built, or build it again.",
    ),
    Reason(
        "graph-mismatch",
        "verify",
        "What the dataset ships is not what the graph given with --graph holds.",
        "Give the store that the dataset was built from; if it is, the dataset was altered.",
    ),
    # --- licences ---
    Reason(
        "restricted-source",
        "map, mine",
        "Only sources that restrict the use of their content state what the item would tell, or "
        "name a concept in it. Of such items the ids are kept, and nothing else.",
        "If you hold a licence that lets you publish it, name the source in licence.accept.",
    ),
)

REASONS: dict[str, Reason] = {reason.code: reason for reason in _ALL}
"""Every reason code that is not a check's, by code.

>>> REASONS["no-path"].stage
'map'
"""
