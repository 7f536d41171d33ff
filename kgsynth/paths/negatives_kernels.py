"""Compiled search for wrong options, and the proof of each. Import this module late.

For each path from A by a bridge to the key, concepts of the key's type are drawn in a random
order that is a matter of the seed and the path alone: what hangs from a sibling of the bridge as
the key does, what lies no farther from A than the key, and anything else. Each is tried by all
that would make it a right answer or give it away; the cheap tests come first.

What a chain of relations leads to is followed from A as far as the bridge's place. The last step
is looked at from the end that is tried: that set would be the largest by far.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np

from kgsynth.graph.arrays import Array, Held, readonly, tiny_graph
from kgsynth.graph.search_kernels import LEVELS, Sides, Space, flood, new_space, next_back
from kgsynth.paths.sampling_kernels import below, draw, high
from kgsynth.paths.support_kernels import (
    FEW_ROWS,
    Ladder,
    Marks,
    Relations,
    along,
    first_of,
    is_sole,
    new_marks,
    tiny_ladder,
    with_kin,
)

HARD, EACH_NEAR, EACH_FAR = 8, 8, 6
"""Wrong options that are looked for: hard ones, and of more and of less degree than the key."""
MOST = HARD + 2 * EACH_NEAR + 2 * EACH_FAR
MOST_DENIALS = 16
"""Statements that may be cited against one wrong option: where the last relation may start at more
concepts, none is said to be contradicted."""
HANGING, CLOSE_BY, REST = 0, 1, 2
"""The phases in which they are looked for."""
PHASE = 1 << 20
"""More turns than one has."""
HARD_TRIES, TRIES = 96, 512
MOST_LISTED = TRIES
"""Of no more concepts each is tried; of more some are drawn."""
MOST_BESIDE = 500
"""Neighbours of one concept that are tried for a second path of evidence. One that is missed costs
options: what is merely absent serves where there is one."""
STEERED = 2
"""Features by which sets are drawn towards a place: the first ones, of more than two values."""
SIBLING = 2
"""A hard negative is worth that the key stands where so many more keys stand."""
DRAWS = 24
"""Sets that are drawn for one item, and concepts that are drawn for a place in one."""
CONTRADICTED, CLOSED, ABSENT = 0, 1, 2
LAST_NUMBER = 1 << 31
"""Half of what a mark can hold: one table of paths does not use up the other half."""


class Land(NamedTuple):
    """A graph, as the search for wrong options needs it."""

    out: Held
    into: Held
    full: Sides
    cut: Sides
    ladder: Ladder
    families: Array
    """The family of each relation, as a number."""
    family_wanted: Array
    family_begins: Array
    family_codes: Array
    """The relations of each family that deny nothing: as masks, and one after the other."""
    alone_wanted: Array
    alone_codes: Array
    """Each relation by itself, in the same way."""
    denies: Array
    denied: Array
    """Which relations deny, and whether any denies what a relation states."""
    complete: Array
    types: Array
    """The set of types of each concept, as a number."""
    alike: Array
    """Whether two sets share a type."""
    by_type: Array
    type_begins: Array
    """The concepts by set of types, and where each set begins."""
    degree: Array
    name_begins: Array
    names: Array
    """A hash for each name of each concept, whatever its capitals."""


class Room(NamedTuple):
    """What one thread needs."""

    space: Space
    """Levels from A: in its first side without the hubs, in its second in the full graph."""
    ways: Array
    chain: Marks
    very: Marks
    kin: Marks
    answers: Marks
    barred: Array
    """The number of the last path whose key a concept is, or is kin to, or that it lies on."""
    tried: Array
    listed: Array
    sets: Array
    """The sets of types that are like the key's, and how many concepts they have together."""
    number: Array
    """Two numbers: of the last path, and of the last start."""


