"""Render the report: facts in, one self-contained HTML page out.

Everything the template prints is escaped by Jinja2's autoescape; nothing is marked safe.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from kgsynth.curate.gate import MARGIN
from kgsynth.export.facts import DatasetFacts, RejectedCode
from kgsynth.model import FunnelStage, Outcome, Rejected, Row, WhyOut
from kgsynth.reasons import REASONS
from kgsynth.report.drawing import Bar, Drawing, bars, draw_path
from kgsynth.verify import CHECKS

TEMPLATE = "report.html.j2"
MOST_HUBS = 30
MOST_LETTERS = 300


class StageView(NamedTuple):
    """One stage of the funnel as it is shown."""

    stage: FunnelStage
    flow: tuple[Bar, ...]
    reasons: tuple[Bar, ...]


class OptionView(NamedTuple):
    """One option of an example."""

    label: str
    text: str
    right: bool
    note: str


class ExampleView(NamedTuple):
    """One row as it is shown."""

    row: Row
    options: tuple[OptionView, ...]
    drawing: Drawing
    told: str
    """The path in words, for those who cannot see the drawing."""
    hidden: tuple[str, ...]
    failed: tuple[str, ...]


class RejectedView(NamedTuple):
    """One reason for dropping, with the first example of it."""

    reason: RejectedCode
    sentence: str
    """What the code means; empty for one that nobody explains."""
    shown: str


def render_report(facts: DatasetFacts) -> str:
    """Write the report of a dataset."""
    return _template().render(
        facts=facts,
        groups=bars([(_group(g.split, g.kind, g.hops), n) for g, n in facts.rows.items()]),
        keys=bars(list(facts.keys.items())),
        stages=_stages(facts),
        verdicts=_verdicts(facts),
        margin=f"{100 * MARGIN:.0f} points",
        outcomes=[outcome.value for outcome in Outcome],
        hubs=facts.hubs[:MOST_HUBS],
        more_hubs=max(0, len(facts.hubs) - MOST_HUBS),
        hub_bars={
            hub.id: _share(hub.score, max(h.score for h in facts.hubs)) for hub in facts.hubs
        },
        examples=[_example(row) for row in facts.examples],
        rejected=[_rejected(reason) for reason in facts.rejected],
        rejected_total=sum(code.number for code in facts.rejected),
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE)


def _group(split: str, kind: str, hops: int) -> str:
    return f"{split}, {kind}, {hops} {'hop' if hops == 1 else 'hops'}"


def _share(score: float, most: float) -> float:
    """Scale a score to the largest; one below nothing has no bar."""
    return round(100 * max(score, 0.0) / most, 2) if most > 0 else 0.0


def _stages(facts: DatasetFacts) -> list[StageView]:
    most = max((s.taken + s.made for s in facts.funnel.stages), default=0) or 1
    views = []
    for stage in facts.funnel.stages:
        flow = [
            ("taken", stage.taken),
            ("made", stage.made),
            ("given on", stage.given),
            ("rejected", sum(stage.rejected.values())),
        ]
        ordered = sorted(stage.rejected.items(), key=lambda item: (-item[1], item[0]))
        views.append(
            StageView(
                stage,
                tuple(Bar(name, n, round(100 * n / most, 2)) for name, n in flow),
                bars(ordered),
            )
        )
    return views


def _verdicts(facts: DatasetFacts) -> list[tuple[str, list[int]]]:
    checks = sorted({check for check, _ in facts.verdicts})
    return [(c, [facts.verdicts.get((c, outcome.value), 0) for outcome in Outcome]) for c in checks]


# --- one row -------------------------------------------------------------------------------------


def _example(row: Row) -> ExampleView:
    names = {node.id: node.name for path in (row.path, *row.further_paths) for node in path.nodes}
    bridges = [bridge.id for bridge in row.bridges]
    return ExampleView(
        row=row,
        options=tuple(
            OptionView(o.label, o.text, o.label == row.question.key, _why(o.why_out))
            for o in row.question.options
        ),
        drawing=draw_path(row.path, bridges),
        told=_told(row),
        hidden=tuple(names.get(bridge, bridge) for bridge in bridges),
        failed=tuple(v.check for v in row.verdicts if v.outcome is Outcome.FAILED),
    )


def _why(why_out: WhyOut | None) -> str:
    if why_out is None:
        return ""
    if why_out.reason == "given":
        return "wrong, as the question set says"
    return f"{why_out.reason.replace('-', ' ')}, {why_out.grade.value}"


def _told(row: Row) -> str:
    names = {node.id: node.name for node in row.path.nodes}
    said = [f"{names[s]} {p.replace('_', ' ')} {names[o]}" for s, p, o in row.path.triples()]
    return "; ".join(said)


def _rejected(reason: RejectedCode) -> RejectedView:
    meaning = CHECKS.get(reason.code) or REASONS.get(reason.code)
    return RejectedView(reason, meaning.sentence if meaning else "", _shown(reason.example))


def _shown(dropped: Rejected) -> str:
    """Find a question in whatever was dropped: a row, an item, or a question of a set."""
    content: dict[str, Any] = dropped.content
    question = content.get("question")
    for holder in (question, content):
        if isinstance(holder, dict) and isinstance(holder.get("stem"), str):
            return _cut(holder["stem"])
    path = content.get("path")
    if isinstance(path, dict) and isinstance(path.get("nodes"), list):
        names = [str(n.get("name", "")) for n in path["nodes"] if isinstance(n, dict)]
        return _cut(" – ".join(names))
    return ""


def _cut(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else text[: MOST_LETTERS - 1] + "…"
