import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Kafka from "@millrace/core/Kafka"
import * as NodeNetwork from "@millrace/core/platform/node/NodeNetwork"
import * as Cluster from "@millrace/client/cluster/Cluster"
const prog = Effect.gen(function*() {
  const c = yield* Cluster.Cluster
  yield* c.refresh(["smoke"], { allowAutoTopicCreation: true })
  yield* Effect.sleep(500)
  yield* c.refresh(["smoke"])
  console.log(c.metadata.nodes, c.metadata.topics, c.metadata.topicErrors)
  console.log(yield* c.coordinator("group", "g"))
  const conn = yield* c.connection(1)
  console.log(conn.features)
})
Effect.runPromise(
  Effect.scoped(
    prog.pipe(
      Effect.provide(
        Cluster.layer.pipe(
          Layer.provide(Layer.mergeAll(Kafka.layer({ bootstrapServers: "127.0.0.1:19092" }), NodeNetwork.layer))
        )
      )
    )
  )
).catch(console.error)
