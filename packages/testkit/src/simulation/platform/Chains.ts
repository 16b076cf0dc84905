/**
 * Ways to tell the order of the lines of a key, each with another kind of store: what is lost, doubled or out of order in a
 * store shows in all that comes after it.
 *
 * Keeps true: what comes of a key depends on the order of its lines alone, so that a reference run gives the same. Nothing is
 * ever too late: clocks jump.
 *
 * @since 0.1.0
 */
import { javaHash } from "@millrace/core/hash/JavaHash"
import type * as Windowed from "@millrace/core/serde/Windowed"
import * as Serde from "@millrace/core/serde/Serde"
import * as JoinWindows from "@millrace/core/streams/JoinWindows"
import * as KGroupedStream from "@millrace/core/streams/KGroupedStream"
import * as KStream from "@millrace/core/streams/KStream"
import * as KTable from "@millrace/core/streams/KTable"
import * as SessionWindowedKStream from "@millrace/core/streams/SessionWindowedKStream"
import * as SessionWindows from "@millrace/core/streams/SessionWindows"
import * as TimeWindowedKStream from "@millrace/core/streams/TimeWindowedKStream"
import * as TimeWindows from "@millrace/core/streams/TimeWindows"
import { topics } from "./Topics.ts"

const grace = "1 hour"

/**
 * What is read.
 *
 * @since 0.1.0
 */
export const lines = KStream.from(topics.lines)
const grouped = KStream.groupByKey(lines)

/** Each value tells of all before it, and of their order. */
const chain = (before: string, line: string): string => `${line} after ${javaHash(before)}`

/** The window becomes a part of the key; a session that became a part of another is gone. */
const windowed = { key: Serde.string, value: Serde.string }
const named = (key: Windowed.Windowed<string>, value: string | null) =>
  [`${key.key} from ${key.start} to ${key.end}`, value ?? "gone"] as const

const table = KGroupedStream.reduce(grouped, chain, { as: "chains" })
const cached = KGroupedStream.reduce(grouped, chain, { as: "chains", caching: true })
const memory = KGroupedStream.reduce(grouped, chain, { as: "chains", storeType: "memory" })
const versioned = KGroupedStream.reduce(grouped, chain, { as: "chains", versioned: { historyRetention: grace } })

const windows = KGroupedStream.windowedBy(grouped, TimeWindows.hopping("2 seconds", { advance: "1 second", grace }))
const sessions = KGroupedStream.windowedBy(grouped, SessionWindows.withGap("600 millis", { grace }))

const write = KStream.to(topics.chains)

/**
 * The ways, by their stores. That of `cached` tells only the newest of each key with each commit; the others tell all.
 *
 * @since 0.1.0
 */
export const chains = {
  table: table.pipe(KTable.toStream, write),
  memory: memory.pipe(KTable.toStream, write),
  versioned: versioned.pipe(KTable.toStream, write),
  cached: cached.pipe(KTable.toStream, write),
  windows: windows.pipe(
    TimeWindowedKStream.reduce(chain, { as: "chains" }),
    KTable.toStream,
    KStream.map(named, windowed),
    write
  ),
  sessions: sessions.pipe(
    SessionWindowedKStream.reduce(chain, { as: "chains" }),
    KTable.toStream,
    KStream.map(named, windowed),
    write
  ),
  joined: lines.pipe(
    KStream.join(
      lines,
      (later: string, earlier: string) => `${later} beside ${earlier}`,
      JoinWindows.ofTimeDifference("1 second", { grace })
    ),
    KStream.mapValues((pair) => pair, Serde.string),
    write
  )
}

/**
 * The name of a way.
 *
 * @since 0.1.0
 */
export type Name = keyof typeof chains

/**
 * How many runs have each way: tables are what most apps have, and those in memory are restored most often.
 *
 * @since 0.1.0
 */
export const drawn: ReadonlyArray<Name> = [
  "table",
  "table",
  "memory",
  "memory",
  "memory",
  "versioned",
  "cached",
  "windows",
  "sessions",
  "joined"
]
