from __future__ import annotations

import pytest
from export_rows import make_draft, make_row
from hypothesis import given, settings
from hypothesis import strategies as st

from kgsynth.config import SplitConfig
from kgsynth.curate import assign_splits
from kgsynth.model import Draft
from kgsynth.reasons import REASONS


def drafts(*hops: int) -> list[Draft]:
    return [make_draft(make_row(count, number)) for number, count in enumerate(hops)]


def codes(made: object) -> list[str]:
    return [dropped.code for dropped in made.rejected]  # type: ignore[attr-defined]


def test_rows_go_where_their_hops_say_in_the_order_they_came() -> None:
    given_drafts = drafts(2, 4, 1, 5, 3)
    made = assign_splits(given_drafts, SplitConfig())
    assert [d.row.split for d in made.drafts] == ["train", "test", "train", "test", "train"]
    assert [d.row.id for d in made.drafts] == [d.row.id for d in given_drafts]
    assert made.rejected == ()


def test_nothing_but_the_split_of_a_row_changes() -> None:
    before = drafts(2)[0]
    after = assign_splits([before], SplitConfig()).drafts[0]
    assert after.row.model_copy(update={"split": ""}) == before.row
    assert (after.statements, after.concepts) == (before.statements, before.concepts)


def test_hops_that_no_split_takes_are_left_out() -> None:
    made = assign_splits(drafts(2, 3), SplitConfig(train=(2,), test=(4,)))
    assert codes(made) == ["split-leaves-out"]
    assert made.rejected[0].stage == "curate"
    assert made.rejected[0].detail == "The path has 3 hops; train takes 2 and test 4."
    assert made.rejected[0].content["question"]["stem"].startswith("Case 1.")


def test_a_row_that_comes_twice_is_kept_once() -> None:
    one, other = drafts(2, 3)
    made = assign_splits([one, other, one], SplitConfig())
    assert codes(made) == ["duplicate-row"]
    assert [d.row.id for d in made.drafts] == [one.row.id, other.row.id]


def test_a_group_that_straddles_is_kept_in_test_alone() -> None:
    train = make_draft(make_row(2, 0, groups=("pair:a", "pair:b")))
    apart = make_draft(make_row(2, 1, groups=("pair:c",)))
    test = make_draft(make_row(4, 2, groups=("pair:b",)))
    made = assign_splits([train, apart, test], SplitConfig())
    assert [d.row.id for d in made.drafts] == [apart.row.id, test.row.id]
    assert codes(made) == ["group-straddles-splits"]
    assert "pair:b" in made.rejected[0].detail
    assert test.row.id in made.rejected[0].detail


def test_a_row_that_leaves_anyway_pushes_no_other_out() -> None:
    train = make_draft(make_row(2, 0, groups=("pair:a",)))
    leaving = make_draft(make_row(5, 1, groups=("pair:a",)))
    made = assign_splits([train, leaving], SplitConfig(train=(2,), test=(4,)))
    assert [d.row.id for d in made.drafts] == [train.row.id]
    assert codes(made) == ["split-leaves-out"]


@pytest.mark.parametrize("part", ["test", "dev", "validation"])
def test_benchmark_parts_stay_out_of_train(part: str) -> None:
    row = make_row(2, 0, kind="qa", origin="medqa", origin_split=part)
    made = assign_splits([make_draft(row)], SplitConfig())
    assert codes(made) == ["benchmark-in-train"]
    assert f"{part} part of medqa" in made.rejected[0].detail
    allowed = assign_splits([make_draft(row)], SplitConfig(), allow_benchmark_training=True)
    assert [d.row.split for d in allowed.drafts] == ["train"]


@pytest.mark.parametrize(("hops", "part"), [(4, "test"), (2, "train"), (2, "unknown")])
def test_other_parts_and_the_test_split_are_open_to_questions(hops: int, part: str) -> None:
    row = make_row(hops, 0, kind="qa", origin="medqa", origin_split=part)
    assert assign_splits([make_draft(row)], SplitConfig()).rejected == ()


def test_every_code_is_explained() -> None:
    for code in (
        "split-leaves-out", "duplicate-row", "group-straddles-splits", "benchmark-in-train",
    ):  # fmt: skip
        assert REASONS[code].stage == "curate"


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.integers(0, 5), st.sets(st.integers(0, 4), max_size=3)),
        max_size=12,
    )
)
def test_no_group_is_ever_in_both_splits_and_no_row_is_lost(
    shapes: list[tuple[int, int, set[int]]],
) -> None:
    given_drafts = [
        make_draft(make_row(hops, number, groups=tuple(f"g{g}" for g in sorted(groups))))
        for hops, number, groups in shapes
    ]
    made = assign_splits(given_drafts, SplitConfig(train=(1, 2), test=(4,)))
    assert len(made.drafts) + len(made.rejected) == len(given_drafts)
    by_split = {
        split: {g for d in made.drafts if d.row.split == split for g in d.row.groups}
        for split in ("train", "test")
    }
    assert not by_split["train"] & by_split["test"]
    ids = [d.row.id for d in made.drafts]
    assert len(set(ids)) == len(ids)
