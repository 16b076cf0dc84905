/**
 * The settlement with a mistake on purpose, for the guide (docs/testing.md): it commits what it has read before it has
 * written what comes of it. All is well until it is killed between the two.
 */
import { Consumer, Producer } from "@millrace/client"
import { Effect, Stream } from "effect"
import { ledger, payments, toEntry } from "./settlement.ts"

export const BrokenSettlementApp = Effect.gen(function*() {
  const producer = yield* Producer.make()
  yield* Consumer.batches(payments, { groupId: "settlement", autoOffsetReset: "earliest" }).pipe(
    Stream.runForEach((batch) => Effect.andThen(batch.commit, producer.sendAll(ledger, batch.records.map(toEntry))))
  )
})
