import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Message from "@millrace/core/protocol/Message"
import * as Uuid from "@millrace/core/protocol/Uuid"

describe("Uuid", () => {
  it.effect("makes version 4 from the Random service, never with a dash first", () =>
    Effect.gen(function*() {
      const seen = new Set<string>()
      for (let i = 0; i < 300; i++) {
        const uuid = yield* Uuid.make
        const bytes = Uuid.toBytesUnsafe(uuid)
        assert.strictEqual(Uuid.fromBytes(bytes), uuid)
        assert.strictEqual(bytes[6]! >> 4, 4)
        assert.strictEqual(bytes[8]! >> 6, 2)
        assert.isFalse(uuid.startsWith("-"))
        seen.add(uuid)
      }
      assert.strictEqual(seen.size, 300)
    }).pipe(Random.withSeed(7)))

  it("refuses what is none", () => {
    for (const text of ["", "AAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAA*", "AAAAAAAAAAAAAAAAAAAAAA="]) {
      assert.strictEqual(Message.attempt(() => Uuid.toBytesUnsafe(text))._tag, "Failure")
    }
  })
})
