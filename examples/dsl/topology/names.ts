/**
 * Names nodes by `name`, stores and their changelogs by `as`. What has no name is numbered, and its number changes when
 * something is put before it, so name what has state: `ensureExplicitNames` demands it.
 *
 * Kafka: `Named`, `Grouped.as`, `Materialized.as`, `ensure.explicit.internal.resource.naming`.
 */
import assert from "node:assert/strict"
import { KGroupedStream, KStream, Serde, Topic, Topology } from "@millrace/core"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const counted = (as?: string) =>
  Topology.make(
    KStream.from(words).pipe(
      KStream.groupBy((_key, word) => word, { key: Serde.string, name: "by-word" }),
      KGroupedStream.count({ as })
    )
  )

const reasons = (topology: Topology.Topology) =>
  Topology.validate(topology, { ensureExplicitNames: true }).map(({ reason }) => reason)
assert.deepEqual(reasons(counted()), ["NameNotExplicit"])
assert.deepEqual(reasons(counted("counts")), [])
