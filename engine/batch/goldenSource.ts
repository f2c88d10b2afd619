/**
 * Reads the bytes of a golden file as UTF-8: it is in UTF-8, or in the encoding of the pipeline's input, as whoever cut it out of a day's file
 * has it. What is in neither is refused.
 */
import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import type { Encoding } from '../../definition/pipeline.js'
import { decoded } from '../input/encoding.js'
import { DaybreakError } from '../protocol/errors.js'
import { systemErrorText } from '../protocol/systemErrors.js'
import type { MemorySource } from '../table/source.js'

/** @throws InputUnreadable; InputRefused when it is not in the encoding; GoldenRowsDiffer when it is not UTF-8 */
export async function goldenSource(file: string, encoding: Encoding = 'utf-8'): Promise<MemorySource> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw new DaybreakError('InputUnreadable', `${file} cannot be read: ${systemErrorText(error)}`, { place: { file }, cause: error })
  })
  // Text of two bytes a character may well be UTF-8 too, but then it is full of NUL.
  if (isUtf8(bytes) && !bytes.includes(0)) return { name: file, bytes }
  if (encoding === 'utf-8') {
    throw new DaybreakError('GoldenRowsDiffer', `${file} is not UTF-8`, {
      next: 'Save it as UTF-8. Golden rows are read in UTF-8, or in input.encoding where the definition names one.',
      place: { file },
    })
  }
  const chunks: Buffer[] = []
  for await (const chunk of decoded(file, encoding)(once(bytes))) chunks.push(chunk)
  return { name: file, bytes: Buffer.concat(chunks) }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
