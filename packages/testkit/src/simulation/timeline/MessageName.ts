/**
 * Names for what travels on a connection: the API of a Kafka frame, the first line of an HTTP message.
 *
 * Keeps true: bytes are only looked at; what is neither has no name but `bytes`.
 *
 * @since 0.1.0
 */
import * as Api from "@millrace/core/protocol/Api"

/**
 * A part of some bytes: the beginning of a message, or more of the one before.
 *
 * @since 0.1.0
 */
export interface Part {
  readonly isBegin: boolean
  readonly name: string
  readonly sizeBytes: number
}

const lengthBytes = 4
const headerBytes = 12

const isLetter = (byte: number | undefined): boolean => byte !== undefined && byte >= 65 && byte <= 90

/**
 * Reads one direction of a connection.
 *
 * @since 0.1.0
 */
export class Reader {
  /** The size of the message that began last. */
  frameBytes = 0
  /** What the requests of this direction are, by their correlation ids. */
  readonly #asked = new Map<number, string>()
  readonly #requests: Reader | undefined
  #leftBytes = 0

  /** `requests` reads the other direction, if this one answers it. */
  constructor(requests: Reader | undefined) {
    this.#requests = requests
  }

  read(bytes: Uint8Array): ReadonlyArray<Part> {
    const parts: Array<Part> = []
    for (let at = 0; at < bytes.length;) {
      const isBegin = this.#leftBytes === 0
      const name = isBegin ? this.#begin(bytes, at) : ""
      const sizeBytes = Math.min(this.#leftBytes, bytes.length - at)
      this.#leftBytes -= sizeBytes
      at += sizeBytes
      parts.push({ isBegin, name, sizeBytes })
    }
    return parts
  }

  #begin(bytes: Uint8Array, at: number): string {
    const left = bytes.length - at
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, left)
    if (isLetter(bytes[at]) && isLetter(bytes[at + 1])) {
      this.#leftBytes = left
      this.frameBytes = left
      const text = new TextDecoder().decode(bytes.subarray(at, at + 200))
      return text.slice(0, text.indexOf("\r\n"))
    }
    this.#leftBytes = left < lengthBytes ? left : lengthBytes + view.getInt32(0)
    this.frameBytes = this.#leftBytes
    if (left < headerBytes && this.#requests === undefined) return "bytes"
    return this.#requests === undefined ? this.#request(view) : this.#response(view)
  }

  #request(view: DataView): string {
    const name = `${Api.byKey(view.getInt16(4))?.name ?? "bytes"} v${view.getInt16(6)}`
    this.#asked.set(view.getInt32(8), name)
    return name
  }

  #response(view: DataView): string {
    if (view.byteLength < 2 * lengthBytes) return "bytes"
    const correlationId = view.getInt32(4)
    const name = this.#requests!.#asked.get(correlationId)
    this.#requests!.#asked.delete(correlationId)
    return name === undefined ? "bytes" : `${name} answer`
  }
}
