/** The same day comes in every form of file, and goes out in every form: its numbers must stay the same. */
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { day, formatDay } from '../../definition/dates.js'
import { readDay } from '../../engine/storage/dayOnDisk.js'
import { layout } from '../../engine/storage/layout.js'
import { DATE, type Installation, install } from '../setup/installation.js'

const MINUTE = { timeout: 90_000 }
const JSONL = "notify: {}, input: { ...base.input, format: 'jsonl', path: 'data/daily/customers_{date}-*.jsonl*' }"
const columns = "columns: ['customer_id', 'age', 'last_purchase_date', 'prediction', 'probability', 'score']"

const published = (here: Installation, name: string) => join(here.settings.home, 'churn', 'predictions', name)
const rejects = (here: Installation, name: string, attempt = 'a001') =>
  readFile(join(layout.attempt(here.settings.home, { pipeline: 'churn', date: DATE, attempt }), name), 'utf8')

/** Makes objects of the delivered rows: numbers are numbers, blanks null, any other text stands as it is; a ragged row becomes a list. */
async function asObjects(here: Installation): Promise<string[]> {
  const [names, ...rows] = parse(await readFile(here.inputPath()), { relax_column_count: true }) as string[][]
  const value = (cell: string) => (cell === '' ? null : /^-?\d+(\.\d+)?$/.test(cell) ? Number(cell) : cell)
  return rows.map((cells) => {
    const pairs = cells.map((cell, index) => [names![index] ?? '', value(cell)])
    return JSON.stringify(cells.length === names!.length ? Object.fromEntries(pairs) : pairs)
  })
}

const setFile = (here: Installation, name: string) => join(dirname(here.inputPath()), `customers_${DATE}-${name}`)

