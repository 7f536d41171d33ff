"""The trainers' forms: canonical row in, TRL's field names out.

A new form is one file beside this one and one line in `FORMS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from kgsynth.config import BuildConfig
from kgsynth.export.forms.dpo import DpoRow, dpo_rows
from kgsynth.export.forms.messages import FormSettings
from kgsynth.export.forms.rl import RlRow, rl_rows
from kgsynth.export.forms.sft import SftRow, sft_rows
from kgsynth.model import Record, Row


class ExportForm(NamedTuple):
    """One trainer's form: the record of a line, how it is made, and what it is for."""

    record: type[Record]
    rows: Callable[[Row, FormSettings], Iterator[Any]]
    purpose: str


FORMS: Mapping[str, ExportForm] = MappingProxyType(
    {
        "sft": ExportForm(SftRow, sft_rows, "supervised fine-tuning"),
        "dpo": ExportForm(DpoRow, dpo_rows, "preference pairs"),
        "rl": ExportForm(RlRow, rl_rows, "reinforcement with a verifiable reward"),
    }
)


def form_settings(config: BuildConfig) -> FormSettings:
    """Read from the build file what the forms need."""
    return FormSettings(
        asking=config.synthesis.forms,
        reasoning=config.export.reasoning,
        data_source=f"kgsynth/{config.name}",
    )


def form_line(record: Record) -> str:
    """Write a form's record as one JSON line; a message's unused thinking fields stay out."""
    return record.model_dump_json(exclude_none=True) + "\n"
