import { writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { column } from '../../../definition/columns.js'
import { day } from '../../../definition/dates.js'
import { decodeStrictly, strictDecoder } from '../../../engine/scoring/scoreRows.js'
import { matchHeader, readHeader, recordsBehind } from '../../../engine/table/header.js'
import { BlockReader } from '../../../engine/table/readBlocks.js'
import { temporaryFolder } from '../../setup/temporaryFolder.js'

const folder = temporaryFolder()
const format = { kind: 'csv', delimiter: ',' } as const
const columns = { id: column.text(), x: column.number({ nullable: true }), d: column.date() }
const date = day('2026-03-03')

/** Problems by record of the file, blank cells by column, and the values of a column, read in blocks of some size. */
async function decoded(content: string, capacity: number) {
  const file = folder.path('in.csv')
  await writeFile(file, content)
  const header = await readHeader(file, format)
  const { positions } = matchHeader(file, header, columns, format)
  const strict = strictDecoder(columns, positions, date)
  const reader = new BlockReader({ header, format, columns, positions, date, capacity })
  const [problems, values]: [[number, string][], unknown[]] = [[], []]
  for await (const block of reader.read(file, await recordsBehind(file, header))) {
    const found = decodeStrictly(block, strict)
    for (const [record, wrong] of found)
      problems.push([block.first + record, wrong.map(({ column: name, rule }) => `${name} ${rule}`).join(', ')])
    const x = block.columns.find(({ name }) => name === 'x')!
    for (let record = 0; record < block.count; record += 1) values.push(found.has(record) ? 'rejected' : x.value(record))
  }
  return { problems, nullCounts: strict.nullCounts, values }
}

test('records that are not plain are read strictly into the same columns, and blanks are counted, whatever the size of a block', async () => {
  const content = 'id,x,d\na,1,2026-01-01\n"b",2,2026-01-02\nc,,2026-01-03\n"d","",2026-01-04\ne,old,2026-13-01\n,5\n"g,6,2026-01-06\n'
  const expected = {
    problems: [
      [4, 'x number.invalid, d date.invalid'],
      [5, ' row.fields'],
      [6, ' row.quote'],
    ],
    nullCounts: { id: 0, x: 2, d: 0 },
    values: [1, 2, null, null, 'rejected', 'rejected', 'rejected'],
  }
  for (const capacity of [1, 2, 3, 100]) expect(await decoded(content, capacity)).toEqual(expected)
})
