/**
 * Tries a model in a process of its own, with limits on time and memory. A tree of ten thousand levels ends the process that opens it, a loop
 * may never end, and one step can ask for all memory there is: none of that may happen where pipelines run.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import type { ModelDescription } from '../model/onnx/describe.js'
import { DaybreakError } from '../protocol/errors.js'
import type { TrialAnswer, TrialRequest } from './trialThread.js'

export interface TrialLimits {
  /** Of the processor's time: other work on the machine does not count. */
  readonly cpuSeconds: number
  readonly memoryBytes: number
}

/** A model of ordinary size opens in a second, and a large one reads its file, and copies it some times. */
const CPU_SECONDS = 10
const BYTES_A_SECOND = 10 << 20
const MEMORY_BYTES = 4 * 2 ** 30
const COPIES = 8
/** A machine does not give one process all it has. */
const MOST_OF_MEMORY = 0.75
/** A process that waits, or gets little of the processor, may take so much longer. */
const WAITING = 5
/** How often it is looked at: 18 GB are asked for and written in seconds. */
const LOOK_MS = 25

/** What a model may take. @param bytes of its files */
export function trialLimits(bytes: number): TrialLimits {
  const memory = Math.min(totalmem(), process.constrainedMemory?.() || Number.POSITIVE_INFINITY)
  return {
    cpuSeconds: CPU_SECONDS + Math.ceil(bytes / BYTES_A_SECOND),
    memoryBytes: Math.min(MEMORY_BYTES + COPIES * bytes, memory * MOST_OF_MEMORY),
  }
}

/**
 * Opens it there, and runs it on its first rows. @param file of the model, for messages
 * @throws ModelBreaks when it does not come back; what is wrong with it; Interrupted when the signal aborts
 */
export async function tryApart(
  file: string,
  request: TrialRequest,
  {
    limits = trialLimits(statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    signal,
  }: { limits?: TrialLimits; signal?: AbortSignal } = {},
): Promise<ModelDescription> {
  const answer = await answered(file, request, limits, signal)
  if ('problem' in answer) throw DaybreakError.of(answer.problem)
  return answer.description
}

function answered(file: string, request: TrialRequest, limits: TrialLimits, signal: AbortSignal | undefined): Promise<TrialAnswer> {
  return new Promise((settle, reject) => {
    if (signal?.aborted) throw interrupted()
    const child = start(limits)
    let broken: string | undefined
    let answer: TrialAnswer | undefined
    const end = (why: string) => {
      broken ??= why
      child.kill('SIGKILL')
    }
    const stop = () => child.kill('SIGKILL')
    signal?.addEventListener('abort', stop, { once: true })
    const look = setInterval(() => {
      if (memoryOf(child.pid) > limits.memoryBytes) end(`takes more than ${gigabytes(limits.memoryBytes)} of memory`)
    }, LOOK_MS)
    const wait = setTimeout(() => end(tooLong(limits)), limits.cpuSeconds * WAITING * 1000)
    const done = () => {
      clearInterval(look)
      clearTimeout(wait)
      signal?.removeEventListener('abort', stop)
    }
    child.once('message', (message) => {
      answer = message as TrialAnswer
    })
    child.once('error', (error) => {
      done()
      reject(error)
    })
    child.once('close', (code, ended) => {
      done()
      if (answer) settle(answer)
      else if (signal?.aborted) reject(interrupted())
      else reject(breaks(file, broken ?? howItEnded(code, ended, limits)))
    })
    child.send(request)
  })
}

/** The limit on time is the system's own, which ends the process even when nobody is left to do so; it leaves no core file. */
function start({ cpuSeconds }: TrialLimits): ChildProcess {
  const entry = fileURLToPath(new URL('./trialProcess.js', import.meta.url))
  const limited = 'ulimit -c 0; ulimit -S -t "$1"; shift; exec "$@"'
  return spawn('/bin/sh', ['-c', limited, 'sh', String(cpuSeconds), process.execPath, entry], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
}

/** Bytes that a process holds; 0 where the system does not tell. */
function memoryOf(pid: number | undefined): number {
  try {
    const [, kilobytes = '0'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return Number(kilobytes) * 1024
  } catch {
    return 0
  }
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null, limits: TrialLimits): string {
  if (signal === 'SIGXCPU') return tooLong(limits)
  if (signal === 'SIGKILL') return 'was ended by the system, as it does when memory runs out'
  return signal ? `ends the process that opens it (${signal})` : `ends the process that opens it (code ${code})`
}

const tooLong = ({ cpuSeconds }: TrialLimits): string => `does not open and answer its first rows within ${cpuSeconds} seconds`

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`

export function breaks(file: string, how: string): DaybreakError {
  return new DaybreakError('ModelBreaks', `The model ${file} ${how}`, { place: { file } })
}

const interrupted = (): DaybreakError => new DaybreakError('Interrupted', 'the trial of the model was stopped')
