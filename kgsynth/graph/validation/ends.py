"""Whether the two ends of a statement fit its relation, each other, and what else is said."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl

from kgsynth.graph.validation.found import Found
from kgsynth.graph.validation.stated import TRIPLE, Stated
from kgsynth.vocabulary import NOT_NAME, Predicate, Vocabulary

ONE_GROUP = {"GENE": "CHEM"}
"""Sources call a gene and what it makes by one name, so these two groups are one."""
IS_A = "is_a"
ENDS = ["subject", "object"]


def wrong_ends(stated: Stated) -> Iterator[Found]:
    """Find subjects and objects of a type that the relation does not take."""
    names = stated.relations.names
    meanings = [stated.vocabulary.predicate(name) for name in names]
    bound = [at for at, meaning in enumerate(meanings) if meaning.domain or meaning.range]
    rows = _with_kinds(stated, pl.col("predicate").is_in(bound))
    for role in ENDS:

        def tell(row: dict[str, Any], role: str = role) -> str:
            held = "/".join(stated.kinds[row[f"{role}_kind"]][0])
            taken = ", ".join(_taken(meanings[row["predicate"]], role))
            return f"the {role} is of type {held}; {names[row['predicate']]} takes {taken}"

        for prefix in ("wrong", "unusual"):

            def fits(
                predicate: int, subject: int, obj: int, role: str = role, prefix: str = prefix
            ) -> bool:
                return _verdict(stated, meanings[predicate], subject, obj, role) != prefix

            unfit = _unfit(rows, ["predicate", "subject_kind", "object_kind"], fits)
            yield _told(f"{prefix}-{role}", unfit, stated, tell)


def _verdict(stated: Stated, meaning: Predicate, subject: int, obj: int, role: str) -> str:
    """Judge one end of a statement by the types of both.

    What relations take is written for graphs in our own types. An end in the words of another
    source that does not fit is unusual, and wrong only where the statement would fit turned round.
    """
    kind = subject if role == "subject" else obj
    if _takes(stated, meaning, role, kind):
        return ""
    is_foreign = stated.kinds[kind][1]
    # By name, not by group: a group is too wide to accuse a statement of being turned.
    would_fit = all(
        set(stated.kinds[end][0]) & set(_taken(meaning, other))
        for other, end in zip(ENDS, (obj, subject), strict=True)
    )
    return "unusual" if is_foreign and not would_fit else "wrong"


def _takes(stated: Stated, meaning: Predicate, role: str, kind: int) -> bool:
    taken = _taken(meaning, role)
    return not taken or _fit(stated, kind, taken, foreign=False)


def _taken(meaning: Predicate, role: str) -> tuple[str, ...]:
    return meaning.domain if role == "subject" else meaning.range


def wrong_parents(stated: Stated) -> Iterator[Found]:
    """Find concepts that share no type with what they are a kind of."""
    names = stated.relations.names
    above = names.index(IS_A) if IS_A in names else -1
    rows = _with_kinds(stated, pl.col("predicate") == above)

    def tell(row: dict[str, Any]) -> str:
        held, parents = ("/".join(stated.kinds[row[f"{end}_kind"]][0]) for end in ENDS)
        return f"a concept and its parent share no type: {held} and {parents}"

    for prefix, foreign in (("wrong", False), ("unusual", True)):

        def fits(kind: int, parent: int, foreign: bool = foreign) -> bool:
            types, is_foreign = stated.kinds[parent]
            either = is_foreign or stated.kinds[kind][1]
            is_akin = not _judged(stated, types) or _fit(stated, kind, types, foreign=is_foreign)
            return is_akin or either != foreign

        unfit = _unfit(rows, ["subject_kind", "object_kind"], fits)
        yield _told(f"{prefix}-parent", unfit, stated, tell)


def _with_kinds(stated: Stated, those: pl.Expr) -> pl.DataFrame:
    rows = stated.statements.filter(those)
    return rows.with_columns(stated.kind.gather(rows[e]).alias(f"{e}_kind") for e in ENDS)


def _unfit(rows: pl.DataFrame, by: Sequence[str], fits: Callable[..., bool]) -> pl.DataFrame:
    """Judge each combination once, however many statements have it."""
    pairs = rows.select(by).unique()
    wrong = pl.Series([not fits(*pair) for pair in pairs.iter_rows()], dtype=pl.Boolean)
    return rows.join(pairs.filter(wrong), on=list(by), how="semi")


def _fit(stated: Stated, kind: int, allowed: Sequence[str], *, foreign: bool) -> bool:
    """Compare types by name, or by group where one side speaks in another source's words.

    Other vocabularies divide the world in another way: a neoplastic process of the UMLS may stand
    where a disease may.
    """
    types, own_words = stated.kinds[kind][0], not stated.kinds[kind][1]
    if not _judged(stated, types) or set(types) & set(allowed):
        return True
    if own_words and not foreign:
        return False
    return bool(_groups(stated.vocabulary, types) & _groups(stated.vocabulary, allowed))


def _judged(stated: Stated, types: Sequence[str]) -> bool:
    """Tell whether all types are known: what they are not is reported once, as that."""
    return bool(types) and all(name in stated.vocabulary.types for name in types)


def _groups(vocabulary: Vocabulary, types: Sequence[str]) -> set[str]:
    groups = (vocabulary.type_info[name].group for name in types)
    return {ONE_GROUP.get(group, group) for group in groups}


# --- what denies what ---------------------------------------------------------------------------


def contradictions(stated: Stated) -> Found:
    """Find facts that deny each other; a finding *excludes* the disease that *has* it not."""
    names = stated.relations.names
    denials = list(_denials(stated))
    concerned = pl.col("predicate").is_in([at for denial in denials for at in denial[:2]])
    said = stated.statements.filter(concerned).unique(TRIPLE, keep="first", maintain_order=True)
    none = _denied(said.clear(), 0, 0, turned=False)
    denied = [none, *(_denied(said, at, other, turned=turned) for at, other, turned in denials)]

    def tell(row: dict[str, Any]) -> str:
        ends = [stated.concepts.ids[row[end]] for end in ENDS]
        subject, obj = reversed(ends) if row["is_turned"] else ends
        return f"{subject} {names[row['denial']]} {obj} stands as well"

    return _told("contradiction", pl.concat(denied), stated, tell)


def _denials(stated: Stated) -> Iterator[tuple[int, int, bool]]:
    """Yield each relation in use, one that denies it, and whether the two run opposite ways."""
    place = {name: at for at, name in enumerate(stated.relations.names)}
    for name, at in place.items():
        predicate = stated.vocabulary.predicate(name)
        for other in dict.fromkeys((*predicate.contradicts, NOT_NAME + name)):
            if other in place:
                yield at, place[other], _faces_away(predicate, stated.vocabulary.predicate(other))


def _denied(said: pl.DataFrame, predicate: int, denial: int, *, turned: bool) -> pl.DataFrame:
    """Find the statements of one relation that another denies."""
    order = ENDS[::-1] if turned else ENDS
    against = said.filter(pl.col("predicate") == denial)
    ends = against.select(pl.col(end).alias(name) for end, name in zip(order, ENDS, strict=True))
    both = said.filter(pl.col("predicate") == predicate).join(ends, on=ENDS, how="semi")
    return both.with_columns(
        pl.lit(denial, dtype=pl.UInt16).alias("denial"), pl.lit(turned).alias("is_turned")
    )


def _faces_away(predicate: Predicate, other: Predicate) -> bool:
    """Tell whether two relations run between the same concepts in opposite directions."""
    return bool(predicate.domain and other.domain) and not set(predicate.domain) & set(other.domain)


def _told(
    code: str, rows: pl.DataFrame, stated: Stated, tell: Callable[[dict[str, Any]], str]
) -> Found:
    def show(shown: pl.DataFrame) -> Iterator[tuple[str, str]]:
        details = (tell(row) for row in shown.iter_rows(named=True))
        return zip(stated.spelled(shown), details, strict=True)

    return Found(code, rows.sort("source", "row"), show)
