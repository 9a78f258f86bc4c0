/** Run configurations of version 1 (one mixer, n_layer times) as version 2 (a list of layers, options by mixer). */
export const migration0050 = {
  version: 50,
  sql: `
UPDATE run SET config = json_set(
  json_remove(config, '$.model.mixer', '$.model.n_layer', '$.model.mixer_config'),
  '$.version', 2,
  '$.model.layers', json_extract(config, '$.model.n_layer') || '×' || json_extract(config, '$.model.mixer'),
  '$.model.norm', 'rms',
  '$.model.mixers', json_object(json_extract(config, '$.model.mixer'), json(json_extract(config, '$.model.mixer_config')))
) WHERE json_extract(config, '$.version') = 1;
`,
} as const
