from itertools import pairwise

from sccon.admin.charts import HEIGHT, WIDTH, columns


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
