/**
 * A key-value store in the memory of the process that holds a limited number of entries: those go that were not used for the
 * longest time.
 *
 * Keeps true: reading or putting a key makes it the latest used, iterating does not; an entry that goes is logged as a
 * deletion, before the put that it made room for, if evictions are logged. (Kafka does not log those of tables: a restored
 * table then holds the keys that were put last.)
 * Leaves to others: surviving a restart, which is the changelog's part.
 *
 * @since 0.1.0
 */
import { noHeaders } from "../Flow.ts"
import { BytesMap, ownBytes } from "./BytesMap.ts"
import type { ChangeLog, KeyValueStore, Put, Stored } from "./StateStore.ts"

/** An entry between the one that was used before it and the one that was used after. */
interface Entry extends Stored {
  readonly key: Uint8Array
  value: Uint8Array
  timestamp: number
  before: Entry | undefined
  after: Entry | undefined
}

/**
 * Makes an empty store of at most `entriesMax` entries. `now` is the time of the record under way, which dates evictions;
 * undefined: they are not logged.
 *
 * @since 0.1.0
 */
export const make = (
  name: string,
  entriesMax: number,
  log: ChangeLog,
  now: (() => number) | undefined
): KeyValueStore => {
  const entries = new BytesMap<Entry>()
  let oldest: Entry | undefined
  let latest: Entry | undefined

  const unlink = (entry: Entry) => {
    if (entry.before === undefined) oldest = entry.after
    else entry.before.after = entry.after
    if (entry.after === undefined) latest = entry.before
    else entry.after.before = entry.before
    entry.before = entry.after = undefined
  }
  const append = (entry: Entry) => {
    entry.before = latest
    if (latest === undefined) oldest = entry
    else latest.after = entry
    latest = entry
  }
  const use = (entry: Entry) => {
    if (entry === latest) return
    unlink(entry)
    append(entry)
  }
  const remove = (key: Uint8Array) => {
    const entry = entries.get(key)
    if (entry === undefined) return
    entries.delete(key)
    unlink(entry)
  }
  const apply = (key: Uint8Array, value: Uint8Array | null, timestamp: number) => {
    if (value === null) return remove(key)
    const held = entries.get(key)
    if (held === undefined) {
      const shared = { timestamp, headers: noHeaders, before: undefined, after: undefined }
      const entry: Entry = { ...shared, key: key.slice(), value: ownBytes(value) }
      entries.set(key, entry)
      append(entry)
    } else {
      held.value = ownBytes(value)
      held.timestamp = timestamp
      use(held)
    }
  }
  /** The key that had to go, if one had. */
  const evict = (): Uint8Array | undefined => {
    if (oldest === undefined || entries.size <= entriesMax) return undefined
    const { key } = oldest
    remove(key)
    return key
  }
  const applyAndEvict = ({ key, timestamp, value }: Omit<Put, "headers">) => {
    apply(key, value, timestamp)
    const evicted = evict()
    if (evicted !== undefined && now !== undefined) log.append(evicted, null, now())
  }
  const wipe = () => {
    entries.clear()
    oldest = latest = undefined
  }
  return {
    kind: "keyValue",
    name,
    get: (key) => {
      const entry = entries.get(key)
      if (entry !== undefined) use(entry)
      return entry
    },
    put: (key, value, timestamp) => {
      applyAndEvict({ key, value, timestamp })
      log.append(key, value, timestamp)
    },
    putAll: (puts) => {
      for (const put of puts) applyAndEvict(put)
      for (const { key, timestamp, value } of puts) log.append(key, value, timestamp)
    },
    range: (from, to, reverse) => entries.range(from, to, reverse),
    get approximateNumEntries() {
      return entries.size
    },
    restore: (key, value, timestamp) => {
      apply(key, value, timestamp)
      evict()
    },
    flush: () => {},
    wipe,
    close: wipe
  }
}
