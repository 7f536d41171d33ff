"""What about a build its user should know, though it went well."""

from __future__ import annotations

from collections.abc import Iterator

from kgsynth.config import BuildConfig, Shatter
from kgsynth.curate.split import SPLITS
from kgsynth.errors import RunError, count_of
from kgsynth.model import Funnel, FunnelStage, Manifest


def remarks(config: BuildConfig, manifest: Manifest, funnel: Funnel) -> Iterator[str]:
    """Yield what came out empty, or nearly so, a sentence each."""
    shatter = config.graph.shatter
    if shatter.rule == "over_k" and not manifest.graph.hubs_removed:
        yield no_hub(shatter)
    for stage in funnel.stages:
        if stage.stage == "mine" and 2 * stage.given < stage.made:
            yield _turned_away(stage)
    for name in SPLITS:
        hops = getattr(config.curate.split, name)
        if hops and not manifest.rows.get(name):
            *shorter, longest = sorted(hops)
            lengths = " or ".join([*map(str, shorter), count_of(longest, "hop")])
            yield f"The split {name} is empty: no row that stays has {lengths}."
    if config.limit is None and manifest.gate == "not-enough-items":
        held = ", ".join(f"{split.split} has {split.items:,}" for split in manifest.shortcuts)
        yield (
            f"No split has the items to say whether shortcuts lead to the answers ({held}): "
            "kgsynth explain not-enough-items"
        )


def gate_failure(manifest: Manifest) -> RunError | None:
    """Return what to raise, the folder being there, when a shortcut leads to the answers."""
    failed = [
        f"in {split.split}, {reader.reader!r} has {reader.accuracy:.1%} of "
        f"{count_of(reader.items, 'item')} right, where chance has {reader.chance:.1%}"
        for split in manifest.shortcuts
        for reader in split.readers
        if reader.outcome == "failed"
    ]
    if not failed:
        return None
    return RunError(
        f"The gate of shortcut readers failed: {'; '.join(failed)}.",
        remedy="The folder is there, and its card lists every reader. What to do: "
        "kgsynth explain gate-failed",
    )


def no_hub(shatter: Shatter) -> str:
    """Say that the rule ``over_k`` found nothing to cut, and where the scores are to be seen."""
    return (
        f"No hub was cut: no concept that may go scores above {shatter.k} by {shatter.score}. "
        "kgsynth graph info lists the hubs with their scores."
    )


def _turned_away(mine: FunnelStage) -> str:
    code, count = max(mine.rejected.items(), key=lambda pair: pair[1])
    return (
        f"Of {count_of(mine.made, 'path')} tried, {mine.given:,} became questions; {count:,} "
        f"{'was' if count == 1 else 'were'} turned away as "
        f"{code}: kgsynth explain {code}"
    )
