import { assert, it, vi } from "@effect/vitest"
import * as NodeChild from "node:child_process"
import * as NodePath from "node:path"

// Machines may be busy.
vi.setConfig({ testTimeout: 120_000 })

/** Runs a file under node:test, as a user would. */
const runUnderNode = (file: string, env: Record<string, string> = {}) =>
  NodeChild.spawnSync(process.execPath, ["--test", "--test-reporter=tap", file], {
    encoding: "utf8",
    env: { ...process.env, ...env }
  })

it("is a test for node:test, which prints the line that replays it", () => {
  const file = NodePath.join(import.meta.dirname, "fixtures", "payments.node.ts")
  const { status, stdout } = runUnderNode(file)
  assert.strictEqual(status, 1, stdout)
  assert.match(stdout, /^ok 1 - every payment arrives$/m)
  assert.match(stdout, /every payment vanishes: seed 1, shrunk to 1 payment and 0 faults/)
  const [, token = "", name = ""] =
    /MILLRACE_REPLAY=(\S+) node --test --test-name-pattern="([^"]+)" \S+payments\.node\.ts/
      .exec(stdout) ?? []
  assert.strictEqual(name, "every payment vanishes")
  const [, hash] = /trace: (\w+)/.exec(stdout) ?? []
  const again = runUnderNode(file, { MILLRACE_REPLAY: token }).stdout
  assert.include(again, `trace: ${hash}`)
  assert.include(again, "replayed with 1 payment and 0 faults")
  assert.match(again, /^ok 1 - every payment arrives$/m)
})
