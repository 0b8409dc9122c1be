"""What search finds texts by: the words published, and the vectors made of them."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models

# The words of a text, each once, as it was first written. A word only serves to find public texts: whoever shows
# it asks first whether a public text has it (`news.search`). No unique constraint, for publishers must not wait for
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


class Word(models.Model):
    """A word that stands, stood or will stand in a published text."""

    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    key = models.CharField(max_length=60)  # folded: see `news.folding`
    shown = models.CharField(max_length=60)

    class Meta:
        indexes = [
            models.Index(fields=["language", "key"], name="word_key"),
            GinIndex(fields=["key"], opclasses=["gin_trgm_ops"], name="word_parts"),
        ]

    def __str__(self) -> str:
        return self.shown


def collect_words() -> pgtrigger.Trigger:
    """For the texts: whatever writes one, search knows its words."""
    return pgtrigger.Trigger(
        name="collect_words",
        operation=pgtrigger.Insert,
        when=pgtrigger.After,
        condition=pgtrigger.Condition("NEW.kind <> 'page'"),
        func=COLLECT_WORDS,
    )
