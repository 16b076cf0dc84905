import { assert, describe, it } from "@effect/vitest"
import * as Apis from "@millrace/client/cluster/Apis"
import * as Cluster from "@millrace/client/cluster/Cluster"
import * as Retry from "@millrace/client/cluster/Retry"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as Kafka from "@millrace/core/Kafka"
import * as MemoryNetwork from "@millrace/core/platform/MemoryNetwork"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as Schema from "effect/Schema"
import { FakeBroker } from "../FakeBroker.ts"
import { passing } from "../passing.ts"

const withCluster = <A, E>(broker: FakeBroker, use: Effect.Effect<A, E, Cluster.Cluster>) =>
  passing(Effect.provide(use, Cluster.layer.pipe(Layer.provide(broker.layer))))

describe("Cluster", () => {
  it.effect("looks topics up once for all who wait", () =>
    Effect.gen(function*() {
      const broker = new FakeBroker()
      broker.topic("a", 3)
      yield* withCluster(
        broker,
        Effect.gen(function*() {
          const cluster = yield* Cluster.Cluster
          yield* Effect.all(Array.from({ length: 20 }, () => cluster.refresh(["a"])), { concurrency: "unbounded" })
          assert.strictEqual(cluster.metadata.topics.get("a")?.partitions.length, 3)
          assert.isAtMost(broker.named("Metadata").length, 2)
        })
      )
    }))

  it.effect("fails lookups once it is closed, also those on their way", () =>
    Effect.gen(function*() {
      const broker = new FakeBroker()
      broker.on(Apis.metadata, () => null)
      const reasons = yield* passing(Effect.provide(
        Effect.gen(function*() {
          const scope = yield* Scope.make()
          const context = yield* Layer.buildWithScope(Cluster.layer, scope)
          const refresh = Effect.provideContext(Cluster.Cluster.use((cluster) => cluster.refresh(["a"])), context)
          const waiting = yield* Effect.forkChild(Effect.all([Effect.flip(refresh), Effect.flip(refresh)], {
            concurrency: "unbounded"
          }))
          yield* Effect.sleep("1 second")
          yield* Scope.close(scope, Exit.void)
          const errors = [...yield* Fiber.join(waiting), yield* Effect.flip(refresh)]
          return errors.map((error) => error.reason)
        }),
        broker.layer
      ))
      assert.deepStrictEqual(reasons, ["Closed", "Closed", "Closed"])
    }))

  it.effect("never waits for somebody who was interrupted", () =>
    Effect.gen(function*() {
      const broker = new FakeBroker()
      broker.topic("a")
      yield* withCluster(
        broker,
        Effect.gen(function*() {
          const cluster = yield* Cluster.Cluster
          for (let turns = 0; turns < 40; turns++) {
            const lane = yield* cluster.lane
            const ask = Effect.andThen(cluster.refresh(["a"]), lane.connection(1))
            const fiber = yield* Effect.forkChild(ask, { startImmediately: true })
            for (let i = 0; i < turns; i++) yield* Effect.yieldNow
            yield* Fiber.interrupt(fiber)
            yield* Effect.timeout(Effect.retry(ask, { times: 3 }), "20 seconds")
          }
        }).pipe(Effect.scoped)
      )
    }))

  it.effect("asks an old broker for its versions again, in a version that it knows", () =>
    Effect.gen(function*() {
      const broker = new FakeBroker()
      broker.on(Apis.apiVersions, (_, version) =>
        version > 2
          ? { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 2 }] }
          : undefined)
      yield* withCluster(broker, Cluster.Cluster.use((cluster) => cluster.refresh("all")))
      assert.deepStrictEqual(broker.named("ApiVersions").map((call) => call.version), [4, 2])
    }))

  it.effect("fails a request whose answer does not come, and connects again", () =>
    Effect.gen(function*() {
      const broker = new FakeBroker()
      let silent = true
      broker.on(Apis.listOffsets, () => silent ? null : { topics: [] })
      yield* withCluster(
        broker,
        Effect.gen(function*() {
          const cluster = yield* Cluster.Cluster
          const nodeId = yield* cluster.anyNode
          const ask = cluster.call(nodeId, Apis.listOffsets, { replicaId: -1, topics: [], isolationLevel: 0 }, {
            timeoutMs: 1000
          })
          const error = yield* Effect.flip(ask)
          assert.strictEqual(error.reason, "Timeout")
          silent = false
          assert.deepStrictEqual((yield* ask).topics, [])
          assert.strictEqual(broker.named("ApiVersions").length, 2)
        })
      )
    }))

  it.effect("says what a broker does not serve", () =>
    Effect.gen(function*() {
      const broker = new FakeBroker()
      const error = yield* withCluster(
        broker,
        Effect.gen(function*() {
          const cluster = yield* Cluster.Cluster
          const nodeId = yield* cluster.anyNode
          return yield* Effect.flip(cluster.call(nodeId, Apis.deleteRecords, { topics: [], timeoutMs: 1 }))
        })
      )
      assert.strictEqual(error.reason, "UnsupportedVersion")
    }))

  it.effect("fails when nobody is there", () =>
    Effect.gen(function*() {
      const nowhere = Layer.mergeAll(Kafka.layer({ bootstrapServers: "memory:nobody" }), MemoryNetwork.layer)
      const error = yield* passing(Effect.provide(
        Effect.flip(Cluster.Cluster.use((cluster) => cluster.refresh("all"))),
        Cluster.layer.pipe(Layer.provide(nowhere))
      ))
      assert.strictEqual(error.reason, "Disconnected")
    }))

  it.effect("takes hints about new leaders, and never goes back to older ones", () =>
    Effect.gen(function*() {
      const broker = new FakeBroker()
      broker.topic("a")
      yield* withCluster(
        broker,
        Effect.gen(function*() {
          const { metadata, refresh } = yield* Cluster.Cluster
          yield* refresh(["a"])
          assert.isTrue(metadata.hint("a", 0, 7, 5, [{ id: 7, host: "memory:other", port: 0, rack: null }]))
          assert.isFalse(metadata.hint("a", 0, 1, 4, []))
          yield* refresh(["a"])
          assert.strictEqual(metadata.partition("a", 0)?.leaderId, 7)
        })
      )
    }))
})

