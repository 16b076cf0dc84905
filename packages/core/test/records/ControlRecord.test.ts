import { assert, describe, it } from "@effect/vitest"
import * as ControlRecord from "@millrace/core/records/ControlRecord"
import * as RecordBatch from "@millrace/core/records/RecordBatch"
import * as Records from "@millrace/core/records/Records"
import { RecordError } from "@millrace/core/records/RecordError"
import * as Result from "effect/Result"

const inputs: ReadonlyArray<ControlRecord.ControlInput> = [
  { type: "ABORT", value: { coordinatorEpoch: 7 } },
  { type: "COMMIT", value: { coordinatorEpoch: 8 } },
  { type: "LEADER_CHANGE", value: { version: 0, leaderId: 3, voters: [], grantingVoters: [] } },
  { type: "SNAPSHOT_HEADER", value: { version: 0, lastContainedLogTimestamp: 99 } },
  { type: "SNAPSHOT_FOOTER", value: { version: 0 } },
  { type: "KRAFT_VERSION", value: { version: 0, kRaftVersion: 1 } },
  { type: "KRAFT_VOTERS", value: { version: 0, voters: [] } }
]

const key = (version: number, type: number) => new Uint8Array([version >> 8, version, type >> 8, type])

describe("ControlRecord", () => {
  it("every type comes back from its batch", () => {
    for (const [index, input] of inputs.entries()) {
      const batch = ControlRecord.build(input, 1234, { baseOffset: 40 })
      assert.isTrue(RecordBatch.isControl(batch, 0) && RecordBatch.isValidCrc(batch, 0))
      const record = ControlRecord.parseBatchUnsafe(batch, 0)
      assert.strictEqual(record?.type, input.type)
      assert.strictEqual(record?.typeId, index)
      assert.deepInclude(record?.value, input.value)
    }
  })

  it("a marker carries its producer", () => {
    const marker = { type: "COMMIT", producerId: 5, producerEpoch: 2, coordinatorEpoch: 1, timestamp: 9 } as const
    const batch = ControlRecord.buildMarker({ ...marker, baseOffset: 77 })
    assert.isTrue(RecordBatch.isTransactional(batch, 0))
    assert.strictEqual(RecordBatch.producerId(batch, 0), 5)
    assert.strictEqual(RecordBatch.producerEpoch(batch, 0), 2)
    assert.strictEqual(RecordBatch.baseSequence(batch, 0), -1)
    assert.strictEqual(RecordBatch.baseOffset(batch, 0), 77)
  })

  it("types and versions of the future are read as Kafka reads them", () => {
    assert.deepInclude(ControlRecord.parseUnsafe(key(0, 99), null), { type: "UNKNOWN", typeId: 99 })
    const marker = new Uint8Array([0, 9, 0, 0, 0, 6, 1, 2, 3])
    assert.deepInclude(ControlRecord.parseUnsafe(key(4, 1), marker), { type: "COMMIT", keyVersion: 4 })
    assert.deepInclude(ControlRecord.parseUnsafe(key(0, 1), marker).value, { coordinatorEpoch: 6 })
  })

  it("what is no control record is refused, typed", () => {
    const hostile: ReadonlyArray<readonly [Uint8Array | null, Uint8Array | null]> = [
      [null, null],
      [new Uint8Array(3), null],
      [key(-1, 0), new Uint8Array(6)],
      [key(0, 0), null],
      [key(0, 1), new Uint8Array(3)],
      [key(0, 2), new Uint8Array(0)]
    ]
    for (const [keyBytes, value] of hostile) {
      const result = Records.attempt(() => ControlRecord.parseUnsafe(keyBytes, value))
      assert.isTrue(Result.isFailure(result) && result.failure instanceof RecordError)
    }
  })
})
