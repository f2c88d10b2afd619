/**
 * Shows the quality of the data: which file it was, what its contract found, which rows were rejected. Lists are cut; the files have all of
 * it.
 */
import type { ComponentChildren } from 'preact'
import type { InputFile } from '../engine/protocol/documents/input.js'
import type { ContractFinding, ValidationFile } from '../engine/protocol/documents/validation.js'
import { andMore, cut } from './attention.js'
import { bytes, count, counted, limit, share, utcSecond } from './numbers.js'
import { Link, Pairs, Section, Table } from './parts.js'
import type { ReportData } from './reportData.js'
import { ruleWords } from './ruleWords.js'
import { safeText } from './safeText.js'
import { maskedKey } from './wording.js'

const MOST_ROWS = 40
const MOST_LINES = 5
const MOST_FILES = 10
const MOST_NAMES = 60
const MOST_SAMPLES = 20

export function DataQualitySection({ data }: { data: ReportData }) {
  const { manifest, rejectSamples } = data
  // A file that was refused before its rows were read has nothing to say here: what was wrong stands above.
  const validation = data.validation && data.validation.statistics.total_records > 0 ? data.validation : undefined
  if (!manifest.input && !validation && rejectSamples.length === 0) return null
  return (
    <Section id="data" title="Data quality">
      {manifest.input && <FileFacts data={data} />}
      {validation && <Findings validation={validation} />}
      {validation && <Blanks validation={validation} />}
      {rejectSamples.length > 0 && <Rejects data={data} />}
      {validation && <Rest validation={validation} />}
    </Section>
  )
}

function FileFacts({ data: { manifest } }: { data: ReportData }) {
  const input = manifest.input!
  return (
    <Pairs
      pairs={[
        ['File', <code>{safeText(input.path, 200)}</code>],
        ...(input.files ? [['Files', <FileList files={input.files} />] as const] : []),
        ...(input.readAs ? [['Read as', safeText(input.readAs)] as const] : []),
        ['Size', `${bytes(input.bytes)}, ${counted(input.records, 'row')}`],
        ['Last change', utcSecond(input.modifiedAt)],
        ['sha256', <span class="hash">{safeText(input.sha256)}</span>],
      ]}
    />
  )
}

/** Lists the files of a set; a long list is cut. */
function FileList({ files }: { files: readonly InputFile[] }) {
  const { shown, more } = cut(files, MOST_FILES)
  return (
    <>
      {shown.map(({ path, bytes: size }) => `${safeText(path.slice(path.lastIndexOf('/') + 1))} (${bytes(size)})`).join(', ')}
      {more > 0 && `, ${andMore(more, 'file')}`}
    </>
  )
}

function Findings({ validation }: { validation: ValidationFile }) {
  const worst = validation.findings.toSorted((a, b) => b.count - a.count)
  const { shown, more } = cut(worst, MOST_ROWS)
  // File and line are too long for one line.
  const setOfFiles = shown.some(({ lines }) => lines.some((line) => typeof line === 'string'))
  if (shown.length === 0) return <p class="gap">The contract found nothing to object to.</p>
  return (
    <div class="block">
      <Table<ContractFinding>
        caption="What the contract found"
        columns={[
          { title: 'Column', cell: ({ column }) => (column === '' ? 'the row' : safeText(column)) },
          { title: 'What', kind: 'words', cell: ({ rule }) => safeText(ruleWords(rule)) },
          { title: 'Rows', kind: 'number', cell: (finding) => count(finding.count) },
          { title: 'Share', kind: 'number', cell: ({ ratio }) => share(ratio) },
          { title: 'First lines', kind: setOfFiles ? 'words' : 'short', cell: firstLines },
          {
            title: 'Example',
            // Earlier versions wrote null for a cell that reads Infinity.
            cell: ({ example }) => (typeof example !== 'string' ? '' : <code>{example === '' ? '(blank)' : safeText(example)}</code>),
          },
        ]}
        rows={shown}
        more={more}
        moreOf="finding"
      />
    </div>
  )
}

function firstLines({ lines, count: of }: ContractFinding): string {
  const text = lines
    .slice(0, MOST_LINES)
    .map((line) => safeText(String(line)))
    .join(', ')
  return of > MOST_LINES && text !== '' ? `${text} …` : text
}

