import { assert, describe, it, vi } from "@effect/vitest"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as Serde from "@millrace/core/serde/Serde"
import * as Topic from "@millrace/core/streams/Topic"
import { Fault, Simulation } from "@millrace/testkit"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Stream from "effect/Stream"

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

/** Says of each text how long it is. */
const measuring = Effect.gen(function*() {
  const request = yield* HttpServerRequest.HttpServerRequest
  if (request.url !== "/measure") return HttpServerResponse.empty({ status: 404 })
  const { text } = (yield* request.json) as { readonly text: string }
  return yield* Effect.orDie(HttpServerResponse.json({ length: text.length }))
})

const measure = Effect.fnUntraced(function*(text: string) {
  const client = yield* HttpClient.HttpClient
  const request = yield* HttpClientRequest.bodyJson(HttpClientRequest.post("http://rule/measure"), { text })
  const response = yield* client.execute(request)
  return (yield* response.json) as { readonly length: number }
})

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const lengths = Topic.make("lengths", { key: Serde.string, value: Serde.long })

/** Asks the service for each word; what fails is asked again with the next life. */
const App = Effect.gen(function*() {
  const producer = yield* Producer.make()
  yield* Consumer.batches(words, { groupId: "lengths", autoOffsetReset: "earliest" }).pipe(
    Stream.runForEach((batch) =>
      Effect.gen(function*() {
        for (const { key, value } of batch.records) {
          const { length } = yield* measure(value)
          yield* producer.send(lengths, { key, value: length })
        }
        yield* batch.commit
      })
    )
  )
})

describe("HTTP in a simulation", () => {
  it("reaches a handler over the network, with bodies and statuses", () => {
    let seen: Array<unknown> = []
    const { findings } = Simulation.run({
      faults: [],
      program: (sim) =>
        Effect.gen(function*() {
          seen = []
          yield* sim.serve("rule", measuring)
          const client = yield* HttpClient.HttpClient
          const isUp = Effect.eventually(Effect.tapError(client.get("http://rule/nothing"), () => Effect.sleep(100)))
          seen.push((yield* isUp).status)
          seen.push(yield* measure("smörgås"))
          const failed = yield* Effect.flip(client.get("http://nowhere/"))
          seen.push(failed.reason._tag)
        })
    })
    assert.deepStrictEqual(findings, [])
    assert.deepStrictEqual(seen, [404, { length: 7 }, "TransportError"])
  })

  it("suffers the same faults as everything else, and apps get over them", async () => {
    await Simulation.check({
      runs: 3,
      faults: [Fault.crashService, Fault.partitionNetwork, Fault.resetConnections, Fault.crashApp],
      program: (sim) =>
        Effect.gen(function*() {
          yield* sim.serve("rule", measuring)
          yield* sim.launch(App)
          yield* sim.produce(words, ["a", "bb", "ccc", "dddd"].map((value) => ({ key: value, value })))
          yield* sim.healed
          yield* sim.expect(lengths, { atLeastOnce: true, each: ({ key, value }) => key?.length === value })
        })
    })()
  })

  it("is the same for the same seed", () => {
    const run = () =>
      Simulation.run({
        seed: 3,
        faults: [Fault.crashService],
        program: (sim) =>
          Effect.gen(function*() {
            yield* sim.serve("rule", measuring)
            yield* sim.launch(App)
            yield* sim.produce(words, [{ key: "a", value: "a" }])
            yield* sim.healed
          })
      }).hash
    assert.strictEqual(run(), run())
  })
})
