import { detailOf } from "@millrace/client/streams/engine/TaskError"
import { assert, describe, it } from "@effect/vitest"
import * as Data from "effect/Data"

class Down extends Data.TaggedError("Down")<{ readonly host: string }> {}

describe("what an exception says", () => {
  it("is its message, or at least what it is", () => {
    assert.strictEqual(detailOf(new RangeError("too far")), "too far")
    assert.strictEqual(detailOf(new Down({ host: "a" })), "Down")
    assert.strictEqual(detailOf("no"), "no")
    assert.strictEqual(detailOf({ code: 7 }), "{\"code\":7}")
    assert.strictEqual(detailOf(undefined), "undefined")
    assert.strictEqual(detailOf(null), "null")
  })
})
