import type { TopicPartition } from "@millrace/client/cluster/TopicPartition"
import { RepartitionPurge } from "@millrace/client/streams/runtime/RepartitionPurge"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"

describe("RepartitionPurge", () => {
  it.effect("deletes what is committed of repartition topics, once per interval, and what is left of a failure next time", () =>
    Effect.gen(function*() {
      const asked: Array<ReadonlyArray<TopicPartition & { readonly offset: number }>> = []
      const committed = new Map([["lines", 3], ["counts-repartition", 5]])
      const purge = new RepartitionPurge({
        admin: {
          deleteRecords: (offsets) => {
            asked.push(offsets)
            return Effect.fail({ message: "away" } as never)
          }
        },
        tasks: {
          partitions: () =>
            ["lines", "counts-repartition", "new-repartition"].map((topic) => ({ topic, partition: 1 })),
          committedOffset: ({ topic }) => committed.get(topic)
        },
        topics: new Set(["counts-repartition", "new-repartition"]),
        intervalMs: 10
      })
      purge.begin(100)
      for (const nowMs of [105, 109, 110, 119]) yield* purge.afterCommit(nowMs)
      assert.deepStrictEqual(asked, [[{ topic: "counts-repartition", partition: 1, offset: 5 }]])
      committed.set("counts-repartition", 8)
      yield* purge.afterCommit(121)
      assert.deepStrictEqual(asked.slice(1), [[{ topic: "counts-repartition", partition: 1, offset: 8 }]])
    }))
})
