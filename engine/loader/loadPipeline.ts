/**
 * Loads a pipeline from its folder, for commands and steps: it is bundled, run, checked and fingerprinted. Paths come out absolute. Neither
 * the model nor any data is opened.
 */
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { expandDate } from '../../definition/dates.js'
import type { AnyPipeline } from '../../definition/pipeline.js'
import { isFile } from '../files/fileSystem.js'
import { DaybreakError } from '../protocol/errors.js'
import { didYouMean } from '../protocol/nearestNames.js'
import { systemErrorText } from '../protocol/systemErrors.js'
import { checkDefinition } from './checkDefinition.js'
import { compileDefinition } from './compileDefinition.js'
import { PIPELINE_NAME } from './definitionSchema.js'
import { type ModelFiles, modelFiles } from './modelFiles.js'
import { type CompiledDefinition, runDefinition } from './runDefinition.js'

/** The file of a pipeline's folder that exports its definition. */
const DEFINITION_FILE = 'pipeline.ts'

export interface LoadedPipeline extends ModelFiles {
  readonly definition: AnyPipeline
  /** Absolute path of the folder `pipelines/<name>`. */
  readonly folder: string
  /** Absolute path of the folder that holds `pipelines/`; relative input paths start here. */
  readonly root: string
  readonly compiled: CompiledDefinition
  /** What is odd but usable, as `file: text`. */
  readonly warnings: readonly string[]
  /** Hex sha256 of what decides how a file is read: columns, key, delimiter, null, duplicate and reject policy. */
  readonly contractFingerprint: string
}

/**
 * Loads the pipeline `name` from the folder `pipelinesDir`. `modelVersion` is what a run chose for `latest` when it began.
 * @throws {DaybreakError} PipelineUnknown with what there is; DefinitionInvalid with all that is wrong in the definition
 */
export async function loadPipeline(pipelinesDir: string, name: string, modelVersion?: string): Promise<LoadedPipeline> {
  const pipelines = resolve(pipelinesDir)
  // The name is compared with what there is, never joined to a path before that: `../x` does not leave the folder.
  const known = await listPipelines(pipelines)
  if (!known.includes(name)) throw unknownPipeline(pipelines, name, known)
  const root = dirname(pipelines)
  const folder = join(pipelines, name)
  const file = join(folder, DEFINITION_FILE)
  const shown = relative(root, file)
  const { compiled, warnings } = await compileDefinition(file, root)
  const { definition } = checkDefinition(await runDefinition(compiled), shown)
  if (definition.name !== name) {
    const detail = `name: ${JSON.stringify(definition.name)} is not the name of the folder, ${JSON.stringify(name)}`
    throw new DaybreakError('DefinitionInvalid', `${shown} has a problem: ${detail}`, { details: [detail], place: { file: shown } })
  }
  return {
    definition,
    folder,
    root,
    compiled,
    warnings,
    ...(await modelFiles(folder, definition.model, modelVersion)),
    contractFingerprint: contractFingerprint(definition),
  }
}

/**
 * Lists the names of the pipelines in a folder: its folders with a `pipeline.ts`, sorted by code unit.
 * @throws {DaybreakError} PipelineUnknown when the folder cannot be read
 */
export async function listPipelines(pipelinesDir: string): Promise<readonly string[]> {
  const unreadable = (what: string) => (error: unknown) => {
    throw new DaybreakError('PipelineUnknown', `${what} cannot be read: ${systemErrorText(error)}`, { cause: error })
  }
  const names = await readdir(pipelinesDir).catch(unreadable(`The pipelines folder ${resolve(pipelinesDir)}`))
  const candidates = names.filter((name) => PIPELINE_NAME.test(name)).sort()
  const files = candidates.map((name) => join(pipelinesDir, name, DEFINITION_FILE))
  const present = await Promise.all(files.map((file) => isFile(file).catch(unreadable(file))))
  return candidates.filter((_, index) => present[index])
}

/** Gives the absolute path of the input for a data date (`YYYY-MM-DD`). */
export function inputPathOf(loaded: Pick<LoadedPipeline, 'definition' | 'root'>, date: string): string {
  return resolve(loaded.root, expandDate(loaded.definition.input.path, date))
}

/**
 * Gives the absolute path of the golden rows, if the definition has any. Like the model's, a relative path starts at the pipeline's folder.
 */
export function goldenFileOf(loaded: Pick<LoadedPipeline, 'definition' | 'folder'>): string | undefined {
  const { golden } = loaded.definition.model
  return golden && resolve(loaded.folder, golden.file)
}

function unknownPipeline(pipelines: string, name: string, known: readonly string[]): DaybreakError {
  const there = known.length === 0 ? `No folder in ${pipelines} has a ${DEFINITION_FILE}.` : `There is ${known.join(', ')}.`
  return new DaybreakError('PipelineUnknown', `There is no pipeline ${JSON.stringify(name)} in ${pipelines}${didYouMean(name, known)}`, {
    details: [there],
  })
}

function contractFingerprint({ input }: AnyPipeline): string {
  const { path: _path, arrival: _arrival, ...contract } = input
  return createHash('sha256').update(canonicalJson(contract)).digest('hex')
}

/** Writes JSON with keys sorted by code unit, so that the order in which something was written does not matter. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
