"""Each check of the mail doctor, asked of a real nameserver, a real relay and a real web server: what it finds, and that red
is only what was answered."""

import base64
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from dns.reversename import from_address
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.doctor import looking, reaching, resolving, telling
from newsletter.doctor.looking import Finding, Setup
from newsletter.doctor.resolving import Asker, resolver
from newsletter.doctor.spf import Broken, Reading
from tests.newsletter.doctor import servers
from tests.newsletter.doctor.nameserver import Nameserver, Zone
from tests.newsletter.doctor.world import BACK, DKIM, DMARC, GOOD, KEY, OTHER, RELAY, SPF, published

WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505 – as many still have it
SHORT = (  # 768 bits: nothing makes such keys any more
    "v=DKIM1; p=MHwwDQYJKoZIhvcNAQEBBQADawAwaAJhALavNVMlotQsCbSbD+PEzJ2sdo3N75CvsKBIfr+TaaAuGmW9dndLDGPTLGMXV6MQ9ZmvVPtF0H+h"
    "WkPd2S46UBd9/DDsXZ3jKsnkKzB58nnQDaeYNNPXa5yK4lKx5Tn/XQIDAQAB"
)
ED = base64.b64encode(
    ed25519.Ed25519PrivateKey.generate().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
).decode()

SETUP = Setup(
    sender="example.org",
    envelope="example.org",
    relay={"host": "mail.example.org", "port": 587, "use_tls": True, "use_ssl": False, "username": "", "password": ""},
    selector="s1",
    key="",
    url="https://www.example.org",
    path="/de/",
    servers="",
)


def to(host: str, **options: Any) -> dict[str, Any]:
    return {"relay": {**(SETUP.relay or {}), "host": host, **options}}


def includes(number: int) -> Zone:
    """A record that includes so many others."""
    names = [f"n{each}.example" for each in range(number)]
    return {SPF: ["v=spf1 " + " ".join(f"include:{name}" for name in names) + " -all"]} | {
        (name, "TXT"): ["v=spf1 ip4:9.9.9.9 -all"] for name in names
    }


