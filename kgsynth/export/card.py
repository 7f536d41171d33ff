"""The dataset card: ``README.md`` with the front matter that dataset hubs read.

Everything that comes from a graph or a question set goes through `plain`: a concept may be
called anything, and must not become markup, a table cell's end or a heading.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import yaml

from kgsynth.curate.gate import ALPHA, MARGIN, NEEDED
from kgsynth.curate.split import HELD_OUT_PARTS, split_rank
from kgsynth.export.facts import DatasetFacts
from kgsynth.export.forms import FORMS
from kgsynth.model import Gate, Path, ReaderScore, Row

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]#|~$!])")
_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_KNOWN_LICENCES = frozenset(
    {
        "apache-2.0", "mit", "cc0-1.0", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0",
        "cc-by-sa-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "odbl", "odc-by", "pddl",
    }
)  # fmt: skip
"""Identifiers that dataset hubs know; any other licence is named in words."""

MOST_HUBS = 10


def render_card(facts: DatasetFacts) -> str:
    """Write the card of a dataset."""
    sections = (
        _opening(facts),
        _example(facts),
        _counts(facts),
        _benchmarks(facts),
        _funnel(facts),
        _gate(facts.gate),
        _making(facts),
        _loading(facts),
        _verifying(),
        _limits(facts),
    )
    return _front_matter(facts) + "\n" + "\n".join(s for s in sections if s)


def plain(text: str) -> str:
    """Make text safe to stand in Markdown, a table cell included.

    >>> plain("a|b <i>\\nc")
    'a\\\\|b &lt;i&gt; c'
    """
    return _PUNCTUATION.sub(r"\\\1", escape(" ".join(text.split()), quote=False))


# --- front matter --------------------------------------------------------------------------------


def _front_matter(facts: DatasetFacts) -> str:
    head: dict[str, Any] = {
        "pretty_name": facts.config.name,
        **_licence(facts.graph.licences),
        "language": list(facts.languages),
        "task_categories": ["question-answering", "text-generation"],
        "size_categories": [_size(facts.total())],
        "source_datasets": [],
        "annotations_creators": ["machine-generated"],
        "tags": ["knowledge-graph", "multi-hop", "biomedical", "synthetic", "kgsynth"],
        "configs": _configs(facts),
    }
    body = yaml.safe_dump(head, sort_keys=False, allow_unicode=True, width=10_000)
    return f"---\n{body}---\n"


def _configs(facts: DatasetFacts) -> list[dict[str, Any]]:
    """List the trainers' forms, then the canonical rows; the first is what loads by default."""
    lines = {**facts.forms, "examples": facts.by_split()}
    configs: list[dict[str, Any]] = []
    for name, splits in lines.items():
        files = [{"split": s, "path": f"{name}/{s}-*.jsonl"} for s in splits]
        configs.append({"config_name": name, "data_files": files})
    configs[0]["default"] = True
    return configs


def _licence(licences: Sequence[str]) -> dict[str, str]:
    if len(licences) == 1 and licences[0].lower() in _KNOWN_LICENCES:
        return {"license": licences[0].lower()}
    if not licences:
        return {"license": "unknown"}
    return {"license": "other", "license_name": "; ".join(licences)}


def _size(rows: int) -> str:
    return next((name for limit, name in _SIZES if rows < limit), "n>1M")


# --- what it is ----------------------------------------------------------------------------------


def _opening(facts: DatasetFacts) -> str:
    graph = facts.graph
    given = facts.config.questions.sources
    made = " and from given questions mapped onto it" if given else ""
    return (
        f"# {plain(facts.config.name)}\n\n"
        f"{_number(facts.total(), 'question')} with verified multi-hop reasoning, made from a "
        f"biomedical knowledge graph of {_number(graph.concepts, 'concept')} and "
        f"{_number(graph.statements, 'statement')}{made}. Every hop of every trace cites the "
        "statements of the graph that it rests on, and every row carries the verdicts of the "
        "checks that it went through.\n"
    )


def _example(facts: DatasetFacts) -> str:
    row = next((row for row in facts.examples if row.bridges), facts.examples[0])
    options = [
        f"- {plain(o.label)}. {plain(o.text)}" + (" (right)" if o.label == row.question.key else "")
        for o in row.question.options
    ]
    steps = [f"{i}. {plain(s.text)}{_cited(s.cites)}" for i, s in enumerate(row.trace.steps, 1)]
    return "\n".join(
        (
            "## One row\n",
            f"**Question.** {plain(row.question.stem)}\n",
            *options,
            "",
            f"**Path.** {_drawn(row.path)}\n",
            _hidden(row),
            "**Trace.**\n",
            *steps,
            "",
            f"**Conclusion.** {plain(row.trace.conclusion.text)}\n",
        )
    )


