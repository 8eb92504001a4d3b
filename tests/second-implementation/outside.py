"""Transactions from outside, by section 10 of docs/reference/ledger-format.md: who signed them, and what they read and wrote."""

import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID
from fabric_protos.common import common_pb2
from fabric_protos.ledger.rwset import rwset_pb2
from fabric_protos.ledger.rwset.kvrwset import kv_rwset_pb2
from fabric_protos.msp import identities_pb2
from fabric_protos.peer import proposal_pb2, proposal_response_pb2, transaction_pb2
from google.protobuf.descriptor import FieldDescriptor

from ledger_format import Disagreement, expect, sha256

NODE_UNITS = {"client", "peer", "admin", "orderer"}
ORDERS = {
    "secp256r1": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    "secp384r1": 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
}
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
VARINT_TYPES = {
    FieldDescriptor.TYPE_INT32,
    FieldDescriptor.TYPE_INT64,
    FieldDescriptor.TYPE_UINT32,
    FieldDescriptor.TYPE_UINT64,
    FieldDescriptor.TYPE_BOOL,
    FieldDescriptor.TYPE_ENUM,
}


def varint(data, at, end):
    value = shift = 0
    while True:
        expect(at < end and shift < 70, "a message ends inside a number")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            expect(value < 1 << 64, "a number is past 2^64")
            return value, at


def check_form(descriptor, data, at=0, end=None):
    """What the bindings do not refuse: a singular field twice, a known field of another wire type, a group."""
    end = len(data) if end is None else end
    seen = set()
    while at < end:
        tag, at = varint(data, at, end)
        number, wire = tag >> 3, tag & 7
        expect(0 < number < 1 << 29 and wire in (VARINT, FIXED64, BYTES, FIXED32), "a field of no known form")
        start = at
        if wire == VARINT:
            _, at = varint(data, at, end)
        else:
            length = {FIXED64: 8, FIXED32: 4}.get(wire)
            if length is None:
                length, start = varint(data, at, end)
            at = start + length
            expect(at <= end, "a field reaches past its message")
        field = descriptor.fields_by_number.get(number)
        if field is None:
            continue
        expect(wire == (VARINT if field.type in VARINT_TYPES else BYTES), f"the wire type of {field.full_name}")
        if field.label != FieldDescriptor.LABEL_REPEATED:
            expect(number not in seen, f"{field.full_name} stands twice")
            seen.add(number)
        if field.type == FieldDescriptor.TYPE_MESSAGE:
            check_form(field.message_type, data, start, at)


def parse(message_class, data):
    check_form(message_class.DESCRIPTOR, data)
    message = message_class()
    message.ParseFromString(data)
    return message


class Msp:
    """One organization of a configuration: its authorities, and who is on their revocation lists."""

    def __init__(self, authorities, lists):
        self.authorities = authorities
        self.revoked = set()
        for pem in lists:
            revocations = x509.load_pem_x509_crl(pem)
            for place, authority in enumerate(authorities):
                if revocations.issuer == authority.subject and revocations.is_signature_valid(authority.public_key()):
                    self.revoked |= {(place, entry.serial_number) for entry in revocations}

    def issuers(self, certificate):
        for place, authority in enumerate(self.authorities):
            try:
                certificate.verify_directly_issued_by(authority)
            except (InvalidSignature, ValueError, TypeError):
                continue
            yield place, authority


class Identity:
    """A serialized identity and its key."""

    def __init__(self, serialized):
        identity = parse(identities_pb2.SerializedIdentity, serialized)
        self.msp_id = identity.mspid
        self.certificate = x509.load_pem_x509_certificate(identity.id_bytes)
        self.key = self.certificate.public_key()

    def check_signature(self, what, message, signature):
        try:
            if isinstance(self.key, ed25519.Ed25519PublicKey):
                self.key.verify(signature, message)
                return
            expect(isinstance(self.key, ec.EllipticCurvePublicKey), f"{what}: kind of key")
            order = ORDERS.get(self.key.curve.name)
            expect(order is not None, f"{what}: curve")
            self.key.verify(signature, message, ec.ECDSA(hashes.SHA256()))
            _, s = decode_dss_signature(signature)
            expect(s <= order // 2, f"{what}: s is in the upper half")
        except InvalidSignature:
            raise Disagreement(f"{what}: the signature is not valid") from None

    def check_member(self, what, msps, seconds):
        expect(self.msp_id in msps, f"{what}: unknown organization {self.msp_id}")
        msp = msps[self.msp_id]
        issuers = list(msp.issuers(self.certificate))
        expect(issuers, f"{what}: not issued by {self.msp_id}")
        time = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
        for certificate in (self.certificate, issuers[0][1]):
            period = (certificate.not_valid_before_utc, certificate.not_valid_after_utc)
            expect(period[0] <= time <= period[1], f"{what}: a certificate was not in force")
        revoked = any((place, self.certificate.serial_number) in msp.revoked for place, _ in issuers)
        expect(not revoked, f"{what}: revoked")
        units = {unit.value for unit in self.certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATIONAL_UNIT_NAME)}
        expect(len(units & NODE_UNITS) == 1, f"{what}: node unit")


