/** What is proposed for the columns of a file: never a declaration that reads another number than the file says, without a word of doubt. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ValueKind } from '../../../engine/input/columnCandidates.js'
import { ColumnEvidence, type InferredColumn, provenBy } from '../../../engine/input/inferColumns.js'
import { compileDecoder } from '../../../engine/table/decode.js'

type Values = readonly string[]

function evidenceOf(files: readonly Values[], kind: ValueKind = 'cell'): ColumnEvidence {
  const evidence = new ColumnEvidence()
  for (const values of files) {
    evidence.nextFile()
    for (const value of values) evidence.add(value, kind)
  }
  return evidence
}

/** Columns of one file, by name. */
function inferred(columns: Readonly<Record<string, Values>>): Readonly<Record<string, InferredColumn>> {
  const evidence = Object.entries(columns).map(([name, values]) => [name, evidenceOf([values])] as const)
  const proven = provenBy(evidence.map(([, one]) => one))
  return Object.fromEntries(evidence.map(([name, one]) => [name, one.infer(name, proven)]))
}

const one = (values: Values, name = 'x') => inferred({ [name]: values })[name]!

/** What a run reads with a declaration; `undefined`: a reject. */
function readAll({ declared }: InferredColumn, values: Values) {
  const decoder = compileDecoder({ x: declared }, { x: 0 }, 0, {})
  const row = decoder.newRow()
  return values.map((value) => (decoder.decode([value], row).length === 0 ? row.x : undefined))
}

const repeated = (values: Values, times: number): Values => Array.from({ length: times }, () => values).flat()

