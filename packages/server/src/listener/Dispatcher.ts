/**
 * From the bytes of a request to its handler, and from a reply back to bytes.
 *
 * Keeps true: what is not served, or cannot be read, is refused with a reason and closes the connection, as in Kafka;
 * ApiVersions alone is answered in every version.
 * Leaves to others: order and waiting (`Connection`), what handlers do (`api`).
 *
 * @since 0.1.0
 */
import * as Api from "@millrace/core/protocol/Api"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import { ProtocolError } from "@millrace/core/protocol/ProtocolError"
import type { ConnectionContext, Handler, RequestContext } from "../api/Handler.ts"

/**
 * A request that was read. `sizeBytes` counts its frame with the length before it.
 *
 * @since 0.1.0
 */
export interface Incoming {
  readonly handler: Handler
  readonly request: unknown
  readonly context: RequestContext
  readonly sizeBytes: number
  /** The version in which the response is written: that of the request, but for ApiVersions. */
  readonly responseVersion: number
}

/**
 * Why a request was not taken.
 *
 * @since 0.1.0
 */
export interface Refused {
  readonly refused: string
}

/**
 * All APIs that are served.
 *
 * @since 0.1.0
 */
export class Dispatcher {
  readonly #handlers: Array<Handler | undefined> = []

  constructor(handlers: Iterable<Handler>) {
    for (const handler of handlers) this.#handlers[handler.api.key] = handler
  }

  /** Reads a request. */
  decode(frame: Uint8Array, connection: ConnectionContext): Incoming | Refused {
    try {
      return this.#decode(frame, connection)
    } catch (error) {
      if (error instanceof ProtocolError) return { refused: error.message }
      throw error
    }
  }

  #decode(frame: Uint8Array, connection: ConnectionContext): Incoming | Refused {
    const reader = new ByteReader(frame)
    const key = reader.int16()
    const version = reader.int16()
    const handler = this.#handlers[key]
    if (handler === undefined) return { refused: `API ${key} is not served` }
    const supported = version >= handler.api.versionMin && version <= handler.api.versionMaxStable
    if (!supported && key !== Api.apiVersionsKey) {
      return { refused: `version ${version} of ${handler.api.name} is not served` }
    }
    const sizeBytes = frame.length + 4
    if (!supported) {
      // Nothing is known of what follows the correlation id in a version of the future, and nothing of it is needed.
      const context = { apiKey: key, version, correlationId: reader.int32(), clientId: null, connection }
      return { handler, request: undefined, context, sizeBytes, responseVersion: 0 }
    }
    reader.position = 0
    const { clientId, correlationId } = Frame.readRequestHeaderUnsafe(reader)
    return {
      handler,
      request: Message.readUnsafe(handler.request, version, reader),
      context: { apiKey: key, version, correlationId, clientId, connection },
      sizeBytes,
      responseVersion: version
    }
  }

  /** Writes a response. */
  encode({ context, handler, responseVersion }: Incoming, response: unknown): ReadonlyArray<Uint8Array> {
    const options = { version: responseVersion, correlationId: context.correlationId }
    // A handler's response has the type of its table: `Handler.make` saw to it.
    return Frame.encodeResponseUnsafe(handler.response, options, response as Message.Input<Message.Any>)
  }
}
