/** Rejected rows are nobody's loss: they are told by line, and corrected they come in again. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { describe, expect, test } from 'vitest'
import { layout } from '../../engine/storage/layout.js'
import { DATE, type Installation, install } from '../setup/installation.js'

const MINUTE = { timeout: 60_000 }
const REF = { pipeline: 'churn', date: DATE, attempt: 'a001' }
const folderOf = (here: Installation, attempt = 'a001') => layout.attempt(here.settings.home, { ...REF, attempt })
const rejectsOf = async (here: Installation) =>
  parse(await readFile(join(folderOf(here), 'rejects.csv')), { columns: true }) as Record<string, string>[]

/** Five rows broken in five ways, one of them over two lines. */
async function deliverBroken(here: Installation): Promise<string[]> {
  await here.deliver()
  const lines = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
  const good = lines.slice()
  const broken = (line: number, change: (cells: string[]) => string[]) => {
    lines[line - 1] = change(lines[line - 1]!.split(',')).join(',')
  }
  broken(10, ([id, , ...rest]) => [id!, 'old', ...rest])
  broken(20, ([id, age, , ...rest]) => [id!, age!, '=1+1', ...rest])
  broken(30, ([id, ...rest]) => [`=${id}`, ...rest, 'one more'])
  broken(40, ([id, ...rest]) => [`"${id}\nx"`, ...rest.slice(0, 2)])
  broken(50, ([, ...rest]) => ['', ...rest])
  await writeFile(here.inputPath(), `${lines.join('\r\n')}\r\n`)
  return good
}

describe.concurrent('rejected rows', () => {
  test('are all told by line, and corrected they come in again', MINUTE, async (context) => {
    const here = await install(context)
    const good = await deliverBroken(here)
    expect(await here.runLocally()).toMatchObject({ published: true, accounts: { read: 5000, predicted: 4995, rejected: 5 } })
    const rejects = await rejectsOf(here)
    expect(rejects.map(({ line }) => line)).toEqual(['10', '20', '30', '40', '51'])
    expect(rejects[2]?.raw).toMatch(/^'=/)

    // Three are corrected, one is left out, and the one of two lines stays as it is.
    const originals = [good[9]!, good[19]!, good[29]!, good[39]!, '']
    const edited = rejects.map((row, index) => ({ ...row, raw: index === 3 ? row.raw : originals[index]! }))
    const file = join(here.folder, 'mine.csv')
    await writeFile(file, stringify(edited, { header: true }))
    const target = join(here.folder, 'corrected.csv')
    const words = ['correct', 'churn', '--date', DATE, '--rejects', file, '--output', target]
    const result = await here.command(...words, '--json')
    expect(result).toMatchObject({ code: 0 })
    expect(JSON.parse(result.stdout)).toMatchObject({ attempt: 'a001', corrected: 4, left: 1 })
    expect(await here.runLocally({ rerun: true, input: target })).toMatchObject({
      published: true,
      accounts: { read: 4999, predicted: 4998, rejected: 1 },
    })
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining('there already') })

    await writeFile(here.inputPath(), 'another file')
    const other = [...words.slice(0, -1), join(here.folder, 'other.csv'), '--attempt', 'a001']
    expect(await here.command(...other)).toMatchObject({ code: 1, stderr: expect.stringContaining('is not the file that a001 read') })
  })

  test('with lines that were not rejected, or without any change, nothing is written', MINUTE, async (context) => {
    const here = await install(context)
    await deliverBroken(here)
    await here.runLocally()
    const [file, target] = [join(here.folder, 'mine.csv'), join(here.folder, 'corrected.csv')]
    const words = ['correct', 'churn', '--date', DATE, '--rejects', file, '--output', target]
    await writeFile(file, await readFile(join(folderOf(here), 'rejects.csv')))
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining('no row has another raw text') })
    await writeFile(file, 'line,raw\n11,x\n')
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining('not rejected: lines 11') })
    await writeFile(file, 'a,b\n1,2\n')
    expect(await here.command(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining('is not a file of rejects') })
  })

  test.for([
    ['at its limit', 'maxRows: 2', true],
    ['over it', 'maxRows: 1', false],
    ['at its ratio', 'maxRatio: 0.0004', true],
    ['over its ratio', 'maxRatio: 0.0003', false],
  ] as const)('have budgets of single rules: %s', MINUTE, async ([, limit, published], context) => {
    const here = await install(context, `notify: {}, input: { ...base.input, rejects: { rules: { 'row.fields': { ${limit} } } } }`)
    await deliverBroken(here)
    expect(await here.runLocally()).toMatchObject({ published })
    const validation = JSON.parse(await readFile(join(folderOf(here), 'validation.json'), 'utf8'))
    expect(validation.reject_budget.rules).toMatchObject({ 'row.fields': { rows: 2 } })
    expect(validation.valid).toBe(published)
    if (!published) expect((await here.manifest())?.problem?.message).toContain('2 of 5000 rows broke row.fields; 1 are allowed')
  })

  test('show masked keys in the report, whole ones when the definition says so; formulas stay when it says so', MINUTE, async (context) => {
    const here = await install(context)
    await deliverBroken(here)
    await here.runLocally()
    const [{ key = '' } = {}] = await rejectsOf(here)
    const page = () => readFile(layout.report(here.settings.home, 'churn', DATE), 'utf8')
    expect(key.length).toBeGreaterThan(5)
    expect(await page()).not.toContain(key)
    expect(await page()).toContain('•••')
    expect(await readFile(join(folderOf(here), 'rejects.csv'), 'utf8')).toContain("'=")
    await here.define('notify: {}, report: { maskKeys: false }, output: { neutralizeFormulas: false }')
    await here.runLocally({ rerun: true })
    expect(await page()).toContain(key)
    expect(await readFile(join(folderOf(here, 'a002'), 'rejects.csv'), 'utf8')).not.toContain("'=")
  })
})
