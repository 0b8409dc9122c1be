"""What machines read of an article: schema.org's NewsArticle as JSON-LD."""

import json
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from news.models import Publication

# A script element ends at "</script" wherever it stands: escaped, the data cannot leave it.
ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def news_article(publication: Publication, address: str) -> SafeString:
    """`publication`, read at the absolute `address`, as the content of an application/ld+json element."""
    organisation = {"@type": "Organization", "name": settings.SITE_NAME, "url": settings.SITE_URL}
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": publication.title,
        "description": publication.seo_description or publication.lead,
        "inLanguage": publication.language,
        "datePublished": publication.first_published_at.isoformat(),
        "dateModified": (publication.updated_at or publication.first_published_at).isoformat(),
        "mainEntityOfPage": address,
        "author": {"@type": "Person", "name": publication.author.name} if publication.author else organisation,
        "publisher": organisation,
    }
    if publication.image:
        data["image"] = settings.SITE_URL + publication.image.jpeg.url
    text = json.dumps({k: v for k, v in data.items() if v}, ensure_ascii=False)
    return mark_safe(text.translate(ESCAPES))  # noqa: S308 – escaped above