function Blanks({ validation: { statistics } }: { validation: ValidationFile }) {
  const columns = Object.entries(statistics.null_counts)
  const blank = columns.filter(([, nulls]) => nulls > 0).toSorted(([, a], [, b]) => b - a)
  const { shown, more } = cut(blank, MOST_ROWS)
  const whole = columns.length - blank.length
  if (shown.length === 0) return columns.length === 0 ? null : <p class="gap">{wholeColumns(whole, '')}</p>
  return (
    <div class="block">
      <Table
        caption="Blank cells by column"
        columns={[
          { title: 'Column', cell: ([column]) => safeText(column) },
          { title: 'Blank', kind: 'number', cell: ([, nulls]) => count(nulls) },
          {
            title: 'Share',
            kind: 'number',
            cell: ([, nulls]) => share(statistics.total_records > 0 ? nulls / statistics.total_records : null),
          },
        ]}
        rows={shown}
        more={more}
        moreOf="column"
      />
      {whole > 0 && <p class="soft small gap">{wholeColumns(whole, 'other ')}</p>}
    </div>
  )
}

const wholeColumns = (columns: number, other: string) =>
  columns === 1 ? `The ${other || 'one '}column has no blank cell.` : `The ${other}${count(columns)} columns have no blank cell.`

function Rejects({ data }: { data: ReportData }) {
  const { manifest, validation, rejectSamples, links } = data
  const rejected = (validation?.accounts ?? manifest.accounts)?.rejected ?? rejectSamples.length
  const samples = rejectSamples.slice(0, MOST_SAMPLES)
  const left = Math.max(0, rejected - samples.length)
  return (
    <div class="block">
      <Table
        caption={left > 0 ? `The first rejected rows of ${count(rejected)}` : 'Rejected rows'}
        columns={[
          { title: 'Line', cell: ({ line }) => (/^\d+$/.test(line) ? count(Number(line)) : safeText(line)) },
          {
            title: manifest.pipelineInfo.key === undefined ? 'Key' : safeText(manifest.pipelineInfo.key),
            cell: ({ key }) => safeText(manifest.pipelineInfo.maskKeys === false ? key : maskedKey(key)),
          },
          { title: 'Column', cell: ({ column }) => safeText(column) },
          { title: 'Reason', kind: 'words', cell: ({ reason, rule }) => safeText(reason === '' ? ruleWords(rule) : reason, 200) },
        ]}
        rows={samples}
      />
      {left > 0 && (
        <p class="soft small gap">
          {andMore(left, 'row')} in <Link to={links.rejects}>the file of rejected rows</Link>
        </p>
      )}
    </div>
  )
}

function Rest({ validation }: { validation: ValidationFile }) {
  const { duplicates, statistics, unused_columns: unused, reject_budget: budget } = validation
  const names = cut(unused, MOST_NAMES)
  const lines = duplicates.lines
    .slice(0, 20)
    .map((line) => safeText(String(line)))
    .join(', ')
  const repeated =
    statistics.duplicate_count === 0
      ? 'none'
      : `${counted(duplicates.keys, 'key')} on ${counted(statistics.duplicate_count, 'further row')}${lines === '' ? '' : `; lines ${lines}`}${statistics.duplicate_count > 20 ? ' …' : ''}`
  const allowed = [
    ...(budget.max_ratio === null ? [] : [limit(budget.max_ratio, 'share')]),
    ...(budget.max_rows === null ? [] : [counted(budget.max_rows, 'row')]),
  ]
  const pairs: readonly (readonly [string, ComponentChildren])[] = [
    ['Repeated keys', repeated],
    ['Rejected', allowed.length === 0 ? share(budget.ratio) : `${share(budget.ratio)}; allowed: ${allowed.join(' and ')}`],
    [
      'Columns not used',
      names.shown.length === 0
        ? undefined
        : `${names.shown.map((name) => safeText(name)).join(', ')}${names.more > 0 ? ` ${andMore(names.more, 'column')}` : ''}`,
    ],
  ]
  return (
    <div class="block">
      <Pairs pairs={pairs} />
    </div>
  )
}