def new_room(nodes: int, type_sets: int) -> Room:
    """Return room to search a graph."""
    return Room(
        new_space(nodes, 1),
        np.zeros(nodes, dtype=np.int8),
        new_marks(nodes),
        new_marks(nodes),
        new_marks(nodes),
        new_marks(nodes),
        np.zeros(nodes, dtype=np.uint32),
        np.zeros(nodes, dtype=np.uint32),
        np.empty(MOST_LISTED, dtype=np.int32),
        np.empty((type_sets, 2), dtype=np.int64),
        np.zeros(2, dtype=np.int64),
    )


def is_worn(room: Room) -> bool:
    """Tell whether so many searches were numbered in a room that the numbers may soon run out."""
    marks = (room.chain, room.very, room.kin, room.answers)
    highest = max(int(held.number[0]) for held in marks)
    return max(highest, int(room.number[0]), int(room.number[1]) * LEVELS) > LAST_NUMBER


class Found(NamedTuple):
    """What was found for some paths, a row each; of a pool, ``MOST`` places a row."""

    size: Array
    tried: Array
    code: Array
    grade: Array
    closer: Array
    """1 where it is closer to A than the key, 0 where as close, -1 where farther: with the hubs
    and without."""
    sibling: Array
    """The concept beside the bridge that it hangs from, or -1."""
    hangs_by: Array
    """The statement by which it hangs there, or -1."""
    denials: Array
    """How many statements contradict it, and which."""
    denied_by: Array
    second: Array
    """Another path between the ends, one hop longer; -1 where there is none."""
    full_hops: Array
    """How far apart the ends are in the full graph."""
    sole: Array
    """Whether the relations lead to the key alone."""


def new_found(paths: int, most_hops: int) -> Found:
    """Return room for the pools of so many paths."""
    pool = (paths, MOST)
    return Found(
        np.zeros(paths, dtype=np.int32),
        np.zeros(paths, dtype=np.int32),
        np.zeros(pool, dtype=np.int32),
        np.zeros(pool, dtype=np.int8),
        np.zeros((*pool, 2), dtype=np.int8),
        np.full(pool, -1, dtype=np.int32),
        np.full(pool, -1, dtype=np.int64),
        np.zeros(pool, dtype=np.int32),
        np.zeros((paths, MOST, MOST_DENIALS), dtype=np.int64),
        np.full((paths, most_hops + 2), -1, dtype=np.int32),
        np.zeros(paths, dtype=np.int8),
        np.zeros(paths, dtype=np.bool_),
    )


@numba.njit(cache=True, nogil=True, inline="always")
def _family(land, relation):  # type: ignore[no-untyped-def]
    family = land.families[relation]
    begin, end = land.family_begins[family], land.family_begins[family + 1]
    return Relations(land.family_wanted[family], land.family_codes[begin:end])


@numba.njit(cache=True, nogil=True, inline="always")
def _alone(land, relation):  # type: ignore[no-untyped-def]
    return Relations(land.alone_wanted[relation], land.alone_codes[relation : relation + 1])


@numba.njit(cache=True, nogil=True, inline="always")
def _is_gone(land, code):  # type: ignore[no-untyped-def]
    """Tell whether a concept was cut, or has nothing beside it."""
    return land.cut.after_indptr[code + 1] == land.cut.after_indptr[code]


# --- what the chain leads to -------------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def _beside(held, some, node, marks, number):  # type: ignore[no-untyped-def]
    """Tell whether one of some relations joins a concept to one that is marked."""
    begin, end = held.indptr[node], held.indptr[node + 1]
    if end - begin <= FEW_ROWS:
        for place in range(begin, end):
            if some.wanted[held.predicate[place]] and _is_in(marks, held.target[place], number):
                return True
        return False
    for at in range(some.codes.shape[0]):
        relation = some.codes[at]
        place = first_of(held.predicate, begin, end, relation)
        while place < end and held.predicate[place] == relation:
            if _is_in(marks, held.target[place], number):
                return True
            place += 1
    return False


@numba.njit(cache=True, nogil=True, inline="always")
def _is_in(marks, node, number):  # type: ignore[no-untyped-def]
    """Tell whether a concept is in a set that `with_kin` made."""
    return marks.above[node] == number or marks.below[node] == number


