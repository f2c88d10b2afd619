import { readFile, writeFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { replaceRecords } from '../../../engine/input/replaceRecords.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const csv = { kind: 'csv', delimiter: ',' } as const
let copies = 0

async function replaced(content: string, replacements: ReadonlyMap<number, string>, format: Parameters<typeof replaceRecords>[2] = csv) {
  copies += 1
  const [file, copy] = [folder.path('in.csv'), folder.path(`${copies}.csv`)]
  await writeFile(file, content)
  const lines = await replaceRecords(file, copy, format, replacements)
  return { lines, text: await readFile(copy, 'utf8') }
}

/** Records as they are written, each with its line end; some span lines, some are empty lines, which are no records. */
const records = fc.array(fc.constantFrom('a,1\n', '"b\nb",2\r\n', 'ü,3\n', '\n', '"c""",4\n', 'bad\n'), { minLength: 1, maxLength: 12 })

test('the records asked for are replaced, and every other byte stays', async () => {
  await fc.assert(
    fc.asyncProperty(records, fc.array(fc.nat(11)), fc.constantFrom('x,9', '"y\ny",8', ''), async (all, which, text) => {
      const header = '\ufeffid,x\r\n'
      let line = 2
      const replacements = new Map<number, string>()
      const expected = all.map((record, index) => {
        const at = line
        line += record.split('\n').length - 1
        if (!which.includes(index) || record === '\n') return record
        replacements.set(at, text)
        return text === '' ? '' : `${text}\n`
      })
      fc.pre(all.join('').trim() !== '')
      const { lines, text: copy } = await replaced(header + all.join(''), replacements)
      expect(copy).toBe(header + expected.join(''))
      expect(lines).toEqual([...replacements.keys()])
    }),
    { numRuns: 200 },
  )
})

test('lines of JSON are replaced by their line too', async () => {
  const format = { kind: 'jsonl', fields: [] } as const
  expect(
    await replaced(
      '{"a":1}\n\n{"a":2}\n{"a":3}',
      new Map([
        [3, '{"a":7}'],
        [9, 'x'],
      ]),
      format,
    ),
  ).toEqual({
    lines: [3],
    text: '{"a":1}\n\n{"a":7}\n{"a":3}',
  })
})

test('a copy that is there is not written over', async () => {
  await writeFile(folder.path('in.csv'), 'id,x\na,1\n')
  await writeFile(folder.path('copy.csv'), 'mine')
  await expect(replaceRecords(folder.path('in.csv'), folder.path('copy.csv'), csv, new Map())).rejects.toMatchObject({ code: 'EEXIST' })
  expect(await readFile(folder.path('copy.csv'), 'utf8')).toBe('mine')
})
