"""Checks a ledger folder, and receipts made from it, without any code of the project.

Of transactions from outside it checks everything but the endorsement policies. Fabric's messages come from the Fabric project's own bindings, Ed25519 and SM3 from the `cryptography` package, SHA-256 from
hashlib, SM2 from sm2.py. Prints one line of JSON with counts; exits with 1 and a sentence at the first disagreement.
"""

import argparse
import json
import pathlib
import struct
import sys
import zlib

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from fabric_protos.common import common_pb2, configtx_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import msp_config_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.message import DecodeError

from ledger_format import Checkpoint, Disagreement, Tree, expect, from_base64, header_hash, leaf_hash, leaf_record, root_from_path, sha256, sm3
from outside import Msp, Outside
from own_messages import BlockProof, ChannelSettings, OrganizationKeys


SPKI_PREFIXES = {
    "Ed25519": bytes.fromhex("302a300506032b6570032100"),
    "SM2": bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200"),
}


def parse(message_class, data):
    message = message_class()
    message.ParseFromString(data)
    return message


def records(path, origin, first_block):
    """The blocks of one segment, as bytes."""
    data = path.read_bytes()
    expect(data[:8] == b"CONCSEG1", f"{path.name} does not begin as a segment")
    (length,) = struct.unpack_from(">H", data, 8)
    number, crc = struct.unpack_from(">QI", data, 10 + length)
    end = 10 + length + 8
    expect(zlib.crc32(data[:end]) == crc, f"{path.name} has a damaged header")
    expect(data[10 : 10 + length].decode() == origin, f"{path.name} is of another log")
    expect(number == first_block == int(path.stem), f"{path.name} does not begin with block {first_block}")
    at = end + 4
    while at < len(data):
        size, crc = struct.unpack_from(">II", data, at)
        block = data[at + 8 : at + 8 + size]
        expect(len(block) == size and zlib.crc32(data[at : at + 4] + block) == crc, f"{path.name} is damaged at {at}")
        yield block
        at += 8 + size


def read_anchor(path):
    data = path.read_bytes()
    slots = []
    for start in (0, 16384):
        slot = data[start : start + 16384]
        if slot[:8] != b"CONCANC1":
            continue
        sequence, height, length = struct.unpack_from(">QQI", slot, 8)
        (crc,) = struct.unpack_from(">I", slot, 28 + length)
        if zlib.crc32(slot[: 28 + length]) == crc and sequence % 2 == start // 16384:
            slots.append((sequence, height, slot[28 : 28 + length].decode()))
    expect(slots, "the anchor has no valid slot")
    return max(slots)[1:]


