"""Protobuf messages that no installed package brings: Loki's push request and gRPC's status."""

from typing import Any

from google.protobuf import descriptor_pool, message_factory, timestamp_pb2  # type: ignore[import-untyped]
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto  # type: ignore[import-untyped]

_LOKI = {
    "PushRequest": ["streams 1 *StreamAdapter"],
    "StreamAdapter": ["labels 1 string", "entries 2 *EntryAdapter"],
    "EntryAdapter": [
        "timestamp 1 .google.protobuf.Timestamp",
        "line 2 string",
        "structuredMetadata 3 *LabelPairAdapter",
    ],
    "LabelPairAdapter": ["name 1 string", "value 2 string"],
}
_STATUS = {"Status": ["code 1 int32", "message 2 string"]}
_SCALARS = {"string": FieldDescriptorProto.TYPE_STRING, "int32": FieldDescriptorProto.TYPE_INT32}


def _field(line: str, package: str) -> FieldDescriptorProto:
    """A field of `name number type`; `*` repeats a message."""
    name, number, kind = line.split()
    repeated = kind.startswith("*")
    label = FieldDescriptorProto.LABEL_REPEATED if repeated else FieldDescriptorProto.LABEL_OPTIONAL
    field = FieldDescriptorProto(name=name, number=int(number), label=label)
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type = FieldDescriptorProto.TYPE_MESSAGE
        field.type_name = kind if kind.startswith(".") else f".{package}.{kind.removeprefix('*')}"
    return field


def _file(package: str, messages: dict[str, list[str]]) -> FileDescriptorProto:
    file = FileDescriptorProto(name=f"embedded/{package}.proto", package=package, syntax="proto3")
    file.dependency.append("google/protobuf/timestamp.proto")
    for name, fields in messages.items():
        file.message_type.add(name=name).field.extend(_field(line, package) for line in fields)
    return file


# A pool of its own: another package may declare the same names.
_pool = descriptor_pool.DescriptorPool()
_pool.AddSerializedFile(timestamp_pb2.DESCRIPTOR.serialized_pb)
for _package, _messages in (("logproto", _LOKI), ("google.rpc", _STATUS)):
    _pool.AddSerializedFile(_file(_package, _messages).SerializeToString())

PushRequest: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName("logproto.PushRequest"))
Status: Any = message_factory.GetMessageClass(_pool.FindMessageTypeByName("google.rpc.Status"))
