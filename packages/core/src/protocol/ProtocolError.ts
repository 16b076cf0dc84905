/**
 * The one way in which bytes or values of the protocol are refused.
 *
 * Keeps true: whatever arrives from outside, reading it ends in a value or in this error, never in another throw.
 * Leaves to others: what to do about it (a listener closes the connection, a client fails the request).
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * Why bytes or a value were refused.
 *
 * - `Truncated`: the bytes end before what they announce.
 * - `Malformed`: the bytes say what the protocol does not allow.
 * - `Oversized`: a frame, a string or a collection is larger than its limit.
 * - `UnsupportedVersion`: the message has no such version.
 * - `Unencodable`: a value does not fit its field, or the version lacks a field that is set.
 *
 * @since 0.1.0
 */
export type Reason = "Truncated" | "Malformed" | "Oversized" | "UnsupportedVersion" | "Unencodable"

/**
 * Bytes that are no message, or a value that no message can carry.
 *
 * @since 0.1.0
 */
export class ProtocolError extends Data.TaggedError("ProtocolError")<{
  readonly reason: Reason
  readonly detail: string
}> {
  override get message(): string {
    return this.detail
  }
}

/**
 * Throws a `ProtocolError`; for the synchronous code inside codecs only.
 *
 * @since 0.1.0
 */
export const refuse = (reason: Reason, detail: string): never => {
  throw new ProtocolError({ reason, detail })
}
