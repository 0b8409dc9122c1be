from pathlib import Path

from django.core.files.storage import FileSystemStorage

from sccon.static import HashedStaticFilesStorage

FILES = {
    "fonts/a.woff2": "font",
    "css/base.css": 'src: url("../fonts/a.woff2")',
    "js/part.js": "export const one = 1;",
    "js/page.js": 'import { one } from "./part.js";',
}


def test_styles_and_scripts_ask_for_the_addresses_that_pages_name(tmp_path: Path):
    """Otherwise a browser would take them for two files: the preloaded font comes twice, a module runs twice."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    files = FileSystemStorage(tmp_path)
    storage = HashedStaticFilesStorage(location=tmp_path, base_url="/static/")

    list(storage.post_process({name: (files, name) for name in FILES}))

    styles, page = ((tmp_path / storage.stored_name(name)).read_text() for name in ("css/base.css", "js/page.js"))
    assert styles == f'src: url("..{storage.url("fonts/a.woff2").removeprefix("/static")}")'
    assert page == f'import {{ one }} from ".{storage.url("js/part.js").removeprefix("/static/js")}";'
