//! Sends requests to Galatea and reads what comes back:
//!
//!     cargo run -- produce localhost:9092 photo.jpg
//!     cargo run -- read localhost:9092
//!     cargo run -- records
mod records;

use rdkafka::consumer::{BaseConsumer, Consumer, DefaultConsumerContext};
use rdkafka::message::DeliveryResult;
use rdkafka::producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer};
use rdkafka::{ClientConfig, ClientContext, Message, Offset, TopicPartitionList};
use records::{Fields, Request, Result};
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(15);
const ANSWERS: [&str; 2] = ["avatar.renders", "avatar.rejects"];

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["produce", brokers, photo] => produce(brokers, photo),
        ["read", brokers] => read(brokers),
        ["records"] => records::print(),
        _ => Err("usage: example produce BROKERS PHOTO | read BROKERS | records".into()),
    }
}

/// Tells what became of each record that was sent.
struct Deliveries;

impl ClientContext for Deliveries {}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, delivery: &DeliveryResult<'_>, _: ()) {
        match delivery {
            Ok(m) => println!("delivered to {}/{}/{}", m.topic(), m.partition(), m.offset()),
            Err((error, _)) => eprintln!("not delivered: {error}"),
        }
    }
}

/// Sends a photo, a prompt and a light, each after the render of the one before.
fn produce(brokers: &str, photo: &str) -> Result<()> {
    let producer: ThreadedProducer<Deliveries> = client(brokers)
        .set("message.max.bytes", "9500000")
        .set("partitioner", "murmur2_random") // as Java's clients: an identity has one partition of a topic
        .create_with_context(Deliveries)?;
    let answers: BaseConsumer = client(brokers).set("group.id", "produce").create()?;
    answers.assign(&ends(&answers)?)?;
    for request in records::requests(std::fs::read(photo)?)? {
        let record = BaseRecord::to(request.topic).key("ada").payload(&request.value);
        producer.send(record).map_err(|(error, _)| error)?;
        producer.flush(TIMEOUT)?;
        wait(&answers, &request)?;
    }
    Ok(())
}

/// The ends of the answers' topics, asked for before anything is sent.
fn ends(consumer: &BaseConsumer) -> Result<TopicPartitionList> {
    let mut ends = TopicPartitionList::new();
    for topic in ANSWERS {
        for partition in consumer.fetch_metadata(Some(topic), TIMEOUT)?.topics()[0].partitions() {
            let (_, end) = consumer.fetch_watermarks(topic, partition.id(), TIMEOUT)?;
            ends.add_partition_offset(topic, partition.id(), Offset::Offset(end))?;
        }
    }
    Ok(ends)
}

/// Waits for the final render or the reject of a request.
fn wait(answers: &BaseConsumer, request: &Request) -> Result<()> {
    loop {
        let (topic, answer) = next(answers)?;
        if answer.text("request_id") != request.id {
            continue;
        }
        if topic == "avatar.rejects" {
            return Err(format!("rejected: {}: {}", answer.text("reason"), answer.text("message")).into());
        }
        println!("version {}, {} views", answer.long("version"), answer.list("views").len());
        return Ok(());
    }
}

/// Writes each render's pictures to the working directory and prints each reject.
fn read(brokers: &str) -> Result<()> {
    let consumer: BaseConsumer<DefaultConsumerContext> = client(brokers)
        .set("group.id", "rust-example")
        .set("auto.offset.reset", "earliest")
        .create()?;
    consumer.subscribe(&ANSWERS)?;
    loop {
        let (topic, answer) = next(&consumer)?;
        let identity = answer.text("identity");
        if topic == "avatar.rejects" {
            println!("{identity} {}: {}", answer.text("reason"), answer.text("message"));
            continue;
        }
        for view in answer.list("views") {
            let media_type = view.text("media_type");
            let extension = media_type.split('/').next_back().unwrap_or("png");
            let file = format!("{identity}-v{}-yaw{:+.2}.{extension}", answer.long("version"), view.float("yaw"));
            std::fs::write(&file, view.bytes("image"))?;
            println!("{file}");
        }
    }
}

/// The next answer and its topic. The client reads committed records unless told otherwise.
fn next(consumer: &BaseConsumer) -> Result<(String, Fields)> {
    loop {
        if let Some(message) = consumer.poll(Duration::from_secs(1)) {
            let message = message?;
            let value = message.payload().ok_or("an answer without a value")?;
            let schema = if message.topic() == "avatar.rejects" { "Reject" } else { "Render" };
            return Ok((message.topic().to_string(), records::decode(schema, value)?));
        }
    }
}

fn client(brokers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", brokers);
    config
}
