"""Compiled search for shortest paths, from both ends at once. Import this module late.

A graph is two adjacencies: ``g.after``, who comes after a concept, and ``g.before``, who comes
before it; of a search that minds no direction they are the same arrays. Neighbours are sorted.
Side 0 of a search walks from the start along ``after``, side 1 from the end along ``before``.

No path is shorter than the levels that both sides have gone, so the first edge that joins the
two outermost levels lies on a shortest path, and every such edge does. Paths are told from these
edges: back to the start on one side, on to the end on the other. Where a hub is asked which of a
few concepts are beside it, they are sought in its sorted neighbours, and the rest of these is
never read: most of the time on a real graph would go there.
"""

from __future__ import annotations

from typing import NamedTuple

import numba
import numpy as np
import numpy.typing as npt

from kgsynth.graph.arrays import Array

LEVELS = 16
"""A mark is the number of a search times this, and the level that the concept was met at."""


class Sides(NamedTuple):
    """The graph as either side of a search walks it."""

    after_indptr: Array
    after: Array
    before_indptr: Array
    before: Array


class Space(NamedTuple):
    """What one thread needs to search, used again and again."""

    marks: Array
    """Two for each concept, side by side: a search that is over leaves its marks behind."""
    met: Array
    """Two rows: the concepts that a side met, in order."""
    begins: Array
    """Two rows: where each level begins in it, and where the last one ends."""
    edges: Array
    """Edges that join the two sides."""
    trails: Array
    """Two tables: ways from a concept back to where its side began."""
    cursors: Array


def new_space(nodes: int, limit: int) -> Space:
    """Return room to search a graph and to hold so many paths of a pair."""
    return Space(
        marks=np.zeros(2 * nodes, dtype=np.uint32),
        met=np.empty((2, nodes), dtype=np.int32),
        begins=np.zeros((2, LEVELS + 1), dtype=np.int64),
        edges=np.empty((limit + 1, 2), dtype=np.int32),
        trails=np.empty((2, limit + 1, LEVELS), dtype=np.int32),
        cursors=np.empty(LEVELS, dtype=np.int64),
    )


@numba.njit(cache=True, nogil=True, inline="always")
def _row(g, side, node):  # type: ignore[no-untyped-def]
    """Return where the neighbours of a concept begin and end, as a side walks."""
    if side == 0:
        return g.after_indptr[node], g.after_indptr[node + 1]
    return g.before_indptr[node], g.before_indptr[node + 1]


@numba.njit(cache=True, nogil=True)
def _holds(target, begin, end, wanted):  # type: ignore[no-untyped-def]
    """Tell whether a sorted range holds a number."""
    while begin < end:
        middle = (begin + end) >> 1
        value = target[middle]
        if value < wanted:
            begin = middle + 1
        elif value > wanted:
            end = middle
        else:
            return True
    return False


@numba.njit(cache=True, nogil=True, inline="always")
def _seek_instead(few, degree):  # type: ignore[no-untyped-def]
    """Tell whether to seek a few concepts in many neighbours costs less than to read all."""
    return few * 12 < degree


@numba.njit(cache=True, nogil=True)
def _volume(g, side, space, level):  # type: ignore[no-untyped-def]
    """Count the neighbours that the next step of a side would read."""
    volume = 0
    for at in range(space.begins[side, level], space.begins[side, level + 1]):
        begin, end = _row(g, side, space.met[side, at])
        volume += end - begin
    return volume


@numba.njit(cache=True, nogil=True)
def _spread(g, side, space, base, level):  # type: ignore[no-untyped-def]
    """Take a side one level further."""
    target = g.after if side == 0 else g.before
    met, marks = space.met[side], space.marks
    last = space.begins[side, level + 1]
    mark = np.uint32(base + level + 1)
    for at in range(space.begins[side, level], space.begins[side, level + 1]):
        begin, end = _row(g, side, met[at])
        for place in range(begin, end):
            node = target[place]
            if marks[2 * node + side] < base:
                marks[2 * node + side] = mark
                met[last] = node
                last += 1
    space.begins[side, level + 2] = last