@numba.njit(cache=True, nogil=True)
def _is_supported(land, room, last, end):  # type: ignore[no-untyped-def]
    """Tell whether the last relations lead to an end from where the chain before them leads."""
    number = np.uint32(room.chain.number[0])
    alone = np.empty(1, dtype=np.int32)
    alone[0] = end
    kin = with_kin(land.ladder, alone, room.kin)
    for at in range(kin.shape[0]):
        if _beside(land.out, last, kin[at], room.chain, number):
            return True
        if _beside(land.into, last, kin[at], room.chain, number):
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _touches(held, denies, node, seen, number):  # type: ignore[no-untyped-def]
    """Tell whether any statement that denies nothing joins a concept to one that was seen."""
    for place in range(held.indptr[node], held.indptr[node + 1]):
        if seen[held.target[place]] == number and not denies[held.predicate[place]]:
            return True
    return False


@numba.njit(cache=True, nogil=True)
def _denials(land, last, starts, end, denied_by):  # type: ignore[no-untyped-def]
    """Return how many statements deny the last step, one wherever it can start; else 0."""
    found = 0
    for at in range(starts.shape[0]):
        edge = np.int64(-1)
        for side in range(2):
            held = land.out if side == 0 else land.into
            for place in range(held.indptr[end], held.indptr[end + 1]):
                relation = held.predicate[place]
                if (
                    edge < 0
                    and held.target[place] == starts[at]
                    and land.denies[relation]
                    and land.families[relation] == land.families[last]
                ):
                    edge = np.int64(place) if side == 0 else np.int64(held.edge[place])
        if edge < 0 or found == denied_by.shape[0]:
            return 0
        denied_by[found] = edge
        found += 1
    return found


# --- a second path -------------------------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def _second_path(cut, space, base, path, hops, second):  # type: ignore[no-untyped-def]
    """Write another path between the ends of a unique one; tell whether there is one.

    It is one hop longer. So but for one step it goes farther from the start with each, and after
    that step it can only follow the unique path: for each concept of this one, a neighbour is
    sought that is as far from the start.
    """
    for at in range(1, hops + 1):
        node = path[at]
        begin = cut.after_indptr[node]
        end = min(cut.after_indptr[node + 1], begin + MOST_BESIDE)
        for place in range(begin, end):
            other = cut.after[place]
            if space.marks[2 * other] != np.uint32(base + at):
                continue
            step = other
            for level in range(at, 0, -1):
                second[level] = step
                step, _ = next_back(cut, 0, space, base, step, level, 0)
            second[0] = path[0]
            for level in range(at, hops + 1):
                second[level + 1] = path[level]
            return True
    return False


# --- what is drawn -------------------------------------------------------------------------------


@numba.njit(cache=True, nogil=True, inline="always")
def _below(drawn, most):  # type: ignore[no-untyped-def]
    return np.int64(below(high(drawn), most))


@numba.njit(cache=True, nogil=True)
def _one_of(indptr, target, node, drawn):  # type: ignore[no-untyped-def]
    """Return one neighbour of a concept, or -1."""
    count = indptr[node + 1] - indptr[node]
    if count == 0:
        return np.int64(-1)
    return np.int64(target[indptr[node] + _below(drawn, count)])


@numba.njit(cache=True, nogil=True)
def _sibling(land, bridge, by_parent, key, number):  # type: ignore[no-untyped-def]
    """Draw a concept that shares a parent with the bridge, or else its type and a neighbour."""
    first, second = draw(key, number, 0), draw(key, number, 1)
    if by_parent:
        parent = _one_of(land.ladder.up_indptr, land.ladder.up, bridge, first)
        return _one_of(land.ladder.down_indptr, land.ladder.down, parent, second)
    shared = _one_of(land.cut.after_indptr, land.cut.after, bridge, first)
    other = _one_of(land.cut.after_indptr, land.cut.after, shared, second)
    alike = land.alike[land.types[bridge], land.types[other]]
    return other if alike else np.int64(-1)


