/** What was found out about a file is written as the `input` of a definition, to be pasted into one, with the evidence as comments. */
import { basename } from 'node:path'
import { visibleText } from '../../engine/protocol/text.js'
import { type FoundColumn, type FoundInput, keyCandidates } from './foundInput.js'
import type { KnownForm } from './inferInput.js'

/** @param key the column that is proposed as the key, if there is one */
export function inputText(
  files: readonly string[],
  found: FoundInput,
  key: string | undefined,
  { encoding, header, skip }: Pick<KnownForm, 'encoding' | 'header' | 'skip'>,
): string {
  const { format, delimiter = ',', records, columns } = found
  return [
    comment(`${records} records of ${named(files)}`),
    ...brokenWords(found).map(comment),
    ...headerWords(found).map(comment),
    'input: {',
    `  path: ${text(`data/${patternOf(basename(files[0]!))}`)},`,
    `  format: ${text(format)},`,
    ...(format === 'csv' && delimiter !== ',' ? [`  delimiter: ${JSON.stringify(delimiter)},`] : []),
    ...(found.trailingDelimiter ? ['  trailingDelimiter: true,'] : []),
    ...(encoding === 'utf-8' ? [] : [`  encoding: ${text(encoding)},`]),
    ...(format === 'jsonl' || header ? [] : ['  header: false,']),
    ...(format === 'csv' && header && skip > 0 ? [`  header: { linesBefore: ${skip} },`] : []),
    key === undefined ? `  ${comment(keyWords(columns))}` : `  key: ${text(key)}, ${comment(keyWords(columns))}`,
    '  columns: {',
    ...columns.map(columnLine),
    '  },',
    '},',
  ].join('\n')
}

/** The files by name; of many the first and the last. */
function named(files: readonly string[]): string {
  const names = files.map((file) => basename(file))
  return names.length <= 3 ? names.join(', ') : `${names.length} files, ${names[0]} to ${names.at(-1)}`
}

function columnLine({ name, from, code, evidence, unique, problem }: FoundColumn): string {
  if (problem !== undefined) return `    ${comment(`${name}: no column reads all its values: ${problem}`)}`
  const whole = from === undefined ? code : withOption(code, `from: ${text(from)}`)
  const words = [...evidence, ...(unique ? ['unique'] : [])]
  return `    ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : text(name)}: ${whole},${words.length > 0 ? ` ${comment(words.join('; '))}` : ''}`
}

function keyWords(columns: readonly FoundColumn[]): string {
  const candidates = keyCandidates(columns).map(({ name }) => name)
  return candidates.length === 0
    ? 'no column has a value of its own in every record: so there is no key; records are known by their line'
    : `unique and never blank: ${candidates.slice(0, 5).join(', ')}`
}

function brokenWords({ broken, brokenLines }: FoundInput): readonly string[] {
  if (broken === 0) return []
  const more = broken > brokenLines.length ? ', …' : ''
  return [`${broken} records are broken and would be rejected: lines ${brokenLines.join(', ')}${more}`]
}

/** Says what makes one doubt that the first line is the header. */
function headerWords({ names = [] }: FoundInput): readonly string[] {
  const blank = names.filter((name) => name.trim() === '').length
  const numbers = names.filter((name) => /^-?\d+([.,]\d+)?$/.test(name.trim())).length
  const doubled = names.length - blank - new Set(names.filter((name) => name.trim() !== '')).size
  // A title has no numbers, and names that are numbers may be meant; but hardly beside blank or doubled ones.
  if (numbers > 0 && (numbers * 10 >= names.length || blank > 1 || doubled > 0))
    return ['the header has numbers for names: is it a record? --no-header reads it as one']
  return blank > 1 ? [`the header has ${blank} blank names: is it a title? --skip 1 reads the line below it`] : []
}

/** Makes a pattern of the file's name: its date becomes a place for one. */
function patternOf(name: string): string {
  const dated = name.replace(/\d{4}-\d{2}-\d{2}/, '{date}').replace(/(?<!\d)20\d{6}(?!\d)/, '{yyyymmdd}')
  return /\{(date|yyyymmdd)\}/.test(dated) ? dated : `{date}/${name}`
}

const withOption = (code: string, option: string): string => {
  if (code.endsWith(' })')) return `${code.slice(0, -3)}, ${option} })`
  return code.endsWith('()') ? `${code.slice(0, -1)}{ ${option} })` : `${code.slice(0, -1)}, { ${option} })`
}

/** Writes a text or number as code. */
const text = (value: string | number): string => JSON.stringify(value).replace(/[\u2028\u2029]/g, '\\u2028')

/** Writes a comment to the end of the line: no value of the file can end it. */
const comment = (words: string): string => `// ${visibleText(words).replace(/[\u2028\u2029]/g, ' ')}`
