"""What `./dev check` says of locks: a planted wrong one is found, wherever it hides."""

from pathlib import Path

import pytest

from tests import locks

IMPORT = "from news.models import Article, Image\nfrom news.models import Article as Text\n"
ARTICLE = "an article is locked by Article.objects.locked(article)"
UNKNOWN = "say what is locked: Model.objects…, or a variable that begins so"


def said(source: str, path: str = "news/publishing/planted.py") -> list[str]:
    return [line.removeprefix(f"{path}:") for line in locks.refused(path, IMPORT + source)]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("Article.objects.select_for_update().get(pk=1)", ARTICLE),
        ("Article.objects.select_for_update(no_key=True).get(pk=1)", ARTICLE),
        ("Article.objects.filter(pk=1).order_by('pk').select_for_update(no_key=True).first()", ARTICLE),
        ("Text.objects.select_for_update(no_key=True)", ARTICLE),
        ("lock = Article.objects.select_for_update", ARTICLE),
        ("rows = Article.objects.all()\nrows = rows.filter(pk=1)\nrows.select_for_update(no_key=True)", ARTICLE),
        ("Article._default_manager.select_for_update(no_key=True)", UNKNOWN),
        ("article.related.select_for_update(no_key=True)", UNKNOWN),
        ("Image.objects.get(pk=1).articles.select_for_update(no_key=True)", UNKNOWN),
        ("rows = articles()\nrows.select_for_update(no_key=True)", UNKNOWN),
        ("Image.objects.select_for_update().get(pk=1)", "lock with no_key=True"),
        ("Image.objects.select_for_update(no_key=False).get(pk=1)", "lock with no_key=True"),
    ],
)
def test_a_lock_that_the_rule_forbids_is_refused(source: str, sentence: str) -> None:
    last = 2 + len(source.splitlines())
    assert said(source) == [f"{last}: {sentence}"]
    function = "def act():\n    " + source.replace("\n", "\n    ")
    assert said(function) == [f"{last + 1}: {sentence}"]


@pytest.mark.parametrize(
    "source",
    [
        "Article.objects.locked(article)",
        "Image.objects.select_for_update(no_key=True).get(pk=1)",
        "rows = Image.objects.all()\nrows.select_for_update(skip_locked=True, no_key=True)",
    ],
)
def test_a_lock_that_the_rule_allows_passes(source: str) -> None:
    assert said(source) == []


def test_only_the_articles_own_manager_may_lock_them() -> None:
    source = "class ArticleManager:\n    def locked(self, pk):\n        return self.select_for_update(no_key=True)"
    assert said(source, "news/models/articles.py") == []
    assert said(source) == [f"5: {UNKNOWN}"]
    assert said(source.replace("ArticleManager", "Other"), "news/models/articles.py") == [f"5: {UNKNOWN}"]


def test_the_check_fails_for_a_planted_lock_and_says_where_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = tmp_path / "news" / "writing" / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(f"{IMPORT}Article.objects.select_for_update().get(pk=1)\n")
    assert locks.main(tmp_path) == 1
    assert capsys.readouterr().out == (
        f'news/writing/planted.py:3: {ARTICLE}\nWhy: docs/decisions/page-cache.md, "Locks".\n'
    )


def test_our_own_locks_pass() -> None:
    assert locks.main() == 0
