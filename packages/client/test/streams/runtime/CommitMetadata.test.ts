/**
 * The texts were written by Kafka Streams 4.3.1 (`TopicPartitionMetadata`).
 */
import * as CommitMetadata from "@millrace/client/streams/runtime/CommitMetadata"
import { assert, describe, it } from "@effect/vitest"

const windowed = new Map([["KSTREAM-AGGREGATE-0000000001", 1700000000123]])
const nothing = { partitionTime: -1, processors: new Map() }

describe("CommitMetadata", () => {
  it("writes and reads what Kafka Streams does", () => {
    const cases = [
      ["AgAAAAAAAAAqAAAAAQAAABxLU1RSRUFNLUFHR1JFR0FURS0wMDAwMDAwMDAxAAABi8/laHs=", {
        partitionTime: 42,
        processors: windowed
      }],
      ["AgAAAAAAAAAq", { partitionTime: 42, processors: new Map() }],
      [
        "Av//////////AAAAAgAAAAFiAAAAAAAAAAUAAAAcS1NUUkVBTS1BR0dSRUdBVEUtMDAwMDAwMDAwMQAAAYvP5Wh7",
        { partitionTime: -1, processors: new Map([["b", 5], ...windowed]) }
      ]
    ] as const
    for (const [text, metadata] of cases) {
      assert.strictEqual(CommitMetadata.encode(metadata), text)
      assert.deepStrictEqual(CommitMetadata.decode(text), metadata)
    }
  })

  it("takes what it cannot read for nothing", () => {
    for (const text of [undefined, "", "?", "AgAA", "BQAAAAAAAAAq"]) {
      assert.deepStrictEqual(CommitMetadata.decode(text), nothing)
    }
  })
})
