"""Writes each render's pictures to the working directory and prints each reject: read.py localhost:9092"""

import pathlib
import sys

import records
from confluent_kafka import Consumer

consumer = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "python-example", "auto.offset.reset": "earliest"})
consumer.subscribe(["avatar.renders", "avatar.rejects"])
while True:
    message = consumer.poll(1.0)
    if message is None:
        continue
    if message.error():
        sys.exit(f"cannot read: {message.error()}")
    if message.topic() == "avatar.rejects":
        reject = records.decode("Reject", message.value())
        print(f"{reject['identity']} {reject['reason']}: {reject['message']}", flush=True)
        continue
    render = records.decode("Render", message.value())
    for view in render["views"]:
        extension = view["media_type"].split("/")[1]
        file = pathlib.Path(f"{render['identity']}-v{render['version']}-yaw{view['yaw']:+.2f}.{extension}")
        file.write_bytes(view["image"])
        print(file, flush=True)
