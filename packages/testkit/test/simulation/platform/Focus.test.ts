import { assert, describe, it, vi } from "@effect/vitest"
import type { Fault } from "@millrace/testkit/simulation/Fault"
import * as Focus from "@millrace/testkit/simulation/platform/Focus"
import * as Size from "@millrace/testkit/simulation/platform/Size"
import * as PlatformScenario from "@millrace/testkit/simulation/platform/PlatformScenario"
import { Seeded } from "@millrace/testkit/simulation/Seeded"

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

const sizes = Array.from({ length: 600 }, (_, seed) => Size.draw(new Seeded(`${seed}`)))

const names = ["durability", "decisions", "positions", "membership", "state", "patience", "copies"] as const

const clients = ["consumer-1", "transactor-1", "relay-1", "app-1", "app-2", "copier-1"]

describe("the focus of a run", () => {
  it("is each of them often, and often there is none", () => {
    for (const name of [...names, undefined]) {
      assert.isAtLeast(sizes.filter(({ focus }) => focus === name).length, 25, name ?? "none")
    }
  })

  it("leaves nobody without work, and brings who is looked at", () => {
    for (const { copiers, focus, lines, producers, transactions, travellers } of sizes) {
      assert.isAbove(producers + transactions + lines + travellers, 0)
      if (focus === "durability" || focus === "copies") assert.isAbove(producers, 0)
      if (focus === "decisions") assert.isAbove(transactions, 0)
      if (focus === "state" || focus === "patience") assert.isAbove(lines, 0)
      if (focus === "copies") assert.isAbove(copiers, 0)
    }
  })

  it("brings faults at moments: plain data, in the time of faults, for processes that are there", () => {
    for (const name of names) {
      const plan = Focus.generate(new Seeded("plan"), name, clients, 10_000)
      assert.deepStrictEqual(JSON.parse(JSON.stringify(plan)), plan)
      assert.isAbove(plan.filter(({ when }) => when !== undefined).length, 5)
      for (const { atMs, process } of plan) {
        assert.isBelow(atMs, 10_000)
        assert.include(["broker", ...clients], process)
      }
      assert.deepStrictEqual(
        Focus.generate(new Seeded("plan"), name, [], 10_000).filter((fault) => fault.process !== "broker"),
        []
      )
    }
  })
})

describe("faults at moments", () => {
  const size: Size.Size = { ...Size.full, safetyMs: 3_000, producers: 0, transactions: 8, lines: 0, travellers: 0 }

  const reachedBy = (fault: Fault): ReadonlySet<string> => {
    const { anomalies, reached } = PlatformScenario.run({ seed: 1, size: { ...size, copiers: 0 }, faults: [fault] })
    assert.deepStrictEqual(anomalies, [])
    return reached
  }

  it("let a coordinator start with what it has decided and not done", () => {
    const decided = "a coordinator started with a transaction that was decided and not ended"
    const down = { kind: "crash", process: "broker", atMs: 500, crash: "kill", downMs: 100 } as const
    // The first write says that the transaction is open, the second what is decided.
    assert.isTrue(reachedBy({ ...down, when: { does: "writes", what: "__transaction_state", skip: 1 } }).has(decided))
    // nobody asks for it
    assert.isFalse(reachedBy({ ...down, when: { does: "is asked", what: "DescribeQuorum", skip: 0 } }).has(decided))
  })

  it("let a commit never be answered", () => {
    const reached = reachedBy({
      kind: "reset",
      process: "transactor-1",
      other: "broker",
      atMs: 500,
      when: { does: "asks", what: "EndTxn", skip: 0 }
    })
    assert.isTrue(reached.has("a commit was never answered"))
  })
})
