import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, constants, cpus } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createHash } from "node:crypto";
import { Worker } from "node:worker_threads";
import { create, globals } from "webgpu";
// kernels/backends/cpu/kernel.ts
const bits = /* @__PURE__ */ new DataView(/* @__PURE__ */ new ArrayBuffer(4));
/** The word that holds x as a float32. */
const float = (x) => {
	bits.setFloat32(0, x);
	return bits.getInt32(0);
};
const ceilDiv$1 = (a, b) => Math.ceil(a / b);
const count = (m) => m.rows * m.cols;
const contiguous = (m) => m.ld === m.cols || m.rows === 1;
/** `elements` of `scratch` from `offset` on, as one row. */
const part$1 = (scratch, offset, elements) => ({
	address: scratch.address + 4 * offset,
	rows: 1,
	cols: elements,
	ld: elements
});
// kernels/backends/cpu/wasm/codes.ts
/** First byte the allocator may hand out. */
const HEAP_START = 4096;
/** Elements per unit of the flat elementwise kernels. */
const FLAT_UNIT = 8192;
// kernels/backends/cpu/rowwise.ts
/** attrs and units of a kernel that walks all elements: as one flat range where every operand is contiguous, else by runs of rows. */
function walk$3(shape, operands) {
	if (operands.every(contiguous)) return {
		flat: 1,
		rowsPerUnit: 0,
		units: ceilDiv$1(count(shape), FLAT_UNIT)
	};
	const rowsPerUnit = Math.max(1, Math.floor(FLAT_UNIT / shape.cols));
	return {
		flat: 0,
		rowsPerUnit,
		units: ceilDiv$1(shape.rows, rowsPerUnit)
	};
}
/** An elementwise kernel of wasm/elementwise.simd.ts. `small` inputs (scalars) do not count for the walk. */
const elementwise$1 = (kernel, value = () => 0, full = Infinity) => ({ encode({ attrs, inputs, outputs }) {
	const [y] = outputs;
	const { flat, rowsPerUnit, units } = walk$3(y, [...inputs.slice(0, full), y]);
	const order = [...inputs.slice(0, full), y];
	return [{
		kernel,
		units,
		attrs: [
			flat,
			rowsPerUnit,
			value(attrs)
		],
		reads: inputs,
		writes: outputs,
		order: [...order, ...inputs.slice(full)],
		work: 2 * count(y)
	}];
} });
const runsOfRows = (rows) => ceilDiv$1(rows, 64);
/** Adds `parts` runs of count(out) elements each into `out`, in order. */
function sumParts(parts, number, out) {
	const n = count(out);
	const rowsPerUnit = out.rows === 1 ? 0 : Math.max(1, Math.floor(1024 / out.cols));
	return {
		kernel: 6,
		units: out.rows === 1 ? ceilDiv$1(out.cols, 256) : ceilDiv$1(out.rows, rowsPerUnit),
		attrs: [
			number,
			n,
			rowsPerUnit
		],
		reads: [parts],
		writes: [out],
		work: number * n
	};
}
/** Kernels whose units are runs of SUM_ROWS rows of `shape`. */
const byRows = (kernel, shape, reads, writes, workPerElement, attrs = []) => ({
	kernel,
	units: runsOfRows(shape.rows),
	attrs,
	reads,
	writes,
	work: workPerElement * count(shape)
});
// kernels/tensor/tensor.ts
/** An operand that does not fit its op. The message names the op, the operand and both shapes. */
var ShapeError = class extends Error {
	name = "ShapeError";
};
const f32 = (rows, cols) => ({
	rows,
	cols,
	dtype: "f32"
});
const i32 = (rows, cols) => ({
	rows,
	cols,
	dtype: "i32"
});
const elements = (type) => type.rows * type.cols;
const sameType = (a, b) => a.rows === b.rows && a.cols === b.cols && a.dtype === b.dtype;
const describe = (type) => `(${type.rows}, ${type.cols}) ${type.dtype}`;
/** Throws ShapeError unless `actual` is `expected`. `where` reads like "selective_scan: delta". */
function expectType(where, actual, expected) {
	if (!sameType(actual, expected)) throw new ShapeError(`${where} is ${describe(actual)}, expected ${describe(expected)}`);
}
const at = (m, row, col) => m.data[m.offset + row * m.ld + col];
const set = (m, row, col, value) => {
	m.data[m.offset + row * m.ld + col] = value;
};
// kernels/ops/op.ts
const defineOp = (definition) => definition;
const requireShape = (condition, message) => {
	if (!condition) throw new ShapeError(message);
};
const num = (attrs, key) => attrs[key];
// kernels/ops/activation/activation.cpu.ts
const walked = (kernel) => ({ encode({ attrs, inputs, outputs }) {
	const { flat, rowsPerUnit, units } = walk$3(inputs[0], [...inputs, ...outputs]);
	return [{
		kernel,
		units,
		attrs: [
			flat,
			rowsPerUnit,
			num(attrs, "kind")
		],
		reads: inputs,
		writes: outputs,
		work: 30 * count(inputs[0])
	}];
} });
const activation$2 = walked(40);
const activation_grad$2 = walked(41);
const glu$2 = walked(42);
const glu_grad$2 = walked(43);
// kernels/ops/adamw/adamw.cpu.ts
const adamw$2 = { encode({ attrs, inputs, outputs }) {
	const [beta1, beta2] = [num(attrs, "beta1"), num(attrs, "beta2")];
	const words = [
		num(attrs, "decay_elements"),
		...[
			beta1,
			beta2,
			num(attrs, "eps"),
			1 - beta1,
			1 - beta2
		].map(float),
		num(attrs, "slow_from")
	];
	const n = inputs[0].cols;
	return [{
		kernel: 7,
		units: ceilDiv$1(n, FLAT_UNIT),
		attrs: words,
		reads: inputs,
		writes: outputs,
		order: inputs,
		work: 20 * n
	}];
} };
// kernels/ops/attention/attention.ts
function attentionShape(op, [q, k, v], attrs) {
	const [batch, seqlen, heads, kv_heads, window] = [
		"batch",
		"seqlen",
		"heads",
		"kv_heads",
		"window"
	].map((key) => num(attrs, key));
	const head_dim = q.cols / heads;
	requireShape(q.rows === batch * seqlen, `${op}: q has ${q.rows} rows, batch · seqlen is ${batch * seqlen}`);
	requireShape(Number.isInteger(head_dim), `${op}: ${q.cols} columns cannot be cut into ${heads} heads`);
	requireShape(heads % kv_heads === 0, `${op}: ${heads} query heads cannot share ${kv_heads} key heads evenly`);
	expectType(`${op}: k`, k, f32(q.rows, kv_heads * head_dim));
	expectType(`${op}: v`, v, k);
	return {
		batch,
		seqlen,
		heads,
		kv_heads,
		head_dim,
		window,
		causal: !!attrs.causal
	};
}
/** The keys j that query i sees: first ≤ j < end. */
const visible = ({ seqlen, window, causal }, i) => [window ? Math.max(0, i - window + 1) : 0, causal ? i + 1 : window ? Math.min(seqlen, i + window) : seqlen];
const pairs = (shape) => {
	let sum = 0;
	for (let i = 0; i < shape.seqlen; i++) sum += visible(shape, i)[1] - visible(shape, i)[0];
	return sum * shape.batch * shape.heads;
};
const testCase$24 = ([batch, seqlen, heads, kv_heads, head_dim], { window = 0, causal = true, size = 1 } = {}) => ({
	inputs: [f32(batch * seqlen, heads * head_dim), ...Array.from({ length: 2 }, () => f32(batch * seqlen, kv_heads * head_dim))],
	attrs: {
		batch,
		seqlen,
		heads,
		kv_heads,
		window,
		causal
	},
	range: [
		[-size, size],
		[-size, size],
		[-1, 1]
	]
});
/**
* Multi-head attention (Vaswani et al. 2017, arXiv:1706.03762, eq. 1) in the flash form (Dao et al. 2022, arXiv:2205.14135): the L × L
* weights are never stored. Per head, o_i = Σ_j softmax_j(q_i · k_j / √head_dim) v_j over the keys that i sees: with `causal` j ≤ i, with
* window w > 0 also |i − j| < w. q, o (batch·seqlen, heads·head_dim) · k, v (batch·seqlen, kv_heads·head_dim): groups of
* heads / kv_heads query heads share a key head (Ainslie et al. 2023, arXiv:2305.13245). lse (batch·seqlen, heads), the logarithm of the
* softmax's denominator, is all that is kept for the gradient. attrs batch, seqlen, heads, kv_heads, window, causal.
*/
const attention$3 = defineOp({
	name: "attention",
	inputs: [
		"q",
		"k",
		"v"
	],
	outputs: ["o", "lse"],
	infer: (inputs, attrs) => [inputs[0], f32(inputs[0].rows, attentionShape("attention", inputs, attrs).heads)],
	reference([q, k, v], [o, lse], attrs) {
		const shape = attentionShape("attention", [
			q,
			k,
			v
		].map((m) => f32(m.rows, m.cols)), attrs);
		const { batch, seqlen, heads, kv_heads, head_dim: d } = shape;
		for (let b = 0; b < batch; b++) for (let h = 0; h < heads; h++) for (let i = 0; i < seqlen; i++) {
			const [first, end] = visible(shape, i);
			const [row, from] = [b * seqlen + i, Math.floor(h * kv_heads / heads) * d];
			const scores = Array.from({ length: end - first }, (_, n) => {
				let s = 0;
				for (let c = 0; c < d; c++) s += at(q, row, h * d + c) * at(k, b * seqlen + first + n, from + c);
				return s / Math.sqrt(d);
			});
			const most = scores.reduce((a, s) => Math.max(a, s), -Infinity);
			const weights = scores.map((s) => Math.exp(s - most));
			const sum = weights.reduce((a, w) => a + w, 0);
			set(lse, row, h, most + Math.log(sum));
			for (let c = 0; c < d; c++) {
				let y = 0;
				weights.forEach((w, n) => y += w * at(v, b * seqlen + first + n, from + c));
				set(o, row, h * d + c, y / sum);
			}
		}
	},
	gradient: (builder, { inputs, outputs, attrs }, [d_o]) => d_o ? builder.apply("attention_grad", [
		d_o,
		...inputs,
		...outputs
	], attrs) : [],
	cost(inputs, attrs) {
		const shape = attentionShape("attention", inputs, attrs);
		return {
			flops: pairs(shape) * (4 * shape.head_dim + 4),
			exps: pairs(shape)
		};
	},
	tolerance: 4e-6,
	gradientTolerance: 1e-5,
	cases: [
		testCase$24([
			1,
			1,
			1,
			1,
			1
		]),
		testCase$24([
			2,
			65,
			2,
			2,
			16
		]),
		testCase$24([
			1,
			70,
			4,
			2,
			5
		]),
		testCase$24([
			1,
			63,
			4,
			1,
			20
		], { size: 4 }),
		testCase$24([
			2,
			37,
			2,
			2,
			32
		], { window: 7 }),
		testCase$24([
			1,
			70,
			1,
			1,
			64
		], { causal: false }),
		testCase$24([
			2,
			67,
			2,
			1,
			8
		], {
			causal: false,
			window: 9
		}),
		testCase$24([
			1,
			33,
			1,
			1,
			128
		]),
		testCase$24([
			1,
			900,
			1,
			1,
			4
		], { window: 40 }),
		testCase$24([
			1,
			130,
			2,
			1,
			12
		], { size: 2 })
	]
});
// kernels/ops/attention/attention.cpu.ts
const words$4 = ({ seqlen, heads, kv_heads, window, causal, head_dim }) => [
	seqlen,
	heads,
	kv_heads,
	window,
	Number(causal),
	float(1 / Math.sqrt(head_dim))
];
const attention$2 = { encode({ attrs, inputs, outputs }) {
	const shape = attentionShape("attention", inputs.map(typed), attrs);
	const blocks = ceilDiv$1(shape.seqlen, 64);
	const local = 4 * (shape.head_dim * 32 + 2048 + 64 * shape.head_dim + 128);
	const work = pairs(shape) * (4 * shape.head_dim + 30);
	return [{
		kernel: 46,
		units: shape.batch * shape.heads * blocks,
		attrs: words$4(shape),
		reads: inputs,
		writes: outputs,
		local,
		work
	}];
} };
const attention_grad$2 = {
	scratch: ([d_o], attrs) => d_o.rows * num(attrs, "heads"),
	encode({ attrs, inputs, outputs, scratch }) {
		const shape = attentionShape("attention_grad", inputs.slice(1, 4).map(typed), attrs);
		const local = 4 * (4 * shape.head_dim * 32 + 4096);
		const D = part$1(scratch, 0, shape.batch * shape.seqlen * shape.heads);
		const writes = [...outputs, D];
		const work = pairs(shape) * (10 * shape.head_dim + 40);
		return [{
			kernel: 47,
			units: shape.batch * shape.kv_heads,
			attrs: words$4(shape),
			reads: inputs,
			writes,
			local,
			work
		}];
	}
};
const attention_step$2 = { encode({ attrs, inputs, outputs }) {
	const [q, k, , keys] = inputs;
	const [heads, kv_heads] = [num(attrs, "heads"), num(attrs, "kv_heads")];
	const capacity = keys.cols / k.cols;
	return [{
		kernel: 48,
		units: q.rows,
		attrs: [
			capacity,
			heads,
			kv_heads,
			float(1 / Math.sqrt(q.cols / heads))
		],
		reads: inputs,
		writes: outputs,
		order: [...inputs, outputs[0]],
		local: 4 * Math.ceil(capacity / 4) * 4,
		work: 5 * count(q) * capacity
	}];
} };
function typed({ rows, cols }) {
	return {
		rows,
		cols,
		dtype: "f32"
	};
}
// kernels/ops/channel_scale/channel_scale.cpu.ts
const channel_scale$2 = { encode({ inputs: [x, weight, ...addend], outputs }) {
	return [{
		...byRows(110, x, [
			x,
			weight,
			...addend
		], outputs, 2, [addend.length]),
		order: [
			x,
			weight,
			...outputs,
			...addend
		]
	}];
} };
// kernels/ops/column_sum/column_sum.cpu.ts
const column_sum$2 = {
	scratch: ([x]) => runsOfRows(x.rows) * x.cols,
	encode({ inputs: [x], outputs: [y], scratch }) {
		const parts = part$1(scratch, 0, runsOfRows(x.rows) * x.cols);
		return [byRows(8, x, [x], [parts], 1), sumParts(parts, runsOfRows(x.rows), y)];
	}
};
// kernels/ops/complex_scan/complex_scan.cpu.ts
/** Bytes of four modes (modes.simd.ts). */
const MODES$1 = 256;
const complex_scan$2 = { encode({ attrs, inputs, outputs: [y] }) {
	return [{
		kernel: 106,
		units: num(attrs, "batch") * ceilDiv$1(inputs[1].cols, 4),
		attrs: [num(attrs, "seqlen"), attrs.clip ? 1 : 0],
		reads: inputs,
		writes: [y],
		local: MODES$1,
		work: 10 * count(y)
	}];
} };
const complex_scan_grad$2 = {
	scratch: ([, , , Lambda_re], attrs) => 16 * num(attrs, "batch") * ceilDiv$1(Lambda_re.cols, 4),
	encode({ attrs, inputs, outputs: [dv, ...parameters], scratch }) {
		const groups = ceilDiv$1(inputs[3].cols, 4);
		const [batch, clip] = [num(attrs, "batch"), attrs.clip ? 1 : 0];
		const parts = part$1(scratch, 0, 16 * batch * groups);
		return [{
			kernel: 107,
			units: batch * groups,
			attrs: [num(attrs, "seqlen"), clip],
			reads: inputs,
			writes: [dv, parts],
			local: MODES$1,
			work: 20 * count(dv)
		}, {
			kernel: 108,
			units: groups,
			attrs: [batch, clip],
			reads: [parts, ...inputs.slice(3)],
			writes: parameters,
			local: MODES$1,
			work: 400 * groups
		}];
	}
};
const complex_scan_step$2 = { encode: ({ attrs, inputs, outputs: [y, state] }) => [{
	kernel: 109,
	units: ceilDiv$1(inputs[1].cols, 4),
	attrs: [attrs.clip ? 1 : 0],
	reads: inputs,
	writes: [y, state],
	order: [...inputs, y],
	local: MODES$1,
	work: 100 * count(y)
}] };
// kernels/ops/conv1d_silu/conv1d_silu.cpu.ts
const split$2 = (attrs, d) => {
	const [batch, chunks, blocks] = [
		num(attrs, "batch"),
		ceilDiv$1(num(attrs, "seqlen"), 64),
		ceilDiv$1(d, 64)
	];
	return {
		batch,
		chunks,
		attrs: [
			num(attrs, "seqlen"),
			chunks,
			blocks
		],
		units: batch * chunks * blocks
	};
};
const partElements$1 = (attrs, d, width) => {
	const { batch, chunks } = split$2(attrs, d);
	return batch * chunks * (width + 1) * d;
};
const conv1d_silu$2 = { encode({ attrs, inputs, outputs }) {
	const [x, weight] = inputs;
	const { attrs: words, units } = split$2(attrs, x.cols);
	return [{
		kernel: 9,
		units,
		attrs: words,
		reads: inputs,
		writes: outputs,
		local: 16 * weight.cols,
		work: count(x) * (2 * weight.cols + 20)
	}];
} };
const conv1d_silu_grad$2 = {
	scratch: ([, x, weight], attrs) => partElements$1(attrs, x.cols, weight.cols),
	encode({ attrs, inputs, outputs: [dx, dweight, dbias], scratch }) {
		const [, x, weight] = inputs;
		const width = weight.cols;
		const { batch, chunks, attrs: words, units } = split$2(attrs, x.cols);
		const parts = part$1(scratch, 0, partElements$1(attrs, x.cols, width));
		const local = 16 * width + 256 * (64 + width);
		const n = batch * chunks;
		return [{
			kernel: 10,
			units,
			attrs: words,
			reads: inputs,
			writes: [dx, parts],
			local,
			work: count(x) * (6 * width + 30)
		}, {
			kernel: 11,
			units: words[2],
			attrs: [n],
			reads: [parts],
			writes: [dweight, dbias],
			work: n * x.cols * (width + 1)
		}];
	}
};
const conv1d_silu_step$2 = { encode: ({ inputs, outputs: [y, state] }) => [{
	kernel: 12,
	units: 1,
	reads: inputs,
	writes: [y, state],
	order: [...inputs, y],
	work: count(y) * (2 * inputs[2].cols + 20)
}] };
// kernels/ops/cross_entropy/cross_entropy.cpu.ts
const cross_entropy$2 = { encode: ({ inputs: [logits, targets], outputs: [loss, nll, lse, count] }) => [byRows(13, logits, [logits, targets], [nll, lse], 20), {
	kernel: 14,
	units: 1,
	reads: [nll, targets],
	writes: [loss, count],
	work: nll.rows
}] };
const cross_entropy_grad$2 = { encode: ({ inputs, outputs }) => [byRows(15, inputs[0], inputs, outputs, 20)] };
// kernels/ops/ctc/ctc.cpu.ts
/** Doubles of one sequence: probabilities of the labels and forward weights by step and state, two rows of backward weights; and its states. */
const local = (labels, seqlen) => {
	const states = 2 * labels.cols + 1;
	return 8 * (2 * seqlen * states + 2 * states) + 8 * states + 64;
};
const ctc$2 = { encode({ attrs, inputs, outputs: [loss, nll, scored] }) {
	const [logits, labels] = inputs;
	const seqlen = num(attrs, "seqlen");
	const work = 20 * count(logits) + 60 * seqlen * count(labels);
	return [{
		kernel: 53,
		units: labels.rows,
		attrs: [seqlen],
		reads: inputs,
		writes: [nll],
		local: local(labels, seqlen),
		work
	}, {
		kernel: 54,
		units: 1,
		reads: [nll],
		writes: [
			loss,
			scored,
			nll
		],
		work: labels.rows
	}];
} };
const ctc_grad$2 = { encode({ attrs, inputs, outputs }) {
	const [logits, labels] = inputs;
	const seqlen = num(attrs, "seqlen");
	const work = 40 * count(logits) + 160 * seqlen * count(labels);
	return [{
		kernel: 55,
		units: labels.rows,
		attrs: [seqlen],
		reads: inputs,
		writes: outputs,
		local: local(labels, seqlen),
		work
	}];
} };
// kernels/ops/diagonal_scan/diagonal_scan.cpu.ts
/** Bytes of four channels' vectors, as diagonal_scan.simd.ts lays them out. */
const MODES = 256;
const chunkRow = 528;
const stateRow = (m) => 16 * (2 * ceilDiv$1(m, 2) + 1);
const padded = (attrs) => 4 * ceilDiv$1(num(attrs, "seqlen"), 128);
const tableBytes = (m) => 66 * stateRow(m) + 528;
const words$3 = (attrs) => [
	num(attrs, "batch"),
	num(attrs, "seqlen"),
	attrs.real ? 0 : 1
];
const diagonal_scan$2 = {
	opaque: ([u, , , C], attrs) => ceilDiv$1(u.cols, 4) * (tableBytes(C.cols) + num(attrs, "batch") * padded(attrs) * stateRow(C.cols)) / 4,
	encode({ attrs, inputs, outputs }) {
		const [u, , , C] = inputs;
		const local = MODES + stateRow(C.cols) + 2 * padded(attrs) * chunkRow;
		const order = [
			...inputs.slice(0, 5),
			...outputs,
			...inputs.slice(5)
		];
		const work = count(u) * (4 * C.cols + 32);
		return [{
			kernel: 100,
			units: ceilDiv$1(u.cols, 4),
			attrs: words$3(attrs),
			reads: inputs,
			writes: outputs,
			order,
			local,
			work
		}];
	}
};
const diagonal_scan_grad$2 = { encode({ attrs, inputs, outputs }) {
	const [dy, saved, u, log_dt, log_A_real, C, , ...A_imag] = inputs;
	const row = stateRow(C.cols);
	const local = MODES + 2 * row + 64 * row + 33 * chunkRow + padded(attrs) * (3 * chunkRow + row);
	const order = [
		dy,
		saved,
		u,
		log_dt,
		log_A_real,
		C,
		...outputs.slice(0, 5),
		...A_imag,
		...outputs.slice(5)
	];
	const work = count(u) * (8 * C.cols + 64);
	return [{
		kernel: 101,
		units: ceilDiv$1(u.cols, 4),
		attrs: words$3(attrs),
		reads: inputs,
		writes: outputs,
		order,
		local,
		work
	}];
} };
const diagonal_scan_step$2 = { encode({ attrs, inputs, outputs: [y, state] }) {
	const [u, log_dt, log_A_real, C, D, , ...A_imag] = inputs;
	const order = [
		u,
		log_dt,
		log_A_real,
		C,
		D,
		state,
		y,
		...A_imag
	];
	const work = 3 * count(y) * C.cols + 15 * C.rows * C.cols;
	return [{
		kernel: 102,
		units: u.cols,
		attrs: [attrs.real ? 0 : 1],
		reads: inputs,
		writes: [y, state],
		order,
		work
	}];
} };
// kernels/ops/dplr_kernel/dplr_kernel.cpu.ts
/** Bytes of the constants, modes and states of four channels (dplr.simd.ts). */
const constants$2 = (modes) => 4 * (32 + 64 * modes) + 160 * modes;
const state = (modes) => 32 * modes;
const dplr_kernel$2 = {
	opaque: ([log_dt, A_real], attrs) => ceilDiv$1(log_dt.cols, 4) * ceilDiv$1(num(attrs, "lags"), 32) * state(A_real.cols) / 4,
	encode({ attrs, inputs, outputs }) {
		const [log_dt, { cols: modes }] = inputs;
		return [{
			kernel: 114,
			units: ceilDiv$1(log_dt.cols, 4),
			reads: inputs,
			writes: outputs,
			local: constants$2(modes) + state(modes),
			work: num(attrs, "lags") * log_dt.cols * modes * 8
		}];
	}
};
const dplr_kernel_grad$2 = { encode({ inputs, outputs }) {
	const [dkernel, , log_dt, { cols: modes }] = inputs;
	return [{
		kernel: 115,
		units: ceilDiv$1(log_dt.cols, 4),
		reads: inputs,
		writes: outputs,
		local: constants$2(modes) + 160 * modes + 32 * (state(modes) + 16),
		work: dkernel.rows * log_dt.cols * modes * 20
	}];
} };
const dplr_step$2 = { encode({ inputs, outputs: [y, next] }) {
	const [u, , { cols: modes }] = inputs;
	return [{
		kernel: 116,
		units: ceilDiv$1(u.cols, 4),
		reads: inputs,
		writes: [y, next],
		order: [...inputs, y],
		local: constants$2(modes) + state(modes),
		work: u.cols * modes * (80 + 10 * u.rows)
	}];
} };
// kernels/random/philox.ts
/**
* Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): a counter-based generator. The same (key, counter)
* gives the same numbers whatever ran before, so resuming, threads and order do not change a run.
*/
const M0 = 3528531795;
const M1 = 3449720151;
const W0 = 2654435769;
const W1 = 3144134277;
/** High 32 bits of the 64-bit product of two unsigned 32-bit numbers. */
function mulhi(a, b) {
	const al = a & 65535;
	const ah = a >>> 16;
	const bl = b & 65535;
	const bh = b >>> 16;
	const mid = ah * bl + (al * bl >>> 16);
	const low = (mid & 65535) + al * bh;
	return ah * bh + Math.floor(mid / 65536) + Math.floor(low / 65536) >>> 0;
}
/** Four uint32 into `out`, for a 64-bit key and a 128-bit counter given as uint32 words. */
function philox(key0, key1, c0, c1, c2, c3, out) {
	let k0 = key0 >>> 0;
	let k1 = key1 >>> 0;
	for (let round = 0; round < 10; round++) {
		const hi0 = mulhi(M0, c0 >>> 0);
		const lo0 = Math.imul(M0, c0) >>> 0;
		const hi1 = mulhi(M1, c2 >>> 0);
		const lo1 = Math.imul(M1, c2) >>> 0;
		c0 = (hi1 ^ c1 ^ k0) >>> 0;
		c2 = (hi0 ^ c3 ^ k1) >>> 0;
		c1 = lo1;
		c3 = lo0;
		k0 = k0 + W0 >>> 0;
		k1 = k1 + W1 >>> 0;
	}
	out[0] = c0;
	out[1] = c1;
	out[2] = c2;
	out[3] = c3;
}
/** A stream of numbers named by (seed, stream): call order within the stream is the only state. */
var RandomStream = class {
	#counter = 0;
	#left = 0;
	#block = /* @__PURE__ */ new Uint32Array(4);
	#key;
	#stream;
	constructor(seed, stream = 0) {
		this.#key = [seed >>> 0, Math.floor(seed / 4294967296) >>> 0];
		this.#stream = stream;
	}
	uint32() {
		if (this.#left === 0) {
			philox(this.#key[0], this.#key[1], this.#counter++, 0, this.#stream, 0, this.#block);
			this.#left = 4;
		}
		return this.#block[--this.#left];
	}
	/** Uniform in [0, 1), 53 bits. */
	uniform() {
		return ((this.uint32() >>> 5) * 67108864 + (this.uint32() >>> 6)) / 9007199254740992;
	}
	/** Standard normal (Box-Muller). */
	normal() {
		return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
	}
};
// kernels/ops/draw_token/draw_token.ts
/** Columns of `settings`. top_k 0: all tokens; top_p 1: all. */
const SETTINGS = {
	temperature: 0,
	top_k: 1,
	top_p: 2
};
/** Columns of `cursor`: where the token stands that was just read, how many tokens are given, the seed's two words, and the stream. */
const CURSOR = {
	position: 0,
	given: 1,
	seed_low: 2,
	seed_high: 3,
	stream: 4
};
/** Third word of the counter, so that no other use of Philox with this seed meets the same numbers. */
const DRAW_DOMAIN = 1685217655;
const testCase$23 = (rows, vocab, places, settings, spread = 5) => ({
	inputs: [
		f32(rows, vocab),
		f32(1, 4),
		i32(rows, 8),
		i32(rows, places),
		f32(rows, places)
	],
	attrs: {},
	range: [
		[-spread, spread],
		[settings, settings],
		[0, 6],
		[0, vocab],
		[0, 1]
	]
});
/**
* The token after position p of each sequence: the given one where p + 1 < given, else one drawn from softmax(logits / temperature) among the
* top_k likeliest (Fan et al. 2018, arXiv:1805.04833, §5.2), of those the fewest likeliest whose probability is at least top_p (Holtzman
* et al. 2020, arXiv:1904.09751, §3.1); tokens as likely as the last of them stay in. Temperature 0 takes the likeliest, the first of several.
* Drawn by the inverse of the distribution function in the order of the ids, at a uniform number that is the upper 24 bits of word 0
* of Philox4x32-10 under the key `seed` and the counter (p + 1 − given, stream, DRAW_DOMAIN, row): the same on every backend.
* logits (R, V) · settings (1, 4) and cursor (R, 8) i32, see above · tokens (R, N) i32 · bits (R, N) = −log2 of a token's probability
* under the model itself (temperature 1, all tokens). token (R, 1); tokens and bits are written at p + 1 where that is below N; position + 1.
*/
const draw_token$2 = defineOp({
	name: "draw_token",
	inputs: [
		"logits",
		"settings",
		"cursor",
		"tokens",
		"bits"
	],
	outputs: [
		"token",
		"cursor",
		"tokens",
		"bits"
	],
	inPlace: {
		1: 2,
		2: 3,
		3: 4
	},
	infer([logits, settings, cursor, tokens, bits]) {
		expectType("draw_token: settings", settings, f32(1, 4));
		expectType("draw_token: cursor", cursor, i32(logits.rows, 8));
		expectType("draw_token: tokens", tokens, i32(logits.rows, tokens.cols));
		expectType("draw_token: bits", bits, f32(logits.rows, tokens.cols));
		requireShape(logits.cols > 0, "draw_token: there is no token to draw");
		return [
			i32(logits.rows, 1),
			cursor,
			tokens,
			bits
		];
	},
	reference([logits, settings, cursor, tokens, bits], [token, cursorNext, tokensNext, bitsNext]) {
		const [temperature, top_k, top_p] = Object.values(SETTINGS).map((c) => at(settings, 0, c));
		for (let r = 0; r < logits.rows; r++) {
			const row = Array.from({ length: logits.cols }, (_, v) => at(logits, r, v));
			const [position, given, low, high, stream] = Object.values(CURSOR).map((c) => at(cursor, r, c));
			const next = position + 1;
			const words = /* @__PURE__ */ new Uint32Array(4);
			philox(low, high, next - given, stream, DRAW_DOMAIN, r, words);
			const id = next < given && next < tokens.cols ? at(tokens, r, next) : draw(row, {
				temperature,
				top_k,
				top_p
			}, (words[0] >>> 8) / 2 ** 24);
			const max = Math.max(...row);
			const logSum = Math.log(row.reduce((sum, x) => sum + Math.exp(x - max), 0));
			for (let c = 0; c < 8; c++) set(cursorNext, r, c, c === CURSOR.position ? next : at(cursor, r, c));
			for (let c = 0; c < tokens.cols; c++) {
				set(tokensNext, r, c, c === next ? id : at(tokens, r, c));
				set(bitsNext, r, c, c === next ? (max - row[id] + logSum) / Math.LN2 : at(bits, r, c));
			}
			set(token, r, 0, id);
		}
	},
	cost: ([logits]) => ({
		flops: 8 * logits.rows * logits.cols,
		exps: 2 * logits.rows * logits.cols
	}),
	tolerance: 2e-6,
	cases: [
		testCase$23(1, 1, 1, 1),
		testCase$23(1, 65, 9, 0),
		testCase$23(3, 65, 4, .6),
		testCase$23(2, 63, 8, 1, 2),
		testCase$23(5, 300, 8, 3),
		testCase$23(1, 4097, 16, 7, 2)
	]
});
/** The definition, over one row of logits. */
function draw(row, { temperature, top_k, top_p }, uniform) {
	const max = Math.max(...row);
	if (temperature === 0) return row.indexOf(max);
	const sorted = row.toSorted((a, b) => b - a);
	const k = Math.floor(top_k);
	const atLeast = k > 0 && k < row.length ? sorted[k - 1] : -Infinity;
	let weights = row.map((x) => x >= atLeast ? Math.exp((x - max) / temperature) : 0);
	if (top_p > 0 && top_p < 1) {
		const wanted = top_p * weights.reduce((a, b) => a + b, 0);
		const mass = (edge) => weights.reduce((sum, w, i) => sum + (row[i] >= edge ? w : 0), 0);
		const edge = sorted.find((x) => mass(x) >= wanted) ?? -Infinity;
		weights = weights.map((w, i) => row[i] >= edge ? w : 0);
	}
	const target = uniform * weights.reduce((a, b) => a + b, 0);
	let sum = 0;
	const drawn = weights.findIndex((w) => (sum += w) > target);
	return drawn >= 0 ? drawn : weights.findLastIndex((w) => w > 0);
}
// kernels/ops/draw_token/draw_token.cpu.ts
const draw_token$1 = {
	scratch: ([logits]) => logits.rows * logits.cols,
	encode: ({ inputs: [logits, settings], outputs: [token, cursor, tokens, bits], scratch }) => [{
		kernel: 180,
		units: logits.rows,
		attrs: [DRAW_DOMAIN],
		reads: [logits, settings],
		writes: [
			cursor,
			tokens,
			bits,
			token,
			scratch
		],
		work: 40 * count(logits)
	}]
};
// kernels/ops/adamw/adamw.ts
/** Columns of `hyper`, written by the host before each step. bias1 = 1 / (1 − beta1^t), bias2 = 1 / (1 − beta2^t). clip ≤ 0 means no clipping. slow: factor on lr for the elements from slow_from on. step: from 0, what dropout draws its mask by. */
const HYPER = {
	lr: 0,
	weight_decay: 1,
	bias1: 2,
	bias2: 3,
	clip: 4,
	slow: 5,
	step: 6
};
const testCase$22 = (n, decay_elements, slow_from = n) => ({
	inputs: [
		f32(1, n),
		f32(1, n),
		f32(1, n),
		f32(1, n),
		f32(1, 1),
		f32(1, 8)
	],
	attrs: {
		decay_elements,
		slow_from,
		beta1: .9,
		beta2: .99,
		eps: 1e-8
	},
	range: [
		[-1, 1],
		[-1, 1],
		[-.1, .1],
		[0, .1],
		[.5, 3],
		[.01, .9]
	]
});
/**
* AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101, Algorithm 2) over the flat arenas, in place, with global-norm clipping:
*   g ← grad · min(1, clip / (norm + 1e-6)),  m ← β1 m + (1 − β1) g,  v ← β2 v + (1 − β2) g²,
*   p ← p (1 − lr · weight_decay) − lr · bias1 · m / (√(bias2 · v) + eps).
* Weight decay applies to the first decay_elements elements only; from element slow_from on lr is multiplied by slow (state space
* parameters, Gu et al. 2022, arXiv:2111.00396, appendix D). When norm is not finite nothing changes (the step is skipped).
* params, grads, m, v (1, P) · norm (1, 1) · hyper (1, 8), see HYPER.
*/
const adamw$1 = defineOp({
	name: "adamw",
	inputs: [
		"params",
		"grads",
		"m",
		"v",
		"norm",
		"hyper"
	],
	outputs: [
		"params",
		"m",
		"v"
	],
	inPlace: {
		0: 0,
		1: 2,
		2: 3
	},
	infer([params, grads, m, v, norm, hyper]) {
		for (const [name, type] of Object.entries({
			grads,
			m,
			v
		})) expectType(`adamw: ${name}`, type, params);
		expectType("adamw: norm", norm, f32(1, 1));
		expectType("adamw: hyper", hyper, f32(1, 8));
		return [
			params,
			m,
			v
		];
	},
	reference([params, grads, m, v, norm, hyper], [p1, m1, v1], attrs) {
		const length = at(norm, 0, 0);
		const { lr: fast, weight_decay: decay, bias1, bias2, clip, slow } = Object.fromEntries(Object.entries(HYPER).map(([k, c]) => [k, at(hyper, 0, c)]));
		const [beta1, beta2, eps] = [
			num(attrs, "beta1"),
			num(attrs, "beta2"),
			num(attrs, "eps")
		];
		const scale = clip > 0 ? Math.min(1, clip / (length + 1e-6)) : 1;
		for (let i = 0; i < params.cols; i++) {
			const [p, mi, vi] = [
				at(params, 0, i),
				at(m, 0, i),
				at(v, 0, i)
			];
			if (!Number.isFinite(length)) {
				set(p1, 0, i, p);
				set(m1, 0, i, mi);
				set(v1, 0, i, vi);
				continue;
			}
			const lr = i < num(attrs, "slow_from") ? fast : fast * slow;
			const g = at(grads, 0, i) * scale;
			const mNext = beta1 * mi + (1 - beta1) * g;
			const vNext = beta2 * vi + (1 - beta2) * g * g;
			const kept = i < num(attrs, "decay_elements") ? p * (1 - lr * decay) : p;
			set(m1, 0, i, mNext);
			set(v1, 0, i, vNext);
			set(p1, 0, i, kept - lr * bias1 * mNext / (Math.sqrt(bias2 * vNext) + eps));
		}
	},
	cost: ([params]) => ({ flops: 14 * elements(params) }),
	tolerance: 4e-6,
	cases: [
		testCase$22(1, 0),
		testCase$22(1, 1),
		testCase$22(7001, 4001),
		testCase$22(7001, 4001, 5003),
		testCase$22(64, 8, 32)
	]
});
// kernels/ops/dropout/dropout.ts
/** Third word of the counter, so that no other use of Philox with this seed meets the same numbers. */
const DROPOUT_DOMAIN = 1685221232;
/** The seed as the two words of the key, and the random word below which an element is dropped. */
const dropoutWords = (attrs) => ({
	seed: [num(attrs, "seed") >>> 0, Math.floor(num(attrs, "seed") / 2 ** 32) >>> 0],
	threshold: Math.min(2 ** 32 - 1, Math.round(num(attrs, "rate") * 2 ** 32)),
	scale: 1 / (1 - num(attrs, "rate"))
});
const testCase$21 = (rows, cols, rate, stream, seed, step) => ({
	inputs: [f32(rows, cols), f32(1, 8)],
	attrs: {
		rate,
		stream,
		seed
	},
	range: [[.5, 1], [step, step]]
});
/**
* Dropout (Srivastava et al. 2014): each element is zero with probability `rate`, else divided by 1 − rate. Element (r, c) is judged by
* word c mod 4 of Philox4x32-10 under the key `seed` and the counter (r · ⌈C / 4⌉ + ⌊c / 4⌋, step, DROPOUT_DOMAIN, stream), so the mask is
* a function of seed, step, stream and place alone: it is never stored, the gradient draws it again, and every backend has the same.
* x, y (R, C) · hyper (1, 8), of which the step is read. attrs rate 0 … < 1, seed below 2^53, stream, one number for each place in a model.
*/
const dropout$2 = defineOp({
	name: "dropout",
	inputs: ["x", "hyper"],
	outputs: ["y"],
	mayOverwrite: { 0: 0 },
	infer([x, hyper], attrs) {
		expectType("dropout: hyper", hyper, f32(1, 8));
		requireShape(num(attrs, "rate") >= 0 && num(attrs, "rate") < 1, `dropout: rate ${num(attrs, "rate")} is not in 0 … 1`);
		return [x];
	},
	reference([x, hyper], [y], attrs) {
		const { seed, threshold, scale } = dropoutWords(attrs);
		const words = /* @__PURE__ */ new Uint32Array(4);
		const blocks = Math.ceil(x.cols / 4);
		for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) {
			if (c % 4 === 0) philox(seed[0], seed[1], r * blocks + c / 4, at(hyper, 0, HYPER.step), DROPOUT_DOMAIN, num(attrs, "stream"), words);
			set(y, r, c, words[c % 4] < threshold ? 0 : at(x, r, c) * scale);
		}
	},
	gradient: (builder, { inputs: [, hyper], attrs }, [dy]) => dy ? [builder.one("dropout", [dy, hyper], attrs)] : [],
	cost: ([x]) => ({ flops: 25 * elements(x) }),
	tolerance: 1e-6,
	cases: [
		testCase$21(1, 1, .25, 0, 1, 0),
		testCase$21(63, 65, .1, 3, 7, 12),
		testCase$21(65, 64, .5, 7e4, 2 ** 40 + 5, 100001),
		testCase$21(5, 38, 0, 1, 2, 3)
	]
});
// kernels/ops/dropout/dropout.cpu.ts
const dropout$1 = { encode({ attrs, inputs, outputs }) {
	const { seed, threshold, scale } = dropoutWords(attrs);
	const rowsPerUnit = Math.max(1, Math.floor(FLAT_UNIT / inputs[0].cols));
	const words = [
		rowsPerUnit,
		...seed,
		num(attrs, "stream"),
		threshold,
		float(scale),
		HYPER.step
	];
	return [{
		kernel: 50,
		units: ceilDiv$1(inputs[0].rows, rowsPerUnit),
		attrs: words,
		reads: inputs,
		writes: outputs,
		work: 12 * count(inputs[0])
	}];
} };
// kernels/ops/embedding/embedding.cpu.ts
const embedding$2 = { encode: ({ inputs, outputs }) => [byRows(16, outputs[0], inputs, outputs, 1)] };
const embedding_grad$2 = { encode: ({ inputs, outputs }) => [{
	kernel: 17,
	units: ceilDiv$1(outputs[0].cols, 16),
	reads: inputs,
	writes: outputs,
	work: 2 * count(inputs[1])
}] };
// kernels/ops/fft_conv/fft_conv.ts
const testCase$20 = (batch, seqlen, d_model, lags) => ({
	inputs: [
		f32(batch * seqlen, d_model),
		f32(lags, d_model),
		f32(1, d_model)
	],
	attrs: {
		batch,
		seqlen
	}
});
/** Points of the transforms: nothing wraps around. */
const fftSize = (seqlen) => 2 ** Math.ceil(Math.log2(2 * seqlen));
/**
* Long causal convolution of each channel with a kernel of its own, and a skip (Gu et al. 2022, arXiv:2111.00396, §2.3; Fu et al. 2023,
* arXiv:2212.14052): y_t = Σ_{l ≤ t} kernel_l ⊙ u_{t−l} + D ⊙ u_t inside a sequence. u, y (batch·seqlen, d_model) · kernel (lags, d_model), whose
* lags at or beyond seqlen are not used · D (1, d_model). The kernels transform two sequences at once, as real and imaginary part.
*/
const fft_conv$2 = defineOp({
	name: "fft_conv",
	inputs: [
		"u",
		"kernel",
		"D"
	],
	outputs: ["y"],
	infer([u, kernel, D], attrs) {
		requireShape(u.rows === num(attrs, "batch") * num(attrs, "seqlen"), `fft_conv: u has ${u.rows} rows, not batch · seqlen`);
		expectType("fft_conv: kernel", kernel, f32(kernel.rows, u.cols));
		expectType("fft_conv: D", D, f32(1, u.cols));
		return [u];
	},
	reference([u, kernel, D], [y], attrs) {
		const seqlen = num(attrs, "seqlen");
		for (let h = 0; h < u.cols; h++) for (let r = 0; r < u.rows; r++) {
			let sum = at(D, 0, h) * at(u, r, h);
			for (let l = 0; l <= r % seqlen && l < kernel.rows; l++) sum += at(kernel, l, h) * at(u, r - l, h);
			set(y, r, h, sum);
		}
	},
	gradient: (builder, { inputs, attrs }, [dy]) => dy ? builder.apply("fft_conv_grad", [dy, ...inputs], attrs) : [],
	cost([u], attrs) {
		const n = fftSize(num(attrs, "seqlen"));
		return { flops: u.cols * (Math.ceil(num(attrs, "batch") / 2) * 2 + 1) * 5 * n * Math.log2(n) + 2 * elements(u) };
	},
	tolerance: 4e-6,
	cases: [
		testCase$20(1, 1, 1, 1),
		testCase$20(2, 63, 5, 63),
		testCase$20(3, 65, 33, 40),
		testCase$20(1, 64, 4, 100),
		testCase$20(2, 300, 3, 300)
	]
});
// kernels/ops/fft_conv/fft_conv.cpu.ts
/** Bytes of a complex number of four channels. */
const ELEMENT = 32;
const sizes$1 = (attrs) => ({
	batch: num(attrs, "batch"),
	seqlen: num(attrs, "seqlen"),
	n: fftSize(num(attrs, "seqlen"))
});
const table = (scratch, n) => {
	const place = part$1(scratch, 0, 2 * n);
	return {
		place,
		command: {
			kernel: 113,
			units: 1,
			attrs: [n],
			reads: [],
			writes: [place],
			work: 10 * n
		}
	};
};
const fft_conv$1 = {
	scratch: (_inputs, attrs) => 2 * sizes$1(attrs).n,
	encode({ attrs, inputs, outputs, scratch }) {
		const { batch, seqlen, n } = sizes$1(attrs);
		const { place, command } = table(scratch, n);
		const work = (batch + 1) * inputs[0].cols * n * 8;
		return [command, {
			kernel: 111,
			units: ceilDiv$1(inputs[0].cols, 4),
			attrs: [
				batch,
				seqlen,
				n
			],
			reads: [...inputs, place],
			writes: outputs,
			order: [
				...inputs,
				...outputs,
				place
			],
			local: 2 * n * ELEMENT,
			work
		}];
	}
};
const fft_conv_grad$2 = {
	scratch: (_inputs, attrs) => 2 * sizes$1(attrs).n,
	encode({ attrs, inputs, outputs, scratch }) {
		const { batch, seqlen, n } = sizes$1(attrs);
		const { place, command } = table(scratch, n);
		const work = (batch + 1) * inputs[0].cols * n * 14;
		return [command, {
			kernel: 112,
			units: ceilDiv$1(inputs[0].cols, 4),
			attrs: [
				batch,
				seqlen,
				n
			],
			reads: [...inputs, place],
			writes: outputs,
			order: [
				...inputs,
				...outputs,
				place
			],
			local: 4 * n * ELEMENT,
			work
		}];
	}
};
// kernels/ops/global_norm/global_norm.cpu.ts
const global_norm$2 = {
	scratch: ([x]) => 2 * (x.rows + Math.ceil(x.rows * x.cols / FLAT_UNIT)),
	encode({ inputs: [x], outputs: [y], scratch }) {
		const { flat, rowsPerUnit, units } = walk$3(x, [x]);
		const parts = part$1(scratch, 0, 2 * units);
		return [{
			kernel: 18,
			units,
			attrs: [flat, rowsPerUnit],
			reads: [x],
			writes: [parts],
			work: 2 * count(x)
		}, {
			kernel: 19,
			units: 1,
			attrs: [units],
			reads: [parts],
			writes: [y],
			work: units
		}];
	}
};
// kernels/ops/matmul/matmul.cpu.ts
/** Rows of a unit, a multiple of 6: many, so that packing is cheap, unless that leaves fewer than 16 units; blocks of like size. */
function rowsPerUnit(M, blocks) {
	const most = [132, 66].find((rows) => ceilDiv$1(M, rows) * blocks >= 16) ?? 42;
	return 6 * ceilDiv$1(ceilDiv$1(M, ceilDiv$1(M, most)), 6);
}
const matmul$2 = { encode({ attrs, inputs, outputs: [y] }) {
	const [a, b] = inputs;
	const K = attrs.transA ? a.rows : a.cols;
	const bias = attrs.bias ? inputs[2] : void 0;
	const residual = attrs.residual ? inputs[inputs.length - 1] : void 0;
	const before = [];
	let init = residual ?? (bias && {
		...bias,
		ld: 0,
		rows: y.rows
	});
	if (residual && bias) {
		before.push(...elementwise$1(0).encode({
			attrs: {},
			inputs: [residual, {
				...bias,
				ld: 0,
				rows: y.rows
			}],
			outputs: [y],
			scratch: null
		}));
		init = y;
	}
	const blocks = ceilDiv$1(y.cols, 64);
	const work = 2 * y.rows * y.cols * K;
	const reads = [
		a,
		b,
		...init ? [init] : []
	];
	const order = [
		a,
		b,
		y,
		init ?? y
	];
	if (y.rows <= 8 && !attrs.transA) {
		const words = [
			0,
			Number(!!attrs.transB),
			K,
			y.rows,
			blocks,
			Number(!!init)
		];
		return [...before, {
			kernel: 21,
			units: blocks,
			attrs: words,
			reads,
			writes: [y],
			order,
			work
		}];
	}
	const rows = rowsPerUnit(y.rows, blocks);
	const words = [
		Number(!!attrs.transA),
		Number(!!attrs.transB),
		K,
		rows,
		blocks,
		Number(!!init)
	];
	const local = 1024 * (64 + rows);
	return [...before, {
		kernel: 20,
		units: ceilDiv$1(y.rows, rows) * blocks,
		attrs: words,
		reads,
		writes: [y],
		order,
		local,
		work
	}];
} };
// kernels/ops/headwise_linear/headwise_linear.ts
/** Sizes of a block-diagonal product: heads, columns of one head of x, columns of one head of y. */
function headwiseSizes([x, weight], attrs) {
	const heads = weight.rows;
	const K = x.cols / heads;
	return {
		heads,
		K,
		N: weight.cols / K,
		transpose: !!attrs.transpose
	};
}
const testCase$19 = (rows, heads, Di, Do, transpose = false) => ({
	inputs: [f32(rows, heads * (transpose ? Do : Di)), f32(heads, Do * Di)],
	attrs: { transpose }
});
/**
* Block-diagonal linear map: each head of x by its own matrix, y[r, h, o] = Σ_d weight[h, o, d] x[r, h, d]
* (published as the einsum "hd,hod->ho": xlstm's LinearHeadwiseExpand, Beck et al. 2024, arXiv:2405.04517, appendix A).
* x (R, heads·Di) · weight (heads, Do·Di) · y (R, heads·Do). With attrs.transpose each matrix is transposed: x (R, heads·Do), y (R, heads·Di).
*/
const headwise_linear$2 = defineOp({
	name: "headwise_linear",
	inputs: ["x", "weight"],
	outputs: ["y"],
	infer([x, weight]) {
		requireShape(x.cols % weight.rows === 0, `headwise_linear: x has ${x.cols} columns, which ${weight.rows} heads do not divide`);
		const K = x.cols / weight.rows;
		requireShape(weight.cols % K === 0, `headwise_linear: a head of weight has ${weight.cols} elements, x has ${K} columns a head`);
		return [f32(x.rows, weight.rows * weight.cols / K)];
	},
	reference([x, weight], [y], attrs) {
		const { heads, K, N, transpose } = headwiseSizes([x, weight], attrs);
		for (let r = 0; r < x.rows; r++) for (let h = 0; h < heads; h++) for (let n = 0; n < N; n++) {
			let sum = 0;
			for (let k = 0; k < K; k++) sum += at(weight, h, transpose ? k * N + n : n * K + k) * at(x, r, h * K + k);
			set(y, r, h * N + n, sum);
		}
	},
	gradient(builder, { inputs: [x, weight], attrs }, [dy]) {
		if (!dy) return [];
		const transpose = !!attrs.transpose;
		const outer = {
			heads: weight.type.rows,
			gates: 1,
			seqlen: x.type.rows,
			previous: false
		};
		return [builder.one("headwise_linear", [dy, weight], { transpose: !transpose }), builder.one("headwise_outer", transpose ? [x, dy] : [dy, x], outer)];
	},
	cost: ([x, weight]) => ({ flops: 2 * x.rows * weight.rows * weight.cols }),
	tolerance: 2e-6,
	gradientTolerance: 4e-6,
	cases: [
		testCase$19(1, 1, 1, 1),
		testCase$19(65, 16, 4, 4),
		testCase$19(33, 5, 3, 7),
		testCase$19(63, 2, 20, 36),
		testCase$19(70, 3, 33, 17),
		testCase$19(65, 2, 40, 24, true),
		testCase$19(5, 2, 64, 64)
	]
});
/**
* The gradient of a block-diagonal weight: y[h, (g·J + j)·K + k] = Σ_r a[r, g·heads·J + h·J + j] b[r, h·K + k], a (R, gates·heads·J),
* b (R, heads·K), y (heads, gates·J·K). With `previous`, row r of a meets row r − 1 of b of the same sequence of `seqlen` rows (its first
* row meets zero): what a recurrent weight wants of the gates' gradients and the states. Sums over R in f32, in a fixed order.
*/
const headwise_outer$2 = defineOp({
	name: "headwise_outer",
	inputs: ["a", "b"],
	outputs: ["y"],
	infer([a, b], attrs) {
		const [heads, gates, seqlen] = [
			num(attrs, "heads"),
			num(attrs, "gates"),
			num(attrs, "seqlen")
		];
		requireShape(a.rows === b.rows && a.rows % seqlen === 0, `headwise_outer: a has ${a.rows} rows, b ${b.rows}, a sequence ${seqlen}`);
		requireShape(a.cols % (heads * gates) === 0 && b.cols % heads === 0, `headwise_outer: ${heads} heads do not divide the columns`);
		return [f32(heads, a.cols / heads * (b.cols / heads))];
	},
	reference([a, b], [y], attrs) {
		const [heads, gates, seqlen] = [
			num(attrs, "heads"),
			num(attrs, "gates"),
			num(attrs, "seqlen")
		];
		const [J, K, lag] = [
			a.cols / (heads * gates),
			b.cols / heads,
			Number(!!attrs.previous)
		];
		for (let h = 0; h < heads; h++) for (let g = 0; g < gates; g++) for (let j = 0; j < J; j++) for (let k = 0; k < K; k++) {
			let sum = 0;
			for (let r = 0; r < a.rows; r++) if (r % seqlen >= lag) sum += at(a, r, (g * heads + h) * J + j) * at(b, r - lag, h * K + k);
			set(y, h, (g * J + j) * K + k, sum);
		}
	},
	cost: ([a, b], attrs) => ({ flops: 2 * a.rows * a.cols * b.cols / num(attrs, "heads") }),
	tolerance: 4e-6,
	cases: [
		{
			inputs: [f32(1, 1), f32(1, 1)],
			attrs: {
				heads: 1,
				gates: 1,
				seqlen: 1,
				previous: true
			}
		},
		{
			inputs: [f32(130, 24), f32(130, 6)],
			attrs: {
				heads: 2,
				gates: 4,
				seqlen: 65,
				previous: true
			}
		},
		{
			inputs: [f32(141, 204), f32(141, 74)],
			attrs: {
				heads: 2,
				gates: 3,
				seqlen: 47,
				previous: true
			}
		},
		{
			inputs: [f32(600, 20), f32(600, 20)],
			attrs: {
				heads: 5,
				gates: 1,
				seqlen: 600,
				previous: false
			}
		},
		{
			inputs: [f32(1030, 40), f32(1030, 24)],
			attrs: {
				heads: 1,
				gates: 2,
				seqlen: 103,
				previous: true
			}
		}
	]
});
// kernels/ops/headwise_linear/headwise_linear.cpu.ts
/** Blocks below this have a kernel that does all heads in one walk over the rows; larger ones are worth packing. */
const SMALL$1 = 16;
const SMALL_ROWS = 64;
const OUTER_ROWS = 256;
const columns$1 = (m, first, cols) => ({
	...m,
	address: m.address + 4 * first,
	cols
});
const headwise_linear$1 = { encode({ attrs, inputs: [x, weight], outputs: [y] }) {
	const { heads, K, N, transpose } = headwiseSizes([x, weight], attrs);
	if (Math.max(K, N) < SMALL$1) {
		const local = 4 * heads * K * 4 * ceilDiv$1(N, 4);
		const words = [
			K,
			N,
			Number(transpose),
			SMALL_ROWS
		];
		const work = 2 * count(y) * K;
		return [{
			kernel: 60,
			units: ceilDiv$1(x.rows, SMALL_ROWS),
			attrs: words,
			reads: [x, weight],
			writes: [y],
			local,
			work
		}];
	}
	return Array.from({ length: heads }, (_, h) => {
		const block = {
			address: weight.address + 4 * h * weight.ld,
			rows: transpose ? K : N,
			cols: transpose ? N : K,
			ld: transpose ? N : K
		};
		const operands = {
			inputs: [columns$1(x, h * K, K), block],
			outputs: [columns$1(y, h * N, N)],
			scratch: null
		};
		return matmul$2.encode({
			attrs: { transB: !transpose },
			...operands
		});
	}).flat();
} };
const outerShape = ([a, b], attrs) => {
	const [heads, gates] = [num(attrs, "heads"), num(attrs, "gates")];
	const [J, K] = [a.cols / (heads * gates), b.cols / heads];
	return {
		heads,
		gates,
		J,
		K,
		small: Math.max(J, K) < SMALL$1,
		words: [
			heads,
			gates,
			num(attrs, "seqlen"),
			Number(!!attrs.previous)
		]
	};
};
const headwise_outer$1 = {
	scratch(inputs, attrs) {
		const { heads, gates, J, K, small } = outerShape(inputs, attrs);
		return small ? ceilDiv$1(inputs[0].rows, OUTER_ROWS) * heads * gates * J * K : 0;
	},
	encode({ attrs, inputs: [a, b], outputs: [y], scratch }) {
		const { heads, gates, J, K, small, words } = outerShape([a, b], attrs);
		const work = 2 * count(a) * K;
		if (small) {
			const units = ceilDiv$1(a.rows, OUTER_ROWS);
			const parts = part$1(scratch, 0, units * count(y));
			return [{
				kernel: 62,
				units,
				attrs: [...words, OUTER_ROWS],
				reads: [a, b],
				writes: [parts],
				work
			}, sumParts(parts, units, y)];
		}
		const rows = 6 * ceilDiv$1(ceilDiv$1(J, ceilDiv$1(J, 66)), 6);
		const [jBlocks, kBlocks] = [ceilDiv$1(J, rows), ceilDiv$1(K, 64)];
		const local = 512 * (64 + rows);
		return [{
			kernel: 61,
			units: heads * gates * jBlocks * kBlocks,
			attrs: [
				...words,
				rows,
				jBlocks,
				kBlocks
			],
			reads: [a, b],
			writes: [y],
			local,
			work
		}];
	}
};
// kernels/ops/rms_norm/rms_norm.ts
/** How many equal column slices of a row are normalised each on its own: attribute `groups`, 1 when left out. */
const slices = (attrs) => attrs.groups ?? 1;
function requireSlices(op, cols, attrs) {
	const groups = slices(attrs);
	requireShape(cols % groups === 0, `${op}: ${cols} columns cannot be cut into ${groups} equal groups`);
	return groups;
}
/**
* y (R, d) = x · rstd · weight, rstd = (mean(x²) + eps)^−½ per row (Zhang & Sennrich 2019, arXiv:1910.07467, eq. 4).
* weight (1, d). attrs eps and groups G (default 1): each of G equal column slices of a row has its own mean, as in the grouped norm of
* Mamba-2 and the multi-head norm of xLSTM-7B. rstd (R, G) is kept for the gradient.
*/
const rms_norm$2 = defineOp({
	name: "rms_norm",
	inputs: ["x", "weight"],
	outputs: ["y", "rstd"],
	infer: ([x, weight], attrs) => (expectType("rms_norm: weight", weight, f32(1, x.cols)), [x, f32(x.rows, requireSlices("rms_norm", x.cols, attrs))]),
	reference([x, weight], [y, rstd], attrs) {
		const width = x.cols / rstd.cols;
		for (let r = 0; r < x.rows; r++) for (let g = 0; g < rstd.cols; g++) {
			const [first, end] = [g * width, (g + 1) * width];
			let sum = 0;
			for (let c = first; c < end; c++) sum += at(x, r, c) ** 2;
			const scale = 1 / Math.sqrt(sum / width + num(attrs, "eps"));
			set(rstd, r, g, scale);
			for (let c = first; c < end; c++) set(y, r, c, at(x, r, c) * scale * at(weight, 0, c));
		}
	},
	gradient: (builder, { inputs: [x, weight], outputs: [, rstd], attrs }, [dy]) => dy ? builder.apply("rms_norm_grad", [
		dy,
		x,
		weight,
		rstd
	], { groups: slices(attrs) }) : [],
	cost: ([x]) => ({ flops: 4 * elements(x) }),
	tolerance: 2e-6,
	cases: [
		{
			inputs: [f32(1, 1), f32(1, 1)],
			attrs: { eps: .5 }
		},
		{
			inputs: [f32(1, 65), f32(1, 65)],
			attrs: { eps: 1e-5 }
		},
		{
			inputs: [f32(65, 2), f32(1, 2)],
			attrs: { eps: 1e-5 }
		},
		{
			inputs: [f32(63, 65), f32(1, 65)],
			attrs: { eps: 1e-5 }
		},
		{
			inputs: [f32(33, 65), f32(1, 65)],
			attrs: {
				eps: 1e-5,
				groups: 5
			}
		},
		{
			inputs: [f32(70, 96), f32(1, 96)],
			attrs: {
				eps: 1e-5,
				groups: 3
			}
		},
		{
			inputs: [f32(130, 128), f32(1, 128)],
			attrs: { eps: 1e-5 },
			range: [[-30, 30], [.5, 2]]
		}
	]
});
// kernels/ops/layer_norm/layer_norm.cpu.ts
const layer_norm$2 = { encode({ attrs, inputs, outputs }) {
	return [{
		...byRows(44, inputs[0], inputs, outputs, 8, [
			float(num(attrs, "eps")),
			slices(attrs),
			Number(!!attrs.bias)
		]),
		order: [
			inputs[0],
			inputs[1],
			...outputs,
			...inputs.slice(2)
		]
	}];
} };
const layer_norm_grad$2 = {
	scratch: ([, x], attrs) => runsOfRows(x.rows) * x.cols * (attrs.bias ? 2 : 1),
	encode({ attrs, inputs, outputs: [dx, dweight, dbias], scratch }) {
		const x = inputs[1];
		const [runs, size] = [runsOfRows(x.rows), runsOfRows(x.rows) * x.cols];
		const weights = part$1(scratch, 0, size);
		const biases = attrs.bias ? part$1(scratch, size, size) : weights;
		const addend = attrs.addend ? inputs.slice(5) : [];
		const words = [
			addend.length,
			slices(attrs),
			Number(!!attrs.bias)
		];
		return [
			{
				...byRows(45, x, inputs, [
					dx,
					weights,
					...attrs.bias ? [biases] : []
				], 14, words),
				order: [
					...inputs.slice(0, 5),
					dx,
					weights,
					biases,
					...addend
				]
			},
			sumParts(weights, runs, dweight),
			...attrs.bias ? [sumParts(biases, runs, dbias)] : []
		];
	}
};
// kernels/ops/mean_pool/mean_pool.cpu.ts
const mean_pool$2 = { encode: ({ attrs, inputs, outputs }) => [{
	kernel: 22,
	units: outputs[0].rows,
	attrs: [num(attrs, "seqlen")],
	reads: inputs,
	writes: outputs,
	work: count(inputs[0])
}] };
const mean_pool_grad$2 = { encode: ({ attrs, inputs, outputs }) => [byRows(23, outputs[0], inputs, outputs, 2, [num(attrs, "seqlen")])] };
// kernels/ops/chunked_memory/chunked_memory.cpu.ts
function memoryShape(attrs, sizes) {
	const [batch, seqlen, Q] = [
		num(attrs, "batch"),
		num(attrs, "seqlen"),
		attrs.chunk === void 0 ? 64 : num(attrs, "chunk")
	];
	return {
		...sizes,
		batch,
		seqlen,
		Q,
		chunks: ceilDiv$1(seqlen, Q)
	};
}
const up4 = (n) => n + 3 & -4;
/** Bytes that the products of product.simd.ts pack into. */
const PRODUCT_BYTES = 66560;
const states$1 = (s) => s.batch * s.H * s.chunks * (up4(s.N * s.P) + (s.normalised ? up4(s.N) : 0));
const gates$1 = (s) => 8 * s.batch * s.H * s.chunks * s.Q;
/** What the forward pass keeps: the state before each chunk, the gates of each step. */
const savedElements = (s) => states$1(s) + gates$1(s);
const savedParts = (saved, s) => ({
	states: part$1(saved, 0, states$1(s)),
	gates: part$1(saved, states$1(s), gates$1(s))
});
/** What the backward pass needs besides: adjoints of the states, four numbers a step and head, one a chunk and head, and `extra`. */
const gradElements = (s, extra) => states$1(s) + gates$1(s) / 2 + s.batch * s.H * s.chunks + extra;
function gradParts(scratch, s, extra) {
	const [a, r, x] = [
		states$1(s),
		gates$1(s) / 2,
		s.batch * s.H * s.chunks
	];
	return {
		adjoints: part$1(scratch, 0, a),
		rows: part$1(scratch, a, r),
		crossing: part$1(scratch, a + r, x),
		extra: part$1(scratch, a + r + x, extra)
	};
}
const words$2 = (s, skip) => [
	s.seqlen,
	s.chunks,
	s.Q,
	s.G,
	s.H,
	Number(s.normalised),
	Number(skip)
];
const flops = ({ batch, seqlen, H, Q, N, P }, within, across) => 2 * batch * seqlen * H * (within * Q * (N + P) + across * N * P);
/** S before each chunk, then the outputs. q, k (·, G·N), v, y (·, H·P); `D` (1, H) where y gets D v besides. */
function forwardCommands(s, { q, k, v, y, saved, D }) {
	const kept = savedParts(saved, s);
	const row = 4 * s.Q;
	return [{
		kernel: 80,
		units: s.batch * s.H,
		attrs: words$2(s, !!D),
		reads: [
			k,
			v,
			kept.gates
		],
		writes: [kept.states],
		local: 2 * row + row * up4(s.N) + PRODUCT_BYTES,
		work: flops(s, 0, 1)
	}, {
		kernel: 81,
		units: s.batch * s.chunks * s.G,
		attrs: words$2(s, !!D),
		reads: [
			q,
			k,
			v,
			D ?? q,
			kept.gates,
			kept.states
		],
		writes: s.normalised ? [y, kept.gates] : [y],
		order: [
			q,
			k,
			v,
			D ?? q,
			kept.gates,
			kept.states,
			y
		],
		local: row * (1 + 2 * s.Q + up4(s.N)) + PRODUCT_BYTES,
		work: flops(s, .5, 1)
	}];
}
/** Gradients of q, k, v, and the rows from which the gates' follow. `y` is the output, where sums are normalised. */
function backwardCommands(s, o, scratch, extra) {
	const kept = savedParts(o.saved, s);
	const { adjoints, rows, crossing } = gradParts(scratch, s, extra);
	const row = 4 * s.Q;
	return [{
		kernel: 82,
		units: s.batch * s.H,
		attrs: words$2(s, !!o.D),
		reads: [
			o.q,
			o.dy,
			o.y ?? o.dy,
			kept.gates,
			kept.states
		],
		writes: [
			adjoints,
			rows,
			crossing
		],
		local: 2 * row + row * up4(s.N) + PRODUCT_BYTES,
		work: flops(s, 0, 1)
	}, {
		kernel: 83,
		units: s.batch * s.chunks * s.G,
		attrs: words$2(s, !!o.D),
		reads: [
			o.q,
			o.k,
			o.v,
			o.dy,
			o.D ?? o.q,
			kept.gates,
			kept.states,
			adjoints,
			crossing
		],
		writes: [
			rows,
			o.dq,
			o.dk,
			o.dv
		],
		order: [
			o.q,
			o.k,
			o.v,
			o.dy,
			o.D ?? o.q,
			kept.gates,
			kept.states,
			adjoints,
			rows,
			crossing,
			o.dq,
			o.dk,
			o.dv
		],
		local: row * (6 + 4 * s.Q + up4(s.N) + up4(s.P)) + PRODUCT_BYTES,
		work: flops(s, 1.5, 3)
	}];
}
// kernels/ops/mlstm/mlstm.cpu.ts
const shapeOf$4 = ([q, , v, i], attrs) => {
	const H = i.cols;
	return memoryShape(attrs, {
		H,
		G: H,
		N: q.cols / H,
		P: v.cols / H,
		normalised: true
	});
};
const words$1 = (s) => [
	s.seqlen,
	s.chunks,
	s.Q,
	s.H,
	float(1 / Math.sqrt(s.N))
];
const mlstm$3 = {
	opaque: (inputs, attrs) => savedElements(shapeOf$4(inputs, attrs)),
	encode({ attrs, inputs, outputs: [h, saved] }) {
		const [q, k, v, i, f] = inputs;
		const s = shapeOf$4(inputs, attrs);
		const { gates } = savedParts(saved, s);
		return [{
			kernel: 87,
			units: s.batch * s.H,
			attrs: words$1(s),
			reads: [i, f],
			writes: [gates],
			work: 60 * count(i)
		}, ...forwardCommands(s, {
			q,
			k,
			v,
			y: h,
			saved
		})];
	}
};
const mlstm_grad$2 = {
	scratch: ([, , , ...inputs], attrs) => gradElements(shapeOf$4(inputs, attrs), 0),
	encode({ attrs, inputs: [dh, h, saved, ...inputs], outputs: [dq, dk, dv, di, df], scratch }) {
		const [q, k, v, i, f] = inputs;
		const s = shapeOf$4(inputs, attrs);
		const { rows } = gradParts(scratch, s, 0);
		return [...backwardCommands(s, {
			q,
			k,
			v,
			dy: dh,
			y: h,
			saved,
			dq,
			dk,
			dv
		}, scratch, 0), {
			kernel: 88,
			units: s.batch * s.H,
			attrs: words$1(s),
			reads: [
				f,
				savedParts(saved, s).gates,
				rows
			],
			writes: [di, df],
			work: 60 * count(i)
		}];
	}
};
const mlstm_step$2 = { encode({ inputs, outputs: [h, C, n, m] }) {
	const [q, , , i] = inputs;
	return [{
		kernel: 89,
		units: h.rows * i.cols,
		attrs: [
			0,
			0,
			0,
			0,
			float(1 / Math.sqrt(q.cols / i.cols))
		],
		reads: inputs,
		writes: [
			h,
			C,
			n,
			m
		],
		order: [...inputs, h],
		work: 5 * count(C)
	}];
} };
// kernels/ops/mse/mse.cpu.ts
const mse$2 = {
	scratch: ([pred]) => 4 * runsOfRows(pred.rows),
	encode({ inputs, outputs, scratch }) {
		const units = runsOfRows(inputs[0].rows);
		const parts = part$1(scratch, 0, 4 * units);
		return [byRows(24, inputs[0], inputs, [parts], 6), {
			kernel: 25,
			units: 1,
			attrs: [units],
			reads: [parts],
			writes: outputs,
			work: units
		}];
	}
};
const mse_grad$2 = elementwise$1(5, void 0, 3);
// kernels/ops/pool_rows/pool_rows.cpu.ts
const attrsOf = (attrs) => [num(attrs, "seqlen"), num(attrs, "last")];
const pool_rows$2 = { encode: ({ attrs, inputs, outputs }) => [{
	kernel: 120,
	units: outputs[0].rows,
	attrs: attrsOf(attrs),
	reads: inputs,
	writes: outputs,
	work: count(inputs[0])
}] };
const pool_rows_grad$2 = { encode: ({ attrs, inputs, outputs }) => [byRows(121, outputs[0], inputs, outputs, 2, attrsOf(attrs))] };
/** The levels τ of the attributes: `quantiles` of them, as q0, q1, …; at most MAX_QUANTILES. */
const levels = (attrs) => Array.from({ length: num(attrs, "quantiles") }, (_, k) => num(attrs, `q${k}`));
/** Levels as attributes. */
const quantileAttributes = (taus) => ({
	quantiles: taus.length,
	...Object.fromEntries(taus.map((tau, k) => [`q${k}`, tau]))
});
function checkQuantiles(op, [pred, target, weight], attrs) {
	const taus = levels(attrs);
	requireShape(taus.length >= 1 && taus.length <= 9, `${op}: ${taus.length} quantiles; 1 to 9 are possible`);
	requireShape(taus.every((tau) => tau > 0 && tau < 1), `${op}: a quantile lies between 0 and 1, not ${taus.join(", ")}`);
	expectType(`${op}: pred`, pred, f32(target.rows, target.cols * taus.length));
	expectType(`${op}: weight`, weight, target);
}
const testCase$18 = (rows, cols, taus, weight = [0, 1]) => ({
	inputs: [
		f32(rows, cols * taus.length),
		f32(rows, cols),
		f32(rows, cols)
	],
	attrs: quantileAttributes(taus),
	range: [
		[-2, 2],
		[-2, 2],
		weight
	]
});
/**
* Quantile (pinball) loss (Koenker & Bassett 1978), twice, so that the median alone is the mean absolute error:
*   loss (1, 1) = 2 Σ weight · max(τ e, (τ − 1) e) / (Q · max(count, 1e-12)),  e = target − pred,  count (1, 1) = Σ weight.
* pred (R, Q·T): the T columns of the first quantile, then those of the second, … · target, weight (R, T), weight 0 where the target is
* missing. attrs quantiles Q and the levels τ as q0, q1, …
*/
const quantile_loss$2 = defineOp({
	name: "quantile_loss",
	inputs: [
		"pred",
		"target",
		"weight"
	],
	outputs: ["loss", "count"],
	infer: (inputs, attrs) => (checkQuantiles("quantile_loss", inputs, attrs), [f32(1, 1), f32(1, 1)]),
	reference([pred, target, weight], [loss, count], attrs) {
		const taus = levels(attrs);
		let [sum, total] = [0, 0];
		for (let r = 0; r < target.rows; r++) for (let c = 0; c < target.cols; c++) {
			total += at(weight, r, c);
			taus.forEach((tau, k) => {
				const e = at(target, r, c) - at(pred, r, k * target.cols + c);
				sum += at(weight, r, c) * Math.max(tau * e, (tau - 1) * e);
			});
		}
		set(count, 0, 0, total);
		set(loss, 0, 0, 2 * sum / (taus.length * Math.max(total, 1e-12)));
	},
	gradient: (builder, { inputs, outputs: [, count], attrs }, [dloss]) => dloss ? [builder.one("quantile_loss_grad", [
		...inputs,
		count,
		dloss
	], attrs)] : [],
	cost: ([pred]) => ({ flops: 5 * elements(pred) }),
	tolerance: 2e-6,
	cases: [
		testCase$18(1, 1, [.5], [1, 1]),
		testCase$18(63, 65, [.5]),
		testCase$18(65, 24, [
			.1,
			.5,
			.9
		]),
		testCase$18(33, 7, [
			.05,
			.1,
			.25,
			.4,
			.5,
			.6,
			.75,
			.9,
			.95
		])
	]
});
// kernels/ops/quantile_loss/quantile_loss.cpu.ts
const words = (attrs) => [levels(attrs).length, ...levels(attrs).map(float)];
const quantile_loss$1 = {
	scratch: ([pred]) => 4 * runsOfRows(pred.rows),
	encode({ attrs, inputs, outputs, scratch }) {
		const units = runsOfRows(inputs[0].rows);
		const parts = part$1(scratch, 0, 4 * units);
		return [byRows(51, inputs[0], inputs, [parts], 6, words(attrs)), {
			kernel: 25,
			units: 1,
			attrs: [units],
			reads: [parts],
			writes: outputs,
			work: units
		}];
	}
};
const quantile_loss_grad$2 = { encode: ({ attrs, inputs, outputs }) => [byRows(52, inputs[0], inputs, outputs, 6, words(attrs))] };
// kernels/ops/recurrent/recurrent.cpu.ts
/** Units, bytes of the head's rows in `local` and of packed R; see recurrent.simd.ts. */
function walk$2({ kind, attrs, R, y }) {
	const batch = num(attrs, "batch");
	const [gates, dh] = [kind === 2 ? 3 : 4, y.cols / R.rows];
	const wide = 32 * ceilDiv$1(dh, 8);
	return {
		gates,
		wide,
		dh,
		units: R.rows * ceilDiv$1(batch, 4),
		attrs: [
			kind,
			num(attrs, "seqlen"),
			batch
		],
		packed: gates * dh * wide
	};
}
const forward$2 = (kind) => ({ attrs, inputs, outputs }) => {
	const { gates, wide, dh, units, attrs: words, packed } = walk$2({
		kind,
		attrs,
		R: inputs[1],
		y: outputs[0]
	});
	return [{
		kernel: 63,
		units,
		attrs: words,
		reads: inputs,
		writes: outputs,
		local: (4 * gates + 16) * wide + 16 + packed,
		work: count(outputs[0]) * (2 * gates * dh + 100)
	}];
};
/** `operands`: R, dy, gates, dWx, then the rest in the kernel's order. */
const backward$1 = (kind, operands) => (command) => {
	const { order, writes } = operands(command);
	const [R, dy] = order;
	const { gates, wide, dh, units, attrs: words, packed } = walk$2({
		kind,
		attrs: command.attrs,
		R,
		y: dy
	});
	const local = 64 * ceilDiv$1(gates * dh, 4) + 12 * wide + 16 + packed;
	const work = count(dy) * (2 * gates * dh + 60);
	return [{
		kernel: 64,
		units,
		attrs: words,
		reads: command.inputs,
		writes,
		order,
		local,
		work
	}];
};
const step$1 = (kind) => ({ inputs: [Wx, R, bias, state], outputs: [y, next] }) => {
	const local = 448 * ceilDiv$1(y.cols / R.rows, 8);
	const work = 2 * y.rows * count(R);
	const order = [
		Wx,
		R,
		bias,
		state,
		y
	];
	return [{
		kernel: 65,
		units: y.rows * R.rows,
		attrs: [kind],
		reads: order.slice(0, 4),
		writes: [y, next],
		order,
		local,
		work
	}];
};
const slstm$3 = { encode: forward$2(0) };
const lstm$3 = { encode: forward$2(1) };
const gru$3 = { encode: forward$2(2) };
const slstm_grad$2 = { encode: backward$1(0, ({ inputs: [dy, gates, keep, cell, R], outputs }) => ({
	order: [
		R,
		dy,
		gates,
		outputs[0],
		keep,
		cell
	],
	writes: outputs
})) };
const lstm_grad$2 = { encode: backward$1(1, ({ inputs: [dy, gates, cell, R], outputs }) => ({
	order: [
		R,
		dy,
		gates,
		outputs[0],
		cell
	],
	writes: outputs
})) };
const gru_grad$2 = { encode: backward$1(2, ({ inputs: [dy, y, gates, R], outputs: [dWx, dq] }) => ({
	order: [
		R,
		dy,
		gates,
		dWx,
		y,
		dq
	],
	writes: [dWx, dq]
})) };
const slstm_step$2 = { encode: step$1(0) };
const lstm_step$2 = { encode: step$1(1) };
const gru_step$2 = { encode: step$1(2) };
// kernels/ops/reverse/reverse.cpu.ts
const reverse$2 = { encode: ({ attrs, inputs: [x, ...lengths], outputs }) => [{
	...byRows(33, outputs[0], [x, ...lengths], outputs, 1, [num(attrs, "seqlen"), lengths.length]),
	order: [
		x,
		...outputs,
		...lengths
	]
}] };
// kernels/ops/rms_norm/rms_norm.cpu.ts
const rms_norm$1 = { encode: ({ attrs, inputs, outputs }) => [byRows(26, inputs[0], inputs, outputs, 5, [float(num(attrs, "eps")), slices(attrs)])] };
const rms_norm_grad$2 = {
	scratch: ([, x]) => runsOfRows(x.rows) * x.cols,
	encode({ attrs, inputs, outputs: [dx, dweight], scratch }) {
		const x = inputs[1];
		const parts = part$1(scratch, 0, runsOfRows(x.rows) * x.cols);
		const addend = attrs.addend ? inputs.slice(4) : [];
		return [{
			...byRows(27, x, inputs, [dx, parts], 10, [addend.length, slices(attrs)]),
			order: [
				...inputs.slice(0, 4),
				dx,
				parts,
				...addend
			]
		}, sumParts(parts, runsOfRows(x.rows), dweight)];
	}
};
// kernels/ops/rope/rope.cpu.ts
const rope$2 = { encode({ attrs, inputs, outputs }) {
	const rotary = num(attrs, "rotary_dim");
	const ratio = num(attrs, "base") ** (-2 / rotary);
	const words = [
		num(attrs, "seqlen"),
		num(attrs, "heads"),
		num(attrs, "head_dim"),
		rotary,
		Number(!!attrs.inverse)
	];
	return [{
		...byRows(49, inputs[0], inputs, outputs, 4, [
			...words,
			Number(!!attrs.positions),
			float(ratio),
			float(ratio - Math.fround(ratio))
		]),
		order: [
			inputs[0],
			...outputs,
			...inputs.slice(1)
		],
		local: 16 * rotary,
		work: 6 * count(inputs[0])
	}];
} };
// kernels/ops/scatter_rows/scatter_rows.cpu.ts
const scatter_rows$2 = { encode: ({ attrs, inputs, outputs }) => [byRows(28, outputs[0], inputs, outputs, 1, [num(attrs, "firstRow"), num(attrs, "rowStep")])] };
const split$1 = (attrs, d_inner) => {
	const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
	const [chunks, blocks] = [ceilDiv$1(seqlen, 16), ceilDiv$1(d_inner, 64)];
	return {
		batch,
		seqlen,
		chunks,
		blocks,
		units: batch * blocks
	};
};
/** Elements of one unit's parts of dB, dC, dA, dD, ddelta_bias (selective_scan.simd.ts). */
const partElements = (seqlen, d_state) => 2 * seqlen * d_state + 64 * (d_state + 2);
const selective_scan$2 = {
	opaque([u, , A], attrs) {
		const { units, chunks } = split$1(attrs, u.cols);
		return units * chunks * 64 * A.cols;
	},
	encode({ attrs, inputs, outputs }) {
		const [u, , A] = inputs;
		const { seqlen, chunks, blocks, units } = split$1(attrs, u.cols);
		const local = 512 * A.cols + 2048;
		const work = count(u) * (18 * A.cols + 50);
		return [{
			kernel: 29,
			units,
			attrs: [
				seqlen,
				chunks,
				blocks
			],
			reads: inputs,
			writes: outputs,
			local,
			work
		}];
	}
};
const selective_scan_grad$2 = {
	scratch([, , u, , A], attrs) {
		const { seqlen, units } = split$1(attrs, u.cols);
		return units * partElements(seqlen, A.cols);
	},
	encode({ attrs, inputs, outputs: [du, ddelta, dA, dB, dC, dD, dz, ddelta_bias], scratch }) {
		const [u, d_state] = [inputs[2], inputs[4].cols];
		const { batch, seqlen, chunks, blocks, units } = split$1(attrs, u.cols);
		const parts = part$1(scratch, 0, units * partElements(seqlen, d_state));
		const local = 768 * d_state + 1024 * d_state + 2048;
		return [{
			kernel: 30,
			units,
			attrs: [
				seqlen,
				chunks,
				blocks
			],
			reads: inputs,
			writes: [
				du,
				ddelta,
				dz,
				parts
			],
			local,
			work: count(u) * (36 * d_state + 90)
		}, {
			kernel: 31,
			units: blocks + batch * chunks,
			attrs: [
				seqlen,
				batch,
				blocks
			],
			reads: [parts],
			writes: [
				dA,
				dB,
				dC,
				dD,
				ddelta_bias
			],
			work: parts.cols
		}];
	}
};
const selective_scan_step$2 = { encode({ inputs, outputs: [y, state] }) {
	const work = count(y) * (18 * inputs[2].cols + 50);
	return [{
		kernel: 32,
		units: y.rows,
		reads: inputs,
		writes: [y, state],
		order: [...inputs, y],
		local: 64,
		work
	}];
} };
// kernels/ops/shift_rows/shift_rows.cpu.ts
const shift_rows$2 = { encode: ({ attrs, inputs, outputs }) => [byRows(103, outputs[0], inputs, outputs, 1, [
	num(attrs, "from"),
	num(attrs, "to"),
	num(attrs, "shift")
])] };
// kernels/ops/skip_gate/skip_gate.cpu.ts
const skip_gate$2 = { encode: ({ inputs, outputs }) => [byRows(90, inputs[0], inputs, outputs, 30)] };
const skip_gate_grad$2 = {
	scratch: ([dy]) => runsOfRows(dy.rows) * dy.cols,
	encode({ inputs, outputs: [da, dc, dskip, dz], scratch }) {
		const [dy] = inputs;
		const parts = part$1(scratch, 0, runsOfRows(dy.rows) * dy.cols);
		return [byRows(91, dy, inputs, [
			da,
			dc,
			dz,
			parts
		], 45), sumParts(parts, runsOfRows(dy.rows), dskip)];
	}
};
// kernels/ops/soft_cap/soft_cap.cpu.ts
const capped = (kernel) => ({ encode: ({ attrs, inputs, outputs }) => [byRows(kernel, inputs[0], inputs, outputs, 30, [float(num(attrs, "cap"))])] });
const soft_cap$2 = capped(92);
const soft_cap_grad$2 = capped(93);
// kernels/ops/ssd/ssd.cpu.ts
const shapeOf$3 = ([x, dt, , B], attrs) => {
	const [G, H] = [num(attrs, "groups"), dt.cols];
	return memoryShape(attrs, {
		H,
		G,
		N: B.cols / G,
		P: x.cols / H,
		normalised: false
	});
};
// kernels/backends/cpu/kernels.ts
/** How the CPU backend runs each op. */
const kernels$2 = {
	activation: activation$2,
	activation_grad: activation_grad$2,
	adamw: adamw$2,
	add: elementwise$1(0),
	attention: attention$2,
	attention_grad: attention_grad$2,
	attention_step: attention_step$2,
	channel_scale: channel_scale$2,
	column_sum: column_sum$2,
	complex_scan: complex_scan$2,
	complex_scan_grad: complex_scan_grad$2,
	complex_scan_step: complex_scan_step$2,
	conv1d_silu: conv1d_silu$2,
	conv1d_silu_grad: conv1d_silu_grad$2,
	conv1d_silu_step: conv1d_silu_step$2,
	copy: elementwise$1(2),
	cross_entropy: cross_entropy$2,
	cross_entropy_grad: cross_entropy_grad$2,
	ctc: ctc$2,
	ctc_grad: ctc_grad$2,
	diagonal_scan: diagonal_scan$2,
	diagonal_scan_grad: diagonal_scan_grad$2,
	diagonal_scan_step: diagonal_scan_step$2,
	dplr_kernel: dplr_kernel$2,
	dplr_kernel_grad: dplr_kernel_grad$2,
	dplr_step: dplr_step$2,
	draw_token: draw_token$1,
	dropout: dropout$1,
	embedding: embedding$2,
	embedding_grad: embedding_grad$2,
	fft_conv: fft_conv$1,
	fft_conv_grad: fft_conv_grad$2,
	fill: elementwise$1(3, (attrs) => float(attrs.value)),
	global_norm: global_norm$2,
	glu: glu$2,
	glu_grad: glu_grad$2,
	gru: gru$3,
	gru_grad: gru_grad$2,
	gru_step: gru_step$2,
	headwise_linear: headwise_linear$1,
	headwise_outer: headwise_outer$1,
	layer_norm: layer_norm$2,
	layer_norm_grad: layer_norm_grad$2,
	lstm: lstm$3,
	lstm_grad: lstm_grad$2,
	lstm_step: lstm_step$2,
	matmul: matmul$2,
	mean_pool: mean_pool$2,
	mean_pool_grad: mean_pool_grad$2,
	mlstm: mlstm$3,
	mlstm_grad: mlstm_grad$2,
	mlstm_step: mlstm_step$2,
	mse: mse$2,
	mse_grad: mse_grad$2,
	mul: elementwise$1(1),
	neg_exp: elementwise$1(4),
	pool_rows: pool_rows$2,
	pool_rows_grad: pool_rows_grad$2,
	quantile_loss: quantile_loss$1,
	quantile_loss_grad: quantile_loss_grad$2,
	reverse: reverse$2,
	rms_norm: rms_norm$1,
	rms_norm_grad: rms_norm_grad$2,
	rope: rope$2,
	scatter_rows: scatter_rows$2,
	selective_scan: selective_scan$2,
	selective_scan_grad: selective_scan_grad$2,
	selective_scan_step: selective_scan_step$2,
	shift_rows: shift_rows$2,
	skip_gate: skip_gate$2,
	skip_gate_grad: skip_gate_grad$2,
	slstm: slstm$3,
	slstm_grad: slstm_grad$2,
	slstm_step: slstm_step$2,
	soft_cap: soft_cap$2,
	soft_cap_grad: soft_cap_grad$2,
	ssd: {
		opaque: (inputs, attrs) => savedElements(shapeOf$3(inputs, attrs)),
		encode({ attrs, inputs, outputs: [y, saved] }) {
			const [x, dt, A, B, C, D, dt_bias] = inputs;
			const s = shapeOf$3(inputs, attrs);
			const { gates } = savedParts(saved, s);
			const words = [
				s.seqlen,
				s.chunks,
				s.Q,
				s.H
			];
			return [{
				kernel: 84,
				units: s.batch * s.H,
				attrs: words,
				reads: [
					dt,
					A,
					dt_bias
				],
				writes: [gates],
				work: 60 * count(dt)
			}, ...forwardCommands(s, {
				q: C,
				k: B,
				v: x,
				y,
				saved,
				D
			})];
		}
	},
	ssd_grad: {
		scratch([, , ...inputs], attrs) {
			const s = shapeOf$3(inputs, attrs);
			return gradElements(s, 3 * s.batch * s.H);
		},
		encode({ attrs, inputs: [dy, saved, ...inputs], outputs: [dx, ddt, dA, dB, dC, dD, ddt_bias], scratch }) {
			const [x, dt, A, B, C, D, dt_bias] = inputs;
			const s = shapeOf$3(inputs, attrs);
			const each = s.batch * s.H;
			const { rows, extra } = gradParts(scratch, s, 3 * each);
			const sums = [
				[0, dA],
				[1, dD],
				[2, ddt_bias]
			];
			return [
				...backwardCommands(s, {
					q: C,
					k: B,
					v: x,
					dy,
					saved,
					D,
					dq: dC,
					dk: dB,
					dv: dx
				}, scratch, 3 * each),
				{
					kernel: 85,
					units: each,
					attrs: [
						s.seqlen,
						s.chunks,
						s.Q,
						s.H,
						s.batch
					],
					reads: [
						dt,
						A,
						dt_bias,
						savedParts(saved, s).gates,
						rows
					],
					writes: [ddt, extra],
					work: 60 * count(dt)
				},
				...sums.map(([i, out]) => sumParts(part$1(extra, i * each, each), s.batch, out))
			];
		}
	},
	ssd_step: { encode: ({ attrs, inputs, outputs: [y, state] }) => [{
		kernel: 86,
		units: y.rows * inputs[1].cols,
		attrs: [num(attrs, "groups")],
		reads: inputs,
		writes: [y, state],
		order: [...inputs, y],
		work: 5 * count(state)
	}] },
	swap_axes: { encode: ({ attrs, inputs, outputs }) => [{
		kernel: 104,
		units: ceilDiv$1(count(outputs[0]), FLAT_UNIT),
		attrs: [
			num(attrs, "a"),
			num(attrs, "b"),
			num(attrs, "inner")
		],
		reads: inputs,
		writes: outputs,
		work: 8 * count(outputs[0])
	}] },
	window_step: { encode: ({ inputs, outputs: [window, state] }) => [{
		kernel: 105,
		units: window.rows,
		reads: inputs,
		writes: [window, state],
		order: [...inputs, window],
		work: count(window)
	}] }
};
// kernels/backends/cpu/encode.ts
/** Below this many operations (some tens of microseconds) one thread is done before a second has woken up. */
const WORTH_A_THREAD = 4e5;
/** The plan as the words the kernels read (wasm/codes.ts). `addresses[k]` is where plan.buffers[k] starts, in bytes. */
function encode$1(plan, addresses) {
	const place = (o) => ({
		address: addresses[o.buffer] + 4 * o.offset,
		rows: o.rows,
		cols: o.cols,
		ld: o.ld
	});
	const parts = plan.commands.map((c) => kernels$2[c.op].encode({
		attrs: c.attrs,
		inputs: c.inputs.map(place),
		outputs: c.outputs.map(place),
		scratch: c.scratch && place(c.scratch)
	}));
	const commands = parts.flat();
	const words = [];
	const places = [];
	let since = [];
	for (const command of commands) {
		const barrier = since.some((earlier) => conflict(earlier, command));
		if (barrier) since = [];
		since.push(command);
		places.push(words.length);
		const operands = command.order ?? [...command.reads, ...command.writes];
		const header = new Array(16).fill(0);
		header[0] = command.kernel;
		header[1] = 16 + 4 * operands.length;
		header[2] = Number(barrier);
		header[3] = command.units;
		command.attrs?.forEach((word, i) => header[5 + i] = word);
		words.push(...header, ...operands.flatMap((o) => [
			o.address,
			4 * o.ld,
			o.rows,
			o.cols
		]));
	}
	places.push(words.length);
	const starts = [0];
	for (const part of parts) starts.push(starts[starts.length - 1] + part.length);
	return {
		words: Int32Array.from(words, (w) => w | 0),
		starts: starts.map((first) => places[first]),
		local: Math.max(0, ...commands.map((c) => c.local ?? 0)),
		parallel: commands.some((c) => c.units > 1 && c.work >= WORTH_A_THREAD)
	};
}
/** Whether `later` must wait for `earlier`: one writes what the other touches. */
const conflict = (earlier, later) => earlier.writes.some((w) => later.reads.some((r) => overlap(w, r)) || later.writes.some((r) => overlap(w, r))) || later.writes.some((w) => earlier.reads.some((r) => overlap(w, r)));
function overlap(a, b) {
	const end = (m) => m.address + 4 * ((m.rows - 1) * m.ld + m.cols);
	if (a.address >= end(b) || b.address >= end(a)) return false;
	if (a.ld !== b.ld || a.rows <= 1 || b.rows <= 1) return true;
	const row = 4 * a.ld;
	const shift = ((b.address - a.address) % row + row) % row;
	return shift < 4 * a.cols || shift + 4 * b.cols > row;
}
// kernels/backends/cpu/memory.ts
/** What a WebAssembly memory reaches. */
const MOST = 2 ** 32;
/** Of what a WebAssembly memory reaches, and of what the machine has free (a tenth of that stays), with `used` of `grown` bytes in use. */
function cpuRoom(used = 0, grown = 0) {
	const bytes = Math.max(0, Math.min(MOST - used, Math.floor(.9 * process.availableMemory()) + grown - used));
	return {
		bytes,
		buffer: bytes
	};
}
/** Ranges of one growing WebAssembly memory. Addresses and sizes in bytes. */
var SharedHeap = class {
	memory;
	/** Free ranges in address order; never two that touch. */
	#free = [];
	#sizes = /* @__PURE__ */ new Map();
	#allocated = 0;
	constructor(memory, start) {
		this.memory = memory;
		this.#free.push({
			start,
			end: memory.buffer.byteLength
		});
	}
	/** Bytes handed out and not given back. */
	get allocated() {
		return this.#allocated;
	}
	/** The address of `bytes` zeroed bytes, aligned to a cache line. Throws RangeError, naming `label`, beyond 4 GB. */
	allocate(bytes, label) {
		const size = Math.max(64, Math.ceil(bytes / 64) * 64);
		let range = this.#free.find((r) => r.end - r.start >= size);
		if (!range) {
			this.#grow(size, label);
			range = this.#free.find((r) => r.end - r.start >= size);
		}
		const address = range.start;
		range.start += size;
		if (range.start === range.end) this.#free.splice(this.#free.indexOf(range), 1);
		this.#sizes.set(address, size);
		this.#allocated += size;
		new Uint8Array(this.memory.buffer, address, size).fill(0);
		return address;
	}
	release(address) {
		const size = this.#sizes.get(address);
		if (size === void 0) return;
		this.#sizes.delete(address);
		this.#allocated -= size;
		const index = this.#free.findIndex((r) => r.start > address);
		this.#free.splice(index < 0 ? this.#free.length : index, 0, {
			start: address,
			end: address + size
		});
		this.#free = this.#free.reduce((merged, r) => {
			const last = merged[merged.length - 1];
			if (last && last.end === r.start) last.end = r.end;
			else merged.push(r);
			return merged;
		}, []);
	}
	#grow(size, label) {
		const before = this.memory.buffer.byteLength;
		const last = this.#free[this.#free.length - 1];
		const missing = size - (last?.end === before ? last.end - last.start : 0);
		const pages = (bytes) => Math.ceil(bytes / 65536);
		const room = 65536 - pages(before);
		const wanted = Math.min(room, Math.max(pages(missing), pages(before) >> 3));
		try {
			if (pages(missing) > room) throw new RangeError();
			this.memory.grow(wanted);
		} catch {
			throw new RangeError(`The CPU backend is out of memory: ${label} needs ${Math.ceil(size / 2 ** 20)} MB and ${Math.ceil(this.#allocated / 2 ** 20)} MB of at most 4096 MB are in use. Use a smaller batch, sequence or model.`);
		}
		const end = this.memory.buffer.byteLength;
		if (last?.end === before) last.end = end;
		else this.#free.push({
			start: before,
			end
		});
	}
};
// kernels/backends/cpu/sources.ts
const kernels$1 = join(import.meta.dirname, "../..");
/**
* What the compiled kernels were made from: the AssemblyScript and the TypeScript that writes their commands, since the two must agree on
* every word. null where the sources do not lie beside this file (in a bundle, which is built whole).
*/
function sourceDigest() {
	if (!existsSync(join(kernels$1, "backends/cpu/sources.ts"))) return null;
	const sources = globSync([
		"ops/**/*.simd.ts",
		"ops/**/*.cpu.ts",
		"backends/cpu/**/*.{ts,mjs}"
	], { cwd: kernels$1 }).map((path) => path.replaceAll("\\", "/")).filter((path) => !path.includes("/generated/") && !path.endsWith(".test.ts")).sort();
	const hash = createHash("sha256");
	for (const source of sources) hash.update(source).update(readFileSync(join(kernels$1, source)));
	return hash.digest("hex");
}
// kernels/backends/cpu/webassembly.ts
const { Memory, Instance, compile, validate: validate$1 } = globalThis.WebAssembly;
// kernels/backends/cpu/threads.ts
const helper = `
const { workerData: { module, memory, thread } } = require('node:worker_threads')
new WebAssembly.Instance(module, { env: { memory } }).exports.serve(thread)
`;
/** The physical cores this process may use, at most 16: two hardware threads of one core share its multipliers. */
function physicalCores() {
	const logical = availableParallelism();
	let paired = process.arch === "x64" && process.platform !== "linux" && logical >= 4;
	if (process.platform === "linux") try {
		paired = readFileSync("/sys/devices/system/cpu/smt/active", "utf8").trim() === "1";
	} catch {
		paired = false;
	}
	return Math.min(16, paired ? Math.max(1, logical >> 1) : logical);
}
/** One instance of the kernels on the calling thread and one on each helper thread, all on one memory. */
var ThreadTeam = class ThreadTeam {
	size;
	#exports;
	#memory;
	#workers = [];
	#stopped = false;
	constructor(module, memory, size) {
		this.size = size;
		this.#memory = memory;
		this.#exports = new Instance(module, { env: { memory } }).exports;
		this.#exports.init();
		for (let thread = 1; thread < size; thread++) {
			const worker = new Worker(helper, {
				eval: true,
				workerData: {
					module,
					memory,
					thread
				}
			});
			this.#workers.push(worker);
		}
	}
	static async start(module, memory, size) {
		const team = new ThreadTeam(module, memory, size);
		const failed = new Promise((_, reject) => team.#workers.forEach((w) => w.once("error", reject)));
		const control = new Int32Array(memory.buffer);
		for (let ready = 0; (ready = Atomics.load(control, 80)) < size - 1;) {
			const wait = Atomics.waitAsync(control, 80, ready, 1e3);
			if (wait.async) await Promise.race([wait.value, failed]);
		}
		team.#workers.forEach((w) => w.unref());
		return team;
	}
	/** Runs the list named in the control words; blocks until every thread is done. */
	run() {
		if (this.#stopped) throw new Error("The CPU backend was closed; open it again to run.");
		this.#exports.run();
	}
	async stop() {
		this.#stopped = true;
		const control = new Int32Array(this.#memory.buffer);
		Atomics.store(control, 69, 1);
		Atomics.add(control, 16, 1);
		Atomics.notify(control, 16);
		await Promise.all(this.#workers.map((w) => w.terminate()));
	}
};
// kernels/backends/cpu/cpu.ts
/** Relaxed SIMD in the engine: a module whose one function is f32x4.relaxed_madd. */
const RELAXED_MADD = [
	0,
	97,
	115,
	109,
	1,
	0,
	0,
	0,
	1,
	8,
	1,
	96,
	3,
	123,
	123,
	123,
	1,
	123,
	3,
	2,
	1,
	0,
	10,
	13,
	1,
	11,
	0,
	32,
	0,
	32,
	1,
	32,
	2,
	253,
	133,
	2,
	11
];
async function kernelModule(fma) {
	let built;
	try {
		built = await import("../backends/cpu/generated/wasm.ts");
	} catch {
		throw new Error("The CPU kernels are not built: run \"npm run build:wasm\" once (npm install does).");
	}
	const sources = sourceDigest();
	if (sources !== null && sources !== built.digest) throw new Error("The compiled CPU kernels do not belong to these sources: run \"npm run build:wasm\" once (npm install does).");
	return compile(Buffer.from(fma ? built.fma : built.plain, "base64"));
}
var CpuBuffer = class {
	elements;
	dtype;
	address;
	#heap;
	#live = true;
	constructor(heap, elements, dtype, label) {
		this.elements = elements;
		this.dtype = dtype;
		this.#heap = heap;
		this.address = heap.allocate(4 * elements, label);
	}
	#view(offset, count) {
		if (!this.#live || offset < 0 || offset + count > this.elements) throw new RangeError(`${count} elements from ${offset} on are outside a buffer of ${this.#live ? this.elements : 0}`);
		const [memory, at] = [this.#heap.memory.buffer, this.address + 4 * offset];
		return this.dtype === "f32" ? new Float32Array(memory, at, count) : new Int32Array(memory, at, count);
	}
	write(data, offset = 0) {
		this.#view(offset, data.length).set(data);
	}
	read(offset = 0, count = this.elements - offset) {
		const view = this.#view(offset, count);
		return Promise.resolve(this.dtype === "f32" ? new Float32Array(view) : new Int32Array(view));
	}
	destroy() {
		if (this.#live) this.#heap.release(this.address);
		this.#live = false;
	}
};
/**
* SIMD kernels in WebAssembly on one shared memory; N threads walk the plan's command list together, each taking units of work until
* none is left. Sums are split by shape alone, so results are the same bits for any number of threads.
*/
var CpuBackend = class CpuBackend {
	name = "cpu";
	description;
	threads;
	lost = new Promise(() => {});
	sizes = {
		opaque: (op, inputs, attrs) => kernels$2[op].opaque?.(inputs, attrs) ?? 0,
		scratch: (op, inputs, attrs) => kernels$2[op].scratch?.(inputs, attrs) ?? 0
	};
	#heap;
	#team;
	#local = {
		address: 0,
		bytes: 0
	};
	constructor(heap, team, fma) {
		this.#heap = heap;
		this.#team = team;
		this.threads = team.size;
		this.description = `CPU, ${team.size} ${team.size === 1 ? "thread" : "threads"}, SIMD with${fma ? "" : "out"} FMA`;
	}
	static async open(options = {}) {
		const threads = options.threads ?? physicalCores();
		if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`threads is ${threads}; it must be a whole number of at least 1`);
		const fma = options.fma !== false && validate$1(Uint8Array.from(RELAXED_MADD));
		const memory = new Memory({
			initial: 16,
			maximum: 65536,
			shared: true
		});
		const team = await ThreadTeam.start(await kernelModule(fma), memory, threads);
		return new CpuBackend(new SharedHeap(memory, HEAP_START), team, fma);
	}
	/** Bytes in use by buffers and programs. */
	get allocatedBytes() {
		return this.#heap.allocated - this.#local.bytes * this.threads;
	}
	submit(programs) {
		for (const program of programs) program.run();
	}
	room() {
		return cpuRoom(this.#heap.allocated, this.#heap.memory.buffer.byteLength);
	}
	createBuffer(elements, dtype, label) {
		return new CpuBuffer(this.#heap, elements, dtype, label);
	}
	compile(plan, externals) {
		const owned = [];
		const { words, starts, local, parallel } = encode$1(plan, plan.buffers.map((b) => {
			if (b.kind === "arena") {
				owned.push(this.#heap.allocate(4 * b.elements, "working memory"));
				return owned[owned.length - 1];
			}
			const buffer = externals[b.name];
			if (!buffer || buffer.elements < b.elements) throw new RangeError(`The plan needs buffer ${b.name} with ${b.elements} elements; ${buffer ? `it has ${buffer.elements}` : "it is missing"}.`);
			return buffer.address;
		}));
		const list = this.#heap.allocate(4 * words.length, "command list");
		owned.push(list);
		new Int32Array(this.#heap.memory.buffer, list, words.length).set(words);
		this.#reserveLocal(local);
		const runPart = (first, end) => {
			if (!owned.length) throw new Error("This program was destroyed.");
			const control = new Uint32Array(this.#heap.memory.buffer, 0, 1024);
			control[64] = list + 4 * first;
			control[65] = list + 4 * end;
			control[66] = parallel ? this.threads : 1;
			control[67] = this.#local.address;
			control[68] = this.#local.bytes;
			this.#team.run();
		};
		return Promise.resolve({
			run: () => runPart(0, words.length),
			done: () => Promise.resolve(),
			profile: () => Promise.resolve(plan.commands.map((_, i) => {
				const began = performance.now();
				runPart(starts[i], starts[i + 1]);
				return performance.now() - began;
			})),
			destroy: () => owned.splice(0).forEach((address) => this.#heap.release(address))
		});
	}
	/** One private range per thread, shared by all programs: they run one at a time. */
	#reserveLocal(bytes) {
		if (bytes <= this.#local.bytes) return;
		this.#heap.release(this.#local.address);
		const each = Math.ceil(bytes / 64) * 64 + 192;
		this.#local = {
			address: this.#heap.allocate(each * this.threads, "thread memory"),
			bytes: each
		};
	}
	destroy() {
		this.#team.stop();
	}
};
// kernels/backends/backend.ts
/** The device has too little memory for a plan's working buffers. The message is for people. */
var OutOfMemory = class extends Error {};
// kernels/backends/webgpu/dawn.ts
const { GPUBufferUsage: usage, GPUMapMode: mapMode, GPUShaderStage: stage } = globals;
/** A Vulkan driver file that names a CPU implementation. */
const softwareDriver = () => /swiftshader|lvp|lavapipe/i.test(`${process.env.VK_ICD_FILENAMES ?? ""} ${process.env.VK_DRIVER_FILES ?? ""}`);
/**
* On real hardware: no index clamps and no validation (kernels stay in bounds by construction; the tests run with both on), f16 and
* matrix units on NVIDIA, exact timestamps. Never rely on cleared memory.
*/
const FAST = ["enable-dawn-features=allow_unsafe_apis,disable_robustness,skip_validation,use_vulkan_memory_model,vulkan_enable_f16_on_nvidia", "disable-dawn-features=lazy_clear_resource_on_first_use,timestamp_quantization"];
const SAFE = ["enable-dawn-features=allow_unsafe_apis", "disable-dawn-features=lazy_clear_resource_on_first_use,timestamp_quantization"];
let instance;
/** Dawn, opened once per process and referenced for ever: the process dies if the object is collected. */
function dawn() {
	instance ??= create(softwareDriver() ? SAFE : FAST);
	return instance;
}
// kernels/backends/webgpu/adapters.ts
const api = (info) => {
	return {
		vulkan: "Vulkan",
		metal: "Metal",
		D3D12: "D3D12",
		d3d12: "D3D12",
		d3d11: "D3D11"
	}[info.backendType ?? ""] ?? {
		darwin: "Metal",
		win32: "D3D12"
	}[process.platform] ?? "Vulkan";
};
function report(adapter) {
	const info = adapter.info;
	const name = [info.device, info.description].find((s) => s) ?? "unnamed adapter";
	const { limits } = adapter;
	return {
		name: readableName(name),
		vendor: info.vendor,
		driver: info.description,
		api: api(info),
		software: info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|warp|basic render/i.test(`${name} ${info.description}`),
		features: [...adapter.features].sort(),
		limits: {
			maxBufferSize: limits.maxBufferSize,
			maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
			maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage,
			maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
			maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup
		},
		subgroup: adapter.features.has("subgroups") ? [info.subgroupMinSize ?? 0, info.subgroupMaxSize ?? 0] : [0, 0],
		matrixUnits: MATRIX_FEATURES.every((f) => adapter.features.has(f)) && hasHalfUnits(info)
	};
}
const MATRIX_FEATURES = [
	"shader-f16",
	"subgroups",
	"chromium-experimental-subgroup-matrix"
];
/** The matrix kernels are written for 16 × 16 × 16 and subgroups of 32. */
const hasHalfUnits = ({ subgroupMatrixConfigs = [], subgroupMinSize, subgroupMaxSize }) => subgroupMinSize === 32 && subgroupMaxSize === 32 && [...subgroupMatrixConfigs].some(({ componentType, resultComponentType, M, N, K }) => componentType === "f16" && resultComponentType === "f32" && M === 16 && N === 16 && K === 16);
/** Dawn gives device names in kebab case: "nvidia-h100-80gb-hbm3". */
const readableName = (name) => /^[a-z0-9]+(-[a-z0-9]+)+$/.test(name) ? name.split("-").map((word) => /\d|^(nvidia|amd|gb)$/.test(word) ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1)).join(" ") : name;
async function request(options) {
	try {
		return await dawn().requestAdapter(options);
	} catch {
		return null;
	}
}
// kernels/backends/webgpu/buffer.ts
/** Bindings want multiples of 16 bytes when read as vec4. */
const bytesFor = (elements) => Math.max(16, Math.ceil(elements / 4) * 16);
/** Device memory. Copies out go through a staging buffer, in submission order. */
var WebGpuBuffer = class {
	elements;
	dtype;
	gpu;
	#device;
	#health;
	#label;
	/** Staging buffers of small reads (losses every step) are kept. */
	#staging = [];
	constructor(device, health, elements, dtype, label) {
		this.elements = elements;
		this.dtype = dtype;
		this.#device = device;
		this.#health = health;
		this.#label = label;
		this.gpu = device.createBuffer({
			label,
			size: bytesFor(elements),
			usage: usage.STORAGE | usage.COPY_DST | usage.COPY_SRC
		});
		const encoder = device.createCommandEncoder();
		encoder.clearBuffer(this.gpu);
		device.queue.submit([encoder.finish()]);
	}
	write(data, offset = 0) {
		if (offset + data.length > this.elements) throw new RangeError(`${this.#label}: ${data.length} elements from ${offset} do not fit into ${this.elements}`);
		this.#device.queue.writeBuffer(this.gpu, offset * 4, data);
	}
	async read(offset = 0, count = this.elements - offset) {
		const empty = this.dtype === "f32" ? new Float32Array(count) : new Int32Array(count);
		if (count === 0) return empty;
		const bytes = count * 4;
		const kept = this.#staging.findIndex((s) => s.size === bytes);
		const staging = kept >= 0 ? this.#staging.splice(kept, 1)[0] : this.#device.createBuffer({
			label: `${this.#label} (read)`,
			size: bytes,
			usage: usage.MAP_READ | usage.COPY_DST
		});
		const encoder = this.#device.createCommandEncoder();
		encoder.copyBufferToBuffer(this.gpu, offset * 4, staging, 0, bytes);
		this.#device.queue.submit([encoder.finish()]);
		await this.#health.guard(staging.mapAsync(mapMode.READ));
		const copy = staging.getMappedRange().slice(0);
		staging.unmap();
		if (bytes <= 65536 && this.#staging.length < 4) this.#staging.push(staging);
		else staging.destroy();
		return this.dtype === "f32" ? new Float32Array(copy) : new Int32Array(copy);
	}
	destroy() {
		this.gpu.destroy();
		this.#staging.forEach((s) => s.destroy());
	}
};
// kernels/backends/webgpu/choices.ts
/** The variants in use on one adapter, by op and key. A kernel without an entry takes its rule's variant. */
var Choices = class Choices {
	#entries = /* @__PURE__ */ new Map();
	/** The variant of `op` to use among `variants`: the measured one while the kernel still has it. */
	name(op, { key, names }) {
		const known = this.#entries.get(`${op} ${key}`)?.name;
		return known !== void 0 && names.includes(known) ? known : names[0];
	}
	has(op, { key, names }) {
		const known = this.#entries.get(`${op} ${key}`);
		return known !== void 0 && names.includes(known.name);
	}
	set(choice) {
		this.#entries.set(`${choice.op} ${choice.key}`, choice);
	}
	clear() {
		this.#entries.clear();
	}
	list() {
		return [...this.#entries.values()].sort((a, b) => `${a.op} ${a.key}` < `${b.op} ${b.key}` ? -1 : 1);
	}
	/** As if `name` had been chosen for this one kernel, all else as it is. */
	with(op, key, name) {
		const other = new Choices();
		this.list().forEach((choice) => other.set(choice));
		other.set({
			op,
			key,
			name,
			ms: null,
			ruleMs: null,
			at: "",
			inputs: [],
			attrs: {}
		});
		return other;
	}
};
// kernels/backends/webgpu/health.ts
/** Collects what the device reports out of band, so that it surfaces in the promise of whoever waits next. */
var Health = class {
	lost;
	#problem = null;
	constructor(device, name) {
		device.addEventListener("uncapturederror", (event) => {
			const { error } = event;
			this.#problem ??= /* @__PURE__ */ new Error(`${name} reported: ${error.message}`);
		});
		this.lost = new Promise((resolve) => {
			device.lost.then((info) => {
				if (info.reason === "destroyed") return;
				const sentence = `${name} was lost: ${info.message || "the driver gave no reason"}`;
				this.#problem ??= new Error(sentence);
				resolve(sentence);
			});
		});
	}
	/** Throws what went wrong since the device opened, if anything did. */
	check() {
		if (this.#problem) throw this.#problem;
	}
	/** `work`, rejected with the device's own message where there is one. */
	async guard(work) {
		try {
			const result = await work;
			this.check();
			return result;
		} catch (error) {
			throw this.#problem ?? error;
		}
	}
};
// kernels/backends/webgpu/wgsl.ts
/** Rows of `o` can be read as vec4. */
const isAligned = (o) => o.offset % 4 === 0 && (o.ld % 4 === 0 || o.rows === 1) && o.cols % 4 === 0;
/** An operand the shader reads; `vec` asks for vec4 loads where the operand's alignment allows them. */
const reads = (operand, vec = false) => ({
	operand,
	write: false,
	vec: vec && isAligned(operand),
	part: false
});
/** An operand the shader writes, and may read. */
const writes = (operand, vec = false) => ({
	operand,
	write: true,
	vec: vec && isAligned(operand),
	part: false
});
/** A part of a flat buffer (scratch, saved state) as a binding of its own. `first` is a multiple of 64 (256 bytes, as WebGPU asks). */
function part(whole, first, count, options = {}) {
	return {
		operand: {
			buffer: whole.buffer,
			offset: whole.offset + first,
			rows: 1,
			cols: count,
			ld: count,
			dtype: "f32"
		},
		write: options.write ?? false,
		vec: options.vec ?? false,
		part: true
	};
}
/** Lays out named regions of a flat buffer, each on a multiple of 64 elements. */
function regions(sizes) {
	let total = 0;
	const first = {};
	for (const [name, size] of Object.entries(sizes)) {
		first[name] = total;
		total += Math.ceil(size / 64) * 64;
	}
	return {
		first,
		total
	};
}
const times$1 = (x, k) => k === 0 ? "0u" : k === 1 ? `(${x})` : `(${x}) * ${k}u`;
const plus$1 = (...terms) => terms.filter((t) => t !== "0u").join(" + ") || "0u";
/**
* Decides how the operands of one shader are bound and gives the WGSL to reach each. Operands that share a buffer share a binding when
* one of them is written (WebGPU allows no other way), and when they would be declared alike.
*/
function bindOperands(requests) {
	const slots = [];
	const slotOf = /* @__PURE__ */ new Map();
	const all = Object.values(requests);
	const written = new Set(all.filter((r) => r.write).map((r) => r.operand.buffer));
	for (const request of all) {
		const { buffer, offset, cols, dtype } = request.operand;
		const [first, count] = request.part ? [offset, cols] : [0, 0];
		const type = dtype === "i32" ? "i32" : request.vec ? "vec4f" : "f32";
		const write = written.has(buffer);
		let slot = slots.find((s) => s.buffer === buffer && s.first === first && s.count === count && (write || s.type === type));
		if (!slot) slots.push(slot = {
			buffer,
			first,
			count,
			write,
			type,
			members: []
		});
		else if (slot.type !== type) slot.type = [slot.type, type].includes("i32") ? "u32" : "f32";
		slot.members.push(request);
		slotOf.set(request, slot);
	}
	const declarations = slots.map((s, i) => {
		const lines = [`@group(0) @binding(${i}) var<storage, ${s.write ? "read_write" : "read"}> b${i}: array<${s.type}>;`];
		if (s.type === "f32") lines.push(`fn load4_${i}(i: u32) -> vec4f { return vec4f(b${i}[i], b${i}[i + 1u], b${i}[i + 2u], b${i}[i + 3u]); }`);
		if (s.type === "f32" && s.write) lines.push(`fn store4_${i}(i: u32, v: vec4f) { b${i}[i] = v.x; b${i}[i + 1u] = v.y; b${i}[i + 2u] = v.z; b${i}[i + 3u] = v.w; }`);
		return lines.join("\n");
	});
	const view = (request) => {
		const slot = slotOf.get(request);
		const name = `b${slots.indexOf(slot)}`;
		const index = slots.indexOf(slot);
		const { offset: start, ld, rows, dtype } = request.operand;
		const offset = request.part ? 0 : start;
		const at = (r, c) => plus$1(`${offset}u`, rows === 1 ? "0u" : times$1(r, ld), `(${c})`);
		const at4 = (r, c4) => plus$1(`${offset}u`, rows === 1 ? "0u" : times$1(r, ld), times$1(c4, 4));
		const vecAt = (r, c4) => plus$1(`${offset / 4}u`, rows === 1 ? "0u" : times$1(r, ld / 4), `(${c4})`);
		const load = (i) => slot.type === "vec4f" ? `${name}[(${i}) / 4u][(${i}) % 4u]` : slot.type === "u32" ? `bitcast<${dtype}>(${name}[${i}])` : `${name}[${i}]`;
		const store = (i, value) => slot.type === "vec4f" ? `${name}[(${i}) / 4u][(${i}) % 4u] = ${value};` : `${name}[${i}] = ${slot.type === "u32" ? `bitcast<u32>(${value})` : value};`;
		return {
			get: (r, c) => load(at(r, c)),
			put: (r, c, value) => store(at(r, c), value),
			place: at,
			ld,
			load,
			store,
			get4: (r, c4) => slot.type === "vec4f" ? `${name}[${vecAt(r, c4)}]` : `load4_${index}(${at4(r, c4)})`,
			place4: (r, c4) => slot.type === "vec4f" ? vecAt(r, c4) : at4(r, c4),
			elementsPerPlace: slot.type === "vec4f" ? 4 : 1,
			load4: (place) => slot.type === "vec4f" ? `${name}[${place}]` : `load4_${index}(${place})`,
			put4: (r, c4, value) => slot.type === "vec4f" ? `${name}[${vecAt(r, c4)}] = ${value};` : `store4_${index}(${at4(r, c4)}, ${value});`
		};
	};
	const views = Object.fromEntries(Object.entries(requests).map(([name, r]) => [name, view(r)]));
	return {
		declarations: declarations.join("\n"),
		bindings: slots.map(({ buffer, first, count, write }) => ({
			buffer,
			first,
			count,
			write
		})),
		views
	};
}
/** Workgroups in one line, folded into two dimensions because one holds at most 65535. */
function line(total) {
	const x = Math.min(Math.max(total, 1), 32768);
	return [
		x,
		Math.ceil(Math.max(total, 1) / x),
		1
	];
}
/** A whole shader. The body sees `li` (place in the workgroup) and `w` or `wid`. */
function kernel({ label, bound, workgroup, groups, globals = "", body, subgroups = false, directives = "" }) {
	const grid = typeof groups === "number" ? line(groups) : groups;
	const place = typeof groups === "number" ? `let w = wid.x + wid.y * ${grid[0]}u; if (w >= ${Math.max(groups, 1)}u) { return; }` : "";
	return {
		label,
		bindings: bound.bindings,
		grid,
		code: `${subgroups ? "enable subgroups;\n" : ""}${directives}${bound.declarations}
${globals}
@compute @workgroup_size(${workgroup}) fn main(@builtin(workgroup_id) wid: vec3u, @builtin(local_invocation_index) li: u32) {
${place}
${body}
}
`
	};
}
/** f32 as a WGSL literal. */
const literal = (x) => {
	const text = Math.fround(x).toString();
	return /[.e]/.test(text) ? text : `${text}.0`;
};
const range = (n) => Array.from({ length: n }, (_, i) => i);
const ceilDiv = (a, b) => Math.ceil(a / b);
// kernels/backends/webgpu/elementwise.ts
/** One thread per element, or per four where the columns allow it. `r` and `c` are the row and the first column. */
function elementwise({ label, software, inputs, scalars = {}, outputs, body, globals = "" }) {
	const { rows, cols } = Object.values(outputs)[0];
	const vec = cols % 4 === 0;
	const [T, width] = vec ? ["vec4f", cols / 4] : ["f32", cols];
	const bound = bindOperands({
		...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o, vec)])),
		...Object.fromEntries(Object.entries(scalars).map(([k, o]) => [k, reads(o)])),
		...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [`to_${k}`, writes(o, vec)]))
	});
	const { views } = bound;
	const type = (o) => o.dtype === "i32" ? T.replace("f32", "i32").replace("vec4f", "vec4i") : T;
	const load = (k) => vec ? views[k].get4("r", "i % W") : views[k].get("r", "c");
	const workgroup = software ? 64 : 256;
	return kernel({
		label,
		bound,
		workgroup,
		groups: ceilDiv(rows * width, workgroup),
		globals: `const W = ${width}u;\n${globals}`,
		body: `let i = w * ${workgroup}u + li; if (i >= ${rows * width}u) { return; }
let r = i / W; let c = (i % W)${vec ? " * 4u" : ""};
${Object.keys(inputs).map((k) => `let ${k} = ${load(k)};`).join(" ")}
${Object.keys(scalars).map((k) => `let ${k} = ${views[k].get("0u", "0u")};`).join(" ")}
${Object.entries(outputs).map(([k, o]) => `var ${k}: ${type(o)};`).join(" ")}
${body(T)}
${Object.keys(outputs).map((k) => vec ? views[`to_${k}`].put4("r", "i % W", k) : views[`to_${k}`].put("r", "c", k)).join(" ")}`
	});
}
// kernels/ops/activation/functions.ts
/** Numbers of the activation functions, as the attribute `kind` of `activation` and `glu` gives them. */
const ACTIVATIONS = {
	silu: 0,
	gelu: 1,
	gelu_tanh: 2,
	sigmoid: 3,
	softplus: 4,
	tanh: 5,
	relu: 6
};
const sigmoid$1 = (x) => 1 / (1 + Math.exp(-x));
/** erf x = 2/√π · e^(−x²) Σ 2ⁿ x^(2n+1) / (2n+1)!!: all terms of one sign, so nothing cancels. */
function erf(x) {
	if (Math.abs(x) > 6) return Math.sign(x);
	let [term, sum] = [x, x];
	for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) sum += term *= 2 * x * x / (2 * n + 1);
	return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
}
const ROOT = Math.sqrt(2 / Math.PI);
const inner = (x) => Math.tanh(ROOT * (x + .044715 * x ** 3));
/** The functions and their derivatives in float64, by kind. */
const functions = [
	[(x) => x * sigmoid$1(x), (x) => sigmoid$1(x) * (1 + x * (1 - sigmoid$1(x)))],
	[(x) => .5 * x * (1 + erf(x / Math.SQRT2)), (x) => .5 * (1 + erf(x / Math.SQRT2)) + x * Math.exp(-.5 * x * x) / Math.sqrt(2 * Math.PI)],
	[(x) => .5 * x * (1 + inner(x)), (x) => .5 * (1 + inner(x)) + .5 * x * (1 - inner(x) ** 2) * ROOT * (1 + .134145 * x * x)],
	[sigmoid$1, (x) => sigmoid$1(x) * (1 - sigmoid$1(x))],
	[(x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), sigmoid$1],
	[Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
	[(x) => Math.max(x, 0), (x) => x > 0 ? 1 : 0]
];
const activate = (kind, x) => functions[kind][0](x);
const slope = (kind, x) => functions[kind][1](x);
// kernels/ops/activation/functions.wgsl.ts
const named$1 = (kind) => Object.keys(ACTIVATIONS)[kind];
/** WGSL's own tanh may be off by 1e-5 and some drivers' overflows: a polynomial near zero (Cephes' tanhf), 1 − 2 / (e^2|x| + 1) beyond. */
const TANH = (T) => `fn tanh_(x: ${T}) -> ${T} { let a = abs(x); let s = x * x;
let small = x + x * s * ((((-5.70498872745e-3 * s + 2.06390887954e-2) * s - 5.37397155531e-2) * s + 1.33314422036e-1) * s - 3.33332819422e-1);
let large = sign(x) * (1.0 - 2.0 / (exp(2.0 * min(a, ${T}(20.0))) + 1.0)); return select(large, small, a < ${T}(0.625)); }`;
/** e^(x²/2) · (1 − Φ(|x|)) by Abramowitz & Stegun 7.1.26 (error of erf at most 1.5e-7), then Φ(x) given e = e^(−x²/2). */
const NORMAL = (T) => `fn normal_(x: ${T}, e: ${T}) -> ${T} { let t = 1.0 / (1.0 + 0.23164190 * abs(x));
let half = 0.5 * e * t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
return select(1.0 - half, half, x < ${T}(0.0)); }
fn bell_(x: ${T}) -> ${T} { return exp(-0.5 * min(x * x, ${T}(170.0))); }`;
const INNER = (T) => `${TANH(T)}
fn inner_(x: ${T}) -> ${T} { return tanh_(x * (0.79788456 + 0.0356774081 * x * x)); }`;
const SIGMOID = (T) => `fn sigmoid_(x: ${T}) -> ${T} { return 1.0 / (1.0 + exp(-clamp(x, ${T}(-87.0), ${T}(87.0)))); }`;
/** log(1 + t) for 0 ≤ t ≤ 1 keeps small t by Goldberg's correction (1991, theorem 4). */
const SOFTPLUS = (T) => `fn softplus_(x: ${T}) -> ${T} { let t = exp(-min(abs(x), ${T}(87.0))); let w = 1.0 + t;
return max(x, ${T}(0.0)) + select(log(w) * t / max(w - 1.0, ${T}(1e-30)), t, w == ${T}(1.0)); }`;
/** Declarations of `f_` and `slope_` on T (f32 or vec4f) for one kind. */
function activationFunctions(kind, T) {
	const both = (helpers, f, slope) => `${helpers}\nfn f_(x: ${T}) -> ${T} { ${f} }\nfn slope_(x: ${T}) -> ${T} { ${slope} }`;
	switch (named$1(kind)) {
		case "silu": return both(SIGMOID(T), "return x * sigmoid_(x);", "let s = sigmoid_(x); return s * (1.0 + x * (1.0 - s));");
		case "gelu": return both(NORMAL(T), "return x * normal_(x, bell_(x));", "let e = bell_(x); return normal_(x, e) + 0.39894228 * x * e;");
		case "gelu_tanh": return both(INNER(T), "return 0.5 * x * (1.0 + inner_(x));", "let t = inner_(x); return 0.5 * (1.0 + t + x * (0.79788456 + 0.107032224 * x * x) * (1.0 - t) * (1.0 + t));");
		case "sigmoid": return both(SIGMOID(T), "return sigmoid_(x);", "let s = sigmoid_(x); return s * (1.0 - s);");
		case "softplus": return both(`${SIGMOID(T)}\n${SOFTPLUS(T)}`, "return softplus_(x);", "return sigmoid_(x);");
		case "tanh": return both(TANH(T), "return tanh_(x);", "let t = tanh_(x); return (1.0 - t) * (1.0 + t);");
		case "relu": return both("", `return max(x, ${T}(0.0));`, `return select(${T}(0.0), ${T}(1.0), x > ${T}(0.0));`);
	}
}
// kernels/ops/activation/activation.wgsl.ts
const globals$3 = (kind, cols) => activationFunctions(kind, cols % 4 === 0 ? "vec4f" : "f32");
const activation$1 = { dispatches: ({ inputs: [x], outputs: [y], attrs }, { software }) => [elementwise({
	label: "activation",
	software,
	inputs: { x },
	outputs: { y },
	globals: globals$3(num(attrs, "kind"), y.cols),
	body: () => "y = f_(x);"
})] };
const activation_grad$1 = { dispatches: ({ inputs: [dy, x], outputs: [dx], attrs }, { software }) => [elementwise({
	label: "activation_grad",
	software,
	inputs: {
		dy,
		x
	},
	outputs: { dx },
	globals: globals$3(num(attrs, "kind"), dx.cols),
	body: () => "dx = dy * slope_(x);"
})] };
const glu$1 = { dispatches: ({ inputs: [a, b], outputs: [y], attrs }, { software }) => [elementwise({
	label: "glu",
	software,
	inputs: {
		a,
		b
	},
	outputs: { y },
	globals: globals$3(num(attrs, "kind"), y.cols),
	body: () => "y = a * f_(b);"
})] };
const glu_grad$1 = { dispatches: ({ inputs: [dy, a, b], outputs: [da, db], attrs }, { software }) => [elementwise({
	label: "glu_grad",
	software,
	inputs: {
		dy,
		a,
		b
	},
	outputs: {
		da,
		db
	},
	globals: globals$3(num(attrs, "kind"), da.cols),
	body: () => "da = dy * f_(b); db = dy * a * slope_(b);"
})] };
// kernels/ops/adamw/adamw.wgsl.ts
/** The norm is tested by its bits: compilers may assume that no float is infinite or NaN. */
const adamw = { dispatches({ inputs: [params, grads, , , norm, hyper], outputs, attrs }, { software }) {
	const vec = params.cols % 4 === 0;
	const [T, width] = vec ? ["vec4f", params.cols / 4] : ["f32", params.cols];
	const bound = bindOperands({
		grads: reads(grads, vec),
		params: writes(outputs[0], vec),
		m: writes(outputs[1], vec),
		v: writes(outputs[2], vec),
		norm: reads(norm),
		hyper: reads(hyper)
	});
	const { views } = bound;
	const [beta1, beta2] = [num(attrs, "beta1"), num(attrs, "beta2")];
	const workgroup = software ? 64 : 256;
	const load = (k) => vec ? views[k].get4("0u", "i") : views[k].get("0u", "i");
	const store = (k, value) => vec ? views[k].put4("0u", "i", value) : views[k].put("0u", "i", value);
	const [decayed, slowFrom] = [num(attrs, "decay_elements"), num(attrs, "slow_from")];
	return [kernel({
		label: "adamw",
		bound,
		workgroup,
		groups: ceilDiv(width, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${width}u) { return; }
let length = ${views.norm.get("0u", "0u")};
if ((bitcast<u32>(length) & 0x7f800000u) == 0x7f800000u) { return; }
${Object.entries(HYPER).map(([k, c]) => `let ${k} = ${views.hyper.get("0u", `${c}u`)};`).join(" ")}
let scale = select(1.0, min(1.0, clip / (length + 1e-6)), clip > 0.0);
let g = ${load("grads")} * scale;
let m1 = ${literal(beta1)} * ${load("m")} + ${literal(1 - beta1)} * g;
let v1 = ${literal(beta2)} * ${load("v")} + ${literal(1 - beta2)} * g * g;
let keep = 1.0 - lr * weight_decay;
${vec ? `let at = vec4u(i * 4u) + vec4u(0u, 1u, 2u, 3u); let kept = select(vec4f(1.0), vec4f(keep), at < vec4u(${decayed}u));
let rate = select(vec4f(lr * slow), vec4f(lr), at < vec4u(${slowFrom}u));` : `let kept = select(1.0, keep, i < ${decayed}u); let rate = select(lr * slow, lr, i < ${slowFrom}u);`}
let p1 = ${load("params")} * kept - (rate * bias1) * m1 / (sqrt(bias2 * v1) + ${T}(${literal(num(attrs, "eps"))}));
${store("m", "m1")} ${store("v", "v1")} ${store("params", "p1")}`
	})];
} };
// kernels/ops/add/add.wgsl.ts
const add$2 = { dispatches: ({ inputs: [a, b], outputs: [y] }, { software }) => [elementwise({
	label: "add",
	software,
	inputs: {
		a,
		b
	},
	outputs: { y },
	body: () => "y = a + b;"
})] };
// kernels/ops/attention/flash.ts
function planFlash({ head_dim, seqlen }, { software }, chunk) {
	const units = ceilDiv(head_dim, 4);
	let split = 1;
	while (ceilDiv(units, split) > (software ? 2 : 8)) split *= 2;
	const perThread = ceilDiv(units, split);
	const rows = software ? 16 : 64;
	const width = perThread * split;
	const tile = Math.max(chunk, Math.min(32, Math.floor((software ? 16 : 256) / width / chunk) * chunk));
	return {
		rows,
		split,
		workgroup: rows * split,
		units,
		perThread,
		width,
		chunk,
		tile,
		blocks: ceilDiv(seqlen, rows)
	};
}
/** WGSL for the vec4 at place `unit` (an expression) of head `head`'s columns of `row`; zero beyond head_dim. */
function headVec4(view, head_dim, row, head, unit) {
	if (head_dim % 4 === 0) return view.get4(row, `${head} * ${head_dim / 4}u + ${unit}`);
	const part = (c) => `select(0.0, ${view.get(row, `${head} * ${head_dim}u + min(${unit} * 4u + ${c}u, ${head_dim - 1}u)`)}, ${unit} * 4u + ${c}u < ${head_dim}u)`;
	return `vec4f(${range(4).map(part).join(", ")})`;
}
/** Reads of a matrix of heads, as vec4 where head_dim allows it. */
const headReads = (operand, head_dim) => reads(operand, head_dim % 4 === 0);
/** WGSL that writes a thread's registers `name`0 … to its columns of head `head` in `row`. */
function putHead(view, plan, head_dim, row, head, value) {
	return range(plan.perThread).map((k) => {
		const unit = `(part + ${k * plan.split}u)`;
		if (head_dim % 4 === 0) return `${(k + 1) * plan.split > plan.units ? `if (${unit} < ${plan.units}u)` : ""} { ${view.put4(row, `${head} * ${head_dim / 4}u + ${unit}`, value(k))} }`;
		return `{ let v = ${value(k)}; ${range(4).map((c) => `if (${unit} * 4u + ${c}u < ${head_dim}u) { ${view.put(row, `${head} * ${head_dim}u + ${unit} * 4u + ${c}u`, `v[${c}]`)} }`).join(" ")} }`;
	}).join("\n");
}
/** Registers `name`0 … of this thread from its row; units beyond the head read as zero. */
const loadHead = (name, view, plan, head_dim, row, head, times = "") => range(plan.perThread).map((k) => {
	const unit = `(part + ${k * plan.split}u)`;
	const value = headVec4(view, head_dim, row, head, head_dim % 4 === 0 ? `min(${unit}, ${plan.units - 1}u)` : unit);
	return `let ${name}${k} = ${head_dim % 4 !== 0 || (k + 1) * plan.split <= plan.units ? value : `select(vec4f(), ${value}, ${unit} < ${plan.units}u)`}${times};`;
}).join("\n");
/** Fills tiles in workgroup memory from rows first … first + tile − 1 (rows beyond the sequence repeat the last one). */
function fillTiles(tiles, plan, head_dim, base, seqlen, heads) {
	const { tile, width, units, workgroup } = plan;
	const load = (name) => {
		const value = headVec4(tiles[name], head_dim, "r", heads[name], head_dim % 4 === 0 ? `min(u, ${units - 1}u)` : "u");
		return `${name}_tile[i] = ${head_dim % 4 === 0 && width > units ? `select(vec4f(), ${value}, u < ${units}u)` : value};`;
	};
	return `for (var i = li; i < ${tile * width}u; i += ${workgroup}u) { let u = i % ${width}u; let r = ${base} + min(first + i / ${width}u, ${seqlen - 1}u);
${Object.keys(tiles).map(load).join(" ")} }`;
}
const tileMemory$1 = (names, { tile, width }) => names.map((name) => `var<workgroup> ${name}_tile: array<vec4f, ${tile * width}>;`).join("\n");
/** Vec4 k of this thread's share of row `c + i` of a tile. */
const fromTile = (name, plan, i, k) => `${name}_tile[(c + ${i}u) * ${plan.width}u + part + ${k * plan.split}u]`;
/** dot products of registers with the rows of a chunk: `${name}0` …, each this thread's part of the sum. */
const dots = (name, registers, tile, plan) => range(plan.chunk).map((i) => `var ${name}${i} = ${range(plan.perThread).map((k) => `dot(${registers}${k}, ${fromTile(tile, plan, i, k)})`).join(" + ")};`).join("\n");
const exchangeMemory = (plan, target, values) => plan.split > 1 && target.subgroup < plan.split ? `var<workgroup> exchange: array<f32, ${values * plan.workgroup}>;` : "";
/** Replaces each variable by its sum over the threads of a row, in the same order in all of them. All threads must get here together. */
function sumSplit(names, { split, workgroup }, target) {
	if (split === 1) return "";
	if (target.subgroup >= split) {
		let code = "";
		for (let step = 1; step < split; step *= 2) code += names.map((n) => `${n} = ${n} + subgroupShuffleXor(${n}, ${step}u);`).join(" ");
		return code;
	}
	const first = `li / ${split}u * ${split}u`;
	return `${names.map((n, i) => `exchange[${i * workgroup}u + li] = ${n};`).join(" ")} workgroupBarrier();
${names.map((n, i) => `${n} = ${range(split).map((k) => `exchange[${i * workgroup}u + ${first} + ${k}u]`).join(" + ")};`).join(" ")} workgroupBarrier();`;
}
/** WGSL condition: query `i` sees key `j` (both u32 expressions, both inside the sequence). */
function sees({ causal, window, seqlen }, i, j) {
	const conditions = [causal ? `${j} <= ${i}` : `${j} < ${seqlen}u`];
	if (window) conditions.push(`${j} + ${window}u > ${i}`);
	if (window && !causal) conditions.push(`${i} + ${window}u > ${j}`);
	return conditions.join(" && ");
}
// kernels/ops/attention/attention.wgsl.ts
/** Keys a thread weighs before it touches its output. */
const CHUNK = 8;
/** Online softmax in base 2: a thread holds its share of q and o, keys and values pass by in tiles. Late queries, which see most, first. */
const attention$1 = { dispatches({ inputs: [q, k, v], outputs: [o, lse], attrs }, target) {
	const shape = attentionShape("attention", [
		q,
		k,
		v
	], attrs);
	const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape;
	const plan = planFlash(shape, target, target.software ? 2 : CHUNK);
	const { rows, split, workgroup, tile, chunk, blocks, perThread } = plan;
	const bound = bindOperands({
		q: headReads(q, head_dim),
		k: headReads(k, head_dim),
		v: headReads(v, head_dim),
		o: writes(o, head_dim % 4 === 0),
		lse: writes(lse)
	});
	const { views } = bound;
	const each = (code) => range(perThread).map(code).join(" ");
	const all = range(chunk);
	return [kernel({
		label: "attention",
		bound,
		workgroup,
		groups: [
			blocks,
			heads,
			batch
		],
		subgroups: target.subgroup > 1,
		globals: `${tileMemory$1(["k", "v"], plan)}\n${exchangeMemory(plan, target, chunk)}`,
		body: `let part = li % ${split}u; let i0 = (${blocks - 1}u - wid.x) * ${rows}u; let i = i0 + li / ${split}u;
let h = wid.y; let g = h * ${kv_heads}u / ${heads}u; let base = wid.z * ${seqlen}u; let row = base + min(i, ${seqlen - 1}u);
${loadHead("q", views.q, plan, head_dim, "row", "h", ` * ${literal(Math.LOG2E / Math.sqrt(head_dim))}`)}
${each((n) => `var o${n} = vec4f();`)}
var most = -1e30; var sum = 0.0;
let end = ${causal ? `min(i0 + ${rows}u, ${seqlen}u)` : window ? `min(i0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var first = ${window ? `max(i0, ${window - 1}u) - ${window - 1}u` : "0u"}; first < end; first += ${tile}u) {
workgroupBarrier();
${fillTiles({
			k: views.k,
			v: views.v
		}, plan, head_dim, "base", seqlen, {
			k: "g",
			v: "g"
		})}
workgroupBarrier();
for (var c = 0u; c < ${tile}u; c += ${chunk}u) { let j = first + c;
${dots("s", "q", "k", plan)}
${sumSplit(all.map((n) => `s${n}`), plan, target)}
${all.map((n) => `s${n} = select(-1e30, s${n}, ${sees(shape, "i", `(j + ${n}u)`)});`).join("\n")}
let now = ${all.reduce((a, n) => `max(${a}, s${n})`, "most")}; let shrink = exp2(most - now); most = now;
${all.map((n) => `let p${n} = exp2(s${n} - now);`).join(" ")}
sum = sum * shrink + ${all.map((n) => `p${n}`).join(" + ")};
${each((n) => `o${n} = o${n} * shrink + ${all.map((m) => `p${m} * ${fromTile("v", plan, m, n)}`).join(" + ")};`)}
} }
if (i < ${seqlen}u) { let by = 1.0 / sum; ${putHead(views.o, plan, head_dim, "row", "h", (n) => `o${n} * by`)}
if (part == 0u) { ${views.lse.put("row", "h", `(most + log2(sum)) * ${literal(Math.LN2)}`)} } }`
	})];
} };
// kernels/ops/attention/attention_grad.wgsl.ts
/**
* Two kernels that each own what they write, so no atomics: the first owns queries (dq, and D = do · o for the second), the second owns
* keys (dk, dv). Both recompute the weights from lse: seven products instead of five, but every sum has one fixed order.
*/
const attention_grad$1 = {
	scratch: ([d_o], attrs) => d_o.rows * num(attrs, "heads"),
	dispatches({ inputs: [d_o, q, k, v, o, lse], outputs: [dq, dk, dv], attrs, scratch }, target) {
		const shape = attentionShape("attention_grad", [
			q,
			k,
			v
		], attrs);
		const { batch, seqlen, heads, kv_heads, head_dim, window, causal } = shape;
		const plan = planFlash(shape, target, target.software ? 1 : 4);
		const { rows, split, workgroup, tile, chunk, blocks, perThread } = plan;
		const vec = head_dim % 4 === 0;
		const base2 = Math.LOG2E / Math.sqrt(head_dim);
		const each = (code) => range(perThread).map(code).join(" ");
		const all = range(chunk);
		const both = [...all.map((n) => `s${n}`), ...all.map((n) => `e${n}`)];
		const memory = `${exchangeMemory(plan, target, 2 * chunk)}`;
		function queries() {
			const bound = bindOperands({
				d_o: headReads(d_o, head_dim),
				q: headReads(q, head_dim),
				k: headReads(k, head_dim),
				v: headReads(v, head_dim),
				o: headReads(o, head_dim),
				lse: reads(lse),
				dq: writes(dq, vec),
				D: part(scratch, 0, batch * seqlen * heads, { write: true })
			});
			const { views } = bound;
			return kernel({
				label: "attention_grad.queries",
				bound,
				workgroup,
				groups: [
					blocks,
					heads,
					batch
				],
				subgroups: target.subgroup > 1,
				globals: `${tileMemory$1(["k", "v"], plan)}\n${memory}`,
				body: `let part = li % ${split}u; let i0 = (${blocks - 1}u - wid.x) * ${rows}u; let i = i0 + li / ${split}u;
let h = wid.y; let g = h * ${kv_heads}u / ${heads}u; let base = wid.z * ${seqlen}u; let row = base + min(i, ${seqlen - 1}u);
${loadHead("q", views.q, plan, head_dim, "row", "h")}
${loadHead("d", views.d_o, plan, head_dim, "row", "h")}
var D = 0.0;
{ ${loadHead("o", views.o, plan, head_dim, "row", "h")} D = ${range(perThread).map((n) => `dot(d${n}, o${n})`).join(" + ")}; }
${sumSplit(["D"], plan, target)}
if (part == 0u && i < ${seqlen}u) { ${views.D.put("0u", `row * ${heads}u + h`, "D")} }
let away = ${views.lse.get("row", "h")} * ${literal(Math.LOG2E)};
${each((n) => `var dq${n} = vec4f();`)}
let end = ${causal ? `min(i0 + ${rows}u, ${seqlen}u)` : window ? `min(i0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var first = ${window ? `max(i0, ${window - 1}u) - ${window - 1}u` : "0u"}; first < end; first += ${tile}u) {
workgroupBarrier();
${fillTiles({
					k: views.k,
					v: views.v
				}, plan, head_dim, "base", seqlen, {
					k: "g",
					v: "g"
				})}
workgroupBarrier();
for (var c = 0u; c < ${tile}u; c += ${chunk}u) { let j = first + c;
${dots("s", "q", "k", plan)}
${dots("e", "d", "v", plan)}
${sumSplit(both, plan, target)}
${all.map((n) => `let w${n} = select(0.0, exp2(s${n} * ${literal(base2)} - away), ${sees(shape, "i", `(j + ${n}u)`)}) * (e${n} - D);`).join("\n")}
${each((n) => `dq${n} += ${all.map((m) => `w${m} * ${fromTile("k", plan, m, n)}`).join(" + ")};`)}
} }
if (i < ${seqlen}u) { ${putHead(views.dq, plan, head_dim, "row", "h", (n) => `dq${n} * ${literal(1 / Math.sqrt(head_dim))}`)} }`
			});
		}
		function keys() {
			const bound = bindOperands({
				d_o: headReads(d_o, head_dim),
				q: headReads(q, head_dim),
				k: headReads(k, head_dim),
				v: headReads(v, head_dim),
				lse: reads(lse),
				D: part(scratch, 0, batch * seqlen * heads),
				dk: writes(dk, vec),
				dv: writes(dv, vec)
			});
			const { views } = bound;
			const from = causal ? "j0" : window ? `max(j0, ${window - 1}u) - ${window - 1}u` : "0u";
			const shared = heads / kv_heads;
			return kernel({
				label: "attention_grad.keys",
				bound,
				workgroup,
				groups: [
					blocks,
					kv_heads,
					batch
				],
				subgroups: target.subgroup > 1,
				globals: `${tileMemory$1(["q", "d_o"], plan)}
var<workgroup> aways: array<f32, ${tile}>; var<workgroup> Ds: array<f32, ${tile}>;
${memory}`,
				body: `let part = li % ${split}u; let j0 = wid.x * ${rows}u; let j = j0 + li / ${split}u;
let g = wid.y; let base = wid.z * ${seqlen}u; let row = base + min(j, ${seqlen - 1}u);
${loadHead("k", views.k, plan, head_dim, "row", "g")}
${loadHead("v", views.v, plan, head_dim, "row", "g")}
${each((n) => `var dk${n} = vec4f(); var dv${n} = vec4f();`)}
let end = ${window ? `min(j0 + ${rows - 1 + window}u, ${seqlen}u)` : `${seqlen}u`};
for (var h = g * ${shared}u; h < (g + 1u) * ${shared}u; h++) {
for (var first = ${from}; first < end; first += ${tile}u) {
workgroupBarrier();
${fillTiles({
					q: views.q,
					d_o: views.d_o
				}, plan, head_dim, "base", seqlen, {
					q: "h",
					d_o: "h"
				})}
for (var n = li; n < ${tile}u; n += ${workgroup}u) { let r = base + min(first + n, ${seqlen - 1}u);
aways[n] = ${views.lse.get("r", "h")} * ${literal(Math.LOG2E)}; Ds[n] = ${views.D.get("0u", `r * ${heads}u + h`)}; }
workgroupBarrier();
for (var c = 0u; c < ${tile}u; c += ${chunk}u) { let i = first + c;
${dots("s", "k", "q", plan)}
${dots("e", "v", "d_o", plan)}
${sumSplit(both, plan, target)}
${all.map((n) => {
					const inside = `i + ${n}u < ${seqlen}u && ${sees(shape, `(i + ${n}u)`, "j")}`;
					return `let p${n} = select(0.0, exp2(s${n} * ${literal(base2)} - aways[c + ${n}u]), ${inside}); let w${n} = p${n} * (e${n} - Ds[c + ${n}u]);`;
				}).join("\n")}
${each((n) => `dv${n} += ${all.map((m) => `p${m} * ${fromTile("d_o", plan, m, n)}`).join(" + ")}; dk${n} += ${all.map((m) => `w${m} * ${fromTile("q", plan, m, n)}`).join(" + ")};`)}
} } }
if (j < ${seqlen}u) { ${putHead(views.dk, plan, head_dim, "row", "g", (n) => `dk${n} * ${literal(1 / Math.sqrt(head_dim))}`)}
${putHead(views.dv, plan, head_dim, "row", "g", (n) => `dv${n}`)} }`
			});
		}
		return [queries(), keys()];
	}
};
// kernels/ops/attention/attention_step.wgsl.ts
/** Threads of a workgroup, which is one head of one sequence, and the keys it weighs at a time. */
const THREADS = 64;
/**
* Keys by threads give the weights, then columns by threads add up the values. The new key and value are read from k and v, not from the
* rings, because the workgroup that writes them there need not have done so; a second dispatch counts the position on.
*/
const attention_step$1 = { dispatches({ inputs: [q, k, v, keys, values, position], outputs: [y], attrs }, { software }) {
	const [heads, kv_heads] = [num(attrs, "heads"), num(attrs, "kv_heads")];
	const [d, capacity] = [q.cols / heads, keys.cols / k.cols];
	const threads = software ? 16 : THREADS;
	const bound = bindOperands({
		q: reads(q),
		k: reads(k),
		v: reads(v),
		keys: writes(keys),
		values: writes(values),
		position: reads(position),
		y: writes(y)
	});
	const { views } = bound;
	const columns = Math.ceil(d / threads);
	const each = (code) => range(columns).map((n) => (n + 1) * threads <= d ? code(n) : `if (li + ${n * threads}u < ${d}u) { ${code(n)} }`).join("\n");
	const column = (n) => `head + li + ${n * threads}u`;
	const counting = bindOperands({ position: writes(position) });
	return [kernel({
		label: "attention_step",
		bound,
		workgroup: threads,
		groups: heads * q.rows,
		globals: `var<workgroup> weights: array<f32, ${threads}>; var<workgroup> before: u32;`,
		body: `let b = w / ${heads}u; let h = w % ${heads}u; let head = h * ${kv_heads}u / ${heads}u * ${d}u;
if (li == 0u) { before = u32(${views.position.get("b", "0u")}); }
let t = workgroupUniformLoad(&before); let slot = t % ${capacity}u; let n = min(t + 1u, ${capacity}u);
if (h % ${heads / kv_heads}u == 0u) { ${each((m) => `${views.keys.put("b", `slot * ${k.cols}u + ${column(m)}`, views.k.get("b", column(m)))} ${views.values.put("b", `slot * ${k.cols}u + ${column(m)}`, views.v.get("b", column(m)))}`)} }
var most = -1e30; var sum = 0.0; ${range(columns).map((m) => `var y${m} = 0.0;`).join(" ")}
for (var first = 0u; first < n; first += ${threads}u) {
let j = first + li; var s = -1e30;
if (j < n) { s = 0.0; for (var c = 0u; c < ${d}u; c++) {
let a = ${views.q.get("b", `h * ${d}u + c`)};
if (j == slot) { s += a * ${views.k.get("b", "head + c")}; } else { s += a * ${views.keys.get("b", `j * ${k.cols}u + head + c`)}; } }
s *= ${literal(1 / Math.sqrt(d))}; }
weights[li] = s; workgroupBarrier();
var now = most; for (var m = 0u; m < ${threads}u; m++) { now = max(now, weights[m]); }
let shrink = exp(most - now); most = now; workgroupBarrier();
weights[li] = select(0.0, exp(s - now), j < n); workgroupBarrier();
var part = 0.0; for (var m = 0u; m < ${threads}u; m++) { part += weights[m]; }
sum = sum * shrink + part;
${range(columns).map((m) => `y${m} *= shrink;`).join(" ")}
for (var m = 0u; m < min(${threads}u, n - first); m++) { let at = first + m; let p = weights[m];
${each((m) => `if (at == slot) { y${m} += p * ${views.v.get("b", column(m))}; } else { y${m} += p * ${views.values.get("b", `at * ${k.cols}u + ${column(m)}`)}; }`)} }
workgroupBarrier(); }
${each((m) => views.y.put("b", `h * ${d}u + li + ${m * threads}u`, `y${m} / sum`))}`
	}), kernel({
		label: "attention_step.position",
		bound: counting,
		workgroup: threads,
		groups: Math.ceil(q.rows / threads),
		body: `let b = w * ${threads}u + li; if (b >= ${q.rows}u) { return; } ${counting.views.position.put("b", "0u", `${counting.views.position.get("b", "0u")} + 1.0`)}`
	})];
} };
// kernels/ops/channel_scale/channel_scale.wgsl.ts
const channel_scale$1 = { dispatches({ inputs: [x, weight, addend], outputs: [y] }, { software }) {
	const vec = x.cols % 4 === 0;
	const width = vec ? x.cols / 4 : x.cols;
	const bound = bindOperands({
		x: reads(x, vec),
		weight: reads(weight, vec),
		...addend ? { addend: reads(addend, vec) } : {},
		y: writes(y, vec)
	});
	const get = (name, row) => vec ? bound.views[name].get4(row, "c") : bound.views[name].get(row, "c");
	const value = `${get("x", "r")} * ${get("weight", "0u")}${addend ? ` + ${get("addend", "r")}` : ""}`;
	const workgroup = software ? 64 : 256;
	return [kernel({
		label: "channel_scale",
		bound,
		workgroup,
		groups: ceilDiv(x.rows * width, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * width}u) { return; } let r = i / ${width}u; let c = i % ${width}u;
${vec ? bound.views.y.put4("r", "c", value) : bound.views.y.put("r", "c", value)}`
	})];
} };
// kernels/backends/webgpu/columns.ts
/** Slices of the rows summed apart before the slices are summed: depends on the shape only. */
const rowSlices = (rows, cols) => rows <= 256 ? 1 : Math.max(1, Math.min(ceilDiv(rows, 64), ceilDiv(65536, cols), 256));
const LANES$2 = 4;
/**
* y (1, cols) = Σ over rows of `term`, in a fixed order: within slices first, then over slices. `term` is WGSL over the inputs' names at
* row r, column c; a row operand of G columns has one value for each of G equal slices of the columns. `scratch` holds slices × cols
* elements when there is more than one slice.
*/
function sumColumns(label, inputs, term, output, scratch, target, rowOperands = {}) {
	const { rows } = Object.values(inputs)[0];
	const cols = output.cols;
	const slices = rowSlices(rows, cols);
	const width = target.software ? 8 : 32;
	const tiles = ceilDiv(cols, width);
	const perSlice = ceilDiv(rows, slices);
	const bound = bindOperands({
		...Object.fromEntries(Object.entries({
			...inputs,
			...rowOperands
		}).map(([k, o]) => [k, reads(o)])),
		result: slices > 1 ? part(scratch, 0, slices * cols, { write: true }) : writes(output)
	});
	const lets = [...Object.keys(inputs).map((k) => `let ${k} = ${bound.views[k].get("r", "c")};`), ...Object.entries(rowOperands).map(([k, o]) => `let ${k} = ${bound.views[k].get("r", o.cols === 1 ? "0u" : `c / ${cols / o.cols}u`)};`)];
	const first = kernel({
		label,
		bound,
		workgroup: width * LANES$2,
		groups: [
			tiles,
			slices,
			1
		],
		globals: `var<workgroup> sums: array<f32, ${width * LANES$2}>;`,
		body: `let lane = li / ${width}u; let col = wid.x * ${width}u + li % ${width}u; let c = min(col, ${cols - 1}u);
var sum = 0.0;
let last = min((wid.y + 1u) * ${perSlice}u, ${rows}u);
for (var r = wid.y * ${perSlice}u + lane; r < last; r += ${LANES$2}u) { ${lets.join(" ")} sum += ${term}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && col < ${cols}u) { let total = (sums[li] + sums[li + ${width}u]) + (sums[li + ${2 * width}u] + sums[li + ${3 * width}u]);
${slices > 1 ? bound.views.result.put("0u", `wid.y * ${cols}u + col`, "total") : bound.views.result.put("0u", "col", "total")} }`
	});
	return slices > 1 ? [first, sumSlices(`${label}.slices`, part(scratch, 0, slices * cols), slices, cols, output, target)] : [first];
}
/** y (rows, cols) = Σ over slices of a flat (slices, rows · cols) buffer, in order. */
const sumSlices = (label, source, slices, count, output, target) => sumAllSlices(label, source, slices, count, [{
	first: 0,
	output
}], target);
/**
* The same for several results of one size in one dispatch; `first` is where each one's slices start in the source. Few columns over many
* slices get more threads each.
*/
function sumAllSlices(label, source, slices, count, results, target) {
	const lanes = target.software ? 8 : slices <= 8 ? 4 : slices > 64 && count < 8192 ? 32 : 8;
	const width = target.software ? 8 : 256 / lanes;
	const [across, down] = line(ceilDiv(count, width));
	const name = (k) => `result${k}`;
	const bound = bindOperands({
		source,
		...Object.fromEntries(results.map(({ output }, k) => [name(k), writes(output)]))
	});
	const { views } = bound;
	const ahead = slices > 4 * lanes ? 4 : 1;
	const load = (k) => views.source.get("0u", `start + min(s + ${k * lanes}u, ${slices - 1}u) * ${count}u + j`);
	const pick = (code) => results.length === 1 ? code(0) : results.map((_, k) => `if (wid.z == ${k}u) { ${code(k)} }`).join(" else ");
	return kernel({
		label,
		bound,
		workgroup: width * lanes,
		groups: [
			across,
			down,
			results.length
		],
		globals: `var<workgroup> sums: array<f32, ${width * lanes}>;`,
		body: `let i = (wid.x + wid.y * ${across}u) * ${width}u + li % ${width}u; let lane = li / ${width}u; let j = min(i, ${count - 1}u);
var start = 0u; ${pick((k) => `start = ${results[k].first}u;`)}
var sum = 0.0;
for (var s = lane; s < ${slices}u; s += ${ahead * lanes}u) { ${range(ahead).map((k) => `let v${k} = ${load(k)};`).join(" ")} ${range(ahead).map((k) => k ? `if (s + ${k * lanes}u < ${slices}u) { sum += v${k}; }` : "sum += v0;").join(" ")} }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && i < ${count}u) { var total = sum; for (var k = 1u; k < ${lanes}u; k++) { total += sums[li + k * ${width}u]; }
${pick((k) => views[name(k)].put(`i / ${results[k].output.cols}u`, `i % ${results[k].output.cols}u`, "total"))} }`
	});
}
// kernels/ops/column_sum/column_sum.wgsl.ts
const column_sum$1 = {
	scratch([x]) {
		const slices = rowSlices(x.rows, x.cols);
		return slices > 1 ? slices * x.cols : 0;
	},
	dispatches: ({ inputs: [x], outputs: [y], scratch }, target) => sumColumns("column_sum", { x }, "x", y, scratch, target)
};
// kernels/ops/diagonal_scan/diagonalPlan.ts
function diagonalShape(u, C, attrs, target) {
	const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
	const Q = !target.software && seqlen >= 1024 ? 64 : 32;
	const chunks = ceilDiv(seqlen, Q);
	const [RM, RN] = target.software ? [2, 4] : [4, 8];
	const [M, complex] = [C.cols, !attrs.real];
	const modes = complex ? M / 2 : M;
	return {
		batch,
		seqlen,
		H: u.cols,
		modes,
		M,
		complex,
		Q,
		chunks,
		rows: batch * chunks,
		RM,
		RN,
		workgroup: target.software ? 32 : 128
	};
}
/** What the forward pass keeps: powers W, read-out V, decay of a chunk, w, taps T of the kernel (D in the first), state before each chunk. */
function savedRegions$3({ Q, M, H, rows }) {
	return regions({
		W: Q * M * H,
		V: Q * M * H,
		end: M * H,
		weights: M * H,
		T: Q * H,
		S: rows * M * H
	});
}
/** Slices of the sum over chunks, so that few channels still fill a GPU. */
const slicesOf = ({ H, Q, M, RM, RN, rows }, target) => target.software ? Math.min(2, rows) : Math.max(1, Math.min(8, ceilDiv(rows, 32), ceilDiv(65536, H * (Q / RM) * ceilDiv(M, RN))));
function gradRegions$3(shape, target) {
	const { Q, M, H, rows, batch, modes } = shape;
	const slices = slicesOf(shape, target);
	return regions({
		L: rows * M * H,
		dEnd: batch * M * H,
		dV: slices * Q * M * H,
		dW: slices * Q * M * H,
		dD: slices * Q * Q * H,
		taps: Q * H,
		dt: modes * H,
		turns: modes * H
	});
}
/** A region of the saved or scratch buffer as a binding. */
const region = (whole, layout, name, count, write = false) => part(whole, layout.first[name], count, { write });
/**
* exp, sin and cos good to a unit in the last place or two (WGSL's own may be far off), and the zero-order hold of a mode. The phase Δ·Im A
* carries what float32 rounds off it as a second part: a long memory multiplies its error by thousands of steps.
*/
const MODE_FUNCTIONS = `
/** e^x and what is missing from it. */
fn exponential(x: f32) -> vec2f {
  let k = round(clamp(x, -87.0, 88.0) * 1.44269504);
  let r = (x - k * 0.693359375) + k * 2.12194440e-4;
  let p = ((((1.9875691500e-4 * r + 1.3981999507e-3) * r + 8.3334519073e-3) * r + 4.1665795894e-2) * r + 1.6666665459e-1) * r + 0.5;
  let t = fma(p, r * r, r); let s = 1.0 + t;
  return vec2f(ldexp(s, i32(k)), ldexp(t - (s - 1.0), i32(k)));
}
/** cos and sin of y.x + y.y, the second part tiny; π/2 is taken off in three parts, the first two of few bits. */
fn turn(y: vec2f) -> vec2f {
  let k = round(y.x * 0.636619772);
  let r = (((y.x - k * 1.5703125) - k * 4.837512969970703125e-4) - k * 7.54978995489188216e-8) + y.y;
  let z = r * r;
  let s = fma(((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1) * z, r, r);
  let c = fma(((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2) * z, z, fma(-0.5, z, 1.0));
  let q = i32(k) & 3;
  let swapped = select(vec2f(c, s), vec2f(s, c), (q & 1) == 1);
  return vec2f(select(swapped.x, -swapped.x, q == 1 || q == 2), select(swapped.y, -swapped.y, q >= 2));
}
fn product(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }
/** a · conj(b) */
fn against(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y); }
/** What a · b loses to rounding (Dekker's product: fma need not be fused in WGSL). */
fn lost(a: f32, b: f32) -> f32 {
  let x = bitcast<f32>(bitcast<u32>(a) & 0xfffff000u); let y = bitcast<f32>(bitcast<u32>(b) & 0xfffff000u);
  return ((x * y - a * b) + x * (b - y) + (a - x) * y) + (a - x) * (b - y);
}
struct Mode { dt: f32, A: vec2f, x: f32, y: vec2f, mu: vec2f, beta: vec2f }
/** Δ, A, ΔA = x + i y, μ = e^{ΔA} − 1 and β = μ/A. */
fn hold(log_dt: f32, log_A_real: f32, A_imag: f32) -> Mode { return holdAt(log_dt, vec2f(-exponential(log_A_real).x, A_imag)); }
fn holdAt(log_dt: f32, A: vec2f) -> Mode {
  let dt = exponential(log_dt);
  let x = dt.x * A.x; let y = vec2f(dt.x * A.y, lost(dt.x, A.y) + dt.y * A.y);
  let grown = exponential(x).x;
  let series = x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0 * (1.0 + x / 7.0))))));
  let cs = turn(y); let half = turn(0.5 * y).y;
  let mu = vec2f(select(grown - 1.0, series, x > -0.5) * cs.x - 2.0 * half * half, grown * cs.y);
  return Mode(dt.x, A, x, y, mu, against(mu, A) / dot(A, A));
}
/** e^{QΔA} for Q a power of two, so that Q·z is exact. */
fn power(z: Mode, Q: f32) -> vec2f { return exponential(z.x * Q).x * turn(z.y * Q); }
/** (z e^z − e^z + 1) / z², by its series where that would cancel. */
fn slope(z: Mode) -> vec2f {
  let a = vec2f(z.x, z.y.x);
  if (dot(a, a) > 1.0) { return against(against(product(a - vec2f(1.0, 0.0), z.mu + vec2f(1.0, 0.0)) + vec2f(1.0, 0.0), a) / dot(a, a), a) / dot(a, a); }
  var sum = vec2f(); var term = vec2f(1.0, 0.0);
  for (var k = 0u; k < 12u; k++) { sum += term / f32(k + 2u); term = product(term, a) / f32(k + 1u); }
  return sum;
}`;
// kernels/ops/diagonal_scan/discretise.ts
const times = (x, y) => [x[0] * y[0] - x[1] * y[1], x[0] * y[1] + x[1] * y[0]];
const plus = (x, y) => [x[0] + y[0], x[1] + y[1]];
const conj = (x) => [x[0], -x[1]];
const scale = (k, x) => [k * x[0], k * x[1]];
const over = (x, y) => scale(1 / (y[0] * y[0] + y[1] * y[1]), times(x, conj(y)));
/** e^z − 1 without cancellation near z = 0. */
const expMinusOne = ([x, y]) => [Math.expm1(x) * Math.cos(y) - 2 * Math.sin(y / 2) ** 2, Math.exp(x) * Math.sin(y)];
function mode(p, h, n) {
	const dt = Math.exp(at(p.log_dt, 0, h));
	const A = [-Math.exp(at(p.log_A_real, h, n)), p.A_imag ? at(p.A_imag, h, n) : 0];
	const z = scale(dt, A);
	const grown = expMinusOne(z);
	const beta = over(grown, A);
	const C = p.A_imag ? [at(p.C, h, 2 * n), at(p.C, h, 2 * n + 1)] : [at(p.C, h, n), 0];
	return {
		dt,
		A,
		z,
		a: plus(grown, [1, 0]),
		beta,
		C,
		w: times(C, beta)
	};
}
/** Checks the parameters' shapes for d_model channels; returns the real numbers of state per channel. */
function stateSize(where, d_model, inputs, attrs) {
	const [log_dt, log_A_real, C, D, A_imag] = inputs;
	const modes = log_A_real.cols;
	requireShape(log_A_real.rows === d_model, `${where}: log_A_real has ${log_A_real.rows} rows, expected ${d_model}`);
	expectType(`${where}: log_dt`, log_dt, f32(1, d_model));
	expectType(`${where}: C`, C, f32(d_model, attrs.real ? modes : 2 * modes));
	expectType(`${where}: D`, D, f32(1, d_model));
	if (!attrs.real) expectType(`${where}: A_imag`, A_imag, log_A_real);
	return C.cols;
}
/** Ranges of random test inputs around published initialisations: log_dt, log_A_real, C, D, A_imag. */
const parameterRanges = (slowest) => [
	[Math.log(slowest), Math.log(.1)],
	[Math.log(.3), Math.log(.8)],
	[-1, 1],
	[-1, 1],
	[0, 60]
];
// kernels/ops/complex_scan/complex_scan.ts
/** The largest real part an eigenvalue is held to with attrs.clip (S5's clip_eigs): slower decay than that would never end. */
const LARGEST_REAL = -1e-4;
const testCase$17 = (batch, seqlen, modes, clip = false, slowest = .001) => ({
	inputs: [
		f32(batch * seqlen, 2 * modes),
		f32(1, modes),
		f32(1, modes),
		f32(1, modes)
	],
	attrs: {
		batch,
		seqlen,
		clip
	},
	range: [
		[-1, 1],
		clip ? [-.4, .4] : [-.8, -.3],
		[0, 60],
		[Math.log(slowest), Math.log(.1)]
	]
});
/** Zero-order hold of one mode of a shared state: Λ (held below LARGEST_REAL with clip), Δ, a = e^{ΔΛ}, β = (a − 1)/Λ. */
function sharedMode(Lambda_re, Lambda_im, log_step, n, attrs) {
	const real = at(Lambda_re, 0, n);
	const clipped = !!attrs.clip && real > -1e-4;
	const Lambda = [clipped ? LARGEST_REAL : real, at(Lambda_im, 0, n)];
	const dt = Math.exp(at(log_step, 0, n));
	const grown = expMinusOne(scale(dt, Lambda));
	return {
		Lambda,
		clipped,
		dt,
		a: plus(grown, [1, 0]),
		beta: over(grown, Lambda)
	};
}
function scanShapes(where, inputs, rows) {
	const [v, Lambda_re, Lambda_im, log_step] = inputs;
	requireShape(v.rows === rows, `${where}: v has ${v.rows} rows, expected ${rows}`);
	expectType(`${where}: v`, v, f32(rows, 2 * Lambda_re.cols));
	expectType(`${where}: Lambda_im`, Lambda_im, Lambda_re);
	expectType(`${where}: log_step`, log_step, Lambda_re);
	return v;
}
/**
* The shared complex diagonal state of S5 (Smith, Warrington & Linderman 2023, arXiv:2208.04933, eq. 6; zero-order hold, appendix A):
*   x_t = e^{ΔΛ} x_{t−1} + (e^{ΔΛ} − 1)/Λ · v_t, x_{−1} = 0, for modes of which the conjugate half is left out.
* v = B u (batch·seqlen, 2·modes), real parts first, then imaginary parts · Lambda_re, Lambda_im, log_step (1, modes). What comes out is what
* a real read-out 2 Re(C x) multiplies: y (batch·seqlen, 2·modes) = (2 Re x, −2 Im x). attrs batch, seqlen, clip (LARGEST_REAL).
*/
const complex_scan$1 = defineOp({
	name: "complex_scan",
	inputs: [
		"v",
		"Lambda_re",
		"Lambda_im",
		"log_step"
	],
	outputs: ["y"],
	infer: (inputs, attrs) => [scanShapes("complex_scan", inputs, num(attrs, "batch") * num(attrs, "seqlen"))],
	reference([v, Lambda_re, Lambda_im, log_step], [y], attrs) {
		const modes = Lambda_re.cols;
		for (let n = 0; n < modes; n++) {
			const { a, beta } = sharedMode(Lambda_re, Lambda_im, log_step, n, attrs);
			let x = [0, 0];
			for (let r = 0; r < v.rows; r++) {
				if (r % num(attrs, "seqlen") === 0) x = [0, 0];
				x = plus(times(a, x), times(beta, [at(v, r, n), at(v, r, modes + n)]));
				set(y, r, n, 2 * x[0]);
				set(y, r, modes + n, -2 * x[1]);
			}
		}
	},
	gradient: (builder, { inputs, outputs: [y], attrs }, [dy]) => dy ? builder.apply("complex_scan_grad", [
		dy,
		y,
		...inputs
	], attrs) : [],
	cost: ([v]) => ({ flops: 8 * elements(v) }),
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: [
		testCase$17(1, 1, 1),
		testCase$17(2, 63, 5),
		testCase$17(3, 65, 33, true),
		testCase$17(2, 300, 9),
		testCase$17(1, 2100, 4)
	]
});
// kernels/ops/complex_scan/complex_scan.wgsl.ts
/** Steps of a chunk: a power of two. */
const chunkOf = (target) => target.software ? 32 : 64;
const shapeOf$2 = (modes, attrs, target) => {
	const [seqlen, Q] = [num(attrs, "seqlen"), chunkOf(target)];
	return {
		batch: num(attrs, "batch"),
		seqlen,
		modes,
		Q,
		chunks: ceilDiv(seqlen, Q),
		workgroup: target.software ? 32 : 64
	};
};
/** Elements of one complex number per chunk and mode. */
const borders = ({ batch, chunks, modes }) => 2 * batch * chunks * modes;
/** WGSL of a mode `z` at n from views of the parameters. */
const modeAt = (v, clip) => {
	const re = v.Lambda_re.get("0u", "n");
	return `let z = holdAt(${v.log_step.get("0u", "n")}, vec2f(${clip ? `min(${re}, ${literal(LARGEST_REAL)})` : re}, ${v.Lambda_im.get("0u", "n")}));`;
};
/** One thread a mode of a chunk: b, k (the chunk), n; t0 … t1 are its rows. */
const threads$1 = ({ batch, chunks, modes, seqlen, Q, workgroup }) => `let i = w * ${workgroup}u + li; if (i >= ${batch * chunks * modes}u) { return; } let n = i % ${modes}u; let k = i / ${modes}u % ${chunks}u; let b = i / ${modes * chunks}u;
let t0 = b * ${seqlen}u + k * ${Q}u; let t1 = min(t0 + ${Q}u, (b + 1u) * ${seqlen}u); let at = (b * ${chunks}u + k) * ${2 * modes}u + n;`;
const pair$1 = (get, modes) => `vec2f(${get("n")}, ${get(`${modes}u + n`)})`;
/** Replaces what each chunk adds by the state before it (or, backwards, the adjoint after it): one thread a mode of a sequence. */
function carry$1(label, shape, parameters, clip, scratch, backwards) {
	const { batch, chunks, modes, Q, workgroup } = shape;
	const [Lambda_re, Lambda_im, log_step] = parameters;
	const bound = bindOperands({
		Lambda_re: reads(Lambda_re),
		Lambda_im: reads(Lambda_im),
		log_step: reads(log_step),
		S: part(scratch, 0, borders(shape), { write: true })
	});
	const { S } = bound.views;
	return kernel({
		label,
		bound,
		workgroup,
		groups: ceilDiv(batch * modes, workgroup),
		globals: MODE_FUNCTIONS,
		body: `let i = w * ${workgroup}u + li; if (i >= ${batch * modes}u) { return; } let n = i % ${modes}u; let b = i / ${modes}u;
${modeAt(bound.views, clip)} let decay = power(z, ${Q}.0) * vec2f(1.0, ${backwards ? "-1.0" : "1.0"}); var s = vec2f();
for (var c = 0u; c < ${chunks}u; c++) { let at = (b * ${chunks}u + ${backwards ? `${chunks - 1}u - c` : "c"}) * ${2 * modes}u + n;
let added = vec2f(${S.get("0u", "at")}, ${S.get("0u", `at + ${modes}u`)});
${S.put("0u", "at", "s.x")} ${S.put("0u", `at + ${modes}u`, "s.y")}
s = added + product(decay, s); }`
	});
}
/** Chunks by themselves, the carry over chunks, then each chunk again from its state. */
const complex_scan = {
	scratch: ([, Lambda_re], attrs, target) => borders(shapeOf$2(Lambda_re.cols, attrs, target)),
	dispatches({ inputs: [v, ...parameters], outputs: [y], attrs, scratch }, target) {
		const shape = shapeOf$2(parameters[0].cols, attrs, target);
		const { modes, workgroup } = shape;
		const groups = ceilDiv(borders(shape) / 2, workgroup);
		const [Lambda_re, Lambda_im, log_step] = parameters;
		const walk = (label, last) => {
			const bound = bindOperands({
				v: reads(v),
				Lambda_re: reads(Lambda_re),
				Lambda_im: reads(Lambda_im),
				log_step: reads(log_step),
				S: part(scratch, 0, borders(shape), { write: !last }),
				...last ? { y: writes(y) } : {}
			});
			const { views } = bound;
			return kernel({
				label,
				bound,
				workgroup,
				groups,
				globals: MODE_FUNCTIONS,
				body: `${threads$1(shape)} ${modeAt(views, !!attrs.clip)}
var s = ${last ? `vec2f(${views.S.get("0u", "at")}, ${views.S.get("0u", `at + ${modes}u`)})` : "vec2f()"};
for (var r = t0; r < t1; r++) { let x = ${pair$1((c) => views.v.get("r", c), modes)}; s = (s + product(z.beta, x)) + product(z.mu, s);
${last ? `${views.y.put("r", "n", "2.0 * s.x")} ${views.y.put("r", `${modes}u + n`, "-2.0 * s.y")}` : ""} }
${last ? "" : `${views.S.put("0u", "at", "s.x")} ${views.S.put("0u", `at + ${modes}u`, "s.y")}`}`
			});
		};
		return [
			walk("complex_scan.chunks", false),
			carry$1("complex_scan.carry", shape, parameters, !!attrs.clip, scratch, false),
			walk("complex_scan.y", true)
		];
	}
};
const gradRegions$2 = (shape) => regions({
	S: borders(shape),
	parts: 2 * borders(shape)
});
const complex_scan_grad$1 = {
	scratch: ([, , , Lambda_re], attrs, target) => gradRegions$2(shapeOf$2(Lambda_re.cols, attrs, target)).total,
	dispatches({ inputs: [dy, y, v, ...parameters], outputs: [dv, dLambda_re, dLambda_im, dlog_step], attrs, scratch }, target) {
		const shape = shapeOf$2(parameters[0].cols, attrs, target);
		const { modes, workgroup, batch, chunks, seqlen } = shape;
		const groups = ceilDiv(borders(shape) / 2, workgroup);
		const [Lambda_re, Lambda_im, log_step] = parameters;
		const layout = gradRegions$2(shape);
		const params = {
			Lambda_re: reads(Lambda_re),
			Lambda_im: reads(Lambda_im),
			log_step: reads(log_step)
		};
		const first = bindOperands({
			dy: reads(dy),
			...params,
			S: part(scratch, 0, borders(shape), { write: true })
		});
		const chunkSums = kernel({
			label: "complex_scan_grad.chunks",
			bound: first,
			workgroup,
			groups,
			globals: MODE_FUNCTIONS,
			body: `${threads$1(shape)} ${modeAt(first.views, !!attrs.clip)} let back = z.mu * vec2f(1.0, -1.0); var a = vec2f();
for (var r = t1; r > t0; r--) { a = (a + ${pair$1((c) => first.views.dy.get("r - 1u", c), modes)} * vec2f(2.0, -2.0)) + product(back, a); }
${first.views.S.put("0u", "at", "a.x")} ${first.views.S.put("0u", `at + ${modes}u`, "a.y")}`
		});
		const second = bindOperands({
			dy: reads(dy),
			y: reads(y),
			v: reads(v),
			...params,
			scratch: part(scratch, 0, layout.total, { write: true }),
			dv: writes(dv)
		});
		const s = second.views;
		const P = layout.first.parts;
		const walk = kernel({
			label: "complex_scan_grad.dv",
			bound: second,
			workgroup,
			groups,
			globals: MODE_FUNCTIONS,
			body: `${threads$1(shape)} ${modeAt(s, !!attrs.clip)} let back = z.mu * vec2f(1.0, -1.0);
var a = vec2f(${s.scratch.get("0u", "at")}, ${s.scratch.get("0u", `at + ${modes}u`)}); var db = vec2f(); var da = vec2f();
for (var r = t1; r > t0; r--) { let q = r - 1u; a = (a + ${pair$1((c) => s.dy.get("q", c), modes)} * vec2f(2.0, -2.0)) + product(back, a);
let d = against(a, z.beta); ${s.dv.put("q", "n", "d.x")} ${s.dv.put("q", `${modes}u + n`, "d.y")}
db += against(a, ${pair$1((c) => s.v.get("q", c), modes)});
if (q > b * ${seqlen}u) { da += product(a, 0.5 * ${pair$1((c) => s.y.get("q - 1u", c), modes)}); } }
let to = ${P}u + i * 4u; ${[
				"db.x",
				"db.y",
				"da.x",
				"da.y"
			].map((value, j) => s.scratch.put("0u", `to + ${j}u`, value)).join(" ")}`
		});
		const last = bindOperands({
			...params,
			parts: part(scratch, P, 2 * borders(shape)),
			dLambda_re: writes(dLambda_re),
			dLambda_im: writes(dLambda_im),
			dlog_step: writes(dlog_step)
		});
		const f = last.views;
		const ends = kernel({
			label: "complex_scan_grad.modes",
			bound: last,
			workgroup,
			groups: ceilDiv(modes, workgroup),
			globals: MODE_FUNCTIONS,
			body: `let n = w * ${workgroup}u + li; if (n >= ${modes}u) { return; } ${modeAt(f, !!attrs.clip)} var sum = vec4f();
for (var c = 0u; c < ${batch * chunks}u; c++) { sum += ${f.parts.get4("0u", `c * ${modes}u + n`)}; }
let e = z.mu + vec2f(1.0, 0.0); let dz = against(sum.zw, e); let dL = z.dt * (dz + z.dt * against(sum.xy, slope(z)));
${f.dLambda_re.put("0u", "n", attrs.clip ? `select(dL.x, 0.0, ${f.Lambda_re.get("0u", "n")} > ${literal(LARGEST_REAL)})` : "dL.x")} ${f.dLambda_im.put("0u", "n", "dL.y")}
${f.dlog_step.put("0u", "n", "z.dt * (dot(dz, z.A) + dot(sum.xy, e))")}`
		});
		return [
			chunkSums,
			carry$1("complex_scan_grad.carry", shape, parameters, !!attrs.clip, scratch, true),
			walk,
			ends
		];
	}
};
const complex_scan_step$1 = { dispatches({ inputs: [v, Lambda_re, Lambda_im, log_step], outputs: [y, state], attrs }, { software }) {
	const modes = Lambda_re.cols;
	const workgroup = software ? 32 : 64;
	const bound = bindOperands({
		v: reads(v),
		Lambda_re: reads(Lambda_re),
		Lambda_im: reads(Lambda_im),
		log_step: reads(log_step),
		y: writes(y),
		state: writes(state)
	});
	const { views } = bound;
	return [kernel({
		label: "complex_scan_step",
		bound,
		workgroup,
		groups: ceilDiv(v.rows * modes, workgroup),
		globals: MODE_FUNCTIONS,
		body: `let i = w * ${workgroup}u + li; if (i >= ${v.rows * modes}u) { return; } let n = i % ${modes}u; let r = i / ${modes}u;
${modeAt(views, !!attrs.clip)} let s = ${pair$1((c) => views.state.get("r", c), modes)};
let x = (s + product(z.beta, ${pair$1((c) => views.v.get("r", c), modes)})) + product(z.mu, s);
${views.state.put("r", "n", "x.x")} ${views.state.put("r", `${modes}u + n`, "x.y")} ${views.y.put("r", "n", "2.0 * x.x")} ${views.y.put("r", `${modes}u + n`, "-2.0 * x.y")}`
	})];
} };
// kernels/ops/conv1d_silu/conv1d_silu.wgsl.ts
/** A thread owns one or four channels and walks `STEPS` time steps with the window in registers, so each x is read (1 + 3 / STEPS) times. */
const STEPS = 16;
const conv1d_silu$1 = { dispatches({ inputs: [x, weight, bias], outputs: [y], attrs }, { software }) {
	const [batch, seqlen, K] = [
		num(attrs, "batch"),
		num(attrs, "seqlen"),
		weight.cols
	];
	const vec = x.cols % 4 === 0;
	const [T, width] = vec ? ["vec4f", x.cols / 4] : ["f32", x.cols];
	const steps = Math.min(software ? 4 : STEPS, seqlen);
	const workgroup = software ? 32 : 128;
	const bound = bindOperands({
		x: reads(x, vec),
		weight: reads(weight),
		bias: reads(bias, vec),
		y: writes(y, vec)
	});
	const { views } = bound;
	const load = (r) => vec ? views.x.get4(r, "c") : views.x.get(r, "c");
	const tap = (k) => vec ? `vec4f(${range(4).map((j) => views.weight.get(`c * 4u + ${j}u`, `${k}u`)).join(", ")})` : views.weight.get("c", `${k}u`);
	const tiles = ceilDiv(seqlen, steps);
	const past = K - 1;
	const step = (s) => `{ let t = t0 + ${s}u; ${seqlen % steps ? `if (t < ${seqlen}u)` : ""} { x${past + s} = ${load(`base + t`)};
let p = bias + ${range(K).map((k) => `k${k} * x${s + k}`).join(" + ")}; ${vec ? views.y.put4("base + t", "c", "p / (1.0 + exp(-p))") : views.y.put("base + t", "c", "p / (1.0 + exp(-p))")} } }`;
	return [kernel({
		label: "conv1d_silu",
		bound,
		workgroup,
		groups: [
			ceilDiv(width, workgroup),
			tiles,
			batch
		],
		body: `let c = wid.x * ${workgroup}u + li; if (c >= ${width}u) { return; }
let t0 = wid.y * ${steps}u; let base = wid.z * ${seqlen}u;
${range(K).map((k) => `let k${k} = ${tap(k)};`).join(" ")} let bias = ${vec ? views.bias.get4("0u", "c") : views.bias.get("0u", "c")};
${range(past + steps).map((k) => `var x${k} = ${T}();`).join(" ")}
${range(past).map((k) => `if (t0 + ${k}u >= ${past}u) { x${k} = ${load(`base + t0 + ${k}u - ${past}u`)}; }`).join(" ")}
${range(steps).map(step).join("\n")}`
	})];
} };
// kernels/ops/conv1d_silu/conv1d_silu_grad.wgsl.ts
/** Channels (or groups of four) × time tiles of a workgroup, and time steps a thread walks. */
const shape = (target) => target.software ? {
	channels: 8,
	tiles: 4,
	steps: 4
} : {
	channels: 32,
	tiles: 4,
	steps: 16
};
const partialsFor = (attrs, target) => {
	const { tiles, steps } = shape(target);
	return num(attrs, "batch") * ceilDiv(num(attrs, "seqlen"), tiles * steps);
};
/**
* A thread walks `steps` steps plus the d_conv − 1 after them, whose dp reach back into its own dx; dp is recomputed there, not shared.
* dweight and dbias are summed over a thread's steps, then its workgroup's time tiles; a second dispatch adds the workgroups' sums.
*/
const conv1d_silu_grad$1 = {
	scratch: ([, x, weight], attrs, target) => partialsFor(attrs, target) * x.cols * (weight.cols + 1),
	dispatches({ inputs: [dy, x, weight, bias], outputs: [dx, dweight, dbias], attrs, scratch }, target) {
		const [batch, seqlen, K] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			weight.cols
		];
		const { channels, tiles, steps } = shape(target);
		const vec = x.cols % 4 === 0;
		const [T, width] = vec ? ["vec4f", x.cols / 4] : ["f32", x.cols];
		const partials = partialsFor(attrs, target);
		const past = K - 1;
		const bound = bindOperands({
			dy: reads(dy, vec),
			x: reads(x, vec),
			weight: reads(weight),
			bias: reads(bias, vec),
			dx: writes(dx, vec),
			sums: part(scratch, 0, partials * x.cols * (K + 1), {
				vec,
				write: true
			})
		});
		const { views } = bound;
		const load = (k, r) => vec ? views[k].get4(r, "c") : views[k].get(r, "c");
		const tap = (k) => vec ? `vec4f(${range(4).map((j) => views.weight.get(`c * 4u + ${j}u`, `${k}u`)).join(", ")})` : views.weight.get("c", `${k}u`);
		const step = (s) => `var g${s} = ${T}(); { let t = t0 + ${s}u; if (t < ${seqlen}u) { x${past + s} = ${load("x", "base + t")};
let p = bias + ${range(K).map((k) => `k${k} * x${s + k}`).join(" + ")}; let sg = 1.0 / (1.0 + exp(-p)); g${s} = ${load("dy", "base + t")} * sg * (1.0 + p * (1.0 - sg)); } }
${s < steps ? `db += g${s}; ${range(K).map((k) => `d${k} += g${s} * x${s + k};`).join(" ")}` : ""}
${s >= past ? `if (t0 + ${s - past}u < ${seqlen}u && live) { ${put("dx", `base + t0 + ${s - past}u`, range(K).map((k) => `k${k} * g${s - k}`).join(" + "))} }` : ""}`;
		const put = (k, r, value) => vec ? views[k].put4(r, "c", value) : views[k].put(r, "c", value);
		const tilesPerSequence = ceilDiv(seqlen, tiles * steps);
		const sums = ["db", ...range(K).map((k) => `d${k}`)];
		return [kernel({
			label: "conv1d_silu_grad",
			bound,
			workgroup: channels * tiles,
			groups: [
				ceilDiv(width, channels),
				tilesPerSequence,
				batch
			],
			globals: `var<workgroup> tile: array<${T}, ${channels * tiles}>;`,
			body: `let channel = wid.x * ${channels}u + li % ${channels}u; let live = channel < ${width}u; let c = min(channel, ${width - 1}u);
let t0 = (wid.y * ${tiles}u + li / ${channels}u) * ${steps}u; let base = wid.z * ${seqlen}u;
${range(K).map((k) => `let k${k} = ${tap(k)}; var d${k} = ${T}();`).join(" ")} let bias = ${vec ? views.bias.get4("0u", "c") : views.bias.get("0u", "c")}; var db = ${T}();
${range(past + steps + past).map((k) => `var x${k} = ${T}();`).join(" ")}
${range(past).map((k) => `if (t0 + ${k}u >= ${past}u && t0 + ${k}u - ${past}u < ${seqlen}u) { x${k} = ${load("x", `base + t0 + ${k}u - ${past}u`)}; }`).join(" ")}
${range(steps + past).map(step).join("\n")}
let slot = (wid.z * ${tilesPerSequence}u + wid.y) * ${(K + 1) * width}u;
${sums.map((name, j) => `tile[li] = ${name}; workgroupBarrier();
if (li < ${channels}u && live) { let total = ${range(tiles).map((q) => `tile[li + ${q * channels}u]`).join(" + ")}; ${vec ? views.sums.put4("0u", `slot + ${j * width}u + c`, "total") : views.sums.put("0u", `slot + ${j * width}u + c`, "total")} }
workgroupBarrier();`).join("\n")}`
		}), reduce()];
		function reduce() {
			const lanes = target.software ? 4 : 8;
			const columns = target.software ? 8 : 32;
			const count = x.cols * (K + 1);
			const ends = bindOperands({
				sums: part(scratch, 0, partials * count),
				dweight: writes(dweight),
				dbias: writes(dbias)
			});
			return kernel({
				label: "conv1d_silu_grad.sums",
				bound: ends,
				workgroup: columns * lanes,
				groups: ceilDiv(count, columns),
				globals: `var<workgroup> tile: array<f32, ${columns * lanes}>;`,
				body: `let i = w * ${columns}u + li % ${columns}u; let j = min(i, ${count - 1}u); var sum = 0.0;
for (var s = li / ${columns}u; s < ${partials}u; s += ${lanes}u) { sum += ${ends.views.sums.get("0u", `s * ${count}u + j`)}; }
tile[li] = sum; workgroupBarrier();
if (li < ${columns}u && i < ${count}u) { for (var k = 1u; k < ${lanes}u; k++) { sum += tile[li + k * ${columns}u]; }
let c = i % ${x.cols}u; let k = i / ${x.cols}u;
if (k == 0u) { ${ends.views.dbias.put("0u", "c", "sum")} } else { ${ends.views.dweight.put("c", "k - 1u", "sum")} } }`
			});
		}
	}
};
// kernels/ops/conv1d_silu/conv1d_silu_step.wgsl.ts
const conv1d_silu_step$1 = { dispatches({ inputs: [x, , weight, bias], outputs: [y, state] }, { software }) {
	const keep = weight.cols - 1;
	const bound = bindOperands({
		x: reads(x),
		weight: reads(weight),
		bias: reads(bias),
		y: writes(y),
		state: writes(state)
	});
	const { views } = bound;
	const workgroup = software ? 64 : 128;
	const column = (k) => `c * ${keep}u + ${k}u`;
	return [kernel({
		label: "conv1d_silu_step",
		bound,
		workgroup,
		groups: ceilDiv(x.rows * x.cols, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * x.cols}u) { return; }
let r = i / ${x.cols}u; let c = i % ${x.cols}u;
${range(keep).map((k) => `let x${k} = ${views.state.get("r", column(k))};`).join(" ")} let x${keep} = ${views.x.get("r", "c")};
let p = ${views.bias.get("0u", "c")} + ${range(keep + 1).map((k) => `x${k} * ${views.weight.get("c", `${k}u`)}`).join(" + ")};
${views.y.put("r", "c", "p / (1.0 + exp(-p))")}
${range(keep).map((k) => views.state.put("r", column(k), `x${k + 1}`)).join(" ")}`
	})];
} };
// kernels/ops/copy/copy.wgsl.ts
const copy$1 = { dispatches: ({ inputs: [x], outputs: [y] }, { software }) => [elementwise({
	label: "copy",
	software,
	inputs: { x },
	outputs: { y },
	body: () => "y = x;"
})] };
// kernels/backends/webgpu/rows.ts
const powerOfTwoAtMost = (x) => 2 ** Math.floor(Math.log2(Math.max(1, x)));
function planRows(cols, target) {
	const vec = cols % 4 === 0;
	const units = vec ? cols / 4 : cols;
	const workgroup = target.software ? 32 : 256;
	const wanted = powerOfTwoAtMost(units);
	const lanes = Math.min(wanted, units <= 256 ? 32 : workgroup, target.software ? 8 : workgroup);
	return {
		vec,
		units,
		lanes,
		perLane: ceilDiv(units, lanes),
		workgroup,
		rowsAtOnce: workgroup / lanes
	};
}
/** Workgroup memory that `reduceLanes` needs under the name given. */
const reduceMemory = (name, { workgroup }) => `var<workgroup> ${name}: array<f32, ${workgroup}>;`;
/**
* WGSL that replaces the f32 variable `value` in each of a row's lanes by the sum (or maximum) over them, always in the same order.
* All threads of the workgroup must get there together.
*/
function reduceLanes(value, memory, { lanes, workgroup }, target, combine) {
	const both = (a, b) => combine === "sum" ? `${a} + ${b}` : `max(${a}, ${b})`;
	const within = Math.min(lanes, target.subgroup);
	let code = "";
	for (let step = 1; step < within; step *= 2) code += `${value} = ${both(value, `subgroupShuffleXor(${value}, ${step}u)`)};\n`;
	if (within === lanes) return code;
	const parts = lanes / within;
	const terms = range(parts).map((k) => `${memory}[first + ${k}u]`);
	return `${code}if (li % ${within}u == 0u) { ${memory}[li / ${within}u] = ${value}; }
workgroupBarrier();
{ let first = li / ${lanes}u * ${parts}u; ${value} = ${terms.reduce((a, b) => both(a, b))}; }
${workgroup > 1 ? "workgroupBarrier();" : ""}\n`;
}
// kernels/backends/webgpu/total.ts
const groupsFor$1 = (rows, cols) => Math.max(1, Math.min(1024, ceilDiv(rows * cols, 2048)));
const termScratch = (rows, cols, terms) => groupsFor$1(rows, cols) * terms;
/** Sums over all elements of matrices, in a fixed order: threads, then workgroups, then one workgroup over their results. */
function sumTerms({ label, inputs, terms, scratch, outputs, finish }, target) {
	const { rows, cols } = Object.values(inputs)[0];
	const vec = cols % 4 === 0;
	const [T, width] = vec ? ["vec4f", cols / 4] : ["f32", cols];
	const groups = groupsFor$1(rows, cols);
	const workgroup = target.software ? 32 : 256;
	const partials = (write) => part(scratch, 0, groups * terms.length, { write });
	const one = bindOperands({
		...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o, vec)])),
		partials: partials(true)
	});
	const load = Object.keys(inputs).map((k) => `let ${k} = ${vec ? one.views[k].get4("r", "c") : one.views[k].get("r", "c")};`);
	const memory = terms.map((_, t) => `var<workgroup> sums${t}: array<f32, ${workgroup}>;`).join(" ");
	const tree = `workgroupBarrier();
for (var s = ${workgroup / 2}u; s > 0u; s /= 2u) { if (li < s) { ${terms.map((_, t) => `sums${t}[li] += sums${t}[li + s];`).join(" ")} } workgroupBarrier(); }`;
	return [kernel({
		label,
		bound: one,
		workgroup,
		groups,
		globals: memory,
		body: `${terms.map((_, t) => `var sum${t} = ${T}();`).join(" ")}
for (var i = w * ${workgroup}u + li; i < ${rows * width}u; i += ${groups * workgroup}u) { let r = i / ${width}u; let c = i % ${width}u;
${load.join(" ")} ${terms.map((term, t) => `sum${t} += ${term};`).join(" ")} }
${terms.map((_, t) => vec ? `sums${t}[li] = (sum${t}.x + sum${t}.y) + (sum${t}.z + sum${t}.w);` : `sums${t}[li] = sum${t};`).join(" ")}
${tree}
if (li == 0u) { ${terms.map((_, t) => one.views.partials.put("0u", `w * ${terms.length}u + ${t}u`, `sums${t}[0]`)).join(" ")} }`
	}), totalOf({
		label: `${label}.total`,
		scratch,
		groups,
		terms: terms.length,
		outputs,
		finish
	}, target)];
}
/** The last step of a sum: one workgroup over `groups` partial results of `terms` sums, laid out (groups, terms). */
function totalOf({ label, scratch, groups, terms, outputs, finish }, target) {
	const workgroup = target.software ? 32 : 256;
	const all = range(terms);
	const ahead = Math.min(8, ceilDiv(groups, workgroup));
	const bound = bindOperands({
		partials: part(scratch, 0, groups * terms),
		...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)]))
	});
	return kernel({
		label,
		bound,
		workgroup,
		groups: 1,
		globals: all.map((t) => `var<workgroup> sums${t}: array<f32, ${workgroup}>;`).join(" "),
		body: `${all.map((t) => `var sum${t} = 0.0;`).join(" ")}
for (var g = li; g < ${groups}u; g += ${ahead * workgroup}u) {
${range(ahead).flatMap((k) => all.map((t) => `let v${k}_${t} = ${bound.views.partials.get("0u", `min(g + ${k * workgroup}u, ${groups - 1}u) * ${terms}u + ${t}u`)};`)).join(" ")}
${range(ahead).map((k) => `if (g + ${k * workgroup}u < ${groups}u) { ${all.map((t) => `sum${t} += v${k}_${t};`).join(" ")} }`).join(" ")} }
${all.map((t) => `sums${t}[li] = sum${t};`).join(" ")} workgroupBarrier();
for (var s = ${workgroup / 2}u; s > 0u; s /= 2u) { if (li < s) { ${all.map((t) => `sums${t}[li] += sums${t}[li + s];`).join(" ")} } workgroupBarrier(); }
if (li == 0u) { ${all.map((t) => `let total${t} = sums${t}[0];`).join(" ")} ${Object.keys(outputs).map((k) => `var ${k}: f32;`).join(" ")}
${finish}
${Object.keys(outputs).map((k) => bound.views[k].put("0u", "0u", k)).join(" ")} }`
	});
}
// kernels/ops/cross_entropy/cross_entropy.wgsl.ts
const LOWEST = "-3.4028234e38";
const groupsFor = (rows, vocab, target) => Math.min(ceilDiv(rows, planRows(vocab, target).rowsAtOnce), 2048);
/** Each workgroup leaves the sum of its rows' nll and how many count; a second dispatch adds those up in order. */
const cross_entropy$1 = {
	scratch: ([logits], _attrs, target) => 2 * groupsFor(logits.rows, logits.cols, target),
	dispatches({ inputs: [logits, targets], outputs: [loss, nll, lse, count], scratch }, target) {
		const plan = planRows(logits.cols, target);
		const { vec, units, lanes, perLane, workgroup, rowsAtOnce } = plan;
		const groups = groupsFor(logits.rows, logits.cols, target);
		const steps = ceilDiv(logits.rows, groups * rowsAtOnce);
		const bound = bindOperands({
			logits: reads(logits, vec),
			targets: reads(targets),
			nll: writes(nll),
			lse: writes(lse),
			partials: part(scratch, 0, groups * 2, { write: true })
		});
		const { views } = bound;
		const get = (c) => vec ? views.logits.get4("r", c) : views.logits.get("r", c);
		const T = vec ? "vec4f" : "f32";
		const most = (v) => vec ? `max(max(${v}.x, ${v}.y), max(${v}.z, ${v}.w))` : v;
		const total = (v) => vec ? `((${v}.x + ${v}.y) + (${v}.z + ${v}.w))` : v;
		const col = (k) => `(lane + ${k * lanes}u)`;
		const guard = (k) => (k + 1) * lanes <= units ? "" : `if (${col(k)} < ${units}u)`;
		const softmax = perLane <= 8 ? `${range(perLane).map((k) => `var x${k} = ${T}(); ${guard(k)} { x${k} = ${get(col(k))}; top = max(top, ${most(`x${k}`)}); }`).join("\n")}
${reduceLanes("top", "sums", plan, target, "max")}
${range(perLane).map((k) => `${guard(k)} { let e = exp(x${k} - top); sum += ${total("e")}; }`).join("\n")}` : `for (var c = lane; c < ${units}u; c += ${lanes}u) { let x = ${get("c")}; let above = max(top, ${most("x")}); let e = exp(x - above); sum = sum * exp(top - above) + ${total("e")}; top = above; }
let mine = top;
${reduceLanes("top", "sums", plan, target, "max")}
sum *= exp(mine - top);`;
		return [kernel({
			label: "cross_entropy",
			bound,
			workgroup,
			groups,
			subgroups: target.subgroup > 1,
			globals: `${reduceMemory("sums", plan)} var<workgroup> losses: array<vec2f, ${rowsAtOnce}>;`,
			body: `let lane = li % ${lanes}u; var lost = vec2f();
for (var s = 0u; s < ${steps}u; s++) {
let row = (w + s * ${groups}u) * ${rowsAtOnce}u + li / ${lanes}u; let r = min(row, ${logits.rows - 1}u);
var top = ${LOWEST}; var sum = 0.0;
${softmax}
${reduceLanes("sum", "sums", plan, target, "sum")}
if (lane == 0u && row < ${logits.rows}u) { let z = top + log(sum); let goal = ${views.targets.get("r", "0u")};
var n = 0.0; if (goal >= 0) { let g = min(u32(goal), ${logits.cols - 1}u); n = z - ${views.logits.get("r", "g")}; lost += vec2f(n, 1.0); }
${views.nll.put("r", "0u", "n")} ${views.lse.put("r", "0u", "z")} }
}
if (lane == 0u) { losses[li / ${lanes}u] = lost; } workgroupBarrier();
if (li == 0u) { for (var k = 1u; k < ${rowsAtOnce}u; k++) { lost += losses[k]; }
${views.partials.put("0u", "w * 2u", "lost.x")} ${views.partials.put("0u", "w * 2u + 1u", "lost.y")} }`
		}), totalOf({
			label: "cross_entropy.total",
			scratch,
			groups,
			terms: 2,
			outputs: {
				loss,
				count
			},
			finish: "count = total1; loss = total0 / max(total1, 1.0);"
		}, target)];
	}
};
// kernels/ops/cross_entropy/cross_entropy_grad.wgsl.ts
const cross_entropy_grad$1 = { dispatches({ inputs: [logits, targets, lse, count, dloss], outputs: [dlogits] }, { software }) {
	const vec = logits.cols % 4 === 0;
	const width = vec ? logits.cols / 4 : logits.cols;
	const bound = bindOperands({
		logits: reads(logits, vec),
		targets: reads(targets),
		lse: reads(lse),
		count: reads(count),
		dloss: reads(dloss),
		dlogits: writes(dlogits, vec)
	});
	const { views } = bound;
	const workgroup = software ? 64 : 256;
	const value = vec ? `let hot = select(vec4f(), vec4f(1.0), vec4i(i32(c * 4u)) + vec4i(0, 1, 2, 3) == vec4i(goal)); let d = scale * (exp(${views.logits.get4("r", "c")} - z) - hot);
${views.dlogits.put4("r", "c", "select(d, vec4f(), vec4<bool>(goal < 0))")}` : `let d = scale * (exp(${views.logits.get("r", "c")} - z) - select(0.0, 1.0, i32(c) == goal));
${views.dlogits.put("r", "c", "select(d, 0.0, goal < 0)")}`;
	return [kernel({
		label: "cross_entropy_grad",
		bound,
		workgroup,
		groups: ceilDiv(logits.rows * width, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${logits.rows * width}u) { return; }
let r = i / ${width}u; let c = i % ${width}u; let goal = ${views.targets.get("r", "0u")}; let z = ${views.lse.get("r", "0u")};
let scale = ${views.dloss.get("0u", "0u")} / max(${views.count.get("0u", "0u")}, 1.0);
${value}`
	})];
} };
// kernels/ops/ctc/ctc.wgsl.ts
/** Scratch: log Σ exp of each row, forward weights by step and state, −log p and whether it is scored of each sequence. */
function layout$1([logits, labels], attrs) {
	const states = 2 * labels.cols + 1;
	return regions({
		lse: logits.rows,
		alpha: logits.rows * states,
		terms: 2 * num(attrs, "batch")
	});
}
const MASKED = "-1e30";
/** log Σ of three logarithms of which some may be MASKED. */
const GLOBALS = `fn log3(a: f32, b: f32, c: f32) -> f32 { let m = max(a, max(b, c)); return m + log(exp(a - m) + exp(b - m) + exp(c - m)); }`;
/** The class of state s, and whether state s − 2 may come straight to it. */
const states = (labels) => `fn class_(b: u32, s: u32) -> u32 { if (s % 2u == 0u) { return 0u; } return u32(max(${labels.get("b", "s / 2u")}, 0)); }
fn skips(b: u32, s: u32) -> bool { return s >= 3u && s % 2u == 1u && class_(b, s) != class_(b, s - 2u) && class_(b, s) != 0u; }`;
/** −log p per sequence with log weights relative to the largest of the step before, which f32 keeps exact where they matter. */
function walk$1(inputs, attrs, scratch, target) {
	const [logits, labels] = inputs;
	const [batch, seqlen, V, most] = [
		num(attrs, "batch"),
		num(attrs, "seqlen"),
		logits.cols,
		2 * labels.cols + 1
	];
	const { first } = layout$1(inputs, attrs);
	const rowsAtOnce = target.software ? 16 : 64;
	const lse = bindOperands({
		logits: reads(logits),
		lse: part(scratch, first.lse, logits.rows, { write: true })
	});
	const bound = bindOperands({
		logits: reads(logits),
		labels: reads(labels),
		lse: part(scratch, first.lse, logits.rows),
		alpha: part(scratch, first.alpha, logits.rows * most, { write: true }),
		terms: part(scratch, first.terms, 2 * batch, { write: true })
	});
	const { views } = bound;
	const threads = target.software ? 16 : 128;
	const logp = (t) => `${views.logits.get(`(b * ${seqlen}u + ${t})`, "class_(b, s)")} - ${views.lse.get("0u", `b * ${seqlen}u + ${t}`)}`;
	return [kernel({
		label: "ctc.rows",
		bound: lse,
		workgroup: rowsAtOnce,
		groups: Math.ceil(logits.rows / rowsAtOnce),
		body: `let r = w * ${rowsAtOnce}u + li; if (r >= ${logits.rows}u) { return; }
var m = ${MASKED}; for (var v = 0u; v < ${V}u; v++) { m = max(m, ${lse.views.logits.get("r", "v")}); }
var sum = 0.0; for (var v = 0u; v < ${V}u; v++) { sum += exp(${lse.views.logits.get("r", "v")} - m); }
${lse.views.lse.put("0u", "r", "m + log(sum)")}`
	}), kernel({
		label: "ctc",
		bound,
		workgroup: threads,
		groups: batch,
		globals: `${GLOBALS}\nvar<workgroup> old: array<f32, ${most}>;\n${states(views.labels)}`,
		body: `let b = w; var n = 1u; for (var k = 0u; k < ${labels.cols}u; k++) { if (${views.labels.get("b", "k")} < 0) { break; } n += 2u; }
var taken = 0.0;
for (var t = 0u; t < ${seqlen}u; t++) {
var m = 0.0;
if (t > 0u) { m = ${MASKED}; for (var s = 0u; s < n; s++) { m = max(m, old[s]); } taken += m; }
for (var s = li; s < n; s += ${threads}u) { var a = select(${MASKED}, 0.0, s < 2u);
if (t > 0u) { a = log3(old[s], select(${MASKED}, old[max(s, 1u) - 1u], s > 0u), select(${MASKED}, old[max(s, 2u) - 2u], skips(b, s))) - m; }
${views.alpha.put("0u", `(b * ${seqlen}u + t) * ${most}u + s`, `max(a + ${logp("t")}, ${MASKED})`)} }
workgroupBarrier();
for (var s = li; s < n; s += ${threads}u) { old[s] = ${views.alpha.get("0u", `(b * ${seqlen}u + t) * ${most}u + s`)}; }
workgroupBarrier(); }
if (li == 0u) { var end = old[n - 1u]; if (n > 1u) { end = log3(end, old[n - 2u], ${MASKED}); }
let scored = end > -1e28 && taken > -1e28;
${views.terms.put("0u", "b * 2u", "select(0.0, -(end + taken), scored)")} ${views.terms.put("0u", "b * 2u + 1u", "select(0.0, 1.0, scored)")} }`
	})];
}
const ctc$1 = {
	scratch: (inputs, attrs) => layout$1(inputs, attrs).total,
	dispatches({ inputs, outputs: [loss, nll, count], attrs, scratch }, target) {
		const batch = num(attrs, "batch");
		const { first } = layout$1(inputs, attrs);
		const terms = {
			...scratch,
			offset: scratch.offset + first.terms,
			cols: 2 * batch,
			ld: 2 * batch
		};
		const out = bindOperands({
			terms: part(scratch, first.terms, 2 * batch),
			nll: writes(nll)
		});
		return [
			...walk$1(inputs, attrs, scratch, target),
			kernel({
				label: "ctc.nll",
				bound: out,
				workgroup: 64,
				groups: Math.ceil(batch / 64),
				body: `let b = w * 64u + li; if (b >= ${batch}u) { return; } ${out.views.nll.put("b", "0u", out.views.terms.get("0u", "b * 2u"))}`
			}),
			totalOf({
				label: "ctc.total",
				scratch: terms,
				groups: batch,
				terms: 2,
				outputs: {
					loss,
					count
				},
				finish: "loss = total0 / max(total1, 1.0); count = total1;"
			}, target)
		];
	}
};
const ctc_grad$1 = {
	scratch: (inputs, attrs) => layout$1(inputs, attrs).total,
	dispatches({ inputs, outputs: [dlogits], attrs, scratch }, target) {
		const [logits, labels, count, dloss] = inputs;
		const [batch, seqlen, V, most] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			logits.cols,
			2 * labels.cols + 1
		];
		const { first } = layout$1(inputs, attrs);
		const bound = bindOperands({
			logits: reads(logits),
			labels: reads(labels),
			count: reads(count),
			dloss: reads(dloss),
			lse: part(scratch, first.lse, logits.rows),
			alpha: part(scratch, first.alpha, logits.rows * most),
			terms: part(scratch, first.terms, 2 * batch),
			dlogits: writes(dlogits)
		});
		const { views } = bound;
		const threads = target.software ? 16 : 128;
		return [...walk$1(inputs, attrs, scratch, target), kernel({
			label: "ctc_grad",
			bound,
			workgroup: threads,
			groups: batch,
			globals: `${GLOBALS}\nvar<workgroup> beta: array<f32, ${most}>; var<workgroup> share: array<f32, ${most}>;\n${states(views.labels)}`,
			body: `let b = w; var n = 1u; for (var k = 0u; k < ${labels.cols}u; k++) { if (${views.labels.get("b", "k")} < 0) { break; } n += 2u; }
let scale = ${views.dloss.get("0u", "0u")} / max(${views.count.get("0u", "0u")}, 1.0) * ${views.terms.get("0u", "b * 2u + 1u")};
for (var left = ${seqlen}u; left > 0u; left--) { let t = left - 1u; let r = b * ${seqlen}u + t;
// share: log weights of the step after with its probabilities; then of both directions at this step.
if (left < ${seqlen}u) { for (var s = li; s < n; s += ${threads}u) {
share[s] = max(beta[s] + ${views.logits.get("(r + 1u)", "class_(b, s)")} - ${views.lse.get("0u", "r + 1u")}, ${MASKED}); } }
workgroupBarrier();
var m = 0.0; if (left < ${seqlen}u) { m = ${MASKED}; for (var s = 0u; s < n; s++) { m = max(m, share[s]); } }
for (var s = li; s < n; s += ${threads}u) { var next = select(${MASKED}, 0.0, s + 2u >= n);
if (left < ${seqlen}u) { next = log3(share[s], select(${MASKED}, share[min(s + 1u, n - 1u)], s + 1u < n), select(${MASKED}, share[min(s + 2u, n - 1u)], s + 2u < n && skips(b, s + 2u))) - m; }
beta[s] = max(next, ${MASKED}); }
workgroupBarrier();
for (var s = li; s < n; s += ${threads}u) { share[s] = beta[s] + ${views.alpha.get("0u", `r * ${most}u + s`)}; }
workgroupBarrier();
var most_ = ${MASKED}; for (var s = 0u; s < n; s++) { most_ = max(most_, share[s]); }
var sum = 0.0; for (var s = 0u; s < n; s++) { sum += exp(share[s] - most_); }
for (var v = li; v < ${V}u; v += ${threads}u) { var spent = 0.0;
for (var s = 0u; s < n; s++) { if (class_(b, s) == v) { spent += exp(share[s] - most_); } }
let y = exp(${views.logits.get("r", "v")} - ${views.lse.get("0u", "r")}) - spent / sum;
${views.dlogits.put("r", "v", "select(0.0, scale * y, scale != 0.0)")} }
workgroupBarrier(); }`
		})];
	}
};
// kernels/ops/diagonal_scan/channelProduct.ts
/**
* C[r][c] = Σ_k a[r][k] b[k][c] for every channel by itself: a thread holds RM × RN elements of one channel, its neighbours those of the
* next channels. The code sees r0 … and c0 … (clamped places), `row0` and `col0` (the tile's first), h, and `slice`.
*/
function channelProduct(shape, options) {
	const { H, RM, RN, workgroup } = shape;
	const { label, bound, rows, cols, slices = 1, skip, start = "", phases, store } = options;
	const [rowTiles, colTiles] = [ceilDiv(rows, RM), ceilDiv(cols, RN)];
	const total = slices * rowTiles * colTiles * H;
	const all = range(RM).flatMap((r) => range(RN).map((c) => [r, c]));
	const guard = (r, c) => {
		const checks = [rows % RM ? `row0 + ${r}u < ${rows}u` : "", cols % RN ? `col0 + ${c}u < ${cols}u` : ""].filter(Boolean);
		return checks.length ? `if (${checks.join(" && ")})` : "";
	};
	return kernel({
		label,
		bound,
		workgroup,
		groups: ceilDiv(total, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${total}u) { return; }
let h = i % ${H}u; let tile = i / ${H}u; let col0 = tile % ${colTiles}u * ${RN}u; let row0 = tile / ${colTiles}u % ${rowTiles}u * ${RM}u; let slice = tile / ${colTiles * rowTiles}u;
${skip ? `if (${skip}) { return; }` : ""}
${range(RM).map((r) => `let r${r} = ${rows % RM ? `min(row0 + ${r}u, ${rows - 1}u)` : `row0 + ${r}u`};`).join(" ")}
${range(RN).map((c) => `let c${c} = ${cols % RN ? `min(col0 + ${c}u, ${cols - 1}u)` : `col0 + ${c}u`};`).join(" ")}
${start}
${all.map(([r, c]) => `var s${r}_${c} = 0.0;`).join(" ")}
${phases.map(({ setup = "", from, to, body, after = "" }) => `{ ${setup}
for (var k = ${from}; k < ${to}; k++) { ${body}
${all.map(([r, c]) => `s${r}_${c} = fma(x${r}, v${c}, s${r}_${c});`).join(" ")}
${after} } }`).join("\n")}
${all.map(([r, c]) => `${guard(r, c)} { ${store(`r${r}`, `c${c}`, `s${r}_${c}`)} }`).join("\n")}`
	});
}
/** Reads of one chunk's steps: WGSL for where row r (a chunk) begins, and for its element at step j, zero after the sequence's end. */
function chunkReader(shape, view) {
	const { seqlen, chunks, Q, batch } = shape;
	const whole = seqlen % Q === 0;
	const first = (row) => whole ? `${row} * ${Q}u` : `${row} / ${chunks}u * ${seqlen}u + ${row} % ${chunks}u * ${Q}u`;
	return {
		begin: (r) => `let t_${r} = ${first(r)};${whole ? "" : ` let n_${r} = min(${Q}u, ${seqlen}u - ${r} % ${chunks}u * ${Q}u);`}`,
		at: (r, j) => whole ? view.get(`t_${r} + ${j}`, "h") : `select(0.0, ${view.get(`min(t_${r} + ${j}, ${batch * seqlen - 1}u)`, "h")}, ${j} < n_${r})`
	};
}
/** The taps T[i − j] that one thread's columns need, kept in registers and moved on by one each step; only one is read. */
const shiftTaps = (RN, next) => `${range(RN - 1).map((c) => `v${RN - 1 - c} = v${RN - 2 - c};`).join(" ")} v0 = ${next};`;
// kernels/ops/diagonal_scan/diagonal_scan.wgsl.ts
/** See diagonal_scan.simd.ts for the algorithm: tables, what each chunk adds to the state, the carry over chunks, the outputs. */
const diagonal_scan$1 = {
	opaque: ([u, , , C], attrs, target) => savedRegions$3(diagonalShape(u, C, attrs, target)).total,
	dispatches({ inputs, outputs: [y, saved], attrs }, target) {
		const [u, , , C] = inputs;
		const shape = diagonalShape(u, C, attrs, target);
		const { Q, M, H, rows, RM, RN } = shape;
		const layout = savedRegions$3(shape);
		const [adds, out] = [chunkSums("diagonal_scan.states", shape, u, saved, "W", region(saved, layout, "S", rows * M * H, true)), bindOperands({
			u: reads(u),
			T: region(saved, layout, "T", Q * H),
			V: region(saved, layout, "V", Q * M * H),
			S: region(saved, layout, "S", rows * M * H),
			y: writes(y)
		})];
		const x = chunkReader(shape, out.views.u);
		return [
			...tables(shape, inputs, saved),
			adds,
			carry(shape, saved, target),
			channelProduct(shape, {
				label: "diagonal_scan.y",
				bound: out,
				rows,
				cols: Q,
				start: range(RM).map((r) => x.begin(`r${r}`)).join(" "),
				phases: [{
					setup: range(RN).map((c) => `var v${c} = ${out.views.T.get("0u", `c${c} * ${H}u + h`)};`).join(" "),
					from: "0u",
					to: `col0 + ${RN}u`,
					body: range(RM).map((r) => `let x${r} = ${x.at(`r${r}`, "k")};`).join(" "),
					after: shiftTaps(RN, `select(0.0, ${out.views.T.get("0u", `(max(c0, k + 1u) - k - 1u) * ${H}u + h`)}, k < c0)`)
				}, {
					from: "0u",
					to: `${M}u`,
					body: `${range(RM).map((r) => `let x${r} = ${out.views.S.get("0u", `(r${r} * ${M}u + k) * ${H}u + h`)};`).join(" ")} ${range(RN).map((c) => `let v${c} = ${out.views.V.get("0u", `(c${c} * ${M}u + k) * ${H}u + h`)};`).join(" ")}`
				}],
				store: (r, c, value) => storeStep(shape, r, c, (row) => out.views.y.put(row, "h", value))
			})
		];
	}
};
/** Writes element (chunk r, step c) unless it lies after the sequence's end. */
function storeStep({ seqlen, Q }, r, c, put) {
	return seqlen % Q === 0 ? put(`t_${r} + ${c}`) : `if (${c} < n_${r}) { ${put(`t_${r} + ${c}`)} }`;
}
/** What each chunk of x adds to (W) or takes from (V) the state: out[r][m] = Σ_j x[r][j] table[j][m]. */
function chunkSums(label, shape, x, saved, table, output) {
	const { Q, M, H, rows, RM, RN } = shape;
	const bound = bindOperands({
		x: reads(x),
		table: region(saved, savedRegions$3(shape), table, Q * M * H),
		output
	});
	const steps = chunkReader(shape, bound.views.x);
	return channelProduct(shape, {
		label,
		bound,
		rows,
		cols: M,
		start: range(RM).map((r) => steps.begin(`r${r}`)).join(" "),
		phases: [{
			from: "0u",
			to: `${Q}u`,
			body: `${range(RM).map((r) => `let x${r} = ${steps.at(`r${r}`, "k")};`).join(" ")} ${range(RN).map((c) => `let v${c} = ${bound.views.table.get("0u", `(k * ${M}u + c${c}) * ${H}u + h`)};`).join(" ")}`
		}],
		store: (r, c, value) => bound.views.output.put("0u", `(${r} * ${M}u + ${c}) * ${H}u + h`, value)
	});
}
/** W, V, the decay of a chunk and w by one thread a mode; then T by one thread a tap. */
function tables(shape, [, log_dt, log_A_real, C, D, A_imag], saved) {
	const { Q, M, H, modes, complex, workgroup } = shape;
	const layout = savedRegions$3(shape);
	const powers = bindOperands({
		log_dt: reads(log_dt),
		log_A_real: reads(log_A_real),
		C: reads(C),
		...complex ? { A_imag: reads(A_imag) } : {},
		W: region(saved, layout, "W", Q * M * H, true),
		V: region(saved, layout, "V", Q * M * H, true),
		end: region(saved, layout, "end", M * H, true),
		weights: region(saved, layout, "weights", M * H, true)
	});
	const v = powers.views;
	const put = (name, row, value) => complex ? `${v[name].put("0u", `(${row} + 2u * n) * ${H}u + h`, `${value}.x`)} ${v[name].put("0u", `(${row} + 2u * n + 1u) * ${H}u + h`, `${value}.y`)}` : v[name].put("0u", `(${row} + n) * ${H}u + h`, `${value}.x`);
	const taps = bindOperands({
		D: reads(D),
		W: region(saved, layout, "W", Q * M * H),
		weights: region(saved, layout, "weights", M * H),
		T: region(saved, layout, "T", Q * H, true)
	});
	const t = taps.views;
	return [kernel({
		label: "diagonal_scan.powers",
		bound: powers,
		workgroup,
		groups: ceilDiv(modes * H, workgroup),
		globals: MODE_FUNCTIONS,
		body: `let i = w * ${workgroup}u + li; if (i >= ${modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u;
let z = hold(${v.log_dt.get("0u", "h")}, ${v.log_A_real.get("h", "n")}, ${complex ? v.A_imag.get("h", "n") : "0.0"});
let c = ${complex ? `vec2f(${v.C.get("h", "2u * n")}, ${v.C.get("h", "2u * n + 1u")})` : `vec2f(${v.C.get("h", "n")}, 0.0)`};
let weight = ${complex ? "2.0" : "1.0"} * product(c, z.beta); ${put("weights", "0u", "weight")}
var p = vec2f(1.0, 0.0);
for (var j = 0u; j < ${Q}u; j++) { ${put("W", `(${Q - 1}u - j) * ${M}u`, "p")} p = p + product(z.mu, p); let o = product(weight, p) * vec2f(1.0, -1.0); ${put("V", `j * ${M}u`, "o")} }
// The decay of a whole chunk is what long memory hangs on: not by Q roundings of e^z.
let last = power(z, ${Q}.0); ${put("end", "0u", "last")}`
	}), kernel({
		label: "diagonal_scan.taps",
		bound: taps,
		workgroup,
		groups: ceilDiv(Q * H, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${Q * H}u) { return; } let h = i % ${H}u; let l = i / ${H}u; let at = (${Q - 1}u - l) * ${M * H}u + h;
var sum = select(0.0, ${t.D.get("0u", "h")}, l == 0u);
for (var m = 0u; m < ${M}u; m${complex ? " += 2u" : "++"}) { sum += ${t.weights.get("0u", `m * ${H}u + h`)} * ${t.W.get("0u", `at + m * ${H}u`)}${complex ? ` - ${t.weights.get("0u", `(m + 1u) * ${H}u + h`)} * ${t.W.get("0u", `at + (m + 1u) * ${H}u`)}` : ""}; }
${t.T.put("0u", `l * ${H}u + h`, "sum")}`
	})];
}
/** Replaces what each chunk adds to the state by the state before it: one thread a mode of one sequence. */
function carry(shape, saved, target) {
	const { M, H, modes, complex, chunks, rows, batch } = shape;
	const layout = savedRegions$3(shape);
	const bound = bindOperands({
		S: region(saved, layout, "S", rows * M * H, true),
		end: region(saved, layout, "end", M * H)
	});
	const { S, end } = bound.views;
	const workgroup = target.software ? 32 : 64;
	const [re, im] = complex ? ["2u * n", "2u * n + 1u"] : ["n", "n"];
	const at = (m) => `((b * ${chunks}u + k) * ${M}u + ${m}) * ${H}u + h`;
	return kernel({
		label: "diagonal_scan.carry",
		bound,
		workgroup,
		groups: ceilDiv(batch * modes * H, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${batch * modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u % ${modes}u; let b = i / ${modes * H}u;
let d = vec2f(${end.get("0u", `(${re}) * ${H}u + h`)}, ${complex ? end.get("0u", `(${im}) * ${H}u + h`) : "0.0"}); var s = vec2f();
for (var k = 0u; k < ${chunks}u; k++) {
let e = vec2f(${S.get("0u", at(re))}, ${complex ? S.get("0u", at(im)) : "0.0"});
${S.put("0u", at(re), "s.x")} ${complex ? S.put("0u", at(im), "s.y") : ""}
s = vec2f(fma(d.x, s.x, fma(-d.y, s.y, e.x)), fma(d.x, s.y, fma(d.y, s.x, e.y)));
}`
	});
}
// kernels/ops/diagonal_scan/diagonalParameters.ts
/** From the gradients of the tables to those of the parameters (diagonal_scan_grad.ts): diagonals of dD, then each mode, then Δ. */
function parameterKernels(shape, inputs, outputs, scratch, target) {
	const { Q, M, H, modes, complex, batch, workgroup } = shape;
	const [, saved, , log_dt, log_A_real, C, , A_imag] = inputs;
	const [, dlog_dt, dlog_A_real, dC, dD, dA_imag] = outputs;
	const [kept, layout, slices] = [
		savedRegions$3(shape),
		gradRegions$3(shape, target),
		slicesOf(shape, target)
	];
	const base = layout.first.dEnd;
	const diagonals = bindOperands({
		all: region(scratch, layout, "dD", slices * Q * Q * H),
		taps: region(scratch, layout, "taps", Q * H, true),
		dD: writes(dD)
	});
	const chain = bindOperands({
		log_dt: reads(log_dt),
		log_A_real: reads(log_A_real),
		C: reads(C),
		...complex ? { A_imag: reads(A_imag) } : {},
		saved: region(saved, kept, "W", kept.first.T),
		sums: part(scratch, base, layout.total - base, { write: true }),
		dlog_A_real: writes(dlog_A_real),
		dC: writes(dC)
	});
	const v = chain.views;
	const state = (m) => `(${m}) * ${H}u + h`;
	const [re, im] = complex ? ["2u * n", "2u * n + 1u"] : ["n", "n"];
	const pair = (view, first, row) => `vec2f(${v[view].get("0u", `${first}u + ${state(`${row} + ${re}`)}`)}, ${complex ? v[view].get("0u", `${first}u + ${state(`${row} + ${im}`)}`) : "0.0"})`;
	const summed = (first, row, slice, count) => `for (var q = 0u; q < ${count}u; q++) { sum += ${pair("sums", first - base, `q * ${slice}u + ${row}`)}; }`;
	const ends = bindOperands({
		parts: region(scratch, layout, "dt", modes * H),
		dlog_dt: writes(dlog_dt),
		...complex ? {
			turns: region(scratch, layout, "turns", modes * H),
			dA_imag: writes(dA_imag)
		} : {}
	});
	return [
		kernel({
			label: "diagonal_scan_grad.taps",
			bound: diagonals,
			workgroup,
			groups: ceilDiv(Q * H, workgroup),
			body: `let i = w * ${workgroup}u + li; if (i >= ${Q * H}u) { return; } let h = i % ${H}u; let l = i / ${H}u; var sum = 0.0;
for (var s = 0u; s < ${slices}u; s++) { for (var j = 0u; j + l < ${Q}u; j++) { sum += ${diagonals.views.all.get("0u", `((s * ${Q}u + j) * ${Q}u + j + l) * ${H}u + h`)}; } }
${diagonals.views.taps.put("0u", `l * ${H}u + h`, "sum")} if (l == 0u) { ${diagonals.views.dD.put("0u", "h", "sum")} }`
		}),
		kernel({
			label: "diagonal_scan_grad.modes",
			bound: chain,
			workgroup,
			groups: ceilDiv(modes * H, workgroup),
			globals: MODE_FUNCTIONS,
			body: `let i = w * ${workgroup}u + li; if (i >= ${modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u;
let z = hold(${v.log_dt.get("0u", "h")}, ${v.log_A_real.get("h", "n")}, ${complex ? v.A_imag.get("h", "n") : "0.0"});
let c = ${complex ? `vec2f(${v.C.get("h", "2u * n")}, ${v.C.get("h", "2u * n + 1u")})` : `vec2f(${v.C.get("h", "n")}, 0.0)`};
let weight = ${pair("saved", kept.first.weights, "0u")}; var dw = vec2f(); var dz = vec2f();
for (var l = 0u; l <= ${Q}u; l++) {
var x = vec2f(); var y = vec2f(); var p = vec2f();
if (l < ${Q}u) { p = ${pair("saved", kept.first.W, `(${Q - 1}u - l) * ${M}u`)}; x.x = ${v.sums.get("0u", `${layout.first.taps - base}u + l * ${H}u + h`)};
var sum = vec2f(); ${summed(layout.first.dW, `(${Q - 1}u - l) * ${M}u`, Q * M, slices)} y = sum; }
else { p = ${pair("saved", kept.first.end, "0u")}; var sum = vec2f(); ${summed(layout.first.dEnd, "0u", M, batch)} y = sum; }
if (l > 0u) { var sum = vec2f(); ${summed(layout.first.dV, `(l - 1u) * ${M}u`, Q * M, slices)} x += vec2f(sum.x, -sum.y); }
dw += against(x, p); dz += f32(l) * against(against(x, weight) + y, p);
}
dw *= ${complex ? "2.0" : "1.0"}; let db = against(dw, c);
let dA = z.dt * (dz + z.dt * against(db, slope(z))); let d = against(dw, z.beta);
${v.sums.put("0u", `${layout.first.dt - base}u + i`, "z.dt * (dot(dz, z.A) + dot(db, z.mu + vec2f(1.0, 0.0)))")}
${v.dlog_A_real.put("h", "n", "dA.x * z.A.x")} ${complex ? `${v.dC.put("h", "2u * n", "d.x")} ${v.dC.put("h", "2u * n + 1u", "d.y")}` : v.dC.put("h", "n", "d.x")}
${complex ? v.sums.put("0u", `${layout.first.turns - base}u + i`, "dA.y") : ""}`
		}),
		kernel({
			label: "diagonal_scan_grad.dt",
			bound: ends,
			workgroup,
			groups: ceilDiv(H, workgroup),
			body: `let h = w * ${workgroup}u + li; if (h >= ${H}u) { return; } var sum = 0.0;
for (var n = 0u; n < ${modes}u; n++) { sum += ${ends.views.parts.get("0u", `n * ${H}u + h`)}; ${complex ? ends.views.dA_imag.put("h", "n", ends.views.turns.get("0u", `n * ${H}u + h`)) : ""} }
${ends.views.dlog_dt.put("0u", "h", "sum")}`
		})
	];
}
// kernels/ops/diagonal_scan/diagonal_scan_grad.wgsl.ts
/** See diagonal_scan_grad.simd.ts for the algorithm: adjoint of each chunk's state, du, gradients of the tables, then of the parameters. */
const diagonal_scan_grad$1 = {
	scratch: ([, , u, , , C], attrs, target) => gradRegions$3(diagonalShape(u, C, attrs, target), target).total,
	dispatches({ inputs, outputs, attrs, scratch }, target) {
		const [dy, saved, u, , , C] = inputs;
		const shape = diagonalShape(u, C, attrs, target);
		const { M, H, rows } = shape;
		const layout = gradRegions$3(shape, target);
		return [
			chunkSums("diagonal_scan_grad.adjoints", shape, dy, saved, "V", region(scratch, layout, "L", rows * M * H, true)),
			carryBack(shape, saved, scratch, target),
			inputGradient(shape, dy, saved, scratch, outputs[0], target),
			...tableGradients(shape, dy, u, saved, scratch, target),
			...parameterKernels(shape, inputs, outputs, scratch, target)
		];
	}
};
/** Replaces what each chunk adds to the adjoint by the adjoint after it; sums up the gradient of e^{QΔA} of each sequence. */
function carryBack(shape, saved, scratch, target) {
	const { M, H, modes, complex, chunks, rows, batch } = shape;
	const [kept, layout] = [savedRegions$3(shape), gradRegions$3(shape, target)];
	const bound = bindOperands({
		S: region(saved, kept, "S", rows * M * H),
		end: region(saved, kept, "end", M * H),
		L: region(scratch, layout, "L", rows * M * H, true),
		dEnd: region(scratch, layout, "dEnd", batch * M * H, true)
	});
	const { S, L, end, dEnd } = bound.views;
	const workgroup = target.software ? 32 : 64;
	const [re, im] = complex ? ["2u * n", "2u * n + 1u"] : ["n", "n"];
	const at = (m) => `((b * ${chunks}u + k) * ${M}u + ${m}) * ${H}u + h`;
	const pair = (v, place) => `vec2f(${v.get("0u", place(re))}, ${complex ? v.get("0u", place(im)) : "0.0"})`;
	return kernel({
		label: "diagonal_scan_grad.carry",
		bound,
		workgroup,
		groups: ceilDiv(batch * modes * H, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${batch * modes * H}u) { return; } let h = i % ${H}u; let n = i / ${H}u % ${modes}u; let b = i / ${modes * H}u;
let d = ${pair(end, (m) => `(${m}) * ${H}u + h`)}; var a = vec2f(); var sum = vec2f();
for (var left = ${chunks}u; left > 0u; left--) { let k = left - 1u;
let e = ${pair(L, at)}; let s = ${pair(S, at)};
${L.put("0u", at(re), "a.x")} ${complex ? L.put("0u", at(im), "a.y") : ""}
sum += vec2f(fma(a.x, s.x, a.y * s.y), fma(a.y, s.x, -a.x * s.y));
a = vec2f(fma(d.x, a.x, fma(d.y, a.y, e.x)), fma(d.x, a.y, fma(-d.y, a.x, e.y)));
}
${dEnd.put("0u", `(b * ${M}u + ${re}) * ${H}u + h`, "sum.x")} ${complex ? dEnd.put("0u", `(b * ${M}u + ${im}) * ${H}u + h`, "sum.y") : ""}`
	});
}
function inputGradient(shape, dy, saved, scratch, du, target) {
	const { Q, M, H, rows, RM, RN } = shape;
	const kept = savedRegions$3(shape);
	const bound = bindOperands({
		dy: reads(dy),
		T: region(saved, kept, "T", Q * H),
		W: region(saved, kept, "W", Q * M * H),
		L: region(scratch, gradRegions$3(shape, target), "L", rows * M * H),
		du: writes(du)
	});
	const { T, W, L } = bound.views;
	const g = chunkReader(shape, bound.views.dy);
	return channelProduct(shape, {
		label: "diagonal_scan_grad.du",
		bound,
		rows,
		cols: Q,
		start: range(RM).map((r) => g.begin(`r${r}`)).join(" "),
		phases: [{
			setup: `var v0 = ${T.get("0u", "h")}; ${range(RN - 1).map((c) => `var v${c + 1} = 0.0;`).join(" ")}`,
			from: "col0",
			to: `${Q}u`,
			body: range(RM).map((r) => `let x${r} = ${g.at(`r${r}`, "k")};`).join(" "),
			after: shiftTaps(RN, T.get("0u", `min(k + 1u - col0, ${Q - 1}u) * ${H}u + h`))
		}, {
			from: "0u",
			to: `${M}u`,
			body: `${range(RM).map((r) => `let x${r} = ${L.get("0u", `(r${r} * ${M}u + k) * ${H}u + h`)};`).join(" ")} ${range(RN).map((c) => `let v${c} = ${W.get("0u", `(c${c} * ${M}u + k) * ${H}u + h`)};`).join(" ")}`
		}],
		store: (r, c, value) => storeStep(shape, r, c, (row) => bound.views.du.put(row, "h", value))
	});
}
/** Sums over all chunks, in slices: dV[i][m] of g and S, dW[j][m] of u and Λ, dD[j][i] of u and g (whose diagonals are dT). */
function tableGradients(shape, dy, u, saved, scratch, target) {
	const { Q, M, H, rows, RM, RN } = shape;
	const [kept, layout, slices] = [
		savedRegions$3(shape),
		gradRegions$3(shape, target),
		slicesOf(shape, target)
	];
	const perSlice = ceilDiv(rows, slices);
	const loop = {
		from: `slice * ${perSlice}u`,
		to: `min((slice + 1u) * ${perSlice}u, ${rows}u)`
	};
	const ofStates = (label, x, states, out) => {
		const bound = bindOperands({
			x: reads(x),
			states,
			out: region(scratch, layout, out, slices * Q * M * H, true)
		});
		const steps = chunkReader(shape, bound.views.x);
		return channelProduct(shape, {
			label,
			bound,
			rows: Q,
			cols: M,
			slices,
			phases: [{
				...loop,
				body: `${steps.begin("k")} ${range(RM).map((r) => `let x${r} = ${steps.at("k", `r${r}`)};`).join(" ")} ${range(RN).map((c) => `let v${c} = ${bound.views.states.get("0u", `(k * ${M}u + c${c}) * ${H}u + h`)};`).join(" ")}`
			}],
			store: (r, c, value) => bound.views.out.put("0u", `((slice * ${Q}u + ${r}) * ${M}u + ${c}) * ${H}u + h`, value)
		});
	};
	const bound = bindOperands({
		u: reads(u),
		g: reads(dy),
		out: region(scratch, layout, "dD", slices * Q * Q * H, true)
	});
	const [x, g] = [chunkReader(shape, bound.views.u), chunkReader(shape, bound.views.g)];
	return [
		ofStates("diagonal_scan_grad.dV", dy, region(saved, kept, "S", rows * M * H), "dV"),
		ofStates("diagonal_scan_grad.dW", u, region(scratch, layout, "L", rows * M * H), "dW"),
		channelProduct(shape, {
			label: "diagonal_scan_grad.dT",
			bound,
			rows: Q,
			cols: Q,
			slices,
			skip: `col0 + ${RN - 1}u < row0`,
			phases: [{
				...loop,
				body: `${x.begin("k")} ${range(RM).map((r) => `let x${r} = ${x.at("k", `r${r}`)};`).join(" ")} ${range(RN).map((c) => `let v${c} = ${g.at("k", `c${c}`)};`).join(" ")}`
			}],
			store: (r, c, value) => bound.views.out.put("0u", `((slice * ${Q}u + ${r}) * ${Q}u + ${c}) * ${H}u + h`, value)
		})
	];
}
// kernels/ops/diagonal_scan/diagonal_scan_step.wgsl.ts
/** One thread a channel of one sequence. */
const diagonal_scan_step$1 = { dispatches({ inputs: [u, log_dt, log_A_real, C, D, , A_imag], outputs: [y, state], attrs }, { software }) {
	const complex = !attrs.real;
	const bound = bindOperands({
		u: reads(u),
		log_dt: reads(log_dt),
		log_A_real: reads(log_A_real),
		C: reads(C),
		D: reads(D),
		y: writes(y),
		state: writes(state),
		...complex ? { A_imag: reads(A_imag) } : {}
	});
	const v = bound.views;
	const workgroup = software ? 32 : 64;
	const place = (k) => complex ? `c * ${C.cols}u + 2u * n + ${k}u` : `c * ${C.cols}u + n`;
	const pair = (view, row, at) => complex ? `vec2f(${v[view].get(row, at(0))}, ${v[view].get(row, at(1))})` : `vec2f(${v[view].get(row, at(0))}, 0.0)`;
	return [kernel({
		label: "diagonal_scan_step",
		bound,
		workgroup,
		groups: ceilDiv(u.rows * u.cols, workgroup),
		globals: MODE_FUNCTIONS,
		body: `let i = w * ${workgroup}u + li; if (i >= ${u.rows * u.cols}u) { return; } let r = i / ${u.cols}u; let c = i % ${u.cols}u;
let x = ${v.u.get("r", "c")}; let log_dt = ${v.log_dt.get("0u", "c")}; var sum = 0.0;
for (var n = 0u; n < ${log_A_real.cols}u; n++) {
let z = hold(log_dt, ${v.log_A_real.get("c", "n")}, ${complex ? v.A_imag.get("c", "n") : "0.0"});
let s = ${pair("state", "r", place)}; let next = s + product(z.mu, s) + vec2f(x, 0.0);
${v.state.put("r", place(0), "next.x")} ${complex ? v.state.put("r", place(1), "next.y") : ""}
sum += product(product(${pair("C", "c", (k) => complex ? `2u * n + ${k}u` : "n")}, z.beta), next).x;
}
${v.y.put("r", "c", `fma(${v.D.get("0u", "c")}, x, ${complex ? "2.0" : "1.0"} * sum)`)}`
	})];
} };
// kernels/ops/dplr_kernel/dplrShader.ts
const dplrShape = (H, modes, lags, target) => {
	const Q = target.software ? 16 : 64;
	return {
		H,
		modes,
		lags,
		Q,
		chunks: ceilDiv(lags, Q),
		lanes: Math.max(32, 2 ** Math.ceil(Math.log2(modes)))
	};
};
/** Fields of a mode that a step needs, two floats each. */
const FIELDS = [
	"mu",
	"v",
	"w",
	"b",
	"C"
];
const stepElements = ({ H, modes }) => FIELDS.length * 2 * modes * H;
/** Place of a field of mode n (a WGSL expression) of channel h in the constants. */
const fieldAt = ({ H, modes }, field, n) => `(${FIELDS.indexOf(field) * modes}u + ${n}) * ${2 * H}u + h * 2u`;
const pairAt = (view, at) => `vec2f(${view.get("0u", at)}, ${view.get("0u", `${at} + 1u`)})`;
const putPair = (view, at, value) => `${view.put("0u", at, `${value}.x`)} ${view.put("0u", `${at} + 1u`, `${value}.y`)}`;
const parameterReads = ([log_dt, A_real, A_imag, B, C, P]) => ({
	log_dt: reads(log_dt),
	A_real: reads(A_real),
	A_imag: reads(A_imag),
	B: reads(B),
	C: reads(C),
	P: reads(P)
});
/** WGSL that defines λ, R, P, B of mode n of channel h as l, R, P, B (dplr.ts). */
const modeOf = (v) => `let l = vec2f(-exponential(${v.A_real.get("h", "n")}).x, -${v.A_imag.get("h", "n")});
let R = inverse(vec2f(1.0, 0.0) - 0.5 * dt * l); let P = vec2f(${v.P.get("h", "2u * n")}, ${v.P.get("h", "2u * n + 1u")});
let B = vec2f(${v.B.get("h", "2u * n")}, ${v.B.get("h", "2u * n + 1u")});`;
/** WGSL that defines dt, g, hb (h of dplr.ts) and gamma of channel h. */
const channelOf = (v, modes) => `let dt = exponential(${v.log_dt.get("0u", "h")}).x; var g = 0.0; var hb = 0.0;
for (var n = 0u; n < ${modes}u; n++) { ${modeOf(v)} g += dot(P, P) * R.x; hb += dot(P, product(R, B)); } let gamma = 1.0 / (1.0 + dt * g);`;
const DPLR_FUNCTIONS = `${MODE_FUNCTIONS}
fn inverse(a: vec2f) -> vec2f { return vec2f(a.x, -a.y) / dot(a, a); }`;
/** What a step needs of every mode: one thread a channel. */
function constants$1(shape, parameters, output, target) {
	const bound = bindOperands({
		...parameterReads(parameters),
		output
	});
	const v = bound.views;
	const workgroup = target.software ? 32 : 64;
	const put = (field, value) => `{ let value = ${value}; ${putPair(v.output, fieldAt(shape, field, "n"), "value")} }`;
	return kernel({
		label: "dplr.constants",
		bound,
		workgroup,
		groups: ceilDiv(shape.H, workgroup),
		globals: DPLR_FUNCTIONS,
		body: `let h = w * ${workgroup}u + li; if (h >= ${shape.H}u) { return; } ${channelOf(v, shape.modes)}
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)} let ww = -2.0 * gamma * dt * product(R, P);
${put("mu", "dt * product(l, R)")} ${put("v", "against(R, P)")} ${put("w", "ww")} ${put("b", "dt * product(R, B) + 0.5 * dt * hb * ww")}
${put("C", `vec2f(${v.C.get("h", "2u * n")}, ${v.C.get("h", "2u * n + 1u")})`)} }`
	});
}
/** WGSL of one workgroup a channel: h, this lane's mode n and whether there is one, and the fields asked for. */
const lane = (shape, view, fields) => `let h = w; let live = li < ${shape.modes}u; let n = min(li, ${shape.modes - 1}u);
${fields.map((f) => `let ${f} = select(vec2f(), ${pairAt(view, fieldAt(shape, f, "n"))}, live);`).join(" ")}`;
/**
* WGSL: `sum` of a vec2f over the lanes, the same in all of them. Two halves of `shared_sums` take turns by the parity of `turn`, so that one
* barrier a sum is enough.
*/
const sumLanes = (shape, value, turn) => `{ let at = (${turn}) % 2u * ${shape.lanes}u;
shared_sums[at + li] = ${value}; workgroupBarrier(); sum = vec2f(); for (var q = 0u; q < ${shape.modes}u; q++) { sum += shared_sums[at + q]; } }`;
const sharedSums = ({ lanes }) => `var<workgroup> shared_sums: array<vec2f, ${2 * lanes}>;`;
// kernels/ops/dplr_kernel/dplr_kernel.wgsl.ts
/** The constants of all modes, and the state at every Q-th lag. */
const savedRegions$2 = (shape) => regions({
	steps: stepElements(shape),
	states: 2 * shape.chunks * shape.modes * shape.H
});
const stateAt = ({ H, modes }, chunk) => `(${chunk} * ${modes}u + n) * ${2 * H}u + h * 2u`;
/** A workgroup walks one channel's lags, a mode each lane; the rank-one part and the read-out meet in one sum a lag. */
const dplr_kernel$1 = {
	opaque: ([log_dt, A_real], attrs, target) => savedRegions$2(dplrShape(log_dt.cols, A_real.cols, num(attrs, "lags"), target)).total,
	dispatches({ inputs, outputs: [out, saved], attrs }, target) {
		const shape = dplrShape(out.cols, inputs[1].cols, num(attrs, "lags"), target);
		const { H, lags, Q, lanes } = shape;
		const layout = savedRegions$2(shape);
		const steps = (write) => part(saved, layout.first.steps, stepElements(shape), { write });
		const bound = bindOperands({
			steps: steps(false),
			states: part(saved, layout.first.states, 2 * shape.chunks * shape.modes * H, { write: true }),
			out: writes(out)
		});
		const v = bound.views;
		return [constants$1(shape, inputs, steps(true), target), kernel({
			label: "dplr_kernel",
			bound,
			workgroup: lanes,
			groups: H,
			globals: `${DPLR_FUNCTIONS}\n${sharedSums(shape)}`,
			body: `${lane(shape, v.steps, [
				"mu",
				"v",
				"w",
				"b",
				"C"
			].filter((f) => f !== "w"))}
let ww = select(vec2f(), ${pairAt(v.steps, fieldAt(shape, "w", "n"))}, live); var s = b; var sum = vec2f();
for (var l = 0u; l < ${lags}u; l++) {
if (l % ${Q}u == 0u && live) { ${putPair(v.states, stateAt(shape, `(l / ${Q}u)`), "s")} }
${sumLanes(shape, "vec2f(product(v, s).x, 2.0 * product(C, s).x)", "l")}
if (li == 0u) { ${v.out.put("l", "h", "sum.y")} }
s = (s + ww * sum.x) + product(mu, s);
}`
		})];
	}
};
const GRADS = [
	"mu",
	"v",
	"w",
	"b",
	"C"
];
const scratchRegions = (shape) => regions({
	grads: stepElements(shape),
	states: 2 * shape.Q * shape.modes * shape.H
});
/** Chunk by chunk from the last lag: the states again from the saved one, then back. Then one thread a channel turns the sums into gradients. */
const dplr_kernel_grad$1 = {
	scratch: ([dkernel, , log_dt, A_real], _attrs, target) => scratchRegions(dplrShape(log_dt.cols, A_real.cols, dkernel.rows, target)).total,
	dispatches({ inputs: [dkernel, saved, ...parameters], outputs, scratch }, target) {
		const shape = dplrShape(dkernel.cols, parameters[1].cols, dkernel.rows, target);
		const { H, modes, lags, Q, chunks, lanes } = shape;
		const [kept, layout] = [savedRegions$2(shape), scratchRegions(shape)];
		const bound = bindOperands({
			dkernel: reads(dkernel),
			steps: part(saved, kept.first.steps, stepElements(shape)),
			saved: part(saved, kept.first.states, 2 * chunks * modes * H),
			grads: part(scratch, layout.first.grads, stepElements(shape), { write: true }),
			states: part(scratch, layout.first.states, 2 * Q * modes * H, { write: true })
		});
		const v = bound.views;
		const own = (j) => stateAt(shape, j);
		return [kernel({
			label: "dplr_kernel_grad",
			bound,
			workgroup: lanes,
			groups: H,
			globals: `${DPLR_FUNCTIONS}\n${sharedSums(shape)}\nvar<workgroup> ts: array<f32, ${Q}>;`,
			body: `${lane(shape, v.steps, [
				"mu",
				"v",
				"C"
			])} let ww = select(vec2f(), ${pairAt(v.steps, fieldAt(shape, "w", "n"))}, live);
var sum = vec2f(); var turn_ = 0u; var a = vec2f(); ${GRADS.filter((f) => f !== "b").map((f) => `var d_${f} = vec2f();`).join(" ")}
for (var left = ${chunks}u; left > 0u; left--) { let chunk = left - 1u; let l0 = chunk * ${Q}u; let count = min(${Q}u, ${lags}u - l0);
var s = select(vec2f(), ${pairAt(v.saved, stateAt(shape, "chunk"))}, live);
for (var j = 0u; j < count; j++) {
if (live) { ${putPair(v.states, own("j"), "s")} }
${sumLanes(shape, "vec2f(product(v, s).x, 0.0)", "turn_")} turn_++;
if (li == 0u) { ts[j] = sum.x; }
s = (s + ww * sum.x) + product(mu, s);
}
for (var back = count; back > 0u; back--) { let j = back - 1u;
${sumLanes(shape, "vec2f(dot(ww, a), 0.0)", "turn_")} turn_++;
let g = 2.0 * ${v.dkernel.get("l0 + j", "h")}; let x = select(vec2f(), ${pairAt(v.states, own("j"))}, live); let xc = x * vec2f(1.0, -1.0);
d_mu += against(a, x); d_w += ts[j] * a; d_v += sum.x * xc; d_C += g * xc;
a = (g * C + sum.x * v) * vec2f(1.0, -1.0) + (a + against(a, mu));
}
}
if (live) { let d_b = a; ${GRADS.map((f) => putPair(v.grads, fieldAt(shape, f, "n"), `d_${f}`)).join(" ")} }`
		}), ...chain(shape, parameters, outputs, part(scratch, layout.first.grads, stepElements(shape)), target.software ? 32 : 64)];
	}
};
/** dplrGradients of dplr_kernel_grad.ts, in two kernels so that each has few bindings: λ, P and Δ, then B and C. */
function chain(shape, parameters, [dlog_dt, dA_real, dA_imag, dB, dC, dP], grads, workgroup) {
	const { log_dt, A_real, A_imag, B, P } = parameterReads(parameters);
	const read = {
		log_dt,
		A_real,
		A_imag,
		B,
		P,
		grads
	};
	const make = (label, results, body) => {
		const bound = bindOperands({
			...read,
			...Object.fromEntries(Object.entries(results).map(([k, o]) => [k, writes(o)]))
		});
		const v = bound.views;
		const d = (f) => pairAt(v.grads, fieldAt(shape, f, "n"));
		return kernel({
			label,
			bound,
			workgroup,
			groups: ceilDiv(shape.H, workgroup),
			globals: DPLR_FUNCTIONS,
			body: `let h = w * ${workgroup}u + li; if (h >= ${shape.H}u) { return; } ${channelOf(v, shape.modes)}
let k = -2.0 * gamma * dt; var dHalf = 0.0; var dk = 0.0;
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)} dHalf += k * dot(product(R, P), ${d("b")}); }
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)} dk += dot(product(R, P), ${d("w")} + 0.5 * dt * hb * ${d("b")}); }
let dh = 0.5 * dt * dHalf; let dgamma = -2.0 * dt * dk; let dg = -gamma * gamma * dt * dgamma;
var ddt = 0.5 * hb * dHalf - 2.0 * gamma * dk - gamma * gamma * g * dgamma;
for (var n = 0u; n < ${shape.modes}u; n++) { ${modeOf(v)}
let ob = ${d("b")}; let omu = ${d("mu")}; let ov = ${d("v")}; let ow = ${d("w")} + 0.5 * dt * hb * ob;
let x = dt * against(ob, B) + k * against(ow, P) + dh * against(P, B) + vec2f(dg * dot(P, P), 0.0) + product(P, ov) + dt * against(omu, l);
let z = 0.5 * against(x, product(R, R)); let y = product(R, B);
${body(v)} }
${"dlog_dt" in results ? v.dlog_dt.put("0u", "h", "dt * ddt") : ""}`
		});
	};
	return [
		make("dplr_kernel_grad.A", {
			dlog_dt,
			dA_real
		}, (v) => `ddt += dot(y, ob) + dot(product(l, R), omu) + dot(l, z); ${v.dA_real.put("h", "n", "dt * (z + against(omu, R)).x * l.x")}`),
		make("dplr_kernel_grad.P", {
			dA_imag,
			dP
		}, (v) => `${v.dA_imag.put("h", "n", "-dt * (z + against(omu, R)).y")}
let dp = k * against(ow, R) + dh * y + 2.0 * dg * R.x * P + against(R, ov); ${v.dP.put("h", "2u * n", "dp.x")} ${v.dP.put("h", "2u * n + 1u", "dp.y")}`),
		make("dplr_kernel_grad.B", {
			dB,
			dC
		}, (v) => `let db = dt * against(ob, R) + dh * against(P, R); ${v.dB.put("h", "2u * n", "db.x")} ${v.dB.put("h", "2u * n + 1u", "db.y")}
let dc = ${pairAt(v.grads, fieldAt(shape, "C", "n"))}; ${v.dC.put("h", "2u * n", "dc.x")} ${v.dC.put("h", "2u * n + 1u", "dc.y")}`)
	];
}
/** One thread a channel: the constants, then every sequence. */
const dplr_step$1 = {
	scratch: ([u, , A_real], _attrs, target) => stepElements(dplrShape(u.cols, A_real.cols, 1, target)),
	dispatches({ inputs: [u, ...rest], outputs: [y, state], scratch }, target) {
		const [parameters, D] = [rest.slice(0, 6), rest[6]];
		const modes = parameters[1].cols;
		const shape = dplrShape(u.cols, modes, 1, target);
		const bound = bindOperands({
			steps: part(scratch, 0, stepElements(shape)),
			u: reads(u),
			D: reads(D),
			y: writes(y),
			state: writes(state)
		});
		const v = bound.views;
		const workgroup = target.software ? 32 : 64;
		const at = `h * ${2 * modes}u + 2u * n`;
		const field = (f) => pairAt(v.steps, fieldAt(shape, f, "n"));
		const s = `vec2f(${v.state.get("r", at)}, ${v.state.get("r", `${at} + 1u`)})`;
		return [constants$1(shape, parameters, part(scratch, 0, stepElements(shape), { write: true }), target), kernel({
			label: "dplr_step",
			bound,
			workgroup,
			groups: ceilDiv(u.rows * u.cols, workgroup),
			globals: DPLR_FUNCTIONS,
			body: `let i = w * ${workgroup}u + li; if (i >= ${u.rows * u.cols}u) { return; } let h = i % ${u.cols}u; let r = i / ${u.cols}u;
let x = ${v.u.get("r", "h")}; var t = 0.0; var sum = ${v.D.get("0u", "h")} * x;
for (var n = 0u; n < ${modes}u; n++) { t += product(${field("v")}, ${s}).x; }
for (var n = 0u; n < ${modes}u; n++) { let s = ${s}; let next = (s + ${field("w")} * t) + product(${field("mu")}, s) + ${field("b")} * x;
${v.state.put("r", at, "next.x")} ${v.state.put("r", `${at} + 1u`, "next.y")} sum += 2.0 * product(${field("C")}, next).x; }
${v.y.put("r", "h", "sum")}`
		})];
	}
};
// kernels/ops/dropout/dropout.wgsl.ts
/** Philox4x32-10; the high word of a product from four products of halves. */
const PHILOX = `fn high(a: u32, b: u32) -> u32 { let al = a & 0xffffu; let ah = a >> 16u; let bl = b & 0xffffu; let bh = b >> 16u;
let low = al * bl; let mid = ah * bl + (low >> 16u); let other = al * bh + (mid & 0xffffu); return ah * bh + (mid >> 16u) + (other >> 16u); }
fn philox(key: vec2u, counter: vec4u) -> vec4u { var k = key; var c = counter;
for (var round = 0; round < 10; round++) {
c = vec4u(high(0xcd9e8d57u, c.z) ^ c.y ^ k.x, 0xcd9e8d57u * c.z, high(0xd2511f53u, c.x) ^ c.w ^ k.y, 0xd2511f53u * c.x);
k += vec2u(0x9e3779b9u, 0xbb67ae85u); }
return c; }`;
const dropout = { dispatches({ inputs: [x, hyper], outputs: [y], attrs }, { software }) {
	const { seed, threshold, scale } = dropoutWords(attrs);
	const blocks = ceilDiv(x.cols, 4);
	const vec = x.cols % 4 === 0;
	const bound = bindOperands({
		x: reads(x, vec),
		hyper: reads(hyper),
		y: writes(y, vec)
	});
	const { views } = bound;
	const workgroup = software ? 64 : 256;
	const scalar = [
		0,
		1,
		2,
		3
	].map((k) => `{ let c = block * 4u + ${k}u; if (c < ${x.cols}u) { ${views.y.put("r", "c", `select(0.0, ${views.x.get("r", "c")} * ${literal(scale)}, words[${k}] >= ${threshold}u)`)} } }`);
	return [kernel({
		label: "dropout",
		bound,
		workgroup,
		groups: ceilDiv(x.rows * blocks, workgroup),
		globals: PHILOX,
		body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * blocks}u) { return; }
let r = i / ${blocks}u; let block = i % ${blocks}u; let step = u32(${views.hyper.get("0u", `${HYPER.step}u`)});
let words = philox(vec2u(${seed.map((s) => `${s}u`)}), vec4u(i, step, ${DROPOUT_DOMAIN}u, ${num(attrs, "stream")}u));
${vec ? views.y.put4("r", "block", `select(vec4f(), ${views.x.get4("r", "block")} * ${literal(scale)}, words >= vec4u(${threshold}u))`) : scalar.join("\n")}`
	})];
} };
// kernels/ops/draw_token/draw_token.wgsl.ts
/**
* One workgroup for each sequence. A thread has a run of columns next to each other, so that a sum over threads before it is one over
* ids before its own. Edges of top_k and top_p are found bit by bit in the order of floats as integers, with one sum over all threads for each
* bit. The settings are read-only: what depends on them alone may surround barriers.
*/
const draw_token = { dispatches({ inputs: [logits, settings], outputs: [token, cursor, tokens, bits] }, { software }) {
	const vocab = logits.cols;
	const workgroup = software ? 32 : 256;
	const each = ceilDiv(vocab, workgroup);
	const bound = bindOperands({
		logits: reads(logits),
		settings: reads(settings),
		cursor: writes(cursor),
		tokens: writes(tokens),
		bits: writes(bits),
		token: writes(token)
	});
	const { views } = bound;
	const [temperature, topK, topP] = Object.values(SETTINGS).map((c) => views.settings.get("0u", `${c}u`));
	const [position, given, low, high, stream] = Object.values(CURSOR).map((c) => views.cursor.get("w", `${c}u`));
	const columns = (body) => `for (var v = first; v < end; v++) { let x = ${views.logits.get("w", "v")}; ${body} }`;
	/** Sum over all threads into `name`, in the order of a tree. */
	const total = (name) => `shared_[li] = ${name}; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { shared_[li] += shared_[li + step]; } workgroupBarrier(); }
${name} = shared_[0]; workgroupBarrier();`;
	const edgeFor = (wanted, amount) => `{ var key = 0u;
for (var bit = 0u; bit < 32u; bit++) { let next = key | (0x80000000u >> bit); var sum = 0.0;
${columns(`if (order(x) >= next && order(x) >= edge) { sum += ${amount}; }`)}
${total("sum")}
if (sum >= ${wanted}) { key = next; } }
edge = max(edge, key); }
weight = 0.0; ${columns("if (order(x) >= edge) { weight += exp((x - top) * scale); }")}
var kept = weight; ${total("kept")} all = kept;`;
	return [kernel({
		label: "draw_token",
		bound,
		workgroup,
		groups: logits.rows,
		globals: `${PHILOX}
var<workgroup> shared_: array<f32, ${workgroup}>; var<workgroup> places: array<u32, ${workgroup}>;
fn order(x: f32) -> u32 { let b = bitcast<u32>(x); return select(b | 0x80000000u, ~b, b >= 0x80000000u); }`,
		body: `let first = min(li * ${each}u, ${vocab}u); let end = min(first + ${each}u, ${vocab}u);
let temperature = ${temperature}; let scale = select(1.0, 1.0 / temperature, temperature > 0.0);
var top = -3.4028234e38; var place = 0u;
${columns("if (x > top) { top = x; place = v; }")}
let mine = top;
shared_[li] = top; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { shared_[li] = max(shared_[li], shared_[li + step]); } workgroupBarrier(); }
top = shared_[0]; workgroupBarrier();
places[li] = select(${vocab - 1}u, place, mine == top); workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { places[li] = min(places[li], places[li + step]); } workgroupBarrier(); }
let likeliest = places[0]; workgroupBarrier();
var own = 0.0; var weight = 0.0;
${columns("own += exp(x - top); weight += exp((x - top) * scale);")}
${total("own")}
var all = weight; ${total("all")}
var edge = 0u;
let k = u32(max(${topK}, 0.0));
if (k > 0u && k < ${vocab}u) { ${edgeFor("f32(k)", "1.0")} }
if (${topP} > 0.0 && ${topP} < 1.0) { let wanted = ${topP} * all; ${edgeFor("wanted", "exp((x - top) * scale)")} }
let next = ${position} + 1; let given = ${given}; let known = next < given && next < ${tokens.cols};
let word = philox(vec2u(bitcast<u32>(${low}), bitcast<u32>(${high})), vec4u(bitcast<u32>(next - given), bitcast<u32>(${stream}), ${DRAW_DOMAIN}u, w)).x;
let wantedMass = f32(word >> 8u) / 16777216.0 * all;
shared_[li] = weight; workgroupBarrier();
for (var step = 1u; step < ${workgroup}u; step *= 2u) {
var before = 0.0; if (li >= step) { before = shared_[li - step]; } workgroupBarrier(); shared_[li] += before; workgroupBarrier(); }
var sum = 0.0; if (li > 0u) { sum = shared_[li - 1u]; }
var drawn = ${vocab}u; var last = 0u;
${columns(`if (order(x) >= edge) { let e = exp((x - top) * scale); if (e > 0.0) { last = v + 1u; } sum += e; if (sum > wantedMass && drawn == ${vocab}u) { drawn = v; } }`)}
places[li] = drawn; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { places[li] = min(places[li], places[li + step]); } workgroupBarrier(); }
drawn = places[0]; workgroupBarrier();
places[li] = last; workgroupBarrier();
for (var step = ${workgroup / 2}u; step > 0u; step /= 2u) { if (li < step) { places[li] = max(places[li], places[li + step]); } workgroupBarrier(); }
if (li == 0u) {
var id = i32(select(drawn, max(places[0], 1u) - 1u, drawn == ${vocab}u));
if (temperature == 0.0) { id = i32(likeliest); }
if (known) { id = ${views.tokens.get("w", "u32(next)")}; }
${views.token.put("w", "0u", "id")} ${views.cursor.put("w", `${CURSOR.position}u`, "next")}
if (next >= 0 && next < ${tokens.cols}) { let at = u32(clamp(id, 0, ${vocab - 1}));
${views.tokens.put("w", "u32(next)", "id")} ${views.bits.put("w", "u32(next)", `((top - ${views.logits.get("w", "at")}) + log(own)) * 1.4426950408889634`)} }
}`
	})];
} };
// kernels/ops/embedding/embedding.wgsl.ts
const embedding$1 = { dispatches({ inputs: [ids, weight], outputs: [y] }, { software }) {
	const vec = y.cols % 4 === 0;
	const width = vec ? y.cols / 4 : y.cols;
	const bound = bindOperands({
		ids: reads(ids),
		weight: reads(weight, vec),
		y: writes(y, vec)
	});
	const { views } = bound;
	const workgroup = software ? 64 : 256;
	return [kernel({
		label: "embedding",
		bound,
		workgroup,
		groups: ceilDiv(y.rows * width, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * width}u) { return; }
let r = i / ${width}u; let c = i % ${width}u; let id = u32(clamp(${views.ids.get("r", "0u")}, 0, ${weight.rows - 1}));
${vec ? views.y.put4("r", "c", views.weight.get4("id", "c")) : views.y.put("r", "c", views.weight.get("id", "c"))}`
	})];
} };
// kernels/ops/embedding/embedding_grad.wgsl.ts
/** Slices of the rows at most, and rows a thread loads at once; replaced while tuning. */
const EMBEDDING_GRAD = {
	slices: 8,
	unrolled: 4,
	workgroup: 256
};
/** Parts of the rows added up apart: enough workgroups to fill a card for a small vocabulary, one for a large. */
const slicesFor = (rows, vocab) => Math.max(1, Math.min(Math.floor(EMBEDDING_GRAD.slices * 256 / vocab), ceilDiv(rows, 256), 2 * EMBEDDING_GRAD.slices));
/** Units (vec4s or elements) of a row, threads across them, and rows a workgroup adds up side by side. */
function laid(cols, target) {
	const vec = cols % 4 === 0;
	const width = vec ? cols / 4 : cols;
	const workgroup = target.software ? 32 : EMBEDDING_GRAD.workgroup;
	const across = Math.min(workgroup, 2 ** Math.ceil(Math.log2(Math.max(width, target.software ? 8 : 16))));
	return {
		vec,
		width,
		across,
		lanes: workgroup / across,
		workgroup
	};
}
/** Ids a thread looks through at a time. */
const IDS = 8;
/**
* A workgroup owns one word and a tile of columns. It lists the rows that hold its word, in order and without atomics: each thread looks
* through a stretch of the ids, a running sum over the threads' counts says where its finds go. Then it adds those rows up, several at a
* time, each sum in a fixed order.
*/
const embedding_grad$1 = {
	scratch([, dy], attrs) {
		const slices = slicesFor(dy.rows, num(attrs, "vocab"));
		return slices > 1 ? slices * num(attrs, "vocab") * dy.cols : 0;
	},
	dispatches({ inputs: [ids, dy], outputs: [dweight], attrs, scratch }, target) {
		const vocab = num(attrs, "vocab");
		const slices = slicesFor(dy.rows, vocab);
		const perSlice = ceilDiv(dy.rows, slices);
		const { vec, width, across, lanes, workgroup } = laid(dy.cols, target);
		const unrolled = target.software ? 2 : EMBEDDING_GRAD.unrolled;
		const T = vec ? "vec4f" : "f32";
		const count = vocab * dy.cols;
		const bound = bindOperands({
			ids: reads(ids),
			dy: reads(dy, vec),
			result: slices > 1 ? part(scratch, 0, slices * count, {
				vec,
				write: true
			}) : writes(dweight, vec)
		});
		const { views } = bound;
		const row = (r) => vec ? views.dy.get4(r, "c") : views.dy.get(r, "c");
		const put = vec ? views.result.put4 : views.result.put;
		const store = slices > 1 ? put("0u", `(wid.z * ${vocab}u + wid.y) * ${width}u + col`, "sum") : put("wid.y", "col", "sum");
		const first = kernel({
			label: "embedding_grad",
			bound,
			workgroup,
			groups: [
				ceilDiv(width, across),
				vocab,
				slices
			],
			globals: `var<workgroup> found: array<u32, ${workgroup * IDS}>; var<workgroup> counts: array<u32, ${workgroup}>;
${lanes > 1 ? `var<workgroup> sums: array<${T}, ${workgroup}>;` : ""}`,
			body: `let col = wid.x * ${across}u + li % ${across}u; let c = min(col, ${width - 1}u); let word = i32(wid.y); let lane = li / ${across}u;
let begin = wid.z * ${perSlice}u; let end = min(begin + ${perSlice}u, ${dy.rows}u);
var sum = ${T}();
for (var r0 = begin; r0 < end; r0 += ${workgroup * IDS}u) {
  let mine = r0 + li * ${IDS}u; var hits = 0u;
  ${range(IDS).map((k) => `if (${views.ids.get(`min(mine + ${k}u, ${dy.rows - 1}u)`, "0u")} == word && mine + ${k}u < end) { hits |= ${1 << k}u; }`).join("\n  ")}
  counts[li] = countOneBits(hits); workgroupBarrier();
  for (var far = 1u; far < ${workgroup}u; far *= 2u) { var more = 0u; if (li >= far) { more = counts[li - far]; } workgroupBarrier();
    counts[li] += more; workgroupBarrier(); }
  var at = counts[li] - countOneBits(hits); let n = workgroupUniformLoad(&counts[${workgroup - 1}]);
  while (hits != 0u) { found[at] = mine + firstTrailingBit(hits); hits &= hits - 1u; at += 1u; }
  workgroupBarrier();
  for (var j = lane; j < n; j += ${lanes * unrolled}u) {
    ${range(unrolled).map((k) => `let v${k} = ${row(`found[min(j + ${k * lanes}u, n - 1u)]`)};`).join(" ")}
    ${range(unrolled).map((k) => k ? `if (j + ${k * lanes}u < n) { sum += v${k}; }` : "sum += v0;").join(" ")}
  }
  workgroupBarrier();
}
${lanes > 1 ? `sums[li] = sum; workgroupBarrier(); if (lane == 0u) { for (var k = 1u; k < ${lanes}u; k++) { sum += sums[li + k * ${across}u]; } }` : ""}
if (lane == 0u && col < ${width}u) { ${store} }`
		});
		return slices > 1 ? [first, sumSlices("embedding_grad.slices", part(scratch, 0, slices * count), slices, count, dweight, target)] : [first];
	}
};
// kernels/ops/fft_conv/transform.ts
/** A flat region (n, channels) of complex numbers. */
const complexRegion = (name, request, channels) => {
	const at = (i) => `((${i}) * ${channels}u + s) * 2u`;
	return {
		operands: { [name]: request },
		load: (v, i) => `vec2f(${v[name].get("0u", at(i))}, ${v[name].get("0u", `${at(i)} + 1u`)})`,
		store: (v, i, value) => `${v[name].put("0u", at(i), `(${value}).x`)} ${v[name].put("0u", `${at(i)} + 1u`, `(${value}).y`)}`
	};
};
const radices = (n, target) => {
	const all = [];
	for (let left = n; left > 1; left /= all[all.length - 1]) all.push(left % 8 === 0 && !target.software ? 8 : left % 4 === 0 ? 4 : 2);
	return all;
};
/** WGSL of a small transform written out: statements, and the names of the results in order. */
function small(names, inverse, lines, fresh) {
	const n = names.length;
	if (n === 1) return [...names];
	const even = small(names.filter((_, i) => i % 2 === 0), inverse, lines, fresh);
	const odd = small(names.filter((_, i) => i % 2 === 1), inverse, lines, fresh);
	const out = new Array(n);
	for (let k = 0; k < n / 2; k++) {
		const angle = (inverse ? 2 : -2) * Math.PI * k / n;
		let turned = odd[k];
		if (4 * k === n) turned = inverse ? `vec2f(-${odd[k]}.y, ${odd[k]}.x)` : `vec2f(${odd[k]}.y, -${odd[k]}.x)`;
		else if (k) turned = `product(${odd[k]}, vec2f(${Math.cos(angle)}, ${Math.sin(angle)}))`;
		const [t, a, b] = [
			fresh(),
			fresh(),
			fresh()
		];
		lines.push(`let ${t} = ${turned}; let ${a} = ${even[k]} + ${t}; let ${b} = ${even[k]} - ${t};`);
		out[k] = a;
		out[k + n / 2] = b;
	}
	return out;
}
/**
* The transform of n complex numbers for each of `channels` by Stockham's passes (Van Loan 1992, §1.7): natural order in and out, each pass
* one butterfly a thread, neighbours in neighbouring channels. `between` are two regions for what lies between passes. The inverse is
* not divided by n.
*/
function transform$1(label, { n, channels, inverse = false }, first, last, between, target) {
	const workgroup = target.software ? 32 : 128;
	const plan = radices(n, target);
	let done = 1;
	return plan.map((R, pass) => {
		const source = pass === 0 ? first : between[(pass - 1) % 2];
		const to = pass === plan.length - 1 ? last : between[pass % 2];
		const bound = bindOperands({
			...source.operands,
			...to.operands
		});
		const lines = [];
		let names = 0;
		const out = small(range(R).map((r) => `x${r}`), inverse, lines, () => `t${names++}`);
		const total = n / R * channels;
		const code = kernel({
			label: `${label} ${pass}`,
			bound,
			workgroup,
			groups: ceilDiv(total, workgroup),
			globals: MODE_FUNCTIONS,
			body: `let e = w * ${workgroup}u + li; if (e >= ${total}u) { return; } let s = e % ${channels}u; let j = e / ${channels}u; let k = j % ${done}u;
${done > 1 ? `let w1 = turn(vec2f(f32(k) * ${2 * Math.PI / (done * R)}, 0.0)) * vec2f(1.0, ${inverse ? "1.0" : "-1.0"});` : ""}
${done > 1 ? range(R - 2).map((r) => `let w${r + 2} = product(w${r + 1}, w1);`).join(" ") : ""}
${range(R).map((r) => {
				const value = source.load(bound.views, `j + ${r * n / R}u`);
				return `let x${r} = ${r && done > 1 ? `product(${value}, w${r})` : value};`;
			}).join("\n")}
${lines.join("\n")}
let base = j / ${done}u * ${done * R}u + k;
${out.map((value, r) => to.store(bound.views, `base + ${r * done}u`, value)).join("\n")}`
		});
		done *= R;
		return code;
	});
}
// kernels/ops/fft_conv/fft_conv.wgsl.ts
const shapeOf$1 = (u, attrs) => {
	const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
	return {
		batch,
		seqlen,
		n: fftSize(seqlen),
		channels: u.cols
	};
};
/** Places of the scratch: transforms of the kernel, of u and of dy, the sum over sequences, two between passes, partial sums. */
const layoutOf = ({ n, channels, batch, seqlen }, gradient) => {
	const size = 2 * n * channels;
	const slices = rowSlices(batch * seqlen, channels);
	return regions({
		K: size,
		A: size,
		B: size,
		...gradient ? {
			X: size,
			G: size,
			sum: size,
			dD: slices > 1 ? slices * channels : 0
		} : {}
	});
};
/** Two sequences of x as one complex one, zeros behind. */
function sequences(name, x, pair, { batch, seqlen }) {
	const row = (b, i) => `${b * seqlen}u + min(${i}, ${seqlen - 1}u)`;
	return {
		operands: { [name]: reads(x) },
		load(v, i) {
			const second = 2 * pair + 1 < batch ? v[name].get(row(2 * pair + 1, i), "s") : "0.0";
			return `select(vec2f(), vec2f(${v[name].get(row(2 * pair, i), "s")}, ${second}), ${i} < ${seqlen}u)`;
		}
	};
}
/** The real kernel's lags that are used, zeros behind. */
const lags = (kernel, { seqlen }) => {
	const count = Math.min(seqlen, kernel.rows);
	return {
		operands: { kernel: reads(kernel) },
		load: (v, i) => `select(vec2f(), vec2f(${v.kernel.get(`min(${i}, ${count - 1}u)`, "s")}, 0.0), ${i} < ${count}u)`
	};
};
/** Two sequences out of one: the transform's share and D times x. */
function outputs(y, D, x, pair, { batch, seqlen, n }) {
	return {
		operands: {
			to: writes(y),
			D: reads(D),
			skip: reads(x)
		},
		store: (v, i, value) => `if (${i} < ${seqlen}u) { let d = ${v.D.get("0u", "s")}; ${range(2).filter((b) => 2 * pair + b < batch).map((b) => {
			const row = `${(2 * pair + b) * seqlen}u + ${i}`;
			return v.to.put(row, "s", `fma(d, ${v.skip.get(row, "s")}, (${value}).${b ? "y" : "x"} * ${literal(1 / n)})`);
		}).join(" ")} }`
	};
}
/** a times b, or times conj(b), as a source. */
const productOf = (a, b, conjugate) => ({
	operands: {
		...a.operands,
		...b.operands
	},
	load: (v, i) => `${conjugate ? "against" : "product"}(${a.load(v, i)}, ${b.load(v, i)})`
});
/** Sequences go through in pairs, one after the other, so that the scratch does not grow with the batch. */
const fft_conv = {
	scratch: ([u], attrs) => layoutOf(shapeOf$1(u, attrs), false).total,
	dispatches({ inputs: [u, kernelIn, D], outputs: [y], attrs, scratch }, target) {
		const shape = shapeOf$1(u, attrs);
		const { n, channels, batch } = shape;
		const layout = layoutOf(shape, false);
		const at = (name, write) => complexRegion(name, part(scratch, layout.first[name], 2 * n * channels, { write }), channels);
		const between = [at("A", true), at("B", true)];
		const all = transform$1("fft_conv.kernel", {
			n,
			channels
		}, lags(kernelIn, shape), at("K", true), between, target);
		for (const pair of range(ceilDiv(batch, 2))) {
			const [passes, own] = forward$1("fft_conv.u", shape, sequences("u", u, pair, shape), between, target);
			const rest = own === between[0] ? between[1] : between[0];
			all.push(...passes, ...transform$1("fft_conv.y", {
				n,
				channels,
				inverse: true
			}, productOf(own, at("K", false), false), outputs(y, D, u, pair, shape), [rest, own], target));
		}
		return all;
	}
};
/** A transform that ends in one of the two regions between passes; which one. */
function forward$1(label, { n, channels }, first, between, target) {
	const own = between[(transform$1(label, {
		n,
		channels
	}, first, between[0], between, target).length - 1) % 2];
	return [transform$1(label, {
		n,
		channels
	}, first, own, between, target), own];
}
const fft_conv_grad$1 = {
	scratch: ([, u], attrs) => layoutOf(shapeOf$1(u, attrs), true).total,
	dispatches({ inputs: [dy, u, kernelIn, D], outputs: [du, dkernel, dD], attrs, scratch }, target) {
		const shape = shapeOf$1(u, attrs);
		const { n, channels, batch, seqlen } = shape;
		const layout = layoutOf(shape, true);
		const at = (name, write) => complexRegion(name, part(scratch, layout.first[name], 2 * n * channels, { write }), channels);
		const between = [at("A", true), at("B", true)];
		const workgroup = target.software ? 32 : 128;
		const all = transform$1("fft_conv_grad.kernel", {
			n,
			channels
		}, lags(kernelIn, shape), at("K", true), between, target);
		for (const pair of range(ceilDiv(batch, 2))) {
			all.push(...transform$1("fft_conv_grad.u", {
				n,
				channels
			}, sequences("u", u, pair, shape), at("X", true), between, target));
			all.push(...transform$1("fft_conv_grad.dy", {
				n,
				channels
			}, sequences("dy", dy, pair, shape), at("G", true), between, target));
			const [X, G, sum] = [
				at("X", false),
				at("G", false),
				at("sum", true)
			];
			const bound = bindOperands({
				...X.operands,
				...G.operands,
				...sum.operands
			});
			const term = `against(${G.load(bound.views, "i")}, ${X.load(bound.views, "i")})`;
			all.push(kernel({
				label: "fft_conv_grad.sum",
				bound,
				workgroup,
				groups: ceilDiv(n * channels, workgroup),
				globals: "fn against(a: vec2f, b: vec2f) -> vec2f { return vec2f(a.x * b.x + a.y * b.y, a.y * b.x - a.x * b.y); }",
				body: `let e = w * ${workgroup}u + li; if (e >= ${n * channels}u) { return; } let s = e % ${channels}u; let i = e / ${channels}u;
${sum.store(bound.views, "i", pair ? `${sum.load(bound.views, "i")} + ${term}` : term)}`
			}), ...transform$1("fft_conv_grad.du", {
				n,
				channels,
				inverse: true
			}, productOf(at("G", false), at("K", false), true), outputs(du, D, dy, pair, shape), between, target));
		}
		const used = Math.min(seqlen, dkernel.rows);
		const toKernel = {
			operands: { dkernel: writes(dkernel) },
			store: (v, i, value) => `if (${i} < ${dkernel.rows}u) { ${v.dkernel.put(i, "s", used < dkernel.rows ? `select(0.0, (${value}).x * ${literal(1 / n)}, ${i} < ${used}u)` : `(${value}).x * ${literal(1 / n)}`)} }`
		};
		all.push(...transform$1("fft_conv_grad.dkernel", {
			n,
			channels,
			inverse: true
		}, at("sum", false), toKernel, between, target));
		if (dkernel.rows > n) all.push(zeroRows(dkernel, n, workgroup));
		const slices = rowSlices(u.rows, channels);
		const partials = slices > 1 ? part(scratch, layout.first.dD, slices * channels).operand : null;
		return [...all, ...sumColumns("fft_conv_grad.dD", {
			u,
			dy
		}, "u * dy", dD, partials, target)];
	}
};
/** Lags beyond the transform's points have no gradient. */
function zeroRows(y, first, workgroup) {
	const bound = bindOperands({ y: writes(y) });
	const count = (y.rows - first) * y.cols;
	return kernel({
		label: "fft_conv_grad.rest",
		bound,
		workgroup,
		groups: ceilDiv(count, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${count}u) { return; } ${bound.views.y.put(`${first}u + i / ${y.cols}u`, `i % ${y.cols}u`, "0.0")}`
	});
}
// kernels/ops/fill/fill.wgsl.ts
const fill$2 = { dispatches: ({ outputs: [y], attrs }, { software }) => [elementwise({
	label: "fill",
	software,
	inputs: {},
	outputs: { y },
	body: (T) => `y = ${T}(${literal(num(attrs, "value"))});`
})] };
// kernels/ops/global_norm/global_norm.wgsl.ts
const global_norm$1 = {
	scratch: ([x]) => termScratch(x.rows, x.cols, 1),
	dispatches: ({ inputs: [x], outputs: [y], scratch }, target) => sumTerms({
		label: "global_norm",
		inputs: { x },
		terms: ["x * x"],
		scratch,
		outputs: { y },
		finish: "y = sqrt(total0);"
	}, target)
};
// kernels/ops/headwise_linear/headwiseTile.ts
function blockTile(N, target) {
	const [BM, BN] = target.software ? [16, 16] : [64, N > 32 ? 64 : 32];
	return {
		BM,
		BN,
		BK: target.software ? 4 : 16,
		threads: BM * BN / 16
	};
}
/** Workgroup memory of the two inner blocks, inner dimension first. */
const blockMemory = ({ BM, BN, BK }) => `var<workgroup> left: array<vec4f, ${BK * BM / 4}>; var<workgroup> right: array<vec4f, ${BK * BN / 4}>;`;
const blockStart = () => range(4).map((i) => `var s${i} = vec4f();`).join(" ");
/**
* Fills one of the blocks, all threads together, a vec4 along the outer dimension at a time (parts of one vector must not be written by
* different threads). `inner` says which dimension lies contiguous in memory: neighbouring threads then read neighbouring elements.
*/
function fill$1(name, { BM, BN, BK, threads }, contiguous, element) {
	const fours = (name === "left" ? BM : BN) / 4;
	const [inner, outer] = contiguous === "inner" ? [`e % ${BK}u`, `e / ${BK}u`] : [`e / ${fours}u`, `e % ${fours}u`];
	return `for (var e = li; e < ${BK * fours}u; e += ${threads}u) { let inner = ${inner}; let outer = ${outer} * 4u;
${range(4).map((i) => `var v${i} = 0.0; { var value = 0.0; let at = outer + ${i}u; ${element("inner", "at")} v${i} = value; }`).join("\n")}
${name}[inner * ${fours}u + outer / 4u] = vec4f(v0, v1, v2, v3); }`;
}
/** Adds the products of the two blocks; thread (tm, tn) of the workgroup owns rows 4 tm … and columns 4 tn …. */
const accumulate = ({ BM, BN, BK }) => `for (var k = 0u; k < ${BK}u; k++) {
let a = left[k * ${BM / 4}u + tm]; let b = right[k * ${BN / 4}u + tn];
${range(4).map((i) => `s${i} = fma(vec4f(a[${i}]), b, s${i});`).join(" ")} }`;
// kernels/ops/headwise_linear/headwise_linear.wgsl.ts
/** Blocks below this are bound by bytes: a thread per output needs no workgroup memory. */
const SMALL = 16;
const headwise_linear = { dispatches({ inputs: [x, weight], outputs: [y], attrs }, target) {
	const { heads, K, N, transpose } = headwiseSizes([x, weight], attrs);
	const element = (n, k) => transpose ? `(${k}) * ${N}u + ${n}` : `(${n}) * ${K}u + ${k}`;
	const bound = bindOperands({
		x: reads(x),
		weight: reads(weight),
		y: writes(y)
	});
	const { views } = bound;
	if (Math.max(K, N) < SMALL) {
		const workgroup = target.software ? 64 : 256;
		const body = `let i = w * ${workgroup}u + li; if (i >= ${x.rows * y.cols}u) { return; }
let r = i / ${y.cols}u; let c = i % ${y.cols}u; let h = c / ${N}u; let n = c % ${N}u;
let sum = ${range(K).map((k) => `${views.weight.get("h", element("n", `${k}u`))} * ${views.x.get("r", `h * ${K}u + ${k}u`)}`).join(" + ")};
${views.y.put("r", "c", "sum")}`;
		return [kernel({
			label: "headwise_linear",
			bound,
			workgroup,
			groups: ceilDiv(x.rows * y.cols, workgroup),
			body
		})];
	}
	const tile = blockTile(N, target);
	const { BM, BN, BK, threads } = tile;
	const loadX = fill$1("left", tile, "inner", (k, m) => `if (k0 + ${k} < ${K}u && m0 + ${m} < ${x.rows}u) { value = ${views.x.get(`m0 + ${m}`, `h * ${K}u + k0 + ${k}`)}; }`);
	const loadWeight = fill$1("right", tile, transpose ? "outer" : "inner", (k, n) => `if (k0 + ${k} < ${K}u && n0 + ${n} < ${N}u) { value = ${views.weight.get("h", element(`(n0 + ${n})`, `(k0 + ${k})`))}; }`);
	return [kernel({
		label: "headwise_linear",
		bound,
		workgroup: threads,
		groups: [
			ceilDiv(x.rows, BM),
			ceilDiv(N, BN),
			heads
		],
		globals: blockMemory(tile),
		body: `let m0 = wid.x * ${BM}u; let n0 = wid.y * ${BN}u; let h = wid.z; let tm = li / ${BN / 4}u; let tn = li % ${BN / 4}u;
${blockStart()}
for (var k0 = 0u; k0 < ${K}u; k0 += ${BK}u) {
${loadX}
${loadWeight}
workgroupBarrier();
${accumulate(tile)}
workgroupBarrier();
}
${range(4).map((i) => `{ let r = m0 + tm * 4u + ${i}u; if (r < ${x.rows}u) { ${range(4).map((j) => `{ let n = n0 + tn * 4u + ${j}u; if (n < ${N}u) { ${views.y.put("r", `h * ${N}u + n`, `s${i}[${j}]`)} } }`).join(" ")} } }`).join("\n")}`
	})];
} };
/** Slices of the rows, summed apart and then in order: enough workgroups for a large card, by the shape alone. */
function outerPlan([a, b], attrs, target) {
	const [heads, gates] = [num(attrs, "heads"), num(attrs, "gates")];
	const [J, K] = [a.cols / (heads * gates), b.cols / heads];
	const small = Math.max(J, K) < SMALL;
	const count = heads * gates * J * K;
	const { BM, BN } = blockTile(K, target);
	const tiles = heads * gates * ceilDiv(J, BM) * ceilDiv(K, BN);
	const slices = small ? rowSlices(a.rows, count) : Math.max(1, Math.min(ceilDiv(a.rows, 128), ceilDiv(512, tiles)));
	return {
		heads,
		gates,
		J,
		K,
		lag: Number(!!attrs.previous),
		seqlen: num(attrs, "seqlen"),
		small,
		slices
	};
}
const LANES$1 = 4;
const headwise_outer = {
	scratch(inputs, attrs, target) {
		const { heads, gates, J, K, slices } = outerPlan(inputs, attrs, target);
		return slices > 1 ? slices * heads * gates * J * K : 0;
	},
	dispatches({ inputs: [a, b], outputs: [y], attrs, scratch }, target) {
		const { heads, gates, J, K, lag, seqlen, small, slices } = outerPlan([a, b], attrs, target);
		const count = heads * gates * J * K;
		const perSlice = ceilDiv(a.rows, slices);
		const bound = bindOperands({
			a: reads(a),
			b: reads(b),
			y: slices > 1 ? part(scratch, 0, slices * count, { write: true }) : writes(y)
		});
		const { views } = bound;
		const put = (h, e, value) => slices > 1 ? views.y.put("0u", `slice * ${count}u + ${h} * ${y.cols}u + ${e}`, value) : views.y.put(h, e, value);
		const meets = (r) => lag ? `(${r}) % ${seqlen}u >= ${lag}u` : "true";
		const sum = slices > 1 ? [sumSlices("headwise_outer.slices", part(scratch, 0, slices * count), slices, count, y, target)] : [];
		if (small) {
			const width = target.software ? 8 : 32;
			const body = `let lane = li / ${width}u; let i = wid.x * ${width}u + li % ${width}u; let e = min(i, ${count - 1}u); let slice = wid.y;
let h = e / ${y.cols}u; let k = e % ${K}u; let j = e / ${K}u % ${J}u; let g = e % ${y.cols}u / ${J * K}u;
let ca = (g * ${heads}u + h) * ${J}u + j; let cb = h * ${K}u + k; var sum = 0.0; let last = min((slice + 1u) * ${perSlice}u, ${a.rows}u);
for (var r = slice * ${perSlice}u + lane; r < last; r += ${LANES$1}u) { if (${meets("r")}) { sum += ${views.a.get("r", "ca")} * ${views.b.get(`r - ${lag}u`, "cb")}; } }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && i < ${count}u) { let total = (sums[li] + sums[li + ${width}u]) + (sums[li + ${2 * width}u] + sums[li + ${3 * width}u]);
${put("h", `e % ${y.cols}u`, "total")} }`;
			return [kernel({
				label: "headwise_outer",
				bound,
				workgroup: width * LANES$1,
				groups: [
					ceilDiv(count, width),
					slices,
					1
				],
				globals: `var<workgroup> sums: array<f32, ${width * LANES$1}>;`,
				body
			}), ...sum];
		}
		const tile = blockTile(K, target);
		const { BM, BN, BK, threads } = tile;
		const [jTiles, kTiles] = [ceilDiv(J, BM), ceilDiv(K, BN)];
		const row = (name, outer, limit, column) => `let r = r0 + inner; if (r < last && ${outer} < ${limit}u && ${meets("r")}) { value = ${views[name].get(name === "b" ? `r - ${lag}u` : "r", column)}; }`;
		return [kernel({
			label: "headwise_outer",
			bound,
			workgroup: threads,
			groups: [
				jTiles * kTiles,
				heads * gates,
				slices
			],
			globals: blockMemory(tile),
			body: `let j0 = wid.x / ${kTiles}u * ${BM}u; let k0 = wid.x % ${kTiles}u * ${BN}u; let g = wid.y % ${gates}u; let h = wid.y / ${gates}u;
let slice = wid.z; let tm = li / ${BN / 4}u; let tn = li % ${BN / 4}u; let last = min((slice + 1u) * ${perSlice}u, ${a.rows}u);
${blockStart()}
for (var r0 = slice * ${perSlice}u; r0 < last; r0 += ${BK}u) {
${fill$1("left", tile, "outer", (_, m) => row("a", `(j0 + ${m})`, J, `(g * ${heads}u + h) * ${J}u + j0 + ${m}`))}
${fill$1("right", tile, "outer", (_, n) => row("b", `(k0 + ${n})`, K, `h * ${K}u + k0 + ${n}`))}
workgroupBarrier();
${accumulate(tile)}
workgroupBarrier();
}
${range(4).map((i) => `{ let j = j0 + tm * 4u + ${i}u; if (j < ${J}u) { ${range(4).map((q) => `{ let k = k0 + tn * 4u + ${q}u; if (k < ${K}u) { ${put("h", `(g * ${J}u + j) * ${K}u + k`, `s${i}[${q}]`)} } }`).join(" ")} } }`).join("\n")}`
		}), ...sum];
	}
};
// kernels/backends/webgpu/norms.ts
/** How one row's units are named and guarded in the generated code, held in registers. */
function lanesOf$1({ vec, units, lanes, perLane }, views, groups) {
	const at = (c) => groups > 1 ? `g0 + ${c}` : c;
	return {
		T: vec ? "vec4f" : "f32",
		col: (k) => `(lane + ${k * lanes}u)`,
		guard: (k) => (k + 1) * lanes <= units ? "" : `if (${`(lane + ${k * lanes}u)`} < ${units}u)`,
		each: (code) => range(perLane).map(code).join("\n"),
		loop: (code) => `for (var c = lane; c < ${units}u; c += ${lanes}u) { ${code} }`,
		get: (k, row, c) => vec ? views[k].get4(row, at(c)) : views[k].get(row, at(c)),
		put: (k, c, value) => vec ? views[k].put4("r", at(c), value) : views[k].put("r", at(c), value),
		dot: (a, b) => vec ? `dot(${a}, ${b})` : `${a} * ${b}`,
		total: (a) => vec ? `dot(${a}, vec4f(1.0))` : a
	};
}
/** Lanes of a row keep it in registers between the sums and the scaling, so x is read once. */
function normForward({ label, groups, eps, x, weight, bias, y, mean, rstd }, target) {
	const width = x.cols / groups;
	const plan = planRows(width, target);
	const { vec, units, lanes, perLane, workgroup, rowsAtOnce } = plan;
	const bound = bindOperands({
		x: reads(x, vec),
		weight: reads(weight, vec),
		...bias ? { bias: reads(bias, vec) } : {},
		y: writes(y, vec),
		...mean ? { mean: writes(mean) } : {},
		rstd: writes(rstd)
	});
	const { views } = bound;
	const { T, col, guard, each, loop, get, put, dot, total } = lanesOf$1(plan, views, groups);
	const held = perLane <= 8;
	const rows = x.rows * groups;
	const scaled = (v, c) => `${mean ? `(${v} - mean)` : v} * scale * ${get("weight", "0u", c)}${bias ? ` + ${get("bias", "0u", c)}` : ""}`;
	const sums = (term) => held ? each((k) => `${guard(k)} { sum += ${term(`x${k}`)}; }`) : loop(`let v = ${get("x", "r", "c")}; sum += ${term("v")};`);
	return kernel({
		label,
		bound,
		workgroup,
		groups: ceilDiv(rows, rowsAtOnce),
		subgroups: target.subgroup > 1,
		globals: reduceMemory("sums", plan),
		body: `let lane = li % ${lanes}u; let row = w * ${rowsAtOnce}u + li / ${lanes}u; let l = min(row, ${rows - 1}u);
${groups > 1 ? `let r = l / ${groups}u; let g = l % ${groups}u; let g0 = g * ${units}u;` : "let r = l; let g = 0u;"}
var sum = 0.0;
${held ? each((k) => `var x${k} = ${T}(); ${guard(k)} { x${k} = ${get("x", "r", col(k))}; }`) : ""}
${mean ? `${sums(total)}
${reduceLanes("sum", "sums", plan, target, "sum")}
let mean = sum / ${literal(width)}; sum = 0.0;` : ""}
${sums((v) => mean ? dot(`(${v} - mean)`, `(${v} - mean)`) : dot(v, v))}
${reduceLanes("sum", "sums", plan, target, "sum")}
let scale = inverseSqrt(sum / ${literal(width)} + ${literal(eps)});
if (row < ${rows}u) {
if (lane == 0u) { ${views.rstd.put("r", "g", "scale")} ${mean ? views.mean.put("r", "g", "mean") : ""} }
${held ? each((k) => `${guard(k)} { ${put("y", col(k), scaled(`x${k}`, col(k)))} }`) : loop(put("y", "c", scaled(get("x", "r", "c"), "c")))}
}`
	});
}
/** Whether a lane can hold its columns' dweight in registers. */
const isFused = (plan) => plan.perLane <= 8;
/** Workgroups of the fused kernel per slice: each walks its share of the rows of one slice and leaves one partial dweight. */
const shares = (rows, groups, { rowsAtOnce }) => Math.max(1, Math.min(ceilDiv(rows, rowsAtOnce * 2), ceilDiv(1024, groups)));
const partsOf = (share, cols, bias) => regions({
	weight: share * cols,
	bias: bias ? share * cols : 0
});
/** Elements of scratch. */
function normScratch(rows, cols, groups, bias, target) {
	const plan = planRows(cols / groups, target);
	if (isFused(plan)) return partsOf(shares(rows, groups, plan), cols, bias).total;
	const slices = rowSlices(rows, cols);
	return slices > 1 ? slices * cols : 0;
}
/**
* dx, dweight and dbias in one reading of dy and x: a lane keeps the sums of its columns over all rows it sees. Workgroups' partial sums
* are added in order by further dispatches. Very wide rows sum dweight column by column instead.
*/
function normBackward(operands, target) {
	const { label, groups, dy, x, weight, mean, rstd, addend, dx, dweight, dbias, scratch } = operands;
	const { rows, cols } = x;
	const width = cols / groups;
	const plan = planRows(width, target);
	const { vec, units, lanes, workgroup, rowsAtOnce } = plan;
	const fused = isFused(plan);
	const share = shares(rows, groups, plan);
	const parts = partsOf(share, cols, !!dbias);
	const bound = bindOperands({
		dy: reads(dy, vec),
		x: reads(x, vec),
		weight: reads(weight, vec),
		...mean ? { mean: reads(mean) } : {},
		rstd: reads(rstd),
		dx: writes(dx, vec),
		...addend ? { addend: reads(addend, vec) } : {},
		...fused ? { partials: part(scratch, 0, parts.total, {
			vec,
			write: true
		}) } : {}
	});
	const { views } = bound;
	const { T, col, guard, each, loop, get, put, dot, total } = lanesOf$1(plan, views, groups);
	const normed = (v) => mean ? `(${v} - middle) * scale` : `${v} * scale`;
	const moved = (d, w, v, c) => `scale * (${d} * ${w}${mean ? " - offset" : ""} - ${v} * mean)${addend ? ` + ${get("addend", "r", c)}` : ""}`;
	const limit = fused ? rows : rows * groups;
	const reduced = `${reduceLanes("sum", "sums", plan, target, "sum")} let mean = sum / ${literal(width)};
${mean ? `${reduceLanes("plain", "sums", plan, target, "sum")} let offset = plain / ${literal(width)};` : ""}`;
	const passes = fused ? `${each((k) => `var x${k} = ${T}(); var d${k} = ${T}(); ${guard(k)} { x${k} = ${normed(get("x", "r", col(k)))}; d${k} = ${get("dy", "r", col(k))}; sum += ${dot(`(d${k} * w${k})`, `x${k}`)}; ${mean ? `plain += ${dot(`d${k}`, `w${k}`)};` : ""} }`)}
${reduced}
if (row < ${limit}u) { ${each((k) => `acc${k} += d${k} * x${k}; ${dbias ? `bias${k} += d${k};` : ""} ${guard(k)} { ${put("dx", col(k), moved(`d${k}`, `w${k}`, `x${k}`, col(k)))} }`)} }` : `${loop(`let h = ${get("dy", "r", "c")} * ${get("weight", "0u", "c")}; sum += ${dot("h", `(${normed(get("x", "r", "c"))})`)}; ${mean ? `plain += ${total("h")};` : ""}`)}
${reduced}
if (row < ${limit}u) { ${loop(put("dx", "c", moved(get("dy", "r", "c"), get("weight", "0u", "c"), normed(get("x", "r", "c")), "c")))} }`;
	const place = fused ? `let row = (share + s * ${share}u) * ${rowsAtOnce}u + li / ${lanes}u; let r = min(row, ${rows - 1}u);` : `let row = w * ${rowsAtOnce}u + li / ${lanes}u; let l = min(row, ${limit - 1}u); let r = l / ${groups}u; let g = l % ${groups}u; let g0 = g * ${units}u;`;
	const leave = (name, first) => each((k) => {
		const to = `${first / (vec ? 4 : 1)}u + share * ${units * groups}u + ${groups > 1 ? "g0 + " : ""}${col(k)}`;
		return `tile[li] = ${name}${k}; workgroupBarrier();
if (li < ${lanes}u) { var total = tile[li]; for (var q = 1u; q < ${rowsAtOnce}u; q++) { total += tile[li + q * ${lanes}u]; } ${guard(k)} { ${vec ? views.partials.put4("0u", to, "total") : views.partials.put("0u", to, "total")} } }
workgroupBarrier();`;
	});
	const first = kernel({
		label,
		bound,
		workgroup,
		groups: fused ? share * groups : ceilDiv(limit, rowsAtOnce),
		subgroups: target.subgroup > 1,
		globals: `${reduceMemory("sums", plan)} ${fused ? `var<workgroup> tile: array<${T}, ${workgroup}>;` : ""}`,
		body: `let lane = li % ${lanes}u;
${fused ? groups > 1 ? `let g = w % ${groups}u; let share = w / ${groups}u; let g0 = g * ${units}u;` : "let g = 0u; let share = w;" : ""}
${fused ? each((k) => `var acc${k} = ${T}(); ${dbias ? `var bias${k} = ${T}();` : ""} var w${k} = ${T}(); ${guard(k)} { w${k} = ${get("weight", "0u", col(k))}; }`) : ""}
for (var s = 0u; s < ${fused ? ceilDiv(rows, share * rowsAtOnce) : 1}u; s++) {
${place} let scale = ${views.rstd.get("r", "g")}; ${mean ? `let middle = ${views.mean.get("r", "g")};` : ""}
var sum = 0.0; ${mean ? "var plain = 0.0;" : ""}
${passes}
}
${fused ? leave("acc", parts.first.weight) : ""}
${fused && dbias ? leave("bias", parts.first.bias) : ""}`
	});
	if (fused) {
		const results = [{
			first: parts.first.weight,
			output: dweight
		}, ...dbias ? [{
			first: parts.first.bias,
			output: dbias
		}] : []];
		return [first, sumAllSlices(`${label}.dweight`, part(scratch, 0, parts.total), share, cols, results, target)];
	}
	const term = mean ? "dy * (x - mean) * rstd" : "dy * x * rstd";
	return [
		first,
		...sumColumns(`${label}.dweight`, {
			dy,
			x
		}, term, dweight, scratch, target, {
			rstd,
			...mean ? { mean } : {}
		}),
		...dbias ? sumColumns(`${label}.dbias`, { dy }, "dy", dbias, scratch, target) : []
	];
}
// kernels/ops/layer_norm/layer_norm.wgsl.ts
const layer_norm$1 = { dispatches: ({ inputs: [x, weight, bias], outputs: [y, mean, rstd], attrs }, target) => [normForward({
	label: "layer_norm",
	groups: slices(attrs),
	eps: num(attrs, "eps"),
	x,
	weight,
	bias,
	y,
	mean,
	rstd
}, target)] };
// kernels/ops/layer_norm/layer_norm_grad.wgsl.ts
const layer_norm_grad$1 = {
	scratch: ([, x], attrs, target) => normScratch(x.rows, x.cols, slices(attrs), !!attrs.bias, target),
	dispatches: ({ inputs: [dy, x, weight, mean, rstd, addend], outputs: [dx, dweight, dbias], attrs, scratch }, target) => normBackward({
		label: "layer_norm_grad",
		groups: slices(attrs),
		dy,
		x,
		weight,
		mean,
		rstd,
		addend,
		dx,
		dweight,
		dbias,
		scratch
	}, target)
};
// kernels/ops/matmul/fewRows.ts
/** y = a bᵀ + bias + residual for a handful of rows (generation): lanes share one row of b, which is read once and is all the traffic. */
function fewRowsMatmul({ a, b, bias, residual, y }, target) {
	const [M, N, K] = [
		y.rows,
		y.cols,
		a.cols
	];
	const vec = K % 4 === 0;
	const units = vec ? K / 4 : K;
	const lanes = Math.min(2 ** Math.floor(Math.log2(units)), target.software ? 8 : 32);
	const workgroup = target.software ? 32 : 128;
	const rowsAtOnce = workgroup / lanes;
	const plan = {
		vec,
		units,
		lanes,
		perLane: ceilDiv(units, lanes),
		workgroup,
		rowsAtOnce
	};
	const bound = bindOperands({
		a: reads(a, vec),
		b: reads(b, vec),
		y: writes(y),
		...bias ? { bias: reads(bias) } : {},
		...residual ? { residual: reads(residual) } : {}
	});
	const { views } = bound;
	const product = (m) => vec ? `dot(v, ${views.a.get4(`${m}u`, "k")})` : `v * ${views.a.get(`${m}u`, "k")}`;
	return kernel({
		label: "matmul.few_rows",
		bound,
		workgroup,
		groups: ceilDiv(N, rowsAtOnce),
		subgroups: target.subgroup > 1,
		globals: reduceMemory("sums", plan),
		body: `let lane = li % ${lanes}u; let n = w * ${rowsAtOnce}u + li / ${lanes}u; let row = min(n, ${N - 1}u);
${range(M).map((m) => `var s${m} = 0.0;`).join(" ")}
for (var k = lane; k < ${units}u; k += ${lanes}u) { let v = ${vec ? views.b.get4("row", "k") : views.b.get("row", "k")}; ${range(M).map((m) => `s${m} += ${product(m)};`).join(" ")} }
${range(M).map((m) => reduceLanes(`s${m}`, "sums", plan, target, "sum")).join("")}
if (lane == 0u && n < ${N}u) { ${range(M).map((m) => views.y.put(`${m}u`, "n", [
			`s${m}`,
			bias && views.bias.get("0u", "n"),
			residual && views.residual.get(`${m}u`, "n")
		].filter((v) => v).join(" + "))).join(" ")} }`
	});
}
// kernels/ops/matmul/tiles.ts
const threads = ({ BM, BN, TM, TN }) => BM / TM * (BN / TN);
/** Whether all threads get whole pieces of both inputs; a transposed piece is 4 × 4. */
const suits = (tile, transA, transB) => [tile.BM * tile.BK / (transA ? 4 : 16), tile.BN * tile.BK / (transB ? 16 : 4)].every((pieces) => pieces % threads(tile) === 0);
/** Bytes of workgroup memory, at most: transposed rows are skewed. */
const bytes = ({ BM, BN, BK }) => 4 * BK * (BM + BN) + 256;
/** Whether an adapter can run the tile. */
const fits$1 = (tile, { workgroupBytes, invocations }) => bytes(tile) <= workgroupBytes && threads(tile) <= invocations;
const SOFTWARE = {
	BM: 32,
	BN: 32,
	BK: 32,
	TM: 4,
	TN: 4,
	LN: 8,
	unroll: 1,
	band: 8
};
/**
* Tiles with the share of peak they reach on large shapes, how many workgroups a core holds, and what starting and ending one costs in
* steps of k. Measured on an H100 (`--tune` of the benchmark). Those of 256 threads are a little faster there for some transposes.
*/
const HARDWARE_TILES = [
	{
		tile: {
			BM: 128,
			BN: 128,
			BK: 16,
			TM: 8,
			TN: 16,
			LN: 8,
			unroll: 16,
			band: 8
		},
		share: .72,
		resident: 2,
		overhead: 48
	},
	{
		tile: {
			BM: 128,
			BN: 128,
			BK: 16,
			TM: 8,
			TN: 16,
			LN: 4,
			unroll: 16,
			band: 8
		},
		share: .719,
		resident: 2,
		overhead: 48
	},
	{
		tile: {
			BM: 256,
			BN: 128,
			BK: 16,
			TM: 16,
			TN: 8,
			LN: 8,
			unroll: 16,
			band: 8
		},
		share: .71,
		resident: 1,
		overhead: 48
	},
	{
		tile: {
			BM: 256,
			BN: 128,
			BK: 16,
			TM: 8,
			TN: 16,
			LN: 8,
			unroll: 16,
			band: 8
		},
		share: .71,
		resident: 1,
		overhead: 48
	},
	{
		tile: {
			BM: 64,
			BN: 64,
			BK: 16,
			TM: 8,
			TN: 8,
			LN: 8,
			unroll: 16,
			band: 8
		},
		share: .66,
		resident: 6,
		overhead: 24
	},
	{
		tile: {
			BM: 64,
			BN: 32,
			BK: 32,
			TM: 8,
			TN: 4,
			LN: 8,
			unroll: 16,
			band: 8
		},
		share: .45,
		resident: 6,
		overhead: 24
	},
	{
		tile: {
			BM: 32,
			BN: 64,
			BK: 32,
			TM: 4,
			TN: 8,
			LN: 8,
			unroll: 16,
			band: 8
		},
		share: .45,
		resident: 6,
		overhead: 24
	}
];
const CORES$1 = 132;
const FMA_PER_CORE = 128;
/** Elements a core can move in the time of one multiply-add cycle. */
const ELEMENTS_PER_CYCLE = 3.2;
/** Elements that the parts of a split inner dimension may take together. */
const MOST_PARTS = 2 ** 27;
/**
* Every tile with every split that makes sense, by estimated time. Depends on the shape alone, so that sums run in the same order
* everywhere. WebGPU does not tell how many cores an adapter has; the estimate is for a large card, on a small one it only over-splits.
*/
function byEstimate({ M, N, K, transA, transB }, target) {
	const found = [];
	for (const { tile, share, resident, overhead } of HARDWARE_TILES.filter(({ tile }) => suits(tile, transA, transB) && fits$1(tile, target))) for (const splitK of [
		1,
		2,
		4,
		8,
		16,
		32,
		64
	]) {
		const part = ceilDiv(ceilDiv(K, splitK), tile.BK) * tile.BK;
		if (splitK > 1 && (part < 128 || splitK * M * N > MOST_PARTS)) continue;
		const groups = ceilDiv(M, tile.BM) * ceilDiv(N, tile.BN) * splitK;
		const perCore = ceilDiv(groups, CORES$1);
		const hiding = Math.min(1, .5 + .5 * Math.min(perCore, resident) / Math.min(2, resident));
		const compute = perCore * tile.BM * tile.BN * (part + overhead) / (FMA_PER_CORE * share * hiding);
		const reduce = splitK > 1 ? (splitK * 2 + 1) * M * N / (ELEMENTS_PER_CYCLE * CORES$1) + 3e3 : 0;
		found.push({
			tile,
			splitK,
			cost: compute + reduce
		});
	}
	return found.sort((a, b) => a.cost - b.cost);
}
/** At most so many candidates, two splits of a tile among them: a driver takes a third of a second to compile one. */
const CANDIDATES = 6;
/** What is worth measuring, the rule's choice first. */
function tileCandidates(shape, target) {
	if (target.software) return [{
		tile: SOFTWARE,
		splitK: shape.K >= 1024 && shape.M * shape.N <= 4096 ? 4 : 1
	}];
	const taken = /* @__PURE__ */ new Map();
	const { M, N } = shape;
	return byEstimate(shape, target).filter(({ tile }, i) => i === 0 || tile.BM < 2 * M && tile.BN < 2 * N).filter(({ tile }) => taken.set(tile, (taken.get(tile) ?? 0) + 1).get(tile) <= 2).slice(0, CANDIDATES);
}
/** How a choice is called in what was measured: "128×128×16 of 8×16 in patches of 8, K in 4 parts". */
const tileName = ({ tile: { BM, BN, BK, TM, TN, LN }, splitK }) => `${BM}×${BN}×${BK} of ${TM}×${TN} in patches of ${LN}${splitK > 1 ? `, K in ${splitK} parts` : ""}`;
// kernels/ops/matmul/tiled.ts
/**
* One input of the tiled kernel. Its workgroup tile is always [k][w / 4] of vec4 (w: m or n). Rows contiguous in w are copied; rows
* contiguous in k are transposed 4 × 4 in registers, each row of the tile skewed so that the stores hit different banks.
*/
function side(X, view, { along, W, width, K, BK, T, ld }) {
	const transpose = along === "k";
	const [rows, cols] = transpose ? [width, K] : [K, width];
	const S = W / 4;
	const skew = transpose ? Math.max(1, 32 / BK) : 0;
	const per = transpose ? W * BK / 16 / T : W * BK / 4 / T;
	if (!Number.isInteger(per) || per < 1) throw new Error(`matmul tile: ${W} × ${BK} does not split over ${T} threads`);
	const vec = cols % 4 === 0;
	const fast = vec && width % W === 0 && K % BK === 0;
	const n = transpose ? 4 : 1;
	const at = (q, i) => transpose ? [`(${X}w${q} + ${i}u)`, `${X}k${q}`] : [`${X}k${q}`, `${X}w${q}`];
	const registers = range(per).flatMap((q) => range(n).map((i) => [q, i]));
	const functions = fast ? "" : vec ? `fn fetch${X}(r: u32, c: u32) -> vec4f { if (r < ${rows}u && c < ${cols}u) { return ${view.get4("r", "c / 4u")}; } return vec4f(); }` : `fn fetch${X}(r: u32, c: u32) -> vec4f { var v = vec4f(); if (r < ${rows}u) { ${range(4).map((j) => `if (c + ${j}u < ${cols}u) { v[${j}] = ${view.get("r", `c + ${j}u`)}; }`).join(" ")} } return v; }`;
	return {
		size: BK * S + BK / 4 * skew,
		row: (k) => k * S + Math.floor(k / 4) * skew,
		rowAt: (k) => `(${k}) * ${S}u + (${k}) / 4u * ${skew}u`,
		functions,
		setup: `${range(per).map((q) => {
			const e = `(t + ${q * T}u)`;
			const [w, k] = transpose ? [`${e} / ${BK / 4}u * 4u`, `${e} % ${BK / 4}u * 4u`] : [`${e} % ${S}u * 4u`, `${e} / ${S}u`];
			return `let ${X}ww${q} = ${w}; let ${X}kk${q} = ${k}; let ${X}w${q} = ${X}0 + ${X}ww${q}; let ${X}k${q} = kBegin + ${X}kk${q};
let ${X}s${q} = ${X}kk${q} * ${S}u + ${X}kk${q} / 4u * ${skew}u + ${X}ww${q} / 4u;
${fast ? range(n).map((i) => `let ${X}i${q}_${i} = ${view.place4(at(q, i)[0], `${at(q, i)[1]} / 4u`)};`).join(" ") : ""}`;
		}).join("\n")}
${registers.map(([q, i]) => `var ${X}r${q}_${i} = vec4f();`).join(" ")}`,
		load: (dk) => registers.map(([q, i]) => {
			const stride = transpose ? 1 : ld;
			if (fast) return `${X}r${q}_${i} = ${view.load4(`${X}i${q}_${i} + (${dk}) * ${stride}u / ${view.elementsPerPlace}u`)};`;
			const [r, c] = at(q, i);
			return `${X}r${q}_${i} = fetch${X}(${transpose ? r : `${r} + ${dk}`}, ${transpose ? `${c} + ${dk}` : c});`;
		}).join(" "),
		store: range(per).flatMap((q) => transpose ? range(4).map((j) => `${X}t[${X}s${q} + ${j * S}u] = vec4f(${range(4).map((i) => `${X}r${q}_${i}[${j}]`).join(", ")});`) : [`${X}t[${X}s${q}] = ${X}r${q}_0;`]).join(" ")
	};
}
/** y = op(a) op(b) + bias + residual with tiles in workgroup memory and a block of y in each thread's registers. */
function tiledMatmul(operands, { tile, splitK }, scratch) {
	const { a, b, bias, residual, y, transA, transB } = operands;
	const { BM, BN, BK, TM, TN, LN, unroll, band } = tile;
	const [M, N, K] = [
		y.rows,
		y.cols,
		transA ? a.rows : a.cols
	];
	const T = threads(tile);
	const LM = 32 / LN;
	const WN = BN / (LN * TN);
	const [G, H] = [TM / 4, TN / 4];
	const whole = splitK === 1;
	const part4 = N % 4 === 0;
	const bound = bindOperands({
		A: reads(a, true),
		B: reads(b, true),
		y: whole ? writes(y, true) : part(scratch, 0, splitK * M * N, {
			vec: part4,
			write: true
		}),
		...whole && bias ? { bias: reads(bias, true) } : {},
		...whole && residual ? { residual: reads(residual, true) } : {}
	});
	const { views } = bound;
	const A = side("A", views.A, {
		along: transA ? "w" : "k",
		W: BM,
		width: M,
		K,
		BK,
		T,
		ld: a.ld
	});
	const B = side("B", views.B, {
		along: transB ? "k" : "w",
		W: BN,
		width: N,
		K,
		BK,
		T,
		ld: b.ld
	});
	const perSplit = ceilDiv(ceilDiv(K, splitK), BK) * BK;
	const padded = ceilDiv(K, BK) * BK;
	const [nm, nn] = [ceilDiv(M, BM), ceilDiv(N, BN)];
	const edge = M % BM !== 0 || N % BN !== 0;
	const multiply = range(TM).map((i) => range(H).map((h) => `c${i}_${h} = fma(vec4f(a${i >> 2}[${i & 3}]), b${h}, c${i}_${h});`).join(" ")).join("\n");
	const step = (ka, kb) => `{ ${range(G).map((g) => `let a${g} = At[${ka} + aL + ${g * LM}u];`).join(" ")} ${range(H).map((h) => `let b${h} = Bt[${kb} + bL + ${h * LN}u];`).join(" ")}\n${multiply} }`;
	const inner = unroll >= BK ? range(BK).map((k) => step(`${A.row(k)}u`, `${B.row(k)}u`)).join("\n") : `for (var k = 0u; k < ${BK}u; k += ${unroll}u) {\n${range(unroll).map((u) => step(A.rowAt(`(k + ${u}u)`), B.rowAt(`(k + ${u}u)`))).join("\n")}\n}`;
	const put = (i, h) => {
		const [row, col] = [`(r + ${(i >> 2) * LM * 4 + (i & 3)}u)`, `(n + ${h * LN * 4}u)`];
		const sum = `c${i}_${h}`;
		if (!whole) {
			const place = `(wid.z * ${M}u + ${row}) * ${part4 ? N / 4 : N}u`;
			if (part4) return `${edge ? `if (${row} < ${M}u && ${col} < ${N}u)` : ""} { ${views.y.put4("0u", `${place} + ${col} / 4u`, sum)} }`;
			return `if (${row} < ${M}u) { ${range(4).map((j) => `if (${col} + ${j}u < ${N}u) { ${views.y.put("0u", `${place} + ${col} + ${j}u`, `${sum}[${j}]`)} }`).join(" ")} }`;
		}
		if (part4) {
			const value = [
				sum,
				bias && views.bias.get4("0u", `${col} / 4u`),
				residual && views.residual.get4(row, `${col} / 4u`)
			];
			return `${edge ? `if (${row} < ${M}u && ${col} < ${N}u)` : ""} { ${views.y.put4(row, `${col} / 4u`, value.filter((v) => v).join(" + "))} }`;
		}
		return `if (${row} < ${M}u) { ${range(4).map((j) => {
			const c = `${col} + ${j}u`;
			const value = [
				`${sum}[${j}]`,
				bias && views.bias.get("0u", c),
				residual && views.residual.get(row, c)
			];
			return `if (${c} < ${N}u) { ${views.y.put(row, c, value.filter((v) => v).join(" + "))} }`;
		}).join(" ")} }`;
	};
	const load = (dk) => `${A.load(dk)} ${B.load(dk)}`;
	const main = kernel({
		label: "matmul",
		bound,
		workgroup: T,
		groups: [...line(nm * nn).slice(0, 2), splitK],
		globals: `var<workgroup> At: array<vec4f, ${A.size}>; var<workgroup> Bt: array<vec4f, ${B.size}>;\n${A.functions}\n${B.functions}`,
		body: `let t = li; let id = wid.x + wid.y * ${line(nm * nn)[0]}u; if (id >= ${nm * nn}u) { return; }
let band = id / ${band * nn}u; let inBand = id % ${band * nn}u; let bandRows = min(${nm}u - band * ${band}u, ${band}u);
let A0 = (band * ${band}u + inBand % bandRows) * ${BM}u; let B0 = inBand / bandRows * ${BN}u;
let kBegin = wid.z * ${perSplit}u; let kLen = min(${padded}u - min(${padded}u, kBegin), ${perSplit}u);
let lane = t % 32u; let warp = t / 32u; let lm = lane / ${LN}u; let ln = lane % ${LN}u; let wm = warp / ${WN}u; let wn = warp % ${WN}u;
let aL = wm * ${LM * G}u + lm; let bL = wn * ${LN * H}u + ln;
${A.setup}
${B.setup}
${range(TM).map((i) => range(H).map((h) => `var c${i}_${h} = vec4f();`).join(" ")).join(" ")}
${whole ? "" : "if (kLen > 0u)"} { ${load("0u")} }
for (var dk = 0u; dk < kLen; dk += ${BK}u) {
${A.store} ${B.store} workgroupBarrier();
if (dk + ${BK}u < kLen) { ${load(`(dk + ${BK}u)`)} }
${inner}
workgroupBarrier();
}
let r = A0 + (wm * ${LM * G}u + lm) * 4u; let n = B0 + (wn * ${LN * H}u + ln) * 4u;
${range(TM).flatMap((i) => range(H).map((h) => put(i, h))).join("\n")}`
	});
	return whole ? [main] : [main, addParts(operands, splitK, scratch)];
}
/** The sum of the parts of a split inner dimension, in order, with bias and residual. */
function addParts({ bias, residual, y }, splitK, scratch) {
	const vec = y.cols % 4 === 0;
	const width = vec ? y.cols / 4 : y.cols;
	const count = y.rows * width;
	const bound = bindOperands({
		parts: part(scratch, 0, splitK * y.rows * y.cols, { vec }),
		y: writes(y, vec),
		...bias ? { bias: reads(bias, vec) } : {},
		...residual ? { residual: reads(residual, vec) } : {}
	});
	const get = (name, r, c) => vec ? bound.views[name].get4(r, c) : bound.views[name].get(r, c);
	const sum = [
		"sum",
		bias && get("bias", "0u", "c"),
		residual && get("residual", "r", "c")
	].filter((v) => v).join(" + ");
	return kernel({
		label: "matmul.parts",
		bound,
		workgroup: 64,
		groups: ceilDiv(count, 64),
		body: `let i = w * 64u + li; if (i >= ${count}u) { return; }
let r = i / ${width}u; let c = i % ${width}u;
var sum = ${get("parts", "0u", "i")}; ${range(splitK - 1).map((z) => `sum += ${get("parts", "0u", `i + ${(z + 1) * count}u`)};`).join(" ")}
${vec ? bound.views.y.put4("r", "c", sum) : bound.views.y.put("r", "c", sum)}`
	});
}
/** Elements of four bytes that it takes. */
const halvesElements = ({ width, depth }) => width * depth / 2;
/** Largest finite float16. */
const LARGEST = 65504;
/**
* x (f32) to float16 blocks at `first` of `scratch`. `alongK`: x has its rows along k. A thread makes 8 steps of k of one row, or of four
* rows where those are contiguous. Values beyond float16 become its largest; NaN stays NaN.
*/
function toHalves(x, alongK, { width, depth, scale }, scratch, first) {
	const [W, K] = alongK ? [x.rows, x.cols] : [x.cols, x.rows];
	const elements = halvesElements({
		width,
		depth,
		scale
	});
	const bound = bindOperands({
		x: reads(x, true),
		to: part(scratch, first, elements, {
			vec: true,
			write: true
		})
	});
	const { views } = bound;
	const [wide, deep] = [width / (alongK ? 1 : 4), depth / 8];
	const count = wide * deep;
	const vec = x.cols % 4 === 0;
	const inside = (r, c) => {
		if (vec) return x.rows % 16 === 0 && x.cols % 16 === 0 && W === width && K === depth ? views.x.get4(r, `(${c}) / 4u`) : `fetch(${r}, ${c})`;
		return `fetch(${r}, ${c})`;
	};
	const fetch = vec ? `fn fetch(r: u32, c: u32) -> vec4f { if (r < ${x.rows}u && c < ${x.cols}u) { return ${views.x.get4("r", "c / 4u")}; } return vec4f(); }` : `fn fetch(r: u32, c: u32) -> vec4f { var v = vec4f(); if (r < ${x.rows}u) { ${range(4).map((j) => `if (c + ${j}u < ${x.cols}u) { v[${j}] = ${views.x.get("r", `c + ${j}u`)}; }`).join(" ")} } return v; }`;
	const half = (a, b) => `half(vec2f(${a}, ${b}))`;
	const put = (row, value) => `{ let to = ((${row}) / 16u * ${depth / 16}u + k / 16u) * 32u + (${row}) % 16u * 2u + k / 8u % 2u; ${views.to.put4("0u", "to", `bitcast<vec4f>(${value})`)} }`;
	const chunk = (at) => `vec4u(${range(4).map((j) => half(at(2 * j), at(2 * j + 1))).join(", ")})`;
	return kernel({
		label: "matmul.halves",
		bound,
		workgroup: 256,
		groups: ceilDiv(count, 256),
		globals: `${fetch}
fn half(v: vec2f) -> u32 { let x = v * ${literal(scale)}; return pack2x16float(select(x, sign(x) * ${LARGEST}.0, abs(x) > vec2f(${LARGEST}.0))); }`,
		body: `let i = w * 256u + li; if (i >= ${count}u) { return; }
${alongK ? `let k = i % ${deep}u * 8u; let row = i / ${deep}u; let v0 = ${inside("row", "k")}; let v1 = ${inside("row", "k + 4u")};
${put("row", chunk((j) => `v${j >> 2}[${j & 3}]`))}` : `let row = i % ${wide}u * 4u; let k = i / ${wide}u * 8u;
${range(8).map((j) => `let v${j} = ${inside(`(k + ${j}u)`, "row")};`).join(" ")}
${range(4).map((c) => put(`row + ${c}u`, chunk((j) => `v${j}[${c}]`))).join("\n")}`}`
	});
}
// kernels/ops/matmul/unitTiles.ts
/** 16-byte pieces in a row of a workgroup tile; an odd number, so that neighbouring rows lie in different banks. */
const pieces = ({ BK }) => BK / 8 + 1;
const unitThreads = ({ WM, WN }) => 32 * WM * WN;
const unitBytes = (tile) => 16 * tile.copies * (tile.BM + tile.BN) * pieces(tile);
const fits = (tile, { workgroupBytes, invocations }) => unitBytes(tile) <= workgroupBytes && unitThreads(tile) <= invocations;
/** How a choice is called in what was measured: "float16 128×256×32 of 64×64, K in 4 parts". */
const unitName = ({ units: { BM, BN, BK, WM, WN, copies }, splitK }) => [
	`float16 ${BM}×${BN}×${BK} of ${BM / WM}×${BN / WN}`,
	...copies > 1 ? ["two copies"] : [],
	...splitK > 1 ? [`K in ${splitK} parts`] : []
].join(", ");
const PLAIN = {
	copies: 1,
	band: 8
};
const UNIT_TILES = [
	{
		BM: 128,
		BN: 256,
		BK: 32,
		WM: 2,
		WN: 4,
		...PLAIN
	},
	{
		BM: 256,
		BN: 128,
		BK: 32,
		WM: 4,
		WN: 2,
		...PLAIN
	},
	{
		BM: 128,
		BN: 128,
		BK: 32,
		WM: 2,
		WN: 2,
		...PLAIN
	},
	{
		BM: 64,
		BN: 64,
		BK: 32,
		WM: 2,
		WN: 2,
		...PLAIN
	}
];
/** Rounding the inputs costs a pass over them: it pays where each is used often enough. */
const unitsPay = ({ M, N, K }) => M * N * K / (M * K + K * N) >= 64 && K >= 64;
const CORES = 132;
/** What is worth measuring, the likeliest first: for each tile the split that fills the card, and its half. */
function unitCandidates({ M, N, K }, target) {
	const found = [];
	for (const units of UNIT_TILES.filter((tile) => fits(tile, target))) for (const splitK of [
		1,
		2,
		4,
		8,
		16
	]) {
		if (splitK > 1 && (K / splitK < 256 || splitK * M * N > 2 ** 27)) continue;
		const groups = ceilDiv(M, units.BM) * ceilDiv(N, units.BN) * splitK;
		const rounds = ceilDiv(groups, CORES);
		const share = units.BM * units.BN >= 2 ** 15 ? 1 : units.BM * units.BN >= 2 ** 14 ? .8 : .4;
		const compute = rounds * units.BM * units.BN * (ceilDiv(K, splitK) + 64) / share;
		const reduce = splitK > 1 ? (splitK * 2 + 1) * M * N * 2 : 0;
		found.push({
			units,
			splitK,
			cost: compute + reduce
		});
	}
	return found.sort((a, b) => a.cost - b.cost).slice(0, 6);
}
// kernels/ops/matmul/units.ts
const upTo = (x, step) => ceilDiv(x, step) * step;
/** Where the inputs in float16 and the parts of the sum lie in scratch. */
function unitLayout({ M, N, K }, { units, splitK }, [scaleA, scaleB]) {
	const depth = upTo(K, units.BK * splitK);
	const a = {
		width: upTo(M, units.BM),
		depth,
		scale: scaleA
	};
	const b = {
		width: upTo(N, units.BN),
		depth,
		scale: scaleB
	};
	return {
		a,
		b,
		...regions({
			a: halvesElements(a),
			b: halvesElements(b),
			parts: splitK > 1 ? splitK * M * N : 0
		})
	};
}
/**
* y = op(a) op(b) + bias + residual on the adapter's matrix units: inputs rounded to float16, products exact, sums in float32. `scales`,
* powers of two, lift a and b before they are rounded, and are taken out of the sums.
*/
function unitMatmul(operands, choice, scales, scratch) {
	const { a, b, bias, residual, y, transA, transB } = operands;
	const { units, splitK } = choice;
	const { BM, BN, BK, WM, WN, copies, band } = units;
	const [M, N, K] = [
		y.rows,
		y.cols,
		transA ? a.rows : a.cols
	];
	const layout = unitLayout({
		M,
		N,
		K,
		transA,
		transB
	}, choice, scales);
	const T = unitThreads(units);
	const whole = splitK === 1;
	const S = pieces(units);
	const [tm, tn, deep] = [
		BM / WM,
		BN / WN,
		BK / 16
	];
	const [fm, fn] = [tm / 16, tn / 16];
	const depth = layout.a.depth / splitK;
	const [nm, nn] = [layout.a.width / BM, layout.b.width / BN];
	const vec = N % 4 === 0;
	const bound = bindOperands({
		A: part(scratch, layout.first.a, halvesElements(layout.a), { vec: true }),
		B: part(scratch, layout.first.b, halvesElements(layout.b), { vec: true }),
		y: whole ? writes(y, true) : part(scratch, layout.first.parts, splitK * M * N, {
			vec,
			write: true
		}),
		...whole && bias ? { bias: reads(bias, true) } : {},
		...whole && residual ? { residual: reads(residual, true) } : {}
	});
	const { views } = bound;
	const side = (X, W) => {
		const per = W * BK / 8 / T;
		if (!Number.isInteger(per)) throw new Error(`matmul units: ${W} × ${BK} does not split over ${T} threads`);
		return {
			size: W * S,
			setup: range(per).map((q) => `let ${X}e${q} = t + ${q * T}u; let ${X}b${q} = ${X}e${q} / ${32 * deep}u;
let ${X}i${q} = ((${X}0 / 16u + ${X}b${q}) * ${layout.a.depth / 16}u + kBegin / 16u) * 32u + ${X}e${q} % ${32 * deep}u;
let ${X}s${q} = (${X}b${q} * 16u + ${X}e${q} % 32u / 2u) * ${S}u + ${X}e${q} / 32u % ${deep}u * 2u + ${X}e${q} % 2u; var ${X}v${q} = vec4f();`).join("\n"),
			load: (dk) => range(per).map((q) => `${X}v${q} = ${views[X].load4(`${X}i${q} + (${dk}) * 2u`)};`).join(" "),
			store: (base) => range(per).map((q) => `${X}t[${base}u + ${X}s${q}] = bitcast<vec4u>(${X}v${q});`).join(" ")
		};
	};
	const [A, B] = [side("A", BM), side("B", BN)];
	const load = (dk) => `${A.load(dk)} ${B.load(dk)}`;
	const fill = (copy) => `${A.store(copy * A.size)} ${B.store(copy * B.size)}`;
	const matrix = (X, at) => `subgroupMatrixLoad<subgroup_matrix_${X === "A" ? "left" : "right"}<f16, 16, 16>, ${X === "A" ? "row_major" : "col_major"}>(&${X}t, ${at}, ${S}u)`;
	const inner = (copy) => range(deep).map((k) => `{ ${range(fm).map((i) => `let a${i} = ${matrix("A", `${copy * A.size + 2 * k}u + (wm * ${tm}u + ${i * 16}u) * ${S}u`)};`).join(" ")} ${range(fn).map((j) => `let b${j} = ${matrix("B", `${copy * B.size + 2 * k}u + (wn * ${tn}u + ${j * 16}u) * ${S}u`)};`).join(" ")}
${range(fn).map((j) => range(fm).map((i) => `c${i}_${j} = subgroupMatrixMultiplyAccumulate(a${i}, b${j}, c${i}_${j});`).join(" ")).join("\n")} }`).join("\n");
	const next = `dk + ${BK}u`;
	const loop = copies === 1 ? `for (var dk = 0u; dk < ${depth}u; dk += ${BK}u) { ${fill(0)} workgroupBarrier(); if (${next} < ${depth}u) { ${load(next)} }
${inner(0)}
workgroupBarrier(); }` : `${fill(0)} workgroupBarrier(); var dk = 0u;
loop { if (dk >= ${depth}u) { break; }
${[0, 1].map((copy) => `{ let more = ${next} < ${depth}u; if (more) { ${load(next)} }
${inner(copy)}
if (more) { ${fill(1 - copy)} } workgroupBarrier(); dk += ${BK}u; if (!more) { break; } }`).join("\n")}
}`;
	const [staging, room] = A.size >= B.size ? ["At", A.size * copies] : ["Bt", B.size * copies];
	const wide = [
		4,
		2,
		1
	].map((n) => n * 16).find((w) => tn % w === 0 && WM * WN * 16 * (w + 4) <= 4 * room);
	if (!wide) throw new Error("matmul units: no room for the results");
	const stride = (wide + 4) / 4;
	const unscale = scales[0] * scales[1] === 1 ? "" : ` * ${literal(1 / (scales[0] * scales[1]))}`;
	const put = () => {
		if (!whole) {
			const place = `(wid.z * ${M}u + r) * ${vec ? N / 4 : N}u`;
			return vec ? `if (r < ${M}u && n < ${N}u) { ${views.y.put4("0u", `${place} + n / 4u`, "v")} }` : `if (r < ${M}u) { ${range(4).map((j) => `if (n + ${j}u < ${N}u) { ${views.y.put("0u", `${place} + n + ${j}u`, `v[${j}]`)} }`).join(" ")} }`;
		}
		if (vec) {
			const value = [
				"v",
				bias && views.bias.get4("0u", "n / 4u"),
				residual && views.residual.get4("r", "n / 4u")
			].filter((x) => x);
			return `if (r < ${M}u && n < ${N}u) { ${views.y.put4("r", "n / 4u", value.join(" + "))} }`;
		}
		return `if (r < ${M}u) { ${range(4).map((j) => {
			const c = `n + ${j}u`;
			const value = [
				`v[${j}]`,
				bias && views.bias.get("0u", c),
				residual && views.residual.get("r", c)
			].filter((x) => x);
			return `if (${c} < ${N}u) { ${views.y.put("r", c, value.join(" + "))} }`;
		}).join(" ")} }`;
	};
	const out = range(fm).flatMap((i) => range(tn / wide).map((p) => `${range(wide / 16).map((j) => `subgroupMatrixStore<row_major>(&${staging}, warp * ${16 * stride}u + ${j * 4}u, c${i}_${p * wide / 16 + j}, ${stride}u);`).join(" ")} workgroupBarrier();
for (var e = lane; e < ${16 * wide / 4}u; e += 32u) { let row = e / ${wide / 4}u; let col = e % ${wide / 4}u;
let r = A0 + wm * ${tm}u + ${i * 16}u + row; let n = B0 + wn * ${tn}u + ${p * wide}u + col * 4u;
let v = bitcast<vec4f>(${staging}[warp * ${16 * stride}u + row * ${stride}u + col])${unscale}; ${put()} }
workgroupBarrier();`));
	const main = kernel({
		label: "matmul.units",
		bound,
		workgroup: T,
		groups: [...line(nm * nn).slice(0, 2), splitK],
		subgroups: true,
		directives: "enable f16; enable chromium_experimental_subgroup_matrix; diagnostic(off, chromium.subgroup_matrix_uniformity);\n",
		globals: `var<workgroup> At: array<vec4u, ${A.size * copies}>; var<workgroup> Bt: array<vec4u, ${B.size * copies}>;`,
		body: `let t = li; let id = wid.x + wid.y * ${line(nm * nn)[0]}u; if (id >= ${nm * nn}u) { return; }
let band = id / ${band * nn}u; let inBand = id % ${band * nn}u; let bandRows = min(${nm}u - band * ${band}u, ${band}u);
let A0 = (band * ${band}u + inBand % bandRows) * ${BM}u; let B0 = inBand / bandRows * ${BN}u; let kBegin = wid.z * ${depth}u;
let lane = t % 32u; let warp = t / 32u; let wm = warp / ${WN}u; let wn = warp % ${WN}u;
${A.setup}
${B.setup}
${range(fm).flatMap((i) => range(fn).map((j) => `var c${i}_${j} = subgroup_matrix_result<f32, 16, 16>();`)).join(" ")}
${load("0u")}
${loop}
${out.join("\n")}`
	});
	const parts = {
		...scratch,
		offset: scratch.offset + layout.first.parts,
		cols: splitK * M * N,
		ld: splitK * M * N
	};
	return [
		toHalves(a, !transA, layout.a, scratch, layout.first.a),
		toHalves(b, transB, layout.b, scratch, layout.first.b),
		main,
		...whole ? [] : [addParts(operands, splitK, parts)]
	];
}
// kernels/ops/matmul/matmul.wgsl.ts
const shapeOf = ([a, b], { transA, transB }) => {
	const [M, K] = transA ? [a.cols, a.rows] : [a.rows, a.cols];
	return {
		M,
		K,
		N: transB ? b.rows : b.cols,
		transA: !!transA,
		transB: !!transB,
		fewRows: M <= 8 && !transA && !!transB
	};
};
const scalesOf = ({ lift_a = 0, lift_b = 0 }) => [2 ** Number(lift_a), 2 ** Number(lift_b)];
/** Every way to multiply these shapes on this adapter, the rule's first. */
function variantsOf(shape, target) {
	const { M, N, K, transA, transB } = shape;
	const tiles = tileCandidates(shape, target);
	const units = target.mixed ? unitCandidates(shape, target) : [];
	const candidates = unitsPay(shape) ? [...units, ...tiles] : [...tiles, ...units];
	return {
		candidates,
		key: `${M}×${N} K${K} ${transA ? "T" : "N"}${transB ? "T" : "N"}${target.mixed ? " mixed" : ""}`,
		names: candidates.map((one) => "units" in one ? unitName(one) : tileName(one)),
		trusted: tileName(tiles[0])
	};
}
/** The variant in use: measured on this adapter, or by rule. */
function choice(shape, target) {
	const variants = variantsOf(shape, target);
	return variants.candidates[variants.names.indexOf(target.choices.name("matmul", variants))];
}
const matmul$1 = {
	variants(inputs, attrs, target) {
		const shape = shapeOf(inputs, attrs);
		return shape.fewRows ? null : variantsOf(shape, target);
	},
	scratch(inputs, attrs, target) {
		const shape = shapeOf(inputs, attrs);
		if (shape.fewRows) return 0;
		const chosen = choice(shape, target);
		if ("units" in chosen) return unitLayout(shape, chosen, scalesOf(attrs)).total;
		return chosen.splitK > 1 ? chosen.splitK * shape.M * shape.N : 0;
	},
	dispatches({ inputs, outputs: [y], attrs, scratch }, target) {
		const shape = shapeOf(inputs, attrs);
		const operands = {
			a: inputs[0],
			b: inputs[1],
			y,
			...attrs.bias ? { bias: inputs[2] } : {},
			...attrs.residual ? { residual: inputs[inputs.length - 1] } : {},
			transA: shape.transA,
			transB: shape.transB
		};
		if (shape.fewRows) return [fewRowsMatmul(operands, target)];
		const chosen = choice(shape, target);
		return "units" in chosen ? unitMatmul(operands, chosen, scalesOf(attrs), scratch) : tiledMatmul(operands, chosen, scratch);
	}
};
// kernels/ops/mean_pool/mean_pool.wgsl.ts
/** A workgroup sums 32 channels of one sequence; 8 threads share a channel's time steps. */
const mean_pool$1 = { dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
	const seqlen = num(attrs, "seqlen");
	const width = software ? 8 : 32;
	const bound = bindOperands({
		x: reads(x),
		y: writes(y)
	});
	return [kernel({
		label: "mean_pool",
		bound,
		workgroup: width * 8,
		groups: [
			ceilDiv(y.cols, width),
			y.rows,
			1
		],
		globals: `var<workgroup> sums: array<f32, ${width * 8}>;`,
		body: `let col = wid.x * ${width}u + li % ${width}u; let c = min(col, ${y.cols - 1}u); let lane = li / ${width}u;
var sum = 0.0;
for (var t = lane; t < ${seqlen}u; t += 8u) { sum += ${bound.views.x.get(`wid.y * ${seqlen}u + t`, "c")}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && col < ${y.cols}u) { for (var k = 1u; k < 8u; k++) { sum += sums[li + k * ${width}u]; }
${bound.views.y.put("wid.y", "col", `sum / ${seqlen}.0`)} }`
	})];
} };
// kernels/ops/mean_pool/mean_pool_grad.wgsl.ts
const mean_pool_grad$1 = { dispatches({ inputs: [dy], outputs: [dx], attrs }, { software }) {
	const seqlen = num(attrs, "seqlen");
	const bound = bindOperands({
		dy: reads(dy),
		dx: writes(dx)
	});
	const workgroup = software ? 64 : 256;
	return [kernel({
		label: "mean_pool_grad",
		bound,
		workgroup,
		groups: ceilDiv(dx.rows * dx.cols, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${dx.rows * dx.cols}u) { return; }
let r = i / ${dx.cols}u; let c = i % ${dx.cols}u;
${bound.views.dx.put("r", "c", `${bound.views.dy.get(`r / ${seqlen}u`, "c")} / ${seqlen}.0`)}`
	})];
} };
// kernels/ops/chunked_memory/memoryPlan.ts
function memoryPlan(attrs, sizes, { software }) {
	const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
	const wanted = attrs.chunk === void 0 ? software ? 16 : 64 : num(attrs, "chunk");
	const Q = [
		64,
		32,
		16
	].find((q) => q <= wanted) ?? 16;
	const [tm, slab] = [Q === 64 ? 8 : 4, software ? 4 : 16];
	const n4 = ceilDiv(sizes.N * sizes.P, 4);
	const state4 = n4 + (sizes.normalised ? ceilDiv(sizes.N, 4) : 0);
	return {
		...sizes,
		batch,
		seqlen,
		Q,
		chunks: ceilDiv(seqlen, Q),
		rows: Q / 2,
		tm,
		slab,
		threads: Q / 2 / tm * Q / 4,
		state4,
		n4
	};
}
const heads = (s) => s.batch * s.H;
const stateElements$1 = (s) => 4 * s.state4 * heads(s) * s.chunks;
const gateElements = (s) => 8 * s.Q * s.chunks * heads(s);
const columnTiles = (s, columns) => ceilDiv(columns, s.Q);
/** Numbers per step and head that the backward kernels hand on: dqn; ⟨q, S dy⟩ and ⟨k, dS v⟩ per tile; sums over each half's rows; ⟨dy, v⟩. */
const rowNames = (s) => {
	const tiles = columnTiles(s, s.N);
	return {
		dqn: 0,
		entering: 1,
		leaving: 1 + tiles,
		given: 1 + 2 * tiles,
		crossed: 3 + 2 * tiles,
		own: 5 + 2 * tiles,
		count: 6 + 2 * tiles,
		tiles
	};
};
const rowElements = (s) => rowNames(s).count * s.Q * s.chunks * heads(s);
/** `saved`: the state before each chunk, and per chunk the gates ri, rf, ci, cf, w, (1 / denominator, its sign | slope), bi. */
function savedRegions$1(s) {
	const laid = regions({
		states: stateElements$1(s),
		gates: gateElements(s)
	});
	return {
		total: laid.total,
		states: (saved, write = false) => part(saved, laid.first.states, stateElements$1(s), {
			vec: true,
			write
		}),
		gates: (saved, write = false) => part(saved, laid.first.gates, gateElements(s), { write })
	};
}
/** Scratch of the backward pass: adjoints of the states, rows, per-head gradients of q and k where heads share them, and `extra`. */
function gradRegions$1(s, extra) {
	const shared = s.G < s.H ? s.batch * s.seqlen * s.H * s.N : 0;
	const laid = regions({
		adjoints: stateElements$1(s),
		rows: rowElements(s),
		shared,
		extra
	});
	return {
		total: laid.total,
		adjoints: (scratch, write = false) => part(scratch, laid.first.adjoints, stateElements$1(s), {
			vec: true,
			write
		}),
		rows: (scratch, write = false) => part(scratch, laid.first.rows, rowElements(s), { write }),
		extra: (scratch, write = false) => part(scratch, laid.first.extra, extra, { write }),
		extraAt: (scratch, first, count) => part(scratch, laid.first.extra + first, count),
		/** Gradients of q or k of every head, (batch·seqlen, H·N). */
		shared: (scratch, write = false) => part(scratch, laid.first.shared, shared, {
			vec: s.N % 4 === 0,
			write
		})
	};
}
// kernels/ops/chunked_memory/memoryTiles.ts
/**
* `name`(row, inside, c, base): columns base + c … + 3 of a row of (·, heads·width), zero where not `inside` or from `width` on.
*/
function fetchRows(name, view, { width, vec }) {
	return {
		name,
		code: `fn ${name}(row: u32, inside: bool, c: u32, base: u32) -> vec4f { var v = vec4f(); if (inside) { ${vec && width % 4 === 0 ? `if (c < ${width}u) { v = ${view.get4("row", "(base + c) / 4u")}; }` : range(4).map((j) => `if (c + ${j}u < ${width}u) { v[${j}] = ${view.get("row", `base + c + ${j}u`)}; }`).join(" ")} } return v; }`
	};
}
/** `name`(r, c, first): columns c … c + 3 of row r of a state (rows, width) whose first vec4 is `first`; zero outside. */
function fetchState(name, view, rows, width) {
	const at = (i) => view.load4(`first + ${i}`);
	return {
		name,
		code: `fn ${name}(r: u32, c: u32, first: u32) -> vec4f { var v = vec4f(); ${width % 4 === 0 ? `if (r < ${rows}u && c < ${width}u) { v = ${at(`(r * ${width}u + c) / 4u`)}; }` : `if (r < ${rows}u) { ${range(4).map((j) => `if (c + ${j}u < ${width}u) { let i = r * ${width}u + c + ${j}u; let q = ${at("i / 4u")}; v[${j}] = q[i % 4u]; }`).join(" ")} }`} return v; }`
	};
}
/** Workgroup memory: slabs [k][row / 4] and [k][column / 4] of both sides, and where wanted a whole tile [k][row / 4]. */
const tileMemory = (s, whole) => `var<workgroup> At: array<vec4f, ${s.slab * s.rows / 4}>; var<workgroup> Bt: array<vec4f, ${s.slab * s.Q / 4}>;${whole ? ` var<workgroup> Pt: array<vec4f, ${s.Q * s.rows / 4}>;` : ""}`;
const rowRange = (s) => range(s.tm);
const declareTile = (s, name, initial = "vec4f()") => rowRange(s).map((i) => `var ${name}${i} = ${initial};`).join(" ");
/** Copies a slab: get(k, w) is WGSL of four columns from w on of row k. */
const stageDirect = (s, to, get) => {
	const width = to === "At" ? s.rows : s.Q;
	return `for (var e = li; e < ${s.slab * width / 4}u; e += ${s.threads}u) { let k = e / ${width / 4}u; ${to}[e] = ${get("k", `(e % ${width / 4}u * 4u)`)}; }`;
};
/**
* Transposes a slab, 4 × 4 at a time: get(w, k) is WGSL of four columns from k on of row w. In registers; on CPU drivers, where compiling
* four copies of the loads costs more than running them one after the other, element by element.
*/
const stageTransposed = (s, to, get) => {
	const width = to === "At" ? s.rows : s.Q;
	if (s.slab < 16) return `for (var e = li; e < ${s.slab * width / 4}u; e += ${s.threads}u) { let r = e % ${width}u; let k4 = e / ${width}u * 4u; let x = ${get("r", "k4")};
${range(4).map((j) => `${to}[(k4 + ${j}u) * ${width / 4}u + r / 4u][r % 4u] = x[${j}];`).join(" ")} }`;
	return `for (var e = li; e < ${s.slab * width / 16}u; e += ${s.threads}u) { let w4 = e % ${width / 4}u; let k4 = e / ${width / 4}u * 4u;
${range(4).map((i) => `let x${i} = ${get(`(w4 * 4u + ${i}u)`, "k4")};`).join(" ")}
${range(4).map((j) => `${to}[(k4 + ${j}u) * ${width / 4}u + w4] = vec4f(x0[${j}], x1[${j}], x2[${j}], x3[${j}]);`).join(" ")} }`;
};
/**
* name += A B over k0 in [from, to): `stage` fills the slabs of depth `slab` from k0 on. With `A` = 'Pt' the left side is the whole tile
* that lies there. `each` runs at every slab while it is in memory.
*/
function multiply(s, name, { from, to, stage, A = "At", each = "" }) {
	const groups = s.tm / 4;
	return `for (var k0 = ${from}; k0 < ${to}; k0 += ${s.slab}u) {
workgroupBarrier();
${stage}
workgroupBarrier();
${each}
for (var k = 0u; k < ${s.slab}u; k++) {
let ai = (${A === "Pt" ? "k0 + k" : "k"}) * ${s.rows / 4}u + rt * ${groups}u; let bv = Bt[k * ${s.Q / 4}u + ct];
${range(groups).map((q) => `let a${q} = ${A}[ai + ${q}u];`).join(" ")}
${rowRange(s).map((i) => `${name}${i} = fma(vec4f(a${i >> 2}[${i & 3}]), bv, ${name}${i});`).join(" ")}
} }`;
}
/** Puts the tile's values, made by value(i), into Pt as [column][row / 4]. */
const keepTile = (s, value) => `${rowRange(s).map((i) => `let p${i} = ${value(i)};`).join("\n")}
${range(4).flatMap((j) => range(s.tm / 4).map((q) => `Pt[(ct * 4u + ${j}u) * ${s.rows / 4}u + rt * ${s.tm / 4}u + ${q}u] = vec4f(${range(4).map((i) => `p${4 * q + i}[${j}]`).join(", ")});`)).join("\n")}`;
/** Names of one workgroup: its place, its chunk, its rows; then of one thread. Workgroups with nothing to do (`idle`) leave. */
const tilePlace = (s, tiles, halves = 2, idle = "r0 >= steps") => `var id = w; let c0 = id % ${tiles}u * ${s.Q}u; id /= ${tiles}u;
let half = id % ${halves}u; id /= ${halves}u; let ck = id % ${s.chunks}u; id /= ${s.chunks}u; let h = id % ${s.H}u; let b = id / ${s.H}u; let g = h / ${s.H / s.G}u;
let row0 = b * ${s.seqlen}u + ck * ${s.Q}u; let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u); let r0 = half * ${s.rows}u;
if (${idle}) { return; }
let chunk = (b * ${s.H}u + h) * ${s.chunks}u + ck; let gb = chunk * ${8 * s.Q}u; let first = chunk * ${s.state4}u;
let ct = li % ${s.Q / 4}u; let rt = li / ${s.Q / 4}u; let tr = r0 + rt * ${s.tm}u;`;
/** WGSL of gate i at `step`; and of four steps from `step` on. */
const gate = (gates, s, i, step) => gates.get("0u", `gb + ${i * s.Q}u + ${step}`);
const gate4 = (gates, s, i, step) => `vec4f(${range(4).map((j) => gate(gates, s, i, `${step} + ${j}u`)).join(", ")})`;
/** Declares `carried`: the stabiliser that the state before the chunk has. */
const declareCarried = (gates, s) => `var carried = 0.0; if (ck > 0u) { carried = ${gates.get("0u", `gb - ${8 * s.Q}u + ${8 * s.Q - 1}u`)} - ${gates.get("0u", `gb - ${8 * s.Q}u + ${s.Q - 1}u`)}; }`;
/** What is left at `step` of the state before the chunk; at the chunk's last step of what `step` put in, w apart. */
const leftOfState = (gates, s, step) => `exp2((carried + ${gate(gates, s, 0, step)}) + ${gate(gates, s, 1, step)})`;
const leftAtEnd = (gates, s, step) => `exp2((${gate(gates, s, 0, "(steps - 1u)")} + ${gate(gates, s, 2, step)}) + (${gate(gates, s, 1, "(steps - 1u)")} + ${gate(gates, s, 3, step)}))`;
// kernels/ops/chunked_memory/memoryProducts.ts
/**
* y, dq, dk and dv have one form: rows of the chunk are what the state gives, X S, plus a masked product inside the chunk, (A Bᵀ ∘ decay) Z:
*   y = decay (q S) + (q kᵀ ∘ L) v          dq = decay (dy Sᵀ) + (dy vᵀ ∘ L) k
*   dk = decay (v dSᵀ) + (v dyᵀ ∘ Lᵀ) q     dv = decay (k dS) + (k qᵀ ∘ Lᵀ) dy
* A workgroup makes half a chunk's rows and one tile of columns. On the way dq and dk leave what passes between the chunk's steps and the
* state, ⟨q, S dy⟩ and ⟨k, dS v⟩, from which the gates' gradients follow. The inner product is made first, then scaled, then the rest added.
*/
function memoryProduct(s, label, kind, o) {
	const [early, wideN] = [kind === "y" || kind === "dq", kind === "dq" || kind === "dk"];
	const normalised = s.normalised;
	const [a, bSide, z] = {
		y: [
			"q",
			"k",
			"v"
		],
		dq: [
			"dy",
			"v",
			"k"
		],
		dk: [
			"v",
			"dy",
			"q"
		],
		dv: [
			"k",
			"q",
			"dy"
		]
	}[kind];
	const dotted = kind === "dq" ? "q" : "k";
	const names = [.../* @__PURE__ */ new Set([
		a,
		bSide,
		z,
		...wideN ? [dotted] : []
	])];
	const width = wideN ? s.N : s.P;
	const inner = wideN ? s.P : s.N;
	const tiles = columnTiles(s, width);
	const bound = bindOperands({
		...Object.fromEntries(names.map((n) => [n, reads(o[n], true)])),
		gates: o.gates,
		states: o.states,
		...wideN ? { rows: o.rows } : {},
		...!wideN && o.D ? { D: reads(o.D) } : {},
		out: "perHead" in o.out ? o.out.perHead : writes(o.out, true)
	});
	const { views } = bound;
	const isKey = (n) => n === "q" || n === "k";
	const fetches = names.map((n) => fetchRows(`${n}At`, views[n], {
		width: isKey(n) ? s.N : s.P,
		vec: true
	}));
	const S = fetchState("stateAt", views.states, s.N, s.P);
	/** Four columns from c on of row t of the chunk; the gradient of y is that of the sums before they are divided. */
	const at = (n, t, c) => `${n}At(row0 + ${t}, ${t} < steps, ${c}, ${isKey(n) ? `g * ${s.N}u` : `h * ${s.P}u`})${n === "dy" && normalised ? ` * ${gate(views.gates, s, 5, t)}` : ""}`;
	const rowBase = wideN ? `let rb = ((b * ${s.H}u + h) * ${rowNames(s).count}u * ${s.chunks}u + ck) * ${s.Q}u;` : "";
	const rowAt = (which, t) => `rb + (${which}) * ${s.chunks * s.Q}u + ${t}`;
	const n4 = (i) => views.states.load4(`first + ${s.n4}u + ${i}`);
	const fromState = multiply(s, "acc", {
		from: "0u",
		to: `${inner}u`,
		stage: `${stageTransposed(s, "At", (r, k) => at(a, `(r0 + ${r})`, `k0 + ${k}`))}
${wideN ? stageTransposed(s, "Bt", (c, k) => `stateAt(c0 + ${c}, k0 + ${k}, first)`) : stageDirect(s, "Bt", (k, c) => `stateAt(k0 + ${k}, c0 + ${c}, first)`)}`,
		each: kind === "y" && normalised ? `if (li < ${s.rows}u) { for (var k = 0u; k < min(${s.slab}u, ${inner}u - k0); k++) { let q = k0 + k; sums += At[k * ${s.rows / 4}u + li / 4u][li % 4u] * ${n4("q / 4u")}[q % 4u]; } }` : ""
	});
	const initial = wideN && normalised ? rowRange(s).map((i) => kind === "dq" ? `acc${i} = nv * ${views.rows.get("0u", rowAt("0u", `min(tr + ${i}u, steps - 1u)`))};` : `acc${i} = nv;`).join(" ") : "";
	const nv = wideN && normalised ? `var nv = vec4f(); if (c0 + ct * 4u < ${s.N}u) { nv = ${n4("(c0 / 4u + ct)")}; }` : "";
	const dots = wideN ? `${rowRange(s).map((i) => `let d${i} = dot(acc${i}, ${at(dotted, `(tr + ${i}u)`, "c0 + ct * 4u")});`).join(" ")}
workgroupBarrier();
${[...Array(s.tm / 4).keys()].map((q) => `Pt[ct * ${s.rows / 4}u + rt * ${s.tm / 4}u + ${q}u] = vec4f(d${4 * q}, d${4 * q + 1}, d${4 * q + 2}, d${4 * q + 3});`).join(" ")}
workgroupBarrier();
if (li < ${s.rows / 4}u) { var total = vec4f(); for (var j = 0u; j < ${s.Q / 4}u; j++) { total += Pt[j * ${s.rows / 4}u + li]; }
${[
		0,
		1,
		2,
		3
	].map((j) => views.rows.put("0u", rowAt(`${kind === "dq" ? rowNames(s).entering : rowNames(s).leaving}u + c0 / ${s.Q}u`, `r0 + li * 4u + ${j}u`), `total[${j}]`)).join(" ")} }` : "";
	const scale = rowRange(s).map((i) => `acc${i} *= ${early ? leftOfState(views.gates, s, `(tr + ${i}u)`) : leftAtEnd(views.gates, s, `(tr + ${i}u)`)};`).join(" ");
	const noDots = wideN ? `else if (li < ${s.rows}u) { ${views.rows.put("0u", rowAt(`${kind === "dq" ? rowNames(s).entering : rowNames(s).leaving}u + c0 / ${s.Q}u`, "r0 + li"), "0.0")} }` : "";
	const weights = multiply(s, "m", {
		from: "0u",
		to: `${isKey(a) ? s.N : s.P}u`,
		stage: `${stageTransposed(s, "At", (r, k) => at(a, `(r0 + ${r})`, `k0 + ${k}`))}
${stageTransposed(s, "Bt", (c, k) => at(bSide, c, `k0 + ${k}`))}`
	});
	const [mine, theirs] = early ? [0, 2] : [2, 0];
	const masked = (i) => {
		const exponent = `(vec4f(${gate(views.gates, s, mine, `tr + ${i}u`)}) + gi) + (vec4f(${gate(views.gates, s, mine + 1, `tr + ${i}u`)}) + gf)`;
		const mask = early ? `cols <= vec4u(tr + ${i}u)` : `(cols >= vec4u(tr + ${i}u)) & (cols < vec4u(steps))`;
		return `select(vec4f(), (m${i}${wideN && normalised ? kind === "dq" ? ` + vec4f(${views.rows.get("0u", rowAt("0u", `min(tr + ${i}u, steps - 1u)`))})` : ` + dqn` : ""}) * exp2(${exponent})${early ? " * gw" : ""}, ${mask})`;
	};
	const columnGates = `let cols = vec4u(ct * 4u) + vec4u(0u, 1u, 2u, 3u); let gi = ${gate4(views.gates, s, theirs, "ct * 4u")}; let gf = ${gate4(views.gates, s, theirs + 1, "ct * 4u")};
${early ? `let gw = ${gate4(views.gates, s, 4, "ct * 4u")};` : ""}
${kind === "dk" && normalised ? `let dqn = vec4f(${[
		0,
		1,
		2,
		3
	].map((j) => views.rows.get("0u", rowAt("0u", `ct * 4u + ${j}u`))).join(", ")});` : ""}`;
	const rest = multiply(s, "acc", {
		from: early ? "0u" : `r0 / ${s.slab}u * ${s.slab}u`,
		to: early ? `min(steps, r0 + ${s.rows}u)` : "steps",
		A: "Pt",
		stage: stageDirect(s, "Bt", (k, c) => at(z, `(k0 + ${k})`, `c0 + ${c}`))
	});
	const column = "c0 + ct * 4u";
	const vec = width % 4 === 0;
	const put = (i) => {
		const perHead = "perHead" in o.out;
		const base = `${wideN && !perHead ? "g" : "h"} * ${width}u + ${column}`;
		const row = perHead ? "0u" : `row0 + tr + ${i}u`;
		const place = perHead ? `(row0 + tr + ${i}u) * ${s.H * s.N}u + ${base}` : base;
		return `if (tr + ${i}u < steps) { ${vec ? `if (${column} < ${width}u) { ${views.out.put4(row, `(${place}) / 4u`, `acc${i}`)} }` : [
			0,
			1,
			2,
			3
		].map((j) => `if (${column} + ${j}u < ${width}u) { ${views.out.put(row, `${place} + ${j}u`, `acc${i}[${j}]`)} }`).join(" ")} }`;
	};
	const keyWeights = early ? "" : rowRange(s).map((i) => `acc${i} *= ${gate(views.gates, s, 4, `tr + ${i}u`)};`).join(" ");
	const skip = !wideN && o.D ? rowRange(s).map((i) => `acc${i} = fma(vec4f(skipD), ${at(kind === "y" ? "v" : "dy", `(tr + ${i}u)`, column)}, acc${i});`).join(" ") : "";
	const normalise = kind === "y" && normalised ? `if (li < ${s.rows}u) { let t = r0 + li; for (var k = 0u; k <= t; k++) { inside += Pt[k * ${s.rows / 4}u + li / 4u][li % 4u]; }
let total = inside + sums; let floor = exp2(min(126.0, ${gate(views.gates, s, 0, "t")} - ${gate(views.gates, s, 7, "t")}));
let inverse = 1.0 / max(abs(total), floor); inverses[li] = inverse;
if (c0 == 0u) { ${views.gates.put("0u", `gb + ${5 * s.Q}u + t`, "inverse")} ${views.gates.put("0u", `gb + ${6 * s.Q}u + t`, "select(0.0, sign(total), abs(total) > floor)")} } }
workgroupBarrier();
${rowRange(s).map((i) => `acc${i} *= inverses[rt * ${s.tm}u + ${i}u];`).join(" ")}` : "";
	return kernel({
		label,
		bound,
		workgroup: s.threads,
		groups: tiles * 2 * s.chunks * s.H * s.batch,
		globals: `${tileMemory(s, true)} ${normalise ? `var<workgroup> inverses: array<f32, ${s.rows}>;` : ""}
${fetches.map((f) => f.code).join("\n")}
${S.code}`,
		body: `${tilePlace(s, tiles)} ${rowBase}
${early ? declareCarried(views.gates, s) : ""} ${normalise ? "var sums = 0.0; var inside = 0.0;" : ""}
${declareTile(s, "acc")}
if (${early ? "ck > 0u" : `ck + 1u < ${s.chunks}u`}) {
${nv} ${initial}
${fromState}
${kind === "y" && normalised ? `if (li < ${s.rows}u) { sums *= ${leftOfState(views.gates, s, "(r0 + li)")}; }` : ""}
${dots}
${scale}
} ${noDots}
${declareTile(s, "m")}
${weights}
${columnGates}
${keepTile(s, masked)}
${rest}
${!wideN && o.D ? `let skipD = ${views.D.get("0u", "h")};` : ""}
${normalise}
${keyWeights} ${skip}
${rowRange(s).map(put).join("\n")}`
	});
}
// kernels/ops/chunked_memory/memoryStates.ts
/**
* What each chunk adds to the state by itself, into `states[chunk]`: Σ_s weight_s keys_s values_sᵀ. Forward the weight is what is left of
* step s at the chunk's end; backward (`rows` given) keys are q, values dy, and the weight is what is left of the state at step s.
*/
function chunkStates(s, label, { keys, values, gates, states, rows }) {
	const bound = bindOperands({
		keys: reads(keys, true),
		values: reads(values, true),
		gates,
		states,
		...rows && s.normalised ? { rows } : {}
	});
	const { views } = bound;
	const [tall, tiles] = [ceilDiv(s.N, s.rows), ceilDiv(s.P, s.Q)];
	const K = fetchRows("keysAt", views.keys, {
		width: s.N,
		vec: true
	});
	const V = fetchRows("valuesAt", views.values, {
		width: s.P,
		vec: true
	});
	const inverse = gate(views.gates, s, 5, "t");
	const weight = rows ? `${leftOfState(views.gates, s, "t")}${s.normalised ? ` * ${inverse}` : ""}` : `${leftAtEnd(views.gates, s, "t")} * ${gate(views.gates, s, 4, "t")}`;
	const share = rows && s.normalised ? `${views.rows.get("0u", `((b * ${s.H}u + h) * ${rowNames(s).count}u * ${s.chunks}u + ck) * ${s.Q}u + t`)} / ${inverse}` : "1.0";
	const column = "c0 + ct * 4u";
	const put = (i) => s.P % 4 === 0 ? `if (tr + ${i}u < ${s.N}u && ${column} < ${s.P}u) { ${views.states.put4("0u", `first + ((tr + ${i}u) * ${s.P}u + ${column}) / 4u`, `acc${i}`)} }` : [
		0,
		1,
		2,
		3
	].map((j) => `if (tr + ${i}u < ${s.N}u && ${column} + ${j}u < ${s.P}u) { ${views.states.put("0u", `first * 4u + (tr + ${i}u) * ${s.P}u + ${column} + ${j}u`, `acc${i}[${j}]`)} }`).join(" ");
	const normaliser = `if (c0 == 0u && li < ${s.rows}u) { for (var k = 0u; k < ${s.slab}u; k++) { nsum += At[k * ${s.rows / 4}u + li / 4u][li % 4u] * shares[k0 + k]; } }`;
	return kernel({
		label,
		bound,
		workgroup: s.threads,
		groups: tiles * tall * s.chunks * s.H * s.batch,
		globals: `${tileMemory(s, false)} var<workgroup> weights: array<f32, ${s.Q}>; ${s.normalised ? `var<workgroup> shares: array<f32, ${s.Q}>;` : ""}
${K.code} ${V.code}`,
		body: `${tilePlace(s, tiles, tall, rows ? "ck == 0u" : `ck + 1u >= ${s.chunks}u`)}
${rows ? declareCarried(views.gates, s) : ""}
for (var t = li; t < ${s.Q}u; t += ${s.threads}u) { let live = t < steps; weights[t] = select(0.0, ${weight}, live); ${s.normalised ? `shares[t] = select(0.0, ${share}, live);` : ""} }
${declareTile(s, "acc")} var nsum = 0.0;
${multiply(s, "acc", {
			from: "0u",
			to: "steps",
			stage: `${stageDirect(s, "At", (k, c) => `weights[k0 + ${k}] * keysAt(row0 + k0 + ${k}, k0 + ${k} < steps, r0 + ${c}, g * ${s.N}u)`)}
${stageDirect(s, "Bt", (k, c) => `valuesAt(row0 + k0 + ${k}, k0 + ${k} < steps, c0 + ${c}, h * ${s.P}u)`)}`,
			each: s.normalised ? normaliser : ""
		})}
${rowRange(s).map(put).join("\n")}
${s.normalised ? `if (c0 == 0u && li < ${s.rows}u && r0 + li < ${s.N}u) { ${views.states.put("0u", `(first + ${s.n4}u) * 4u + r0 + li`, "nsum")} }` : ""}`
	});
}
/**
* Runs over the chunks, forward or (`backward`) from the end: replaces what each chunk adds by the sum over those before it (behind it),
* each decayed on the way. A thread per vec4 of a state.
*/
function passStates(s, label, { gates, states, backward }) {
	const bound = bindOperands({
		gates,
		states
	});
	const { views } = bound;
	const workgroup = 64;
	const perHead = ceilDiv(s.state4, workgroup);
	const at = `(head * ${s.chunks}u + ck) * ${s.state4}u + e`;
	const tail = s.N * s.P % 4;
	const clean = tail ? `if (e == ${s.n4 - 1}u) { added = vec4f(${[
		0,
		1,
		2,
		3
	].map((j) => j < tail ? `added[${j}]` : "0.0").join(", ")}); }` : "";
	const tailN = s.normalised ? s.N % 4 : 0;
	const cleanN = tailN ? `if (e == ${s.state4 - 1}u) { added = vec4f(${[
		0,
		1,
		2,
		3
	].map((j) => j < tailN ? `added[${j}]` : "0.0").join(", ")}); }` : "";
	return kernel({
		label,
		bound,
		workgroup,
		groups: perHead * s.batch * s.H,
		body: `let head = w / ${perHead}u; let e = w % ${perHead}u * ${workgroup}u + li; if (e >= ${s.state4}u) { return; }
var sum = vec4f();
for (var i = 0u; i < ${s.chunks}u; i++) { let ck = ${backward ? `${s.chunks - 1}u - i` : "i"};
let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u); let gb = (head * ${s.chunks}u + ck) * ${8 * s.Q}u;
${declareCarried(views.gates, s)}
var added = vec4f(); if (${backward ? "ck > 0u" : `ck + 1u < ${s.chunks}u`}) { added = ${views.states.load4(at)}; }
${clean} ${cleanN}
${views.states.put4("0u", at, "sum")}
sum = fma(vec4f(${leftOfState(views.gates, s, "(steps - 1u)")}), sum, added); }`
	});
}
// kernels/ops/selective_scan/scanShader.ts
/**
* WGSL shared by the scan's kernels. softplus takes w = exp(min(x, 20)) because its callers need it too; below w = 0.06 the series keeps
* the digits that log(1 + w) loses (steps are often near 1e-3).
*/
const SCAN_FUNCTIONS = `
const LOG2E = 1.4426950408889634; const LN2 = 0.6931471805599453;
fn softplus(x: f32, w: f32) -> f32 { let s = w * (1.0 - w * (0.5 - w * (0.33333333 - w * (0.25 - w * (0.2 - w * 0.16666667))))); return select(select(log(1.0 + w), s, w < 0.06), x, x > 20.0); }
fn sigm(x: f32) -> f32 { return 1.0 / (1.0 + exp(-x)); }
fn hs(v: vec4f) -> f32 { return (v.x + v.y) + (v.z + v.w); }
`;
// kernels/ops/mlstm/mlstm.wgsl.ts
const mlstmPlan = ([q, , v, i], attrs, target) => memoryPlan(attrs, {
	H: i.cols,
	G: i.cols,
	N: q.cols / i.cols,
	P: v.cols / i.cols,
	normalised: true
}, target);
/**
* Forget and input gates to base 2 as sums of whole numbers and fractions (as in ssd.gates), and for each step the largest ⌈i_s − b_s⌉ of its
* chunk so far, from which the stabiliser follows. A thread per chunk and head.
*/
function mlstmGates(s, i, f, gates) {
	const bound = bindOperands({
		i: reads(i),
		f: reads(f),
		gates
	});
	const { views } = bound;
	const put = (k, value) => views.gates.put("0u", `gb + ${k * s.Q}u + t`, value);
	return kernel({
		label: "mlstm.gates",
		bound,
		workgroup: 64,
		groups: ceilDiv(s.batch * s.chunks * s.H, 64),
		globals: SCAN_FUNCTIONS,
		body: `let id = w * 64u + li; if (id >= ${s.batch * s.chunks * s.H}u) { return; }
let h = id % ${s.H}u; let ck = id / ${s.H}u % ${s.chunks}u; let b = id / ${s.H * s.chunks}u;
let gb = ((b * ${s.H}u + h) * ${s.chunks}u + ck) * ${8 * s.Q}u; let row0 = b * ${s.seqlen}u + ck * ${s.Q}u; let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u);
var whole = 0.0; var part = 0.0; var most = -3.0e38;
for (var t = 0u; t < ${s.Q}u; t++) {
  var n = 0.0; var rest = 0.0;
  if (t < steps) { let raw = -${views.f.get("row0 + t", "h")}; part += max(-softplus(raw, exp(min(raw, 20.0))) * LOG2E, -1000.0);
  let carry = floor(part); whole += carry; part -= carry;
  let x = ${views.i.get("row0 + t", "h")}; n = floor(x * LOG2E); rest = ((x - n * 0.693359375) + n * 2.1219444e-4) * LOG2E; }
  let ci = n - whole; let cf = rest - part; if (t < steps) { most = max(most, ci + ceil(cf)); }
  ${put(0, "most")} ${put(1, "part")} ${put(2, "ci")} ${put(3, "cf")} ${put(4, literal(1 / Math.sqrt(s.N)))} ${put(5, "0.0")} ${put(6, "0.0")} ${put(7, "whole")}
}`
	});
}
/** ri of every step: minus the larger of what the state carries and the largest of the chunk so far. A workgroup per head walks the chunks. */
function mlstmStabiliser(s, gates) {
	const bound = bindOperands({ gates });
	const get = (chunk, k, t) => bound.views.gates.get("0u", `(w * ${s.chunks}u + ${chunk}) * ${8 * s.Q}u + ${k * s.Q}u + ${t}`);
	return kernel({
		label: "mlstm.stabiliser",
		bound,
		workgroup: s.Q,
		groups: s.batch * s.H,
		body: `var carried = 0.0; var mine = ${get("0u", 0, "li")}; var last = ${get("0u", 0, `${s.Q - 1}u`)}; var whole = ${get("0u", 7, `${s.Q - 1}u`)};
for (var ck = 0u; ck < ${s.chunks}u; ck++) { let next = min(ck + 1u, ${s.chunks - 1}u);
let m = ${get("next", 0, "li")}; let l = ${get("next", 0, `${s.Q - 1}u`)}; let b = ${get("next", 7, `${s.Q - 1}u`)};
storageBarrier();
${bound.views.gates.put("0u", `(w * ${s.chunks}u + ck) * ${8 * s.Q}u + li`, "-max(carried, mine)")}
carried = whole + max(carried, last); mine = m; last = l; whole = b; }`
	});
}
const mlstm$2 = {
	opaque: (inputs, attrs, target) => savedRegions$1(mlstmPlan(inputs, attrs, target)).total,
	dispatches({ inputs: [q, k, v, i, f], outputs: [h, saved], attrs }, target) {
		const s = mlstmPlan([
			q,
			k,
			v,
			i
		], attrs, target);
		const kept = savedRegions$1(s);
		const [gates, states] = [kept.gates(saved, true), kept.states(saved, true)];
		return [
			mlstmGates(s, i, f, gates),
			mlstmStabiliser(s, gates),
			...s.chunks > 1 ? [chunkStates(s, "mlstm.chunks", {
				keys: k,
				values: v,
				gates,
				states
			})] : [],
			passStates(s, "mlstm.pass", {
				gates,
				states,
				backward: false
			}),
			memoryProduct(s, "mlstm.h", "y", {
				q,
				k,
				v,
				gates,
				states,
				out: h
			})
		];
	}
};
const mlstm_step$1 = { 
/** A workgroup per head, whose threads all work out ⟨q, n⟩ and share the columns of C. */
dispatches({ inputs: [q, k, v, i, f], outputs: [h, C, n, m] }, { software }) {
	const heads = i.cols;
	const [N, P] = [q.cols / heads, v.cols / heads];
	const bound = bindOperands({
		q: reads(q),
		k: reads(k),
		v: reads(v),
		i: reads(i),
		f: reads(f),
		h: writes(h),
		C: writes(C),
		n: writes(n),
		m: writes(m)
	});
	const { views } = bound;
	const workgroup = software ? 16 : 64;
	return [kernel({
		label: "mlstm_step",
		bound,
		workgroup,
		groups: q.rows * heads,
		globals: SCAN_FUNCTIONS,
		body: `let r = w / ${heads}u; let head = w % ${heads}u; let raw = -${views.f.get("r", "head")};
let before = ${views.m.get("r", "head")} - softplus(raw, exp(min(raw, 20.0))); let input = ${views.i.get("r", "head")}; let m = max(before, input);
let kept = exp(before - m); let added = exp(input - m) * ${literal(1 / Math.sqrt(N))};
var total = 0.0;
for (var d = 0u; d < ${N}u; d++) { let c = head * ${N}u + d; total += ${views.q.get("r", "c")} * (kept * ${views.n.get("r", "c")} + added * ${views.k.get("r", "c")}); }
let inverse = 1.0 / max(abs(total), exp(min(-m, 88.0)));
storageBarrier();
if (li == 0u) { ${views.m.put("r", "head", "m")} }
for (var d = li; d < ${N}u; d += ${workgroup}u) { let c = head * ${N}u + d; let next = kept * ${views.n.get("r", "c")} + added * ${views.k.get("r", "c")}; ${views.n.put("r", "c", "next")} }
for (var p = li; p < ${P}u; p += ${workgroup}u) { let vp = ${views.v.get("r", `head * ${P}u + p`)}; var sum = 0.0;
for (var d = 0u; d < ${N}u; d++) { let c = head * ${N}u + d; let e = c * ${P}u + p;
let next = kept * ${views.C.get("r", "e")} + added * ${views.k.get("r", "c")} * vp; ${views.C.put("r", "e", "next")} sum += ${views.q.get("r", "c")} * next; }
${views.h.put("r", `head * ${P}u + p`, "sum * inverse")} }`
	})];
} };
// kernels/ops/chunked_memory/memoryCrossings.ts
/**
* What passes from step to step inside a chunk: with m_ts = (q_t k_s)(dy_t v_s + dqn_t) decay_ts (s ≤ t), per half of the rows t, for each s
* given_s = Σ_t m_ts and crossed_s = Σ_{t > s} Σ_{i ≤ s} m_ti w_i (from s or before to behind s); and ⟨dy_t, v_t⟩. Nothing is a difference
* of large sums, so strong forgetting loses no digits.
*/
function memoryCrossings(s, label, { q, k, v, dy, gates, rows }) {
	const bound = bindOperands({
		q: reads(q, true),
		k: reads(k, true),
		v: reads(v, true),
		dy: reads(dy, true),
		gates,
		rows
	});
	const { views } = bound;
	const isKey = (n) => n === "q" || n === "k";
	const at = (n, t, c) => `${n}At(row0 + ${t}, ${t} < steps, ${c}, ${isKey(n) ? `g * ${s.N}u` : `h * ${s.P}u`})${n === "dy" && s.normalised ? ` * ${gate(views.gates, s, 5, t)}` : ""}`;
	const dots = (name, a, b, inner) => multiply(s, name, {
		from: "0u",
		to: `${inner}u`,
		stage: `${stageTransposed(s, "At", (r, c) => at(a, `(r0 + ${r})`, `k0 + ${c}`))}
${stageTransposed(s, "Bt", (r, c) => at(b, r, `k0 + ${c}`))}`
	});
	const names = rowNames(s);
	const rowAt = (which, t) => `rb + (${which}) * ${s.chunks * s.Q}u + ${t}`;
	const ldM = s.Q + 1;
	const keep = (i) => {
		const exponent = `(vec4f(${gate(views.gates, s, 0, `tr + ${i}u`)}) + gi) + (vec4f(${gate(views.gates, s, 1, `tr + ${i}u`)}) + gf)`;
		return `{ let t = tr + ${i}u; let m = select(vec4f(), qk${i} * (gv${i}${s.normalised ? ` + vec4f(${views.rows.get("0u", rowAt("0u", `min(tr + ${i}u, steps - 1u)`))})` : ""}) * exp2(${exponent}), (cols <= vec4u(t)) & (vec4u(t) < vec4u(steps)));
let place = (rt * ${s.tm}u + ${i}u) * ${ldM}u + ct * 4u; M[place] = m.x; M[place + 1u] = m.y; M[place + 2u] = m.z; M[place + 3u] = m.w;
if (t / 4u == ct && t < steps) { ${views.rows.put("0u", rowAt(`${names.own}u`, "t"), `gv${i}[t % 4u]`)} } }`;
	};
	const eachColumn = (body) => `for (var c = li; c < ${s.Q}u; c += ${s.threads}u) { ${body} }`;
	return kernel({
		label,
		bound,
		workgroup: s.threads,
		groups: 2 * s.chunks * s.H * s.batch,
		globals: `${tileMemory(s, false)} var<workgroup> M: array<f32, ${s.rows * ldM}>;
${[
			"q",
			"k",
			"v",
			"dy"
		].map((n) => fetchRows(`${n}At`, views[n], {
			width: isKey(n) ? s.N : s.P,
			vec: true
		}).code).join("\n")}`,
		body: `${tilePlace(s, 1, 2, "false")}
let rb = ((b * ${s.H}u + h) * ${names.count}u * ${s.chunks}u + ck) * ${s.Q}u;
${declareTile(s, "qk")} ${declareTile(s, "gv")}
${dots("qk", "q", "k", s.N)}
${dots("gv", "dy", "v", s.P)}
let cols = vec4u(ct * 4u) + vec4u(0u, 1u, 2u, 3u); let gi = ${gate4(views.gates, s, 2, "ct * 4u")}; let gf = ${gate4(views.gates, s, 3, "ct * 4u")};
${rowRange(s).map(keep).join("\n")}
workgroupBarrier();
${eachColumn(`var sum = 0.0; let weight = ${gate(views.gates, s, 4, "c")};
for (var r = 0u; r < ${s.rows}u; r++) { let m = M[r * ${ldM}u + c]; sum += m; M[r * ${ldM}u + c] = m * weight; }
${views.rows.put("0u", rowAt(`${names.given}u + half`, "c"), "sum")}`)}
workgroupBarrier();
for (var r = li; r < ${s.rows}u; r += ${s.threads}u) { var sum = 0.0; for (var c = 0u; c < ${s.Q}u; c++) { sum += M[r * ${ldM}u + c]; M[r * ${ldM}u + c] = sum; } }
workgroupBarrier();
${eachColumn(`var sum = 0.0; for (var r = 0u; r < ${s.rows}u; r++) { sum += select(0.0, M[r * ${ldM}u + c], c < r0 + r); }
${views.rows.put("0u", rowAt(`${names.crossed}u + half`, "c"), "sum")}`)}`
	});
}
/**
* A kernel of one workgroup of Q threads per chunk and head whose `body` sees, at step t (there if `live`), `da`, the gradient of log d, and
* `dw`, that of w. `bound` has gates, states, adjoints and rows.
*/
function gateGradients(s, label, bound, body, functions = "") {
	const { gates, states, adjoints, rows } = bound.views;
	const names = rowNames(s);
	const row = (which, t = "t") => rows.get("0u", `rb + ${which * s.chunks * s.Q}u + ${t}`);
	const sum = (first, count) => range(count).map((i) => row(first + i)).join(" + ");
	return kernel({
		label,
		bound,
		workgroup: s.Q,
		groups: s.chunks * s.H * s.batch,
		globals: `${functions} var<workgroup> sums: array<f32, ${s.Q}>; var<workgroup> entering: array<f32, ${s.Q}>; var<workgroup> leaving: array<f32, ${s.Q}>;`,
		body: `let chunk = w; let ck = w % ${s.chunks}u; let b = w / ${s.chunks * s.H}u; let h = w / ${s.chunks}u % ${s.H}u; let t = li;
let row0 = b * ${s.seqlen}u + ck * ${s.Q}u; let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u); let live = t < steps;
let gb = chunk * ${8 * s.Q}u; let first = chunk * ${s.state4}u; let rb = ((b * ${s.H}u + h) * ${names.count}u * ${s.chunks}u + ck) * ${s.Q}u;
${declareCarried(gates, s)}
var across = 0.0; for (var e = li; e < ${s.state4}u; e += ${s.Q}u) { across += dot(${states.load4("first + e")}, ${adjoints.load4("first + e")}); }
sums[li] = across;
var out = 0.0; if (live) { out = ${leftAtEnd(gates, s, "t")} * (${sum(names.leaving, names.tiles)}); }
leaving[t] = out * ${gate(gates, s, 4, "t")};
entering[t] = 0.0; if (live) { entering[t] = ${leftOfState(gates, s, "t")} * (${sum(names.entering, names.tiles)}); }
workgroupBarrier();
for (var half = ${s.Q / 2}u; half > 0u; half /= 2u) { if (li < half) { sums[li] += sums[li + half]; } workgroupBarrier(); }
var da = ${leftOfState(gates, s, "(steps - 1u)")} * sums[0];
for (var r = t; r < ${s.Q}u; r++) { da += entering[r]; }
for (var r = 0u; r < t; r++) { da += leaving[r]; }
if (t > 0u) { da += ${row(names.crossed, "(t - 1u)")} + ${row(names.crossed + 1, "(t - 1u)")}; }
let dw = out + ${sum(names.given, 2)};
${body}`
	});
}
/** y (R, G·N) = the sum over the heads of each group of x, flat (R, H·N). */
function sumHeads(s, label, x, y) {
	const vec = s.N % 4 === 0;
	const bound = bindOperands({
		x,
		y: writes(y, vec)
	});
	const { views } = bound;
	const [per, unit] = [s.H / s.G, vec ? 4 : 1];
	const width = s.N / unit;
	const get = (c) => vec ? views.x.get4("0u", `r * ${s.H * width}u + ${c}`) : views.x.get("0u", `r * ${s.H * width}u + ${c}`);
	return kernel({
		label,
		bound,
		workgroup: 64,
		groups: ceilDiv(y.rows * s.G * width, 64),
		body: `let i = w * 64u + li; if (i >= ${y.rows * s.G * width}u) { return; }
let r = i / ${s.G * width}u; let g = i / ${width}u % ${s.G}u; let c = i % ${width}u;
var sum = ${get(`g * ${per * width}u + c`)};
for (var h = 1u; h < ${per}u; h++) { sum += ${get(`(g * ${per}u + h) * ${width}u + c`)}; }
${vec ? views.y.put4("r", `g * ${width}u + c`, "sum") : views.y.put("r", `g * ${width}u + c`, "sum")}`
	});
}
// kernels/ops/mlstm/mlstm_grad.wgsl.ts
const LANES = 16;
/** The gradient that reaches ⟨q, n⟩ of each step and head: −⟨dh, h⟩ / ⟨q, n⟩ where that is the denominator. LANES threads each. */
function normaliserGradient(s, dh, h, gates, rows) {
	const bound = bindOperands({
		dh: reads(dh),
		h: reads(h),
		gates,
		rows
	});
	const { views } = bound;
	const each = 64 / LANES;
	const total = s.batch * s.seqlen * s.H;
	return kernel({
		label: "mlstm_grad.normaliser",
		bound,
		workgroup: 64,
		groups: ceilDiv(total, each),
		globals: "var<workgroup> sums: array<f32, 64>;",
		body: `let id = w * ${each}u + li / ${LANES}u; let lane = li % ${LANES}u; let at = min(id, ${total - 1}u);
let head = at % ${s.H}u; let r = at / ${s.H}u; let b = r / ${s.seqlen}u; let t = r % ${s.seqlen}u; var sum = 0.0;
for (var p = lane; p < ${s.P}u; p += ${LANES}u) { let c = head * ${s.P}u + p; sum += ${views.dh.get("r", "c")} * ${views.h.get("r", "c")}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && id < ${total}u) { for (var j = 1u; j < ${LANES}u; j++) { sum += sums[li + j]; }
let gb = ((b * ${s.H}u + head) * ${s.chunks}u + t / ${s.Q}u) * ${8 * s.Q}u + t % ${s.Q}u; let sign = ${views.gates.get("0u", `gb + ${6 * s.Q}u`)};
${views.rows.put("0u", `(b * ${s.H}u + head) * ${rowNames(s).count * s.chunks * s.Q}u + t`, `select(0.0, -sign * ${views.gates.get("0u", `gb + ${5 * s.Q}u`)} * sum, sign != 0.0)`)} }`
	});
}
/** Adjoints of the memories, then dq, dk and dv chunk by chunk, then the gates' gradients from what passes between steps. No atomics. */
const mlstm_grad$1 = {
	scratch: ([, , , ...inputs], attrs, target) => gradRegions$1(mlstmPlan(inputs, attrs, target), 0).total,
	dispatches({ inputs: [dh, h, saved, q, k, v, i, f], outputs: [dq, dk, dv, di, df], attrs, scratch }, target) {
		const s = mlstmPlan([
			q,
			k,
			v,
			i
		], attrs, target);
		const [kept, laid] = [savedRegions$1(s), gradRegions$1(s, 0)];
		const [gates, states] = [kept.gates(saved), kept.states(saved)];
		const [adjoints, rows] = [laid.adjoints(scratch, true), laid.rows(scratch, true)];
		const operands = {
			q,
			k,
			v,
			dy: dh,
			gates,
			rows
		};
		const bound = bindOperands({
			f: reads(f),
			gates,
			states,
			adjoints,
			rows,
			di: writes(di),
			df: writes(df)
		});
		const { views } = bound;
		const finish = `if (live) { ${views.di.put("row0 + t", "h", `dw * ${literal(1 / Math.sqrt(s.N))}`)} ${views.df.put("row0 + t", "h", `da * sigm(-${views.f.get("row0 + t", "h")})`)} }`;
		return [
			normaliserGradient(s, dh, h, gates, rows),
			...s.chunks > 1 ? [chunkStates(s, "mlstm_grad.chunks", {
				keys: q,
				values: dh,
				gates,
				states: adjoints,
				rows
			})] : [],
			passStates(s, "mlstm_grad.pass", {
				gates,
				states: adjoints,
				backward: true
			}),
			memoryProduct(s, "mlstm_grad.dq", "dq", {
				...operands,
				states,
				out: dq
			}),
			memoryProduct(s, "mlstm_grad.dk", "dk", {
				...operands,
				states: adjoints,
				out: dk
			}),
			memoryProduct(s, "mlstm_grad.dv", "dv", {
				...operands,
				states: adjoints,
				out: dv
			}),
			memoryCrossings(s, "mlstm_grad.crossings", operands),
			gateGradients(s, "mlstm_grad.gates", bound, finish, SCAN_FUNCTIONS)
		];
	}
};
// kernels/ops/mse/mse.wgsl.ts
const mse$1 = {
	scratch: ([pred]) => termScratch(pred.rows, pred.cols, 2),
	dispatches: ({ inputs: [pred, goal, weight], outputs: [loss, count], scratch }, target) => sumTerms({
		label: "mse",
		inputs: {
			pred,
			goal,
			weight
		},
		terms: ["weight * (pred - goal) * (pred - goal)", "weight"],
		scratch,
		outputs: {
			loss,
			count
		},
		finish: "loss = total0 / max(total1, 1e-12); count = total1;"
	}, target)
};
// kernels/ops/mse/mse_grad.wgsl.ts
const mse_grad$1 = { dispatches: ({ inputs: [pred, goal, weight, count, dloss], outputs: [dpred] }, { software }) => [elementwise({
	label: "mse_grad",
	software,
	inputs: {
		pred,
		goal,
		weight
	},
	scalars: {
		count,
		dloss
	},
	outputs: { dpred },
	body: () => "dpred = (2.0 * dloss / max(count, 1e-12)) * weight * (pred - goal);"
})] };
// kernels/ops/mul/mul.wgsl.ts
const mul$1 = { dispatches: ({ inputs: [a, b], outputs: [y] }, { software }) => [elementwise({
	label: "mul",
	software,
	inputs: {
		a,
		b
	},
	outputs: { y },
	body: () => "y = a * b;"
})] };
// kernels/ops/neg_exp/neg_exp.wgsl.ts
const neg_exp$1 = { dispatches: ({ inputs: [x], outputs: [y] }, { software }) => [elementwise({
	label: "neg_exp",
	software,
	inputs: { x },
	outputs: { y },
	body: () => "y = -exp(x);"
})] };
// kernels/ops/pool_rows/pool_rows.ts
/** First and last row (exclusive) that sequence `b` is pooled over; a length outside 1 … seqlen counts as the nearest. */
function pooledRows(length, seqlen, last) {
	const to = Math.min(seqlen, Math.max(1, length));
	return {
		from: last ? to - 1 : 0,
		to
	};
}
const isLast = (attrs) => num(attrs, "last") === 1;
/**
* One row for each sequence of a batch whose sequences have lengths of their own, padded behind: y (batch, d) = mean over the first
* lengths[b] rows of sequence b in x (batch·seqlen, d), or with `last` its row lengths[b] − 1. lengths (batch, 1) i32. attrs batch, seqlen,
* last (0 or 1). With full lengths it is mean_pool.
*/
const pool_rows$1 = defineOp({
	name: "pool_rows",
	inputs: ["x", "lengths"],
	outputs: ["y"],
	infer([x, lengths], attrs) {
		requireShape(x.rows === num(attrs, "batch") * num(attrs, "seqlen"), "pool_rows: rows of x are not batch · seqlen");
		expectType("pool_rows: lengths", lengths, i32(num(attrs, "batch"), 1));
		return [f32(num(attrs, "batch"), x.cols)];
	},
	reference([x, lengths], [y], attrs) {
		const seqlen = num(attrs, "seqlen");
		for (let b = 0; b < y.rows; b++) {
			const { from, to } = pooledRows(at(lengths, b, 0), seqlen, isLast(attrs));
			for (let c = 0; c < y.cols; c++) {
				let sum = 0;
				for (let t = from; t < to; t++) sum += at(x, b * seqlen + t, c);
				set(y, b, c, sum / (to - from));
			}
		}
	},
	gradient: (builder, { inputs: [, lengths], attrs }, [dy]) => dy ? [builder.one("pool_rows_grad", [dy, lengths], attrs), void 0] : [],
	cost: ([x]) => ({ flops: elements(x) }),
	tolerance: 2e-6,
	cases: [
		{
			inputs: [f32(1, 1), i32(1, 1)],
			attrs: {
				batch: 1,
				seqlen: 1,
				last: 0
			}
		},
		{
			inputs: [f32(315, 65), i32(5, 1)],
			attrs: {
				batch: 5,
				seqlen: 63,
				last: 0
			},
			range: [[-1, 1], [-2, 70]]
		},
		{
			inputs: [f32(315, 65), i32(5, 1)],
			attrs: {
				batch: 5,
				seqlen: 63,
				last: 1
			},
			range: [[-1, 1], [1, 64]]
		},
		{
			inputs: [f32(600, 16), i32(3, 1)],
			attrs: {
				batch: 3,
				seqlen: 200,
				last: 0
			},
			range: [[-1, 1], [100, 201]]
		}
	]
});
// kernels/ops/pool_rows/pool_rows.wgsl.ts
/** A workgroup sums 32 channels of one sequence; 8 threads share a channel's time steps. Padding is never read. */
const pool_rows = { dispatches({ inputs: [x, lengths], outputs: [y], attrs }, { software }) {
	const seqlen = num(attrs, "seqlen");
	const width = software ? 8 : 32;
	const bound = bindOperands({
		x: reads(x),
		lengths: reads(lengths),
		y: writes(y)
	});
	return [kernel({
		label: "pool_rows",
		bound,
		workgroup: width * 8,
		groups: [
			ceilDiv(y.cols, width),
			y.rows,
			1
		],
		globals: `var<workgroup> sums: array<f32, ${width * 8}>;`,
		body: `let col = wid.x * ${width}u + li % ${width}u; let c = min(col, ${y.cols - 1}u); let lane = li / ${width}u;
let stop = u32(clamp(${bound.views.lengths.get("wid.y", "0u")}, 1, ${seqlen}));
let start = ${isLast(attrs) ? "stop - 1u" : "0u"};
var sum = 0.0;
for (var t = start + lane; t < stop; t += 8u) { sum += ${bound.views.x.get(`wid.y * ${seqlen}u + t`, "c")}; }
sums[li] = sum; workgroupBarrier();
if (lane == 0u && col < ${y.cols}u) { for (var k = 1u; k < 8u; k++) { sum += sums[li + k * ${width}u]; }
${bound.views.y.put("wid.y", "col", "sum / f32(stop - start)")} }`
	})];
} };
// kernels/ops/pool_rows/pool_rows_grad.wgsl.ts
const pool_rows_grad$1 = { dispatches({ inputs: [dy, lengths], outputs: [dx], attrs }, { software }) {
	const seqlen = num(attrs, "seqlen");
	const bound = bindOperands({
		dy: reads(dy),
		lengths: reads(lengths),
		dx: writes(dx)
	});
	const workgroup = software ? 64 : 256;
	return [kernel({
		label: "pool_rows_grad",
		bound,
		workgroup,
		groups: ceilDiv(dx.rows * dx.cols, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${dx.rows * dx.cols}u) { return; }
let r = i / ${dx.cols}u; let c = i % ${dx.cols}u; let b = r / ${seqlen}u; let t = r % ${seqlen}u;
let stop = u32(clamp(${bound.views.lengths.get("b", "0u")}, 1, ${seqlen}));
let start = ${isLast(attrs) ? "stop - 1u" : "0u"};
let grad = ${bound.views.dy.get("b", "c")} / f32(stop - start);
${bound.views.dx.put("r", "c", "select(0.0, grad, t >= start && t < stop)")}`
	})];
} };
// kernels/ops/quantile_loss/quantile_loss.wgsl.ts
/** The columns of each quantile as matrices of their own: `name`0, … */
const columns = (name, whole, count) => Object.fromEntries(Array.from({ length: count }, (_, k) => {
	const cols = whole.cols / count;
	return [`${name}${k}`, {
		...whole,
		cols,
		offset: whole.offset + k * cols
	}];
}));
const quantile_loss = {
	scratch: ([, target]) => termScratch(target.rows, target.cols, 2),
	dispatches({ inputs: [pred, goal, weight], outputs: [loss, count], attrs, scratch }, target) {
		const taus = levels(attrs);
		const pinball = taus.map((tau, k) => `max(${literal(tau)} * (goal - p${k}), ${literal(tau - 1)} * (goal - p${k}))`);
		return sumTerms({
			label: "quantile_loss",
			inputs: {
				goal,
				weight,
				...columns("p", pred, taus.length)
			},
			terms: [`weight * (${pinball.join(" + ")})`, "weight"],
			scratch,
			outputs: {
				loss,
				count
			},
			finish: `loss = ${literal(2 / taus.length)} * total0 / max(total1, 1e-12); count = total1;`
		}, target);
	}
};
const quantile_loss_grad$1 = { dispatches({ inputs: [pred, goal, weight, count, dloss], outputs: [dpred], attrs }, { software }) {
	const taus = levels(attrs);
	const each = (T) => taus.map((tau, k) => `d${k} = scale * weight * (select(${T}(0.0), ${T}(${literal(-tau)}), goal > p${k}) + select(${T}(0.0), ${T}(${literal(1 - tau)}), goal < p${k}));`).join("\n");
	return [elementwise({
		label: "quantile_loss_grad",
		software,
		inputs: {
			goal,
			weight,
			...columns("p", pred, taus.length)
		},
		scalars: {
			count,
			dloss
		},
		outputs: columns("d", dpred, taus.length),
		body: (T) => `let scale = ${literal(2 / taus.length)} * dloss / max(count, 1e-12);\n${each(T)}`
	})];
} };
// kernels/ops/recurrent/cell.ts
/** The widest head: the gates' gradients of one head have to fit in 16 KB of workgroup memory. */
const MAX_HEAD = 1024;
function recurrentSizes(Wx, R, attrs, gates) {
	const [d, heads] = [Wx.cols / gates, R.rows];
	return {
		batch: num(attrs, "batch"),
		seqlen: num(attrs, "seqlen"),
		heads,
		dh: d / heads,
		d,
		gates
	};
}
/** Checks Wx (batch·seqlen, gates·d), gate after gate · R (heads, gates·dh·dh) · bias (1, gates·d). */
function checkRecurrent(op, [Wx, R, bias], attrs, gates) {
	const sizes = recurrentSizes(Wx, R, attrs, gates);
	const { batch, seqlen, dh, d } = sizes;
	requireShape(Wx.rows === batch * seqlen, `${op}: Wx has ${Wx.rows} rows, batch · seqlen is ${batch * seqlen}`);
	requireShape(Number.isInteger(dh), `${op}: ${Wx.cols} columns of Wx are not ${gates} gates of ${R.rows} heads`);
	requireShape(dh <= MAX_HEAD, `${op}: a head of ${dh} units is wider than ${MAX_HEAD}; use more heads`);
	expectType(`${op}: R`, R, f32(R.rows, gates * dh * dh));
	expectType(`${op}: bias`, bias, f32(1, gates * d));
	return sizes;
}
/** Runs a cell over whole sequences in float64, from zeros, or from `state.before` (batch, size·d: h, then the rest) into `state.after`. */
function runCell({ batch, seqlen, heads, dh, d, gates }, [Wx, R, bias], size, unit, state) {
	const each = (n, f) => Array.from({ length: n }, (_, i) => f(i));
	for (let b = 0; b < batch; b++) for (let head = 0; head < heads; head++) {
		const column = (j) => head * dh + j;
		let states = each(dh, (j) => each(size, (i) => state ? at(state.before, b, i * d + column(j)) : 0));
		for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
			const before = states;
			states = each(dh, (j) => {
				const x = each(gates, (g) => at(Wx, row, g * d + column(j)));
				const r = each(gates, (g) => before.reduce((sum, [h], k) => sum + at(R, head, (g * dh + j) * dh + k) * h, at(bias, 0, g * d + column(j))));
				return unit(row, column(j), x, r, before[j]);
			});
		}
		if (state) states.forEach((values, j) => values.forEach((value, i) => set(state.after, b, i * d + column(j), value)));
	}
}
function runCellBack({ batch, seqlen, heads, dh, gates }, dy, R, unit) {
	for (let b = 0; b < batch; b++) for (let head = 0; head < heads; head++) {
		const carries = Array.from({ length: dh }, () => /* @__PURE__ */ new Float64Array(2));
		let back = new Float64Array(dh);
		for (let t = seqlen - 1; t >= 0; t--) {
			const row = b * seqlen + t;
			const units = carries.map((carry, j) => unit(row, head * dh + j, at(dy, row, head * dh + j) + back[j], t === 0, carry));
			back = new Float64Array(dh);
			units.forEach(({ r, direct = 0 }, j) => {
				back[j] += direct;
				for (let g = 0; g < gates; g++) for (let k = 0; k < dh; k++) back[k] += r[g] * at(R, head, (g * dh + j) * dh + k);
			});
		}
	}
}
/** Shapes every recurrent cell is tested on: a single unit, odd heads, batches around the tile, a wide head, a long and a large one. */
const recurrentCases = (gates) => {
	const one = (batch, seqlen, heads, dh, reach = 2, recurrent = 1 / Math.sqrt(dh)) => ({
		inputs: [
			f32(batch * seqlen, gates * heads * dh),
			f32(heads, gates * dh * dh),
			f32(1, gates * heads * dh)
		],
		attrs: {
			batch,
			seqlen
		},
		range: [
			[-reach, reach],
			[-recurrent, recurrent],
			[-1, 1]
		]
	});
	return [
		one(1, 1, 1, 1),
		one(2, 13, 2, 3),
		one(5, 9, 3, 8),
		one(3, 5, 1, 19),
		one(1, 2, 1, 36),
		one(2, 3, 1, 66),
		one(1, 700, 1, 4),
		one(2, 20, 2, 4, 100)
	];
};
/** Shapes of a step: `size` state values per unit, all zero before the first token. */
const stepCases = (gates, size) => {
	const one = (batch, heads, dh, low, high) => ({
		inputs: [
			f32(batch, gates * heads * dh),
			f32(heads, gates * dh * dh),
			f32(1, gates * heads * dh),
			f32(batch, size * heads * dh)
		],
		attrs: {},
		range: [
			[-2, 2],
			[-.5, .5],
			[-1, 1],
			[low, high]
		]
	});
	return [
		one(1, 1, 1, 0, 0),
		one(3, 2, 5, .5, 2),
		one(2, 1, 65, .1, 1),
		one(2, 4, 32, .5, 2)
	];
};
const logSigmoid$1 = (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)));
// kernels/ops/recurrent/cells.wgsl.ts
const cellFunctions = (T) => [
	TANH,
	SIGMOID,
	SOFTPLUS
].map((f) => f(T)).join("\n");
/** See slstm.ts. */
const slstmCell = {
	label: "slstm",
	gates: 4,
	state: [
		"c",
		"n",
		"m"
	],
	forward: `let i = x0 + r0; let f = x1 + r1; let z = tanh_(x2 + r2); let o = sigmoid_(x3 + r3);
let kept = m - softplus_(-f); m = select(max(i, kept), i, n == T(0.0));
let input = exp(min(i - m, T(0.0))); let forget = exp(min(kept - m, T(0.0))); let held = forget * n;
c = forget * c + input * z; n = held + input; let normalised = c / n; h = o * normalised;`,
	outputs: {
		y: ["h"],
		gates: [
			"input / n",
			"sigmoid_(-f)",
			"z",
			"o"
		],
		keep: ["held / n"],
		cell: ["normalised"]
	},
	back: {
		reads: {
			gates: [
				"a",
				"s",
				"z",
				"o"
			],
			keep: ["r"],
			cell: ["now"]
		},
		before: "cell",
		carry: ["e", "l"],
		code: `let eg = g * o + e; let w = eg * a * (z - last); let adjoint = l - w; e = eg * r; l = adjoint * r;
let d0 = w + adjoint * a; let d1 = l * s; let d2 = eg * a * (1.0 - z * z); let d3 = g * now * o * (1.0 - o);`,
		writes: { dWx: [
			"d0",
			"d1",
			"d2",
			"d3"
		] }
	}
};
/** See lstm.ts. */
const lstmCell = {
	label: "lstm",
	gates: 4,
	state: ["c"],
	forward: `let i = sigmoid_(x0 + r0); let f = sigmoid_(x1 + r1); let z = tanh_(x2 + r2); let o = sigmoid_(x3 + r3);
c = f * c + i * z; h = o * tanh_(c);`,
	outputs: {
		y: ["h"],
		gates: [
			"i",
			"f",
			"z",
			"o"
		],
		cell: ["c"]
	},
	back: {
		reads: {
			gates: [
				"i",
				"f",
				"z",
				"o"
			],
			cell: ["now"]
		},
		before: "cell",
		carry: ["e"],
		code: `let bounded = tanh_(now); let eg = g * o * (1.0 - bounded * bounded) + e; e = eg * f;
let d0 = eg * z * i * (1.0 - i); let d1 = eg * last * f * (1.0 - f); let d2 = eg * i * (1.0 - z * z); let d3 = g * bounded * o * (1.0 - o);`,
		writes: { dWx: [
			"d0",
			"d1",
			"d2",
			"d3"
		] }
	}
};
/** See gru.ts. */
const gruCell = {
	label: "gru",
	gates: 3,
	state: [],
	forward: `let r = sigmoid_(x0 + r0); let z = sigmoid_(x1 + r1); let v = tanh_(x2 + r * r2); h = v + z * (h - v);`,
	outputs: {
		y: ["h"],
		gates: [
			"r",
			"z",
			"v",
			"r2"
		]
	},
	back: {
		reads: { gates: [
			"r",
			"z",
			"v",
			"q"
		] },
		before: "y",
		carry: ["e"],
		code: `let all = g + e; e = all * z; let dn = (all - e) * (1.0 - v * v);
let d0 = dn * q * r * (1.0 - r); let d1 = e * (last - v) * (1.0 - z); let d2 = dn * r;`,
		writes: {
			dWx: [
				"d0",
				"d1",
				"dn"
			],
			dq: [
				"d0",
				"d1",
				"d2"
			]
		}
	}
};
// kernels/ops/recurrent/held.wgsl.ts
/** Sequences of a workgroup: few while there are cores for them, since a step is bound by its latency. */
function heldBatch({ heads, batch }, target) {
	if (target.software) return batch > 4 ? 4 : Math.min(batch, 2);
	const groups = heads * batch;
	return groups <= 264 ? 1 : groups <= 528 ? 2 : 4;
}
/** What the walks of a cell have in common: widths, places, and how the pointwise part reads and writes a unit or four. */
function pointwise$1(s, vec) {
	const lanes = vec ? 4 : 1;
	const block = (g) => `${g * s.d / lanes}u`;
	return {
		T: vec ? "vec4f" : "f32",
		lanes,
		/** Items of one sequence's head. */
		items: s.dh / lanes,
		get: (views, name, row, g, column = "column") => vec ? views[name].get4(row, `${block(g)} + ${column}`) : views[name].get(row, `${block(g)} + ${column}`),
		put: (views, name, row, g, value, column = "column") => vec ? views[name].put4(row, `${block(g)} + ${column}`, value) : views[name].put(row, `${block(g)} + ${column}`, value),
		globals: `alias T = ${vec ? "vec4f" : "f32"};\n${cellFunctions(vec ? "vec4f" : "f32")}`
	};
}
const join$1 = (items, code) => items.map(code).join("\n");
/** Four numbers of a workgroup array of T at element `e` (a multiple of 4). */
const four = (name, e, vec) => vec ? `${name}[(${e}) / 4u]` : `vec4f(${range(4).map((i) => `${name}[${e} + ${i}u]`)})`;
/** Σ over the held numbers w0 … times four at a time of `name`: four sums side by side, or each addition would wait for the one before. */
const product$1 = (chunks, element) => `${chunks.map((k) => k ? `acc = fma(w${k}, ${element(k)}, acc);` : `var acc = w0 * ${element(0)};`).join(" ")}`;
const total = "((acc.x + acc.y) + (acc.z + acc.w))";
const bind = (inputs, outputs, vec) => bindOperands({
	...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o, vec && k !== "R")])),
	...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o, vec)]))
});
function layout(cell, s, target) {
	const [Bt, vec] = [heldBatch(s, target), s.dh % 4 === 0];
	const threads = Math.max(cell.gates * s.dh, Bt * (vec ? s.dh / 4 : s.dh));
	return {
		Bt,
		vec,
		padded: 4 * ceilDiv(s.dh, 4),
		workgroup: target.software ? threads : 32 * ceilDiv(threads, 32)
	};
}
const places = (s, { Bt }, items) => `let head = wid.x; let sequence0 = wid.y * ${Bt}u;
let ib = li / ${items}u; let iu = li % ${items}u; let column = head * ${items}u + iu; let owns = ib < ${Bt}u && sequence0 + ib < ${s.batch}u;
let first = min(sequence0 + ib, ${s.batch - 1}u) * ${s.seqlen}u;`;
/** Forward: a thread makes one row of the recurrent product from registers, then one unit (or four) of the cell. */
function heldForward(cell, s, inputs, outputs, target) {
	const at = layout(cell, s, target);
	const { Bt, vec, padded, workgroup } = at;
	const p = pointwise$1(s, vec);
	const bound = bind(inputs, outputs, vec);
	const { views } = bound;
	const [G, rows, dh, chunks] = [
		range(cell.gates),
		cell.gates * s.dh,
		s.dh,
		range(padded / 4)
	];
	const element = (e, k) => k < dh ? views.R.get("head", `${e} * ${dh}u + ${k}u`) : "0.0";
	const sums = (g) => vec ? `vec4f(${range(4).map((i) => `sums[ib * ${rows}u + ${g * dh}u + iu * 4u + ${i}u]`)})` : `sums[ib * ${rows}u + ${g * dh}u + iu]`;
	return kernel({
		label: cell.label,
		bound,
		workgroup,
		groups: [
			s.heads,
			ceilDiv(s.batch, Bt),
			1
		],
		globals: `${p.globals}
var<workgroup> states: array<T, ${Bt * padded / p.lanes}>; var<workgroup> sums: array<f32, ${Bt * rows}>;`,
		body: `${places(s, at, p.items)}
let j = min(li, ${rows - 1}u); let offset = ${views.bias.get("0u", `j / ${dh}u * ${s.d}u + head * ${dh}u + j % ${dh}u`)};
${join$1(chunks, (k) => `let w${k} = vec4f(${range(4).map((i) => element("j", 4 * k + i))});`)}
for (var e = li; e < ${Bt * padded / p.lanes}u; e += ${workgroup}u) { states[e] = T(0.0); }
var h = T(0.0); ${cell.state.map((v) => `var ${v} = T(0.0);`).join(" ")}
${G.map((g) => `var n${g} = T(0.0);`).join(" ")} if (owns) { ${join$1(G, (g) => `n${g} = ${p.get(views, "Wx", "first", g)};`)} }
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) {
let row = first + t; let after = first + min(t + 1u, ${s.seqlen - 1}u);
${G.map((g) => `let x${g} = n${g};`).join(" ")} if (owns) { ${join$1(G, (g) => `n${g} = ${p.get(views, "Wx", "after", g)};`)} }
if (li < ${rows}u) {
${join$1(range(Bt), (b) => `{ ${product$1(chunks, (k) => four("states", `${b * padded + 4 * k}u`, vec))} sums[${b * rows}u + li] = offset + ${total}; }`)}
}
workgroupBarrier();
if (owns) {
${join$1(G, (g) => `let r${g} = ${sums(g)};`)}
{ ${cell.forward}
states[ib * ${padded / p.lanes}u + iu] = h;
${join$1(Object.entries(cell.outputs), ([name, values]) => join$1(values, (value, g) => p.put(views, name, "row", g, value)))} }
}
workgroupBarrier();
}`
	});
}
// kernels/ops/recurrent/heldBackward.wgsl.ts
/** Backward: a thread makes one unit (or four) of the cell's gradients, then one gate's part of what returns through R to one unit. */
function heldBackward(cell, s, inputs, outputs, target) {
	const at = layout(cell, s, target);
	const { Bt, vec, padded, workgroup } = at;
	const p = pointwise$1(s, vec);
	const bound = bind(inputs, outputs, vec);
	const { views } = bound;
	const [G, rows, dh, chunks] = [
		range(cell.gates),
		cell.gates * s.dh,
		s.dh,
		range(padded / 4)
	];
	const size = Bt * cell.gates * padded / p.lanes;
	const element = (k) => k < dh ? views.R.get("head", `(gate * ${dh}u + ${k}u) * ${dh}u + unit`) : "0.0";
	const returned = (i) => G.map((g) => `parts[ib * ${rows}u + ${g * dh}u + iu * ${p.lanes}u + ${i}u]`).join(" + ");
	const { back } = cell;
	const ahead = [[
		"dy",
		0,
		"dy"
	], ...Object.entries(back.reads).flatMap(([operand, names]) => names.map((name, block) => [
		operand,
		block,
		name
	]))];
	return kernel({
		label: `${cell.label}_grad`,
		bound,
		workgroup,
		groups: [
			s.heads,
			ceilDiv(s.batch, Bt),
			1
		],
		globals: `${p.globals}
var<workgroup> grads: array<T, ${size}>; var<workgroup> parts: array<f32, ${Bt * rows}>;`,
		body: `${places(s, at, p.items)}
let j = min(li, ${rows - 1}u); let gate = j / ${dh}u; let unit = j % ${dh}u;
${join$1(chunks, (k) => `let w${k} = vec4f(${range(4).map((i) => element(4 * k + i))});`)}
for (var i = li; i < ${size}u; i += ${workgroup}u) { grads[i] = T(0.0); }
for (var i = li; i < ${Bt * rows}u; i += ${workgroup}u) { parts[i] = 0.0; }
${back.carry.map((v) => `var ${v} = T(0.0);`).join(" ")}
${ahead.map(([, , name]) => `var n_${name} = T(0.0);`).join(" ")} var n_last = T(0.0);
if (owns) { let row = first + ${s.seqlen - 1}u; ${ahead.map(([operand, block, name]) => `n_${name} = ${p.get(views, operand, "row", block)};`).join(" ")}
${s.seqlen > 1 ? `{ let before = row - 1u; n_last = ${p.get(views, back.before, "before", 0)}; }` : ""} }
workgroupBarrier();
for (var left = ${s.seqlen}u; left > 0u; left--) {
let t = left - 1u; let row = first + t;
if (owns) {
let g = n_dy + ${vec ? `vec4f(${range(4).map(returned)})` : returned(0)};
${ahead.map(([, , name]) => name === "dy" ? "" : `let ${name} = n_${name};`).join(" ")}
let last = n_last; n_last = T(0.0); if (t > 1u) { let before = row - 2u; n_last = ${p.get(views, back.before, "before", 0)}; }
if (t > 0u) { let before = row - 1u;
${ahead.map(([operand, block, name]) => `n_${name} = ${p.get(views, operand, "before", block)};`).join(" ")} }
${back.code}
${join$1(G, (q) => `grads[(ib * ${cell.gates}u + ${q}u) * ${padded / p.lanes}u + iu] = d${q};`)}
${join$1(Object.entries(back.writes), ([name, values]) => join$1(values, (value, q) => p.put(views, name, "row", q, value)))}
}
workgroupBarrier();
if (li < ${rows}u) {
${join$1(range(Bt), (b) => `{ let e = (${b * cell.gates}u + gate) * ${padded}u; ${product$1(chunks, (k) => four("grads", `e + ${4 * k}u`, vec))} parts[${b * rows}u + li] = ${total}; }`)}
}
workgroupBarrier();
}`
	});
}
// kernels/ops/recurrent/streamed.wgsl.ts
/** Threads, units of a thread, and sequences of a workgroup, which share each reading of R; 4096 numbers of workgroup memory at most. */
function split(cell, s, target) {
	const workgroup = Math.min(target.software ? 64 : 256, 32 * ceilDiv(s.dh, 32));
	const per = ceilDiv(s.dh, workgroup);
	const most = Math.max(1, Math.min(Math.floor(4 / per), Math.floor(4096 / (cell.gates * s.dh)), s.batch));
	return {
		workgroup,
		per: range(per),
		Bt: most === 3 ? 2 : most
	};
}
const names = (v, b, i) => `${v}_${b}_${i}`;
/** Puts the state of one unit of one sequence under the names the cell's code uses, and back. */
const scoped = (variables, b, i, code) => `${variables.map((v) => `var ${v} = ${names(v, b, i)};`).join(" ")}\n${code}\n${variables.map((v) => `${names(v, b, i)} = ${v};`).join(" ")}`;
/** R (heads, gates·dh·dh) with the two inner axes exchanged: neighbouring threads of the walk then read neighbouring numbers. */
function transposeR(R, s, scratch, target) {
	const rows = s.gates * s.dh;
	const count = s.heads * rows * s.dh;
	const workgroup = target.software ? 64 : 256;
	const bound = bindOperands({
		R: reads(R),
		to: part(scratch, 0, count, { write: true })
	});
	return kernel({
		label: "recurrent.transpose",
		bound,
		workgroup,
		groups: ceilDiv(count, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${count}u) { return; }
let j = i % ${rows}u; let k = i / ${rows}u % ${s.dh}u; let head = i / ${rows * s.dh}u;
${bound.views.to.put("0u", "i", bound.views.R.get("head", `j * ${s.dh}u + k`))}`
	});
}
/** Wide heads: R is read from memory at every step, once for the sequences of a workgroup. A thread owns whole units. `scratch` is R transposed. */
function streamedForward(cell, s, inputs, outputs, scratch, target) {
	const { workgroup, per, Bt } = split(cell, s, target);
	const p = pointwise$1(s, false);
	const [G, B, rows] = [
		range(cell.gates),
		range(Bt),
		cell.gates * s.dh
	];
	const bound = bindOperands({
		Wx: reads(inputs.Wx),
		bias: reads(inputs.bias),
		R: part(scratch, 0, s.heads * rows * s.dh),
		...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)]))
	});
	const { views } = bound;
	const variables = ["h", ...cell.state];
	const each = (code) => join$1(B, (b) => join$1(per, (i) => code(b, i)));
	const sum = (g, b, i) => names(`r${g}`, b, i);
	return kernel({
		label: `${cell.label}.streamed`,
		bound,
		workgroup,
		groups: [
			s.heads,
			ceilDiv(s.batch, Bt),
			1
		],
		globals: `${p.globals}\nvar<workgroup> states: array<f32, ${Bt * s.dh}>;`,
		body: `let head = wid.x; let sequence0 = wid.y * ${Bt}u; let base = head * ${rows * s.dh}u;
for (var e = li; e < ${Bt * s.dh}u; e += ${workgroup}u) { states[e] = 0.0; }
${join$1(per, (i) => `let u${i} = min(li + ${i * workgroup}u, ${s.dh - 1}u); let column${i} = head * ${s.dh}u + u${i};`)}
${each((b, i) => variables.map((v) => `var ${names(v, b, i)} = 0.0;`).join(" "))}
${join$1(G, (g) => join$1(per, (i) => `let o${g}_${i} = ${p.get(views, "bias", "0u", g, `column${i}`)};`))}
workgroupBarrier();
for (var t = 0u; t < ${s.seqlen}u; t++) {
${join$1(G, (g) => each((b, i) => `var ${sum(g, b, i)} = o${g}_${i};`))}
for (var k = 0u; k < ${s.dh}u; k++) { let start = base + k * ${rows}u;
${B.map((b) => `let h${b} = states[${b * s.dh}u + k];`).join(" ")}
${join$1(G, (g) => join$1(per, (i) => `{ let w = ${views.R.get("0u", `start + ${g * s.dh}u + u${i}`)}; ${B.map((b) => `${sum(g, b, i)} = fma(w, h${b}, ${sum(g, b, i)});`).join(" ")} }`))}
}
workgroupBarrier();
${each((b, i) => `if (li + ${i * workgroup}u < ${s.dh}u && sequence0 + ${b}u < ${s.batch}u) { let row = (sequence0 + ${b}u) * ${s.seqlen}u + t; let column = column${i};
${join$1(G, (g) => `let x${g} = ${p.get(views, "Wx", "row", g)}; let r${g} = ${sum(g, b, i)};`)}
${scoped(variables, b, i, `${cell.forward}\nstates[${b * s.dh}u + u${i}] = h;\n${join$1(Object.entries(cell.outputs), ([name, values]) => join$1(values, (value, g) => p.put(views, name, "row", g, value)))}`)} }`)}
workgroupBarrier();
}`
	});
}
function streamedBackward(cell, s, inputs, outputs, target) {
	const { workgroup, per, Bt } = split(cell, s, target);
	const p = pointwise$1(s, false);
	const [G, B, rows] = [
		range(cell.gates),
		range(Bt),
		cell.gates * s.dh
	];
	const bound = bindOperands({
		...Object.fromEntries(Object.entries(inputs).map(([k, o]) => [k, reads(o)])),
		...Object.fromEntries(Object.entries(outputs).map(([k, o]) => [k, writes(o)]))
	});
	const { views } = bound;
	const { back } = cell;
	const each = (code) => join$1(B, (b) => join$1(per, (i) => code(b, i)));
	const returned = (b, i) => names("g", b, i);
	return kernel({
		label: `${cell.label}_grad.streamed`,
		bound,
		workgroup,
		groups: [
			s.heads,
			ceilDiv(s.batch, Bt),
			1
		],
		globals: `${p.globals}\nvar<workgroup> grads: array<f32, ${Bt * rows}>;`,
		body: `let head = wid.x; let sequence0 = wid.y * ${Bt}u;
for (var i = li; i < ${Bt * rows}u; i += ${workgroup}u) { grads[i] = 0.0; }
${join$1(per, (i) => `let u${i} = min(li + ${i * workgroup}u, ${s.dh - 1}u); let column${i} = head * ${s.dh}u + u${i};`)}
${each((b, i) => `var ${returned(b, i)} = 0.0; ${back.carry.map((v) => `var ${names(v, b, i)} = 0.0;`).join(" ")}`)}
workgroupBarrier();
for (var left = ${s.seqlen}u; left > 0u; left--) { let t = left - 1u;
${each((b, i) => `if (li + ${i * workgroup}u < ${s.dh}u && sequence0 + ${b}u < ${s.batch}u) { let row = (sequence0 + ${b}u) * ${s.seqlen}u + t; let column = column${i};
let g = ${p.get(views, "dy", "row", 0)} + ${returned(b, i)};
${join$1(Object.entries(back.reads), ([name, values]) => join$1(values, (value, q) => `let ${value} = ${p.get(views, name, "row", q)};`))}
var last = 0.0; if (t > 0u) { last = ${p.get(views, back.before, "row - 1u", 0)}; }
${scoped(back.carry, b, i, `${back.code}\n${join$1(G, (q) => `grads[${b * rows + q * s.dh}u + u${i}] = d${q};`)}\n${join$1(Object.entries(back.writes), ([name, values]) => join$1(values, (value, q) => p.put(views, name, "row", q, value)))}`)} }`)}
workgroupBarrier();
${each((b, i) => `${returned(b, i)} = 0.0;`)}
for (var j = 0u; j < ${rows}u; j++) { ${B.map((b) => `let d${b} = grads[${b * rows}u + j];`).join(" ")}
${join$1(per, (i) => `{ let w = ${views.R.get("head", `j * ${s.dh}u + u${i}`)}; ${B.map((b) => `${returned(b, i)} = fma(w, d${b}, ${returned(b, i)});`).join(" ")} }`)}
}
workgroupBarrier();
}`
	});
}
// kernels/ops/recurrent/recurrent.wgsl.ts
const named = (names, operands) => Object.fromEntries(names.map((name, i) => [name, operands[i]]));
/** A workgroup walks one head of a few sequences over all time steps in one dispatch: WebGPU has no barrier across workgroups. */
const forward = (cell, outputNames) => ({
	scratch: ([Wx, R], attrs) => recurrentSizes(Wx, R, attrs, cell.gates).dh > 64 ? R.rows * R.cols : 0,
	dispatches({ inputs, outputs, attrs, scratch }, target) {
		const s = recurrentSizes(inputs[0], inputs[1], attrs, cell.gates);
		const [from, to] = [named([
			"Wx",
			"R",
			"bias"
		], inputs), named(outputNames, outputs)];
		if (s.dh <= 64) return [heldForward(cell, s, from, to, target)];
		return [transposeR(inputs[1], s, scratch, target), streamedForward(cell, s, from, to, scratch, target)];
	}
});
const backward = (cell, inputNames, outputNames) => ({ dispatches({ inputs, outputs, attrs }, target) {
	const [from, to] = [named(inputNames, inputs), named(outputNames, outputs)];
	const s = recurrentSizes(to.dWx, from.R, attrs, cell.gates);
	return [s.dh <= 64 ? heldBackward(cell, s, from, to, target) : streamedBackward(cell, s, from, to, target)];
} });
/** One step: a workgroup is one head of one sequence, a thread makes every workgroup-th unit. */
const step = (cell) => ({ dispatches({ inputs: [Wx, R, bias, state], outputs: [y] }, target) {
	const s = recurrentSizes(Wx, R, {
		batch: Wx.rows,
		seqlen: 1
	}, cell.gates);
	const p = pointwise$1(s, false);
	const workgroup = Math.min(target.software ? 32 : 128, 32 * Math.ceil(s.dh / 32));
	const bound = bindOperands({
		Wx: reads(Wx),
		R: reads(R),
		bias: reads(bias),
		state: writes(state),
		y: writes(y)
	});
	const { views } = bound;
	const G = range(cell.gates);
	const body = `let head = wid.x; let row = wid.y;
for (var u = li; u < ${s.dh}u; u += ${workgroup}u) { before[u] = ${views.state.get("row", `head * ${s.dh}u + u`)}; }
workgroupBarrier();
for (var u = li; u < ${s.dh}u; u += ${workgroup}u) { let column = head * ${s.dh}u + u;
${join$1(G, (g) => `let x${g} = ${p.get(views, "Wx", "row", g)}; var r${g} = ${p.get(views, "bias", "0u", g)};`)}
for (var k = 0u; k < ${s.dh}u; k++) { let hk = before[k]; ${join$1(G, (g) => `r${g} = fma(${views.R.get("head", `(${g * s.dh}u + u) * ${s.dh}u + k`)}, hk, r${g});`)} }
var h = before[u]; ${join$1(cell.state, (v, i) => `var ${v} = ${p.get(views, "state", "row", i + 1)};`)}
{ ${cell.forward} }
${p.put(views, "y", "row", 0, "h")} ${join$1(["h", ...cell.state], (v, i) => p.put(views, "state", "row", i, v))} }`;
	const globals = `${p.globals}\nvar<workgroup> before: array<f32, ${s.dh}>;`;
	return [kernel({
		label: `${cell.label}_step`,
		bound,
		workgroup,
		groups: [
			s.heads,
			s.batch,
			1
		],
		globals,
		body
	})];
} });
const slstm$2 = forward(slstmCell, [
	"y",
	"gates",
	"keep",
	"cell"
]);
const slstm_grad$1 = backward(slstmCell, [
	"dy",
	"gates",
	"keep",
	"cell",
	"R"
], ["dWx"]);
const slstm_step$1 = step(slstmCell);
const lstm$2 = forward(lstmCell, [
	"y",
	"gates",
	"cell"
]);
const lstm_grad$1 = backward(lstmCell, [
	"dy",
	"gates",
	"cell",
	"R"
], ["dWx"]);
const lstm_step$1 = step(lstmCell);
const gru$2 = forward(gruCell, ["y", "gates"]);
const gru_grad$1 = backward(gruCell, [
	"dy",
	"y",
	"gates",
	"R"
], ["dWx", "dq"]);
const gru_step$1 = step(gruCell);
// kernels/ops/reverse/reverse.wgsl.ts
/** One thread per element, or per four where the columns allow it. */
const reverse$1 = { dispatches({ inputs: [x, lengths], outputs: [y], attrs }, { software }) {
	const seqlen = num(attrs, "seqlen");
	const vec = y.cols % 4 === 0;
	const width = vec ? y.cols / 4 : y.cols;
	const bound = bindOperands({
		x: reads(x, vec),
		...lengths ? { lengths: reads(lengths) } : {},
		y: writes(y, vec)
	});
	const length = lengths ? `u32(clamp(${bound.views.lengths.get(`r / ${seqlen}u`, "0u")}, 0, ${seqlen}))` : `${seqlen}u`;
	const workgroup = software ? 64 : 256;
	const from = vec ? bound.views.x.get4("src", "i % W") : bound.views.x.get("src", "i % W");
	return [kernel({
		label: "reverse",
		bound,
		workgroup,
		groups: ceilDiv(y.rows * width, workgroup),
		globals: `const W = ${width}u;`,
		body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * width}u) { return; }
let r = i / W; let t = r % ${seqlen}u; let n = ${length}; let src = r - t + select(t, n - 1u - t, t < n);
${vec ? bound.views.y.put4("r", "i % W", from) : bound.views.y.put("r", "i % W", from)}`
	})];
} };
// kernels/ops/rms_norm/rms_norm.wgsl.ts
const rms_norm = { dispatches: ({ inputs: [x, weight], outputs: [y, rstd], attrs }, target) => [normForward({
	label: "rms_norm",
	groups: slices(attrs),
	eps: num(attrs, "eps"),
	x,
	weight,
	y,
	rstd
}, target)] };
// kernels/ops/rms_norm/rms_norm_grad.wgsl.ts
const rms_norm_grad$1 = {
	scratch: ([, x], attrs, target) => normScratch(x.rows, x.cols, slices(attrs), false, target),
	dispatches: ({ inputs: [dy, x, weight, rstd, addend], outputs: [dx, dweight], attrs, scratch }, target) => normBackward({
		label: "rms_norm_grad",
		groups: slices(attrs),
		dy,
		x,
		weight,
		rstd,
		addend,
		dx,
		dweight,
		scratch
	}, target)
};
// kernels/ops/rope/rope.ts
/** The frequencies of the pairs of a head: base^(−2i / rotary_dim), i = 0 … rotary_dim / 2 − 1. */
const frequencies$3 = (base, rotary_dim) => Array.from({ length: rotary_dim / 2 }, (_, i) => base ** (-2 * i / rotary_dim));
const testCase$16 = (rows, cols, attrs, position) => ({
	inputs: [f32(rows, cols), ...position ? [f32(rows, 1)] : []],
	attrs: {
		base: 1e4,
		inverse: false,
		positions: !!position,
		seqlen: rows,
		...attrs
	},
	...position ? { range: [[-1, 1], position] } : {}
});
/**
* Rotary position embedding (Su et al. 2021, arXiv:2104.09864, eq. 34) in the form with halves (GPT-NeoX): in each of the first `heads`
* heads of head_dim columns, pair i < rotary_dim / 2, at position t:
*   y_i = x_i cos θ − x_(i + rotary_dim/2) sin θ,  y_(i + rotary_dim/2) = x_(i + rotary_dim/2) cos θ + x_i sin θ,  θ = t · base^(−2i / rotary_dim).
* All other columns pass through, so q, k and v packed side by side go through in one go and, where nothing else reads x, in place.
* x, y (rows, cols). The position of a row is row mod seqlen, or with attrs.positions that of the input position (rows, 1), a whole number
* below 2^24. attrs heads, head_dim, rotary_dim, base, seqlen, positions, inverse (turn back: the gradient).
*/
const rope$1 = defineOp({
	name: "rope",
	inputs: ["x", "position"],
	outputs: ["y"],
	mayOverwrite: { 0: 0 },
	infer([x, position], attrs) {
		const [heads, head_dim, rotary] = [
			num(attrs, "heads"),
			num(attrs, "head_dim"),
			num(attrs, "rotary_dim")
		];
		requireShape(heads * head_dim <= x.cols, `rope: x has ${x.cols} columns, ${heads} heads of ${head_dim} do not fit`);
		requireShape(rotary % 2 === 0 && rotary <= head_dim, `rope: rotary_dim ${rotary} must be even and at most head_dim ${head_dim}`);
		if (attrs.positions) expectType("rope: position", position, f32(x.rows, 1));
		return [x];
	},
	reference([x, position], [y], attrs) {
		const [heads, head_dim, rotary] = [
			num(attrs, "heads"),
			num(attrs, "head_dim"),
			num(attrs, "rotary_dim")
		];
		const turns = frequencies$3(num(attrs, "base"), rotary);
		const half = rotary / 2;
		for (let r = 0; r < x.rows; r++) {
			const t = attrs.positions ? at(position, r, 0) : r % num(attrs, "seqlen");
			const before = Array.from({ length: x.cols }, (_, c) => at(x, r, c));
			for (let c = 0; c < x.cols; c++) {
				const [head, i] = [Math.floor(c / head_dim), c % head_dim];
				if (head >= heads || i >= rotary) {
					set(y, r, c, before[c]);
					continue;
				}
				const [first, angle] = [i < half, (attrs.inverse ? -1 : 1) * t * turns[i % half]];
				const other = before[first ? c + half : c - half];
				set(y, r, c, before[c] * Math.cos(angle) + (first ? -1 : 1) * other * Math.sin(angle));
			}
		}
	},
	gradient: (builder, { inputs: [, position], attrs }, [dy]) => dy ? [builder.one("rope", position ? [dy, position] : [dy], {
		...attrs,
		inverse: !attrs.inverse
	})] : [],
	cost: ([x], attrs) => ({
		flops: 3 * x.rows * num(attrs, "heads") * num(attrs, "rotary_dim"),
		exps: x.rows * num(attrs, "rotary_dim")
	}),
	tolerance: 1e-6,
	cases: [
		testCase$16(1, 2, {
			heads: 1,
			head_dim: 2,
			rotary_dim: 2
		}),
		testCase$16(65, 36, {
			heads: 2,
			head_dim: 12,
			rotary_dim: 6
		}),
		testCase$16(130, 96, {
			heads: 2,
			head_dim: 32,
			rotary_dim: 32,
			seqlen: 65
		}),
		testCase$16(63, 21, {
			heads: 3,
			head_dim: 7,
			rotary_dim: 2,
			inverse: true
		}),
		testCase$16(9, 64, {
			heads: 1,
			head_dim: 64,
			rotary_dim: 64
		}, [16384, 16384]),
		testCase$16(3, 16, {
			heads: 2,
			head_dim: 8,
			rotary_dim: 8,
			base: 5e5
		}, [131071, 131071])
	]
});
// kernels/ops/rope/rope.wgsl.ts
/**
* The angle in units of 2^−32 turns as a wrapping u32: position · frequency, the frequency in 40 fraction bits. So the angle is good to
* 2^−41 turns per position however far the position, which no product in f32 is. Then Cephes' sine and cosine on ±π/4, because WGSL
* promises only 2^−11 of its own.
*/
const TURN = (T, U, I) => `fn turn(phase: ${U}, cosine: ptr<function, ${T}>, sine: ptr<function, ${T}>) {
let n = (phase + 0x20000000u) >> ${U}(30u);
let x = ${T}(bitcast<${I}>(phase - (n << ${U}(30u)))) * 1.46291808e-9; let z = x * x;
let s = x + x * z * ((-1.9515295891e-4 * z + 8.3321608736e-3) * z - 1.6666654611e-1);
let q = 1.0 - 0.5 * z + z * z * ((2.443315711809948e-5 * z - 1.388731625493765e-3) * z + 4.166664568298827e-2);
let odd = (n & ${U}(1u)) != ${U}(0u);
*sine = select(s, q, odd) * select(${T}(1.0), ${T}(-1.0), (n & ${U}(2u)) != ${U}(0u));
*cosine = select(q, s, odd) * select(${T}(1.0), ${T}(-1.0), ((n + 1u) & ${U}(2u)) != ${U}(0u)); }`;
/** A thread turns one pair (or four), or passes on one column (or four) outside the turned ones. */
const rope = { dispatches({ inputs: [x, position], outputs: [y], attrs }, { software }) {
	const [heads, width, rotary] = [
		num(attrs, "heads"),
		num(attrs, "head_dim"),
		num(attrs, "rotary_dim")
	];
	const half = rotary / 2;
	const vec = half % 4 === 0 && width % 4 === 0 && x.cols % 4 === 0;
	const [T, U, I, w] = vec ? [
		"vec4f",
		"vec4u",
		"vec4i",
		4
	] : [
		"f32",
		"u32",
		"i32",
		1
	];
	const fixed = frequencies$3(num(attrs, "base"), rotary).map((f) => Math.round(f / (2 * Math.PI) * 2 ** 40));
	const table = (word) => `array<${U}, ${half / w}>(${range(half / w).map((i) => `${U}(${fixed.slice(i * w, i * w + w).map((f) => `${word(f)}u`)})`).join(", ")})`;
	const inPlace = x.buffer === y.buffer && x.offset === y.offset && x.ld === y.ld;
	const perHead = (width - rotary) / w;
	const pairs = heads * half / w;
	const passed = inPlace ? 0 : x.cols / w - 2 * pairs;
	const units = pairs + passed;
	const bound = bindOperands({
		x: reads(x, vec),
		...attrs.positions ? { position: reads(position) } : {},
		y: writes(y, vec)
	});
	const { views } = bound;
	const get = (c) => vec ? views.x.get4("r", c) : views.x.get("r", c);
	const put = (c, value) => vec ? views.y.put4("r", c, value) : views.y.put("r", c, value);
	const workgroup = software ? 64 : 256;
	return [kernel({
		label: "rope",
		bound,
		workgroup,
		groups: ceilDiv(x.rows * units, workgroup),
		globals: `const HIGH = ${table((f) => Math.floor(f / 256))};
const LOW = ${table((f) => f % 256)};
${TURN(T, U, I)}`,
		body: `let index = w * ${workgroup}u + li; if (index >= ${x.rows * units}u) { return; }
let r = index / ${units}u; let unit = index % ${units}u;
${passed ? `if (unit >= ${pairs}u) { let p = unit - ${pairs}u; let c = ${perHead ? `select(${heads * rotary / w}u + p, p / ${perHead}u * ${width / w}u + ${rotary / w}u + p % ${perHead}u, p < ${heads * perHead}u)` : `${heads * width / w}u + p`};
${put("c", get("c"))} return; }` : ""}
let i = unit % ${half / w}u; let c = unit / ${half / w}u * ${width / w}u + i;
let t = ${attrs.positions ? `u32(${views.position.get("r", "0u")})` : `r % ${num(attrs, "seqlen")}u`};
var cosine: ${T}; var sine: ${T}; turn(t * HIGH[i] + ((t * LOW[i]) >> ${U}(8u)), &cosine, &sine);
${attrs.inverse ? "sine = -sine;" : ""}
let a = ${get("c")}; let b = ${get(`c + ${half / w}u`)};
${put("c", "a * cosine - b * sine")} ${put(`c + ${half / w}u`, "b * cosine + a * sine")}`
	})];
} };
// kernels/ops/scatter_rows/scatter_rows.wgsl.ts
const scatter_rows$1 = { dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
	const [first, step] = [num(attrs, "firstRow"), num(attrs, "rowStep")];
	const bound = bindOperands({
		x: reads(x),
		y: writes(y)
	});
	const workgroup = software ? 64 : 256;
	return [kernel({
		label: "scatter_rows",
		bound,
		workgroup,
		groups: ceilDiv(y.rows * y.cols, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * y.cols}u) { return; }
let r = i / ${y.cols}u; let c = i % ${y.cols}u; let k = (max(r, ${first}u) - ${first}u) / ${step}u;
var value = 0.0;
if (r >= ${first}u && (r - ${first}u) % ${step}u == 0u && k < ${x.rows}u) { value = ${bound.views.x.get("k", "c")}; }
${bound.views.y.put("r", "c", "value")}`
	})];
} };
// kernels/ops/selective_scan/scanPlan.ts
const log2 = Math.log2;
/** Bytes of workgroup memory of one walk. */
function walkBytes(kind, w, { NP, chunk, subgroup }) {
	const matrices = kind === "F1" ? 1 : 2;
	return (w.tiled ? 2 * matrices * w.RT * NP * 4 : matrices * chunk * NP * 4) + (kind[0] === "K" ? 2 * (w.workgroup / subgroup) * w.RT * NP * 4 : 0);
}
/** Fastest on an H100, replaced while tuning (chunks of 64: B8 D1024 L2048; of 128: L16384; of 32: L512). */
const PREFERRED_WALKS = {
	F1: (chunk) => ({
		workgroup: chunk >= 128 ? 128 : 64,
		T: 8,
		c: 1,
		RT: 8,
		tiled: false
	}),
	F2: (chunk) => chunk >= 128 ? {
		workgroup: 256,
		T: 8,
		c: 2,
		RT: 8,
		tiled: false
	} : {
		workgroup: 128,
		T: 4,
		c: 4,
		RT: 8,
		tiled: false
	},
	K1: () => ({
		workgroup: 128,
		T: 4,
		c: 4,
		RT: 8,
		tiled: false
	}),
	K3: (chunk) => chunk === 64 ? {
		workgroup: 64,
		T: 4,
		c: 1,
		RT: 4,
		tiled: true
	} : {
		workgroup: 128,
		T: chunk >= 128 ? 4 : 2,
		c: 1,
		RT: 8,
		tiled: chunk >= 128
	}
};
function walkShape(kind, NP, chunk, target) {
	const { subgroup } = target;
	let w = target.software ? {
		workgroup: 16,
		T: 2,
		c: kind === "F1" ? 1 : 4,
		RT: 4,
		tiled: kind === "K3"
	} : PREFERRED_WALKS[kind](chunk);
	if (subgroup === 1) w = {
		...w,
		c: 1,
		workgroup: Math.min(w.workgroup, 32),
		...kind[0] === "K" ? {
			T: 1,
			RT: 1
		} : {}
	};
	w = {
		...w,
		c: Math.min(w.c, NP / 4, subgroup)
	};
	if (w.workgroup % subgroup) w = {
		...w,
		workgroup: subgroup
	};
	if (NP > 32) w = {
		...w,
		T: Math.min(w.T, target.software ? 1 : 2),
		RT: Math.min(w.RT, 4)
	};
	const budget = Math.min(target.workgroupBytes, 24576);
	const over = () => walkBytes(kind, w, {
		NP,
		chunk,
		subgroup
	}) > budget;
	if (over()) w = {
		...w,
		tiled: true
	};
	while (over() && w.RT > 1) w = {
		...w,
		RT: w.RT / 2,
		T: Math.min(w.T, w.RT / 2)
	};
	while (over() && w.workgroup > subgroup && w.workgroup > 8) w = {
		...w,
		workgroup: w.workgroup / 2
	};
	return w;
}
/** Replaced while tuning. */
const PREFERRED_STRAIGHT = { pick: (batch, seqlen, D) => batch * D >= Math.max(8192, 4 * seqlen) ? {
	workgroup: 32,
	held: 4,
	turns: 4,
	backward: null
} : null };
function straightShape(batch, seqlen, D, NP, target) {
	if (target.subgroup === 1) return null;
	const picked = target.software ? batch * D <= seqlen ? null : {
		workgroup: 16,
		held: 4,
		turns: 1,
		backward: {
			workgroup: 8,
			held: 4,
			chunk: 8,
			reduced: 1,
			keep: batch % 2 === 0
		}
	} : PREFERRED_STRAIGHT.pick(batch, seqlen, D);
	if (!picked || NP / picked.held > target.subgroup) return null;
	const { backward, held } = picked;
	if (!backward) return picked;
	const chunk = Math.max(backward.chunk, NP / backward.held, NP / held, 4);
	if (NP / backward.held > target.subgroup) return {
		...picked,
		backward: null
	};
	const turns = Math.min(picked.turns, chunk * held / NP);
	return {
		...picked,
		turns,
		backward: {
			...backward,
			chunk,
			reduced: Math.min(backward.reduced, chunk / 2)
		}
	};
}
function scanShape([u, , A], attrs, target) {
	const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
	const NP = 4 * 2 ** Math.ceil(log2(Math.max(1, A.cols / 4)));
	const NV = NP / 4;
	const straight = straightShape(batch, seqlen, u.cols, NP, target);
	const chunk = straight?.backward ? straight.backward.chunk : target.software ? 16 : seqlen >= 8192 ? 128 : seqlen <= 1024 ? 32 : 64;
	const walks = Object.fromEntries([
		"F1",
		"F2",
		"K1",
		"K3"
	].map((k) => [k, walkShape(k, NP, chunk, target)]));
	return {
		batch,
		seqlen,
		D: u.cols,
		N: A.cols,
		NP,
		NV,
		chunk,
		chunks: ceilDiv(seqlen, chunk),
		subgroup: target.subgroup,
		walks,
		straight
	};
}
/** Elements of all chunks' states. */
const stateElements = ({ chunks, batch, D, NP }) => chunks * batch * D * NP;
const channelTiles = (s, kind) => ceilDiv(s.D, s.straight?.backward ? s.straight.backward.workgroup * s.straight.backward.held / s.NP : s.walks[kind].workgroup);
/**
* `saved`, kept from forward to backward: states at each chunk's start, A · log2 e by channel with (D, delta_bias) behind it, and
* the sum of Δ over each chunk.
*/
function savedRegions(s) {
	const laid = regions({
		states: stateElements(s) + s.D * (s.NP + 4),
		sums: s.chunks * s.batch * s.D
	});
	return {
		total: laid.total,
		/** vec4 at which the channels' parameters start. */
		params: stateElements(s) / 4,
		states: (saved, write) => part(saved, laid.first.states, stateElements(s) + s.D * (s.NP + 4), {
			vec: true,
			write
		}),
		sums: (saved, write) => part(saved, laid.first.sums, s.chunks * s.batch * s.D, { write })
	};
}
/**
* The backward pass's scratch: per chunk the adjoint of its end and its part of dA; per step g and Y; partial sums. In one walk over the
* sequence only the sums: dA, dD and ddelta_bias per sequence, dB and dC per tile of channels.
*/
function gradRegions(s) {
	const rows = s.batch * s.seqlen;
	const straight = Boolean(s.straight?.backward);
	const parts = straight ? s.batch : s.chunks * s.batch;
	const sizes = {
		g: straight ? 0 : rows * s.D,
		Y: straight ? 0 : rows * s.D,
		dC: channelTiles(s, "K1") * rows * s.NP,
		dB: channelTiles(s, "K3") * rows * s.NP,
		dD: 2 * parts * s.D
	};
	const states = straight ? 0 : stateElements(s);
	const chunkElements = states + parts * s.D * s.NP;
	const outer = regions({
		chunks: chunkElements,
		steps: regions(sizes).total
	});
	const inner = regions(sizes);
	return {
		total: outer.total,
		/** Partial sums of dA, dD and ddelta_bias. */
		parts,
		tiles: {
			dC: channelTiles(s, "K1"),
			dB: channelTiles(s, "K3")
		},
		/** vec4 offset of dA's parts behind the adjoints. */
		dA: states / 4,
		/** Element offsets inside `steps`, and inside the whole. */
		at: inner.first,
		atWhole: Object.fromEntries(Object.entries(inner.first).map(([k, v]) => [k, v + outer.first.steps])),
		chunks: (scratch, write) => part(scratch, outer.first.chunks, chunkElements, {
			vec: true,
			write
		}),
		steps: (scratch, write, vec = false) => part(scratch, outer.first.steps, inner.total, {
			vec,
			write
		}),
		whole: (scratch) => part(scratch, 0, outer.total, { write: true })
	};
}
// kernels/ops/selective_scan/scanPasses.ts
/** A · log2 e, padded with zeros to NP, then (D, delta_bias) per channel: what every walk reads once. */
function prepare(s, A, D, delta_bias, saved) {
	const laid = savedRegions(s);
	const bound = bindOperands({
		A: reads(A),
		D: reads(D),
		bias: reads(delta_bias),
		states: laid.states(saved, true)
	});
	const { views } = bound;
	const count = s.D * (s.NV + 1);
	const vec = range(4).map((i) => `if (j * 4u + ${i}u < ${s.N}u) { v[${i}] = ${views.A.get("d", `j * 4u + ${i}u`)} * LOG2E; }`);
	return kernel({
		label: "selective_scan.prepare",
		bound,
		workgroup: 64,
		groups: ceilDiv(count, 64),
		globals: SCAN_FUNCTIONS,
		body: `let i = w * 64u + li; if (i >= ${count}u) { return; } var v = vec4f();
if (i < ${s.D * s.NV}u) { let d = i / ${s.NV}u; let j = i % ${s.NV}u; ${vec.join(" ")} }
else { let d = i - ${s.D * s.NV}u; v = vec4f(${views.D.get("0u", "d")}, ${views.bias.get("0u", "d")}, 0.0, 0.0); }
${views.states.put4("0u", `${laid.params}u + i`, "v")}`
	});
}
const AHEAD = 8;
/**
* From what each chunk adds alone to what enters each chunk, in place: forwards the start states in `saved`, backwards the adjoints in
* `scratch`. A chunk's decay is exp(A Σ Δ). A thread per four states of a channel.
*/
function combine(s, saved, scratch) {
	const laid = savedRegions(s);
	const backwards = scratch !== null;
	const bound = bindOperands({
		states: laid.states(saved, !backwards),
		sums: laid.sums(saved, !backwards),
		...scratch ? { chunks: gradRegions(s).chunks(scratch, true) } : {}
	});
	const { views } = bound;
	const values = backwards ? views.chunks : views.states;
	const at = (k) => `(c${k} * ${s.batch}u + b) * ${s.NV * s.D}u + j * ${s.D}u + d`;
	const width = 32;
	return kernel({
		label: backwards ? "selective_scan_grad.combine" : "selective_scan.combine",
		bound,
		workgroup: width,
		groups: [
			ceilDiv(s.D, width),
			s.NV,
			s.batch
		],
		body: `let d = wid.x * ${width}u + li; if (d >= ${s.D}u) { return; } let j = wid.y; let b = wid.z;
let a = ${views.states.get4("0u", `${laid.params}u + d * ${s.NV}u + j`)}; var h = vec4f();
for (var i = 0u; i < ${s.chunks}u; i += ${AHEAD}u) {
${range(AHEAD).map((k) => `let q${k} = min(i + ${k}u, ${s.chunks - 1}u); let c${k} = ${backwards ? `${s.chunks - 1}u - q${k}` : `q${k}`};
let v${k} = ${values.get4("0u", at(k))}; let s${k} = ${views.sums.get("0u", `(c${k} * ${s.batch}u + b) * ${s.D}u + d`)};`).join("\n")}
${range(AHEAD).map((k) => `if (i + ${k}u < ${s.chunks}u) { ${values.put4("0u", at(k), "h")} } h = fma(exp2(a * s${k}), h, v${k});`).join("\n")}
}`
	});
}
/** Adds up the partial sums of dB, dC over channel tiles and of dA, dD, ddelta_bias over chunks and batch, in a fixed order. */
function finish$3(s, scratch, out) {
	const laid = gradRegions(s);
	const { batch, seqlen, D, N, NP, NV } = s;
	const perRow = batch * seqlen * NV;
	const ends = bindOperands({
		steps: laid.steps(scratch, false, true),
		dB: writes(out.dB, true),
		dC: writes(out.dC, true)
	});
	const store = (name) => N === NP ? ends.views[name].put4("i / NV", "i % NV", "v") : range(4).map((k) => `if (i % NV * 4u + ${k}u < ${N}u) { ${ends.views[name].put("i / NV", `(i % NV * 4u + ${k}u)`, `v[${k}]`)} }`).join(" ");
	const groups = ceilDiv(perRow, 64);
	const sum = (name) => `for (var t = 0u; t < ${laid.tiles[name]}u; t++) { v += ${ends.views.steps.get4("0u", `${laid.at[name] / 4}u + t * ${perRow}u + i`)}; } ${store(name)}`;
	const matrices = kernel({
		label: "selective_scan_grad.dB_dC",
		bound: ends,
		workgroup: 64,
		groups: [...line(groups).slice(0, 2), 2],
		globals: `const NV = ${NV}u;`,
		body: `let i = (wid.x + wid.y * ${line(groups)[0]}u) * 64u + li; if (i >= ${perRow}u) { return; } var v = vec4f();
if (wid.z == 0u) { ${sum("dC")} } else { ${sum("dB")} }`
	});
	const bound = bindOperands({
		chunks: laid.chunks(scratch, false),
		steps: laid.steps(scratch, false),
		dA: writes(out.dA),
		dD: writes(out.dD),
		bias: writes(out.ddelta_bias)
	});
	const { views } = bound;
	const { parts } = laid;
	return [matrices, kernel({
		label: "selective_scan_grad.dA_dD",
		bound,
		workgroup: 256,
		groups: [
			ceilDiv(D, 16),
			NV + 2,
			1
		],
		globals: "var<workgroup> sums: array<vec4f, 256>;",
		body: `let x = li % 16u; let lane = li / 16u; let d = wid.x * 16u + x; let dd = min(d, ${D - 1}u); let j = wid.y; var v = vec4f();
if (j < ${NV}u) { for (var i = lane; i < ${parts}u; i += 16u) { v += ${views.chunks.get4("0u", `${laid.dA}u + i * ${NV * D}u + j * ${D}u + dd`)}; } }
else { for (var i = lane; i < ${parts}u; i += 16u) { v.x += ${views.steps.get("0u", `${laid.at.dD}u + ((j - ${NV}u) * ${parts}u + i) * ${D}u + dd`)}; } }
sums[li] = v; workgroupBarrier();
if (lane == 0u && d < ${D}u) { for (var i = 1u; i < 16u; i++) { v += sums[i * 16u + x]; }
if (j < ${NV}u) { ${range(4).map((k) => `if (j * 4u + ${k}u < ${N}u) { ${views.dA.put("d", `j * 4u + ${k}u`, `v[${k}]`)} }`).join(" ")} }
else if (j == ${NV}u) { ${views.dD.put("0u", "d", "v.x")} } else { ${views.bias.put("0u", "d", "v.x")} } }`
	})];
}
// kernels/ops/selective_scan/scanLanes.ts
function lanesOf(s, v, params, held, WG, T) {
	const { D, N, NP, NV, batch, seqlen, subgroup: SG } = s;
	const G = NP / held;
	const channels = WG / G;
	const V = `vec${held}f`;
	const dTail = D % channels !== 0;
	const whole = N === NP;
	const element = (name) => whole ? v[name].get4("r", "j") : `fetch${name}(r, j)`;
	const fetcher = (name) => whole ? "" : `fn fetch${name}(r: u32, j: u32) -> vec4f { var v = vec4f(); ${range(4).map((i) => `if (j * 4u + ${i}u < ${N}u) { v[${i}] = ${v[name].get("r", `j * 4u + ${i}u`)}; }`).join(" ")} return v; }\n`;
	const half = T * NV;
	const each = range(Math.ceil(2 * half / WG));
	const inside = (i) => 2 * half % WG === 0 ? "" : `if (li + ${i * WG}u < ${2 * half}u)`;
	const choose = (i) => half % WG === 0 ? `nx${i} = ${element(i * WG < half ? "B" : "C")};` : `if (e < ${half}u) { nx${i} = ${element("B")}; } else { nx${i} = ${element("C")}; }`;
	const per = 4 / held;
	const bits = range(Math.log2(G)).map((k) => 1 << k);
	const place = (ck) => `(${ck} * ${batch}u + b) * ${NV * D}u + ${held === 4 ? "q" : "q / 2u"} * ${D}u + d`;
	const mine = (value) => held === 4 ? value : `select(${value}.xy, ${value}.zw, (q & 1u) == 1u)`;
	return {
		G,
		V,
		globals: `${fetcher("B")}${fetcher("C")}var<workgroup> BC: array<${V}, ${4 * half * per}>;
fn sum2(v: vec2f) -> f32 { return v.x + v.y; }`,
		start: `let lane = li % ${SG}u; let q = li % ${G}u; let base = lane - q; let d0 = wid.x * ${channels}u + li / ${G}u;
${dTail ? `let ok = d0 < ${D}u; let d = min(d0, ${D - 1}u);` : "let d = d0;"} ${bits.map((k) => `let q${k} = (q & ${k}u) != 0u;`).join(" ")}
let pv = ${v.states.get4("0u", `${params + D * NV}u + d`)}; let Dd = pv.x; let bias = pv.y;
let a4 = ${v.states.get4("0u", `${params}u + d * ${NV}u + ${held === 4 ? "q" : "q / 2u"}`)}; let a = ${mine("a4")};`,
		tile: 2 * half * per,
		fetch: (first) => each.map((i) => `${inside(i)} { let e = li + ${i * WG}u; let r = b * ${seqlen}u + min(${first} + e % ${half}u / ${NV}u, ${seqlen - 1}u); let j = e % ${NV}u; ${choose(i)} }`).join("\n"),
		keep: (parity) => each.map((i) => {
			const to = `${parity} * ${2 * half * per}u + (li + ${i * WG}u)`;
			return held === 4 ? `${inside(i)} { BC[${to}] = nx${i}; }` : `${inside(i)} { let e = ${parity} * ${2 * half * per}u + (li + ${i * WG}u) * 2u; BC[e] = nx${i}.xy; BC[e + 1u] = nx${i}.zw; }`;
		}).join(" "),
		matB: (k) => `BC[at + ${k * G}u]`,
		matC: (k) => `BC[at + ${half * per + k * G}u]`,
		registers: each.map((i) => `var nx${i} = vec4f();`).join(" "),
		total: (x) => held === 4 ? `hs(${x})` : `sum2(${x})`,
		exchange: (name, first) => {
			const lines = [];
			for (let far = G / 2; far >= 1; far /= 2) for (const k of range(far)) {
				const [low, high] = [`${name}${first + k}`, `${name}${first + k + far}`];
				lines.push(`${low} = select(${low}, ${high}, q${far}) + subgroupShuffleXor(select(${high}, ${low}, q${far}), ${far}u);`);
			}
			return lines.join("\n");
		},
		state: (ck) => mine(v.states.get4("0u", place(ck))),
		putState: (ck, value) => held === 4 ? v.states.put4("0u", place(ck), value) : `{ let i = (${place(ck)}) * 4u + (q & 1u) * 2u; ${v.states.put("0u", "i", `${value}.x`)} ${v.states.put("0u", "i + 1u", `${value}.y`)} }`,
		from: (name, k) => `subgroupShuffle(${name}${Math.floor(k / G)}, base + ${k % G}u)`
	};
}
// kernels/ops/selective_scan/scanStraight.ts
/**
* WGSL of the forward scan in one walk from the first step to the last: every input is read once and every exponential taken once. G
* lanes share a channel; lane q reads, discretises, gates and writes steps q, q + G, … of each turn of T, and broadcasts Δ and Δu. The
* sums over states change hands so that lane q ends with the output of its own step: half of the values are sent at each exchange.
* Chunk-start states and Σ Δ are kept as the three-pass form keeps them.
*/
function straightWalk(s, v, o) {
	const { D, batch, seqlen, chunk } = s;
	const { workgroup: WG, turns: M, held } = s.straight;
	const G = s.NP / held;
	const T = G * M;
	const L = lanesOf(s, v, o.params, held, WG, T);
	const dTail = D % (WG / G) !== 0;
	const lTail = seqlen % T !== 0;
	const arrays = {
		u: v.u,
		dt: v.delta,
		z: v.z
	};
	const names = Object.keys(arrays);
	const load = (name, l, m) => arrays[name].load(`p_${name} + ${lTail ? `min(${l} + ${m * G}u + q, ${seqlen - 1}u)` : `(${l} + ${m * G}u + q)`} * ${arrays[name].ld}u`);
	const [K, Ms] = [range(T), range(M)];
	const alive = (m) => `l + ${m * G}u + q < ${seqlen}u`;
	const guarded = (condition, statement) => condition ? `if (${condition}) { ${statement} }` : statement;
	const total = range(Math.log2(G)).map((k) => `total += subgroupShuffleXor(total, ${1 << k}u);`).join(" ");
	const endChunk = (ck) => `{ ${total} ${guarded([dTail && "ok", G > 1 && "q == 0u"].filter(Boolean).join(" && "), v.sums.put("0u", `(${ck} * ${batch}u + b) * ${D}u + d`, "total"))} total = 0.0; }`;
	const body = `let b = wid.y; ${L.start}
${names.map((name) => `let p_${name} = ${arrays[name].place(`b * ${seqlen}u`, "d")};`).join(" ")} let p_y = ${v.y.place(`b * ${seqlen}u`, "d")};
${Ms.map((m) => names.map((name) => `var n_${name}${m} = ${load(name, "0u", m)};`).join(" ")).join("\n")}
${L.registers}
${L.fetch("0u")}
${L.keep("0u")}
workgroupBarrier();
var h = ${L.V}(); var total = 0.0;
for (var l = 0u; l < ${seqlen}u; l += ${T}u) {
${L.fetch(`l + ${T}u`)}
if (l % ${chunk}u == 0u) { ${s.straight.backward ? "" : `if (l > 0u) ${endChunk(`(l / ${chunk}u - 1u)`)}`}
${guarded(dTail ? "ok" : "", L.putState(`(l / ${chunk}u)`, "h"))} }
let at = l / ${T}u % 2u * ${L.tile}u + q; let ln = select(l + ${T}u, 0u, l + ${T}u >= ${seqlen}u);
${Ms.map((m) => `${names.map((name) => `let ${name}${m} = n_${name}${m}; n_${name}${m} = ${load(name, "ln", m)};`).join(" ")}
let raw${m} = dt${m} + bias; let sp${m} = softplus(raw${m}, exp(min(raw${m}, 20.0)));
let dl${m} = ${lTail ? `select(0.0, sp${m}, ${alive(m)})` : `sp${m}`}; let x${m} = dl${m} * u${m}; total += dl${m};`).join("\n")}
${K.map((k) => `var y${k}: f32; { let dk = ${L.from("dl", k)}; let xk = ${L.from("x", k)};
h = fma(exp2(dk * a), h, xk * ${L.matB(k)}); let t = h * ${L.matC(k)}; y${k} = ${L.total("t")}; }`).join("\n")}
${Ms.map((m) => `${L.exchange("y", m * G)}
${guarded([lTail && alive(m), dTail && "ok"].filter(Boolean).join(" && "), v.y.store(`p_y + (l + ${m * G}u + q) * ${v.y.ld}u`, `fma(Dd, u${m}, y${m * G}) * z${m} * sigm(z${m})`))}`).join("\n")}
${L.keep(`((l / ${T}u + 1u) % 2u)`)} workgroupBarrier();
}
${s.straight.backward ? "" : endChunk(`${s.chunks - 1}u`)}`;
	return {
		globals: SCAN_FUNCTIONS + L.globals,
		body,
		workgroup: WG
	};
}
// kernels/ops/selective_scan/scanWalk.ts
/**
* WGSL of a walk over one chunk of one sequence, a lane per channel for all loads and stores.
*   F1: from state 0, the chunk's end state and Σ Δ.           F2: from the true start state, y.
*   K1: forwards, dz, g, Y, partial dC, the local adjoint of the start, the w part of dA.
*   K3: backwards, du, ddelta, partial dB, the v part of dA, dD, ddelta_bias.
* With λ_t the adjoint of h_t, a_t = exp(Δ_t A) and x_t = λ_t a_t h_{t−1}, ddelta and dA need Σ A x_t and Σ Δ_t x_t. Now
* x_t = x_{t+1} + w_t − v_t with w_t = C_t g_t a_t h_{t−1} (known walking forwards) and v_t = a_{t+1} λ_{t+1} Δ_t u_t B_t (known walking
* backwards), so neither walk stores states: Y_t = Σ A w_t comes from K1, X is a running sum in K3, restarted at each chunk from its
* end state. The term C_t g_t Δ_t u_t B_t that both could hold is left out of both, or states that decay at once would leave its rounding.
* c lanes share their c channels: lane q holds states slice q of the channels lane ^ r, r < c. Sums over channels (dB, dC) halve the
* values held at each exchange, then pass through a double-buffered workgroup tile of RT steps: one barrier per RT steps.
*/
function walk(kind, s, v, o) {
	const { D, N, NP, NV, batch, seqlen, chunk, chunks, subgroup: SG } = s;
	const { workgroup: WG, T, c, RT, tiled } = s.walks[kind];
	const [VJ, NW, lc, top] = [
		NV / c,
		WG / SG,
		Math.log2(c),
		Math.log2(SG)
	];
	const backwards = kind === "K3";
	const summed = kind === "K1" || kind === "K3";
	const useC = kind !== "F1";
	const dTail = D % WG !== 0;
	const lTail = seqlen % chunk !== 0 || chunk % T !== 0;
	const [R, J, K] = [
		range(c),
		range(VJ),
		range(T)
	];
	const RJ = R.flatMap((r) => J.map((j) => [r, j]));
	const matrices = useC ? 2 : 1;
	const tileSize = RT * NV;
	const tile = tiled ? 2 * matrices * tileSize : matrices * chunk * NV;
	const row = (l) => `(b * ${seqlen}u + ${l})`;
	const stepArray = (name) => ({
		view: v.steps,
		first: `${o.at[name]}u + b * ${seqlen * D}u + d`,
		ld: D
	});
	const operand = (view) => ({
		view,
		first: view.place(`b * ${seqlen}u`, "d"),
		ld: view.ld
	});
	const reads = {
		u: operand(v.u),
		dt: operand(v.delta),
		...kind === "F2" || kind === "K1" ? { z: operand(v.z) } : {},
		...kind === "K1" ? { dout: operand(v.dy) } : {},
		...kind === "K3" ? {
			g: stepArray("g"),
			Y: stepArray("Y")
		} : {}
	};
	const writes = {
		...kind === "F2" ? { to_y: operand(v.y) } : {},
		...kind === "K1" ? {
			to_dz: operand(v.dz),
			to_g: stepArray("g"),
			to_Y: stepArray("Y")
		} : {},
		...kind === "K3" ? {
			to_du: operand(v.du),
			to_ddelta: operand(v.ddelta)
		} : {}
	};
	const load = (name, l) => reads[name].view.load(`p_${name} + ${l} * ${reads[name].ld}u`);
	const store = (name, l, value) => writes[name].view.store(`p_${name} + ${l} * ${writes[name].ld}u`, value);
	const arrays = Object.keys(reads);
	const clamp = (l, k) => lTail ? `min(${l} + ${k}u, ${seqlen - 1}u)` : `(${l} + ${k}u)`;
	const whole = N === NP;
	const element = (name, r, j) => whole ? v[name].get4(r, j) : `fetch${name}(${r}, ${j})`;
	const fetcher = (name) => whole ? "" : `fn fetch${name}(r: u32, j: u32) -> vec4f { var v = vec4f(); ${range(4).map((i) => `if (j * 4u + ${i}u < ${N}u) { v[${i}] = ${v[name].get("r", `j * 4u + ${i}u`)}; }`).join(" ")} return v; }\n`;
	const globals = `${SCAN_FUNCTIONS}${fetcher("B")}${useC ? fetcher("C") : ""}
var<workgroup> BC: array<vec4f, ${tile}>;
${summed ? `var<workgroup> red: array<f32, ${2 * NW * RT * NP}>;` : ""}`;
	const perThread = range(Math.ceil(matrices * tileSize / WG));
	const fetchTile = (t) => perThread.map((i) => `{ let e = li + ${i * WG}u; if (e < ${matrices * tileSize}u) { let r = ${row(`min(${t} + e % ${tileSize}u / ${NV}u, ${seqlen - 1}u)`)}; let j = e % ${NV}u; ${useC ? `if (e < ${tileSize}u) { nx${i} = ${element("B", "r", "j")}; } else { nx${i} = ${element("C", "r", "j")}; }` : `nx${i} = ${element("B", "r", "j")};`} } }`).join("\n");
	const storeTile = (parity) => perThread.map((i) => `if (li + ${i * WG}u < ${matrices * tileSize}u) { BC[(${parity}) % 2u * ${matrices * tileSize}u + li + ${i * WG}u] = nx${i}; }`).join(" ");
	const loadChunk = `for (var i = li; i < ${chunk * NV}u; i += ${WG}u) { let t = i / ${NV}u; let j = i % ${NV}u;
${seqlen % chunk ? `if (l0 + t >= lend) { BC[i] = vec4f(); ${useC ? `BC[i + ${chunk * NV}u] = vec4f();` : ""} continue; }` : ""}
BC[i] = ${element("B", row("l0 + t"), "j")}; ${useC ? `BC[i + ${chunk * NV}u] = ${element("C", row("l0 + t"), "j")};` : ""} }`;
	const at = (name, tl, j) => tiled ? `BC[${tl} / ${RT}u % 2u * ${matrices * tileSize}u + ${name === "C" ? tileSize : 0}u + ${tl} % ${RT}u * ${NV}u + s${j}]` : `BC[${name === "C" ? chunk * NV : 0}u + ${tl} * ${NV}u + s${j}]`;
	const broadcast = (value, name) => R.slice(1).map((r) => `let ${name}${r} = subgroupShuffleXor(${value}, ${r}u);`).join(" ");
	const gather = (name) => R.map((r) => r ? `subgroupShuffleXor(hs(${name}${r}), ${r}u)` : `hs(${name}0)`).join(" + ");
	const stateAt = (r, j, ck = "ck") => v.states.get4("0u", `(${ck} * ${batch}u + b) * ${NV * D}u + s${j} * ${D}u + c${r}`);
	const chunkAt = (second, r, j) => `${second ? o.dA : 0}u + (ck * ${batch}u + b) * ${NV * D}u + s${j} * ${D}u + c${r}`;
	let start = `${kind === "F2" || backwards ? `let ck = ${chunks - 1}u - wid.z; let b = ${batch - 1}u - wid.y;` : "let ck = wid.z; let b = wid.y;"}
let d0 = wid.x * ${WG}u + li; ${dTail ? `let ok = d0 < ${D}u; let d = min(d0, ${D - 1}u);` : "let d = d0;"} let lane = li % ${SG}u; let q = lane % ${c}u;
let l0 = ck * ${chunk}u; let lend = min(l0 + ${chunk}u, ${seqlen}u);
let pm = ${summed ? `(lane >> ${lc}u) & ${Math.min(VJ, SG / c) - 1}u` : "0u"};
${J.map((j) => `let s${j} = q * ${VJ}u + (${j}u ^ pm);`).join(" ")}
${R.map((r) => `let c${r} = ${r ? dTail ? `min(d0 ^ ${r}u, ${D - 1}u)` : `d ^ ${r}u` : "d"};`).join(" ")}
let pv = ${v.states.get4("0u", `${o.params + D * NV}u + d`)}; let Dd = pv.x; let bias = pv.y;
${RJ.map(([r, j]) => `let a${r}_${j} = ${v.states.get4("0u", `${o.params}u + c${r} * ${NV}u + s${j}`)};`).join("\n")}
${Object.entries({
		...reads,
		...writes
	}).map(([name, a]) => `let p_${name} = ${a.first};`).join(" ")}
let turns = (lend - l0 + ${T - 1}u) / ${T}u; let first = ${backwards ? `l0 + (turns - 1u) * ${T}u` : "l0"};
${K.map((k) => arrays.map((a) => `var n_${a}${k} = ${load(a, clamp("first", k))};`).join(" ")).join("\n")}
${tiled ? `${perThread.map((i) => `var nx${i} = vec4f();`).join(" ")} let sub0 = (first - l0) / ${RT}u;
${fetchTile(`(l0 + sub0 * ${RT}u)`)}\n${storeTile("sub0")}` : loadChunk}
`;
	if (kind === "F1") start += `var total = 0.0; ${RJ.map(([r, j]) => `var h${r}_${j} = vec4f();`).join(" ")}`;
	if (kind === "F2" || kind === "K1") start += RJ.map(([r, j]) => `var h${r}_${j} = ${stateAt(r, j)};`).join("\n");
	if (kind === "K1") start += `${R.map((r) => `var k${r} = 0.0;`).join(" ")} ${RJ.map(([r, j]) => `var p${r}_${j} = vec4f(1.0); var e${r}_${j} = vec4f(); var A${r}_${j} = vec4f();`).join("\n")}`;
	if (backwards) start += `let cum = ${v.sums.get("0u", `(ck * ${batch}u + b) * ${D}u + d`)}; var dD = 0.0; var db = 0.0; var X = 0.0;
${R.map((r) => `var cu${r} = ${r ? `subgroupShuffleXor(cum, ${r}u)` : "cum"}; var X${r} = vec4f();`).join(" ")}
${RJ.map(([r, j]) => `var e${r}_${j} = ${v.chunks.get4("0u", chunkAt(false, r, j))}; var A${r}_${j} = ${v.chunks.get4("0u", chunkAt(true, r, j))};
{ let x = e${r}_${j} * ${stateAt(r, j, `min(ck + 1u, ${chunks - 1}u)`)}; X${r} = fma(a${r}_${j}, x, X${r}); A${r}_${j} = fma(vec4f(cu${r}), x, A${r}_${j}); }`).join("\n")}
X = ${gather("X")};`;
	/** Sums vec4s t0 … over the subgroup's channels; leaves the result in `red`. */
	const sumOverChannels = (tl) => {
		const stages = Math.min(Math.log2(VJ), top - lc);
		let code = "";
		for (let k = stages - 1; k >= 0; k--) for (const j of J) if ((j >> k & (1 << stages - k) - 1) === 0) code += `t${j} += subgroupShuffleXor(t${j | 1 << k}, ${1 << lc + k}u);\n`;
		const left = J.filter((j) => j % (1 << stages) === 0);
		const base = `((${tl} / ${RT}u % 2u) * ${NW * RT}u + (li / ${SG}u) * ${RT}u + ${tl} % ${RT}u) * ${NP}u`;
		if (left.length > 1) return `${code}{ let ri = ${base}; ${left.map((j) => range(4).map((i) => `red[ri + s${j} * 4u + ${i}u] = t${j}[${i}];`).join(" ")).join("\n")} }`;
		let [bit, value, index, keep] = [
			lc + stages,
			"t0",
			"s0 * 4u",
			4
		];
		if (bit < top) {
			code += `let hi = (lane & ${1 << bit}u) != 0u; let m2 = select(t0.xy, t0.zw, hi) + subgroupShuffleXor(select(t0.zw, t0.xy, hi), ${1 << bit}u);\n`;
			[value, index, keep, bit] = [
				"m2",
				`${index} + select(0u, 2u, hi)`,
				2,
				bit + 1
			];
		}
		if (keep === 2 && bit < top) {
			code += `let hj = (lane & ${1 << bit}u) != 0u; var m1 = select(m2.x, m2.y, hj) + subgroupShuffleXor(select(m2.y, m2.x, hj), ${1 << bit}u);\n`;
			[value, index, keep, bit] = [
				"m1",
				`${index} + select(0u, 1u, hj)`,
				1,
				bit + 1
			];
		}
		const writers = 1 << bit;
		for (; bit < top; bit++) code += `${value} += subgroupShuffleXor(${value}, ${1 << bit}u);\n`;
		const stores = range(keep).map((i) => `red[ri + ${i}u] = ${keep === 1 ? value : `${value}[${i}]`};`);
		return `${code}{ let ri = ${base} + ${index}; ${writers < SG ? `if (lane < ${writers}u)` : ""} { ${stores.join(" ")} } }`;
	};
	const live = lTail || dTail ? `if (${[lTail && "live", dTail && "ok"].filter(Boolean).join(" && ")})` : "";
	const masked = (e, allChannels = false) => {
		const conditions = [lTail && "live", dTail && !allChannels && "ok"].filter(Boolean);
		return conditions.length ? `select(0.0, ${e}, ${conditions.join(" && ")})` : e;
	};
	const oneStep = (k) => {
		const tl = `(l - l0 + ${k}u)`;
		const here = clamp("l", k);
		let code = `${lTail ? `let live = l + ${k}u < lend;` : ""} let uu = ${masked(`u${k}`)}; let raw = dt${k} + bias; let ew = exp(min(raw, 20.0));
let dl = ${masked("softplus(raw, ew)", true)}; let x = dl * uu; let dl0 = dl; let x0 = x; ${broadcast("dl", "dl")} ${broadcast("x", "x")}\n`;
		if (kind === "F1") code += "total += dl;\n";
		if (kind === "F2") code += R.map((r) => `var y${r} = vec4f();`).join(" ");
		if (kind === "K1") code += `let sg = sigm(z${k}); let sl = z${k} * sg; let g = ${masked(`dout${k} * sl`)}; let g0 = g; ${broadcast("g", "g")}
${R.map((r) => `k${r} += dl${r}; var y${r} = vec4f(); var Y${r} = vec4f();`).join(" ")} ${J.map((j) => `var t${j} = vec4f();`).join(" ")}\n`;
		if (backwards) code += `let g = ${masked(`g${k}`)}; let g0 = g; ${broadcast("g", "g")}
${R.map((r) => `let k${r} = -(cu${r} * x${r}); cu${r} -= dl${r}; var y${r} = vec4f(); var Z${r} = vec4f();`).join(" ")} ${J.map((j) => `var t${j} = vec4f();`).join(" ")}\n`;
		code += J.map((j) => `let b${j}_ = ${at("B", tl, j)}; ${useC ? `let C${j}_ = ${at("C", tl, j)};` : ""}`).join("\n");
		for (const [r, j] of RJ) {
			const i = `${r}_${j}`;
			code += `\n{ let E = exp2(dl${r} * a${i}); `;
			if (kind === "K1") code += `let eh = E * h${i}; h${i} = fma(vec4f(x${r}), b${j}_, eh); `;
			else if (!backwards) code += `h${i} = fma(E, h${i}, x${r} * b${j}_); `;
			if (kind === "F2") code += `y${r} = fma(h${i}, C${j}_, y${r});`;
			if (kind === "K1") code += `y${r} = fma(h${i}, C${j}_, y${r}); let cg = C${j}_ * g${r}; t${j} = fma(h${i}, vec4f(g${r}), t${j}); let ww = cg * eh; Y${r} = fma(a${i}, ww, Y${r}); A${i} = fma(vec4f(k${r}), ww, A${i}); p${i} *= E; e${i} = fma(p${i}, cg, e${i});`;
			if (backwards) code += `let v = e${i} * b${j}_; let lam = fma(C${j}_, vec4f(g${r}), e${i}); e${i} = E * lam; t${j} = fma(lam, vec4f(x${r}), t${j}); y${r} = fma(lam, b${j}_, y${r}); Z${r} = fma(a${i}, v, Z${r}); A${i} = fma(vec4f(k${r}), v, A${i});`;
			code += " }";
		}
		code += "\n";
		if (kind === "F2") code += `let y = ${gather("y")}; ${live} { ${store("to_y", here, `fma(Dd, u${k}, y) * z${k} * sigm(z${k})`)} }`;
		if (kind === "K1") code += `let y = ${gather("y")}; let Y = ${gather("Y")};
${live} { ${store("to_dz", here, `dout${k} * fma(Dd, u${k}, y) * sg * (1.0 + z${k} * (1.0 - sg))`)} ${store("to_g", here, "g")} ${store("to_Y", here, "Y")} }
${sumOverChannels(tl)}`;
		if (backwards) code += `let y = ${gather("y")}; let Z = ${gather("Z")}; X += ${masked(`Y${k}`)} - x * Z; let gt = fma(uu, y, X * LN2) * ew / (1.0 + ew);
${live} { ${store("to_du", here, "fma(Dd, g, dl * y)")} ${store("to_ddelta", here, "gt")} } dD = fma(g, uu, dD); db += ${masked("gt")};
${sumOverChannels(tl)}`;
		return `{ ${code} }`;
	};
	const turn = backwards ? `for (var it = turns; it > 0u; it--) { let l = l0 + (it - 1u) * ${T}u; let ln = l0 + (max(it - 1u, 1u) - 1u) * ${T}u;` : `for (var l = l0; l < lend; l += ${T}u) { let ln = select(l + ${T}u, l0, l + ${T}u >= lend);`;
	const tileStarts = backwards ? `(l - l0) % ${RT}u == ${RT - T}u || it == turns` : `(l - l0) % ${RT}u == 0u`;
	const nextTile = backwards ? `(l0 + (max((l - l0) / ${RT}u, 1u) - 1u) * ${RT}u)` : `(l + ${RT}u)`;
	const tileEnds = backwards ? `(l - l0) % ${RT}u == 0u` : `(l - l0 + ${T}u) % ${RT}u == 0u || l + ${T}u >= lend`;
	const partial = kind === "K1" ? o.at.dC : o.at.dB;
	const sumWaves = NW <= 8 ? `let sum = ${range(NW).map((w) => `red[rb + ${w * RT * NP}u + i]`).join(" + ")};` : `var sum = 0.0; for (var k = 0u; k < ${NW}u; k++) { sum += red[rb + k * ${RT * NP}u + i]; }`;
	const boundary = summed || tiled ? `if (${tileEnds}) { let t0 = (l - l0) / ${RT}u * ${RT}u; ${tiled ? storeTile(`t0 / ${RT}u + 1u`) : ""} workgroupBarrier();
${summed ? `let rb = (t0 / ${RT}u % 2u) * ${NW * RT * NP}u; let count = min(${RT}u, lend - l0 - t0) * ${NP}u; let o0 = ${partial}u + ((wid.x * ${batch}u + b) * ${seqlen}u + l0 + t0) * ${NP}u;
for (var i = li; i < count; i += ${WG}u) { ${sumWaves} ${v.steps.put("0u", "o0 + i", "sum")} }` : ""} }` : "";
	const mine = (r) => dTail ? `if ((d0 ^ ${r}u) < ${D}u)` : "";
	let end = "";
	if (kind === "F1") end = `${dTail ? "if (ok)" : ""} { ${v.sums.put("0u", `(ck * ${batch}u + b) * ${D}u + d`, "total")} }
${RJ.map(([r, j]) => `${mine(r)} { ${v.states.put4("0u", `(ck * ${batch}u + b) * ${NV * D}u + s${j} * ${D}u + c${r}`, `h${r}_${j}`)} }`).join("\n")}`;
	if (kind === "K1") end = RJ.map(([r, j]) => `${mine(r)} { ${v.chunks.put4("0u", chunkAt(false, r, j), `e${r}_${j}`)} ${v.chunks.put4("0u", chunkAt(true, r, j), `A${r}_${j}`)} }`).join("\n");
	if (backwards) end = `${RJ.map(([r, j]) => `${mine(r)} { ${v.chunks.put4("0u", chunkAt(true, r, j), `A${r}_${j}`)} }`).join("\n")}
${dTail ? "if (ok)" : ""} { let i = ${o.at.dD}u + (ck * ${batch}u + b) * ${D}u + d; ${v.steps.put("0u", "i", "dD")} ${v.steps.put("0u", `i + ${chunks * batch * D}u`, "db")} }`;
	return {
		globals,
		body: `${start}
workgroupBarrier();
${turn}
${tiled ? `if (${tileStarts}) {\n${fetchTile(nextTile)} }` : ""}
${K.map((k) => arrays.map((a) => `let ${a}${k} = n_${a}${k};`).join(" ")).join("\n")}
${K.map((k) => arrays.map((a) => `n_${a}${k} = ${load(a, clamp("ln", k))};`).join(" ")).join("\n")}
${(backwards ? [...K].reverse() : K).map(oneStep).join("\n")}
${boundary}
}
${end}`,
		workgroup: WG
	};
}
// kernels/ops/selective_scan/selective_scan.wgsl.ts
const walkGrid = (s, workgroup) => [
	ceilDiv(s.D, workgroup),
	s.batch,
	s.chunks
];
const noOffsets = {
	params: 0,
	dA: 0,
	at: {
		g: 0,
		Y: 0,
		dC: 0,
		dB: 0,
		dD: 0
	}
};
const usesSubgroups = (target) => target.subgroup > 1;
/**
* Three passes over chunks of the sequence, so that long sequences fill a card: what each chunk adds alone, the states between chunks,
* the outputs. The states between chunks are `saved`.
*/
const selective_scan$1 = {
	opaque: (inputs, attrs, target) => savedRegions(scanShape(inputs, attrs, target)).total,
	dispatches({ inputs, outputs: [y, saved], attrs }, target) {
		const [u, delta, A, B, C, D, z, delta_bias] = inputs;
		const s = scanShape(inputs, attrs, target);
		const laid = savedRegions(s);
		const offsets = {
			...noOffsets,
			params: laid.params
		};
		if (s.straight) {
			const bound = bindOperands({
				u: reads(u),
				delta: reads(delta),
				z: reads(z),
				B: reads(B, s.N === s.NP),
				C: reads(C, s.N === s.NP),
				states: laid.states(saved, true),
				sums: laid.sums(saved, true),
				y: writes(y)
			});
			const walked = straightWalk(s, bound.views, offsets);
			const groups = [
				ceilDiv(s.D, walked.workgroup * s.straight.held / s.NP),
				s.batch,
				1
			];
			return [prepare(s, A, D, delta_bias, saved), kernel({
				label: "selective_scan.straight",
				bound,
				groups,
				subgroups: true,
				...walked
			})];
		}
		const local = bindOperands({
			u: reads(u),
			delta: reads(delta),
			B: reads(B, s.N === s.NP),
			states: laid.states(saved, true),
			sums: laid.sums(saved, true)
		});
		const output = bindOperands({
			u: reads(u),
			delta: reads(delta),
			z: reads(z),
			B: reads(B, s.N === s.NP),
			C: reads(C, s.N === s.NP),
			states: laid.states(saved, false),
			y: writes(y)
		});
		const [F1, F2] = [walk("F1", s, local.views, offsets), walk("F2", s, output.views, offsets)];
		const subgroups = usesSubgroups(target);
		return [
			prepare(s, A, D, delta_bias, saved),
			kernel({
				label: "selective_scan.chunks",
				bound: local,
				groups: walkGrid(s, F1.workgroup),
				subgroups,
				...F1
			}),
			combine(s, saved, null),
			kernel({
				label: "selective_scan.outputs",
				bound: output,
				groups: walkGrid(s, F2.workgroup),
				subgroups,
				...F2
			})
		];
	}
};
// kernels/ops/selective_scan/scanStraightGrad.ts
/**
* WGSL of the backward scan in one walk from the last chunk to the first, in the layout of straightWalk: NV lanes share a channel. Each
* turn goes through its chunk of T steps forwards from the state kept at its start, holding states and decays in registers, then
* backwards with the adjoint. Every input is read once, nothing but partial sums over channels (dB, dC) and batch (dA, dD, ddelta_bias)
* is written beside the gradients. Sums over states and over channels halve the values held at each exchange between lanes.
*/
function straightGradWalk(s, v, o) {
	const { D, NP, NV, batch, seqlen, chunks, subgroup: SG } = s;
	const { workgroup: WG, reduced: RT, keep, held } = s.straight.backward;
	const G = NP / held;
	const [T, channels, NW] = [
		s.chunk,
		WG / G,
		WG / SG
	];
	const M = T / G;
	const L = lanesOf(s, v, o.params, held, WG, T);
	const dTail = D % channels !== 0;
	const lTail = seqlen % T !== 0;
	const arrays = {
		u: v.u,
		dt: v.delta,
		z: v.z,
		dy: v.dy
	};
	const names = Object.keys(arrays);
	const place = {
		...arrays,
		to_dz: v.dz,
		to_du: v.du,
		to_dd: v.ddelta
	};
	const load = (name, l, m) => arrays[name].load(`p_${name} + ${lTail ? `min(${l} + ${m * G}u + q, ${seqlen - 1}u)` : `(${l} + ${m * G}u + q)`} * ${arrays[name].ld}u`);
	/** Sums dB and dC of one step over the subgroup's channels, into `red`. */
	const sumOverChannels = (k) => {
		let values = range(2 * held).map((i) => `${i < held ? "tB" : "tC"}[${i % held}]`);
		let index = `q * ${held}u`;
		const weights = [
			NP,
			held / 2,
			1
		];
		const lines = [];
		let bit = G;
		for (let stage = 0; bit < SG && values.length > 1; stage++, bit *= 2) {
			const far = values.length / 2;
			const name = `s${stage}_`;
			range(far).forEach((i) => lines.push(`let ${name}${i} = select(${values[i]}, ${values[i + far]}, c${bit}) + subgroupShuffleXor(select(${values[i + far]}, ${values[i]}, c${bit}), ${bit}u);`));
			values = range(far).map((i) => `${name}${i}`);
			index += ` + select(0u, ${weights[stage]}u, c${bit})`;
		}
		const writers = bit;
		let value = values[0];
		for (; bit < SG; bit *= 2) {
			lines.push(`let r${bit} = ${value} + subgroupShuffleXor(${value}, ${bit}u);`);
			value = `r${bit}`;
		}
		if (values.length === 1) values = [value];
		const row = `${(Math.floor(k / RT) % 2 * NW * RT + k % RT) * 2 * NP}u + warp * ${RT * 2 * NP}u`;
		return `${lines.join("\n")}
${writers < SG ? `if (lane < ${writers}u)` : ""} { let to = ${row} + ${index}; ${values.map((x, i) => `red[to + ${i < held ? i : NP + i - held}u] = ${x};`).join(" ")} }`;
	};
	const flush = (k) => `workgroupBarrier();
for (var i = li; i < ${RT * 2 * NP}u; i += ${WG}u) { let r = l + ${k}u + i / ${2 * NP}u; let j = i % ${2 * NP}u; var sum = 0.0;
for (var w = 0u; w < ${NW}u; w++) { sum += red[${Math.floor(k / RT) % 2 * NW * RT * 2 * NP}u + w * ${RT * 2 * NP}u + i]; }
${lTail ? `if (r < ${seqlen}u)` : ""} { ${v.steps.put("0u", `select(${o.at.dB}u + j, ${o.at.dC}u + j - ${NP}u, j >= ${NP}u) + ((wid.x * ${batch}u + b) * ${seqlen}u + r) * ${NP}u`, "sum")} } }`;
	const alive = (m) => `l + ${m * G}u + q < ${seqlen}u`;
	const masked = (m, e) => {
		const conditions = [lTail && alive(m), dTail && "ok"].filter(Boolean);
		return conditions.length ? `select(0.0, ${e}, ${conditions.join(" && ")})` : e;
	};
	const guarded = (m, statement) => {
		const conditions = [lTail && alive(m), dTail && "ok"].filter(Boolean);
		return conditions.length ? `if (${conditions.join(" && ")}) { ${statement} }` : statement;
	};
	const [K, Ms] = [range(T), range(M)];
	const decay = (k) => keep ? `E${k}` : `exp2(d${k} * a)`;
	const forwards = K.map((k) => `let d${k} = ${L.from("dl", k)}; let x${k} = ${L.from("xx", k)}; var y${k}: f32; ${keep ? `let E${k} = exp2(d${k} * a);` : ""}
let h${k + 1} = fma(${decay(k)}, h${k}, x${k} * ${L.matB(k)}); { let t = h${k + 1} * ${L.matC(k)}; y${k} = ${L.total("t")}; }`);
	const backwards = [...K].reverse().map((k) => `var p${k}: f32; var w${k}: f32;
{ let gk = ${L.from("g", k)}; lam = fma(${L.matC(k)}, ${L.V}(gk), lam); let tB = lam * x${k}; let tC = gk * h${k + 1};
let t = lam * ${L.matB(k)}; p${k} = ${L.total("t")}; lam *= ${decay(k)}; let w = lam * h${k}; let aw = a * w; w${k} = ${L.total("aw")}; dA = fma(${L.V}(d${k}), w, dA);
${sumOverChannels(k)} }
${k % RT === 0 && k > 0 ? flush(k) : ""}`);
	const put = (name, m, value) => place[name].store(`p_${name} + (l + ${m * G}u + q) * ${place[name].ld}u`, value);
	const body = `let b = ${batch - 1}u - wid.y; let warp = li / ${SG}u; ${L.start}
${range(Math.log2(SG / G)).map((k) => `let c${G << k} = (lane & ${G << k}u) != 0u;`).join(" ")}
${Object.entries(place).map(([name, view]) => `let p_${name} = ${view.place(`b * ${seqlen}u`, "d")};`).join(" ")}
let last = ${(chunks - 1) * T}u;
${Ms.map((m) => names.map((name) => `var n_${name}${m} = ${load(name, "last", m)};`).join(" ")).join("\n")}
var hn = ${L.state(`${chunks - 1}u`)};
${L.registers}
${L.fetch("last")}
${L.keep(`${(chunks - 1) % 2}u`)}
workgroupBarrier();
var lam = ${L.V}(); var dA = ${L.V}(); var dD = 0.0; var db = 0.0;
for (var it = ${chunks}u; it > 0u; it--) { let l = (it - 1u) * ${T}u; let before = max(it - 1u, 1u) - 1u; let ln = before * ${T}u;
${L.fetch("ln")}
let at = (it - 1u) % 2u * ${L.tile}u + q;
${Ms.map((m) => names.map((name) => `let ${name}_${m} = n_${name}${m}; n_${name}${m} = ${load(name, "ln", m)};`).join(" ")).join("\n")}
let h0 = hn; hn = ${L.state("before")};
${Ms.map((m) => `let raw${m} = dt_${m} + bias; let ew${m} = exp(min(raw${m}, 20.0)); let dl${m} = ${lTail ? `select(0.0, softplus(raw${m}, ew${m}), ${alive(m)})` : `softplus(raw${m}, ew${m})`};
let uu${m} = ${masked(m, `u_${m}`)}; let xx${m} = dl${m} * uu${m}; let sg${m} = sigm(z_${m}); let g${m} = ${masked(m, `dy_${m} * z_${m} * sg${m}`)};`).join("\n")}
${forwards.join("\n")}
${Ms.map((m) => `${L.exchange("y", m * G)}
${guarded(m, put("to_dz", m, `dy_${m} * fma(Dd, u_${m}, y${m * G}) * sg${m} * (1.0 + z_${m} * (1.0 - sg${m}))`))}`).join("\n")}
${backwards.join("\n")}
${Ms.map((m) => `${L.exchange("p", m * G)}
${L.exchange("w", m * G)}
{ let gt = fma(uu${m}, p${m * G}, LN2 * w${m * G}) * ew${m} / (1.0 + ew${m}); db += ${masked(m, "gt")}; dD = fma(g${m}, uu${m}, dD);
${guarded(m, `${put("to_du", m, `fma(Dd, g${m}, dl${m} * p${m * G})`)} ${put("to_dd", m, "gt")}`)} }`).join("\n")}
${L.keep("it % 2u")}
${flush(0)}
}
${range(Math.log2(G)).map((k) => `dD += subgroupShuffleXor(dD, ${1 << k}u); db += subgroupShuffleXor(db, ${1 << k}u);`).join(" ")}
${dTail ? "if (ok)" : ""} { let i = ${o.dA}u + ((b * ${NV}u + q * ${held}u / 4u) * ${D}u + d) * 4u + q * ${held}u % 4u; ${range(held).map((i) => v.steps.put("0u", `i + ${i}u`, `dA[${i}]`)).join(" ")}
${G > 1 ? "if (q == 0u)" : ""} { let i = ${o.at.dD}u + b * ${D}u + d; ${v.steps.put("0u", "i", "dD")} ${v.steps.put("0u", `i + ${batch * D}u`, "db")} } }`;
	return {
		globals: `${SCAN_FUNCTIONS}${L.globals}
var<workgroup> red: array<f32, ${2 * NW * RT * 2 * NP}>;`,
		body,
		workgroup: WG
	};
}
// kernels/ops/selective_scan/selective_scan_grad.wgsl.ts
/** A walk forwards, the adjoints between chunks, a walk backwards, and the sums over channels and chunks. See scanWalk.ts. */
const selective_scan_grad$1 = {
	scratch: ([, , ...inputs], attrs, target) => gradRegions(scanShape(inputs, attrs, target)).total,
	dispatches({ inputs: [dy, saved, ...inputs], outputs, attrs, scratch }, target) {
		const [u, delta, , B, C, , z] = inputs;
		const [du, ddelta, dA, dB, dC, dD, dz, ddelta_bias] = outputs;
		const s = scanShape(inputs, attrs, target);
		const [kept, laid] = [savedRegions(s), gradRegions(s)];
		const offsets = {
			params: kept.params,
			dA: laid.dA,
			at: laid.at
		};
		const matrices = {
			B: reads(B, s.N === s.NP),
			C: reads(C, s.N === s.NP)
		};
		if (s.straight?.backward) {
			const bound = bindOperands({
				dy: reads(dy),
				u: reads(u),
				delta: reads(delta),
				z: reads(z),
				...matrices,
				states: kept.states(saved, false),
				steps: laid.whole(scratch),
				dz: writes(dz),
				du: writes(du),
				ddelta: writes(ddelta)
			});
			const walked = straightGradWalk(s, bound.views, {
				...offsets,
				dA: 0,
				at: laid.atWhole
			});
			return [kernel({
				label: "selective_scan_grad.straight",
				bound,
				groups: [
					ceilDiv(s.D, walked.workgroup * s.straight.backward.held / s.NP),
					s.batch,
					1
				],
				subgroups: true,
				...walked
			}), ...finish$3(s, scratch, {
				dA,
				dB,
				dC,
				dD,
				ddelta_bias
			})];
		}
		const there = bindOperands({
			dy: reads(dy),
			u: reads(u),
			delta: reads(delta),
			z: reads(z),
			...matrices,
			states: kept.states(saved, false),
			chunks: laid.chunks(scratch, true),
			steps: laid.steps(scratch, true),
			dz: writes(dz)
		});
		const back = bindOperands({
			u: reads(u),
			delta: reads(delta),
			...matrices,
			states: kept.states(saved, false),
			sums: kept.sums(saved, false),
			chunks: laid.chunks(scratch, true),
			steps: laid.steps(scratch, true),
			du: writes(du),
			ddelta: writes(ddelta)
		});
		const [K1, K3] = [walk("K1", s, there.views, offsets), walk("K3", s, back.views, offsets)];
		const subgroups = usesSubgroups(target);
		return [
			kernel({
				label: "selective_scan_grad.forwards",
				bound: there,
				groups: walkGrid(s, K1.workgroup),
				subgroups,
				...K1
			}),
			combine(s, saved, scratch),
			kernel({
				label: "selective_scan_grad.backwards",
				bound: back,
				groups: walkGrid(s, K3.workgroup),
				subgroups,
				...K3
			}),
			...finish$3(s, scratch, {
				dA,
				dB,
				dC,
				dD,
				ddelta_bias
			})
		];
	}
};
// kernels/ops/selective_scan/selective_scan_step.wgsl.ts
/** One thread per channel; its states lie together. */
const selective_scan_step$1 = { dispatches({ inputs: [u, delta, A, B, C, D, z, delta_bias], outputs: [y, state] }, { software }) {
	const bound = bindOperands({
		u: reads(u),
		delta: reads(delta),
		A: reads(A),
		B: reads(B),
		C: reads(C),
		D: reads(D),
		z: reads(z),
		delta_bias: reads(delta_bias),
		y: writes(y),
		state: writes(state)
	});
	const { views } = bound;
	const workgroup = software ? 32 : 64;
	return [kernel({
		label: "selective_scan_step",
		bound,
		workgroup,
		groups: ceilDiv(u.rows * u.cols, workgroup),
		globals: SCAN_FUNCTIONS,
		body: `let i = w * ${workgroup}u + li; if (i >= ${u.rows * u.cols}u) { return; }
let r = i / ${u.cols}u; let c = i % ${u.cols}u; let raw = ${views.delta.get("r", "c")} + ${views.delta_bias.get("0u", "c")};
let dl = softplus(raw, exp(min(raw, 20.0))); let uu = ${views.u.get("r", "c")}; var sum = ${views.D.get("0u", "c")} * uu;
for (var n = 0u; n < ${A.cols}u; n++) {
  let h = exp(dl * ${views.A.get("c", "n")}) * ${views.state.get("r", `c * ${A.cols}u + n`)} + dl * uu * ${views.B.get("r", "n")};
  ${views.state.put("r", `c * ${A.cols}u + n`, "h")} sum += ${views.C.get("r", "n")} * h;
}
let zz = ${views.z.get("r", "c")};
${views.y.put("r", "c", "sum * zz / (1.0 + exp(-zz))")}`
	})];
} };
// kernels/ops/shift_rows/shift_rows.wgsl.ts
const shift_rows$1 = { dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
	const [from, to, shift] = [
		num(attrs, "from"),
		num(attrs, "to"),
		num(attrs, "shift")
	];
	const vec = y.cols % 4 === 0;
	const width = vec ? y.cols / 4 : y.cols;
	const bound = bindOperands({
		x: reads(x, vec),
		y: writes(y, vec)
	});
	const { views } = bound;
	const workgroup = software ? 64 : 256;
	return [kernel({
		label: "shift_rows",
		bound,
		workgroup,
		groups: ceilDiv(y.rows * width, workgroup),
		body: `let i = w * ${workgroup}u + li; if (i >= ${y.rows * width}u) { return; }
let r = i / ${width}u; let c = i % ${width}u; let t = i32(r % ${to}u) - ${shift}; let source = r / ${to}u * ${from}u + u32(clamp(t, 0, ${from - 1}));
let inside = t >= 0 && t < ${from};
${vec ? views.y.put4("r", "c", `select(vec4f(), ${views.x.get4("source", "c")}, inside)`) : views.y.put("r", "c", `select(0.0, ${views.x.get("source", "c")}, inside)`)}`
	})];
} };
// kernels/ops/skip_gate/skip_gate.wgsl.ts
const globals$2 = (cols) => SIGMOID(cols % 4 === 0 ? "vec4f" : "f32");
const skip_gate$1 = { dispatches: ({ inputs: [a, c, skip, z], outputs: [y] }, { software }) => [elementwise({
	label: "skip_gate",
	software,
	inputs: {
		a,
		b: c,
		skip,
		z
	},
	outputs: { y },
	globals: globals$2(y.cols),
	body: () => "y = (a + skip * b) * z * sigmoid_(z);"
})] };
/** The sum over rows for dskip is a second reading of dy, c and z. */
const skip_gate_grad$1 = {
	scratch([dy]) {
		const slices = rowSlices(dy.rows, dy.cols);
		return slices > 1 ? slices * dy.cols : 0;
	},
	dispatches: ({ inputs: [dy, a, c, skip, z], outputs: [da, dc, dskip, dz], scratch }, target) => [elementwise({
		label: "skip_gate_grad",
		software: target.software,
		inputs: {
			dy,
			a,
			b: c,
			skip,
			z
		},
		outputs: {
			da,
			db: dc,
			dz
		},
		globals: globals$2(dy.cols),
		body: (T) => `let s = sigmoid_(z); da = dy * z * s; db = da * skip; dz = dy * (a + skip * b) * s * (${T}(1.0) + z * (${T}(1.0) - s));`
	}), sumColumns("skip_gate_grad.dskip", {
		dy,
		b: c,
		z
	}, "dy * b * z / (1.0 + exp(-z))", dskip, scratch, target)].flat()
};
// kernels/ops/soft_cap/soft_cap.wgsl.ts
const globals$1 = (cols) => TANH(cols % 4 === 0 ? "vec4f" : "f32");
const soft_cap$1 = { dispatches: ({ inputs: [x], outputs: [y], attrs }, { software }) => [elementwise({
	label: "soft_cap",
	software,
	inputs: { x },
	outputs: { y },
	globals: globals$1(y.cols),
	body: () => `y = ${literal(num(attrs, "cap"))} * tanh_(x / ${literal(num(attrs, "cap"))});`
})] };
const soft_cap_grad$1 = { dispatches: ({ inputs: [dy, x], outputs: [dx], attrs }, { software }) => [elementwise({
	label: "soft_cap_grad",
	software,
	inputs: {
		dy,
		x
	},
	outputs: { dx },
	globals: globals$1(dx.cols),
	body: () => `let t = tanh_(x / ${literal(num(attrs, "cap"))}); dx = dy * (1.0 - t) * (1.0 + t);`
})] };
// kernels/ops/ssd/ssd.wgsl.ts
const ssdPlan = ([x, dt, , B], attrs, target) => {
	const [G, H] = [num(attrs, "groups"), dt.cols];
	return memoryPlan(attrs, {
		H,
		G,
		N: B.cols / G,
		P: x.cols / H,
		normalised: false
	}, target);
};
/**
* Decays to base 2 as sums of whole numbers and fractions, so that the difference of two is exact however far they have run; steps Δ as
* weights, and the slope of softplus for the backward pass. A thread per chunk and head.
*/
function ssdGates(s, dt, A, dt_bias, gates) {
	const bound = bindOperands({
		dt: reads(dt),
		A: reads(A),
		dt_bias: reads(dt_bias),
		gates
	});
	const { views } = bound;
	const put = (i, value) => views.gates.put("0u", `gb + ${i * s.Q}u + t`, value);
	return kernel({
		label: "ssd.gates",
		bound,
		workgroup: 64,
		groups: ceilDiv(s.batch * s.chunks * s.H, 64),
		globals: SCAN_FUNCTIONS,
		body: `let i = w * 64u + li; if (i >= ${s.batch * s.chunks * s.H}u) { return; }
let h = i % ${s.H}u; let ck = i / ${s.H}u % ${s.chunks}u; let b = i / ${s.H * s.chunks}u;
let gb = ((b * ${s.H}u + h) * ${s.chunks}u + ck) * ${8 * s.Q}u; let row0 = b * ${s.seqlen}u + ck * ${s.Q}u; let steps = min(${s.Q}u, ${s.seqlen}u - ck * ${s.Q}u);
let rate = ${views.A.get("0u", "h")} * LOG2E; let bias = ${views.dt_bias.get("0u", "h")};
var whole = 0.0; var part = 0.0;
for (var t = 0u; t < ${s.Q}u; t++) {
  var step = 0.0; var slope = 0.0;
  if (t < steps) { let raw = ${views.dt.get("row0 + t", "h")} + bias; step = softplus(raw, exp(min(raw, 20.0))); slope = sigm(raw);
  part += max(step * rate, -1000.0); let carry = floor(part); whole += carry; part -= carry; }
  ${put(0, "whole")} ${put(1, "part")} ${put(2, "-whole")} ${put(3, "-part")} ${put(4, "step")} ${put(5, "slope")} ${put(7, "whole")}
}`
	});
}
const ssd$1 = {
	opaque: (inputs, attrs, target) => savedRegions$1(ssdPlan(inputs, attrs, target)).total,
	dispatches({ inputs: [x, dt, A, B, C, D, dt_bias], outputs: [y, saved], attrs }, target) {
		const s = ssdPlan([
			x,
			dt,
			A,
			B
		], attrs, target);
		const kept = savedRegions$1(s);
		return [
			ssdGates(s, dt, A, dt_bias, kept.gates(saved, true)),
			...s.chunks > 1 ? [chunkStates(s, "ssd.chunks", {
				keys: B,
				values: x,
				gates: kept.gates(saved, true),
				states: kept.states(saved, true)
			})] : [],
			passStates(s, "ssd.pass", {
				gates: kept.gates(saved, true),
				states: kept.states(saved, true),
				backward: false
			}),
			memoryProduct(s, "ssd.y", "y", {
				q: C,
				k: B,
				v: x,
				D,
				gates: kept.gates(saved),
				states: kept.states(saved),
				out: y
			})
		];
	}
};
const ssd_step$1 = { 
/** A thread per row of a state. */
dispatches({ inputs: [x, dt, A, B, C, D, dt_bias], outputs: [y, state], attrs }, { software }) {
	const [G, H] = [num(attrs, "groups"), dt.cols];
	const [P, N] = [x.cols / H, B.cols / G];
	const bound = bindOperands({
		x: reads(x),
		dt: reads(dt),
		A: reads(A),
		B: reads(B),
		C: reads(C),
		D: reads(D),
		dt_bias: reads(dt_bias),
		y: writes(y),
		state: writes(state)
	});
	const { views } = bound;
	const workgroup = software ? 32 : 64;
	return [kernel({
		label: "ssd_step",
		bound,
		workgroup,
		groups: ceilDiv(x.rows * x.cols, workgroup),
		globals: SCAN_FUNCTIONS,
		body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * x.cols}u) { return; }
let r = i / ${x.cols}u; let c = i % ${x.cols}u; let h = c / ${P}u; let first = h / ${H / G}u * ${N}u;
let raw = ${views.dt.get("r", "h")} + ${views.dt_bias.get("0u", "h")}; let step = softplus(raw, exp(min(raw, 20.0)));
let decay = exp(step * ${views.A.get("0u", "h")}); let xx = ${views.x.get("r", "c")}; var sum = ${views.D.get("0u", "h")} * xx;
for (var n = 0u; n < ${N}u; n++) {
  let s = decay * ${views.state.get("r", `c * ${N}u + n`)} + step * ${views.B.get("r", "first + n")} * xx;
  ${views.state.put("r", `c * ${N}u + n`, "s")} sum += ${views.C.get("r", "first + n")} * s;
}
${views.y.put("r", "c", "sum")}`
	})];
} };
// kernels/ops/ssd/ssd_grad.wgsl.ts
/** A binding starts at a multiple of 64 elements. */
const aligned$1 = (n) => Math.ceil(n / 64) * 64;
// kernels/backends/webgpu/kernels.ts
/** The WGSL of every op. */
const kernels = {
	activation: activation$1,
	activation_grad: activation_grad$1,
	adamw,
	add: add$2,
	attention: attention$1,
	attention_grad: attention_grad$1,
	attention_step: attention_step$1,
	channel_scale: channel_scale$1,
	column_sum: column_sum$1,
	complex_scan,
	complex_scan_grad: complex_scan_grad$1,
	complex_scan_step: complex_scan_step$1,
	conv1d_silu: conv1d_silu$1,
	conv1d_silu_grad: conv1d_silu_grad$1,
	conv1d_silu_step: conv1d_silu_step$1,
	copy: copy$1,
	cross_entropy: cross_entropy$1,
	cross_entropy_grad: cross_entropy_grad$1,
	ctc: ctc$1,
	ctc_grad: ctc_grad$1,
	diagonal_scan: diagonal_scan$1,
	diagonal_scan_grad: diagonal_scan_grad$1,
	diagonal_scan_step: diagonal_scan_step$1,
	dplr_kernel: dplr_kernel$1,
	dplr_kernel_grad: dplr_kernel_grad$1,
	dplr_step: dplr_step$1,
	draw_token,
	dropout,
	embedding: embedding$1,
	embedding_grad: embedding_grad$1,
	fft_conv,
	fft_conv_grad: fft_conv_grad$1,
	fill: fill$2,
	global_norm: global_norm$1,
	glu: glu$1,
	glu_grad: glu_grad$1,
	gru: gru$2,
	gru_grad: gru_grad$1,
	gru_step: gru_step$1,
	headwise_linear,
	headwise_outer,
	layer_norm: layer_norm$1,
	layer_norm_grad: layer_norm_grad$1,
	lstm: lstm$2,
	lstm_grad: lstm_grad$1,
	lstm_step: lstm_step$1,
	matmul: matmul$1,
	mean_pool: mean_pool$1,
	mean_pool_grad: mean_pool_grad$1,
	mlstm: mlstm$2,
	mlstm_grad: mlstm_grad$1,
	mlstm_step: mlstm_step$1,
	mse: mse$1,
	mse_grad: mse_grad$1,
	mul: mul$1,
	neg_exp: neg_exp$1,
	pool_rows,
	pool_rows_grad: pool_rows_grad$1,
	quantile_loss,
	quantile_loss_grad: quantile_loss_grad$1,
	reverse: reverse$1,
	rms_norm,
	rms_norm_grad: rms_norm_grad$1,
	rope,
	scatter_rows: scatter_rows$1,
	selective_scan: selective_scan$1,
	selective_scan_grad: selective_scan_grad$1,
	selective_scan_step: selective_scan_step$1,
	shift_rows: shift_rows$1,
	skip_gate: skip_gate$1,
	skip_gate_grad: skip_gate_grad$1,
	slstm: slstm$2,
	slstm_grad: slstm_grad$1,
	slstm_step: slstm_step$1,
	soft_cap: soft_cap$1,
	soft_cap_grad: soft_cap_grad$1,
	ssd: ssd$1,
	ssd_grad: {
		scratch([, , ...inputs], attrs, target) {
			const s = ssdPlan(inputs, attrs, target);
			return gradRegions$1(s, 3 * aligned$1(s.batch * s.chunks * s.H)).total;
		},
		dispatches({ inputs: [dy, saved, x, dt, A, B, C, D], outputs: [dx, ddt, dA, dB, dC, dD, ddt_bias], attrs, scratch }, target) {
			const s = ssdPlan([
				x,
				dt,
				A,
				B
			], attrs, target);
			const kept = savedRegions$1(s);
			const slices = s.batch * s.chunks;
			const each = aligned$1(slices * s.H);
			const laid = gradRegions$1(s, 3 * each);
			const [gates, states] = [kept.gates(saved), kept.states(saved)];
			const work = scratch;
			const [adjoints, rows] = [laid.adjoints(work, true), laid.rows(work, true)];
			const operands = {
				q: C,
				k: B,
				v: x,
				dy,
				gates,
				rows
			};
			const keys = (label, kind, out) => {
				const product = (to) => memoryProduct(s, `ssd_grad.${label}`, kind, {
					...operands,
					states: kind === "dq" ? states : adjoints,
					out: to
				});
				return s.G === s.H ? [product(out)] : [product({ perHead: laid.shared(work, true) }), sumHeads(s, `ssd_grad.${label}.heads`, laid.shared(work), out)];
			};
			const bound = bindOperands({
				A: reads(A),
				gates,
				states,
				adjoints,
				rows,
				parts: laid.extra(work, true),
				ddt: writes(ddt)
			});
			const { views } = bound;
			const part = (i, value) => views.parts.put("0u", `${i * each}u + (b * ${s.chunks}u + ck) * ${s.H}u + h`, value);
			const names = rowNames(s);
			const finish = `var draw = 0.0; var own = 0.0;
if (live) { draw = (${views.A.get("0u", "h")} * da + dw) * ${views.gates.get("0u", `gb + ${5 * s.Q}u + t`)}; own = ${views.rows.get("0u", `rb + ${names.own * s.chunks * s.Q}u + t`)};
${views.ddt.put("row0 + t", "h", "draw")} } else { da = 0.0; }
workgroupBarrier();
sums[t] = da * ${views.gates.get("0u", `gb + ${4 * s.Q}u + t`)}; entering[t] = own; leaving[t] = draw;
workgroupBarrier();
if (li == 0u) { var total = vec3f(); for (var r = 0u; r < steps; r++) { total += vec3f(sums[r], entering[r], leaving[r]); } ${part(0, "total.x")} ${part(1, "total.y")} ${part(2, "total.z")} }`;
			return [
				...s.chunks > 1 ? [chunkStates(s, "ssd_grad.chunks", {
					keys: C,
					values: dy,
					gates,
					states: adjoints,
					rows
				})] : [],
				passStates(s, "ssd_grad.pass", {
					gates,
					states: adjoints,
					backward: true
				}),
				...keys("dC", "dq", dC),
				...keys("dB", "dk", dB),
				memoryProduct(s, "ssd_grad.dx", "dv", {
					...operands,
					D,
					states: adjoints,
					out: dx
				}),
				memoryCrossings(s, "ssd_grad.crossings", operands),
				gateGradients(s, "ssd_grad.gates", bound, finish),
				...[
					dA,
					dD,
					ddt_bias
				].map((out, i) => sumSlices(`ssd_grad.${[
					"dA",
					"dD",
					"ddt_bias"
				][i]}`, laid.extraAt(work, i * each, slices * s.H), slices, s.H, out, target))
			];
		}
	},
	ssd_step: ssd_step$1,
	swap_axes: { dispatches({ inputs: [x], outputs: [y], attrs }, { software }) {
		const [a, b, inner] = [
			num(attrs, "a"),
			num(attrs, "b"),
			num(attrs, "inner")
		];
		const bound = bindOperands({
			x: reads(x),
			y: writes(y)
		});
		const workgroup = software ? 64 : 256;
		return [kernel({
			label: "swap_axes",
			bound,
			workgroup,
			groups: ceilDiv(y.rows * y.cols, workgroup),
			body: `let e = w * ${workgroup}u + li; if (e >= ${y.rows * y.cols}u) { return; }
let within = e % ${a * b * inner}u; let i = within / ${inner}u % ${a}u; let j = within / ${inner * a}u;
let source = e - within + (i * ${b}u + j) * ${inner}u + within % ${inner}u;
${bound.views.y.put(`e / ${y.cols}u`, `e % ${y.cols}u`, bound.views.x.get(`source / ${x.cols}u`, `source % ${x.cols}u`))}`
		})];
	} },
	window_step: { dispatches({ inputs: [x], outputs: [window, state] }, { software }) {
		const [c, s] = [x.cols, state.cols];
		const bound = bindOperands({
			x: reads(x),
			window: writes(window),
			state: writes(state)
		});
		const { views } = bound;
		const workgroup = software ? 32 : 64;
		return [kernel({
			label: "window_step",
			bound,
			workgroup,
			groups: ceilDiv(x.rows * c, workgroup),
			body: `let i = w * ${workgroup}u + li; if (i >= ${x.rows * c}u) { return; } let b = i / ${c}u;
for (var j = i % ${c}u; j < ${s + c}u; j += ${c}u) {
var value = 0.0;
if (j < ${s}u) { value = ${views.state.get("b", "j")}; } else { value = ${views.x.get("b", `j - ${s}u`)}; }
${views.window.put("b", "j", "value")}
if (j >= ${c}u) { ${views.state.put("b", `j - ${c}u`, "value")} }
}`
		})];
	} }
};
// kernels/backends/webgpu/program.ts
const QUEUE_DEPTH = 2;
/** A query set holds 4096 timestamps, two for each pass. */
const MOST_TIMED = 2048;
/** A replay is one compute pass in one submit over pipelines and bind groups made beforehand. */
var WebGpuProgram = class {
	steps;
	/** Bytes of device memory the program holds for itself. */
	arenaBytes;
	#device;
	#health;
	#arena;
	#inFlight = [];
	constructor(device, health, steps, arena) {
		this.#device = device;
		this.#health = health;
		this.steps = steps;
		this.#arena = arena;
		this.arenaBytes = arena.reduce((sum, b) => sum + b.size, 0);
	}
	/** Appends one replay to a pass. */
	encode(pass) {
		for (const { pipeline, bindGroup, grid } of this.steps) {
			pass.setPipeline(pipeline);
			pass.setBindGroup(0, bindGroup);
			pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
		}
	}
	/** One submission of `replays`, of which this one is the last. */
	run(replays = [this]) {
		this.#health.check();
		const encoder = this.#device.createCommandEncoder();
		const pass = encoder.beginComputePass();
		for (const replay of replays) replay.encode(pass);
		pass.end();
		this.#device.queue.submit([encoder.finish()]);
		const finished = this.#device.queue.onSubmittedWorkDone();
		this.#inFlight.push(finished);
		const remove = () => void this.#inFlight.splice(this.#inFlight.indexOf(finished), 1);
		finished.then(remove, remove);
	}
	/** Resolves when fewer than two replays wait on the device: what a loop awaits between replays so as not to run ahead. */
	async ready() {
		while (this.#inFlight.length >= QUEUE_DEPTH) await this.#health.guard(this.#inFlight[0]);
	}
	async done() {
		await this.#health.guard(Promise.all(this.#inFlight));
	}
	destroy() {
		this.#arena.forEach((b) => b.destroy());
	}
	/**
	* Milliseconds on the device of `repeats` replays in one pass, by timestamps; `before` is replayed before each (to empty a cache, say)
	* and counts too. Needs the timestamp-query feature.
	*/
	async measure(repeats = 1, before) {
		const [ms] = await this.#timed([(pass) => {
			for (let k = 0; k < repeats; k++) {
				before?.encode(pass);
				this.encode(pass);
			}
		}]);
		return ms;
	}
	/** Milliseconds on the device of each dispatch alone in a pass of its own, `repeats` times over; [label, ms per dispatch]. */
	async profileDispatches(repeats = 1) {
		const times = [];
		for (let first = 0; first < this.steps.length; first += MOST_TIMED) times.push(...await this.#timed(this.steps.slice(first, first + MOST_TIMED).map(({ pipeline, bindGroup, grid }) => (pass) => {
			pass.setPipeline(pipeline);
			pass.setBindGroup(0, bindGroup);
			for (let k = 0; k < repeats; k++) pass.dispatchWorkgroups(grid[0], grid[1], grid[2]);
		})));
		return times.map((ms, i) => [this.steps[i].label, ms / repeats]);
	}
	async profile() {
		const times = new Array(1 + Math.max(-1, ...this.steps.map(({ command }) => command))).fill(0);
		(await this.profileDispatches()).forEach(([, ms], i) => times[this.steps[i].command] += ms);
		return times;
	}
	async #timed(passes) {
		const count = passes.length * 2;
		const querySet = this.#device.createQuerySet({
			type: "timestamp",
			count
		});
		const resolved = this.#device.createBuffer({
			size: count * 8,
			usage: usage.QUERY_RESOLVE | usage.COPY_SRC
		});
		const staging = this.#device.createBuffer({
			size: count * 8,
			usage: usage.MAP_READ | usage.COPY_DST
		});
		const encoder = this.#device.createCommandEncoder();
		passes.forEach((encode, i) => {
			const pass = encoder.beginComputePass({ timestampWrites: {
				querySet,
				beginningOfPassWriteIndex: 2 * i,
				endOfPassWriteIndex: 2 * i + 1
			} });
			encode(pass);
			pass.end();
		});
		encoder.resolveQuerySet(querySet, 0, count, resolved, 0);
		encoder.copyBufferToBuffer(resolved, 0, staging, 0, count * 8);
		this.#device.queue.submit([encoder.finish()]);
		await this.#health.guard(staging.mapAsync(mapMode.READ));
		const ticks = new BigUint64Array(staging.getMappedRange().slice(0));
		for (const resource of [
			querySet,
			resolved,
			staging
		]) resource.destroy();
		return passes.map((_, i) => Number(ticks[2 * i + 1] - ticks[2 * i]) / 1e6);
	}
};
// kernels/backends/webgpu/webgpu.ts
const FEATURES = ["timestamp-query", ...MATRIX_FEATURES];
/** Runs plans as WGSL through Dawn. Pipelines are cached by their source, so equal layers compile once. */
var WebGpuBackend = class {
	name = "webgpu";
	description;
	adapter;
	sizes;
	#target;
	lost;
	#device;
	#health;
	#pipelines = /* @__PURE__ */ new Map();
	#layouts = /* @__PURE__ */ new Map();
	constructor(device, adapter, target) {
		this.#device = device;
		this.adapter = adapter;
		this.#target = target;
		this.description = `${adapter.name} (${adapter.api}${adapter.software ? ", on the CPU" : ""})`;
		this.#health = new Health(device, this.description);
		this.lost = this.#health.lost;
		this.sizes = {
			opaque: (op, inputs, attrs, output) => kernels[op].opaque?.(inputs, attrs, this.#target, output) ?? 0,
			scratch: (op, inputs, attrs) => kernels[op].scratch?.(inputs, attrs, this.#target) ?? 0
		};
	}
	submit(programs) {
		const replays = programs.map((program) => {
			if (!(program instanceof WebGpuProgram)) throw new TypeError("Only programs of this backend can be submitted");
			return program;
		});
		replays.at(-1)?.run(replays);
	}
	/** WebGPU tells the largest buffer and not how much memory there is: that shows when a plan is compiled. */
	room() {
		return {
			bytes: Infinity,
			buffer: this.#largest
		};
	}
	get target() {
		return this.#target;
	}
	/** Whether plans made from now on round the inputs of matrix products to float16; matrixUnitsProblem says whether it may. */
	useMixedPrecision(mixed) {
		this.#target = {
			...this.#target,
			mixed
		};
	}
	createBuffer(elements, dtype, label) {
		this.#fits(elements, label);
		return new WebGpuBuffer(this.#device, this.#health, elements, dtype, label);
	}
	async compile(plan, externals) {
		plan.buffers.forEach((b, i) => this.#fits(b.elements, b.kind === "external" ? b.name : `working buffer ${i}`));
		this.#device.pushErrorScope("out-of-memory");
		const arena = [];
		const buffers = plan.buffers.map((b) => {
			if (b.kind === "external") return this.#external(externals[b.name], b);
			const buffer = this.#device.createBuffer({
				label: "arena",
				size: bytesFor(b.elements),
				usage: usage.STORAGE
			});
			arena.push(buffer);
			return buffer;
		});
		if (await this.#device.popErrorScope()) {
			arena.forEach((b) => b.destroy());
			const need = (arena.reduce((sum, b) => sum + b.size, 0) / 2 ** 30).toFixed(2);
			throw new OutOfMemory(`${this.description} has too little memory: this model and batch need ${need} GiB beside the parameters. Try a smaller batch or a shorter sequence.`);
		}
		const byCommand = plan.commands.map((command) => kernels[command.op].dispatches(command, this.#target));
		const owners = byCommand.flatMap((dispatches, command) => dispatches.map(() => command));
		return this.#program(byCommand.flat(), owners, buffers, arena);
	}
	/** A program of dispatches made by hand (tuning, measurements); their buffer numbers are places in `buffers`. */
	async compileDispatches(dispatches, buffers) {
		return this.#program(dispatches, dispatches.map((_, i) => i), buffers.map((b) => b.gpu), []);
	}
	async #program(dispatches, owners, buffers, arena) {
		const pipelines = await this.#health.guard(Promise.all(dispatches.map((d) => this.#pipeline(d))));
		const steps = dispatches.map((d, i) => ({
			label: d.label,
			command: owners[i],
			pipeline: pipelines[i],
			grid: d.grid,
			bindGroup: this.#bindGroup(d.bindings, buffers)
		}));
		return new WebGpuProgram(this.#device, this.#health, steps, arena);
	}
	destroy() {
		this.#device.destroy();
	}
	get #largest() {
		const { maxBufferSize, maxStorageBufferBindingSize } = this.adapter.limits;
		return Math.min(maxBufferSize, maxStorageBufferBindingSize);
	}
	#fits(elements, label) {
		const most = this.#largest;
		if (elements * 4 > most) throw new Error(`${this.description} holds at most ${(most / 2 ** 20).toFixed(0)} MiB in one buffer; "${label}" needs ${(elements * 4 / 2 ** 20).toFixed(0)} MiB. Try a smaller batch or a shorter sequence.`);
	}
	#external(buffer, { name, elements }) {
		if (!(buffer instanceof WebGpuBuffer)) throw new Error(`The plan needs a WebGPU buffer named "${name}"`);
		if (buffer.elements < elements) throw new Error(`Buffer "${name}" has ${buffer.elements} elements, the plan reaches ${elements}`);
		return buffer.gpu;
	}
	#layout(bindings) {
		const key = bindings.map((b) => b.write ? "w" : "r").join("");
		let layout = this.#layouts.get(key);
		if (!layout) {
			layout = this.#device.createBindGroupLayout({ entries: bindings.map((b, binding) => ({
				binding,
				visibility: stage.COMPUTE,
				buffer: { type: b.write ? "storage" : "read-only-storage" }
			})) });
			this.#layouts.set(key, layout);
		}
		return layout;
	}
	#bindGroup(bindings, buffers) {
		return this.#device.createBindGroup({
			layout: this.#layout(bindings),
			entries: bindings.map(({ buffer, first, count }, binding) => ({
				binding,
				resource: {
					buffer: buffers[buffer],
					offset: first * 4,
					...count ? { size: bytesFor(count) } : {}
				}
			}))
		});
	}
	#pipeline({ label, code, bindings }) {
		const key = `${bindings.map((b) => Number(b.write)).join("")}\n${code}`;
		let pipeline = this.#pipelines.get(key);
		if (!pipeline) {
			pipeline = this.#compilePipeline(label, code, bindings);
			this.#pipelines.set(key, pipeline);
		}
		return pipeline;
	}
	async #compilePipeline(label, code, bindings) {
		const most = this.#device.limits.maxStorageBuffersPerShaderStage;
		if (bindings.length > most) throw new Error(`${label} needs ${bindings.length} buffers at once, ${this.description} allows ${most}`);
		this.#device.pushErrorScope("validation");
		const module = this.#device.createShaderModule({
			label,
			code
		});
		this.#device.popErrorScope().catch(() => null);
		const { messages } = await module.getCompilationInfo();
		const errors = messages.filter((m) => m.type === "error");
		if (errors.length) {
			const lines = code.split("\n");
			throw new Error(`${label}: its shader does not compile: ${errors.map((m) => `${m.message} (${lines[m.lineNum - 1]?.trim()})`).join("; ")}`);
		}
		const layout = this.#device.createPipelineLayout({ bindGroupLayouts: [this.#layout(bindings)] });
		try {
			return await this.#device.createComputePipelineAsync({
				label,
				layout,
				compute: {
					module,
					entryPoint: "main"
				}
			});
		} catch (error) {
			throw new Error(`${label}: ${this.description} does not accept its shader: ${error.message}`);
		}
	}
};
/** Opens the fastest adapter, or says in a sentence why there is none to use. */
async function openWebGpu(options = {}) {
	const adapter = await request({ powerPreference: "high-performance" });
	if (!adapter) return {
		backend: null,
		reason: "No graphics driver with WebGPU support was found (Vulkan, Metal or D3D12)."
	};
	const about = report(adapter);
	if (about.software && !options.software) return {
		backend: null,
		reason: `The only graphics driver is ${about.name}, which runs on the CPU and is slower than the CPU backend.`
	};
	const { limits } = adapter;
	try {
		const device = await adapter.requestDevice({
			requiredFeatures: FEATURES.filter((f) => adapter.features.has(f)),
			requiredLimits: {
				...about.limits,
				maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX
			}
		});
		const [smallest, largest] = about.subgroup;
		return {
			backend: new WebGpuBackend(device, about, {
				subgroup: smallest === largest && largest > 1 && (largest & largest - 1) === 0 ? largest : 1,
				workgroupBytes: about.limits.maxComputeWorkgroupStorageSize,
				invocations: Math.min(about.limits.maxComputeInvocationsPerWorkgroup, limits.maxComputeWorkgroupSizeX),
				software: about.software,
				matrixUnits: about.matrixUnits,
				mixed: false,
				choices: new Choices(),
				...options.target
			}),
			reason: null
		};
	} catch (error) {
		return {
			backend: null,
			reason: `${about.name} could not be opened: ${error.message}`
		};
	}
}
// kernels/mixers/initialise.ts
const constant = (value) => (out) => void out.fill(value);
const normal = (std) => (out, stream) => out.forEach((_, i) => out[i] = std * stream.normal());
const uniform = (bound) => (out, stream) => out.forEach((_, i) => out[i] = bound * (2 * stream.uniform() - 1));
/** PyTorch's default for Linear and Conv layers: U(±1/√fan_in), fan_in the elements of one output's weights; times `scale`. */
const fanIn = (scale = 1) => (out, stream, shape) => uniform(scale / Math.sqrt(shape.slice(1).reduce((a, b) => a * b, 1)))(out, stream, shape);
/** Row-wise log(1 … N): A = −(1 … N), the S4D-Real initialisation (Gu et al. 2022, arXiv:2206.11893, §4.2). */
const logArange = (out, _stream, shape) => {
	const columns = shape[shape.length - 1];
	out.forEach((_, i) => out[i] = Math.log(i % columns + 1));
};
/** softplus⁻¹ of a step log-uniform in [min, max] (at least floor): Mamba's dt bias (Gu & Dao 2023, §3.6). */
const inverseSoftplusLogUniform = (min, max, floor) => (out, stream) => out.forEach((_, i) => {
	const dt = Math.max(floor, Math.exp(Math.log(min) + stream.uniform() * (Math.log(max) - Math.log(min))));
	out[i] = dt + Math.log(-Math.expm1(-dt));
});
/** log of a step log-uniform in [min, max], as S4 and its kin start from (Gu et al. 2022, arXiv:2206.11893, §4). */
const logUniform = (min, max) => (out, stream) => out.forEach((_, i) => out[i] = Math.log(min) + stream.uniform() * (Math.log(max) - Math.log(min)));
/** The logarithm of a value from U(min, max): A_log of Mamba-2 (mamba_ssm's A_init_range). */
const logOfUniform = (min, max) => (out, stream) => out.forEach((_, i) => out[i] = Math.log(min + stream.uniform() * (max - min)));
/** Evenly spaced from `first` to `last`: the forget gates of mLSTM's heads (Beck et al. 2024, arXiv:2405.04517). */
const linspace = (first, last) => (out) => out.forEach((_, i) => out[i] = out.length > 1 ? first + (last - first) * i / (out.length - 1) : first);
// kernels/mixers/linear.ts
/** x (R, in) · weightᵀ [+ bias] → (R, out); weight (out, in) as PyTorch stores it, bias (1, out). */
const linear = (builder, x, weight, bias) => builder.one("matmul", bias ? [
	x,
	weight,
	bias
] : [x, weight], bias ? {
	transB: true,
	bias: true
} : { transB: true });
// ../../../../work/main/node_modules/zod/v4/core/util.js
function getEnumValues(entries) {
	const numericValues = Object.values(entries).filter((v) => typeof v === "number");
	return Object.entries(entries).filter(([k, _]) => numericValues.indexOf(+k) === -1).map(([_, v]) => v);
}
function joinValues(array, separator = "|") {
	return array.map((val) => stringifyPrimitive(val)).join(separator);
}
function jsonStringifyReplacer(_, value) {
	if (typeof value === "bigint") return value.toString();
	return value;
}
var Cached = class {
	constructor(getter) {
		this._getter = getter;
		this._value = void 0;
	}
	get value() {
		const getter = this._getter;
		if (getter !== void 0) {
			this._value = getter();
			this._getter = void 0;
		}
		return this._value;
	}
};
function cached(getter) {
	return new Cached(getter);
}
function nullish(input) {
	return input === null || input === void 0;
}
function cleanRegex(source) {
	const start = source.startsWith("^") ? 1 : 0;
	const end = source.endsWith("$") ? source.length - 1 : source.length;
	return source.slice(start, end);
}
function floatSafeRemainder(val, step) {
	const ratio = val / step;
	const roundedRatio = Math.round(ratio);
	const tolerance = 4 * Number.EPSILON * Math.max(Math.abs(ratio), 1);
	if (Math.abs(ratio - roundedRatio) < tolerance) return 0;
	return ratio - roundedRatio;
}
function assignProp(target, prop, value) {
	Object.defineProperty(target, prop, {
		value,
		writable: true,
		enumerable: true,
		configurable: true
	});
}
/**
* Whichever object a def's `shape` currently answers from: the one the caller passed until the first read, the frozen copy after it.
*
* Its keys and descriptors read without invoking anything, which is what lets a discriminated union check its discriminator, and the cycle walk read a shape, without resolving a getter that references the schema being constructed. A def that answers `shape` from an accessor of its own has none.
*/
function rawShape(def) {
	const desc = Object.getOwnPropertyDescriptor(def, "shape");
	return desc?.get ? desc.get.raw : desc?.value;
}
function sourceShape(schema) {
	return rawShape(schema._zod.def) ?? schema._zod.def.shape;
}
function deferProp(target, key, getter) {
	Object.defineProperty(target, key, {
		get() {
			const value = getter();
			assignProp(this, key, value);
			return value;
		},
		enumerable: true,
		configurable: true
	});
}
function putProp(target, key, value) {
	if (key in target) assignProp(target, key, value);
	else target[key] = value;
}
/**
* Copies `keys` of `source`'s shape onto `target`, each value passed through `wrap`.
*
* A key the source has resolved is copied through now, so the derived shape states it outright and nothing has to resolve it to learn what it holds. A key the source still defers stays deferred, and reads back through the source's own `shape`, so it resolves once and both shapes get that one schema.
*/
function mirrorShape(target, source, keys, wrap) {
	const raw = sourceShape(source);
	for (const key of keys) {
		const desc = Object.getOwnPropertyDescriptor(raw, key);
		if (!desc.enumerable) continue;
		if (desc.get) deferProp(target, key, () => {
			const value = source._zod.def.shape[key];
			return wrap ? wrap(value, key) : value;
		});
		else putProp(target, key, wrap ? wrap(desc.value, key) : desc.value);
	}
}
function mirrorProps(target, source) {
	for (const key of Reflect.ownKeys(source)) {
		const desc = Object.getOwnPropertyDescriptor(source, key);
		if (!desc.enumerable) continue;
		if (desc.get) deferProp(target, key, () => source[key]);
		else putProp(target, key, desc.value);
	}
}
function mergeDefs(...defs) {
	const mergedDescriptors = {};
	for (const def of defs) {
		const descriptors = Object.getOwnPropertyDescriptors(def);
		Object.assign(mergedDescriptors, descriptors);
	}
	return Object.defineProperties({}, mergedDescriptors);
}
function esc(str) {
	return JSON.stringify(str);
}
const captureStackTrace = "captureStackTrace" in Error ? Error.captureStackTrace : (..._args) => {};
function isObject(data) {
	return typeof data === "object" && data !== null && !Array.isArray(data);
}
const allowsEval = /* @__PURE__*/ cached(() => {
	if (globalConfig.jitless) return false;
	if (typeof navigator !== "undefined" && navigator?.userAgent?.includes("Cloudflare")) return false;
	try {
		new Function("");
		return true;
	} catch (_) {
		return false;
	}
});
function isPlainObject(o) {
	if (isObject(o) === false) return false;
	const ctor = o.constructor;
	if (ctor === void 0) return true;
	if (typeof ctor !== "function") return true;
	const prot = ctor.prototype;
	if (isObject(prot) === false) return false;
	if (Object.prototype.hasOwnProperty.call(prot, "isPrototypeOf") === false) return false;
	return true;
}
function shallowClone(o) {
	if (isPlainObject(o)) return { ...o };
	if (Array.isArray(o)) return [...o];
	if (o instanceof Map) return new Map(o);
	if (o instanceof Set) return new Set(o);
	return o;
}
const propertyKeyTypes = /* @__PURE__*/ new Set([
	"string",
	"number",
	"symbol"
]);
function escapeRegex(str) {
	return str.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
function clone(inst, def, params) {
	const cl = new inst._zod.constr(def ?? inst._zod.def);
	if (!def || params?.parent) cl._zod.parent = inst;
	return cl;
}
function normalizeParams(_params) {
	const params = _params;
	if (!params) return {};
	if (typeof params === "string") return { error: () => params };
	if (params?.message !== void 0) {
		if (params?.error !== void 0) throw new Error("Cannot specify both `message` and `error` params");
		params.error = params.message;
	}
	delete params.message;
	if (typeof params.error === "string") return {
		...params,
		error: () => params.error
	};
	return params;
}
function stringifyPrimitive(value) {
	if (typeof value === "bigint") return value.toString() + "n";
	if (typeof value === "string") return `"${value}"`;
	return `${value}`;
}
function optionalKeys(shape) {
	return Object.keys(shape).filter((k) => {
		return shape[k]._zod.optin !== void 0 && shape[k]._zod.optout === "optional";
	});
}
const NUMBER_FORMAT_RANGES = /*@__PURE__*/ (() => ({
	safeint: [Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
	int32: [-2147483648, 2147483647],
	uint32: [0, 4294967295],
	float32: [-34028234663852886e22, 34028234663852886e22],
	float64: [-Number.MAX_VALUE, Number.MAX_VALUE]
}))();
const BIGINT_FORMAT_RANGES = {
	int64: [/* @__PURE__*/ BigInt("-9223372036854775808"), /* @__PURE__*/ BigInt("9223372036854775807")],
	uint64: [/* @__PURE__*/ BigInt(0), /* @__PURE__*/ BigInt("18446744073709551615")]
};
function pick(schema, mask) {
	const currDef = schema._zod.def;
	const checks = currDef.checks;
	if (checks && checks.length > 0) throw new Error(".pick() cannot be used on object schemas containing refinements");
	const newShape = {};
	mirrorShape(newShape, schema, maskedKeys(schema, mask));
	return clone(schema, mergeDefs(currDef, {
		shape: newShape,
		checks: []
	}));
}
function maskedKeys(schema, mask) {
	const raw = sourceShape(schema);
	const keys = [];
	for (const key of Reflect.ownKeys(mask)) {
		if (!Object.getOwnPropertyDescriptor(raw, key)?.enumerable) throw new Error(`Unrecognized key: "${String(key)}"`);
		if (mask[key]) keys.push(key);
	}
	return keys;
}
function omit(schema, mask) {
	const currDef = schema._zod.def;
	const checks = currDef.checks;
	if (checks && checks.length > 0) throw new Error(".omit() cannot be used on object schemas containing refinements");
	const omitted = new Set(maskedKeys(schema, mask));
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)).filter((key) => !omitted.has(key)));
	return clone(schema, mergeDefs(currDef, {
		shape: newShape,
		checks: []
	}));
}
function extend(schema, shape) {
	if (!isPlainObject(shape)) throw new Error("Invalid input to extend: expected a plain object");
	const checks = schema._zod.def.checks;
	if (checks && checks.length > 0) {
		const existingShape = sourceShape(schema);
		for (const key of Reflect.ownKeys(shape)) if (Object.getOwnPropertyDescriptor(existingShape, key) !== void 0) throw new Error("Cannot overwrite keys on object schemas containing refinements. Use `.safeExtend()` instead.");
	}
	return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
function extended(schema, shape) {
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)));
	mirrorProps(newShape, shape);
	return newShape;
}
function safeExtend(schema, shape) {
	if (!isPlainObject(shape)) throw new Error("Invalid input to safeExtend: expected a plain object");
	return clone(schema, mergeDefs(schema._zod.def, { shape: extended(schema, shape) }));
}
function merge(a, b) {
	if (!b?._zod?.def) throw new Error("Invalid input to merge: expected an object schema. To merge a plain shape, use `.extend()`.");
	if (a._zod.def.checks?.length) throw new Error(".merge() cannot be used on object schemas containing refinements. Use .safeExtend() instead.");
	const newShape = {};
	mirrorShape(newShape, a, Reflect.ownKeys(sourceShape(a)));
	mirrorShape(newShape, b, Reflect.ownKeys(sourceShape(b)));
	return clone(a, mergeDefs(a._zod.def, {
		shape: newShape,
		get catchall() {
			return b._zod.def.catchall;
		},
		checks: b._zod.def.checks ?? []
	}));
}
function partial(Class, schema, mask, name = "partial") {
	const checks = schema._zod.def.checks;
	if (checks && checks.length > 0) throw new Error(`.${name}() cannot be used on object schemas containing refinements`);
	const selected = mask ? new Set(maskedKeys(schema, mask)) : void 0;
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), Class && ((value, key) => selected && !selected.has(key) ? value : new Class({
		type: "optional",
		innerType: value
	})));
	return clone(schema, mergeDefs(schema._zod.def, {
		shape: newShape,
		checks: []
	}));
}
function required(Class, schema, mask) {
	const selected = mask ? new Set(maskedKeys(schema, mask)) : void 0;
	const newShape = {};
	mirrorShape(newShape, schema, Reflect.ownKeys(sourceShape(schema)), (value, key) => selected && !selected.has(key) ? value : new Class({
		type: "nonoptional",
		innerType: value
	}));
	return clone(schema, mergeDefs(schema._zod.def, { shape: newShape }));
}
function aborted(x, startIndex = 0) {
	if (x.aborted === true) return true;
	for (let i = startIndex; i < x.issues.length; i++) if (x.issues[i]?.continue !== true) return true;
	return false;
}
function explicitlyAborted(x, startIndex = 0) {
	if (x.aborted === true) return true;
	for (let i = startIndex; i < x.issues.length; i++) if (x.issues[i]?.continue === false) return true;
	return false;
}
function prefixIssues(path, issues) {
	return issues.map((iss) => {
		var _a;
		(_a = iss).path ?? (_a.path = []);
		iss.path.unshift(path);
		return iss;
	});
}
function unwrapMessage(message) {
	return typeof message === "string" ? message : message?.message;
}
/** The leading size checks of `defChecks` that set an upper bound, each paired with it. */
function sizeCaps(defChecks) {
	const caps = [];
	for (const ch of defChecks ?? []) {
		const d = ch._zod.def;
		if (!/_(length|size)$|_equals$/.test(d.check)) break;
		const max = d.maximum ?? d.length ?? d.size;
		if (max >= 0) caps.push([max, ch]);
	}
	return caps;
}
function attachSchema(issues, start, inst) {
	var _a;
	for (let i = start; i < issues.length; i++) (_a = issues[i]).schema ?? (_a.schema = inst);
}
function finalizeIssue(iss, ctx, config) {
	var _a;
	const traits = iss.inst?._zod?.traits;
	if (traits?.has("$ZodType")) {
		if (traits.has("$ZodCheck")) (_a = iss).schema ?? (_a.schema = iss.inst);
		else iss.schema = iss.inst;
	}
	const schemaError = iss.schema !== iss.inst ? iss.schema?._zod.def?.error : void 0;
	const message = iss.message ? iss.message : unwrapMessage(iss.inst?._zod.def?.error?.(iss)) ?? unwrapMessage(schemaError?.(iss)) ?? unwrapMessage(ctx?.error?.(iss)) ?? unwrapMessage(config.customError?.(iss)) ?? unwrapMessage(config.localeError?.(iss)) ?? "Invalid input";
	const full = {};
	for (const k of Object.keys(iss)) {
		if (k === "inst" || k === "schema" || k === "continue" || k === "input" || k === "__proto__") continue;
		full[k] = iss[k];
	}
	full.path ?? (full.path = []);
	full.message = message;
	if (ctx?.reportInput) full.input = iss.input;
	return full;
}
const highSurrogate = /[\uD800-\uDBFF]/;
function codePointLength(str) {
	const units = str.length;
	if (!highSurrogate.test(str)) return units;
	let count = units;
	for (let i = 0; i < units - 1; i++) if ((str.charCodeAt(i) & 64512) === 55296 && (str.charCodeAt(i + 1) & 64512) === 56320) {
		count--;
		i++;
	}
	return count;
}
function getLengthableOrigin(input) {
	if (Array.isArray(input)) return "array";
	if (typeof input === "string") return "string";
	return "unknown";
}
function parsedType(data) {
	const t = typeof data;
	switch (t) {
		case "number": return Number.isNaN(data) ? "nan" : "number";
		case "object": {
			if (data === null) return "null";
			if (Array.isArray(data)) return "array";
			const obj = data;
			if (obj && Object.getPrototypeOf(obj) !== Object.prototype && "constructor" in obj && obj.constructor) return obj.constructor.name;
		}
	}
	return t;
}
function issue(...args) {
	const [iss, input, inst] = args;
	if (typeof iss === "string") return {
		message: iss,
		code: "custom",
		input,
		inst
	};
	return { ...iss };
}
/**
* Installs a trait's members on its prototype. Each value builds that member for the instance on first read; the built value shadows the accessor as an own property, so a detached `const { parse } = schema` keeps working.
*
* Call this from a `proto` initializer, which runs once per prototype — never per instance.
*/
function members(proto, table) {
	for (const key in table) {
		const desc = Object.getOwnPropertyDescriptor(table, key);
		if (desc.get) Object.defineProperty(proto, key, {
			...desc,
			enumerable: false
		});
		else defineBound(proto, key, desc.value);
	}
}
/** Shadows a prototype member with an own value, so a getter that builds from the instance runs once. */
function own(inst, key, value, enumerable = true) {
	Object.defineProperty(inst, key, {
		configurable: true,
		writable: true,
		enumerable,
		value
	});
	return value;
}
/** Like {@link own}, for a member that was never an own data property and has to stay out of `Object.keys`. */
function hide(inst, key, value) {
	return own(inst, key, value, false);
}
/** Adds members a table derives from the instance: each builds on first read and shadows as own data, and assignment shadows the same way, as when these were own properties. */
/* @__NO_SIDE_EFFECTS__ */
function derived(computes, table) {
	for (const key in computes) {
		const compute = computes[key];
		Object.defineProperty(table, key, {
			configurable: true,
			enumerable: true,
			get() {
				return own(this, key, compute(this));
			},
			set(value) {
				own(this, key, value);
			}
		});
	}
	return table;
}
function defineBound(proto, key, fn) {
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			return this == null ? fn : own(this, key, fn.bind(this));
		},
		set(value) {
			own(this, key, value);
		}
	});
}
/** Returns the prototype to install on, or `undefined` if this group is already installed on it. */
function claim(inst, sentinel) {
	const proto = Object.getPrototypeOf(inst);
	return sentinel in proto ? void 0 : proto;
}
let installing;
let broke = false;
const breaker = {
	configurable: true,
	get() {
		broke = true;
	}
};
/**
* Installs a lazily-derived internal on the `_zod` prototype of `inst`'s
* constructor, computed from the internals object itself and cached there on
* first read. One accessor per constructor rather than one per instance.
*/
function defineLazyInternal(inst, key, compute) {
	const proto = Object.getPrototypeOf(inst._zod);
	if (key in proto && installing !== inst._zod) {
		installing = void 0;
		return;
	}
	installing = inst._zod;
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			Object.defineProperty(this, key, breaker);
			const outer = broke;
			broke = false;
			try {
				const value = compute(this);
				if (broke) delete this[key];
				else Object.defineProperty(this, key, {
					configurable: true,
					writable: true,
					value
				});
				broke = broke || outer;
				return value;
			} catch (err) {
				delete this[key];
				broke = broke || outer;
				throw err;
			}
		},
		set(value) {
			Object.defineProperty(this, key, {
				configurable: true,
				writable: true,
				value
			});
		}
	});
}
/**
* Installs `key` on `inst`'s prototype, computed by `make` on first read and cached there as an own
* data property. One accessor per constructor rather than one per instance, because an own accessor
* puts every instance after the first into v8 dictionary mode. The key doubles as the sentinel.
*/
function installLazyProp(inst, key, make, enumerable) {
	const proto = claim(inst, key);
	if (!proto) return;
	Object.defineProperty(proto, key, {
		configurable: true,
		get() {
			const desc = {
				configurable: true,
				writable: true,
				enumerable,
				value: void 0
			};
			Object.defineProperty(this, key, desc);
			desc.value = make(this);
			Object.defineProperty(this, key, desc);
			return desc.value;
		},
		set(value) {
			Object.defineProperty(this, key, {
				configurable: true,
				writable: true,
				enumerable,
				value
			});
		}
	});
}
/** Marks the thunk `_catch` synthesises for a constant catch value. `Function.length` cannot tell that thunk from a user callback — rest and defaulted parameters both report arity 0 — and a user callback reads `ctx.error`, whose issues only finalize correctly against the caller's per-parse error map. Provenance can say what arity cannot. A plain string key rather than `Symbol.for`, whose call at module scope no bundler can prove pure — the same shape that anchored `urlCanParse` into every build. */
const CONSTANT_CATCH = "~constantCatch";
/** Wraps a constant catch value in a thunk tagged with {@link CONSTANT_CATCH}. */
function constantCatch(value) {
	const fn = () => value;
	fn[CONSTANT_CATCH] = true;
	return fn;
}
// ../../../../work/main/node_modules/zod/v4/core/core.js
var _a$1;
const _zodDesc = {
	value: void 0,
	enumerable: false
};
let _E = "captureStackTrace" in Error ? Error : null;
function newError(Definition) {
	const E = _E;
	if (E) {
		const saved = E.stackTraceLimit;
		if (typeof saved === "number") {
			try {
				E.stackTraceLimit = 0;
			} catch {
				_E = null;
				return new Definition();
			}
			try {
				return new Definition();
			} finally {
				E.stackTraceLimit = saved;
			}
		}
	}
	return new Definition();
}
/* @__NO_SIDE_EFFECTS__ */
function $constructor(name, initializer, proto, params) {
	const zodProto = {};
	function Internals(def) {
		this.def = def;
		this.constr = _;
		this.traits = /* @__PURE__ */ new Set();
	}
	Internals.prototype = zodProto;
	const protoMembers = proto;
	const initialized = protoMembers && /* @__PURE__ */ new WeakSet();
	function init(inst, def) {
		if (!inst._zod) {
			_zodDesc.value = new Internals(def);
			try {
				Object.defineProperty(inst, "_zod", _zodDesc);
			} finally {
				_zodDesc.value = void 0;
			}
		} else if (inst._zod.traits.has(name)) return;
		inst._zod.traits.add(name);
		initializer(inst, def);
		if (initialized) {
			const own = Object.getPrototypeOf(inst);
			const ctorProto = inst._zod.constr.prototype;
			let up = own;
			while (up && up !== ctorProto) up = Object.getPrototypeOf(up);
			const target = up ?? own;
			if (!initialized.has(target)) {
				initialized.add(target);
				members(target, protoMembers);
			}
		}
		const proto = _.prototype;
		for (const k in proto) {
			if (!Object.prototype.hasOwnProperty.call(proto, k)) continue;
			if (!(k in inst)) inst[k] = proto[k].bind(inst);
		}
	}
	const Parent = params?.Parent ?? Object;
	class Definition extends Parent {}
	Object.defineProperty(Definition, "name", { value: name });
	function _(def) {
		const inst = params?.Parent ? newError(Definition) : this;
		init(inst, def);
		const deferred = inst._zod.deferred;
		if (deferred) {
			for (const fn of deferred) fn();
			inst._zod.deferred = void 0;
		}
		const pp = globalThis.__zod_globalConfig?.postProcessor;
		if (pp) pp(inst);
		return inst;
	}
	Object.defineProperty(_, "init", { value: init });
	Object.defineProperty(_, Symbol.hasInstance, { value: (inst) => {
		if (params?.Parent && inst instanceof params.Parent) return true;
		return inst?._zod?.traits?.has(name);
	} });
	Object.defineProperty(_, "name", { value: name });
	return _;
}
var $ZodAsyncError = class extends Error {
	constructor() {
		super(`Encountered Promise during synchronous parse. Use .parseAsync() instead.`);
	}
};
var $ZodEncodeError = class extends Error {
	constructor(name) {
		super(`Encountered unidirectional transform during encode: ${name}`);
		this.name = "ZodEncodeError";
	}
};
(_a$1 = globalThis).__zod_globalConfig ?? (_a$1.__zod_globalConfig = {});
const globalConfig = globalThis.__zod_globalConfig;
function config(newConfig) {
	if (newConfig) Object.assign(globalConfig, newConfig);
	return globalConfig;
}
// ../../../../work/main/node_modules/zod/v4/core/errors.js
function _getMessage() {
	const internals = this._zod;
	internals.message ?? (internals.message = JSON.stringify(internals.def, jsonStringifyReplacer, 2));
	return internals.message;
}
function _setMessage(value) {
	this._zod.message = value;
}
const _messageDesc = {
	get: _getMessage,
	set: _setMessage,
	enumerable: true,
	configurable: true
};
const _issuesDesc = {
	value: void 0,
	enumerable: false
};
const _installedToString = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
const initializer$1 = (inst, def) => {
	inst.name = "$ZodError";
	_issuesDesc.value = def;
	Object.defineProperty(inst, "issues", _issuesDesc);
	_issuesDesc.value = void 0;
	Object.defineProperty(inst, "message", _messageDesc);
	const proto = Object.getPrototypeOf(inst);
	if (!_installedToString.has(proto)) {
		_installedToString.add(proto);
		Object.defineProperty(proto, "toString", {
			configurable: true,
			enumerable: false,
			get() {
				const value = () => this.message;
				Object.defineProperty(this, "toString", {
					value,
					configurable: true,
					writable: true
				});
				return value;
			},
			set(value) {
				Object.defineProperty(this, "toString", {
					value,
					configurable: true,
					writable: true
				});
			}
		});
	}
};
const $ZodError = /* @__PURE__ */ $constructor("$ZodError", initializer$1);
/** Get-or-create `obj[key]` as an own data property. A path segment naming an inherited member
* ("toString", "constructor") would otherwise read through to the prototype, and assigning
* "__proto__" would hit the setter instead of creating a key. */
function node(obj, key, make) {
	if (!Object.prototype.hasOwnProperty.call(obj, key)) {
		if (key === "__proto__") Object.defineProperty(obj, key, {
			value: make(),
			writable: true,
			enumerable: true,
			configurable: true
		});
		else obj[key] = make();
	}
	return obj[key];
}
function flattenError(error, mapper = (issue) => issue.message) {
	const fieldErrors = {};
	const formErrors = [];
	for (const sub of error.issues) if (sub.path.length > 0) node(fieldErrors, sub.path[0], () => []).push(mapper(sub));
	else formErrors.push(mapper(sub));
	return {
		formErrors,
		fieldErrors
	};
}
function formatError(error, mapper = (issue) => issue.message) {
	const fieldErrors = { _errors: [] };
	const processError = (error, path = []) => {
		for (const issue of error.issues) if (issue.code === "invalid_union" && issue.errors.length) issue.errors.map((issues) => processError({ issues }, [...path, ...issue.path]));
		else if (issue.code === "invalid_key") processError({ issues: issue.issues }, [...path, ...issue.path]);
		else if (issue.code === "invalid_element") processError({ issues: issue.issues }, [...path, ...issue.path]);
		else {
			const fullpath = [...path, ...issue.path];
			if (fullpath.length === 0) fieldErrors._errors.push(mapper(issue));
			else {
				let curr = fieldErrors;
				let i = 0;
				while (i < fullpath.length) {
					const el = fullpath[i];
					const terminal = i === fullpath.length - 1;
					if (el === "_errors") {
						if (terminal) curr._errors.push(mapper(issue));
						i++;
						continue;
					}
					if (!Object.prototype.hasOwnProperty.call(curr, el)) Object.defineProperty(curr, el, {
						value: { _errors: [] },
						enumerable: true,
						writable: true,
						configurable: true
					});
					const node = curr[el];
					if (terminal) node._errors.push(mapper(issue));
					curr = node;
					i++;
				}
			}
		}
	};
	processError(error);
	return fieldErrors;
}
// ../../../../work/main/node_modules/zod/v4/core/parse.js
function finalizeParams(callee, params) {
	return {
		callee: params?.callee ?? callee,
		Err: params?.Err
	};
}
const _parse = (_Err) => {
	const fn = (schema, value, _ctx, _params) => {
		const ctx = _ctx ? {
			..._ctx,
			async: false
		} : { async: false };
		const result = schema._zod.run({
			value,
			issues: []
		}, ctx);
		if (result instanceof Promise) throw new $ZodAsyncError();
		if (result.issues.length) {
			const e = new ((_params?.Err) ?? _Err)(result.issues.map((iss) => finalizeIssue(iss, ctx, config())));
			captureStackTrace(e, _params?.callee ?? fn);
			throw e;
		}
		return result.value;
	};
	return fn;
};
const _parseAsync = (_Err) => {
	const fn = async (schema, value, _ctx, params) => {
		const ctx = _ctx ? {
			..._ctx,
			async: true
		} : { async: true };
		let result = schema._zod.run({
			value,
			issues: []
		}, ctx);
		if (result instanceof Promise) result = await result;
		if (result.issues.length) {
			const e = new ((params?.Err) ?? _Err)(result.issues.map((iss) => finalizeIssue(iss, ctx, config())));
			captureStackTrace(e, params?.callee ?? fn);
			throw e;
		}
		return result.value;
	};
	return fn;
};
const _safeParse = (_Err) => (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: false
	} : { async: false };
	const result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) throw new $ZodAsyncError();
	return result.issues.length ? failure(_Err, result.issues, ctx) : {
		success: true,
		data: result.value
	};
};
function failure(Err, issues, ctx) {
	let error;
	return {
		success: false,
		get error() {
			if (!error) {
				error = new Err(issues.map((iss) => finalizeIssue(iss, ctx, config())));
				issues = void 0;
				ctx = void 0;
			}
			return error;
		},
		set error(e) {
			error = e;
			issues = void 0;
			ctx = void 0;
		}
	};
}
const _safeParseAsync = (_Err) => async (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: true
	} : { async: true };
	let result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) result = await result;
	return result.issues.length ? failure(_Err, result.issues, ctx) : {
		success: true,
		data: result.value
	};
};
const COMPILE_INVALID = /* @__PURE__ */ Symbol.for("zod.compile.invalid");
const COMPILE_FALLBACK = /* @__PURE__ */ Symbol.for("zod.compile.fallback");
const validate = ((schema, value, _ctx) => {
	const validator = schema._zod.bag.validator;
	if (validator !== void 0) {
		if (validator(value) !== COMPILE_INVALID) return true;
		if (validator.definite === true && _ctx === void 0) return false;
	}
	return validateFallback(schema, value, _ctx);
});
function validateFallback(schema, value, _ctx) {
	const ctx = _ctx ? {
		..._ctx,
		async: false,
		abortEarly: true
	} : {
		async: false,
		abortEarly: true
	};
	const fallbackRun = schema._zod.bag.fallbackRun;
	let result;
	if (fallbackRun) {
		ctx[COMPILE_FALLBACK] = true;
		result = fallbackRun({
			value,
			issues: []
		}, ctx);
	} else result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) throw new $ZodAsyncError();
	return result.issues.length === 0;
}
const validateAsync$1 = async (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		async: true,
		abortEarly: true
	} : {
		async: true,
		abortEarly: true
	};
	let result = schema._zod.run({
		value,
		issues: []
	}, ctx);
	if (result instanceof Promise) result = await result;
	return result.issues.length === 0;
};
const _encode = (_Err) => {
	const parse = _parse(_Err);
	const fn = (schema, value, _ctx, _params) => {
		const ctx = _ctx ? {
			..._ctx,
			direction: "backward"
		} : { direction: "backward" };
		return parse(schema, value, ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _decode = (_Err) => {
	const parse = _parse(_Err);
	const fn = (schema, value, _ctx, _params) => {
		return parse(schema, value, _ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _encodeAsync = (_Err) => {
	const parseAsync = _parseAsync(_Err);
	const fn = async (schema, value, _ctx, _params) => {
		const ctx = _ctx ? {
			..._ctx,
			direction: "backward"
		} : { direction: "backward" };
		return await parseAsync(schema, value, ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _decodeAsync = (_Err) => {
	const parseAsync = _parseAsync(_Err);
	const fn = async (schema, value, _ctx, _params) => {
		return await parseAsync(schema, value, _ctx, finalizeParams(fn, _params));
	};
	return fn;
};
const _safeEncode = (_Err) => (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		direction: "backward"
	} : { direction: "backward" };
	return _safeParse(_Err)(schema, value, ctx);
};
const _safeDecode = (_Err) => (schema, value, _ctx) => {
	return _safeParse(_Err)(schema, value, _ctx);
};
const _safeEncodeAsync = (_Err) => async (schema, value, _ctx) => {
	const ctx = _ctx ? {
		..._ctx,
		direction: "backward"
	} : { direction: "backward" };
	return _safeParseAsync(_Err)(schema, value, ctx);
};
const _safeDecodeAsync = (_Err) => async (schema, value, _ctx) => {
	return _safeParseAsync(_Err)(schema, value, _ctx);
};
const number$1 = /^-?\d+(?:\.\d+)?$/;
const boolean$1 = /^(?:true|false)$/i;
// ../../../../work/main/node_modules/zod/v4/core/checks.js
const $ZodCheck = /*@__PURE__*/ $constructor("$ZodCheck", (inst, def) => {
	var _a;
	inst._zod ?? (inst._zod = {});
	inst._zod.def = def;
	(_a = inst._zod).onattach ?? (_a.onattach = []);
});
/** Default `when` for length-based checks: run only on non-nullish values with a `length`. */
const _whenHasLength = (payload) => {
	const val = payload.value;
	return !nullish(val) && val.length !== void 0;
};
const numericOriginMap = {
	number: "number",
	bigint: "bigint",
	object: "date"
};
const $ZodCheckLessThan = /*@__PURE__*/ $constructor("$ZodCheckLessThan", (inst, def) => {
	$ZodCheck.init(inst, def);
	const origin = numericOriginMap[typeof def.value];
	inst._zod.check = (payload) => {
		if (def.inclusive ? payload.value <= def.value : payload.value < def.value) return;
		payload.issues.push({
			origin: numericOriginMap[typeof payload.value] ?? origin,
			code: "too_big",
			maximum: typeof def.value === "object" ? def.value.getTime() : def.value,
			input: payload.value,
			inclusive: def.inclusive,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckGreaterThan = /*@__PURE__*/ $constructor("$ZodCheckGreaterThan", (inst, def) => {
	$ZodCheck.init(inst, def);
	const origin = numericOriginMap[typeof def.value];
	inst._zod.check = (payload) => {
		if (def.inclusive ? payload.value >= def.value : payload.value > def.value) return;
		payload.issues.push({
			origin: numericOriginMap[typeof payload.value] ?? origin,
			code: "too_small",
			minimum: typeof def.value === "object" ? def.value.getTime() : def.value,
			input: payload.value,
			inclusive: def.inclusive,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMultipleOf = /*@__PURE__*/ $constructor("$ZodCheckMultipleOf", (inst, def) => {
	$ZodCheck.init(inst, def);
	inst._zod.check = (payload) => {
		if (typeof payload.value !== typeof def.value) throw new Error("Cannot mix number and bigint in multiple_of check.");
		if (typeof payload.value === "bigint" ? def.value !== BigInt(0) && payload.value % def.value === BigInt(0) : floatSafeRemainder(payload.value, def.value) === 0) return;
		payload.issues.push({
			origin: typeof payload.value,
			code: "not_multiple_of",
			divisor: def.value,
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckNumberFormat = /*@__PURE__*/ $constructor("$ZodCheckNumberFormat", (inst, def) => {
	$ZodCheck.init(inst, def);
	def.format = def.format || "float64";
	const isInt = def.format?.includes("int");
	const origin = isInt ? "int" : "number";
	const [minimum, maximum] = NUMBER_FORMAT_RANGES[def.format];
	inst._zod.check = (payload) => {
		const input = payload.value;
		if (isInt) {
			if (!Number.isInteger(input)) {
				payload.issues.push({
					expected: origin,
					format: def.format,
					code: "invalid_type",
					continue: false,
					input,
					inst
				});
				return;
			}
			if (!Number.isSafeInteger(input)) {
				if (input > 0) payload.issues.push({
					input,
					code: "too_big",
					maximum: Number.MAX_SAFE_INTEGER,
					note: "Integers must be within the safe integer range.",
					inst,
					origin,
					inclusive: true,
					continue: !def.abort
				});
				else payload.issues.push({
					input,
					code: "too_small",
					minimum: Number.MIN_SAFE_INTEGER,
					note: "Integers must be within the safe integer range.",
					inst,
					origin,
					inclusive: true,
					continue: !def.abort
				});
				return;
			}
		}
		if (input < minimum) payload.issues.push({
			origin: "number",
			input,
			code: "too_small",
			minimum,
			inclusive: true,
			inst,
			continue: !def.abort
		});
		if (input > maximum) payload.issues.push({
			origin: "number",
			input,
			code: "too_big",
			maximum,
			inclusive: true,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMaxLength = /*@__PURE__*/ $constructor("$ZodCheckMaxLength", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		if ((typeof input === "string" && units > def.maximum ? codePointLength(input) : units) <= def.maximum) return;
		const origin = getLengthableOrigin(input);
		payload.issues.push({
			origin,
			code: "too_big",
			maximum: def.maximum,
			inclusive: true,
			input,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckMinLength = /*@__PURE__*/ $constructor("$ZodCheckMinLength", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		if ((typeof input === "string" && units >= def.minimum && units < def.minimum * 2 ? codePointLength(input) : units) >= def.minimum) return;
		const origin = getLengthableOrigin(input);
		payload.issues.push({
			origin,
			code: "too_small",
			minimum: def.minimum,
			inclusive: true,
			input,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckLengthEquals = /*@__PURE__*/ $constructor("$ZodCheckLengthEquals", (inst, def) => {
	var _a;
	$ZodCheck.init(inst, def);
	(_a = inst._zod.def).when ?? (_a.when = _whenHasLength);
	inst._zod.check = (payload) => {
		const input = payload.value;
		const units = input.length;
		const length = typeof input === "string" && units >= def.length && units <= def.length * 2 ? codePointLength(input) : units;
		if (length === def.length) return;
		const origin = getLengthableOrigin(input);
		const tooBig = length > def.length;
		payload.issues.push({
			origin,
			...tooBig ? {
				code: "too_big",
				maximum: def.length
			} : {
				code: "too_small",
				minimum: def.length
			},
			inclusive: true,
			exact: true,
			input: payload.value,
			inst,
			continue: !def.abort
		});
	};
});
const $ZodCheckOverwrite = /*@__PURE__*/ $constructor("$ZodCheckOverwrite", (inst, def) => {
	$ZodCheck.init(inst, def);
	inst._zod.check = (payload) => {
		payload.value = def.tx(payload.value);
	};
});
// ../../../../work/main/node_modules/zod/v4/core/doc.js
var Doc = class {
	constructor(args = [], closed = {}) {
		this.content = [];
		this.indent = 0;
		this.args = args;
		this.closed = closed;
	}
	indented(fn) {
		this.indent += 1;
		try {
			fn(this);
		} finally {
			this.indent -= 1;
		}
	}
	write(arg) {
		if (typeof arg === "function") {
			arg(this, { execution: "sync" });
			arg(this, { execution: "async" });
			return;
		}
		const lines = arg.split("\n").filter((x) => x);
		const minIndent = Math.min(...lines.map((x) => x.length - x.trimStart().length));
		const dedented = lines.map((x) => x.slice(minIndent)).map((x) => " ".repeat(this.indent * 2) + x);
		for (const line of dedented) this.content.push(line);
	}
	compile() {
		const F = Function;
		const content = this?.content ?? [``];
		return new F(...Object.keys(this.closed), `return function (${this.args.join(", ")}) {\n${content.join("\n")}\n};`)(...Object.values(this.closed));
	}
};
// ../../../../work/main/node_modules/zod/v4/core/versions.js
const version = {
	major: 4,
	minor: 6,
	patch: 7
};
// ../../../../work/main/node_modules/zod/v4/core/schemas.js
const $ZodType = /*@__PURE__*/ $constructor("$ZodType", (inst, def) => {
	var _a;
	inst ?? (inst = {});
	inst._zod.def = def;
	inst._zod.bag = inst._zod.bag || {};
	inst._zod.version = version;
	const defChecks = inst._zod.def.checks;
	const checks = inst._zod.traits.has("$ZodCheck") ? [inst, ...defChecks ?? []] : defChecks?.length ? [...defChecks] : [];
	for (const ch of checks) for (const fn of ch._zod.onattach) fn(inst);
	if (checks.length === 0) {
		(_a = inst._zod).deferred ?? (_a.deferred = []);
		inst._zod.deferred?.push(() => {
			inst._zod.run = inst._zod.parse;
		});
	} else {
		const runChecks = (payload, checks, ctx) => {
			if (payload.memo) return payload;
			let isAborted = aborted(payload);
			let asyncResult;
			for (const ch of checks) {
				if (ch._zod.def.when) {
					if (explicitlyAborted(payload)) continue;
					if (!ch._zod.def.when(payload)) continue;
				} else if (isAborted) continue;
				const currLen = payload.issues.length;
				const _ = ch._zod.check(payload);
				if (_ instanceof Promise && ctx?.async === false) throw new $ZodAsyncError();
				if (asyncResult || _ instanceof Promise) asyncResult = (asyncResult ?? Promise.resolve()).then(async () => {
					await _;
					if (payload.issues.length === currLen) return;
					attachSchema(payload.issues, currLen, inst);
					if (!isAborted) isAborted = aborted(payload, currLen);
				});
				else {
					if (payload.issues.length === currLen) continue;
					attachSchema(payload.issues, currLen, inst);
					if (!isAborted) isAborted = aborted(payload, currLen);
				}
			}
			if (asyncResult) return asyncResult.then(() => {
				return payload;
			});
			return payload;
		};
		const handleCanaryResult = (canary, payload, ctx) => {
			if (aborted(canary)) {
				canary.aborted = true;
				return canary;
			}
			const checkResult = runChecks(payload, checks, ctx);
			if (checkResult instanceof Promise) {
				if (ctx.async === false) throw new $ZodAsyncError();
				return checkResult.then((checkResult) => inst._zod.parse(checkResult, ctx));
			}
			return inst._zod.parse(checkResult, ctx);
		};
		inst._zod.run = (payload, ctx) => {
			if (ctx.skipChecks) return inst._zod.parse(payload, ctx);
			if (ctx.direction === "backward") {
				const canary = inst._zod.parse({
					value: payload.value,
					issues: []
				}, {
					...ctx,
					skipChecks: true
				});
				if (canary instanceof Promise) return canary.then((canary) => {
					return handleCanaryResult(canary, payload, ctx);
				});
				return handleCanaryResult(canary, payload, ctx);
			}
			const result = inst._zod.parse(payload, ctx);
			if (result instanceof Promise) {
				if (ctx.async === false) throw new $ZodAsyncError();
				return result.then((result) => runChecks(result, checks, ctx));
			}
			return runChecks(result, checks, ctx);
		};
	}
}, {
	get "~standard"() {
		return hide(this, "~standard", standardProps(this));
	},
	set "~standard"(value) {
		own(this, "~standard", value);
	}
});
/** The Standard Schema surface for `inst`. Shared so wrappers can extend it without forcing it. */
const toStandardResult = (r, ctx) => r.issues.length ? { issues: r.issues.map((iss) => finalizeIssue(iss, ctx, config())) } : { value: r.value };
async function validateAsync(inst, value) {
	const ctx = { async: true };
	return toStandardResult(await inst._zod.run({
		value,
		issues: []
	}, ctx), ctx);
}
function standardProps(inst) {
	return {
		validate: (value) => {
			const ctx = { async: false };
			try {
				const r = inst._zod.run({
					value,
					issues: []
				}, ctx);
				if (!(r instanceof Promise)) return toStandardResult(r, ctx);
			} catch (_) {}
			return validateAsync(inst, value);
		},
		vendor: "zod",
		version: 1
	};
}
const $ZodNumber = /*@__PURE__*/ $constructor("$ZodNumber", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = number$1;
	inst._zod.parse = (payload, _ctx) => {
		if (def.coerce) try {
			payload.value = Number(payload.value);
		} catch (_) {}
		const input = payload.value;
		if (typeof input === "number" && !Number.isNaN(input) && Number.isFinite(input)) return payload;
		const received = typeof input === "number" ? Number.isNaN(input) ? "NaN" : !Number.isFinite(input) ? String(input) : void 0 : void 0;
		payload.issues.push({
			expected: "number",
			code: "invalid_type",
			input,
			inst,
			...received ? { received } : {}
		});
		return payload;
	};
});
const $ZodNumberFormat = /*@__PURE__*/ $constructor("$ZodNumberFormat", (inst, def) => {
	$ZodCheckNumberFormat.init(inst, def);
	$ZodNumber.init(inst, def);
});
const $ZodBoolean = /*@__PURE__*/ $constructor("$ZodBoolean", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.pattern = boolean$1;
	inst._zod.parse = (payload, _ctx) => {
		if (def.coerce) try {
			payload.value = Boolean(payload.value);
		} catch (_) {}
		const input = payload.value;
		if (typeof input === "boolean") return payload;
		payload.issues.push({
			expected: "boolean",
			code: "invalid_type",
			input,
			inst
		});
		return payload;
	};
});
const $ZodUnknown = /*@__PURE__*/ $constructor("$ZodUnknown", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.parse = (payload) => payload;
});
const $ZodNever = /*@__PURE__*/ $constructor("$ZodNever", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, _ctx) => {
		payload.issues.push({
			expected: "never",
			code: "invalid_type",
			input: payload.value,
			inst
		});
		return payload;
	};
});
function capSize(inst, size) {
	const caps = sizeCaps(inst._zod.def.checks);
	if (!caps.length) return;
	const cap = Math.min(...caps.map((c) => c[0]));
	const parse = inst._zod.parse;
	inst._zod.parse = (payload, ctx) => {
		const n = size(payload.value);
		if (n > cap && !ctx?.skipChecks && ctx?.direction !== "backward") {
			for (const [max, ch] of sizeCaps(inst._zod.def.checks)) if (n > max && ch._zod.def.when(payload)) {
				const start = payload.issues.length;
				ch._zod.check(payload);
				payload.issues[start].continue = false;
				attachSchema(payload.issues, start, inst);
				return payload;
			}
		}
		return parse(payload, ctx);
	};
}
const arraySize = (input) => Array.isArray(input) ? input.length : -1;
function handleArrayResult(result, final, index) {
	if (result.issues.length) final.issues.push(...prefixIssues(index, result.issues));
	final.value[index] = result.value;
}
const $ZodArray = /*@__PURE__*/ $constructor("$ZodArray", (inst, def) => {
	$ZodType.init(inst, def);
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		const input = payload.value;
		if (!Array.isArray(input)) {
			payload.issues.push({
				expected: "array",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		payload.value = memo ? memo.alloc(inst, payload, Array(input.length), ctx) : Array(input.length);
		const proms = [];
		const abortEarly = ctx?.abortEarly;
		for (let i = 0; i < input.length; i++) {
			const item = input[i];
			const result = def.element._zod.run({
				value: item,
				issues: []
			}, ctx);
			if (result instanceof Promise) proms.push(result.then((result) => handleArrayResult(result, payload, i)));
			else {
				handleArrayResult(result, payload, i);
				if (abortEarly && result.issues.length !== 0 && aborted(result)) break;
			}
		}
		if (proms.length) return Promise.all(proms).then(() => payload);
		return payload;
	};
	capSize(inst, arraySize);
});
function handlePropertyResult(result, final, key, input, optin, optout) {
	const isPresent = key in input;
	const isOptionalOut = optout === "optional";
	if (!isPresent && isOptionalOut && optin === "optional") return;
	if (result.issues.length) {
		if (optin !== void 0 && isOptionalOut && !isPresent) return;
		final.issues.push(...prefixIssues(key, result.issues));
	}
	if (!isPresent && optin === void 0) {
		if (!result.issues.length) final.issues.push({
			code: "invalid_type",
			expected: "nonoptional",
			input: void 0,
			path: [key]
		});
		return;
	}
	if (result.value === void 0) {
		if (isPresent || optin === "defaulted" && !isOptionalOut) final.value[key] = void 0;
	} else final.value[key] = result.value;
}
const NO_SYMBOL_KEYS = [];
function normalizeDef(def) {
	const keys = Object.keys(def.shape);
	const ownSymbols = Object.getOwnPropertySymbols(def.shape);
	const symbolKeys = ownSymbols.length ? ownSymbols : NO_SYMBOL_KEYS;
	const allKeys = symbolKeys.length ? [...keys, ...symbolKeys] : keys;
	for (const k of allKeys) if (!def.shape?.[k]?._zod?.traits?.has("$ZodType")) throw new Error(`Invalid element at key "${String(k)}": expected a Zod schema`);
	const okeys = optionalKeys(def.shape);
	return {
		...def,
		allKeys,
		symbolKeys,
		keySet: new Set(keys),
		numKeys: keys.length,
		optionalKeys: new Set(okeys)
	};
}
function handleCatchall(proms, input, payload, ctx, def, inst, abortEarly) {
	const unrecognized = [];
	const keySet = def.keySet;
	const _catchall = def.catchall._zod;
	const t = _catchall.def.type;
	const optin = _catchall.optin;
	const optout = _catchall.optout;
	let seen = 0;
	for (const key in input) {
		if (abortEarly && payload.issues.length !== seen) {
			if (aborted(payload, seen)) break;
			seen = payload.issues.length;
		}
		if (keySet.has(key)) continue;
		if (key === "__proto__") {
			if (t === "never") unrecognized.push(key);
			continue;
		}
		if (t === "never") {
			unrecognized.push(key);
			continue;
		}
		const r = _catchall.run({
			value: input[key],
			issues: []
		}, ctx);
		if (r instanceof Promise) proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
		else handlePropertyResult(r, payload, key, input, optin, optout);
	}
	if (unrecognized.length) payload.issues.push({
		code: "unrecognized_keys",
		keys: unrecognized,
		input,
		inst,
		continue: true
	});
	if (!proms.length) return payload;
	return Promise.all(proms).then(() => {
		return payload;
	});
}
const $ZodObject = /*@__PURE__*/ $constructor("$ZodObject", (inst, def) => {
	$ZodType.init(inst, def);
	const desc = Object.getOwnPropertyDescriptor(def, "shape");
	const sh = desc?.get ? desc.get.raw : def.shape ?? {};
	if (sh) {
		const get = () => {
			const newSh = { ...sh };
			Object.defineProperty(def, "shape", { value: newSh });
			get.raw = newSh;
			return newSh;
		};
		get.raw = sh;
		Object.defineProperty(def, "shape", { get });
	}
	const _normalized = cached(() => normalizeDef(def));
	defineLazyInternal(inst, "propValues", (zod) => {
		const shape = zod.def.shape;
		const propValues = {};
		for (const key in shape) {
			const field = shape[key]._zod;
			if (field.values) {
				if (!Object.prototype.hasOwnProperty.call(propValues, key)) assignProp(propValues, key, /* @__PURE__ */ new Set());
				for (const v of field.values) propValues[key].add(v);
				if (field.optin !== void 0) propValues[key].add(void 0);
			}
		}
		return propValues;
	});
	const isObject$1 = isObject;
	const catchall = def.catchall;
	let value;
	const memo = globalConfig.memoizer;
	memo?.attach(inst);
	inst._zod.parse = (payload, ctx) => {
		value ?? (value = _normalized.value);
		const input = payload.value;
		if (!isObject$1(input)) {
			payload.issues.push({
				expected: "object",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		payload.value = memo ? memo.alloc(inst, payload, {}, ctx) : {};
		const proms = [];
		const shape = value.shape;
		const abortEarly = ctx?.abortEarly;
		let seen = payload.issues.length;
		for (const key of value.allKeys) {
			if (abortEarly && payload.issues.length !== seen) {
				if (aborted(payload, seen)) break;
				seen = payload.issues.length;
			}
			if (key === "__proto__") continue;
			const el = shape[key];
			const optin = el._zod.optin;
			const optout = el._zod.optout;
			const r = el._zod.run({
				value: input[key],
				issues: []
			}, ctx);
			if (r instanceof Promise) proms.push(r.then((r) => handlePropertyResult(r, payload, key, input, optin, optout)));
			else handlePropertyResult(r, payload, key, input, optin, optout);
		}
		if (!catchall) return proms.length ? Promise.all(proms).then(() => payload) : payload;
		return handleCatchall(proms, input, payload, ctx, _normalized.value, inst, abortEarly === true);
	};
});
const $ZodObjectJIT = /*@__PURE__*/ $constructor("$ZodObjectJIT", (inst, def) => {
	$ZodObject.init(inst, def);
	const superParse = inst._zod.parse;
	const _normalized = cached(() => normalizeDef(def));
	const memo = globalConfig.memoizer;
	const generateFastpass = (shape) => {
		const normalized = _normalized.value;
		const syms = normalized.symbolKeys;
		const doc = new Doc(["payload", "ctx"], {
			shape,
			inst,
			memo,
			syms
		});
		const parseStr = (k) => `shape[${k}]._zod.run({ value: input[${k}], issues: [] }, ctx)`;
		const prefixStr = (id, k) => `
          let ${id}_ab = false;
          for (let i = 0; i < ${id}.issues.length; i++) {
            const iss = ${id}.issues[i];
            iss.path = iss.path ? [${k}, ...iss.path] : [${k}];
            payload.issues.push(iss);
            if (iss.continue !== true) ${id}_ab = true;
          }
          if (${id}_ab && ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }`;
		doc.write(`const input = payload.value;`);
		const ids = Object.create(null);
		let counter = 0;
		for (const key of normalized.allKeys) ids[key] = `key_${counter++}`;
		doc.write(memo ? `const newResult = memo.alloc(inst, payload, {}, ctx);` : `const newResult = {};`);
		for (const key of normalized.allKeys) {
			if (key === "__proto__") continue;
			const id = ids[key];
			const k = typeof key === "symbol" ? `syms[${syms.indexOf(key)}]` : esc(key);
			const isPresent = `${k} in input`;
			const schema = shape[key];
			const optin = schema?._zod?.optin;
			const isOptionalIn = optin !== void 0;
			const isOptionalOut = schema?._zod?.optout === "optional";
			doc.write(`const ${id} = ${parseStr(k)};`);
			if (isOptionalIn && isOptionalOut) {
				const assign = optin === "optional" ? `${id}_present` : `${id}.value !== undefined || ${id}_present`;
				doc.write(`
        const ${id}_present = ${isPresent};
        if (!${id}.issues.length || ${id}_present) {
          if (${id}.issues.length) {${prefixStr(id, k)}
          }

          if (${assign}) {
            newResult[${k}] = ${id}.value;
          }
        }

      `);
			} else if (!isOptionalIn) doc.write(`
        const ${id}_present = ${isPresent};
        if (${id}.issues.length) {${prefixStr(id, k)}
        }
        if (!${id}_present && !${id}.issues.length) {
          payload.issues.push({
            code: "invalid_type",
            expected: "nonoptional",
            input: undefined,
            path: [${k}]
          });
          if (ctx && ctx.abortEarly) {
            payload.value = newResult;
            return payload;
          }
        }

        if (${id}_present) {
          newResult[${k}] = ${id}.value;
        }

      `);
			else {
				doc.write(`
        if (${id}.issues.length) {${prefixStr(id, k)}
        }
      `);
				if (optin === "defaulted") doc.write(`newResult[${k}] = ${id}.value;`);
				else doc.write(`
        if (${id}.value !== undefined || ${isPresent}) {
          newResult[${k}] = ${id}.value;
        }
      `);
			}
		}
		doc.write(`payload.value = newResult;`);
		doc.write(`return payload;`);
		return doc.compile();
	};
	let fastpass;
	const isObject$2 = isObject;
	const jit = !globalConfig.jitless;
	const fastEnabled = jit && allowsEval.value;
	const catchall = def.catchall;
	let value;
	inst._zod.parse = (payload, ctx) => {
		value ?? (value = _normalized.value);
		const input = payload.value;
		if (!isObject$2(input)) {
			payload.issues.push({
				expected: "object",
				code: "invalid_type",
				input,
				inst
			});
			return payload;
		}
		if (jit && fastEnabled && ctx?.async === false && ctx.jitless !== true) {
			if (!fastpass) fastpass = generateFastpass(def.shape);
			payload = fastpass(payload, ctx);
			if (!catchall) return payload;
			return handleCatchall([], input, payload, ctx, value, inst, ctx?.abortEarly === true);
		}
		return superParse(payload, ctx);
	};
});
function handleUnionResults(results, final, inst, ctx) {
	for (const result of results) if (result.issues.length === 0) {
		final.value = result.value;
		return final;
	}
	const nonaborted = results.filter((r) => !aborted(r));
	if (nonaborted.length === 1) {
		final.value = nonaborted[0].value;
		return nonaborted[0];
	}
	final.issues.push({
		code: "invalid_union",
		input: final.value,
		inst,
		errors: results.map((result) => result.issues.map((iss) => finalizeIssue(iss, ctx, config())))
	});
	return final;
}
const $ZodUnion = /*@__PURE__*/ $constructor("$ZodUnion", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.options.some((o) => o._zod.optin === "defaulted") ? "defaulted" : zod.def.options.some((o) => o._zod.optin !== void 0) ? "optional" : void 0);
	defineLazyInternal(inst, "optout", (zod) => zod.def.options.some((o) => o._zod.optout === "optional") ? "optional" : void 0);
	defineLazyInternal(inst, "values", (zod) => {
		if (zod.def.options.every((o) => o._zod.values)) return new Set(zod.def.options.flatMap((option) => Array.from(option._zod.values)));
	});
	defineLazyInternal(inst, "pattern", (zod) => {
		if (zod.def.options.every((o) => o._zod.pattern)) {
			const patterns = zod.def.options.map((o) => o._zod.pattern);
			return new RegExp(`^(${patterns.map((p) => cleanRegex(p.source)).join("|")})$`);
		}
	});
	const first = def.options.length === 1 ? def.options[0]._zod.run : null;
	inst._zod.parse = (payload, ctx) => {
		if (first) return first(payload, ctx);
		let async = false;
		const results = [];
		for (const option of def.options) {
			const result = option._zod.run({
				value: payload.value,
				issues: []
			}, ctx);
			if (result instanceof Promise) {
				results.push(result);
				async = true;
			} else {
				if (result.issues.length === 0) return result;
				results.push(result);
			}
		}
		if (!async) return handleUnionResults(results, payload, inst, ctx);
		return Promise.all(results).then((results) => {
			return handleUnionResults(results, payload, inst, ctx);
		});
	};
});
const $ZodIntersection = /*@__PURE__*/ $constructor("$ZodIntersection", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, ctx) => {
		const input = payload.value;
		const left = def.left._zod.run({
			value: input,
			issues: []
		}, ctx);
		const right = def.right._zod.run({
			value: input,
			issues: []
		}, ctx);
		if (left instanceof Promise || right instanceof Promise) return Promise.all([left, right]).then(([left, right]) => {
			return handleIntersectionResults(payload, left, right);
		});
		return handleIntersectionResults(payload, left, right);
	};
});
function mergeValues(a, b) {
	if (a === b) return {
		valid: true,
		data: a
	};
	if (a instanceof Date && b instanceof Date && +a === +b) return {
		valid: true,
		data: a
	};
	if (isPlainObject(a) && isPlainObject(b)) {
		const bKeys = Object.keys(b);
		const sharedKeys = Object.keys(a).filter((key) => bKeys.indexOf(key) !== -1);
		const newObj = {
			...a,
			...b
		};
		if (Object.prototype.hasOwnProperty.call(newObj, "__proto__")) delete newObj.__proto__;
		for (const key of sharedKeys) {
			if (key === "__proto__") continue;
			const sharedValue = mergeValues(a[key], b[key]);
			if (!sharedValue.valid) return {
				valid: false,
				mergeErrorPath: [key, ...sharedValue.mergeErrorPath]
			};
			newObj[key] = sharedValue.data;
		}
		return {
			valid: true,
			data: newObj
		};
	}
	if (Array.isArray(a) && Array.isArray(b)) {
		if (a.length !== b.length) return {
			valid: false,
			mergeErrorPath: []
		};
		const newArray = [];
		for (let index = 0; index < a.length; index++) {
			const itemA = a[index];
			const itemB = b[index];
			const sharedValue = mergeValues(itemA, itemB);
			if (!sharedValue.valid) return {
				valid: false,
				mergeErrorPath: [index, ...sharedValue.mergeErrorPath]
			};
			newArray.push(sharedValue.data);
		}
		return {
			valid: true,
			data: newArray
		};
	}
	return {
		valid: false,
		mergeErrorPath: []
	};
}
function handleIntersectionResults(result, left, right) {
	const unrecKeys = /* @__PURE__ */ new Map();
	let unrecIssue;
	const keyIssues = /* @__PURE__ */ new Map();
	const collect = (iss, side) => {
		let keys;
		if (iss.code === "unrecognized_keys" && !iss.path?.length) {
			unrecIssue ?? (unrecIssue = iss);
			keys = iss.keys;
		} else if (iss.code === "invalid_key" && iss.origin === "record" && iss.path?.length === 1) {
			const k = String(iss.path[0]);
			if (!keyIssues.has(k)) keyIssues.set(k, iss);
			keys = [k];
		} else return false;
		for (const k of keys) {
			if (!unrecKeys.has(k)) unrecKeys.set(k, {});
			unrecKeys.get(k)[side] = true;
		}
		return true;
	};
	for (const iss of left.issues) if (!collect(iss, "l")) result.issues.push(iss);
	for (const iss of right.issues) if (!collect(iss, "r")) result.issues.push(iss);
	const bothKeys = [...unrecKeys].filter(([, f]) => f.l && f.r).map(([k]) => k);
	if (bothKeys.length) {
		const aggregated = unrecIssue ? bothKeys.filter((k) => unrecIssue.keys.includes(k)) : [];
		if (aggregated.length) result.issues.push({
			...unrecIssue,
			keys: aggregated
		});
		for (const k of bothKeys) if (!aggregated.includes(k) && keyIssues.has(k)) result.issues.push(keyIssues.get(k));
	}
	const merged = mergeValues(left.value, right.value);
	if (!merged.valid) {
		if (aborted(result)) return result;
		throw new Error(`Unmergable intersection. Error path: ${JSON.stringify(merged.mergeErrorPath)}`);
	}
	result.value = merged.data;
	return result;
}
const $ZodEnum = /*@__PURE__*/ $constructor("$ZodEnum", (inst, def) => {
	$ZodType.init(inst, def);
	const values = getEnumValues(def.entries);
	const valuesSet = new Set(values);
	inst._zod.values = valuesSet;
	defineLazyInternal(inst, "pattern", (zod) => {
		const patternValues = getEnumValues(zod.def.entries).filter((k) => propertyKeyTypes.has(typeof k));
		return new RegExp(patternValues.length ? `^(${patternValues.map((o) => escapeRegex(o.toString())).join("|")})$` : "^[^\\s\\S]$");
	});
	inst._zod.parse = (payload, _ctx) => {
		const input = payload.value;
		if (valuesSet.has(input)) return payload;
		payload.issues.push({
			code: "invalid_value",
			values,
			input,
			inst
		});
		return payload;
	};
});
const $ZodTransform = /*@__PURE__*/ $constructor("$ZodTransform", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "optional";
	globalConfig.memoizer?.guard(inst);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") throw new $ZodEncodeError(inst.constructor.name);
		const _out = def.transform(payload.value, payload);
		if (ctx.async) return (_out instanceof Promise ? _out : Promise.resolve(_out)).then((output) => {
			payload.value = output;
			return payload;
		});
		if (_out instanceof Promise) throw new $ZodAsyncError();
		payload.value = _out;
		return payload;
	};
});
function handleOptionalResult(payload, result) {
	payload.value = result.issues.length ? void 0 : result.value;
	return payload;
}
const $ZodOptional = /*@__PURE__*/ $constructor("$ZodOptional", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
	inst._zod.optout = "optional";
	defineLazyInternal(inst, "values", (zod) => {
		const values = zod.def.innerType._zod.values;
		return values ? /* @__PURE__ */ new Set([...values, void 0]) : void 0;
	});
	defineLazyInternal(inst, "pattern", (zod) => {
		const pattern = zod.def.innerType._zod.pattern;
		return pattern ? new RegExp(`^(${cleanRegex(pattern.source)})?$`) : void 0;
	});
	inst._zod.parse = (payload, ctx) => {
		if (payload.value === void 0) {
			if (def.innerType._zod.optin !== "defaulted") return payload;
			const result = def.innerType._zod.run({
				value: payload.value,
				issues: []
			}, ctx);
			if (result instanceof Promise) return result.then((result) => handleOptionalResult(payload, result));
			return handleOptionalResult(payload, result);
		}
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodExactOptional = /*@__PURE__*/ $constructor("$ZodExactOptional", (inst, def) => {
	$ZodOptional.init(inst, def);
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	defineLazyInternal(inst, "pattern", (zod) => zod.def.innerType._zod.pattern);
	inst._zod.parse = (payload, ctx) => {
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodNullable = /*@__PURE__*/ $constructor("$ZodNullable", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin);
	defineLazyInternal(inst, "optout", (zod) => zod.def.innerType._zod.optout);
	defineLazyInternal(inst, "pattern", (zod) => {
		const pattern = zod.def.innerType._zod.pattern;
		return pattern ? new RegExp(`^(${cleanRegex(pattern.source)}|null)$`) : void 0;
	});
	defineLazyInternal(inst, "values", (zod) => {
		return zod.def.innerType._zod.values ? /* @__PURE__ */ new Set([...zod.def.innerType._zod.values, null]) : void 0;
	});
	inst._zod.parse = (payload, ctx) => {
		if (payload.value === null) return payload;
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodDefault = /*@__PURE__*/ $constructor("$ZodDefault", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "defaulted";
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		if (payload.value === void 0) {
			payload.value = def.defaultValue;
			/**
			* $ZodDefault returns the default value immediately in forward direction.
			* It doesn't pass the default value into the validator ("prefault"). There's no reason to pass the default value through validation. The validity of the default is enforced by TypeScript statically. Otherwise, it's the responsibility of the user to ensure the default is valid. In the case of pipes with divergent in/out types, you can specify the default on the `in` schema of your ZodPipe to set a "prefault" for the pipe.   */
			return payload;
		}
		const result = def.innerType._zod.run(payload, ctx);
		if (result instanceof Promise) return result.then((result) => handleDefaultResult(result, def));
		return handleDefaultResult(result, def);
	};
});
function handleDefaultResult(payload, def) {
	if (payload.value === void 0) payload.value = def.defaultValue;
	return payload;
}
const $ZodPrefault = /*@__PURE__*/ $constructor("$ZodPrefault", (inst, def) => {
	$ZodType.init(inst, def);
	inst._zod.optin = "defaulted";
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		if (payload.value === void 0) payload.value = def.defaultValue;
		return def.innerType._zod.run(payload, ctx);
	};
});
const $ZodNonOptional = /*@__PURE__*/ $constructor("$ZodNonOptional", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "values", (zod) => {
		const v = zod.def.innerType._zod.values;
		return v ? new Set([...v].filter((x) => x !== void 0)) : void 0;
	});
	inst._zod.parse = (payload, ctx) => {
		const result = def.innerType._zod.run(payload, ctx);
		if (result instanceof Promise) return result.then((result) => handleNonOptionalResult(result, inst));
		return handleNonOptionalResult(result, inst);
	};
});
function handleNonOptionalResult(payload, inst) {
	if (!payload.issues.length && payload.value === void 0) payload.issues.push({
		code: "invalid_type",
		expected: "nonoptional",
		input: payload.value,
		inst
	});
	return payload;
}
function handleCatchResult(payload, result, def, ctx) {
	if (!result.issues.length) {
		payload.value = result.value;
		if (result.memo) payload.memo = true;
		return payload;
	}
	payload.value = def.catchValue({
		...result,
		value: payload.value,
		error: { issues: result.issues.map((iss) => finalizeIssue(iss, ctx, config())) },
		input: payload.value
	});
	return payload;
}
const $ZodCatch = /*@__PURE__*/ $constructor("$ZodCatch", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType._zod.optin === "defaulted" ? "defaulted" : "optional");
	defineLazyInternal(inst, "optout", (zod) => zod.def.innerType._zod.optout);
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		const result = def.innerType._zod.run({
			value: payload.value,
			issues: []
		}, ctx);
		if (result instanceof Promise) return result.then((result) => handleCatchResult(payload, result, def, ctx));
		return handleCatchResult(payload, result, def, ctx);
	};
});
const $ZodPipe = /*@__PURE__*/ $constructor("$ZodPipe", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "values", (zod) => zod.def.in._zod.values);
	defineLazyInternal(inst, "optin", (zod) => zod.def.in._zod.optin);
	defineLazyInternal(inst, "optout", (zod) => zod.def.out._zod.optout);
	defineLazyInternal(inst, "propValues", (zod) => zod.def.in._zod.propValues);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") {
			const right = def.out._zod.run(payload, ctx);
			if (right instanceof Promise) return right.then((right) => handlePipeResult(right, def.in, ctx));
			return handlePipeResult(right, def.in, ctx);
		}
		const left = def.in._zod.run(payload, ctx);
		if (left instanceof Promise) return left.then((left) => handlePipeResult(left, def.out, ctx));
		return handlePipeResult(left, def.out, ctx);
	};
});
function handlePipeResult(left, next, ctx) {
	if (left.issues.some((iss) => iss.code !== "unrecognized_keys")) {
		left.aborted = true;
		return left;
	}
	return next._zod.run({
		value: left.value,
		issues: left.issues
	}, ctx);
}
const $ZodReadonly = /*@__PURE__*/ $constructor("$ZodReadonly", (inst, def) => {
	$ZodType.init(inst, def);
	defineLazyInternal(inst, "propValues", (zod) => zod.def.innerType._zod.propValues);
	defineLazyInternal(inst, "values", (zod) => zod.def.innerType._zod.values);
	defineLazyInternal(inst, "optin", (zod) => zod.def.innerType?._zod?.optin);
	defineLazyInternal(inst, "optout", (zod) => zod.def.innerType?._zod?.optout);
	inst._zod.parse = (payload, ctx) => {
		if (ctx.direction === "backward") return def.innerType._zod.run(payload, ctx);
		const result = def.innerType._zod.run(payload, ctx);
		if (result instanceof Promise) return result.then(handleReadonlyResult);
		return handleReadonlyResult(result);
	};
});
function handleReadonlyResult(payload) {
	if (!payload.memo) payload.value = Object.freeze(payload.value);
	return payload;
}
const $ZodCustom = /*@__PURE__*/ $constructor("$ZodCustom", (inst, def) => {
	$ZodCheck.init(inst, def);
	$ZodType.init(inst, def);
	inst._zod.parse = (payload, _) => {
		return payload;
	};
	inst._zod.check = (payload) => {
		const input = payload.value;
		const r = def.fn(input);
		if (r instanceof Promise) return r.then((r) => handleRefineResult(r, payload, input, inst));
		handleRefineResult(r, payload, input, inst);
	};
});
function handleRefineResult(result, payload, input, inst) {
	if (!result) {
		const _iss = {
			code: "custom",
			input,
			inst,
			path: [...inst._zod.def.path ?? []],
			continue: !inst._zod.def.abort
		};
		if (inst._zod.def.params) _iss.params = inst._zod.def.params;
		payload.issues.push(issue(_iss));
	}
}
// ../../../../work/main/node_modules/zod/v4/core/memoizer.js
var $ZodCyclicError = class extends Error {
	constructor() {
		super(`Cannot parse a reference cycle that closes through a transform`);
		this.name = "ZodCyclicError";
	}
};
/** Keyed off the context object every schema in one parse call already shares. */
const STATE = "~memo";
const NO_ISSUES = [];
function isRef(value) {
	return value !== null && typeof value === "object";
}
function cloneIssues(issues) {
	return issues.map((iss) => iss.path ? {
		...iss,
		path: iss.path.slice()
	} : { ...iss });
}
const recursive = /*@__PURE__*/ new WeakMap();
/** What the walk established, in order of certainty: ordered so the strongest answer among children wins. */
const NONE = 0;
const ASSUMED = 1;
const PROVEN = 2;
/** Whether this schema's subtree contains a cycle, so one parse can re-enter it. */
function isRecursive(inst, stack, resolve) {
	const cached = recursive.get(inst);
	if (cached !== void 0) return cached ? PROVEN : NONE;
	if (stack.has(inst)) return PROVEN;
	stack.add(inst);
	let result = NONE;
	const check = (child) => {
		if (result !== PROVEN && child?._zod) {
			const answer = isRecursive(child, stack, resolve);
			if (answer > result) result = answer;
		}
	};
	const shape = (sh, spread) => {
		let answer = NONE;
		for (const key of Reflect.ownKeys(sh)) {
			const desc = Object.getOwnPropertyDescriptor(sh, key);
			if (spread && !desc.enumerable) continue;
			const child = desc.get ? ASSUMED : desc.value?._zod ? isRecursive(desc.value, stack, resolve) : NONE;
			if (child > answer) answer = child;
		}
		return answer;
	};
	const merge = (answer) => {
		if (answer > result) result = answer;
	};
	const def = inst._zod.def;
	switch (def.type) {
		case "object": {
			const raw = rawShape(def);
			merge(raw ? shape(raw, true) : ASSUMED);
			check(def.catchall);
			break;
		}
		case "array":
			check(def.element);
			break;
		case "tuple":
			for (const el of def.items) check(el);
			check(def.rest);
			break;
		case "record":
		case "map":
			check(def.keyType);
			check(def.valueType);
			break;
		case "set":
			check(def.valueType);
			break;
		case "union":
			for (const el of def.options) check(el);
			break;
		case "intersection":
			check(def.left);
			check(def.right);
			break;
		case "optional":
		case "nullable":
		case "default":
		case "prefault":
		case "catch":
		case "readonly":
		case "nonoptional":
		case "promise":
		case "success":
			check(def.innerType);
			break;
		case "pipe":
			check(def.in);
			check(def.out);
			break;
		case "function":
			check(def.input);
			check(def.output);
			break;
		case "lazy": {
			const inner = def._cachedInner ?? (resolve ? inst._zod.innerType : void 0);
			merge(inner ? isRecursive(inner, stack, false) : ASSUMED);
			break;
		}
		case "template_literal":
		case "string":
		case "number":
		case "int":
		case "boolean":
		case "bigint":
		case "symbol":
		case "undefined":
		case "null":
		case "void":
		case "never":
		case "any":
		case "unknown":
		case "date":
		case "nan":
		case "enum":
		case "literal":
		case "file":
		case "transform":
		case "custom": break;
		default: for (const key in def) {
			const desc = Object.getOwnPropertyDescriptor(def, key);
			if (!desc || desc.get) continue;
			const value = desc.value;
			if (!value || typeof value !== "object") continue;
			if (value._zod) check(value);
			else if (Array.isArray(value)) for (const el of value) check(el);
		}
	}
	stack.delete(inst);
	return settle(inst, result);
}
/** An assumed answer must not outlive the resolution that settles it, so only a certain one is cached. */
function settle(inst, answer) {
	if (answer !== ASSUMED) recursive.set(inst, answer === PROVEN);
	return answer;
}
function bucketFor(state, inst) {
	let bucket = state.buckets.get(inst);
	if (!bucket) {
		bucket = /* @__PURE__ */ new WeakMap();
		state.buckets.set(inst, bucket);
	}
	return bucket;
}
let handoff;
const open$1 = [];
const memo = {
	alloc(_inst, payload, empty) {
		const bucket = handoff;
		if (!bucket) return empty;
		handoff = void 0;
		const entry = {
			value: empty,
			issues: null
		};
		bucket.set(payload.value, entry);
		open$1.push(entry);
		return empty;
	},
	guard(inst) {
		var _a;
		(_a = inst._zod).deferred ?? (_a.deferred = []);
		inst._zod.deferred.push(() => {
			const base = inst._zod.parse;
			const wrapped = (payload, ctx) => {
				if (ctx.direction !== "backward" && isBackEdge(ctx, payload.value)) throw new $ZodCyclicError();
				return base(payload, ctx);
			};
			inst._zod.parse = wrapped;
			if (inst._zod.run === base) inst._zod.run = wrapped;
		});
	},
	attach(inst) {
		var _a;
		let isRecursiveInst;
		let rechecked = false;
		let lastCtx;
		let lastBucket;
		(_a = inst._zod).deferred ?? (_a.deferred = []);
		inst._zod.deferred.push(() => {
			const base = inst._zod.parse;
			const wrapped = (payload, ctx) => {
				if (isRecursiveInst === void 0) {
					const walked = isRecursive(inst, /* @__PURE__ */ new Set(), false);
					if (walked === NONE) {
						inst._zod.parse = base;
						if (inst._zod.run === wrapped) inst._zod.run = base;
						return base(payload, ctx);
					}
					if (walked === PROVEN || rechecked) isRecursiveInst = true;
					else rechecked = true;
				}
				const input = payload.value;
				if (!isRef(input)) return base(payload, ctx);
				let state = ctx[STATE];
				if (!state) {
					state = {
						buckets: /* @__PURE__ */ new WeakMap(),
						backEdges: void 0
					};
					ctx[STATE] = state;
				}
				let bucket;
				if (lastCtx === ctx) bucket = lastBucket;
				else {
					bucket = bucketFor(state, inst);
					lastCtx = ctx;
					lastBucket = bucket;
				}
				const hit = bucket.get(input);
				if (hit) {
					payload.value = hit.value;
					if (hit.issues) {
						if (hit.issues.length) payload.issues.push(...cloneIssues(hit.issues));
					} else {
						payload.memo = true;
						state.backEdges ?? (state.backEdges = /* @__PURE__ */ new WeakSet());
						state.backEdges.add(hit.value);
					}
					return payload;
				}
				handoff = bucket;
				const depth = open$1.length;
				const result = base(payload, ctx);
				handoff = void 0;
				const entry = open$1.length > depth ? open$1.pop() : void 0;
				if (result instanceof Promise) return result.then((r) => {
					if (entry) entry.issues = r.issues.length ? cloneIssues(r.issues) : NO_ISSUES;
					return r;
				});
				if (entry) entry.issues = result.issues.length ? cloneIssues(result.issues) : NO_ISSUES;
				return result;
			};
			inst._zod.parse = wrapped;
			if (inst._zod.run === base) inst._zod.run = wrapped;
		});
	}
};
/** The memoizer that gives containers cycle support. `zod` installs it by default; `zod/mini` opts in with `config({ memoizer: memoizer() })`. */
function memoizer() {
	return memo;
}
/** Whether this value is a node a back-edge resolved to before it finished. */
function isBackEdge(ctx, value) {
	const backEdges = ctx[STATE]?.backEdges;
	return backEdges !== void 0 && isRef(value) && backEdges.has(value);
}
// ../../../../work/main/node_modules/zod/v4/locales/en.js
const error = () => {
	const Sizable = {
		string: {
			unit: "characters",
			verb: "to have"
		},
		file: {
			unit: "bytes",
			verb: "to have"
		},
		array: {
			unit: "items",
			verb: "to have"
		},
		set: {
			unit: "items",
			verb: "to have"
		},
		map: {
			unit: "entries",
			verb: "to have"
		}
	};
	function getSizing(origin) {
		return Sizable[origin] ?? null;
	}
	const FormatDictionary = {
		regex: "input",
		email: "email address",
		url: "URL",
		emoji: "emoji",
		uuid: "UUID",
		uuidv4: "UUIDv4",
		uuidv6: "UUIDv6",
		nanoid: "nanoid",
		guid: "GUID",
		cuid: "cuid",
		cuid2: "cuid2",
		ulid: "ULID",
		xid: "XID",
		ksuid: "KSUID",
		datetime: "ISO datetime",
		date: "ISO date",
		time: "ISO time",
		duration: "ISO duration",
		ipv4: "IPv4 address",
		ipv6: "IPv6 address",
		mac: "MAC address",
		cidrv4: "IPv4 range",
		cidrv6: "IPv6 range",
		base64: "base64-encoded string",
		base64url: "base64url-encoded string",
		json_string: "JSON string",
		e164: "E.164 number",
		currency_code: "currency code",
		credit_card: "credit card number",
		iban: "IBAN",
		jwt: "JWT",
		template_literal: "input"
	};
	const TypeDictionary = { nan: "NaN" };
	function getTypeName(type, input) {
		if (type === "number" && typeof input === "number" && !Number.isFinite(input)) return String(input);
		return TypeDictionary[type] ?? type;
	}
	return (issue) => {
		switch (issue.code) {
			case "invalid_type": return `Invalid input: expected ${getTypeName(issue.expected)}, received ${getTypeName(parsedType(issue.input), issue.input)}`;
			case "invalid_value":
				if (issue.values.length === 1) return `Invalid input: expected ${stringifyPrimitive(issue.values[0])}`;
				return `Invalid option: expected one of ${joinValues(issue.values, "|")}`;
			case "too_big": {
				const adj = issue.exact ? "exactly " : issue.inclusive ? "<=" : "<";
				const sizing = getSizing(issue.origin);
				if (sizing) return `Too big: expected ${issue.origin ?? "value"} to have ${adj}${issue.maximum.toString()} ${sizing.unit ?? "elements"}`;
				return `Too big: expected ${issue.origin ?? "value"} to be ${adj}${issue.maximum.toString()}`;
			}
			case "too_small": {
				const adj = issue.exact ? "exactly " : issue.inclusive ? ">=" : ">";
				const sizing = getSizing(issue.origin);
				if (sizing) return `Too small: expected ${issue.origin} to have ${adj}${issue.minimum.toString()} ${sizing.unit}`;
				return `Too small: expected ${issue.origin} to be ${adj}${issue.minimum.toString()}`;
			}
			case "invalid_format": {
				const _issue = issue;
				if (_issue.format === "starts_with") return `Invalid string: must start with "${_issue.prefix}"`;
				if (_issue.format === "ends_with") return `Invalid string: must end with "${_issue.suffix}"`;
				if (_issue.format === "includes") return `Invalid string: must include "${_issue.includes}"`;
				if (_issue.format === "regex") return `Invalid string: must match pattern ${_issue.pattern}`;
				return `Invalid ${FormatDictionary[_issue.format] ?? issue.format}`;
			}
			case "not_multiple_of": return `Invalid number: must be a multiple of ${issue.divisor}`;
			case "unrecognized_keys": return `Unrecognized key${issue.keys.length > 1 ? "s" : ""}: ${joinValues(issue.keys, ", ")}`;
			case "invalid_key": return `Invalid key in ${issue.origin}`;
			case "invalid_union":
				if (issue.options && Array.isArray(issue.options) && issue.options.length > 0) return `Invalid discriminator value. Expected ${issue.options.map((o) => `'${o}'`).join(" | ")}`;
				if (issue.inclusive === false) return "Invalid input: more than one option matched";
				return "Invalid input";
			case "invalid_element": return `Invalid value in ${issue.origin}`;
			default: return `Invalid input`;
		}
	};
};
function en_default() {
	return { localeError: error() };
}
// ../../../../work/main/node_modules/zod/v4/core/registries.js
var _a;
var $ZodRegistry = class {
	constructor() {
		this._map = /* @__PURE__ */ new WeakMap();
		this._idmap = /* @__PURE__ */ new Map();
	}
	add(schema, ..._meta) {
		const meta = _meta[0];
		this._map.set(schema, meta);
		if (meta && typeof meta === "object" && "id" in meta) this._idmap.set(meta.id, schema);
		return this;
	}
	clear() {
		this._map = /* @__PURE__ */ new WeakMap();
		this._idmap = /* @__PURE__ */ new Map();
		return this;
	}
	remove(schema) {
		const meta = this._map.get(schema);
		if (meta && typeof meta === "object" && "id" in meta) this._idmap.delete(meta.id);
		this._map.delete(schema);
		return this;
	}
	get(schema) {
		const p = schema._zod.parent;
		if (p) {
			const pm = { ...this.get(p) ?? {} };
			delete pm.id;
			const f = {
				...pm,
				...this._map.get(schema)
			};
			return Object.keys(f).length ? f : void 0;
		}
		return this._map.get(schema);
	}
	has(schema) {
		return this._map.has(schema);
	}
};
function registry() {
	return new $ZodRegistry();
}
(_a = globalThis).__zod_globalRegistry ?? (_a.__zod_globalRegistry = registry());
const globalRegistry = globalThis.__zod_globalRegistry;
// ../../../../work/main/node_modules/zod/v4/core/api.js
function snapshotChecks(def) {
	if (def.checks) def.checks = [...def.checks];
	return def;
}
// @__NO_SIDE_EFFECTS__
function _number(Class, params) {
	return new Class(snapshotChecks({
		type: "number",
		checks: [],
		...normalizeParams(params)
	}));
}
// @__NO_SIDE_EFFECTS__
function _int(Class, params) {
	return new Class({
		type: "number",
		check: "number_format",
		abort: false,
		format: "safeint",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _boolean(Class, params) {
	return new Class({
		type: "boolean",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _unknown(Class) {
	return new Class({ type: "unknown" });
}
// @__NO_SIDE_EFFECTS__
function _never(Class, params) {
	return new Class({
		type: "never",
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _lt(value, params) {
	return new $ZodCheckLessThan({
		check: "less_than",
		...normalizeParams(params),
		value,
		inclusive: false
	});
}
// @__NO_SIDE_EFFECTS__
function _lte(value, params) {
	return new $ZodCheckLessThan({
		check: "less_than",
		...normalizeParams(params),
		value,
		inclusive: true
	});
}
// @__NO_SIDE_EFFECTS__
function _gt(value, params) {
	return new $ZodCheckGreaterThan({
		check: "greater_than",
		...normalizeParams(params),
		value,
		inclusive: false
	});
}
// @__NO_SIDE_EFFECTS__
function _gte(value, params) {
	return new $ZodCheckGreaterThan({
		check: "greater_than",
		...normalizeParams(params),
		value,
		inclusive: true
	});
}
// @__NO_SIDE_EFFECTS__
function _multipleOf(value, params) {
	return new $ZodCheckMultipleOf({
		check: "multiple_of",
		...normalizeParams(params),
		value
	});
}
// @__NO_SIDE_EFFECTS__
function _maxLength(maximum, params) {
	return new $ZodCheckMaxLength({
		check: "max_length",
		...normalizeParams(params),
		maximum
	});
}
// @__NO_SIDE_EFFECTS__
function _minLength(minimum, params) {
	return new $ZodCheckMinLength({
		check: "min_length",
		...normalizeParams(params),
		minimum
	});
}
// @__NO_SIDE_EFFECTS__
function _length(length, params) {
	return new $ZodCheckLengthEquals({
		check: "length_equals",
		...normalizeParams(params),
		length
	});
}
// @__NO_SIDE_EFFECTS__
function _overwrite(tx) {
	return new $ZodCheckOverwrite({
		check: "overwrite",
		tx
	});
}
// @__NO_SIDE_EFFECTS__
function _array(Class, element, params) {
	return new Class({
		type: "array",
		element,
		...normalizeParams(params)
	});
}
// @__NO_SIDE_EFFECTS__
function _refine(Class, fn, _params) {
	return new Class({
		type: "custom",
		check: "custom",
		fn,
		...normalizeParams(_params)
	});
}
// @__NO_SIDE_EFFECTS__
function _superRefine(fn, params) {
	const ch = /* @__PURE__ */ _check((payload) => {
		payload.addIssue = (issue$2) => {
			if (typeof issue$2 === "string") payload.issues.push(issue(issue$2, payload.value, ch._zod.def));
			else {
				const _issue = issue$2;
				if (_issue.fatal) _issue.continue = false;
				_issue.code ?? (_issue.code = "custom");
				if (!("input" in _issue)) _issue.input = payload.value;
				_issue.inst ?? (_issue.inst = ch);
				_issue.continue ?? (_issue.continue = !ch._zod.def.abort);
				payload.issues.push(issue(_issue));
			}
		};
		return fn(payload.value, payload);
	}, params);
	return ch;
}
// @__NO_SIDE_EFFECTS__
function _check(fn, params) {
	const ch = new $ZodCheck({
		check: "custom",
		...normalizeParams(params)
	});
	ch._zod.check = fn;
	return ch;
}
// ../../../../work/main/node_modules/zod/v4/core/to-json-schema.js
function assignProps(target, ...sources) {
	for (const source of sources) for (const key of Reflect.ownKeys(source)) if (Object.prototype.propertyIsEnumerable.call(source, key)) assignProp(target, key, source[key]);
	return target;
}
function initializeContext(params) {
	let target = params?.target ?? "draft-2020-12";
	if (target === "draft-4") target = "draft-04";
	if (target === "draft-7") target = "draft-07";
	return {
		processors: params.processors ?? {},
		metadataRegistry: params?.metadata ?? globalRegistry,
		target,
		unrepresentable: params?.unrepresentable ?? "throw",
		override: params?.override ?? (() => {}),
		io: params?.io ?? "output",
		counter: 0,
		seen: /* @__PURE__ */ new Map(),
		sharedDefsExtractedFor: void 0,
		sharedEmitDoneFor: void 0,
		cycles: params?.cycles ?? "ref",
		reused: params?.reused ?? "inline",
		intersections: [],
		deferred: [],
		external: params?.external ?? void 0
	};
}
/**
* Applies the `unrepresentable` setting at a site that has no JSON Schema equivalent. Throws
* `message` unless the setting (or the handler's return value) says otherwise. Returns `true` if a
* custom JSON Schema was written into `json`, in which case the caller must not write its own.
*/
function handleUnrepresentable(schema, ctx, json, params, message) {
	const result = typeof ctx.unrepresentable === "function" ? ctx.unrepresentable({
		zodSchema: schema,
		path: params.path,
		message
	}) : ctx.unrepresentable;
	if (result === "any") return false;
	if (result === void 0 || result === "throw") throw new Error(message);
	Object.assign(json, result);
	return true;
}
function processSchema(schema, ctx, _params = {
	path: [],
	schemaPath: []
}) {
	var _a;
	const def = schema._zod.def;
	const seen = ctx.seen.get(schema);
	if (seen) {
		seen.count++;
		if (_params.schemaPath.includes(schema)) seen.cycle = _params.path;
		return seen.schema;
	}
	const result = {
		schema: {},
		count: 1,
		cycle: void 0,
		path: _params.path
	};
	ctx.seen.set(schema, result);
	ctx.sharedDefsExtractedFor = void 0;
	ctx.sharedEmitDoneFor = void 0;
	const overrideSchema = schema._zod.toJSONSchema?.();
	if (overrideSchema) result.schema = overrideSchema;
	else {
		const params = {
			..._params,
			schemaPath: [..._params.schemaPath, schema],
			path: _params.path
		};
		if (schema._zod.processJSONSchema) schema._zod.processJSONSchema(ctx, result.schema, params);
		else {
			const _json = result.schema;
			const processor = ctx.processors[def.type];
			if (!processor) throw new Error(`[toJSONSchema]: Non-representable type encountered: ${def.type}`);
			processor(schema, ctx, _json, params);
		}
		const parent = schema._zod.parent;
		if (parent) {
			if (!result.ref) result.ref = parent;
			processSchema(parent, ctx, params);
			ctx.seen.get(parent).isParent = true;
		}
	}
	const meta = ctx.metadataRegistry.get(schema);
	if (meta) assignProps(result.schema, meta);
	if (ctx.io === "input" && isTransforming(schema)) {
		delete result.schema.examples;
		delete result.schema.default;
	}
	if (ctx.io === "input" && "_prefault" in result.schema) (_a = result.schema).default ?? (_a.default = result.schema._prefault);
	delete result.schema._prefault;
	return ctx.seen.get(schema).schema;
}
function encodeJSONPointerSegment(segment) {
	return segment.replace(/~/g, "~0").replace(/\//g, "~1");
}
function extractDefs(ctx, schema) {
	const root = ctx.seen.get(schema);
	if (!root) throw new Error("Unprocessed schema. This is a bug in Zod.");
	if (ctx.external && ctx.sharedDefsExtractedFor === ctx.external) return;
	const idToSchema = /* @__PURE__ */ new Map();
	for (const entry of ctx.seen.entries()) {
		const id = ctx.metadataRegistry.get(entry[0])?.id;
		if (id) {
			const existing = idToSchema.get(id);
			if (existing && existing !== entry[0]) throw new Error(`Duplicate schema id "${id}" detected during JSON Schema conversion. Two different schemas cannot share the same id when converted together.`);
			idToSchema.set(id, entry[0]);
		}
	}
	const makeURI = (entry) => {
		const defsSegment = ctx.target === "draft-2020-12" ? "$defs" : "definitions";
		if (ctx.external) {
			const externalId = ctx.external.registry.get(entry[0])?.id;
			const uriGenerator = ctx.external.uri ?? ((id) => id);
			if (externalId) return { ref: uriGenerator(externalId) };
			const id = entry[1].defId ?? entry[1].schema.id ?? `schema${ctx.counter++}`;
			entry[1].defId = id;
			return {
				defId: id,
				ref: `${uriGenerator("__shared")}#/${defsSegment}/${encodeJSONPointerSegment(id)}`
			};
		}
		const uriPrefix = `#`;
		const defUriPrefix = `${uriPrefix}/${defsSegment}/`;
		if (entry[1] === root && !entry[1].schema.id) return { ref: uriPrefix };
		const defId = entry[1].schema.id ?? `__schema${ctx.counter++}`;
		return {
			defId,
			ref: defUriPrefix + encodeJSONPointerSegment(defId)
		};
	};
	const extractToDef = (entry) => {
		if (entry[1].schema.$ref) return;
		const seen = entry[1];
		const { ref, defId } = makeURI(entry);
		seen.def = { ...seen.schema };
		if (defId) seen.defId = defId;
		const schema = seen.schema;
		for (const key in schema) delete schema[key];
		schema.$ref = ref;
	};
	if (ctx.cycles === "throw") for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (seen.cycle) throw new Error(`Cycle detected: #/${seen.cycle?.join("/")}/<root>

Set the \`cycles\` parameter to \`"ref"\` to resolve cyclical schemas with defs.`);
	}
	for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (schema === entry[0]) {
			extractToDef(entry);
			continue;
		}
		if (ctx.external) {
			const ext = ctx.external.registry.get(entry[0])?.id;
			if (schema !== entry[0] && ext) {
				extractToDef(entry);
				continue;
			}
		}
		if (ctx.metadataRegistry.get(entry[0])?.id) {
			extractToDef(entry);
			continue;
		}
		if (seen.cycle) {
			extractToDef(entry);
			continue;
		}
		if (seen.count > 1) {
			if (ctx.reused === "ref") extractToDef(entry);
		}
	}
	if (ctx.external) ctx.sharedDefsExtractedFor = ctx.external;
}
/** Rewrites `anyOf: [{type: "a"}, {type: "b"}]` to `type: ["a", "b"]`, which every JSON Schema draft treats as equivalent and most consumers render far better for the nullable case. Only branches that are a bare type assertion qualify — anything carrying a constraint, `$ref`, `const` or metadata is left alone. Runs after `flattenRef`, so a branch an override decorated or `$defs` extraction turned into a `$ref` is no longer bare and correctly stays in `anyOf`. `oneOf` is excluded: `integer` and `number` overlap, so "exactly one" and "at least one" are not the same there. OpenAPI 3.0 is excluded: its `type` must be a single string. */
function compactTypeUnion(schema) {
	const options = schema.anyOf;
	if (!Array.isArray(options) || options.length === 0 || schema.type !== void 0) return;
	const types = [];
	for (const option of options) {
		if (!option || typeof option !== "object") return;
		compactTypeUnion(option);
		const keys = Object.keys(option);
		if (keys.length !== 1 || keys[0] !== "type") return;
		const type = option.type;
		for (const member of Array.isArray(type) ? type : [type]) {
			if (typeof member !== "string") return;
			if (!types.includes(member)) types.push(member);
		}
	}
	delete schema.anyOf;
	schema.type = types.length === 1 ? types[0] : types;
}
/** Keywords `foldIntersection` knows how to combine. Anything else — `$ref`, `patternProperties`,
* an annotation like `description` — makes a member unfoldable, so a constraint this does not
* understand leaves the `allOf` alone instead of being silently dropped or misattributed. */
const FOLDABLE_KEYS = /* @__PURE__ */ new Set([
	"type",
	"properties",
	"required",
	"additionalProperties"
]);
const UNION_KEYS = ["oneOf", "anyOf"];
/** A member's constraint on a key it does not declare itself. A `catchall` states one; `false`, an absent `additionalProperties`, and the empty schema a loose object emits state nothing. */
function undeclaredConstraint(member) {
	const extra = member.additionalProperties;
	if (extra === void 0 || extra === false || typeof extra !== "object" || extra === null) return null;
	return Object.keys(extra).length ? extra : null;
}
/** Combines object members into the single object they describe together, or returns `null` if any of them carries a keyword outside {@link FOLDABLE_KEYS}. */
function foldObjects(members) {
	const objects = [];
	for (const member of members) {
		if (typeof member !== "object" || member.type !== "object") return null;
		for (const key in member) if (!FOLDABLE_KEYS.has(key)) return null;
		objects.push(member);
	}
	const properties = {};
	const required = /* @__PURE__ */ new Set();
	for (const object of objects) {
		for (const key in object.properties) {
			if (Object.prototype.hasOwnProperty.call(properties, key)) continue;
			const parts = [];
			for (const other of objects) {
				const part = other.properties?.[key] ?? undeclaredConstraint(other);
				if (part === null || part === void 0) continue;
				if (!parts.some((seen) => JSON.stringify(seen) === JSON.stringify(part))) parts.push(part);
			}
			assignProp(properties, key, parts.length === 1 ? parts[0] : foldObjects(parts) ?? { allOf: parts });
		}
		for (const key of object.required ?? []) required.add(key);
	}
	const folded = {
		type: "object",
		properties
	};
	if (required.size) folded.required = [...required];
	if (objects.every((object) => object.additionalProperties === false)) folded.additionalProperties = false;
	else {
		const constraints = [];
		for (const object of objects) {
			const constraint = undeclaredConstraint(object);
			if (constraint && !constraints.some((seen) => JSON.stringify(seen) === JSON.stringify(constraint))) constraints.push(constraint);
		}
		if (constraints.length === 1) folded.additionalProperties = constraints[0];
		else if (constraints.length > 1) folded.additionalProperties = { allOf: constraints };
	}
	return folded;
}
/** `additionalProperties` in an `allOf` member sees only that member's own `properties`, so two
* closed object members reject each other's keys and the schema validates nothing. Zod's parser
* pools the key sets instead — `handleIntersectionResults` reports a key as unrecognized only when
* *every* side rejects it — so the emitted schema has to pool them too, and folding the members
* into one object is the encoding that says so on every target.
*
* This runs from `finalize`, after `extractDefs`, which is what keeps it clear of the `$ref`
* machinery: a member extracted into `$defs` is already a `$ref` by now and declines to fold, so it
* keeps its reference and its own closedness rather than being inlined as a stale copy. */
function foldIntersection(json) {
	const allOf = json.allOf;
	if (!Array.isArray(allOf) || allOf.length < 2) return;
	for (const key of FOLDABLE_KEYS) if (key in json) return;
	const unions = allOf.filter((m) => UNION_KEYS.some((k) => Array.isArray(m[k])));
	let folded = null;
	if (!unions.length) folded = foldObjects(allOf);
	else {
		const union = unions[0];
		const keyword = UNION_KEYS.find((k) => Array.isArray(union[k]));
		if (Object.keys(union).length !== 1) return;
		const rest = allOf.filter((m) => m !== union);
		const branches = union[keyword].map((branch) => foldObjects([...rest, branch]));
		if (branches.some((b) => !b)) return;
		folded = { [keyword]: branches };
	}
	if (!folded) return;
	delete json.allOf;
	assignProps(json, folded);
}
function finalize(ctx, schema) {
	const root = ctx.seen.get(schema);
	if (!root) throw new Error("Unprocessed schema. This is a bug in Zod.");
	const flattenRef = (zodSchema) => {
		const seen = ctx.seen.get(zodSchema);
		if (seen.ref === null) return;
		const schema = seen.def ?? seen.schema;
		const _cached = { ...schema };
		const ref = seen.ref;
		seen.ref = null;
		if (ref) {
			flattenRef(ref);
			const refSeen = ctx.seen.get(ref);
			const refSchema = refSeen.schema;
			if (refSchema.$ref && (ctx.target === "draft-07" || ctx.target === "draft-04" || ctx.target === "openapi-3.0")) {
				schema.allOf = schema.allOf ?? [];
				schema.allOf.push(refSchema);
			} else assignProps(schema, refSchema);
			assignProps(schema, _cached);
			if (zodSchema._zod.parent === ref) for (const key in schema) {
				if (key === "$ref" || key === "allOf") continue;
				if (!(key in _cached)) delete schema[key];
			}
			if (refSchema.$ref && refSeen.def) for (const key in schema) {
				if (key === "$ref" || key === "allOf") continue;
				if (key in refSeen.def && JSON.stringify(schema[key]) === JSON.stringify(refSeen.def[key])) delete schema[key];
			}
		}
		const parent = zodSchema._zod.parent;
		if (parent && parent !== ref) {
			flattenRef(parent);
			const parentSeen = ctx.seen.get(parent);
			if (parentSeen?.schema.$ref) {
				schema.$ref = parentSeen.schema.$ref;
				if (parentSeen.def) for (const key in schema) {
					if (key === "$ref" || key === "allOf") continue;
					if (key in parentSeen.def && JSON.stringify(schema[key]) === JSON.stringify(parentSeen.def[key])) delete schema[key];
				}
			}
		}
		ctx.override({
			zodSchema,
			jsonSchema: schema,
			path: seen.path ?? []
		});
	};
	if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) {
		for (const entry of [...ctx.seen.entries()].reverse()) flattenRef(entry[0]);
		if (ctx.target !== "openapi-3.0") for (const entry of ctx.seen.entries()) compactTypeUnion(entry[1].def ?? entry[1].schema);
		for (const rewrite of ctx.deferred) rewrite();
		if (ctx.intersections.length) {
			const carriers = /* @__PURE__ */ new Map();
			for (const seen of ctx.seen.values()) for (const json of [seen.schema, seen.def]) {
				const allOf = json?.allOf;
				if (!Array.isArray(allOf)) continue;
				const existing = carriers.get(allOf);
				if (existing) existing.push(json);
				else carriers.set(allOf, [json]);
			}
			for (const allOf of ctx.intersections) for (const json of carriers.get(allOf) ?? []) foldIntersection(json);
		}
	}
	const result = {};
	if (ctx.target === "draft-2020-12") result.$schema = "https://json-schema.org/draft/2020-12/schema";
	else if (ctx.target === "draft-07") result.$schema = "http://json-schema.org/draft-07/schema#";
	else if (ctx.target === "draft-04") result.$schema = "http://json-schema.org/draft-04/schema#";
	else if (ctx.target === "openapi-3.0") {}
	if (ctx.external?.uri) {
		const id = ctx.external.registry.get(schema)?.id;
		if (!id) throw new Error("Schema is missing an `id` property");
		result.$id = ctx.external.uri(id);
	}
	assignProps(result, root.defId ? root.schema : root.def ?? root.schema);
	const rootMetaId = ctx.metadataRegistry.get(schema)?.id;
	if (rootMetaId !== void 0 && result.id === rootMetaId) delete result.id;
	const defs = ctx.external?.defs ?? {};
	if (!ctx.external || ctx.sharedEmitDoneFor !== ctx.external) for (const entry of ctx.seen.entries()) {
		const seen = entry[1];
		if (seen.def && seen.defId) {
			if (seen.def.id === seen.defId) delete seen.def.id;
			assignProp(defs, seen.defId, seen.def);
		}
	}
	if (ctx.external) ctx.sharedEmitDoneFor = ctx.external;
	if (ctx.external) {} else if (Object.keys(defs).length > 0) {
		if (ctx.target === "draft-2020-12") result.$defs = defs;
		else result.definitions = defs;
	}
	try {
		const finalized = JSON.parse(JSON.stringify(result));
		Object.defineProperty(finalized, "~standard", {
			value: {
				...schema["~standard"],
				jsonSchema: {
					input: createStandardJSONSchemaMethod(schema, "input", ctx.processors),
					output: createStandardJSONSchemaMethod(schema, "output", ctx.processors)
				}
			},
			enumerable: false,
			writable: false
		});
		return finalized;
	} catch (_err) {
		throw new Error("Error converting schema to JSON.");
	}
}
function isTransforming(_schema, _ctx) {
	const ctx = _ctx ?? { seen: /* @__PURE__ */ new Set() };
	if (ctx.seen.has(_schema)) return false;
	ctx.seen.add(_schema);
	const def = _schema._zod.def;
	if (def.type === "transform") return true;
	if (def.type === "array") return isTransforming(def.element, ctx);
	if (def.type === "set") return isTransforming(def.valueType, ctx);
	if (def.type === "lazy") return isTransforming(def.getter(), ctx);
	if (def.type === "promise" || def.type === "optional" || def.type === "nonoptional" || def.type === "nullable" || def.type === "readonly" || def.type === "default" || def.type === "prefault" || def.type === "catch") return isTransforming(def.innerType, ctx);
	if (def.type === "intersection") return isTransforming(def.left, ctx) || isTransforming(def.right, ctx);
	if (def.type === "record" || def.type === "map") return isTransforming(def.keyType, ctx) || isTransforming(def.valueType, ctx);
	if (def.type === "pipe") {
		if (_schema._zod.traits.has("$ZodCodec")) return true;
		return isTransforming(def.in, ctx) || isTransforming(def.out, ctx);
	}
	if (def.type === "object") {
		for (const key in def.shape) if (isTransforming(def.shape[key], ctx)) return true;
		return false;
	}
	if (def.type === "union") {
		for (const option of def.options) if (isTransforming(option, ctx)) return true;
		return false;
	}
	if (def.type === "tuple") {
		for (const item of def.items) if (isTransforming(item, ctx)) return true;
		if (def.rest && isTransforming(def.rest, ctx)) return true;
		return false;
	}
	return false;
}
/**
* Creates a toJSONSchema method for a schema instance.
* This encapsulates the logic of initializing context, processing, extracting defs, and finalizing.
*/
const createToJSONSchemaMethod = (schema, processors = {}) => (params) => {
	const ctx = initializeContext({
		...params,
		processors
	});
	processSchema(schema, ctx);
	extractDefs(ctx, schema);
	return finalize(ctx, schema);
};
const createStandardJSONSchemaMethod = (schema, io, processors = {}) => (params) => {
	const { libraryOptions, target } = params ?? {};
	const ctx = initializeContext({
		...libraryOptions ?? {},
		target,
		io,
		processors
	});
	processSchema(schema, ctx);
	extractDefs(ctx, schema);
	return finalize(ctx, schema);
};
// ../../../../work/main/node_modules/zod/v4/core/json-schema-processors.js
const narrowMin = (agg, key, value) => {
	if (agg[key] === void 0 || value > agg[key]) agg[key] = value;
};
const narrowMax = (agg, key, value) => {
	if (agg[key] === void 0 || value < agg[key]) agg[key] = value;
};
const narrowBoth = (agg, value) => {
	narrowMin(agg, "minimum", value);
	narrowMax(agg, "maximum", value);
};
const addDivisor = (agg, value) => {
	agg.multipleOf ?? (agg.multipleOf = []);
	if (!agg.multipleOf.includes(value)) agg.multipleOf.push(value);
};
const addPattern = (agg, pattern) => {
	agg.patterns ?? (agg.patterns = /* @__PURE__ */ new Set());
	agg.patterns.add(pattern);
};
const intersectMime = (agg, mime) => {
	agg.mime = agg.mime ? agg.mime.filter((m) => mime.includes(m)) : [...mime];
};
const setFormat = (agg, format) => {
	agg.format = format;
	if (format.includes("int")) agg.isInt = true;
};
const minContributor = (agg, def) => narrowMin(agg, "minimum", def.minimum);
const maxContributor = (agg, def) => narrowMax(agg, "maximum", def.maximum);
const formatContributor = (ranges) => (agg, def) => {
	setFormat(agg, def.format);
	const [minimum, maximum] = ranges[def.format];
	narrowMin(agg, "minimum", minimum);
	narrowMax(agg, "maximum", maximum);
};
const contributors = {
	greater_than: (agg, def) => narrowMin(agg, def.inclusive ? "minimum" : "exclusiveMinimum", def.value),
	less_than: (agg, def) => narrowMax(agg, def.inclusive ? "maximum" : "exclusiveMaximum", def.value),
	multiple_of: (agg, def) => addDivisor(agg, def.value),
	number_format: formatContributor(NUMBER_FORMAT_RANGES),
	bigint_format: formatContributor(BIGINT_FORMAT_RANGES),
	min_length: minContributor,
	max_length: maxContributor,
	length_equals: (agg, def) => narrowBoth(agg, def.length),
	min_size: minContributor,
	max_size: maxContributor,
	size_equals: (agg, def) => narrowBoth(agg, def.size),
	string_format: (agg, def) => {
		setFormat(agg, def.format);
		if (def.pattern) addPattern(agg, def.pattern);
		if (def.format === "base64" || def.format === "base64url") agg.contentEncoding = def.format;
		if (def.local || def.precision === -1) agg.laxFormat = true;
	},
	mime_type: (agg, def) => intersectMime(agg, def.mime)
};
function aggregateChecks(schema) {
	const agg = {};
	const def = schema._zod.def;
	const list = schema._zod.traits.has("$ZodCheck") ? [schema, ...def.checks ?? []] : def.checks ?? [];
	for (const ch of list) contributors[ch._zod.def.check]?.(agg, ch._zod.def);
	const bag = schema._zod.bag;
	if (bag.minimum !== void 0) narrowMin(agg, "minimum", bag.minimum);
	if (bag.exclusiveMinimum !== void 0) narrowMin(agg, "exclusiveMinimum", bag.exclusiveMinimum);
	if (bag.maximum !== void 0) narrowMax(agg, "maximum", bag.maximum);
	if (bag.exclusiveMaximum !== void 0) narrowMax(agg, "exclusiveMaximum", bag.exclusiveMaximum);
	if (bag.multipleOf !== void 0) addDivisor(agg, bag.multipleOf);
	if (bag.format !== void 0) {
		agg.format ?? (agg.format = bag.format);
		if (bag.format.includes("int")) agg.isInt = true;
	}
	if (bag.mime) intersectMime(agg, bag.mime);
	for (const pattern of bag.patterns ?? []) addPattern(agg, pattern);
	return agg;
}
const numberProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const { minimum, maximum, multipleOf, exclusiveMaximum, exclusiveMinimum, isInt } = aggregateChecks(schema);
	json.type = isInt ? "integer" : "number";
	const exMin = typeof exclusiveMinimum === "number" && exclusiveMinimum >= (minimum ?? Number.NEGATIVE_INFINITY);
	const exMax = typeof exclusiveMaximum === "number" && exclusiveMaximum <= (maximum ?? Number.POSITIVE_INFINITY);
	const legacy = ctx.target === "draft-04" || ctx.target === "openapi-3.0";
	if (exMin) {
		if (legacy) {
			json.minimum = exclusiveMinimum;
			json.exclusiveMinimum = true;
		} else json.exclusiveMinimum = exclusiveMinimum;
	} else if (typeof minimum === "number") json.minimum = minimum;
	if (exMax) {
		if (legacy) {
			json.maximum = exclusiveMaximum;
			json.exclusiveMaximum = true;
		} else json.exclusiveMaximum = exclusiveMaximum;
	} else if (typeof maximum === "number") json.maximum = maximum;
	if (multipleOf) {
		const divisors = /* @__PURE__ */ new Set();
		for (const divisor of multipleOf) if (Number.isFinite(divisor) && divisor !== 0) divisors.add(Math.abs(divisor));
		else handleUnrepresentable(schema, ctx, json, params, `A multipleOf divisor of ${divisor} cannot be represented in JSON Schema`);
		const [first, ...rest] = divisors;
		if (first !== void 0) json.multipleOf = first;
		if (rest.length) json.allOf = [...json.allOf ?? [], ...rest.map((m) => ({ multipleOf: m }))];
	}
};
const booleanProcessor = (_schema, _ctx, json, _params) => {
	json.type = "boolean";
};
const neverProcessor = (_schema, _ctx, json, _params) => {
	json.not = {};
};
const enumProcessor = (schema, _ctx, json, _params) => {
	const def = schema._zod.def;
	const values = getEnumValues(def.entries);
	if (values.length === 0) {
		json.not = {};
		return;
	}
	if (values.every((v) => typeof v === "number")) json.type = "number";
	if (values.every((v) => typeof v === "string")) json.type = "string";
	json.enum = values;
};
const customProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Custom types cannot be represented in JSON Schema");
};
const transformProcessor = (schema, ctx, json, params) => {
	handleUnrepresentable(schema, ctx, json, params, "Transforms cannot be represented in JSON Schema");
};
const arrayProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	const { minimum, maximum } = aggregateChecks(schema);
	if (typeof minimum === "number") json.minItems = minimum;
	if (typeof maximum === "number") json.maxItems = maximum;
	json.type = "array";
	json.items = processSchema(def.element, ctx, {
		...params,
		path: [...params.path, "items"]
	});
};
function inputOptin(schema) {
	const def = schema._zod.def;
	if (def.type === "pipe" && def.in._zod.traits.has("$ZodTransform")) return inputOptin(def.out);
	if (def.type === "catch") return inputOptin(def.innerType);
	return schema._zod.optin;
}
const objectProcessor = (schema, ctx, _json, params) => {
	const json = _json;
	const def = schema._zod.def;
	const shape = def.shape;
	if (Object.getOwnPropertySymbols(shape).length && handleUnrepresentable(schema, ctx, json, params, "Symbol keys cannot be represented in JSON Schema")) return;
	json.type = "object";
	json.properties = {};
	for (const key in shape) assignProp(json.properties, key, processSchema(shape[key], ctx, {
		...params,
		path: [
			...params.path,
			"properties",
			key
		]
	}));
	const requiredKeys = [];
	for (const key of Object.keys(shape)) {
		const field = def.shape[key];
		if (ctx.io === "input" ? inputOptin(field) === void 0 : field._zod.optout === void 0) requiredKeys.push(key);
	}
	if (requiredKeys.length > 0) json.required = requiredKeys;
	if (def.catchall?._zod.def.type === "never") json.additionalProperties = false;
	else if (!def.catchall) {
		if (ctx.io === "output") json.additionalProperties = false;
	} else if (def.catchall) json.additionalProperties = processSchema(def.catchall, ctx, {
		...params,
		path: [...params.path, "additionalProperties"]
	});
};
const unionProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const isExclusive = def.inclusive === false;
	const options = def.options.map((x, i) => processSchema(x, ctx, {
		...params,
		path: [
			...params.path,
			isExclusive ? "oneOf" : "anyOf",
			i
		]
	}));
	if (isExclusive) json.oneOf = options;
	else json.anyOf = options;
};
const intersectionProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const a = processSchema(def.left, ctx, {
		...params,
		path: [
			...params.path,
			"allOf",
			0
		]
	});
	const b = processSchema(def.right, ctx, {
		...params,
		path: [
			...params.path,
			"allOf",
			1
		]
	});
	const isSimpleIntersection = (val) => "allOf" in val && Object.keys(val).length === 1;
	const allOf = [...isSimpleIntersection(a) ? a.allOf : [a], ...isSimpleIntersection(b) ? b.allOf : [b]];
	json.allOf = allOf;
	ctx.intersections.push(allOf);
};
const nullableProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	const inner = processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	if (ctx.target === "openapi-3.0") {
		seen.ref = def.innerType;
		json.nullable = true;
	} else json.anyOf = [inner, { type: "null" }];
};
const nonoptionalProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
};
/** Round-trips a default value through JSON so the emitted schema is guaranteed to be valid JSON.
* A BigInt has no reliable encoding, so it goes through `unrepresentable` like any other
* unrepresentable value. Returns a sentinel when the caller must not write a default of its own. */
const UNREPRESENTABLE_DEFAULT = Symbol();
function serializeDefaultValue(value, schema, ctx, json, params) {
	let unrepresentable = false;
	const serialized = JSON.stringify(value, (_, val) => {
		if (typeof val !== "bigint") return val;
		unrepresentable = true;
		return null;
	});
	if (!unrepresentable) return JSON.parse(serialized);
	handleUnrepresentable(schema, ctx, json, params, "BigInt defaults cannot be represented in JSON Schema");
	return UNREPRESENTABLE_DEFAULT;
}
const defaultProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
	if (value !== UNREPRESENTABLE_DEFAULT) json.default = value;
};
const prefaultProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	if (ctx.io !== "input") return;
	const value = serializeDefaultValue(def.defaultValue, schema, ctx, json, params);
	if (value !== UNREPRESENTABLE_DEFAULT) json._prefault = value;
};
const catchProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	let catchValue;
	try {
		catchValue = def.catchValue(void 0);
	} catch {
		handleUnrepresentable(schema, ctx, json, params, "Dynamic catch values are not supported in JSON Schema");
		return;
	}
	json.default = catchValue;
};
const pipeProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	const inIsTransform = def.in._zod.traits.has("$ZodTransform");
	const innerType = ctx.io === "input" ? inIsTransform ? def.out : def.in : def.out;
	processSchema(innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = innerType;
};
const readonlyProcessor = (schema, ctx, json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
	json.readOnly = true;
};
const optionalProcessor = (schema, ctx, _json, params) => {
	const def = schema._zod.def;
	processSchema(def.innerType, ctx, params);
	const seen = ctx.seen.get(schema);
	seen.ref = def.innerType;
};
// ../../../../work/main/node_modules/zod/v4/classic/errors.js
const _installedErrorProtos = /* @__PURE__ */ new WeakSet([Object.prototype, Error.prototype]);
function _lazyMethod(proto, key, make) {
	Object.defineProperty(proto, key, {
		configurable: true,
		enumerable: false,
		get() {
			const value = make(this);
			Object.defineProperty(this, key, {
				value,
				configurable: true,
				writable: true
			});
			return value;
		},
		set(value) {
			Object.defineProperty(this, key, {
				value,
				configurable: true,
				writable: true
			});
		}
	});
}
const initializer = (inst, issues) => {
	$ZodError.init(inst, issues);
	inst.name = "ZodError";
	const proto = Object.getPrototypeOf(inst);
	if (_installedErrorProtos.has(proto)) return;
	_installedErrorProtos.add(proto);
	_lazyMethod(proto, "format", (self) => (mapper) => formatError(self, mapper));
	_lazyMethod(proto, "flatten", (self) => (mapper) => flattenError(self, mapper));
	_lazyMethod(proto, "addIssue", (self) => (issue) => {
		self.issues.push(issue);
		self.message = JSON.stringify(self.issues, jsonStringifyReplacer, 2);
	});
	_lazyMethod(proto, "addIssues", (self) => (issues) => {
		self.issues.push(...issues);
		self.message = JSON.stringify(self.issues, jsonStringifyReplacer, 2);
	});
	Object.defineProperty(proto, "isEmpty", {
		configurable: true,
		enumerable: false,
		get() {
			return this.issues.length === 0;
		}
	});
};
const ZodRealError = /*@__PURE__*/ $constructor("ZodError", initializer, void 0, { Parent: Error });
// ../../../../work/main/node_modules/zod/v4/classic/parse.js
const parse = /* @__PURE__ */ _parse(ZodRealError);
const parseAsync = /* @__PURE__ */ _parseAsync(ZodRealError);
const safeParse = /* @__PURE__ */ _safeParse(ZodRealError);
const safeParseAsync = /* @__PURE__ */ _safeParseAsync(ZodRealError);
const encode = /* @__PURE__ */ _encode(ZodRealError);
const decode = /* @__PURE__ */ _decode(ZodRealError);
const encodeAsync = /* @__PURE__ */ _encodeAsync(ZodRealError);
const decodeAsync = /* @__PURE__ */ _decodeAsync(ZodRealError);
const safeEncode = /* @__PURE__ */ _safeEncode(ZodRealError);
const safeDecode = /* @__PURE__ */ _safeDecode(ZodRealError);
const safeEncodeAsync = /* @__PURE__ */ _safeEncodeAsync(ZodRealError);
const safeDecodeAsync = /* @__PURE__ */ _safeDecodeAsync(ZodRealError);
// ../../../../work/main/node_modules/zod/v4/classic/schemas.js
function _ensureDefaultLocale() {
	if (!globalConfig.localeError) config(en_default());
}
function _ensureDefaultMemoizer() {
	if (!globalConfig.memoizer) config({ memoizer: memoizer() });
}
const ZodType = /*@__PURE__*/ $constructor("ZodType", (inst, def) => {
	_ensureDefaultLocale();
	$ZodType.init(inst, def);
	inst.def = def;
	inst.type = def.type;
	return inst;
}, {
	check(...chks) {
		const def = this.def;
		return this.clone(mergeDefs(def, { checks: [...def.checks ?? [], ...chks.map((ch) => typeof ch === "function" ? { _zod: {
			check: ch,
			def: { check: "custom" },
			onattach: []
		} } : ch)] }), { parent: true });
	},
	with(...chks) {
		return this.check(...chks);
	},
	clone(def, params) {
		return clone(this, def, params);
	},
	brand() {
		return this;
	},
	register(reg, meta) {
		reg.add(this, meta);
		return this;
	},
	refine(check, params) {
		return this.check(refine(check, params));
	},
	superRefine(refinement, params) {
		return this.check(superRefine(refinement, params));
	},
	overwrite(fn) {
		return this.check(/* @__PURE__ */ _overwrite(fn));
	},
	optional() {
		return optional(this);
	},
	exactOptional() {
		return exactOptional(this);
	},
	nullable() {
		return nullable(this);
	},
	nullish() {
		return optional(nullable(this));
	},
	nonoptional(params) {
		return nonoptional(this, params);
	},
	array() {
		return array(this);
	},
	or(arg) {
		return union([this, arg]);
	},
	and(arg) {
		return intersection(this, arg);
	},
	transform(tx) {
		return pipe(this, transform(tx));
	},
	default(d) {
		return _default(this, d);
	},
	prefault(d) {
		return prefault(this, d);
	},
	catch(params) {
		return _catch(this, params);
	},
	pipe(target) {
		return pipe(this, target);
	},
	readonly() {
		return readonly(this);
	},
	describe(description) {
		const cl = this.clone();
		globalRegistry.add(cl, { description });
		return cl;
	},
	meta(...args) {
		if (args.length === 0) return globalRegistry.get(this);
		const cl = this.clone();
		globalRegistry.add(cl, args[0]);
		return cl;
	},
	isOptional() {
		return this.safeParse(void 0).success;
	},
	isNullable() {
		return this.safeParse(null).success;
	},
	apply(fn, ...args) {
		return args.length === 0 ? fn(this) : fn(this, ...args);
	},
	get "~standard"() {
		return hide(this, "~standard", {
			...standardProps(this),
			jsonSchema: {
				input: createStandardJSONSchemaMethod(this, "input"),
				output: createStandardJSONSchemaMethod(this, "output")
			}
		});
	},
	set "~standard"(value) {
		own(this, "~standard", value);
	},
	parse: function _parse(data, params) {
		return parse(this, data, params, { callee: _parse });
	},
	parseAsync: async function _parseAsync(data, params) {
		return await parseAsync(this, data, params, { callee: _parseAsync });
	},
	safeParse(data, params) {
		return safeParse(this, data, params);
	},
	async safeParseAsync(data, params) {
		return safeParseAsync(this, data, params);
	},
	get spa() {
		return this?.safeParseAsync;
	},
	set spa(value) {
		own(this, "spa", value);
	},
	validate(data, params) {
		return validate(this, data, params);
	},
	validateAsync(data, params) {
		return validateAsync$1(this, data, params);
	},
	encode: function _encode(data, params) {
		return encode(this, data, params, { callee: _encode });
	},
	decode: function _decode(data, params) {
		return decode(this, data, params, { callee: _decode });
	},
	encodeAsync: async function _encodeAsync(data, params) {
		return await encodeAsync(this, data, params, { callee: _encodeAsync });
	},
	decodeAsync: async function _decodeAsync(data, params) {
		return await decodeAsync(this, data, params, { callee: _decodeAsync });
	},
	safeEncode(data, params) {
		return safeEncode(this, data, params);
	},
	safeDecode(data, params) {
		return safeDecode(this, data, params);
	},
	async safeEncodeAsync(data, params) {
		return safeEncodeAsync(this, data, params);
	},
	async safeDecodeAsync(data, params) {
		return safeDecodeAsync(this, data, params);
	},
	toJSONSchema(params) {
		return createToJSONSchemaMethod(this, {})(params);
	},
	get description() {
		return globalRegistry.get(this)?.description;
	},
	get _def() {
		return this._zod.def;
	}
});
const ZodNumber = /*@__PURE__*/ $constructor("ZodNumber", (inst, def) => {
	$ZodNumber.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => numberProcessor(inst, ctx, json, params);
	inst.isFinite = true;
}, /*@__PURE__*/ derived({
	minValue: (inst) => {
		const { minimum, exclusiveMinimum } = aggregateChecks(inst);
		return Math.max(minimum ?? Number.NEGATIVE_INFINITY, exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
	},
	maxValue: (inst) => {
		const { maximum, exclusiveMaximum } = aggregateChecks(inst);
		return Math.min(maximum ?? Number.POSITIVE_INFINITY, exclusiveMaximum ?? Number.POSITIVE_INFINITY);
	},
	isInt: (inst) => {
		const { isInt, multipleOf } = aggregateChecks(inst);
		return !!isInt || !!multipleOf?.some(Number.isSafeInteger);
	},
	format: (inst) => aggregateChecks(inst).format ?? null
}, {
	gt(value, params) {
		return this.check(/* @__PURE__ */ _gt(value, params));
	},
	gte(value, params) {
		return this.check(/* @__PURE__ */ _gte(value, params));
	},
	min(value, params) {
		return this.check(/* @__PURE__ */ _gte(value, params));
	},
	lt(value, params) {
		return this.check(/* @__PURE__ */ _lt(value, params));
	},
	lte(value, params) {
		return this.check(/* @__PURE__ */ _lte(value, params));
	},
	max(value, params) {
		return this.check(/* @__PURE__ */ _lte(value, params));
	},
	int(params) {
		return this.check(int(params));
	},
	safe(params) {
		return this.check(int(params));
	},
	positive(params) {
		return this.check(/* @__PURE__ */ _gt(0, params));
	},
	nonnegative(params) {
		return this.check(/* @__PURE__ */ _gte(0, params));
	},
	negative(params) {
		return this.check(/* @__PURE__ */ _lt(0, params));
	},
	nonpositive(params) {
		return this.check(/* @__PURE__ */ _lte(0, params));
	},
	multipleOf(value, params) {
		return this.check(/* @__PURE__ */ _multipleOf(value, params));
	},
	step(value, params) {
		return this.check(/* @__PURE__ */ _multipleOf(value, params));
	},
	finite() {
		return this;
	}
}));
function number(params) {
	return /* @__PURE__ */ _number(ZodNumber, params);
}
const ZodNumberFormat = /*@__PURE__*/ $constructor("ZodNumberFormat", (inst, def) => {
	$ZodNumberFormat.init(inst, def);
	ZodNumber.init(inst, def);
});
function int(params) {
	return /* @__PURE__ */ _int(ZodNumberFormat, params);
}
const ZodBoolean = /*@__PURE__*/ $constructor("ZodBoolean", (inst, def) => {
	$ZodBoolean.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => booleanProcessor(inst, ctx, json, params);
});
function boolean(params) {
	return /* @__PURE__ */ _boolean(ZodBoolean, params);
}
const ZodUnknown = /*@__PURE__*/ $constructor("ZodUnknown", (inst, def) => {
	$ZodUnknown.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => void 0;
});
function unknown() {
	return /* @__PURE__ */ _unknown(ZodUnknown);
}
const ZodNever = /*@__PURE__*/ $constructor("ZodNever", (inst, def) => {
	$ZodNever.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => neverProcessor(inst, ctx, json, params);
});
function never(params) {
	return /* @__PURE__ */ _never(ZodNever, params);
}
const ZodArray = /*@__PURE__*/ $constructor("ZodArray", (inst, def) => {
	_ensureDefaultMemoizer();
	$ZodArray.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => arrayProcessor(inst, ctx, json, params);
	inst.element = def.element;
}, {
	min(n, params) {
		return this.check(/* @__PURE__ */ _minLength(n, params));
	},
	nonempty(params) {
		return this.check(/* @__PURE__ */ _minLength(1, params));
	},
	max(n, params) {
		return this.check(/* @__PURE__ */ _maxLength(n, params));
	},
	length(n, params) {
		return this.check(/* @__PURE__ */ _length(n, params));
	},
	unwrap() {
		return this.element;
	}
});
function array(element, params) {
	return /* @__PURE__ */ _array(ZodArray, element, params);
}
const ZodObject = /*@__PURE__*/ $constructor("ZodObject", (inst, def) => {
	_ensureDefaultMemoizer();
	$ZodObjectJIT.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => objectProcessor(inst, ctx, json, params);
	installLazyProp(inst, "shape", (self) => self._zod.def.shape, false);
}, {
	keyof() {
		return _enum(Object.keys(this._zod.def.shape));
	},
	catchall(catchall) {
		return this.clone(mergeDefs(this._zod.def, { catchall }));
	},
	passthrough() {
		return this.clone(mergeDefs(this._zod.def, { catchall: unknown() }));
	},
	loose() {
		return this.clone(mergeDefs(this._zod.def, { catchall: unknown() }));
	},
	strict() {
		return this.clone(mergeDefs(this._zod.def, { catchall: never() }));
	},
	strip() {
		return this.clone(mergeDefs(this._zod.def, { catchall: void 0 }));
	},
	extend(incoming) {
		return extend(this, incoming);
	},
	safeExtend(incoming) {
		return safeExtend(this, incoming);
	},
	merge(other) {
		return merge(this, other);
	},
	pick(mask) {
		return pick(this, mask);
	},
	omit(mask) {
		return omit(this, mask);
	},
	partial(...args) {
		return partial(ZodOptional, this, args[0]);
	},
	exactPartial(...args) {
		return partial(ZodExactOptional, this, args[0], "exactPartial");
	},
	required(...args) {
		return required(ZodNonOptional, this, args[0]);
	}
});
function object(shape, params) {
	const def = {
		type: "object",
		shape: shape ?? {},
		...normalizeParams(params)
	};
	return new ZodObject(def);
}
const ZodUnion = /*@__PURE__*/ $constructor("ZodUnion", (inst, def) => {
	$ZodUnion.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => unionProcessor(inst, ctx, json, params);
	inst.options = def.options;
});
function union(options, params) {
	return new ZodUnion({
		type: "union",
		options,
		...normalizeParams(params)
	});
}
const ZodIntersection = /*@__PURE__*/ $constructor("ZodIntersection", (inst, def) => {
	$ZodIntersection.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => intersectionProcessor(inst, ctx, json, params);
});
function intersection(left, right) {
	return new ZodIntersection({
		type: "intersection",
		left,
		right
	});
}
const ZodEnum = /*@__PURE__*/ $constructor("ZodEnum", (inst, def) => {
	$ZodEnum.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => enumProcessor(inst, ctx, json, params);
	inst.enum = def.entries;
	inst.options = [...inst._zod.values];
	const keys = new Set(Object.keys(def.entries));
	inst.extract = (values, params) => {
		const newEntries = {};
		for (const value of values) if (keys.has(value)) newEntries[value] = def.entries[value];
		else throw new Error(`Key ${value} not found in enum`);
		return new ZodEnum({
			...def,
			checks: [],
			...normalizeParams(params),
			entries: newEntries
		});
	};
	inst.exclude = (values, params) => {
		const newEntries = { ...def.entries };
		for (const value of values) if (keys.has(value)) delete newEntries[value];
		else throw new Error(`Key ${value} not found in enum`);
		return new ZodEnum({
			...def,
			checks: [],
			...normalizeParams(params),
			entries: newEntries
		});
	};
});
function _enum(values, params) {
	const entries = Array.isArray(values) ? Object.fromEntries(values.map((v) => [v, v])) : values;
	return new ZodEnum({
		type: "enum",
		entries,
		...normalizeParams(params)
	});
}
const ZodTransform = /*@__PURE__*/ $constructor("ZodTransform", (inst, def) => {
	_ensureDefaultMemoizer();
	$ZodTransform.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => transformProcessor(inst, ctx, json, params);
	inst._zod.parse = (payload, _ctx) => {
		if (_ctx.direction === "backward") throw new $ZodEncodeError(inst.constructor.name);
		payload.addIssue = (issue$1) => {
			if (typeof issue$1 === "string") payload.issues.push(issue(issue$1, payload.value, def));
			else {
				const _issue = issue$1;
				if (_issue.fatal) _issue.continue = false;
				_issue.code ?? (_issue.code = "custom");
				if (!("input" in _issue)) _issue.input = payload.value;
				_issue.inst ?? (_issue.inst = inst);
				payload.issues.push(issue(_issue));
			}
		};
		const output = def.transform(payload.value, payload);
		if (output instanceof Promise) return output.then((output) => {
			payload.value = output;
			return payload;
		});
		payload.value = output;
		return payload;
	};
});
function transform(fn) {
	return new ZodTransform({
		type: "transform",
		transform: fn
	});
}
const ZodOptional = /*@__PURE__*/ $constructor("ZodOptional", (inst, def) => {
	$ZodOptional.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => optionalProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function optional(innerType) {
	return new ZodOptional({
		type: "optional",
		innerType
	});
}
const ZodExactOptional = /*@__PURE__*/ $constructor("ZodExactOptional", (inst, def) => {
	$ZodExactOptional.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => optionalProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function exactOptional(innerType) {
	return new ZodExactOptional({
		type: "optional",
		innerType
	});
}
const ZodNullable = /*@__PURE__*/ $constructor("ZodNullable", (inst, def) => {
	$ZodNullable.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => nullableProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function nullable(innerType) {
	return new ZodNullable({
		type: "nullable",
		innerType
	});
}
const ZodDefault = /*@__PURE__*/ $constructor("ZodDefault", (inst, def) => {
	$ZodDefault.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => defaultProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
	inst.removeDefault = inst.unwrap;
});
function _default(innerType, defaultValue) {
	return new ZodDefault({
		type: "default",
		innerType,
		get defaultValue() {
			return typeof defaultValue === "function" ? defaultValue() : shallowClone(defaultValue);
		}
	});
}
const ZodPrefault = /*@__PURE__*/ $constructor("ZodPrefault", (inst, def) => {
	$ZodPrefault.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => prefaultProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function prefault(innerType, defaultValue) {
	return new ZodPrefault({
		type: "prefault",
		innerType,
		get defaultValue() {
			return typeof defaultValue === "function" ? defaultValue() : shallowClone(defaultValue);
		}
	});
}
const ZodNonOptional = /*@__PURE__*/ $constructor("ZodNonOptional", (inst, def) => {
	$ZodNonOptional.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => nonoptionalProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function nonoptional(innerType, params) {
	return new ZodNonOptional({
		type: "nonoptional",
		innerType,
		...normalizeParams(params)
	});
}
const ZodCatch = /*@__PURE__*/ $constructor("ZodCatch", (inst, def) => {
	$ZodCatch.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => catchProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
	inst.removeCatch = inst.unwrap;
});
function _catch(innerType, catchValue) {
	return new ZodCatch({
		type: "catch",
		innerType,
		catchValue: typeof catchValue === "function" ? catchValue : constantCatch(catchValue)
	});
}
const ZodPipe = /*@__PURE__*/ $constructor("ZodPipe", (inst, def) => {
	$ZodPipe.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => pipeProcessor(inst, ctx, json, params);
	inst.in = def.in;
	inst.out = def.out;
});
function pipe(in_, out) {
	return new ZodPipe({
		type: "pipe",
		in: in_,
		out
	});
}
const ZodReadonly = /*@__PURE__*/ $constructor("ZodReadonly", (inst, def) => {
	$ZodReadonly.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => readonlyProcessor(inst, ctx, json, params);
	inst.unwrap = () => inst._zod.def.innerType;
});
function readonly(innerType) {
	return new ZodReadonly({
		type: "readonly",
		innerType
	});
}
const ZodCustom = /*@__PURE__*/ $constructor("ZodCustom", (inst, def) => {
	$ZodCustom.init(inst, def);
	ZodType.init(inst, def);
	inst._zod.processJSONSchema = (ctx, json, params) => customProcessor(inst, ctx, json, params);
});
function refine(fn, _params = {}) {
	return /* @__PURE__ */ _refine(ZodCustom, fn, _params);
}
function superRefine(fn, params) {
	return /* @__PURE__ */ _superRefine(fn, params);
}
// kernels/mixers/attention.ts
const schema$9 = object({
	n_heads: int().min(1).max(256).default(4).describe("Heads, each with a softmax of its own (Vaswani et al. 2017, §3.2.2)"),
	n_kv_heads: int().min(1).max(256).optional().describe("Key and value heads, each shared by n_heads / n_kv_heads query heads; all when left out (Ainslie et al. 2023)"),
	head_dim: int().min(1).max(128).optional().describe("Columns of a head; d_model / n_heads when left out"),
	window: int().min(0).max(1e6).default(0).describe("Local attention: a position sees those less than so many places away, itself among them; 0 sees all (Beltagy et al. 2020)"),
	rotary_dim: int().min(0).max(128).optional().describe("Columns of a head turned by the rotary position embedding, an even number; all when left out, 0 for no positions (Su et al. 2021)"),
	rotary_base: number().min(10).max(1e8).default(1e4).describe("Base of the rotary frequencies (Su et al. 2021, §3.2.2)"),
	bias: boolean().default(false).describe("Biases in the two projections")
});
/** q with k and v side by side after the projection and the turning, split: (R, heads·head_dim), then k and v (R, kv_heads·head_dim). */
function project$1(g, p, x, c, seqlen, position) {
	let qkv = linear(g, x, p["in_proj.weight"], p["in_proj.bias"]);
	if (c.rotary_dim) {
		const turn = {
			heads: c.heads + c.kv_heads,
			head_dim: c.head_dim,
			rotary_dim: c.rotary_dim,
			base: c.base,
			inverse: false,
			seqlen
		};
		qkv = g.one("rope", position ? [qkv, position] : [qkv], {
			...turn,
			positions: !!position
		});
	}
	return g.split(qkv, [
		c.heads,
		c.kv_heads,
		c.kv_heads
	].map((n) => n * c.head_dim));
}
/**
* Multi-head attention (Vaswani et al. 2017, arXiv:1706.03762, §3.2.2) with rotary positions (Su et al. 2021, arXiv:2104.09864),
* grouped queries (Ainslie et al. 2023, arXiv:2305.13245) and a local window (Beltagy et al. 2020, arXiv:2004.05150).
* State per sequence: keys and values (capacity·kv_heads·head_dim), rings of the last positions, and position, how many there were.
* Past a full ring a step sees the last `capacity` positions; positions are counted exactly to 2^24.
* Official implementation of the names and of the initialisation: mamba_ssm/modules/mha.py and models/mixer_seq_simple.py (weights as
* PyTorch's Linear, biases zero, out_proj scaled by 1/√n_layer); in_proj holds q, k, v in this order.
*/
const attentionMixer = (name, title, causal) => ({
	name,
	title,
	citation: "Vaswani et al. 2017, arXiv:1706.03762; Su et al. 2021, arXiv:2104.09864; Ainslie et al. 2023, arXiv:2305.13245",
	causal,
	mlp: {
		kind: "gelu",
		ratio: 4
	},
	schema: schema$9,
	resolve(options, { d_model, n_layer, seqlen }) {
		const { n_heads: heads, n_kv_heads: kv_heads = heads, window, rotary_base: base, bias, ...rest } = schema$9.parse(options);
		if (rest.head_dim === void 0 && d_model % heads !== 0) throw new Error(`${name}: d_model ${d_model} cannot be cut into ${heads} equal heads; choose another n_heads, or give head_dim`);
		const head_dim = rest.head_dim ?? d_model / heads;
		if (head_dim > 128) throw new Error(`${name}: a head would have ${head_dim} columns, at most 128 are possible; raise n_heads`);
		if (heads % kv_heads !== 0) throw new Error(`${name}: n_heads ${heads} must be a multiple of n_kv_heads ${kv_heads}`);
		const rotary_dim = rest.rotary_dim ?? head_dim - head_dim % 2;
		if (rotary_dim % 2 !== 0 || rotary_dim > head_dim) throw new Error(`${name}: rotary_dim ${rotary_dim} must be even and at most the ${head_dim} columns of a head`);
		return {
			d_model,
			heads,
			kv_heads,
			head_dim,
			window,
			rotary_dim,
			base,
			bias,
			causal,
			capacity: window || seqlen,
			n_layer
		};
	},
	params(c) {
		const [inside, rows] = [c.heads * c.head_dim, (c.heads + 2 * c.kv_heads) * c.head_dim];
		const specs = {
			"in_proj.weight": {
				shape: [rows, c.d_model],
				init: fanIn(),
				decay: true
			},
			"out_proj.weight": {
				shape: [c.d_model, inside],
				init: fanIn(1 / Math.sqrt(c.n_layer)),
				decay: true
			}
		};
		if (c.bias) {
			specs["in_proj.bias"] = {
				shape: [rows],
				init: constant(0),
				decay: false
			};
			specs["out_proj.bias"] = {
				shape: [c.d_model],
				init: constant(0),
				decay: false
			};
		}
		return specs;
	},
	forward(g, p, x, c, dims) {
		const { heads, kv_heads, window, causal } = c;
		const [q, k, v] = project$1(g, p, x, c, dims.seqlen);
		const [o] = g.apply("attention", [
			q,
			k,
			v
		], {
			batch: dims.batch,
			seqlen: dims.seqlen,
			heads,
			kv_heads,
			window,
			causal
		});
		return linear(g, o, p["out_proj.weight"], p["out_proj.bias"]);
	},
	state(c) {
		const ring = c.capacity * c.kv_heads * c.head_dim;
		return causal ? {
			keys: ring,
			values: ring,
			position: 1
		} : {};
	},
	step(g, p, x, state, c) {
		if (!causal) throw new Error(`${name} reads a sequence from both sides, so it has no single steps`);
		const [q, k, v] = project$1(g, p, x, c, 1, state.position);
		const [y] = g.apply("attention_step", [
			q,
			k,
			v,
			state.keys,
			state.values,
			state.position
		], {
			heads: c.heads,
			kv_heads: c.kv_heads
		});
		return linear(g, y, p["out_proj.weight"], p["out_proj.bias"]);
	},
	flopsPerToken(c) {
		const seen = c.window ? c.window * (causal ? 1 : 2) : causal ? (c.capacity + 1) / 2 : c.capacity;
		return 2 * c.head_dim * (c.d_model * (2 * c.heads + 2 * c.kv_heads) + 2 * c.heads * seen);
	}
});
const attention = attentionMixer("attention", "Attention", true);
/** The same without a direction, for objectives that hide tokens and for labels: a position sees both sides, in a window |i − j| < window. */
const full_attention = attentionMixer("full_attention", "Attention, both sides", false);
// kernels/ops/conv1d_silu/conv1d_silu.ts
const sigmoid = (x) => 1 / (1 + Math.exp(-x));
const testCase$15 = (batch, seqlen, d, d_conv) => ({
	inputs: [
		f32(batch * seqlen, d),
		f32(d, d_conv),
		f32(1, d)
	],
	attrs: {
		batch,
		seqlen
	}
});
/**
* Causal depthwise convolution over time, then SiLU (Gu & Dao 2023, fig. 3): with zeros before t = 0,
*   p_t = bias + Σ_k weight[:, k] ⊙ x_{t − (d_conv − 1) + k},   y_t = p_t · σ(p_t).
* x, y (batch·seqlen, d) · weight (d, d_conv) · bias (1, d). The gradient recomputes p instead of storing it.
*/
const conv1d_silu = defineOp({
	name: "conv1d_silu",
	inputs: [
		"x",
		"weight",
		"bias"
	],
	outputs: ["y"],
	infer([x, weight, bias], attrs) {
		requireShape(x.rows === num(attrs, "batch") * num(attrs, "seqlen"), `conv1d_silu: x has ${x.rows} rows, batch · seqlen is ${num(attrs, "batch") * num(attrs, "seqlen")}`);
		expectType("conv1d_silu: weight", weight, f32(x.cols, weight.cols));
		expectType("conv1d_silu: bias", bias, f32(1, x.cols));
		return [x];
	},
	reference([x, weight, bias], [y], attrs) {
		const [batch, seqlen, width] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			weight.cols
		];
		for (let b = 0; b < batch; b++) for (let t = 0; t < seqlen; t++) for (let d = 0; d < x.cols; d++) {
			let p = at(bias, 0, d);
			for (let k = 0; k < width; k++) {
				const s = t - (width - 1) + k;
				if (s >= 0) p += at(weight, d, k) * at(x, b * seqlen + s, d);
			}
			set(y, b * seqlen + t, d, p * sigmoid(p));
		}
	},
	gradient: (builder, { inputs, attrs }, [dy]) => dy ? builder.apply("conv1d_silu_grad", [dy, ...inputs], attrs) : [],
	cost: ([x, weight]) => ({
		flops: elements(x) * (2 * weight.cols + 4),
		exps: elements(x)
	}),
	tolerance: 2e-6,
	cases: [
		testCase$15(1, 1, 1, 4),
		testCase$15(2, 33, 65, 4),
		testCase$15(3, 7, 32, 2),
		testCase$15(1, 130, 12, 3)
	]
});
/** One unit of the GRU: state h. */
const gruUnit = (out) => (row, column, x, r, [h]) => {
	const [reset, update] = [sigmoid(x[0] + r[0]), sigmoid(x[1] + r[1])];
	const candidate = Math.tanh(x[2] + reset * r[2]);
	const next = (1 - update) * candidate + update * h;
	out?.(row, column, [
		reset,
		update,
		candidate,
		r[2]
	], next);
	return [next];
};
/**
* GRU over whole sequences (Cho et al. 2014, arXiv:1406.1078, in the form of torch.nn.GRU), R dense (heads = 1) or block-diagonal. With
* q = R h_{t−1} + bias: r = σ(Wx_r + q_r),  z = σ(Wx_z + q_z),  n = tanh(Wx_n + r q_n),  y_t = h_t = (1 − z) n + z h_{t−1}, zeros before.
* Wx (batch·seqlen, 3·d) in the order r, z, n · R (heads, 3·dh·dh), row g·dh + j of a head makes gate g of unit j · bias (1, 3·d).
* gates (batch·seqlen, 4·d) = r, z, n, q_n are for the gradient.
*/
const gru$1 = defineOp({
	name: "gru",
	inputs: [
		"Wx",
		"R",
		"bias"
	],
	outputs: ["y", "gates"],
	infer(inputs, attrs) {
		const { d } = checkRecurrent("gru", inputs, attrs, 3);
		return [f32(inputs[0].rows, d), f32(inputs[0].rows, 4 * d)];
	},
	reference(inputs, [y, gates], attrs) {
		const sizes = recurrentSizes(inputs[0], inputs[1], attrs, 3);
		runCell(sizes, inputs, 1, gruUnit((row, column, values, h) => {
			values.forEach((value, g) => set(gates, row, g * sizes.d + column, value));
			set(y, row, column, h);
		}));
	},
	gradient(builder, { inputs: [, R], outputs: [y, gates], attrs }, [dy]) {
		if (!dy) return [];
		const [dWx, dq] = builder.apply("gru_grad", [
			dy,
			y,
			gates,
			R
		], attrs);
		const outer = {
			heads: R.type.rows,
			gates: 3,
			seqlen: attrs.seqlen,
			previous: true
		};
		return [
			dWx,
			builder.one("headwise_outer", [dq, y], outer),
			builder.one("column_sum", [dq])
		];
	},
	cost: ([Wx, R], attrs) => {
		const { d, dh } = recurrentSizes(Wx, R, attrs, 3);
		return {
			flops: Wx.rows * d * (6 * dh + 15),
			exps: 3 * Wx.rows * d
		};
	},
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: recurrentCases(3)
});
/**
* dWx and dq (the gradient of R h_{t−1} + bias) of gru from dy, both (batch·seqlen, 3·d). With g_t = dy_t + z_{t+1} g_{t+1} + Rᵀ dq_{t+1}:
*   dn = g (1 − z)(1 − n²),  dr = dn q_n r (1 − r),  dz = g (h_{t−1} − n) z (1 − z);  dWx = dr, dz, dn and dq = dr, dz, dn r.
*/
const gru_grad = defineOp({
	name: "gru_grad",
	inputs: [
		"dy",
		"y",
		"gates",
		"R"
	],
	outputs: ["dWx", "dq"],
	infer: ([dy]) => [f32(dy.rows, 3 * dy.cols), f32(dy.rows, 3 * dy.cols)],
	reference([dy, y, gates, R], [dWx, dq], attrs) {
		const sizes = recurrentSizes(dWx, R, attrs, 3);
		runCellBack(sizes, dy, R, (row, column, dh, first) => {
			const [r, z, n, q] = [
				0,
				1,
				2,
				3
			].map((k) => at(gates, row, k * sizes.d + column));
			const before = first ? 0 : at(y, row - 1, column);
			const dn = dh * (1 - z) * (1 - n * n);
			const [dr, dz] = [dn * q * r * (1 - r), dh * (before - n) * z * (1 - z)];
			[
				dr,
				dz,
				dn
			].forEach((value, k) => set(dWx, row, k * sizes.d + column, value));
			[
				dr,
				dz,
				dn * r
			].forEach((value, k) => set(dq, row, k * sizes.d + column, value));
			return {
				r: [
					dr,
					dz,
					dn * r
				],
				direct: dh * z
			};
		});
	},
	cost: ([dy, , , R]) => ({ flops: dy.rows * dy.cols * (6 * dy.cols / R.rows + 20) }),
	tolerance: 2e-5,
	cases: []
});
/** One unit of the LSTM: state h, c. */
const lstmUnit = (out) => (row, column, x, r, [, c]) => {
	const [i, f, g, o] = x.map((value, k) => value + r[k]);
	const gates = [
		sigmoid(i),
		sigmoid(f),
		Math.tanh(g),
		sigmoid(o)
	];
	const cell = gates[1] * c + gates[0] * gates[2];
	out?.(row, column, gates, cell);
	return [gates[3] * Math.tanh(cell), cell];
};
/**
* LSTM over whole sequences (Hochreiter & Schmidhuber 1997 with forget gates, as torch.nn.LSTM), with R one dense matrix (heads = 1) or
* block-diagonal: i, f, g, o = Wx_t + R h_{t−1} + bias,  c_t = σ(f) c_{t−1} + σ(i) tanh(g),  y_t = h_t = σ(o) tanh(c_t), zeros before t = 0.
* Wx (batch·seqlen, 4·d) in the order i, f, g, o · R (heads, 4·dh·dh), row g·dh + j of a head makes gate g of unit j · bias (1, 4·d).
* gates (batch·seqlen, 4·d) after their activations and cell (batch·seqlen, d) = c are for the gradient.
*/
const lstm$1 = defineOp({
	name: "lstm",
	inputs: [
		"Wx",
		"R",
		"bias"
	],
	outputs: [
		"y",
		"gates",
		"cell"
	],
	infer(inputs, attrs) {
		const { d } = checkRecurrent("lstm", inputs, attrs, 4);
		const state = f32(inputs[0].rows, d);
		return [
			state,
			inputs[0],
			state
		];
	},
	mayOverwrite: { 1: 0 },
	reference(inputs, [y, gates, cell], attrs) {
		const sizes = recurrentSizes(inputs[0], inputs[1], attrs, 4);
		runCell(sizes, inputs, 2, lstmUnit((row, column, values, c) => {
			values.forEach((value, g) => set(gates, row, g * sizes.d + column, value));
			set(cell, row, column, c);
			set(y, row, column, values[3] * Math.tanh(c));
		}));
	},
	gradient(builder, { inputs: [, R], outputs: [y, gates, cell], attrs }, [dy]) {
		if (!dy) return [];
		const dWx = builder.one("lstm_grad", [
			dy,
			gates,
			cell,
			R
		], attrs);
		const outer = {
			heads: R.type.rows,
			gates: 4,
			seqlen: attrs.seqlen,
			previous: true
		};
		return [
			dWx,
			builder.one("headwise_outer", [dWx, y], outer),
			builder.one("column_sum", [dWx])
		];
	},
	cost: ([Wx, R], attrs) => {
		const { d, dh } = recurrentSizes(Wx, R, attrs, 4);
		return {
			flops: Wx.rows * d * (8 * dh + 20),
			exps: 5 * Wx.rows * d
		};
	},
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: recurrentCases(4)
});
/**
* dWx of lstm from dy. With g_t = dy_t + Rᵀ dWx_{t+1} and e_t = g o (1 − tanh² c) + f_{t+1} e_{t+1} the adjoint of c_t:
*   di = e g̃ i (1 − i),  df = e c_{t−1} f (1 − f),  dg̃ = e i (1 − g̃²),  do = g tanh(c) o (1 − o).
*/
const lstm_grad = defineOp({
	name: "lstm_grad",
	inputs: [
		"dy",
		"gates",
		"cell",
		"R"
	],
	outputs: ["dWx"],
	infer: ([, gates]) => [gates],
	mayOverwrite: { 0: 1 },
	reference([dy, gates, cell, R], [dWx], attrs) {
		const sizes = recurrentSizes(gates, R, attrs, 4);
		runCellBack(sizes, dy, R, (row, column, dh, first, carry) => {
			const [i, f, g, o] = [
				0,
				1,
				2,
				3
			].map((k) => at(gates, row, k * sizes.d + column));
			const bounded = Math.tanh(at(cell, row, column));
			const e = dh * o * (1 - bounded * bounded) + carry[0];
			carry[0] = e * f;
			const before = first ? 0 : at(cell, row - 1, column);
			const grads = [
				e * g * i * (1 - i),
				e * before * f * (1 - f),
				e * i * (1 - g * g),
				dh * bounded * o * (1 - o)
			];
			grads.forEach((value, k) => set(dWx, row, k * sizes.d + column, value));
			return { r: grads };
		});
	},
	cost: ([dy, , , R]) => ({
		flops: dy.rows * dy.cols * (8 * dy.cols / R.rows + 25),
		exps: dy.rows * dy.cols
	}),
	tolerance: 2e-5,
	cases: []
});
// kernels/mixers/lstm.ts
const rnnSchema = object({});
/** Parameters and sizes of torch.nn's one-layer recurrent modules, U(±1/√hidden) throughout. */
const rnnParams = (gates, { d_model }) => {
	const init = uniform(1 / Math.sqrt(d_model));
	return {
		weight_ih_l0: {
			shape: [gates * d_model, d_model],
			init,
			decay: true
		},
		weight_hh_l0: {
			shape: [gates * d_model, d_model],
			init,
			decay: true
		},
		bias_ih_l0: {
			shape: [gates * d_model],
			init,
			decay: false
		},
		bias_hh_l0: {
			shape: [gates * d_model],
			init,
			decay: false
		}
	};
};
function rnnConfig(name, options, d_model) {
	rnnSchema.parse(options);
	if (d_model > 1024) throw new Error(`${name}: d_model ${d_model} is more than the ${MAX_HEAD} a dense recurrence can have`);
	return { d_model };
}
/** Inputs of the cell: Wx, R as one head, the recurrent bias. */
const rnnInputs = (g, p, x) => {
	const { rows, cols } = p.weight_hh_l0.type;
	return [
		linear(g, x, p.weight_ih_l0, p.bias_ih_l0),
		g.reshape(p.weight_hh_l0, 1, rows * cols),
		p.bias_hh_l0
	];
};
/**
* LSTM mixer (Hochreiter & Schmidhuber 1997) with hidden size d_model: one layer of torch.nn.LSTM, names and initialisation as there.
* State per sequence: lstm (2·d_model) = h, c, zero before t = 0.
*/
const lstm = {
	name: "lstm",
	title: "LSTM",
	citation: "Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735",
	causal: true,
	schema: rnnSchema,
	resolve: (options, { d_model }) => rnnConfig("lstm", options, d_model),
	params: (c) => rnnParams(4, c),
	forward: (g, p, x, _c, dims) => g.one("lstm", rnnInputs(g, p, x), dims),
	state: (c) => ({ lstm: 2 * c.d_model }),
	step: (g, p, x, state) => g.one("lstm_step", [...rnnInputs(g, p, x), state.lstm]),
	flopsPerToken: ({ d_model }) => d_model * (16 * d_model + 20)
};
// kernels/mixers/gru.ts
/**
* GRU mixer (Cho et al. 2014, arXiv:1406.1078) with hidden size d_model: one layer of torch.nn.GRU, names, initialisation and the place of
* the reset gate as there. State per sequence: gru (d_model) = h, zero before t = 0.
*/
const gru = {
	name: "gru",
	title: "GRU",
	citation: "Cho et al. 2014, arXiv:1406.1078",
	causal: true,
	schema: rnnSchema,
	resolve: (options, { d_model }) => rnnConfig("gru", options, d_model),
	params: (c) => rnnParams(3, c),
	forward: (g, p, x, _c, dims) => g.one("gru", rnnInputs(g, p, x), dims),
	state: (c) => ({ gru: c.d_model }),
	step: (g, p, x, state) => g.one("gru_step", [...rnnInputs(g, p, x), state.gru]),
	flopsPerToken: ({ d_model }) => d_model * (12 * d_model + 15)
};
// kernels/mixers/h3.ts
const schema$8 = object({
	d_state: int().min(2).max(256).multipleOf(2).default(64).describe("State size of the diagonal memory of each channel (§3.1)"),
	d_shift: int().min(1).max(16).default(4).describe("Positions that the shift memory reaches back, this one included (§3.1)")
});
const frequencies$2 = (out, _stream, [, modes]) => out.forEach((_, i) => out[i] = Math.PI * (i % modes));
/**
* H3 with one channel a head (Fu et al. 2023, arXiv:2212.14052, §3.1): q ⊙ SSM_diag(SSM_shift(k) ⊙ v). The shift memory lets a key meet the
* value after it; the diagonal one (here S4D-Lin) keeps what they made until a query asks. Causal.
* State per sequence: keys (d_model·(d_shift − 1)) last keys, ssm (d_model·d_state), zero before t = 0.
* Official implementation: HazyResearch/H3, src/models/ssm/h3.py, after which the parameters are named.
*/
const h3 = {
	name: "h3",
	title: "H3 (gated state spaces)",
	citation: "Fu et al. 2023, arXiv:2212.14052",
	causal: true,
	schema: schema$8,
	resolve: (options, { d_model }) => ({
		d_model,
		...schema$8.parse(options)
	}),
	params: ({ d_model: H, d_state, d_shift }) => {
		const modes = d_state / 2;
		const bias = {
			shape: [H],
			init: uniform(1 / Math.sqrt(H)),
			decay: false
		};
		const projections = [
			"q_proj",
			"k_proj",
			"v_proj",
			"output_linear"
		].flatMap((name) => [[`${name}.weight`, {
			shape: [H, H],
			init: fanIn(),
			decay: true
		}], [`${name}.bias`, bias]]);
		return {
			...Object.fromEntries(projections),
			"ssm_k_kernel.C": {
				shape: [d_shift, H],
				init: normal(1 / Math.sqrt(d_shift)),
				decay: true
			},
			ssm_k_D: {
				shape: [H],
				init: normal(1),
				decay: true
			},
			"kernel.C": {
				shape: [
					H,
					modes,
					2
				],
				init: normal(Math.SQRT1_2),
				decay: true
			},
			"kernel.log_dt": {
				shape: [H],
				init: logUniform(.001, .1),
				decay: false,
				slow: true
			},
			"kernel.log_A_real": {
				shape: [H, modes],
				init: constant(Math.log(.5)),
				decay: false,
				slow: true
			},
			"kernel.A_imag": {
				shape: [H, modes],
				init: frequencies$2,
				decay: false,
				slow: true
			},
			D: {
				shape: [H],
				init: normal(1),
				decay: true
			}
		};
	},
	forward(g, p, x, c, { batch, seqlen }) {
		const k = linear(g, x, p["k_proj.weight"], p["k_proj.bias"]);
		return around$1(g, p, x, shifted(g, p, Array.from({ length: c.d_shift }, (_, shift) => shift === 0 ? k : g.one("shift_rows", [k], {
			batch,
			from: seqlen,
			to: seqlen,
			shift
		}))), (kv) => g.one("diagonal_scan", [kv, ...memory(p)], {
			batch,
			seqlen,
			real: false
		}));
	},
	state: ({ d_model, d_state, d_shift }) => ({
		...d_shift > 1 ? { keys: d_model * (d_shift - 1) } : {},
		ssm: d_model * d_state
	}),
	step(g, p, x, state, c) {
		const k = linear(g, x, p["k_proj.weight"], p["k_proj.bias"]);
		const window = c.d_shift > 1 ? g.apply("window_step", [k, state.keys])[0] : k;
		const past = g.split(window, Array.from({ length: c.d_shift }, () => c.d_model)).reverse();
		const [C, D, ...modes] = [
			"kernel.C",
			"D",
			"kernel.log_dt",
			"kernel.log_A_real",
			"kernel.A_imag"
		].map((name) => p[name]);
		return around$1(g, p, x, shifted(g, p, past), (kv) => g.apply("diagonal_scan_step", [
			kv,
			modes[0],
			modes[1],
			C,
			D,
			state.ssm,
			modes[2]
		], { real: false })[0]);
	},
	flopsPerToken: (c) => c.d_model * (8 * c.d_model + 2 * c.d_shift + 4 * c.d_state + 40)
};
const memory = (p) => [
	"kernel.log_dt",
	"kernel.log_A_real",
	"kernel.C",
	"D",
	"kernel.A_imag"
].map((name) => p[name]);
/** Σ_s C_s ⊙ k_{t−s} + D ⊙ k_t: the shift memory. `past` holds k of this position, of the one before, … */
function shifted(g, p, past) {
	let y = g.one("channel_scale", [past[0], p.ssm_k_D]);
	past.forEach((k, s) => y = g.one("channel_scale", [
		k,
		g.everyRow(p["ssm_k_kernel.C"], s, past.length),
		y
	], { addend: true }));
	return y;
}
function around$1(g, p, x, k, remember) {
	const [q, v] = ["q_proj", "v_proj"].map((name) => linear(g, x, p[`${name}.weight`], p[`${name}.bias`]));
	const y = g.one("mul", [q, remember(g.one("mul", [k, v]))]);
	return linear(g, y, p["output_linear.weight"], p["output_linear.bias"]);
}
// kernels/mixers/mamba.ts
const schema$7 = object({
	d_state: int().min(1).max(256).default(16).describe("State size N of each channel (Gu & Dao 2023, §3.6)"),
	d_conv: int().min(2).max(8).default(4).describe("Width of the causal convolution in time steps"),
	expand: int().min(1).max(8).default(2).describe("d_inner = expand · d_model (§3.4)"),
	dt_rank: int().min(1).optional().describe("Rank of the projection of Δ; d_model / 16 rounded up when left out (§3.6)"),
	selective: boolean().default(true).describe("Off: Δ, B and C are learned constants, a time-invariant core in the same block, the control of the ablations (§4.1, §4.6)")
});
/** Δ before bias and softplus, B and C for each row of v (R, d_inner); the same in every row where the core is not selective. */
function selection(g, p, v, c) {
	if (!c.selective) {
		const rows = v.type.rows;
		const constants = linear(g, g.one("fill", [], {
			rows,
			cols: 1,
			value: 1
		}), p.BC);
		return [g.one("fill", [], {
			rows,
			cols: c.d_inner,
			value: 0
		}), ...g.split(constants, [c.d_state, c.d_state])];
	}
	const [dt, B, C] = g.split(linear(g, v, p["x_proj.weight"]), [
		c.dt_rank,
		c.d_state,
		c.d_state
	]);
	return [
		linear(g, dt, p["dt_proj.weight"]),
		B,
		C
	];
}
/**
* Mamba mixer with the selective scan S6 (Gu & Dao 2023, arXiv:2312.00752, fig. 3; expand §3.4; dt_rank and initialisation §3.6). Causal.
* State per sequence: conv (d_inner·(d_conv − 1)) last inputs of the convolution, ssm (d_inner·d_state), both f32, zero before t = 0.
* Official implementation: mamba_ssm/modules/mamba_simple.py; out_proj is scaled by 1/√n_layer as in its language model.
*/
const mamba = {
	name: "mamba",
	title: "Mamba (S6)",
	citation: "Gu & Dao 2023, arXiv:2312.00752",
	causal: true,
	schema: schema$7,
	resolve(options, { d_model, n_layer }) {
		const { d_state, d_conv, expand, dt_rank = Math.ceil(d_model / 16), selective } = schema$7.parse(options);
		return {
			d_model,
			d_inner: expand * d_model,
			d_state,
			d_conv,
			dt_rank,
			selective,
			n_layer
		};
	},
	params: (c) => ({
		"in_proj.weight": {
			shape: [2 * c.d_inner, c.d_model],
			init: fanIn(),
			decay: true
		},
		"conv1d.weight": {
			shape: [
				c.d_inner,
				1,
				c.d_conv
			],
			init: fanIn(),
			decay: true
		},
		"conv1d.bias": {
			shape: [c.d_inner],
			init: uniform(1 / Math.sqrt(c.d_conv)),
			decay: false
		},
		...c.selective ? {
			"x_proj.weight": {
				shape: [c.dt_rank + 2 * c.d_state, c.d_inner],
				init: fanIn(),
				decay: true
			},
			"dt_proj.weight": {
				shape: [c.d_inner, c.dt_rank],
				init: uniform(1 / Math.sqrt(c.dt_rank)),
				decay: true
			}
		} : { BC: {
			shape: [2 * c.d_state, 1],
			init: normal(1),
			decay: false
		} },
		"dt_proj.bias": {
			shape: [c.d_inner],
			init: inverseSoftplusLogUniform(.001, .1, 1e-4),
			decay: false
		},
		A_log: {
			shape: [c.d_inner, c.d_state],
			init: logArange,
			decay: false
		},
		D: {
			shape: [c.d_inner],
			init: constant(1),
			decay: false
		},
		"out_proj.weight": {
			shape: [c.d_model, c.d_inner],
			init: fanIn(1 / Math.sqrt(c.n_layer)),
			decay: true
		}
	}),
	forward(g, p, x, c, dims) {
		const [u, z] = g.split(linear(g, x, p["in_proj.weight"]), [c.d_inner, c.d_inner]);
		const v = g.one("conv1d_silu", [
			u,
			p["conv1d.weight"],
			p["conv1d.bias"]
		], dims);
		const [delta, B, C] = selection(g, p, v, c);
		const A = g.one("neg_exp", [p.A_log]);
		const y = g.one("selective_scan", [
			v,
			delta,
			A,
			B,
			C,
			p.D,
			z,
			p["dt_proj.bias"]
		], dims);
		return linear(g, y, p["out_proj.weight"]);
	},
	state: (c) => ({
		conv: c.d_inner * (c.d_conv - 1),
		ssm: c.d_inner * c.d_state
	}),
	step(g, p, x, state, c) {
		const [u, z] = g.split(linear(g, x, p["in_proj.weight"]), [c.d_inner, c.d_inner]);
		const [v] = g.apply("conv1d_silu_step", [
			u,
			state.conv,
			p["conv1d.weight"],
			p["conv1d.bias"]
		]);
		const [delta, B, C] = selection(g, p, v, c);
		const A = g.one("neg_exp", [p.A_log]);
		const [y] = g.apply("selective_scan_step", [
			v,
			delta,
			A,
			B,
			C,
			p.D,
			z,
			p["dt_proj.bias"],
			state.ssm
		]);
		return linear(g, y, p["out_proj.weight"]);
	},
	flopsPerToken: (c) => 2 * c.d_inner * (3 * c.d_model + (c.selective ? 2 * c.dt_rank + 2 * c.d_state : 0)) + c.d_inner * (2 * c.d_conv + 4) + c.d_inner * (6 * c.d_state + 8)
};
// kernels/mixers/mamba2.ts
const schema$6 = object({
	d_state: int().min(1).max(256).default(128).describe("Keys N of the matrix state of each head (Dao & Gu 2024, §7.1)"),
	d_conv: int().min(2).max(8).default(4).describe("Width of the causal convolution in time steps"),
	expand: int().min(1).max(8).default(2).describe("d_inner = expand · d_model"),
	headdim: int().min(1).max(256).optional().describe("Channels P of a head, a divisor of d_inner; left out, the largest power of two up to 64 that divides it"),
	ngroups: int().min(1).max(64).default(1).describe("Groups of heads that share B and C, a divisor of the heads (§7.2)")
});
const NORM_EPS$4 = 1e-5;
const powerOfTwoIn = (n, most) => {
	let p = 1;
	while (n % (2 * p) === 0 && 2 * p <= most) p *= 2;
	return p;
};
const convWidth = (c) => c.d_inner + 2 * c.ngroups * c.d_state;
/** Splits in_proj's output: z, what the convolution sees (x, B, C), dt. */
const project = (g, p, x, c) => g.split(linear(g, x, p["in_proj.weight"]), [
	c.d_inner,
	convWidth(c),
	c.nheads
]);
const parts = (c) => [
	c.d_inner,
	c.ngroups * c.d_state,
	c.ngroups * c.d_state
];
/** y · silu(z), then the norm of each group (norm_before_gate = False), then out_proj. */
const finish$2 = (g, p, y, z, c) => {
	const gated = g.one("glu", [y, z], { kind: ACTIVATIONS.silu });
	return linear(g, g.one("rms_norm", [gated, p["norm.weight"]], {
		eps: NORM_EPS$4,
		groups: c.ngroups
	}), p["out_proj.weight"]);
};
/**
* Mamba-2 mixer: heads of a scalar decay over a matrix state, state space duality (Dao & Gu 2024, arXiv:2405.21060, fig. 6 and §7). Causal.
* State per sequence: conv ((d_inner + 2·ngroups·d_state)·(d_conv − 1)) last inputs of the convolution, ssm (d_inner·d_state), zero before
* t = 0. Official implementation: mamba_ssm/modules/mamba2.py; A from U(1, 16), out_proj scaled by 1/√n_layer as in its language model.
*/
const mamba2 = {
	name: "mamba2",
	title: "Mamba-2 (SSD)",
	citation: "Dao & Gu 2024, arXiv:2405.21060",
	causal: true,
	schema: schema$6,
	resolve(options, { d_model, n_layer }) {
		const { d_state, d_conv, expand, ngroups, ...given } = schema$6.parse(options);
		const d_inner = expand * d_model;
		const headdim = given.headdim ?? powerOfTwoIn(d_inner, 64);
		const nheads = d_inner / headdim;
		if (!Number.isInteger(nheads)) throw new Error(`mamba2: headdim ${headdim} does not divide expand · d_model = ${d_inner}`);
		if (nheads % ngroups) throw new Error(`mamba2: ngroups ${ngroups} does not divide the ${nheads} heads of ${headdim} channels`);
		return {
			d_model,
			d_inner,
			d_state,
			d_conv,
			headdim,
			nheads,
			ngroups,
			n_layer
		};
	},
	params: (c) => ({
		"in_proj.weight": {
			shape: [c.d_inner + convWidth(c) + c.nheads, c.d_model],
			init: fanIn(),
			decay: true
		},
		"conv1d.weight": {
			shape: [
				convWidth(c),
				1,
				c.d_conv
			],
			init: fanIn(),
			decay: true
		},
		"conv1d.bias": {
			shape: [convWidth(c)],
			init: uniform(1 / Math.sqrt(c.d_conv)),
			decay: false
		},
		dt_bias: {
			shape: [c.nheads],
			init: inverseSoftplusLogUniform(.001, .1, 1e-4),
			decay: false
		},
		A_log: {
			shape: [c.nheads],
			init: logOfUniform(1, 16),
			decay: false
		},
		D: {
			shape: [c.nheads],
			init: constant(1),
			decay: false
		},
		"norm.weight": {
			shape: [c.d_inner],
			init: constant(1),
			decay: false
		},
		"out_proj.weight": {
			shape: [c.d_model, c.d_inner],
			init: fanIn(1 / Math.sqrt(c.n_layer)),
			decay: true
		}
	}),
	forward(g, p, x, c, dims) {
		const [z, xBC, dt] = project(g, p, x, c);
		const [u, B, C] = g.split(g.one("conv1d_silu", [
			xBC,
			p["conv1d.weight"],
			p["conv1d.bias"]
		], dims), parts(c));
		const A = g.one("neg_exp", [p.A_log]);
		const y = g.one("ssd", [
			u,
			dt,
			A,
			B,
			C,
			p.D,
			p.dt_bias
		], {
			...dims,
			groups: c.ngroups
		});
		return finish$2(g, p, y, z, c);
	},
	state: (c) => ({
		conv: convWidth(c) * (c.d_conv - 1),
		ssm: c.d_inner * c.d_state
	}),
	step(g, p, x, state, c) {
		const [z, xBC, dt] = project(g, p, x, c);
		const [v] = g.apply("conv1d_silu_step", [
			xBC,
			state.conv,
			p["conv1d.weight"],
			p["conv1d.bias"]
		]);
		const [u, B, C] = g.split(v, parts(c));
		const [y] = g.apply("ssd_step", [
			u,
			dt,
			g.one("neg_exp", [p.A_log]),
			B,
			C,
			p.D,
			p.dt_bias,
			state.ssm
		], { groups: c.ngroups });
		return finish$2(g, p, y, z, c);
	},
	flopsPerToken: (c) => 2 * c.d_model * (2 * c.d_inner + convWidth(c) + c.nheads) + convWidth(c) * (2 * c.d_conv + 4) + c.d_inner * (6 * c.d_state + 2) + 9 * c.d_inner
};
// kernels/mixers/headNorm.ts
/** LayerNorm of each head's columns by itself, scaled by 1 + `weight` (1, columns): package xlstm stores γ − 1 (components/ln.py). */
function headNorm(g, y, weight, heads, eps) {
	const gamma = g.one("add", [weight, g.one("fill", [], {
		rows: 1,
		cols: weight.type.cols,
		value: 1
	})]);
	return g.one("layer_norm", [y, gamma], {
		eps,
		groups: heads,
		bias: false
	});
}
// kernels/mixers/mlstm.ts
const schema$5 = object({
	num_heads: int().min(1).max(64).default(4).describe("Heads, each with a memory of d_inner / num_heads keys and values"),
	proj_factor: number().positive().max(8).default(2).describe("d_inner is proj_factor · d_model, rounded up (Beck et al. 2024, fig. 10)"),
	round_to: int().min(1).max(256).default(64).describe("d_inner is rounded up to a multiple of this; 64 in package xlstm"),
	d_conv: int().min(2).max(8).default(4).describe("Width of the causal convolution before queries and keys"),
	qkv_proj_blocksize: int().min(1).max(64).default(4).describe("Width of the blocks of the block-diagonal projections to q, k and v")
});
const NORM_EPS$3 = 1e-5;
/**
* mLSTM mixer (Beck et al. 2024, arXiv:2405.04517, fig. 10): up-projection to two branches; a causal convolution with SiLU feeds q and k, the
* branch itself v; scalar gates per head from q, k, v; the cell (ops/mlstm); LayerNorm of each head; a learnable skip; the other branch gates.
* Official implementation: package xlstm, blocks/mlstm/layer.py. As there, mlstm_cell.outnorm.weight is γ − 1.
* State per sequence: conv (d_inner·(d_conv − 1)) last inputs, C (d_inner²/num_heads), n (d_inner), m (num_heads), zero before t = 0.
*/
const mlstm$1 = {
	name: "mlstm",
	title: "mLSTM (xLSTM)",
	citation: "Beck et al. 2024, arXiv:2405.04517",
	causal: true,
	schema: schema$5,
	resolve(options, { d_model, n_layer }) {
		const { num_heads, proj_factor, round_to, d_conv, qkv_proj_blocksize: block } = schema$5.parse(options);
		const d_inner = Math.ceil(proj_factor * d_model / round_to) * round_to;
		if (d_inner % num_heads) throw new Error(`mlstm: num_heads ${num_heads} does not divide d_inner ${d_inner}`);
		if (d_inner % block) throw new Error(`mlstm: qkv_proj_blocksize ${block} does not divide d_inner ${d_inner}`);
		return {
			d_model,
			d_inner,
			num_heads,
			d_conv,
			block,
			n_layer
		};
	},
	params: (c) => {
		const small = normal(Math.sqrt(2 / (5 * c.d_model)));
		const headwise = {
			shape: [
				c.d_inner / c.block,
				c.block,
				c.block
			],
			init: small,
			decay: true
		};
		const gate = {
			shape: [c.num_heads, 3 * c.d_inner],
			init: constant(0),
			decay: true
		};
		return {
			"proj_up.weight": {
				shape: [2 * c.d_inner, c.d_model],
				init: small,
				decay: true
			},
			"q_proj.weight": headwise,
			"k_proj.weight": headwise,
			"v_proj.weight": headwise,
			"conv1d.conv.weight": {
				shape: [
					c.d_inner,
					1,
					c.d_conv
				],
				init: fanIn(),
				decay: true
			},
			"conv1d.conv.bias": {
				shape: [c.d_inner],
				init: uniform(1 / Math.sqrt(c.d_conv)),
				decay: false
			},
			"mlstm_cell.igate.weight": gate,
			"mlstm_cell.igate.bias": {
				shape: [c.num_heads],
				init: normal(.1),
				decay: false
			},
			"mlstm_cell.fgate.weight": gate,
			"mlstm_cell.fgate.bias": {
				shape: [c.num_heads],
				init: linspace(3, 6),
				decay: false
			},
			"mlstm_cell.outnorm.weight": {
				shape: [c.d_inner],
				init: constant(0),
				decay: false
			},
			learnable_skip: {
				shape: [c.d_inner],
				init: constant(1),
				decay: false
			},
			"proj_down.weight": {
				shape: [c.d_model, c.d_inner],
				init: normal(2 / c.n_layer / Math.sqrt(c.d_model)),
				decay: true
			}
		};
	},
	forward(g, p, x, c, dims) {
		const [u, gate] = g.split(linear(g, x, p["proj_up.weight"]), [c.d_inner, c.d_inner]);
		const convolved = g.one("conv1d_silu", [
			u,
			p["conv1d.conv.weight"],
			p["conv1d.conv.bias"]
		], dims);
		return finish$1(g, p, g.one("mlstm", cellInputs$1(g, p, u, convolved), dims), convolved, gate, c);
	},
	state: (c) => ({
		conv: c.d_inner * (c.d_conv - 1),
		C: c.d_inner ** 2 / c.num_heads,
		n: c.d_inner,
		m: c.num_heads
	}),
	step(g, p, x, state, c) {
		const [u, gate] = g.split(linear(g, x, p["proj_up.weight"]), [c.d_inner, c.d_inner]);
		const convolved = g.one("conv1d_silu_step", [
			u,
			state.conv,
			p["conv1d.conv.weight"],
			p["conv1d.conv.bias"]
		]);
		return finish$1(g, p, g.one("mlstm_step", [
			...cellInputs$1(g, p, u, convolved),
			state.C,
			state.n,
			state.m
		]), convolved, gate, c);
	},
	flopsPerToken: (c) => c.d_inner * (6 * c.d_model + 6 * c.block + 12 * c.num_heads + 6 * c.d_inner / c.num_heads + 2 * c.d_conv + 4 + 7 + 7)
};
/** q, k, v (rows, d_inner), side by side for the gates that read all three, and the gates i, f (rows, num_heads). */
function cellInputs$1(g, p, u, convolved) {
	const [q, k] = ["q_proj.weight", "k_proj.weight"].map((name) => g.one("headwise_linear", [convolved, p[name]]));
	const v = g.one("headwise_linear", [u, p["v_proj.weight"]]);
	const all = g.concat([
		q,
		k,
		v
	]);
	const gate = (name) => linear(g, all, p[`mlstm_cell.${name}.weight`], p[`mlstm_cell.${name}.bias`]);
	return [
		q,
		k,
		v,
		gate("igate"),
		gate("fgate")
	];
}
function finish$1(g, p, h, convolved, gate, c) {
	const normed = headNorm(g, h, p["mlstm_cell.outnorm.weight"], c.num_heads, NORM_EPS$3);
	return linear(g, g.one("skip_gate", [
		normed,
		convolved,
		p.learnable_skip,
		gate
	]), p["proj_down.weight"]);
}
// kernels/mixers/mlstm_large.ts
const schema$4 = object({
	num_heads: int().min(1).max(64).default(4).describe("Heads, each with a matrix memory of its own"),
	qk_dim_factor: number().positive().max(2).default(.5).describe("Width of queries and keys over d_model (Beck et al. 2025, §3)"),
	v_dim_factor: number().positive().max(4).default(1).describe("Width of values over d_model"),
	gate_soft_cap: number().positive().max(100).default(15).describe("Input and forget gates before activation stay within ± this")
});
const NORM_EPS$2 = 1e-6;
/**
* mLSTM mixer of xLSTM 7B (Beck et al. 2025, arXiv:2503.13427, fig. 2 and §3): no convolution and no up-projection; q, k, v, a sigmoid output
* gate and soft-capped scalar gates straight from x; LayerNorm of each head. A gated MLP follows it in the published block.
* Official implementation: package xlstm, xlstm_large/model.py, weight_mode "single"; multihead_norm.weight is γ itself.
* State per sequence: C (qk_dim·v_dim / num_heads), n (qk_dim), m (num_heads), zero before t = 0.
*/
const mlstm_large = {
	name: "mlstm_large",
	title: "mLSTM (xLSTM 7B)",
	citation: "Beck et al. 2025, arXiv:2503.13427",
	causal: true,
	mlp: {
		kind: "swiglu",
		ratio: 2.6667
	},
	schema: schema$4,
	resolve(options, { d_model, n_layer }) {
		const { num_heads, qk_dim_factor, v_dim_factor, gate_soft_cap } = schema$4.parse(options);
		const [qk_dim, v_dim] = [Math.floor(d_model * qk_dim_factor), Math.floor(d_model * v_dim_factor)];
		for (const [name, dim] of Object.entries({
			qk_dim,
			v_dim
		})) if (dim === 0 || dim % num_heads) throw new Error(`mlstm_large: num_heads ${num_heads} does not divide ${name} ${dim}`);
		return {
			d_model,
			qk_dim,
			v_dim,
			num_heads,
			gate_soft_cap,
			n_layer
		};
	},
	params: (c) => {
		const projection = (rows) => ({
			shape: [rows, c.d_model],
			init: normal(Math.sqrt(2 / (5 * c.d_model))),
			decay: true
		});
		const gate = {
			shape: [c.num_heads, c.d_model],
			init: constant(0),
			decay: true
		};
		return {
			"q.weight": projection(c.qk_dim),
			"k.weight": projection(c.qk_dim),
			"v.weight": projection(c.v_dim),
			"ogate_preact.weight": projection(c.v_dim),
			"igate_preact.weight": gate,
			"igate_preact.bias": {
				shape: [c.num_heads],
				init: constant(-10),
				decay: false
			},
			"fgate_preact.weight": gate,
			"fgate_preact.bias": {
				shape: [c.num_heads],
				init: linspace(3, 6),
				decay: false
			},
			"multihead_norm.weight": {
				shape: [c.v_dim],
				init: constant(1),
				decay: false
			},
			"out_proj.weight": {
				shape: [c.d_model, c.v_dim],
				init: normal(2 / c.n_layer / Math.sqrt(c.d_model)),
				decay: true
			}
		};
	},
	forward: (g, p, x, c, dims) => finish(g, p, x, g.one("mlstm", cellInputs(g, p, x, c), dims), c),
	state: (c) => ({
		C: c.qk_dim * c.v_dim / c.num_heads,
		n: c.qk_dim,
		m: c.num_heads
	}),
	step: (g, p, x, state, c) => finish(g, p, x, g.one("mlstm_step", [
		...cellInputs(g, p, x, c),
		state.C,
		state.n,
		state.m
	]), c),
	flopsPerToken: (c) => 2 * c.d_model * (2 * c.qk_dim + 3 * c.v_dim + 2 * c.num_heads) + 6 * c.qk_dim * c.v_dim / c.num_heads + 12 * c.v_dim
};
function cellInputs(g, p, x, c) {
	const gate = (name) => g.one("soft_cap", [linear(g, x, p[`${name}.weight`], p[`${name}.bias`])], { cap: c.gate_soft_cap });
	return [
		...[
			"q",
			"k",
			"v"
		].map((name) => linear(g, x, p[`${name}.weight`])),
		gate("igate_preact"),
		gate("fgate_preact")
	];
}
function finish(g, p, x, h, c) {
	const normed = g.one("layer_norm", [h, p["multihead_norm.weight"]], {
		eps: NORM_EPS$2,
		groups: c.num_heads,
		bias: false
	});
	const gated = g.one("glu", [normed, linear(g, x, p["ogate_preact.weight"])], { kind: ACTIVATIONS.sigmoid });
	return linear(g, gated, p["out_proj.weight"]);
}
// kernels/mixers/hippo.ts
const known = /* @__PURE__ */ new Map();
/**
* The normal-plus-low-rank form of HiPPO-LegS (Gu, Goel & Ré 2022, arXiv:2111.00396, theorem 1 and appendix C.2) for an even state size N:
* A_nk = −√((2n+1)(2k+1)) below the diagonal, −(n+1) on it; B_n = √(2n+1); P_n = √(n + ½). A + P Pᵀ = −½ I + K with K skew-symmetric.
* The eigenvectors of K are found in float64 by Jacobi rotations, so every machine begins with the same bits. Each eigenvector's phase
* is chosen so that its entry of B is positive.
*/
function hippoLegs(N) {
	const before = known.get(N);
	if (before) return before;
	if (N % 2) throw new Error(`The state size of HiPPO-LegS is even, not ${N}`);
	const matrix = Array.from({ length: 2 * N }, () => new Float64Array(2 * N));
	for (let n = 0; n < N; n++) for (let k = 0; k < n; k++) {
		const value = -Math.sqrt((2 * n + 1) * (2 * k + 1)) / 2;
		matrix[n][N + k] = value;
		matrix[k][N + n] = -value;
		matrix[N + n][k] = -value;
		matrix[N + k][n] = value;
	}
	const { values, vectors } = symmetricEigen(matrix);
	const order = Array.from(values.keys()).filter((i) => values[i] > 0).sort((a, b) => values[a] - values[b]).filter((_, i) => i % 2 === 0);
	const project = (weights) => {
		const [re, im] = [new Float64Array(N / 2), new Float64Array(N / 2)];
		order.forEach((column, i) => {
			for (let n = 0; n < N; n++) {
				re[i] += vectors[n][column] * weights(n);
				im[i] -= vectors[N + n][column] * weights(n);
			}
		});
		return {
			re,
			im
		};
	};
	const [B, P] = [project((n) => Math.sqrt(2 * n + 1)), project((n) => Math.sqrt(n + .5))];
	for (let i = 0; i < N / 2; i++) {
		const size = Math.hypot(B.re[i], B.im[i]);
		const [c, s] = [B.re[i] / size, B.im[i] / size];
		[P.re[i], P.im[i]] = [P.re[i] * c + P.im[i] * s, P.im[i] * c - P.re[i] * s];
		[B.re[i], B.im[i]] = [size, 0];
	}
	const modes = {
		imag: Float64Array.from(order, (i) => values[i]),
		P,
		B
	};
	known.set(N, modes);
	return modes;
}
/** Eigenvalues and eigenvectors (columns) of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, algorithm 8.5.3). */
function symmetricEigen(a) {
	const n = a.length;
	const vectors = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => i === j ? 1 : 0));
	const off = () => a.reduce((sum, row, i) => sum + row.reduce((s, x, j) => i === j ? s : s + x * x, 0), 0);
	const total = off();
	while (off() > 1e-28 * total) for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) {
		if (a[p][q] === 0) continue;
		const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
		const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
		const c = 1 / Math.sqrt(t * t + 1);
		const s = t * c;
		for (let k = 0; k < n; k++) {
			const [x, y] = [a[k][p], a[k][q]];
			a[k][p] = c * x - s * y;
			a[k][q] = s * x + c * y;
		}
		for (let k = 0; k < n; k++) {
			const [x, y] = [a[p][k], a[q][k]];
			a[p][k] = c * x - s * y;
			a[q][k] = s * x + c * y;
			const [v, w] = [vectors[k][p], vectors[k][q]];
			vectors[k][p] = c * v - s * w;
			vectors[k][q] = s * v + c * w;
		}
	}
	return {
		values: Float64Array.from(a, (row, i) => row[i]),
		vectors
	};
}
// kernels/mixers/s4d.ts
const schema$3 = object({
	d_state: int().min(2).max(256).multipleOf(2).default(64).describe("State size N of each channel; complex states come as N/2 conjugate pairs"),
	init: _enum([
		"lin",
		"inv",
		"legs",
		"real"
	]).default("lin").describe("Frequencies at the start: S4D-Lin, S4D-Inv, S4D-LegS, or S4D-Real with N real states (arXiv:2206.11893, §4)"),
	dt_min: number().positive().max(1).default(.001).describe("Smallest step Δ at the start; memory reaches about 2/Δ positions"),
	dt_max: number().positive().max(10).default(.1).describe("Largest step Δ at the start")
});
/** Im A of mode n of N/2 (Gu et al. 2022, arXiv:2206.11893, §4; LegS: the eigenvalues of the normal matrix of S4). */
const frequencies$1 = ({ init, d_state: N }) => (out, _stream, [, modes]) => out.forEach((_, i) => {
	const n = i % modes;
	out[i] = init === "lin" ? Math.PI * n : init === "inv" ? N / Math.PI * (N / (2 * n + 1) - 1) : hippoLegs(N).imag[n];
});
/** log(n + 1): A = −(1 … N), S4D-Real (§4). */
const logCount = (out, _stream, [, modes]) => out.forEach((_, i) => out[i] = Math.log(i % modes + 1));
/**
* S4D: one diagonal state space per channel, GELU, then a position-wise gated linear unit (Gu et al. 2022, arXiv:2206.11893). Causal.
* State per sequence: ssm (d_model·d_state), zero before t = 0. Official implementation: state-spaces/s4, models/s4/s4d.py.
*/
const s4d = {
	name: "s4d",
	title: "S4D (diagonal)",
	citation: "Gu, Gupta, Goel & Ré 2022, arXiv:2206.11893",
	causal: true,
	schema: schema$3,
	resolve: (options, { d_model }) => ({
		d_model,
		...schema$3.parse(options)
	}),
	params: (c) => {
		const [H, modes, real] = [
			c.d_model,
			c.init === "real" ? c.d_state : c.d_state / 2,
			c.init === "real"
		];
		return {
			D: {
				shape: [H],
				init: normal(1),
				decay: true
			},
			"kernel.C": {
				shape: real ? [H, modes] : [
					H,
					modes,
					2
				],
				init: normal(real ? 1 : Math.SQRT1_2),
				decay: true
			},
			"kernel.log_dt": {
				shape: [H],
				init: logUniform(c.dt_min, c.dt_max),
				decay: false,
				slow: true
			},
			"kernel.log_A_real": {
				shape: [H, modes],
				init: real ? logCount : constant(Math.log(.5)),
				decay: false,
				slow: true
			},
			...real ? {} : { "kernel.A_imag": {
				shape: [H, modes],
				init: frequencies$1(c),
				decay: false,
				slow: true
			} },
			"output_linear.0.weight": {
				shape: [
					2 * H,
					H,
					1
				],
				init: fanIn(),
				decay: true
			},
			"output_linear.0.bias": {
				shape: [2 * H],
				init: uniform(1 / Math.sqrt(H)),
				decay: false
			}
		};
	},
	forward(g, p, x, c, dims) {
		const A_imag = c.init === "real" ? [] : [p["kernel.A_imag"]];
		const [y] = g.apply("diagonal_scan", [
			x,
			p["kernel.log_dt"],
			p["kernel.log_A_real"],
			p["kernel.C"],
			p.D,
			...A_imag
		], {
			...dims,
			real: c.init === "real"
		});
		return gatedOutput(g, p, y, c.d_model);
	},
	state: (c) => ({ ssm: c.d_model * c.d_state }),
	step(g, p, x, state, c) {
		const A_imag = c.init === "real" ? [] : [p["kernel.A_imag"]];
		const [y] = g.apply("diagonal_scan_step", [
			x,
			p["kernel.log_dt"],
			p["kernel.log_A_real"],
			p["kernel.C"],
			p.D,
			state.ssm,
			...A_imag
		], { real: c.init === "real" });
		return gatedOutput(g, p, y, c.d_model);
	},
	flopsPerToken: (c) => c.d_model * (4 * c.d_state + 4 * c.d_model + 24)
};
/** GELU, a linear layer to twice the width, and its first half gated by its second: (R, d_model) → the same. */
function gatedOutput(g, p, y, d_model) {
	const active = g.one("activation", [y], { kind: ACTIVATIONS.gelu });
	const both = linear(g, active, p["output_linear.0.weight"], p["output_linear.0.bias"]);
	return g.one("glu", g.split(both, [d_model, d_model]), { kind: ACTIVATIONS.sigmoid });
}
// kernels/mixers/s4.ts
const schema$2 = object({
	d_state: int().min(2).max(256).multipleOf(2).default(64).describe("State size N of each channel; complex states come as N/2 conjugate pairs"),
	dt_min: number().positive().max(1).default(.001).describe("Smallest step Δ at the start; memory reaches about 2/Δ positions"),
	dt_max: number().positive().max(10).default(.1).describe("Largest step Δ at the start")
});
/** HiPPO-LegS; A has −i·A_imag, so what belongs to the modes above the axis is conjugated. */
const hippo = (N, part) => (out) => {
	const modes = hippoLegs(N);
	out.forEach((_, i) => {
		if (part === "imag") out[i] = modes.imag[i % (N / 2)];
		else {
			const n = Math.floor(i / 2) % (N / 2);
			out[i] = i % 2 ? -modes[part].im[n] : modes[part].re[n];
		}
	});
};
/**
* S4: per channel a state space that starts as HiPPO-LegS, diagonal plus rank one and kept stable (A = Λ − P P*), run as one long convolution;
* GELU and a gated linear layer after it (Gu, Goel & Ré 2022, arXiv:2111.00396; the stable form: Goel et al. 2022, arXiv:2202.09729, §4.1).
* Causal. State per sequence: ssm (d_model·d_state), zero before t = 0. Official implementation: state-spaces/s4, models/s4/s4.py (version 4),
* whose C is stored multiplied by 1 − Ā^l for one kernel length l; here it is C itself.
*/
const s4 = {
	name: "s4",
	title: "S4 (diagonal plus low rank)",
	citation: "Gu, Goel & Ré 2022, arXiv:2111.00396",
	causal: true,
	spreadsRounding: true,
	schema: schema$2,
	resolve: (options, { d_model }) => ({
		d_model,
		...schema$2.parse(options)
	}),
	params: (c) => {
		const [H, N] = [c.d_model, c.d_state / 2];
		return {
			"layer.D": {
				shape: [1, H],
				init: normal(1),
				decay: true
			},
			"layer.kernel.inv_dt": {
				shape: [H, 1],
				init: logUniform(c.dt_min, c.dt_max),
				decay: false,
				slow: true
			},
			"layer.kernel.A_real": {
				shape: [H, N],
				init: constant(Math.log(.5)),
				decay: false,
				slow: true
			},
			"layer.kernel.A_imag": {
				shape: [H, N],
				init: hippo(c.d_state, "imag"),
				decay: false,
				slow: true
			},
			"layer.kernel.B": {
				shape: [
					1,
					H,
					N,
					2
				],
				init: hippo(c.d_state, "B"),
				decay: false,
				slow: true
			},
			"layer.kernel.C": {
				shape: [
					1,
					H,
					N,
					2
				],
				init: normal(Math.SQRT1_2),
				decay: true
			},
			"layer.kernel.P": {
				shape: [
					1,
					H,
					N,
					2
				],
				init: hippo(c.d_state, "P"),
				decay: false,
				slow: true
			},
			"output_linear.0.weight": {
				shape: [2 * H, H],
				init: fanIn(),
				decay: true
			},
			"output_linear.0.bias": {
				shape: [2 * H],
				init: uniform(1 / Math.sqrt(H)),
				decay: false
			}
		};
	},
	forward(g, p, x, c, dims) {
		const [kernel] = g.apply("dplr_kernel", stateSpace(g, p, c), { lags: dims.seqlen });
		const [y] = g.apply("fft_conv", [
			x,
			kernel,
			p["layer.D"]
		], dims);
		return gatedOutput(g, p, y, c.d_model);
	},
	state: (c) => ({ ssm: c.d_model * c.d_state }),
	step(g, p, x, state, c) {
		const [y] = g.apply("dplr_step", [
			x,
			...stateSpace(g, p, c),
			p["layer.D"],
			state.ssm
		]);
		return gatedOutput(g, p, y, c.d_model);
	},
	flopsPerToken: (c) => c.d_model * (4 * c.d_model + 24 + 220)
};
const stateSpace = (g, p, { d_model: H, d_state: N }) => [
	g.reshape(p["layer.kernel.inv_dt"], 1, H),
	p["layer.kernel.A_real"],
	p["layer.kernel.A_imag"],
	...[
		"B",
		"C",
		"P"
	].map((name) => g.reshape(p[`layer.kernel.${name}`], H, N))
];
// kernels/mixers/s5.ts
const schema$1 = object({
	state_size: int().min(2).max(1024).multipleOf(2).default(64).describe("State size of the whole layer; complex states come as state_size/2 conjugate pairs (§3.2)"),
	blocks: int().min(1).max(64).default(1).describe("Equal diagonal blocks the state starts from, J in §3.4"),
	dt_min: number().positive().max(1).default(.001).describe("Smallest step Δ at the start; memory reaches about 2/Δ positions"),
	dt_max: number().positive().max(10).default(.1).describe("Largest step Δ at the start"),
	clip_eigs: boolean().default(true).describe("Real parts of the eigenvalues stay below −0.0001, so that a model that writes for long cannot run away")
});
/** Im Λ: the eigenvalues of the normal part of HiPPO-LegS, of each block the same (§3.4). */
const frequencies = ({ state_size, blocks }) => (out) => {
	const size = state_size / blocks;
	out.forEach((_, i) => out[i] = hippoLegs(size).imag[i % (size / 2)]);
};
/**
* S5: one complex diagonal state for the whole layer, GELU, and a sigmoid gate made from the result (Smith, Warrington & Linderman 2023,
* arXiv:2208.04933, §3 and appendix B, the half-gated output). Causal. In the basis of HiPPO's eigenvectors, which are unitary and come in
* conjugate pairs, Gaussian B and C are complex Gaussians of the same variance, which is how they start here.
* State per sequence: ssm (state_size), zero before t = 0. Official implementation: lindermanlab/S5, s5/ssm.py and s5/layers.py.
*/
const s5 = {
	name: "s5",
	title: "S5 (one state for all channels)",
	citation: "Smith, Warrington & Linderman 2023, arXiv:2208.04933",
	causal: true,
	schema: schema$1,
	resolve(options, { d_model }) {
		const config = {
			d_model,
			...schema$1.parse(options)
		};
		if (config.state_size % (2 * config.blocks)) throw new Error(`A state of ${config.state_size} does not divide into ${config.blocks} blocks of even size`);
		return config;
	},
	params: (c) => {
		const [H, P] = [c.d_model, c.state_size / 2];
		return {
			"seq.Lambda_re": {
				shape: [P],
				init: constant(-.5),
				decay: false,
				slow: true
			},
			"seq.Lambda_im": {
				shape: [P],
				init: frequencies(c),
				decay: false,
				slow: true
			},
			"seq.B": {
				shape: [
					P,
					H,
					2
				],
				init: normal(1 / Math.sqrt(2 * H)),
				decay: false,
				slow: true
			},
			"seq.C": {
				shape: [
					H,
					P,
					2
				],
				init: normal(1 / Math.sqrt(2 * P)),
				decay: true
			},
			"seq.D": {
				shape: [H],
				init: normal(1),
				decay: true
			},
			"seq.log_step": {
				shape: [P, 1],
				init: logUniform(c.dt_min, c.dt_max),
				decay: false,
				slow: true
			},
			"out2.kernel": {
				shape: [H, H],
				init: fanIn(Math.sqrt(3)),
				decay: true
			},
			"out2.bias": {
				shape: [H],
				init: constant(0),
				decay: false
			}
		};
	},
	forward: (g, p, x, c, dims) => around(g, p, x, c, (v) => g.one("complex_scan", [
		v,
		p["seq.Lambda_re"],
		p["seq.Lambda_im"],
		stepsOf(g, p, c)
	], {
		...dims,
		clip: c.clip_eigs
	})),
	state: (c) => ({ ssm: c.state_size }),
	step: (g, p, x, state, c) => around(g, p, x, c, (v) => g.apply("complex_scan_step", [
		v,
		p["seq.Lambda_re"],
		p["seq.Lambda_im"],
		stepsOf(g, p, c),
		state.ssm
	], { clip: c.clip_eigs })[0]),
	flopsPerToken: (c) => c.d_model * (4 * c.state_size + 2 * c.d_model + 16) + 8 * c.state_size
};
const stepsOf = (g, p, c) => g.reshape(p["seq.log_step"], 1, c.state_size / 2);
/** x (R, d_model) → B x, the scan, C and D, GELU and the gate. Stored re, im pairs become halves, so that each product is one real matmul. */
function around(g, p, x, { d_model: H, state_size }, scan) {
	const P = state_size / 2;
	const B = g.reshape(g.one("swap_axes", [p["seq.B"]], {
		a: P * H,
		b: 2,
		inner: 1
	}), 2 * P, H);
	const C = g.one("swap_axes", [p["seq.C"]], {
		a: P,
		b: 2,
		inner: 1
	});
	const states = scan(g.one("matmul", [x, B], { transB: true }));
	const y = g.one("channel_scale", [
		x,
		p["seq.D"],
		g.one("matmul", [states, C], { transB: true })
	], { addend: true });
	const active = g.one("activation", [y], { kind: ACTIVATIONS.gelu });
	const gate = g.one("matmul", [
		active,
		p["out2.kernel"],
		p["out2.bias"]
	], { bias: true });
	return g.one("glu", [active, gate], { kind: ACTIVATIONS.sigmoid });
}
// kernels/mixers/slstm.ts
const schema = object({
	num_heads: int().min(1).max(64).default(4).describe("Heads; units feed back on units of their own head only (Beck et al. 2024, §2.2)"),
	d_conv: int().min(0).max(8).default(4).describe("Width of the causal convolution before the input and forget gates; 0 for none")
});
const NORM_EPS$1 = 1e-5;
/**
* Bias (4·d_model) in the order i, f, z, o, zero but for f: within each head from 5 at the first unit down to −7 at the last, along a power
* of the unit's place that grows with the layer ("powerlaw_blockdependent"): some units forget slowly, most of a late layer's fast.
*/
const gateBias = ({ d_model, num_heads, n_layer, layer }) => (out) => {
	const dh = d_model / num_heads;
	const power = .3 + 1.3 * layer / Math.max(1, n_layer - 1);
	out.fill(0);
	for (let u = 0; u < d_model; u++) out[d_model + u] = 5 - 12 * (u % dh / Math.max(1, dh - 1)) ** power;
};
/**
* sLSTM mixer (Beck et al. 2024, arXiv:2405.04517, fig. 9): a causal convolution with SiLU feeds the input and forget gates, the input
* itself the cell input and output gate; block-diagonal projections; the cell (ops/slstm); LayerNorm of each head.
* Official implementation: package xlstm, blocks/slstm/layer.py, backend "vanilla" (its layout of _recurrent_kernel_ (heads, 4·dh, dh) and
* gate-major _bias_). As there, the module named fgate drives the input gate and igate the forget gate, and group_norm.weight is γ − 1.
* State per sequence: conv (d_model·(d_conv − 1)) last inputs, slstm (4·d_model) = h, c, n, m, zero before t = 0.
*/
const slstm$1 = {
	name: "slstm",
	title: "sLSTM (xLSTM)",
	citation: "Beck et al. 2024, arXiv:2405.04517",
	causal: true,
	mlp: {
		kind: "geglu",
		ratio: 4 / 3
	},
	schema,
	resolve(options, { d_model, n_layer, layer }) {
		const { num_heads, d_conv } = schema.parse(options);
		if (d_model % num_heads) throw new Error(`slstm: num_heads ${num_heads} does not divide d_model ${d_model}`);
		if (d_model / num_heads > 1024) throw new Error(`slstm: a head of ${d_model / num_heads} units is wider than 1024; use more heads`);
		if (d_conv === 1) throw new Error("slstm: d_conv 1 looks at no past; take 0 for no convolution or at least 2");
		return {
			d_model,
			num_heads,
			d_conv,
			n_layer,
			layer
		};
	},
	params: (c) => {
		const dh = c.d_model / c.num_heads;
		const gate = {
			shape: [
				c.num_heads,
				dh,
				dh
			],
			init: normal(Math.sqrt(2 / (5 * c.d_model))),
			decay: true
		};
		const conv = {
			"conv1d.conv.weight": {
				shape: [
					c.d_model,
					1,
					c.d_conv
				],
				init: fanIn(),
				decay: true
			},
			"conv1d.conv.bias": {
				shape: [c.d_model],
				init: uniform(1 / Math.sqrt(c.d_conv)),
				decay: false
			}
		};
		return {
			...c.d_conv ? conv : {},
			"fgate.weight": gate,
			"igate.weight": gate,
			"zgate.weight": gate,
			"ogate.weight": gate,
			"slstm_cell._recurrent_kernel_": {
				shape: [
					c.num_heads,
					4 * dh,
					dh
				],
				init: constant(0),
				decay: true
			},
			"slstm_cell._bias_": {
				shape: [4 * c.d_model],
				init: gateBias(c),
				decay: false
			},
			"group_norm.weight": {
				shape: [c.d_model],
				init: constant(0),
				decay: false
			}
		};
	},
	forward(g, p, x, c, dims) {
		const convolved = c.d_conv ? g.one("conv1d_silu", [
			x,
			p["conv1d.conv.weight"],
			p["conv1d.conv.bias"]
		], dims) : x;
		const cell = [
			gates(g, p, x, convolved),
			p["slstm_cell._recurrent_kernel_"],
			p["slstm_cell._bias_"]
		];
		return headNorm(g, g.one("slstm", cell, dims), p["group_norm.weight"], c.num_heads, NORM_EPS$1);
	},
	state: (c) => ({
		...c.d_conv ? { conv: c.d_model * (c.d_conv - 1) } : {},
		slstm: 4 * c.d_model
	}),
	step(g, p, x, state, c) {
		const convolved = c.d_conv ? g.one("conv1d_silu_step", [
			x,
			state.conv,
			p["conv1d.conv.weight"],
			p["conv1d.conv.bias"]
		]) : x;
		const cell = [
			gates(g, p, x, convolved),
			p["slstm_cell._recurrent_kernel_"],
			p["slstm_cell._bias_"],
			state.slstm
		];
		return headNorm(g, g.one("slstm_step", cell), p["group_norm.weight"], c.num_heads, NORM_EPS$1);
	},
	flopsPerToken: (c) => c.d_model * (16 * c.d_model / c.num_heads + 2 * c.d_conv + 45)
};
/** (rows, 4·d_model) in the cell's order i, f, z, o. */
const gates = (g, p, x, convolved) => g.concat([
	g.one("headwise_linear", [convolved, p["fgate.weight"]]),
	g.one("headwise_linear", [convolved, p["igate.weight"]]),
	g.one("headwise_linear", [x, p["zgate.weight"]]),
	g.one("headwise_linear", [x, p["ogate.weight"]])
]);
// kernels/mixers/registry.ts
/** Every mixer by the name that configurations use. */
const mixers = {
	attention,
	full_attention,
	gru,
	h3,
	lstm,
	mamba,
	mamba2,
	mlstm: mlstm$1,
	mlstm_large,
	s4,
	s4d,
	s5,
	slstm: slstm$1
};
// kernels/models/layer.ts
const NORM_EPS = 1e-5;
/** What a layer has besides its mixer. Left out, it is as the mixer's paper has it. */
const blockSchema = object({
	direction: _enum(["forward", "both"]).optional().describe("both: the same mixer also reads the sequence from its end, and what the two say is added (as in Caduceus, Schiff et al. 2024, arXiv:2403.03234)"),
	mlp: _enum([
		"none",
		"gelu",
		"geglu",
		"swiglu"
	]).optional().describe("Position-wise network after the mixer, with a norm and a residual of its own (gated ones: Shazeer 2020, arXiv:2002.05202)"),
	mlp_ratio: number().min(.25).max(16).optional().describe("Inner width of that network as a multiple of d_model, rounded up to a multiple of 16")
});
const normParams = (kind, name, width) => ({
	[`${name}.weight`]: {
		shape: [width],
		init: constant(1),
		decay: false
	},
	...kind === "layer" ? { [`${name}.bias`]: {
		shape: [width],
		init: constant(0),
		decay: false
	} } : {}
});
/** x (R, d_model) → the same, each row normalised. */
function norm(builder, kind, read, name, x) {
	const weight = read(`${name}.weight`);
	if (kind === "rms") return builder.one("rms_norm", [x, weight], { eps: NORM_EPS });
	return builder.one("layer_norm", kind === "layer" ? [
		x,
		weight,
		read(`${name}.bias`)
	] : [x, weight], {
		eps: NORM_EPS,
		groups: 1,
		bias: kind === "layer"
	});
}
/** `mix` of each sequence read from its end; where sequences are padded, from the end of what counts. */
function backwards(builder, x, dims, { lengths }, mix) {
	const turned = (y) => builder.one("reverse", lengths ? [y, lengths] : [y], dims);
	return turned(mix(turned(x)));
}
/**
* One residual layer: x + mixer(norm(x)), then x + mlp(norm2(x)) where there is an MLP. Names as in mamba_ssm's Block
* (norm, mixer, norm2, mlp.fc1 with the value half first and the gate half second, mlp.fc2).
*/
var Layer = class {
	params;
	#mixer;
	#config;
	#both;
	#norm;
	#mlp;
	#d_model;
	#d_ff;
	constructor({ mixer: name, options }, context, norm) {
		const mixer = mixers[name];
		if (!mixer) throw new Error(`There is no mixer named "${name}"; there are ${Object.keys(mixers).join(", ")}`);
		const { mlp, mlp_ratio, direction, ...own } = options;
		const block = blockSchema.parse({
			mlp,
			mlp_ratio,
			direction
		});
		this.#mixer = mixer;
		this.#config = mixer.resolve(own, context);
		this.#norm = norm;
		this.#both = block.direction === "both";
		this.#mlp = block.mlp ?? mixer.mlp?.kind ?? "none";
		this.#d_model = context.d_model;
		this.#d_ff = 16 * Math.ceil((block.mlp_ratio ?? mixer.mlp?.ratio ?? 4) * context.d_model / 16);
		this.params = this.#specs(context);
	}
	#specs({ d_model, n_layer }) {
		const specs = normParams(this.#norm, "norm", d_model);
		for (const [name, spec] of Object.entries(this.#mixer.params(this.#config))) specs[`mixer.${name}`] = spec;
		if (this.#mlp === "none") return specs;
		Object.assign(specs, normParams(this.#norm, "norm2", d_model));
		const gated = this.#mlp !== "gelu";
		specs["mlp.fc1.weight"] = {
			shape: [gated ? 2 * this.#d_ff : this.#d_ff, d_model],
			init: fanIn(),
			decay: true
		};
		if (!gated) specs["mlp.fc1.bias"] = {
			shape: [this.#d_ff],
			init: constant(0),
			decay: false
		};
		specs["mlp.fc2.weight"] = {
			shape: [d_model, this.#d_ff],
			init: fanIn(1 / Math.sqrt(n_layer)),
			decay: true
		};
		if (!gated) specs["mlp.fc2.bias"] = {
			shape: [d_model],
			init: constant(0),
			decay: false
		};
		return specs;
	}
	get facts() {
		return {
			mixer: this.#mixer.name,
			config: this.#config,
			mlp: this.#mlp,
			direction: this.#both ? "both" : "forward",
			causal: this.#mixer.causal && !this.#both
		};
	}
	/** Elements of recurrent state per sequence, by the mixer's names. */
	get state() {
		return this.#mixer.state(this.#config);
	}
	/** x (batch·seqlen, d_model) → the same. `read` knows the names of `params`. */
	forward(builder, read, x, dims, drop, borders) {
		const normed = norm(builder, this.#norm, read, "norm", builder.checkpoint(x));
		const mix = (y) => this.#mixer.forward(builder, this.#own(read), y, this.#config, dims);
		let mixed = mix(normed);
		if (this.#both) mixed = builder.one("add", [mixed, backwards(builder, normed, dims, borders, mix)]);
		return this.#after(builder, read, builder.one("add", [drop(mixed), x]), drop);
	}
	/** x (batch, d_model) → the same; `state` is overwritten. */
	step(builder, read, x, state) {
		const normed = norm(builder, this.#norm, read, "norm", x);
		return this.#after(builder, read, builder.one("add", [this.#mixer.step(builder, this.#own(read), normed, state, this.#config), x]), (y) => y);
	}
	/** Floating point operations of the forward pass per token. */
	flopsPerToken() {
		const mlp = this.#mlp === "none" ? 0 : 2 * this.#d_model * this.#d_ff * (this.#mlp === "gelu" ? 2 : 3) + 8 * this.#d_ff + 5 * this.#d_model;
		return (this.#both ? 2 : 1) * this.#mixer.flopsPerToken(this.#config) + 5 * this.#d_model + mlp;
	}
	#own(read) {
		return Object.fromEntries(Object.keys(this.#mixer.params(this.#config)).map((name) => [name, read(`mixer.${name}`)]));
	}
	#after(builder, read, x, drop) {
		if (this.#mlp === "none") return x;
		const normed = norm(builder, this.#norm, read, "norm2", x);
		return builder.one("add", [drop(this.#mlpOf(builder, read, normed)), x]);
	}
	#mlpOf(builder, read, x) {
		if (this.#mlp === "gelu") {
			const inner = linear(builder, x, read("mlp.fc1.weight"), read("mlp.fc1.bias"));
			return linear(builder, builder.one("activation", [inner], { kind: ACTIVATIONS.gelu }), read("mlp.fc2.weight"), read("mlp.fc2.bias"));
		}
		const [value, gate] = builder.split(linear(builder, x, read("mlp.fc1.weight")), [this.#d_ff, this.#d_ff]);
		const kind = this.#mlp === "swiglu" ? ACTIVATIONS.silu : ACTIVATIONS.gelu;
		return linear(builder, builder.one("glu", [value, gate], { kind }), read("mlp.fc2.weight"));
	}
};
// kernels/models/sashimi.ts
/** A position-wise linear layer as the published 1 × 1 convolutions are stored. */
const pointwise = (name, from, to) => ({
	[`${name}.weight`]: {
		shape: [
			to,
			from,
			1
		],
		init: fanIn(),
		decay: true
	},
	[`${name}.bias`]: {
		shape: [to],
		init: uniform(1 / Math.sqrt(from)),
		decay: false
	}
});
/** x + mixer(norm(x)). */
function mixerBlock(prefix, { mixer: name, options }, context, kind) {
	const mixer = mixers[name];
	if (!mixer) throw new Error(`There is no mixer named "${name}"; there are ${Object.keys(mixers).join(", ")}`);
	const { mlp, mlp_ratio, direction, ...own } = options;
	if (mlp !== void 0 || mlp_ratio !== void 0) throw new Error("SaShiMi has feed-forward blocks of its own; leave out mlp and mlp_ratio");
	const both = direction === "both";
	const config = mixer.resolve(own, context);
	const names = Object.entries(mixer.params(config));
	const params = (read) => Object.fromEntries(names.map(([p]) => [p, read(`${prefix}layer.${p}`)]));
	const state = Object.entries(mixer.state(config)).map(([s, elements]) => [
		s,
		`${prefix}${s}`,
		elements
	]);
	return {
		params: {
			...normParams(kind, `${prefix}norm`, context.d_model),
			...Object.fromEntries(names.map(([p, spec]) => [`${prefix}layer.${p}`, spec]))
		},
		state: Object.fromEntries(state.map(([, full, elements]) => [full, elements])),
		facts: {
			prefix,
			mixer: name,
			config,
			mlp: "none",
			direction: both ? "both" : "forward",
			causal: mixer.causal && !both
		},
		flops: (both ? 2 : 1) * mixer.flopsPerToken(config) + 6 * context.d_model,
		forward(builder, read, x, dims, drop) {
			const normed = norm(builder, kind, read, `${prefix}norm`, x);
			const mix = (y) => mixer.forward(builder, params(read), y, config, dims);
			let mixed = mix(normed);
			if (both) mixed = builder.one("add", [mixed, backwards(builder, normed, dims, {}, mix)]);
			return builder.one("add", [drop(mixed), x]);
		},
		step(builder, read, x, values) {
			const own = Object.fromEntries(state.map(([s, full]) => [s, values[full]]));
			return builder.one("add", [mixer.step(builder, params(read), norm(builder, kind, read, `${prefix}norm`, x), own, config), x]);
		}
	};
}
/** x + W₂ GELU(W₁ norm(x)). */
function feedForward(prefix, width, ff, kind) {
	const inner = Math.round(ff * width);
	const [first, second] = [`${prefix}layer.ff.0.0`, `${prefix}layer.ff.2`];
	const apply = (builder, read, x, drop) => {
		const hidden = linear(builder, norm(builder, kind, read, `${prefix}norm`, x), read(`${first}.weight`), read(`${first}.bias`));
		const active = builder.one("activation", [hidden], { kind: ACTIVATIONS.gelu });
		return builder.one("add", [drop(linear(builder, active, read(`${second}.weight`), read(`${second}.bias`))), x]);
	};
	return {
		params: {
			...normParams(kind, `${prefix}norm`, width),
			...pointwise(first, width, inner),
			...pointwise(second, inner, width)
		},
		state: {},
		flops: 4 * width * inner + 8 * inner + 6 * width,
		forward: (builder, read, x, _dims, drop) => apply(builder, read, x, drop),
		step: (builder, read, x) => apply(builder, read, x, (y) => y)
	};
}
/**
* SaShiMi (Goel, Gu, Donahue & Ré 2022, arXiv:2202.09729, §4.2, figure 2): a residual stack at each of several rates. `pool` neighbouring
* positions become one of the slower rate, `expand` times as wide; the slower rate's output is moved on by one of its positions before it
* is spread out again, so that nothing leaks from the future, and added to what went down. `layers` with a feed-forward block after each
* stand at every rate. Windows that `pool` does not divide are padded behind. `step` runs a slower rate only when its positions fill up.
* Official implementation: state-spaces/s4, models/sashimi/sashimi.py, whose parameter names these are (its last norm is the model's).
*/
function sashimi({ pool, expand, ff, unet }, layers, { d_model, seqlen, norm: kind }) {
	if (pool.some((p) => !Number.isInteger(p) || p < 2)) throw new Error("SaShiMi pools at least 2 positions at each level");
	let mixerCount = 0;
	const n_layer = layers.length * (pool.length * (unet ? 2 : 1) + 1);
	const blocks = (prefix, width, rate) => layers.flatMap((layer, i) => {
		const context = {
			d_model: width,
			n_layer,
			layer: mixerCount++,
			seqlen: Math.ceil(seqlen / rate)
		};
		const mix = mixerBlock(prefix(ff > 0 ? 2 * i : i), layer, context, kind);
		return ff > 0 ? [mix, feedForward(prefix(2 * i + 1), width, ff, kind)] : [mix];
	});
	const widths = [d_model, ...pool.map((_, i) => d_model * expand ** (i + 1))];
	const rates = pool.reduce((all, p) => [...all, all[all.length - 1] * p], [1]);
	const perLevel = unet ? layers.length * (ff > 0 ? 2 : 1) + 1 : 1;
	const downs = pool.map((_, i) => unet ? blocks((k) => `d_layers.${i * perLevel + k}.`, widths[i], rates[i]) : []);
	const centre = blocks((k) => `c_layers.${k}.`, widths[pool.length], rates[pool.length]);
	const levels = pool.map((p, i) => {
		const up = `u_layers.${pool.length - 1 - i}.`;
		const downPool = `d_layers.${i * perLevel + perLevel - 1}.linear`;
		return {
			width: widths[i],
			pool: p,
			down: downs[i],
			up: blocks((k) => `${up}${k + 1}.`, widths[i], rates[i]),
			downPool,
			upPool: `${up}0.linear`
		};
	});
	const all = [
		...downs.flat(),
		...centre,
		...levels.flatMap(({ up }) => up)
	];
	const flops = levels.reduce((sum, { width, pool: p, down, up }, i) => sum + [...down, ...up].reduce((s, b) => s + b.flops, 0) / rates[i] + 4 * width * p * expand * width / rates[i + 1] + 2 * width / rates[i], 0) + centre.reduce((s, b) => s + b.flops, 0) / rates[pool.length];
	/** The published order of a pooled position's channels is position last; rows side by side have it first. */
	const weightOfDown = (builder, read, { width, pool: p, downPool }) => builder.one("swap_axes", [read(`${downPool}.weight`)], {
		a: width,
		b: p,
		inner: 1
	});
	const spread = (builder, read, { width, pool: p, upPool }, x) => {
		const weight = builder.one("swap_axes", [read(`${upPool}.weight`)], {
			a: width,
			b: p,
			inner: width * expand
		});
		return linear(builder, x, weight, builder.one("swap_axes", [read(`${upPool}.bias`)], {
			a: width,
			b: p,
			inner: 1
		}));
	};
	const through = (blocks, run, x, seen) => blocks.reduce((y, block) => {
		seen?.push(y);
		return run(block, y);
	}, x);
	/** One level and all below it; `run` applies a block, `below` gives the slower rates' part from what goes down. */
	const climb = (builder, { down, up }, run, below, x) => {
		const seen = [];
		const lowest = through(down, run, x, seen);
		let y = builder.one("add", [below(lowest), lowest]);
		if (!unet) return up.length ? builder.one("add", [through(up, run, y), y]) : y;
		for (const block of up) y = builder.one("add", [run(block, y), seen.pop()]);
		return y;
	};
	return {
		layers: all.flatMap(({ facts }) => facts ?? []),
		periods: rates.slice(1),
		params: Object.fromEntries([...all.flatMap(({ params }) => Object.entries(params)), ...levels.flatMap(({ width, pool: p, downPool, upPool }) => Object.entries({
			...pointwise(downPool, width * p, width * expand),
			...pointwise(upPool, width * expand, width * p)
		}))]),
		state: [...all.flatMap(({ state }) => Object.entries(state).map(([name, elements]) => ({
			name,
			elements
		}))), ...levels.flatMap(({ width, pool: p, downPool, upPool }) => [{
			name: `${downPool}.window`,
			elements: (p - 1) * width
		}, {
			name: `${upPool}.frames`,
			elements: p * width
		}])],
		forward(builder, read, x, { batch, seqlen: length }, drop, { lengths }) {
			const slowest = rates[pool.length];
			const padded = Math.ceil(length / slowest) * slowest;
			if (lengths && all.some(({ facts }) => facts?.direction === "both")) throw new Error("A SaShiMi that reads in both directions takes sequences without padding");
			if (padded !== length && all.some(({ facts }) => facts?.direction === "both")) throw new Error(`A SaShiMi that reads in both directions takes windows of a multiple of ${slowest} positions, not of ${length}`);
			const move = (y, from, to, shift) => from === to && !shift ? y : builder.one("shift_rows", [y], {
				batch,
				from,
				to,
				shift
			});
			const from = (i, y) => {
				const dims = {
					batch,
					seqlen: padded / rates[i]
				};
				const run = (block, z) => block.forward(builder, read, builder.checkpoint(z), dims, drop);
				if (i === levels.length) return builder.one("add", [through(centre, run, y), y]);
				const { width, pool: p, downPool } = levels[i];
				const slow = dims.seqlen / p;
				return climb(builder, levels[i], run, (z) => {
					const grouped = builder.reshape(z, batch * slow, p * width);
					const pooled = linear(builder, grouped, weightOfDown(builder, read, levels[i]), read(`${downPool}.bias`));
					const frames = spread(builder, read, levels[i], from(i + 1, pooled));
					return builder.reshape(move(frames, slow, slow, 1), batch * dims.seqlen, width);
				}, y);
			};
			return move(from(0, move(x, length, padded, 0)), padded, length, 0);
		},
		step(builder, read, x, state, fired = levels.length) {
			const run = (block, z) => block.step(builder, read, z, state);
			const from = (i, y) => {
				if (i === levels.length) return builder.one("add", [through(centre, run, y), y]);
				const { width, downPool, upPool } = levels[i];
				return climb(builder, levels[i], run, (z) => {
					const [window] = builder.apply("window_step", [z, state[`${downPool}.window`]]);
					let next = builder.one("fill", [], {
						rows: z.type.rows,
						cols: width,
						value: 0
					});
					if (i < fired) {
						const pooled = linear(builder, window, weightOfDown(builder, read, levels[i]), read(`${downPool}.bias`));
						next = spread(builder, read, levels[i], from(i + 1, pooled));
					}
					const [queue] = builder.apply("window_step", [next, state[`${upPool}.frames`]]);
					return builder.split(queue, [width, queue.type.cols - width])[0];
				}, y);
			};
			return from(0, x);
		},
		flopsPerToken: () => flops
	};
}
// kernels/models/stack.ts
/** Layers one after another, each with its own mixer: a hybrid is a list. Names as in mamba_ssm: layers.0, layers.1, … */
function stack(layers, { d_model, seqlen, norm }) {
	const built = layers.map((layer, i) => new Layer(layer, {
		d_model,
		n_layer: layers.length,
		layer: i,
		seqlen
	}, norm));
	const prefix = (i) => `layers.${i}.`;
	return {
		layers: built.map(({ facts }, i) => ({
			prefix: prefix(i),
			...facts
		})),
		params: Object.fromEntries(built.flatMap(({ params }, i) => Object.entries(params).map(([name, spec]) => [prefix(i) + name, spec]))),
		state: built.flatMap(({ state }, i) => Object.entries(state).map(([name, elements]) => ({
			name: prefix(i) + name,
			elements
		}))),
		forward: (builder, read, x, dims, drop, borders) => built.reduce((y, layer, i) => layer.forward(builder, (name) => read(prefix(i) + name), y, dims, drop, borders), x),
		step: (builder, read, x, state) => built.reduce((y, layer, i) => {
			const own = Object.fromEntries(Object.keys(layer.state).map((name) => [name, state[prefix(i) + name]]));
			return layer.step(builder, (name) => read(prefix(i) + name), y, own);
		}, x),
		flopsPerToken: () => built.reduce((sum, layer) => sum + layer.flopsPerToken(), 0)
	};
}
// kernels/models/model.ts
const ALIGN = 64;
const NORM_F = "backbone.norm_f";
const BACKBONE = "backbone.";
const product = (shape) => shape.reduce((a, b) => a * b, 1);
const aligned = (n) => Math.ceil(n / ALIGN) * ALIGN;
/**
* Residual stack as in mamba_ssm's MambaLMHeadModel: embed, then a backbone (stack.ts, sashimi.ts), a last norm, a head.
* Parameter names are that implementation's names. All parameters lie in one flat arena, those with weight decay first, slow ones last.
*/
var Model = class {
	config;
	params;
	/** Elements of the arena, padding included. */
	arenaElements;
	/** The first so many elements get weight decay. */
	decayElements;
	/** From this element on parameters learn at the slow rate. */
	slowFrom;
	/** Trainable numbers, padding not counted. */
	parameterCount;
	layers;
	/** Of the backbone, per sequence. */
	state;
	#backbone;
	#slots;
	constructor(config) {
		this.config = config;
		if (config.complement && (config.input.kind !== "tokens" || config.head.at === "last" || config.head.tied)) throw new Error("a model of both strands takes tokens and gives an output at every position, with a head of its own, or one for the whole sequence");
		this.#backbone = config.sashimi ? sashimi(config.sashimi, config.layers, config) : stack(config.layers, config);
		const specs = Object.entries(this.#specs());
		const slots = [];
		let offset = 0;
		const ends = [];
		for (const group of [
			(s) => s.decay,
			(s) => !s.decay && !s.slow,
			(s) => s.slow === true
		]) {
			for (const [name, spec] of specs.filter(([, s]) => group(s))) {
				slots.push({
					...spec,
					name,
					offset,
					elements: product(spec.shape)
				});
				offset += aligned(product(spec.shape));
			}
			ends.push(offset);
		}
		this.params = specs.map(([name]) => slots.find((s) => s.name === name));
		this.#slots = new Map(slots.map((s) => [s.name, s]));
		this.arenaElements = offset;
		this.decayElements = ends[0];
		this.slowFrom = ends[1];
		this.parameterCount = slots.reduce((sum, s) => sum + s.elements, 0);
		this.layers = this.#backbone.layers;
		this.state = this.#backbone.state;
	}
	#specs() {
		const { d_model, input, head } = this.config;
		const specs = {};
		if (input.kind === "tokens") specs["backbone.embedding.weight"] = {
			shape: [input.vocab, d_model],
			init: normal(.02),
			decay: true
		};
		else Object.assign(specs, linearParams("backbone.input", input.width, d_model));
		for (const [name, spec] of Object.entries(this.#backbone.params)) specs[BACKBONE + name] = spec;
		Object.assign(specs, normParams(this.config.norm, NORM_F, d_model));
		if (head.at !== "every") Object.assign(specs, linearParams("head", d_model, head.width));
		else if (!head.tied) specs["lm_head.weight"] = {
			shape: [head.width, d_model],
			init: fanIn(),
			decay: true
		};
		return specs;
	}
	/** No output depends on a later input: it can predict the next token, and be run step by step. */
	get causal() {
		return !this.config.complement && this.layers.every((layer) => layer.causal);
	}
	/** The arena at step 0. Each parameter has its own random stream, so adding one leaves the others as they were. */
	initialise(seed) {
		const arena = new Float32Array(this.arenaElements);
		this.params.forEach(({ offset, elements, init, shape }, i) => init(arena.subarray(offset, offset + elements), new RandomStream(seed, 1e3 + i), shape));
		return arena;
	}
	/** Reads parameters inside `builder`'s graph; each name gives one value, however often it is asked for. */
	reader(builder) {
		const values = /* @__PURE__ */ new Map();
		return (name) => {
			let value = values.get(name);
			if (!value) {
				const slot = this.#slots.get(name);
				values.set(name, value = builder.external("params", matrixType(slot.shape), slot.offset));
			}
			return value;
		};
	}
	/** input (batch·seqlen, 1 or width) → head output. A ragged head reads the sequences' lengths from external buffer 'lengths'. */
	forward(builder, read, input, dims, drop = (x) => x) {
		if (this.config.complement) return this.#bothStrands(builder, read, input, dims, drop);
		const { at, ragged } = this.config.head;
		let x = drop(this.#embed(builder, read, input));
		const lengths = ragged ? builder.external("lengths", lengthsType(dims)) : void 0;
		x = builder.checkpoint(this.#backbone.forward(builder, (name) => read(BACKBONE + name), x, dims, drop, { lengths }));
		if (at !== "every" && lengths) x = builder.one("pool_rows", [x, lengths], {
			...dims,
			last: at === "last" ? 1 : 0
		});
		else if (at === "last") x = builder.everyRow(x, dims.seqlen - 1, dims.seqlen);
		else if (at === "mean") x = builder.one("mean_pool", [x], dims);
		return this.#head(builder, read, norm(builder, this.config.norm, read, NORM_F, x));
	}
	/** How many kinds of step there are: a model with slower parts does not run them at every position. */
	get stepKinds() {
		return 1 + (this.#backbone.periods?.length ?? 0);
	}
	/** The kind of step at `position`, counted from 0: how many of the slower parts run there. */
	stepKind(position) {
		return (this.#backbone.periods ?? []).filter((period) => (position + 1) % period === 0).length;
	}
	/**
	* Only of a causal model. One time step of a kind (`stepKind`): input (batch, 1 or width) → head output (batch, width), recurrent state in
	* external buffer 'state' overwritten.
	*/
	step(builder, read, input, batch, kind = 0) {
		const offsets = this.stateOffsets(batch);
		const state = Object.fromEntries(this.state.map(({ name, elements }, i) => [name, builder.external("state", f32(batch, elements), offsets[i])]));
		const x = this.#backbone.step(builder, (name) => read(BACKBONE + name), this.#embed(builder, read, input), state, kind);
		return this.#head(builder, read, norm(builder, this.config.norm, read, NORM_F, x));
	}
	/** Offsets of `state`'s entries in the state buffer of `batch` sequences; the last entry is the buffer's length. */
	stateOffsets(batch) {
		const offsets = [0];
		for (const { elements } of this.state) offsets.push(offsets[offsets.length - 1] + aligned(batch * elements));
		return offsets;
	}
	/** Floating point operations of the forward pass per token. */
	flopsPerToken() {
		const { d_model, input, head } = this.config;
		return this.#backbone.flopsPerToken() + (input.kind === "vectors" ? 2 * input.width * d_model : 0) + 4 * d_model + (head.at === "every" ? 2 * d_model * head.width : 0);
	}
	/** As `forward`, of a sequence and of its reverse complement, put together so that neither strand is preferred. */
	#bothStrands(builder, read, input, dims, drop) {
		const { head, complement, norm: kind } = this.config;
		const complemented = (weight, ids) => builder.one("embedding", [builder.external("complement", i32(ids, 1)), weight]);
		const embedding = read("backbone.embedding.weight");
		const run = (x) => builder.checkpoint(this.#backbone.forward(builder, (name) => read(BACKBONE + name), drop(x), dims, drop, {}));
		const along = run(builder.one("embedding", [input, embedding]));
		const opposite = builder.one("embedding", [input, complemented(embedding, complement.length)]);
		const back = builder.one("reverse", [run(builder.one("reverse", [opposite], dims))], dims);
		if (head.at === "mean") {
			const pooled = builder.one("add", [builder.one("mean_pool", [along], dims), builder.one("mean_pool", [back], dims)]);
			return this.#head(builder, read, norm(builder, kind, read, NORM_F, pooled));
		}
		const weight = read(head.tied ? "backbone.embedding.weight" : "lm_head.weight");
		const score = (x, of) => linear(builder, norm(builder, kind, read, NORM_F, x), of);
		return builder.one("add", [score(along, weight), score(back, complemented(weight, head.width))]);
	}
	/** What the plan's external buffers of these names must hold, whatever the batch. */
	get constants() {
		return this.config.complement ? { complement: Int32Array.from(this.config.complement) } : {};
	}
	#embed(builder, read, input) {
		return this.config.input.kind === "tokens" ? builder.one("embedding", [input, read("backbone.embedding.weight")]) : linear(builder, input, read("backbone.input.weight"), read("backbone.input.bias"));
	}
	#head(builder, read, x) {
		const { head } = this.config;
		if (head.at !== "every") return linear(builder, x, read("head.weight"), read("head.bias"));
		return linear(builder, x, read(head.tied ? "backbone.embedding.weight" : "lm_head.weight"));
	}
};
/** Positions of each sequence that are not padding. */
const lengthsType = ({ batch }) => i32(batch, 1);
const linearParams = (name, fan_in, out) => ({
	[`${name}.weight`]: {
		shape: [out, fan_in],
		init: fanIn(),
		decay: true
	},
	[`${name}.bias`]: {
		shape: [out],
		init: constant(0),
		decay: false
	}
});
/** A vector is one row; more dimensions than two collapse into the columns (conv1d.weight (d, 1, k) → (d, k)). */
const matrixType = (shape) => shape.length === 1 ? f32(1, shape[0]) : f32(shape[0], product(shape.slice(1)));
// kernels/ops/activation/activation.ts
/**
* y = f(x), elementwise; attrs kind, a number of ACTIVATIONS: silu x·σ(x), gelu x·Φ(x) with the error function (Hendrycks & Gimpel 2016,
* arXiv:1606.08415; PyTorch's default), gelu_tanh its tanh form (same paper, §2), sigmoid, softplus log(1 + eˣ), tanh, relu.
* The gradient recomputes from x.
*/
const activation = defineOp({
	name: "activation",
	inputs: ["x"],
	outputs: ["y"],
	infer([x], attrs) {
		requireShape(num(attrs, "kind") in Object.values(ACTIVATIONS), `activation: there is no kind ${num(attrs, "kind")}`);
		return [x];
	},
	mayOverwrite: { 0: 0 },
	reference: ([x], [y], attrs) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, activate(num(attrs, "kind"), at(x, r, c)));
	},
	gradient: (builder, { inputs: [x], attrs }, [dy]) => dy ? [builder.one("activation_grad", [dy, x], attrs)] : [],
	cost: ([x]) => ({
		flops: 4 * elements(x),
		exps: elements(x)
	}),
	tolerance: 2e-6,
	cases: [
		...Object.values(ACTIVATIONS).map((kind) => ({
			inputs: [f32(63, 65)],
			attrs: { kind },
			range: [[-6, 6]]
		})),
		...Object.values(ACTIVATIONS).map((kind) => ({
			inputs: [f32(3, 8)],
			attrs: { kind },
			range: [[-.5, .5]]
		})),
		{
			inputs: [f32(1, 1)],
			attrs: { kind: ACTIVATIONS.gelu },
			range: [[1, 2]]
		},
		{
			inputs: [f32(5, 64)],
			attrs: { kind: ACTIVATIONS.gelu },
			range: [[-40, 40]]
		},
		{
			inputs: [f32(5, 64)],
			attrs: { kind: ACTIVATIONS.gelu_tanh },
			range: [[-40, 40]]
		},
		{
			inputs: [f32(5, 64)],
			attrs: { kind: ACTIVATIONS.tanh },
			range: [[-200, 200]]
		},
		{
			inputs: [f32(5, 64)],
			attrs: { kind: ACTIVATIONS.softplus },
			range: [[-200, 200]]
		}
	]
});
// kernels/ops/activation/activation_grad.ts
/** dx = dy · f′(x); attrs kind as in activation. May overwrite dy. */
const activation_grad = defineOp({
	name: "activation_grad",
	inputs: ["dy", "x"],
	outputs: ["dx"],
	mayOverwrite: { 0: 0 },
	infer: ([dy, x]) => (expectType("activation_grad: x", x, dy), [dy]),
	reference([dy, x], [dx], attrs) {
		for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) set(dx, r, c, at(dy, r, c) * slope(num(attrs, "kind"), at(x, r, c)));
	},
	cost: ([x]) => ({
		flops: 6 * elements(x),
		exps: elements(x)
	}),
	tolerance: 2e-6,
	cases: []
});
// kernels/ops/add/add.ts
/** y = a + b, elementwise. `graph/fuse.ts` folds most of these into the op before. */
const add$1 = defineOp({
	name: "add",
	inputs: ["a", "b"],
	outputs: ["y"],
	infer: ([a, b]) => (expectType("add: b", b, a), [a]),
	mayOverwrite: { 0: 0 },
	reference: ([a, b], [y]) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(a, r, c) + at(b, r, c));
	},
	gradient: (_builder, _node, [dy]) => [dy, dy],
	cost: ([a]) => ({ flops: elements(a) }),
	tolerance: 1e-7,
	cases: [{
		inputs: [f32(1, 1), f32(1, 1)],
		attrs: {}
	}, {
		inputs: [f32(63, 65), f32(63, 65)],
		attrs: {}
	}]
});
// kernels/ops/attention/attention_grad.ts
/**
* Gradients of attention from q, k, v, o and lse alone (Dao et al. 2022, arXiv:2205.14135, appendix B.2). With p_ij = e^(q_i · k_j / √d − lse_i)
* and D_i = do_i · o_i: dv_j = Σ_i p_ij do_i, ds_ij = p_ij (do_i · v_j − D_i) / √d, dq_i = Σ_j ds_ij k_j, dk_j = Σ_i ds_ij q_i.
*/
const attention_grad = defineOp({
	name: "attention_grad",
	inputs: [
		"do",
		"q",
		"k",
		"v",
		"o",
		"lse"
	],
	outputs: [
		"dq",
		"dk",
		"dv"
	],
	infer: ([, q, k, v], attrs) => (attentionShape("attention_grad", [
		q,
		k,
		v
	], attrs), [
		q,
		k,
		v
	]),
	reference([d_o, q, k, v, o, lse], [dq, dk, dv], attrs) {
		const shape = attentionShape("attention_grad", [
			q,
			k,
			v
		].map((m) => f32(m.rows, m.cols)), attrs);
		const { batch, seqlen, heads, kv_heads, head_dim: d } = shape;
		for (const m of [
			dq,
			dk,
			dv
		]) for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) set(m, r, c, 0);
		for (let b = 0; b < batch; b++) for (let h = 0; h < heads; h++) for (let i = 0; i < seqlen; i++) {
			const [first, end] = visible(shape, i);
			const [row, mine, from] = [
				b * seqlen + i,
				h * d,
				Math.floor(h * kv_heads / heads) * d
			];
			let D = 0;
			for (let c = 0; c < d; c++) D += at(d_o, row, mine + c) * at(o, row, mine + c);
			for (let j = first; j < end; j++) {
				const key = b * seqlen + j;
				let [s, dp] = [0, 0];
				for (let c = 0; c < d; c++) {
					s += at(q, row, mine + c) * at(k, key, from + c);
					dp += at(d_o, row, mine + c) * at(v, key, from + c);
				}
				const p = Math.exp(s / Math.sqrt(d) - at(lse, row, h));
				const ds = p * (dp - D) / Math.sqrt(d);
				for (let c = 0; c < d; c++) {
					set(dq, row, mine + c, at(dq, row, mine + c) + ds * at(k, key, from + c));
					set(dk, key, from + c, at(dk, key, from + c) + ds * at(q, row, mine + c));
					set(dv, key, from + c, at(dv, key, from + c) + p * at(d_o, row, mine + c));
				}
			}
		}
	},
	cost([, ...inputs], attrs) {
		const shape = attentionShape("attention_grad", inputs, attrs);
		return {
			flops: pairs(shape) * (10 * shape.head_dim + 5),
			exps: pairs(shape)
		};
	},
	tolerance: 1e-5,
	cases: []
});
// kernels/ops/attention/attention_step.ts
const testCase$14 = (batch, heads, kv_heads, head_dim, capacity, position) => ({
	inputs: [
		f32(batch, heads * head_dim),
		...Array.from({ length: 2 }, () => f32(batch, kv_heads * head_dim)),
		...Array.from({ length: 2 }, () => f32(batch, capacity * kv_heads * head_dim)),
		f32(batch, 1)
	],
	attrs: {
		heads,
		kv_heads
	},
	range: [
		[-2, 2],
		[-2, 2],
		[-1, 1],
		[-2, 2],
		[-1, 1],
		[position, position]
	]
});
/**
* One time step of causal attention over a ring of the last `capacity` keys and values, this one included. q, y (batch, heads·head_dim) ·
* k, v (batch, kv_heads·head_dim) · keys, values (batch, capacity·kv_heads·head_dim), the rings · position (batch, 1), how many tokens came
* before. k and v go to place position mod capacity, position grows by one; all three states are overwritten. attrs heads, kv_heads.
*/
const attention_step = defineOp({
	name: "attention_step",
	inputs: [
		"q",
		"k",
		"v",
		"keys",
		"values",
		"position"
	],
	outputs: [
		"y",
		"keys",
		"values",
		"position"
	],
	inPlace: {
		1: 3,
		2: 4,
		3: 5
	},
	infer([q, k, v, keys, values, position], attrs) {
		const head_dim = q.cols / num(attrs, "heads");
		expectType("attention_step: k", k, f32(q.rows, num(attrs, "kv_heads") * head_dim));
		expectType("attention_step: v", v, k);
		requireShape(keys.rows === q.rows && keys.cols % k.cols === 0, `attention_step: keys of ${keys.cols} columns do not hold whole keys of ${k.cols}`);
		expectType("attention_step: values", values, keys);
		expectType("attention_step: position", position, f32(q.rows, 1));
		return [
			q,
			keys,
			values,
			position
		];
	},
	reference([q, k, v, keys, , position], [y, keys1, values1, position1], attrs) {
		const [heads, kv_heads] = [num(attrs, "heads"), num(attrs, "kv_heads")];
		const [d, capacity] = [q.cols / heads, keys.cols / k.cols];
		for (let b = 0; b < q.rows; b++) {
			const t = at(position, b, 0);
			const slot = t % capacity;
			for (let c = 0; c < k.cols; c++) {
				set(keys1, b, slot * k.cols + c, at(k, b, c));
				set(values1, b, slot * k.cols + c, at(v, b, c));
			}
			for (let h = 0; h < heads; h++) {
				const from = Math.floor(h * kv_heads / heads) * d;
				const scores = Array.from({ length: Math.min(t + 1, capacity) }, (_, n) => {
					let s = 0;
					for (let c = 0; c < d; c++) s += at(q, b, h * d + c) * at(keys1, b, n * k.cols + from + c);
					return s / Math.sqrt(d);
				});
				const most = scores.reduce((a, s) => Math.max(a, s), -Infinity);
				const weights = scores.map((s) => Math.exp(s - most));
				const sum = weights.reduce((a, w) => a + w, 0);
				for (let c = 0; c < d; c++) set(y, b, h * d + c, weights.reduce((a, w, n) => a + w * at(values1, b, n * k.cols + from + c), 0) / sum);
			}
			set(position1, b, 0, t + 1);
		}
	},
	cost: ([q, k, , keys]) => ({
		flops: 4 * q.rows * q.cols * keys.cols / k.cols,
		exps: q.rows * keys.cols / k.cols
	}),
	tolerance: 4e-6,
	cases: [
		testCase$14(1, 1, 1, 1, 1, 0),
		testCase$14(2, 4, 2, 5, 9, 0),
		testCase$14(2, 4, 2, 8, 9, 5),
		testCase$14(1, 2, 2, 64, 70, 1e3),
		testCase$14(3, 4, 1, 128, 33, 32),
		testCase$14(1, 1, 1, 6, 300, 299)
	]
});
// kernels/ops/channel_scale/channel_scale.ts
/** y (R, d) = x ⊙ weight [+ addend]: each channel times a number of its own, weight (1, d). addend (R, d) is there when attrs.addend is set. */
const channel_scale = defineOp({
	name: "channel_scale",
	inputs: [
		"x",
		"weight",
		"addend"
	],
	outputs: ["y"],
	infer([x, weight, ...rest], attrs) {
		expectType("channel_scale: weight", weight, f32(1, x.cols));
		requireShape(rest.length === Number(!!attrs.addend), "channel_scale: the addend does not match the attribute");
		if (attrs.addend) expectType("channel_scale: addend", rest[0], x);
		return [x];
	},
	mayOverwrite: { 0: 0 },
	reference([x, weight, addend], [y]) {
		for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) set(y, r, c, at(x, r, c) * at(weight, 0, c) + (addend ? at(addend, r, c) : 0));
	},
	gradient: (builder, { inputs: [x, weight, ...rest] }, [dy]) => dy ? [
		builder.one("channel_scale", [dy, weight]),
		builder.one("column_sum", [builder.one("mul", [dy, x])]),
		...rest.map(() => dy)
	] : [],
	cost: ([x]) => ({ flops: 2 * elements(x) }),
	tolerance: 1e-7,
	gradientTolerance: 2e-6,
	cases: [
		{
			inputs: [f32(1, 1), f32(1, 1)],
			attrs: {}
		},
		{
			inputs: [f32(63, 65), f32(1, 65)],
			attrs: {}
		},
		{
			inputs: [
				f32(130, 64),
				f32(1, 64),
				f32(130, 64)
			],
			attrs: { addend: true }
		}
	]
});
// kernels/ops/column_sum/column_sum.ts
/** y (1, N) = Σ over rows of x (M, N): the gradient of a bias. Summed in a fixed order. */
const column_sum = defineOp({
	name: "column_sum",
	inputs: ["x"],
	outputs: ["y"],
	infer: ([x]) => [f32(1, x.cols)],
	reference: ([x], [y]) => {
		for (let c = 0; c < x.cols; c++) {
			let sum = 0;
			for (let r = 0; r < x.rows; r++) sum += at(x, r, c);
			set(y, 0, c, sum);
		}
	},
	cost: ([x]) => ({ flops: elements(x) }),
	tolerance: 2e-6,
	cases: [
		{
			inputs: [f32(1, 1)],
			attrs: {}
		},
		{
			inputs: [f32(1e3, 63)],
			attrs: {}
		},
		{
			inputs: [f32(65, 257)],
			attrs: {}
		}
	]
});
// kernels/ops/diagonal_scan/diagonal_scan_grad.ts
/**
* All gradients of diagonal_scan from dy = g. With ∂x = ∂L/∂Re x + i ∂L/∂Im x and λ_t = κ g_t w̄ + ā λ_{t+1}:
*   du_t = D g_t + Re Σ_n λ_t,  ∂w = κ Σ_t g_t s̄_t,  ∂a = Σ_t λ_t s̄_{t−1},  dD = Σ g u,
* then through w = C β, β = (e^z − 1)/A, a = e^z, z = ΔA. Inputs dy, saved, then those of diagonal_scan; outputs their gradients in order.
*/
const diagonal_scan_grad = defineOp({
	name: "diagonal_scan_grad",
	inputs: [
		"dy",
		"saved",
		"u",
		"log_dt",
		"log_A_real",
		"C",
		"D",
		"A_imag"
	],
	outputs: [
		"du",
		"dlog_dt",
		"dlog_A_real",
		"dC",
		"dD",
		"dA_imag"
	],
	infer: ([, , ...inputs]) => [...inputs],
	reference([dy, , u, log_dt, log_A_real, C, D, A_imag], [du, dlog_dt, dlog_A_real, dC, dD, dA_imag], attrs) {
		const [batch, seqlen, factor] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			attrs.real ? 1 : 2
		];
		const add = (m, r, c, value) => set(m, r, c, at(m, r, c) + value);
		for (let h = 0; h < u.cols; h++) {
			set(dD, 0, h, 0);
			set(dlog_dt, 0, h, 0);
			for (let row = 0; row < u.rows; row++) {
				set(du, row, h, at(D, 0, h) * at(dy, row, h));
				add(dD, 0, h, at(dy, row, h) * at(u, row, h));
			}
			for (let n = 0; n < log_A_real.cols; n++) {
				const m = mode({
					log_dt,
					log_A_real,
					C,
					A_imag
				}, h, n);
				let [dw, da] = [[0, 0], [0, 0]];
				for (let b = 0; b < batch; b++) {
					const states = [[0, 0]];
					for (let t = 0; t < seqlen; t++) states.push(plus(times(m.a, states[t]), [at(u, b * seqlen + t, h), 0]));
					let adjoint = [0, 0];
					for (let t = seqlen - 1; t >= 0; t--) {
						const g = factor * at(dy, b * seqlen + t, h);
						adjoint = plus(scale(g, conj(m.w)), times(conj(m.a), adjoint));
						add(du, b * seqlen + t, h, adjoint[0]);
						dw = plus(dw, scale(g, conj(states[t + 1])));
						da = plus(da, times(adjoint, conj(states[t])));
					}
				}
				const d = parameterGradients(m, dw, times(da, conj(m.a)));
				add(dlog_dt, 0, h, d.log_dt);
				set(dlog_A_real, h, n, d.log_A_real);
				if (attrs.real) set(dC, h, n, d.C[0]);
				else {
					set(dC, h, 2 * n, d.C[0]);
					set(dC, h, 2 * n + 1, d.C[1]);
					set(dA_imag, h, n, d.A_imag);
				}
			}
		}
	},
	cost: ([, , u, , , C]) => ({ flops: elements(u) * (8 * C.cols + 64) }),
	tolerance: 2e-5,
	cases: []
});
/** From ∂w and the part of ∂z that came through a = e^z to the published parameters. */
function parameterGradients(m, dw, dzOfPowers) {
	const dbeta = times(dw, conj(m.C));
	const dz = plus(dzOfPowers, times(dbeta, conj(over(m.a, m.A))));
	const dA = plus(scale(m.dt, dz), scale(-1, times(dbeta, conj(over(m.beta, m.A)))));
	return {
		log_dt: m.dt * times(dz, conj(m.A))[0],
		log_A_real: dA[0] * m.A[0],
		C: times(dw, conj(m.beta)),
		A_imag: dA[1]
	};
}
// kernels/ops/complex_scan/complex_scan_grad.ts
/**
* With g_t the gradient of x_t (2 dy, the imaginary half negated) and λ_t = g_t + ā λ_{t+1}: dv_t = β̄ λ_t, ∂β = Σ λ_t v̄_t,
* ∂a = Σ λ_t x̄_{t−1}, then through a = e^{ΔΛ} and β = (a − 1)/Λ. Inputs dy, y, then those of complex_scan; outputs their gradients.
*/
const complex_scan_grad = defineOp({
	name: "complex_scan_grad",
	inputs: [
		"dy",
		"y",
		"v",
		"Lambda_re",
		"Lambda_im",
		"log_step"
	],
	outputs: [
		"dv",
		"dLambda_re",
		"dLambda_im",
		"dlog_step"
	],
	infer: ([, , ...inputs]) => [...inputs],
	reference([dy, y, v, Lambda_re, Lambda_im, log_step], [dv, dLambda_re, dLambda_im, dlog_step], attrs) {
		const [modes, seqlen] = [Lambda_re.cols, num(attrs, "seqlen")];
		for (let n = 0; n < modes; n++) {
			const { Lambda, clipped, dt, a, beta } = sharedMode(Lambda_re, Lambda_im, log_step, n, attrs);
			let [adjoint, dbeta, da] = [
				[0, 0],
				[0, 0],
				[0, 0]
			];
			for (let r = v.rows - 1; r >= 0; r--) {
				if (r % seqlen === seqlen - 1) adjoint = [0, 0];
				adjoint = plus([2 * at(dy, r, n), -2 * at(dy, r, modes + n)], times(conj(a), adjoint));
				const dvr = times(conj(beta), adjoint);
				set(dv, r, n, dvr[0]);
				set(dv, r, modes + n, dvr[1]);
				dbeta = plus(dbeta, times(adjoint, [at(v, r, n), -at(v, r, modes + n)]));
				if (r % seqlen) da = plus(da, times(adjoint, [at(y, r - 1, n) / 2, at(y, r - 1, modes + n) / 2]));
			}
			const d = parameterGradients({
				dt,
				A: Lambda,
				z: scale(dt, Lambda),
				a,
				beta,
				C: [1, 0],
				w: beta
			}, dbeta, times(da, conj(a)));
			set(dLambda_re, 0, n, clipped ? 0 : d.log_A_real / Lambda[0]);
			set(dLambda_im, 0, n, d.A_imag);
			set(dlog_step, 0, n, d.log_dt);
		}
	},
	cost: ([dy]) => ({ flops: 20 * elements(dy) }),
	tolerance: 2e-5,
	cases: []
});
// kernels/ops/complex_scan/complex_scan_step.ts
const testCase$13 = (batch, modes, clip) => ({
	inputs: [
		f32(batch, 2 * modes),
		f32(1, modes),
		f32(1, modes),
		f32(1, modes),
		f32(batch, 2 * modes)
	],
	attrs: { clip },
	range: [
		[-1, 1],
		[-.8, .3],
		[0, 60],
		[Math.log(.001), Math.log(.1)],
		[-1, 1]
	]
});
/** One time step of complex_scan: v, y, state (batch, 2·modes); state is x, real parts first, overwritten. */
const complex_scan_step = defineOp({
	name: "complex_scan_step",
	inputs: [
		"v",
		"Lambda_re",
		"Lambda_im",
		"log_step",
		"state"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 4 },
	infer(inputs) {
		const [v, , , , state] = inputs;
		requireShape(state.rows === v.rows && state.cols === v.cols, "complex_scan_step: state does not have the shape of v");
		return [scanShapes("complex_scan_step", inputs, v.rows), state];
	},
	reference([v, Lambda_re, Lambda_im, log_step, state], [y, next], attrs) {
		const modes = Lambda_re.cols;
		for (let n = 0; n < modes; n++) {
			const { a, beta } = sharedMode(Lambda_re, Lambda_im, log_step, n, attrs);
			for (let b = 0; b < v.rows; b++) {
				const before = [at(state, b, n), at(state, b, modes + n)];
				const x = plus(times(a, before), times(beta, [at(v, b, n), at(v, b, modes + n)]));
				set(next, b, n, x[0]);
				set(next, b, modes + n, x[1]);
				set(y, b, n, 2 * x[0]);
				set(y, b, modes + n, -2 * x[1]);
			}
		}
	},
	cost: ([v]) => ({
		flops: 8 * elements(v),
		exps: v.cols
	}),
	tolerance: 4e-6,
	cases: [
		testCase$13(1, 1, false),
		testCase$13(2, 65, true),
		testCase$13(3, 6, false)
	]
});
// kernels/ops/conv1d_silu/conv1d_silu_grad.ts
/**
* With dp = dy · σ(p) (1 + p (1 − σ(p))): dx_s = Σ_k weight[:, k] ⊙ dp_{s + (d_conv − 1) − k} inside the same sequence,
* dweight[:, k] = Σ_t dp_t ⊙ x_{t − (d_conv − 1) + k}, dbias = Σ_t dp_t. Inputs dy, x, weight, bias; p is recomputed.
*/
const conv1d_silu_grad = defineOp({
	name: "conv1d_silu_grad",
	inputs: [
		"dy",
		"x",
		"weight",
		"bias"
	],
	outputs: [
		"dx",
		"dweight",
		"dbias"
	],
	infer: ([dy, x, weight, bias]) => (expectType("conv1d_silu_grad: dy", dy, x), [
		x,
		weight,
		bias
	]),
	reference([dy, x, weight, bias], [dx, dweight, dbias], attrs) {
		const [batch, seqlen, width] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			weight.cols
		];
		for (let d = 0; d < x.cols; d++) {
			set(dbias, 0, d, 0);
			for (let k = 0; k < width; k++) set(dweight, d, k, 0);
			for (let r = 0; r < x.rows; r++) set(dx, r, d, 0);
			for (let b = 0; b < batch; b++) for (let t = 0; t < seqlen; t++) {
				const row = b * seqlen + t;
				let p = at(bias, 0, d);
				for (let k = 0; k < width; k++) if (t - (width - 1) + k >= 0) p += at(weight, d, k) * at(x, row - (width - 1) + k, d);
				const s = sigmoid(p);
				const dp = at(dy, row, d) * s * (1 + p * (1 - s));
				set(dbias, 0, d, at(dbias, 0, d) + dp);
				for (let k = 0; k < width; k++) {
					if (t - (width - 1) + k < 0) continue;
					const from = row - (width - 1) + k;
					set(dweight, d, k, at(dweight, d, k) + dp * at(x, from, d));
					set(dx, from, d, at(dx, from, d) + dp * at(weight, d, k));
				}
			}
		}
	},
	cost: ([, x, weight]) => ({
		flops: elements(x) * (6 * weight.cols + 8),
		exps: elements(x)
	}),
	tolerance: 4e-6,
	cases: []
});
// kernels/ops/conv1d_silu/conv1d_silu_step.ts
/**
* One time step of conv1d_silu. x, y (batch, d); state (batch, d·(d_conv − 1)) holds, per channel, the last d_conv − 1 inputs, oldest
* first; it is overwritten with the window moved on by one. Zeros before t = 0.
*/
const conv1d_silu_step = defineOp({
	name: "conv1d_silu_step",
	inputs: [
		"x",
		"state",
		"weight",
		"bias"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 1 },
	infer([x, state, weight, bias]) {
		requireShape(weight.cols >= 2, "conv1d_silu_step: d_conv is at least 2");
		expectType("conv1d_silu_step: state", state, f32(x.rows, x.cols * (weight.cols - 1)));
		expectType("conv1d_silu_step: bias", bias, f32(1, x.cols));
		return [x, state];
	},
	reference([x, state, weight, bias], [y, next]) {
		const keep = weight.cols - 1;
		for (let b = 0; b < x.rows; b++) for (let d = 0; d < x.cols; d++) {
			const window = Array.from({ length: keep }, (_, k) => at(state, b, d * keep + k));
			window.push(at(x, b, d));
			const p = window.reduce((sum, value, k) => sum + value * at(weight, d, k), at(bias, 0, d));
			set(y, b, d, p * sigmoid(p));
			for (let k = 0; k < keep; k++) set(next, b, d * keep + k, window[k + 1]);
		}
	},
	cost: ([x, , weight]) => ({
		flops: x.rows * x.cols * (2 * weight.cols + 4),
		exps: x.rows * x.cols
	}),
	tolerance: 2e-6,
	cases: [{
		inputs: [
			f32(1, 1),
			f32(1, 3),
			f32(1, 4),
			f32(1, 1)
		],
		attrs: {}
	}, {
		inputs: [
			f32(3, 65),
			f32(3, 195),
			f32(65, 4),
			f32(1, 65)
		],
		attrs: {}
	}]
});
// kernels/ops/copy/copy.ts
/** y = x. Makes a strided view contiguous, or moves a value to where the caller wants it. f32 or i32. */
const copy = defineOp({
	name: "copy",
	inputs: ["x"],
	outputs: ["y"],
	infer: ([x]) => [x],
	reference: ([x], [y]) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(x, r, c));
	},
	gradient: (_builder, _node, [dy]) => [dy],
	cost: () => ({ flops: 0 }),
	tolerance: 0,
	cases: [{
		inputs: [f32(1, 1)],
		attrs: {}
	}, {
		inputs: [f32(63, 65)],
		attrs: {}
	}]
});
// kernels/ops/cross_entropy/cross_entropy.ts
/**
* Softmax cross-entropy in nats. logits (R, vocab), targets (R, 1) i32, a negative target is ignored.
* nll (R, 1) = lse − logits[target], 0 where ignored · lse (R, 1) = log Σ exp(logits) · count (1, 1) = rows not ignored ·
* loss (1, 1) = Σ nll / max(count, 1). Only `loss` has a gradient.
*/
const cross_entropy = defineOp({
	name: "cross_entropy",
	inputs: ["logits", "targets"],
	outputs: [
		"loss",
		"nll",
		"lse",
		"count"
	],
	infer: ([logits, targets]) => (expectType("cross_entropy: targets", targets, i32(logits.rows, 1)), [
		f32(1, 1),
		f32(logits.rows, 1),
		f32(logits.rows, 1),
		f32(1, 1)
	]),
	reference([logits, targets], [loss, nll, lse, count]) {
		let [sum, rows] = [0, 0];
		for (let r = 0; r < logits.rows; r++) {
			let max = -Infinity;
			for (let v = 0; v < logits.cols; v++) max = Math.max(max, at(logits, r, v));
			let total = 0;
			for (let v = 0; v < logits.cols; v++) total += Math.exp(at(logits, r, v) - max);
			set(lse, r, 0, max + Math.log(total));
			const target = at(targets, r, 0);
			set(nll, r, 0, target < 0 ? 0 : max + Math.log(total) - at(logits, r, target));
			sum += at(nll, r, 0);
			if (target >= 0) rows++;
		}
		set(count, 0, 0, rows);
		set(loss, 0, 0, sum / Math.max(rows, 1));
	},
	gradient: (builder, { inputs: [logits, targets], outputs: [, , lse, count] }, [dloss]) => dloss ? [builder.one("cross_entropy_grad", [
		logits,
		targets,
		lse,
		count,
		dloss
	])] : [],
	cost: ([logits]) => ({
		flops: 4 * elements(logits),
		exps: elements(logits)
	}),
	tolerance: 4e-6,
	cases: [
		{
			inputs: [f32(1, 1), i32(1, 1)],
			attrs: {},
			range: [[-1, 1], [0, 1]]
		},
		{
			inputs: [f32(37, 101), i32(37, 1)],
			attrs: {},
			range: [[-20, 20], [-3, 101]]
		},
		{
			inputs: [f32(130, 65), i32(130, 1)],
			attrs: {},
			range: [[-3, 3], [0, 65]]
		}
	]
});
// kernels/ops/cross_entropy/cross_entropy_grad.ts
/** dlogits = (softmax(logits) − onehot(target)) · dloss / max(count, 1), zero in ignored rows. May overwrite logits. */
const cross_entropy_grad = defineOp({
	name: "cross_entropy_grad",
	inputs: [
		"logits",
		"targets",
		"lse",
		"count",
		"dloss"
	],
	outputs: ["dlogits"],
	mayOverwrite: { 0: 0 },
	infer: ([logits]) => [logits],
	reference([logits, targets, lse, count, dloss], [dlogits]) {
		const scale = at(dloss, 0, 0) / Math.max(at(count, 0, 0), 1);
		for (let r = 0; r < logits.rows; r++) {
			const target = at(targets, r, 0);
			for (let v = 0; v < logits.cols; v++) set(dlogits, r, v, target < 0 ? 0 : scale * (Math.exp(at(logits, r, v) - at(lse, r, 0)) - (v === target ? 1 : 0)));
		}
	},
	cost: ([logits]) => ({
		flops: 3 * elements(logits),
		exps: elements(logits)
	}),
	tolerance: 4e-6,
	cases: []
});
function checkCtc(op, [logits, labels], attrs) {
	const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
	requireShape(logits.rows === batch * seqlen, `${op}: logits has ${logits.rows} rows, batch · seqlen is ${batch * seqlen}`);
	expectType(`${op}: labels`, labels, i32(batch, labels.cols));
	requireShape(labels.cols <= 500, `${op}: ${labels.cols} labels in a sequence; at most 500 are possible`);
}
const logAdd = (...terms) => {
	const most = Math.max(...terms);
	return most === -Infinity ? most : most + Math.log(terms.reduce((sum, x) => sum + Math.exp(x - most), 0));
};
/**
* One sequence in float64: −log of the probability of its labels, and where it is finite that number's gradient (seqlen × vocab).
* The states are the labels with blanks between and around them (Graves et al. 2006, §4.1, eq. 6 to 16).
*/
function ctcOfSequence(logits, labels, b, seqlen) {
	const states = [0];
	for (let k = 0; k < labels.cols && at(labels, b, k) >= 0; k++) states.push(at(labels, b, k), 0);
	const n = states.length;
	const logp = Array.from({ length: seqlen }, (_, t) => {
		const row = Array.from({ length: logits.cols }, (_, v) => at(logits, b * seqlen + t, v));
		const lse = logAdd(...row);
		return row.map((x) => x - lse);
	});
	const skips = (s) => s >= 2 && states[s] !== 0 && states[s] !== states[s - 2];
	const alpha = logp.map(() => new Array(n).fill(-Infinity));
	const beta = logp.map(() => new Array(n).fill(-Infinity));
	for (let t = 0; t < seqlen; t++) for (let s = 0; s < n; s++) {
		const before = (d) => s >= d ? alpha[t - 1][s - d] : -Infinity;
		const reached = t === 0 ? s < 2 ? 0 : -Infinity : logAdd(before(0), before(1), skips(s) ? before(2) : -Infinity);
		alpha[t][s] = reached + logp[t][states[s]];
	}
	const nll = -logAdd(alpha[seqlen - 1][n - 1], n > 1 ? alpha[seqlen - 1][n - 2] : -Infinity);
	if (nll === Infinity) return {
		nll,
		slope: []
	};
	for (let t = seqlen - 1; t >= 0; t--) for (let s = 0; s < n; s++) {
		const after = (d) => s + d < n ? beta[t + 1][s + d] + logp[t + 1][states[s + d]] : -Infinity;
		beta[t][s] = t === seqlen - 1 ? s >= n - 2 ? 0 : -Infinity : logAdd(after(0), after(1), s + 2 < n && skips(s + 2) ? after(2) : -Infinity);
	}
	return {
		nll,
		slope: logp.map((row, t) => {
			const out = row.map((x) => Math.exp(x));
			states.forEach((v, s) => out[v] -= Math.exp(alpha[t][s] + beta[t][s] + nll));
			return out;
		})
	};
}
const testCase$12 = (batch, seqlen, vocab, labels, size = 1, lowest = -1) => ({
	inputs: [f32(batch * seqlen, vocab), i32(batch, labels)],
	attrs: {
		batch,
		seqlen
	},
	range: [[-size, size], [lowest, vocab]]
});
/**
* Connectionist temporal classification (Graves et al. 2006, ICML): −log of the sum over all paths through time that read as the labels once
* repeats are merged and blanks (class 0) taken out. logits (batch·seqlen, vocab) before the softmax · labels (batch, S) i32, a sequence's
* own from the left, the first negative one ends them. nll (batch, 1) in nats, 0 where no path of seqlen steps reads as the labels ·
* count (1, 1) = the other sequences · loss (1, 1) = Σ nll / max(count, 1). attrs batch, seqlen. Only `loss` has a gradient.
*/
const ctc = defineOp({
	name: "ctc",
	inputs: ["logits", "labels"],
	outputs: [
		"loss",
		"nll",
		"count"
	],
	infer: (inputs, attrs) => (checkCtc("ctc", inputs, attrs), [
		f32(1, 1),
		f32(num(attrs, "batch"), 1),
		f32(1, 1)
	]),
	reference([logits, labels], [loss, nll, count], attrs) {
		let [sum, scored] = [0, 0];
		for (let b = 0; b < labels.rows; b++) {
			const { nll: one } = ctcOfSequence(logits, labels, b, num(attrs, "seqlen"));
			set(nll, b, 0, one === Infinity ? 0 : one);
			sum += at(nll, b, 0);
			scored += Number(one !== Infinity);
		}
		set(count, 0, 0, scored);
		set(loss, 0, 0, sum / Math.max(scored, 1));
	},
	gradient: (builder, { inputs, outputs: [, , count], attrs }, [dloss]) => dloss ? [builder.one("ctc_grad", [
		...inputs,
		count,
		dloss
	], attrs)] : [],
	cost: ([logits, labels]) => ({
		flops: 3 * elements(logits) + logits.rows * labels.cols * 14,
		exps: elements(logits) + 4 * logits.rows * labels.cols
	}),
	tolerance: 4e-6,
	gradientTolerance: 1e-5,
	cases: [
		testCase$12(1, 1, 1, 1, 1, -1),
		testCase$12(3, 7, 5, 3),
		testCase$12(2, 63, 33, 17, 3, 0),
		testCase$12(4, 65, 6, 9, 1, 0),
		testCase$12(1, 300, 9, 40, 4, 1),
		testCase$12(5, 4, 3, 4, 1, -1)
	]
});
// kernels/ops/ctc/ctc_grad.ts
/**
* dlogits (batch·seqlen, vocab) = dloss / max(count, 1) · (softmax(logits) − what the labels' paths spend on each class at each step)
* (Graves et al. 2006, eq. 16); 0 for sequences that are not scored. The walk is done again, nothing of it is kept.
*/
const ctc_grad = defineOp({
	name: "ctc_grad",
	inputs: [
		"logits",
		"labels",
		"count",
		"dloss"
	],
	outputs: ["dlogits"],
	infer: (inputs, attrs) => (checkCtc("ctc_grad", inputs, attrs), [inputs[0]]),
	reference([logits, labels, count, dloss], [dlogits], attrs) {
		const seqlen = num(attrs, "seqlen");
		const scale = at(dloss, 0, 0) / Math.max(at(count, 0, 0), 1);
		for (let b = 0; b < labels.rows; b++) {
			const { slope } = ctcOfSequence(logits, labels, b, seqlen);
			for (let t = 0; t < seqlen; t++) for (let v = 0; v < logits.cols; v++) set(dlogits, b * seqlen + t, v, slope.length ? scale * slope[t][v] : 0);
		}
	},
	cost: ([logits, labels]) => ({
		flops: 5 * elements(logits) + logits.rows * labels.cols * 40,
		exps: 2 * elements(logits) + 8 * logits.rows * labels.cols
	}),
	tolerance: 1e-5,
	cases: []
});
// kernels/ops/diagonal_scan/diagonal_scan.ts
/** A case with `modes` complex states a channel, or real ones. `slowest` is the smallest Δ, whose memory is about 2/Δ steps. */
const testCase$11 = (batch, seqlen, d_model, modes, real = false, slowest = .001) => ({
	inputs: [
		f32(batch * seqlen, d_model),
		f32(1, d_model),
		f32(d_model, modes),
		f32(d_model, real ? modes : 2 * modes),
		f32(1, d_model),
		...real ? [] : [f32(d_model, modes)]
	],
	attrs: {
		batch,
		seqlen,
		real
	},
	range: [[-1, 1], ...parameterRanges(slowest)]
});
/**
* One independent diagonal state space per channel (S4D; Gu et al. 2022, arXiv:2206.11893, eq. 2 and §3.2, zero-order hold), with its skip:
*   A = −e^{log_A_real} + i·A_imag, Δ = e^{log_dt}, s_t = e^{ΔA} s_{t−1} + u_t, y_t = κ Re Σ_n C_n (e^{ΔA_n} − 1)/A_n · s_{t,n} + D u_t, s_{−1} = 0,
* where κ = 2 stands for the conjugate half of the states. With attrs.real the states and C are real, A_imag is left out and κ = 1.
* u, y (batch·seqlen, d_model) · log_dt, D (1, d_model) · log_A_real, A_imag (d_model, modes) · C (d_model, 2·modes) as re, im pairs.
* The kernels use that nothing depends on time: inside a chunk of Q steps y is a small Toeplitz product, and chunks meet only in the
* state at their border, so all work but one short recurrence over chunks is matrix products per channel. `saved` keeps those states.
*/
const diagonal_scan = defineOp({
	name: "diagonal_scan",
	inputs: [
		"u",
		"log_dt",
		"log_A_real",
		"C",
		"D",
		"A_imag"
	],
	outputs: ["y", "saved"],
	opaque: [1],
	infer([u, ...parameters], attrs) {
		requireShape(u.rows === num(attrs, "batch") * num(attrs, "seqlen"), `diagonal_scan: u has ${u.rows} rows, not batch · seqlen`);
		stateSize("diagonal_scan", u.cols, parameters, attrs);
		return [u, f32(1, 0)];
	},
	reference([u, log_dt, log_A_real, C, D, A_imag], [y], attrs) {
		const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
		for (let h = 0; h < u.cols; h++) {
			const modes = Array.from({ length: log_A_real.cols }, (_, n) => mode({
				log_dt,
				log_A_real,
				C,
				A_imag
			}, h, n));
			for (let b = 0; b < batch; b++) {
				const s = modes.map(() => [0, 0]);
				for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
					let sum = 0;
					modes.forEach(({ a, w }, n) => {
						s[n] = [a[0] * s[n][0] - a[1] * s[n][1] + at(u, row, h), a[0] * s[n][1] + a[1] * s[n][0]];
						sum += w[0] * s[n][0] - w[1] * s[n][1];
					});
					set(y, row, h, (attrs.real ? 1 : 2) * sum + at(D, 0, h) * at(u, row, h));
				}
			}
		}
	},
	gradient: (builder, { inputs, outputs: [, saved], attrs }, [dy]) => dy ? builder.apply("diagonal_scan_grad", [
		dy,
		saved,
		...inputs
	], attrs) : [],
	cost: ([u, , , C]) => ({ flops: elements(u) * (4 * C.cols + 32) }),
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: [
		testCase$11(1, 1, 1, 1),
		testCase$11(2, 63, 5, 3),
		testCase$11(1, 65, 33, 4, true),
		testCase$11(3, 130, 7, 5, true),
		testCase$11(2, 300, 9, 32),
		testCase$11(1, 2100, 3, 32, false, .001)
	]
});
// kernels/ops/diagonal_scan/diagonal_scan_step.ts
const testCase$10 = (batch, d_model, modes, real = false) => {
	const size = real ? modes : 2 * modes;
	return {
		inputs: [
			f32(batch, d_model),
			f32(1, d_model),
			f32(d_model, modes),
			f32(d_model, size),
			f32(1, d_model),
			f32(batch, d_model * size),
			...real ? [] : [f32(d_model, modes)]
		],
		attrs: { real },
		range: [
			[-1, 1],
			...parameterRanges(.001).slice(0, 4),
			[-1, 1],
			[0, 60]
		]
	};
};
/**
* One time step of diagonal_scan. u, y (batch, d_model); state (batch, d_model·2·modes) holds each channel's s as re, im pairs (real:
* d_model·modes), overwritten. Constant memory per token.
*/
const diagonal_scan_step = defineOp({
	name: "diagonal_scan_step",
	inputs: [
		"u",
		"log_dt",
		"log_A_real",
		"C",
		"D",
		"state",
		"A_imag"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 5 },
	infer([u, log_dt, log_A_real, C, D, state, A_imag], attrs) {
		const size = stateSize("diagonal_scan_step", u.cols, [
			log_dt,
			log_A_real,
			C,
			D,
			A_imag
		], attrs);
		expectType("diagonal_scan_step: state", state, f32(u.rows, u.cols * size));
		return [u, state];
	},
	reference([u, log_dt, log_A_real, C, D, state, A_imag], [y, next], attrs) {
		const width = attrs.real ? 1 : 2;
		for (let h = 0; h < u.cols; h++) for (let b = 0; b < u.rows; b++) {
			let sum = 0;
			for (let n = 0; n < log_A_real.cols; n++) {
				const { a, w } = mode({
					log_dt,
					log_A_real,
					C,
					A_imag
				}, h, n);
				const column = h * C.cols + width * n;
				const [re, im] = [at(state, b, column), attrs.real ? 0 : at(state, b, column + 1)];
				const moved = [a[0] * re - a[1] * im + at(u, b, h), a[0] * im + a[1] * re];
				sum += w[0] * moved[0] - w[1] * moved[1];
				set(next, b, column, moved[0]);
				if (!attrs.real) set(next, b, column + 1, moved[1]);
			}
			set(y, b, h, width * sum + at(D, 0, h) * at(u, b, h));
		}
	},
	cost: ([u, , , C]) => ({
		flops: elements(u) * 6 * C.cols,
		exps: C.rows * C.cols
	}),
	tolerance: 4e-6,
	cases: [
		testCase$10(1, 1, 1),
		testCase$10(2, 65, 5),
		testCase$10(3, 7, 6, true)
	]
});
// kernels/ops/dplr_kernel/dplr.ts
const pair = (m, row, n) => [at(m, row, 2 * n), at(m, row, 2 * n + 1)];
function dplr(p, channel) {
	const dt = Math.exp(at(p.log_dt, 0, channel));
	const raw = Array.from({ length: p.A_real.cols }, (_, n) => {
		const lambda = [-Math.exp(at(p.A_real, channel, n)), -at(p.A_imag, channel, n)];
		return {
			lambda,
			R: over([1, 0], plus([1, 0], scale(-dt / 2, lambda))),
			P: pair(p.P, channel, n),
			B: pair(p.B, channel, n),
			C: pair(p.C, channel, n)
		};
	});
	const g = raw.reduce((sum, { P, R }) => sum + (P[0] ** 2 + P[1] ** 2) * R[0], 0);
	const h = raw.reduce((sum, { P, R, B }) => sum + times(conj(P), times(R, B))[0], 0);
	const gamma = 1 / (1 + dt * g);
	return {
		dt,
		g,
		gamma,
		h,
		modes: raw.map((m) => {
			const w = scale(-2 * gamma * dt, times(m.R, m.P));
			const b = plus(scale(dt, times(m.R, m.B)), scale(dt * h / 2, w));
			return {
				...m,
				mu: scale(dt, times(m.lambda, m.R)),
				v: times(conj(m.P), m.R),
				w,
				b
			};
		})
	};
}
/** Moves the states on by one step without input. */
function advance({ modes }, s) {
	const t = modes.reduce((sum, { v }, n) => sum + times(v, s[n])[0], 0);
	modes.forEach(({ mu, w }, n) => s[n] = plus(plus(s[n], times(mu, s[n])), scale(t, w)));
}
/** Checks the parameters' shapes for d_model channels. */
function expectDplr(where, d_model, inputs) {
	const [log_dt, A_real, A_imag, B, C, P] = inputs;
	requireShape(A_real.rows === d_model, `${where}: A_real has ${A_real.rows} rows, expected ${d_model}`);
	requireShape(A_real.cols <= 128, `${where}: at most 128 modes, not ${A_real.cols}`);
	expectType(`${where}: log_dt`, log_dt, f32(1, d_model));
	expectType(`${where}: A_imag`, A_imag, A_real);
	for (const [name, type] of Object.entries({
		B,
		C,
		P
	})) expectType(`${where}: ${name}`, type, f32(d_model, 2 * A_real.cols));
}
/** Test inputs like HiPPO's: log_dt, A_real, A_imag, B, C, P. */
const dplrInputs = (d_model, modes) => [
	f32(1, d_model),
	f32(d_model, modes),
	f32(d_model, modes),
	...Array.from({ length: 3 }, () => f32(d_model, 2 * modes))
];
const dplrRanges = [
	[Math.log(.001), Math.log(.1)],
	[Math.log(.3), Math.log(.8)],
	[0, 60],
	[-2, 2],
	[-1, 1],
	[-2, 2]
];
// kernels/ops/dplr_kernel/dplr_kernel.ts
const testCase$9 = (lags, d_model, modes) => ({
	inputs: dplrInputs(d_model, modes),
	attrs: { lags },
	range: dplrRanges
});
/**
* The convolution kernel of one state space per channel whose A is diagonal minus rank one in Hurwitz form (S4 and SaShiMi; Gu et al. 2022,
* arXiv:2111.00396, §3; Goel et al. 2022, arXiv:2202.09729, §4.1): A = Λ − P P*, Λ = −e^{A_real} − i·A_imag, so that every eigenvalue stays in the
* left half-plane whatever is learned. kernel (lags, d_model) = 2 Re C Ā^l B̄ with the bilinear Ā, B̄, the modes standing for conjugate
* pairs. Computed by the recurrence itself, which by the Woodbury identity costs a state as much as a diagonal one and half again: the same
* operations as the Cauchy sums of the paper, no roots of unity, and C stays C, whatever the length.
* log_dt (1, d_model) · A_real, A_imag (d_model, modes) · B, C, P (d_model, 2·modes) as re, im pairs. `saved` keeps some of the states.
*/
const dplr_kernel = defineOp({
	name: "dplr_kernel",
	inputs: [
		"log_dt",
		"A_real",
		"A_imag",
		"B",
		"C",
		"P"
	],
	outputs: ["kernel", "saved"],
	opaque: [1],
	infer(inputs, attrs) {
		expectDplr("dplr_kernel", inputs[0].cols, inputs);
		return [f32(num(attrs, "lags"), inputs[0].cols), f32(1, 0)];
	},
	reference([log_dt, A_real, A_imag, B, C, P], [kernel]) {
		for (let h = 0; h < kernel.cols; h++) {
			const channel = dplr({
				log_dt,
				A_real,
				A_imag,
				B,
				C,
				P
			}, h);
			const s = channel.modes.map(({ b }) => b);
			for (let l = 0; l < kernel.rows; l++) {
				set(kernel, l, h, channel.modes.reduce((sum, m, n) => sum + 2 * times(m.C, s[n])[0], 0));
				advance(channel, s);
			}
		}
	},
	gradient: (builder, { inputs, outputs: [, saved], attrs }, [dkernel]) => dkernel ? builder.apply("dplr_kernel_grad", [
		dkernel,
		saved,
		...inputs
	], attrs) : [],
	cost: ([, A_real], attrs) => ({ flops: num(attrs, "lags") * A_real.rows * A_real.cols * 20 }),
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: [
		testCase$9(1, 1, 1),
		testCase$9(63, 5, 3),
		testCase$9(130, 9, 32),
		testCase$9(1100, 3, 16)
	]
});
// kernels/ops/dplr_kernel/dplr_kernel_grad.ts
const zero = [0, 0];
/**
* With t_l = Re Σ v s_l and λ_l the adjoint of s_l: τ_l = Re Σ w̄ λ_{l+1}, λ_l = 2 dkernel_l C̄ + λ_{l+1} + μ̄ λ_{l+1} + τ_l v̄;
* ∂μ = Σ λ_{l+1} s̄_l, ∂w = Σ λ_{l+1} t_l, ∂v = Σ τ_l s̄_l, ∂C = Σ 2 dkernel_l s̄_l, ∂b = λ_0; then through dplr.ts to the parameters.
*/
const dplr_kernel_grad = defineOp({
	name: "dplr_kernel_grad",
	inputs: [
		"dkernel",
		"saved",
		"log_dt",
		"A_real",
		"A_imag",
		"B",
		"C",
		"P"
	],
	outputs: [
		"dlog_dt",
		"dA_real",
		"dA_imag",
		"dB",
		"dC",
		"dP"
	],
	infer: ([, , ...inputs]) => [...inputs],
	reference([dkernel, , log_dt, A_real, A_imag, B, C, P], [dlog_dt, dA_real, dA_imag, dB, dC, dP]) {
		for (let h = 0; h < dkernel.cols; h++) {
			const channel = dplr({
				log_dt,
				A_real,
				A_imag,
				B,
				C,
				P
			}, h);
			const { modes } = channel;
			const states = [modes.map(({ b }) => b)];
			for (let l = 1; l < dkernel.rows; l++) {
				states.push([...states[l - 1]]);
				advance(channel, states[l]);
			}
			const grads = modes.map(() => ({
				mu: zero,
				v: zero,
				w: zero,
				b: zero
			}));
			const dCs = modes.map(() => zero);
			let adjoint = modes.map(() => zero);
			for (let l = dkernel.rows - 1; l >= 0; l--) {
				const [s, g] = [states[l], 2 * at(dkernel, l, h)];
				const t = modes.reduce((sum, { v }, n) => sum + times(v, s[n])[0], 0);
				const tau = modes.reduce((sum, { w }, n) => sum + times(conj(w), adjoint[n])[0], 0);
				adjoint = modes.map(({ mu, v, C: c }, n) => {
					grads[n].mu = plus(grads[n].mu, times(adjoint[n], conj(s[n])));
					grads[n].w = plus(grads[n].w, scale(t, adjoint[n]));
					grads[n].v = plus(grads[n].v, scale(tau, conj(s[n])));
					dCs[n] = plus(dCs[n], scale(g, conj(s[n])));
					return plus(plus(scale(g, conj(c)), scale(tau, conj(v))), plus(adjoint[n], times(conj(mu), adjoint[n])));
				});
			}
			grads.forEach((d, n) => d.b = adjoint[n]);
			const d = dplrGradients(channel, grads);
			set(dlog_dt, 0, h, channel.dt * d.dt);
			modes.forEach(({ lambda }, n) => {
				set(dA_real, h, n, d.lambda[n][0] * lambda[0]);
				set(dA_imag, h, n, -d.lambda[n][1]);
				for (const [m, value] of [
					[dB, d.B[n]],
					[dC, dCs[n]],
					[dP, d.P[n]]
				]) {
					set(m, h, 2 * n, value[0]);
					set(m, h, 2 * n + 1, value[1]);
				}
			});
		}
	},
	cost: ([, , , A_real], attrs) => ({ flops: num(attrs, "lags") * A_real.rows * A_real.cols * 60 }),
	tolerance: 2e-5,
	cases: []
});
/** Backwards through the formulas of dplr.ts. */
function dplrGradients({ dt, g, gamma, h, modes }, grads) {
	const real = (x, y) => times(conj(x), y)[0];
	const sum = (f) => modes.reduce((total, _, n) => total + f(n), 0);
	const dHalf = sum((n) => real(modes[n].w, grads[n].b));
	const dh = dt / 2 * dHalf;
	const dw = grads.map((d) => plus(d.w, scale(dt * h / 2, d.b)));
	const k = -2 * gamma * dt;
	const dk = sum((n) => real(times(modes[n].R, modes[n].P), dw[n]));
	const dgamma = -2 * dt * dk;
	const dg = -gamma * gamma * dt * dgamma;
	let ddt = h / 2 * dHalf - 2 * gamma * dk - gamma * gamma * g * dgamma;
	const result = {
		dt: 0,
		lambda: [],
		P: [],
		B: []
	};
	modes.forEach(({ lambda, R, P, B }, n) => {
		const { mu, v, b } = grads[n];
		let dR = plus(times(scale(dt, conj(B)), b), scale(k, times(conj(P), dw[n])));
		dR = plus(dR, scale(dh, times(P, conj(B))));
		dR = plus(dR, [dg * (P[0] ** 2 + P[1] ** 2), 0]);
		dR = plus(dR, plus(times(P, v), scale(dt, times(conj(lambda), mu))));
		const dP = plus(scale(k, times(conj(R), dw[n])), plus(scale(dh, times(R, B)), plus(scale(2 * dg * R[0], P), times(R, conj(v)))));
		const dz = times(scale(.5, conj(times(R, R))), dR);
		result.P.push(dP);
		result.B.push(plus(scale(dt, times(conj(R), b)), scale(dh, times(P, conj(R)))));
		result.lambda.push(scale(dt, plus(dz, times(conj(R), mu))));
		ddt += real(times(R, B), b) + real(times(lambda, R), mu) + real(lambda, dz);
	});
	return {
		...result,
		dt: ddt
	};
}
// kernels/ops/dplr_kernel/dplr_step.ts
const testCase$8 = (batch, d_model, modes) => ({
	inputs: [
		f32(batch, d_model),
		...dplrInputs(d_model, modes),
		f32(1, d_model),
		f32(batch, d_model * 2 * modes)
	],
	attrs: {},
	range: [
		[-1, 1],
		...dplrRanges,
		[-1, 1],
		[-1, 1]
	]
});
/**
* One time step of the state space whose kernel dplr_kernel gives, with the skip D: s ← Ā s + B̄ u, y = 2 Re C s + D u. u, y (batch, d_model) ·
* state (batch, d_model·2·modes), re, im pairs of each channel, overwritten.
*/
const dplr_step = defineOp({
	name: "dplr_step",
	inputs: [
		"u",
		"log_dt",
		"A_real",
		"A_imag",
		"B",
		"C",
		"P",
		"D",
		"state"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 8 },
	infer([u, ...rest]) {
		expectDplr("dplr_step", u.cols, rest);
		expectType("dplr_step: D", rest[6], f32(1, u.cols));
		expectType("dplr_step: state", rest[7], f32(u.rows, u.cols * rest[4].cols));
		return [u, rest[7]];
	},
	reference([u, log_dt, A_real, A_imag, B, C, P, D, state], [y, next]) {
		for (let h = 0; h < u.cols; h++) {
			const channel = dplr({
				log_dt,
				A_real,
				A_imag,
				B,
				C,
				P
			}, h);
			for (let b = 0; b < u.rows; b++) {
				const x = at(u, b, h);
				const column = (n) => h * C.cols + 2 * n;
				const s = channel.modes.map((_, n) => [at(state, b, column(n)), at(state, b, column(n) + 1)]);
				advance(channel, s);
				let sum = at(D, 0, h) * x;
				channel.modes.forEach((m, n) => {
					const moved = plus(s[n], scale(x, m.b));
					set(next, b, column(n), moved[0]);
					set(next, b, column(n) + 1, moved[1]);
					sum += 2 * times(m.C, moved)[0];
				});
				set(y, b, h, sum);
			}
		}
	},
	cost: ([u, A_real]) => ({ flops: elements(u) * A_real.cols * 24 }),
	tolerance: 4e-6,
	cases: [
		testCase$8(1, 1, 1),
		testCase$8(2, 65, 5),
		testCase$8(3, 6, 32)
	]
});
// kernels/ops/embedding/embedding.ts
/** y (R, d_model) = weight[ids]. ids (R, 1) i32 in [0, vocab). */
const embedding = defineOp({
	name: "embedding",
	inputs: ["ids", "weight"],
	outputs: ["y"],
	infer: ([ids, weight]) => (expectType("embedding: ids", ids, i32(ids.rows, 1)), [f32(ids.rows, weight.cols)]),
	reference: ([ids, weight], [y]) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(weight, at(ids, r, 0), c));
	},
	gradient: (builder, { inputs: [ids, weight] }, [dy]) => dy ? [void 0, builder.one("embedding_grad", [ids, dy], { vocab: weight.type.rows })] : [],
	cost: () => ({ flops: 0 }),
	tolerance: 0,
	gradientTolerance: 2e-6,
	cases: [{
		inputs: [i32(1, 1), f32(1, 1)],
		attrs: {},
		range: [[0, 1], [-1, 1]]
	}, {
		inputs: [i32(63, 1), f32(17, 65)],
		attrs: {},
		range: [[0, 17], [-1, 1]]
	}]
});
// kernels/ops/embedding/embedding_grad.ts
/** dweight (vocab, d_model): row v is the sum of dy's rows whose id is v, in row order. attrs vocab. */
const embedding_grad = defineOp({
	name: "embedding_grad",
	inputs: ["ids", "dy"],
	outputs: ["dweight"],
	infer: ([ids, dy], attrs) => (expectType("embedding_grad: ids", ids, i32(dy.rows, 1)), [f32(num(attrs, "vocab"), dy.cols)]),
	reference: ([ids, dy], [dweight]) => {
		for (let v = 0; v < dweight.rows; v++) for (let c = 0; c < dweight.cols; c++) set(dweight, v, c, 0);
		for (let r = 0; r < dy.rows; r++) for (let c = 0; c < dy.cols; c++) set(dweight, at(ids, r, 0), c, at(dweight, at(ids, r, 0), c) + at(dy, r, c));
	},
	cost: ([, dy]) => ({ flops: elements(dy) }),
	tolerance: 2e-6,
	cases: [{
		inputs: [i32(1e3, 1), f32(1e3, 63)],
		attrs: { vocab: 5 },
		range: [[0, 5], [-1, 1]]
	}]
});
// kernels/ops/fft_conv/fft_conv_grad.ts
/**
* du_s = Σ_t kernel_{t−s} ⊙ dy_t + D ⊙ dy_s, dkernel_l = Σ_t dy_t ⊙ u_{t−l} over all sequences (zero for lags at or beyond seqlen),
* dD = Σ dy ⊙ u.
*/
const fft_conv_grad = defineOp({
	name: "fft_conv_grad",
	inputs: [
		"dy",
		"u",
		"kernel",
		"D"
	],
	outputs: [
		"du",
		"dkernel",
		"dD"
	],
	infer: ([, ...inputs]) => [...inputs],
	reference([dy, u, kernel, D], [du, dkernel, dD], attrs) {
		const seqlen = num(attrs, "seqlen");
		for (let h = 0; h < u.cols; h++) {
			for (let l = 0; l < kernel.rows; l++) {
				let sum = 0;
				for (let r = 0; r < u.rows; r++) if (r % seqlen >= l) sum += at(dy, r, h) * at(u, r - l, h);
				set(dkernel, l, h, sum);
			}
			let skip = 0;
			for (let r = 0; r < u.rows; r++) {
				skip += at(dy, r, h) * at(u, r, h);
				let sum = at(D, 0, h) * at(dy, r, h);
				for (let l = 0; r % seqlen + l < seqlen && l < kernel.rows; l++) sum += at(kernel, l, h) * at(dy, r + l, h);
				set(du, r, h, sum);
			}
			set(dD, 0, h, skip);
		}
	},
	cost([, u], attrs) {
		const n = fftSize(num(attrs, "seqlen"));
		return { flops: u.cols * (Math.ceil(num(attrs, "batch") / 2) * 3 + 2) * 5 * n * Math.log2(n) + 4 * elements(u) };
	},
	tolerance: 4e-6,
	cases: []
});
// kernels/ops/fill/fill.ts
/** A (rows, cols) matrix of one value. */
const fill = defineOp({
	name: "fill",
	inputs: [],
	outputs: ["y"],
	infer: (_inputs, attrs) => [f32(num(attrs, "rows"), num(attrs, "cols"))],
	reference: (_inputs, [y], attrs) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, num(attrs, "value"));
	},
	cost: () => ({ flops: 0 }),
	tolerance: 0,
	cases: [{
		inputs: [],
		attrs: {
			rows: 3,
			cols: 65,
			value: 0
		}
	}, {
		inputs: [],
		attrs: {
			rows: 1,
			cols: 1,
			value: 1
		}
	}]
});
// kernels/ops/global_norm/global_norm.ts
/** y (1, 1) = √ Σ x²: the global gradient norm over the flat gradient arena. NaN or infinite if any entry is. Fixed order. */
const global_norm = defineOp({
	name: "global_norm",
	inputs: ["x"],
	outputs: ["y"],
	infer: () => [f32(1, 1)],
	reference([x], [y]) {
		let sum = 0;
		for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) sum += at(x, r, c) ** 2;
		set(y, 0, 0, Math.sqrt(sum));
	},
	cost: ([x]) => ({ flops: 2 * elements(x) }),
	tolerance: 2e-6,
	cases: [{
		inputs: [f32(1, 1)],
		attrs: {}
	}, {
		inputs: [f32(1, 7001)],
		attrs: {}
	}]
});
// kernels/ops/glu/glu.ts
/**
* Gated linear unit: y = a ⊙ f(b), a the value half and b the gate half of one projection (Shazeer 2020, arXiv:2002.05202, eq. 5 and 6).
* attrs kind, a number of ACTIVATIONS: sigmoid GLU, silu SwiGLU, gelu GEGLU. The gradient recomputes from a and b.
*/
const glu = defineOp({
	name: "glu",
	inputs: ["a", "b"],
	outputs: ["y"],
	infer([a, b], attrs) {
		expectType("glu: b", b, a);
		requireShape(num(attrs, "kind") in Object.values(ACTIVATIONS), `glu: there is no kind ${num(attrs, "kind")}`);
		return [a];
	},
	mayOverwrite: { 0: 0 },
	reference: ([a, b], [y], attrs) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(a, r, c) * activate(num(attrs, "kind"), at(b, r, c)));
	},
	gradient: (builder, { inputs, attrs }, [dy]) => dy ? builder.apply("glu_grad", [dy, ...inputs], attrs) : [],
	cost: ([a]) => ({
		flops: 5 * elements(a),
		exps: elements(a)
	}),
	tolerance: 2e-6,
	cases: [
		...[
			ACTIVATIONS.silu,
			ACTIVATIONS.gelu,
			ACTIVATIONS.sigmoid
		].map((kind) => ({
			inputs: [f32(63, 65), f32(63, 65)],
			attrs: { kind },
			range: [[-1, 1], [-6, 6]]
		})),
		{
			inputs: [f32(1, 1), f32(1, 1)],
			attrs: { kind: ACTIVATIONS.silu }
		},
		{
			inputs: [f32(130, 128), f32(130, 128)],
			attrs: { kind: ACTIVATIONS.silu },
			range: [[-30, 30], [-90, 90]]
		}
	]
});
// kernels/ops/glu/glu_grad.ts
/** da = dy ⊙ f(b), db = dy ⊙ a ⊙ f′(b); attrs kind as in glu. da may overwrite dy. */
const glu_grad = defineOp({
	name: "glu_grad",
	inputs: [
		"dy",
		"a",
		"b"
	],
	outputs: ["da", "db"],
	mayOverwrite: { 0: 0 },
	infer: ([dy, a]) => (expectType("glu_grad: dy", dy, a), [a, a]),
	reference([dy, a, b], [da, db], attrs) {
		const kind = num(attrs, "kind");
		for (let r = 0; r < a.rows; r++) for (let c = 0; c < a.cols; c++) {
			set(db, r, c, at(dy, r, c) * at(a, r, c) * slope(kind, at(b, r, c)));
			set(da, r, c, at(dy, r, c) * activate(kind, at(b, r, c)));
		}
	},
	cost: ([a]) => ({
		flops: 9 * elements(a),
		exps: elements(a)
	}),
	tolerance: 2e-6,
	cases: []
});
// kernels/ops/gru/gru_step.ts
/** One time step of gru. Wx (batch, 3·d), R, bias as there; state (batch, d) = h is overwritten; zeros at first. y (batch, d) = h. */
const gru_step = defineOp({
	name: "gru_step",
	inputs: [
		"Wx",
		"R",
		"bias",
		"state"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 3 },
	infer(inputs) {
		const [Wx, , , state] = inputs;
		const { d } = checkRecurrent("gru_step", inputs, {
			batch: Wx.rows,
			seqlen: 1
		}, 3);
		expectType("gru_step: state", state, f32(Wx.rows, d));
		return [state, state];
	},
	reference([Wx, R, bias, state], [y, next]) {
		const sizes = recurrentSizes(Wx, R, {
			batch: Wx.rows,
			seqlen: 1
		}, 3);
		const unit = gruUnit((row, column, _, h) => set(y, row, column, h));
		runCell(sizes, [
			Wx,
			R,
			bias
		], 1, unit, {
			before: state,
			after: next
		});
	},
	cost: ([Wx, R]) => ({
		flops: 2 * Wx.rows * R.rows * R.cols,
		exps: Wx.rows * Wx.cols
	}),
	tolerance: 1e-5,
	cases: stepCases(3, 1)
});
// kernels/ops/layer_norm/layer_norm.ts
const testCase$7 = (rows, cols, groups, eps, bias, x = [-1, 2]) => ({
	inputs: [
		f32(rows, cols),
		f32(1, cols),
		...bias ? [f32(1, cols)] : []
	],
	attrs: {
		eps,
		groups,
		bias
	},
	range: [
		x,
		[.5, 2],
		[-1, 1]
	]
});
/**
* y (R, d) = (x − mean) · rstd · weight [+ bias], with mean and rstd = (variance + eps)^−½ of each row (Ba et al. 2016, arXiv:1607.06450,
* eq. 4; variance without Bessel's correction, as PyTorch). weight, bias (1, d); bias is there when attrs.bias is set.
* attrs eps and groups G (default 1): each of G equal column slices of a row is normalised on its own, the per-head norm of xLSTM.
* mean and rstd (R, G) are kept for the gradient.
*/
const layer_norm = defineOp({
	name: "layer_norm",
	inputs: [
		"x",
		"weight",
		"bias"
	],
	outputs: [
		"y",
		"mean",
		"rstd"
	],
	infer([x, weight, ...rest], attrs) {
		expectType("layer_norm: weight", weight, f32(1, x.cols));
		requireShape(rest.length === Number(!!attrs.bias), "layer_norm: the bias input does not match the attribute");
		if (attrs.bias) expectType("layer_norm: bias", rest[0], f32(1, x.cols));
		const statistics = f32(x.rows, requireSlices("layer_norm", x.cols, attrs));
		return [
			x,
			statistics,
			statistics
		];
	},
	reference([x, weight, bias], [y, mean, rstd], attrs) {
		const width = x.cols / mean.cols;
		for (let r = 0; r < x.rows; r++) for (let g = 0; g < mean.cols; g++) {
			const [first, end] = [g * width, (g + 1) * width];
			let [sum, squares] = [0, 0];
			for (let c = first; c < end; c++) sum += at(x, r, c);
			const middle = sum / width;
			for (let c = first; c < end; c++) squares += (at(x, r, c) - middle) ** 2;
			const scale = 1 / Math.sqrt(squares / width + num(attrs, "eps"));
			set(mean, r, g, middle);
			set(rstd, r, g, scale);
			for (let c = first; c < end; c++) set(y, r, c, (at(x, r, c) - middle) * scale * at(weight, 0, c) + (attrs.bias ? at(bias, 0, c) : 0));
		}
	},
	gradient: (builder, { inputs: [x, weight], outputs: [, mean, rstd], attrs }, [dy]) => dy ? builder.apply("layer_norm_grad", [
		dy,
		x,
		weight,
		mean,
		rstd
	], {
		groups: slices(attrs),
		bias: !!attrs.bias
	}) : [],
	cost: ([x]) => ({ flops: 7 * elements(x) }),
	tolerance: 2e-6,
	gradientTolerance: 4e-6,
	cases: [
		testCase$7(1, 2, 1, .5, true),
		testCase$7(1, 65, 1, 1e-5, true),
		testCase$7(63, 65, 1, 1e-5, false),
		testCase$7(63, 65, 5, 1e-5, true),
		testCase$7(70, 96, 3, 1e-5, true),
		testCase$7(130, 128, 1, 1e-5, true, [-30, 40]),
		testCase$7(9, 128, 4, 1e-5, false)
	]
});
// kernels/ops/layer_norm/layer_norm_grad.ts
/**
* With x̂ = (x − mean) · rstd and g = dy ⊙ weight: dx = rstd · (g − mean(g) − x̂ · mean(g ⊙ x̂)) [+ addend], dweight = Σ over rows of
* dy ⊙ x̂, dbias = Σ over rows of dy when attrs.bias is set; means over each of `groups` slices. addend (R, d) is there when attrs.addend
* is set: the gradient that reaches x by the residual path.
*/
const layer_norm_grad = defineOp({
	name: "layer_norm_grad",
	inputs: [
		"dy",
		"x",
		"weight",
		"mean",
		"rstd",
		"addend"
	],
	outputs: [
		"dx",
		"dweight",
		"dbias"
	],
	infer: ([dy, x, weight], attrs) => (expectType("layer_norm_grad: dy", dy, x), [
		x,
		weight,
		...attrs.bias ? [weight] : []
	]),
	reference(inputs, [dx, dweight, dbias], attrs) {
		const [dy, x, weight, mean, rstd, addend] = inputs;
		for (let c = 0; c < x.cols; c++) {
			set(dweight, 0, c, 0);
			if (attrs.bias) set(dbias, 0, c, 0);
		}
		const width = x.cols / mean.cols;
		for (let r = 0; r < x.rows; r++) for (let g = 0; g < mean.cols; g++) {
			const [first, end, scale] = [
				g * width,
				(g + 1) * width,
				at(rstd, r, g)
			];
			const normed = (c) => (at(x, r, c) - at(mean, r, g)) * scale;
			let [dot, sum] = [0, 0];
			for (let c = first; c < end; c++) {
				dot += at(dy, r, c) * at(weight, 0, c) * normed(c);
				sum += at(dy, r, c) * at(weight, 0, c);
				set(dweight, 0, c, at(dweight, 0, c) + at(dy, r, c) * normed(c));
				if (attrs.bias) set(dbias, 0, c, at(dbias, 0, c) + at(dy, r, c));
			}
			for (let c = first; c < end; c++) {
				const dxrc = scale * (at(dy, r, c) * at(weight, 0, c) - (sum + normed(c) * dot) / width);
				set(dx, r, c, dxrc + (attrs.addend ? at(addend, r, c) : 0));
			}
		}
	},
	cost: ([x]) => ({ flops: 12 * elements(x) }),
	tolerance: 4e-6,
	cases: [{
		inputs: [
			f32(63, 65),
			f32(63, 65),
			f32(1, 65),
			f32(63, 5),
			f32(63, 5),
			f32(63, 65)
		],
		attrs: {
			addend: true,
			bias: true,
			groups: 5
		},
		range: [
			[-1, 1],
			[-1, 1],
			[.5, 2],
			[-.5, .5],
			[.5, 2],
			[-1, 1]
		]
	}]
});
// kernels/ops/lstm/lstm_step.ts
/** One time step of lstm. Wx (batch, 4·d), R, bias as there; state (batch, 2·d) = h, c is overwritten; zeros at first. y (batch, d) = h. */
const lstm_step = defineOp({
	name: "lstm_step",
	inputs: [
		"Wx",
		"R",
		"bias",
		"state"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 3 },
	infer(inputs) {
		const [Wx, , , state] = inputs;
		const { d } = checkRecurrent("lstm_step", inputs, {
			batch: Wx.rows,
			seqlen: 1
		}, 4);
		expectType("lstm_step: state", state, f32(Wx.rows, 2 * d));
		return [f32(Wx.rows, d), state];
	},
	reference([Wx, R, bias, state], [y, next]) {
		const sizes = recurrentSizes(Wx, R, {
			batch: Wx.rows,
			seqlen: 1
		}, 4);
		const unit = lstmUnit((row, column, gates, cell) => set(y, row, column, gates[3] * Math.tanh(cell)));
		runCell(sizes, [
			Wx,
			R,
			bias
		], 2, unit, {
			before: state,
			after: next
		});
	},
	cost: ([Wx, R]) => ({
		flops: 2 * Wx.rows * R.rows * R.cols,
		exps: 5 * Wx.rows * Wx.cols / 4
	}),
	tolerance: 1e-5,
	cases: stepCases(4, 2)
});
// kernels/ops/matmul/matmul.ts
const sizes = ([a, b], attrs) => ({
	M: attrs.transA ? a.cols : a.rows,
	K: attrs.transA ? a.rows : a.cols,
	Kb: attrs.transB ? b.cols : b.rows,
	N: attrs.transB ? b.rows : b.cols
});
/**
* A loss is a mean over positions, so a gradient's entries are about one over its rows. Raised by as much they fill float16's range; no more
* than this, because where only the last position of each sequence has a loss they are larger, and float16 ends at 2¹⁶.
*/
const LARGEST_LIFT = 12;
const type = (rows, cols, trans) => trans ? f32(cols, rows) : f32(rows, cols);
const testCase$6 = (M, N, K, attrs) => ({
	inputs: [
		type(M, K, attrs.transA),
		type(K, N, attrs.transB),
		...attrs.bias ? [f32(1, N)] : [],
		...attrs.residual ? [f32(M, N)] : []
	],
	attrs
});
/**
* y (M, N) = op(a) op(b) + bias + residual, where op transposes when transA / transB is set, bias (1, N) is added to every row and
* residual is (M, N). Inputs in order: a, b, then bias if `bias`, then residual if `residual`. A linear layer with PyTorch's weight
* (out, in) is transB. Sums run over K in f32; every backend sums in a fixed order. A backend in mixed precision may round a and b to
* float16; `lift_a`, `lift_b` say how many powers of two an input (a gradient) is to be raised for that, so that it is not lost.
*/
const matmul = defineOp({
	name: "matmul",
	inputs: [
		"a",
		"b",
		"bias",
		"residual"
	],
	outputs: ["y"],
	infer(inputs, attrs) {
		const { M, N, K, Kb } = sizes(inputs, attrs);
		requireShape(K === Kb, `matmul: op(a) has ${K} columns, op(b) has ${Kb} rows`);
		const rest = inputs.slice(2);
		requireShape(rest.length === Number(!!attrs.bias) + Number(!!attrs.residual), "matmul: bias and residual inputs do not match the attributes");
		if (attrs.bias) expectType("matmul: bias", rest[0], f32(1, N));
		if (attrs.residual) expectType("matmul: residual", rest[rest.length - 1], f32(M, N));
		return [f32(M, N)];
	},
	reference(inputs, [y], attrs) {
		const [a, b] = inputs;
		const bias = attrs.bias ? inputs[2] : void 0;
		const residual = attrs.residual ? inputs[inputs.length - 1] : void 0;
		const K = attrs.transA ? a.rows : a.cols;
		for (let m = 0; m < y.rows; m++) for (let n = 0; n < y.cols; n++) {
			let sum = (bias ? at(bias, 0, n) : 0) + (residual ? at(residual, m, n) : 0);
			for (let k = 0; k < K; k++) sum += (attrs.transA ? at(a, k, m) : at(a, m, k)) * (attrs.transB ? at(b, n, k) : at(b, k, n));
			set(y, m, n, sum);
		}
	},
	gradient(builder, { inputs: [a, b], attrs }, [dy]) {
		if (!dy) return [];
		const { transA = false, transB = false } = attrs;
		const lift = Math.min(LARGEST_LIFT, Math.floor(Math.log2(dy.type.rows)));
		return [
			transA ? builder.one("matmul", [b, dy], {
				transA: transB,
				transB: true,
				lift_b: lift
			}) : builder.one("matmul", [dy, b], {
				transA: false,
				transB: !transB,
				lift_a: lift
			}),
			transB ? builder.one("matmul", [dy, a], {
				transA: true,
				transB: transA,
				lift_a: lift
			}) : builder.one("matmul", [a, dy], {
				transA: !transA,
				transB: false,
				lift_b: lift
			}),
			...attrs.bias ? [builder.one("column_sum", [dy])] : [],
			...attrs.residual ? [dy] : []
		];
	},
	cost: (inputs, attrs) => {
		const { M, N, K } = sizes(inputs, attrs);
		return { flops: 2 * M * N * K };
	},
	tolerance: 2e-6,
	cases: [
		testCase$6(1, 1, 1, {}),
		testCase$6(70, 50, 66, {
			transB: true,
			bias: true,
			residual: true
		}),
		testCase$6(33, 129, 65, {}),
		testCase$6(65, 40, 63, { transA: true }),
		testCase$6(17, 31, 130, {
			transA: true,
			transB: true,
			bias: true
		}),
		testCase$6(8, 64, 300, {
			transB: true,
			residual: true
		}),
		testCase$6(1, 65, 128, { transB: true })
	]
});
// kernels/ops/mean_pool/mean_pool.ts
/** y (batch, d) = mean over time of x (batch·seqlen, d). attrs batch, seqlen. */
const mean_pool = defineOp({
	name: "mean_pool",
	inputs: ["x"],
	outputs: ["y"],
	infer([x], attrs) {
		requireShape(x.rows === num(attrs, "batch") * num(attrs, "seqlen"), "mean_pool: rows of x are not batch · seqlen");
		return [f32(num(attrs, "batch"), x.cols)];
	},
	reference([x], [y], attrs) {
		const seqlen = num(attrs, "seqlen");
		for (let b = 0; b < y.rows; b++) for (let c = 0; c < y.cols; c++) {
			let sum = 0;
			for (let t = 0; t < seqlen; t++) sum += at(x, b * seqlen + t, c);
			set(y, b, c, sum / seqlen);
		}
	},
	gradient: (builder, { attrs }, [dy]) => dy ? [builder.one("mean_pool_grad", [dy], attrs)] : [],
	cost: ([x]) => ({ flops: elements(x) }),
	tolerance: 2e-6,
	cases: [{
		inputs: [f32(1, 1)],
		attrs: {
			batch: 1,
			seqlen: 1
		}
	}, {
		inputs: [f32(189, 65)],
		attrs: {
			batch: 3,
			seqlen: 63
		}
	}]
});
// kernels/ops/mean_pool/mean_pool_grad.ts
/** dx[b·seqlen + t] = dy[b] / seqlen. attrs batch, seqlen. */
const mean_pool_grad = defineOp({
	name: "mean_pool_grad",
	inputs: ["dy"],
	outputs: ["dx"],
	infer: ([dy], attrs) => [f32(num(attrs, "batch") * num(attrs, "seqlen"), dy.cols)],
	reference([dy], [dx], attrs) {
		const seqlen = num(attrs, "seqlen");
		for (let r = 0; r < dx.rows; r++) for (let c = 0; c < dx.cols; c++) set(dx, r, c, at(dy, Math.floor(r / seqlen), c) / seqlen);
	},
	cost: ([dy], attrs) => ({ flops: elements(dy) * num(attrs, "seqlen") }),
	tolerance: 1e-6,
	cases: []
});
// kernels/ops/selective_scan/selective_scan.ts
const softplus = (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const testCase$5 = (batch, seqlen, d_inner, d_state) => {
	const [x, m] = [f32(batch * seqlen, d_inner), f32(batch * seqlen, d_state)];
	return {
		inputs: [
			x,
			x,
			f32(d_inner, d_state),
			m,
			m,
			f32(1, d_inner),
			x,
			f32(1, d_inner)
		],
		attrs: {
			batch,
			seqlen
		},
		range: [
			[-1, 1],
			[-4, 1],
			[-d_state, -.1],
			[-1, 1],
			[-1, 1],
			[-1, 1],
			[-2, 2],
			[-1, 1]
		]
	};
};
function scanTypes(inputs, rows) {
	const [u, delta, A, B, C, D, z, delta_bias] = inputs;
	requireShape(u.rows === rows, `selective_scan: u has ${u.rows} rows, expected ${rows}`);
	expectType("selective_scan: delta", delta, u);
	expectType("selective_scan: A", A, f32(u.cols, A.cols));
	expectType("selective_scan: B", B, f32(u.rows, A.cols));
	expectType("selective_scan: C", C, f32(u.rows, A.cols));
	expectType("selective_scan: D", D, f32(1, u.cols));
	expectType("selective_scan: z", z, u);
	expectType("selective_scan: delta_bias", delta_bias, f32(1, u.cols));
	return u;
}
/**
* Selective scan, the recurrence inside Mamba (Gu & Dao 2023, arXiv:2312.00752, §3.2, Algorithm 2), with the softplus before it and
* the gate after it, as the published selective_scan(…, z, delta_bias, delta_softplus = True):
*   Δ_t = softplus(delta_t + delta_bias),  h_t = exp(Δ_t A) ⊙ h_{t−1} + Δ_t u_t B_t,  y_t = (⟨C_t, h_t⟩ + D u_t) · silu(z_t),  h_{−1} = 0.
* exp(ΔA) is eq. 4 (ZOH); ΔB is the simpler Euler form the authors use. u, delta, z, y (batch·seqlen, d_inner) · A (d_inner, d_state)
* negative · B, C (batch·seqlen, d_state) · D, delta_bias (1, d_inner). `saved` holds what the gradient wants to keep of the states.
*/
const selective_scan = defineOp({
	name: "selective_scan",
	inputs: [
		"u",
		"delta",
		"A",
		"B",
		"C",
		"D",
		"z",
		"delta_bias"
	],
	outputs: ["y", "saved"],
	opaque: [1],
	infer: (inputs, attrs) => [scanTypes(inputs, num(attrs, "batch") * num(attrs, "seqlen")), f32(1, 0)],
	reference([u, delta, A, B, C, D, z, delta_bias], [y], attrs) {
		const [batch, seqlen] = [num(attrs, "batch"), num(attrs, "seqlen")];
		for (let b = 0; b < batch; b++) for (let d = 0; d < u.cols; d++) {
			const h = new Float64Array(A.cols);
			for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
				const step = softplus(at(delta, row, d) + at(delta_bias, 0, d));
				let sum = at(D, 0, d) * at(u, row, d);
				for (let n = 0; n < A.cols; n++) {
					h[n] = Math.exp(step * at(A, d, n)) * h[n] + step * at(u, row, d) * at(B, row, n);
					sum += at(C, row, n) * h[n];
				}
				set(y, row, d, sum * at(z, row, d) * sigmoid(at(z, row, d)));
			}
		}
	},
	gradient: (builder, { inputs, outputs: [, saved], attrs }, [dy]) => dy ? builder.apply("selective_scan_grad", [
		dy,
		saved,
		...inputs
	], attrs) : [],
	cost: ([u, , A]) => ({
		flops: elements(u) * (6 * A.cols + 8),
		exps: elements(u) * (A.cols + 2)
	}),
	tolerance: 1e-5,
	cases: [
		testCase$5(1, 1, 1, 1),
		testCase$5(2, 63, 60, 16),
		testCase$5(1, 130, 5, 4),
		testCase$5(3, 65, 33, 8)
	]
});
// kernels/ops/mlstm/mlstm.ts
const logSigmoid = (x) => -softplus(-x);
/** `keys`: the range of q and k. Positive where the input gate is large: ⟨q, n⟩ near zero would make h a quotient that no f32 can tell. */
const testCase$4 = ([batch, seqlen, heads, dqk, dv], { i, f, keys } = {
	i: [-3, 3],
	f: [-1, 6],
	keys: [-1, 1]
}, attrs = {}) => {
	const [key, gate] = [f32(batch * seqlen, heads * dqk), f32(batch * seqlen, heads)];
	return {
		inputs: [
			key,
			key,
			f32(batch * seqlen, heads * dv),
			gate,
			gate
		],
		attrs: {
			batch,
			seqlen,
			...attrs
		},
		range: [
			keys,
			keys,
			[-1, 1],
			i,
			f
		]
	};
};
/** Sizes of an mlstm: i, f (·, H), q, k (·, H·dqk), v (·, H·dv). Throws ShapeError. */
function mlstmTypes(op, [q, k, v, i, f], rows) {
	requireShape(q.rows === rows, `${op}: q has ${q.rows} rows, expected ${rows}`);
	requireShape(q.cols % i.cols === 0 && v.cols % i.cols === 0, `${op}: ${q.cols} and ${v.cols} columns do not split over ${i.cols} heads`);
	expectType(`${op}: k`, k, q);
	expectType(`${op}: v`, v, f32(rows, v.cols));
	expectType(`${op}: i`, i, f32(rows, i.cols));
	expectType(`${op}: f`, f, i);
	return v;
}
/**
* mLSTM: a matrix memory with exponential input gate, sigmoid forget gate and a stabiliser m (Beck et al. 2024, arXiv:2405.04517, §2.3 and
* appendix A.2), per head and step, k scaled by 1/√dqk:
*   m_t = max(log σ(f_t) + m_{t−1}, i_t),  i′ = exp(i_t − m_t),  f′ = exp(log σ(f_t) + m_{t−1} − m_t),
*   C_t = f′ C_{t−1} + i′ k_t v_tᵀ,  n_t = f′ n_{t−1} + i′ k_t,  h_t = C_tᵀ q_t / max(|⟨q_t, n_t⟩|, e^{−m_t}),
* all zero before t = 0. The stabiliser cancels: h = (sums without it) / max(|their ⟨q, n⟩|, 1). q, k (batch·seqlen, H·dqk) ·
* v, h (batch·seqlen, H·dv) · i, f (batch·seqlen, H), before their activations; attrs batch, seqlen, and chunk as for ssd. Backends work in
* chunks with the gates in closed form, no loop over time (Beck et al. 2025, arXiv:2503.14376). `saved` holds states and gates.
*/
const mlstm = defineOp({
	name: "mlstm",
	inputs: [
		"q",
		"k",
		"v",
		"i",
		"f"
	],
	outputs: ["h", "saved"],
	opaque: [1],
	infer: (inputs, attrs) => [mlstmTypes("mlstm", inputs, num(attrs, "batch") * num(attrs, "seqlen")), f32(1, 0)],
	reference([q, k, v, i, f], [h], attrs) {
		const [batch, seqlen, heads] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			i.cols
		];
		const [N, P] = [q.cols / heads, v.cols / heads];
		for (let b = 0; b < batch; b++) for (let head = 0; head < heads; head++) {
			const [C, n] = [new Float64Array(N * P), new Float64Array(N)];
			let m = 0;
			for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
				const forget = logSigmoid(at(f, row, head)) + m;
				m = Math.max(forget, at(i, row, head));
				const [kept, added] = [Math.exp(forget - m), Math.exp(at(i, row, head) - m) / Math.sqrt(N)];
				let normaliser = 0;
				for (let d = 0; d < N; d++) {
					n[d] = kept * n[d] + added * at(k, row, head * N + d);
					normaliser += n[d] * at(q, row, head * N + d);
				}
				const denominator = Math.max(Math.abs(normaliser), Math.exp(-m));
				for (let p = 0; p < P; p++) {
					let sum = 0;
					for (let d = 0; d < N; d++) {
						C[d * P + p] = kept * C[d * P + p] + added * at(k, row, head * N + d) * at(v, row, head * P + p);
						sum += C[d * P + p] * at(q, row, head * N + d);
					}
					set(h, row, head * P + p, sum / denominator);
				}
			}
		}
	},
	gradient: (builder, { inputs, outputs: [h, saved], attrs }, [dh]) => dh ? builder.apply("mlstm_grad", [
		dh,
		h,
		saved,
		...inputs
	], attrs) : [],
	cost: ([q, , v, i]) => ({
		flops: 6 * q.cols * elements(v) / i.cols,
		exps: 4 * elements(i)
	}),
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: [
		testCase$4([
			1,
			1,
			1,
			1,
			1
		]),
		testCase$4([
			2,
			63,
			2,
			5,
			7
		]),
		testCase$4([
			1,
			130,
			2,
			16,
			8
		]),
		testCase$4([
			3,
			65,
			2,
			4,
			12
		], {
			i: [-10, 10],
			f: [-12, 12],
			keys: [.2, 1]
		}),
		testCase$4([
			1,
			97,
			2,
			8,
			8
		], {
			i: [-40, 40],
			f: [-60, 60],
			keys: [.2, 1]
		}, { chunk: 16 }),
		testCase$4([
			1,
			20,
			2,
			68,
			72
		], {
			i: [-1, 1],
			f: [3, 6],
			keys: [-1, 1]
		}, { chunk: 16 })
	]
});
// kernels/ops/mlstm/mlstm_grad.ts
/**
* All gradients of mlstm from dh, the stabiliser m taken as constant because it cancels. With D the denominator, Γ and γ the adjoints of C and n:
*   Γ_t = q_t (dh_t / D_t)ᵀ + f′_{t+1} Γ_{t+1},  γ_t = q_t δ_t + f′_{t+1} γ_{t+1},  δ_t = −⟨dh_t, h_t⟩ / ⟨q_t, n_t⟩ where |⟨q, n⟩| > e^{−m}, else 0,
*   dq = C dh / D + n δ,  dk = i′ (Γ v + γ) / √dqk,  dv = i′ Γᵀ k / √dqk,  di = ⟨k, dk⟩,
*   df = σ(−f) f′ (⟨Γ_t, C_{t−1}⟩ + ⟨γ_t, n_{t−1}⟩).
* Inputs dh, h, saved, then those of mlstm in order; outputs the gradients of those in order.
*/
const mlstm_grad = defineOp({
	name: "mlstm_grad",
	inputs: [
		"dh",
		"h",
		"saved",
		"q",
		"k",
		"v",
		"i",
		"f"
	],
	outputs: [
		"dq",
		"dk",
		"dv",
		"di",
		"df"
	],
	infer: ([, , , ...inputs]) => [...inputs],
	reference([dh, h, , q, k, v, i, f], [dq, dk, dv, di, df], attrs) {
		const [batch, seqlen, heads] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			i.cols
		];
		const [N, P] = [q.cols / heads, v.cols / heads];
		const scale = 1 / Math.sqrt(N);
		for (let b = 0; b < batch; b++) for (let head = 0; head < heads; head++) {
			const key = (m, t, d) => at(m, b * seqlen + t, head * N + d);
			const value = (m, t, p) => at(m, b * seqlen + t, head * P + p);
			const states = [new Float64Array(N * (P + 1))];
			const [ms, kept, added] = [
				[0],
				[],
				[]
			];
			for (let t = 0; t < seqlen; t++) {
				const [forget, input] = [logSigmoid(at(f, b * seqlen + t, head)) + ms[t], at(i, b * seqlen + t, head)];
				ms.push(Math.max(forget, input));
				kept.push(Math.exp(forget - ms[t + 1]));
				added.push(Math.exp(input - ms[t + 1]) * scale);
				states.push(states[t].map((s, e) => {
					const [d, p] = [Math.floor(e / (P + 1)), e % (P + 1)];
					return kept[t] * s + added[t] * key(k, t, d) * (p < P ? value(v, t, p) : 1);
				}));
			}
			const adjoint = new Float64Array(N * (P + 1));
			for (let t = seqlen - 1; t >= 0; t--) {
				const [before, after, row] = [
					states[t],
					states[t + 1],
					b * seqlen + t
				];
				let [normaliser, along] = [0, 0];
				for (let d = 0; d < N; d++) normaliser += after[d * (P + 1) + P] * key(q, t, d);
				for (let p = 0; p < P; p++) along += value(dh, t, p) * value(h, t, p);
				const floor = Math.exp(-ms[t + 1]);
				const denominator = Math.max(Math.abs(normaliser), floor);
				const reaches = (p) => p < P ? value(dh, t, p) / denominator : Math.abs(normaliser) > floor ? -along / normaliser : 0;
				let [dDecay, dInput] = [0, 0];
				const dValue = new Float64Array(P + 1);
				for (let d = 0; d < N; d++) {
					let [dQuery, dKey] = [0, 0];
					for (let p = 0; p <= P; p++) {
						const e = d * (P + 1) + p;
						dQuery += after[e] * reaches(p);
						adjoint[e] += key(q, t, d) * reaches(p);
						dKey += adjoint[e] * (p < P ? value(v, t, p) : 1);
						dValue[p] += adjoint[e] * key(k, t, d);
						dDecay += adjoint[e] * before[e];
						adjoint[e] *= kept[t];
					}
					set(dq, row, head * N + d, dQuery);
					set(dk, row, head * N + d, added[t] * dKey);
					dInput += added[t] * dKey * key(k, t, d);
				}
				for (let p = 0; p < P; p++) set(dv, row, head * P + p, added[t] * dValue[p]);
				set(di, row, head, dInput);
				set(df, row, head, dDecay * kept[t] * sigmoid(-at(f, row, head)));
			}
		}
	},
	cost: ([, , , q, , v, i]) => ({
		flops: 16 * q.cols * elements(v) / i.cols,
		exps: 4 * elements(i)
	}),
	tolerance: 2e-5,
	cases: []
});
// kernels/ops/mlstm/mlstm_step.ts
const testCase$3 = ([batch, heads, dqk, dv]) => {
	const [keys, gates] = [f32(batch, heads * dqk), f32(batch, heads)];
	return {
		inputs: [
			keys,
			keys,
			f32(batch, heads * dv),
			gates,
			gates,
			f32(batch, heads * dqk * dv),
			keys,
			gates
		],
		attrs: {},
		range: [
			[-1, 1],
			[-1, 1],
			[-1, 1],
			[-3, 3],
			[-1, 6],
			[-1, 1],
			[-1, 1],
			[-2, 2]
		]
	};
};
/**
* One time step of mlstm. q, k (batch, H·dqk), v, h (batch, H·dv), i, f (batch, H); the state, overwritten: C (batch, H·dqk·dv), n
* (batch, H·dqk), m (batch, H), head after head. Constant memory per token: this is what generation runs.
*/
const mlstm_step = defineOp({
	name: "mlstm_step",
	inputs: [
		"q",
		"k",
		"v",
		"i",
		"f",
		"C",
		"n",
		"m"
	],
	outputs: [
		"h",
		"C",
		"n",
		"m"
	],
	inPlace: {
		1: 5,
		2: 6,
		3: 7
	},
	infer(inputs) {
		const [q, , v, i, , C, n, m] = inputs;
		expectType("mlstm_step: C", C, f32(q.rows, q.cols * v.cols / i.cols));
		expectType("mlstm_step: n", n, q);
		expectType("mlstm_step: m", m, i);
		return [
			mlstmTypes("mlstm_step", inputs, q.rows),
			C,
			n,
			m
		];
	},
	reference([q, k, v, i, f, C, n, m], [h, nextC, nextN, nextM]) {
		const heads = i.cols;
		const [N, P] = [q.cols / heads, v.cols / heads];
		for (let b = 0; b < q.rows; b++) for (let head = 0; head < heads; head++) {
			const forget = logSigmoid(at(f, b, head)) + at(m, b, head);
			const stabiliser = Math.max(forget, at(i, b, head));
			const [kept, added] = [Math.exp(forget - stabiliser), Math.exp(at(i, b, head) - stabiliser) / Math.sqrt(N)];
			set(nextM, b, head, stabiliser);
			let normaliser = 0;
			for (let d = head * N; d < (head + 1) * N; d++) {
				set(nextN, b, d, kept * at(n, b, d) + added * at(k, b, d));
				normaliser += at(nextN, b, d) * at(q, b, d);
			}
			const denominator = Math.max(Math.abs(normaliser), Math.exp(-stabiliser));
			for (let p = head * P; p < (head + 1) * P; p++) {
				let sum = 0;
				for (let d = head * N; d < (head + 1) * N; d++) {
					const e = d * P + (p - head * P);
					set(nextC, b, e, kept * at(C, b, e) + added * at(k, b, d) * at(v, b, p));
					sum += at(nextC, b, e) * at(q, b, d);
				}
				set(h, b, p, sum / denominator);
			}
		}
	},
	cost: ([q, , v, i]) => ({
		flops: 6 * q.cols * elements(v) / i.cols,
		exps: 4 * elements(i)
	}),
	tolerance: 4e-6,
	cases: [
		testCase$3([
			1,
			1,
			1,
			1
		]),
		testCase$3([
			2,
			3,
			5,
			7
		]),
		testCase$3([
			3,
			4,
			16,
			8
		])
	]
});
// kernels/ops/mse/mse.ts
/** Weighted mean squared error: loss (1, 1) = Σ weight (pred − target)² / max(count, 1e-12), count (1, 1) = Σ weight. weight is 0 where the target is missing. */
const mse = defineOp({
	name: "mse",
	inputs: [
		"pred",
		"target",
		"weight"
	],
	outputs: ["loss", "count"],
	infer: ([pred, target, weight]) => (expectType("mse: target", target, pred), expectType("mse: weight", weight, pred), [f32(1, 1), f32(1, 1)]),
	reference([pred, target, weight], [loss, count]) {
		let [sum, total] = [0, 0];
		for (let r = 0; r < pred.rows; r++) for (let c = 0; c < pred.cols; c++) {
			sum += at(weight, r, c) * (at(pred, r, c) - at(target, r, c)) ** 2;
			total += at(weight, r, c);
		}
		set(count, 0, 0, total);
		set(loss, 0, 0, sum / Math.max(total, 1e-12));
	},
	gradient: (builder, { inputs, outputs: [, count] }, [dloss]) => dloss ? [builder.one("mse_grad", [
		...inputs,
		count,
		dloss
	])] : [],
	cost: ([pred]) => ({ flops: 4 * elements(pred) }),
	tolerance: 2e-6,
	cases: [{
		inputs: [
			f32(1, 1),
			f32(1, 1),
			f32(1, 1)
		],
		attrs: {},
		range: [
			[-1, 1],
			[-1, 1],
			[1, 1]
		]
	}, {
		inputs: [
			f32(63, 65),
			f32(63, 65),
			f32(63, 65)
		],
		attrs: {},
		range: [
			[-1, 1],
			[-1, 1],
			[0, 1]
		]
	}]
});
// kernels/ops/mse/mse_grad.ts
/** dpred = 2 weight (pred − target) · dloss / max(count, 1e-12). May overwrite pred. */
const mse_grad = defineOp({
	name: "mse_grad",
	inputs: [
		"pred",
		"target",
		"weight",
		"count",
		"dloss"
	],
	outputs: ["dpred"],
	mayOverwrite: { 0: 0 },
	infer: ([pred]) => [pred],
	reference([pred, target, weight, count, dloss], [dpred]) {
		const scale = 2 * at(dloss, 0, 0) / Math.max(at(count, 0, 0), 1e-12);
		for (let r = 0; r < pred.rows; r++) for (let c = 0; c < pred.cols; c++) set(dpred, r, c, scale * at(weight, r, c) * (at(pred, r, c) - at(target, r, c)));
	},
	cost: ([pred]) => ({ flops: 3 * elements(pred) }),
	tolerance: 2e-6,
	cases: []
});
// kernels/ops/mul/mul.ts
/** y = a ⊙ b, elementwise. */
const mul = defineOp({
	name: "mul",
	inputs: ["a", "b"],
	outputs: ["y"],
	infer: ([a, b]) => (expectType("mul: b", b, a), [a]),
	mayOverwrite: { 0: 0 },
	reference: ([a, b], [y]) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, at(a, r, c) * at(b, r, c));
	},
	gradient: (builder, { inputs: [a, b] }, [dy]) => dy ? [builder.one("mul", [dy, b]), builder.one("mul", [dy, a])] : [],
	cost: ([a]) => ({ flops: elements(a) }),
	tolerance: 1e-7,
	cases: [{
		inputs: [f32(1, 1), f32(1, 1)],
		attrs: {}
	}, {
		inputs: [f32(63, 65), f32(63, 65)],
		attrs: {}
	}]
});
// kernels/ops/neg_exp/neg_exp.ts
/** y = −exp(x): the state matrix A of Mamba and S4D from its trained logarithm, so that A stays negative (Gu & Dao 2023, §3.6). */
const neg_exp = defineOp({
	name: "neg_exp",
	inputs: ["x"],
	outputs: ["y"],
	infer: ([x]) => [x],
	mayOverwrite: { 0: 0 },
	reference: ([x], [y]) => {
		for (let r = 0; r < y.rows; r++) for (let c = 0; c < y.cols; c++) set(y, r, c, -Math.exp(at(x, r, c)));
	},
	gradient: (builder, { outputs: [y] }, [dy]) => dy ? [builder.one("mul", [dy, y])] : [],
	cost: ([x]) => ({
		flops: elements(x),
		exps: elements(x)
	}),
	tolerance: 1e-6,
	cases: [{
		inputs: [f32(1, 1)],
		attrs: {},
		range: [[-4, 4]]
	}, {
		inputs: [f32(63, 17)],
		attrs: {},
		range: [[-4, 4]]
	}]
});
// kernels/ops/pool_rows/pool_rows_grad.ts
/** dx[b·seqlen + t] = dy[b] / (rows pooled) where row t was pooled, else 0. attrs as pool_rows. */
const pool_rows_grad = defineOp({
	name: "pool_rows_grad",
	inputs: ["dy", "lengths"],
	outputs: ["dx"],
	infer([dy, lengths], attrs) {
		expectType("pool_rows_grad: lengths", lengths, i32(num(attrs, "batch"), 1));
		return [f32(num(attrs, "batch") * num(attrs, "seqlen"), dy.cols)];
	},
	reference([dy, lengths], [dx], attrs) {
		const seqlen = num(attrs, "seqlen");
		for (let r = 0; r < dx.rows; r++) {
			const b = Math.floor(r / seqlen);
			const { from, to } = pooledRows(at(lengths, b, 0), seqlen, isLast(attrs));
			const pooled = r - b * seqlen >= from && r - b * seqlen < to;
			for (let c = 0; c < dx.cols; c++) set(dx, r, c, pooled ? at(dy, b, c) / (to - from) : 0);
		}
	},
	cost: ([dy], attrs) => ({ flops: elements(dy) * num(attrs, "seqlen") }),
	tolerance: 1e-6,
	cases: []
});
// kernels/ops/quantile_loss/quantile_loss_grad.ts
/** dpred = 2 weight · dloss / (Q · max(count, 1e-12)) · (−τ where target > pred, 1 − τ where target < pred, 0 where equal). May overwrite pred. */
const quantile_loss_grad = defineOp({
	name: "quantile_loss_grad",
	inputs: [
		"pred",
		"target",
		"weight",
		"count",
		"dloss"
	],
	outputs: ["dpred"],
	mayOverwrite: { 0: 0 },
	infer: (inputs, attrs) => (checkQuantiles("quantile_loss_grad", inputs, attrs), [inputs[0]]),
	reference([pred, target, weight, count, dloss], [dpred], attrs) {
		const taus = levels(attrs);
		const scale = 2 * at(dloss, 0, 0) / (taus.length * Math.max(at(count, 0, 0), 1e-12));
		for (let r = 0; r < target.rows; r++) taus.forEach((tau, k) => {
			for (let c = 0; c < target.cols; c++) {
				const e = at(target, r, c) - at(pred, r, k * target.cols + c);
				set(dpred, r, k * target.cols + c, scale * at(weight, r, c) * (e > 0 ? -tau : e < 0 ? 1 - tau : 0));
			}
		});
	},
	cost: ([pred]) => ({ flops: 4 * elements(pred) }),
	tolerance: 2e-6,
	cases: []
});
// kernels/ops/reverse/reverse.ts
/** Row of the sequence from which row t is read: the first `length` rows change places, those behind stay. */
const from = (t, length) => t < length ? length - 1 - t : t;
/**
* y (batch·seqlen, d): each sequence of x read from its end. With lengths (batch, 1) i32, from 0 to seqlen, only the first lengths[b] rows of
* sequence b change places and padding stays behind. Its own inverse and its own gradient. attrs batch, seqlen.
*/
const reverse = defineOp({
	name: "reverse",
	inputs: ["x", "lengths"],
	outputs: ["y"],
	infer([x, lengths], attrs) {
		requireShape(x.rows === num(attrs, "batch") * num(attrs, "seqlen"), "reverse: rows of x are not batch · seqlen");
		if (lengths) expectType("reverse: lengths", lengths, i32(num(attrs, "batch"), 1));
		return [x];
	},
	reference([x, lengths], [y], attrs) {
		const seqlen = num(attrs, "seqlen");
		for (let r = 0; r < y.rows; r++) {
			const b = Math.floor(r / seqlen);
			const source = b * seqlen + from(r % seqlen, lengths ? Math.min(seqlen, at(lengths, b, 0)) : seqlen);
			for (let c = 0; c < y.cols; c++) set(y, r, c, at(x, source, c));
		}
	},
	gradient: (builder, { inputs: [, lengths], attrs }, [dy]) => dy ? [builder.one("reverse", lengths ? [dy, lengths] : [dy], attrs), void 0] : [],
	cost: () => ({ flops: 0 }),
	tolerance: 0,
	cases: [
		{
			inputs: [f32(1, 1)],
			attrs: {
				batch: 1,
				seqlen: 1
			}
		},
		{
			inputs: [f32(189, 65)],
			attrs: {
				batch: 3,
				seqlen: 63
			}
		},
		{
			inputs: [f32(16, 4)],
			attrs: {
				batch: 2,
				seqlen: 8
			}
		},
		{
			inputs: [f32(315, 65), i32(5, 1)],
			attrs: {
				batch: 5,
				seqlen: 63
			},
			range: [[-1, 1], [0, 70]]
		},
		{
			inputs: [f32(280, 8), i32(4, 1)],
			attrs: {
				batch: 4,
				seqlen: 70
			},
			range: [[-1, 1], [0, 70]]
		}
	]
});
// kernels/ops/rms_norm/rms_norm_grad.ts
/**
* With x̂ = x · rstd and g = dy ⊙ weight: dx = rstd · (g − x̂ · mean(g ⊙ x̂)) [+ addend], dweight = Σ over rows of dy ⊙ x̂; the mean over
* each of `groups` slices, rstd (R, groups).
* addend (R, d) is there when attrs.addend is set: the gradient that reaches x by the residual path.
*/
const rms_norm_grad = defineOp({
	name: "rms_norm_grad",
	inputs: [
		"dy",
		"x",
		"weight",
		"rstd",
		"addend"
	],
	outputs: ["dx", "dweight"],
	infer: ([dy, x, weight]) => (expectType("rms_norm_grad: dy", dy, x), [x, weight]),
	reference(inputs, [dx, dweight], attrs) {
		const [dy, x, weight, rstd, addend] = inputs;
		for (let c = 0; c < x.cols; c++) set(dweight, 0, c, 0);
		const width = x.cols / rstd.cols;
		for (let r = 0; r < x.rows; r++) for (let g = 0; g < rstd.cols; g++) {
			const [first, end, scale] = [
				g * width,
				(g + 1) * width,
				at(rstd, r, g)
			];
			let dot = 0;
			for (let c = first; c < end; c++) {
				const normed = at(x, r, c) * scale;
				dot += at(dy, r, c) * at(weight, 0, c) * normed;
				set(dweight, 0, c, at(dweight, 0, c) + at(dy, r, c) * normed);
			}
			for (let c = first; c < end; c++) {
				const dxrc = scale * (at(dy, r, c) * at(weight, 0, c) - at(x, r, c) * scale * dot / width);
				set(dx, r, c, dxrc + (attrs.addend ? at(addend, r, c) : 0));
			}
		}
	},
	cost: ([x]) => ({ flops: 9 * elements(x) }),
	tolerance: 4e-6,
	cases: [{
		inputs: [
			f32(63, 65),
			f32(63, 65),
			f32(1, 65),
			f32(63, 1),
			f32(63, 65)
		],
		attrs: { addend: true },
		range: [
			[-1, 1],
			[-1, 1],
			[.5, 2],
			[.5, 2],
			[-1, 1]
		]
	}]
});
// kernels/ops/scatter_rows/scatter_rows.ts
/** The gradient of `everyRow`: y is zero except y[firstRow + k·rowStep] = x[k]. attrs rows, firstRow, rowStep. */
const scatter_rows = defineOp({
	name: "scatter_rows",
	inputs: ["x"],
	outputs: ["y"],
	infer: ([x], attrs) => [f32(num(attrs, "rows"), x.cols)],
	reference: ([x], [y], attrs) => {
		const [first, step] = [num(attrs, "firstRow"), num(attrs, "rowStep")];
		for (let r = 0; r < y.rows; r++) {
			const k = (r - first) / step;
			for (let c = 0; c < y.cols; c++) set(y, r, c, Number.isInteger(k) && k >= 0 && k < x.rows ? at(x, k, c) : 0);
		}
	},
	cost: () => ({ flops: 0 }),
	tolerance: 0,
	cases: [{
		inputs: [f32(3, 65)],
		attrs: {
			rows: 63,
			firstRow: 20,
			rowStep: 21
		}
	}, {
		inputs: [f32(1, 1)],
		attrs: {
			rows: 1,
			firstRow: 0,
			rowStep: 1
		}
	}]
});
// kernels/ops/selective_scan/selective_scan_grad.ts
/**
* All gradients of selective_scan from dy: with g = dy · silu(z) and λ_t the adjoint of h_t (λ_t = C_t g_t + exp(Δ_{t+1} A) λ_{t+1}),
*   dC_t = Σ_d g_t h_t,  dB_t = Σ_d λ_t Δ_t u_t,  dΔ_t = Σ_n λ_t (A e^{Δ_t A} h_{t−1} + u_t B_t),  du_t = g_t D + Δ_t Σ_n λ_t B_t,
*   dA = Σ_t λ_t Δ_t e^{Δ_t A} h_{t−1},  dD = Σ g u,  ddelta = dΔ · σ(delta + bias),  ddelta_bias = Σ ddelta,  dz = dy · y_pre · silu′(z).
* Inputs dy, saved, then those of selective_scan in order; outputs the gradients of those in order.
*/
const selective_scan_grad = defineOp({
	name: "selective_scan_grad",
	inputs: [
		"dy",
		"saved",
		"u",
		"delta",
		"A",
		"B",
		"C",
		"D",
		"z",
		"delta_bias"
	],
	outputs: [
		"du",
		"ddelta",
		"dA",
		"dB",
		"dC",
		"dD",
		"dz",
		"ddelta_bias"
	],
	infer: ([, , ...inputs]) => [...inputs],
	reference([dy, , u, delta, A, B, C, D, z, delta_bias], [du, ddelta, dA, dB, dC, dD, dz, ddelta_bias], attrs) {
		const [batch, seqlen, d_state] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			A.cols
		];
		const clear = (m) => {
			for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) set(m, r, c, 0);
		};
		[
			dA,
			dB,
			dC,
			dD,
			ddelta_bias
		].forEach(clear);
		const add = (m, r, c, value) => set(m, r, c, at(m, r, c) + value);
		for (let b = 0; b < batch; b++) for (let d = 0; d < u.cols; d++) {
			const h = new Float64Array((seqlen + 1) * d_state);
			const y = new Float64Array(seqlen);
			for (let t = 0; t < seqlen; t++) {
				const row = b * seqlen + t;
				const step = softplus(at(delta, row, d) + at(delta_bias, 0, d));
				y[t] = at(D, 0, d) * at(u, row, d);
				for (let n = 0; n < d_state; n++) {
					h[(t + 1) * d_state + n] = Math.exp(step * at(A, d, n)) * h[t * d_state + n] + step * at(u, row, d) * at(B, row, n);
					y[t] += at(C, row, n) * h[(t + 1) * d_state + n];
				}
			}
			const carried = new Float64Array(d_state);
			for (let t = seqlen - 1; t >= 0; t--) {
				const row = b * seqlen + t;
				const raw = at(delta, row, d) + at(delta_bias, 0, d);
				const [step, zt, ut] = [
					softplus(raw),
					at(z, row, d),
					at(u, row, d)
				];
				const gate = sigmoid(zt);
				const g = at(dy, row, d) * zt * gate;
				set(dz, row, d, at(dy, row, d) * y[t] * gate * (1 + zt * (1 - gate)));
				let [dstep, dInput] = [0, 0];
				for (let n = 0; n < d_state; n++) {
					const decay = Math.exp(step * at(A, d, n));
					const before = h[t * d_state + n];
					const adjoint = carried[n] + g * at(C, row, n);
					add(dC, row, n, g * h[(t + 1) * d_state + n]);
					add(dB, row, n, adjoint * step * ut);
					add(dA, d, n, adjoint * step * decay * before);
					dstep += adjoint * (at(A, d, n) * decay * before + ut * at(B, row, n));
					dInput += adjoint * at(B, row, n);
					carried[n] = adjoint * decay;
				}
				set(du, row, d, g * at(D, 0, d) + step * dInput);
				set(ddelta, row, d, dstep * sigmoid(raw));
				add(ddelta_bias, 0, d, dstep * sigmoid(raw));
				add(dD, 0, d, g * ut);
			}
		}
	},
	cost: ([, , u, , A]) => ({
		flops: elements(u) * (18 * A.cols + 16),
		exps: elements(u) * (2 * A.cols + 3)
	}),
	tolerance: 2e-5,
	cases: []
});
// kernels/ops/selective_scan/selective_scan_step.ts
const testCase$2 = (batch, d_inner, d_state) => ({
	inputs: [
		f32(batch, d_inner),
		f32(batch, d_inner),
		f32(d_inner, d_state),
		f32(batch, d_state),
		f32(batch, d_state),
		f32(1, d_inner),
		f32(batch, d_inner),
		f32(1, d_inner),
		f32(batch, d_inner * d_state)
	],
	attrs: {},
	range: [
		[-1, 1],
		[-4, 1],
		[-d_state, -.1],
		[-1, 1],
		[-1, 1],
		[-1, 1],
		[-2, 2],
		[-1, 1],
		[-1, 1]
	]
});
/**
* One time step of selective_scan. u, delta, z, y (batch, d_inner), B, C (batch, d_state); state (batch, d_inner·d_state) is h,
* overwritten. Constant memory per token: this is what generation runs.
*/
const selective_scan_step = defineOp({
	name: "selective_scan_step",
	inputs: [
		"u",
		"delta",
		"A",
		"B",
		"C",
		"D",
		"z",
		"delta_bias",
		"state"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 8 },
	infer(inputs) {
		const [u, , A] = inputs;
		expectType("selective_scan_step: state", inputs[8], f32(u.rows, u.cols * A.cols));
		return [scanTypes(inputs, u.rows), inputs[8]];
	},
	reference([u, delta, A, B, C, D, z, delta_bias, state], [y, next]) {
		for (let b = 0; b < u.rows; b++) for (let d = 0; d < u.cols; d++) {
			const step = softplus(at(delta, b, d) + at(delta_bias, 0, d));
			let sum = at(D, 0, d) * at(u, b, d);
			for (let n = 0; n < A.cols; n++) {
				const h = Math.exp(step * at(A, d, n)) * at(state, b, d * A.cols + n) + step * at(u, b, d) * at(B, b, n);
				set(next, b, d * A.cols + n, h);
				sum += at(C, b, n) * h;
			}
			set(y, b, d, sum * at(z, b, d) * sigmoid(at(z, b, d)));
		}
	},
	cost: ([u, , A]) => ({
		flops: elements(u) * (6 * A.cols + 8),
		exps: elements(u) * (A.cols + 2)
	}),
	tolerance: 4e-6,
	cases: [
		testCase$2(1, 1, 1),
		testCase$2(2, 65, 16),
		testCase$2(3, 7, 4)
	]
});
// kernels/ops/shift_rows/shift_rows.ts
/**
* Moves every sequence's rows: y (batch·to, d) with y[b, t] = x[b, t − shift], zero where that row does not exist; x (batch·from, d).
* attrs batch, from, to, shift. shift 1 is the causal shift by one position; to > from pads behind, to < from cuts off the end.
*/
const shift_rows = defineOp({
	name: "shift_rows",
	inputs: ["x"],
	outputs: ["y"],
	infer([x], attrs) {
		requireShape(x.rows === num(attrs, "batch") * num(attrs, "from"), `shift_rows: x has ${x.rows} rows, not batch · from`);
		return [f32(num(attrs, "batch") * num(attrs, "to"), x.cols)];
	},
	reference([x], [y], attrs) {
		const [from, to, shift] = [
			num(attrs, "from"),
			num(attrs, "to"),
			num(attrs, "shift")
		];
		for (let r = 0; r < y.rows; r++) {
			const [b, t] = [Math.floor(r / to), r % to - shift];
			for (let c = 0; c < y.cols; c++) set(y, r, c, t >= 0 && t < from ? at(x, b * from + t, c) : 0);
		}
	},
	gradient(builder, { attrs: { batch, from, to, shift } }, [dy]) {
		return dy ? [builder.one("shift_rows", [dy], {
			batch,
			from: to,
			to: from,
			shift: -shift
		})] : [];
	},
	cost: () => ({ flops: 0 }),
	tolerance: 0,
	cases: [
		{
			inputs: [f32(1, 1)],
			attrs: {
				batch: 1,
				from: 1,
				to: 1,
				shift: 1
			}
		},
		{
			inputs: [f32(63, 65)],
			attrs: {
				batch: 3,
				from: 21,
				to: 21,
				shift: 1
			}
		},
		{
			inputs: [f32(126, 5)],
			attrs: {
				batch: 2,
				from: 63,
				to: 64,
				shift: 0
			}
		},
		{
			inputs: [f32(128, 8)],
			attrs: {
				batch: 2,
				from: 64,
				to: 61,
				shift: -2
			}
		}
	]
});
// kernels/ops/skip_gate/skip_gate.ts
/**
* y = (a + skip ⊙ c) ⊙ silu(z): the end of xLSTM's mLSTM layer, its learnable skip and output gate (Beck et al. 2024, arXiv:2405.04517,
* fig. 10). a, c, z, y (R, d) · skip (1, d). The gradient recomputes from the inputs.
*/
const skip_gate = defineOp({
	name: "skip_gate",
	inputs: [
		"a",
		"c",
		"skip",
		"z"
	],
	outputs: ["y"],
	mayOverwrite: { 0: 0 },
	infer([a, c, skip, z]) {
		expectType("skip_gate: c", c, a);
		expectType("skip_gate: skip", skip, f32(1, a.cols));
		expectType("skip_gate: z", z, a);
		return [a];
	},
	reference([a, c, skip, z], [y]) {
		for (let r = 0; r < a.rows; r++) for (let j = 0; j < a.cols; j++) {
			const gate = at(z, r, j) * sigmoid(at(z, r, j));
			set(y, r, j, (at(a, r, j) + at(skip, 0, j) * at(c, r, j)) * gate);
		}
	},
	gradient: (builder, { inputs }, [dy]) => dy ? builder.apply("skip_gate_grad", [dy, ...inputs]) : [],
	cost: ([a]) => ({
		flops: 7 * elements(a),
		exps: elements(a)
	}),
	tolerance: 2e-6,
	gradientTolerance: 4e-6,
	cases: [
		{
			inputs: [
				f32(1, 1),
				f32(1, 1),
				f32(1, 1),
				f32(1, 1)
			],
			attrs: {}
		},
		{
			inputs: [
				f32(63, 65),
				f32(63, 65),
				f32(1, 65),
				f32(63, 65)
			],
			attrs: {},
			range: [
				[-1, 1],
				[-1, 1],
				[-1, 1],
				[-30, 30]
			]
		},
		{
			inputs: [
				f32(130, 64),
				f32(130, 64),
				f32(1, 64),
				f32(130, 64)
			],
			attrs: {}
		}
	]
});
// kernels/ops/skip_gate/skip_gate_grad.ts
/** With g = dy ⊙ silu(z): da = g, dc = g ⊙ skip, dskip = Σ over rows of g ⊙ c, dz = dy ⊙ (a + skip ⊙ c) ⊙ silu′(z). */
const skip_gate_grad = defineOp({
	name: "skip_gate_grad",
	inputs: [
		"dy",
		"a",
		"c",
		"skip",
		"z"
	],
	outputs: [
		"da",
		"dc",
		"dskip",
		"dz"
	],
	infer: ([dy, a, , skip]) => (expectType("skip_gate_grad: dy", dy, a), [
		a,
		a,
		skip,
		a
	]),
	reference([dy, a, c, skip, z], [da, dc, dskip, dz]) {
		for (let j = 0; j < a.cols; j++) {
			let sum = 0;
			for (let r = 0; r < a.rows; r++) {
				const s = sigmoid(at(z, r, j));
				const g = at(dy, r, j) * at(z, r, j) * s;
				sum += g * at(c, r, j);
				const y = at(a, r, j) + at(skip, 0, j) * at(c, r, j);
				set(dz, r, j, at(dy, r, j) * y * s * (1 + at(z, r, j) * (1 - s)));
				set(da, r, j, g);
				set(dc, r, j, g * at(skip, 0, j));
			}
			set(dskip, 0, j, sum);
		}
	},
	cost: ([dy]) => ({
		flops: 14 * elements(dy),
		exps: elements(dy)
	}),
	tolerance: 4e-6,
	cases: []
});
/**
* One unit of the sLSTM: state h, c, n, m. The first step is known by n = 0, for n ≥ 1 ever after. i′ and f′ are at most 1: with m as it
* is they are so but for rounding, and on the first step, where f′ meets zeros, f′ could otherwise overflow.
*/
const slstmUnit = (out) => (row, column, x, r, [, c, n, m]) => {
	const [i, f, z, o] = x.map((value, g) => value + r[g]);
	const kept = logSigmoid$1(f) + m;
	const next = n === 0 ? i : Math.max(i, kept);
	const input = Math.exp(Math.min(i - next, 0));
	const forget = Math.exp(Math.min(kept - next, 0));
	const [c1, n1] = [forget * c + input * Math.tanh(z), forget * n + input];
	const gate = sigmoid(o);
	out?.(row, column, {
		a: input / n1,
		s: sigmoid(-f),
		z: Math.tanh(z),
		o: gate,
		keep: forget * n / n1,
		cell: c1 / n1
	});
	return [
		gate * c1 / n1,
		c1,
		n1,
		next
	];
};
/**
* sLSTM over whole sequences (Beck et al. 2024, arXiv:2405.04517, eqs. 8-17; "vanilla" in package xlstm), block-diagonal recurrence R:
*   ĩ, f̃, z̃, õ = Wx_t + R h_{t−1} + bias,  m_t = max(log σ(f̃) + m_{t−1}, ĩ) (m_0 = ĩ_0),  i′ = e^{ĩ − m_t},  f′ = e^{log σ(f̃) + m_{t−1} − m_t},
*   c_t = f′ c_{t−1} + i′ tanh(z̃),  n_t = f′ n_{t−1} + i′,  y_t = h_t = σ(õ) c_t / n_t, all zero before t = 0.
* Wx (batch·seqlen, 4·d) in the order i, f, z, o · R (heads, 4·dh·dh), row g·dh + j of head h makes gate g of unit j · bias (1, 4·d).
* For the gradient: gates (batch·seqlen, 4·d) = i′/n, 1 − σ(f̃), tanh(z̃), σ(õ); keep = f′ n_{t−1}/n_t and cell = c_t/n_t (batch·seqlen, d),
* since cell_t = keep · cell_{t−1} + (i′/n) tanh(z̃): the stabiliser m is in none of them.
*/
const slstm = defineOp({
	name: "slstm",
	inputs: [
		"Wx",
		"R",
		"bias"
	],
	outputs: [
		"y",
		"gates",
		"keep",
		"cell"
	],
	infer(inputs, attrs) {
		const { d } = checkRecurrent("slstm", inputs, attrs, 4);
		const state = f32(inputs[0].rows, d);
		return [
			state,
			inputs[0],
			state,
			state
		];
	},
	mayOverwrite: { 1: 0 },
	reference(inputs, [y, gates, keep, cell], attrs) {
		const sizes = recurrentSizes(inputs[0], inputs[1], attrs, 4);
		runCell(sizes, inputs, 4, slstmUnit((row, column, v) => {
			[
				v.a,
				v.s,
				v.z,
				v.o
			].forEach((value, g) => set(gates, row, g * sizes.d + column, value));
			set(keep, row, column, v.keep);
			set(cell, row, column, v.cell);
			set(y, row, column, v.o * v.cell);
		}));
	},
	gradient(builder, { inputs: [, R], outputs: [y, gates, keep, cell], attrs }, [dy]) {
		if (!dy) return [];
		const dWx = builder.one("slstm_grad", [
			dy,
			gates,
			keep,
			cell,
			R
		], attrs);
		const outer = {
			heads: R.type.rows,
			gates: 4,
			seqlen: attrs.seqlen,
			previous: true
		};
		return [
			dWx,
			builder.one("headwise_outer", [dWx, y], outer),
			builder.one("column_sum", [dWx])
		];
	},
	cost: ([Wx, R], attrs) => {
		const { d, dh } = recurrentSizes(Wx, R, attrs, 4);
		return {
			flops: Wx.rows * d * (8 * dh + 30),
			exps: 5 * Wx.rows * d
		};
	},
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: recurrentCases(4)
});
/**
* dWx of slstm from dy. With g_t = dy_t + Rᵀ dWx_{t+1}, e and λ the adjoints of cell_t and of log n_t + m_t:
*   dõ = g cell o (1 − o),  e_t = g o + keep_{t+1} e_{t+1},  dz̃ = e a (1 − z²),  w = e (z − cell_{t−1}) a,
*   λ_t = keep_{t+1} λ_{t+1} − w,  dĩ = w + λ a,  df̃ = λ keep (1 − σ(f̃)).
*/
const slstm_grad = defineOp({
	name: "slstm_grad",
	inputs: [
		"dy",
		"gates",
		"keep",
		"cell",
		"R"
	],
	outputs: ["dWx"],
	infer: ([, gates]) => [gates],
	mayOverwrite: { 0: 1 },
	reference([dy, gates, keep, cell, R], [dWx], attrs) {
		const sizes = recurrentSizes(gates, R, attrs, 4);
		runCellBack(sizes, dy, R, (row, column, dh, first, carry) => {
			const [a, s, z, o] = [
				0,
				1,
				2,
				3
			].map((g) => at(gates, row, g * sizes.d + column));
			const r = at(keep, row, column);
			const e = dh * o + carry[0];
			const w = e * (z - (first ? 0 : at(cell, row - 1, column))) * a;
			const adjoint = carry[1] - w;
			carry[0] = e * r;
			carry[1] = adjoint * r;
			const grads = [
				w + adjoint * a,
				adjoint * r * s,
				e * a * (1 - z * z),
				dh * at(cell, row, column) * o * (1 - o)
			];
			grads.forEach((value, g) => set(dWx, row, g * sizes.d + column, value));
			return { r: grads };
		});
	},
	cost: ([dy, , , , R]) => ({ flops: dy.rows * dy.cols * (8 * dy.cols / R.rows + 25) }),
	tolerance: 2e-5,
	cases: []
});
// kernels/ops/slstm/slstm_step.ts
/**
* One time step of slstm. Wx (batch, 4·d), R, bias as there; state (batch, 4·d) = h, c, n, m of each sequence is overwritten; all zeros
* before the first token. y (batch, d) = h.
*/
const slstm_step = defineOp({
	name: "slstm_step",
	inputs: [
		"Wx",
		"R",
		"bias",
		"state"
	],
	outputs: ["y", "state"],
	inPlace: { 1: 3 },
	infer(inputs) {
		const [Wx, , , state] = inputs;
		const { d } = checkRecurrent("slstm_step", inputs, {
			batch: Wx.rows,
			seqlen: 1
		}, 4);
		expectType("slstm_step: state", state, f32(Wx.rows, 4 * d));
		return [f32(Wx.rows, d), state];
	},
	reference([Wx, R, bias, state], [y, next]) {
		const sizes = recurrentSizes(Wx, R, {
			batch: Wx.rows,
			seqlen: 1
		}, 4);
		const unit = slstmUnit((row, column, { o, cell }) => set(y, row, column, o * cell));
		runCell(sizes, [
			Wx,
			R,
			bias
		], 4, unit, {
			before: state,
			after: next
		});
	},
	cost: ([Wx, R]) => ({
		flops: 2 * Wx.rows * R.rows * R.cols,
		exps: 5 * Wx.rows * Wx.cols / 4
	}),
	tolerance: 1e-5,
	cases: stepCases(4, 4)
});
// kernels/ops/soft_cap/soft_cap.ts
/**
* y = cap · tanh(x / cap), elementwise: keeps logits or gates inside ±cap (Gemma team 2024, arXiv:2408.00118, §2; the gates of xLSTM 7B,
* Beck et al. 2025, arXiv:2503.13427, §3). attrs cap.
*/
const soft_cap = defineOp({
	name: "soft_cap",
	inputs: ["x"],
	outputs: ["y"],
	mayOverwrite: { 0: 0 },
	infer: ([x], attrs) => (requireShape(num(attrs, "cap") > 0, "soft_cap: cap must be positive"), [x]),
	reference([x], [y], attrs) {
		const cap = num(attrs, "cap");
		for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) set(y, r, c, cap * Math.tanh(at(x, r, c) / cap));
	},
	gradient: (builder, { inputs: [x], attrs }, [dy]) => dy ? [builder.one("soft_cap_grad", [dy, x], attrs)] : [],
	cost: ([x]) => ({
		flops: 8 * elements(x),
		exps: elements(x)
	}),
	tolerance: 2e-6,
	cases: [
		{
			inputs: [f32(1, 1)],
			attrs: { cap: 15 },
			range: [[1, 20]]
		},
		{
			inputs: [f32(63, 65)],
			attrs: { cap: 15 },
			range: [[-30, 30]]
		},
		{
			inputs: [f32(9, 8)],
			attrs: { cap: .5 }
		}
	]
});
/** dx = dy · (1 − tanh²(x / cap)). */
const soft_cap_grad = defineOp({
	name: "soft_cap_grad",
	inputs: ["dy", "x"],
	outputs: ["dx"],
	mayOverwrite: { 0: 0 },
	infer: ([dy, x]) => (expectType("soft_cap_grad: x", x, dy), [dy]),
	reference([dy, x], [dx], attrs) {
		for (let r = 0; r < x.rows; r++) for (let c = 0; c < x.cols; c++) set(dx, r, c, at(dy, r, c) * (1 - Math.tanh(at(x, r, c) / num(attrs, "cap")) ** 2));
	},
	cost: ([x]) => ({
		flops: 8 * elements(x),
		exps: elements(x)
	}),
	tolerance: 2e-6,
	cases: []
});
// kernels/ops/ssd/ssd.ts
const wide = {
	dt: [-4, 1],
	A: [-16, -.5]
};
const testCase$1 = ([batch, seqlen, H, P, G, N], { dt, A } = wide, attrs = {}) => ({
	inputs: [
		f32(batch * seqlen, H * P),
		f32(batch * seqlen, H),
		f32(1, H),
		f32(batch * seqlen, G * N),
		f32(batch * seqlen, G * N),
		f32(1, H),
		f32(1, H)
	],
	attrs: {
		batch,
		seqlen,
		groups: G,
		...attrs
	},
	range: [
		[-1, 1],
		dt,
		A,
		[-1, 1],
		[-1, 1],
		[-1, 1],
		[-1, 1]
	]
});
/** Sizes of an ssd: x (·, H·P), B and C (·, G·N); heads of one group lie side by side. Throws ShapeError. */
function ssdTypes(op, inputs, rows, groups) {
	const [x, dt, A, B, C, D, dt_bias] = inputs;
	const H = dt.cols;
	requireShape(x.rows === rows && dt.rows === rows, `${op}: x has ${x.rows} and dt ${dt.rows} rows, expected ${rows}`);
	requireShape(x.cols % H === 0, `${op}: x has ${x.cols} columns, which do not split over ${H} heads`);
	requireShape(H % groups === 0 && B.cols % groups === 0, `${op}: ${H} heads and ${B.cols} columns of B do not split over ${groups} groups`);
	expectType(`${op}: B`, B, f32(rows, B.cols));
	expectType(`${op}: C`, C, B);
	for (const [name, type] of Object.entries({
		A,
		D,
		dt_bias
	})) expectType(`${op}: ${name}`, type, f32(1, H));
	return x;
}
/**
* State space duality, the mixer of Mamba-2 (Dao & Gu 2024, arXiv:2405.21060, §2 and listing 1): per head h, with one decay a step,
*   Δ_t = softplus(dt_t + dt_bias),  S_t = exp(Δ_t A) S_{t−1} + Δ_t B_t x_tᵀ,  y_t = S_tᵀ C_t + D x_t,  S_{−1} = 0, S (N, P).
* x, y (batch·seqlen, H·P) · dt (batch·seqlen, H) · A (1, H) negative · B, C (batch·seqlen, G·N), head h reads group ⌊h G / H⌋ ·
* D, dt_bias (1, H); attrs batch, seqlen, groups, and chunk: steps of a chunk, the backend's choice when left out. Backends work in
* chunks (§6): inside one the product of (C Bᵀ ∘ decays) with x, between them the state. `saved` holds the states between chunks.
*/
const ssd = defineOp({
	name: "ssd",
	inputs: [
		"x",
		"dt",
		"A",
		"B",
		"C",
		"D",
		"dt_bias"
	],
	outputs: ["y", "saved"],
	opaque: [1],
	infer: (inputs, attrs) => [ssdTypes("ssd", inputs, num(attrs, "batch") * num(attrs, "seqlen"), num(attrs, "groups")), f32(1, 0)],
	reference([x, dt, A, B, C, D, dt_bias], [y], attrs) {
		const [batch, seqlen, groups, H] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			num(attrs, "groups"),
			dt.cols
		];
		const [P, N] = [x.cols / H, B.cols / groups];
		for (let b = 0; b < batch; b++) for (let h = 0; h < H; h++) {
			const S = new Float64Array(N * P);
			const first = Math.floor(h * groups / H) * N;
			for (let row = b * seqlen; row < (b + 1) * seqlen; row++) {
				const step = softplus(at(dt, row, h) + at(dt_bias, 0, h));
				const decay = Math.exp(step * at(A, 0, h));
				for (let p = 0; p < P; p++) {
					const xp = at(x, row, h * P + p);
					let sum = at(D, 0, h) * xp;
					for (let n = 0; n < N; n++) {
						S[n * P + p] = decay * S[n * P + p] + step * at(B, row, first + n) * xp;
						sum += at(C, row, first + n) * S[n * P + p];
					}
					set(y, row, h * P + p, sum);
				}
			}
		}
	},
	gradient: (builder, { inputs, outputs: [, saved], attrs }, [dy]) => dy ? builder.apply("ssd_grad", [
		dy,
		saved,
		...inputs
	], attrs) : [],
	cost: ([x, dt, , B], attrs) => ({
		flops: elements(x) * (6 * B.cols / num(attrs, "groups") + 2),
		exps: 3 * elements(dt)
	}),
	tolerance: 1e-5,
	gradientTolerance: 2e-5,
	cases: [
		testCase$1([
			1,
			1,
			1,
			1,
			1,
			1
		]),
		testCase$1([
			2,
			63,
			3,
			5,
			1,
			7
		]),
		testCase$1([
			1,
			130,
			4,
			8,
			2,
			16
		]),
		testCase$1([
			3,
			65,
			2,
			12,
			2,
			4
		], {
			dt: [-2, 12],
			A: [-30, -.01]
		}),
		testCase$1([
			1,
			97,
			2,
			20,
			1,
			33
		], wide, { chunk: 16 }),
		testCase$1([
			1,
			20,
			2,
			68,
			1,
			72
		], {
			dt: [-6, -2],
			A: [-1, -.1]
		}, { chunk: 16 })
	]
});
// kernels/ops/ssd/ssd_grad.ts
const clear = (m) => {
	for (let r = 0; r < m.rows; r++) for (let c = 0; c < m.cols; c++) set(m, r, c, 0);
};
const add = (m, r, c, value) => set(m, r, c, at(m, r, c) + value);
/**
* All gradients of ssd from dy, with Λ_t the adjoint of S_t (Λ_t = C_t dy_tᵀ + exp(Δ_{t+1} A) Λ_{t+1}):
*   dC_t = Σ_h S_t dy_t,  dB_t = Σ_h Δ_t Λ_t x_t,  dx_t = Δ_t Λ_tᵀ B_t + D dy_t,  dD = Σ ⟨dy, x⟩,
*   da_t = e^{Δ_t A} ⟨Λ_t, S_{t−1}⟩,  dΔ_t = A da_t + ⟨B_t, Λ_t x_t⟩,  dA = Σ Δ_t da_t,  ddt = dΔ σ(dt + dt_bias),  ddt_bias = Σ ddt.
* Inputs dy, saved, then those of ssd in order; outputs the gradients of those in order.
*/
const ssd_grad = defineOp({
	name: "ssd_grad",
	inputs: [
		"dy",
		"saved",
		"x",
		"dt",
		"A",
		"B",
		"C",
		"D",
		"dt_bias"
	],
	outputs: [
		"dx",
		"ddt",
		"dA",
		"dB",
		"dC",
		"dD",
		"ddt_bias"
	],
	infer: ([, , ...inputs]) => [...inputs],
	reference([dy, , x, dt, A, B, C, D, dt_bias], [dx, ddt, dA, dB, dC, dD, ddt_bias], attrs) {
		const [batch, seqlen, groups, H] = [
			num(attrs, "batch"),
			num(attrs, "seqlen"),
			num(attrs, "groups"),
			dt.cols
		];
		const [P, N] = [x.cols / H, B.cols / groups];
		[
			dA,
			dB,
			dC,
			dD,
			ddt_bias
		].forEach(clear);
		for (let b = 0; b < batch; b++) for (let h = 0; h < H; h++) {
			const first = Math.floor(h * groups / H) * N;
			const states = [new Float64Array(N * P)];
			for (let t = 0; t < seqlen; t++) {
				const row = b * seqlen + t;
				const step = softplus(at(dt, row, h) + at(dt_bias, 0, h));
				const decay = Math.exp(step * at(A, 0, h));
				states.push(states[t].map((s, i) => decay * s + step * at(B, row, first + Math.floor(i / P)) * at(x, row, h * P + i % P)));
			}
			const adjoint = new Float64Array(N * P);
			for (let t = seqlen - 1; t >= 0; t--) {
				const row = b * seqlen + t;
				const raw = at(dt, row, h) + at(dt_bias, 0, h);
				const step = softplus(raw);
				const decay = Math.exp(step * at(A, 0, h));
				let [da, dInput] = [0, 0];
				for (let p = 0; p < P; p++) {
					const [xp, g] = [at(x, row, h * P + p), at(dy, row, h * P + p)];
					let sum = 0;
					for (let n = 0; n < N; n++) {
						const i = n * P + p;
						adjoint[i] += g * at(C, row, first + n);
						add(dC, row, first + n, g * states[t + 1][i]);
						add(dB, row, first + n, step * adjoint[i] * xp);
						sum += adjoint[i] * at(B, row, first + n);
						da += decay * adjoint[i] * states[t][i];
						adjoint[i] *= decay;
					}
					dInput += sum * xp;
					set(dx, row, h * P + p, step * sum + at(D, 0, h) * g);
					add(dD, 0, h, g * xp);
				}
				const draw = (at(A, 0, h) * da + dInput) * sigmoid(raw);
				set(ddt, row, h, draw);
				add(ddt_bias, 0, h, draw);
				add(dA, 0, h, step * da);
			}
		}
	},
	cost: ([, , x, dt, , B], attrs) => ({
		flops: elements(x) * (16 * B.cols / num(attrs, "groups") + 6),
		exps: 3 * elements(dt)
	}),
	tolerance: 2e-5,
	cases: []
});
// kernels/ops/ssd/ssd_step.ts
const testCase = ([batch, H, P, G, N]) => ({
	inputs: [
		f32(batch, H * P),
		f32(batch, H),
		f32(1, H),
		f32(batch, G * N),
		f32(batch, G * N),
		f32(1, H),
		f32(1, H),
		f32(batch, H * P * N)
	],
	attrs: { groups: G },
	range: [
		[-1, 1],
		[-4, 1],
		[-16, -.5],
		[-1, 1],
		[-1, 1],
		[-1, 1],
		[-1, 1],
		[-1, 1]
	]
});
// kernels/ops/registry.ts
/** Every op by name. */
const ops = {
	activation,
	activation_grad,
	adamw: adamw$1,
	add: add$1,
	attention: attention$3,
	attention_grad,
	attention_step,
	channel_scale,
	column_sum,
	complex_scan: complex_scan$1,
	complex_scan_grad,
	complex_scan_step,
	conv1d_silu,
	conv1d_silu_grad,
	conv1d_silu_step,
	copy,
	cross_entropy,
	cross_entropy_grad,
	ctc,
	ctc_grad,
	diagonal_scan,
	diagonal_scan_grad,
	diagonal_scan_step,
	dplr_kernel,
	dplr_kernel_grad,
	dplr_step,
	draw_token: draw_token$2,
	dropout: dropout$2,
	embedding,
	embedding_grad,
	fft_conv: fft_conv$2,
	fft_conv_grad,
	fill,
	global_norm,
	glu,
	glu_grad,
	gru: gru$1,
	gru_grad,
	gru_step,
	headwise_linear: headwise_linear$2,
	headwise_outer: headwise_outer$2,
	layer_norm,
	layer_norm_grad,
	lstm: lstm$1,
	lstm_grad,
	lstm_step,
	matmul,
	mean_pool,
	mean_pool_grad,
	mlstm,
	mlstm_grad,
	mlstm_step,
	mse,
	mse_grad,
	mul,
	neg_exp,
	pool_rows: pool_rows$1,
	pool_rows_grad,
	quantile_loss: quantile_loss$2,
	quantile_loss_grad,
	reverse,
	rms_norm: rms_norm$2,
	rms_norm_grad,
	rope: rope$1,
	scatter_rows,
	selective_scan,
	selective_scan_grad,
	selective_scan_step,
	shift_rows,
	skip_gate,
	skip_gate_grad,
	slstm,
	slstm_grad,
	slstm_step,
	soft_cap,
	soft_cap_grad,
	ssd,
	ssd_grad,
	ssd_step: defineOp({
		name: "ssd_step",
		inputs: [
			"x",
			"dt",
			"A",
			"B",
			"C",
			"D",
			"dt_bias",
			"state"
		],
		outputs: ["y", "state"],
		inPlace: { 1: 7 },
		infer(inputs, attrs) {
			const [x, , , B] = inputs;
			expectType("ssd_step: state", inputs[7], f32(x.rows, x.cols * B.cols / num(attrs, "groups")));
			return [ssdTypes("ssd_step", inputs, x.rows, num(attrs, "groups")), inputs[7]];
		},
		reference([x, dt, A, B, C, D, dt_bias, state], [y, next], attrs) {
			const [groups, H] = [num(attrs, "groups"), dt.cols];
			const [P, N] = [x.cols / H, B.cols / groups];
			for (let b = 0; b < x.rows; b++) for (let h = 0; h < H; h++) {
				const first = Math.floor(h * groups / H) * N;
				const step = softplus(at(dt, b, h) + at(dt_bias, 0, h));
				const decay = Math.exp(step * at(A, 0, h));
				for (let p = 0; p < P; p++) {
					const [xp, row] = [at(x, b, h * P + p), (h * P + p) * N];
					let sum = at(D, 0, h) * xp;
					for (let n = 0; n < N; n++) {
						const s = decay * at(state, b, row + n) + step * at(B, b, first + n) * xp;
						set(next, b, row + n, s);
						sum += at(C, b, first + n) * s;
					}
					set(y, b, h * P + p, sum);
				}
			}
		},
		cost: ([x, dt, , B], attrs) => ({
			flops: elements(x) * (5 * B.cols / num(attrs, "groups") + 2),
			exps: 3 * elements(dt)
		}),
		tolerance: 4e-6,
		cases: [
			testCase([
				1,
				1,
				1,
				1,
				1
			]),
			testCase([
				2,
				3,
				5,
				1,
				7
			]),
			testCase([
				3,
				4,
				8,
				2,
				16
			])
		]
	}),
	swap_axes: defineOp({
		name: "swap_axes",
		inputs: ["x"],
		outputs: ["y"],
		infer([x], attrs) {
			const block = num(attrs, "a") * num(attrs, "b") * num(attrs, "inner");
			requireShape(elements(x) % block === 0, `swap_axes: ${elements(x)} elements are no multiple of a · b · inner = ${block}`);
			return [x];
		},
		reference([x], [y], attrs) {
			const [a, b, inner] = [
				num(attrs, "a"),
				num(attrs, "b"),
				num(attrs, "inner")
			];
			for (let e = 0; e < x.rows * x.cols; e++) {
				const [k, i, j] = [
					e % inner,
					Math.floor(e / (inner * b)) % a,
					Math.floor(e / inner) % b
				];
				const to = e - (i * b + j) * inner - k + (j * a + i) * inner + k;
				set(y, Math.floor(to / x.cols), to % x.cols, at(x, Math.floor(e / x.cols), e % x.cols));
			}
		},
		gradient: (builder, { attrs: { a, b, inner } }, [dy]) => dy ? [builder.one("swap_axes", [dy], {
			a: b,
			b: a,
			inner
		})] : [],
		cost: () => ({ flops: 0 }),
		tolerance: 0,
		cases: [
			{
				inputs: [f32(1, 1)],
				attrs: {
					a: 1,
					b: 1,
					inner: 1
				}
			},
			{
				inputs: [f32(7, 12)],
				attrs: {
					a: 3,
					b: 4,
					inner: 1
				}
			},
			{
				inputs: [f32(12, 7)],
				attrs: {
					a: 3,
					b: 4,
					inner: 7
				}
			},
			{
				inputs: [f32(63, 10)],
				attrs: {
					a: 5,
					b: 2,
					inner: 1
				}
			},
			{
				inputs: [f32(100, 120)],
				attrs: {
					a: 30,
					b: 4,
					inner: 1
				}
			},
			{
				inputs: [f32(120, 100)],
				attrs: {
					a: 30,
					b: 4,
					inner: 100
				}
			}
		]
	}),
	window_step: defineOp({
		name: "window_step",
		inputs: ["x", "state"],
		outputs: ["window", "state"],
		inPlace: { 1: 1 },
		infer([x, state]) {
			requireShape(x.rows === state.rows, `window_step: x has ${x.rows} rows, state ${state.rows}`);
			return [f32(x.rows, state.cols + x.cols), state];
		},
		reference([x, state], [window, next]) {
			for (let b = 0; b < x.rows; b++) {
				for (let c = 0; c < window.cols; c++) set(window, b, c, c < state.cols ? at(state, b, c) : at(x, b, c - state.cols));
				for (let c = 0; c < state.cols; c++) set(next, b, c, at(window, b, c + x.cols));
			}
		},
		cost: () => ({ flops: 0 }),
		tolerance: 0,
		cases: [
			{
				inputs: [f32(1, 1), f32(1, 1)],
				attrs: {}
			},
			{
				inputs: [f32(2, 5), f32(2, 15)],
				attrs: {}
			},
			{
				inputs: [f32(3, 20), f32(3, 20)],
				attrs: {}
			},
			{
				inputs: [f32(2, 33), f32(2, 4)],
				attrs: {}
			}
		]
	})
};
// kernels/graph/gradient.ts
/**
* Appends the reverse-mode gradient of Σ ⟨grad, value⟩ over `seeds` with respect to each of `wanted` and returns those values,
* undefined where nothing depends on it. For a loss the seed is `{ value: loss, grad: one(builder) }`.
* Ops' own gradient rules do the calculus; this only walks the graph backwards and adds up what arrives at a value used more than once.
*/
function gradient(builder, seeds, wanted) {
	const { graph } = builder;
	builder.beginBackward();
	const forward = [...graph.nodes];
	const arrived = /* @__PURE__ */ new Map();
	const add = (value, grad) => {
		if (!grad) return;
		const before = arrived.get(value.id);
		arrived.set(value.id, before ? builder.one("add", [before, grad]) : grad);
	};
	const parts = /* @__PURE__ */ new Map();
	const settleParts = (base) => {
		const waiting = parts.get(base.id);
		if (!waiting) return;
		parts.delete(base.id);
		const pieces = [];
		let column = 0;
		for (const start of [...waiting.columns.keys()].sort((a, b) => a - b)) {
			const piece = waiting.columns.get(start);
			if (start > column) pieces.push(builder.one("fill", [], {
				rows: base.type.rows,
				cols: start - column,
				value: 0
			}));
			pieces.push(piece);
			column = start + piece.type.cols;
		}
		if (column < base.type.cols) pieces.push(builder.one("fill", [], {
			rows: base.type.rows,
			cols: base.type.cols - column,
			value: 0
		}));
		receive(base, pieces.length === 1 ? pieces[0] : builder.concat(pieces));
	};
	const receive = (value, grad) => {
		if (!grad) return;
		const origin = graph.origins.get(value.id);
		if (origin.kind === "view") {
			const { base, view } = origin;
			if ("reshape" in view) return receive(base, builder.reshape(grad, base.type.rows, base.type.cols));
			if ("columns" in view) {
				const waiting = parts.get(base.id) ?? {
					base,
					columns: /* @__PURE__ */ new Map()
				};
				parts.set(base.id, waiting);
				const before = waiting.columns.get(view.columns);
				waiting.columns.set(view.columns, before ? builder.one("add", [before, grad]) : grad);
				return;
			}
			return receive(base, builder.one("scatter_rows", [grad], {
				rows: base.type.rows,
				firstRow: view.firstRow,
				rowStep: view.rowStep
			}));
		}
		if (origin.kind === "concat") {
			builder.split(grad, origin.parts.map((p) => p.type.cols)).forEach((g, i) => receive(origin.parts[i], g));
			return;
		}
		add(value, grad);
	};
	seeds.forEach(({ value, grad }) => receive(value, grad));
	for (let i = forward.length - 1; i >= 0; i--) {
		const node = forward[i];
		node.outputs.forEach(settleParts);
		const grads = node.outputs.map((o) => arrived.get(o.id));
		if (grads.every((g) => !g)) continue;
		const rule = ops[node.op].gradient;
		if (!rule) continue;
		rule(builder, node, grads).forEach((g, k) => receive(node.inputs[k], g));
	}
	for (const { base } of [...parts.values()]) settleParts(base);
	return wanted.map((v) => arrived.get(v.id));
}
/** The gradient of a loss with respect to itself. */
const one = (builder) => builder.one("fill", [], {
	rows: 1,
	cols: 1,
	value: 1
});
// kernels/graph/graph.ts
/** Records ops with static shapes. Traced once per model and shape; nothing is computed here. */
var GraphBuilder = class {
	graph = {
		nodes: [],
		origins: /* @__PURE__ */ new Map(),
		stores: [],
		checkpoints: [],
		backwardFrom: null
	};
	#next = 0;
	#value(type, origin) {
		const value = {
			id: this.#next++,
			type
		};
		this.graph.origins.set(value.id, origin);
		return value;
	}
	/** A matrix inside the external buffer `name`, `offset` elements from its start. */
	external(name, type, offset = 0, ld = type.cols) {
		return this.#value(type, {
			kind: "external",
			name,
			offset,
			ld
		});
	}
	apply(op, inputs, attrs = {}) {
		const types = ops[op].infer(inputs.map((v) => v.type), attrs);
		const outputs = [];
		const node = {
			op,
			attrs,
			inputs,
			outputs
		};
		types.forEach((type, index) => outputs.push(this.#value(type, {
			kind: "output",
			node,
			index
		})));
		this.graph.nodes.push(node);
		return outputs;
	}
	one(op, inputs, attrs = {}) {
		return this.apply(op, inputs, attrs)[0];
	}
	/** Splits the last axis; free. sizes must add up to cols. */
	split(value, sizes) {
		const total = sizes.reduce((a, b) => a + b, 0);
		if (total !== value.type.cols) throw new ShapeError(`split: sizes add up to ${total}, the value has ${value.type.cols} columns`);
		let columns = 0;
		return sizes.map((cols) => {
			const part = this.#value({
				...value.type,
				cols
			}, {
				kind: "view",
				base: value,
				view: { columns }
			});
			columns += cols;
			return part;
		});
	}
	concat(parts) {
		const { rows, dtype } = parts[0].type;
		if (parts.some((p) => p.type.rows !== rows || p.type.dtype !== dtype)) throw new ShapeError("concat: parts differ in rows or dtype");
		return this.#value({
			rows,
			dtype,
			cols: parts.reduce((a, p) => a + p.type.cols, 0)
		}, {
			kind: "concat",
			parts
		});
	}
	/** The same elements in row-major order under another shape. The value must be contiguous when the plan is made. */
	reshape(value, rows, cols) {
		const type = {
			...value.type,
			rows,
			cols
		};
		if (elements(type) !== elements(value.type)) throw new ShapeError(`reshape: ${elements(value.type)} elements do not fit (${rows}, ${cols})`);
		return this.#value(type, {
			kind: "view",
			base: value,
			view: { reshape: true }
		});
	}
	/** Rows firstRow, firstRow + rowStep, … */
	everyRow(value, firstRow, rowStep) {
		const rows = Math.ceil((value.type.rows - firstRow) / rowStep);
		return this.#value({
			...value.type,
			rows
		}, {
			kind: "view",
			base: value,
			view: {
				firstRow,
				rowStep
			}
		});
	}
	/** Marks `value` as what a layer reads. */
	checkpoint(value) {
		this.graph.checkpoints.push(value);
		return value;
	}
	/** What is recorded from here on is the backward pass of what was recorded before. */
	beginBackward() {
		this.graph.backwardFrom ??= this.#next;
	}
	/** Has the plan write `value` into external buffer `name` at `offset`. */
	store(value, name, offset = 0, ld = value.type.cols) {
		this.graph.stores.push({
			value,
			name,
			offset,
			ld
		});
	}
};
// kernels/graph/fuse.ts
/**
* Folds an `add` into the op that made one of its inputs, where that op can add while it writes:
* a residual connection into `matmul`, the residual's gradient into `rms_norm_grad` and `layer_norm_grad`. Each saves one read and one write of an activation.
* The pair is fused only when nothing else reads the intermediate value.
*/
function fuse(graph) {
	const uses = /* @__PURE__ */ new Map();
	const use = (v) => void uses.set(v.id, (uses.get(v.id) ?? 0) + 1);
	for (const node of graph.nodes) node.inputs.forEach(use);
	for (const store of graph.stores) use(store.value);
	for (const origin of graph.origins.values()) {
		if (origin.kind === "view") use(origin.base);
		if (origin.kind === "concat") origin.parts.forEach(use);
	}
	const position = new Map(graph.nodes.map((node, i) => [node, i]));
	const nodes = [...graph.nodes];
	graph.nodes.forEach((sum, i) => {
		if (sum.op !== "add") return;
		for (const [mine, other] of [[0, 1], [1, 0]]) {
			const origin = graph.origins.get(sum.inputs[mine].id);
			if (origin.kind !== "output" || origin.index !== 0 || uses.get(sum.inputs[mine].id) !== 1) continue;
			const producer = origin.node;
			const addend = sum.inputs[other];
			const slot = position.get(producer);
			if (nodes[slot] !== producer || producedAfter(graph, position, addend, slot)) continue;
			if (producer.op === "matmul" && !producer.attrs.residual) {
				replace(slot, i, {
					...producer,
					attrs: {
						...producer.attrs,
						residual: true
					},
					inputs: [...producer.inputs, addend],
					outputs: [sum.outputs[0]]
				});
				return;
			}
			if ((producer.op === "rms_norm_grad" || producer.op === "layer_norm_grad") && !producer.attrs.addend) {
				replace(slot, i, {
					...producer,
					attrs: {
						...producer.attrs,
						addend: true
					},
					inputs: [...producer.inputs, addend],
					outputs: [sum.outputs[0], ...producer.outputs.slice(1)]
				});
				return;
			}
		}
	});
	function replace(slot, sumSlot, fused) {
		nodes[slot] = fused;
		nodes[sumSlot] = null;
		position.set(fused, slot);
		fused.outputs.forEach((o, index) => graph.origins.set(o.id, {
			kind: "output",
			node: fused,
			index
		}));
	}
	return {
		...graph,
		nodes: nodes.filter((n) => n !== null)
	};
}
/** Whether `value` becomes known only at or after node `slot`. */
function producedAfter(graph, position, value, slot) {
	const origin = graph.origins.get(value.id);
	if (origin.kind === "external") return false;
	if (origin.kind === "view") return producedAfter(graph, position, origin.base, slot);
	if (origin.kind === "concat") return origin.parts.some((p) => producedAfter(graph, position, p, slot));
	return position.get(origin.node) >= slot;
}
// kernels/graph/memory.ts
/**
* Gives every root a buffer. A root is live from the first command that touches it to the last; roots whose lives do not meet share a
* buffer: taken from the largest to the smallest, each joins the buffer where it leaves the shortest time unused, or has one of its own
* (greedy by size: Pisarchyk & Lee 2020, arXiv:2001.03288, §4.2). Whole buffers are shared rather than ranges of one buffer, because
* WebGPU forbids reading and writing one buffer in one dispatch; no command ever sees two values of one arena buffer.
*/
function shareSlots(commands, rootElements) {
	const lives = livesOf(commands, rootElements);
	const slots = [];
	const slotOfLife = /* @__PURE__ */ new Map();
	const distinct = [...new Set(lives.values())];
	for (const life of distinct.sort((a, b) => b.elements - a.elements || a.first - b.first)) {
		let [best, shortest] = [-1, Infinity];
		slots.forEach((slot, k) => {
			const gap = idleAround(slot.lives, life);
			if (gap < shortest) [best, shortest] = [k, gap];
		});
		if (best < 0) best = slots.push({
			elements: life.elements,
			lives: []
		}) - 1;
		slots[best].lives.push(life);
		slotOfLife.set(life, best);
	}
	const slotOf = (root) => slotOfLife.get(lives.get(root));
	const buffers = slots.map((slot) => ({
		kind: "arena",
		elements: slot.elements
	}));
	const externals = /* @__PURE__ */ new Map();
	const reach = /* @__PURE__ */ new Map();
	const located = (o) => {
		let buffer;
		if ("root" in o.root) buffer = slotOf(o.root.root);
		else {
			const { external } = o.root;
			if (!externals.has(external)) externals.set(external, slots.length + externals.size);
			buffer = externals.get(external);
			reach.set(external, Math.max(reach.get(external) ?? 0, o.offset + (o.type.rows - 1) * o.ld + o.type.cols));
		}
		return {
			buffer,
			offset: o.offset,
			ld: o.ld,
			...o.type
		};
	};
	const placed = commands.map((c) => ({
		...c,
		inputs: c.inputs.map(located),
		outputs: c.outputs.map(located),
		scratch: c.scratch && located(c.scratch)
	}));
	for (const name of externals.keys()) buffers.push({
		kind: "external",
		name,
		elements: reach.get(name)
	});
	return {
		buffers,
		commands: placed,
		arenaElements: slots.reduce((sum, s) => sum + s.elements, 0)
	};
}
function livesOf(commands, rootElements) {
	const last = /* @__PURE__ */ new Map();
	const touched = (c) => [
		...c.inputs,
		...c.outputs,
		...c.scratch ? [c.scratch] : []
	];
	commands.forEach((command, i) => touched(command).forEach(({ root }) => "root" in root && last.set(root.root, i)));
	const lives = /* @__PURE__ */ new Map();
	commands.forEach((command, i) => {
		const mayOverwrite = ops[command.op].mayOverwrite ?? {};
		command.outputs.forEach((output, index) => {
			if (!("root" in output.root) || lives.has(output.root.root)) return;
			const input = command.inputs[mayOverwrite[index]];
			if (!input || !("root" in input.root) || !isWhole(input, rootElements) || !isWhole(output, rootElements)) return;
			const life = lives.get(input.root.root);
			if (life.last !== i || life.elements < elements(output.type)) return;
			life.last = last.get(output.root.root);
			lives.set(output.root.root, life);
		});
		for (const { root } of touched(command)) if ("root" in root && !lives.has(root.root)) lives.set(root.root, {
			elements: rootElements[root.root],
			first: i,
			last: last.get(root.root)
		});
	});
	return lives;
}
/** Commands that a buffer with these lives in it would stand unused just before and after `life`; Infinity where it is in use meanwhile. */
function idleAround(lives, life) {
	let [before, after] = [Infinity, Infinity];
	for (const other of lives) {
		if (other.first <= life.last && life.first <= other.last) return Infinity;
		if (other.last < life.first) before = Math.min(before, life.first - other.last);
		else after = Math.min(after, other.first - life.last);
	}
	return Math.min(before, after);
}
const isWhole = (o, rootElements) => "root" in o.root && o.offset === 0 && o.ld === o.type.cols && elements(o.type) === rootElements[o.root.root];
// kernels/graph/recompute.ts
/** Ops that move about as many bytes as they take to compute: elementwise, norms, short convolutions, moves. */
const CHEAP = /* @__PURE__ */ new Set([
	"activation",
	"add",
	"channel_scale",
	"conv1d_silu",
	"copy",
	"dropout",
	"fill",
	"glu",
	"layer_norm",
	"mul",
	"neg_exp",
	"reverse",
	"rms_norm",
	"rope",
	"scatter_rows",
	"shift_rows",
	"skip_gate",
	"soft_cap",
	"swap_axes"
]);
/**
* `graph` with the forward ops that `level` names repeated in the backward pass, each just before the first op there that reads it, and
* read there instead of the first result. The same ops on the same values: gradients are the same to the bit.
*/
function recompute(graph, level) {
	const { backwardFrom } = graph;
	if (level === "none" || backwardFrom === null) return graph;
	const isForward = (node) => node.outputs[0].id < backwardFrom;
	const forward = graph.nodes.filter(isForward);
	const again = level === "full" ? betweenCheckpoints(graph, forward) : cheapOnes(graph, forward);
	const origins = new Map(graph.origins);
	let next = Math.max(...origins.keys()) + 1;
	const seconds = /* @__PURE__ */ new Map();
	const nodes = [];
	const second = (value) => {
		const known = seconds.get(value.id);
		if (known) return known;
		const origin = graph.origins.get(value.id);
		let result = value;
		const view = (made) => {
			const copy = {
				id: next++,
				type: value.type
			};
			origins.set(copy.id, made);
			return copy;
		};
		if (origin.kind === "output" && again.has(origin.node)) {
			repeat(origin.node);
			return seconds.get(value.id);
		}
		if (origin.kind === "view") {
			const base = second(origin.base);
			if (base !== origin.base) result = view({
				...origin,
				base
			});
		} else if (origin.kind === "concat") {
			const parts = origin.parts.map(second);
			if (parts.some((part, i) => part !== origin.parts[i])) result = view({
				kind: "concat",
				parts
			});
		}
		seconds.set(value.id, result);
		return result;
	};
	const place = (node, inputs, outputs) => {
		const placed = {
			...node,
			inputs,
			outputs
		};
		nodes.push(placed);
		outputs.forEach((value, index) => origins.set(value.id, {
			kind: "output",
			node: placed,
			index
		}));
	};
	const repeat = (node) => {
		const inputs = node.inputs.map(second);
		const outputs = node.outputs.map(({ type }) => ({
			id: next++,
			type
		}));
		place(node, inputs, outputs);
		node.outputs.forEach((value, i) => seconds.set(value.id, outputs[i]));
	};
	for (const node of graph.nodes) if (isForward(node)) nodes.push(node);
	else place(node, node.inputs.map(second), node.outputs);
	return {
		...graph,
		nodes,
		origins
	};
}
/** The ops a value comes from, through views and concats; none for what the caller owns. */
function producers(graph, value) {
	const origin = graph.origins.get(value.id);
	if (origin.kind === "external") return [];
	if (origin.kind === "output") return [origin.node];
	return origin.kind === "view" ? producers(graph, origin.base) : origin.parts.flatMap((part) => producers(graph, part));
}
/** All but the ops that make a layer's input, and those behind the last of them (head and loss): the backward pass begins there. */
function betweenCheckpoints(graph, forward) {
	const kept = new Set(graph.checkpoints.flatMap((value) => producers(graph, value)));
	const last = forward.findLastIndex((node) => kept.has(node));
	return new Set(forward.slice(0, last).filter((node) => !kept.has(node)));
}
/** Cheap ops whose results the backward pass reads, where repeating them keeps fewer elements than it frees. */
function cheapOnes(graph, forward) {
	const first = new Set(forward);
	const readers = graph.nodes.filter((node) => !first.has(node));
	const kept = new Set(readers.flatMap((node) => node.inputs.flatMap((value) => producers(graph, value))).filter((node) => first.has(node)));
	const again = /* @__PURE__ */ new Set();
	const size = (node) => node.outputs.reduce((sum, { type }) => sum + elements(type), 0);
	for (const node of forward) {
		if (!kept.has(node) || !CHEAP.has(node.op)) continue;
		const missing = new Set(node.inputs.flatMap((value) => producers(graph, value)).filter((made) => !kept.has(made)));
		if ([...missing].reduce((sum, made) => sum + size(made), 0) >= size(node)) continue;
		again.add(node);
		missing.forEach((made) => kept.add(made));
	}
	return again;
}
// kernels/graph/plan.ts
/**
* Turns a graph into a plan: drops what nothing needs, fuses, gives every value a place (parts of a concat and stored
* values straight where they belong), and lets values with disjoint lifetimes share memory. `level`: what the backward pass computes
* again instead of keeping it; fusing comes first, so that each level computes the same bits.
*/
function plan$1(source, sizes, level = "none") {
	const graph = withoutDeadNodes(recompute(fuse(withoutDeadNodes(source)), level));
	const places = /* @__PURE__ */ new Map();
	const rootElements = [];
	const newRoot = (count) => ({ root: rootElements.push(count) - 1 });
	const opaqueTypes = /* @__PURE__ */ new Map();
	const copies = /* @__PURE__ */ new Map();
	const inPlaceInput = (v) => {
		const origin = graph.origins.get(v.id);
		if (origin.kind !== "output") return void 0;
		const input = ops[origin.node.op].inPlace?.[origin.index];
		return input === void 0 ? void 0 : origin.node.inputs[input];
	};
	const copyLater = (after, value, place) => void copies.set(after, [...copies.get(after) ?? [], {
		value,
		place
	}]);
	/** Has `value` written at `place`, by its own op where possible, by a copy where it already lives elsewhere. */
	const settle = (value, place) => {
		const origin = graph.origins.get(value.id);
		if (origin.kind === "view" && "reshape" in origin.view && place.ld === value.type.cols && !places.has(origin.base.id)) settle(origin.base, {
			...place,
			ld: origin.base.type.cols
		});
		else if (origin.kind === "concat" && !places.has(value.id)) placeConcat(value, place);
		else if (origin.kind === "output" && !places.has(value.id) && !inPlaceInput(value)) places.set(value.id, place);
		else copyLater(lastWriter(value), value, place);
	};
	const lastWriter = (value) => {
		const origin = graph.origins.get(value.id);
		if (origin.kind === "external") return null;
		if (origin.kind === "output") return origin.node;
		if (origin.kind === "view") return lastWriter(origin.base);
		const writers = origin.parts.map(lastWriter).filter((n) => n !== null);
		return writers.length ? writers.reduce((a, b) => graph.nodes.indexOf(a) > graph.nodes.indexOf(b) ? a : b) : null;
	};
	const placeConcat = (value, place) => {
		places.set(value.id, place);
		const origin = graph.origins.get(value.id);
		let column = 0;
		for (const part of origin.parts) {
			settle(part, {
				root: place.root,
				offset: place.offset + column,
				ld: place.ld
			});
			column += part.type.cols;
		}
	};
	for (const { value, name, offset, ld } of graph.stores) settle(value, {
		root: { external: name },
		offset,
		ld
	});
	for (const [id, origin] of graph.origins) {
		if (origin.kind !== "concat" || places.has(id)) continue;
		const rows = origin.parts[0].type.rows;
		const cols = origin.parts.reduce((sum, p) => sum + p.type.cols, 0);
		if (!isUsed(graph, id)) continue;
		placeConcat({
			id,
			type: {
				...origin.parts[0].type,
				cols
			}
		}, {
			root: newRoot(rows * cols),
			offset: 0,
			ld: cols
		});
	}
	const place = (value) => {
		const known = places.get(value.id);
		if (known) return known;
		const origin = graph.origins.get(value.id);
		let found;
		if (origin.kind === "external") found = {
			root: { external: origin.name },
			offset: origin.offset,
			ld: origin.ld
		};
		else if (origin.kind === "view") found = viewPlace(place(origin.base), origin.base.type, value.type, origin.view);
		else {
			const overwritten = inPlaceInput(value);
			found = overwritten ? place(overwritten) : {
				root: newRoot(elements(value.type)),
				offset: 0,
				ld: value.type.cols
			};
		}
		places.set(value.id, found);
		return found;
	};
	const commands = [];
	const locate = (value) => ({
		...place(value),
		type: value.type
	});
	const emitCopies = (after) => copies.get(after)?.forEach(({ value, place: to }) => commands.push({
		op: "copy",
		attrs: {},
		inputs: [locate(value)],
		outputs: [{
			...to,
			type: value.type
		}],
		scratch: null
	}));
	emitCopies(null);
	for (const node of graph.nodes) {
		const types = node.inputs.map((v) => v.type);
		const definition = ops[node.op];
		const inputs = node.inputs.map(locate);
		const outputs = node.outputs.map((v, index) => {
			if (!definition.opaque?.includes(index)) return locate(v);
			const type = {
				rows: 1,
				cols: sizes.opaque(node.op, types, node.attrs, index),
				dtype: "f32"
			};
			const at = places.get(v.id) ?? {
				root: newRoot(type.cols),
				offset: 0,
				ld: type.cols
			};
			places.set(v.id, at);
			opaqueTypes.set(v.id, type);
			return {
				...at,
				type
			};
		});
		node.inputs.forEach((v, k) => opaqueTypes.has(v.id) && (inputs[k] = {
			...inputs[k],
			type: opaqueTypes.get(v.id)
		}));
		const scratch = sizes.scratch(node.op, types, node.attrs);
		commands.push({
			op: node.op,
			attrs: node.attrs,
			inputs,
			outputs,
			scratch: scratch ? {
				root: newRoot(scratch),
				offset: 0,
				ld: scratch,
				type: {
					rows: 1,
					cols: scratch,
					dtype: "f32"
				}
			} : null
		});
		emitCopies(node);
	}
	return shareSlots(commands, rootElements);
}
function viewPlace(base, baseType, type, view) {
	if ("columns" in view) return {
		...base,
		offset: base.offset + view.columns
	};
	if ("firstRow" in view) return {
		...base,
		offset: base.offset + view.firstRow * base.ld,
		ld: base.ld * view.rowStep
	};
	if (base.ld !== baseType.cols && baseType.rows > 1) throw new ShapeError("reshape of a value whose rows are not contiguous: copy it first");
	return {
		...base,
		ld: type.cols
	};
}
function isUsed(graph, id) {
	if (graph.stores.some((s) => s.value.id === id) || graph.nodes.some((n) => n.inputs.some((v) => v.id === id))) return true;
	for (const [viewId, origin] of graph.origins) {
		if (origin.kind === "view" && origin.base.id === id && isUsed(graph, viewId)) return true;
		if (origin.kind === "concat" && origin.parts.some((p) => p.id === id) && isUsed(graph, viewId)) return true;
	}
	return false;
}
/** Nodes whose results reach a store, or that overwrite an external buffer. */
function withoutDeadNodes(graph) {
	const needed = /* @__PURE__ */ new Set();
	const need = (value) => {
		if (needed.has(value.id)) return;
		needed.add(value.id);
		const origin = graph.origins.get(value.id);
		if (origin.kind === "view") need(origin.base);
		if (origin.kind === "concat") origin.parts.forEach(need);
	};
	graph.stores.forEach((s) => need(s.value));
	const kept = [];
	for (let i = graph.nodes.length - 1; i >= 0; i--) {
		const node = graph.nodes[i];
		if (!(Object.keys(ops[node.op].inPlace ?? {}).length > 0) && !node.outputs.some((o) => needed.has(o.id))) continue;
		node.inputs.forEach(need);
		kept.push(node);
	}
	return {
		...graph,
		nodes: kept.reverse()
	};
}
// kernels/models/plans.ts
/** The external buffer the batch is written to: ids or vectors, one row per position. */
const inputType = (model, rows) => model.config.input.kind === "tokens" ? i32(rows, 1) : f32(rows, model.config.input.width);
const outputRows = (model, { batch, seqlen }) => model.config.head.at === "every" ? batch * seqlen : batch;
function lossOf(builder, model, objective, dims, drop) {
	const read = model.reader(builder);
	const input = builder.external("input", inputType(model, dims.batch * dims.seqlen));
	const output = model.forward(builder, read, input, dims, drop);
	const targets = Object.fromEntries(Object.entries(objective.targets(outputRows(model, dims), model.config.head.width)).map(([name, type]) => [name, builder.external(name, type)]));
	return {
		...objective.loss(builder, output, targets),
		read
	};
}
/**
* One training step: forward, backward, clipping, AdamW. External buffers: input, the objective's targets, params, grads, m, v (arenas),
* hyper (1, 8), metrics (1, 2) = loss, gradient norm.
*/
function trainingPlan(model, objective, dims, optimizer, sizes, options = {}) {
	const builder = new GraphBuilder();
	const loss = gradients(builder, model, objective, dims, one, options);
	builder.store(loss, "metrics", 0);
	update(builder, model, optimizer, "grads");
	return plan$1(builder.graph, sizes, options.recompute);
}
/** Forward and backward pass; the gradient of seed · loss goes to external buffer 'grads'. Answers the loss. */
function gradients(builder, model, objective, dims, seed, { dropout = {
	rate: 0,
	seed: 0
} }) {
	const hyper = builder.external("hyper", f32(1, 8));
	let stream = 0;
	const drop = (x) => dropout.rate > 0 ? builder.one("dropout", [x, hyper], {
		...dropout,
		stream: stream++
	}) : x;
	const { loss, read } = lossOf(builder, model, objective, dims, drop);
	builder.beginBackward();
	gradient(builder, [{
		value: loss,
		grad: seed(builder)
	}], model.params.map((p) => read(p.name))).forEach((grad, i) => grad && builder.store(grad, "grads", model.params[i].offset));
	return loss;
}
/** Clipping and AdamW with the gradient in external buffer `name`; its norm goes to the metrics. */
function update(builder, model, optimizer, name) {
	const hyper = builder.external("hyper", f32(1, 8));
	const [all, params, m, v] = [
		name,
		"params",
		"m",
		"v"
	].map((each) => builder.external(each, f32(1, model.arenaElements)));
	const norm = builder.one("global_norm", [all]);
	builder.store(norm, "metrics", 1);
	builder.apply("adamw", [
		params,
		all,
		m,
		v,
		norm,
		hyper
	], {
		...optimizer,
		decay_elements: model.decayElements,
		slow_from: model.slowFrom
	});
}
// kernels/objectives/objective.ts
const scored = ({ targets }) => {
	let count = 0;
	for (let i = 0; i < targets.length; i++) if (targets[i] >= 0) count++;
	return count;
};
const weighed = ({ weights }) => {
	let sum = 0;
	for (let i = 0; i < weights.length; i++) sum += weights[i];
	return sum;
};
/** Mean cross-entropy in nats of the next token; a negative target is not scored. */
const crossEntropy = {
	name: "cross_entropy",
	targets: (rows) => ({ targets: i32(rows, 1) }),
	count: scored,
	loss(builder, output, { targets }) {
		const [loss, nll] = builder.apply("cross_entropy", [output, targets]);
		return {
			loss,
			scores: nll
		};
	}
};
({ ...quantileError([.5]) });
/**
* Twice the mean pinball loss of several quantiles per target (quantile_loss.ts). The head gives taus.length · T columns, those of the
* first level first; the targets have T. Evaluation reads the level nearest the median.
*/
function quantileError(taus) {
	return {
		name: "quantile_error",
		targets: (rows, width) => ({
			targets: f32(rows, width / taus.length),
			weights: f32(rows, width / taus.length)
		}),
		count: weighed,
		loss(builder, output, { targets, weights }) {
			const [loss] = builder.apply("quantile_loss", [
				output,
				targets,
				weights
			], quantileAttributes(taus));
			const columns = output.type.cols / taus.length;
			const middle = taus.map((tau) => Math.abs(tau - .5)).reduce((best, d, i, all) => d < all[best] ? i : best, 0);
			return {
				loss,
				scores: builder.split(output, taus.map(() => columns))[middle]
			};
		}
	};
}
/** AdamW's per-step numbers for step 0, 1, …, as the `hyper` buffer holds them. */
function hyper(lr, step, options) {
	const row = /* @__PURE__ */ new Float32Array(8);
	row[HYPER.lr] = lr;
	row[HYPER.weight_decay] = options.weight_decay;
	row[HYPER.bias1] = 1 / (1 - options.beta1 ** (step + 1));
	row[HYPER.bias2] = 1 / (1 - options.beta2 ** (step + 1));
	row[HYPER.clip] = options.clip;
	row[HYPER.step] = step;
	row[HYPER.slow] = lr > 0 ? Math.min(1, (options.slow_lr ?? .001) / lr) : 1;
	return row;
}
// kernels/testing/softwareGpu.ts
const FOLDER = "/usr/lib/chromium";
/** Keeps a library loaded though Node finds no module in it (dlfcn.h, Linux). */
const RTLD_NODELETE = 4096;
/**
* Lets Dawn find the software Vulkan driver that Debian's Chromium brings, where no other driver is named. To be called before `webgpu`
* is imported. The loader library is opened by its path here, so that Dawn's own search by name finds it already loaded.
* True when a driver is named.
*/
function useSoftwareGpu() {
	if (process.env.VK_ICD_FILENAMES || process.env.VK_DRIVER_FILES) return true;
	if (!existsSync(`${FOLDER}/vk_swiftshader_icd.json`)) return false;
	process.env.VK_ICD_FILENAMES = `${FOLDER}/vk_swiftshader_icd.json`;
	try {
		process.dlopen({ exports: {} }, `${FOLDER}/libvulkan.so.1`, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
	} catch {}
	return true;
}
// kernels/bench/soak.ts
const { values } = parseArgs({ options: {
	steps: {
		type: "string",
		default: "100000"
	},
	seconds: {
		type: "string",
		default: "Infinity"
	},
	backend: {
		type: "string",
		default: "cpu"
	},
	out: { type: "string" }
} });
const steps = Number(values.steps);
const seconds = Number(values.seconds);
const ALLOWED_GROWTH_MB = 16;
async function open() {
	if (values.backend === "cpu") return CpuBackend.open();
	useSoftwareGpu();
	const { backend, reason } = await openWebGpu({ software: true });
	if (!backend) throw new Error(reason);
	return backend;
}
const backend = await open();
const dims = {
	batch: 2,
	seqlen: 16
};
const model = new Model({
	d_model: 16,
	seqlen: dims.seqlen,
	norm: "rms",
	layers: [{
		mixer: "mamba",
		options: { d_state: 4 }
	}],
	input: {
		kind: "tokens",
		vocab: 8
	},
	head: {
		at: "every",
		width: 8,
		tied: false
	}
});
const adam = {
	beta1: .9,
	beta2: .99,
	eps: 1e-8
};
const plan = trainingPlan(model, crossEntropy, dims, adam, backend.sizes);
const buffers = {};
for (const b of plan.buffers) if (b.kind === "external") buffers[b.name] = backend.createBuffer(Math.max(b.elements, b.name === "params" ? model.arenaElements : 0), b.name === "input" || b.name === "targets" ? "i32" : "f32", b.name);
buffers.params.write(model.initialise(1));
for (const c of plan$1 ? [] : []) {} const program = await backend.compile(plan, buffers);
const tokens = /* @__PURE__ */ new Int32Array(32);
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");
const residentMB = [];
const ownBytes = [];
const handles = [];
const began = performance.now();
let [taken, before] = [0, Promise.resolve(0)];
/** Of the steps or of the seconds, whichever is further. */
const share = () => Math.max(taken / steps, (performance.now() - began) / 1e3 / seconds);
while (share() < 1) {
	const step = taken++;
	for (let i = 0; i < 32; i++) tokens[i] = (i * 3 + step) % 8;
	buffers.input.write(tokens);
	buffers.targets.write(tokens.map((t) => (t + 3) % 8));
	buffers.hyper.write(hyper(.001, step, {
		...adam,
		weight_decay: .01,
		clip: 1
	}));
	program.run();
	const loss = buffers.metrics.read(0, 1);
	await before;
	before = loss;
	if (residentMB.length < Math.floor(10 * share())) {
		const [value] = await loss;
		collect();
		await setTimeout(50);
		collect();
		const own = backend instanceof CpuBackend ? backend.allocatedBytes : 0;
		residentMB.push(process.memoryUsage.rss() / 1e6);
		ownBytes.push(own);
		handles.push(process.getActiveResourcesInfo().length);
		console.log(`step ${taken}  loss ${value.toFixed(4)}  resident ${residentMB.at(-1).toFixed(1)} MB  backend ${own} bytes  handles ${handles.at(-1)}  ${(taken / ((performance.now() - began) / 1e3)).toFixed(0)} steps/s`);
	}
}
await before;
await program.done();
const elapsed = (performance.now() - began) / 1e3;
program.destroy();
Object.values(buffers).forEach((b) => b.destroy());
const left = backend instanceof CpuBackend ? backend.allocatedBytes : 0;
const growth = residentMB.at(-1) - residentMB[1];
console.log(`${backend.description}: ${taken} steps, resident memory grew by ${growth.toFixed(1)} MB after the second tenth, ${left} bytes left after destroy`);
const flat = growth <= ALLOWED_GROWTH_MB && left === 0 && new Set(ownBytes).size <= 1 && handles.at(-1) <= handles[1];
const device = backend.description.replaceAll(/[^a-zA-Z0-9]+/g, "-").toLowerCase();
const out = values.out ?? fileURLToPath(new URL(`results/soak-${device}.json`, import.meta.url));
mkdirSync(dirname(out), { recursive: true });
const machine = {
	cpu: cpus()[0].model,
	cores: cpus().length
};
const result = {
	date: (/* @__PURE__ */ new Date()).toISOString(),
	backend: backend.description,
	machine,
	node: process.versions.node,
	steps: taken,
	seconds: elapsed,
	flat,
	residentMB,
	ownBytes,
	handles,
	left
};
writeFileSync(out, `${JSON.stringify(result, null, 1)}\n`);
backend.destroy();
process.exit(flat ? 0 : 1);
export {};
