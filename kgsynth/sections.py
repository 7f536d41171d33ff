"""What the sections of the build file are made of: strict numbers, switches, lists and paths."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Section(BaseModel):
    """A part of the build file: frozen, and refusing keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Whole = Annotated[int, Field(strict=True)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Switch = Annotated[bool, Field(strict=True)]
"""Strict: ``true`` is no number, and ``"7"`` is a text."""


def _path(text: str) -> str:
    if not text or "\0" in text:
        raise ValueError("it must name a file or folder")
    return text


SourcePath = Annotated[str, AfterValidator(_path)]

Value = TypeVar("Value")


def _once(values: tuple[Value, ...]) -> tuple[Value, ...]:
    if len(set(values)) < len(values):
        raise ValueError("one of them stands twice")
    return values


Choices = Annotated[tuple[Value, ...], AfterValidator(_once)]
"""A list that names each thing once: named twice, it would be written twice."""