describe('decimals and thousands', () => {
  test.each<[string, Readonly<Record<string, Values>>, string, readonly (number | null | undefined)[]]>([
    ['a group of thousands never begins with 0', { x: ['0.234', '2.345', '0.846'] }, 'column.number()', [0.234, 2.345, 0.846]],
    ['with a sign', { x: ['-0.234', '-2.345'] }, 'column.number()', [-0.234, -2.345]],
    ['four digits behind the point', { x: ['12.3456', '1.234'] }, 'column.number()', [12.3456, 1.234]],
    ['four digits before it, and no mark between them', { x: ['1234.567', '1.234'] }, 'column.number()', [1234.567, 1.234]],
    ['another column proves the point', { x: ['93.994', '12.345'], y: ['1.1', '2.5'] }, 'column.number()', [93.994, 12.345]],
    ['another column proves the comma', { x: ['93.994'], y: ['1,1'] }, "column.integer({ decimal: ',', thousands: '.' })", [93_994]],
    ['a decimal comma beside another', { x: ['1,234'], y: ['0,5'] }, "column.number({ decimal: ',' })", [1.234]],
    ['thousands beside a decimal point', { x: ['1,234'], y: ['0.5'] }, "column.integer({ thousands: ',' })", [1234]],
    [
      'two groups prove what stands between them',
      { x: ['1.234.567', '1.234'] },
      "column.integer({ decimal: ',', thousands: '.' })",
      [1_234_567, 1234],
    ],
    ['both marks in one number', { x: ['1,234.5', '1,234'] }, "column.number({ thousands: ',' })", [1234.5, 1234]],
    ['both marks, the other way round', { x: ['1.234,5', '1.234'] }, "column.number({ decimal: ',', thousands: '.' })", [1234.5, 1234]],
    ['nothing is proven', { x: ['93.994', '12.345'] }, 'column.number()', [93.994, 12.345]],
    ['nothing is proven, by whole numbers neither', { x: ['1.000'], y: ['7', '12000'] }, 'column.number()', [1]],
    ['both are proven', { x: ['93.994'], y: ['1,5'], z: ['1.5'] }, 'column.number()', [93.994]],
    ['nothing is proven of a comma: it is rejected', { x: ['1,234', '900'] }, 'column.number()', [undefined, 900]],
    ['apostrophes between thousands', { x: ["1'234.5"] }, "column.number({ thousands: '\\'' })", [1234.5]],
    ['spaces between thousands', { x: ['1 234,5', '1\u00a0234'] }, "column.number({ decimal: ',', thousands: ' ' })", [1234.5, 1234]],
    ['nothing before the point', { x: ['.234', '1.234'] }, 'column.number()', [0.234, 1.234]],
    ['a comma behind a zero', { x: ['0,234', '1,234'] }, "column.number({ decimal: ',' })", [0.234, 1.234]],
    ['spaces around', { x: [' 93.994', '0.5 '] }, 'column.number({ trim: true })', [93.994, 0.5]],
    ['blanks in words', { x: [' ?', '0.5'] }, "column.number({ trim: true, nullable: true, nullValues: ['?'] })", [null, 0.5]],
  ])('%s', (_why, columns, code, values) => {
    const { x } = inferred(columns)
    expect(x!.code).toBe(code)
    expect(readAll(x!, columns.x!)).toEqual(values)
  })

  test.each<[string, Readonly<Record<string, Values>>, string]>([
    ['a point', { x: ['93.994'] }, '"93.994" is 93.994, or 93994 where \'.\' stands between thousands: ask whoever writes the file'],
    ['a point, both proven', { x: ['93.994'], y: ['1,5', '2,5'], z: ['1.5'] }, '"93.994" is 93.994, or 93994 where'],
    [
      'a comma',
      { x: ['1,234'] },
      '"1,234" is 1234 where \',\' stands between thousands, or 1.234 with a decimal comma, and is rejected until',
    ],
    ['what others prove', { x: ['93.994'], y: ['1.5'] }, '"93.994" is 93.994, as other columns have a decimal point'],
    ['what others prove of a comma', { x: ['1,234'], y: ['1,5'] }, '"1,234" is 1.234, as other columns have a decimal comma'],
    ['thousands', { x: ['1,234'], y: ['1.5'] }, "',' is taken to stand between thousands, as other columns have a decimal point"],
    ['an exponent', { x: ['12E4', '7E2'] }, '"12E4" is 120000: column.text() if it is a code'],
  ])('the doubt or the proof is said with a value: %s', (_what, columns, said) => {
    expect(inferred(columns).x!.evidence.join('; ')).toContain(said)
  })

  test('numbers of JSON have no marks', () => {
    for (const values of [['0.234', '2.345'], ['93.994'], ['1.234', '12']]) {
      const found = evidenceOf([values], 'number').infer('v')
      expect(found.code).toBe('column.number()')
      expect(found.evidence.join()).not.toContain('ask')
    }
    expect(evidenceOf([['1.234'], ['5']], 'text').infer('v').code).toBe('column.text()')
  })

  const point = (value: number, digits: number) => value.toFixed(digits)
  const grouped = (text: string, mark: string) => text.replace(/\B(?=(\d{3})+(?!\d)(?:$|\.))(?<!\.\d*)/g, mark)
  /** How numbers are written in one place: the text of a number with so many digits behind the mark. */
  const WRITERS: Readonly<Record<string, (value: number, digits: number) => string>> = {
    point,
    comma: (value, digits) => point(value, digits).replace('.', ','),
    'point and comma': (value, digits) => grouped(point(value, digits), ','),
    'comma and point': (value, digits) => grouped(point(value, digits), '_').replace('.', ',').replaceAll('_', '.'),
    'comma and space': (value, digits) => grouped(point(value, digits), ' ').replace('.', ','),
    'point and apostrophe': (value, digits) => grouped(point(value, digits), "'"),
  }

  test('numbers of one writer are read as they were meant, or rejected, or the doubt is said', () => {
    const column = fc.record({
      digits: fc.constantFrom(0, 0, 1, 2, 3, 3, 3, 4),
      values: fc.array(fc.oneof(fc.double({ min: -2e6, max: 2e6, noNaN: true }), fc.double({ min: 1, max: 200, noNaN: true })), {
        minLength: 1,
        maxLength: 3,
      }),
    })
    let [sure, doubted] = [0, 0]
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(WRITERS)), fc.array(column, { minLength: 1, maxLength: 3 }), (writer, columns) => {
        const texts = columns.map(({ digits, values }) => values.map((value) => WRITERS[writer]!(value, digits)))
        const found = Object.values(inferred(Object.fromEntries(texts.map((values, index) => [`c${index}`, values]))))
        for (const [index, { digits, values }] of columns.entries()) {
          const { evidence } = found[index]!
          if (evidence.some((words) => words.includes('ask whoever'))) doubted += 1
          else {
            sure += 1
            expect(readAll(found[index]!, texts[index]!)).toEqual(values.map((value) => Number(point(value, digits))))
          }
        }
      }),
      { numRuns: 2000 },
    )
    expect(Math.min(sure, doubted)).toBeGreaterThan(100)
  })
})