@numba.njit(cache=True, nogil=True)
def _share_a_name(land, one, other):  # type: ignore[no-untyped-def]
    for left in range(land.name_begins[one], land.name_begins[one + 1]):
        for right in range(land.name_begins[other], land.name_begins[other + 1]):
            if land.names[left] == land.names[right]:
                return True
    return False


@numba.njit(cache=True, nogil=True)
def _alike_sets(land, key, sets):  # type: ignore[no-untyped-def]
    """List the sets of types that are like a concept's; return how many concepts have one."""
    found, total = 0, 0
    for other in range(land.alike.shape[0]):
        if land.alike[land.types[key], other]:
            total += land.type_begins[other + 1] - land.type_begins[other]
            sets[found, 0], sets[found, 1] = other, total
            found += 1
    return total


@numba.njit(cache=True, nogil=True)
def _of_type(land, sets, rank):  # type: ignore[no-untyped-def]
    """Return the concept of a rank among those of the sets."""
    at = 0
    while rank >= sets[at, 1]:
        at += 1
    behind = sets[at - 1, 1] if at else 0
    return np.int64(land.by_type[land.type_begins[sets[at, 0]] + rank - behind])


# --- one path ------------------------------------------------------------------------------------


class Case(NamedTuple):
    """One path, as the search for its wrong options sees it."""

    path: Array
    hops: np.int64
    last: int
    """Its last relation, and whether it goes from the bridge to the key."""
    forward: bool
    family: Relations
    starts: Array
    """Where the last relation may start: what the very relations before it lead to."""
    usual: int
    """The grade of what is not contradicted."""
    asked: int
    base: np.uint32
    full_hops: np.int64
    number: np.uint32
    key: np.uint64
    """What random numbers are drawn by."""


@numba.njit(cache=True, nogil=True)
def _follow(land, room, start, relations, hops):  # type: ignore[no-untyped-def]
    """Follow the relations of a path but the last, by family into the room; return the very ones.

    The set that the families lead to is the last one of ``room.chain``, the other of
    ``room.very``.
    """
    at = np.empty(1, dtype=np.int32)
    at[0] = start
    reached = with_kin(land.ladder, at, room.chain)
    for hop in range(hops - 1):
        beside = along(land.out, land.into, _family(land, relations[hop]), reached, room.chain)
        reached = with_kin(land.ladder, beside, room.chain)
        at = along(land.out, land.into, _alone(land, relations[hop]), at, room.very)
    return at


@numba.njit(cache=True, nogil=True)
def _bar(land, room, case):  # type: ignore[no-untyped-def]
    """Bar the concepts of the path, and what is kin to the key."""
    path, hops = case.path, case.hops
    kin = with_kin(land.ladder, path[hops : hops + 1].copy(), room.kin)
    for at in range(kin.shape[0]):
        room.barred[kin[at]] = case.number
    for at in range(hops + 1):
        room.barred[path[at]] = case.number


@numba.njit(cache=True, nogil=True)
def _hanging(land, room, case, turn, by_parent):  # type: ignore[no-untyped-def]
    """Draw what hangs from a sibling of the bridge as the key does: (it, sibling, statement).

    It is -1 where the draw found none.
    """
    none = np.int64(-1), np.int64(-1), np.int64(-1)
    end, bridge = case.path[case.hops], case.path[case.hops - 1]
    sibling = _sibling(land, bridge, by_parent, case.key, turn)
    if sibling < 0 or room.barred[sibling] == case.number or _is_gone(land, sibling):
        return none
    held = land.out if case.forward else land.into
    behind = held.indptr[sibling + 1]
    first = first_of(held.predicate, held.indptr[sibling], behind, case.last)
    behind = first_of(held.predicate, first, behind, case.last + 1)
    if behind == first:
        return none
    place = np.int64(first + _below(draw(case.key, turn, 2), behind - first))
    code = np.int64(held.target[place])
    if not land.alike[land.types[end], land.types[code]]:
        return none
    return code, sibling, place if case.forward else np.int64(held.edge[place])


