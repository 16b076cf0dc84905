/**
 * OffsetCommit (key 8): stores how far a group has read (KIP-211, KIP-320, KIP-848).
 *
 * @since 0.1.0
 */
import { OffsetCommitRequest, OffsetCommitResponse } from "@millrace/core/protocol/messages/OffsetCommit"
import * as Effect from "effect/Effect"
import { GroupCoordinator } from "../coordination/group/GroupCoordinator.ts"
import { coordinatorContext } from "./Coordination.ts"
import * as Handler from "./Handler.ts"

/**
 * The handler of OffsetCommit.
 *
 * @since 0.1.0
 */
export const handler = Handler.make(
  OffsetCommitRequest,
  OffsetCommitResponse,
  Effect.map(
    GroupCoordinator,
    (groups) => (request, context) => groups.offsetCommit(request, coordinatorContext(context))
  )
)
