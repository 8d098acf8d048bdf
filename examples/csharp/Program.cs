// Sends requests to Galatea and reads what comes back:
//
//     dotnet run -- produce localhost:9092 photo.jpg
//     dotnet run -- read localhost:9092
//     dotnet run -- records
using Avro.Generic;
using Confluent.Kafka;

switch (args)
{
    case ["produce", var brokers, var photo]:
        return Produce(brokers, photo);
    case ["read", var brokers]:
        return Read(brokers);
    case ["records"]:
        // The three records as hex, to compare with those of another language.
        foreach (var value in new[] { Records.Photo(Id(), "a photo"u8.ToArray()), Records.Prompt(Id()), Records.Light(Id()) })
            Console.WriteLine(Convert.ToHexString(value).ToLowerInvariant());
        return 0;
    default:
        Console.Error.WriteLine("usage: produce BROKERS PHOTO | read BROKERS | records");
        return 2;
}

static string Id() => Guid.NewGuid().ToString();

// Sends a photo, a prompt and a light, each after the render of the one before.
static int Produce(string brokers, string photo)
{
    // The partitioner of Java's clients: whoever sends, an identity has one partition of a topic.
    var config = new ProducerConfig
    {
        BootstrapServers = brokers, MessageMaxBytes = 9_500_000, Partitioner = Partitioner.Murmur2Random,
    };
    using var producer = new ProducerBuilder<string, byte[]>(config).Build();
    using var answers = Consumer(brokers, $"produce-{Id()}");
    foreach (var (topic, encode) in new (string, Func<string, byte[]>)[]
    {
        ("avatar.face-images", id => Records.Photo(id, File.ReadAllBytes(photo))),
        ("avatar.prompts", Records.Prompt),
        ("avatar.lighting-edits", Records.Light),
    })
    {
        var id = Id();
        producer.Produce(topic, new() { Key = "ada", Value = encode(id) }, delivery => Console.WriteLine(
            delivery.Error.IsError ? $"not delivered: {delivery.Error.Reason}" : $"delivered to {delivery.TopicPartitionOffset}"));
        producer.Flush();
        var (answer, rejected) = Answers(answers).First(next => Equals(next.Answer["request_id"], id));
        Console.WriteLine(rejected ? $"rejected: {answer["reason"]}: {answer["message"]}" : $"version {answer["version"]}");
        if (rejected)
            return 1;
    }
    return 0;
}

// Writes each render's pictures to the working directory and prints each reject.
static int Read(string brokers)
{
    using var consumer = Consumer(brokers, "csharp-example");
    foreach (var (answer, rejected) in Answers(consumer))
    {
        if (rejected)
        {
            Console.WriteLine($"{answer["identity"]} {answer["reason"]}: {answer["message"]}");
            continue;
        }
        foreach (var view in ((object[])answer["views"]).Cast<GenericRecord>())
        {
            var extension = ((string)view["media_type"]).Split('/')[1];
            var file = FormattableString.Invariant($"{answer["identity"]}-v{answer["version"]}-yaw{view["yaw"]:+0.00;-0.00}.{extension}");
            File.WriteAllBytes(file, (byte[])view["image"]);
            Console.WriteLine(file);
        }
    }
    return 0;
}

static IEnumerable<(GenericRecord Answer, bool Rejected)> Answers(IConsumer<string, byte[]> consumer)
{
    while (true)
    {
        var read = consumer.Consume();
        var rejected = read.Topic == "avatar.rejects";
        yield return (Records.Decode(rejected ? "Reject" : "Render", read.Message.Value), rejected);
    }
}

// The client reads committed records unless told otherwise.
static IConsumer<string, byte[]> Consumer(string brokers, string group)
{
    var config = new ConsumerConfig { BootstrapServers = brokers, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest };
    var consumer = new ConsumerBuilder<string, byte[]>(config).Build();
    consumer.Subscribe(["avatar.renders", "avatar.rejects"]);
    return consumer;
}
