"""The stages composed: from a build file to a dataset folder."""

from kgsynth.pipeline.build import BuildResult, Progress, build_dataset, open_build
from kgsynth.pipeline.plan import DryRun, plan_build
from kgsynth.pipeline.remarks import gate_failure
from kgsynth.pipeline.stages import STAGES

__all__ = [
    "STAGES",
    "BuildResult",
    "DryRun",
    "Progress",
    "build_dataset",
    "gate_failure",
    "open_build",
    "plan_build",
]
