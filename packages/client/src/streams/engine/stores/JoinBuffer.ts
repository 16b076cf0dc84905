/**
 * What a join of a stream with a versioned table holds back, until the table must have been told of all that was before.
 *
 * Keeps true: records leave by their time, then their key, then the order in which they came, when the largest time that was
 * put is past theirs by the grace; each is logged when it comes and when it leaves, in Kafka's format: under a zero byte,
 * the time, the key and a number, as a buffer value without wait.
 * Leaves to others: joining (the step).
 *
 * @since 0.1.0
 */
import * as Integers from "@millrace/core/serde/Integers"
import { BytesMap } from "./BytesMap.ts"
import * as BufferValue from "./BufferValue.ts"
import type { ChangeLog, Held, JoinBuffer } from "./StateStore.ts"

const prefixLength = 9
const suffixLength = 4

const bufferKey = (timestamp: number, key: Uint8Array, sequence: number): Uint8Array => {
  const bytes = new Uint8Array(prefixLength + key.length + suffixLength)
  Integers.writeLong(bytes, 1, timestamp)
  bytes.set(key, prefixLength)
  Integers.writeInt(bytes, prefixLength + key.length, sequence)
  return bytes
}

const firstKeyOf = (timestamp: number): Uint8Array => bufferKey(timestamp, noKey, 0).subarray(0, prefixLength)

const noKey = new Uint8Array(0)

const timeOf = (bytes: Uint8Array): number => Integers.readLong(bytes, 1)

const sequenceOf = (bytes: Uint8Array): number => Integers.readInt(bytes, bytes.length - suffixLength)

/**
 * Makes an empty buffer that logs to `log`.
 *
 * @since 0.1.0
 */
export const make = (name: string, graceMs: number, log: ChangeLog): JoinBuffer => {
  const records = new BytesMap<Uint8Array>()
  let streamTime = -1
  let sequence = 0
  /** No record is earlier. */
  let firstTime = Number.POSITIVE_INFINITY

  const wipe = () => {
    records.clear()
    streamTime = -1
    sequence = 0
    firstTime = Number.POSITIVE_INFINITY
  }
  return {
    kind: "joinBuffer",
    name,
    get count() {
      return records.size
    },
    put: (key, newValue, source) => {
      const { timestamp } = source
      if (timestamp < streamTime - graceMs) return false
      sequence = (sequence + 1) & 0x7fffffff
      const at = bufferKey(timestamp, key, sequence)
      const held: Held = { prior: null, old: null, newValue, source }
      const value = BufferValue.serialize(held, 0)
      streamTime = Math.max(streamTime, timestamp)
      firstTime = Math.min(firstTime, timestamp)
      records.set(at, value)
      log.append(at, value, timestamp)
      return true
    },
    release: (join) => {
      if (firstTime > streamTime - graceMs) return
      for (const [at, value] of records.range(firstKeyOf(firstTime), undefined)) {
        firstTime = timeOf(at)
        if (firstTime > streamTime - graceMs) return
        const { held: { newValue, source } } = BufferValue.deserialize(value)
        if (newValue !== null) join({ key: at.slice(prefixLength, at.length - suffixLength), value: newValue, source })
        records.delete(at)
        log.append(at, null, source.timestamp)
      }
      firstTime = Number.POSITIVE_INFINITY
    },
    restore: (at, value) => {
      const timestamp = timeOf(at)
      streamTime = Math.max(streamTime, timestamp)
      sequence = Math.max(sequence, sequenceOf(at))
      if (value === null) {
        records.delete(at)
        return
      }
      firstTime = Math.min(firstTime, timestamp)
      records.set(at, value.slice())
    },
    flush: () => {},
    wipe,
    close: wipe
  }
}
