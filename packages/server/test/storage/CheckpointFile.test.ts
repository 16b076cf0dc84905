import { assert, describe, it } from "@effect/vitest"
import * as CheckpointFile from "@millrace/server/storage/CheckpointFile"
import * as LogLoader from "@millrace/server/storage/LogLoader"
import * as Result from "effect/Result"

const parsed = (text: string) => Result.getOrUndefined(CheckpointFile.parse("file", text))

describe("CheckpointFile", () => {
  it("is a version, a count, and lines", () => {
    const text = CheckpointFile.formatOffsets([{ topic: "a", partition: 0, offset: 5 }, {
      topic: "b",
      partition: 1,
      offset: 7
    }])
    assert.strictEqual(text, "0\n2\na 0 5\nb 1 7\n")
    assert.deepStrictEqual(parsed(text), ["a 0 5", "b 1 7"])
    assert.deepStrictEqual(parsed("0\n0\n"), [])
    assert.deepStrictEqual(parsed(""), [])
  })

  it("refuses another version and a wrong count", () => {
    assert.isUndefined(parsed("1\n0\n"))
    assert.isUndefined(parsed("0\n2\na 0 5\n"))
    assert.isUndefined(parsed("0\n1\na 0 5\nb 0 5\n"))
  })
})

describe("directory names", () => {
  it("are those of logs, or not", () => {
    assert.deepStrictEqual(LogLoader.parseName("a-b.c_d-12"), { topic: "a-b.c_d", partition: 12 })
    for (const name of ["lost+found", "a", "a-", "-1", "a-0.0123-delete", "a-0.0123-future", "a-0.0123-stray"]) {
      assert.isUndefined(LogLoader.parseName(name), name)
    }
  })

  it("of logs out of service are not longer than a file system allows", () => {
    const unique = "0".repeat(32)
    assert.strictEqual(LogLoader.retiredName("t", 3, unique, "delete"), `t-3.${unique}-delete`)
    assert.strictEqual(LogLoader.retiredName("t", 3, unique, "stray"), `t-3.${unique}-stray`)
    assert.strictEqual(LogLoader.retiredName("t".repeat(249), 3, unique, "delete").length, 255)
  })
})