describe('a category needs evidence', () => {
  test('at least two values, each more than once, and ten records for each', () => {
    expect(one(repeated(['Yes', 'No'], 10)).code).toBe("column.category(['No', 'Yes'])")
    expect(one(repeated(['B-0', 'B-1', ''], 20)).code).toBe("column.category(['B-0', 'B-1'], { nullable: true })")
    for (const [values, why] of [
      [repeated(['Yes', 'No'], 9), '2 values in 18 records: too few to tell a list'],
      [[...repeated(['Yes', 'No'], 50), 'Maybe'], '3 values, of which 1 once: tomorrow there may be others'],
      [repeated(['DE'], 100), '"DE" in every record: nothing says what else there is'],
      [
        repeated(
          Array.from({ length: 31 }, (_, index) => `v${index}`),
          20,
        ),
        'up to 3 characters',
      ],
    ] as const) {
      const found = one(values)
      expect([found.code, found.evidence[0]]).toEqual(['column.text()', why])
    }
  })

  test.each<[string, Values]>([
    ['times', ['10:30', '11:30']],
    ['times with milliseconds', ['10:00:00.123', '10:00:01.456']],
    ['times within words', ['Mon 10:00', 'Tue 10:00']],
    ['dates of no form that is read', ['2026/3/2 late', '2026/3/3 late']],
    ['months', ['Mar 2026', 'Apr 2026']],
    ['months in one word', ['02MAR26', '03MAR26']],
    ['weeks', ['2026-W09', '2026-W10']],
    ['quarters', ['Q1 26', 'Q2 26']],
    ['numbers of invoices', ['INV-2026001', 'INV-2026002']],
    ['numbers with leading zeros', ['00001234', '00001235']],
    ['long codes', ['A1234', 'B1234']],
    ['numbers of more digits than a number holds', ['12345678901234567890', '12345678901234567891']],
  ])('what may differ tomorrow is text: %s', (_what, values) => {
    const found = one(repeated(values, 50))
    expect(found.code).toBe('column.text()')
    expect(found.evidence[0]).toMatch(/tomorrow there (?:may be|are) others/)
  })

  test('a value that only one of several days has is no sign of a list', () => {
    const [monday, tuesday] = [repeated(['A', 'B'], 20), repeated(['A', 'C'], 20)]
    expect(evidenceOf([monday, monday]).infer().code).toBe("column.category(['A', 'B'])")
    const { code, evidence } = evidenceOf([monday, tuesday]).infer()
    expect([code, evidence[0]]).toEqual(['column.text()', '3 values, of which 2 in one file alone: tomorrow there may be others'])
  })
})

