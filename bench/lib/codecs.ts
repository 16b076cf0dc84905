/**
 * The encoders and decoders of the other JavaScript clients, as far as they are measured: what they keep inside is loaded
 * from their installed packages.
 */
import { loadPeer } from "../../compat/lib/peers.ts"

/** kafkajs writes into an encoder and reads with a decoder; whole messages are async. */
export interface KafkaJs {
  readonly Decoder: new(bytes: Buffer) => object
  readonly encodeRecord: (record: object) => object
  readonly encodeBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>
  readonly decodeBatch: (decoder: object) => Promise<{ readonly records: ReadonlyArray<{ readonly value: Buffer }> }>
  readonly crc32c: (bytes: Buffer) => number
  readonly frame: (request: object) => Promise<{ readonly buffer: Buffer }>
  readonly produce: (request: object) => object
  readonly fetch: (request: object) => object
  readonly heartbeat: (request: object) => object
  readonly decodeFetch: (bytes: Buffer) => Promise<object>
  readonly decodeHeartbeat: (bytes: Buffer) => Promise<object>
  readonly decodeMetadata: (bytes: Buffer) => Promise<object>
  readonly decodeProduce: (bytes: Buffer) => Promise<object>
}

const kafkaJsPart = async <A>(path: string): Promise<A> =>
  (await loadPeer<{ readonly default: A }>(`kafkajs/src/protocol/${path}`)).default

type Decode = { readonly decode: (bytes: Buffer) => Promise<object> }

/** What kafkajs has, in the latest versions that it speaks. */
export const loadKafkaJs = async (): Promise<KafkaJs> => ({
  Decoder: await kafkaJsPart("decoder.js"),
  encodeRecord: await kafkaJsPart("recordBatch/record/v0/index.js"),
  encodeBatch:
    (await kafkaJsPart<{ readonly RecordBatch: KafkaJs["encodeBatch"] }>("recordBatch/v0/index.js")).RecordBatch,
  decodeBatch: await kafkaJsPart("recordBatch/v0/decoder.js"),
  crc32c: await kafkaJsPart("recordBatch/crc32C/index.js"),
  frame: await kafkaJsPart("request.js"),
  produce: await kafkaJsPart("requests/produce/v7/request.js"),
  fetch: await kafkaJsPart("requests/fetch/v11/request.js"),
  heartbeat: await kafkaJsPart("requests/heartbeat/v3/request.js"),
  decodeFetch: (await kafkaJsPart<Decode>("requests/fetch/v11/response.js")).decode,
  decodeHeartbeat: (await kafkaJsPart<Decode>("requests/heartbeat/v3/response.js")).decode,
  decodeMetadata: (await kafkaJsPart<Decode>("requests/metadata/v6/response.js")).decode,
  decodeProduce: (await kafkaJsPart<Decode>("requests/produce/v7/response.js")).decode
})

/** What was written, in pieces; `buffer` puts them together. */
export interface Written {
  readonly length: number
  readonly buffer: Buffer
}

interface Writer extends Written {
  readonly appendInt16: (value: number) => Writer
  readonly appendInt32: (value: number) => Writer
  readonly appendString: (value: string, compact: boolean) => Writer
  readonly appendTaggedFields: () => Writer
  readonly appendFrom: (other: Written) => Writer
  readonly prependLength: () => Writer
}

type Parse = (correlationId: number, apiKey: number, apiVersion: number, reader: object) => object

/** @platformatic/kafka writes into a list of buffers and reads with a reader. */
export interface Platformatic {
  readonly Reader: { readonly from: (bytes: Buffer) => object }
  readonly Writer: { readonly create: () => Writer }
  readonly createRecordsBatch: (messages: ReadonlyArray<object>, options?: object) => Written
  readonly readRecordsBatch: (reader: object) => { readonly records: ReadonlyArray<{ readonly value: Buffer }> }
  readonly crc32c: (bytes: Buffer) => number
  readonly produceV11: {
    readonly createRequest: (acks: number, timeout: number, messages: ReadonlyArray<object>, options: object) => Written
    readonly parseResponse: Parse
  }
  readonly fetchV17: {
    readonly createRequest: (...parameters: ReadonlyArray<unknown>) => Written
    readonly parseResponse: Parse
  }
  readonly heartbeatV4: {
    readonly createRequest: (...parameters: ReadonlyArray<unknown>) => Written
    readonly parseResponse: Parse
  }
  readonly metadataV12: { readonly parseResponse: Parse }
}

/** What @platformatic/kafka exports. */
export const loadPlatformatic = (): Promise<Platformatic> => loadPeer("@platformatic/kafka")

/** A request of @platformatic/kafka as its connection frames it. */
export const framePlatformatic = (
  { Writer }: Platformatic,
  apiKey: number,
  apiVersion: number,
  clientId: string,
  payload: Written
): Buffer =>
  Writer.create()
    .appendInt16(apiKey)
    .appendInt16(apiVersion)
    .appendInt32(7)
    .appendString(clientId, false)
    .appendTaggedFields()
    .appendFrom(payload)
    .prependLength()
    .buffer
