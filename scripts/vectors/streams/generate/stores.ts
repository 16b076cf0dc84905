/** Stores of every kind and supplier, and random commands to them. */
import type { Erased } from "@millrace/core/serde/Erased"
import type { Spec } from "../spec.ts"
import { steps } from "./inputs.ts"
import type { Random } from "./random.ts"
import { settingsLike } from "./settings.ts"

const keys = ["a", "b", "c", "aa", "ab", "b1"]

type Command = (random: Random, time: (random: Random) => number) => string

const key = (random: Random): string => random.chance(0.15) ? "-" : random.pick(keys)
const value = (random: Random): string => random.chance(0.2) ? "-" : random.pick(["1", "2", "3", "xy"])

const keyValueCommands: ReadonlyArray<Command> = [
  (random) => `put ${value(random)}`,
  (random) => `put ${value(random)}`,
  (random) => `pia ${value(random)}`,
  () => "get",
  () => "del",
  (random) => `putAll ${random.pick(keys)}=${value(random)} ${random.pick(keys)}=${value(random)}`,
  (random) => `range ${key(random)} ${key(random)}`,
  (random) => `rrange ${key(random)} ${key(random)}`,
  () => "all",
  () => "rall",
  (random) => `prefix ${random.pick(["a", "b", "ab", "z"])}`
]

const windowCommands: ReadonlyArray<Command> = [
  (random) => `put ${value(random)}`,
  (random, time) => `put ${value(random)} ${time(random)}`,
  (random, time) => `put ${value(random)} ${time(random)}`,
  (random, time) => `get ${time(random)}`,
  (random, time) => `fetch ${time(random)} ${time(random)}`,
  (random, time) => `bfetch ${time(random)} ${time(random)}`,
  (random, time) => `krange ${key(random)} ${key(random)} ${time(random)} ${time(random)}`,
  (random, time) => `bkrange ${key(random)} ${key(random)} ${time(random)} ${time(random)}`,
  (random, time) => `fetchAll ${time(random)} ${time(random)}`,
  (random, time) => `bfetchAll ${time(random)} ${time(random)}`,
  () => "all",
  () => "ball"
]

const session = (random: Random, time: (random: Random) => number): string => {
  const start = time(random)
  return `${start} ${start + random.pick([0, 0, 1, 5, 20])}`
}

/** Sessions in memory fail at keys the other way round, where all other stores have no entries for them. */
const ascending = (random: Random): string => [key(random), random.pick(keys)].sort().join(" ")

const sessionCommands: ReadonlyArray<Command> = [
  (random, time) => `put ${value(random)} ${session(random, time)}`,
  (random, time) => `put ${value(random)} ${session(random, time)}`,
  (random, time) => `put ${value(random)} ${session(random, time)}`,
  (random, time) => `remove ${session(random, time)}`,
  (random, time) => `get ${session(random, time)}`,
  (random, time) => `find ${time(random)} ${time(random)}`,
  (random, time) => `bfind ${time(random)} ${time(random)}`,
  (random, time) => `krange ${key(random)} ${key(random)} ${time(random)} ${time(random)}`,
  (random, time) => `bkrange ${key(random)} ${key(random)} ${time(random)} ${time(random)}`,
  () => "fetch",
  () => "bfetch",
  (random) => `fetchk ${ascending(random)}`,
  (random) => `bfetchk ${ascending(random)}`
]

const versionedCommands: ReadonlyArray<Command> = [
  (random) => `put ${value(random)}`,
  (random, time) => `put ${value(random)} ${time(random)}`,
  (random, time) => `put ${value(random)} ${time(random)}`,
  () => "del",
  (random, time) => `del ${time(random)}`,
  () => "get",
  (random, time) => `get ${time(random)}`,
  (random, time) => `get ${time(random)}`
]

/** A store's kind and supplier, its arguments, and what it is told. */
interface Kind {
  readonly kind: string
  readonly supplier: string
  readonly more: (random: Random) => Erased
  readonly commands: ReadonlyArray<Command>
}

