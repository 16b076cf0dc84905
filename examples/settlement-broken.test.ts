/**
 * Shows what a failure looks like: this test fails, as it should. It is not part of the suite, and runs when it is named:
 * `npx vitest run examples/settlement-broken.test.ts`.
 */
import { Fault, Simulation } from "@millrace/testkit"
import { Effect } from "effect"
import { it } from "vitest"
import { BrokenSettlementApp } from "./settlement-broken.ts"
import { arbitraryPayments } from "./settlement-payments.ts"
import { ledger, payments } from "./settlement.ts"

it(
  "each payment is settled exactly once",
  Simulation.check({
    cluster: { brokers: 1 },
    runs: 100,
    faults: [Fault.crashApp, Fault.partitionNetwork, Fault.slowDisk],
    program: (sim) =>
      Effect.gen(function*() {
        yield* sim.launch(BrokenSettlementApp, { instances: 2 })
        yield* sim.produce(payments, arbitraryPayments)
        yield* sim.healed
        yield* sim.expect(ledger, { exactlyOnce: true, orderedBy: (entry) => entry.account })
      })
  })
)