# What differs from what is good in the DNS and in the settings, and what is said of it.
FOUND: list[tuple[Zone, dict[str, Any], str]] = [
    ({}, {}, "spf-good"),
    ({}, {}, "dkim-good"),
    ({}, {}, "dmarc-good"),
    ({}, {}, "alignment-good"),
    ({}, {}, "host-good"),
    # SPF
    ({SPF: ["google-site-verification=x"]}, {}, "spf-missing"),
    ({SPF: []}, {}, "spf-missing"),
    ({SPF: ["v=spf10 -all", " v=spf1 -all"]}, {}, "spf-missing"),
    ({}, {"envelope": "bounces.example.org"}, "spf-missing"),
    ({SPF: ["v=spf1 mx -all", "v=spf1 a -all"]}, {}, "spf-several"),
    *(
        ({SPF: [f"v=spf1 {term} -all"]}, {}, "spf-broken")
        for term in (
            *("ip4:300.1.1.1", "ip4:1.2.3.4/33", "ip4:2620:fe::1", "ip6:1.2.3.4", "ip4:", "ip4", "include:"),
            *("include", "mx/33", "a//129", "all:x", "foo", "inclde:x.example", "redirect=", "a,b", "ip4:1.2.3.4~all"),
            *("exp=a.example exp=b.example", "ip4:1.2.3.4\t", "-", "münchen"),
        )
    ),
    (includes(11), {}, "spf-lookups"),
    ({SPF: ["v=spf1 " + "a:mail.example.org " * 11 + "-all"]}, {}, "spf-lookups"),
    ({SPF: ["v=spf1 include:example.org -all"]}, {}, "spf-loop"),
    ({SPF: ["v=spf1 redirect=b.example"], ("b.example", "TXT"): ["v=spf1 include:EXAMPLE.org"]}, {}, "spf-loop"),
    ({SPF: ["v=spf1 include:nobody.example -all"]}, {}, "spf-include"),
    ({SPF: ["v=spf1 include:..a.example -all"]}, {}, "spf-include"),
    ({SPF: [f"v=spf1 include:{'a' * 64}.example -all"]}, {}, "spf-include"),
    ({SPF: ["v=spf1 redirect=mail.example.org"]}, {}, "spf-include"),
    ({SPF: ["v=spf1 -all"]}, {}, "spf-nobody"),
    ({SPF: ["v=spf1"]}, {}, "spf-nobody"),
    ({SPF: ["v=spf1 -ip4:8.8.8.8 ?all"]}, {}, "spf-nobody"),
    ({SPF: ["v=spf1 +all"]}, {}, "spf-everybody"),
    ({SPF: ["v=spf1 ip4:9.9.9.9 all"]}, {}, "spf-everybody"),
    ({SPF: ["v=spf1 ip4:9.9.9.9 -all"]}, {}, "spf-relay"),
    ({SPF: ["v=spf1 -ip4:8.8.0.0/16 a:mail.example.org -all"]}, {}, "spf-relay"),
    ({SPF: ["v=spf1 " + " ".join(f"a:no{n}.example" for n in range(3)) + " ip4:8.8.8.8 -all"]}, {}, "spf-void"),
    *(
        ({SPF: [f"v=spf1 {terms}"]}, {}, "spf-good")
        for terms in (
            *("ip4:8.8.8.8 -all", "IP4:8.8.8.0/24 ~all", "ip4:8.8.0.0/16", "a:mail.example.org/24 -all"),
            *("exists:%{i}.x.example -all", "include:%{d}.x -all", "ptr -all", "-exists:%{i}.bad.example ip4:8.8.8.8"),
            *("redirect=others.example x-unknown=1 a:mail.example.org", "ip4:8.8.8.8 -all  ", "a:mail.example.org//64"),
            "ip4:8.8.8.8 -all include:nobody.example foo=bar",
        )
    ),
    ({SPF: ["v=spf1 mx -all"], ("example.org", "MX"): ["10 mail.example.org."]}, {}, "spf-good"),
    (includes(10) | {RELAY: ["9.9.9.9"]}, {}, "spf-good"),
    # DKIM
    ({}, {"selector": ""}, "dkim-unasked"),
    ({}, {"selector": "", "key": "KEY"}, "dkim-selector"),
    ({}, {"key": "/nowhere.pem"}, "dkim-unreadable"),
    ({}, {"key": "TEXT"}, "dkim-unreadable"),
    ({}, {"key": "ED"}, "dkim-unreadable"),
    ({}, {"key": "KEY"}, "dkim-good"),
    ({DKIM: []}, {}, "dkim-missing"),
    ({DKIM: ["hello"]}, {"key": "KEY"}, "dkim-missing"),
    ({}, {"sender": "news.example.org", "key": "KEY"}, "dkim-missing"),
    ({}, {"sender": "news.example.org"}, "dkim-good"),
    ({DKIM: [published(KEY), published(OTHER)]}, {}, "dkim-several"),
    *(
        ({DKIM: [record]}, {}, "dkim-broken")
        for record in (
            *(
                "v=DKIM1; p=abc!",
                "v=DKIM2; p=",
                "v=DKIM1; k=rsa",
                "v=DKIM1; k=rsa; p=aGFsbG8=",
                f"v=DKIM1; k=dsa; p={ED}",
            ),
            *(published(KEY, "h=sha1; "), published(KEY, "s=tlsrpt; "), published(KEY, "p=; "), "v=DKIM1;;p=x"),
        )
    ),
    ({DKIM: ["v=DKIM1; p="]}, {}, "dkim-revoked"),
    ({DKIM: ["p=;"]}, {}, "dkim-revoked"),
    ({DKIM: [published(OTHER)]}, {"key": "KEY"}, "dkim-other"),
    ({DKIM: [SHORT]}, {}, "dkim-short"),
    ({DKIM: [published(WEAK)]}, {}, "dkim-weak"),
    ({DKIM: [published(KEY, "t=y:s; ")]}, {}, "dkim-testing"),
    ({DKIM: [f"v=DKIM1; k=ed25519; p={ED}"]}, {}, "dkim-good"),
    ({DKIM: [published(KEY).replace("; ", " ; ").replace("A", "A ")]}, {}, "dkim-good"),
    (
        {DKIM: [], ("s1._domainkey.example.org", "CNAME"): ["k.others.example."], ("k.others.example", "TXT"): []},
        {},
        "dkim-missing",
    ),
    # DMARC
    ({DMARC: []}, {}, "dmarc-missing"),
    ({DMARC: ["v=spf1 -all"]}, {}, "dmarc-missing"),
    ({DMARC: ["v=DMARC1; p=none", "v=DMARC1; p=reject"]}, {}, "dmarc-several"),
    *(
        ({DMARC: [record]}, {}, "dmarc-broken")
        for record in (
            *("v=DMARC1", "v=DMARC1; p=nothing", "v=DMARC1 p=none", "v=dmarc1; p=none", " v=DMARC1; p=none"),
            *("v=DMARC1; p=none; p=reject", "v=DMARC1; p=none; sp=no", "v=DMARC1; p=none; aspf=x", "v=DMARC1; none"),
        )
    ),
    ({}, {"sender": "news.example.org"}, "dmarc-good"),
    ({DMARC: ["v=DMARC1; rua=mailto:a@example.org"]}, {}, "dmarc-good"),
    ({DMARC: ["v=DMARC1;p=none;"]}, {}, "dmarc-good"),
    # Alignment
    ({}, {"envelope": "bounces.example.org"}, "alignment-good"),
    ({}, {"sender": "news.example.org", "envelope": "b.example.org"}, "alignment-good"),
    ({}, {"envelope": "relay.example"}, "alignment-dkim"),
    ({DMARC: ["v=DMARC1; p=none; aspf=s"]}, {"envelope": "bounces.example.org"}, "alignment-dkim"),
    ({}, {"envelope": "relay.example", "selector": ""}, "alignment-none"),
    ({}, {"sender": "a.co.uk", "envelope": "b.co.uk", "selector": ""}, "alignment-none"),
    # The relay's name
    ({RELAY: []}, {}, "host-missing"),
    ({BACK: []}, {}, "host-back"),
    ({BACK: ["other.example."], ("other.example", "A"): ["9.9.9.9"]}, {}, "host-back"),
    ({BACK: ["other.example."], ("other.example", "A"): ["8.8.8.8"]}, {}, "host-good"),
    ({BACK: ["a.example.", "mail.example.org."]}, {}, "host-good"),
    ({}, to("8.8.8.8"), "host-good"),
    ({}, to("9.9.9.9"), "host-back"),
    ({RELAY: ["8.8.8.8", "9.9.9.9"]}, {}, "host-some"),
    ({RELAY: ["10.0.0.7"]}, {}, "host-inside"),
    *(({}, to(host), "host-inside") for host in ("localhost", "127.0.0.1", "::1", "postfix", "mx.lan", "192.168.1.5")),
    (
        {
            RELAY: [],
            ("mail.example.org", "AAAA"): ["2620:fe::9"],
            (from_address("2620:fe::9").to_text(omit_final_dot=True), "PTR"): ["mail.example.org."],
        },
        {},
        "host-good",
    ),
]


