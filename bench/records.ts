/**
 * How fast record batches are built, iterated and checked, on one core, beside kafkajs and @platformatic/kafka.
 *
 * Every contender gets the same records: 16 bytes of key, 100 of value, no headers, 64 KB to a batch. Those of others
 * make an object per record; ours is also measured so ("objects"), beside the cursor that it is meant to be used by.
 * `limit` is the raw loop over the same bytes: what nothing in JavaScript can beat.
 * Flags: --rounds N (7), --round-ms N (200).
 */
import { crc32c } from "@millrace/core/hash/Crc32c"
import { NodeCompression } from "@millrace/core/node"
import { Codec, codecNames } from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import * as Records from "@millrace/core/records/Records"
import { option } from "../compat/lib/harness.ts"
import { loadKafkaJs, loadPlatformatic } from "./lib/codecs.ts"
import { printTable } from "./lib/report.ts"
import { type Case, compare } from "./lib/rounds.ts"

const kafkajs = await loadKafkaJs()
const platformatic = await loadPlatformatic()
const compression = NodeCompression.make
const valueBytes = 100
const batchBytes = 64 * 1024
const timestamp = 1_700_000_000_000

const key = Buffer.from("key-0123456789ab")
const values = Array.from(
  { length: 64 },
  (_, seed) => Buffer.alloc(valueBytes).map((_, index) => (index * 31 + seed * 17) & 0xff)
)

const fill = (builder: RecordBatchBuilder): number => {
  let index = 0
  while (builder.sizeInBytes < batchBytes) {
    builder.append(timestamp + index, key, values[index & 63]!)
    index++
  }
  return index
}

const builder = new RecordBatchBuilder(compression, batchBytes * 2)
const perBatch = fill(builder)
const batch = builder.build()
const batchBuffer = Buffer.from(batch.buffer, batch.byteOffset, batch.length)
const numbers = Array.from({ length: perBatch }, (_, index) => index)
const cursor = new RecordCursor(compression)

const iterate = (bytes: Uint8Array): number => {
  let sum = 0
  cursor.openUnsafe(bytes, 0)
  while (cursor.next()) sum += cursor.offset + cursor.valueLength
  return sum
}

const views = (bytes: Uint8Array): number => {
  let sum = 0
  cursor.openUnsafe(bytes, 0)
  while (cursor.next()) sum += cursor.key()!.length + cursor.value()!.length
  return sum
}

const encodeKafkaJs = (): Promise<unknown> =>
  kafkajs.encodeBatch({
    firstTimestamp: timestamp,
    maxTimestamp: timestamp + perBatch - 1,
    lastOffsetDelta: perBatch - 1,
    records: numbers.map((index) =>
      kafkajs.encodeRecord({ offsetDelta: index, timestampDelta: index, key, value: values[index & 63] })
    )
  })

const encodePlatformatic = (): number =>
  platformatic.createRecordsBatch(
    numbers.map((index) => ({
      topic: "orders",
      partition: 0,
      timestamp: BigInt(timestamp + index),
      key,
      value: values[index & 63]
    }))
  ).length

/** The loop that every encoder contains: each byte of each record written once. */
const slab = new Uint8Array(batchBytes * 2)
const rawEncode = (): number => {
  let at = 0
  for (let index = 0; index < perBatch; index++) {
    for (let place = 0; place < key.length; place++) slab[at + place] = key[place]!
    slab.set(values[index & 63]!, at + 24)
    at += 24 + valueBytes
  }
  return at
}

const rawIterate = (): number => {
  let sum = 0
  for (let at = RecordBatch.headerSizeBytes; at < batch.length; at += 128) sum += batch[at]!
  return sum
}

const records = (what: string, contender: string, run: () => unknown, target?: number): Case => ({
  what,
  contender,
  unit: "records",
  perCall: perBatch,
  run,
  ...(target === undefined ? {} : { target })
})

const bytes = (what: string, contender: string, run: () => unknown, target?: number): Case => ({
  ...records(what, contender, run, target),
  unit: "bytes",
  perCall: batch.length
})

const packed = ([Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd] as const).map((codec) => {
  fill(builder)
  return { codec, batch: builder.build({ compression: codec }) }
})

const cases: ReadonlyArray<Case> = [
  records("encode a batch", "millrace", () => {
    fill(builder)
    return builder.build().length
  }, 3e6),
  records("encode a batch", "kafkajs", encodeKafkaJs),
  records("encode a batch", "@platformatic/kafka", encodePlatformatic),
  records("encode a batch", "limit", rawEncode),
  records("iterate a batch", "millrace", () => iterate(batch), 8e6),
  records("iterate a batch", "millrace, key and value views", () => views(batch)),
  records("iterate a batch", "millrace, objects", () => Records.readBatchUnsafe(batch, 0, compression)),
  records("iterate a batch", "kafkajs", () => kafkajs.decodeBatch(new kafkajs.Decoder(batchBuffer))),
  records(
    "iterate a batch",
    "@platformatic/kafka",
    () => platformatic.readRecordsBatch(platformatic.Reader.from(batchBuffer))
  ),
  records("iterate a batch", "limit", rawIterate),
  bytes("header and CRC", "millrace", () => {
    Records.nextBatchUnsafe(batch, 0, batch.length)
    return RecordBatch.isValidCrc(batch, 0, compression.crc32c)
  }, 3e9),
  bytes("header and CRC", "millrace, no native code", () => RecordBatch.isValidCrc(batch, 0, crc32c)),
  bytes("header and CRC", "kafkajs", () => kafkajs.crc32c(batchBuffer)),
  bytes("header and CRC", "@platformatic/kafka", () => platformatic.crc32c(batchBuffer)),
  ...packed.flatMap(({ batch, codec }) => [
    records(`encode a batch, ${codecNames[codec]}`, "millrace", () => {
      fill(builder)
      return builder.build({ compression: codec }).length
    }),
    records(`iterate a batch, ${codecNames[codec]}`, "millrace", () => iterate(batch))
  ])
]

const decoded = await kafkajs.decodeBatch(new kafkajs.Decoder(batchBuffer))
const alsoDecoded = platformatic.readRecordsBatch(platformatic.Reader.from(batchBuffer))
if (decoded.records.length !== perBatch || alsoDecoded.records.length !== perBatch) throw new Error("a peer reads less")

await compare("records", cases, { rounds: Number(option("rounds") ?? 7), roundMs: Number(option("round-ms") ?? 200) })
printTable()