describe('days and times', () => {
  test.each([
    ['M/D/YYYY h:mm A', ['3/2/2026 1:05 PM', '12/31/2026 12:00 AM']],
    ['M/D/YYYY h:mm:ss A', ['3/2/2026 1:05:09 PM', '3/13/2026 1:05:09 PM']],
    ['M/D/YY', ['3/2/26', '12/31/26']],
    ['MM/DD/YY', ['03/02/26', '12/31/26']],
    ['DD.MM.YY', ['02.03.26', '31.12.26']],
    ['YYYY-MM-DD HH:mm:ss.SSS', ['2026-03-02 10:00:00.000', '2026-03-02 10:00:00.123']],
    ['YYYY-MM-DD HH:mm:ss,SSS', ['2026-03-02 10:00:00,000']],
    ['YYYY-MM-DD HH:mm:ss.S', ['2026-03-02 10:00:00.0']],
    ['YYYY-MM-DDTHH:mm:ss.SSSSSS', ['2026-03-02T10:00:00.000000']],
    ['YYYY-MM-DDTHH:mm:ssXXX', ['2026-03-02T10:00:00+02:00', '2026-03-02T10:00:00Z']],
    ['YYYY-MM-DDTHH:mm:ss.SSSXXX', ['2026-03-02T10:00:00.123Z']],
    ['YYYY-MM-DDTHH:mm:ss.SSSSSSSXXX', ['2026-03-02T10:00:00.1234567+00:00']],
    ['YYYY-MM-DDTHH:mm:ssXX', ['2026-03-02T10:00:00+0200']],
    ['YYYY-MM-DD HH:mm:ssX', ['2026-03-02 10:00:00+00']],
    ['YYYY-MM-DD HH:mm:ss XX', ['2026-03-02 10:00:00 +0000']],
    ['YYYY-MM-DD HH:mm:ss UTC', ['2026-03-02 10:00:00 UTC']],
    ['YYYYMMDDTHHmmssXX', ['20260302T100000Z']],
    ['YYYYMMDD', ['20260302', '20260303']],
    ['YYYYMMDDHHmmss', ['20260302101500', '20260303101500']],
    ['DD-MMM-YY', ['02-MAR-26']],
    ['DD MMM YYYY', ['02 Mar 2026']],
    ['D.M.YYYY', ['2.3.2026', '31.12.2026']],
  ])('%s', (format, values) => {
    const found = one(values)
    expect(found.code).toBe(`column.date({ format: '${format}' })`)
    for (const value of readAll(found, values)) expect(value).toBeTypeOf('number')
    expect(found.evidence.join()).not.toMatch(/min|max|\d{5}/)
  })

  test('one number of eight digits is a day only where the column is called so', () => {
    expect(one(['20260302', '20260302']).code).toBe('column.integer()')
    expect(one(['20260302', '20260302']).evidence).toContain("if it is a day: column.date({ format: 'YYYYMMDD' })")
    for (const name of ['date', 'order_date', 'orderDate', 'DAY', 'dt', 'Load Date'])
      expect(one(['20260302'], name).code, name).toBe("column.date({ format: 'YYYYMMDD' })")
    for (const name of ['candidate', 'updates', 'holidays']) expect(one(['20260302'], name).code, name).toBe('column.integer()')
  })

  test.each([
    ['20260332', '20260302'],
    ['18991231', '18991230'],
    ['21010101', '21010102'],
    ['2026030', '2026031'],
    ['20260302.5', '20260303'],
  ])('%s and %s are numbers', (...values) => {
    expect(one(values, 'date').code).toMatch(/column\.(integer|number)\(/)
  })

  test('an order of parts that reads every value too is told', () => {
    expect(one(['01/02/26']).evidence[0]).toMatch(/^also read by MM\/DD\/YY.*YY\/MM\/DD: ask whoever writes the file$/)
    expect(one(['13/02/2026', '01/02/2026']).evidence).toEqual([])
  })

  test('which part stands first is told by all columns of the file', () => {
    for (const [proof, format, other] of [
      ['12/31/2026', 'MM/DD/YYYY', 'month'],
      ['31/12/2026', 'DD/MM/YYYY', 'day'],
    ] as const) {
      const { x } = inferred({ x: ['01/02/2026'], y: [proof, '01/01/2026'] })
      expect(x!.code).toBe(`column.date({ format: '${format}' })`)
      expect(x!.evidence[0]).toContain(`: other columns have the ${other} first`)
    }
    const { x } = inferred({ x: ['01/02/2026'], y: ['12/31/2026'], z: ['31/12/2026'] })
    expect(x!.evidence[0]).toContain(': ask whoever writes the file')
    expect(inferred({ x: ['01/02/2026'], y: ['31 Dec 2026'] }).x!.evidence[0]).toContain(': ask whoever')
  })

  test('AM and PM are mostly written where the month stands first', () => {
    const { code, evidence } = one(['3/2/2026 1:05 PM'])
    expect(code).toBe("column.date({ format: 'M/D/YYYY h:mm A' })")
    expect(evidence[0]).toBe('also read by D/M/YYYY h:mm A: ask whoever writes the file')
  })

  test('the zone of instants is named', () => {
    expect(one(['2026-03-02T10:00:00+02:00']).evidence).toEqual(['the day in UTC; timeZone says another zone'])
  })

  test('times with and without a fraction have no common form: they are text', () => {
    expect(one(['2026-03-02 10:00:00', '2026-03-02 10:00:00.5']).code).toBe('column.text()')
  })
})

test('of several files the types are those that read all of them, and a key is unique within each', () => {
  const two = (...files: Values[]) => evidenceOf(files).infer()
  expect(two(['1', '2'], ['1', '2.5'])).toMatchObject({ code: 'column.number()', unique: true })
  expect(two(['1', '2'], ['x', 'y'])).toMatchObject({ code: 'column.text()', unique: true })
  expect(two(['1'], [''])).toMatchObject({ code: 'column.integer({ nullable: true })', unique: false })
  expect(two(['1', '1'], ['2'])).toMatchObject({ unique: false })
  expect(two(['2026-03-01'], ['2026-03-02', 'n/a']).code).toBe("column.date({ nullable: true, nullValues: ['n/a'] })")
})

test('values that count the records of each file are told', () => {
  for (const files of [
    [['0', '1', '2']],
    [['1', '2', '3']],
    [
      ['1', '2'],
      ['1', '2', '3'],
    ],
  ])
    expect(evidenceOf(files).infer().counting).toBe(true)
  for (const files of [
    [['1', '3']],
    [['2', '3']],
    [
      ['1', '2'],
      ['3', '4'],
    ],
    [['a', 'b']],
  ])
    expect(evidenceOf(files).infer().counting).toBe(false)
})

const anyCell = fc.oneof(
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.constantFrom('', ' ', '?', ' ?', 'NA', '0', '-0', '007', '1e3', '1,5', '1.234,5', '1,234', ' 7', 'true', 'false', 'x', 'nan', '+1'),
  fc.constantFrom('2026-03-01', '01/02/2026', '1/2/2026', '31.12.2025', '2026-03-01 10:00:00', '12345678901234567890', '20260301'),
)

test('whatever a column holds, what is inferred of it reads every value, unless the doubt is said', () => {
  let sure = 0
  fc.assert(
    fc.property(fc.array(anyCell, { maxLength: 12 }), (values) => {
      const found = one(values)
      if (found.evidence.some((words) => words.includes('is rejected until'))) return
      sure += 1
      expect(readAll(found, values)).not.toContain(undefined)
    }),
    { numRuns: 1000 },
  )
  expect(sure).toBeGreaterThan(800)
})

test.each<[Values, string]>([
  [['1', '2', '30'], 'column.integer()'],
  [['1', '2.5'], 'column.number()'],
  [['1', ''], 'column.integer({ nullable: true })'],
  [['1', '?', 'NA'], "column.integer({ nullable: true, nullValues: ['?', 'NA'] })"],
  [['007', '012'], 'column.text()'],
  [['2026-03-01', '2026-03-02'], 'column.date()'],
  [['31/12/2025'], "column.date({ format: 'DD/MM/YYYY' })"],
  [['true', 'false'], 'column.boolean()'],
  [repeated(["it's", 'no'], 20), "column.category(['it\\'s', 'no'])"],
  [[], 'column.text({ nullable: true })'],
])('%j is %s', (values, code) => {
  expect(one(values).code).toBe(code)
})

test('a text that could be a number is one in a table, and a text in JSON', () => {
  expect(one(['1', '2']).code).toBe('column.integer()')
  expect(evidenceOf([['1', '2']], 'text').infer().code).toBe('column.text()')
})

test('a column is unique while no value stands twice and none is blank', () => {
  expect([['a', 'b'], ['a', 'a'], ['a', ''], []].map((values) => one(values).unique)).toEqual([true, false, false, false])
})