@pytest.fixture(scope="module")
def nameserver() -> Iterator[Nameserver]:
    with Nameserver() as server:
        yield server


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("keys")
    ed = ed25519.Ed25519PrivateKey.generate()
    for name, key in (("KEY", KEY), ("ED", ed)):
        (folder / name).write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "TEXT").write_text("no key")
    return {name: str(folder / name) for name in ("KEY", "ED", "TEXT")}


def found(nameserver: Nameserver, setup: Setup) -> dict[str, Finding]:
    """What the DNS says of it."""
    nameserver.asked.clear()
    asker = Asker(partial(resolver, nameserver.address), seconds=10)
    return {finding.about: finding for finding in looking.in_the_dns(setup, asker)}


def test_each_fault_in_the_dns_is_found_and_told_apart(nameserver: Nameserver, keys: dict[str, str]):
    wrong = []
    for zone, changes, says in FOUND:
        nameserver.zone = GOOD | zone
        changes = {**changes, "key": keys.get(changes.get("key", ""), changes.get("key", ""))}
        finding = found(nameserver, replace(SETUP, **changes))[says.partition("-")[0]]
        if finding.says != says:
            wrong.append((zone, changes, says, finding.says, finding.words))
    assert not wrong, "\n".join(map(str, wrong))
    in_the_dns = {says for says in looking.VERDICTS if says.partition("-")[0] not in {"tls", "links", "no", "dns"}}
    assert in_the_dns == {says for _zone, _changes, says in FOUND}


