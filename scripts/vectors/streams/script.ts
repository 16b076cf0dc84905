/**
 * The commands that specs give to a store, and the text of its answers.
 */
import * as Serde from "@millrace/core/serde/Serde"
import type { Erased } from "@millrace/core/serde/Erased"
import { ProcessorError } from "@millrace/core/streams/ProcessorError"
import * as StateStore from "@millrace/core/streams/StateStore"
import { str } from "./functions.ts"

type Command = (record: Erased, words: ReadonlyArray<string>) => unknown

/** An argument; `-` is null. */
const given = (word: string | undefined): Erased => word === undefined || word === "-" ? null : word

const headersText = (headers: Erased): string =>
  JSON.stringify(headers.map(({ key, value }: Erased) => [key, value === null ? null : Buffer.from(value).toString()]))

const show = (stored: Erased): string => {
  if (stored === null || typeof stored !== "object") return str(stored)
  if ("aggregation" in stored) return `${str(stored.aggregation)}${headersText(stored.headers)}`
  return `${str(stored.value)}@${stored.timestamp}${"headers" in stored ? headersText(stored.headers) : ""}`
}

const list = (entries: Iterable<readonly [Erased, Erased]>): string =>
  `[${[...entries].map(([key, value]) => `${str(key)}=${show(value)}`).join(",")}]`

const done = (_: void): string => "ok"

const keyValue = (store: Erased, stamp: (value: Erased, record: Erased) => Erased): Record<string, Command> => ({
  put: (record, [value]) => done(store.put(record.key, stamp(given(value), record))),
  pia: (record, [value]) => show(store.putIfAbsent(record.key, stamp(given(value), record))),
  get: ({ key }) => show(store.get(key)),
  del: ({ key }) => show(store.delete(key)),
  putAll: (record, pairs) => {
    const entries = pairs.map((pair) => pair.split("="))
    return done(store.putAll(entries.map(([key, value]) => [key, stamp(given(value), record)])))
  },
  range: (_, [from, to]) => list(store.range(given(from), given(to))),
  rrange: (_, [from, to]) => list(store.reverseRange(given(from), given(to))),
  all: () => list(store.all()),
  rall: () => list(store.reverseAll()),
  prefix: (_, [prefix]) => list(store.prefixScan(prefix, Serde.string)),
  approx: () => String(store.approximateNumEntries())
})

const windows = (store: Erased, stamp: (value: Erased, record: Erased) => Erased): Record<string, Command> => ({
  put: (record, [value, start]) =>
    done(store.put(record.key, stamp(given(value), record), start === undefined ? record.timestamp : Number(start))),
  get: ({ key }, [time]) => show(store.get(key, Number(time))),
  fetch: ({ key }, [from, to]) => list(store.fetch(key, Number(from), Number(to))),
  bfetch: ({ key }, [from, to]) => list(store.backwardFetch(key, Number(from), Number(to))),
  krange: (_, [first, last, from, to]) => list(store.fetchRange(given(first), given(last), Number(from), Number(to))),
  bkrange: (_, [first, last, from, to]) =>
    list(store.backwardFetchRange(given(first), given(last), Number(from), Number(to))),
  fetchAll: (_, [from, to]) => list(store.fetchAll(Number(from), Number(to))),
  bfetchAll: (_, [from, to]) => list(store.backwardFetchAll(Number(from), Number(to))),
  all: () => list(store.all()),
  ball: () => list(store.backwardAll())
})

const sessions = (store: Erased, stamp: (value: Erased, record: Erased) => Erased): Record<string, Command> => ({
  put: (record, [value, start, end]) =>
    done(store.put({ key: record.key, start: Number(start), end: Number(end) }, stamp(given(value), record))),
  remove: ({ key }, [start, end]) => done(store.remove({ key, start: Number(start), end: Number(end) })),
  get: ({ key }, [start, end]) => show(store.fetchSession(key, Number(start), Number(end))),
  find: ({ key }, [end, start]) => list(store.findSessions(key, Number(end), Number(start))),
  bfind: ({ key }, [end, start]) => list(store.backwardFindSessions(key, Number(end), Number(start))),
  krange: (_, [first, last, end, start]) =>
    list(store.findSessionsRange(given(first), given(last), Number(end), Number(start))),
  bkrange: (_, [first, last, end, start]) =>
    list(store.backwardFindSessionsRange(given(first), given(last), Number(end), Number(start))),
  fetch: ({ key }) => list(store.fetch(key)),
  bfetch: ({ key }) => list(store.backwardFetch(key)),
  fetchk: (_, [first, last]) => list(store.fetchRange(given(first), given(last))),
  bfetchk: (_, [first, last]) => list(store.backwardFetchRange(given(first), given(last)))
})

const versions = (store: Erased): Record<string, Command> => {
  const shown = (found: Erased) => found === null ? "null" : `${str(found.value)}@${found.timestamp}..`
  const time = (word: string | undefined, { timestamp }: Erased) => word === undefined ? timestamp : Number(word)
  return {
    put: (record, [value, at]) => {
      const result = store.put(record.key, given(value), time(at, record))
      return result === StateStore.notPut ? "-9223372036854775808" : String(result)
    },
    del: (record, [at]) => shown(store.delete(record.key, time(at, record))),
    get: ({ key }, [asOf]) => shown(asOf === undefined ? store.get(key) : store.get(key, Number(asOf)))
  }
}

/** What Kafka throws where we do. */
const classes: { readonly [reason: string]: string } = {
  NullKey: "NullPointerException",
  InvalidArgument: "IllegalArgumentException",
  NotAllowed: "UnsupportedOperationException"
}

/** Runs the command that a record's value is; the answer as text. */
export const commandsOf = (store: Erased, format: string): (record: Erased) => string => {
  const isSession = "findSessions" in store
  const stamp = (value: Erased, { headers, timestamp }: Erased): Erased => {
    if (value === null || format === "Plain") return value
    return isSession ? { aggregation: value, headers } : { value, timestamp, headers }
  }
  const isVersioned = !("all" in store || isSession)
  const commands = isVersioned
    ? versions(store)
    : (isSession ? sessions : "fetch" in store ? windows : keyValue)(store, stamp)
  return (record) => {
    if (record.value === null) return "null"
    const [name, ...words]: ReadonlyArray<string> = record.value.split(" ")
    const command = commands[name!]
    if (command === undefined) throw new Error(`no command called ${name}`)
    try {
      return String(command(record, words))
    } catch (error) {
      const known = error instanceof ProcessorError ? classes[error.reason] : undefined
      if (known === undefined) throw error
      return `error ${known}`
    }
  }
}
