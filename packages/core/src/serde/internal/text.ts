/**
 * UTF-8, with a short way for short ASCII text: most keys and words are that, and a call into the runtime costs more.
 *
 * @since 0.1.0
 */

const shortMaxLength = 24
const encoder = new TextEncoder()
const decoder = new TextDecoder("utf-8", { ignoreBOM: true })

/**
 * The UTF-8 bytes of text.
 *
 * @since 0.1.0
 */
export const encode = (text: string): Uint8Array => {
  const length = text.length
  if (length > shortMaxLength) return encoder.encode(text)
  const bytes = new Uint8Array(length)
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index)
    if (code > 0x7f) return encoder.encode(text)
    bytes[index] = code
  }
  return bytes
}

/**
 * The text of UTF-8 bytes; what is no UTF-8 reads as U+FFFD.
 *
 * @since 0.1.0
 */
export const decode = (bytes: Uint8Array): string => {
  const length = bytes.length
  if (length > shortMaxLength) return decoder.decode(bytes)
  let text = ""
  for (let index = 0; index < length; index++) {
    const byte = bytes[index]!
    if (byte > 0x7f) return decoder.decode(bytes)
    text += String.fromCharCode(byte)
  }
  return text
}
