"""The rich text editor, as one types in it."""

from playwright.sync_api import Locator


def put_caret(box: Locator, key: str) -> None:
    """Clicks into the text and presses "Home" or "End".

    20 ms after it got the focus, the editor puts the caret back to where it last knew it to be. On a busy machine it has
    not heard of a key by then that was pressed at once. A timer of the page's own, begun later, ends later than that one.
    """
    box.click()
    box.evaluate("() => new Promise(done => setTimeout(done, 21))")
    box.page.keyboard.press(key)