class Channel:
    """One channel's blocks, checked as they are added."""

    def __init__(self, origin):
        self.origin = origin
        self.channel_id = origin.split("/")[2]
        self.tree = Tree()
        self.sm3_tree = None
        self.previous_hash = b""
        self.notes = []
        self.starts = []
        self.keys = set()
        self.sequence = 0
        self.tx_ids = set()
        self.versions = {}
        self.time = (0, 0)
        self.signatures = 0
        self.endorsed = 0
        self.msps = {}

    def add(self, data):
        number = len(self.notes)
        block = parse(common_pb2.Block, data)
        expect(block.SerializeToString(deterministic=True) == data, f"block {number} is not in its canonical encoding")
        header, envelopes = block.header, block.data.data
        expect(header.number == number, f"block {number} has the number {header.number}")
        expect(header.previous_hash == self.previous_hash, f"block {number}: previous hash")
        expect(header.data_hash == sha256(*envelopes), f"block {number}: data hash")
        metadata = block.metadata.metadata
        expect(len(metadata) == 6 and not any(metadata[at] for at in (0, 1, 3, 4)), f"block {number}: metadata")
        proof = parse(BlockProof, metadata[5])
        expect(proof.SerializeToString(deterministic=True) == metadata[5], f"block {number}: the proof's encoding")
        codes, kinds = metadata[2], proof.transaction_kinds
        expect(proof.version == 1 and len(codes) == len(kinds) == len(envelopes) > 0, f"block {number}: proof")
        before = self.keys
        self.starts.append(len(self.tree.leaves))
        for index, envelope in enumerate(envelopes):
            self.add_envelope(number, index, envelope, kinds[index], codes[index], len(envelopes))
        self.previous_hash = header_hash(number, header.previous_hash, header.data_hash)
        self.check_note(number, proof.checkpoint, before | self.keys)

    def add_envelope(self, block, index, data, kind, code, count):
        where = f"block {block} envelope {index}"
        if kind == 2:
            tx_id = self.add_outside(where, block, index, code, data)
        else:
            tx_id = self.add_own(where, block, index, data, kind, code, count)
        if code == 0:
            expect(tx_id not in self.tx_ids, f"{where}: the transaction id repeats")
            self.tx_ids.add(tx_id)
        record = leaf_record(kind, code, block, index, sha256(data), tx_id)
        self.tree.leaves.append(leaf_hash(record))
        if self.sm3_tree is not None:
            self.sm3_tree.leaves.append(leaf_hash(record, sm3))

    def add_outside(self, where, block, index, code, data):
        expect(block > 0, f"{where}: before the configuration")
        transaction = Outside(where, data, self.channel_id)
        if code == 0:
            sets = transaction.execute(self.msps)
            self.take_effect(where, block, index, sets)
            self.endorsed += 1
        self.signatures += transaction.signatures
        return transaction.tx_id

    def add_own(self, where, block, index, data, kind, code, count):
        envelope = parse(common_pb2.Envelope, data)
        payload = parse(common_pb2.Payload, envelope.payload)
        channel_header = parse(common_pb2.ChannelHeader, payload.header.channel_header)
        signature_header = parse(common_pb2.SignatureHeader, payload.header.signature_header)
        expect(not envelope.signature and channel_header.channel_id == self.channel_id, f"{where}: signature or channel")
        tx_id = sha256(signature_header.nonce, signature_header.creator).hex()
        expect(channel_header.tx_id == tx_id, f"{where}: transaction id")
        time = (channel_header.timestamp.seconds, channel_header.timestamp.nanos)
        expect(time >= self.time, f"{where}: time goes back")
        self.time = time
        if kind == 0:
            expect(channel_header.type == common_pb2.CONFIG and count == 1, f"{where}: not a configuration of its own")
            self.configure(where, parse(configtx_pb2.ConfigEnvelope, payload.data))
        else:
            expect(kind == 1 and block > 0 and channel_header.type == common_pb2.ENDORSER_TRANSACTION, f"{where}: kind")
            self.execute(where, block, index, code, payload)
        return tx_id

    def configure(self, where, envelope):
        expect(envelope.config.sequence == self.sequence, f"{where}: configuration sequence")
        self.sequence += 1
        group = envelope.config.channel_group
        settings = parse(ChannelSettings, group.values["ChannelSettings"].value)
        expect(settings.origin == self.origin, f"{where}: origin of the configuration")
        expect(settings.cryptography in ("", "sm"), f"{where}: cryptography")
        is_sm = settings.cryptography == "sm"
        if self.sequence == 1 and is_sm:
            self.sm3_tree = Tree(sm3)
        expect(is_sm == (self.sm3_tree is not None), f"{where}: the cryptography changes")
        self.keys = set()
        self.msps = {}
        for msp_id, organization in group.groups["Application"].groups.items():
            msp = parse(msp_config_pb2.MSPConfig, organization.values["MSP"].value)
            fabric = parse(msp_config_pb2.FabricMSPConfig, msp.config)
            expect(msp.type == 0 and fabric.name == msp_id and fabric.fabric_node_ous.enable, f"{where}: MSP of {msp_id}")
            authorities = [x509.load_pem_x509_certificate(pem) for pem in fabric.root_certs]
            self.msps[msp_id] = Msp(authorities, fabric.revocation_list)
            for key in parse(OrganizationKeys, organization.values["CheckpointKeys"].value).keys:
                certificate = x509.load_der_x509_certificate(key.certificate)
                # The library knows no keys on sm2p256v1, so that the certified key is compared as the bytes that it stands in.
                certified = SPKI_PREFIXES[key.algorithm] + key.public_key
                expect(certificate.tbs_certificate_bytes.count(certified) == 1, f"{where}: certified key of {msp_id}")
                authority = next(ca for ca in authorities if ca.subject == certificate.issuer)
                certificate.verify_directly_issued_by(authority)
                self.keys.add((msp_id, key.public_key, key.algorithm))

            algorithms = {algorithm for member, _, algorithm in self.keys if member == msp_id}
            expect(algorithms == ({"Ed25519", "SM2"} if is_sm else {"Ed25519"}), f"{where}: kinds of key of {msp_id}")

    def execute(self, where, block, index, code, payload):
        transaction = parse(transaction_pb2.Transaction, payload.data)
        expect(len(transaction.actions) == 1, f"{where}: number of actions")
        action = parse(transaction_pb2.ChaincodeActionPayload, transaction.actions[0].payload)
        expect(not action.action.endorsements, f"{where}: endorsements")
        response = parse(proposal_response_pb2.ProposalResponsePayload, action.action.proposal_response_payload)
        header = payload.header
        expected = sha256(header.channel_header, header.signature_header, action.chaincode_proposal_payload)
        expect(response.proposal_hash == expected, f"{where}: proposal hash")
        if code != 0:
            return
        result = parse(proposal_pb2.ChaincodeAction, response.extension)
        sets = parse(rwset_pb2.TxReadWriteSet, result.results).ns_rwset
        expect(not any(entry.namespace.startswith("_") for entry in sets), f"{where}: a namespace of the system")
        self.take_effect(where, block, index, [(entry.namespace, parse(kv_rwset_pb2.KVRWSet, entry.rwset)) for entry in sets])

    def take_effect(self, where, block, index, sets):
        writes = []
        for namespace, key_values in sets:
            ranges = [read for query in key_values.range_queries_info for read in query.raw_reads.kv_reads]
            for read in [*key_values.reads, *ranges]:
                version = (read.version.block_num, read.version.tx_num) if read.HasField("version") else None
                expect(self.versions.get((namespace, read.key)) == version, f"{where}: version of {read.key!r}")
            writes += [((namespace, write.key), write.is_delete) for write in key_values.writes]
        for key, is_delete in writes:
            if is_delete:
                self.versions.pop(key, None)
            else:
                self.versions[key] = (block, index)

    def check_note(self, number, text, keys):
        note = Checkpoint(text)
        expect(note.origin == self.origin and note.block == number, f"block {number}: the checkpoint's origin or block")
        expect(note.header_hash == self.previous_hash, f"block {number}: header hash")
        expect(note.size == len(self.tree.leaves) and note.root == self.tree.root(), f"block {number}: root")
        expected = self.sm3_tree and self.sm3_tree.root()
        expect(note.sm3_root == expected, f"block {number}: SM3 root")
        expect(len(note.signatures) == len(keys), f"block {number}: number of signatures")
        for msp_id, public_key, algorithm in keys:
            note.check_signature(msp_id, public_key, algorithm)
            self.signatures += 1
        self.notes.append(text)

    def check_receipt(self, receipt):
        leaf = receipt["leaf"]
        note = Checkpoint(receipt["checkpoint"])
        expect(receipt["format"] == "concordat-receipt/1" and note.origin == receipt["origin"], "a receipt's form")
        expect(self.notes[leaf["block"]] == receipt["checkpoint"], "a receipt has another checkpoint than its block")
        expect(self.starts[leaf["block"]] + leaf["index"] == receipt["leafIndex"], "a receipt's leaf index")
        digest = bytes.fromhex(leaf["envelopeSha256"])
        record = leaf_record(leaf["kind"], leaf["validationCode"], leaf["block"], leaf["index"], digest, leaf["txId"])
        expect(self.tree.leaves[receipt["leafIndex"]] == leaf_hash(record), "a receipt's leaf is not the ledger's")
        path = [from_base64(step) for step in receipt["inclusionPath"]]
        expect(root_from_path(receipt["leafIndex"], note.size, leaf_hash(record), path) == note.root, "a receipt's path")
        expect(("sm3InclusionPath" in receipt) == (self.sm3_tree is not None), "a receipt's SM3 path is there or not")
        if self.sm3_tree is not None:
            path = [from_base64(step) for step in receipt["sm3InclusionPath"]]
            reached = root_from_path(receipt["leafIndex"], note.size, leaf_hash(record, sm3), path, sm3)
            expect(reached == note.sm3_root, "a receipt's SM3 path")
        if "envelope" in receipt:
            expect(sha256(from_base64(receipt["envelope"])) == digest, "a receipt's envelope")


