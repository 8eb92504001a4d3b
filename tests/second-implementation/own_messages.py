"""The protobuf messages that are not Fabric's: those of docs/reference/ledger-format.md, sections 3 and 4."""

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_FIELD = descriptor_pb2.FieldDescriptorProto
_TYPES = {"uint32": _FIELD.TYPE_UINT32, "bytes": _FIELD.TYPE_BYTES, "string": _FIELD.TYPE_STRING, "bool": _FIELD.TYPE_BOOL}
_MESSAGES = {
    "BlockProof": [("version", "uint32"), ("transaction_kinds", "bytes"), ("checkpoint", "string")],
    "ChannelSettings": [
        ("origin", "string"),
        ("display_name", "string"),
        ("cut_when_idle", "bool"),
        ("state_database", "string"),
        ("record_refusals", "bool"),
        ("contracts", "repeated string"),
        ("cryptography", "string"),
    ],
    "CheckpointKey": [("algorithm", "string"), ("public_key", "bytes"), ("certificate", "bytes")],
    "OrganizationKeys": [("keys", "repeated CheckpointKey"), ("display_name", "string")],
}


def _build():
    file = descriptor_pb2.FileDescriptorProto(name="ledger_format.proto", package="ledger_format", syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, (field_name, kind) in enumerate(fields, start=1):
            repeated = kind.startswith("repeated ")
            kind = kind.removeprefix("repeated ")
            field = message.field.add(name=field_name, number=number)
            field.label = _FIELD.LABEL_REPEATED if repeated else _FIELD.LABEL_OPTIONAL
            if kind in _TYPES:
                field.type = _TYPES[kind]
            else:
                field.type = _FIELD.TYPE_MESSAGE
                field.type_name = f".ledger_format.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return {
        name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"ledger_format.{name}")) for name in _MESSAGES
    }


_classes = _build()
BlockProof = _classes["BlockProof"]
ChannelSettings = _classes["ChannelSettings"]
OrganizationKeys = _classes["OrganizationKeys"]
