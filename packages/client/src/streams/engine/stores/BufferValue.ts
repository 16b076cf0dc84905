/**
 * The bytes of what buffers hold back, as Kafka's buffers log it: the record that it came from (timestamp, offset, topic,
 * partition, headers), the value before all that is held back, the old and the new one, and a time.
 *
 * Lengths are int32, times and offsets int64; no value has length -1, an old value that equals the prior one length -2.
 *
 * @since 0.1.0
 */
import * as Integers from "@millrace/core/serde/Integers"
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import type { Headers } from "../Flow.ts"
import { equalBytes } from "./BytesMap.ts"
import type { Held } from "./StateStore.ts"

const noBytes = -1
const sameAsPrior = -2

const text = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/** The end of a window that has none. */
const forEver = Uint8Array.of(0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)

const headerParts = (headers: Headers): ReadonlyArray<Uint8Array | null> =>
  headers.flatMap(({ key, value }) => [text.encode(key), value])

/**
 * Writes a change and the time since which it is held back.
 *
 * @since 0.1.0
 */
export const serialize = ({ newValue, old, prior, source }: Held, time: number): Uint8Array => {
  const topic = text.encode(source.topic)
  const isShared = old !== null && prior !== null && equalBytes(old, prior)
  const headers = headerParts(source.headers)
  const values = [prior, isShared ? null : old, newValue]
  let length = 8 + 8 + 4 + topic.length + 4 + 4 + 8
  for (const part of headers) length += 4 + (part?.length ?? 0)
  for (const part of values) length += 4 + (part?.length ?? 0)
  const bytes = new Uint8Array(length)
  let at = 0
  const putLong = (value: number) => {
    Integers.writeLong(bytes, at, value)
    at += 8
  }
  const putInt = (value: number) => {
    Integers.writeInt(bytes, at, value)
    at += 4
  }
  const putBytes = (part: Uint8Array | null, absent: number) => {
    putInt(part === null ? absent : part.length)
    if (part === null) return
    bytes.set(part, at)
    at += part.length
  }
  putLong(source.timestamp)
  putLong(source.offset)
  putBytes(topic, noBytes)
  putInt(source.partition)
  putInt(source.headers.length)
  for (const part of headers) putBytes(part, noBytes)
  putBytes(prior, noBytes)
  putBytes(isShared ? null : old, isShared ? sameAsPrior : noBytes)
  putBytes(newValue, noBytes)
  if (time === Number.POSITIVE_INFINITY) bytes.set(forEver, at)
  else putLong(time)
  return bytes
}

/**
 * Reads what `serialize` has written.
 *
 * @since 0.1.0
 */
export const deserialize = (bytes: Uint8Array): { readonly held: Held; readonly time: number } => {
  let at = 0
  const long = () => Integers.readLong(bytes, (at += 8) - 8)
  const int = () => Integers.readInt(bytes, (at += 4) - 4)
  const part = (length: number) => length < 0 ? null : bytes.slice(at, at += length)
  const timestamp = long()
  const offset = long()
  const topic = decoder.decode(part(int()) ?? undefined)
  const partition = int()
  const headers: Array<RecordHeader> = []
  for (let left = int(); left > 0; left--) {
    headers.push({ key: decoder.decode(part(int()) ?? undefined), value: part(int()) })
  }
  const prior = part(int())
  const oldLength = int()
  const old = oldLength === sameAsPrior ? prior : part(oldLength)
  const newValue = part(int())
  const source = { topic, partition, offset, rawKey: null, rawValue: null, timestamp, headers }
  const time = long()
  return { held: { prior, old, newValue, source }, time: Number.isSafeInteger(time) ? time : Number.POSITIVE_INFINITY }
}