@numba.njit(cache=True, nogil=True)
def _next_of(room, case, phase, turn, count):  # type: ignore[no-untyped-def]
    """Return which of so many is tried in a turn: of few each once, of many some by lot."""
    chance = draw(case.key, phase * PHASE + turn, 0)
    if count > MOST_LISTED:
        return _below(chance, count)
    # A shuffle of Fisher and Yates, as far as it is needed.
    listed, other = room.listed, turn + _below(chance, count - turn)
    listed[turn], listed[other] = listed[other], listed[turn]
    return np.int64(listed[turn])


@numba.njit(cache=True, nogil=True)
def _closer(marks, case, code):  # type: ignore[no-untyped-def]
    """Compare how far a concept is from A with the key: in the full graph, and without the hubs."""
    cut = _against(marks[2 * code], case.base, case.hops)
    return _against(marks[2 * code + 1], case.base, case.full_hops), cut


@numba.njit(cache=True, nogil=True)
def _against(mark, base, hops):  # type: ignore[no-untyped-def]
    """Return 1 for a mark of fewer hops, 0 for as many, -1 for more and for none."""
    if mark < base or mark - base > hops:
        return np.int64(-1)
    return np.int64(1) if mark - base < hops else np.int64(0)


@numba.njit(cache=True, nogil=True)
def _graded(land, room, case, code, denied_by):  # type: ignore[no-untyped-def]
    """Return how surely a concept is wrong, and how many statements deny it; -1 where it is not.

    It is not where it shares a name with the key, has to do with a place where the last relation
    starts, or is supported.
    """
    not_wrong = np.int64(-1), np.int64(0)
    in_very = np.uint32(room.very.number[0])
    if _share_a_name(land, case.path[case.hops], code):
        return not_wrong
    if _touches(land.out, land.denies, code, room.very.seen, in_very):
        return not_wrong
    if _touches(land.into, land.denies, code, room.very.seen, in_very):
        return not_wrong
    denials = 0
    if land.denied[case.last]:
        denials = _denials(land, case.last, case.starts, code, denied_by)
    grade = CONTRADICTED if denials else case.usual
    if grade > case.asked or _is_supported(land, room, case.family, code):
        return not_wrong
    return np.int64(grade), np.int64(denials)


