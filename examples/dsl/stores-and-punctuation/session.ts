/**
 * A store of keys and sessions to aggregates: sessions that overlap a span of time are found by key.
 *
 * Kafka: `Stores.sessionStoreBuilder`, `Stores.persistentSessionStore`.
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const clicks = Topic.make("clicks", { key: Serde.string, value: Serde.string })
const visits = StateStore.session({ name: "visits", key: Serde.string, value: Serde.long, retention: "1 hour" })
const topology = Topology.make(
  KStream.from(clicks).pipe(
    KStream.process({
      stores: [visits],
      init: (context) => {
        const store = context.getStateStore(visits)
        return ({ key, timestamp }) => {
          if (key === null) return
          const [last] = [...store.findSessions(key, timestamp - 30, timestamp)]
          if (last !== undefined) store.remove(last[0])
          store.put({ key, start: last?.[0].start ?? timestamp, end: timestamp }, (last?.[1] ?? 0) + 1)
        }
      }
    })
  )
)

const driver = TopologyTestDriver.make(topology)
for (const timestamp of [100, 120, 200]) driver.pipe(clicks, { key: "ada", value: "/", timestamp })
const found = [...driver.sessionStore("visits").fetch("ada")]
assert.deepEqual(found.map(({ key, value }) => [key.start, key.end, value]), [[100, 120, 2], [200, 200, 1]])
