/**
 * A database of one's own in a simulation: a process that keeps rows on its disk. All payments have to be booked, whatever
 * fails.
 */
import { Fault, Simulation } from "@millrace/testkit"
import { Effect, FileSystem, Layer } from "effect"
import { HttpClient, HttpClientRequest, HttpServerRequest, HttpServerResponse } from "effect/http"
import { KeyValueStore } from "effect/persistence"
import { assert, it } from "vitest"
import { Balances, BalancesApp, BalancesError } from "../balances.ts"
import { arbitraryPayments } from "../settlement-payments.ts"
import { type Payment, payments } from "../settlement.ts"

/** Writes a row, and answers when it is safe; or tells the ids of all rows. */
const database = Effect.gen(function*() {
  const rows = yield* KeyValueStore.KeyValueStore
  const request = yield* HttpServerRequest.HttpServerRequest
  if (request.method === "GET") return yield* HttpServerResponse.json(yield* rows.keys)
  const payment = (yield* request.json) as typeof Payment.Type
  yield* rows.set(payment.id, JSON.stringify(payment))
  return HttpServerResponse.empty()
}).pipe(Effect.orDie)

/** The app's database, as the simulation has it. */
const simulatedBalances = Layer.effect(
  Balances,
  Effect.map(HttpClient.HttpClient, (client) => ({
    book: (payment) =>
      HttpClientRequest.bodyJson(HttpClientRequest.post("http://database/"), payment).pipe(
        Effect.flatMap(HttpClient.filterStatusOk(client).execute),
        Effect.mapError((cause) => new BalancesError({ cause })),
        Effect.asVoid
      )
  }))
)

const booking = (handler: Simulation.Handler): Simulation.Options["program"] => (sim) =>
  Effect.gen(function*() {
    yield* sim.serve("database", handler)
    yield* sim.launch(Effect.provide(BalancesApp, simulatedBalances), { instances: 2 })
    yield* sim.produce(payments, arbitraryPayments)
    yield* sim.healed
    const response = yield* HttpClient.get("http://database/")
    const booked = new Set((yield* response.json) as ReadonlyArray<string>)
    const sent = yield* sim.consume(payments)
    const missing = sent.flatMap(({ value }) => value === null || booked.has(value.id) ? [] : [value.id])
    yield* sim.sometimes("something was sent", sent.length > 0)
    if (missing.length > 0) return yield* Effect.die(new Error(`not booked: ${missing.join(", ")}`))
  })

it(
  "each payment is booked",
  Simulation.check({
    runs: 10,
    faults: [
      Fault.crashApp,
      Fault.crashService,
      Fault.tornWrite,
      Fault.failSync,
      Fault.fullDisk,
      Fault.partitionNetwork
    ],
    program: booking(database)
  })
)

/** Files that nobody syncs. */
const carelessDatabase = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem
  const request = yield* HttpServerRequest.HttpServerRequest
  yield* files.makeDirectory("/rows", { recursive: true })
  if (request.method === "GET") return yield* HttpServerResponse.json(yield* files.readDirectory("/rows"))
  const payment = (yield* request.json) as typeof Payment.Type
  yield* files.writeFileString(`/rows/${payment.id}`, JSON.stringify(payment))
  return HttpServerResponse.empty()
}).pipe(Effect.orDie)

it("a database that answers before its rows are safe is found out", async () => {
  const failure = await Simulation.check({
    runs: 100,
    faults: [Fault.crashService],
    program: booking(carelessDatabase)
  })().catch(String)
  assert.match(String(failure), /not booked: p-\d/)
})
