import { assert, describe, it, vi } from "@effect/vitest"
import * as Consumer from "@millrace/client/consumer/Consumer"
import * as Producer from "@millrace/client/producer/Producer"
import * as StreamsApp from "@millrace/client/streams/runtime/StreamsApp"
import * as Serde from "@millrace/core/serde/Serde"
import * as KStream from "@millrace/core/streams/KStream"
import * as Topic from "@millrace/core/streams/Topic"
import * as Topology from "@millrace/core/streams/Topology"
import { Fault, Simulation } from "@millrace/testkit"
import * as Expectation from "@millrace/testkit/simulation/program/Expectation"
import * as Arbitrary from "effect/Arbitrary"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as KeyValueStore from "effect/persistence/KeyValueStore"

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

const words = Topic.make("words", { key: Serde.string, value: Serde.string })
const upper = Topic.make("upper", { key: Serde.string, value: Serde.string })

const toUpper = ({ key, value }: { readonly key: string | null; readonly value: string }) => ({
  key,
  value: value.toUpperCase()
})

const topology = Topology.make(
  KStream.from(words).pipe(KStream.mapValues((word) => word.toUpperCase(), Serde.string), KStream.to(upper))
)

const App = StreamsApp.layer(topology, { applicationId: "upper", processingGuarantee: "exactly_once" })

/** Commits what it has read, and much later writes what comes of it. */
const Forgetful = Effect.gen(function*() {
  const producer = yield* Producer.make()
  yield* Consumer.batches(words, { groupId: "upper", autoOffsetReset: "earliest" }).pipe(
    Stream.runForEach((batch) =>
      batch.commit.pipe(
        Effect.andThen(Effect.sleep("1 second")),
        Effect.andThen(producer.sendAll(upper, batch.records.map(toUpper)))
      )
    )
  )
})

/** Writes what comes of it, and much later commits what it has read. */
const Repeating = Effect.gen(function*() {
  const producer = yield* Producer.make()
  yield* Consumer.batches(words, { groupId: "upper", autoOffsetReset: "earliest" }).pipe(
    Stream.runForEach((batch) =>
      producer.sendAll(upper, batch.records.map(toUpper)).pipe(
        Effect.andThen(Effect.sleep("1 second")),
        Effect.andThen(batch.commit)
      )
    )
  )
})

const lower = Schema.String.check(Schema.isPattern(/^[a-z]{1,8}$/))
const arbitraryWords = Arbitrary.array(Arbitrary.schema(lower), { minLength: 2, maxLength: 12 }).pipe(
  Arbitrary.map((all) => all.map((word, index) => ({ key: String(index % 3), value: `${index}${word}` })))
)

/** The options of a check whose app turns words into upper case. */
const optionsOf = (app: Simulation.App, more: Partial<Simulation.Options> = {}): Simulation.Options => ({
  runs: 20,
  faults: [Fault.crashApp],
  shrinkFor: "1 second",
  program: (sim) =>
    Effect.gen(function*() {
      yield* sim.launch(app)
      yield* sim.produce(words, arbitraryWords)
      yield* sim.healed
      yield* sim.expect(upper, { exactlyOnce: true, orderedBy: (_value, key) => key })
    }),
  ...more
})

const failureOf = async (check: (context?: unknown) => Promise<void>, context?: unknown) => {
  const failure = await check(context).then(() => undefined, (error: unknown) => error)
  assert.instanceOf(failure, Simulation.SimulationFailure)
  return failure
}

