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


def test_files_that_did_not_change_are_not_hashed_and_compressed_again(tmp_path: Path):
    (tmp_path / "page.js").write_text("export const one = 1;")
    files = FileSystemStorage(tmp_path)

    def processed() -> list[str]:
        storage = HashedStaticFilesStorage(location=tmp_path, base_url="/static/")  # as a new process finds it
        return [name for name, _hashed, _done in storage.post_process({"page.js": (files, "page.js")})]

    assert processed() == ["page.js"]
    assert processed() == []
    (tmp_path / "page.js").write_text("export const one = 2;")
    assert processed() == ["page.js"]
    for hashed in tmp_path.glob("page.*.js"):  # somebody tidied up
        hashed.unlink()
    assert processed() == ["page.js"]
