import { assert, describe, it } from "@effect/vitest"
import * as LogConfig from "@millrace/server/storage/LogConfig"
import * as Result from "effect/Result"

const complaint = (name: string, value: string): string | undefined =>
  Result.match(LogConfig.validate(name, value), { onFailure: ({ message }) => message, onSuccess: () => undefined })

describe("LogConfig", () => {
  it("has Kafka's defaults", () => {
    assert.strictEqual(LogConfig.definitions.size, 34)
    assert.strictEqual(LogConfig.defaults.segmentBytes, 1073741824)
    assert.strictEqual(LogConfig.defaults.retentionMs, 604800000)
    assert.isTrue(LogConfig.defaults.delete)
    assert.isFalse(LogConfig.defaults.compact)
  })

  it("reads values by Kafka's names", () => {
    const config = Result.getOrThrow(LogConfig.parse({
      "cleanup.policy": "compact, delete",
      "retention.ms": "-1",
      "message.timestamp.type": "LogAppendTime",
      "internal.segment.bytes": "5000"
    }))
    assert.isTrue(config.compact && config.delete)
    assert.strictEqual(config.retentionMs, -1)
    assert.strictEqual(config.timestampType, "LogAppendTime")
    assert.strictEqual(config.segmentBytes, 5000)
    const none = Result.getOrThrow(LogConfig.parse({ "cleanup.policy": "" }))
    assert.isFalse(none.compact || none.delete)
  })

  it("knows the level of the codec that it names", () => {
    const levelOf = (values: Readonly<Record<string, string>>) =>
      Result.getOrThrow(LogConfig.parse({ "compression.zstd.level": "7", ...values })).compressionLevel
    assert.strictEqual(levelOf({ "compression.type": "zstd" }), 7)
    assert.strictEqual(levelOf({ "compression.type": "gzip" }), -1)
    assert.isUndefined(levelOf({ "compression.type": "snappy" }))
    assert.isUndefined(levelOf({ "compression.type": "producer" }))
  })

  it("complains in Kafka's words", () => {
    const invalid = (name: string, value: string) => `Invalid value ${value} for configuration ${name}: `
    assert.strictEqual(complaint("nothing", "1"), "Unknown topic config name: nothing")
    assert.strictEqual(complaint("retention.ms", "x"), `${invalid("retention.ms", "x")}Not a number of type LONG`)
    assert.strictEqual(
      complaint("segment.bytes", "1024"),
      `${invalid("segment.bytes", "1024")}Value must be at least 1048576`
    )
    assert.strictEqual(
      complaint("segment.bytes", "99999999999"),
      `${invalid("segment.bytes", "99999999999")}Not a number of type INT`
    )
    assert.strictEqual(
      complaint("min.cleanable.dirty.ratio", "2"),
      `${invalid("min.cleanable.dirty.ratio", "2")}Value must be no more than 1`
    )
    assert.strictEqual(
      complaint("compression.type", "zip"),
      `${invalid("compression.type", "zip")}String must be one of: uncompressed, zstd, lz4, snappy, gzip, producer`
    )
    assert.strictEqual(
      complaint("preallocate", "maybe"),
      `${invalid("preallocate", "maybe")}Expected value to be either true or false`
    )
    assert.strictEqual(
      complaint("compression.gzip.level", "0"),
      `${invalid("compression.gzip.level", "0")}Value must be between 1 and 9 or equal to -1`
    )
    assert.strictEqual(
      complaint("compression.lz4.level", "0"),
      `${invalid("compression.lz4.level", "0")}Value must be at least 1`
    )
    assert.isUndefined(complaint("compression.gzip.level", "-1"))
    assert.isUndefined(complaint("retention.ms", "9223372036854775807"))
    assert.isTrue(Result.isFailure(LogConfig.parse({ "retention.ms": "x" })))
  })
})
