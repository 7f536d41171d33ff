"""``kgsynth build-dataset``: from a build file to a dataset folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kgsynth.cli.options import Number, json_option, print_json, quiet_option
from kgsynth.cli.progress import stage_progress
from kgsynth.errors import count_of

if TYPE_CHECKING:
    from kgsynth.config import BuildConfig
    from kgsynth.pipeline import BuildResult, DryRun


@click.command("build-dataset")
@click.argument("config", required=False, type=click.Path(path_type=Path))
@click.option(
    "--output",
    default="output",
    show_default=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder that datasets go into; this one lands in DIR/<name>.",
)
@click.option("--seed", type=int, help="Seed of all random choices; the build file's by default.")
@click.option(
    "--limit",
    type=Number(min=1),
    help="Keep at most N questions and N paths, for a quick look.",
)
@click.option(
    "--set",
    "overrides",
    multiple=True,
    metavar="KEY=VALUE",
    help="Set a key of the build file, as in paths.count=50. Can be given again.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be done and what it would cost.")
@click.option("--fresh", is_flag=True, help="Make every part again, even those that are there.")
@click.option("--rehash", is_flag=True, help="Hash input files again, even untouched ones.")
@click.option(
    "--runner",
    type=click.Choice(["local", "ray"]),
    help="Where the work is done; the build file's by default.",
)
@quiet_option
@json_option
def command(
    config: Path | None,
    output: Path,
    seed: int | None,
    limit: int | None,
    overrides: tuple[str, ...],
    dry_run: bool,
    fresh: bool,
    rehash: bool,
    runner: str | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Build the dataset of CONFIG, a YAML build file; without one, the demo.

    A run that was stopped or killed goes on where it stopped: give the same command again.
    Exits with 1, the folder being there, when readers that take shortcuts find the answers.
    """
    from kgsynth.pipeline import build_dataset, gate_failure, plan_build

    build = _read(config, overrides, {"seed": seed, "limit": limit, "run.runner": runner})
    if dry_run:
        planned = plan_build(build, output, fresh=fresh, rehash=rehash)
        print_json(planned.model_dump(mode="json")) if as_json else _print_plan(planned)
        return
    with stage_progress(quiet=quiet or as_json) as progress:
        result = build_dataset(build, output, fresh=fresh, rehash=rehash, progress=progress)
    if as_json:
        print_json(_document(result))
    else:
        _print_result(result, output, quiet=quiet)
    failure = gate_failure(result.manifest)
    if failure:
        raise failure


def _read(path: Path | None, overrides: tuple[str, ...], options: dict[str, Any]) -> BuildConfig:
    """Read the build file; ``--set`` comes over it, and the options of their own over that."""
    from kgsynth.build_file import read_build_file
    from kgsynth.resources import locate

    given = [f"{key}={value}" for key, value in options.items() if value is not None]
    return read_build_file(path or locate("recipes/demo.yaml"), [*overrides, *given])


# --- what is printed ---------------------------------------------------------------------------


def _print_plan(plan: DryRun) -> None:
    for stage in plan.stages:
        parts = (
            f"{stage.missing:,} of {count_of(stage.parts or 0, 'part')}" if stage.missing else ""
        )
        click.echo(
            f"{stage.stage:<10} {stage.state:<6} {'; '.join(filter(None, (parts, stage.why)))}"
        )
    if plan.teacher_calls is None:
        click.echo("Teacher calls: not known before the items are mined.")
    else:
        click.echo(
            f"Teacher calls: {plan.teacher_calls:,}; prompt tokens: {plan.tokens_in:,} "
            f"({plan.tokenizer}); cost: {plan.cost:.2f}."
        )


def _print_result(result: BuildResult, output: Path, *, quiet: bool) -> None:
    manifest, folder = result.manifest, output / result.manifest.name
    rows = ", ".join(f"{count:,} {split}" for split, count in manifest.rows.items())
    if not result.ran and result.published is None:
        click.echo(f"Nothing to do: {folder} is up to date ({rows}).")
        return
    for stage in () if quiet else result.ran:
        click.echo(f"{stage.stage:<10} {stage.seconds:6.1f} s  {stage.why}", err=True)
    asked, reused = _calls(result)
    if asked or reused:
        kept = f"{count_of(reused, 'answer')} {'was' if reused == 1 else 'were'} kept before"
        click.echo(f"The teacher was asked {count_of(asked, 'time')}; {kept}.")
    click.echo(
        f"{folder}: {count_of(sum(manifest.rows.values()), 'row')} ({rows}), "
        f"{manifest.rejected:,} rejected."
    )
    for remark in result.remarks:
        click.echo(remark)
    click.echo(f"Look at {folder / 'report.html'}, or check it: kgsynth verify {folder}")


def _calls(result: BuildResult) -> tuple[int, int]:
    return (
        sum(stage.spend["asked"] for stage in result.stages),
        sum(stage.spend["reused"] for stage in result.stages),
    )


def _document(result: BuildResult) -> dict[str, Any]:
    asked, reused = _calls(result)
    return {
        "name": result.manifest.name,
        "folder": str(result.folder),
        "rows": result.manifest.rows,
        "rejected": result.manifest.rejected,
        "gate": result.manifest.gate,
        "remarks": list(result.remarks),
        "stages": [
            {"stage": s.stage, "parts": len(s.parts), "ran": s.ran, "why": s.why}
            for s in result.stages
        ],
        "published": result.published.written if result.published else 0,
        "teacher": {"asked": asked, "reused": reused},
    }
