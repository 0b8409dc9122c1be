"""The picture of a publication where its address is shared."""

from django.db import models

from sccon.models.pages import changes_pages

from .publications import Publication


class SharePicture(models.Model):
    """Drawn by the worker after the text is frozen; as public as the publication. See `news.pictures.share_pictures`."""

    publication = models.OneToOneField(Publication, models.CASCADE, related_name="share_picture")
    file = models.FileField(upload_to="", max_length=200, db_index=True)
    key = models.CharField(max_length=12)  # of all that it shows: another key means that it must be drawn anew
    drawn_at = models.DateTimeField(auto_now=True)

    class Meta:
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return str(self.file)
