"""The card. Renew its golden file with ``KGSYNTH_RENEW_GOLDEN=1 pytest tests/test_card.py``
and read the difference before committing it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from export_rows import SUMMARY, make_config, make_facts, make_path, make_row
from markdown_it import MarkdownIt

from kgsynth.export.card import plain, render_card

GOLDEN = Path(__file__).parent / "golden" / "card.md"


def front_matter(card: str) -> dict[str, Any]:
    _, head, _ = card.split("---\n", 2)
    parsed = yaml.safe_load(head)
    assert isinstance(parsed, dict)
    return parsed


def test_the_card_is_as_it_was() -> None:
    card = render_card(make_facts())
    if os.environ.get("KGSYNTH_RENEW_GOLDEN"):
        GOLDEN.write_text(card, encoding="utf-8")
    assert card == GOLDEN.read_text("utf-8")


def test_the_front_matter_is_what_hubs_read() -> None:
    head = front_matter(render_card(make_facts()))
    assert head["license"] == "cc0-1.0"
    assert head["language"] == ["en"]
    assert head["size_categories"] == ["n<1K"]
    assert head["source_datasets"] == []
    assert head["annotations_creators"] == ["machine-generated"]
    assert [c["config_name"] for c in head["configs"]] == ["sft", "dpo", "rl", "examples"]
    assert [c.get("default") for c in head["configs"]] == [True, None, None, None]
    assert head["configs"][0]["data_files"] == [
        {"split": "train", "path": "sft/train-*.jsonl"},
        {"split": "test", "path": "sft/test-*.jsonl"},
    ]


@pytest.mark.parametrize(
    ("licences", "said"),
    [
        (("CC-BY-4.0",), {"license": "cc-by-4.0"}),
        (("UMLS",), {"license": "other", "license_name": "UMLS"}),
        (("CC0-1.0", "MIT"), {"license": "other", "license_name": "CC0-1.0; MIT"}),
        ((), {"license": "unknown"}),
    ],
)
def test_a_licence_is_named_as_hubs_know_it(
    licences: tuple[str, ...], said: dict[str, str]
) -> None:
    graph = SUMMARY.model_copy(update={"licences": licences})
    head = front_matter(render_card(make_facts(graph=graph)))
    assert {k: v for k, v in head.items() if k.startswith("license")} == said


def test_counts_and_losses_are_told() -> None:
    card = render_card(make_facts())
    assert "| train | path | 3 | 3 |" in card
    assert "| test | path | 4 | 3 |" in card
    assert "| verify | 8 | 0 | 6 | bridge-leak 2 |" in card
    assert "2 (Pain, Drug)" in card
    assert "Not for care" in card


def test_benchmark_training_is_said_only_when_it_was_allowed() -> None:
    row = make_row(3, 1, kind="qa", origin="medqa", origin_split="test", split="train")
    assert "allow_benchmark_training" not in render_card(make_facts([row]))
    allowed = make_config(questions={"allow_benchmark_training": True})
    card = render_card(make_facts([row], config=allowed))
    assert "In this dataset: 1 of the test part of medqa." in card
    assert "none did" in render_card(make_facts(config=allowed))


HOSTILE = "a | b\n# h1 <script>alert(1)</script> `x` [l](http://x) *e* ![i](y) $z$"


def test_text_of_the_graph_never_becomes_markup() -> None:
    graph = SUMMARY.model_copy(update={"sources": (HOSTILE,), "licences": (HOSTILE,)})
    row = make_row(3, 1, path=make_path(3, name=HOSTILE), split="train")
    card = render_card(make_facts([row], graph=graph))
    assert front_matter(card)["license_name"] == HOSTILE
    body = card.split("---\n", 2)[2]
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(body)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in [*tokens, *inline]}
    assert not kinds & {"html_block", "html_inline", "link_open", "image"}
    assert "table_open" in kinds
    calm = render_card(make_facts([make_row(3, 1, split="train")]))
    calm_tokens = MarkdownIt("commonmark").enable("table").parse(calm.split("---\n", 2)[2])
    for kind in ("heading_open", "tr_open", "td_open", "list_item_open"):
        count = sum(token.type == kind for token in tokens)
        assert count == sum(token.type == kind for token in calm_tokens), kind


def test_plain_text_reads_as_it_was_written() -> None:
    html = MarkdownIt("commonmark").renderInline(plain("2 * 3 | [a] <b> `c` _d_ 1\\2"))
    assert html == "2 * 3 | [a] &lt;b&gt; `c` _d_ 1\\2"
