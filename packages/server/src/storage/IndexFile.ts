/**
 * The file under an index: entries of one size, appended, held in memory while in use.
 *
 * Keeps true: memory is ahead of the file until `persist`; a file that lags is still right, since every entry is a
 * hint that can be computed again. A tail of zeros (Kafka preallocates its index files) is not read as entries.
 * Leaves to others: what an entry means, and when a file must not be trusted (`LogLoader` rebuilds it then).
 *
 * @since 0.1.0
 */
import type { Disk, DiskError, File } from "@millrace/core/platform/Disk"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

const isZero = (bytes: Uint8Array, from: number, to: number): boolean => {
  for (let at = from; at < to; at++) if (bytes[at] !== 0) return false
  return true
}

/**
 * Entries of `entryBytes` bytes in a file that need not exist while it is empty.
 *
 * @since 0.1.0
 */
export class IndexFile {
  readonly entryBytes: number
  readonly #disk: Disk["Service"]
  readonly #path: string
  #entries: Uint8Array = new Uint8Array(0)
  #count = 0
  /** Entries in the file, -1 if that is not known or the file does not end with them. */
  #persisted = -1
  #resident: boolean

  /** `fresh` says that there is no file yet, hence nothing to load. */
  constructor(disk: Disk["Service"], path: string, entryBytes: number, fresh: boolean) {
    this.#disk = disk
    this.#path = path
    this.entryBytes = entryBytes
    this.#resident = fresh
  }

  /** The entries, one after the other; valid while resident and until the next append. */
  get entries(): Uint8Array {
    return this.#entries
  }

  /** Entries in memory; 0 unless resident. */
  get count(): number {
    return this.#count
  }

  get resident(): boolean {
    return this.#resident
  }

  /** Makes room for one more entry and returns where it begins in `entries`. */
  reserve(): number {
    const at = this.#count * this.entryBytes
    if (at + this.entryBytes > this.#entries.length) {
      const larger = new Uint8Array(Math.max(16 * this.entryBytes, this.#entries.length * 2))
      larger.set(this.#entries.subarray(0, at))
      this.#entries = larger
    }
    this.#count++
    return at
  }

  /** Forgets all entries from number `count` on. */
  cut(count: number): void {
    if (count >= this.#count) return
    this.#count = count
    this.#persisted = -1
  }

  /** Forgets all entries and whatever the file holds: the index is to be built anew. */
  clear(): void {
    this.#resident = true
    this.#count = 0
    this.#persisted = -1
  }

  /** Reads the file, unless that was done. */
  readonly load: Effect.Effect<void, DiskError> = Effect.suspend(() => this.#resident ? Effect.void : this.#read())

  #read(): Effect.Effect<void, DiskError> {
    return Effect.gen({ self: this }, function*() {
      const entry = yield* this.#disk.stat(this.#path)
      if (Option.isNone(entry)) return this.#adopt(new Uint8Array(0), 0, -1)
      const bytes = new Uint8Array(entry.value.size)
      const length = yield* Effect.acquireUseRelease(
        this.#disk.open(this.#path, "read"),
        (file: File) => file.read(bytes, 0),
        (file) => file.close
      )
      const inFile = Math.floor(length / this.entryBytes)
      let count = inFile
      while (count > 0 && isZero(bytes, (count - 1) * this.entryBytes, count * this.entryBytes)) count--
      const exact = count * this.entryBytes === entry.value.size
      const kept = bytes.length - count * this.entryBytes > 4096 ? bytes.slice(0, count * this.entryBytes) : bytes
      this.#adopt(kept, count, exact ? count : -1)
    })
  }

  /** A load may have been overtaken by another while it read. */
  #adopt(bytes: Uint8Array, count: number, persisted: number): void {
    if (this.#resident) return
    this.#entries = bytes
    this.#count = count
    this.#persisted = persisted
    this.#resident = true
  }

  /**
   * Brings the file up to date and makes it durable; the directory entry is the caller's to sync. An empty index
   * gets its (empty) file too if `createEmpty`.
   */
  persist(createEmpty: boolean): Effect.Effect<void, DiskError> {
    return Effect.suspend(() => {
      const count = this.#count
      if (!this.#resident || this.#persisted === count) return Effect.void
      const write = count === 0 && !createEmpty ? this.#disk.remove(this.#path) : this.#write(count)
      return Effect.map(write, () => {
        // A cut while the disk was at work has made the file wrong again.
        if (this.#count >= count) this.#persisted = count
      })
    })
  }

  #write(count: number): Effect.Effect<void, DiskError> {
    const from = Math.max(0, this.#persisted)
    const chunk = this.#entries.slice(from * this.entryBytes, count * this.entryBytes)
    return Effect.acquireUseRelease(
      this.#disk.open(this.#path, "write"),
      (file) =>
        (chunk.length === 0 ? Effect.void : file.write([chunk], from * this.entryBytes)).pipe(
          Effect.andThen(file.truncate(count * this.entryBytes)),
          Effect.andThen(file.sync)
        ),
      (file) => file.close
    )
  }

  /** Frees the memory; the next `load` reads the file. Does nothing while the file lags behind. */
  release(): void {
    if (!this.#resident || this.#persisted !== this.#count) return
    this.#resident = false
    this.#entries = new Uint8Array(0)
    this.#count = 0
    this.#persisted = -1
  }
}
