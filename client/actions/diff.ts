/** Two attempts of a date are compared: what differs between them is named, and so is the fingerprint that explains it. */
import { join } from 'node:path'
import { readSettings } from '../../engine/loader/settings.js'
import type { Manifest } from '../../engine/protocol/documents/manifest.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { comparePredictions, type PredictionChanges } from '../../engine/quality/compareAttempts.js'
import { sealedManifests } from '../../engine/storage/dayOnDisk.js'
import { layout } from '../../engine/storage/layout.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, table } from '../terminal/output.js'
import { mustHaveRun } from './mustHaveRun.js'

interface DiffOptions extends CommonOptions {
  readonly date: string
  readonly attempts?: readonly string[]
}

interface Difference {
  readonly what: string
  readonly before: string
  readonly after: string
}

export async function diff(pipeline: string, options: DiffOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const { home } = readSettings(process.env, options)
  const { date } = options
  mustBeDate(date)
  await mustHaveRun(home, pipeline)
  const [before, after] = pairToCompare(await sealedManifests(home, pipeline, date), `${pipeline} ${date}`, options.attempts)
  const filesOf = (manifest: Manifest) =>
    Object.keys(manifest.files)
      .filter((name) => name.startsWith('predictions'))
      .map((name) => join(layout.attempt(home, manifest), name))
  const predictions = await comparePredictions(filesOf(before), filesOf(after), after.pipelineInfo)
  const differences = factsOf(before, after)
  const sameResults = before.resultsDigest === after.resultsDigest
  const document = { pipeline, date, before: before.attempt, after: after.attempt, sameResults, differences, predictions }
  output.answer(document, diffText(document))
  return sameResults ? EXIT.done : EXIT.failed
}

/** Finds the two attempts that are named, or the last two that have results. @throws AttemptUnknown, UsageInvalid */
function pairToCompare(sealed: readonly Manifest[], day: string, attempts: readonly string[] | undefined): readonly [Manifest, Manifest] {
  const withResults = sealed.filter(({ resultsDigest }) => resultsDigest !== undefined)
  const details = [withResults.length > 0 ? `${withResults.map(({ attempt }) => attempt).join(', ')} have results` : 'none has results']
  if (attempts !== undefined && attempts.length !== 2) throw new DaybreakError('UsageInvalid', '--attempts takes two attempts', { details })
  const named = (attempts ?? withResults.slice(-2).map(({ attempt }) => attempt)).map((name) => {
    const found = withResults.find(({ attempt }) => attempt === name)
    if (!found)
      throw new DaybreakError('AttemptUnknown', `attempt ${name} of ${day} is not there, not sealed or has no results`, { details })
    return found
  })
  const [before, after] = named
  if (before && after) return [before, after]
  throw new DaybreakError('UsageInvalid', `${day} has no two attempts with results to compare`, { details })
}

/** Lists what is recorded of both and differs. */
function factsOf(before: Manifest, after: Manifest): readonly Difference[] {
  const short = (hash: string | undefined) => hash?.slice(0, 16) ?? '–'
  const facts: readonly (readonly [string, (manifest: Manifest) => string])[] = [
    ['verdict', ({ verdict }) => verdict],
    ['input', ({ input }) => short(input?.sha256)],
    ['model', ({ model }) => `${model?.version} ${short(model?.sha256)}`],
    ['definition', ({ fingerprints }) => short(fingerprints.definition)],
    ['contract', ({ fingerprints }) => short(fingerprints.contract)],
    ['code', ({ fingerprints }) => short(fingerprints.code)],
    ['rows read', ({ accounts }) => String(accounts?.read ?? '–')],
    ['rows rejected', ({ accounts }) => String(accounts?.rejected ?? '–')],
    ['results', ({ resultsDigest }) => short(resultsDigest)],
  ]
  return facts.map(([what, of]) => ({ what, before: of(before), after: of(after) })).filter((fact) => fact.before !== fact.after)
}

interface DiffDocument {
  readonly before: string
  readonly after: string
  readonly sameResults: boolean
  readonly differences: readonly Difference[]
  readonly predictions: PredictionChanges
}

function diffText({ before, after, sameResults, differences, predictions }: DiffDocument): string {
  const { compared, added, gone, labelsChanged, meanChange, largestChange, examples, matchedBy } = predictions
  const named = (keys: readonly string[], count: number) => `${keys.join(', ')}${count > keys.length ? ', …' : ''}`
  const labels = examples.labels.map(({ key, from, to }) => `${key} ${from} → ${to}`)
  const lines = [
    `records in both  ${compared}${matchedBy === 'position' ? ' (matched by position: the key is not among the output columns)' : ''}`,
    `added            ${added}${added > 0 ? `: ${named(examples.added, added)}` : ''}`,
    `gone             ${gone}${gone > 0 ? `: ${named(examples.gone, gone)}` : ''}`,
    `labels changed   ${labelsChanged}${labelsChanged > 0 ? `: ${named(labels, labelsChanged)}` : ''}`,
    `score            ${meanChange === null ? 'not to be compared' : `mean change ${meanChange}`}${largestChange ? `, largest ${largestChange.from} → ${largestChange.to} (${largestChange.key})` : ''}`,
  ]
  const rows = differences.map(({ what, before: from, after: to }) => [what, from, to])
  return [
    ...(rows.length > 0 ? [table(['', before, after], rows), ''] : []),
    ...lines,
    `${before} and ${after} have ${sameResults ? 'the same' : 'different'} results.`,
  ].join('\n')
}
