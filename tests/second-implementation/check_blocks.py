"""Checks blocks as a client of Fabric's Deliver service fetched them.

The file holds one block after the other: 4 bytes of length (big-endian), then the serialized common.Block. Each must be in its
canonical encoding, have the data hash of its envelopes and the header hash of the one before it as previous hash, and the next number. With
--ledger the blocks must be the very bytes that the segments of that channel's folder hold. Prints one line of JSON: how many, from
which to which number, the header hash of the last, and how many transactions of each validation code. Exits with 1 and a sentence at the first
disagreement.
"""

import argparse
import collections
import json
import pathlib
import struct
import sys

from fabric_protos.common import common_pb2
from google.protobuf.message import DecodeError

from check_ledger import read_anchor, records
from ledger_format import Checkpoint, Disagreement, expect, header_hash, sha256


def fetched(path):
    data = path.read_bytes()
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from(">I", data, at)
        block = data[at + 4 : at + 4 + size]
        expect(len(block) == size, f"the file ends inside the block at byte {at}")
        yield block
        at += 4 + size


def stored(folder):
    _, anchored = read_anchor(folder / "anchor")
    origin = Checkpoint(anchored).origin
    return {
        number: block
        for path in sorted((folder / "segments").glob("*.segment"))
        for number, block in enumerate(records(path, origin, int(path.stem)), start=int(path.stem))
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", type=pathlib.Path, help="blocks, each behind its length in 4 bytes")
    arguments.add_argument("--first", type=int, help="the number that the first block must have")
    arguments.add_argument("--ledger", type=pathlib.Path, help="the channel's folder, with segments/ and anchor")
    options = arguments.parse_args()
    kept = stored(options.ledger) if options.ledger else None
    codes = collections.Counter()
    first = number = previous = None
    for data in fetched(options.file):
        block = common_pb2.Block.FromString(data)
        header, envelopes = block.header, block.data.data
        expected = options.first if number is None else number + 1
        expect(expected is None or header.number == expected, f"block {header.number} stands in place of {expected}")
        number = header.number
        first = number if first is None else first
        expect(block.SerializeToString(deterministic=True) == data, f"block {number} is not in its canonical encoding")
        expect(header.data_hash == sha256(*envelopes), f"block {number}: data hash")
        expect(len(header.previous_hash) == (0 if number == 0 else 32), f"block {number}: length of the previous hash")
        expect(previous is None or header.previous_hash == previous, f"block {number}: previous hash")
        filter_bytes = block.metadata.metadata[2] if len(block.metadata.metadata) > 2 else b""
        expect(envelopes and len(filter_bytes) == len(envelopes), f"block {number}: number of validation codes")
        expect(kept is None or kept.get(number) == data, f"block {number} is not the one that the segments hold")
        codes.update(str(code) for code in filter_bytes)
        previous = header_hash(number, header.previous_hash, header.data_hash)
    expect(number is not None, "there is no block")
    counts = {"blocks": number - first + 1, "first": first, "last": number, "headerHash": previous.hex(), "codes": dict(sorted(codes.items()))}
    print(json.dumps(counts))


if __name__ == "__main__":
    try:
        main()
    except (Disagreement, DecodeError, struct.error, ValueError, LookupError) as error:
        sys.exit(f"disagreement: {type(error).__name__}: {error}")
