from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from export_rows import HUBS, SUMMARY, make_facts, make_path, make_rejected, make_row

from kgsynth.model import Funnel, Hub, Outcome, Verdict
from kgsynth.reasons import REASONS
from kgsynth.report import render_report
from kgsynth.report.drawing import BOX_WIDTH, WIDTH, bars, draw_path
from kgsynth.verify import CHECKS

VOID = {"meta", "br", "hr", "img", "link", "input"}


class Page(HTMLParser):
    """Reads a page strictly: every tag that opens must close, in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and data.strip():
            self.text.append(" ".join(data.split()))

    def said(self) -> str:
        return " ".join(self.text)

    def attribute(self, name: str) -> list[str]:
        return [
            value or "" for _, attrs in self.tags for key, value in attrs.items() if key == name
        ]


def test_the_page_fetches_nothing_and_runs_nothing() -> None:
    text = render_report(make_facts())
    page = Page(text)
    assert page.attribute("src") == page.attribute("href") == []
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "img", "object"}
    assert not re.search(r"https?:|url\(|@import|//[a-z]", text)
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]


def test_the_page_tells_counts_funnel_hubs_keys_and_rejects() -> None:
    said = Page(render_report(make_facts())).said()
    for part in (
        "train, path, 3 hops 3",
        "test, path, 4 hops 3",
        "bridge-leak 2",
        "no-matched-distractors 1",
        "Pain KGDEMO:pain 0.97",
        "grounding 6 0 0 0",
        "For example: The stem names ACE.",
        CHECKS["bridge-leak"].sentence,
        REASONS["no-matched-distractors"].sentence,
        "Hypertension – Renin-angiotensin system – Angiotensin-converting enzyme",
        "A 2 B 2 C 1 D 1",
        "Released 2026-01-31.",
        "Not for the care of patients.",
    ):
        assert part in said, part


def test_an_example_shows_question_path_trace_and_verdicts() -> None:
    row = make_row(3, 1, split="train")
    page = Page(render_report(make_facts([row])))
    said = page.said()
    assert "1 example row" in said
    assert row.question.stem in said
    assert "B. Lisinopril (right)" in said
    assert "A. Metformin (hard negative, absent)" in said
    assert f"{row.trace.steps[0].text} cites {row.trace.steps[0].cites[0]}" in said
    assert "Conclusion. So the answer is Lisinopril." in said
    assert "grounding: passed" in said
    told = page.attribute("aria-label")
    assert any("Hypertension associated with Renin-angiotensin system" in text for text in told)
    assert page.attribute("class").count("node hidden") == len(row.bridges) == 2


def test_ten_examples_at_most_one_of_each_kind_first() -> None:
    rows = [make_row(3, n, split="train") for n in range(30)] + [make_row(1, 40, split="train")]
    page = Page(render_report(make_facts(rows)))
    assert "10 example rows" in page.said()
    assert "Case 40." in page.said()
    assert [tag for tag, _ in page.tags].count("article") == 10


def test_a_failed_verdict_is_marked() -> None:
    failed = Verdict(check="order", outcome=Outcome.FAILED, code="order", detail="backwards")
    marked = Page(render_report(make_facts([make_row(3, 1, split="test", verdicts=(failed,))])))
    assert "chip failed" in marked.attribute("class")
    assert "chip failed" not in Page(render_report(make_facts())).attribute("class")


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)> {{ 7 * 7 }}'


def test_hostile_text_comes_out_escaped_wherever_it_comes_from() -> None:
    row = make_row(3, 1, path=make_path(3, name=HOSTILE, id=HOSTILE), split="train")
    dropped = [r.model_copy(update={"code": HOSTILE, "detail": HOSTILE}) for r in make_rejected()]
    text = render_report(
        make_facts(
            [row],
            dropped,
            hubs=(Hub(id=HOSTILE, name=HOSTILE, score=1.0),),
            graph=SUMMARY.model_copy(update={"sources": (HOSTILE,), "licences": (HOSTILE,)}),
            teachers={"writer": HOSTILE},
        )
    )
    assert "<script" not in text
    assert "<img" not in text
    page = Page(text)
    assert page.said().count("<script>alert(1)</script>") >= 8
    assert "{{ 7 * 7 }}" in page.said()
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]


def test_a_dataset_with_nothing_removed_and_nothing_dropped_says_so() -> None:
    facts = make_facts(rejected=[], hubs=(), funnel=Funnel(stages=()))
    said = Page(render_report(facts)).said()
    assert "Nothing was rejected." in said
    assert "Hubs removed None." in said
    assert "No stage was recorded." in said


def test_scores_of_any_sign_and_size_are_drawn() -> None:
    hubs = (*HUBS, Hub(id="x", name="X", score=-3.0))
    assert Page(render_report(make_facts(hubs=hubs)))
    none = (Hub(id="x", name="X", score=0.0),)
    assert Page(render_report(make_facts(hubs=none)))
    many = tuple(Hub(id=f"h{n}", name=f"Hub {n}", score=n) for n in range(50))
    assert "And 20 more" in Page(render_report(make_facts(hubs=many))).said()


# --- drawing -------------------------------------------------------------------------------------


def test_a_path_is_drawn_without_overlap_and_arrows_follow_the_statements() -> None:
    path = make_path(5, name="a very long name of a concept " * 6)
    drawing = draw_path(path, hidden={path.nodes[1].id})
    assert len(drawing.boxes) == 6
    for upper, lower in zip(drawing.boxes, drawing.boxes[1:], strict=False):
        assert upper.y + upper.height < lower.y
    last = drawing.boxes[-1]
    assert last.y + last.height <= drawing.height
    assert last.x + BOX_WIDTH <= WIDTH
    assert [box.hidden for box in drawing.boxes] == [False, True, False, False, False, False]
    down = [arrow.end > arrow.start for arrow in drawing.arrows]
    assert down == [hop.forward for hop in path.hops]
    assert last.lines[-1][1].endswith("…")


@pytest.mark.parametrize("counts", [[], [("a", 0)]])
def test_bars_of_nothing_have_no_length(counts: list[tuple[str, int]]) -> None:
    assert [bar.share for bar in bars(counts)] == [0.0] * len(counts)
