"""Requests as the bytes of Kafka records, and the bytes of answers as dictionaries."""

import io
import json
import pathlib
import time
import uuid

from fastavro import parse_schema, schemaless_reader, schemaless_writer

SCHEMAS = pathlib.Path(__file__).parents[2] / "schemas"
INDEX = [line.split() for line in (SCHEMAS / "index.txt").read_text().splitlines() if not line.startswith("#")]
TEN_BYTES = {name: bytes.fromhex(ten) for ten, name in INDEX}
FILES = {ten: name for name, ten in TEN_BYTES.items()}


def schema(file):
    return parse_schema(json.loads((SCHEMAS / file).read_text()))


def request(identity, **fields):
    """The fields of every request. A repeated request_id is taken for a retry and ignored."""
    return {"identity": identity, "request_id": str(uuid.uuid4()), "occurred_at": int(time.time() * 1000), **fields}


def encode(name, record):
    """Ten bytes that name the schema, then the record in Avro's binary form."""
    out = io.BytesIO()
    out.write(TEN_BYTES[f"{name}.avsc"])
    schemaless_writer(out, schema(f"{name}.avsc"), record)
    return out.getvalue()


def decode(name, value):
    """A record of any released version, read with the newest."""
    written = FILES[value[:10]]
    return schemaless_reader(io.BytesIO(value[10:]), schema(written), schema(f"{name}.avsc"))


def photo(image):
    return encode("FaceImage", request("ada", image=image))


def prompt():
    return encode("Prompt", request("ada", text="wearing round glasses", strength=1.0, steps=80))


def light():
    lamp = {"x": -1.0, "y": 0.2, "z": 1.0, "strength": 1.2, "ambient": 0.35}
    return encode("LightingEdit", request("ada", light=lamp))


if __name__ == "__main__":  # the three records as hex, to compare with those of another language
    for value in (photo(b"a photo"), prompt(), light()):
        print(value.hex())
