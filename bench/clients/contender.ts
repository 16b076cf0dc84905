/**
 * What a client has to do to be measured: write a load, and read it back.
 *
 * Fair by construction: every client gets the same records in the same chunks, one batch of each partition in a chunk,
 * the same chunks in flight, and the same settings where it has them.
 */

/** What is written and read. */
export interface Load {
  readonly bootstrap: string
  readonly topic: string
  readonly records: number
  readonly bytes: number
}

/** A client that is measured. `started` begins the measurement: connections and groups stand by then. */
export interface Contender {
  /** Writes all and resolves when all is acknowledged by all in-sync replicas. */
  readonly produce: (load: Load, started: () => void) => Promise<void>
  /** Reads all; begins with the first record. */
  readonly consume: (load: Load, started: () => void) => Promise<void>
}

export const partitions = 4
export const batchBytes = 65_536
export const lingerMs = 5
/** Chunks that wait for their acknowledgement at a time. */
export const chunksInFlight = 5
export const fetchBytesPerPartition = 1_048_576

/** Values that no codec or cache can make much of: random letters, a thousand different ones. */
export const valuesOf = (bytes: number): ReadonlyArray<Buffer> =>
  Array.from({ length: 1000 }, () => {
    const value = Buffer.allocUnsafe(bytes)
    for (let at = 0; at < bytes; at++) value[at] = 65 + Math.floor(Math.random() * 26)
    return value
  })

/** A record of a chunk. */
export interface Message {
  readonly value: Buffer
  readonly partition: number
}

/** The chunks of a load, made one after the other: one batch for each partition. */
export function* chunksOf(load: Load): Generator<Array<Message>> {
  const values = valuesOf(load.bytes)
  const size = partitions * Math.max(1, Math.floor(batchBytes / (load.bytes + 16)))
  for (let at = 0; at < load.records; at += size) {
    const chunk: Array<Message> = []
    for (let index = at; index < Math.min(load.records, at + size); index++) {
      chunk.push({ value: values[index % values.length]!, partition: index % partitions })
    }
    yield chunk
  }
}

/** Hands the chunks to `send`, so many at a time. */
export const sendChunks = async (load: Load, send: (chunk: Array<Message>) => Promise<unknown>): Promise<void> => {
  const chunks = chunksOf(load)
  const lane = async (): Promise<void> => {
    for (const chunk of chunks) await send(chunk)
  }
  await Promise.all(Array.from({ length: chunksInFlight }, lane))
}

/** Counts what a consumer receives; `done` resolves when it is all there. */
export const counter = (load: Load, started: () => void) => {
  let count = 0
  let bytes = 0
  let resolve: () => void
  const done = new Promise<void>((end) => {
    resolve = end
  })
  return {
    done,
    /** Takes note of records and the bytes of their values. */
    add: (records: number, valueBytes: number) => {
      if (count === 0) started()
      count += records
      bytes += valueBytes
      if (count >= load.records) {
        if (bytes !== count * load.bytes) throw new Error(`${count} records have ${bytes} bytes`)
        resolve()
      }
    }
  }
}
