"""contamination: the row repeats no named benchmark, neither its words nor what it asks."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.model import Row
from kgsynth.verify.benchmarks import LONG, Benchmark, runs, whole, words
from kgsynth.verify.check import (
    Check,
    CheckContext,
    Finding,
    fault,
    not_applicable,
    option_labelled,
    unread,
    worst,
)


def examine(row: Row, context: CheckContext) -> Finding:
    """Compare the row with each named benchmark but the one that it was made from."""
    if not context.named:
        return not_applicable("The build file names no benchmark to stay clear of.")
    at_hand = {benchmark.name for benchmark in context.benchmarks}
    if missing := sorted(set(context.named) - at_hand):
        return unread(f"The benchmark {missing[0]} is not at hand.")
    return worst(_findings(row, context))


def _findings(row: Row, context: CheckContext) -> Iterator[Finding]:
    others = [b for b in context.benchmarks if not (b.own and b.name == row.origin)]
    stem, asked = whole(row.question.stem), _asked(row)
    for benchmark in others:
        if stem in benchmark.stems:
            yield fault(f"The stem stands in the benchmark {benchmark.name}.")
        if asked in benchmark.asked:
            yield fault(
                f"The benchmark {benchmark.name} asks from {asked[0]} to {asked[1]} as well."
            )
    for place, text in _texts(row):
        yield from _shared(place, text, others)


def _texts(row: Row) -> Iterator[tuple[str, str]]:
    options = " ".join(option.text for option in row.question.options)
    yield "The question", f"{row.question.stem} {options}"
    for number, step in enumerate(row.trace.steps, start=1):
        yield f"Step {number}", step.text


def _shared(place: str, text: str, others: list[Benchmark]) -> Iterator[Finding]:
    said = runs(text)
    for benchmark in others:
        at = benchmark.shares(said)
        if at is not None:
            shown = " ".join(words(text)[at : at + LONG])
            yield fault(f"{place} shares {LONG} words with {benchmark.name}: {shown!r}.")


def _asked(row: Row) -> tuple[str, str]:
    key = option_labelled(row, row.question.key)
    start = row.path.nodes[0].id if row.path.nodes else ""
    return start, (key.concept if key else None) or ""


CONTAMINATION = Check(
    code="contamination",
    sentence=(
        "The row shares no stem and no run of 13 words with a benchmark that the build file names, "
        "and no question of one leads from the same concept to the same answer; the set that the "
        "row was made from is left aside."
    ),
    mend=(
        "Nothing: what is measured by a benchmark must not be taught. Leave a set out of "
        "curate.contamination if you will not measure with it."
    ),
    examine=examine,
)
