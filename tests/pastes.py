"""The clipboards of other programs, each with what must become of it, in the editor and on the server alike."""

from pathlib import Path

from hypothesis import strategies as st

PASTE = Path(__file__).parent / "fixtures" / "paste"
FRAGMENTS = sorted(path.name.removesuffix(".expected.html") for path in PASTE.glob("*.expected.html"))


def clipboard(name: str) -> str:
    return (PASTE / f"{name}.html").read_text()


def expected(name: str) -> str:
    """Written there with a line for each block."""
    return (PASTE / f"{name}.expected.html").read_text().replace("\n", "")


# Trees of words that are seen and words that are not, in the ways programs have for either.
SEEN = [
    "<p>{}</p>",
    "<b>{}</b>",
    '<span style="font-weight:900">{}</span>',
    "<div>{}</div>",
    "<ins>{}</ins>",
    "<s>{}</s>",
]
SEEN += [
    "<ul><li>{}</li></ul>",
    "<ol start=4><li>{}</li></ol>",
    "<blockquote>{}</blockquote>",
    "<q>{}</q>",
    "<sup>{}</sup>",
]
SEEN += [
    "<table><tr><td>{}</td><td>y</td></tr><tr><td>z</td><td>z</td></tr></table>",
    "<details>{}</details>",
    "<h4>{}</h4>",
]
SEEN += [
    '<a href="www.example.org">{}</a>',
    '<p class="MsoNormal" style="text-indent:-106.35pt">{}</p>',
    "<dl><dt>{}</dt></dl>",
]
SEEN += ["<table><tr><th rowspan=2>{}</th><th>y</th></tr><tr><td>z</td></tr></table>", '<font face="Arial">{}</font>']
UNSEEN = [
    "<del>{}</del>",
    '<span class="msoDel">{}</span>',
    '<p style="display:none">{}</p>',
    "<!-- {} -->",
    "<p hidden>{}</p>",
]
UNSEEN += ["<span style='mso-hide:all'>{}</span>", "<div style='mso-element:comment-list'><p>{}</p></div>"]
UNSEEN += ["<p class=MsoCommentText>{}</p>", '<span class="TrackChangeTextDeletion">{}</span>', "<dialog>{}</dialog>"]
UNSEEN += ['<span style="visibility: hidden">{}</span>', '<span style="opacity:0">{}</span>', "<template>{}</template>"]
UNSEEN += [
    '<span class="sr-only">{}</span>',
    "<style>.hint{{display:none}}</style><i class=hint>{}</i>",
    "<script>{}</script>",
]
UNSEEN += ["<table style='display:none'><tr><td>{}</td></tr></table>", '<u style="FONT-SIZE: 0px !important">{}</u>']
WORDS = st.integers(0, 10**6)
TREES = st.recursive(
    WORDS.map(lambda number: f" seen{number}x "),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(SEEN), st.lists(inner, min_size=1, max_size=3)).map(
            lambda drawn: drawn[0].format("".join(drawn[1]))
        ),
        st.tuples(st.sampled_from(UNSEEN), WORDS).map(lambda drawn: drawn[0].format(f"secret{drawn[1]}x")),
    ),
    max_leaves=12,
)
PIECES = st.lists(TREES, min_size=1, max_size=4).map("".join)
