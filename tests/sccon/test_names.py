"""What strangers type as a name or an address."""

import pytest
from django.core.exceptions import ValidationError

from sccon.mailboxes import mailbox
from sccon.names import plain_name


@pytest.mark.parametrize(
    "name",
    [
        "Sie haben gewonnen! Jetzt abholen: https://evil.example/gewinn",
        *(
            "evil.com",
            "Gewinn auf EVIL.COM",
            "www.evil",
            "Mia evil.co.uk/x",
            "post@evil.example",
            "evil。com",
            "evil．com",
        ),
        *(
            "//evil",
            "ａ＠evil",
            "Mia \u202egro.live",
            "t.co",
        ),
    ],
)
def test_a_name_carries_no_address(name: str):
    with pytest.raises(ValidationError):
        plain_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Dr. Henriette Oldenburg",
            "Prof.Dr.Weber",
            "J.R.R. Tolkien",
            "J.Weber",
            "Jean-Luc O’Neill",
            "محمد علي",
            "李小龍",
        ),
        *(
            "Anna-Lena von der Höhe",
            "St. John",
            "Mia Weber jr.",
            "Nguyễn Văn A",
            "Zoë d'Arc",
            "",
            "Dipl.-Ing. Max Muster",
        ),
    ],
)
def test_people_have_names_of_many_kinds(name: str):
    plain_name(name)


@pytest.mark.parametrize(
    ("address", "same"),
    [
        ("A.d.a+x@GoogleMail.com", "ada@gmail.com"),
        ("ada+x+y@outlook.de", "ada@outlook.de"),
        ("a.da@outlook.de", "a.da@outlook.de"),
        ("Ada+x@firma.example", "ada+x@firma.example"),
        ("+x@gmail.com", "+x@gmail.com"),
    ],
)
def test_a_mailbox_is_one_however_it_is_written(address: str, same: str):
    assert mailbox(address) == same


def test_limits_take_every_tag_for_the_same_mailbox():
    assert mailbox("Ada+x@firma.example", any_provider=True) == "ada@firma.example"
