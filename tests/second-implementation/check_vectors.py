"""Recomputes the vectors in packages/ledger/testdata, format-vectors.json or sm-vectors.json; prints one line of JSON with counts."""

import json
import pathlib
import sys

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger_format import (
    Checkpoint,
    Disagreement,
    Tree,
    expect,
    from_base64,
    header_hash,
    key_id,
    leaf_hash,
    leaf_record,
    root_from_path,
    sha256,
    sm3,
)
from sm2 import verify_sm2


def receipt_holds(receipt):
    leaf = receipt["leaf"]
    note = Checkpoint(receipt["checkpoint"])
    digest = bytes.fromhex(leaf["envelopeSha256"])
    record = leaf_record(leaf["kind"], leaf["validationCode"], leaf["block"], leaf["index"], digest, leaf["txId"])
    path = [from_base64(step) for step in receipt["inclusionPath"]]
    envelope = receipt.get("envelope")
    if (note.sm3_root is None) != ("sm3InclusionPath" not in receipt):
        return False
    if note.sm3_root is not None:
        sm3_path = [from_base64(step) for step in receipt["sm3InclusionPath"]]
        reached = root_from_path(receipt["leafIndex"], note.size, leaf_hash(record, sm3), sm3_path, sm3)
        if reached != note.sm3_root:
            return False
    return (
        note.origin == receipt["origin"]
        and note.block == leaf["block"]
        and root_from_path(receipt["leafIndex"], note.size, leaf_hash(record), path) == note.root
        and (envelope is None or sha256(from_base64(envelope)) == digest)
    )


def verdict(receipt, trust):
    if not receipt_holds(receipt):
        return "invalid"
    keys = [
        (organization["mspId"], from_base64(key["publicKey"]), key["algorithm"])
        for channel in trust["channels"]
        if channel["origin"] == receipt["origin"]
        for organization in channel["organizations"]
        for key in organization["checkpointKeys"]
    ]
    note = Checkpoint(receipt["checkpoint"])
    wanted = {"Ed25519"} if note.sm3_root is None else {"Ed25519", "SM2"}
    if not wanted <= {algorithm for _, _, algorithm in keys}:
        return "unauthenticated"
    try:
        for key in keys:
            note.check_signature(*key)
    except Disagreement:
        return "invalid"
    return "valid" if receipt["leaf"]["validationCode"] == 0 else "refused"


def check_tree(vectors, digest=sha256):
    tree = Tree(digest)
    tree.leaves = [leaf_hash(str(index).encode(), digest) for index in range(1000)]
    for entry in vectors["roots"]:
        expect(tree.root(0, entry["size"]) == from_base64(entry["root"]), f"root of {entry['size']} leaves")
    for entry in vectors["inclusion"]:
        path = [from_base64(step) for step in entry["path"]]
        index, size = entry["index"], entry["size"]
        expect(tree.inclusion(index, 0, size) == path, f"path of leaf {index} of {size}")
        expect(root_from_path(index, size, tree.leaves[index], path, digest) == tree.root(0, size), f"root from leaf {index}")
    for entry in vectors["consistency"]:
        path = [from_base64(step) for step in entry["path"]]
        expect(tree.consistency(entry["from"], 0, entry["to"]) == path, f"consistency {entry['from']} to {entry['to']}")


def check_checkpoint(vector):
    lines = [vector["origin"], str(vector["size"]), vector["root"], f"block {vector['block']} {vector['headerHash']}"]
    expect("\n".join(lines) + "\n" == vector["body"], "a checkpoint's body")
    note = Checkpoint(vector["note"])
    expect(note.body == vector["body"], "a checkpoint's note")
    order = []
    for signer in vector["signers"]:
        private_key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(signer["seed"]))
        public_key = private_key.public_key().public_bytes_raw()
        name = f"{vector['origin']}/{signer['mspId']}"
        expect(public_key == from_base64(signer["publicKey"]), "a public key")
        expect(key_id(name, public_key).hex() == signer["keyId"], "a key id")
        signature = private_key.sign(vector["body"].encode())
        order.append((signer["mspId"], signer["keyId"], (name, bytes.fromhex(signer["keyId"]) + signature)))
    expect([line for _, _, line in sorted(order)] == note.signatures, "a checkpoint's signature lines")


def check_sm(vectors):
    for entry in vectors["digests"]:
        expect(sm3(entry["message"].encode()).hex() == entry["digest"], "an SM3 digest")
    for entry in vectors["leafRecords"]:
        expect(leaf_hash(bytes.fromhex(entry["record"]), sm3).hex() == entry["leafHash"], "a leaf hash under SM3")
    check_tree(vectors["tree"], sm3)
    for entry in vectors["signatures"]:
        parts = from_base64(entry["publicKey"]), entry["message"].encode(), bytes.fromhex(entry["signature"])
        expect(verify_sm2(*parts, sm3) == entry["valid"], "an SM2 signature")
    for entry in vectors["checkpoints"]:
        note = Checkpoint(entry["note"])
        expect(note.body == entry["body"] and note.sm3_root == from_base64(entry["sm3Root"]), "an SM checkpoint")
        expect(len(note.signatures) == len(entry["signers"]), "an SM checkpoint's signatures")
        for signer in entry["signers"]:
            public_key = from_base64(signer["publicKey"])
            name = f"{note.origin}/{signer['mspId']}"
            expect(key_id(name, public_key, signer["algorithm"]).hex() == signer["keyId"], "a key id")
            note.check_signature(signer["mspId"], public_key, signer["algorithm"])
    check_receipts(vectors["receipts"])
    return "digests", "leafRecords", "signatures", "checkpoints", "receipts"


def check_receipts(entries):
    for entry in entries:
        expect(verdict(entry["receipt"], entry["trust"]) == entry["status"], f"a receipt that is {entry['status']}")


def main():
    default = pathlib.Path(__file__).parents[2] / "packages/ledger/testdata/format-vectors.json"
    vectors = json.loads((pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default).read_text())
    names = check_sm(vectors) if vectors["format"] == "concordat-sm-vectors/1" else check_international(vectors)
    print(json.dumps({name: len(vectors[name]) for name in names}))


def check_international(vectors):
    expect(vectors["format"] == "concordat-vectors/1", "the vectors' format")
    for entry in vectors["leafRecords"]:
        leaf = entry["leaf"]
        digest = bytes.fromhex(leaf["envelopeSha256"])
        record = leaf_record(leaf["kind"], leaf["validationCode"], leaf["block"], leaf["index"], digest, leaf["txId"])
        expect(record.hex() == entry["record"] and leaf_hash(record).hex() == entry["leafHash"], "a leaf record")
    check_tree(vectors["tree"])
    for entry in vectors["checkpoints"]:
        check_checkpoint(entry)
    for entry in vectors["headerHashes"]:
        parts = bytes.fromhex(entry["previousHash"]), bytes.fromhex(entry["dataHash"])
        expect(header_hash(int(entry["number"]), *parts).hex() == entry["headerHash"], f"header hash {entry['number']}")
    check_receipts(vectors["receipts"])
    return "leafRecords", "checkpoints", "headerHashes", "receipts"


if __name__ == "__main__":
    try:
        main()
    except (Disagreement, ValueError, KeyError) as error:
        sys.exit(f"disagreement: {type(error).__name__}: {error}")
