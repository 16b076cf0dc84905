/**
 * The hashes of the wire vectors, and the text of UUIDs.
 */
import { crc32c } from "@millrace/core/hash/Crc32c"
import { coordinatorPartition, javaHash } from "@millrace/core/hash/JavaHash"
import { murmur2, partitionForKey } from "@millrace/core/hash/Murmur2"
import * as Uuid from "@millrace/core/protocol/Uuid"

const fromHex = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"))

const same = (seen: string | number, expected: string | number): string | undefined =>
  seen === expected ? undefined : `gives ${seen}, not ${expected}`

interface MurmurLine {
  readonly keyHex: string
  readonly murmur2: number
  readonly partition: { readonly [count: string]: number }
}

const checkMurmur2 = ({ keyHex, murmur2: expected, partition }: MurmurLine): string | undefined => {
  const key = fromHex(keyHex)
  const wrong = Object.entries(partition).find(([count, index]) => partitionForKey(key, Number(count)) !== index)
  return same(murmur2(key), expected) ?? (wrong === undefined ? undefined : `gives another partition of ${wrong[0]}`)
}

const checkCrc32c = (line: { readonly hex: string; readonly crc32c: string }): string | undefined => {
  const bytes = fromHex(line.hex)
  return same(String(crc32c(bytes, 0, bytes.length)), line.crc32c)
}

const checkUuid = (line: { readonly hex: string; readonly uuid: string }): string | undefined =>
  same(Uuid.fromBytes(fromHex(line.hex)), line.uuid) ??
    same(Buffer.from(Uuid.toBytesUnsafe(line.uuid)).toString("hex"), line.hex)

interface CoordinatorLine {
  readonly id: string
  readonly hashCode: number
  readonly partitions: number
  readonly partition: number
}

const checkCoordinator = (line: CoordinatorLine): string | undefined =>
  same(javaHash(line.id), line.hashCode) ?? same(coordinatorPartition(line.id, line.partitions), line.partition)

/** What is wrong with a line, if anything, by file. */
export const checks = {
  murmur2: checkMurmur2,
  crc32c: checkCrc32c,
  uuid: checkUuid,
  "coordinator-partition": checkCoordinator
}