const nothing = () => ({})
const lru = (random: Random) => ({ maxEntries: random.between(1, 4) })
const windows = (random: Random) => ({
  retentionMs: random.pick([10, 60, 500, 60_000]),
  windowSizeMs: random.pick([1, 5, 10]),
  ...(random.chance(0.2) ? { retainDuplicates: true } : {})
})
const oneOfEach = (random: Random) => ({ ...windows(random), retainDuplicates: false })
const sessions = (random: Random) => ({ retentionMs: random.pick([5, 60, 500, 60_000]) })
const histories = (random: Random) => ({
  historyRetentionMs: random.pick([0, 5, 60, 500]),
  ...(random.chance(0.6) ? { segmentIntervalMs: random.pick([1, 5, 20, 100]) } : {})
})

const kinds: ReadonlyArray<Kind> = [
  ...["inMemoryKeyValue", "persistentKeyValue"].map((supplier) => (
    { kind: "kv", supplier, more: nothing, commands: keyValueCommands }
  )),
  { kind: "kv", supplier: "lru", more: lru, commands: keyValueCommands },
  ...["inMemoryKeyValue", "persistentTimestampedKeyValue"].map((supplier) => (
    { kind: "timestampedKv", supplier, more: nothing, commands: keyValueCommands }
  )),
  {
    kind: "timestampedKvWithHeaders",
    supplier: "persistentTimestampedKeyValueWithHeaders",
    more: nothing,
    commands: keyValueCommands
  },
  ...["inMemoryWindow", "persistentWindow"].map((supplier) => (
    { kind: "window", supplier, more: windows, commands: windowCommands }
  )),
  ...["inMemoryWindow", "persistentTimestampedWindow"].map((supplier) => (
    { kind: "timestampedWindow", supplier, more: oneOfEach, commands: windowCommands }
  )),
  {
    kind: "timestampedWindowWithHeaders",
    supplier: "persistentTimestampedWindowWithHeaders",
    more: oneOfEach,
    commands: windowCommands
  },
  ...["inMemorySession", "persistentSession"].map((supplier) => (
    { kind: "session", supplier, more: sessions, commands: sessionCommands }
  )),
  {
    kind: "sessionWithHeaders",
    supplier: "persistentSessionWithHeaders",
    more: sessions,
    commands: sessionCommands
  },
  { kind: "versioned", supplier: "persistentVersionedKeyValue", more: histories, commands: versionedCommands }
]

/** Kafka's caches of sessions fail at many backward searches. */
const cached: ReadonlyArray<string> = [
  "kv",
  "timestampedKv",
  "timestampedKvWithHeaders",
  "window",
  "timestampedWindow",
  "timestampedWindowWithHeaders"
]

/** A spec of a store that random commands change and read, without answers. */
export const script = (random: Random, name: string): Spec => {
  const { commands, kind, more, supplier } = random.pick(kinds)
  const store = {
    name: "st",
    kind,
    supplier,
    ...more(random),
    ...(random.chance(0.2) && cached.includes(kind) ? { caching: true } : {}),
    ...(random.chance(0.15) ? { logging: false } : {})
  }
  const span = random.pick([30, 100, 800])
  const time = (random: Random) => random.below(span)
  const feed = () => ({
    topic: "in",
    key: random.chance(0.05) ? null : random.pick(keys),
    value: random.chance(0.02) ? null : random.pick(commands)(random, time)
  })
  return {
    name,
    area: "stores",
    config: settingsLike({}, random, random.pick([0, 0.3])),
    serdes: { in: { key: "string", value: "string" }, out: { key: "string", value: "string" } },
    topology: [
      { op: "addStateStore", store },
      { id: "s", op: "stream", topic: "in", key: "string", value: "string" },
      { id: "p", op: "process", of: "s", processor: { proc: "script", store: "st" }, stores: ["st"] },
      { op: "to", of: "p", topic: "out" }
    ],
    steps: steps(random, feed, 0)
  }
}