def check_channel(folder):
    height, anchored = read_anchor(folder / "anchor")
    channel = Channel(Checkpoint(anchored).origin)
    expect(folder.parent.name != "channels" or channel.channel_id == folder.name, f"{folder.name} holds another channel")
    for path in sorted((folder / "segments").glob("*.segment")):
        for data in records(path, channel.origin, len(channel.notes)):
            channel.add(data)
    expect(len(channel.notes) >= height, f"{channel.origin}: blocks are lost")
    expect(channel.notes[height - 1] == anchored, f"{channel.origin}: the anchor names another checkpoint")
    return channel


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("directory", type=pathlib.Path, help="an installation's data folder, or one channel's folder")
    arguments.add_argument("--receipts", type=pathlib.Path, help="a folder of receipts (*.json) made from this ledger")
    options = arguments.parse_args()
    single = (options.directory / "segments").is_dir()
    folders = [options.directory] if single else sorted(path for path in (options.directory / "channels").iterdir())
    channels = {channel.origin: channel for channel in map(check_channel, folders)}
    expect(channels, "there is no channel")
    receipts = sorted(options.receipts.glob("*.json")) if options.receipts else []
    expect(receipts or not options.receipts, "there are no receipts")
    for path in receipts:
        receipt = json.loads(path.read_text())
        channels[receipt["origin"]].check_receipt(receipt)
    counts = {
        "channels": len(channels),
        "blocks": sum(len(channel.notes) for channel in channels.values()),
        "envelopes": sum(len(channel.tree.leaves) for channel in channels.values()),
        "endorsed": sum(channel.endorsed for channel in channels.values()),
        "signatures": sum(channel.signatures for channel in channels.values()),
        "receipts": len(receipts),
        "roots": {origin: channel.tree.root().hex() for origin, channel in channels.items()},
    }
    print(json.dumps(counts))


if __name__ == "__main__":
    try:
        main()
    except (Disagreement, DecodeError, InvalidSignature, struct.error, ValueError, LookupError, StopIteration) as error:
        sys.exit(f"disagreement: {type(error).__name__}: {error}")
