import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import type { ImportOptions } from '../contract/importing.ts'
import { layersAsText } from '../../projects/config/layers.ts'
import { StrandError } from '../core/errors.ts'

export type Value = number | boolean | string | null

/** A number, true, false or null where it reads as one; otherwise the text. */
export function parseValue(text: string): Value {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null' || text === 'none') return null
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** Collects `--set optimizer.lr=0.001`, several keys after one flag or one each. */
export function collectSet(text: string, before: Record<string, Value> = {}): Record<string, Value> {
  const at = text.indexOf('=')
  if (at < 1) throw new InvalidArgumentError('write key=value, for example optimizer.lr=0.001.')
  return { ...before, [text.slice(0, at)]: parseValue(text.slice(at + 1)) }
}

/** A configuration file (whole or part of one) as dotted keys: {"optimizer":{"lr":1}} is optimizer.lr = 1. */
export function readConfigFile(file: string): Record<string, Value> {
  let document: unknown
  try {
    document = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new StrandError('config/invalid', code === 'ENOENT' ? `There is no file ${file}.` : `${file} is not JSON: ${message}.`, { file })
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new StrandError('config/invalid', `${file} must hold a JSON object, such as {"optimizer": {"lr": 0.001}}.`, { file })
  }
  const flat: Record<string, Value> = {}
  const walk = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, path ? `${path}.${key}` : key)
    } else if (Array.isArray(value)) {
      flat[path] = listed(value, path, file)
    } else if (path !== 'version') flat[path] = value as Value
  }
  walk(document, '')
  return flat
}

/** The two settings that are lists, as `--set` takes them. */
function listed(value: unknown[], path: string, file: string): Value {
  if (path === 'model.sashimi.pool') return value.join(', ')
  try {
    if (path === 'model.layers') return layersAsText(value) as string
  } catch (error) {
    throw new StrandError('config/invalid', `${file}: ${(error as Error).message}`, { file })
  }
  throw new StrandError('config/invalid', `${file}: ${path} is a list, and this setting takes none.`, { file })
}

export function positive(text: string): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('write a whole number from 1 on.')
  return value
}

export function integer(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value)) throw new InvalidArgumentError('write a whole number.')
  return value
}

export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('write a number.')
  return value
}

/** "0.8,0.1,0.1" or "8640,11520,14400". */
export function triple(text: string): [number, number, number] {
  const values = text.split(',').map(Number)
  if (values.length !== 3 || values.some((value) => !Number.isFinite(value)))
    throw new InvalidArgumentError('write three numbers with commas between.')
  return values as [number, number, number]
}

/** "s16,44100,2": coding, rate in Hz, channels. What may be said is checked where it is used. */
export function pcmOf(text: string): NonNullable<ImportOptions['pcm']> {
  const [coding, rate, channels = '1'] = text.split(',').map((part) => part.trim())
  return { coding: coding as NonNullable<ImportOptions['pcm']>['coding'], rate: positive(rate ?? ''), channels: positive(channels) }
}
