"""Share pictures: what other sites show where the address of a publication is shared."""

from django.db import models

from sccon.models.pages import changes_pages

from .publications import Publication


class SharePicture(models.Model):
    """The picture of one publication, drawn by a job after publishing. See `news.pictures.share_pictures`."""

    publication = models.OneToOneField(Publication, models.CASCADE, related_name="share_picture")
    file = models.FileField(upload_to="", max_length=200, db_index=True)
    key = models.CharField(max_length=12)  # hash of everything it shows: with another key it must be drawn again
    drawn_at = models.DateTimeField(auto_now=True)

    class Meta:
        triggers = [changes_pages()]

    def __str__(self) -> str:
        return str(self.file)
