"""Recomputes packages/ledger/testdata/format-vectors.json; prints one line of JSON with counts."""

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
)


def receipt_holds(receipt):
    leaf = receipt["leaf"]
    note = Checkpoint(receipt["checkpoint"])
    digest = bytes.fromhex(leaf["envelopeSha256"])
    record = leaf_record(leaf["kind"], leaf["validationCode"], leaf["block"], leaf["index"], digest, leaf["txId"])
    path = [from_base64(step) for step in receipt["inclusionPath"]]
    envelope = receipt.get("envelope")
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
        (organization["mspId"], from_base64(key["publicKey"]))
        for channel in trust["channels"]
        if channel["origin"] == receipt["origin"]
        for organization in channel["organizations"]
        for key in organization["checkpointKeys"]
    ]
    if not keys:
        return "unauthenticated"
    for msp_id, public_key in keys:
        Checkpoint(receipt["checkpoint"]).check_signature(msp_id, public_key)
    return "valid" if receipt["leaf"]["validationCode"] == 0 else "refused"


def check_tree(vectors):
    tree = Tree()
    tree.leaves = [leaf_hash(str(index).encode()) for index in range(1000)]
    for entry in vectors["roots"]:
        expect(tree.root(0, entry["size"]) == from_base64(entry["root"]), f"root of {entry['size']} leaves")
    for entry in vectors["inclusion"]:
        path = [from_base64(step) for step in entry["path"]]
        index, size = entry["index"], entry["size"]
        expect(tree.inclusion(index, 0, size) == path, f"path of leaf {index} of {size}")
        expect(root_from_path(index, size, tree.leaves[index], path) == tree.root(0, size), f"root from leaf {index}")
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


def main():
    default = pathlib.Path(__file__).parents[2] / "packages/ledger/testdata/format-vectors.json"
    vectors = json.loads((pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default).read_text())
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
    for entry in vectors["receipts"]:
        expect(verdict(entry["receipt"], entry["trust"]) == entry["status"], f"a receipt that is {entry['status']}")
    print(json.dumps({name: len(vectors[name]) for name in ("leafRecords", "checkpoints", "headerHashes", "receipts")}))


if __name__ == "__main__":
    try:
        main()
    except (Disagreement, ValueError, KeyError) as error:
        sys.exit(f"disagreement: {type(error).__name__}: {error}")
