//! Requests as the bytes of Kafka records, and the bytes of answers as their fields.
use apache_avro::types::Value;
use apache_avro::{from_avro_datum, to_avro_datum, Schema};
use std::time::{SystemTime, UNIX_EPOCH};

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const SCHEMAS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schemas");

pub struct Request {
    pub topic: &'static str,
    pub id: String,
    pub value: Vec<u8>,
}

/// A photo, a prompt and a light.
pub fn requests(image: Vec<u8>) -> Result<[Request; 3]> {
    let lamp = [("x", -1.0), ("y", 0.2), ("z", 1.0), ("strength", 1.2), ("ambient", 0.35)];
    let lamp = lamp.map(|(name, value)| (name.to_string(), Value::Float(value)));
    let text = Value::String("wearing round glasses".into());
    Ok([
        request("avatar.face-images", "FaceImage", vec![("image", Value::Bytes(image))])?,
        request("avatar.prompts", "Prompt", vec![("text", text), ("steps", Value::Int(80))])?,
        request("avatar.lighting-edits", "LightingEdit", vec![("light", Value::Record(lamp.into()))])?,
    ])
}

/// The three records as hex, to compare with those of another language.
pub fn print() -> Result<()> {
    for request in requests(b"a photo".to_vec())? {
        println!("{}", hex(&request.value));
    }
    Ok(())
}

/// Ten bytes that name the schema, then the record in Avro's binary form.
fn request(topic: &'static str, name: &str, own: Vec<(&str, Value)>) -> Result<Request> {
    let id = uuid::Uuid::new_v4().to_string(); // a repeated one is taken for a retry and ignored
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis() as i64;
    let mut fields = vec![
        ("identity", Value::String("ada".into())),
        ("request_id", Value::String(id.clone())),
        ("occurred_at", Value::TimestampMillis(now)),
    ];
    fields.extend(own);
    let fields = fields.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
    let file = format!("{name}.avsc");
    let schema = schema(&file)?;
    let (mut value, _) = index()?.into_iter().find(|(_, f)| *f == file).ok_or("no such schema")?;
    // Fills in what has a default.
    value.extend(to_avro_datum(&schema, Value::Record(fields).resolve(&schema)?)?);
    Ok(Request { topic, id, value })
}

/// A record of any released version, read with the newest.
pub fn decode(name: &str, value: &[u8]) -> Result<Fields> {
    let ten = value.get(..10).ok_or("an answer of fewer than ten bytes")?;
    let (_, file) = index()?.into_iter().find(|(t, _)| t == ten).ok_or("a schema that index.txt does not list")?;
    let newest = schema(&format!("{name}.avsc"))?;
    Ok(Fields(from_avro_datum(&schema(&file)?, &mut &value[10..], Some(&newest))?))
}

/// The ten bytes before the records of each schema, and its file.
fn index() -> Result<Vec<(Vec<u8>, String)>> {
    let text = std::fs::read_to_string(format!("{SCHEMAS}/index.txt"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once(' '))
        .map(|(ten, file)| Ok((unhex(ten)?, file.to_string())))
        .collect()
}

fn schema(file: &str) -> Result<Schema> {
    Ok(Schema::parse_str(&std::fs::read_to_string(format!("{SCHEMAS}/{file}"))?)?)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>> {
    let digits = (0..text.len()).step_by(2);
    digits.map(|at| Ok(u8::from_str_radix(&text[at..at + 2], 16)?)).collect()
}

/// A record's fields by name.
pub struct Fields(Value);

impl Fields {
    /// The field's value, without the union about it.
    fn get(&self, name: &str) -> Value {
        let Value::Record(fields) = &self.0 else { return Value::Null };
        match fields.iter().find(|(field, _)| field == name) {
            Some((_, Value::Union(_, value))) => *value.clone(),
            Some((_, value)) => value.clone(),
            None => Value::Null,
        }
    }

    pub fn text(&self, name: &str) -> String {
        if let Value::String(text) = self.get(name) { text } else { String::new() }
    }

    pub fn long(&self, name: &str) -> i64 {
        if let Value::Long(number) = self.get(name) { number } else { 0 }
    }

    pub fn float(&self, name: &str) -> f32 {
        if let Value::Float(number) = self.get(name) { number } else { 0.0 }
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        if let Value::Bytes(bytes) = self.get(name) { bytes } else { Vec::new() }
    }

    pub fn list(&self, name: &str) -> Vec<Fields> {
        let Value::Array(items) = self.get(name) else { return Vec::new() };
        items.into_iter().map(Fields).collect()
    }
}
