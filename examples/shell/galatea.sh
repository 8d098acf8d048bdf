#!/usr/bin/env bash
# Sends requests to Galatea and shows what comes back, with kcat and without an Avro library:
#
#     examples/shell/galatea.sh produce localhost:9092 photo.jpg
#     examples/shell/galatea.sh read localhost:9092
#     examples/shell/galatea.sh records
set -euo pipefail

schemas=$(dirname "$0")/../../schemas

# An Avro long: seven bits a byte, the lowest first, of the number doubled (zigzag).
long() {
  local n=$((2 * $1))
  while ((n > 127)); do
    printf "\\x$(printf %02x $((n % 128 + 128)))"
    n=$((n / 128))
  done
  printf "\\x$(printf %02x "$n")"
}

# An Avro string: its length in bytes, then the bytes.
string() {
  local LC_ALL=C
  long ${#1}
  printf %s "$1"
}

# The ten bytes that name a schema.
ten_bytes() {
  local hex
  hex=$(awk -v file="$1.avsc" '$2 == file { print $1 }' "$schemas/index.txt")
  printf "$(sed 's/../\\x&/g' <<<"$hex")"
}

# The ten bytes, then the fields of every request: identity, request_id, occurred_at, no steps and no deadline (the first
# of each union), normal priority (the first of its enum), no views (an empty array).
request() {
  ten_bytes "$1"
  string ada
  string "$2" # a repeated one is taken for a retry and ignored
  long "$(date +%s%3N)"
  printf '\0\0\0\0'
}

# The file's bytes; no camera; not aligned; no reference.
photo() {
  request FaceImage "$1"
  long "$(wc -c <"$2")"
  cat "$2"
  printf '\0\0\0'
}

# The text; no negative; a strength of 1.0, as a little-endian double.
prompt() {
  request Prompt "$1"
  string 'wearing round glasses'
  string ''
  printf '\0\0\0\0\0\0\xf0\x3f'
}

# The third of the union, and five little-endian floats: x -1, y 0.25, z 1, strength 1.25, ambient 0.375.
light() {
  request LightingEdit "$1"
  long 2
  printf '\0\0\x80\xbf\0\0\x80\x3e\0\0\x80\x3f\0\0\xa0\x3f\0\0\xc0\x3e'
}

# Sends a file to a topic. kcat ends with an error if the record is not delivered. The key is the identity; the partitioner is
# the one of Java's clients.
send() {
  kcat -P -b "$1" -t "$2" -k ada -X message.max.bytes=9500000 -X partitioner=murmur2_random "$3"
  echo "delivered to $2"
}

# What came to a topic since the start, as it is. kcat reads committed records alone.
since() {
  kcat -C -q -e -b "$1" -t "$2" -o "s@$start"
}

# Waits for the final render or the reject of a request: both hold its id as text.
await() {
  local topic
  while true; do
    for topic in avatar.renders avatar.rejects; do
      if since "$1" "$topic" | grep -acF -e "$2" >/dev/null; then
        echo "answered on $topic"
        return
      fi
    done
    sleep 1
  done
}

produce() {
  local record kind id start
  start=$(date +%s%3N)
  record=$(mktemp)
  trap "rm -f '$record'" EXIT
  for kind in photo:face-images prompt:prompts light:lighting-edits; do
    id=$(cat /proc/sys/kernel/random/uuid)
    "${kind%%:*}" "$id" "$2" >"$record"
    send "$1" "avatar.${kind#*:}" "$record"
    await "$1" "$id"
  done
}

case ${1:-} in
produce) produce "$2" "$3" ;;
read) kcat -C -u -b "$2" -G "read-$$" -X auto.offset.reset=earliest avatar.renders avatar.rejects -f '%t %k: %S bytes\n' ;;
records)
  file=$(mktemp)
  trap "rm -f '$file'" EXIT
  printf 'a photo' >"$file"
  for kind in photo prompt light; do
    "$kind" "$(cat /proc/sys/kernel/random/uuid)" "$file" | od -An -v -tx1 | tr -d ' \n'
    echo
  done
  ;;
*)
  echo "usage: $0 produce BROKERS PHOTO | read BROKERS | records" >&2
  exit 2
  ;;
esac
