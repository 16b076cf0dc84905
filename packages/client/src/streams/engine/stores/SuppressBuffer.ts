/**
 * What a suppress holds back: the newest change of each key, by the time of its first, then by key.
 *
 * Keeps true: a later change of a key takes its place but not its time; each key that changed is logged once per `flush`,
 * in Kafka's format (version 3 of its buffer values); sizes are reckoned as Kafka reckons them.
 * Leaves to others: when changes leave (the step).
 *
 * @since 0.1.0
 */
import * as BufferValue from "./BufferValue.ts"
import { BytesMap, compareBytes, equalBytes, ownBytes } from "./BytesMap.ts"
import type { Headers } from "../Flow.ts"
import type { ChangeLog, Held, SuppressBuffer } from "./StateStore.ts"

const versionHeaders: Headers = [{ key: "v", value: Uint8Array.of(3) }]

interface Entry {
  readonly time: number
  readonly key: Uint8Array
  held: Held
}

const sizeOf = (key: Uint8Array, { newValue, old, prior, source }: Held): number => {
  const isShared = old !== null && prior !== null && equalBytes(old, prior)
  let size = 8 + key.length + (prior?.length ?? 0) + (old === null || isShared ? 0 : old.length)
  size += (newValue?.length ?? 0) + 20 + source.topic.length
  for (const header of source.headers) size += header.key.length + (header.value?.length ?? 0)
  return size
}

/**
 * Makes an empty buffer that logs to `log`.
 *
 * @since 0.1.0
 */
export const make = (name: string, log: ChangeLog): SuppressBuffer => {
  const byKey = new BytesMap<Entry>()
  /** By time and then key. */
  let order: Array<Entry> = []
  let dirty = new BytesMap<true>()
  let sizeBytes = 0

  const place = (time: number, key: Uint8Array): number => {
    let low = 0
    let high = order.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const entry = order[middle]!
      if (entry.time < time || (entry.time === time && compareBytes(entry.key, key) < 0)) low = middle + 1
      else high = middle
    }
    return low
  }
  const put = (time: number, key: Uint8Array, held: Held) => {
    const before = byKey.get(key)
    sizeBytes += sizeOf(key, held)
    if (before !== undefined) {
      sizeBytes -= sizeOf(key, before.held)
      before.held = held
      return
    }
    const entry: Entry = { time, key: ownBytes(key), held }
    byKey.set(entry.key, entry)
    order.splice(place(time, entry.key), 0, entry)
  }
  const remove = (key: Uint8Array) => {
    const entry = byKey.get(key)
    if (entry === undefined) return
    byKey.delete(key)
    order.splice(place(entry.time, key), 1)
    sizeBytes -= sizeOf(key, entry.held)
  }
  const wipe = () => {
    byKey.clear()
    dirty.clear()
    order = []
    sizeBytes = 0
  }
  return {
    kind: "suppressBuffer",
    name,
    get count() {
      return order.length
    },
    get sizeBytes() {
      return sizeBytes
    },
    get firstTime() {
      return order[0]?.time ?? Number.POSITIVE_INFINITY
    },
    get: (key) => byKey.get(key)?.held,
    put: (time, key, held) => {
      put(time, key, held)
      dirty.set(key, true)
    },
    get first() {
      return order[0]
    },
    removeFirst: () => {
      const entry = order.shift()
      if (entry === undefined) return
      byKey.delete(entry.key)
      sizeBytes -= sizeOf(entry.key, entry.held)
      dirty.set(entry.key, true)
    },
    restore: (key, value) => {
      if (value === null) return remove(key)
      const { held, time } = BufferValue.deserialize(value)
      put(time, key, held)
    },
    flush: () => {
      if (dirty.size === 0) return
      const changed = dirty
      dirty = new BytesMap()
      for (const [key] of changed.range(undefined, undefined)) {
        const entry = byKey.get(key)
        const value = entry === undefined ? null : BufferValue.serialize(entry.held, entry.time)
        log.append(key, value, entry?.held.source.timestamp ?? 0, entry === undefined ? undefined : versionHeaders)
      }
    },
    wipe,
    close: wipe
  }
}
