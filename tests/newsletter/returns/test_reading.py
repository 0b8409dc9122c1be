"""What came back is judged by what it says, whatever server wrote it, and nothing that comes can stop the reading."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.returns import judging, reading
from tests.newsletter.returns.corpus import CORPUS, MESSAGE_ID, TO


@pytest.mark.parametrize("shape", CORPUS)
def test_the_verdict_on_a_mail_that_came_back(shape: str):
    raw, verdict = CORPUS[shape]
    for content in (raw, raw.replace(b"\n", b"\r\n")):
        read = reading.read(content)
        assert read.verdict == verdict, read
        if verdict not in {"unreadable", "nothing"}:
            assert TO in {each.strip("<>") for each in read.senders} or MESSAGE_ID in read.message_ids


@pytest.mark.parametrize("shape", [shape for shape, (raw, _verdict) in CORPUS.items() if MESSAGE_ID.encode() in raw])
def test_the_mail_that_came_back_is_known_by_its_message_id(shape: str):
    raw = CORPUS[shape][0].replace(TO.encode(), b"news@example.org")
    assert MESSAGE_ID in reading.read(raw).message_ids


@pytest.mark.parametrize(
    ("code", "text", "stage", "verdict"),
    [
        *((550, f"{code} whatever", "rcpt", "dead") for code in sorted(judging.DEAD)),
        (550, "5.1.1 User unknown", "data", "dead"),
        (550, "No such user here", "rcpt", "dead"),
        (550, "Benutzer unbekannt: Empfänger unbekannt", "rcpt", "dead"),
        (552, "5.2.2 Over quota", "rcpt", "soft"),
        (552, "Requested mail action aborted: exceeded storage allocation", "data", "soft"),
        (450, "4.2.0 Greylisted", "rcpt", "soft"),
        (421, "4.7.28 Unusual rate", "rcpt", "soft"),
        (550, "5.7.1 Rejected", "rcpt", "ours"),
        (554, "5.7.26 Unauthenticated", "data", "ours"),
        (550, "5.1.7 Bad sender address", "rcpt", "ours"),
        (550, "5.1.8 Sender domain not found", "rcpt", "ours"),
        (554, "No SMTP service here", "connect", "ours"),
        (550, "5.1.1 User unknown", "mail", "ours"),
        (535, "5.7.8 Bad credentials", "auth", "ours"),
        (421, "4.3.2 Try later", "ehlo", "ours"),
        (530, "Must issue STARTTLS first", "rcpt", "ours"),
        (550, "Rejected", "rcpt", "soft"),
        (250, "2.0.0 OK queued as 4F1", "data", "nothing"),
    ],
)
def test_the_verdict_on_an_answer_in_the_dialogue(code: int, text: str, stage: str, verdict: str):
    assert judging.answer(code, text, stage) == verdict


PIECES = [line + b"\n" for raw, _verdict in CORPUS.values() for line in raw.split(b"\n")]


@given(
    st.one_of(
        st.binary(max_size=4000),
        st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=60)), max_size=60).map(b"".join),
    )
)
@settings(deadline=None, max_examples=150)
def test_nothing_that_comes_can_raise(raw: bytes):
    read = reading.read(raw)
    assert len(read.words) <= 500 and len(read.code) <= 20 and len(read.senders) <= 20 and "\0" not in read.words


@pytest.mark.parametrize(
    "raw",
    [
        b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(20000)),
        b"Content-Type: message/rfc822\n\n" * 20000,
        b"To: " + b"<a@b.example>, " * 100000 + b"\n\n",
        b"To: " + b"(" * 300000 + b"\n\n",
        b"Subject: " + b"=?utf-8?q?" * 50000 + b"\n\n" + b"<" * 300000,
        b"From: mailer-daemon@x\nContent-Type: text/plain\n\n" + b"mailbox " * 60000,
        b"From: mailer-daemon@x\nContent-Type: text/html\n\n" + b"<a " * 60000,
        b"From: mailer-daemon@x\n\n" + b"\n" * 1_000_000 + b"x",
    ],
    ids=["nested", "messages", "many", "comments", "words", "prose", "tags", "large"],
)
def test_what_is_made_to_cost_time_comes_to_an_end(raw: bytes):
    assert len(reading.read(raw).words) <= 500
