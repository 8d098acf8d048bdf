// Requests as the bytes of Kafka records, and the bytes of answers as objects.
import avro from "avsc";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

const schemas = new URL("../../schemas/", import.meta.url);
const index = readFileSync(new URL("index.txt", schemas), "utf8")
  .split("\n")
  .filter((line) => line && !line.startsWith("#"))
  .map((line) => line.split(" "));
const tenBytes = new Map(index.map(([ten, file]) => [file, Buffer.from(ten, "hex")]));
const files = new Map(index.map(([ten, file]) => [ten, file]));

const type = (file) => avro.Type.forSchema(JSON.parse(readFileSync(new URL(file, schemas), "utf8")));

/** Ten bytes that name the schema, then the record in Avro's binary form. */
const encode = (name, record) => Buffer.concat([tenBytes.get(`${name}.avsc`), type(`${name}.avsc`).toBuffer(record)]);

/** A record of any released version, read with the newest. */
export function decode(name, value) {
  const written = type(files.get(value.subarray(0, 10).toString("hex")));
  const newest = type(`${name}.avsc`);
  return newest.fromBuffer(value.subarray(10), newest.createResolver(written));
}

// A repeated request_id is taken for a retry and ignored.
const request = (fields) => ({ identity: "ada", request_id: randomUUID(), occurred_at: Date.now(), ...fields });

export const photo = (image) => encode("FaceImage", request({ image }));

export const prompt = () => encode("Prompt", request({ text: "wearing round glasses", strength: 1.0, steps: 80 }));

export const light = () =>
  encode("LightingEdit", request({ light: { x: -1, y: 0.2, z: 1, strength: 1.2, ambient: 0.35 } }));

if (argv[1] === fileURLToPath(import.meta.url)) {
  // The three records as hex, to compare with those of another language.
  for (const value of [photo(Buffer.from("a photo")), prompt(), light()]) {
    console.log(value.toString("hex"));
  }
}
