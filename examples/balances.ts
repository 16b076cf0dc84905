/**
 * Books payments into a database: at least once, which the database makes once, as it knows payments by their ids.
 */
import { Consumer } from "@millrace/client"
import { Context, Data, Effect, Stream } from "effect"
import { type Payment, payments } from "./settlement.ts"

export class BalancesError extends Data.TaggedError("BalancesError")<{ readonly cause: unknown }> {}

/** The database, as the app needs it. */
export class Balances extends Context.Service<Balances, {
  readonly book: (payment: typeof Payment.Type) => Effect.Effect<void, BalancesError>
}>()("examples/Balances") {}

export const BalancesApp = Effect.gen(function*() {
  const balances = yield* Balances
  yield* Consumer.batches(payments, { groupId: "balances", autoOffsetReset: "earliest" }).pipe(
    Stream.runForEach((batch) =>
      Effect.andThen(
        Effect.forEach(batch.records, ({ value }) => balances.book(value), { discard: true }),
        batch.commit
      )
    )
  )
})