def _hidden(row: Row) -> str:
    names = {node.id: node.name for path in (row.path, *row.further_paths) for node in path.nodes}
    hidden = [plain(names.get(bridge.id, bridge.id)) for bridge in row.bridges]
    if not hidden:
        return "**Hidden bridge.** None: the question names every concept on its way.\n"
    return f"**Hidden bridge.** {', '.join(hidden)}: neither stem nor options name it.\n"


def _drawn(path: Path) -> str:
    drawn = plain(path.nodes[0].name)
    for hop, node in zip(path.hops, path.nodes[1:], strict=False):
        left, right = ("—", "→") if hop.forward else ("←", "—")
        drawn += f" {left} *{plain(hop.predicate)}* {right} {plain(node.name)}"
    return drawn


def _cited(statements: Iterable[str]) -> str:
    return "".join(f" `{re.sub(r'[^A-Za-z0-9:._-]', '', s)}`" for s in statements)


def _counts(facts: DatasetFacts) -> str:
    table = _table(
        ("split", "kind", "hops", "rows"),
        [(g.split, g.kind, str(g.hops), str(n)) for g, n in facts.rows.items()],
    )
    splits = sorted({s for counts in facts.forms.values() for s in counts}, key=split_rank)
    forms = _table(
        ("form", "for", *splits),
        [
            (name, FORMS[name].purpose, *(str(counts.get(s, 0)) for s in splits))
            for name, counts in facts.forms.items()
        ],
    )
    return (
        f"## What is in it\n\nRows in `examples/`, by split, kind and hops:\n\n{table}\n"
        f"Lines for trainers, in TRL's field names:\n\n{forms}\n"
        "`closed` lines list the options; `open` lines ask for the answer's name, and are left "
        "out where the question leans on its options. `split` is by the number of hops: "
        f"{_split_rule(facts)}.\n"
    )


def _split_rule(facts: DatasetFacts) -> str:
    rule = facts.config.curate.split
    sides = (("train", rule.train), ("test", rule.test))
    return ", ".join(
        f"{name} holds rows of {_listed([str(h) for h in hops])}" for name, hops in sides if hops
    )


def _benchmarks(facts: DatasetFacts) -> str:
    """Say what a reader must know before measuring a model that was trained on this."""
    if not facts.config.questions.allow_benchmark_training:
        return ""
    inside = [
        f"{n} of the {plain(part.origin_split)} part of {plain(part.origin)}"
        for part, n in facts.parts.items()
        if part.split == "train" and part.origin_split in HELD_OUT_PARTS
    ]
    found = f"In this dataset: {'; '.join(inside)}." if inside else "In this dataset none did."
    return (
        "## Benchmark questions in train\n\n"
        "**This dataset was built with `allow_benchmark_training`: questions of the test and dev "
        f"parts of question sets may stand in `train`.** {found} A model trained on it must not "
        "be measured with those sets.\n"
    )


# --- how it was made -----------------------------------------------------------------------------


def _funnel(facts: DatasetFacts) -> str:
    rows = [
        (plain(s.stage), str(s.taken), str(s.made), str(s.given), _reasons(s.rejected))
        for s in facts.funnel.stages
    ]
    table = _table(("stage", "taken", "made", "given", "rejected"), rows)
    checks: dict[str, Counter[str]] = {}
    for (check, outcome), count in facts.verdicts.items():
        checks.setdefault(check, Counter())[outcome] += count
    outcomes = ("passed", "could-not-check", "not-applicable")
    verdicts = _table(
        ("check", *outcomes),
        [(plain(c), *(str(counts[o]) for o in outcomes)) for c, counts in checks.items()],
    )
    told = f"\nWhat the checks said of the rows that are in:\n\n{verdicts}" if checks else ""
    return (
        "## What was dropped, and why\n\nEvery dropped row is in `rejected/`, with its stage and "
        f"reason; `kgsynth explain CODE` tells what a code means.\n\n{table}{told}"
    )


def _reasons(rejected: dict[str, int]) -> str:
    ordered = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{plain(code)} {count}" for code, count in ordered) or "none"


