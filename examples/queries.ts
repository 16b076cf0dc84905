/**
 * Asks a running app for what it knows. Two instances count the visits of pages; whichever of them is asked, the answer comes
 * from the one that has the page, and what was just written is in it.
 *
 * `node examples/queries.ts` runs the broker and both instances in its own process.
 */
import { Admin, Cluster, Position, Producer, Query, StreamsApp } from "@millrace/client"
import { KGroupedStream, KStream, Serde, Topic, Topology } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import { Broker } from "@millrace/server"
import { Effect, Layer, Stream } from "effect"
import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const visits = Topic.make("visits", { key: Serde.string, value: Serde.string })

export const countVisits = Topology.make(
  KStream.from(visits).pipe(KStream.groupByKey, KGroupedStream.count({ as: "visits-per-page" }))
)

/** The store, and the types of its keys and values. */
const visitsPerPage = Query.keyValueStore<string, number>("visits-per-page")

type App = StreamsApp.StreamsApp["Service"]

/** Counts a visit and tells how many there were: its own is among them, whichever instance is asked. */
export const visit = Effect.fnUntraced(function*(app: App, producer: Producer.Producer, page: string, visitor: string) {
  const written = yield* producer.send(visits, { key: page, value: visitor })
  const { value } = yield* app.query(visitsPerPage.get(page), {
    bound: Position.of(written),
    waitUpTo: "10 seconds"
  })
  return value?.value ?? 0
})

/** The pages that begin so, and their visits, of all instances: read from the stores as they are wanted, page by page. */
export const pagesBelow = (app: App, path: string) =>
  app.queryMany(visitsPerPage.prefixScan(path, Serde.string)).pipe(
    Stream.map(({ key, value }) => `${key}: ${value}`)
  )

/** Tells a visitor nothing rather than let him wait: from a copy if need be, and if not at once, then not. */
export const quickly = (app: App, page: string) =>
  app.query(visitsPerPage.get(page), { staleReads: { lagMax: 1000 }, timeout: "200 millis" }).pipe(
    Effect.map(({ value }) => value?.value),
    Effect.catchTag(["QueryError", "NotUpToBound"], () => Effect.undefined)
  )

/** An instance; `memory:` addresses are inside the process, elsewhere it is HOST:PORT. */
const instance = (directory: string, name: string) =>
  StreamsApp.make(countVisits, {
    applicationId: "visits",
    applicationServer: `memory:${name}:0`,
    heartbeatInterval: "300 millis",
    stateDirectory: join(directory, name)
  })

const program = Effect.fnUntraced(function*(directory: string) {
  const admin = yield* Admin.make
  yield* admin.createTopics([{ name: visits.name, partitions: 4 }])
  const one = yield* instance(directory, "one")
  const two = yield* instance(directory, "two")
  const producer = yield* Producer.make()
  for (const [visitor, app] of [["ann", one], ["bob", two], ["cyd", one]] as const) {
    for (const page of ["/", "/shoes", "/shoes/red"]) console.log(page, yield* visit(app, producer, page, visitor))
  }
  const below = [...yield* Stream.runCollect(pagesBelow(two, "/shoes"))].sort()
  assert.deepEqual(below, ["/shoes/red: 3", "/shoes: 3"])
  assert.ok([3, undefined].includes(yield* quickly(one, "/shoes")))
}, Effect.scoped)

/** What the broker and the clients need: a broker in this process, with its data in the directory. */
const platform = (directory: string) =>
  Cluster.layer.pipe(
    Layer.provideMerge(Broker.layerEmbedded({ directory })),
    Layer.provideMerge(NodePlatform.layer)
  )

export const main = Effect.acquireUseRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "millrace-queries-"))),
  (directory) => Effect.provide(program(directory), platform(directory)),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

if (import.meta.main) NodePlatform.runMain(main)
