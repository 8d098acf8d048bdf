"""Sends a photo, a prompt and a light, each after the render of the one before: produce.py localhost:9092 photo.jpg"""

import pathlib
import sys

import records
from confluent_kafka import Consumer, Producer, TopicPartition

bootstrap, picture = sys.argv[1:]
# The partitioner of Java's clients: whoever sends, an identity has one partition of a topic.
producer = Producer(
    {"bootstrap.servers": bootstrap, "message.max.bytes": 9_500_000, "partitioner": "murmur2_random"}
)

# Renders are written in transactions; this client reads committed records unless told otherwise.
answers = Consumer({"bootstrap.servers": bootstrap, "group.id": "produce"})
answers.assign(
    [
        TopicPartition(topic, partition, answers.get_watermark_offsets(TopicPartition(topic, partition))[1])
        for topic in ("avatar.renders", "avatar.rejects")
        for partition in answers.list_topics(topic).topics[topic].partitions
    ]
)


def delivered(error, message):
    if error:
        sys.exit(f"not delivered: {error}")
    print(f"delivered to {message.topic()}/{message.partition()}/{message.offset()}")


def answer(request_id):
    """Waits for the final render or the reject of a request."""
    while True:
        message = answers.poll(1.0)
        if message is None:
            continue
        if message.error():
            sys.exit(f"cannot read: {message.error()}")
        kind = "Reject" if message.topic() == "avatar.rejects" else "Render"
        record = records.decode(kind, message.value())
        if record["request_id"] == request_id:
            return kind, record


for topic, name, value in (
    ("avatar.face-images", "FaceImage", records.photo(pathlib.Path(picture).read_bytes())),
    ("avatar.prompts", "Prompt", records.prompt()),
    ("avatar.lighting-edits", "LightingEdit", records.light()),
):
    producer.produce(topic, key="ada", value=value, on_delivery=delivered)
    producer.flush()
    kind, record = answer(records.decode(name, value)["request_id"])
    if kind == "Reject":
        sys.exit(f"rejected: {record['reason']}: {record['message']}")
    print(f"{name}: version {record['version']}, {len(record['views'])} views")
