/**
 * WGSL shared by the scan's kernels. softplus takes w = exp(min(x, 20)) because its callers need it too; below w = 0.06 the series keeps
 * the digits that log(1 + w) loses (steps are often near 1e-3).
 */
export const SCAN_FUNCTIONS = `
const LOG2E = 1.4426950408889634; const LN2 = 0.6931471805599453;
fn softplus(x: f32, w: f32) -> f32 { let s = w * (1.0 - w * (0.5 - w * (0.33333333 - w * (0.25 - w * (0.2 - w * 0.16666667))))); return select(select(log(1.0 + w), s, w < 0.06), x, x > 20.0); }
fn sigm(x: f32) -> f32 { return 1.0 / (1.0 + exp(-x)); }
fn hs(v: vec4f) -> f32 { return (v.x + v.y) + (v.z + v.w); }
`
