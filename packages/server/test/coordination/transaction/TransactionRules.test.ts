import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as AddPartitions from "../../../src/coordination/transaction/AddPartitions.ts"
import type { ProducerAnswer } from "../../../src/coordination/transaction/EndTransaction.ts"
import * as EndTransaction from "../../../src/coordination/transaction/EndTransaction.ts"
import * as InitProducer from "../../../src/coordination/transaction/InitProducer.ts"
import type { Transaction } from "../../../src/coordination/transaction/Transaction.ts"
import { isPrepared, validPrevious } from "../../../src/coordination/transaction/Transaction.ts"
import { defaults } from "../../../src/coordination/transaction/TransactionConfig.ts"
import * as TransactionEvent from "../../../src/coordination/transaction/TransactionEvent.ts"
import * as TransactionMachine from "../../../src/coordination/transaction/TransactionMachine.ts"
import type {
  SendMarkers,
  TransactionDecision,
  TransactionState,
  TransactionTimer
} from "../../../src/coordination/transaction/TransactionState.ts"
import type { Ticket } from "../../../src/coordination/shard/ShardDecision.ts"
import { MachineDriver, type Stored } from "../MachineDriver.ts"

type Driver = MachineDriver<TransactionState, TransactionEvent.TransactionEvent, TransactionTimer, SendMarkers>

const config = { ...defaults, transactionalIdExpirationMs: 200_000 }
const machine = TransactionMachine.make(config)

interface Credentials {
  readonly producerId: number
  readonly producerEpoch: number
}

const textOf = ({ producerEpoch, producerId }: Credentials) => `${producerId}/${producerEpoch}`

const nearExhaustion: Transaction = {
  transactionalId: "old",
  producerId: 1,
  previousProducerId: 1,
  nextProducerId: -1,
  producerEpoch: 32_762,
  timeoutMs: 60_000,
  status: "Empty",
  partitions: new Map(),
  startTimestampMs: -1,
  lastUpdateTimestampMs: 0,
  clientTransactionVersion: 0
}

const initialLog: ReadonlyArray<Stored> = [{
  record: TransactionEvent.encode({ type: "Stored", transaction: nearExhaustion })!,
  producer: null
}]

const durable = (state: TransactionState) => [...state.transactions].sort(([a], [b]) => (a < b ? -1 : 1))

/** Some producers of two transactional ids, driven by numbers. */
class Simulation {
  driver: Driver = new MachineDriver(machine, initialLog)
  /** Producers that share the ids; the second of each pair may take over from the first. */
  readonly producers: Array<{ readonly id: string; credentials: Credentials }> = ["old", "old", "new", "new"].map((
    id
  ) => ({
    id,
    credentials: { producerId: -1, producerEpoch: -1 }
  }))
  readonly issued = new Map<string, Set<string>>([["old", new Set()], ["new", new Set()]])
  readonly fenced = new Map<string, Set<string>>([["old", new Set()], ["new", new Set()]])
  readonly seen = new Set<string>()
  private nextProducerId = 100
  /** How much of the log has been checked, and what it said last of each id. */
  private checked = 0
  private readonly last = new Map<string, Transaction>()

  run(n: number): void {
    const producer = this.producers[n % 4]!
    const rest = Math.floor(n / 4)
    switch (rest % 8) {
      case 0:
        return this.init(producer, false)
      case 1:
        return this.init(producer, true)
      case 2:
      case 3:
        return this.add(producer, rest)
      case 4:
      case 5:
        return this.end(producer, rest)
      case 6:
        return this.deliver(rest)
      default:
        return rest % 3 === 0 ? this.restart() : this.driver.advance(rest % 30_000)
    }
  }

  private decide(make: () => TransactionDecision): void {
    const before = durable(this.driver.state)
    const decision = make()
    this.driver.refuse(decision, null)
    assert.deepStrictEqual(durable(this.driver.state), before)
    this.driver.accept(decision, null)
  }

  /** Asks once, and again with a new producer id if that is what is missing. */
  private ask(make: (newProducerId: number, ticket: Ticket<ProducerAnswer>) => TransactionDecision) {
    let answered: ProducerAnswer | undefined
    const ticket = () => this.driver.ticket<ProducerAnswer>((answer) => (answered = answer))
    this.decide(() => make(-1, ticket()))
    if (answered?.type === "NeedsProducerId") this.decide(() => make(this.nextProducerId++, ticket()))
    if (answered?.type !== "Done") throw new Error("no answer")
    return answered
  }

  private init(producer: Simulation["producers"][number], knows: boolean): void {
    const { credentials, id } = producer
    const expected = knows && credentials.producerId >= 0 ? credentials : null
    const answer = this.ask((newProducerId, ticket) =>
      InitProducer.init(
        this.driver.state,
        { transactionalId: id, timeoutMs: 60_000, expected, newProducerId },
        this.driver.now,
        ticket
      )
    )
    if (answer.errorCode !== ErrorCode.NONE) return
    const issued = this.issued.get(id)!
    assert.isBelow(answer.producerEpoch, 32_767, "the last epoch is never given to a client")
    if (expected === null) {
      assert.isFalse(issued.has(textOf(answer)), "a takeover gives nobody's epoch")
      for (const one of issued) this.fenced.get(id)!.add(one)
    } else assert.isFalse(this.fenced.get(id)!.has(textOf(expected)), "a fenced producer came back")
    issued.add(textOf(answer))
    producer.credentials = answer
  }

