/**
 * XXH64, which guards the content of zstd frames. Plain and slow: frames of Kafka seldom have it.
 *
 * @since 0.1.0
 */
const prime1 = 0x9e3779b185ebca87n
const prime2 = 0xc2b2ae3d27d4eb4fn
const prime3 = 0x165667b19e3779f9n
const prime4 = 0x85ebca77c2b2ae63n
const prime5 = 0x27d4eb2f165667c5n

const cut = (value: bigint): bigint => BigInt.asUintN(64, value)
const rotate = (value: bigint, bits: bigint): bigint => cut((value << bits) | (value >> (64n - bits)))
const mix = (lane: bigint, word: bigint): bigint => cut(rotate(cut(lane + word * prime2), 31n) * prime1)
const join = (hash: bigint, lane: bigint): bigint => cut((hash ^ mix(0n, lane)) * prime1 + prime4)

const stripeBytes = 32

/** The hash of the whole stripes, and where they end. */
const stripes = (view: DataView): { readonly hash: bigint; readonly end: number } => {
  const lanes = [cut(prime1 + prime2), prime2, 0n, cut(-prime1)]
  let at = 0
  for (; at + stripeBytes <= view.byteLength; at += stripeBytes) {
    for (let lane = 0; lane < 4; lane++) lanes[lane] = mix(lanes[lane]!, view.getBigUint64(at + lane * 8, true))
  }
  const [first, second, third, fourth] = lanes as [bigint, bigint, bigint, bigint]
  const sum = cut(rotate(first, 1n) + rotate(second, 7n) + rotate(third, 12n) + rotate(fourth, 18n))
  return { hash: lanes.reduce(join, sum), end: at }
}

/**
 * The hash with seed 0.
 *
 * @since 0.1.0
 */
export const xxHash64 = (bytes: Uint8Array): bigint => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const whole = bytes.length >= stripeBytes ? stripes(view) : { hash: prime5, end: 0 }
  let hash = cut(whole.hash + BigInt(bytes.length))
  let at = whole.end
  for (; at + 8 <= bytes.length; at += 8) {
    hash = cut(rotate(hash ^ mix(0n, view.getBigUint64(at, true)), 27n) * prime1 + prime4)
  }
  if (at + 4 <= bytes.length) {
    hash = cut(rotate(hash ^ cut(BigInt(view.getUint32(at, true)) * prime1), 23n) * prime2 + prime3)
    at += 4
  }
  for (; at < bytes.length; at++) hash = cut(rotate(hash ^ cut(BigInt(bytes[at]!) * prime5), 11n) * prime1)
  hash = cut((hash ^ (hash >> 33n)) * prime2)
  hash = cut((hash ^ (hash >> 29n)) * prime3)
  return hash ^ (hash >> 32n)
}
