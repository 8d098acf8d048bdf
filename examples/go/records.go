package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"log"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
)

// schemas is relative to the working directory, which is that of this file.
const schemas = "../../schemas"

type request struct {
	topic string
	id    string
	value []byte
}

func photo(image []byte) request {
	return encode("avatar.face-images", "FaceImage", map[string]any{"image": image})
}

func prompt() request {
	fields := map[string]any{"text": "wearing round glasses", "strength": 1.0, "steps": map[string]any{"int": 80}}
	return encode("avatar.prompts", "Prompt", fields)
}

func light() request {
	lamp := map[string]any{
		"x": float32(-1), "y": float32(0.2), "z": float32(1), "strength": float32(1.2), "ambient": float32(0.35)}
	union := map[string]any{"dev.galatea.DirectionalLight": lamp}
	return encode("avatar.lighting-edits", "LightingEdit", map[string]any{"light": union})
}

// encode writes the ten bytes that name the schema, then the record in Avro's binary form.
// The library's own fingerprint would not do: it counts logicalType in.
func encode(topic, name string, fields map[string]any) request {
	fields["identity"] = "ada"
	fields["request_id"] = strings.ToLower(rand.Text()) // a repeated one is taken for a retry and ignored
	fields["occurred_at"] = time.Now()
	body, err := avro.Marshal(schema(name+".avsc"), fields)
	check(err)
	for ten, file := range index() {
		if file == name+".avsc" {
			return request{topic, fields["request_id"].(string), append([]byte(ten), body...)}
		}
	}
	log.Fatalf("schemas/index.txt does not list %s.avsc", name)
	return request{}
}

// decode reads an answer with the schema that wrote it, whatever its version.
func decode(record *kgo.Record) map[string]any {
	file, known := index()[string(record.Value[:min(10, len(record.Value))])]
	if !known {
		log.Fatalf("%s/%d/%d is in no schema of schemas/index.txt", record.Topic, record.Partition, record.Offset)
	}
	var fields map[string]any
	check(avro.Unmarshal(schema(file), record.Value[10:], &fields))
	return fields
}

// index gives the file of each schema by the ten bytes before its records.
func index() map[string]string {
	text, err := os.ReadFile(filepath.Join(schemas, "index.txt"))
	check(err)
	files := map[string]string{}
	for line := range bytes.Lines(text) {
		if ten, file, found := strings.Cut(strings.TrimSpace(string(line)), " "); found && ten != "#" {
			key, err := hex.DecodeString(ten)
			check(err)
			files[string(key)] = file
		}
	}
	return files
}

func schema(file string) avro.Schema {
	text, err := os.ReadFile(filepath.Join(schemas, file))
	check(err)
	// A cache of its own: versions of a schema have one name.
	parsed, err := avro.ParseBytesWithCache(text, "", &avro.SchemaCache{})
	check(err)
	return parsed
}