  private add({ credentials, id }: Simulation["producers"][number], rest: number): void {
    const input = {
      ...credentials,
      transactionalId: id,
      partitions: new Map([[`t${rest % 2}`, [rest % 3, 1]]]),
      transactionVersion: rest % 5 < 3 ? 2 : 0
    }
    this.decide(() =>
      AddPartitions.add(
        this.driver.state,
        input,
        this.driver.now,
        config,
        this.driver.ticket((code) => {
          if (code === ErrorCode.NONE) assert.isFalse(this.fenced.get(id)!.has(textOf(credentials)), "fenced, and adds")
        })
      )
    )
  }

  private end(producer: Simulation["producers"][number], rest: number): void {
    const { credentials, id } = producer
    const transactionVersion = rest % 5 < 3 ? 2 : 0
    const answer = this.ask((newProducerId, ticket) =>
      EndTransaction.end(
        this.driver.state,
        { ...credentials, transactionalId: id, committed: rest % 3 > 0, transactionVersion, newProducerId },
        this.driver.now,
        ticket
      )
    )
    if (answer.errorCode !== ErrorCode.NONE) return
    assert.isFalse(this.fenced.get(id)!.has(textOf(credentials)), "fenced, and ends")
    if (transactionVersion === 0) return
    assert.notStrictEqual(textOf(answer), textOf(credentials))
    assert.isBelow(answer.producerEpoch, 32_767, "the last epoch is never given to a client")
    this.issued.get(id)!.add(textOf(answer))
    // The answer may get lost on its way; then the producer asks again.
    if (rest % 7 !== 0) producer.credentials = answer
  }

  private deliver(rest: number): void {
    const { actions } = this.driver
    if (actions.length === 0) return
    const [action] = actions.splice(rest % actions.length, 1)
    this.decide(() =>
      EndTransaction.markersWritten(this.driver.state, action!.transaction, this.driver.now, this.driver.ticket())
    )
  }

  private restart(): void {
    this.driver = new MachineDriver(machine, this.driver.log, this.driver.now)
  }

  check(): void {
    const { actions, log, state } = this.driver
    assert.deepStrictEqual(durable(this.driver.replayed()), durable(state), "replay and life differ")
    for (const transaction of state.transactions.values()) {
      this.seen.add(transaction.status)
      assert.notInclude(["Dead", "PrepareEpochFence"], transaction.status)
      assert.isAtMost(transaction.producerEpoch, 32_767)
      if (transaction.status === "Ongoing") assert.isAbove(transaction.partitions.size, 0)
      if (!isPrepared(transaction)) continue
      assert.isTrue(actions.some((action) => action.transaction.transactionalId === transaction.transactionalId))
    }
    const { last } = this
    for (const stored of log.slice(this.checked)) {
      const event = "record" in stored ? TransactionEvent.decode(stored.record)! : undefined
      if (event?.type === "Removed") last.delete(event.transactionalId)
      if (event?.type !== "Stored") continue
      const { transaction } = event
      const before = last.get(transaction.transactionalId)
      last.set(transaction.transactionalId, transaction)
      if (before === undefined) continue
      assert.include(validPrevious[transaction.status], before.status)
      if (before.producerId === transaction.producerId) {
        assert.isAtLeast(transaction.producerEpoch, before.producerEpoch, "an epoch went back")
      } else assert.isAbove(transaction.producerId, before.producerId)
    }
    this.checked = log.length
  }

  /** Lets all transactions end. */
  finish(): void {
    this.driver.advance(120_000)
    while (this.driver.actions.length > 0) this.deliver(0)
    this.check()
    for (const { status } of this.driver.state.transactions.values()) {
      assert.include(["Empty", "CompleteCommit", "CompleteAbort"], status)
    }
  }
}

const ints = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 10_000_000 })))

describe("the rules of transactions", () => {
  it.effect.prop("hold whatever producers do, whoever restarts", [ints, ints, ints], (parts) =>
    Effect.sync(() => {
      const simulation = new Simulation()
      for (const n of parts.flat()) {
        simulation.run(n)
        simulation.check()
      }
      simulation.finish()
    }), { arbitrary: { seed: 1, runs: 100, size: 60 } })

  it("reach all states, and the end of epochs, in the simulation", () => {
    const seen = new Set<string>()
    let rotated = 0
    let seed = 1
    for (let run = 0; run < 50; run++) {
      const simulation = new Simulation()
      for (let step = 0; step < 60; step++) {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
        simulation.run((seed >> 4) % 10_000_000)
        simulation.check()
      }
      simulation.finish()
      for (const status of simulation.seen) seen.add(status)
      if ((simulation.driver.state.transactions.get("old")?.producerId ?? 0) >= 100) rotated++
    }
    assert.sameMembers([...seen], [
      "Empty",
      "Ongoing",
      "PrepareCommit",
      "PrepareAbort",
      "CompleteCommit",
      "CompleteAbort"
    ])
    assert.isAbove(rotated, 2)
  })
})
