/**
 * How fast record batches are built, iterated and checked, on one core.
 *
 *     node bench/records.ts
 *
 * Every figure is the median of several runs that take turns, so that all cases see the same machine. One JSON line per
 * case, then a table. `limit` cases are the raw loop over the same bytes: what nothing in JavaScript can beat.
 */
import { crc32c } from "@millrace/core/hash/Crc32c"
import { NodeCompression } from "@millrace/core/node"
import { Codec } from "@millrace/core/records/Compression"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import { RecordBatchBuilder } from "@millrace/core/records/RecordBatchBuilder"
import { RecordCursor } from "@millrace/core/records/RecordCursor"
import * as Records from "@millrace/core/records/Records"
import * as NodeOs from "node:os"

const compression = NodeCompression.make
const rounds = 7
const roundMs = 250
const valueBytes = 100
const batchBytes = 64 * 1024

interface Case {
  readonly name: string
  /** What one call works through. */
  readonly records: number
  readonly bytes: number
  readonly target?: number
  readonly unit: "M records/s" | "GB/s"
  readonly run: () => number
}

const key = new Uint8Array(16).map((_, index) => 97 + index)
const keyText = "key-0123456789ab"
const valueText = "v".repeat(valueBytes)
const values = Array.from(
  { length: 64 },
  (_, seed) => new Uint8Array(valueBytes).map((_, index) => (index * 31 + seed * 17) & 0xff)
)

const fill = (builder: RecordBatchBuilder): number => {
  let index = 0
  while (builder.sizeInBytes < batchBytes) {
    builder.append(1_700_000_000_000 + index, key, values[index & 63]!)
    index++
  }
  return index
}

const builder = new RecordBatchBuilder(compression, batchBytes * 2)
const perBatch = fill(builder)
const batch = builder.build()
const packed = new Map(
  ([Codec.gzip, Codec.snappy, Codec.lz4, Codec.zstd] as const).map((codec) => {
    fill(builder)
    return [codec, builder.build({ compression: codec })]
  })
)
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

const recordCase = (name: string, run: () => number, target?: number): Case => ({
  name,
  records: perBatch,
  bytes: batch.length,
  unit: "M records/s",
  run,
  ...(target === undefined ? {} : { target })
})

const cases: ReadonlyArray<Case> = [
  recordCase("encode, values of 100 B", () => {
    fill(builder)
    return builder.build().length
  }, 3),
  recordCase("encode, strings", () => {
    for (let index = 0; index < perBatch; index++) builder.append(1_700_000_000_000 + index, keyText, valueText)
    return builder.build().length
  }),
  recordCase("encode, limit: raw copy", rawEncode),
  recordCase("iterate, lengths and offsets", () => iterate(batch), 8),
  recordCase("iterate, key and value views", () => views(batch)),
  recordCase("iterate, limit: one byte of each", rawIterate),
  ...[...packed].map(([codec, bytes]) => recordCase(`iterate, ${Object.keys(Codec)[codec]}`, () => iterate(bytes))),
  ...[...packed.keys()].map((codec) =>
    recordCase(`encode, ${Object.keys(Codec)[codec]}`, () => {
      fill(builder)
      return builder.build({ compression: codec }).length
    })
  ),
  {
    name: "header and CRC, 64 KB, native",
    records: perBatch,
    bytes: batch.length,
    unit: "GB/s",
    target: 3,
    run: () =>
      Records.nextBatchUnsafe(batch, 0, batch.length) + Number(RecordBatch.isValidCrc(batch, 0, compression.crc32c))
  },
  {
    name: "header and CRC, 64 KB, pure",
    records: perBatch,
    bytes: batch.length,
    unit: "GB/s",
    run: () => Records.nextBatchUnsafe(batch, 0, batch.length) + Number(RecordBatch.isValidCrc(batch, 0, crc32c))
  }
]

let sink = 0

/** One round: calls for `roundMs`, and the rate in the case's unit. Addons free their memory between rounds. */
const round = async (case_: Case): Promise<number> => {
  await new Promise((resolve) => setImmediate(resolve))
  const start = performance.now()
  let calls = 0
  let elapsed = 0
  while (elapsed < roundMs) {
    for (let index = 0; index < 8; index++) sink += case_.run()
    calls += 8
    elapsed = performance.now() - start
  }
  return case_.unit === "GB/s" ? calls * case_.bytes / elapsed / 1e6 : calls * case_.records / elapsed / 1e3
}

const median = (numbers: ReadonlyArray<number>): number => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!

const main = async (): Promise<void> => {
  const rates = cases.map((): Array<number> => [])
  for (let index = -1; index < rounds; index++) {
    for (const [place, case_] of cases.entries()) {
      const rate = await round(case_)
      if (index >= 0) rates[place]!.push(rate)
    }
  }
  const machine = `${NodeOs.cpus()[0]?.model ?? "?"}, Node ${process.version}, load ${NodeOs.loadavg()[0]!.toFixed(1)}`
  const results = cases.map((case_, place) => ({
    bench: "records",
    case: case_.name,
    median: Number(median(rates[place]!).toFixed(2)),
    best: Number(Math.max(...rates[place]!).toFixed(2)),
    unit: case_.unit,
    target: case_.target ?? null
  }))
  for (const result of results) process.stdout.write(`${JSON.stringify(result)}\n`)
  process.stdout.write(
    `\n${machine}; ${perBatch} records per batch of 64 KB; median of ${rounds} (${sink === 0 ? "?" : "ok"})\n`
  )
  for (const { best, case: name, median, target, unit } of results) {
    const goal = target === null ? "" : `  target ${target}: ${median >= target ? "met" : "MISSED"}`
    process.stdout.write(
      `${name.padEnd(36)} ${median.toFixed(2).padStart(9)} (best ${best.toFixed(2)}) ${unit}${goal}\n`
    )
  }
}

await main()
