"""Matches equal elements of two sequences: words of a paragraph, or paragraphs of a text.

difflib alone takes minutes for two long texts that share little. So elements that occur once on both sides are matched
first (as in patience diff), and difflib only compares the small gaps between them. A large gap without such an element
counts as replaced. So the time is bounded by the length of the texts.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise

SMALL = 10_000  # comparisons in one gap: 100 × 100 words


def matches(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    """Pairs of positions of equal elements, rising on both sides."""
    found: list[tuple[int, int]] = []
    gaps = [(0, len(old), 0, len(new))]
    while gaps:
        start, end, new_start, new_end = gaps.pop()
        while start < end and new_start < new_end and old[start] == new[new_start]:
            found.append((start, new_start))
            start, new_start = start + 1, new_start + 1
        while start < end and new_start < new_end and old[end - 1] == new[new_end - 1]:
            end, new_end = end - 1, new_end - 1
            found.append((end, new_end))
        if start == end or new_start == new_end:
            continue
        if (end - start) * (new_end - new_start) <= SMALL:
            found += _close(old[start:end], new[new_start:new_end], start, new_start)
            continue
        landmarks = _landmarks(old, new, (start, end, new_start, new_end))
        found += landmarks
        edges = [(start - 1, new_start - 1), *landmarks, (end, new_end)]
        if landmarks:
            gaps += [(before[0] + 1, after[0], before[1] + 1, after[1]) for before, after in pairwise(edges)]
    return sorted(found)


def _close(old: Sequence[Hashable], new: Sequence[Hashable], start: int, new_start: int) -> Iterator[tuple[int, int]]:
    for a, b, size in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        for step in range(size):
            yield start + a + step, new_start + b + step


def _landmarks(
    old: Sequence[Hashable], new: Sequence[Hashable], gap: tuple[int, int, int, int]
) -> list[tuple[int, int]]:
    """Pairs of positions of elements that occur once on both sides, as far as they are in the same order."""
    start, end, new_start, new_end = gap
    often, new_often = Counter(old[start:end]), Counter(new[new_start:new_end])
    places = {new[at]: at for at in range(new_start, new_end) if new_often[new[at]] == 1}
    pairs = [(at, places[old[at]]) for at in range(start, end) if often[old[at]] == 1 and old[at] in places]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest increasing subsequence of pairs, by their second positions."""
    ends: list[int] = []  # by length of the subsequence: its lowest end
    holders: list[int] = []  # and the pair with that end
    before: list[int] = []
    for number, (_at, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        before.append(holders[length - 1] if length else -1)
        ends[length : length + 1] = [place]
        holders[length : length + 1] = [number]
    run, number = [], holders[-1] if holders else -1
    while number >= 0:
        run.append(pairs[number])
        number = before[number]
    return run[::-1]
