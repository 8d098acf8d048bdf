// Command example sends requests to Galatea and reads what comes back:
//
//	go run . produce localhost:9092 photo.jpg
//	go run . read localhost:9092
//	go run . records
package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kgo"
)

func main() {
	log.SetFlags(0)
	switch arguments := os.Args[1:]; {
	case len(arguments) == 3 && arguments[0] == "produce":
		produce(arguments[1], arguments[2])
	case len(arguments) == 2 && arguments[0] == "read":
		read(arguments[1])
	case len(arguments) == 1 && arguments[0] == "records":
		// The three records as hex, to compare with those of another language.
		for _, request := range []request{photo([]byte("a photo")), prompt(), light()} {
			fmt.Println(hex.EncodeToString(request.value))
		}
	default:
		log.Fatal("usage: example produce BROKERS PHOTO | read BROKERS | records")
	}
}

// produce sends a photo, a prompt and a light, each after the render of the one before.
func produce(brokers, picture string) {
	image, err := os.ReadFile(picture)
	check(err)
	client := connect(brokers, kgo.NewOffset().AtEnd())
	defer client.Close()
	check(client.Ping(context.Background()))

	for _, request := range []request{photo(image), prompt(), light()} {
		record := &kgo.Record{Topic: request.topic, Key: []byte("ada"), Value: request.value}
		client.Produce(context.Background(), record, func(record *kgo.Record, err error) {
			check(err)
			fmt.Printf("delivered to %s/%d/%d\n", record.Topic, record.Partition, record.Offset)
		})
		await(client, request.id)
	}
}

// await waits for the final render or the reject of a request.
func await(client *kgo.Client, id string) {
	for {
		fetches := client.PollFetches(context.Background())
		check(fetches.Err())
		for _, record := range fetches.Records() {
			answer := decode(record)
			if answer["request_id"] != id {
				continue
			}
			if answer["reason"] != nil {
				log.Fatalf("rejected: %s: %s", answer["reason"], answer["message"])
			}
			fmt.Printf("version %d, %d views\n", answer["version"], len(answer["views"].([]any)))
			return
		}
	}
}

// read writes each render's pictures to the working directory and prints each reject.
func read(brokers string) {
	client := connect(brokers, kgo.NewOffset().AtStart())
	defer client.Close()
	for {
		fetches := client.PollFetches(context.Background())
		check(fetches.Err())
		for _, record := range fetches.Records() {
			answer := decode(record)
			if answer["reason"] != nil {
				fmt.Printf("%v %s: %s\n", answer["identity"], answer["reason"], answer["message"])
				continue
			}
			for _, view := range answer["views"].([]any) {
				view := view.(map[string]any)
				_, extension, _ := strings.Cut(view["media_type"].(string), "/")
				file := fmt.Sprintf("%s-v%d-yaw%+.2f.%s", answer["identity"], answer["version"], view["yaw"], extension)
				check(os.WriteFile(file, view["image"].([]byte), 0o644))
				fmt.Println(file)
			}
		}
	}
}

func connect(brokers string, from kgo.Offset) *kgo.Client {
	client, err := kgo.NewClient(
		kgo.SeedBrokers(strings.Split(brokers, ",")...),
		kgo.ProducerBatchMaxBytes(9_500_000),
		kgo.ConsumeTopics("avatar.renders", "avatar.rejects"),
		kgo.ConsumeResetOffset(from),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()),
	)
	check(err)
	return client
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
