/**
 * Apps on a simulated broker, in virtual time, whose services are at hand while they run.
 */
import * as Admin from "@millrace/client/admin/Admin"
import * as Producer from "@millrace/client/producer/Producer"
import * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import { KGroupedStream, KStream, Serde, Topic, Topology } from "@millrace/core"
import { World } from "@millrace/testkit/simulation/World"
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

export const words = Topic.make("words", { key: Serde.string, value: Serde.string })

export const counting = Topology.make(
  KStream.from(words).pipe(KStream.groupByKey, KGroupedStream.count({ as: "counts" }))
)

export const options = {
  applicationId: "app",
  sessionTimeout: "6 seconds",
  heartbeatInterval: "1 second",
  commitInterval: "200 millis",
  stateDirectory: "state"
} as const

export const setUp = Effect.scoped(
  Effect.flatMap(Admin.make, (admin) => admin.createTopics([{ name: words.name, partitions: 4 }]))
)

/** Writes a record of each key, and says where they are. */
export const produce = (keys: ReadonlyArray<string>) =>
  Effect.scoped(
    Effect.flatMap(Producer.make(), (producer) =>
      Effect.forEach(keys, (key) => producer.send(words, { key, value: key })))
  )

/** A running instance. */
export type Service = StreamsApp.StreamsApp["Service"]

/** A world with a broker, and instances whose services are at hand while they run. */
export const worldOf = (seed: number) => {
  const world = new World({ seed, stepsMax: 5_000_000, timeMaxMs: 600_000 })
  const services = new Map<string, Service>()
  const ends = new Map<string, StreamsApp.StreamsError>()
  const states = new Map<string, Array<string>>()
  world.addBroker().start()
  const addApp = <E>(name: string, topology: Topology.Topology<E, never>, more: Partial<StreamsApp.Options> = {}) => {
    const seen: Array<string> = []
    states.set(name, seen)
    const run = Effect.gen(function*() {
      const app = yield* StreamsApp.make(topology, { ...options, ...more })
      services.set(name, app)
      yield* Effect.forkScoped(Stream.runForEach(app.changes, (state) => Effect.sync(() => void seen.push(state))))
      const exit = yield* Effect.exit(app.await)
      // who watches hears of the end
      yield* Effect.sleep(10)
      yield* exit
    }).pipe(
      Effect.scoped,
      Effect.catch((failure) => Effect.sync(() => void ends.set(name, failure as StreamsApp.StreamsError)))
    )
    const process = world.addClient(name, run)
    process.start()
    return process
  }
  /** Runs until an effect, asked again and again, says so. */
  const until = <E>(what: string, condition: Effect.Effect<boolean, E>) => {
    let isTrue = false
    const asking = Effect.gen(function*() {
      while (!(yield* Effect.orElseSucceed(condition, () => false))) yield* Effect.sleep(50)
      isTrue = true
    })
    world.addClient(what, asking).start()
    assert.strictEqual(world.universe.run(() => isTrue), "done", what)
  }
  const step = (what: string, effect: Parameters<World["addClient"]>[1]) => {
    let isDone = false
    world.addClient(what, Effect.andThen(effect, Effect.sync(() => void (isDone = true)))).start()
    assert.strictEqual(world.universe.run(() => isDone), "done", what)
  }
  const isRunning = (name: string) =>
    Effect.suspend(() => {
      const app = services.get(name)
      return app === undefined ? Effect.succeed(false) : Effect.map(app.state, (state) => state === "RUNNING")
    })
  return { world, services, ends, states, addApp, until, step, isRunning }
}

export const run = <A, E>(effect: Effect.Effect<A, E>): A => Effect.runSync(effect)
