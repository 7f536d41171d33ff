"""Whether an edge affirms or denies, in the words of KGX, which other formats took over.

A denied edge that is read as affirmed says the opposite of its source, so a mark that nobody can
read sets the edge aside.
"""

from __future__ import annotations

import polars as pl

NEGATED = "negated"
"""The property that says it, in every format."""
MALFORMED = "malformed-negated"
"""Why an edge is set aside that may or may not deny."""
NOT = "not "
"""What is put before a relation that the edge denies."""
_DENIES = {
    **dict.fromkeys(("true", "t", "yes", "1"), True),
    **dict.fromkeys(("", "false", "f", "no", "0"), False),
}


def denies(mark: str) -> bool | None:
    """Read a mark; None where it cannot be told.

    >>> denies("True"), denies(""), denies("0"), denies("maybe")
    (True, False, False, None)
    """
    return _DENIES.get(mark.strip().lower())


def denials(marks: pl.Expr) -> pl.Expr:
    """Read a column of marks as `denies` does; nothing denies nothing."""
    words = marks.fill_null("").str.strip_chars().str.to_lowercase()
    return words.replace_strict(_DENIES, default=None, return_dtype=pl.Boolean)


def with_polarity(relation: pl.Expr, denied: pl.Expr) -> pl.Expr:
    """Put ``not`` before the relations that are denied."""
    return pl.when(denied).then(pl.lit(NOT) + relation).otherwise(relation)
