"""``kgsynth graph info``: what a store holds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgsynth.cli.options import json_option, print_json, shown
from kgsynth.errors import count_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from kgsynth.graph.store import KnowledgeGraph

    Floats = npt.NDArray[np.float64]

MOST_HUBS = 10
MOST_SHOWN = 12


@click.command("info")
@click.argument("store", type=click.Path(path_type=Path))
@json_option
def command(store: Path, as_json: bool) -> None:
    """Say what a store holds: counts, degrees, hubs, components, licences, what was dropped."""
    from kgsynth.cli.graph.compile import print_doubts

    about = describe(store)
    if as_json:
        print_json(about)
        return
    click.echo(
        f"{count_of(about['nodes'], 'concept')} with {count_of(about['names'], 'name')}, "
        f"{count_of(about['statements'], 'statement')}"
    )
    for title in ("types", "predicates", "dropped"):
        _print_counts(title, about[title])
    _print_terms(about["licences"])
    print_doubts(about["unknown_predicates"], about["in_cycles"])
    degrees, parts = about["degrees"], about["components"]
    click.echo(
        f"\ndegrees: mean {degrees['mean']:.1f}, median {degrees['median']}, "
        f"99 of 100 up to {degrees['p99']:,}, most {degrees['max']:,}"
    )
    click.echo(f"  a degree counts distinct neighbours{_left_out(about['degrees_leave_out'])}")
    alone = count_of(parts["alone"], "concept")
    click.echo(
        f"components: {parts['count']:,}, the largest of {count_of(parts['largest'], 'concept')}; "
        f"{alone} {'stands' if parts['alone'] == 1 else 'stand'} alone"
    )
    usual = "degree, and how many times the usual one for their type"
    _print_hubs(f"hubs by score: {usual}", about["hubs"])
    _print_hubs(f"hubs by degree: {usual}", about["hubs_by_degree"])


def _print_hubs(title: str, hubs: list[dict[str, Any]]) -> None:
    if hubs:
        click.echo(f"\n{title}")
    for hub in hubs:
        click.echo(
            f"  {hub['degree']:>9,} {hub['score']:>8,.1f}x  "
            f"{shown(hub['name'])} ({shown(hub['id'])})"
        )


def _print_counts(title: str, counts: dict[str, int]) -> None:
    if not counts:
        return
    click.echo(f"\n{title}")
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    for name, count in ordered[:MOST_SHOWN]:
        click.echo(f"  {count:>11,}  {shown(name)}")
    if len(ordered) > MOST_SHOWN:
        click.echo(f"  and {len(ordered) - MOST_SHOWN} more; see them all with --json")


def _print_terms(licences: list[dict[str, Any]]) -> None:
    """Say which terms apply, and which of them hold names back."""
    click.echo("\nlicences")
    for terms in sorted(licences, key=lambda t: -t["statements"])[:MOST_SHOWN]:
        held = f"; ids only, level {terms['restriction']}" if terms["restriction"] else ""
        licence = terms["licence"] or "not said"
        on_terms = shown(f"{terms['source']}: {licence}")
        click.echo(f"  {terms['statements']:>11,}  {on_terms}{held}")
    if len(licences) > MOST_SHOWN:
        click.echo(f"  and {len(licences) - MOST_SHOWN} more; see them all with --json")


def describe(store: Path) -> dict[str, Any]:
    """Say what a store holds, as ``--json`` prints it."""
    from kgsynth.graph.store import KnowledgeGraph

    graph = KnowledgeGraph.open(store)
    manifest = graph.manifest
    return {
        "nodes": manifest.nodes,
        "names": manifest.names,
        "languages": list(manifest.languages),
        "statements": manifest.statements,
        "types": manifest.types,
        "predicates": manifest.predicates,
        "dropped": manifest.dropped,
        **_hubs(graph),
        "degrees": _degrees(graph),
        "degrees_leave_out": _not_counted(graph),
        "components": _components(graph),
        "in_cycles": manifest.in_cycles,
        "unknown_predicates": list(manifest.unknown_predicates),
        "sources": [source.model_dump(mode="json") for source in manifest.sources],
        "licences": [origin.model_dump(mode="json") for origin in manifest.origins],
        "content": manifest.content,
    }


def _hubs(graph: KnowledgeGraph) -> dict[str, list[dict[str, Any]]]:
    """List the hubs by either score that shattering knows."""
    from kgsynth.graph.scores import degree, degree_in_type

    scores = degree_in_type(graph)
    return {
        "hubs": _highest(graph, scores, scores),
        "hubs_by_degree": _highest(graph, degree(graph), scores),
    }


def _highest(graph: KnowledgeGraph, by: Floats, scores: Floats) -> list[dict[str, Any]]:
    import numpy as np

    top = [int(code) for code in np.argsort(-by, kind="stable")[:MOST_HUBS]]
    return [
        {
            "id": graph.id(code),
            "name": graph.name(code),
            "degree": int(graph.contact.degree[code]),
            "score": float(scores[code]),
        }
        for code in top
        if graph.contact.degree[code] > 0
    ]


def _not_counted(graph: KnowledgeGraph) -> dict[str, int]:
    """Count the statements of each kind that no degree counts, a hub's neither."""
    from kgsynth.graph.layout import COUNTED

    left_out: dict[str, int] = {}
    for name, kind in graph.predicates.select("name", "kind").iter_rows():
        if kind not in COUNTED:
            left_out[kind] = left_out.get(kind, 0) + graph.manifest.predicates[name]
    return dict(sorted(left_out.items()))


def _left_out(counts: dict[str, int]) -> str:
    """Say which statements the degrees do not count.

    >>> _left_out({"hierarchical": 12, "structural": 3}), _left_out({})
    ('; 12 hierarchical and 3 structural statements are left out', '')
    >>> _left_out({"hierarchical": 1})
    '; 1 hierarchical statement is left out'
    """
    told = " and ".join(f"{count:,} {kind}" for kind, count in counts.items())
    one = sum(counts.values()) == 1
    return f"; {told} {'statement is' if one else 'statements are'} left out" if told else ""


def _degrees(graph: KnowledgeGraph) -> dict[str, float]:
    import numpy as np

    degrees = graph.contact.degree
    median, p90, p99 = np.percentile(degrees, [50, 90, 99], method="lower").tolist()
    return {
        "mean": round(float(degrees.mean()), 3),
        "median": median,
        "p90": p90,
        "p99": p99,
        "max": int(degrees.max()),
    }


def _components(graph: KnowledgeGraph) -> dict[str, int]:
    """Count the parts that no statement of any kind joins."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    size = graph.node_count
    ones = np.ones(len(graph.tables.out.target), dtype=np.int8)
    joined = csr_array((ones, graph.tables.out.target, graph.tables.out.indptr), shape=(size, size))
    count, label = connected_components(joined, directed=True, connection="weak")
    sizes = np.bincount(label)
    return {"count": int(count), "largest": int(sizes.max()), "alone": int((sizes == 1).sum())}
