import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { ErrorCode } from "@millrace/core/errors/ErrorCode"
import * as KafkaError from "@millrace/core/errors/KafkaError"

/** Kafka's own classes of its exceptions, as what helps against them, and what they have a client ask again. */
const classes: Record<string, ReadonlyArray<string>> = {
  "retriable": ["retry none", "retry controller"],
  "retriable+refreshMetadata": ["retry metadata", "retry coordinator"],
  "app-recoverable": ["restart none"],
  "txn-abortable": ["abort none"],
  "invalid-config(fatal)": ["fatal none"],
  "non-retriable": ["none none"]
}

describe("KafkaError", () => {
  it("is the family that Kafka has: codes, names, what is retriable and what to refresh", () => {
    const lines = readFileSync(join(import.meta.dirname, "fixtures/errors.tsv"), "utf8").trimEnd().split("\n")
    for (const line of lines) {
      const [code, name, kind] = line.split("\t") as [string, string, string]
      const error = KafkaError.fromCode(Number(code))
      assert.strictEqual(error.name, name)
      assert.include(classes[kind]!, `${error.recovery} ${error.refresh}`, name)
    }
    assert.strictEqual(lines.length, Object.keys(ErrorCode).length - 1)
  })

  it("has a description of every code", () => {
    for (const [name, code] of Object.entries(ErrorCode)) {
      if (code === 0) continue
      const error = KafkaError.fromCode(code)
      assert.strictEqual(error.name, name)
      assert.strictEqual(error.code, code)
      assert.match(error.message, /^[a-z]/)
    }
  })

  it("says what to do", () => {
    const { recovery, refresh, retriable } = KafkaError.fromCode(ErrorCode.NOT_COORDINATOR)
    assert.deepStrictEqual({ recovery, refresh, retriable }, {
      recovery: "retry",
      refresh: "coordinator",
      retriable: true
    })
    assert.strictEqual(KafkaError.fromCode(ErrorCode.NOT_LEADER_OR_FOLLOWER).refresh, "metadata")
    assert.strictEqual(KafkaError.fromCode(ErrorCode.TRANSACTION_ABORTABLE).recovery, "abort")
    assert.isFalse(KafkaError.fromCode(ErrorCode.PRODUCER_FENCED).retriable)
  })

  it("keeps the number of a code without a name, and the broker's words", () => {
    const error = KafkaError.fromCode(999, "odd")
    assert.strictEqual(error.code, 999)
    assert.strictEqual(error.name, "UNKNOWN_SERVER_ERROR")
    assert.include(error.message, "999")
    assert.include(error.message, "odd")
  })

  it.effect("is caught coarsely by tag and finely by name", () =>
    Effect.gen(function*() {
      const fail = Effect.fail(KafkaError.fromCode(ErrorCode.NOT_CONTROLLER))
      assert.strictEqual(yield* Effect.catchTag(fail, "KafkaError", (error) => Effect.succeed(error.code)), 41)
      const fine = Effect.catchIf(fail, KafkaError.is("NOT_CONTROLLER"), () => Effect.succeed("fine"))
      assert.strictEqual(yield* fine, "fine")
    }))
})