class Outside:
    """One stored envelope. Its creator's signature is checked at once, all else by `execute`, for valid ones."""

    def __init__(self, where, data, channel_id):
        self.where = where
        envelope = parse(common_pb2.Envelope, data)
        self.payload = parse(common_pb2.Payload, envelope.payload)
        self.header = parse(common_pb2.ChannelHeader, self.payload.header.channel_header)
        self.signature_header = parse(common_pb2.SignatureHeader, self.payload.header.signature_header)
        self.tx_id = self.header.tx_id
        expect(self.tx_id.isascii() and 0 < len(self.tx_id) <= 255, f"{where}: form of the transaction id")
        expect(self.header.channel_id == channel_id, f"{where}: channel")
        self.creator = Identity(self.signature_header.creator)
        self.creator.check_signature(f"{where}: creator", envelope.payload, envelope.signature)
        self.signatures = 1

    def execute(self, msps):
        """The pairs of namespace and KVRWSet, once everything but policies and versions is found right."""
        where, header = self.where, self.header
        expected = sha256(self.signature_header.nonce, self.signature_header.creator).hex()
        expect(header.type == common_pb2.ENDORSER_TRANSACTION and header.epoch == 0, f"{where}: type or epoch")
        expect(self.tx_id == expected, f"{where}: transaction id")
        extension = parse(proposal_pb2.ChaincodeHeaderExtension, header.extension)
        seconds = header.timestamp.seconds + header.timestamp.nanos // 1_000_000 / 1000
        self.creator.check_member(f"{where}: creator", msps, seconds)
        transaction = parse(transaction_pb2.Transaction, self.payload.data)
        expect(len(transaction.actions) == 1, f"{where}: number of actions")
        expect(transaction.actions[0].header == self.payload.header.signature_header, f"{where}: header of the action")
        action = parse(transaction_pb2.ChaincodeActionPayload, transaction.actions[0].payload)
        proposal = parse(proposal_pb2.ChaincodeProposalPayload, action.chaincode_proposal_payload)
        expect(not proposal.TransientMap, f"{where}: transient map")
        response_bytes = action.action.proposal_response_payload
        response = parse(proposal_response_pb2.ProposalResponsePayload, response_bytes)
        headers = (self.payload.header.channel_header, self.payload.header.signature_header)
        proposal_hash = sha256(*headers, action.chaincode_proposal_payload)
        expect(response.proposal_hash == proposal_hash, f"{where}: proposal hash")
        result = parse(proposal_pb2.ChaincodeAction, response.extension)
        expect(200 <= result.response.status < 400, f"{where}: status")
        name = extension.chaincode_id.name
        expect(name and result.chaincode_id.name == name and result.chaincode_id.version, f"{where}: chaincode")
        for number, endorsement in enumerate(action.action.endorsements):
            endorser = Identity(endorsement.endorser)
            what = f"{where}: endorsement {number}"
            endorser.check_member(what, msps, seconds)
            endorser.check_signature(what, response_bytes + endorsement.endorser, endorsement.signature)
            self.signatures += 1
        return list(self.read_sets(result.results))

    def read_sets(self, results):
        where = self.where
        whole = parse(rwset_pb2.TxReadWriteSet, results)
        names = [entry.namespace for entry in whole.ns_rwset]
        expect(whole.data_model == rwset_pb2.TxReadWriteSet.KV and len(set(names)) == len(names), f"{where}: namespaces")
        for entry in whole.ns_rwset:
            expect(entry.namespace and "$" not in entry.namespace, f"{where}: name of a namespace")
            expect(not entry.collection_hashed_rwset, f"{where}: a collection")
            rows = parse(kv_rwset_pb2.KVRWSet, entry.rwset)
            for keys in ([read.key for read in rows.reads], [write.key for write in rows.writes], [write.key for write in rows.metadata_writes]):
                expect(len(set(keys)) == len(keys), f"{where}: a key twice")
            expect({write.key for write in rows.metadata_writes} <= {write.key for write in rows.writes}, f"{where}: metadata without a write")
            expect(all(query.WhichOneof("reads_info") != "reads_merkle_hashes" for query in rows.range_queries_info), f"{where}: hashes of reads")
            yield entry.namespace, rows
