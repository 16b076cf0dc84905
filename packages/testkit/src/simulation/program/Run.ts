/**
 * One run of a user's program in a world of its own.
 *
 * Keeps true: seed, records and faults decide the run; the program is outside of the faults; without faults everything
 * runs once (`isCalm`), which gives the reference that other runs are held against.
 * Leaves to others: which runs there are (`Simulation`), what is wrong with a topic (`Expectation`).
 *
 * @since 0.1.0
 */
import type { StreamsError } from "@millrace/client/streams/runtime/StreamsError"
import { StreamsApp } from "@millrace/client/streams/runtime/StreamsApp"
import type { Kafka } from "@millrace/core/Kafka"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Cause from "effect/Cause"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as limits from "../../limits.ts"
import type { Ports, Process } from "../Process.ts"
import type { Witness } from "../Trace.ts"
import type { Ending } from "../Universe.ts"
import * as SimulatedHttp from "../http/SimulatedHttp.ts"
import { brokerName, World } from "../World.ts"
import * as Expectation from "./Expectation.ts"
import type * as FaultKind from "./FaultKind.ts"
import { FaultPhase, waitMaxMs } from "./FaultPhase.ts"
import type { Finding } from "./Finding.ts"
import * as Observer from "./Observer.ts"
import * as Production from "./Production.ts"
import type * as Records from "./Records.ts"
import type * as Sim from "./Sim.ts"
import { SimulationError } from "./SimulationError.ts"

/**
 * What a run is made of.
 *
 * @since 0.1.0
 */
export interface Options {
  readonly program: (sim: Sim.Sim) => Effect.Effect<unknown, unknown, Sim.Services | Scope.Scope>
  readonly seed: number
  /** Another order of things, for the same records and faults. */
  readonly schedule: number
  readonly partitions: number
  readonly kinds: ReadonlyArray<FaultKind.Kind>
  /** The phase of faults, and the time after it in which everything has to end, in milliseconds. */
  readonly faultsForMs: number
  readonly progressWithinMs: number
  /** Which faults happen; none in a run without faults. */
  readonly faults: ReadonlyArray<FaultKind.AnyFault>
  /** In place of the records that the seed gives. */
  readonly records: ReadonlyArray<Records.PlannedRecord> | undefined
  readonly mode: "faulty" | "calm" | "one-by-one"
  /** The run without faults. */
  readonly reference: Outcome | undefined
  /** Told of everything that happens. */
  readonly witness?: Witness | undefined
}

/**
 * What came of a run.
 *
 * @since 0.1.0
 */
export interface Outcome {
  /** Over all that happened. */
  readonly hash: string
  readonly findings: ReadonlyArray<Finding>
  readonly faults: ReadonlyArray<FaultKind.AnyFault>
  /** The same with their times since the beginning of the run, not of the phase of faults. */
  readonly happening: ReadonlyArray<FaultKind.AnyFault>
  /** What was sent, in order of time. */
  readonly productions: ReadonlyArray<Production.Production>
  readonly records: ReadonlyArray<Records.PlannedRecord>
  /** What each `expect` saw, in their order. */
  readonly seen: ReadonlyArray<ReadonlyArray<Observer.StoredRecord>>
  /** Where faults may happen. */
  readonly targets: FaultKind.Targets
  readonly sometimes: ReadonlyMap<string, boolean>
  /** Which record of `records` each one by one led to, by its place as `topic partition@offset`. */
  readonly causes: ReadonlyMap<string, Records.PlannedRecord>
  /** How long it took, in virtual time, in microseconds. */
  readonly endUs: number
  readonly steps: number
  readonly events: ReadonlyArray<string>
}

/** What is missing is waited for so long after everything has settled, and looked for so often, in milliseconds. */
const patienceMs = 20_000
const lookMs = 2_000
/** The process of the program, to which no faults happen. */
const outsider = "program"
/** Seeds of universes that differ by their schedule are this far apart. */
const scheduleStep = 1_000_003

const isMissing = ({ name }: Finding): boolean => name === "lost-write" || name === "broken-rule"

