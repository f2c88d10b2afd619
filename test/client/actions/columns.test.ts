/** What `daybreak columns` prints must be a definition's input that reads the very file, whatever stands in it. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { check } from '../../../client/actions/check.js'
import { columns } from '../../../client/actions/columns.js'
import { linearRegressorModel } from '../../setup/onnxBuilder.js'

let folder = ''
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'daybreak-columns-')))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What a command writes on standard output, and how it ends. Its words for people, on the other one, are nobody's here. */
async function output(command: () => Promise<number>): Promise<{ code: number; text: string }> {
  const { stdout, stderr } = process
  const [write, writeError] = [stdout.write, stderr.write]
  let text = ''
  stdout.write = ((chunk: string) => {
    text += chunk
    return true
  }) as typeof write
  stderr.write = () => true
  try {
    return { code: await command(), text }
  } finally {
    stdout.write = write
    stderr.write = writeError
  }
}

let pipelines = 0

/** Infers, defines, checks the same file. */
async function inferred(
  content: string | Buffer,
  options: { encoding?: string; header?: boolean; skip?: number; delimiter?: string } = {},
  name = 'in.csv',
) {
  pipelines += 1
  const pipeline = `p${pipelines}`
  const file = join(folder, `${pipeline}-${name}`)
  await writeFile(file, content)
  const { text } = await output(() => columns(file, { header: true, ...options }))
  const home = join(folder, 'pipelines', pipeline)
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'm.onnx'), linearRegressorModel({ coefficients: [1], intercept: 0 }))
  const source = `import { column, definePipeline, regression } from 'daybreak'
export default definePipeline({ name: '${pipeline}', ${text.slice(text.indexOf('input: {'))}
  features: { one: () => 1 }, model: { file: 'm.onnx', version: '1', task: regression() } })`
  await writeFile(join(home, 'pipeline.ts'), source)
  const checked = await output(() =>
    check(pipeline, { pipelines: join(folder, 'pipelines'), home: join(folder, 'home'), input: file, json: true }),
  )
  return { text, document: JSON.parse(checked.text) as { valid: boolean; validation?: { accounts: { read: number; rejected: number } } } }
}

const line = (text: string, name: string) =>
  text
    .split('\n')
    .find((one) => one.trim().startsWith(`${name}:`))
    ?.trim()

