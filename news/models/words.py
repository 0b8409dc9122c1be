"""What search finds texts by: the words published, and for the newsroom those of its drafts."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from sccon.translated import LANGUAGES

# The words of a text, each once, as it was first written. A word only serves to find public texts: whoever shows
# it asks first whether a public text has it (`news.search.finding`). No unique constraint, for publishers must not wait for
# each other; of two that are equal one is superfluous.
COLLECT_WORDS = r"""
    INSERT INTO news_word (language, key, shown)
    SELECT DISTINCT ON (key) NEW.language, key, shown
    FROM (
        SELECT shown, news_fold(shown) AS key
        FROM (
            SELECT DISTINCT word AS shown
            FROM string_to_table(
                news_letters(
                    news_seen(concat_ws(' ', NEW.title, NEW.lead, NEW.search_files, news_text(NEW.body)))
                ), ' '
            ) AS word
            WHERE length(word) BETWEEN 4 AND 60 AND word !~ '[0-9]'
        ) AS words
    ) AS folded
    WHERE NOT EXISTS (SELECT FROM news_word known WHERE known.language = NEW.language AND known.key = folded.key)
    ORDER BY key, shown DESC;
    RETURN NULL;
"""


# The index of an article follows every change of its texts, whoever makes it.
INDEX_DRAFT = """
    INSERT INTO news_articleindex (article_id, search)
    VALUES (
        NEW.id,
        news_draft_vector('de', NEW.title_de, NEW.lead_de, NEW.body_de, NEW.slug_de)
            || news_draft_vector('en', NEW.title_en, NEW.lead_en, NEW.body_en, NEW.slug_en)
    )
    ON CONFLICT (article_id) DO UPDATE SET search = EXCLUDED.search;
    RETURN NULL;
"""


class Word(models.Model):
    """A word that stands, stood or will stand in a published text."""

    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    key = models.CharField(max_length=60)  # folded: see `news.search.folding`
    shown = models.CharField(max_length=60)

    class Meta:
        indexes = [
            models.Index(fields=["language", "key"], name="word_key"),
            GinIndex(fields=["key"], opclasses=["gin_trgm_ops"], name="word_parts"),
        ]

    def __str__(self) -> str:
        return self.shown


class ArticleIndex(models.Model):
    """What the newsroom finds an article by: its draft in both languages. No part of the article, and not versioned."""

    article = models.OneToOneField("news.Article", models.CASCADE, related_name="index", primary_key=True)
    search = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["search"], fastupdate=False, name="article_search")]

    def __str__(self) -> str:
        return f"index of {self.article_id}"


def index_draft() -> pgtrigger.Trigger:
    """For the articles."""
    texts = (f"{field}_{language}" for field in ("title", "lead", "body", "slug") for language in LANGUAGES)
    return pgtrigger.Trigger(
        name="index_draft",
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*texts),
        when=pgtrigger.After,
        func=INDEX_DRAFT,
    )


def collect_words() -> pgtrigger.Trigger:
    """For the texts: whatever writes one, search knows its words."""
    return pgtrigger.Trigger(
        name="collect_words",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        condition=pgtrigger.Condition("NEW.kind <> 'page'"),
        func=COLLECT_WORDS,
    )
