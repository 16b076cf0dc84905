/**
 * The bytes in which values are kept in ordered maps: the timestamp as int64, then the value; in the formats with headers
 * these come first.
 *
 * Headers are: their length in bytes, how many they are, and of each the lengths of key and value (-1: none) before the
 * bytes; all numbers int32.
 *
 * @since 0.1.0
 */
import type { RecordHeader } from "@millrace/core/records/RecordCursor"
import * as Integers from "@millrace/core/serde/Integers"
import { type Headers, noHeaders } from "../Flow.ts"
import { ownBytes, partOf } from "./BytesMap.ts"
import type { Stored } from "./StateStore.ts"

const timestampBytes = 8
const lengthBytes = 4

const text = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * How a value is written and read. What is written owns its memory; what is read may be views.
 *
 * @since 0.1.0
 */
export interface StoredFormat {
  readonly write: (value: Uint8Array, timestamp: number, headers: Headers | undefined) => Uint8Array
  readonly read: (bytes: Uint8Array) => Stored
}

const withTimestamp: StoredFormat = {
  write: (value, timestamp) => {
    const bytes = new Uint8Array(timestampBytes + value.length)
    Integers.writeLong(bytes, 0, timestamp)
    bytes.set(value, timestampBytes)
    return bytes
  },
  read: (bytes) => ({ value: partOf(bytes, timestampBytes), timestamp: Integers.readLong(bytes, 0) })
}

const withHeaders = (inner: StoredFormat): StoredFormat => ({
  write: (value, timestamp, headers = noHeaders) => {
    const parts = headers.flatMap((header) => [text.encode(header.key), header.value])
    let length = 2 * lengthBytes
    for (const part of parts) length += lengthBytes + (part?.length ?? 0)
    const rest = inner.write(value, timestamp, undefined)
    const bytes = new Uint8Array(length + rest.length)
    Integers.writeInt(bytes, 0, length)
    Integers.writeInt(bytes, lengthBytes, headers.length)
    let at = 2 * lengthBytes
    for (const part of parts) {
      Integers.writeInt(bytes, at, part?.length ?? -1)
      at += lengthBytes
      if (part === null) continue
      bytes.set(part, at)
      at += part.length
    }
    bytes.set(rest, at)
    return bytes
  },
  read: (bytes) => {
    let at = 2 * lengthBytes
    const part = (): Uint8Array | null => {
      const length = Integers.readInt(bytes, at)
      at += lengthBytes
      return length < 0 ? null : bytes.subarray(at, at += length)
    }
    const headers: Array<RecordHeader> = []
    for (let left = Integers.readInt(bytes, lengthBytes); left > 0; left--) {
      headers.push({ key: decoder.decode(part() ?? undefined), value: part() })
    }
    return { ...inner.read(bytes.subarray(Integers.readInt(bytes, 0))), headers }
  }
})

const timestampedWithHeaders = withHeaders(withTimestamp)

/**
 * The format of values with their timestamps, and with their headers, too.
 *
 * @since 0.1.0
 */
export const timestamped = (keepsHeaders: boolean): StoredFormat =>
  keepsHeaders ? timestampedWithHeaders : withTimestamp

const bare: StoredFormat = { write: ownBytes, read: (value) => ({ value, timestamp: -1 }) }

const bareWithHeaders = withHeaders(bare)

/**
 * The format of values whose time is in their key: as they are, or after their headers. What is read has no timestamp (-1).
 *
 * @since 0.1.0
 */
export const timeless = (keepsHeaders: boolean): StoredFormat => keepsHeaders ? bareWithHeaders : bare
