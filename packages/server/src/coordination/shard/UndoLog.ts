/**
 * State that can be taken back: maps that remember what each change replaced, until the change is committed.
 *
 * Keeps true: `rollback(mark)` makes every map of one log exactly what it was when `mark` was taken, iteration order of
 * changed keys excepted; nothing is remembered of what `forget` has passed.
 * Leaves to others: when a change counts as committed (`Shard`). Values must not be changed in place.
 *
 * @since 0.1.0
 */

/**
 * Takes back, in reverse order, what was done since a mark.
 *
 * @since 0.1.0
 */
export class UndoLog {
  /** While false nothing is remembered: replay cannot be taken back. */
  recording = true
  private entries: Array<() => void> = []
  private forgotten = 0

  /** The position after the last change; positions only grow until a rollback. */
  get position(): number {
    return this.forgotten + this.entries.length
  }

  /** Remembers how to take one change back. */
  push(undo: () => void): void {
    if (this.recording) this.entries.push(undo)
  }

  /** Takes back all changes at `mark` and after it. */
  rollback(mark: number): void {
    while (this.position > mark && this.entries.length > 0) this.entries.pop()!()
  }

  /** Makes the changes before `mark` final. */
  forget(mark: number): void {
    const count = Math.min(mark - this.forgotten, this.entries.length)
    if (count <= 0) return
    if (count === this.entries.length) this.entries = []
    else this.entries.splice(0, count)
    this.forgotten += count
  }
}

/**
 * A map whose changes its log can take back. Keys are strings or numbers, so that iteration never depends on hashes.
 *
 * @since 0.1.0
 */
export class UndoMap<K extends string | number, V> implements Iterable<readonly [K, V]> {
  private readonly map = new Map<K, V>()
  private readonly undo: UndoLog

  constructor(undo: UndoLog) {
    this.undo = undo
  }

  get size(): number {
    return this.map.size
  }

  get(key: K): V | undefined {
    return this.map.get(key)
  }

  has(key: K): boolean {
    return this.map.has(key)
  }

  set(key: K, value: V): void {
    const { map } = this
    if (map.has(key)) {
      const before = map.get(key)!
      this.undo.push(() => map.set(key, before))
    } else this.undo.push(() => map.delete(key))
    map.set(key, value)
  }

  delete(key: K): boolean {
    const { map } = this
    if (!map.has(key)) return false
    const before = map.get(key)!
    this.undo.push(() => map.set(key, before))
    return map.delete(key)
  }

  /** The value, made and put in first if it is missing. */
  getOrMake(key: K, make: () => V): V {
    const found = this.map.get(key)
    if (found !== undefined) return found
    const made = make()
    this.set(key, made)
    return made
  }

  keys(): IterableIterator<K> {
    return this.map.keys()
  }

  values(): IterableIterator<V> {
    return this.map.values()
  }

  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.map[Symbol.iterator]()
  }
}
