/**
 * What can go wrong between this client and a cluster, other than what a broker answers (`KafkaError`).
 *
 * @since 0.1.0
 */
import * as Data from "effect/Data"

/**
 * A request that got no usable answer.
 *
 * - `Timeout`: no answer in time; the request may or may not have been carried out.
 * - `Disconnected`: the connection could not be made or was lost; likewise.
 * - `Tls`: one side does not trust the other, or does not speak TLS there.
 * - `UnsupportedVersion`: the broker does not serve this API, or in no version that both know.
 * - `Malformed`: the answer could not be read, or the request not written.
 * - `Closed`: the cluster, producer or consumer has been closed.
 *
 * @since 0.1.0
 */
export class ClientError extends Data.TaggedError("ClientError")<{
  readonly reason: "Timeout" | "Disconnected" | "Tls" | "UnsupportedVersion" | "Malformed" | "Closed"
  readonly operation: string
  readonly detail: string
  readonly hint: string
  readonly cause?: unknown
}> {
  override get message(): string {
    return `${this.operation}: ${this.detail}; ${this.hint}`
  }
}

/**
 * Whether trying again may help.
 *
 * @since 0.1.0
 */
export const isRetriable = (error: ClientError): boolean =>
  error.reason === "Timeout" || error.reason === "Disconnected"