def test_what_is_to_be_published_mends_what_was_found(nameserver: Nameserver, keys: dict[str, str]):
    cases: list[tuple[Zone, dict[str, Any]]] = [
        ({SPF: []}, {}),
        ({SPF: ["v=spf1 mx ip4:9.9.9.9 -all", "v=spf1 ip4:8.8.8.8 ?all"]}, {}),
        ({SPF: ["v=spf1 -all"]}, {}),
        ({SPF: ["v=spf1 ip4:9.9.9.9 -all"]}, {}),
        ({SPF: ["v=spf1 ip4:9.9.9.9 -all"]}, to("8.8.8.8")),
        ({SPF: ["v=spf1 ip4:9.9.9.9 redirect=others.example"]}, {}),
        ({SPF: []}, to("localhost") | {"url": "https://mail.example.org"}),
        ({DKIM: []}, {"key": keys["KEY"]}),
        ({DKIM: [published(OTHER)]}, {"key": keys["KEY"]}),
        ({DMARC: []}, {}),
        ({DMARC: ["v=DMARC1; p=nothing"]}, {"sender": "news.example.org"}),
    ]
    for zone, changes in cases:
        nameserver.zone = GOOD | zone
        setup = replace(SETUP, **changes)
        before = next(each for each in found(nameserver, setup).values() if each.publish and each.about != "alignment")
        for record in before.publish:
            nameserver.zone[record["name"], record["type"]] = [record["value"]]
        assert found(nameserver, setup)[before.about].says == f"{before.about}-good", (zone, before)


def test_without_an_answer_nothing_is_red(nameserver: Nameserver):
    """Of one name, or of all: whatever the others say, this check says that it cannot know."""
    wanted = {
        "spf": "others.example",
        "dkim": "s1._domainkey.example.org",
        "dmarc": "_dmarc.example.org",
        "host": "8.8.8.8.in-addr.arpa",
    }
    nameserver.zone = GOOD
    for mood in ("servfail", "refused"):
        for about, name in wanted.items():
            nameserver.moods = {name: mood}
            says = {each.about: each.says for each in found(nameserver, SETUP).values()}
            silent = [each for each, said in says.items() if said == "dns-silent"]
            assert silent == [about], (mood, name, says)
    nameserver.moods = {}


@pytest.mark.parametrize(
    "servers_", ["127.0.0.1:0", "closed", "silent", "garbage", "servfail", "no address", "[::1]:0"]
)
def test_without_dns_it_says_so_soon_and_blocks_nothing(
    nameserver: Nameserver, monkeypatch: pytest.MonkeyPatch, servers_: str
):
    monkeypatch.setattr(resolving, "ANSWER", 0.4)
    nameserver.zone, nameserver.moods = GOOD, {"*": servers_}
    if servers_ in {"silent", "garbage", "servfail"}:
        servers_ = nameserver.address
    elif servers_ == "closed":
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            servers_ = f"127.0.0.1:{free.getsockname()[1]}"
    asker = Asker(partial(resolver, servers_), seconds=10)
    says = {each.about: each.says for each in looking.in_the_dns(SETUP, asker)}
    nameserver.moods = {}
    assert says.pop("alignment") == "alignment-good"
    assert says == dict.fromkeys(("spf", "dkim", "dmarc", "host"), "dns-silent")
    assert len(nameserver.asked) < 20


def test_a_large_record_comes_by_tcp(nameserver: Nameserver):
    nameserver.zone = GOOD | {
        SPF: ["v=spf1 " + " ".join(f"ip4:9.9.{n}.0/24" for n in range(200)) + " ip4:8.8.8.8 -all"]
    }
    assert found(nameserver, SETUP)["spf"].says == "spf-good"


def test_without_a_relay_nobody_is_asked(nameserver: Nameserver):
    nameserver.asked.clear()
    assert looking.look(replace(SETUP, relay=None, servers=nameserver.address)) == []
    assert not nameserver.asked


# --- Whom a record of SPF allows, beside a reading that is written differently ------------------

ADDRESS = st.integers(0, 7).map(lambda last: f"9.9.9.{last}")
TERM = st.tuples(st.sampled_from(["", "+", "-", "~", "?"]), ADDRESS, st.integers(29, 32))
RECORD = st.tuples(st.lists(TERM, max_size=4), st.sampled_from(["", "all", "-all", "~all", "?all"]))
RESULT = {"": "pass", "+": "pass", "-": "fail", "~": "softfail", "?": "neutral"}


