/**
 * Joins the records of a set's files in one file, which has no header: that of the first file counts for all. The end of a file ends its
 * last record: a file that was cut off inside quotes does not run on into the next.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { inHome, temporaryName } from '../files/fileSystem.js'
import { DaybreakError } from '../protocol/errors.js'
import type { CsvFormat, Header, SetFile, TableFormat, TextFile } from '../table/format.js'
import { headerLine } from '../table/header.js'
import { scannerOf, scanWindows, TELLING_BYTES } from '../table/scanRecords.js'
import { openSource } from '../table/source.js'

const [LF, QUOTE] = [0x0a, 0x22]

/** Stands behind a file that ends inside quotes: empty lines, which are no records, and more of them than any record is large. */
const GAP = Buffer.alloc(TELLING_BYTES, LF)

/**
 * Joins all records in a file of `folder`.
 * @returns the file, where its records begin, and where those of each file of the set do
 * @throws ContractBroken when the headers differ; InputUnreadable, HomeUnusable
 */
export async function putTogether(files: readonly TextFile[], { format, folder }: { format: TableFormat; folder: string }) {
  refuseOtherHeaders(files, format)
  const target = join(folder, 'input')
  const set: SetFile[] = []
  await inHome(target, async () => {
    await mkdir(folder, { recursive: true })
    const temporary = temporaryName(target)
    try {
      await pipeline(() => bytesOf(files, format, set), createWriteStream(temporary, { flags: 'wx' }))
      await rename(temporary, target)
    } finally {
      await rm(temporary, { force: true })
    }
  })
  return { file: target, set, dataOffset: 0, dataLine: 1 }
}

function refuseOtherHeaders(files: readonly TextFile[], format: TableFormat): void {
  if (format.kind !== 'csv' || format.header === false) return
  const [first] = files as [TextFile]
  const other = files.find(({ header }) => header.names.join('\n') !== first.header.names.join('\n'))
  if (!other) return
  throw new DaybreakError('ContractBroken', `${other.path} has another header than ${basename(first.path)}`, {
    details: [first, other].map(({ path, header }) => `${basename(path)}: ${header.names.join(', ')}`),
    place: { file: other.path, line: headerLine(format) },
  })
}

/** Gives the bytes of all records, and fills `set` on the way. */
async function* bytesOf(files: readonly TextFile[], format: TableFormat, set: SetFile[]) {
  let line = 1
  for (const { path, file, header } of files) {
    set.push({ name: basename(path), line, ownLine: header.dataLine })
    let last = LF
    for await (const chunk of createReadStream(file, { start: header.dataOffset, highWaterMark: 1 << 20 })) {
      const part = chunk as Buffer
      for (let at = part.indexOf(LF); at >= 0; at = part.indexOf(LF, at + 1)) line += 1
      last = part.at(-1) ?? last
      yield part
    }
    // The next file must begin on a line of its own.
    const between = format.kind === 'csv' && (await endsInQuotes(file, header, format)) ? GAP : Buffer.alloc(last === LF ? 0 : 1, LF)
    line += between.length
    yield between
  }
}

/** Says whether the last record of a file would go on in bytes that come behind it. */
async function endsInQuotes(file: string, { dataOffset }: Header, format: CsvFormat): Promise<boolean> {
  const source = await openSource(file)
  try {
    const size = await source.size()
    const bytes = size - dataOffset
    const tail = Buffer.alloc(Math.min(TELLING_BYTES, bytes))
    await source.fill(tail, 0, size - tail.length)
    if (endsClosed(tail, format.delimiter)) return false
    let read = 0
    for await (const { spans, consumed } of scanWindows(source, { offset: dataOffset, bytes }, scannerOf(format))) {
      const nearEnd = bytes - TELLING_BYTES - read
      if (spans.some(({ start, malformed }) => malformed === 'quote' && start >= nearEnd)) return true
      read += consumed
    }
    return false
  } finally {
    await source.close()
  }
}

/** Knows, without a look at the whole file, that it ends outside quotes: its end has none, or the last one can only close a field. */
function endsClosed(tail: Buffer, delimiter: string): boolean {
  const last = tail.lastIndexOf(QUOTE)
  let first = last
  while (tail[first - 1] === QUOTE) first -= 1
  const before = tail[first - 1]
  return last < 0 || ((last - first) % 2 === 0 && before !== undefined && before !== LF && before !== delimiter.charCodeAt(0))
}
