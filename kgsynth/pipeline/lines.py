"""JSON lines between stages: records in, records out, cut into shards of a fixed size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from kgsynth.model import FunnelStage, Record, Rejected

REJECTED = "rejected.jsonl"
COUNTS = "counts.json"
SHARD_ITEMS = 250
"""Items of one shard: a fixed number, so that the number of workers changes nothing."""

AnyRecord = TypeVar("AnyRecord", bound=Record)


def write_lines(path: Path, records: Iterable[Record]) -> None:
    """Write one record a line."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(record.to_line() for record in records)


def read_lines(path: Path, kind: type[AnyRecord]) -> Iterator[AnyRecord]:
    """Read a file that `write_lines` wrote."""
    with path.open("rb") as lines:
        for line in lines:
            yield kind.model_validate_json(line)


def write_shards(folder: Path, name: str, records: Sequence[Record]) -> None:
    """Write records in shards named ``name-00000.jsonl`` and on; none when there are none."""
    for number, start in enumerate(range(0, len(records), SHARD_ITEMS)):
        write_lines(folder / f"{name}-{number:05d}.jsonl", records[start : start + SHARD_ITEMS])


def write_account(
    folder: Path, stage: str, *, taken: int, given: int, rejected: Sequence[Rejected], made: int = 0
) -> None:
    """Write what a stage dropped, and the counts that must add up."""
    write_lines(folder / REJECTED, rejected)
    counts = FunnelStage(
        stage=stage,
        taken=taken,
        made=made,
        given=given,
        rejected=dict(sorted(Counter(r.code for r in rejected).items())),
    )
    (folder / COUNTS).write_text(counts.to_line(), "utf-8")


def read_account(folders: Sequence[Path]) -> FunnelStage:
    """Add up the counts of a stage's shards."""
    shards = [FunnelStage.model_validate_json((f / COUNTS).read_bytes()) for f in folders]
    rejected: Counter[str] = Counter()
    for shard in shards:
        rejected.update(shard.rejected)
    return FunnelStage(
        stage=shards[0].stage,
        taken=sum(s.taken for s in shards),
        made=sum(s.made for s in shards),
        given=sum(s.given for s in shards),
        rejected=dict(sorted(rejected.items())),
    )
