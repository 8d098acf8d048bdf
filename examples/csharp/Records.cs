using Avro;
using Avro.Generic;
using Avro.IO;

/// <summary>Requests as the bytes of Kafka records, and the bytes of answers as Avro records.</summary>
static class Records
{
    // The working directory is that of this file.
    const string Directory = "../../schemas";

    /// <summary>The file of each schema by the ten bytes before its records, as hex.</summary>
    static readonly Dictionary<string, string> Files = File.ReadLines($"{Directory}/index.txt")
        .Where(line => !line.StartsWith('#'))
        .Select(line => line.Split(' ', 2))
        .ToDictionary(words => words[0], words => words[1]);

    public static byte[] Photo(string id, byte[] image) => Encode("FaceImage", id, record =>
    {
        record.Add("image", image);
        record.Add("camera", null);
        record.Add("aligned", false);
    });

    public static byte[] Prompt(string id) => Encode("Prompt", id, record =>
    {
        record.Add("text", "wearing round glasses");
        record.Add("negative", "");
        record.Add("strength", 1.0);
    });

    public static byte[] Light(string id) => Encode("LightingEdit", id, record =>
    {
        var union = (UnionSchema)record.Schema["light"].Schema;
        var lamp = new GenericRecord((RecordSchema)union.Schemas[2]);
        lamp.Add("x", -1f);
        lamp.Add("y", 0.2f);
        lamp.Add("z", 1f);
        lamp.Add("strength", 1.2f);
        lamp.Add("ambient", 0.35f);
        record.Add("light", lamp);
    });

    /// <summary>Ten bytes that name the schema, then the record in Avro's binary form.</summary>
    static byte[] Encode(string name, string id, Action<GenericRecord> fill)
    {
        var schema = (RecordSchema)Parse($"{name}.avsc");
        var record = new GenericRecord(schema);
        record.Add("identity", "ada");
        record.Add("request_id", id); // a repeated one is taken for a retry and ignored
        record.Add("occurred_at", DateTime.UtcNow);
        record.Add("steps", null);
        record.Add("deadline", null);
        record.Add("priority", new GenericEnum((EnumSchema)schema["priority"].Schema, "NORMAL"));
        record.Add("views", Array.Empty<object>());
        fill(record);
        using var stream = new MemoryStream();
        stream.Write(Convert.FromHexString(Files.First(file => file.Value == $"{name}.avsc").Key));
        new GenericDatumWriter<GenericRecord>(schema).Write(record, new BinaryEncoder(stream));
        return stream.ToArray();
    }

    /// <summary>A record of any released version, read with the newest.</summary>
    public static GenericRecord Decode(string name, byte[] value)
    {
        var written = Parse(Files[Convert.ToHexString(value, 0, 10).ToLowerInvariant()]);
        using var body = new MemoryStream(value, 10, value.Length - 10);
        return new GenericDatumReader<GenericRecord>(written, Parse($"{name}.avsc")).Read(null!, new BinaryDecoder(body));
    }

    static Schema Parse(string file) => Schema.Parse(File.ReadAllText($"{Directory}/{file}"));
}