describe("Retry", () => {
  it.effect.prop(
    "waits within a fifth of a doubling time, never longer than the longest",
    [Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100 }))],
    ([attempt]) =>
      Effect.sync(() => {
        for (const random of [0, 0.5, 0.999]) {
          const waitMs = Retry.backoffMs(attempt, random)
          assert.isAtLeast(waitMs, Math.min(1000, 100 * 2 ** attempt) * 0.8)
          assert.isAtMost(waitMs, 1200)
        }
      })
  )

  it.effect("gives up when the time is up, with the last error", () =>
    Effect.gen(function*() {
      let attempts = 0
      const failing = Effect.suspend(() => Effect.fail(++attempts))
      const error = yield* passing(
        Effect.flip(failing.pipe(Retry.retry<number>({ while: () => true, timeoutMs: 5000 })))
      )
      assert.strictEqual(error, attempts)
      assert.isAtLeast(attempts, 5)
    }))
})

describe("Kafka", () => {
  const read = (env: { readonly [name: string]: string }) =>
    Effect.provide(
      Kafka.Kafka.use((kafka) => Effect.succeed(kafka)),
      Kafka.layerConfig.pipe(Layer.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(env))))
    )

  it.effect("reads addresses and TLS settings", () =>
    Effect.gen(function*() {
      const kafka = yield* read({
        KAFKA_BOOTSTRAP_SERVERS: "a:9092, [::1]:9093,memory:x",
        KAFKA_SECURITY_PROTOCOL: "SSL",
        KAFKA_SSL_TRUSTSTORE_CERTIFICATES: "PEM"
      })
      assert.deepStrictEqual(kafka.bootstrapServers, [
        { host: "a", port: 9092 },
        { host: "::1", port: 9093 },
        { host: "memory:x", port: 0 }
      ])
      assert.deepStrictEqual(kafka.security, { protocol: "SSL", tls: { ca: "PEM", verifyHost: true } })
    }))

  for (
    const [reason, env] of [
      ["InvalidBootstrapServers", { KAFKA_BOOTSTRAP_SERVERS: "nothing" }],
      ["InvalidSecurityProtocol", { KAFKA_BOOTSTRAP_SERVERS: "a:1", KAFKA_SECURITY_PROTOCOL: "FAST" }],
      ["SaslUnsupported", { KAFKA_BOOTSTRAP_SERVERS: "a:1", KAFKA_SECURITY_PROTOCOL: "SASL_SSL" }],
      ["SaslUnsupported", { KAFKA_BOOTSTRAP_SERVERS: "a:1", KAFKA_SASL_MECHANISM: "PLAIN" }],
      ["InvalidTls", {
        KAFKA_BOOTSTRAP_SERVERS: "a:1",
        KAFKA_SECURITY_PROTOCOL: "SSL",
        KAFKA_SSL_KEYSTORE_KEY: "KEY"
      }]
    ] as const
  ) {
    it.effect(`refuses ${JSON.stringify(env)}`, () =>
      Effect.map(Effect.flip(read(env)), (error) => {
        assert.strictEqual(error._tag === "KafkaConfigError" ? error.reason : error._tag, reason)
      }))
  }
})
