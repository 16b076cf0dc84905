import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as TransactionalIdPattern from "../../../src/coordination/transaction/TransactionalIdPattern.ts"

const pieces = [
  "a",
  "b",
  ".",
  "x",
  "\\d",
  "[ab]",
  "[^a-x]",
  "(ab|b)",
  "(?:a|)",
  "a*",
  "b+",
  "(ab)?",
  "[a-c]{2,3}",
  "x{2}",
  "|"
]
const choices = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: pieces.length - 1 })))

describe("TransactionalIdPattern", () => {
  it.effect.prop(
    "agrees with the expressions of JavaScript",
    [choices, choices],
    ([some, others]) =>
      Effect.sync(() => {
        const pattern = some.slice(0, 6).map((index) => pieces[index]).join("")
        const compiled = TransactionalIdPattern.compile(pattern)!
        const whole = new RegExp(`^(?:${pattern})$`, "s")
        const id = others.slice(0, 7).map((index) => "abx1"[index % 4]).join("")
        assert.strictEqual(compiled(id), pattern === "" || whole.test(id), `${pattern} on ${id}`)
      }),
    { arbitrary: { seed: 1, runs: 2000 } }
  )

  it("takes a pattern that drives others mad in its stride", () => {
    const compiled = TransactionalIdPattern.compile("(a*)*(a|a)*b")!
    assert.isFalse(compiled("a".repeat(5000)))
    assert.isTrue(compiled(`${"a".repeat(5000)}b`))
    assert.isUndefined(TransactionalIdPattern.compile("((((a{99}){99}){99}){99}){99}"))
  })

  it("refuses what is no pattern, or none that it can match", () => {
    for (const pattern of ["(", ")", "[", "[a", "*a", "a**", "\\", "\\1", "(?=a)", "a{3,1}", "[b-a]", "a^b"]) {
      assert.isUndefined(TransactionalIdPattern.compile(pattern), pattern)
    }
    for (const pattern of ["^abc$", "a-b_c\\.d", "tx-[0-9]+", "{", "a{,2}", ".*"]) {
      assert.isDefined(TransactionalIdPattern.compile(pattern), pattern)
    }
  })
})
