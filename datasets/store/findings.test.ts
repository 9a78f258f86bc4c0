import { expect, it } from 'vitest'
import { testProject } from '../testing/project.ts'
import { resplit } from '../splits/resplit.ts'
import { inspectSignal } from '../quality/signal.ts'
import { getSignal, setSignal } from './store.ts'

it('what a look found is kept with the version it was found in, and a new version was not looked at', async () => {
  const project = testProject()
  try {
    const { id } = await project.add('a.fa', '>a\nACGTTGCAAC\n>b\nNNNNNNNNNN\n>c\nACGTTGCAGC\n')
    expect(getSignal(project.store, id)).toBeNull()
    const found = await inspectSignal(project.store, id)
    setSignal(project.store, id, found)
    expect(getSignal(project.store, id)).toEqual(found)
    const next = resplit(project.store, id, { split: { train: 0.5, validation: 0.25, test: 0.25 } })
    expect(next).not.toBe(id)
    expect(getSignal(project.store, next)).toBeNull()
  } finally {
    project.remove()
  }
})
