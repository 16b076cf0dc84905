/**
 * Who takes part in a run of a size: clients and apps, and what the history should show of them.
 *
 * Keeps true: the history is held against what those who take part should have made of it.
 *
 * @since 0.1.0
 */
import * as Anomaly from "../checker/Anomaly.ts"
import * as Checker from "../checker/Checker.ts"
import * as Polls from "../checker/Polls.ts"
import * as Streams from "../checker/Streams.ts"
import type { History } from "../History.ts"
import type { Process } from "../Process.ts"
import type { World } from "../World.ts"
import * as Apps from "./Apps.ts"
import * as Producers from "./Producers.ts"
import { Progresses } from "./Progress.ts"
import * as Readers from "./Readers.ts"
import type { Size } from "./Size.ts"
import { topics } from "./Topics.ts"
import * as Transactors from "./Transactors.ts"

const numbered = (kind: string, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`)

/**
 * A run's clients and apps, and what is expected of them.
 *
 * @since 0.1.0
 */
export class Cast {
  /** The names of the processes. */
  readonly names: Array<string> = []
  readonly #world: World
  readonly #history: History
  readonly #work = new Progresses()
  /** Those who end by themselves when their work is done. */
  readonly #ending: Array<Process> = []
  readonly #grouped: Array<Polls.Unseen> = []
  readonly #taking: Array<Checker.TakingGroup> = []
  readonly #references: Array<Streams.Reference> = []

  constructor(world: World, history: History, size: Size) {
    this.#world = world
    this.#history = history
    if (size.producers > 0) this.#addEvents(size)
    if (size.transactions > 0) this.#addLedger(size)
    if (size.travellers > 0) this.#addRing(size)
    if (size.lines > 0) this.#addStatistician(size)
    if (size.copiers > 0) this.#addCopier(size)
  }

  #add(name: string, program: Parameters<World["addClient"]>[1], isForever: boolean): void {
    this.names.push(name)
    const process = this.#world.addClient(name, program, isForever)
    if (!isForever) this.#ending.push(process)
  }

  #addMember(name: string, topic: typeof topics.events): void {
    const life = () => this.#world.process(name).lives
    this.#add(name, Readers.member(this.#history, name, topic, life), true)
  }

  #addEvents({ consumers, producers, records }: Size): void {
    for (const name of numbered("producer", producers)) {
      this.#add(name, Producers.events(this.#history, name, this.#work.add(records)), false)
    }
    for (const name of numbered("consumer", consumers)) this.#addMember(name, topics.events)
    this.#grouped.push(new Polls.Unseen(this.#history, topics.events.name))
  }

  #addLedger({ transactions, transactors }: Size): void {
    for (const name of numbered("transactor", transactors)) {
      const progress = this.#work.add(Math.ceil(transactions / transactors))
      this.#add(name, Transactors.ledger(this.#history, name, "transactor", progress), false)
    }
    this.#addMember("auditor-1", topics.ledger)
    this.#grouped.push(new Polls.Unseen(this.#history, topics.ledger.name))
  }

  /** Two relays on one side, so that they take turns; one on the other, so that transactions could read in a ring. */
  #addRing({ travellers }: Size): void {
    this.#add("sender", Producers.travellers(this.#history, "sender", this.#work.add(travellers)), false)
    const members = { there: ["relay-1", "relay-2"], back: ["relay-3"] } as const
    for (const direction of ["there", "back"] as const) {
      const side = Transactors.sides[direction]
      for (const name of members[direction]) {
        let runs = 0
        this.#add(name, Transactors.relay(this.#history, name, side, () => runs++), true)
      }
      this.#taking.push({ topic: side.from.name, members: members[direction] })
    }
  }

  #addStatistician({ apps, chains, commitIntervalMs, focus, lines }: Size): void {
    const launch = Apps.launchStatistician(chains, commitIntervalMs, focus === "patience")
    this.#add("writer", Producers.lines(this.#history, "writer", this.#work.add(lines)), false)
    for (const name of numbered("app", apps)) this.#add(name, launch, true)
    this.#references.push(new Streams.Reference(Apps.statistician(chains), this.#history))
  }

  #addCopier({ copiers }: Size): void {
    for (const name of numbered("copier", copiers)) this.#add(name, Apps.launchCopier, true)
    this.#references.push(new Streams.Reference(Apps.copier, this.#history))
  }

  /** Whether all that is to be produced has been, and nobody is about to hear of an acknowledgement. */
  get isProduced(): boolean {
    return this.#work.isDone && this.#ending.every((process) => !process.isRunning)
  }

  /** Whether groups were given all that the topics are known to hold. */
  get isGiven(): boolean {
    return this.#grouped.every(({ count }) => count === 0)
      && this.#taking.every((group) => Checker.countNotTaken(this.#history, group) === 0)
  }

  /** Whether apps have made all that they should of what the topics are known to hold. */
  get isProcessed(): boolean {
    return this.#references.every((reference) => reference.isReached)
  }

  /** All that is wrong; `isOver` once the topics have been read to their end. */
  check(isOver: boolean): ReadonlyArray<Anomaly.Anomaly> {
    const options = { isOver, grouped: this.#grouped.map(({ topic }) => topic), taking: this.#taking }
    const outputs = isOver ? this.#references.flatMap((reference) => [...reference.check()]) : []
    return Anomaly.sort([...Checker.check(this.#history, options), ...outputs])
  }

  /** What is not reached, for people. */
  describe(): string {
    const unseen = this.#grouped.map(({ count, topic }) => `${topic} ${count}`)
    const notTaken = this.#taking.map((group) => `${group.topic} ${Checker.countNotTaken(this.#history, group)}`)
    const missing = this.#references.filter((reference) => !reference.isReached).map(({ app }) =>
      app.outputs.map(({ name }) => name).join(" or ")
    )
    return `${this.isProduced ? "all is produced" : "not all is produced"}; not given to a group: ${
      [...unseen, ...notTaken].join(", ")
    }; missing output: ${missing.length === 0 ? "none" : missing.join(", ")}`
  }
}
