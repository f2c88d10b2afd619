/**
 * Runs a bundled definition and returns what it exports, in the main process and in scoring threads alike.
 * Never builds and never validates, so that a thread loads neither esbuild nor zod.
 */
import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import * as kit from '../../definition/index.js'
import type { AnyPipeline } from '../../definition/pipeline.js'
import { DaybreakError, type Place, placeText } from '../protocol/errors.js'
import { messageOf } from '../protocol/systemErrors.js'

/** A definition with everything it imports, as one ES module. */
export interface CompiledDefinition {
  readonly code: string
  /** Source map of the code, JSON; not part of the fingerprint. */
  readonly map: string
  /** Hex sha256 of the code: the definition's fingerprint. */
  readonly fingerprint: string
}

const imported = new Map<string, Promise<AnyPipeline>>()

/**
 * The default export of a compiled definition, not yet checked; once per fingerprint and thread.
 * @throws {DaybreakError} DefinitionChanged when the code is not what the fingerprint says; DefinitionInvalid, with file and
 * line of the definition's own source, when it throws while it is evaluated
 */
export async function runDefinition(compiled: CompiledDefinition): Promise<AnyPipeline> {
  const actual = createHash('sha256').update(compiled.code).digest('hex')
  if (actual !== compiled.fingerprint) {
    throw new DaybreakError(
      'DefinitionChanged',
      `The definition's code has the sha256 ${actual}, but ${compiled.fingerprint} was announced`,
    )
  }
  const known = imported.get(actual)
  if (known) return known
  const fresh = evaluate(compiled)
  imported.set(actual, fresh)
  // What failed once, for want of a variable perhaps, may be tried again.
  fresh.catch(() => imported.delete(actual))
  return fresh
}

async function evaluate(compiled: CompiledDefinition): Promise<AnyPipeline> {
  Object.assign(globalThis, { [Symbol.for('daybreak.definition')]: kit })
  process.setSourceMapsEnabled(true)
  // A file of its own, not a data: URL: those lose the map. mkdtemp makes the folder private (mode 0700).
  const folder = await mkdtemp(join(tmpdir(), 'daybreak-definition-'))
  try {
    const file = join(folder, `${compiled.fingerprint}.mjs`)
    const map = Buffer.from(compiled.map).toString('base64')
    await writeFile(file, `${compiled.code}\n//# sourceMappingURL=data:application/json;base64,${map}\n`, { mode: 0o600 })
    const { default: definition }: { default: AnyPipeline } = await import(pathToFileURL(file).href)
    return definition
  } catch (error) {
    throw evaluationError(error, compiled)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function evaluationError(error: unknown, compiled: CompiledDefinition): DaybreakError {
  const place = placeInSources(error, compiled)
  const message = messageOf(error)
  const detail = `${place ? placeText(place) : 'The definition'}: ${message}`
  return new DaybreakError('DefinitionInvalid', `The definition failed while it was evaluated: ${detail}`, {
    details: [detail],
    cause: error,
    ...(place ? { place } : {}),
  })
}

/** The innermost frame of the stack that lies in the definition's own sources; its file is relative to the project's root. */
function placeInSources(error: unknown, compiled: CompiledDefinition): Place | undefined {
  if (!(error instanceof Error)) return undefined
  const map: { sourceRoot: string; sources: readonly string[] } = JSON.parse(compiled.map)
  const root = fileURLToPath(map.sourceRoot)
  const paths = map.sources.map((source) => fileURLToPath(new URL(map.sourceRoot + source)))
  for (const frame of (error.stack ?? '').split('\n')) {
    for (const path of paths) {
      const start = frame.indexOf(`${path}:`)
      const line = start < 0 ? Number.NaN : Number.parseInt(frame.slice(start + path.length + 1), 10)
      if (line > 0) return { file: relative(root, path), line }
    }
  }
  return undefined
}