describe("Simulation.check", () => {
  it("passes an app that keeps its promises, under all kinds of faults", async () => {
    await Simulation.check(optionsOf(App, { runs: 3, faults: Fault.all }))()
  })

  it("finds what is lost, makes it small, and prints what replays it to the same end", async () => {
    const options = optionsOf(Forgetful, { shrinkFor: "3 seconds" })
    const failure = await failureOf(Simulation.check(options))
    assert.strictEqual(failure.findings[0]?.name, "lost-write")
    assert.isAtMost(failure.recordsCount, 6)
    assert.match(
      failure.message,
      /^ {2}lost-write: words "\d": "\w+" acknowledged at 00:\d\d\.\d{3}, absent from upper$/m
    )
    assert.match(failure.message, /^ {2}fault: \d+\.\d{3} s: app-1 (is killed|loses its power)/m)
    const [, token = ""] = /MILLRACE_REPLAY=(\S+)$/.exec(failure.message) ?? []
    assert.strictEqual(token, failure.token)
    const replayed = Simulation.run(options, { token })
    assert.strictEqual(replayed.hash, failure.hash)
    assert.deepStrictEqual(replayed.findings, failure.findings)
    vi.stubEnv("MILLRACE_REPLAY", token)
    const again = await failureOf(Simulation.check(options))
    vi.unstubAllEnvs()
    assert.strictEqual(again.hash, failure.hash)
  })

  it("says that a failure is not the same again, when the program goes around the simulation", async () => {
    let runs = 0
    const failing = (look: Effect.Effect<unknown>) =>
      failureOf(Simulation.check({ runs: 1, faults: [], program: () => Effect.andThen(look, Effect.fail("no")) }))
    const moody = Effect.suspend(() => runs++ % 2 === 0 ? Effect.void : Effect.sleep("1 second"))
    assert.match((await failing(moody)).message, /^ {2}run again: \w{16}, so a replay may go another way/m)
    assert.notInclude((await failing(Effect.sleep("1 second"))).message, "run again")
  })

  it("finds what is there twice", async () => {
    const failure = await failureOf(Simulation.check(optionsOf(Repeating)))
    assert.strictEqual(failure.findings[0]?.name, "duplicate")
    await Simulation.check(optionsOf(Repeating, {
      runs: 3,
      program: (sim) =>
        Effect.gen(function*() {
          yield* sim.launch(Repeating)
          yield* sim.produce(words, arbitraryWords)
          yield* sim.healed
          yield* sim.expect(upper, { atLeastOnce: true })
        })
    }))()
  })

  it("finds what never ends, and says what was waited for", async () => {
    const silent = Effect.gen(function*() {
      yield* Consumer.batches(words, { groupId: "silent", autoOffsetReset: "earliest" }).pipe(
        Stream.take(1),
        Stream.runForEach((batch) => batch.commit)
      )
      return yield* Effect.never
    })
    const report = Simulation.run(optionsOf(silent, { progressWithin: "1 minute" }))
    assert.strictEqual(report.findings[0]?.name, "stuck")
    assert.include(report.findings[0]?.detail, "group silent is at")
  })

  it("holds a topic against a topology, rules for each record, and what has to hold in the end", () => {
    const run = (expectation: Simulation.Expectation<string, string>) =>
      Simulation.run({
        faults: [],
        program: (sim) =>
          Effect.gen(function*() {
            yield* sim.launch(App)
            yield* sim.produce(words, [{ key: "a", value: "one" }, { key: "b", value: "two" }])
            yield* sim.healed
            yield* sim.expect(upper, expectation)
          })
      }).findings.map(({ name }) => name)
    assert.deepStrictEqual(run({ equals: topology }), [])
    assert.deepStrictEqual(run({ equals: [{ key: "a", value: "ONE" }, { key: "b", value: "TWO" }] }), [])
    assert.deepStrictEqual(run({ equals: [{ key: "a", value: "ONE" }] }), ["unexpected-output"])
    assert.deepStrictEqual(run({ each: ({ value }) => value === "ONE" }), ["broken-rule"])
    assert.deepStrictEqual(run({ eventually: (entries) => entries.length === 2 }), [])
    assert.deepStrictEqual(run({ eventually: (entries) => entries.length === 3 }), ["broken-rule"])
  })

  it("holds a table against the reference by the last values, whatever came before", () => {
    const record = (offset: number, key: string, value: string) => ({
      topic: "upper",
      partition: 0,
      offset,
      timestamp: 0,
      headers: [],
      key: Buffer.from(key),
      value: Buffer.from(value)
    })
    const reference = [record(0, "a", "2"), record(1, "b", "1")]
    const namesOf = (expectation: Simulation.Expectation<string, string>, ...values: ReadonlyArray<string>) => {
      const actual = values.map((value, offset) => record(offset, value[0]!, value.slice(1)))
      return Expectation.evaluate(upper, expectation, { actual, reference, produced: [] }).map(({ name }) => name)
    }
    assert.deepStrictEqual(namesOf({ exactlyOnce: true, asTable: true }, "a1", "b1", "a2"), [])
    assert.deepStrictEqual(namesOf({ exactlyOnce: true }, "a1", "b1", "a2"), ["unexpected-output"])
    assert.deepStrictEqual(namesOf({ exactlyOnce: true, asTable: true }, "a2", "a3", "b1"), [
      "lost-write",
      "unexpected-output"
    ])
    assert.deepStrictEqual(namesOf({ orderedBy: () => "all" }, "b1", "a2"), ["reordered"])
    assert.deepStrictEqual(namesOf({ exactlyOnce: true }, "a2", "b1", "a2"), ["duplicate"])
    assert.deepStrictEqual(namesOf({ atLeastOnce: true }, "a2", "b1", "a2"), [])
  })

  it("lets faults happen to the disks of apps that keep something there", () => {
    const keeping = Effect.gen(function*() {
      const store = yield* KeyValueStore.KeyValueStore
      yield* store.set("a", "1")
      return yield* Effect.never
    })
    const victimsOf = (app: Simulation.App) =>
      new Set(
        Array.from({ length: 20 }, (_, seed) =>
          Simulation.run({
            seed,
            faults: [Fault.slowDisk, Fault.tornWrite, Fault.failSync, Fault.fullDisk],
            program: (sim) => Effect.andThen(sim.launch(app, { instances: 2 }), sim.healed)
          }).faults.flatMap((fault) => "process" in fault ? [fault.process] : [])).flat()
      )
    assert.sameMembers([...victimsOf(keeping)], ["broker", "app-1", "app-2"])
    assert.sameMembers([...victimsOf(Effect.never)], ["broker"])
  })

  it("updates apps to other programs and other settings, one instance after the other", () => {
    const ran = new Set<string>()
    const running = (version: string) =>
      Effect.flatMap(Effect.all([Config.String("HOSTNAME"), Config.String("COLOUR")]), ([host, colour]) => {
        ran.add(`${host} ${version} ${colour}`)
        return Effect.never
      })
    const reports = Array.from({ length: 20 }, (_, seed) =>
      Simulation.run({
        seed,
        faults: [Fault.updateApp],
        program: (sim) =>
          Effect.gen(function*() {
            const updates = [{ app: running("new") }, { config: { COLOUR: "green" } }]
            yield* sim.launch(running("old"), { instances: 2, config: { COLOUR: "red" }, updates })
            yield* sim.launch(running("steady"), { name: "other", config: { COLOUR: "blue" } })
            yield* sim.healed
          })
      }))
    assert.deepStrictEqual(reports.flatMap(({ findings }) => findings), [])
    const versions = ["old red", "new red", "old green"]
    assert.sameMembers([...ran], [
      ...["app-1", "app-2"].flatMap((host) => versions.map((version) => `${host} ${version}`)),
      "other-1 steady blue"
    ])
  })

  it("tells the program's own failure", () => {
    const { findings } = Simulation.run({ program: () => Effect.fail("this is wrong") })
    assert.strictEqual(findings[0]?.name, "program-failed")
    assert.include(findings[0]?.detail, "this is wrong")
  })

  it("lets faults of one's own happen, and asks for states to be reached", async () => {
    const bank = { isClosed: false }
    const closing = Fault.custom(
      "the bank closes",
      Effect.sync(() => {
        bank.isClosed = true
      }),
      Effect.sync(() => {
        bank.isClosed = false
      })
    )
    const closed: Array<boolean> = []
    await Simulation.check({
      runs: 10,
      faults: [closing.with({ forMinMs: 1000 })],
      program: (sim) =>
        Effect.gen(function*() {
          for (let second = 0; second < 8; second++) {
            yield* Effect.sleep("1 second")
            yield* sim.sometimes("the bank was closed", bank.isClosed)
          }
          yield* sim.healed
          closed.push(bank.isClosed)
        })
    })()
    assert.notInclude(closed, true)
    const never = await Simulation.check({
      runs: 2,
      faults: [],
      program: (sim) => sim.sometimes("pigs fly", false)
    })().then(() => undefined, (error: unknown) => error)
    assert.instanceOf(never, Simulation.SimulationError)
    assert.strictEqual(never.reason, "NeverReached")
    assert.include(never.message, "pigs fly")
  })

  it("refuses several brokers, numbers that are none, and tokens that are broken", async () => {
    const refusalOf = async (options: Partial<Simulation.Options>) => {
      const check = Simulation.check({ program: () => Effect.void, ...options })
      const error = await check().then(() => undefined, (error: unknown) => error)
      assert.instanceOf(error, Simulation.SimulationError)
      return error.reason
    }
    assert.strictEqual(await refusalOf({ cluster: { brokers: 3 } }), "Unsupported")
    assert.strictEqual(await refusalOf({ runs: 0 }), "Options")
    assert.strictEqual(await refusalOf({ seed: 0.5 }), "Options")
    for (const token of ["nonsense", "1:AAAA", `1:${"A".repeat(200_000)}`]) {
      assert.throws(() => Simulation.run({ program: () => Effect.void }, { token }), Simulation.SimulationError)
    }
  })

  it("ends its runs before the runner's time does, and says how many there were", async () => {
    const warnings: Array<string> = []
    const listener = ({ message }: Error) => void warnings.push(message)
    process.on("warning", listener)
    await Simulation.check({ runs: 1_000_000, faults: [], program: () => Effect.void })({
      task: { name: "short", timeout: 100, file: { filepath: "a.test.ts" } }
    })
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off("warning", listener)
    assert.match(warnings.join(), /short: \d+ of 1000000 seeds in the time that the test has/)
  })

  it("names the test and the line that replays it, for vitest and node:test", async () => {
    const check = Simulation.check({ runs: 1, faults: [], program: () => Effect.fail("no") })
    assert.strictEqual(check.length, 0, "runners that count parameters give no callback")
    const file = `${process.cwd()}/test/a.test.ts`
    const task = { name: "does (it)", suite: { name: "an app" }, file: { filepath: file } }
    const vitest = await failureOf(check, { task })
    assert.match(vitest.message, /^an app does \(it\): seed 1, /)
    assert.match(
      vitest.message,
      /MILLRACE_REPLAY=1:\S+ npx vitest run test\/a\.test\.ts -t "an app does \\\\\(it\\\\\)"$/
    )
    const node = await failureOf(check, { name: "does it", filePath: file })
    assert.match(node.message, /MILLRACE_REPLAY=1:\S+ node --test --test-name-pattern="does it" test\/a\.test\.ts$/)
  })
})
