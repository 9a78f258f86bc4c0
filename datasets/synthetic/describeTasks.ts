import { z } from 'zod'
import type { TaskInfo, TaskOption } from '../../main/contract/dataset.ts'
import { tasks } from './registry.ts'

interface Property {
  description: string
  type?: string
  default?: number | string | boolean
  minimum?: number
  maximum?: number
  enum?: string[]
}

/** Every task with its options, as forms and the command line show them; made from the schemas. */
export function describeTasks(): TaskInfo[] {
  return tasks.map(({ id, title, description, citation, domain, schema }) => {
    const { properties } = z.toJSONSchema(schema, { io: 'input' }) as unknown as { properties: Record<string, Property> }
    return {
      id,
      title,
      description,
      citation,
      domain,
      options: Object.entries(properties).map(([key, property]) => optionOf(key, property)),
    }
  })
}

const optionOf = (key: string, { description, type, default: usual, minimum, maximum, enum: choices }: Property): TaskOption => ({
  key,
  help: description,
  kind: choices ? 'choice' : type === 'boolean' ? 'boolean' : type === 'integer' ? 'integer' : type === 'number' ? 'number' : 'text',
  default: usual!,
  ...(minimum === undefined ? {} : { min: minimum }),
  ...(maximum === undefined ? {} : { max: maximum }),
  ...(choices ? { choices } : {}),
})