def by_hand(record: tuple[list[tuple[str, str, int]], str], address: str, otherwise: str = "neutral") -> str:
    for sign, network, length in record[0]:
        shift = 32 - length
        if int(ip_address(network)) >> shift == int(ip_address(address)) >> shift:
            return RESULT[sign]
    return RESULT[record[1][:-3]] if record[1] else otherwise


def written(record: tuple[list[tuple[str, str, int]], str], *more: str) -> str:
    terms = [f"{sign}ip4:{network}/{length}" for sign, network, length in record[0]]
    return " ".join(filter(None, ["v=spf1", *more, *terms, record[1]]))


@given(outer=RECORD, inner=RECORD, address=ADDRESS)
@settings(max_examples=60, deadline=None)
def test_a_record_of_spf_allows_whom_it_says(nameserver: Nameserver, outer: Any, inner: Any, address: str):
    nameserver.zone = {
        SPF: [written(outer, "include:inner.example")],
        ("inner.example", "TXT"): [written(inner)],
        ("leads.example", "TXT"): [written(outer, "redirect=inner.example")],
    }
    reading = Reading(Asker(partial(resolver, nameserver.address), seconds=10))
    included = "pass" if by_hand(inner, address) == "pass" else by_hand(outer, address)
    assert reading.read("example.org")[1].of(address) == included
    assert reading.read("leads.example")[1].of(address) == by_hand(outer, address, otherwise=by_hand(inner, address))


# --- Whatever the DNS says ----------------------------------------------------------------------

PIECE = st.sampled_from(
    [
        *("v=spf1", " ", "include:", "example.org", "redirect=", "a", "mx", ":", "/", "//", "33", "all", "-", "ip4:"),
        *(
            "ip6:",
            "::1",
            "%{i}",
            "%",
            "exists:",
            "..",
            "b.example",
            "v=DKIM1",
            ";",
            "p=",
            "k=rsa",
            "k=ed25519",
            "t=y",
            "=",
        ),
        *("v=DMARC1", "p=none", "sp=", "aspf=s", "\t", "\0", "ä", "\N{ZERO WIDTH SPACE}", "A" * 300, "1.2.3.4", "MIIB"),
    ]
)
BEGINNING = st.sampled_from(["", "v=spf1 ", "v=DKIM1; p=", "v=DMARC1; p=none; "])
TEXT = st.builds(lambda begin, pieces: (begin + "".join(pieces)).encode(), BEGINNING, st.lists(PIECE, max_size=12))
RECORDS = st.lists(TEXT | st.binary(max_size=400), max_size=3)


@given(st.fixed_dictionaries(dict.fromkeys((SPF, DKIM, DMARC, ("b.example", "TXT")), RECORDS)))
@settings(max_examples=150, deadline=None)
def test_whatever_the_dns_says_each_check_has_a_finding_that_can_be_kept(nameserver: Nameserver, zone: Zone):
    nameserver.zone = GOOD | zone
    seen = found(nameserver, SETUP)
    assert list(seen) == ["spf", "dkim", "dmarc", "alignment", "host"]
    for finding in seen.values():
        assert finding.says in looking.VERDICTS
        assert "\0" not in repr(finding.words) and all("\0" not in record["value"] for record in finding.publish)
        str(telling.SENTENCES[finding.says]) % finding.words
    assert len(nameserver.asked) < 60


def test_a_tree_of_includes_is_left_after_ten_look_ups(nameserver: Nameserver):
    names = [f"t{number}.example" for number in range(40)]
    nameserver.zone = {
        (name, "TXT"): [f"v=spf1 include:{names[(2 * n + 1) % 40]} include:{names[(2 * n + 2) % 40]}"]
        for n, name in enumerate(names)
    }
    nameserver.asked.clear()
    with pytest.raises(Broken):
        Reading(Asker(partial(resolver, nameserver.address), seconds=10)).read("t0.example")
    assert len(nameserver.asked) <= 11


# --- By going there -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> servers.Authority:
    return servers.Authority(tmp_path_factory.mktemp("authority"))


@contextmanager
def closed() -> Iterator[int]:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


