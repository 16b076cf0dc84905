/**
 * How far an app has come, as its group's committed offsets show it, and when it has come to the end.
 */
import type { Admin } from "@millrace/client"
import * as Effect from "effect/Effect"

/** Where an app stands: when it last came further, and how much of its topics was left then. */
export interface Standing {
  /** Milliseconds of `performance.now()`. */
  readonly at: number
  readonly cpuSeconds: number
  /** Records of its inputs, and of its topics in between, that it has not committed; and all of them. */
  readonly left: number
  readonly total: number
}

const pollMs = 50
/** An app that has committed all, and does nothing for so long, is done. */
const settledMs = 1500
const latest = -1

type Service = Admin.Admin["Service"]

/** Where the partitions of topics end. */
export const endsOf = Effect.fnUntraced(function*(
  admin: Service,
  topics: ReadonlyArray<string>,
  partitions: ReadonlyArray<number>
) {
  const asked = topics.flatMap((topic) => partitions.map((partition) => ({ topic, partition, timestamp: latest })))
  return yield* admin.listOffsets(asked)
})

/** What an app is watched by. */
export interface Watched {
  readonly applicationId: string
  readonly inputs: ReadonlyArray<string>
  /** Of each of its topics. */
  readonly partitions: ReadonlyArray<number>
  readonly cpuSeconds: () => number
  /** When it is given up. */
  readonly atMostMs: number
}

/**
 * Waits until an app has committed all of its inputs and of its topics in between, or its time is over; gives where it
 * stands then.
 */
export const finished = Effect.fnUntraced(function*(admin: Service, watched: Watched) {
  const { applicationId, atMostMs, cpuSeconds, inputs, partitions } = watched
  const startMs = performance.now()
  let state = ""
  let last: Standing = { at: startMs, cpuSeconds: cpuSeconds(), left: 0, total: 0 }
  for (;;) {
    const now = { at: performance.now(), cpuSeconds: cpuSeconds() }
    const own = (yield* admin.listTopics).map(({ name }) => name)
      .filter((name) => name.startsWith(`${applicationId}-`) && !name.endsWith("-changelog"))
    const committed = new Map(
      (yield* admin.listConsumerGroupOffsets(applicationId)).map((one) => [`${one.topic}-${one.partition}`, one.offset])
    )
    const ends = yield* endsOf(admin, [...inputs, ...own], partitions)
    let left = 0
    let total = 0
    for (const { offset, partition, topic } of ends) {
      // the marker of a transaction need not be committed
      left += Math.max(0, offset - 1 - (committed.get(`${topic}-${partition}`) ?? 0))
      total += offset
    }
    const seen = JSON.stringify([ends, [...committed]])
    if (seen !== state) last = { ...now, left, total }
    state = seen
    if (left === 0 && now.at - last.at > settledMs) return last
    if (now.at - startMs > atMostMs) return last
    yield* Effect.sleep(pollMs)
  }
})
