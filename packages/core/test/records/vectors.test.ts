import { assert, it } from "@effect/vitest"
import { resolve } from "node:path"
import { run } from "../../../../scripts/vectors/records.ts"

it("reads, writes, refuses and validates batches as Kafka does", () => {
  const report = run(resolve(import.meta.dirname, "../../../../vectors/records"))
  assert.deepStrictEqual(report.failures, [])
  assert.isAbove(report.passed, 250)
})
