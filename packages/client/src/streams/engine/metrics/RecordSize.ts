/**
 * The size of a record, as Kafka's metrics reckon it.
 *
 * @since 0.1.0
 */
import type { Headers } from "../Flow.ts"

/** Timestamp, offset and partition. */
const placeBytes = 8 + 8 + 4

/**
 * What a record of the topic has besides key, value and headers, in bytes.
 *
 * @since 0.1.0
 */
export const overheadBytes = (topic: string): number => placeBytes + topic.length

/**
 * Key, value and headers of a record, in bytes; what is null counts as `nullBytes`.
 *
 * @since 0.1.0
 */
export const contentBytes = (
  key: Uint8Array | null,
  value: Uint8Array | null,
  headers: Headers,
  nullBytes: number
): number => {
  const bytes = (key === null ? nullBytes : key.length) + (value === null ? nullBytes : value.length)
  return headers.length === 0 ? bytes : bytes + headersBytes(headers)
}

const headersBytes = (headers: Headers): number =>
  headers.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0)
