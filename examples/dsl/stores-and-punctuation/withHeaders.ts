/**
 * Stores that keep the headers of records beside values and timestamps. With `storeFormat: "headers"` the stores of tables do,
 * too.
 *
 * Kafka: KIP-1271, KIP-1285 (`dsl.store.format`).
 */
import assert from "node:assert/strict"
import { KStream, Serde, StateStore, Topic, Topology } from "@millrace/core"
import { TopologyTestDriver } from "@millrace/testkit"

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const options = { key: Serde.string, value: Serde.string }
const values = StateStore.timestampedKeyValueWithHeaders({ ...options, name: "values" })
const windows = StateStore.timestampedWindowWithHeaders({
  ...options,
  name: "windows",
  retention: 1000,
  windowSize: 10
})
const sessions = StateStore.sessionWithHeaders({ ...options, name: "sessions", retention: 1000 })
const sources: Array<string | undefined> = []
const topology = Topology.make(
  KStream.from(words).pipe(
    KStream.process({
      stores: [values, windows, sessions],
      init: (context) => ({ headers, key, timestamp, value }) => {
        if (key === null) return
        const span = { key, start: timestamp, end: timestamp }
        context.getStateStore(values).put(key, { value, timestamp, headers })
        context.getStateStore(windows).put(key, { value, timestamp, headers }, timestamp)
        context.getStateStore(sessions).put(span, { aggregation: value, headers })
        sources.push(
          context.getStateStore(values).get(key)?.headers[0]?.key,
          context.getStateStore(windows).get(key, timestamp)?.headers[0]?.key,
          context.getStateStore(sessions).fetchSession(key, timestamp, timestamp)?.headers[0]?.key
        )
      }
    })
  )
)

const driver = TopologyTestDriver.make(topology)
driver.pipe(words, { key: "a", value: "to", headers: [{ key: "source", value: null }] })
assert.deepEqual(sources, ["source", "source", "source"])
