"""Mails that come back, written by us after the formats: the shape each server gives them, and what must come of it."""

from email.mime.text import MIMEText

TO = "b+17.0123456789abcdef0123@bounces.example.org"
MESSAGE_ID = "<d.17.0123456789abcdef0123@www.example.org>"
READER = "jana@empfaenger.example"


def head(sender: str, subject: str, *more: str) -> str:
    return (
        "\n".join([f"From: {sender}", f"To: {TO}", f"Subject: {subject}", "Message-ID: <x1@mx.example>", *more]) + "\n"
    )


def original(*more: str) -> str:
    lines = ["Return-Path: <" + TO + ">", "From: News <news@example.org>", f"To: {READER}", "Subject: Ausgabe 12"]
    return "\n".join([*lines, f"Message-ID: {MESSAGE_ID}", *more]) + "\n\nGuten Tag, 550 5.1.1 steht hier nur so.\n"


def dsn(
    status: str,
    diagnostic: str = "",
    *,
    action: str = "failed",
    prose: str = "I could not deliver your message.",
    sender: str = "MAILER-DAEMON@mx.example (Mail Delivery System)",
    subject: str = "Undelivered Mail Returned to Sender",
    report: str = "delivery-status",
    recipient: str = f"rfc822; {READER}",
    returned: str = "message/rfc822",
    encoding: str = "",
    extra: str = "",
    headers: tuple[str, ...] = ("Auto-Submitted: auto-replied",),
) -> bytes:
    fields = "Reporting-MTA: dns; mx.example\nArrival-Date: Mon, 30 Nov 2026 08:00:00 +0100\n\n"
    fields += f"Final-Recipient: {recipient}\nAction: {action}\n"
    fields += (f"Status: {status}\n" if status else "") + (
        f"Diagnostic-Code: smtp; {diagnostic}\n" if diagnostic else ""
    )
    fields += extra
    if encoding == "base64":
        fields = MIMEText(fields, "plain", "utf-8").get_payload()
    cte = f"Content-Transfer-Encoding: {encoding}\n" if encoding else ""
    kind = f'Content-Type: multipart/report; report-type={report}; boundary="b1"'
    text = head(sender, subject, "MIME-Version: 1.0", kind, *headers) + "\n"
    text += f"--b1\nContent-Type: text/plain; charset=utf-8\n\n{prose}\n\n"
    text += f"--b1\nContent-Type: message/{report}\n{cte}\n{fields}\n"
    text += f"--b1\nContent-Type: {returned}\n\n{original()}\n--b1--\n"
    return text.encode()


def prose(sender: str, subject: str, body: str, *more: str) -> bytes:
    more = (
        more
        if any(line.lower().startswith("content-type") for line in more)
        else (*more, "Content-Type: text/plain; charset=utf-8")
    )
    return (head(sender, subject, *more) + "\n" + body + "\n").encode()


def arf(kind: str = "abuse", *, recipient: bool = True) -> bytes:
    fields = (
        f"Feedback-Type: {kind}\nUser-Agent: Loop/1.0\nVersion: 1\nOriginal-Mail-From: <{TO}>\nSource-IP: 192.0.2.1\n"
    )
    fields += f"Original-Rcpt-To: <{READER}>\n" if recipient else "Original-Rcpt-To: <redacted>\n"
    back = original() if recipient else original().replace(READER, "redacted@redacted.invalid")
    text = "From: fbl@provider.example\nTo: abuse@example.org\nSubject: complaint\nMIME-Version: 1.0\n"
    text += 'Content-Type: multipart/report; report-type=feedback-report; boundary="b1"\n\n'
    text += f"--b1\nContent-Type: text/plain\n\nThis is an abuse report.\n\n--b1\nContent-Type: message/feedback-report\n\n{fields}\n"
    return (text + f"--b1\nContent-Type: message/rfc822\n\n{back}\n--b1--\n").encode()


