/**
 * `quorum-state`: the election that this node took part in last, as Kafka keeps it beside the metadata log.
 *
 * Keeps true: an epoch that was written is never led again by anyone who did not write it.
 *
 * @since 0.1.0
 */
import * as Disk from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { MetadataLogError } from "./MetadataLog.ts"

const QuorumState = Schema.Struct({
  leaderId: Schema.Int,
  leaderEpoch: Schema.Int,
  votedId: Schema.Int
})

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(QuorumState))

const pathIn = (directory: string): string => `${directory}/quorum-state`

/**
 * The epoch that was written last, 0 if there is none.
 *
 * @since 0.1.0
 */
export const readEpoch = Effect.fnUntraced(function*(directory: string) {
  const disk = yield* Disk.Disk
  const path = pathIn(directory)
  if (Option.isNone(yield* disk.stat(path))) return 0
  const state = decode(new TextDecoder().decode(yield* Disk.readFile(path)))
  if (Option.isNone(state)) return yield* new MetadataLogError({ path, detail: "not a quorum state" })
  return state.value.leaderEpoch
})

/**
 * Writes that this node leads an epoch, durably.
 *
 * @since 0.1.0
 */
export const writeLeader = (directory: string, leaderId: number, directoryId: string, leaderEpoch: number) =>
  Disk.writeFileAtomic(
    pathIn(directory),
    new TextEncoder().encode(
      JSON.stringify({ leaderId, leaderEpoch, votedId: leaderId, votedDirectoryId: directoryId, data_version: 1 })
    )
  )
