"""Parts, the folder of a run, and publishing into it: killed at any instant, it goes on.

>>> from pathlib import Path
>>> import tempfile
>>> with tempfile.TemporaryDirectory() as output, open_run(Path(output), "demo") as run:
...     def write(folder: Path) -> None:
...         _ = (folder / "hello.txt").write_text("hello")
...     first = run.parts.build("greet", 1, {"loud": False}, {}, write)
...     again = run.parts.build("greet", 1, {"loud": False}, {}, write)
...     first.key == again.key
True
"""

from kgsynth.runs.clean import Cleaned, clean
from kgsynth.runs.files import sha256_of, storage, write_file, write_json
from kgsynth.runs.hashes import FileHashes
from kgsynth.runs.parts import Part, PartFile, PartStore, part_key
from kgsynth.runs.plan import Plan, PlannedPart, plan_of, read_plan, why_changed
from kgsynth.runs.publish import Published
from kgsynth.runs.run import Run, open_run

__all__ = [
    "Cleaned",
    "FileHashes",
    "Part",
    "PartFile",
    "PartStore",
    "Plan",
    "PlannedPart",
    "Published",
    "Run",
    "clean",
    "open_run",
    "part_key",
    "plan_of",
    "read_plan",
    "sha256_of",
    "storage",
    "why_changed",
    "write_file",
    "write_json",
]
