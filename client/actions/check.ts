/**
 * A definition is checked with its model and golden rows; a file that is given is held against the contract too. Nothing is scored, and
 * no server is asked.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { freezeInput, matchInput } from '../../days/freezeInput.js'
import { scoringSpec, tryFirstRecords, tryModel } from '../../days/tryModel.js'
import { day, parseDay } from '../../definition/dates.js'
import { checkContract } from '../../engine/batch/checkContract.js'
import { goldenSource } from '../../engine/batch/goldenSource.js'
import { ScoringPool } from '../../engine/batch/scoringPool.js'
import type { TriedModel } from '../../engine/batch/scoringThread.js'
import { mustBePlainFile } from '../../engine/input/plainFile.js'
import { scheduleDoubt } from '../../engine/loader/cronFields.js'
import { type LoadedPipeline, loadPipeline } from '../../engine/loader/loadPipeline.js'
import { readSettings } from '../../engine/loader/settings.js'
import type { ValidationFile } from '../../engine/protocol/documents/validation.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { localDay } from '../../engine/protocol/schedule.js'
import { summarizeContract } from '../../engine/quality/contract.js'
import type { TriedFeatures } from '../../engine/scoring/tryFeatures.js'
import { untriedBlanks } from '../../engine/scoring/untriedBlanks.js'
import { mustBeVersion } from '../../engine/storage/modelVersions.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput, type Output } from '../terminal/output.js'

interface CheckOptions extends CommonOptions {
  readonly input?: string
  readonly date?: string
}

export async function check(pipeline: string, options: CheckOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const settings = readSettings(process.env, options)
  const date = dateOf(options)
  if (options.input !== undefined) await mustBePlainFile(resolve(options.input))
  const loaded = await loadPipeline(settings.pipelines, pipeline)
  const pool = new ScoringPool(1)
  try {
    const model = await tryModel(pool, loaded, { anew: true })
    const { modelFile: file, modelVersion: version } = loaded
    await mustBeVersion(settings.home, pipeline, { file, version, sha256: model.description.sha256 })
    const { golden } = scoringSpec(loaded)
    const goldenText = golden && (await goldenSource(golden.file, loaded.definition.input.encoding))
    const blanks = await untriedBlanks(loaded.definition, golden, goldenText)
    sayModel(output, loaded, model, blanks)
    const validation = options.input === undefined ? undefined : await checkFile(pool, loaded, resolve(options.input), date, model)
    const valid = validation?.valid ?? true
    output.answer(
      {
        pipeline,
        valid,
        definition: loaded.compiled.fingerprint,
        model: model.description,
        goldenRows: model.goldenRows,
        untriedBlanks: blanks,
        ...(validation ? { validation } : {}),
      },
      validation ? validationText(validation) : `${pipeline} can run.`,
    )
    return valid ? EXIT.done : EXIT.contract
  } finally {
    await pool.close()
  }
}

function sayModel(
  output: Output,
  loaded: LoadedPipeline,
  { description, goldenRows, microBatch }: TriedModel,
  blanks: readonly string[],
): void {
  output.say(`definition  ${loaded.compiled.fingerprint.slice(0, 16)}, ${Object.keys(loaded.definition.features).length} features`)
  for (const warning of [...loaded.warnings, ...scheduleWarnings(loaded)]) output.say(`  warning: ${warning}`)
  output.say(`model       ${description.file} (${description.producer ?? 'producer not said'})`)
  for (const line of [...description.repairs, ...description.notes]) output.say(`  ${line}`)
  output.say(goldenRows > 0 ? `golden      ${goldenRows} rows answered as recorded` : 'golden      no golden rows: model.golden is not set')
  if (blanks.length > 0) output.say(`  warning: blanks of ${blanks.join(', ')} reach the model, and no golden row has one: ${WHY_BLANKS}`)
  output.say(`micro-batch ${microBatch} records`)
}

/** As far as `schedule apply` looks ahead: both changes of the clock are in it. */
const LOOK_AHEAD_DAYS = 400

/** What `schedule apply` would refuse, as far as it can be said without a server. */
function scheduleWarnings({ definition: { schedule } }: LoadedPipeline): readonly string[] {
  const doubt = schedule && scheduleDoubt(schedule, localDay(Date.now(), schedule.timeZone ?? 'UTC'), LOOK_AHEAD_DAYS)
  return doubt === undefined ? [] : [`schedule apply would refuse this schedule: ${doubt}`]
}

const WHY_BLANKS = 'what a model says of missing values is where exporters go wrong. Add a golden row with a blank of each.'

/** Holds every row of a file against the contract, and says what a run would say. */
async function checkFile(
  pool: ScoringPool,
  loaded: LoadedPipeline,
  file: string,
  date: string,
  model: TriedModel,
): Promise<ValidationFile> {
  const folder = await mkdtemp(join(tmpdir(), 'daybreak-check-'))
  try {
    const plan = await freezeInput(await matchInput(loaded, file, folder), model.microBatch)
    const features = await tryFirstRecords(pool, loaded, { date }, model, plan)
    const { table, duplicates } = await checkContract(loaded.definition, { ...plan, date: day(date) })
    return withFeatures(summarizeContract(loaded.definition, table, duplicates, plan.unused), features)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const isOfFeature = (error: string): boolean => error.startsWith('feature ')

/** The contract's own findings, and what the features of the first records say: where they take none, no day would be published. */
function withFeatures(validation: ValidationFile, features: TriedFeatures | undefined): ValidationFile {
  if (!features) return validation
  const { records, refused } = features
  const sentences = refused.map(
    (one) =>
      `feature ${one.feature} rejects ${one.records} of the first ${records} rows that keep the contract; line ${one.line}: ${one.reason}`,
  )
  const all = refused.some((one) => one.records === records)
  return {
    ...validation,
    valid: validation.valid && !all,
    errors: all ? [...validation.errors, ...sentences] : validation.errors,
    warnings: all ? validation.warnings : [...validation.warnings, ...sentences],
  }
}

/** The data date is the one given, or the one in the file's name; without either it is one that no date comes after. */
function dateOf({ date, input }: CheckOptions): string {
  const named = /\d{4}-\d{2}-\d{2}/.exec(basename(input ?? ''))?.[0]
  const chosen = date ?? (named && parseDay(named) !== undefined ? named : '9999-12-31')
  mustBeDate(chosen)
  return chosen
}

function validationText({ valid, errors, warnings, statistics, findings, accounts }: ValidationFile): string {
  return [
    `${statistics.total_records} rows, ${accounts.rejected} would be rejected`,
    ...findings.flatMap(({ column, rule, count, lines, example, reason }) => [
      `  ${column || 'row'}  ${rule}: ${count} (lines ${lines.join(', ')}${count > lines.length ? ', …' : ''})${example === undefined ? '' : `, such as ${JSON.stringify(example)}`}`,
      ...(reason === undefined ? [] : [`    ${reason}`]),
    ]),
    ...warnings.map((warning) => `warning: ${warning}`),
    ...errors.slice(0, 1).map((error) => `error: ${error}`),
    valid ? 'The file keeps its contract.' : errors.every(isOfFeature) ? 'No row of it can be scored.' : 'The file breaks its contract.',
  ].join('\n')
}