def _gate(gate: Gate) -> str:
    """Tell how readers that do not reason did; the tables stand even where the gate failed."""
    tables = "".join(
        f"\n`{plain(split.split)}`, {_number(split.items, 'item')}: **{split.verdict}**\n\n"
        + _table(
            ("reader", "items", "left out", "right", "lower bound", "chance", "outcome"),
            [_reader(reader) for reader in split.readers],
        )
        for split in gate.splits
    )
    return (
        "## Could it be guessed?\n\n"
        f"The gate of shortcut readers: **{gate.verdict}**. Each reader guesses without reasoning, "
        "by one thing that it sees; `options-only` learns from other rows which options tend to be "
        "keys. A tie counts by its share. A reader fails a split when it surely does better than "
        f"chance and {100 * MARGIN:.0f} points: by its lower {1 - ALPHA:.1%} bound, Holm over the "
        f"readers. Under {NEEDED} items it is not judged. Left out are items that it has no way to "
        "judge: an option that is no concept has no degree and no distance, and a given question "
        f"has no one concept to measure distances from.\n{tables}"
    )


def _reader(reader: ReaderScore) -> tuple[str, ...]:
    if reader.outcome == "not-asked":
        return (plain(reader.reader), *("",) * 5, plain(f"not asked: {reader.detail}"))
    shares = (reader.accuracy, reader.lower, reader.chance)
    return (
        plain(reader.reader),
        str(reader.items),
        str(reader.left_out),
        *("" if share is None else f"{share:.3f}" for share in shares),
        reader.outcome,
    )


def _making(facts: DatasetFacts) -> str:
    graph = facts.graph
    sources = ", ".join(plain(s) for s in graph.sources) or "not said"
    licences = ", ".join(plain(name) for name in graph.licences) or "not said"
    released = f"- Latest release among them: {plain(graph.released)}\n" if graph.released else ""
    teachers = "".join(
        f"- {plain(role.capitalize())}: {plain(who)}\n" for role, who in facts.teachers.items()
    )
    return (
        "## How it was made\n\n"
        f"- Graph: {sources}\n- Licences: {licences}\n{released}"
        f"- Graph content `{graph.content}`, after shattering `{graph.overlay}`\n"
        f"- Generic hubs removed before paths were sought: {_hubs(facts)}\n{teachers}"
        f"- Seed {facts.config.seed}; the whole build file is in `manifest.json`\n"
    )


def _hubs(facts: DatasetFacts) -> str:
    names = ", ".join(plain(hub.name) for hub in facts.hubs[:MOST_HUBS])
    more = len(facts.hubs) - MOST_HUBS
    rest = f" and {more} more (`evidence/hubs.jsonl`)" if more > 0 else ""
    return f"{len(facts.hubs)} ({names}{rest})" if names else "none"


# --- how to use it -------------------------------------------------------------------------------


def _loading(facts: DatasetFacts) -> str:
    name, splits = next(iter(facts.forms.items()), ("examples", facts.by_split()))
    files = ", ".join(f'"{split}": "{name}/{split}-*.jsonl"' for split in splits)
    return (
        "## How to load it\n\n```python\nfrom datasets import load_dataset\n\n"
        f'rows = load_dataset("json", data_files={{{files}}})\n```\n\n'
        f'Run in this folder; `load_dataset("PATH", "{name}")` does the same from anywhere.\n'
    )


def _verifying() -> str:
    return (
        "## How to verify it\n\n```\nkgsynth verify PATH\n```\n\n"
        "It works from the files alone: `evidence/` ships every statement that a row cites, and "
        "row ids, hashes and the manifest are computed again. With `--graph STORE` the checks "
        "that need the whole graph run too.\n"
    )


def _limits(facts: DatasetFacts) -> str:
    scripted = (
        "- The text was written by the built-in scripted teacher, from fixed wordings: it is "
        "correct but not varied.\n"
        if facts.config.teacher.writer.kind == "scripted"
        else ""
    )
    return (
        "## Limits\n\n"
        "- **Not for care.** This is training and test data for language models. Nothing in it "
        "may guide the diagnosis or treatment of a patient.\n"
        "- A row is as true as the graph behind it, at its release. The checks hold it to the "
        "graph, not to medicine.\n"
        "- A graph is never complete. Wrong options are accepted at the grade "
        f"`{facts.config.synthesis.distractors.grade}`. A question is asked without options only "
        "where the graph gives it one answer; there may be others that the graph does not know.\n"
        "- The split goes by the number of hops and keeps each pair of ends on one side. The path "
        "of a train row may be part of the longer path of a test row.\n"
        f"{scripted}"
    )


# --- small pieces --------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out cells that are already plain."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _listed(words: Sequence[str]) -> str:
    """Join words as a sentence does.

    >>> _listed(["1", "2", "3"])
    '1, 2 and 3'
    """
    return " and ".join([*([", ".join(words[:-1])] if words[1:] else []), *words[-1:]])


def _number(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