@numba.njit(cache=True, nogil=True)
def _join(g, side, space, base, levels, edges, most):  # type: ignore[no-untyped-def]
    """Collect edges from a side's outermost level to the other's, up to so many."""
    target = g.after if side == 0 else g.before
    other = 1 - side
    mark = np.uint32(base + levels[other])
    begins, ends = space.begins[:, :-1], space.begins[:, 1:]
    first, last = begins[other, levels[other]], ends[other, levels[other]]
    found = 0
    for at in range(begins[side, levels[side]], ends[side, levels[side]]):
        node = space.met[side, at]
        begin, end = _row(g, side, node)
        if _seek_instead(last - first, end - begin):
            for place in range(first, last):
                beside = space.met[other, place]
                if _holds(target, begin, end, beside):
                    edges[found, side], edges[found, other] = node, beside
                    found += 1
                    if found == most:
                        return found
        else:
            for place in range(begin, end):
                beside = target[place]
                if space.marks[2 * beside + other] == mark:
                    edges[found, side], edges[found, other] = node, beside
                    found += 1
                    if found == most:
                        return found
    return found


@numba.njit(cache=True, nogil=True)
def _meet(g, start, end, most_hops, space, base, levels, most):  # type: ignore[no-untyped-def]
    """Search from both ends until they meet; return how many edges join them.

    The levels that they went stand in ``levels``; without an edge there is no path.
    """
    space.met[0, 0], space.met[1, 0] = start, end
    space.begins[:, 0], space.begins[:, 1] = 0, 1
    space.marks[2 * start] = space.marks[2 * end + 1] = np.uint32(base)
    levels[0] = levels[1] = 0
    volume = np.array([_volume(g, 0, space, 0), _volume(g, 1, space, 0)])
    while volume[0] > 0 and volume[1] > 0:
        side = 0 if volume[0] <= volume[1] else 1
        found = _join(g, side, space, base, levels, space.edges, most)
        if found or levels[0] + levels[1] + 1 >= most_hops:
            return found
        _spread(g, side, space, base, levels[side])
        levels[side] += 1
        volume[side] = _volume(g, side, space, levels[side])
    return 0


@numba.njit(cache=True, nogil=True)
def next_back(g, side, space, base, node, level, cursor):  # type: ignore[no-untyped-def]
    """Return (the next concept a level nearer to where a side began, the cursor behind it)."""
    back = 1 - side
    target = g.after if back == 0 else g.before
    begin, end = _row(g, back, node)
    first, last = space.begins[side, level - 1], space.begins[side, level]
    if _seek_instead(last - first, end - begin):
        for place in range(first + cursor, last):
            nearer = space.met[side, place]
            if _holds(target, begin, end, nearer):
                return nearer, place - first + 1
    else:
        mark = np.uint32(base + level - 1)
        for place in range(begin + cursor, end):
            if space.marks[2 * target[place] + side] == mark:
                return target[place], place - begin + 1
    return np.int32(-1), 0


@numba.njit(cache=True, nogil=True)
def _trails(g, side, space, base, node, level, most):  # type: ignore[no-untyped-def]
    """Write the shortest ways from a concept back to where its side began; return how many."""
    out, cursors = space.trails[side], space.cursors
    out[0, 0] = node
    if level == 0:
        return 1
    root = space.met[side, 0]
    if level == 1:
        out[0, 1] = root
        return 1
    found, depth = 0, 0
    cursors[0] = 0
    while depth >= 0:
        nearer, cursors[depth] = next_back(
            g, side, space, base, out[found, depth], level - depth, cursors[depth]
        )
        if nearer < 0:
            depth -= 1
            continue
        depth += 1
        out[found, depth] = nearer
        cursors[depth] = 0
        if depth == level - 1:
            out[found, level] = root
            found += 1
            if found == most:
                return found
            depth -= 1
            out[found, : depth + 1] = out[found - 1, : depth + 1]
    return found


@numba.njit(cache=True, nogil=True)
def one_pair(g, start, end, most_hops, limit, space, number, paths):  # type: ignore[no-untyped-def]
    """Write up to ``limit`` shortest paths; return (hops, how many, whether there are more).

    Hops are -1 where there is no path of at most ``most_hops``, and 0 for a concept and itself.
    """
    if start == end:
        paths[0, 0] = start
        return 0, 1, False
    base = np.uint32(number * LEVELS)
    levels = np.zeros(2, dtype=np.int64)
    joined = _meet(g, start, end, most_hops, space, base, levels, limit + 1)
    if joined == 0:
        return -1, 0, False
    hops, found = levels[0] + levels[1] + 1, 0
    held = np.full(2, -1, dtype=np.int64)
    ways = np.zeros(2, dtype=np.int64)
    for at in range(joined):
        for side in range(2):
            if held[side] != space.edges[at, side]:
                held[side] = space.edges[at, side]
                ways[side] = _trails(
                    g, side, space, base, space.edges[at, side], levels[side], limit + 1
                )
        for one in range(ways[0]):
            for other in range(ways[1]):
                if found == limit:
                    return hops, found, True
                for step in range(levels[0] + 1):
                    paths[found, levels[0] - step] = space.trails[0, one, step]
                for step in range(levels[1] + 1):
                    paths[found, levels[0] + 1 + step] = space.trails[1, other, step]
                found += 1
    return hops, found, False


