import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ImportOptions } from '../../main/contract/importing.ts'
import { all } from '../store/connection.ts'
import { listDatasets } from '../store/store.ts'
import { testProject, type TestProject } from './project.ts'

/** What somebody drops, and the sentence it must give. */
export interface Refused {
  file: string
  content: string | Uint8Array
  options?: ImportOptions
  code?: string
  says: string
}

export interface Told {
  file: string
  content: string | Uint8Array
  options?: ImportOptions
  says: string
  line?: number
  byte?: number
  /** Of the dataset. */
  length: number
}

function inProject(tests: (project: () => TestProject) => void): void {
  let project: TestProject
  beforeAll(() => (project = testProject()))
  afterAll(() => project.remove())
  tests(() => project)
}

/** A test for each: refused with its sentence, and nothing is left. */
export function refuses(refused: readonly Refused[]): void {
  describe('refused, with nothing left behind', () =>
    inProject((project) => {
      it.each(refused)('$file: $says', async ({ file, content, options, code = 'import/bad-record', says }) => {
        const { store, add } = project()
        const before = listDatasets(store).length
        await expect(add(file, content, options)).rejects.toMatchObject({ code, message: expect.stringContaining(says) as string })
        expect(listDatasets(store)).toHaveLength(before)
        expect(all(store, `SELECT id FROM dataset WHERE state = 'importing'`)).toEqual([])
      })
    }))
}

/** A test for each: read, and the report says what was done. */
export function tells(told: readonly Told[]): void {
  describe('read, and told in the report', () =>
    inProject((project) => {
      it.each(told)('$file: $says', async ({ file, content, options, says, line, byte, length }) => {
        const detail = await project().add(file, content, options)
        const problem = detail.report.problems.find(({ message }) => message.includes(says))
        expect(problem ?? detail.report.problems).toMatchObject({ message: expect.stringContaining(says) as string, file })
        if (line !== undefined) expect(problem!.line).toBe(line)
        if (byte !== undefined) expect(problem!.byte).toBe(byte)
        expect(detail.length).toBe(length)
      })
    }))
}
