"""Certificates: what they say, for whom, and how long. Parsing only, no network."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from checks._text import clean


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a judgement needs of a certificate."""

    subject: str
    issuer: str
    starts: datetime
    ends: datetime
    names: tuple[str, ...]
    serial: str

    def covers(self, host: str) -> bool:
        """Whether it is for that host; a wildcard stands for one name, as browsers take it."""
        try:
            return str(ipaddress.ip_address(host)) in self.names
        except ValueError:
            pass
        wanted = host.lower().rstrip(".")
        above = "*." + wanted.partition(".")[2]
        return any(name.lower() in (wanted, above) for name in self.names)

    def report(self) -> str:
        """For the evidence."""
        return (
            f"subject {self.subject}\nissuer  {self.issuer}\nnames   {', '.join(self.names[:20]) or 'none'}\n"
            f"valid   {self.starts:%Y-%m-%d %H:%M} to {self.ends:%Y-%m-%d %H:%M} UTC\nserial  {self.serial}"
        )


def from_der(content: bytes) -> Certificate:
    """A certificate in binary form.

    Raises:
        ValueError: it is none.
    """
    return _read(x509.load_der_x509_certificate(content))


def from_pem(content: bytes) -> list[Certificate]:
    """All certificates of a file in text form; keys and other things between them do not matter.

    Raises:
        ValueError: there is none, or a damaged one.
    """
    return [_read(found) for found in x509.load_pem_x509_certificates(content)]


def unsigned(content: bytes, authorities: bytes) -> str | None:
    """Why the first certificate of a file does not lead to one of `authorities`; `None` if it does.

    Raises:
        ValueError: there is no certificate in one of the two.
    """
    own, *beside = x509.load_pem_x509_certificates(content)
    trusted = x509.load_pem_x509_certificates(authorities)
    steps = [own]
    for step in steps:
        if step in trusted or any(_signed(step, by) for by in trusted):
            return None
        steps += [by for by in beside if by not in steps and _signed(step, by)]
    return (
        f"nothing in ca_file has signed {_name(steps[-1].subject)}, which names {_name(steps[-1].issuer)} as its issuer"
    )


def _signed(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(by)
    except (ValueError, TypeError, InvalidSignature):  # another name, a key that signs nothing, another key
        return False
    return True


def _read(found: x509.Certificate) -> Certificate:
    return Certificate(
        subject=_name(found.subject),
        issuer=_name(found.issuer),
        starts=found.not_valid_before_utc.astimezone(UTC),
        ends=found.not_valid_after_utc.astimezone(UTC),
        names=_names(found),
        serial=f"{found.serial_number:x}",
    )


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return clean(str(common[0].value) if common else name.rfc4514_string(), 200) or "without a name"


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ()
    hosts = [clean(name, 253) for name in names.get_values_for_type(x509.DNSName)]
    return (*hosts, *(str(address) for address in names.get_values_for_type(x509.IPAddress)))
