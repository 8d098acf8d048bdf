// Sends a photo, a prompt and a light, each after the render of the one before: node produce.js localhost:9092 photo.jpg
import { Kafka, logLevel } from "kafkajs";
import { readFileSync } from "node:fs";
import { argv, exit } from "node:process";
import { decode, light, photo, prompt } from "./records.js";

const [bootstrap, picture] = argv.slice(2);
const kafka = new Kafka({ clientId: "produce", brokers: bootstrap.split(","), logLevel: logLevel.ERROR });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: `produce-${Date.now()}` });
await Promise.all([producer.connect(), consumer.connect()]);

// Answers by request id, and who waits for one. KafkaJS reads committed records unless told otherwise.
const waiting = new Map();
await consumer.subscribe({ topics: ["avatar.renders", "avatar.rejects"], fromBeginning: true });
await consumer.run({
  eachMessage: async ({ topic, message }) => {
    const kind = topic === "avatar.rejects" ? "Reject" : "Render";
    const record = decode(kind, message.value);
    waiting.get(record.request_id)?.({ kind, record });
  },
});

for (const [topic, name, value] of [
  ["avatar.face-images", "FaceImage", photo(readFileSync(picture))],
  ["avatar.prompts", "Prompt", prompt()],
  ["avatar.lighting-edits", "LightingEdit", light()],
]) {
  const id = decode(name, value).request_id;
  const answer = new Promise((resolve) => waiting.set(id, resolve));
  // send() resolves when the brokers have the record, and throws if they do not take it.
  const [{ topicName, partition, baseOffset }] = await producer.send({ topic, messages: [{ key: "ada", value }] });
  console.log(`delivered to ${topicName}/${partition}/${baseOffset}`);
  const { kind, record } = await answer;
  if (kind === "Reject") {
    console.error(`rejected: ${record.reason}: ${record.message}`);
    exit(1);
  }
  console.log(`${name}: version ${record.version}, ${record.views.length} views`);
}
await Promise.all([producer.disconnect(), consumer.disconnect()]);