describe.concurrent('a day', () => {
  test('as a set of JSON Lines, one of them compressed, has the numbers of the table, record by record', MINUTE, async (context) => {
    const here = await install(context, `notify: {}, output: { ${columns} }`)
    await here.deliver(DATE, 'some-bad-rows')
    expect(await here.runLocally()).toMatchObject({ published: true })
    const table = parse(await readFile(published(here, `predictions_${DATE}.csv`)), { columns: true }) as Record<string, string>[]
    const tableRejects = parse(await rejects(here, 'rejects.csv'), { columns: true }) as Record<string, string>[]

    const lines = await asObjects(here)
    const cut = 1234
    await writeFile(setFile(here, 'a.jsonl'), lines.slice(0, cut).join('\n'))
    await writeFile(setFile(here, 'b.jsonl.gz'), gzipSync(`${lines.slice(cut).join('\r\n')}\r\n`))
    await here.define(`${JSONL}, output: { format: 'jsonl', ${columns} }`)
    const result = await here.runLocally({ rerun: true })
    expect(result).toMatchObject({ published: true, predictions: published(here, `predictions_${DATE}.jsonl`) })

    const found = (await readFile(result.predictions!, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(found).toEqual(
      table.map(({ customer_id, age, last_purchase_date, prediction, probability, score }) => ({
        customer_id,
        age: Number(age),
        last_purchase_date,
        prediction: Number(prediction),
        probability: Number(probability),
        score: Number(score),
      })),
    )
    const jsonRejects = (await rejects(here, 'rejects.jsonl', 'a002'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    const place = (line: number) =>
      line - 1 <= cut ? `customers_${DATE}-a.jsonl:${line - 1}` : `customers_${DATE}-b.jsonl.gz:${line - 1 - cut}`
    expect(jsonRejects.map(({ line }) => line)).toEqual(tableRejects.map(({ line }) => place(Number(line))))
    expect(await here.manifest('a002')).toMatchObject({
      input: { readAs: 'gzip', files: [{ path: setFile(here, 'a.jsonl') }, { path: setFile(here, 'b.jsonl.gz') }], records: lines.length },
      accounts: { rejected: tableRejects.length, invalid: tableRejects.length, errors: 0 },
    })
    expect(await here.command('verify', 'churn', '--date', DATE)).toMatchObject({ code: 0 })
    expect(await here.command('correct', 'churn', '--date', DATE, '--rejects', 'x', '--output', 'y')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('was a set of files'),
    })
  })

  test('in shards is the day in one file, and another form leaves no name of the former', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    const one = await here.runLocally()
    const whole = await readFile(one.predictions!, 'utf8')
    const [header, ...rows] = whole.trimEnd().split('\n')
    for (const [attempt, shards, expected] of [
      ['a002', 4, [1250, 1250, 1250, 1250]],
      ['a003', 3, [1666, 1667, 1667]],
      ['a004', 1, [5000]],
    ] as const) {
      await here.define(`notify: {}, output: { shards: ${shards} }`)
      const result = await here.runLocally({ rerun: true })
      expect(result).toMatchObject({
        published: true,
        resultsDigest: one.resultsDigest,
        predictions: published(here, `predictions_${DATE}`),
      })
      const names = (await readdir(result.predictions!)).sort()
      expect(names).toEqual(Array.from({ length: shards }, (_, index) => `predictions-0000${index}-of-0000${shards}.csv`))
      const found = await Promise.all(
        names.map(async (name) => (await readFile(join(result.predictions!, name), 'utf8')).trimEnd().split('\n')),
      )
      expect(found.map((lines) => lines.length - 1)).toEqual(expected)
      expect(found.every((lines) => lines[0] === header)).toBe(true)
      const { startedAt } = (await here.manifest(attempt))!
      expect(found.flatMap((lines) => lines.slice(1))).toEqual(rows.map((row) => row.replace(/[^,]*$/, startedAt)))
      expect(await readdir(dirname(result.predictions!))).toEqual([`predictions_${DATE}`])
    }
    await here.define("notify: {}, output: { format: 'jsonl' }")
    expect(await here.runLocally({ rerun: true })).toMatchObject({ published: true })
    expect(await readdir(dirname(published(here, 'x')))).toEqual([`predictions_${DATE}.jsonl`])
    expect(await here.command('publish', 'churn', '--date', DATE, '--attempt', 'a001')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('a001'),
    })
    expect(await readFile(published(here, `predictions_${DATE}.csv`), 'utf8')).toBe(whole)
    expect(await readdir(dirname(published(here, 'x')))).toEqual([`predictions_${DATE}.csv`])
    expect(await here.command('verify', 'churn', '--date', DATE)).toMatchObject({ code: 0 })
    expect(await here.command('diff', 'churn', '--date', DATE, '--attempts', 'a001', 'a003')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('records in both  5000'),
    })
  })

  test('with more shards than rows has all of them, some with a header alone', MINUTE, async (context) => {
    const here = await install(context, 'notify: {}, output: { shards: 7 }, anomalies: []')
    await here.deliver()
    const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).split('\n')
    await writeFile(here.inputPath(), `${[header, ...rows.slice(0, 3)].join('\n')}\n`)
    const { predictions } = await here.runLocally()
    const sizes = await Promise.all(
      (await readdir(predictions!))
        .sort()
        .map(async (name) => (await readFile(join(predictions!, name), 'utf8')).trimEnd().split('\n').length - 1),
    )
    expect(sizes).toEqual([0, 0, 1, 0, 1, 0, 1])
  })

  test('compressed, in another encoding, has the same results', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    const { resultsDigest } = await here.runLocally()
    const text = await readFile(here.inputPath(), 'utf8')
    await writeFile(here.inputPath(), gzipSync(Buffer.from(`\ufeff${text}`, 'utf16le')))
    await here.define("notify: {}, input: { ...base.input, encoding: 'utf-16le' }")
    expect(await here.runLocally({ rerun: true })).toMatchObject({ published: true, resultsDigest })
    expect((await here.manifest('a002'))?.input).toMatchObject({ readAs: 'gzip, utf-16le' })
    expect(await here.command('check', 'churn', '--input', here.inputPath())).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('5000 rows, 0 would be rejected'),
    })
  })

  test('whose records end with a delimiter, and whose days are instants, has the same results', MINUTE, async (context) => {
    const here = await install(context)
    await here.deliver()
    const { resultsDigest } = await here.runLocally()
    const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
    // The same day at 23:30 two hours west of Greenwich, written in Greenwich.
    const instant = (date: string) => `${formatDay(day(date) + 1)}T01:30:00Z`
    const written = rows.map((row) => `${row.replace(/\d{4}-\d\d-\d\d/, instant)},`)
    await writeFile(here.inputPath(), `${[header, ...written].join('\n')}\n`)
    const dates =
      "last_purchase_date: { ...base.input.columns.last_purchase_date, format: 'YYYY-MM-DDTHH:mm:ssXXX', timeZone: 'Etc/GMT+2' }"
    const input = (more: string) =>
      `notify: {}, model: { ...churn.model, golden: undefined }, input: { ...base.input, columns: { ...base.input.columns, ${dates} }${more} }`
    await here.define(input(''))
    expect(await here.command('check', 'churn', '--input', here.inputPath())).toMatchObject({
      stdout: expect.stringContaining('(trailingDelimiter: true would pass over the blank last one)'),
    })
    await here.define(input(', trailingDelimiter: true'))
    expect(await here.runLocally({ rerun: true })).toMatchObject({ published: true, resultsDigest })
  })

  test('waits for every file of its set: names that say how many, or the word of whoever wrote the folder', MINUTE, async (context) => {
    const here = await install(context, `${JSONL}`)
    await here.deliver()
    const lines = await asObjects(here)
    await writeFile(setFile(here, '00000-of-00002.jsonl'), lines.slice(0, 100).join('\n'))
    const missing = await here.runLocally()
    expect(missing).toMatchObject({
      verdict: 'input-missing',
      problem: { message: expect.stringContaining(`and not yet customers_${DATE}-00001-of-00002.jsonl`) },
    })
    await writeFile(setFile(here, '00001-of-00002.jsonl'), lines.slice(100).join('\n'))
    await rm(setFile(here, '00000-of-00002.jsonl.done'), { force: true })
    expect(await here.runLocally()).toMatchObject({ published: true, accounts: { read: 5000 } })

    // A day later a file of the set is another one, or one more is there.
    const stale = async () => (await here.command('status', 'churn', '--date', DATE, '--json')).stdout
    expect(JSON.parse(await stale())).not.toHaveProperty('dates.0.stale')
    const later = new Date(Date.now() + 60_000)
    await writeFile(setFile(here, '00001-of-00002.jsonl'), lines.slice(101).join('\n'))
    await utimes(setFile(here, '00001-of-00002.jsonl'), later, later)
    expect(await stale()).toContain('"input"')
    expect((await readDay(here.settings.home, 'churn', DATE)).publication).toMatchObject({ number: 1 })
  })

  test('in files of which one was cut off inside quotes loses that record alone', MINUTE, async (context) => {
    const here = await install(context, "notify: {}, input: { ...base.input, path: 'data/daily/customers_{date}-*.csv' }")
    await here.deliver()
    const [header, ...rows] = (await readFile(here.inputPath(), 'utf8')).trimEnd().split('\n')
    const [last, first] = [rows[99]!, rows[100]!]
    await writeFile(setFile(here, 'a.csv'), [header, ...rows.slice(0, 99), `"${last.slice(0, 4)}`].join('\n'))
    await writeFile(setFile(here, 'b.csv'), [header, first.replace(/^[^,]*/, '"\n$&"'), ...rows.slice(101)].join('\n'))
    expect(await here.runLocally()).toMatchObject({ published: true, accounts: { read: 5000, predicted: 4999, rejected: 1 } })
    expect(parse(await rejects(here, 'rejects.csv'), { columns: true })).toMatchObject([
      { line: `customers_${DATE}-a.csv:101`, raw: `"${last.slice(0, 4)}` },
    ])
    expect(await here.command('verify', 'churn', '--date', DATE)).toMatchObject({ code: 0 })
  })

  test('without a key is known by lines', MINUTE, async (context) => {
    const here = await install(
      context,
      'notify: {}, input: { ...base.input, key: undefined, header: false, columns: Object.fromEntries(Object.entries(base.input.columns).map(([name, column], index) => [name, { ...column, from: index + 1 }])) }, output: {}, model: { ...churn.model, golden: undefined }',
    )
    await here.deliver(DATE, 'some-bad-rows')
    const lines = (await readFile(here.inputPath(), 'utf8')).split('\n')
    await writeFile(here.inputPath(), lines.slice(1).join('\n'))
    const { predictions } = await here.runLocally()
    const found = parse(await readFile(predictions!), { columns: true }) as Record<string, string>[]
    expect(Object.keys(found[0]!)).toEqual(['line', 'prediction', 'probability', 'timestamp'])
    const rejected = (parse(await rejects(here, 'rejects.csv'), { columns: true }) as Record<string, string>[]).map(({ line }) =>
      Number(line),
    )
    expect(rejected.length).toBeGreaterThan(0)
    const all = [...found.map(({ line }) => Number(line)), ...rejected].sort((a, b) => a - b)
    expect(all).toEqual(Array.from({ length: all.length }, (_, index) => index + 1))
  })
})
