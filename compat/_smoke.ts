import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import * as Layer from "effect/Layer"
import * as Kafka from "@millrace/core/Kafka"
import * as NodePlatform from "@millrace/core/platform/node/NodePlatform"
import * as Producer from "@millrace/client/producer/Producer"
import * as Topic from "@millrace/core/streams/Topic"
import * as Serde from "@millrace/core/serde/Serde"
const t = Topic.make("smoke2", { key: Serde.string, value: Serde.string })
const prog = Effect.gen(function*() {
  for (const compression of ["none", "gzip", "snappy", "lz4", "zstd"] as const) {
    const p = yield* Producer.make({ compression })
    console.log(compression, yield* p.send(t, { key: "a", value: "b" }), yield* p.send(t, { key: null, value: "b" }))
  }
  const p = yield* Producer.make({ })
  const t0 = performance.now()
  const v = "x".repeat(100)
  const records = Array.from({ length: 200000 }, (_, i) => ({ key: null, value: v }))
  yield* p.enqueueAll(t, records)
  yield* p.flush
  console.log("flush", performance.now() - t0)
  for (let i = 0; i < 4; i++) {
  const t1 = performance.now()
  yield* Stream.run(Stream.fromIterable(records), p.sink(t))
  console.log("sink", performance.now() - t1)
  const t2 = performance.now()
  yield* p.enqueueAll(t, records)
  yield* p.flush
  console.log("enqueueAll", performance.now() - t2)
  }
})
Effect.runPromise(Effect.scoped(prog).pipe(Effect.provide(Layer.mergeAll(Kafka.layer({ bootstrapServers: "127.0.0.1:19092" }), NodePlatform.layer)))).catch(console.error)
