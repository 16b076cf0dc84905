/**
 * Whatever fails, each payment is settled exactly once, and those of an account in their order.
 */
import { Fault, Simulation } from "@millrace/testkit"
import { Effect } from "effect"
import { it } from "vitest"
import { arbitraryPayments } from "./settlement-payments.ts"
import { ledger, payments, SettlementApp } from "./settlement.ts"

it(
  "each payment is settled exactly once",
  Simulation.check({
    cluster: { brokers: 1 },
    runs: 5,
    faults: [
      Fault.crashBroker,
      Fault.crashApp,
      Fault.partitionNetwork,
      Fault.slowDisk,
      Fault.tornWrite,
      Fault.skewClock
    ],
    program: (sim) =>
      Effect.gen(function*() {
        yield* sim.launch(SettlementApp, { instances: 2 })
        yield* sim.produce(payments, arbitraryPayments)
        yield* sim.healed
        yield* sim.expect(ledger, { exactlyOnce: true, orderedBy: (entry) => entry.account })
      })
  })
)
