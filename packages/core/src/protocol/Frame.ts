/**
 * Frames: what travels on a connection is a length of four bytes and so many bytes, a header and a message.
 *
 * Keeps true: framing is sans-I/O and incremental. A frame that lies within one chunk is a view into it; another one is
 * assembled in a buffer of its own, which grows with the bytes that came and ends with exactly the frame's size, so that
 * a length without bytes behind it costs nothing. A bad length ends the stream of frames with a typed error, after the
 * frames before it were given out.
 * Leaves to others: time-outs, the order of responses, what is answered to a version that nobody knows.
 *
 * @since 0.1.0
 */
import { frameBufferMinBytes, frameSharedMaxBytes, frameSizeMaxBytes } from "../limits.ts"
import * as Api from "./Api.ts"
import type { ByteReader } from "./ByteReader.ts"
import { ByteWriter } from "./ByteWriter.ts"
import type { UnknownTaggedField } from "./Field.ts"
import * as Message from "./Message.ts"
import { RequestHeader } from "./messages/data/RequestHeader.ts"
import { ResponseHeader } from "./messages/data/ResponseHeader.ts"
import { ProtocolError, refuse } from "./ProtocolError.ts"

/**
 * What a chunk completed.
 *
 * @since 0.1.0
 */
export interface Frames {
  /** Header and message of each, without the length. */
  readonly frames: ReadonlyArray<Uint8Array>
  /** Why nothing follows; the connection is to be closed. */
  readonly failure: ProtocolError | undefined
}

/**
 * Memory for frames that is used again. A frame handed out lies at the beginning of its buffer; giving it back is up to
 * whoever reads it. Frames of up to `frameSharedMaxBytes` may share a piece of at most that size with others, and are
 * never to be used again.
 *
 * @since 0.1.0
 */
export interface FrameMemory {
  /** A buffer for a frame of so many bytes that costs nothing as it is there already, if there is one. */
  readonly spare: (size: number) => Uint8Array | undefined
  /** A buffer for a frame of so many bytes, new or not. */
  readonly take: (size: number) => Uint8Array
}

const growth = 4
const lengthBytes = 4

/**
 * Cuts the bytes of one connection into frames.
 *
 * @since 0.1.0
 */
export class FrameDecoder {
  private readonly sizeMax: number
  private readonly memory: FrameMemory | undefined
  private failure: ProtocolError | undefined
  /** The bytes of a length that came so far, and how many they are. */
  private length = 0
  private lengthCount = 0
  /** The size of the frame that is being assembled, or -1 between frames. */
  private size = -1
  private buffer: Uint8Array = new Uint8Array(0)
  private filled = 0

  /** With `memory` every frame lies in a buffer of it, so that chunks may be written to again after `push`. */
  constructor(sizeMax: number = frameSizeMaxBytes, memory?: FrameMemory) {
    this.sizeMax = sizeMax
    this.memory = memory
  }

  /** How many bytes this decoder holds for a frame that is not complete. */
  get pendingBytes(): number {
    return this.buffer.length
  }

  /** The frames that end in this chunk. Without `memory`, chunks must not be written to any more. */
  push(chunk: Uint8Array): Frames {
    const frames: Array<Uint8Array> = []
    let slab = chunk
    let slabStart = 0
    let slabEnd = 0
    let at = 0
    while (this.failure === undefined) {
      if (this.size < 0) {
        at = this.readLength(chunk, at)
        if (this.size < 0) break
      }
      const end = at + this.size
      if (this.filled === 0 && end <= chunk.length && (this.memory === undefined || this.size <= frameSharedMaxBytes)) {
        if (this.memory === undefined) frames.push(chunk.subarray(at, end))
        else {
          // Small frames share memory of their own: they are cheaper made anew than recycled, one by one or together.
          if (end > slabEnd) {
            slabStart = at
            slabEnd = Math.min(chunk.length, at + frameSharedMaxBytes)
            slab = chunk.slice(slabStart, slabEnd)
          }
          frames.push(slab.subarray(at - slabStart, end - slabStart))
        }
        at = end
        this.size = -1
      } else {
        at = this.fill(chunk, at)
        if (this.filled < this.size) break
        frames.push(this.buffer.length === this.size ? this.buffer : this.buffer.subarray(0, this.size))
        this.reset()
      }
    }
    return { frames, failure: this.failure }
  }

  private readLength(chunk: Uint8Array, at: number): number {
    while (this.lengthCount < lengthBytes && at < chunk.length) {
      this.length = (this.length << 8) | chunk[at++]!
      this.lengthCount++
    }
    if (this.lengthCount === lengthBytes) this.begin(this.length)
    return at
  }

