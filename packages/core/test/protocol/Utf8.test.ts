import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Utf8 from "@millrace/core/protocol/Utf8"

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"))

describe("Utf8", () => {
  it.effect.prop("reads what it writes, and both as the platform does", [Schema.String], ([text]) =>
    Effect.sync(() => {
      const whole = text.toWellFormed()
      const bytes = Utf8.encode(whole)
      assert.deepStrictEqual(bytes, new Uint8Array(Buffer.from(whole, "utf8")))
      assert.strictEqual(Utf8.byteLength(whole), bytes.length)
      assert.strictEqual(Utf8.read(bytes), whole)
    }), { arbitrary: { runs: 200 } })

  // What `new String(bytes, UTF_8)` gives in Java 21.
  const replaced: ReadonlyArray<readonly [string, string]> = [
    ["80", "\ufffd"],
    ["c080", "\ufffd\ufffd"],
    ["c3", "\ufffd"],
    ["c361", "\ufffda"],
    ["eda080", "\ufffd"],
    ["e08080", "\ufffd\ufffd\ufffd"],
    ["e282", "\ufffd"],
    ["e28261", "\ufffda"],
    ["f0808080", "\ufffd\ufffd\ufffd\ufffd"],
    ["f09f98", "\ufffd"],
    ["f09f9861", "\ufffda"],
    ["f5808080", "\ufffd\ufffd\ufffd\ufffd"],
    ["ff61", "\ufffda"],
    ["efbbbf61", "\ufeffa"]
  ]
  for (const [bytes, text] of replaced) {
    it(`reads ${bytes} as Java does`, () => assert.strictEqual(Utf8.read(hex(bytes)), text))
  }

  it("writes a lone surrogate as a question mark", () => {
    assert.deepStrictEqual(Utf8.encode("a\ud800b\udc00"), hex("613f623f"))
  })

  it("reads long texts", () => {
    const text = "x".repeat(20_000)
    assert.strictEqual(Utf8.read(Utf8.encode(text)), text)
    assert.strictEqual(Utf8.read(Utf8.encode(`${text}é`)), `${text}é`)
  })
})
