// Writes each render's pictures to the working directory and prints each reject: node read.js localhost:9092
import { Kafka, logLevel } from "kafkajs";
import { writeFileSync } from "node:fs";
import { argv } from "node:process";
import { decode } from "./records.js";

const kafka = new Kafka({ clientId: "node-example", brokers: argv[2].split(","), logLevel: logLevel.ERROR });
const consumer = kafka.consumer({ groupId: "node-example" });
await consumer.connect();
await consumer.subscribe({ topics: ["avatar.renders", "avatar.rejects"], fromBeginning: true });
await consumer.run({
  eachMessage: async ({ topic, message }) => {
    if (topic === "avatar.rejects") {
      const { identity, reason, message: why } = decode("Reject", message.value);
      console.log(`${identity?.string ?? identity} ${reason}: ${why}`);
      return;
    }
    const { identity, version, views } = decode("Render", message.value);
    for (const { yaw, media_type, image } of views) {
      const file = `${identity}-v${version}-yaw${yaw.toFixed(2)}.${media_type.split("/")[1]}`;
      writeFileSync(file, image);
      console.log(file);
    }
  },
});