/** A run that goes on. */
class Run {
  readonly options: Options
  readonly world: World
  readonly findings: Array<Finding> = []
  readonly productions: Array<Production.Production> = []
  readonly seen: Array<ReadonlyArray<Observer.StoredRecord>> = []
  readonly sometimes = new Map<string, boolean>()
  readonly causes = new Map<string, Records.PlannedRecord>()
  readonly apps: Array<string> = []
  /** The instances that a run with faults has, whether or not this one is, by the launches that they come from. */
  readonly #launches: Array<ReadonlyArray<string>> = []
  /** How many later versions the instances have, of those that have any. */
  readonly #updates = new Map<string, number>()
  readonly services: Array<string> = []
  /** The last failure of each process that has one. */
  readonly failures = new Map<string, string>()
  /** The apps of the instances that are layers: undefined while they are built. */
  readonly #streams = new Map<string, StreamsApp["Service"] | undefined>()
  readonly #phase: FaultPhase
  #unsettled: ReadonlyArray<string> = []
  /** What the program waits for, for people. */
  #stage = "starts"
  isDone = false

  constructor(options: Options) {
    this.options = options
    this.world = new World({
      seed: options.seed + options.schedule * scheduleStep,
      stepsMax: limits.stepsMax,
      timeMaxMs: waitMaxMs + options.faultsForMs + options.progressWithinMs
    })
    this.world.universe.trace.witness = options.witness
    this.#phase = new FaultPhase(this.world, options, outsider)
  }

