/** The directories that Apache Kafka wrote, as `vectors logdir` opens them. */
import { assert, it } from "@effect/vitest"
import { join } from "node:path"
import { run } from "../../../../scripts/vectors/logdir.ts"

it("opens Kafka's own data directories, stopped and killed", async () => {
  const directory = join(import.meta.dirname, "..", "..", "..", "..", "vectors", "logdir")
  const { failures, passed } = await run(directory)
  assert.deepStrictEqual(failures.slice(0, 5), [])
  assert.isAbove(passed, 30_000)
}, 60_000)