@numba.njit(cache=True, nogil=True)
def many_pairs(g, pairs, most_hops, limit, space, number, told, paths, nodes):  # type: ignore[no-untyped-def]
    """Search pair after pair; ``told`` gets (hops, paths, more) of each, ``nodes`` the paths.

    Return how many pairs were searched, and how much of ``nodes`` they fill: it may be too short.
    """
    used = 0
    for at in range(pairs.shape[0]):
        hops, found, more = one_pair(
            g, pairs[at, 0], pairs[at, 1], most_hops, limit, space, number + at, paths
        )
        if used + found * (hops + 1) > nodes.shape[0]:
            return at, used
        told[at, 0], told[at, 1], told[at, 2] = hops, found, more
        for path in range(found):
            for step in range(hops + 1):
                nodes[used] = paths[path, step]
                used += 1
    return pairs.shape[0], used


@numba.njit(cache=True, nogil=True)
def hops_between(g, pairs, most_hops, space, number, hops):  # type: ignore[no-untyped-def]
    """Write how far apart the concepts of each pair are; -1 for more than ``most_hops``."""
    levels = np.zeros(2, dtype=np.int64)
    for at in range(pairs.shape[0]):
        start, end = pairs[at, 0], pairs[at, 1]
        if start == end:
            hops[at] = 0
            continue
        base = np.uint32((number + at) * LEVELS)
        joined = _meet(g, start, end, most_hops, space, base, levels, 1)
        hops[at] = levels[0] + levels[1] + 1 if joined else -1


# --- some of many, drawn -----------------------------------------------------------------------

MANY = np.int64(1) << 31
"""Ways from a concept to either end are counted up to here, so that a product still fits."""
ALL = np.int64(1) << 62


@numba.njit(cache=True, nogil=True)
def _count_ways(g, side, space, base, level, ways):  # type: ignore[no-untyped-def]
    """Count the shortest ways to every concept that a side met."""
    target = g.after if side == 0 else g.before
    met, begins = space.met[side], space.begins[side]
    for at in range(begins[level + 1]):
        ways[2 * met[at] + side] = 0
    ways[2 * met[0] + side] = 1
    for gone in range(level):
        mark = np.uint32(base + gone + 1)
        for at in range(begins[gone], begins[gone + 1]):
            held = ways[2 * met[at] + side]
            begin, end = _row(g, side, met[at])
            for place in range(begin, end):
                other = 2 * target[place] + side
                if space.marks[other] == mark:
                    ways[other] = min(ways[other] + held, MANY)


@numba.njit(cache=True, nogil=True)
def all_joints(g, start, end, most_hops, space, number, ways):  # type: ignore[no-untyped-def]
    """Return every edge that joins the two sides, how many paths run through each, and the levels.

    ``ways`` gets, for each concept that was met, the number of shortest ways to either end.
    """
    base = np.uint32(number * LEVELS)
    levels = np.zeros(2, dtype=np.int64)
    if _meet(g, start, end, most_hops, space, base, levels, 1) == 0:
        return np.empty((0, 2), dtype=np.int32), np.empty(0, dtype=np.int64), levels
    room = 1 << 12
    edges = np.empty((room, 2), dtype=np.int32)
    found = _join(g, 0, space, base, levels, edges, room)
    while found == room:
        room *= 4
        edges = np.empty((room, 2), dtype=np.int32)
        found = _join(g, 0, space, base, levels, edges, room)
    for side in range(2):
        _count_ways(g, side, space, base, levels[side], ways)
    through = np.empty(found, dtype=np.int64)
    for at in range(found):
        through[at] = ways[2 * edges[at, 0]] * ways[2 * edges[at, 1] + 1]
    return edges[:found], through, levels


