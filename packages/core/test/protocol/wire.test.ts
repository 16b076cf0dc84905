import { assert, it } from "@effect/vitest"
import { join } from "node:path"
import { run } from "../../../../scripts/vectors/wire.ts"

it("reads and writes what Kafka reads and writes", async () => {
  const report = await run(join(import.meta.dirname, "../../../../vectors/wire"))
  assert.deepStrictEqual(report.failures, [])
  assert.isAbove(report.passed, 2500)
})
