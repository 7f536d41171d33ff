"""``kgsynth link``: find a graph's concepts in questions."""

from __future__ import annotations

from pathlib import Path

import click

from kgsynth.cli.options import json_option, print_json
from kgsynth.errors import UsageError, count_of


@click.command("link")
@click.argument("store", type=click.Path(path_type=Path))
@click.argument("questions", type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), metavar="FILE")
@json_option
def command(store: Path, questions: Path, output: Path, as_json: bool) -> None:
    """Find the concepts of STORE in QUESTIONS, a JSONL file; one line per question in FILE."""
    import json

    from kgsynth.graph.store import KnowledgeGraph
    from kgsynth.linking.linker import link_question
    from kgsynth.linking.matching import NameMatcher
    from kgsynth.questions import read_questions
    from kgsynth.runs import write_file

    file = output.resolve()
    if file.exists() and not _is_earlier_result(file):
        raise UsageError(
            f"{output} is there already, and no earlier result.",
            remedy="Name a new file, or remove it first.",
        )
    found = read_questions("jsonl", questions)
    graph = KnowledgeGraph.open(store)
    matcher = NameMatcher(graph.names_to_link())
    linked = [link_question(question, matcher) for question in found.questions]
    lines = [
        {"id": one.id, "mentions": [mention.model_dump(mode="json") for mention in one.mentions]}
        for one in linked
    ]
    write_file(file, "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
    mentions = sum(len(one.mentions) for one in linked)
    if as_json:
        print_json(
            {
                "questions": len(linked),
                "mentions": mentions,
                "quarantined": len(found.quarantined),
                "output": str(output),
            }
        )
        return
    click.echo(f"{output}: {count_of(mentions, 'mention')} in {count_of(len(linked), 'question')}.")
    for dropped in found.quarantined:
        click.echo(f"left out {dropped.id} ({dropped.code}): {dropped.detail}", err=True)


def _is_earlier_result(file: Path) -> bool:
    """Tell whether a file is what this command writes: only that is written over."""
    import json

    try:
        with file.open(encoding="utf-8") as lines:
            first = json.loads(lines.readline())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(first, dict) and first.keys() == {"id", "mentions"}
