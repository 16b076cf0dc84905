/**
 * TLS, over real sockets: who is not trusted is refused at once, by name, on every way into the cluster.
 */
import { assert, describe, it } from "@effect/vitest"
import * as Admin from "@millrace/client/admin/Admin"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as Transaction from "@millrace/client/transaction/Transaction"
import * as Kafka from "@millrace/core/Kafka"
import { NodePlatform } from "@millrace/core/node"
import { Network, type Tls } from "@millrace/core/platform/Network"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { certificate, key } from "../certificate.ts"

const orders = Topic.make("orders", { key: Serde.string, value: Serde.string })

/** A server that says nothing, and a client that trusts whom it is told to. */
const withServer = <A, E>(
  trust: Tls,
  use: Effect.Effect<A, E, Kafka.Kafka | Scope.Scope | Layer.Success<typeof NodePlatform.layer>>
) =>
  Effect.gen(function*() {
    const network = yield* Network
    const listener = yield* network.listen({ host: "127.0.0.1", port: 0 }, { tls: { certificate, key } })
    yield* Effect.forkScoped(Effect.forever(Effect.flatMap(listener.accept, (connection) => connection.close)))
    const kafka = Kafka.layer({
      bootstrapServers: `localhost:${listener.address.port}`,
      security: { protocol: "SSL", tls: trust }
    })
    return yield* Effect.timeout(Effect.provide(use, kafka), "3 seconds")
  }).pipe(Effect.scoped, Effect.provide(NodePlatform.layer))

const reasonOf = (error: unknown): unknown =>
  error instanceof Object && "_tag" in error && error._tag === "ClientError" && "reason" in error
    ? error.reason
    : error instanceof Object && "cause" in error && error.cause !== undefined
    ? reasonOf(error.cause)
    : error

describe("TLS", () => {
  it.live("refuses a certificate that it does not trust at once, whoever asks", () =>
    withServer(
      {},
      Effect.gen(function*() {
        const admin = yield* Admin.make
        const listed = yield* Effect.flip(admin.listTopics)
        assert.strictEqual(reasonOf(listed), "Tls")
        const producer = yield* Producer.make()
        const sent = yield* Effect.flip(producer.send(orders, { value: "a" }))
        assert.strictEqual(sent._tag, "ProducerError")
        assert.strictEqual(reasonOf(sent), "Tls")
        const consumer = yield* Consumer.make({ groupId: "g" })
        yield* consumer.subscribe(["orders"])
        assert.strictEqual(reasonOf(yield* Effect.flip(Effect.forever(consumer.poll(500)))), "Tls")
        const reader = yield* Consumer.make()
        yield* reader.assign([{ topic: "orders", partition: 0 }])
        reader.seek({ topic: "orders", partition: 0 }, 0)
        assert.strictEqual(reasonOf(yield* Effect.flip(Effect.forever(reader.poll(500)))), "Tls")
        const layer = Transaction.layer({ transactionalId: "t" })
        const begun = yield* Effect.flip(Effect.scoped(Layer.build(layer)))
        assert.strictEqual(reasonOf(begun), "Tls")
      })
    ))

  it.live("takes a certificate whose authority it was given", () =>
    withServer(
      { ca: certificate },
      Effect.gen(function*() {
        const network = yield* Network
        const { bootstrapServers } = yield* Kafka.Kafka
        const connection = yield* network.connect(bootstrapServers[0]!, { tls: { ca: certificate } })
        yield* connection.close
      })
    ))
})
