"""What every record is: strict, frozen, written as one JSON line."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SCHEMA_VERSION = "1.0"

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
"""An ISO 639 code in lower case: ``en``, ``es``, ``zh``."""


class Record(BaseModel):
    """A frozen record that refuses fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_line(self) -> str:
        """Write the record as one JSON line, always with the same bytes."""
        return self.model_dump_json() + "\n"
