/**
 * A client that speaks the protocol message by message, to see exactly what a broker answers.
 */
import * as Network from "@millrace/core/platform/Network"
import { ByteReader } from "@millrace/core/protocol/ByteReader"
import * as Api from "@millrace/core/protocol/Api"
import * as Frame from "@millrace/core/protocol/Frame"
import * as Message from "@millrace/core/protocol/Message"
import * as Effect from "effect/Effect"

/** A connection; `call` sends one request and awaits its response, `send` and `receive` do half of it. */
export class RawClient {
  readonly connection: Network.Connection
  readonly #decoder = new Frame.FrameDecoder()
  readonly #frames: Array<Uint8Array> = []
  #correlationId = 0

  constructor(connection: Network.Connection) {
    this.connection = connection
  }

  send<Request extends Message.Any>(request: Request, version: number, input: Message.Input<Request>) {
    const options = { version, correlationId: ++this.#correlationId, clientId: "raw" }
    return Effect.as(
      this.connection.write(Frame.encodeRequestUnsafe(request, options, input)),
      options.correlationId
    )
  }

  /** The next response, which must be to this request. */
  receive<Response extends Message.Any>(response: Response, version: number, correlationId: number) {
    return Effect.map(this.frame, (frame): Message.Type<Response> => {
      const reader = new ByteReader(frame)
      const header = Frame.readResponseHeaderUnsafe(Api.byKey(response.apiKey)!, version, reader)
      if (header.correlationId !== correlationId) {
        throw new Error(`response ${header.correlationId} came before ${correlationId}`)
      }
      return Message.readUnsafe(response, version, reader)
    })
  }

  call<Request extends Message.Any, Response extends Message.Any>(
    request: Request,
    response: Response,
    version: number,
    input: Message.Input<Request>
  ): Effect.Effect<Message.Type<Response>, Network.NetworkError> {
    return Effect.flatMap(this.send(request, version, input), (id) => this.receive(response, version, id))
  }

  /** The next frame; dies if the broker has closed the connection. */
  get frame(): Effect.Effect<Uint8Array, Network.NetworkError> {
    return Effect.suspend(() => {
      const frame = this.#frames.shift()
      if (frame !== undefined) return Effect.succeed(frame)
      return Effect.flatMap(this.connection.read, (chunk) => {
        if (chunk === null) return Effect.die(new Error("the broker closed the connection"))
        this.#frames.push(...this.#decoder.push(chunk).frames)
        return this.frame
      })
    })
  }

  /** Whether the broker closes the connection without another word. */
  get isClosed(): Effect.Effect<boolean> {
    return Effect.match(this.connection.read, { onSuccess: (chunk) => chunk === null, onFailure: () => true })
  }
}

/** Connects for as long as the scope lasts. */
export const connect = (address: Network.Address) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.flatMap(Network.Network, (network) => network.connect(address)),
      (connection) => connection.close
    ),
    (connection) => new RawClient(connection)
  )