  private begin(size: number): void {
    this.length = 0
    this.lengthCount = 0
    if (size < 0) {
      this.failure = new ProtocolError({ reason: "Malformed", detail: `a frame of ${size} bytes` })
    } else if (size > this.sizeMax) {
      const detail = `a frame of ${size} bytes (at most ${this.sizeMax})`
      this.failure = new ProtocolError({ reason: "Oversized", detail })
    } else this.size = size
  }

  private fill(chunk: Uint8Array, at: number): number {
    const end = Math.min(chunk.length, at + this.size - this.filled)
    const needed = this.filled + end - at
    if (needed > this.buffer.length) {
      const buffer = this.allocate(needed)
      buffer.set(this.buffer.subarray(0, this.filled))
      this.buffer = buffer
    }
    this.buffer.set(chunk.subarray(at, end), this.filled)
    this.filled = needed
    return end
  }

  /** Room for the first `needed` bytes of the frame, or more. */
  private allocate(needed: number): Uint8Array {
    const spare = this.memory?.spare(this.size)
    if (spare !== undefined) return spare
    const room = needed === this.size ? needed : Math.max(frameBufferMinBytes, needed * growth)
    return room < this.size ? new Uint8Array(room) : this.memory?.take(this.size) ?? new Uint8Array(this.size)
  }

  private reset(): void {
    this.size = -1
    this.filled = 0
    this.buffer = new Uint8Array(0)
  }
}

/**
 * The header of a request, and the API it is for. Throws `ProtocolError` where the API is not known.
 *
 * A version that the API lacks is not refused here: ApiVersions is answered even then.
 *
 * @since 0.1.0
 */
export const readRequestHeaderUnsafe = (reader: ByteReader): RequestHeader => {
  const start = reader.position
  const key = reader.int16()
  const version = reader.int16()
  const api = Api.byKey(key) ?? refuse("Malformed", `no API has the key ${key}`)
  reader.position = start
  return Message.readUnsafe(RequestHeader, Api.requestHeaderVersion(api, version), reader)
}

/**
 * The header of the response to a request. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const readResponseHeaderUnsafe = (
  api: Pick<Api.Api, "key" | "flexibleSince">,
  version: number,
  reader: ByteReader
): ResponseHeader => Message.readUnsafe(ResponseHeader, Api.responseHeaderVersion(api, version), reader)

/**
 * Who asks.
 *
 * @since 0.1.0
 */
export interface RequestOptions {
  readonly version: number
  readonly correlationId: number
  readonly clientId: string | null
  readonly unknownTaggedFields?: ReadonlyArray<UnknownTaggedField>
}

/**
 * A request as it travels, length and header included; large byte fields are the input's own. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeRequestUnsafe = <X extends Message.Any>(
  request: X,
  options: RequestOptions,
  input: Message.Input<X>
): ReadonlyArray<Uint8Array> => {
  const writer = new ByteWriter()
  writer.placeholder()
  const headerVersion = Api.requestHeaderVersion(request, options.version)
  const { clientId, correlationId, unknownTaggedFields, version } = options
  const header = { requestApiKey: request.apiKey, requestApiVersion: version, correlationId, clientId }
  const tagged = unknownTaggedFields === undefined ? header : { ...header, unknownTaggedFields }
  Message.writeUnsafe(RequestHeader, headerVersion, tagged, writer)
  Message.writeUnsafe(request, version, input, writer)
  return finish(writer)
}

/**
 * Which request is answered.
 *
 * @since 0.1.0
 */
export interface ResponseOptions {
  readonly version: number
  readonly correlationId: number
  readonly unknownTaggedFields?: ReadonlyArray<UnknownTaggedField>
}

/**
 * A response as it travels, length and header included; large byte fields are the input's own. Throws `ProtocolError`.
 *
 * @since 0.1.0
 */
export const encodeResponseUnsafe = <X extends Message.Any>(
  response: X,
  options: ResponseOptions,
  input: Message.Input<X>
): ReadonlyArray<Uint8Array> => {
  const writer = new ByteWriter()
  writer.placeholder()
  const { correlationId, unknownTaggedFields, version } = options
  const headerVersion = Api.responseHeaderVersion(
    { key: response.apiKey, flexibleSince: response.flexibleSince },
    version
  )
  const header = unknownTaggedFields === undefined ? { correlationId } : { correlationId, unknownTaggedFields }
  Message.writeUnsafe(ResponseHeader, headerVersion, header, writer)
  Message.writeUnsafe(response, version, input, writer)
  return finish(writer)
}

const finish = (writer: ByteWriter): ReadonlyArray<Uint8Array> => {
  const size = writer.length - lengthBytes
  if (size > 0x7fffffff) refuse("Oversized", `a frame of ${size} bytes`)
  writer.patchInt32(size)
  return writer.chunks()
}