EXIM = "Mail Delivery System <Mailer-Daemon@exim.example>"
EXCHANGE = "Microsoft Outlook <MicrosoftExchange329e71ec@firma.example>"
GMAIL = "Mail Delivery Subsystem <mailer-daemon@googlemail.com>"
GMX = "GMX Mailer Daemon <mailer-daemon@gmx.de>"
FAILED = (f"X-Failed-Recipients: {READER}", "Auto-Submitted: auto-replied")
COPY = f"\n\n------ This is a copy of the message, including all the headers. ------\n\n{original()}"
TOLD = f"A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n  {READER}\n"
QMAIL = "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
TONLINE = "|------------------------- Message log follows: -------------------------|\n no valid recipients were found for this message\n"

CORPUS: dict[str, tuple[bytes, str]] = {
    # --- Postfix ---
    "postfix: unknown user": (dsn("5.1.1", "550 5.1.1 <jana@empfaenger.example>: Recipient address rejected: User unknown in virtual mailbox table"), "dead"),
    "postfix: unknown local user": (dsn("5.1.1", "", extra='Diagnostic-Code: X-Postfix; unknown user: "jana"\n'), "dead"),
    "postfix: no such domain": (dsn("5.4.4", "", extra="Diagnostic-Code: X-Postfix; Host or domain name not found. Name service error\n    for name=empfaenger.example type=A: Host not found\n"), "dead"),
    "postfix: mailbox full": (dsn("5.2.2", "552 5.2.2 <jana@empfaenger.example>: Quota exceeded (mailbox for user is full)"), "soft"),
    "postfix: delayed": (dsn("4.4.1", "connect to mx.example[192.0.2.7]:25: Connection timed out", action="delayed", subject="Delayed Mail (still being retried)"), "nothing"),
    "postfix: given up after days": (dsn("4.4.1", "connect to mx.example[192.0.2.7]:25: Connection timed out"), "soft"),
    "postfix: delivered": (dsn("2.0.0", "250 2.0.0 OK", action="delivered", subject="Successful Mail Delivery Report"), "nothing"),
    "postfix: relayed": (dsn("2.0.0", "250 2.0.0 OK", action="relayed"), "nothing"),
    "postfix: expanded": (dsn("2.0.0", "", action="expanded"), "nothing"),
    "postfix: listed": (dsn("5.7.1", "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"), "ours"),
    "postfix: headers only": (dsn("5.1.1", "550 5.1.1 User unknown", returned="text/rfc822-headers"), "dead"),
    "postfix: refused behind a generic status": (dsn("5.0.0", "550 5.1.1 no such user here"), "dead"),
    "postfix: generic status, code in the words": (dsn("5.0.0", "550 user unknown"), "dead"),
    "postfix: generic status and no reason": (dsn("5.0.0", "550 rejected"), "soft"),
    "postfix: action with a comment": (dsn("5.1.1", "550 5.1.1 unknown", action="failed (bad address)"), "dead"),
    # --- Exim ---
    "exim: unknown": (prose(EXIM, "Mail delivery failed: returning message to sender", TOLD + "    host mx.example [192.0.2.7]\n    SMTP error from remote mail server after RCPT TO:<jana@empfaenger.example>:\n    550 5.1.1 User unknown" + COPY, *FAILED), "dead"),
    "exim: unrouteable": (prose(EXIM, "Mail delivery failed: returning message to sender", TOLD + "    Unrouteable address" + COPY, *FAILED), "dead"),
    "exim: full": (prose(EXIM, "Mail delivery failed: returning message to sender", TOLD + "    552 mailbox is full: retry timeout exceeded" + COPY, *FAILED), "soft"),
    "exim: policy": (prose(EXIM, "Mail delivery failed: returning message to sender", TOLD + "    550 5.7.1 message rejected as spam" + COPY, *FAILED), "ours"),
    "exim: warning": (prose(EXIM, "Warning: message 1abc delayed 24 hours", "This message was created automatically by mail delivery software.\nA message that you sent has not yet been delivered to one or more of its\nrecipients after more than 24 hours on the queue on exim.example.\n\nThe address to which the message has not yet been delivered is:\n\n  jana@empfaenger.example\n\nNo action is required on your part. Delivery attempts will continue for\nsome time.", "Auto-Submitted: auto-replied"), "nothing"),
    "exim: as a report": (dsn("5.0.0", "550 Unknown user", sender=EXIM), "dead"),
    # --- qmail ---
    "qmail: no mailbox": (prose("MAILER-DAEMON@qmail.example", "failure notice", QMAIL + "<jana@empfaenger.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n" + original()), "dead"),
    "qmail: remote says no": (prose("MAILER-DAEMON@qmail.example", "failure notice", QMAIL + "<jana@empfaenger.example>:\n192.0.2.7 does not like recipient.\nRemote host said: 550 5.1.1 unknown\nGiving up on 192.0.2.7.\n\n--- Below this line is a copy of the message.\n\n" + original()), "dead"),
    "qmail: too slow": (prose("MAILER-DAEMON@qmail.example", "failure notice", QMAIL + "<jana@empfaenger.example>:\nI'm not going to try again; this message has been in the queue too long. (#4.4.1)\n\n--- Below this line is a copy of the message.\n\n" + original()), "soft"),
    "qmail: quota": (prose("MAILER-DAEMON@qmail.example", "failure notice", QMAIL + "<jana@empfaenger.example>:\nThe user you are trying to contact is over quota. (#5.2.2)\n\n--- Below this line is a copy of the message.\n\n" + original()), "soft"),
    # --- Exchange ---
    "exchange 2016: unknown": (dsn("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup", sender=EXCHANGE, subject="Unzustellbar: Ausgabe 12"), "dead"),
    "exchange 2016: full": (dsn("5.2.2", "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", sender=EXCHANGE), "soft"),
    "exchange 2016: too large": (dsn("5.2.3", "550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient", sender=EXCHANGE), "ours"),
    "exchange 2016: restricted": (dsn("5.7.1", "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required", sender=EXCHANGE), "ours"),
    "365: unknown": (dsn("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient jana@empfaenger.example not found by SMTP address lookup", sender="Microsoft Outlook <postmaster@outlook.com>"), "dead"),
    "365: not authenticated": (dsn("5.7.515", "550 5.7.515 Access denied, sending domain example.org does not meet the required authentication level.", sender="postmaster@outlook.com"), "ours"),
    "365: tenant throttles": (dsn("4.7.500", "451 4.7.500 Server busy. Please try again later", sender="postmaster@outlook.com"), "soft"),
    "outlook.com: unavailable": (dsn("5.5.0", "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)", sender="postmaster@outlook.com"), "dead"),
    "outlook.com: listed": (dsn("5.7.1", "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. part of their network is on our block list (S3140)", sender="postmaster@outlook.com"), "ours"),
    # --- Gmail ---
    "gmail: no such user": (dsn("5.1.1", "550-5.1.1 The email account that you tried to reach does not exist. Please try\n 550-5.1.1 double-checking the recipient's email address 550 5.1.1 - gsmtp", sender=GMAIL), "dead"),
    "gmail: inactive": (dsn("5.2.1", "550 5.2.1 The email account that you tried to reach is inactive. - gsmtp", sender=GMAIL), "dead"),
    "gmail: over quota": (dsn("4.2.2", "452 4.2.2 The recipient's inbox is out of storage space. - gsmtp", sender=GMAIL), "soft"),
    "gmail: over quota for good": (dsn("5.2.2", "552-5.2.2 The email account that you tried to reach is over quota", sender=GMAIL), "soft"),
    "gmail: not authenticated": (dsn("5.7.26", "550-5.7.26 This mail has been blocked because the sender is unauthenticated.", sender=GMAIL), "ours"),
    "gmail: rate": (dsn("4.7.28", "421-4.7.28 Our system has detected an unusual rate of unsolicited mail", sender=GMAIL, action="delayed"), "nothing"),
    # --- GMX, WEB.DE, T-Online ---
    "gmx: unavailable": (prose(GMX, "Mail delivery failed: returning message to sender", "Diese Nachricht wurde automatisch erstellt.\n\n<jana@gmx.example>:\nRequested action not taken: mailbox unavailable\n\n--- The header of the original message is following. ---\n\n" + original(), *FAILED), "dead"),
    "gmx: full": (prose(GMX, "Mail delivery failed", "jana@gmx.example:\n552 Das Postfach ist voll, mailbox full, quota exceeded\n\n--- The header of the original message is following. ---\n" + original(), *FAILED), "soft"),
    "web.de: slowed": (dsn("5.7.0", "554 5.7.0 Nemesis ESMTP Service not available, no SMTP service, bad DNS PTR resource record", sender=GMX), "ours"),
    "t-online: plain text": (prose("MAILER-DAEMON@t-online.example", "Delivery failed: Ausgabe 12", TONLINE + "|------------------------- Failed addresses follow: ---------------------|\n<jana@t-online.example> ... 550 user unknown\n|------------------------- Message text follows: ------------------------|\n" + original(), f"X-Failed-Recipients: {READER}"), "dead"),
    "t-online: full": (prose("MAILER-DAEMON@t-online.example", "Delivery failed: Ausgabe 12", TONLINE + "<jana@t-online.example> ... 552 mailbox full\n|------------------------- Message text follows: ------------------------|\n" + original(), f"X-Failed-Recipients: {READER}"), "soft"),
    "german server: unzustellbar": (prose("Postmaster <postmaster@amt.example>", "Unzustellbar: Ausgabe 12", "Ihre Nachricht konnte nicht zugestellt werden:\njana@amt.example\nDer Empfänger ist unbekannt: Empfänger unbekannt (550 5.1.1)\n"), "dead"),
    # --- RFC 6533, other encodings ---
    "rfc 6533: unknown": (dsn("5.1.1", "550 5.1.1 unbekannt", report="global-delivery-status", recipient="utf-8; jäna@empfänger.example", returned="message/global"), "dead"),
    "rfc 6533: base64": (dsn("5.1.1", "550 5.1.1 unbekannt", report="global-delivery-status", encoding="base64", returned="message/global-headers"), "dead"),
    "rfc 6533: full": (dsn("5.2.2", "552 5.2.2 voll", report="global-delivery-status", recipient="utf-8; jäna@empfänger.example"), "soft"),
    "domino": (dsn("5.1.1", "", sender="postmaster@domino.example", prose="User jana (jana@firma.example) not listed in Domino Directory"), "dead"),
    "full, and called unknown": (dsn("5.1.1", "550 5.1.1 mailbox is full, user over quota"), "soft"),
    "listed, and called unknown": (dsn("5.1.1", "550 5.1.1 rejected, your IP is on the Spamhaus blocklist"), "ours"),
    "sender refused": (dsn("5.1.8", "501 5.1.8 Sender address rejected: Domain not found"), "ours"),
    "two behind one address": (dsn("5.1.1", "550 5.1.1 unknown", extra="\nFinal-Recipient: rfc822; b@x.example\nAction: failed\nStatus: 5.2.2\nDiagnostic-Code: smtp; 552 5.2.2 full\n"), "soft"),
    # --- Complaints ---
    "arf: abuse": (arf(), "complaint"),
    "arf: redacted recipient": (arf(recipient=False), "complaint"),
    "arf: opt-out": (arf("opt-out"), "complaint"),
    "arf: not spam": (arf("not-spam"), "nothing"),
    # --- Programs that answer for people ---
    "away: exchange in german": (prose("Jana <jana@empfaenger.example>", "Automatische Antwort: Ausgabe 12", "Ich bin bis 3. Dezember nicht im Büro.", "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All"), "nothing"),
    "away: encoded subject": (prose("Jana <jana@empfaenger.example>", "=?utf-8?q?Abwesenheitsnotiz=3A_Gr=C3=BC=C3=9Fe?=", "Ich bin im Urlaub, 550 Kilometer entfernt."), "nothing"),
    "away: out of office": (prose("Jana <jana@empfaenger.example>", "Out of Office: Ausgabe 12", "I am away. This mailbox is not monitored."), "nothing"),
    "away: vacation": (prose("jana@empfaenger.example", "Re: Ausgabe 12", "Danke, ich melde mich.", "Auto-Submitted: auto-replied (vacation)"), "nothing"),
    "away: precedence": (prose("jana@empfaenger.example", "Ihre Nachricht", "Danke.", "Precedence: auto_reply"), "nothing"),
    # --- Nobody's ---
    "a person writes": (prose("Jana <jana@empfaenger.example>", "Frage zur Ausgabe", "Guten Tag, wann ist die Messe? user unknown"), "unreadable"),
    "nothing at all": (b"", "unreadable"),
    "bytes": (bytes(range(256)) * 20, "unreadable"),
}  # fmt: skip