describe('columns of a file', () => {
  test('have the narrowest kind that reads every value, with what was seen', async () => {
    const rows = Array.from({ length: 60 }, (_, index) =>
      [
        `C-${index}`,
        index,
        index / 4,
        index % 7 === 0 ? '?' : index * 10,
        `0${10 + index}`,
        `${1 + (index % 28)}/0${1 + (index % 9)}/2026`.padStart(10, '0'),
        index % 2 === 0 ? 'Yes' : 'No',
        index % 2 === 0 ? 'true' : 'false',
        `${index},5`,
        `1.${100 + index},25`,
        index % 3 === 0 ? '' : 'x y',
        ` ${index}`,
        '',
      ]
        .map((cell) => (/[,\n]/.test(String(cell)) ? `"${cell}"` : cell))
        .join(','),
    )
    const { text, document } = await inferred(`id,whole,part,gaps,code,day,flag,truth,comma,mark,maybe,padded,empty\n${rows.join('\n')}\n`)
    expect(document).toMatchObject({ valid: true, validation: { accounts: { read: 60, rejected: 0 } } })
    expect(line(text, 'key')).toMatch(/^key: "id", \/\/ unique and never blank: id, whole, part/)
    expect(line(text, 'id')).toBe('id: column.text(), // every value differs; unique')
    expect(line(text, 'whole')).toBe('whole: column.integer(), // 0 to 59; unique')
    expect(line(text, 'part')).toBe('part: column.number(), // 0 to 14.75; unique')
    expect(line(text, 'gaps')).toBe("gaps: column.integer({ nullable: true, nullValues: ['?'] }), // 10 to 590; 9 blank")
    expect(line(text, 'code')).toMatch(/column\.text\(\), \/\/ every value differs; leading zeros: a code, not a number/)
    expect(line(text, 'day')).toMatch(/^day: column\.date\(\{ format: 'DD\/MM\/YYYY' \}\),/)
    expect(line(text, 'flag')).toBe("flag: column.category(['No', 'Yes']), // 2 values")
    expect(line(text, 'truth')).toBe('truth: column.boolean(),')
    expect(line(text, 'comma')).toMatch(/column\.number\(\{ decimal: ',' \}\), \/\/ 0\.5 to 59\.5/)
    expect(line(text, 'mark')).toMatch(
      /column\.number\(\{ decimal: ',', thousands: '\.' \}\), \/\/ 1100\.25 to 1159\.25; '\.' is taken to stand between thousands/,
    )
    expect(line(text, 'maybe')).toBe(
      'maybe: column.text({ nullable: true }), // "x y" in every record: nothing says what else there is; 20 blank',
    )
    expect(line(text, 'padded')).toMatch(/column\.integer\(\{ trim: true \}\), \/\/ 0 to 59/)
    expect(line(text, 'empty')).toBe('empty: column.text({ nullable: true }), // blank in every record')
  })

  test('days that could be read in two ways are said to be', async () => {
    const { text } = await inferred('id,day\na,01/02/2026\nb,03/04/2026\n')
    expect(line(text, 'day')).toBe(
      "day: column.date({ format: 'DD/MM/YYYY' }), // also read by MM/DD/YYYY, M/D/YYYY: ask whoever writes the file; unique",
    )
  })

  test.each<[string, string | Buffer, Parameters<typeof inferred>[1], string]>([
    ['tabs', 'id\tx\na\t1\nb\t2\n', {}, 'delimiter: "\\t"'],
    ['semicolons, compressed', gzipSync('id;x\na;1\nb;2\n'), {}, 'delimiter: ";"'],
    ['no header', 'a,1\nb,2\n', { header: false }, 'header: false'],
    ['a title', 'All customers\nid,x\na,1\nb,2\n', { skip: 1 }, 'header: { linesBefore: 1 }'],
    ['another encoding', Buffer.from('id,Größe\na,1\n', 'latin1'), { encoding: 'latin1' }, 'encoding: "latin1"'],
    ['doubled and blank names', 'id,x,x,\na,1,2,3\n', {}, 'from: 2'],
    ['padded names', 'id, x \na,1\n', {}, 'from: " x "'],
    ['names of results', 'id,prediction,score\na,1,2\n', {}, 'from: "prediction"'],
    ['a column called as records are', 'id,line\na,1\n', {}, 'from: "line"'],
    [
      'ids of many digits',
      'id,x\n12345678901234567890,1\n12345678901234567891,2\n',
      {},
      'id: column.text(), // every value differs; more digits',
    ],
    ['hours of one digit', 'id,t\na,12/1/2010 8:26\nb,12/13/2010 18:26\n', {}, "format: 'M/D/YYYY H:mm'"],
    ['names that are numbers', 'id,1,2\na,1,2\n', {}, 'from: "1"'],
    ['quoted line breaks', 'id,x\n"a\nb",1\n"c ""d""",2\n', {}, 'column.text()'],
    ['JSON Lines', '{"id":"a","f":{"x":1,"y":true},"l":[1]}\n{"id":"b","f":{"x":2.5}}\n', {}, 'from: "f.x"'],
    [
      'broken rows among good ones',
      `id,x\n${Array.from({ length: 300 }, (_, index) => `r${index},1`).join('\n')}\nbroken\n`,
      {},
      '1 records are broken and would be rejected: lines 302',
    ],
  ])('read a file with %s', async (_name, content, options, said) => {
    const { text, document } = await inferred(content, options)
    expect(text).toContain(said)
    expect(document).toMatchObject({ valid: true })
  })

  test('of a first line that is a record, it is asked whether it is one; of a title, whether it is that', async () => {
    const record = 'the header has numbers for names: is it a record? --no-header'
    const title = 'blank names: is it a title? --skip 1'
    for (const [first, said, unsaid] of [
      ['A11,6,4,4,A11', record, title],
      [`Alamance,7,,,${Array.from({ length: 20 }, (_, index) => `n${index}`).join(',')}`, record, title],
      ['All customers,,,,', title, record],
    ] as const) {
      const width = first.split(',').length
      const { text } = await inferred(`${first}\n${'x,1,2,3,4'.padEnd(2 * width - 1, ',y')}\n`)
      expect(text).toContain(said)
      expect(text).not.toContain(unsaid)
    }
    const { text } = await inferred('id,x,x,y,y\na,1,2,3,4\n')
    expect(text).not.toMatch(/--skip|--no-header/)
  })

  test('decimals are not taken for thousands: what is not decided is told', async () => {
    const { text, document } = await inferred('id,rate\na,0.234\nb,2.345\nc,0.846\n')
    expect(line(text, 'rate')).toBe('rate: column.number(), // 0.234 to 2.345; unique')
    expect(document).toMatchObject({ valid: true, validation: { accounts: { read: 3, rejected: 0 } } })
    const { text: json } = await inferred('{"v":0.234}\n{"v":2.345}\n', {}, 'in.jsonl')
    expect(line(json, 'v')).toBe('v: column.number(), // 0.234 to 2.345; unique')
    const { text: beside } = await inferred('id,a,b\nx,93.994,1.1\ny,12.345,2.5\n')
    expect(line(beside, 'a')).toBe(
      'a: column.number(), // 12.345 to 93.994; "93.994" is 93.994, as other columns have a decimal point; unique',
    )
    const { text: alone } = await inferred('id,a\nx,93.994\n')
    expect(line(alone, 'a')).toContain("or 93994 where '.' stands between thousands: ask whoever writes the file")
  })

  test('records that end with a delimiter, and instants, are read as they are declared', async () => {
    const days = ['2026-03-02T23:30:00Z', '2026-03-03T01:30:00+02:00']
    const rows = Array.from({ length: 20 }, (_, index) => `k${index},${index},${days[index % 2]},`)
    const { text, document } = await inferred(`id,x,at\n${rows.join('\n')}\n`)
    expect(text).toContain('  trailingDelimiter: true,\n')
    expect(line(text, 'at')).toBe("at: column.date({ format: 'YYYY-MM-DDTHH:mm:ssXXX' }), // the day in UTC; timeZone says another zone")
    expect(document).toMatchObject({ valid: true, validation: { accounts: { read: 20, rejected: 0 } } })
    for (const other of ['id,x,\na,1,\nb,2,\n', 'id,x\na,1\nb,2,\n', 'id,x\na,1,3\nb,2,4\n']) {
      const file = join(folder, 'no-trailing.csv')
      await writeFile(file, other)
      expect((await output(() => columns(file, { header: true }))).text).not.toContain('trailingDelimiter')
    }
  })

  test.each([
    ['of pandas', ',customer,x\n0,a,5\n1,b,6\n2,c,5\n', 'customer'],
    ['of pandas, read and written again', 'Unnamed: 0,customer,x\n0,a,5\n1,b,6\n2,c,5\n', 'customer'],
    ['of pandas, of what was left of a table', ',x\n17,5\n3,6\n40,5\n', undefined],
    ['of R', '"",x\n"1",5\n"2",6\n"3",5\n', undefined],
    ['by its name', 'RowNumber,CustomerId\n1,15634602\n2,15647311\n', 'CustomerId'],
  ])('the index %s is no key', async (_name, content, key) => {
    const { text } = await inferred(content)
    expect(text.match(/^ {2}key: "(.*?)"/m)?.[1]).toBe(key)
    expect(text).toContain('numbers the records of a file: no key')
  })

  test('ids that count are a key, and so is an unnamed column of names', async () => {
    expect((await inferred('id,x\n1,5\n2,6\n3,5\n')).text).toContain('  key: "id"')
    expect((await inferred(',x\nMazda RX4,5\nFiat 128,6\n')).text).toContain('  key: "column_1"')
  })

  test('several files are one input: types read all of them, and what not all have is said', async () => {
    const rows = (count: number, cells: (index: number) => string) => Array.from({ length: count }, (_, index) => cells(index)).join('\n')
    const files = [join(folder, 'day_2026-03-01.csv'), join(folder, 'day_2026-03-02.csv')]
    await writeFile(files[0]!, `id,x,kind,old\n${rows(40, (index) => `k${index},${index},${'AB'[index % 2]},1`)}\n`)
    await writeFile(files[1]!, `x,id,kind,new\n${rows(40, (index) => `${index}.5,k${index},${'AC'[index % 2]},1`)}\nbroken\n`)
    const { text } = await output(() => columns(files, { header: true }))
    expect(text).toContain('// 81 records of day_2026-03-01.csv, day_2026-03-02.csv')
    expect(text).toContain('// 1 records are broken and would be rejected: lines day_2026-03-02.csv:42')
    expect(text).toContain('path: "data/day_{date}.csv"')
    expect(line(text, 'key')).toMatch(/^key: "id", \/\/ unique and never blank: id, x/)
    expect(line(text, 'x')).toBe('x: column.number(), // 0 to 39.5; unique')
    expect(line(text, 'kind')).toBe('kind: column.text(), // 3 values, of which 2 in one file alone: tomorrow there may be others')
    expect(line(text, 'old')).toContain('not in day_2026-03-02.csv')
    expect(line(text, 'new')).toContain('not in day_2026-03-01.csv')
    const json = JSON.parse((await output(() => columns(files, { header: true, json: true }))).text) as Record<string, unknown>
    expect(json).toMatchObject({ file: files[0], files, records: 81, broken: 1, brokenLines: ['day_2026-03-02.csv:42'] })
    const alone = JSON.parse((await output(() => columns(files[1]!, { header: true, json: true }))).text) as Record<string, unknown>
    expect(alone).toMatchObject({ file: files[1], records: 41, broken: 1, brokenLines: [42] })
    expect(alone).not.toHaveProperty('files')
  })

  test('several files of JSON are one input; those of the same name are told by their paths', async () => {
    const files = ['a', 'b'].map((day) => join(folder, day, 'events.jsonl'))
    for (const file of files) await mkdir(join(file, '..'), { recursive: true })
    await writeFile(files[0]!, '{"id":"a","x":1,"only":true}\n{"id":"b","x":2,"only":true}\n')
    await writeFile(files[1]!, gzipSync('{"id":"a","x":1.5}\n{"id":"c","x":2}\n'))
    const { text } = await output(() => columns(files, { header: true }))
    expect(text).toContain('key: "id"')
    expect(line(text, 'x')).toContain('column.number(), // 1 to 2')
    expect(line(text, 'only')).toContain(`column.boolean({ nullable: true }), // 2 blank; not in ${files[1]}`)
  })

  test('files of several kinds are refused', async () => {
    const files = ['one.csv', 'two.csv', 'three.jsonl'].map((name) => join(folder, name))
    await Promise.all(['id,x\na,1\n', 'id;x\na;1\n', '{"id":"a"}\n'].map((content, index) => writeFile(files[index]!, content)))
    for (const [other, seen] of [
      [files[1]!, 'two.csv is a table with ";"'],
      [files[2]!, 'three.jsonl is JSON Lines'],
    ] as const)
      await expect(columns([files[0]!, other], { header: true })).rejects.toMatchObject({
        code: 'UsageInvalid',
        message: `the files are of several kinds: one.csv is a table with ",", ${seen}`,
      })
  })

  test('fields of JSON that no column reads are told, and left out', async () => {
    const rows = [
      { id: 'a', object: 1, mixed: 1.5, truth: true, nul: '\u0000', list: [1], whole: 1, large: 2 ** 64 },
      { id: 'b', object: { x: 1 }, mixed: 'x', truth: 'x', nul: 'x', list: 1, whole: 'x', large: 1 },
    ]
    const { text, document } = await inferred(rows.map((row) => JSON.stringify(row)).join('\n'), {}, 'in.jsonl')
    expect(document).toMatchObject({ valid: true, validation: { accounts: { read: 2, rejected: 0 } } })
    for (const said of [
      'object: no column reads all its values: object is an object, where a whole number is expected',
      'mixed: no column reads all its values: mixed is a number with a fraction',
      'truth: no column reads all its values: truth is true, where a text is expected',
      'nul: no column reads all its values: nul holds a NUL',
      'list: no column reads all its values: list is a list, where a whole number is expected',
      'large: no column reads all its values: large is a number with a fraction or beyond 2^53',
    ])
      expect(text).toContain(`    // ${said}`)
    expect(line(text, 'whole')).toContain('whole: column.text(), // every value differs; values of several types: number, string; unique')
    expect(line(text, 'x')).toContain('from: "object.x"')
  })

  test('the ranges of numbers are those of all values, however they are written', async () => {
    const { text } = await inferred('id,x,y,z\na,1,1,-0.5\nb,-2.5,2,3\nc,1e3,+7,007.5\n')
    expect(line(text, 'x')).toContain('column.number(), // -2.5 to 1000')
    expect(line(text, 'y')).toContain('column.integer(), // 1 to 7')
    expect(line(text, 'z')).toContain('column.number(), // -0.5 to 7.5')
  })

  test('refusals name the options of the command', async () => {
    for (const [content, options, next] of [
      ['\n\nid,x\na,1\n', {}, 'Take it out, or set --skip to 2.'],
      ['id,x\n', { skip: 5 }, 'Look at the file and at --skip.'],
      [Buffer.from('id,x\n\xfc,1\n', 'latin1'), {}, 'say what it is in: --encoding'],
      ['id,x\n\u00fc,1\n', { encoding: 'latin1' }, 'Leave --encoding out'],
      ['id;x\na;1\n', { delimiter: ',' }, 'Set --delimiter to ";"'],
    ] as const) {
      const file = join(folder, 'refused.csv')
      await writeFile(file, content)
      await expect(columns(file, { header: true, ...options })).rejects.toMatchObject({
        code: 'InputRefused',
        problem: { next: expect.stringContaining(next) },
      })
    }
  })

  test('values and names that are code stay text', async () => {
    const evil = [
      "'] }), x: process.exit(9), y: column.text({ z: ['",
      '*/ process.exit(9) //',
      '\u2028process.exit(9)',
      '$\u007bprocess.exit(9)}',
      '\\',
      '`',
      '__proto__',
      'constructor',
    ]
    const cell = (text: string) => `"${text.replaceAll('"', '""')}"`
    const rows = Array.from({ length: 40 }, (_, index) => evil.map((text) => cell(`${text}${index % 2}`)).join(','))
    const { text, document } = await inferred(`${evil.map(cell).join(',')}\n${rows.join('\n')}\n`)
    expect(document).toMatchObject({ valid: true, validation: { accounts: { read: 40, rejected: 0 } } })
    expect(text.split('\n').length).toBe(text.split(/[\n\u2028\u2029]/).length)
  })

  test('of what is no table are refused by name', async () => {
    const file = join(folder, 'page.csv')
    await writeFile(file, '<html>')
    await expect(columns(file, { header: true })).rejects.toMatchObject({ code: 'InputRefused', message: expect.stringContaining('HTML') })
    await expect(columns(file, { header: true, encoding: 'klingon' })).rejects.toMatchObject({ code: 'UsageInvalid' })
    await expect(columns(join(folder, 'none'), { header: true })).rejects.toMatchObject({ code: 'InputUnreadable' })
  })
})
