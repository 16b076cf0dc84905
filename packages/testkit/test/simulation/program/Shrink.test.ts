import { assert, describe, it } from "@effect/vitest"
import { minimize } from "@millrace/testkit/simulation/program/Shrink"
import * as Token from "@millrace/testkit/simulation/program/Token"
import * as Schema from "effect/Schema"

const Numbers = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })))

describe("minimize", () => {
  it.prop("gives the least sublist of what it takes, whatever is around it", [Numbers, Numbers], ([needed, noise]) => {
    const all = [...noise.slice(0, 5), ...needed, ...noise.slice(5)]
    const wanted = [...new Set(needed)]
    const isFailing = (fewer: ReadonlyArray<number>) => wanted.every((one) => fewer.includes(one))
    const least = minimize(all, isFailing)
    assert.isTrue(isFailing(least))
    assert.deepStrictEqual([...least].sort((a, b) => a - b), wanted.sort((a, b) => a - b))
  })

  it("asks no more often than is worth it", () => {
    let asked = 0
    minimize(Array.from({ length: 1000 }, (_, index) => index), (fewer) => {
      asked++
      return fewer.includes(617)
    })
    assert.isBelow(asked, 40)
  })
})

describe("a token", () => {
  it("holds all that a replay needs", () => {
    const replay: Token.Replay = {
      seed: 8121,
      schedule: 2,
      test: "each payment",
      records: [{
        call: 1,
        index: 4,
        atMs: 200,
        timestamp: 1_767_225_600_200,
        partition: undefined,
        key: null,
        value: Uint8Array.of(0, 255, 128),
        headers: [{ key: "trace", value: Uint8Array.of(7) }]
      }],
      faults: [
        { kind: "custom", name: "the bank closes", atMs: 10, forMs: 20 },
        { kind: "stop", process: "app-1", atMs: 3 }
      ]
    }
    const token = Token.encode(replay)
    assert.match(token, /^8121:[\w-]+$/)
    const { records: [record], ...rest } = Token.decode(token)
    const { records: [expected], ...expectedRest } = replay
    assert.deepStrictEqual(rest, { ...expectedRest })
    assert.deepStrictEqual([...record!.value!], [...expected!.value!])
    assert.deepStrictEqual({ ...record, value: null, headers: [] }, { ...expected, value: null, headers: [] })
    assert.throws(() => Token.decode(token.slice(0, -4)), /as it was printed/)
  })
})
