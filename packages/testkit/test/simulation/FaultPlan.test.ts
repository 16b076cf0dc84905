import { assert, describe, it } from "@effect/vitest"
import * as Fault from "@millrace/testkit/simulation/Fault"
import * as FaultPlan from "@millrace/testkit/simulation/FaultPlan"
import { Seeded } from "@millrace/testkit/simulation/Seeded"

const targets: FaultPlan.Targets = { brokers: ["broker"], clients: ["one", "two"], untilMs: 5_000, countMax: 10 }

const plans = Array.from({ length: 400 }, (_, seed) => FaultPlan.generate(new Seeded(`${seed}`), targets))

const kindsOf = (plan: ReadonlyArray<Fault.Fault>): ReadonlySet<Fault.Fault["kind"]> =>
  new Set(plan.map(({ kind }) => kind))

describe("plans of faults", () => {
  it("are plain data, in order of time, and the same for the same seed", () => {
    for (const [seed, plan] of plans.entries()) {
      assert.deepStrictEqual(JSON.parse(JSON.stringify(plan)), plan)
      assert.deepStrictEqual(FaultPlan.generate(new Seeded(`${seed}`), targets), plan)
      assert.isAtMost(plan.length, targets.countMax)
      for (const [index, { atMs }] of plan.entries()) {
        assert.isAtLeast(atMs, plan[index - 1]?.atMs ?? 0)
        assert.isBelow(atMs, targets.untilMs)
      }
    }
  })

  it("differ in the kinds that they have: each is there often, none always, and some plans have one only", () => {
    const counts = new Map<string, number>()
    for (const plan of plans) for (const kind of kindsOf(plan)) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    assert.strictEqual(counts.size, 17)
    for (const [kind, count] of counts) {
      assert.isAtLeast(count, kind === "rot" ? 4 : 40, kind)
      assert.isAtMost(count, 300, kind)
    }
    assert.isTrue(plans.some((plan) => plan.length === 0))
    assert.isTrue(plans.some((plan) => plan.length > 3 && kindsOf(plan).size === 1))
  })

  it("let a broker lose its power soon after a failed sync, at once or after it was started again", () => {
    const followed = { power: 0, kill: 0 }
    for (const plan of plans) {
      for (const { atMs, kind } of plan) {
        if (kind !== "failSync") continue
        const crashes = plan.filter((fault) =>
          fault.kind === "crash" && fault.process === "broker" && fault.atMs > atMs && fault.atMs <= atMs + 3_000
        )
        const [first, second] = crashes.map((fault) => fault.kind === "crash" ? fault.crash : undefined)
        if (first === "power") followed.power++
        if (first === "kill" && second === "power") followed.kill++
      }
    }
    assert.isAbove(followed.power, 15)
    assert.isAbove(followed.kill, 5)
  })

  it("are told in one short line each", () => {
    for (const fault of plans.flat()) {
      const line = Fault.describe(fault)
      assert.match(line, /^\d+\.\d{3} s: [^\n]{10,150}$/)
      assert.notInclude(line, "undefined")
    }
  })
})
