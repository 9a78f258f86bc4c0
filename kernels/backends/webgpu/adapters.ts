import { dawn } from './dawn.ts'

export interface AdapterReport {
  readonly name: string
  readonly vendor: string
  /** The driver and its version, in its own words. */
  readonly driver: string
  /** Vulkan, Metal, D3D12, … */
  readonly api: string
  /** Runs on the CPU: correct and slow, so never chosen by itself. */
  readonly software: boolean
  readonly features: readonly string[]
  readonly limits: Readonly<
    Record<
      | 'maxBufferSize'
      | 'maxStorageBufferBindingSize'
      | 'maxStorageBuffersPerShaderStage'
      | 'maxComputeWorkgroupStorageSize'
      | 'maxComputeInvocationsPerWorkgroup',
      number
    >
  >
  /** Invocations that exchange registers, smallest and largest; 0 where the adapter has none. */
  readonly subgroup: readonly [smallest: number, largest: number]
  /** Units that multiply 16 × 16 matrices of float16 into float32. */
  readonly matrixUnits: boolean
}

/** Dawn adds these to the standard fields. */
type DawnInfo = GPUAdapterInfo & {
  readonly adapterType?: string
  readonly backendType?: string
  readonly isFallbackAdapter?: boolean
  readonly subgroupMatrixConfigs?: readonly { componentType: string; resultComponentType: string; M: number; N: number; K: number }[]
}

const api = (info: DawnInfo): string => {
  const stated = { vulkan: 'Vulkan', metal: 'Metal', D3D12: 'D3D12', d3d12: 'D3D12', d3d11: 'D3D11' }[info.backendType ?? '']
  return stated ?? { darwin: 'Metal', win32: 'D3D12' }[process.platform as string] ?? 'Vulkan'
}

export function report(adapter: GPUAdapter): AdapterReport {
  const info = adapter.info as DawnInfo
  const name = [info.device, info.description].find((s) => s) ?? 'unnamed adapter'
  const { limits } = adapter
  return {
    name: readableName(name),
    vendor: info.vendor,
    driver: info.description,
    api: api(info),
    software:
      info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render/i.test(`${name} ${info.description}`),
    features: [...adapter.features].sort(),
    limits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    },
    subgroup: adapter.features.has('subgroups') ? [info.subgroupMinSize ?? 0, info.subgroupMaxSize ?? 0] : [0, 0],
    matrixUnits: MATRIX_FEATURES.every((f) => adapter.features.has(f)) && hasHalfUnits(info),
  }
}

export const MATRIX_FEATURES = ['shader-f16', 'subgroups', 'chromium-experimental-subgroup-matrix']

/** The matrix kernels are written for 16 × 16 × 16 and subgroups of 32. */
const hasHalfUnits = ({ subgroupMatrixConfigs = [], subgroupMinSize, subgroupMaxSize }: DawnInfo): boolean =>
  subgroupMinSize === 32 &&
  subgroupMaxSize === 32 &&
  [...subgroupMatrixConfigs].some(
    ({ componentType, resultComponentType, M, N, K }) =>
      componentType === 'f16' && resultComponentType === 'f32' && M === 16 && N === 16 && K === 16,
  )

/** Dawn gives device names in kebab case: "nvidia-h100-80gb-hbm3". */
const readableName = (name: string): string =>
  /^[a-z0-9]+(-[a-z0-9]+)+$/.test(name)
    ? name
        .split('-')
        .map((word) => (/\d|^(nvidia|amd|gb)$/.test(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1)))
        .join(' ')
    : name

/** The adapters this machine offers, the preferred one first; none where there is no driver. */
export async function listAdapters(): Promise<AdapterReport[]> {
  const found: AdapterReport[] = []
  for (const options of [
    { powerPreference: 'high-performance' },
    { powerPreference: 'low-power' },
    { forceFallbackAdapter: true },
  ] as const) {
    const adapter = await request(options)
    if (!adapter) continue
    const one = report(adapter)
    if (!found.some((f) => f.name === one.name && f.api === one.api)) found.push(one)
  }
  return found
}

export async function request(options: GPURequestAdapterOptions): Promise<GPUAdapter | null> {
  try {
    return await dawn().requestAdapter(options)
  } catch {
    return null
  }
}
