/**
 * Mistakes where an app is put together are compile errors where they were made, and the compiler says what is wrong.
 */
import { assert, it } from "@effect/vitest"
import { resolve } from "node:path"
import { complaints } from "../../../core/typetest/complaints.ts"

it("refuses an app whose service nobody provides, or whose error nobody handles", { timeout: 60_000 }, () => {
  const { count, wrong } = complaints(resolve(import.meta.dirname, "..", ".."))
  assert.strictEqual(count, 2)
  assert.deepStrictEqual(wrong, [])
})