@numba.njit(cache=True, nogil=True)
def _fill(land, room, case, needed, found, row):  # type: ignore[no-untyped-def]
    """Fill the pool of one path: first what hangs from siblings, then what is near, then the rest.

    Without as many near ones as are needed, the rest is left out.
    """
    end, bridge = case.path[case.hops], case.path[case.hops - 1]
    number, types = case.number, land.types[case.path[case.hops]]
    total = _alike_sets(land, end, room.sets)
    met = room.space.begins[0, case.hops + 1] if total else 0
    has_parent = land.ladder.up_indptr[bridge + 1] > land.ladder.up_indptr[bridge]

    size, hard, nears, drawn = 0, 0, 0, 0
    left = np.array([EACH_NEAR, EACH_NEAR, EACH_FAR, EACH_FAR])
    for phase in range(3):
        if phase == REST and nears < needed:
            break
        count = HARD_TRIES if phase == HANGING else met if phase == CLOSE_BY else total
        if phase != HANGING and count <= MOST_LISTED:
            room.listed[:count] = np.arange(count)
        for turn in range(min(count, TRIES)):
            sibling, hangs_by = np.int64(-1), np.int64(-1)
            if phase == HANGING:
                if hard == HARD:
                    break
                by_parent = has_parent and (turn < HARD_TRIES // 2 or hard > 0)
                code, sibling, hangs_by = _hanging(land, room, case, turn, by_parent)
            elif left[:2].sum() == 0 if phase == CLOSE_BY else left.sum() == 0:
                break
            elif phase == CLOSE_BY:
                code = np.int64(room.space.met[0, _next_of(room, case, phase, turn, count)])
                if not land.alike[types, land.types[code]]:
                    continue
            else:
                code = _of_type(land, room.sets, _next_of(room, case, phase, turn, count))
            if code < 0 or room.tried[code] == number or room.barred[code] == number:
                continue
            if _is_gone(land, code):
                continue
            full, cut = _closer(room.space.marks, case, code)
            near = full >= 0 and cut >= 0
            kind = (0 if near else 2) + (1 if land.degree[code] > land.degree[end] else 0)
            if sibling < 0 and left[kind] == 0:
                continue
            room.tried[code] = number
            drawn += 1
            grade, denials = _graded(land, room, case, code, found.denied_by[row, size])
            if grade < 0:
                continue
            alone = True
            for place in range(size):
                alone &= not _share_a_name(land, found.code[row, place], code)
            if not alone:
                continue
            found.code[row, size], found.grade[row, size] = code, grade
            found.closer[row, size, 0], found.closer[row, size, 1] = full, cut
            found.denials[row, size] = denials
            found.sibling[row, size], found.hangs_by[row, size] = sibling, hangs_by
            size += 1
            nears += near
            if sibling >= 0:
                hard += 1
            else:
                left[kind] -= 1
    found.size[row], found.tried[row] = size, drawn


@numba.njit(cache=True, nogil=True)
def _goes_on_alike(paths, row, other):  # type: ignore[no-untyped-def]
    """Tell whether two paths begin at one concept and have all relations but the last in common."""
    alike = paths.hops[row] == paths.hops[other] and paths.nodes[row, 0] == paths.nodes[other, 0]
    for hop in range(paths.hops[row] - 1):
        alike &= paths.relations[row, hop] == paths.relations[other, hop]
    return alike


@numba.njit(cache=True, nogil=True)
def find_pools(land, room, paths, order, grade, needed, seed, found):  # type: ignore[no-untyped-def]
    """Fill the pools of some paths.

    They are taken in an order in which those of one start stand together, and of these the ones
    with the same relations: what is searched from a start, and along relations, serves them all.
    """
    space, most = room.space, paths.nodes.shape[1] - 1
    base, before = np.uint32(0), -1
    starts = np.empty(0, dtype=np.int32)
    for row in order:
        path, hops, relations = paths.nodes[row], np.int64(paths.hops[row]), paths.relations[row]
        start, end = path[0], path[hops]
        if before < 0 or paths.nodes[before, 0] != start:
            room.number[1] += 1
            base = np.uint32(room.number[1] * LEVELS)
            flood(land.cut, 0, start, most, space, base, room.ways, 1)
            flood(land.full, 1, start, most, space, base, room.ways, 1)
        if before < 0 or not _goes_on_alike(paths, row, before):
            starts = _follow(land, room, start, relations, hops)
        before = row

        closed, key = True, seed
        for at in range(hops):
            closed &= land.complete[relations[at]]
        for at in range(hops + 1):
            key = draw(key, path[at], at)
        found.full_hops[row] = space.marks[2 * end + 1] - base
        found.sole[row] = is_sole(
            land.out, land.into, land.types, land.alike, room.answers, path[: hops + 1],
            relations, paths.forward[row],
        )  # fmt: skip
        has_second = _second_path(land.cut, space, base, path, hops, found.second[row])
        room.number[0] += 1
        last = relations[hops - 1]
        case = Case(
            path, hops, last, paths.forward[row, hops - 1], _family(land, last), starts,
            CLOSED if closed else ABSENT,
            CLOSED if grade == ABSENT and not has_second else grade,
            base, np.int64(found.full_hops[row]), np.uint32(room.number[0]), key,
        )  # fmt: skip
        _bar(land, room, case)
        _fill(land, room, case, needed, found, row)


# --- a set of them -------------------------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def _crowd(above, beside, taken, chosen):  # type: ignore[no-untyped-def]
    """Return how often the places in which some options make the key stand were taken before."""
    crowd = 0.0
    for row in range(taken.shape[0]):
        first, ties = 0, 0
        for one in chosen:
            first += above[row, one]
            ties += beside[row, one]
        for place in range(first, first + ties + 1):
            crowd += taken[row, place] / (ties + 1)
    return crowd


@numba.njit(cache=True, nogil=True)
def choose(above, beside, near, hard, count, taken, key):  # type: ignore[no-untyped-def]
    """Choose wrong options so that no shortcut tells the key; none where that cannot be had.

    At least half of them are no farther from the start than the key. ``above`` and ``beside`` tell
    which rank higher than the key by each feature, and which as high; ``taken`` how often it stood
    in each place before. Of the sets that are drawn towards the place that was taken least, the
    one is kept whose places were.
    """
    close = np.flatnonzero(near)
    size, needed = near.shape[0], (count + 1) // 2
    if close.shape[0] < needed or size < count:
        return np.empty(0, dtype=np.int64)
    hanging = np.flatnonzero(hard)
    wanted = np.empty(STEERED, dtype=np.int64)
    for row in range(STEERED):
        least = np.flatnonzero(taken[row] == taken[row].min())
        wanted[row] = least[_below(draw(key, 0, row), least.shape[0])]
    best, fewest = np.empty(count, dtype=np.int64), np.inf
    chosen, used = np.empty(count, dtype=np.int64), np.zeros(size, dtype=np.bool_)
    wants, left = np.empty(STEERED, dtype=np.bool_), np.empty(STEERED, dtype=np.int64)
    for turn in range(1, DRAWS + 1):
        used[:] = False
        left[:] = wanted
        drawn, siblings = 0, 0
        for at in range(count):
            for row in range(STEERED):
                wants[row] = _below(draw(key, turn, drawn), count - at) < left[row]
                drawn += 1
            one, tries = np.int64(-1), 0
            while one < 0 or tries < DRAWS:
                chance = draw(key, turn, drawn)
                drawn += 1
                tries += 1
                if at < needed:
                    other = close[_below(chance, close.shape[0])]
                elif at == needed and hanging.shape[0] and tries <= DRAWS // 2:
                    other = hanging[_below(chance, hanging.shape[0])]
                else:
                    other = np.int64(_below(chance, size))
                if used[other]:
                    continue
                one = other
                fits = True
                for row in range(STEERED):
                    fits &= above[row, one] == wants[row]
                if fits:
                    break
            used[one] = True
            chosen[at] = one
            siblings += hard[one]
            for row in range(STEERED):
                left[row] -= above[row, one]
        crowd = _crowd(above, beside, taken, chosen) - SIBLING * siblings
        if crowd < fewest:
            fewest = crowd
            best[:] = chosen
    return best


class Walked(NamedTuple):
    """Paths as compiled code takes them, a row each."""

    nodes: Array
    relations: Array
    forward: Array
    hops: Array


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    out, into = tiny_graph()
    indptr, ends = np.array([0, 1, 2]), np.array([1, 0], dtype=np.int32)
    sides = Sides(*map(readonly, (indptr, ends, indptr, ends)))
    yes, no = np.ones((1, 1), dtype=np.bool_), np.zeros(1, dtype=np.bool_)
    zero, code = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.uint16)
    land = Land(
        out, into, sides, sides, tiny_ladder(), zero, yes, np.array([0, 1]), code, yes, code, no,
        no, no, np.zeros(2, dtype=np.uint32), yes, np.arange(2), np.array([0, 2]),
        np.ones(2, dtype=np.int64), np.array([0, 1, 2]), np.arange(2, dtype=np.uint64),
    )  # fmt: skip
    land = land._replace(types=readonly(land.types), name_begins=readonly(land.name_begins))
    paths = Walked(ends[None], code[None], no[None], np.ones(1, dtype=np.int8))
    seed = np.uint64(1)
    find_pools(
        land, new_room(2, 1), paths, np.zeros(1, dtype=np.int64), ABSENT, 0, seed, new_found(1, 1)
    )
    above = np.zeros((STEERED, 1), dtype=np.bool_)
    choose(above, above, yes[0], no, 1, np.zeros((STEERED, 2)), seed)
