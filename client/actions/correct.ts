/** Corrected rejects are fed in again: a copy of the day's input is written with the corrected rows in their places. */
import { rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { exists, hashFile } from '../../engine/files/fileSystem.js'
import { replaceRecords } from '../../engine/input/replaceRecords.js'
import { loadPipeline } from '../../engine/loader/loadPipeline.js'
import { readSettings } from '../../engine/loader/settings.js'
import type { Manifest } from '../../engine/protocol/documents/manifest.js'
import { DaybreakError } from '../../engine/protocol/errors.js'
import { EXIT } from '../../engine/protocol/errorTable.js'
import { mustBeDate } from '../../engine/protocol/mustBeDate.js'
import { messageOf } from '../../engine/protocol/systemErrors.js'
import { sealedManifests } from '../../engine/storage/dayOnDisk.js'
import { layout } from '../../engine/storage/layout.js'
import { rejectsIn } from '../../engine/storage/predictionFiles.js'
import { formatOf } from '../../engine/table/format.js'
import { readRejects } from '../../engine/table/rejectsFile.js'
import type { CommonOptions } from '../terminal/options.js'
import { makeOutput } from '../terminal/output.js'
import { mustHaveRun } from './mustHaveRun.js'

interface CorrectOptions extends CommonOptions {
  readonly date: string
  readonly rejects: string
  readonly output: string
  readonly attempt?: string
}

export async function correct(pipeline: string, options: CorrectOptions): Promise<number> {
  const output = makeOutput(options.json === true)
  const { home, pipelines } = readSettings(process.env, options)
  const { date } = options
  mustBeDate(date)
  await mustHaveRun(home, pipeline)
  const manifest = attemptToCorrect(await sealedManifests(home, pipeline, date), `${pipeline} ${date}`, options.attempt)
  const { definition } = await loadPipeline(pipelines, pipeline)
  const target = resolve(options.output)
  if (await exists(target)) throw new DaybreakError('UsageInvalid', `${target} is there already`, { next: 'Name a new file.' })
  mustBePlain(manifest)
  const folder = layout.attempt(home, manifest)
  const { neutralizeFormulas = true } = definition.output ?? {}
  const sealed = await rejectsByLine(join(folder, (await rejectsIn(folder)) ?? ''), neutralizeFormulas)
  const corrected = await rejectsByLine(resolve(options.rejects), neutralizeFormulas)
  const changes = changedRows(sealed, corrected)
  await mustBeTheInput(manifest)
  const found = await replaceRecords(manifest.input.path, target, formatOf(definition.input), changes).catch(async (error: unknown) => {
    await rm(target, { force: true })
    throw error
  })
  const left = sealed.size - found.length
  const run = `daybreak run ${pipeline} --date ${date} --input ${target} --rerun`
  output.answer(
    { pipeline, date, attempt: manifest.attempt, corrected: found.length, left, output: target, run },
    `${found.length} rows corrected, ${left} rejected rows left as they were: ${target}\nRun it with: ${run}`,
  )
  return EXIT.done
}

type WithInput = Manifest & { readonly input: NonNullable<Manifest['input']> }

/** Finds the attempt that is named, or the last one that rejected rows. @throws AttemptUnknown */
function attemptToCorrect(sealed: readonly Manifest[], day: string, attempt: string | undefined): WithInput {
  const rejecting = sealed.filter((one): one is WithInput => one.input !== undefined && (one.accounts?.rejected ?? 0) > 0)
  const found = rejecting.findLast((one) => attempt === undefined || one.attempt === attempt)
  if (found) return found
  const details = [rejecting.length > 0 ? `${rejecting.map((one) => one.attempt).join(', ')} have rejected rows` : 'none has rejected rows']
  throw new DaybreakError('AttemptUnknown', `there are no rejected rows of ${day}${attempt ? ` ${attempt}` : ''} to correct`, { details })
}

/** @throws UsageInvalid when the input was put together or rewritten, because no one file has these lines then */
function mustBePlain({ input: { path, files, readAs }, attempt }: WithInput): void {
  if (!files && !readAs) return
  throw new DaybreakError('UsageInvalid', `the input of ${attempt} was ${files ? 'a set of files' : `read as ${readAs}`}: ${path}`, {
    next: 'Correct the lines in a copy of the delivered file itself, and run the date with --input and --rerun.',
  })
}

/** Reads the raw text of rejected rows by their line. @param neutralized as `readRejects` has it @throws UsageInvalid */
async function rejectsByLine(file: string, neutralized: boolean): Promise<Map<number, { readonly raw: string; readonly rule: string }>> {
  const rows = new Map<number, { raw: string; rule: string }>()
  try {
    for await (const { line, raw, rule } of readRejects(file, neutralized)) {
      if (!/^\d+$/.test(line)) throw new Error(`no line number: ${JSON.stringify(line)}`)
      if (rows.has(Number(line))) throw new Error(`line ${line} is there twice`)
      rows.set(Number(line), { raw, rule })
    }
  } catch (error) {
    throw new DaybreakError('UsageInvalid', `${file} is not a file of rejects: ${messageOf(error)}`, {
      next: 'Correct a copy of the rejects in its column raw; rows may be left out.',
    })
  }
  return rows
}

/** Finds the rows whose raw text is another one now. @throws UsageInvalid naming lines that were not rejected, or whose text was cut */
function changedRows(sealed: Awaited<ReturnType<typeof rejectsByLine>>, corrected: typeof sealed): ReadonlyMap<number, string> {
  const strangers = [...corrected.keys()].filter((line) => !sealed.has(line))
  const changed = [...corrected].filter(([line, { raw }]) => sealed.has(line) && sealed.get(line)!.raw !== raw)
  const cut = changed.filter(([line]) => sealed.get(line)!.rule === 'row.size').map(([line]) => line)
  const details = [
    ...(strangers.length > 0 ? [`not rejected: lines ${strangers.join(', ')}`] : []),
    ...(cut.length > 0 ? [`too large to be corrected here: lines ${cut.join(', ')}`] : []),
  ]
  if (details.length > 0) throw new DaybreakError('UsageInvalid', 'some lines cannot be corrected', { details })
  if (changed.length === 0) throw new DaybreakError('UsageInvalid', 'no row has another raw text than before')
  return new Map(changed.map(([line, { raw }]) => [line, raw]))
}

/** @throws InputChanged, InputUnreadable */
async function mustBeTheInput({ input: { path, sha256 }, attempt }: WithInput): Promise<void> {
  if (!(await exists(path))) throw new DaybreakError('InputUnreadable', `${path} is not there any more`, { place: { file: path } })
  if ((await hashFile(path)).sha256 === sha256) return
  throw new DaybreakError('InputChanged', `${path} is not the file that ${attempt} read`, {
    place: { file: path },
    next: 'Correct the file as it is now, or run the date again and correct the new rejects.',
  })
}