  get #nowMs(): number {
    return this.world.universe.nowUs / 1000
  }

  get targets(): FaultKind.Targets {
    return {
      broker: brokerName,
      apps: this.#launches.flat(),
      updates: this.#updates,
      services: this.services,
      disks: [brokerName, ...this.services, ...this.#launches.filter((one) => this.#keepsFiles(one)).flat()],
      producers: this.productions.map(({ name }) => name),
      untilMs: this.options.faultsForMs
    }
  }

  /** Whether an instance keeps something on its disk; without faults one runs for all. */
  #keepsFiles(instances: ReadonlyArray<string>): boolean {
    return instances.some((instance) => (this.world.processes.get(instance)?.disk.files.files() ?? []).length > 0)
  }

  start(): void {
    const { program } = this.options
    this.world.addBroker({ "num.partitions": String(this.options.partitions) }).start()
    const director = this.world.addClient(outsider, this.#provided(program(this.#sim)))
    director.onExit = (exit) => {
      this.isDone = true
      if (exit._tag === "Failure") {
        this.findings.push({ name: "program-failed", detail: Cause.pretty(exit.cause) })
      }
    }
    director.start()
  }

  // What the program does

  get #sim(): Sim.Sim {
    return {
      seed: this.options.seed,
      launch: (app, options = {}) => this.#launch(app, options),
      serve: (name, handler) => this.#serve(name, handler),
      produce: (topic, source, options = {}) => this.#produce(topic, source, options.count),
      consume: (topic) =>
        Effect.map(
          this.#read(topic.name),
          (records) => records.map((record) => Expectation.entryOf(topic, record))
        ),
      healed: this.#during("healed", Effect.suspend(() => this.#healed())),
      expect: (topic, expectation) =>
        this.#during(
          `expect ${topic.name}`,
          Effect.suspend(() =>
            this.#expect(topic.name, (evidence) => Expectation.evaluate(topic, expectation, evidence))
          )
        ),
      sometimes: (name, condition = true) =>
        Effect.sync(() => {
          this.sometimes.set(name, condition || this.sometimes.get(name) === true)
        })
    }
  }

  /** Names what the program does, and gives its services back to it: whatever it does with the cluster is in there. */
  #during<A>(stage: string, use: Effect.Effect<A, unknown, Ports | Kafka | Scope.Scope>): Effect.Effect<A> {
    return Effect.contextWith((context: Context.Context<never>) =>
      Effect.suspend(() => {
        this.#stage = stage
        // The program runs in a process, which has all of these.
        const services = context as Context.Context<Ports | Kafka | Scope.Scope>
        return Effect.orDie(Effect.provide(use, services))
      })
    )
  }

  /** Gives a process what it finds around it besides the ports. */
  #provided(program: Effect.Effect<unknown, unknown, Sim.Services | Scope.Scope>) {
    return Effect.scoped(Effect.provide(program, SimulatedHttp.layerClient))
  }

  /** Sees to it that no two processes have one name. */
  #claim(name: string): void {
    if (!this.world.processes.has(name)) return
    throw new SimulationError({
      reason: "Options",
      detail: `there is a process ${name} already`,
      hint: "give it another name"
    })
  }

  #serve(name: string, handler: Sim.Handler): Effect.Effect<void> {
    return Effect.sync(() => {
      this.#claim(name)
      this.services.push(name)
      this.#watch(this.world.addClient(name, this.#provided(SimulatedHttp.serve(name, handler)), true)).start()
    })
  }

  #launch(app: Sim.App, { config, instances = 1, name = "app", updates = [] }: Sim.LaunchOptions): Effect.Effect<void> {
    return Effect.sync(() => {
      const before = this.#launches.flat().filter((each) => each.startsWith(`${name}-`)).length
      const launched = Array.from({ length: instances }, (_, index) => `${name}-${before + 1 + index}`)
      this.#launches.push(launched)
      for (const [index, instance] of launched.entries()) {
        this.#claim(instance)
        if (updates.length > 0) this.#updates.set(instance, updates.length)
        // Without faults one does all the work, in one order.
        if (this.options.mode !== "faulty" && index > 0) continue
        this.apps.push(instance)
        const versionOf = (update: Sim.Update) => {
          const provider = ConfigProvider.fromUnknown({ HOSTNAME: instance, ...config, ...update.config })
          const running = this.#running(update.app ?? app, instance)
          return Effect.provideService(running, ConfigProvider.ConfigProvider, provider)
        }
        this.#watch(this.world.addClient(instance, versionOf({}), true, updates.map(versionOf))).start()
      }
    })
  }

  /** Runs an app; creates the topics that it reads and that are not there. */
  #running(app: Sim.App, instance: string): Effect.Effect<unknown, unknown, Ports | Kafka> {
    const run = isLayer(app) ? this.#building(app, instance) : app
    return Effect.catch(this.#provided(run), (error) => {
      const missing = missingTopics(error)
      if (missing.length === 0) return Effect.fail(error)
      return Effect.andThen(Observer.createTopics(missing, this.options.partitions), this.#running(app, instance))
    })
  }

  /** Builds an app that is a layer, and keeps it until it ends. */
  #building(app: Layer.Layer<never, unknown, Sim.Services>, instance: string) {
    return Effect.gen({ self: this }, function*() {
      this.#streams.set(instance, undefined)
      const context: Context.Context<never> = yield* Layer.build(app)
      const streams = Context.getOption(context, StreamsApp)
      if (streams._tag === "None") {
        this.#streams.delete(instance)
        return yield* Effect.never
      }
      this.#streams.set(instance, streams.value)
      return yield* streams.value.await
    })
  }

  /** What an instance still has to do, as far as it tells. */
  #toDo(instance: string): string | undefined {
    if (!this.world.process(instance).isRunning) return `${instance} is down`
    if (!this.#streams.has(instance)) return undefined
    const streams = this.#streams.get(instance)
    if (streams === undefined) return `${instance} is starting`
    const state = Effect.runSync(streams.state)
    if (state !== "RUNNING") return `${instance} is ${state}`
    const late = [...Effect.runSync(streams.lag)].find(([, lag]) => lag > 0)
    return late === undefined ? undefined : `${instance} is ${late[1]} records behind on ${late[0]}`
  }

  #watch(process: Process): Process {
    const { onExit } = process
    process.onExit = (exit) => {
      if (exit._tag === "Failure") this.failures.set(process.name, Cause.pretty(exit.cause).split("\n")[0]!)
      onExit(exit)
    }
    return process
  }

  #produce<K, V>(
    topic: Topic.Topic<K, V>,
    source: Records.Source<K, V>,
    count: number | undefined
  ): Effect.Effect<void> {
    return this.#during(
      `produce ${topic.name}`,
      Effect.gen({ self: this }, function*() {
        const call = this.productions.length
        const { faultsForMs, mode, partitions, records, seed } = this.options
        const production = Production.make({
          seed,
          call,
          topic,
          source,
          count,
          spreadMs: Math.floor(faultsForMs * 0.8),
          records: records?.filter((record) => record.call === call)
        })
        this.productions.push(production)
        yield* Observer.createTopics([topic.name], partitions)
        production.startMs = this.#nowMs
        const nowMs = () => this.#nowMs
        const process = this.world.addClient(production.name, Production.send(production, nowMs, mode !== "faulty"))
        if (mode === "one-by-one") return yield* this.#produceOneByOne(production, process)
        this.#phase.begin()
        production.release()
        this.#watch(process).start()
        while (!production.isDone) yield* Effect.sleep(20)
        for (const { detail } of production.refused) this.findings.push({ name: "unsent", topic: topic.name, detail })
      })
    )
  }

  /** Sends the next only when what came of the last has come; so what comes of each is known. */
  #produceOneByOne(production: Production.Production, process: Process) {
    return Effect.gen({ self: this }, function*() {
      const observer = yield* Observer.Observer.make
      process.start()
      yield* this.#settle(observer)
      let before = yield* observer.ends
      for (const record of production.records) {
        production.release(record)
        while (!production.isDone) yield* Effect.sleep(20)
        yield* this.#settle(observer)
        const after = yield* observer.ends
        for (const [key, end] of after) {
          for (let offset = before.get(key) ?? 0; offset < end; offset++) this.causes.set(`${key}@${offset}`, record)
        }
        before = after
      }
    }).pipe(Effect.scoped)
  }

  #read(topic: string) {
    return this.#during(
      `read ${topic}`,
      Effect.flatMap(Observer.Observer.make, (observer) => Effect.eventually(observer.readAll)).pipe(
        Effect.map((contents) => contents.get(topic) ?? []),
        Effect.scoped
      )
    )
  }

  #healed() {
    return Effect.gen({ self: this }, function*() {
      this.#phase.begin()
      while (this.#nowMs < this.#phase.endMs) yield* Effect.sleep(100)
      this.#phase.heal()
      yield* this.#settle(yield* Observer.Observer.make)
    }).pipe(Effect.scoped)
  }

  #settle(observer: Observer.Observer) {
    return observer.settle({
      nowMs: () => this.#nowMs,
      busy: () => this.apps.flatMap((instance) => this.#toDo(instance) ?? []),
      onLook: (unsettled) => {
        this.#unsettled = unsettled
      }
    })
  }

  #expect(topic: string, evaluate: (evidence: Expectation.Evidence) => ReadonlyArray<Finding>) {
    return Effect.gen({ self: this }, function*() {
      const index = this.seen.length
      this.seen.push([])
      yield* Observer.createTopics([topic], this.options.partitions)
      const observer = yield* Observer.Observer.make
      const untilMs = this.#nowMs + patienceMs
      for (;;) {
        const actual = (yield* Effect.eventually(observer.readAll)).get(topic) ?? []
        this.seen[index] = actual
        const reference = this.options.reference?.seen[index]
        const findings = evaluate({ actual, reference, produced: Production.produced(this.productions) })
        if (findings.length === 0) return
        if (findings.every(isMissing) && this.#nowMs < untilMs) {
          yield* Effect.sleep(lookMs)
          continue
        }
        this.findings.push(...findings)
        return yield* Effect.never
      }
    }).pipe(Effect.scoped)
  }

  // What came of it

  outcome(ending: Ending): Outcome {
    const { universe } = this.world
    const findings: Array<Finding> = [...this.world.anomalies, ...this.findings]
    if (ending !== "done") findings.push({ name: nameOf(ending), detail: this.#stuckAt })
    return {
      hash: universe.trace.hash,
      findings,
      faults: this.options.faults,
      happening: this.#phase.happening,
      productions: this.productions,
      records: this.productions.flatMap(({ records }) => records),
      seen: this.seen,
      targets: this.targets,
      sometimes: this.sometimes,
      causes: this.causes,
      endUs: universe.nowUs,
      steps: universe.steps,
      events: universe.trace.events
    }
  }

  get #stuckAt(): string {
    const failures = [...this.failures].map(([name, text]) => `${name} failed last with ${text}`)
    const where = `at ${Math.floor(this.#nowMs)} ms the program was at: ${this.#stage}`
    return [where, ...this.#unsettled, ...failures].join("; ")
  }
}

const nameOf = (ending: Ending): Finding["name"] =>
  ending === "deadlock" ? "deadlock" : ending === "steps" ? "runaway" : "stuck"

const isLayer = (app: Sim.App): app is Layer.Layer<never, unknown, Sim.Services> => Layer.isLayer(app)

const missingTopics = (error: unknown): ReadonlyArray<string> => {
  const { _tag, topics } = error as Partial<StreamsError>
  return _tag === "StreamsError" && topics !== undefined ? topics : []
}

/**
 * Runs a program once.
 *
 * @since 0.1.0
 */
export const run = (options: Options): Outcome => {
  const run = new Run(options)
  run.start()
  return run.outcome(
    run.world.universe.run(() => run.isDone || run.findings.length > 0 || run.world.anomalies.length > 0)
  )
}