@numba.njit(cache=True, nogil=True)
def _way(g, side, space, base, node, level, rank, ways, out, at):  # type: ignore[no-untyped-def]
    """Write the way of a rank, of all from a concept back to where its side began."""
    out[at] = node
    turn = -1 if side == 0 else 1
    while level > 0:
        at += turn
        level -= 1
        if level == 0:
            out[at] = space.met[side, 0]
            return
        nearer, cursor = next_back(g, side, space, base, node, level + 1, 0)
        while rank >= ways[2 * nearer + side]:
            rank -= ways[2 * nearer + side]
            nearer, cursor = next_back(g, side, space, base, node, level + 1, cursor)
        out[at] = nearer
        node = nearer


@numba.njit(cache=True, nogil=True)
def drawn(g, space, number, ways, edges, through, levels, ranks, paths):  # type: ignore[no-untyped-def]
    """Write the paths of some ranks, in order, as `all_joints` left the search."""
    base = np.uint32(number * LEVELS)
    edge, behind = 0, np.int64(0)
    for at in range(ranks.shape[0]):
        while ranks[at] >= behind + through[edge]:
            behind += through[edge]
            edge += 1
        left, right = edges[edge, 0], edges[edge, 1]
        others = ways[2 * right + 1]
        rank = ranks[at] - behind
        _way(g, 0, space, base, left, levels[0], rank // others, ways, paths[at], levels[0])
        _way(g, 1, space, base, right, levels[1], rank % others, ways, paths[at], levels[0] + 1)


# --- paths of a given length -----------------------------------------------------------------


@numba.njit(cache=True, nogil=True)
def of_length(g, start, end, hops, limit, space, number, paths):  # type: ignore[no-untyped-def]
    """Write simple paths of exactly so many hops; return (how many, whether there are more)."""
    base = np.uint32(number * LEVELS)
    space.met[1, 0] = end
    space.begins[1, 0], space.begins[1, 1] = 0, 1
    space.marks[2 * end + 1] = base
    for level in range(hops - 1):
        _spread(g, 1, space, base, level)
    found, depth = 0, 0
    path, cursors = space.trails[0, 0], space.cursors
    path[0], cursors[0] = start, 0
    while depth >= 0:
        begin, last = g.after_indptr[path[depth]], g.after_indptr[path[depth] + 1]
        place = begin + cursors[depth]
        if place == last:
            depth -= 1
            continue
        cursors[depth] += 1
        node = g.after[place]
        left = hops - depth - 1
        mark = space.marks[2 * node + 1]
        if left == 0:
            if node == end:
                if found == limit:
                    return found, True
                paths[found, : depth + 1] = path[: depth + 1]
                paths[found, hops] = end
                found += 1
            continue
        if node == end or mark < base or mark > base + left:
            continue
        again = False
        for earlier in range(depth + 1):
            again |= path[earlier] == node
        if not again:
            depth += 1
            path[depth], cursors[depth] = node, 0
    return found, False


# --- from one concept to all others -----------------------------------------------------------

LOOK_BACK = 8
"""A level is walked on from until its neighbours are so many times the concepts that are left."""


@numba.njit(cache=True, nogil=True)
def _walk_on(g, side, space, level, mark, ways, enough):  # type: ignore[no-untyped-def]
    """Read all neighbours of a level, and meet those that are new."""
    met, begins, marks = space.met[side], space.begins[side], space.marks
    size = begins[level + 1]
    for at in range(begins[level], begins[level + 1]):
        node = met[at]
        for place in range(g.after_indptr[node], g.after_indptr[node + 1]):
            other = g.after[place]
            seen = marks[2 * other + side]
            if seen == mark:
                ways[other] = min(ways[other] + ways[node], enough)
            elif seen < mark - np.uint32(level + 1):
                marks[2 * other + side] = mark
                ways[other] = ways[node]
                met[size] = other
                size += 1
    return size


@numba.njit(cache=True, nogil=True)
def _look_back(g, side, space, level, mark, ways, enough):  # type: ignore[no-untyped-def]
    """Look from all that is left back to the level, and read no further than is needed."""
    met, marks = space.met[side], space.marks
    size = space.begins[side, level + 1]
    base, last = mark - np.uint32(level + 1), mark - np.uint32(1)
    for node in range(g.before_indptr.shape[0] - 1):
        if marks[2 * node + side] >= base:
            continue
        held = 0
        for place in range(g.before_indptr[node], g.before_indptr[node + 1]):
            other = g.before[place]
            if marks[2 * other + side] == last:
                held += ways[other]
                if held >= enough:
                    break
        if held:
            marks[2 * node + side] = mark
            ways[node] = min(held, enough)
            met[size] = node
            size += 1
    return size


@numba.njit(cache=True, nogil=True)
def flood(g, side, start, most, space, base, ways, enough):  # type: ignore[no-untyped-def]
    """Search breadth first from a concept, in one side of a space; return the levels it went.

    ``ways`` gets the number of shortest paths to each concept, up to ``enough``. Of a level that
    touches most of the graph not all neighbours are read: what is left looks back to it instead.
    """
    met, begins, marks = space.met[side], space.begins[side], space.marks
    met[0] = start
    begins[0], begins[1] = 0, 1
    marks[2 * start + side], ways[start] = base, 1
    nodes = g.after_indptr.shape[0] - 1
    for level in range(most):
        volume = 0
        for at in range(begins[level], begins[level + 1]):
            volume += g.after_indptr[met[at] + 1] - g.after_indptr[met[at]]
        mark = np.uint32(base + level + 1)
        if volume > LOOK_BACK * (nodes - begins[level + 1]):
            begins[level + 2] = _look_back(g, side, space, level, mark, ways, enough)
        else:
            begins[level + 2] = _walk_on(g, side, space, level, mark, ways, enough)
        if begins[level + 2] == begins[level + 1]:
            return level
    return most


MOST_COUNTED = np.int64(1) << 40
"""Path counts stop here: nobody asks for more, and they must not overflow."""


class Reach(NamedTuple):
    """What a search from one concept found."""

    distance: npt.NDArray[np.int8]
    """Hops from the start; -1 where it was not reached."""
    paths: npt.NDArray[np.int64]
    """Number of shortest paths, over distinct neighbours, up to ``MOST_COUNTED``."""


@numba.njit(cache=True, nogil=True)
def _reach(indptr, target, start, max_hops):  # type: ignore[no-untyped-def]
    nodes = indptr.shape[0] - 1
    distance = np.full(nodes, -1, dtype=np.int8)
    paths = np.zeros(nodes, dtype=np.int64)
    queue = np.empty(nodes, dtype=np.int32)
    distance[start] = 0
    paths[start] = 1
    queue[0] = start
    head, tail = 0, 1
    while head < tail:
        node = queue[head]
        head += 1
        if distance[node] == max_hops:
            break
        for position in range(indptr[node], indptr[node + 1]):
            other = target[position]
            if distance[other] < 0:
                distance[other] = distance[node] + 1
                queue[tail] = other
                tail += 1
            if distance[other] == distance[node] + 1:
                paths[other] = min(paths[other] + paths[node], MOST_COUNTED)
    return distance, paths


def reach(
    indptr: npt.NDArray[np.int64], target: npt.NDArray[np.int32], start: int, max_hops: int
) -> Reach:
    """Search breadth first from a concept, up to ``max_hops`` (at most 127)."""
    return Reach(*_reach(indptr, target, start, max_hops))


def compile_ahead() -> None:
    """Compile every kernel into numba's cache."""
    indptr, target = np.array([0, 1, 2], dtype=np.int64), np.array([1, 0], dtype=np.int32)
    for array in (indptr, target):
        array.flags.writeable = False  # as a mapped one is
    sides, space = Sides(indptr, target, indptr, target), new_space(2, 1)
    pairs, told = np.array([[0, 1]], dtype=np.int64), np.zeros((1, 3), dtype=np.int64)
    paths, nodes = np.empty((2, LEVELS), dtype=np.int32), np.empty(4, dtype=np.int32)
    many_pairs(sides, pairs, 1, 1, space, 1, told, paths, nodes)
    ways, ranks = np.zeros(4, dtype=np.int64), np.zeros(1, dtype=np.int64)
    edges, through, levels = all_joints(sides, 0, 1, 1, space, 2, ways)
    drawn(sides, space, 2, ways, edges, through, levels, ranks, paths)
    of_length(sides, 0, 1, 1, 1, space, 3, paths)
    flood(sides, 0, 0, 1, space, np.uint32(4 * LEVELS), np.zeros(2, dtype=np.int8), 1)
    reach(indptr, target, 0, 1)
