/**
 * Clients that write in transactions: some write only, some take records and give on what they make of them.
 *
 * Keeps true: each writes values that no other writes, in no other transaction, and tells the history when it begins, is
 * about to commit, and knows the end.
 *
 * @since 0.1.0
 */
import * as Transaction from "@millrace/client/transaction/Transaction"
import type * as Topic from "@millrace/core/streams/Topic"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { History, Transacted } from "../History.ts"
import * as Producers from "./Producers.ts"
import { pause, type Progress } from "./Progress.ts"
import * as Times from "./Times.ts"
import { topics } from "./Topics.ts"

class Deliberate extends Data.TaggedError("Deliberate") {}

const outcomeOf = (error: { readonly _tag: string }): Transacted["outcome"] => {
  switch (error._tag) {
    case "Deliberate":
    case "TransactionAborted":
    case "CommitFailed":
      return "aborted"
    default:
      return "unknown"
  }
}

const canGoOn = (error: object): boolean =>
  error instanceof Deliberate || ("remedy" in error && error.remedy === "retry")

const layer = (transactionalId: string, groupId: string) =>
  Transaction.layer({
    ...Producers.options,
    transactionalId,
    transactionTimeout: Times.transactionTimeout,
    consumer: { groupId, ...Times.session }
  })

/** Runs one transaction, and tells the history; fails if its producer cannot go on. One of `oneIn` is aborted on purpose. */
const transact = Effect.fnUntraced(function*<E extends { readonly _tag: string }, R>(
  history: History,
  transacted: Transacted,
  oneIn: number,
  body: Effect.Effect<void, E, R>
) {
  transacted.isDeliberate = (yield* Random.nextIntBetween(0, oneIn)) === 0
  const write = Effect.flatMap(body, () =>
    Effect.suspend(() => {
      if (transacted.isDeliberate) return Effect.fail(new Deliberate())
      history.commit(transacted)
      return Effect.void
    }))
  const failed = yield* Effect.match(Transaction.run(write), {
    onFailure: (error) => error,
    onSuccess: () => undefined
  })
  history.end(transacted, failed === undefined ? "committed" : outcomeOf(failed))
  if (failed !== undefined && !canGoOn(failed)) return yield* Effect.fail(failed)
})

/**
 * Writes transactions into `ledger`. Who has the same transactional id is fenced, and fences back when it starts again.
 *
 * @since 0.1.0
 */
export const ledger = (history: History, name: string, transactionalId: string, progress: Progress) =>
  Effect.gen(function*() {
    while (progress.done < progress.total) {
      const index = progress.done++
      const size = yield* Random.nextIntBetween(1, 4)
      const writes = Array.from({ length: size }, (_, at) => ({
        topic: topics.ledger.name,
        value: `${name}-${index}.${at}`
      }))
      // a slow one meets more: whoever fences it, whoever restarts
      const averagePauseMs = (yield* Random.nextIntBetween(0, 4)) === 0 ? 300 : 50
      const write = Effect.gen(function*() {
        for (const { value } of writes) {
          yield* Transaction.send(topics.ledger, { key: value, value })
          if ((yield* Random.nextIntBetween(0, 2)) === 0) yield* pause(averagePauseMs)
        }
      })
      yield* transact(history, history.transact(name, writes), 4, write)
      yield* pause(450)
    }
  }).pipe(Effect.provide(layer(transactionalId, transactionalId)))

/** How often a value goes round before it leaves the ring. */
const roundsMax = 2

/** `3.1~relay-1.7` is traveller 3 after one step, written in the seventh transaction of relay-1. */
const nextOf = (value: string, tag: string): { readonly hop: number; readonly value: string } => {
  const [traveller, hops] = value.split("~")[0]!.split(".")
  const hop = Number(hops) + 1
  return { hop, value: `${traveller}.${hop}~${tag}` }
}

/**
 * One side of the ring: takes from one topic and gives on to the other, or to `arrived`, what has gone round often enough.
 *
 * @since 0.1.0
 */
export interface Side {
  readonly from: Topic.Topic<string, string>
  readonly to: Topic.Topic<string, string>
  readonly groupId: string
}

/**
 * The two sides.
 *
 * @since 0.1.0
 */
export const sides = {
  there: { from: topics.there, to: topics.back, groupId: "relays-there" },
  back: { from: topics.back, to: topics.there, groupId: "relays-back" }
} satisfies Record<string, Side>

/** Takes one batch into the transaction and gives it on; false if none came in time. */
const giveOn = Effect.fnUntraced(function*(
  history: History,
  transacted: Transacted,
  side: Side,
  tag: string,
  isFirst: boolean
) {
  const take = Effect.map(Transaction.take(side.from), Option.some)
  const batch = yield* isFirst ? take : Effect.raceFirst(take, Effect.as(Effect.sleep(300), Option.none()))
  if (Option.isNone(batch)) return false
  const { partition, records, topic } = batch.value
  history.take(
    transacted,
    topic,
    partition,
    records.map(({ key, offset, value }) => ({ key, offset, value: value ?? "" }))
  )
  for (const record of records) {
    const { hop, value } = nextOf(record.value ?? "", tag)
    const to = hop > roundsMax * 2 ? topics.arrived : side.to
    transacted.writes.push({ topic: to.name, value })
    yield* Transaction.send(to, { key: record.key, value })
  }
  return true
})

/**
 * Takes records of one side of the ring and gives them on, in one transaction each time, as a member of a group.
 * `nextNumber` counts the transactions of all lives.
 *
 * @since 0.1.0
 */
export const relay = (history: History, name: string, side: Side, nextNumber: () => number) =>
  Effect.gen(function*() {
    while (true) {
      const tag = `${name}.${nextNumber()}`
      const transacted = history.transact(name)
      const body = Effect.gen(function*() {
        const batches = yield* Random.nextIntBetween(1, 4)
        for (let taken = 0; taken < batches; taken++) {
          if (!(yield* giveOn(history, transacted, side, tag, taken === 0))) return
          if ((yield* Random.nextIntBetween(0, 2)) === 0) yield* pause(100)
        }
      })
      yield* transact(history, transacted, 8, body)
      yield* pause(100)
    }
  }).pipe(Effect.provide(layer(name, side.groupId)))
