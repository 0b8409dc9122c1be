"""Search indexes beside the publications: the vocabulary of published texts, and the index of drafts."""

import pgtrigger
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from sccon.translated import CHOICES, LANGUAGES

# Collects the words of a text, each once per language, in the spelling seen first. Words of texts that are not public
# stay in the table: `news.search.finding` shows one only if a public text has it. No UNIQUE on purpose: concurrent
# publishers would wait for each other. Duplicates are harmless.
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


# Updates the index of an article with every change of its texts, whoever makes it.
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
    """A word of a text that is, was or will be public."""

    language = models.CharField(max_length=2, choices=CHOICES)
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
    """The search vector of an article's draft, both languages in one, for the newsroom. Not versioned."""

    article = models.OneToOneField("news.Article", models.CASCADE, related_name="index", primary_key=True)
    search = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["search"], fastupdate=False, name="article_search")]

    def __str__(self) -> str:
        return f"index of {self.article_id}"


def index_draft() -> pgtrigger.Trigger:
    """The trigger on articles."""
    texts = (f"{field}_{language}" for field in ("title", "lead", "body", "slug") for language in LANGUAGES)
    return pgtrigger.Trigger(
        name="index_draft",
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*texts),
        when=pgtrigger.After,
        func=INDEX_DRAFT,
    )


def collect_words() -> pgtrigger.Trigger:
    """The trigger on publications."""
    return pgtrigger.Trigger(
        name="collect_words",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        condition=pgtrigger.Condition("NEW.kind <> 'page'"),
        func=COLLECT_WORDS,
    )
