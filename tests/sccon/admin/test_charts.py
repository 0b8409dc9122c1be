from itertools import pairwise

import pytest

from sccon.admin.charts import HEIGHT, WIDTH, bars, both_ways, columns


def test_the_highest_column_is_as_high_as_the_chart_and_the_others_in_proportion():
    assert [(column.y, column.height) for column in columns([("a", 5, "5"), ("b", 10, "10")])] == [
        (HEIGHT / 2, HEIGHT / 2),
        (0, HEIGHT),
    ]


def test_columns_fill_the_width_and_do_not_overlap():
    shown = columns([(str(number), 1, "1") for number in range(12)])
    assert all(left.x + left.width < right.x for left, right in pairwise(shown))
    assert round(shown[-1].x + shown[-1].width) == WIDTH


def test_nothing_and_zeros_make_no_division_by_zero():
    assert columns([]) == []
    assert [column.height for column in columns([("a", 0, "0")])] == [0]


def test_bars_compare_and_the_longest_is_as_wide_as_the_chart():
    assert [(bar.label, bar.value, bar.width) for bar in bars([("a", 5), ("b", 10), ("c", 0)])] == [
        ("a", 5, 180),
        ("b", 10, 360),
        ("c", 0, 0),
    ]
    assert bars([]) == []


def test_who_comes_and_who_goes_stand_on_one_scale_above_and_below_one_line():
    pairs, line = both_ways([("a", 30, 0), ("b", 10, 10), ("c", 0, 0)])
    unit = line / 30
    for pair in pairs:
        assert pair.y + pair.height == pytest.approx(line, abs=0.2)
        assert (pair.height, pair.depth) == pytest.approx((unit * pair.up, unit * pair.down), abs=0.1)
        assert line + pair.depth <= 120
    assert both_ways([]) == ([], 119)
    assert [(pair.height, pair.depth) for pair in both_ways([("a", 0, 0)])[0]] == [(0, 0)]