def test_the_way_to_the_relay_in_its_own_words(authority: servers.Authority, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    monkeypatch.setattr(reaching, "WAIT", 1.0)
    good, other = authority.context("localhost", 25), authority.context("mail.example.org", 25)
    soon, over = authority.context("localhost", 5), authority.context("localhost", -1)
    starttls, plain, first = {"use_tls": True}, {}, {"use_ssl": True}
    cases: list[tuple[Any, dict[str, bool], str, str]] = [
        (servers.smtp(good), starttls, "tls-good", ""),
        (servers.smtp(good, at_once=True), first, "tls-good", ""),
        (servers.smtp(), plain, "tls-here", ""),
        (servers.smtp(soon), starttls, "tls-ends", ""),
        (servers.smtp(over), starttls, "tls-certificate", "certificate has expired"),
        (servers.smtp(other, at_once=True), first, "tls-certificate", "Hostname mismatch"),
        (servers.smtp(), starttls, "tls-not-offered", ""),
        (servers.smtp(good, tls="454 4.7.0 TLS not available"), starttls, "tls-later", "454 4.7.0 TLS not available"),
        (
            servers.smtp(good, greeting="554 5.7.1 You are on a list"),
            starttls,
            "tls-refused",
            "554 5.7.1 You are on a list",
        ),
        (servers.smtp(good, greeting="421 4.3.2 Not now"), starttls, "tls-later", "421 4.3.2 Not now"),
        (servers.smtp(), first, "tls-broken", ""),
        (servers.smtp(greeting="hello"), starttls, "tls-later", ""),
        (closed(), starttls, "tls-refused", "refused"),
    ]
    for server, how, says, words in cases:
        with server as port:
            options = {"host": "localhost", "port": port, "use_tls": False, "use_ssl": False, **how}
            reached = reaching.relay(options)
            assert reached.says == says, (how, reached)
            assert words in reached.words.get("words", ""), reached
    outside = {"host": "mail.example.org", "port": 25, "use_tls": False, "use_ssl": False}
    assert reaching.relay(outside).says == "tls-off"
    nowhere = {"host": "nobody.invalid", "port": 25, "use_tls": True, "use_ssl": False}
    assert looking.VERDICTS[reaching.relay(nowhere).says] == "unknown"


def test_our_links_as_a_reader_follows_them(authority: servers.Authority, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    good = authority.context("localhost", 25)
    cases: list[tuple[Any, str]] = [
        (servers.web(good), "links-good"),
        (servers.web(authority.context("localhost", 5)), "links-ends"),
        (servers.web(good, 503), "links-busy"),
        (servers.web(good, 404), "links-status"),
        (servers.web(good, 302), "links-status"),
        (servers.web(authority.context("www.example.org", 25)), "links-certificate"),
        (servers.smtp(), "links-broken"),
        (closed(), "links-refused"),
    ]
    for server, says in cases:
        with server as port:
            reached = reaching.own_address(f"https://localhost:{port}", "/de/")
            assert reached.says == says, reached
    assert reaching.own_address("http://127.0.0.1:8000", "/de/").says == "links-trial"
    assert reaching.own_address("http://www.example.org", "/de/").says == "links-http"


def test_a_whole_look_and_what_the_dns_says_of_a_host_that_this_machine_does_not_know(
    nameserver: Nameserver,
    authority: servers.Authority,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    nameserver.zone = GOOD
    with ExitStack() as running:
        port = running.enter_context(servers.smtp(authority.context("localhost", 25)))
        setup = replace(SETUP, **to("localhost", port=port), url="https://nobody.invalid", servers=nameserver.address)
        says = {each.about: each.says for each in looking.look(setup)}
    assert list(says) == list(looking.subjects(setup)) and not caplog.records
    assert (says["tls"], says["spf"], says["host"]) == ("tls-good", "spf-good", "host-inside")
    assert says["links"] in {"links-nowhere", "links-later"}  # the machine may have no resolver at all


def test_what_does_not_come_in_time_is_not_waited_for(nameserver: Nameserver, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(looking, "SECONDS", 0.2)
    nameserver.moods = {"*": "silent"}
    with socket.create_server(("127.0.0.1", 0)) as mute:
        setup = replace(SETUP, **to("localhost", port=mute.getsockname()[1]), servers=nameserver.address)
        found = looking.look(replace(setup, url="http://127.0.0.1"))
    nameserver.moods = {}
    says = {each.about: each.says for each in found}
    assert (says["spf"], says["tls"], says["links"]) == ("no-time", "no-time", "links-trial")


def test_each_sentence_has_a_verdict_and_each_verdict_a_sentence():
    assert set(telling.SENTENCES) == set(looking.VERDICTS)
