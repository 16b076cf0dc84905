import { assert, it } from "@effect/vitest"
import { loadAlone } from "../../../../bench/lib/modules.ts"

it("using one message loads its own table and no other", () => {
  const { modules, tables } = loadAlone("@millrace/core/protocol/messages/Heartbeat")
  assert.strictEqual(tables, 1)
  assert.isAtMost(modules, 15)
  // The two headers.
  assert.strictEqual(loadAlone("@millrace/core/protocol/Frame").tables, 2)
}, 30_000)
