/**
 * Settles payments: each becomes one entry of a ledger, exactly once, in a transaction of its own batch.
 *
 * Run it on any Kafka with `KAFKA_BOOTSTRAP_SERVERS=… node examples/settlement.ts`; `HOSTNAME` tells its instances apart.
 */
import { Transaction } from "@millrace/client"
import { Kafka, Serde, Topic } from "@millrace/core"
import { NodePlatform } from "@millrace/core/node"
import { Config, Effect, Layer, Schema } from "effect"

export const Payment = Schema.Struct({ id: Schema.String, account: Schema.String, amount: Schema.Int })
export const Entry = Schema.Struct({ payment: Schema.String, account: Schema.String, cents: Schema.Int })

export const payments = Topic.make("payments", { key: Serde.string, value: Serde.json(Payment) })
export const ledger = Topic.make("ledger", { key: Serde.string, value: Serde.json(Entry) })

export const toEntry = ({ value: { account, amount, id } }: { readonly value: typeof Payment.Type }) => ({
  key: account,
  value: { payment: id, account, cents: amount * 100 }
})

const settle = Transaction.run(Effect.gen(function*() {
  const batch = yield* Transaction.take(payments)
  yield* Transaction.sendAll(ledger, batch.records.map(toEntry))
}))

/** One producer for each instance; the instances share the payments as a group. */
const producer = Layer.unwrap(
  Effect.map(
    Config.String("HOSTNAME"),
    (host) => Transaction.layer({ transactionalId: `settle-${host}`, consumer: { groupId: "settlement" } })
  )
)

/** Settles for ever. What a transaction may be tried again for, the next one does; whatever else stops the app. */
export const SettlementApp = Effect.forever(settle.pipe(
  Effect.catchIf((error) => "remedy" in error && error.remedy === "retry", (error) => Effect.logWarning(error.message))
)).pipe(Effect.provide(producer))

if (import.meta.main) {
  NodePlatform.runMain(Effect.provide(SettlementApp, Layer.mergeAll(Kafka.layerConfig, NodePlatform.layer)))
}
