// Kernel numbers in a command list. Read by TypeScript and by AssemblyScript, so only plain constants.
export const ADD = 0
export const MUL = 1
export const COPY = 2
export const FILL = 3
export const NEG_EXP = 4
export const MSE_GRAD = 5
export const SUM_PARTS = 6
export const ADAMW = 7
export const COLUMN_SUM = 8
export const CONV = 9
export const CONV_GRAD = 10
export const CONV_GRAD_SUM = 11
export const CONV_STEP = 12
export const CROSS_ENTROPY = 13
export const CROSS_ENTROPY_SUM = 14
export const CROSS_ENTROPY_GRAD = 15
export const EMBEDDING = 16
export const EMBEDDING_GRAD = 17
export const SQUARE_SUM = 18
export const NORM_SUM = 19
export const MATMUL = 20
export const MATMUL_FEW_ROWS = 21
export const MEAN_POOL = 22
export const MEAN_POOL_GRAD = 23
export const MSE = 24
export const MSE_SUM = 25
export const RMS_NORM = 26
export const RMS_NORM_GRAD = 27
export const SCATTER_ROWS = 28
export const SCAN = 29
export const SCAN_GRAD = 30
export const SCAN_GRAD_SUM = 31
export const SCAN_STEP = 32
export const REVERSE = 33
export const ACTIVATION = 40
export const ACTIVATION_GRAD = 41
export const GLU = 42
export const GLU_GRAD = 43
export const LAYER_NORM = 44
export const LAYER_NORM_GRAD = 45
export const ATTENTION = 46
export const ATTENTION_GRAD = 47
export const ATTENTION_STEP = 48
export const ROPE = 49
export const DROPOUT = 50
export const QUANTILE_LOSS = 51
export const QUANTILE_LOSS_GRAD = 52
export const CTC = 53
export const CTC_SUM = 54
export const CTC_GRAD = 55
export const HEADWISE_SMALL = 60
export const HEADWISE_OUTER = 61
export const HEADWISE_OUTER_SMALL = 62
export const RECURRENT = 63
export const RECURRENT_GRAD = 64
export const RECURRENT_STEP = 65
export const POOL_ROWS = 120
export const POOL_ROWS_GRAD = 121
// State-space models that do not depend on time.
export const DIAGONAL_SCAN = 100
export const DIAGONAL_SCAN_GRAD = 101
export const DIAGONAL_SCAN_STEP = 102
export const SHIFT_ROWS = 103
export const SWAP_AXES = 104
export const WINDOW_STEP = 105
export const WEIGH_ROWS = 122
export const COMPLEX_SCAN = 106
export const COMPLEX_SCAN_GRAD = 107
export const COMPLEX_SCAN_GRAD_SUM = 108
export const COMPLEX_SCAN_STEP = 109
export const CHANNEL_SCALE = 110
export const FFT_CONV = 111
export const FFT_CONV_GRAD = 112
export const FFT_CONV_TABLE = 113
export const DPLR_KERNEL = 114
export const DPLR_KERNEL_GRAD = 115
export const DPLR_STEP = 116
// Matrix memories in chunks.
export const MEMORY_STATES = 80
export const MEMORY_OUTPUTS = 81
export const MEMORY_ADJOINTS = 82
export const MEMORY_GRAD = 83
export const SSD_GATES = 84
export const SSD_GATE_GRAD = 85
export const SSD_STEP = 86
export const MLSTM_GATES = 87
export const MLSTM_GATE_GRAD = 88
export const MLSTM_STEP = 89
export const SKIP_GATE = 90
export const SKIP_GATE_GRAD = 91
export const SOFT_CAP = 92
export const SOFT_CAP_GRAD = 93
export const DRAW_TOKEN = 180

/** Words before the operands: kernel, length in words, barrier before it, units, unit counter, then the attributes. */
export const WORD_KERNEL = 0
export const WORD_LENGTH = 1
export const WORD_BARRIER = 2
export const WORD_UNITS = 3
export const WORD_COUNTER = 4
export const WORD_ATTRS = 5
/** Each operand is address in bytes, bytes from row to row, rows, columns. */
export const WORD_OPERANDS = 16
export const OPERAND_WORDS = 4

/** Byte addresses of the control words, each on its own cache line. */
export const CONTROL_GO = 64
export const CONTROL_ARRIVED = 128
export const CONTROL_GENERATION = 192
export const CONTROL_LIST = 256
export const CONTROL_END = 260
export const CONTROL_THREADS = 264
export const CONTROL_LOCAL = 268
export const CONTROL_LOCAL_BYTES = 272
export const CONTROL_QUIT = 276
/** 1 where the engine fuses neighbouring vectors into wide registers (wide.ts). */
export const CONTROL_WIDE = 280
export const CONTROL_READY = 320
/** Constants of the polynomials; a load is cheaper than V8's way of building a vector constant. */
export const CONSTANTS = 512
/** First byte the allocator may hand out. */
export const HEAP_START = 4096

/** Rows of a time chunk of the scan: one saved state each. */
export const SCAN_CHUNK = 16
/** Channels of one unit of the scan. */
export const SCAN_CHANNELS = 64
/** Time steps of a chunk of the diagonal scan. */
export const S4D_CHUNK = 32
/** Lags of a DPLR kernel between two saved states. */
export const DPLR_CHUNK = 32
/** Time steps and channels of one unit of the convolution. */
export const CONV_CHUNK = 64
export const CONV_CHANNELS = 64
/** Queries and keys of one block of attention. */
export const ATTENTION_QUERIES = 64
export const ATTENTION_KEYS = 32
/** Rows per partial sum of the row reductions. */
export const SUM_ROWS = 64
/** Elements per unit of the flat elementwise kernels. */
export const FLAT_UNIT = 8192
/** Kinds of recurrent cell. */
export const RECURRENT_SLSTM = 0
export const RECURRENT_LSTM = 1
export const RECURRENT_GRU = 2
/** Rows of one packed block of headwise_outer. */
export const HEADWISE_DEPTH = 128
/** One register tile, at the end of each thread's private memory. */
export const EDGE_BYTES = 384
/** Depth of one packed block of a matmul. */
export const MATMUL_K = 256
export const MATMUL_COLUMNS = 64
