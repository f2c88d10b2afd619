/** Copies a file with some of its records replaced. Every other byte stays as it is, and the file itself is never touched. */
import { open } from 'node:fs/promises'
import type { TableFormat } from '../table/format.js'
import { readHeader } from '../table/header.js'
import { scannerOf, scanWindows } from '../table/scanRecords.js'
import { openSource } from '../table/source.js'

/**
 * Writes the copy, which must not be there yet.
 * @param replacements text of each record without its line end, by the physical line on which it begins, from 1; an empty text leaves it
 * out
 * @returns the lines that were found and replaced, in order
 * @throws InputRefused, InputUnreadable, InputChanged; the system's own error when the copy cannot be written
 */
export async function replaceRecords(
  file: string,
  target: string,
  format: TableFormat,
  replacements: ReadonlyMap<number, string>,
): Promise<readonly number[]> {
  const { dataOffset, dataLine } = await readHeader(file, format)
  const [source, copy] = [await openSource(file), await open(target, 'wx')]
  const found: number[] = []
  try {
    const header = Buffer.alloc(dataOffset)
    await source.fill(header, 0, 0)
    await copy.writeFile(header)
    let line = dataLine
    const range = { offset: dataOffset, bytes: (await source.size()) - dataOffset }
    for await (const { window, spans, consumed } of scanWindows(source, range, scannerOf(format))) {
      let kept = 0
      for (const { start, next, lines } of spans) {
        const text = next > start ? replacements.get(line) : undefined
        if (text !== undefined) {
          await copy.writeFile(window.subarray(kept, start))
          if (text !== '') await copy.writeFile(`${text}\n`)
          kept = next
          found.push(line)
        }
        line += lines
      }
      await copy.writeFile(window.subarray(kept, consumed))
    }
    return found
  } finally {
    await source.close()
    await copy.close()
  }
}
