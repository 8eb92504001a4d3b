"""Hashes, trees and notes of docs/reference/ledger-format.md, written from that page, RFC 6962 and C2SP signed-note."""

import base64
import hashlib
import re
import struct

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sm2 import verify_sm2

ORIGIN = re.compile(r"concordat/[0-9a-f]{16}/[a-z][a-z0-9.-]{0,248}")


class Disagreement(Exception):
    """Two implementations do not say the same."""


def expect(holds, what):
    if not holds:
        raise Disagreement(what)


def sha256(*parts):
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.digest()


def sm3(*parts):
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize()


def from_base64(text):
    data = base64.b64decode(text, validate=True)
    expect(base64.b64encode(data).decode() == text, "base64 is not canonical")
    return data


def der(tag, content):
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def header_hash(number, previous_hash, data_hash):
    integer = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return sha256(der(0x30, der(0x02, integer) + der(0x04, previous_hash) + der(0x04, data_hash)))


def leaf_record(kind, code, block, index, envelope_digest, tx_id):
    expect(len(envelope_digest) == 32 and len(tx_id) <= 255, "a leaf has fields of the wrong length")
    head = struct.pack(">BBBQI", 1, kind, code, block, index)
    return head + envelope_digest + bytes([len(tx_id)]) + tx_id.encode("ascii")


def leaf_hash(record, digest=sha256):
    return digest(b"\0", record)


def node_hash(left, right, digest=sha256):
    return digest(b"\1", left, right)


def split(size):
    """The largest power of two below size."""
    return 1 << ((size - 1).bit_length() - 1)


class Tree:
    """RFC 6962 over a list of leaf hashes, with the roots of complete subtrees remembered."""

    def __init__(self, digest=sha256):
        self.digest = digest
        self.leaves = []
        self._complete = {}

    def root(self, start=0, end=None):
        end = len(self.leaves) if end is None else end
        size = end - start
        if size == 0:
            return self.digest()
        if size == 1:
            return self.leaves[start]
        known = self._complete.get((start, size))
        if known is not None:
            return known
        middle = start + split(size)
        value = node_hash(self.root(start, middle), self.root(middle, end), self.digest)
        if size & (size - 1) == 0:
            self._complete[(start, size)] = value
        return value

    def inclusion(self, index, start, end):
        if end - start == 1:
            return []
        middle = start + split(end - start)
        if index < middle:
            return self.inclusion(index, start, middle) + [self.root(middle, end)]
        return self.inclusion(index, middle, end) + [self.root(start, middle)]

    def consistency(self, old, start, end, known=True):
        if old == end:
            return [] if known else [self.root(start, end)]
        middle = start + split(end - start)
        if old <= middle:
            return self.consistency(old, start, middle, known) + [self.root(middle, end)]
        return self.consistency(old, middle, end, False) + [self.root(start, middle)]


def root_from_path(index, size, leaf, path, digest=sha256):
    """The root that an audit path leads to, by the recursion of RFC 6962 read backwards; None for a path of another length."""
    if size == 1:
        return leaf if not path else None
    if not path:
        return None
    middle = split(size)
    if index < middle:
        below = root_from_path(index, middle, leaf, path[:-1], digest)
        return None if below is None else node_hash(below, path[-1], digest)
    below = root_from_path(index - middle, size - middle, leaf, path[:-1], digest)
    return None if below is None else node_hash(path[-1], below, digest)


class Checkpoint:
    """A signed note, taken apart strictly."""

    def __init__(self, text):
        body, border, signatures = text.partition("\n\n")
        expect(border and signatures.endswith("\n"), "a checkpoint has no signature lines")
        self.body = body + "\n"
        lines = body.split("\n")
        expect(len(lines) in (4, 5), "a checkpoint's body does not have four or five lines")
        self.origin = lines[0]
        expect(ORIGIN.fullmatch(self.origin), "a checkpoint's first line is not an origin")
        expect(re.fullmatch("0|[1-9][0-9]*", lines[1]), "a tree size is malformed")
        self.size = int(lines[1])
        self.root = from_base64(lines[2])
        block = re.fullmatch("block (0|[1-9][0-9]*) ([0-9a-f]{64})", lines[3])
        expect(block and len(self.root) == 32, "a checkpoint's root or block line is malformed")
        self.block = int(block[1])
        self.header_hash = bytes.fromhex(block[2])
        self.sm3_root = None
        if len(lines) == 5:
            expect(lines[4].startswith("sm3 "), "a checkpoint's fifth line is not an SM3 root")
            self.sm3_root = from_base64(lines[4][4:])
            expect(len(self.sm3_root) == 32, "an SM3 root does not have 32 bytes")
        self.signatures = []
        for line in signatures[:-1].split("\n"):
            dash, name, encoded = line.split(" ")
            expect(dash == "\u2014", "a signature line does not begin with a dash")
            self.signatures.append((name, from_base64(encoded)))

    def check_signature(self, msp_id, public_key, algorithm="Ed25519"):
        name = f"{self.origin}/{msp_id}"
        wanted = key_id(name, public_key, algorithm)
        for line_name, signature in self.signatures:
            if line_name == name and signature[:4] == wanted:
                if algorithm == "SM2":
                    expect(
                        verify_sm2(public_key, self.body.encode(), signature[4:], sm3),
                        f"block {self.block}: the SM2 signature of {msp_id} is not valid",
                    )
                    return
                try:
                    Ed25519PublicKey.from_public_bytes(public_key).verify(signature[4:], self.body.encode())
                except InvalidSignature:
                    raise Disagreement(f"block {self.block}: the signature of {msp_id} is not valid") from None
                return
        raise Disagreement(f"block {self.block}: the signature of {msp_id} is missing")


def key_id(name, public_key, algorithm="Ed25519"):
    kind = {"Ed25519": b"\x01", "SM2": b"\xffSM2"}[algorithm]
    return sha256(name.encode(), b"\x0a", kind, public_key)[:4]
