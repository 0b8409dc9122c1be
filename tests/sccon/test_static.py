from pathlib import Path

from django.core.files.storage import FileSystemStorage

from sccon.static import HashedStaticFilesStorage

FONT = "fonts/PublicSans[wght].ttf"


def test_styles_ask_for_the_font_under_the_address_that_pages_preload(tmp_path: Path):
    for name, text in {FONT: "font", "css/base.css": 'src: url("../fonts/PublicSans%5Bwght%5D.ttf")'}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    files = FileSystemStorage(tmp_path)
    storage = HashedStaticFilesStorage(location=tmp_path, base_url="/static/")

    list(storage.post_process({name: (files, name) for name in (FONT, "css/base.css")}))

    styles = (tmp_path / storage.stored_name("css/base.css")).read_text()
    assert styles == f'src: url("..{storage.url(FONT).removeprefix("/static")}")'
    assert "%5Bwght%5D." in styles
