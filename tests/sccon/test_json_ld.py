import json

from sccon.json_ld import json_ld


def test_what_is_said_cannot_end_the_script_it_stands_in():
    said = {"name": "</script><script>alert(1)</script> & Söhne"}
    text = json_ld(said)
    assert "<" not in text
    assert json.loads(text) == {"@context": "https://schema.org", **said}
